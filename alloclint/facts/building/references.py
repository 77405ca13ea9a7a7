"""Constructor references of collections, and the one argument that each of them is called with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alloclint.facts.building.constructions import Function
from alloclint.facts.walk.scopes import Event
from alloclint.languages.vocabulary import Collection
from alloclint.syntax import model as m

_PACKAGES = ("java.util.", "com.google.common.collect.")


@dataclass(frozen=True, slots=True)
class Reference:
    """
    `ArrayList::new` where a function of one argument is wanted.

    `role` says what is passed (a map's key, a function's argument), `given` names its type, if known;
    `wanted` is the type of that map, or function.
    """

    event: Event
    node: m.MethodRef
    collection: Collection
    role: str
    given: str | None
    wanted: m.Type | None

    def is_local(self, name: str) -> bool:
        """Whether a local, or a parameter, of that name is visible here."""
        binding = self.event.scope.lookup(name, self.event.order)
        return binding is not None and binding.kind not in ("free", "self")


def constructor_references(function: Function) -> Iterator[Reference]:
    """Java: those passed to `computeIfAbsent` of what is known to be a map, or declared as a `Function`."""
    types = function.file.facts.types
    for event in function.trace.calls:
        node = event.node
        if not isinstance(node, m.MethodRef) or node.name != "new":
            continue
        collection = types.collection_named(_segments(node.of))
        around = event.around.up.node if event.around is not None and event.around.up is not None else None
        if collection is None or around is None:
            continue
        if isinstance(around, m.Call) and around.last == "computeIfAbsent" and len(around.args) == 2:
            of = types.of(around.receiver, function.trace, event.scope, event.order)
            # A method of that name that wants a Supplier passes no key.
            if not _is_map(types.library(of)):
                continue
            yield Reference(event, node, collection, "key", _key_type(function, event, around), of)
        elif isinstance(around, m.Let | m.Assign):
            declared = _declared(function, event, around)
            if declared is not None and declared.last == "Function" and len(declared.args) == 2:
                given = _name_of(declared.args[0])
                yield Reference(event, node, collection, "argument", given, declared)


def _is_map(library: str | None) -> bool:
    """Whether the full name of a type is that of a map of the JDK or of Guava."""
    if library is None or not library.startswith(_PACKAGES):
        return False
    return library.endswith("Map") or library in ("java.util.Hashtable", "java.util.Properties")


def _segments(expression: m.Expr) -> tuple[str, ...]:
    """The class before `::new`: a name, or a name with its package."""
    if isinstance(expression, m.Field):
        return (*_segments(expression.of), expression.name)
    return (expression.id,) if isinstance(expression, m.Name) else ()


def _declared(function: Function, event: Event, statement: m.Let | m.Assign) -> m.Type | None:
    """The type of the variable or field that a statement gives a value."""
    if isinstance(statement, m.Let):
        return statement.type
    return function.file.facts.types.of(statement.target, function.trace, event.scope, event.order)


def _key_type(function: Function, event: Event, call: m.Call) -> str | None:
    """The type of a map's keys: by the map's type arguments, else by the key that is passed."""
    types, trace = function.file.facts.types, function.trace
    map_type = types.plain(types.of(call.receiver, trace, event.scope, event.order))
    if map_type is not None and len(map_type.args) == 2:
        return _name_of(map_type.args[0])
    if isinstance(call.args[0], m.Opaque) and function.file.text(*call.args[0].span).endswith(".class"):
        return "Class"
    return _name_of(types.plain(types.of(call.args[0], trace, event.scope, event.order)))


def _name_of(type_: m.Type | None) -> str | None:
    if type_ is None or type_.kind in ("infer", "unknown"):
        return None
    return type_.last or type_.kind
