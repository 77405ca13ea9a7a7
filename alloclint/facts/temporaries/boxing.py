"""
Java: locals of a boxed type that are computed with in a loop, so that each turn makes a new object.

`Long sum = 0L; sum += x` unboxes, adds and boxes again. Small numbers come out of a cache; a sum leaves it
soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.often.repetition import enclosing_loops, is_in_handler, repeating_loop
from alloclint.facts.walk.scopes import Binding, Event, LoopFact, Use
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: Boxed types whose values are computed with, and the primitive behind each. A `Byte` is never made anew.
PRIMITIVES = {
    "java.lang.Long": "long",
    "java.lang.Integer": "int",
    "java.lang.Double": "double",
    "java.lang.Float": "float",
    "java.lang.Short": "short",
}
_CACHED = {"java.lang.Long", "java.lang.Integer", "java.lang.Short"}
#: As many counts come out of the cache of small numbers.
_CACHE = 127
_ARITHMETIC = {"+", "-", "*", "/", "%", "<<", ">>", ">>>", "&", "|", "^"}
_COMPARED = {"<", ">", "<=", ">="}


@dataclass(frozen=True, slots=True)
class Boxed:
    """
    A local `binding` of the boxed type `type`, that `loop` computes anew at `update`. `plain` tells that
    every other use is arithmetic, an assignment or a return, so that the primitive fits everywhere.
    """

    function: Function
    binding: Binding
    declared: m.Type
    type: str
    update: m.Node
    loop: LoopFact
    plain: bool

    @property
    def primitive(self) -> str:
        return PRIMITIVES[self.type]


def boxed_in(function: Function) -> Iterator[Boxed]:
    """The accumulators and counters of boxed types in a function, once each."""
    types, trace = function.file.facts.types, function.trace
    for binding in trace.bindings:
        type_ = binding.type
        if binding.kind != "local" or type_ is None or type_.kind != "named":
            continue
        name = types.library(type_)
        if name is None or name not in PRIMITIVES or _may_be_null(binding, function):
            continue
        found = _updated(binding, name, function)
        if found is not None and not _is_wanted_boxed(binding, found[1], function):
            update, loop = found
            yield Boxed(function, binding, type_, name, update, loop, _is_plain(binding, function))


def _may_be_null(binding: Binding, function: Function) -> bool:
    """Whether it is, or might be, something else than a number, or is compared with null."""
    if not isinstance(binding.node, m.Let) or not _is_number(binding.value, function):
        return True
    for event in function.trace.assigns:
        node = event.node
        is_set = isinstance(node, m.Assign) and _names(node.target, binding, event) and node.op == "="
        if is_set and isinstance(node, m.Assign) and not _is_number(node.value, function):
            return True
    return any(_is_null_test(use) for use in function.trace.uses_of(binding))


def _is_number(value: m.Expr | None, function: Function) -> bool:
    """A number, arithmetic, or the boxing of one: never null."""
    if isinstance(value, m.Literal):
        return value.kind in ("int", "float", "char")
    if isinstance(value, m.Unary):
        return value.op in ("-", "+", "~", "++", "--")
    if isinstance(value, m.Binary):
        return value.op in _ARITHMETIC
    if isinstance(value, m.Cast):
        return value.type.last in ("long", "int", "double", "float", "short")
    if isinstance(value, m.Call) and value.last in ("valueOf", "sum", "max", "min", "abs") and value.args:
        owner = value.receiver
        return isinstance(owner, m.Name) and owner.id in (
            "Long",
            "Integer",
            "Double",
            "Float",
            "Short",
            "Math",
        )
    return isinstance(value, m.Call) and value.kind == "new"


def _names(target: m.Expr, binding: Binding, event: Event) -> bool:
    return isinstance(target, m.Name) and event.scope.lookup(target.id, event.order) is binding


def _is_null_test(use: Use) -> bool:
    node = use.around.node if use.around is not None else None
    sides = (node.left, node.right) if isinstance(node, m.Binary) and node.op in ("==", "!=") else ()
    return any(isinstance(side, m.Literal) and side.kind == "null" for side in sides)


def _updated(binding: Binding, name: str, function: Function) -> tuple[m.Node, LoopFact] | None:
    """The first statement that computes it from itself in a loop that it outlives."""
    for event in _updates(binding, function):
        loop = repeating_loop(event, function.trace)
        if loop is None or loop.start <= binding.order <= loop.end or is_in_handler(event):
            continue
        if not _stays_small(event, loop, binding, name, function):
            return event.node, loop
    return None


def _updates(binding: Binding, function: Function) -> Iterator[Event]:
    """`x += y`, `x = x + y`, `x++`."""
    for event in function.trace.assigns:
        node = event.node
        if isinstance(node, m.Assign) and _names(node.target, binding, event):
            itself = isinstance(node.value, m.Binary) and _is_part(node.value, binding, function)
            if node.op != "=" or itself:
                yield event
    for use in function.trace.uses_of(binding):
        around = use.around.node if use.around is not None else None
        if isinstance(around, m.Unary) and around.op in ("++", "--") and binding.scope is not None:
            yield Event(around, use.order, use.frame, binding.scope, use.around)


def _is_part(value: m.Binary, binding: Binding, function: Function) -> bool:
    return function.trace.uses_within(binding, value.start, value.end)


def _stays_small(event: Event, loop: LoopFact, binding: Binding, name: str, function: Function) -> bool:
    """Whether a counter that starts small makes so few steps that all of them are cached."""
    if name not in _CACHED or not isinstance(event.node, m.Unary):
        return False
    start = binding.value.value if isinstance(binding.value, m.Literal) else None
    if not isinstance(start, int) or abs(start) > _CACHE:
        return False
    turns, loops = abs(start), list(enclosing_loops(event))
    product = 1
    for one in loops[loops.index(loop) :]:
        if one.start <= binding.order <= one.end:
            break
        trip = function.trips.of(one)
        count = trip.size.constant if trip.size is not None else None
        if count is None:
            return False
        product *= count
    return turns + product <= _CACHE


def _is_wanted_boxed(binding: Binding, loop: LoopFact, function: Function) -> bool:
    """Whether the loop puts each value where an object is needed, so that it is boxed either way."""
    inside = (use for use in function.trace.uses_of(binding) if loop.start <= use.order <= loop.end)
    return not all(_is_computed(use, function) for use in inside)


def _is_computed(use: Use, function: Function) -> bool:
    """Whether a use wants the number, not the object."""
    link = use.around
    node = link.node if link is not None else None
    if isinstance(node, m.Unary) and node.op in ("++", "--"):
        # `ids.put(name, next++)` hands out the old value.
        above = link.up.node if link is not None and link.up is not None else None
        return not isinstance(above, m.Call | m.Let | m.Assign | m.Exit)
    if isinstance(node, m.Binary):
        return (
            node.op in _ARITHMETIC | _COMPARED
            or isinstance(node.left, m.Literal)
            or isinstance(node.right, m.Literal)
        )
    if isinstance(node, m.Assign):
        return node.target is use.expr
    if isinstance(node, m.Index):
        return node.index is use.expr
    if isinstance(node, m.Call):
        return _is_position(node, use, function)
    return isinstance(node, m.Unary | m.Cast | m.Exit)


def _is_position(call: m.Call, use: Use, function: Function) -> bool:
    """Whether a list or a text is asked for what stands at a number."""
    if call.last not in ("get", "charAt") or call.args != (use.expr,) or use.binding.scope is None:
        return False
    types = function.file.facts.types
    owner = types.known(types.of(call.receiver, function.trace, use.binding.scope, use.order))
    return owner in ("List", "ArrayList", "LinkedList", "Vector", "String", "CharSequence", "ImmutableList")


def _is_plain(binding: Binding, function: Function) -> bool:
    """Whether a primitive would fit at every use, with no other overload and no method to be called on it."""
    return all(
        _is_computed(use, function) and not _is_returned_unknown(use, function)
        for use in function.trace.uses_of(binding)
    )


def _is_returned_unknown(use: Use, function: Function) -> bool:
    """`return x` where the result is a type parameter or unknown."""
    node = use.around.node if use.around is not None else None
    if not isinstance(node, m.Exit):
        return False
    library = function.file.facts.types.library(function.declaration.returns)
    returns = function.declaration.returns
    is_primitive = returns is not None and returns.last in PRIMITIVES.values()
    return not is_primitive and library not in PRIMITIVES
