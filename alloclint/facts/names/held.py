"""
What a variable holds: the class that everything assigned to it is built as.

A declaration such as `List<String> names` leaves open what happens at `names.get(i)`. Where each value that a
local or a private field is given is visible, they tell; one that is not known makes the answer None.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Binding, Scope
from alloclint.languages.java import INTERFACES
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function


def held_class(expression: m.Expr | None, function: Function, scope: Scope, at: int) -> str | None:
    """The name of the collection that an expression holds there: `LinkedList`, `list`, `Vec`."""
    types = function.file.facts.types
    known = types.known(types.of(expression, function.trace, scope, at))
    place = place_of(expression, scope, at)
    if known is not None and known not in INTERFACES and not _may_be_another(place, function):
        return known
    if place is None or function.file.language.name == "rust":
        return None
    key = "held", id(place.binding), place.fields
    if key not in function.trace.memo:
        function.trace.memo[key] = _of_values(place, function)
    found: str | None = function.trace.memo[key]
    return found


def _may_be_another(place: Place | None, function: Function) -> bool:
    """Python: whether a field's type is only known from the first of its values."""
    if place is None or place.binding.kind != "self" or function.file.language.name != "python":
        return False
    field = function.file.facts.types.field_of(
        function.declaration.owner, place.fields[0] if place.fields else ""
    )
    return field is not None and field.type is None


def _of_values(place: Place, function: Function) -> str | None:
    """The one class of all that a place is assigned."""
    values = _values(place, function)
    names = {_class_of(value, scope, at, place, function) for value, scope, at in values}
    names.discard("")
    only = names.pop() if len(names) == 1 else None
    return only if only is not None and only not in INTERFACES else None


#: Python: methods of text, patterns and files, all of which return lists.
_SPLITTING = {"split", "rsplit", "splitlines", "readlines"}
_Value = tuple[m.Expr, Scope, int]


def _values(place: Place, function: Function) -> list[_Value]:
    """Every value that a local or a field is given, where all of them are visible; else nothing."""
    binding = place.binding
    if not place.fields and binding.kind == "local" and not binding.part:
        return _of_local(binding, function)
    name = place.fields[0] if binding.kind == "self" and len(place.fields) == 1 else None
    if name is None and not place.fields and binding.kind == "free" and function.file.language.name == "java":
        name = binding.name
    owner = function.declaration.owner
    if name is None or owner is None:
        return []
    scope = function.trace.scope
    return [(value, scope, 0) for value in _of_field(owner, name, function)]


def _of_local(binding: Binding, function: Function) -> list[_Value]:
    """The value of its declaration, and those of its assignments."""
    found: list[_Value] = []
    if binding.value is not None and binding.scope is not None:
        found.append((binding.value, binding.scope, binding.valued))
    for order in binding.assigned:
        event = function.trace.assignment_after(order)
        node = event.node if event is not None else None
        if not isinstance(node, m.Assign) or not isinstance(node.target, m.Name):
            return []
        if event is not None and node.op == "=":
            found.append((node.value, event.scope, binding.order))
    return found


def _of_field(owner: m.TypeDecl, name: str, function: Function) -> Iterator[m.Expr]:
    """What the class itself assigns to a field that nobody else can assign to."""
    field = function.file.facts.types.field_of(owner, name)
    is_java = function.file.language.name == "java"
    if is_java and (field is None or not field.modifiers & {"private", "final"}):
        return
    if field is not None and field.value is not None:
        yield field.value
    for method in owner.functions:
        for node in descendants(method):
            if isinstance(node, m.Assign) and node.op == "=" and _names(node.target, name, is_java):
                yield node.value


def _names(target: m.Expr, name: str, is_java: bool) -> bool:
    if isinstance(target, m.Field):
        return target.name == name and isinstance(target.of, m.Name) and target.of.id in ("self", "this")
    return is_java and isinstance(target, m.Name) and target.id == name


def _class_of(value: m.Expr, scope: Scope, at: int, place: Place, function: Function) -> str | None:
    """The class of a value; the empty string for what changes nothing: `null`, or the variable with more."""
    if isinstance(value, m.Literal) and value.kind == "null":
        return ""
    if isinstance(value, m.Binary) and value.op == "+":
        sides = (place_of(side, scope) for side in (value.left, value.right))
        return "" if any(_is_same(side, place) for side in sides) else None
    if isinstance(value, m.Index) and isinstance(value.index, m.Range):
        return "" if _is_same(place_of(value.of, scope), place) else None
    types = function.file.facts.types
    known = types.known(types.of(value, function.trace, scope, at))
    splits = isinstance(value, m.Call) and value.kind == "method" and value.last in _SPLITTING
    return "list" if known is None and splits and function.file.language.name == "python" else known


def _is_same(found: Place | None, place: Place) -> bool:
    """Whether two places have one spelling: the scopes may be those of two methods."""
    return found is not None and found.text() == place.text()
