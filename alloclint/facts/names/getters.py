"""Java's getters: methods that only return a field, so that asking twice is asking once."""

from __future__ import annotations

from alloclint.syntax import model as m


def getter(owner: m.TypeDecl | None, name: str) -> m.FieldDecl | None:
    """
    The field that a method without parameters returns, and does nothing else; no subclass may replace it.

    A record's component without a method of its own counts, wherever the record is declared.
    """
    if owner is None:
        return None
    functions = [function for function in owner.functions if function.name == name]
    fields = {field.name: field for field in owner.fields}
    if not functions:
        return fields.get(name) if owner.kind == "record" else None
    method = functions[0]
    final = owner.kind in ("record", "enum") or (owner.modifiers | method.modifiers) & {"private", "final"}
    if not final or method.params or len(functions) > 1:
        return None
    return fields.get(_returned_name(method) or "")


def handed_out(function: m.Function) -> m.Exit | None:
    """`return name;`, `return this.name;` or a constant as a whole body: what makes nothing."""
    statements = function.body.statements if function.body is not None else []
    only = statements[0] if len(statements) == 1 else None
    if not isinstance(only, m.Exit) or only.kind != "return":
        return None
    return only if isinstance(only.value, m.Name | m.Field | m.Literal) else None


def _returned_name(function: m.Function) -> str | None:
    only = handed_out(function)
    value = only.value if only is not None else None
    if isinstance(value, m.Field) and isinstance(value.of, m.Name) and value.of.id == "this":
        return value.name
    return value.id if isinstance(value, m.Name) else None
