"""
Loop invariance: whether an expression has the same value at each turn of a loop.

What a loop may change is its own variables, whatever is assigned in it, what a method changes or a reference
lends out, and everything that a call of unknown effect may reach. An expression that uses none of this, and
calls nothing but what is known to be pure, is invariant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.names.effects import is_pure
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Binding, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Site

#: Expressions whose value is a new one at each turn whatever they are made of, or that nothing is known of.
_UNKNOWN = (m.Opaque, m.Embedded, m.Closure, m.Comprehension, m.MethodRef, m.StructLiteral)
#: Types whose values never change.
_IMMUTABLE = {
    *(
        f"java.lang.{name}"
        for name in ("String", "Integer", "Long", "Boolean", "Character", "Double", "Class", "Enum")
    ),
    "java.util.regex.Pattern",
    "java.util.Locale",
    "java.math.BigInteger",
    "java.math.BigDecimal",
    "java.nio.file.Path",
    "str",
    "bytes",
    "int",
    "float",
    "bool",
    "tuple",
    "frozenset",
    "re.Pattern",
}


def is_invariant(expression: m.Expr | None, loop: LoopFact, call: Site) -> bool:
    """Whether an expression in the arguments or the receiver of a call is the same at each turn of a loop."""
    if expression is None:
        return True
    nodes = list(descendants(expression))
    if any(isinstance(node, _UNKNOWN) and not _is_text(node) for node in nodes):
        return False
    if not all(is_pure(node, call) for node in nodes if isinstance(node, m.Call)):
        return False
    if any(isinstance(node, m.Unary) and node.op in ("++", "--", "&mut") for node in nodes):
        return False
    return all(_keeps(place, loop, call) for place in places_read(expression, call))


def varies_with(expression: m.Expr, loop: LoopFact, call: Site) -> list[str]:
    """The names in an expression that a loop declares or assigns, in order of appearance."""
    names = [node.id for node in descendants(expression) if isinstance(node, m.Name)]
    bound = {name: call.event.scope.lookup(name, call.event.order) for name in dict.fromkeys(names)}
    return [name for name, binding in bound.items() if binding is not None and is_set_in(binding, loop)]


def is_set_in(binding: Binding, loop: LoopFact) -> bool:
    """Whether a loop declares a binding, or assigns to it."""
    declared = binding.kind != "free" and loop.start <= binding.order <= loop.end
    return declared or any(loop.start <= order <= loop.end for order in binding.assigned)


def _is_text(node: m.Node) -> bool:
    """An f-string is made of its parts, which are looked at on their own."""
    return isinstance(node, m.Opaque) and node.kind == "text"


def _keeps(place: Place, loop: LoopFact, call: Site) -> bool:
    if is_set_in(place.binding, loop):
        return False
    trace, language = call.function.trace, call.file.language
    if not place.fields and (_is_import(place.binding, call) or _is_immutable(place, call)):
        return True
    if place.binding.kind == "free" and not place.fields and _is_constant(place.binding, call):
        return True
    if language.name == "python" and place.fields and place.binding.kind != "self":
        # What a module, a class or somebody else's object holds may be changed by any call.
        return False
    return not changes_between(place, loop.start, loop.end, trace, language, length=False)


def _is_import(binding: Binding, call: Site) -> bool:
    """Python: a name that an import inside the function brings in."""
    node = binding.node
    is_bare = isinstance(node, m.Let) and node.value is None and call.file.language.name == "python"
    return is_bare and binding.name in call.file.facts.types.imports


def _is_immutable(place: Place, call: Site) -> bool:
    """Whether a variable of the function is of a type whose values nothing changes."""
    types = call.file.facts.types
    if place.binding.kind in ("free", "self"):
        return False
    type_ = types.of_binding(place.binding, call.function.trace)
    if call.file.language.name == "rust":
        # What a shared reference refers to stays while it is borrowed.
        return type_ is not None and type_.kind == "ref"
    return types.library(type_) in _IMMUTABLE or types.integer(type_) is not None


def _is_constant(binding: Binding, call: Site) -> bool:
    """A class, a function, or a name that the file declares and nobody assigns to."""
    types, name = call.file.facts.types, binding.name
    if name in types.declared or name in types.imports or name in types.functions:
        return True
    if types.library_path((name,)) is not None:
        return True
    static = types.statics.get(name)
    if call.file.language.name == "python":
        return static is not None and name.isupper()
    field = types.field_of(call.function.declaration.owner, name) or static
    return field is not None and ("const" in field.modifiers or field.modifiers >= {"static", "final"})


def places_read(expression: m.Expr, call: Site) -> Iterator[Place]:
    """What an expression reads: names and the fields behind them, the longest chain of each."""
    inner: set[int] = set()
    for node in descendants(expression):
        if isinstance(node, m.Field) and id(node) not in inner:
            place = place_of(node, call.event.scope, call.event.order)
            if place is not None:
                yield place
                inner.update(id(part) for part in descendants(node))
        elif isinstance(node, m.Name) and id(node) not in inner:
            binding = call.event.scope.lookup(node.id, call.event.order)
            if binding is not None:
                yield Place(binding)
        elif isinstance(node, m.Call):
            # `format!("{name}")` reads what only its text shows.
            mentioned = (call.event.scope.lookup(name, call.event.order) for name in node.mentions)
            yield from (Place(binding) for binding in mentioned if binding is not None)
