"""The value of a string that is the same at each run, with the escapes of its language resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import dotted
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.places import Place
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Site
    from alloclint.facts.walk.scopes import Binding

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Constant:
    """
    A constant string: its `value`, and whether it `stands` where it is used, written out, so that it can be
    copied to any other place of the file; otherwise it has a name of the file or of the function.
    """

    value: str | bytes
    stands: bool
    #: a name that only this function knows is part of it
    local: bool = False


def constant_string(expression: m.Expr | None, call: Site, depth: int = 0) -> Constant | None:
    """
    The value of a literal, of `+` between constants, and of a constant's or unchanged local's name; None for
    anything that may differ from run to run.
    """
    if depth > _DEEPEST:
        return None
    if isinstance(expression, m.Unary) and expression.op in ("&", "*"):
        expression = expression.operand
    if isinstance(expression, m.Literal):
        text = expression.value
        return Constant(text, stands=True) if isinstance(text, str | bytes) else None
    if isinstance(expression, m.Binary) and expression.op == "+":
        return _joined(expression, call, depth)
    if isinstance(expression, m.Name):
        return _named(expression, call, depth)
    if isinstance(expression, m.Field | m.Path):
        return _field(expression, call, depth)
    return None


def _joined(binary: m.Binary, call: Site, depth: int) -> Constant | None:
    left = constant_string(binary.left, call, depth + 1)
    right = constant_string(binary.right, call, depth + 1)
    if left is None or right is None:
        return None
    stands, local = left.stands and right.stands, left.local or right.local
    if isinstance(left.value, str) and isinstance(right.value, str):
        return Constant(left.value + right.value, stands, local)
    if isinstance(left.value, bytes) and isinstance(right.value, bytes):
        return Constant(left.value + right.value, stands, local)
    return None


def _named(name: m.Name, call: Site, depth: int) -> Constant | None:
    binding = call.binding(name.id)
    if binding is not None:
        return _of_local(binding, call, depth)
    types = call.file.facts.types
    for owner in types.around(call.function.declaration.owner):
        found = types.inherited_field(owner, name.id)
        if found is not None:
            return _of_declaration(found, call, depth)
    return _of_declaration(types.statics.get(name.id), call, depth)


def _of_local(binding: Binding, call: Site, depth: int) -> Constant | None:
    """A local that is given a constant once and is never changed."""
    trace, language = call.function.trace, call.file.language
    if binding.kind != "local" or binding.part or binding.assigned or binding.value is None:
        return None
    known = constant_string(binding.value, call, depth + 1)
    if known is None or changes_between(
        Place(binding), binding.order, trace.root.end, trace, language, length=False
    ):
        return None
    return Constant(known.value, stands=False, local=True)


def _field(expression: m.Field | m.Path, call: Site, depth: int) -> Constant | None:
    """`Self::PATTERN`, `Own.PATTERN`, `this.PATTERN`: a constant of a type that the project declares."""
    path = expression.name if isinstance(expression, m.Path) else dotted(expression)
    if len(path) < 2:
        return None
    types, own = call.file.facts.types, call.function.declaration.owner
    is_own = path[-2] in ("Self", "self", "this", "cls")
    owner = own if is_own else types.declaration_named(path[-2])
    found = types.inherited_field(owner, path[-1]) if owner is not None else None
    if found is None and isinstance(expression, m.Path):
        found = types.statics.get(path[-1])
    return _of_declaration(found, call, depth)


def _of_declaration(field: m.FieldDecl | None, call: Site, depth: int) -> Constant | None:
    if field is None or field.value is None or not _is_fixed(field, call):
        return None
    known = constant_string(field.value, call, depth + 1)
    return Constant(known.value, stands=False) if known is not None else None


def _is_fixed(field: m.FieldDecl, call: Site) -> bool:
    """Whether a field or a name of the module always has the value it is declared with."""
    language = call.file.language.name
    if language == "rust":
        return "const" in field.modifiers or "static" in field.modifiers
    if language == "java":
        owner = call.function.declaration.owner
        is_interface = owner is not None and owner.kind in ("interface", "annotation")
        return field.modifiers >= {"static", "final"} or is_interface
    # A Python name in capitals is meant to stay; any other may be assigned from anywhere.
    return field.name.isupper()
