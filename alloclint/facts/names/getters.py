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


def _returned_name(function: m.Function) -> str | None:
    """`return name;` or `return this.name;` as a whole body."""
    statements = function.body.statements if function.body is not None else []
    only = statements[0] if len(statements) == 1 else None
    value = only.value if isinstance(only, m.Exit) and only.kind == "return" else None
    if isinstance(value, m.Field) and isinstance(value.of, m.Name) and value.of.id == "this":
        return value.name
    return value.id if isinstance(value, m.Name) else None
