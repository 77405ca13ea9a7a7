"""
Collections that are there before a loop and grow inside it: what the loop adds, and where room could be
made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alloclint.facts.building.constructions import Construction, Function
from alloclint.facts.sizes.growth import Fill, Filling
from alloclint.facts.walk.places import Place, place_of, roles
from alloclint.facts.walk.scopes import Event, LoopFact
from alloclint.finding import Edit
from alloclint.languages.vocabulary import Collection
from alloclint.size import Bound, Size, const, of, render
from alloclint.syntax import model as m

#: What can make room after it was built, in Java by its static type.
_JAVA_RESERVABLE = {"ArrayList", "Vector", "StringBuilder", "StringBuffer"}


@dataclass(frozen=True, slots=True)
class Grown:
    """
    A collection that `loop` makes grow; `statement` is the loop's own, `first` the first call in it that
    adds.
    """

    function: Function
    loop: LoopFact
    statement: m.Stmt
    place: Place
    collection: Collection
    first: m.Call

    def fill(self, skip: m.Node | None = None) -> Fill:
        """What the loop adds; `skip` is a use that does not count."""
        loop = self.loop
        outer, scope = loop.frame.up, loop.scope
        assert outer is not None and scope is not None, "a loop stands in a function"
        trips = self.function.trips
        return Filling(
            self.place, self.collection, self._before(), outer, scope, trips, skip, loop.end
        ).fill()

    def _before(self) -> int:
        """The point before the loop, at which nothing that its header declares is there yet."""
        start, end = self.statement.span
        declared = (one for one in self.function.trace.bindings if one.order <= self.loop.start)
        inside = [one.order for one in declared if start <= one.node.start < end]
        return min([self.loop.start, *inside]) - 1

    def constructions(self) -> list[Construction]:
        """Where the function builds it."""
        made = self.function.file.facts.constructions_at(self.place)
        return [built for built in made if built.function is self.function]


def grown_in_loops(function: Function) -> Iterator[Grown]:
    """Every pair of an outermost loop and a collection from before it that it adds to."""
    for loop in function.trace.loops:
        statement = _statement_of(loop, function)
        if statement is None or any(
            frame.kind in ("loop", "closure", "async")
            for frame in loop.frame.within(None)
            if frame is not loop.frame
        ):
            continue
        seen: list[Place] = []
        for call in function.trace.calls_between(loop.start, loop.end):
            grown = _grown(function, loop, statement, call)
            if grown is not None and grown.place not in seen:
                seen.append(grown.place)
                yield grown


def _statement_of(loop: LoopFact, function: Function) -> m.Stmt | None:
    """
    The statement that is the loop; None for a step of an iterator chain whose value is used, or that may
    never run.
    """
    if isinstance(loop.node, m.Loop):
        return loop.node
    call = loop.node
    if not isinstance(call, m.Call) or function.file.language.adaptors[call.last].lazy:
        return None
    around = function.trace.around_of(call)
    up = around.up.node if around is not None and around.up is not None else None
    return up if isinstance(up, m.Eval) else None


def _grown(function: Function, loop: LoopFact, statement: m.Stmt, event: Event) -> Grown | None:
    call = event.node
    if not isinstance(call, m.Call) or call.kind != "method":
        return None
    place = place_of(call.receiver, event.scope, event.order)
    if place is None or place.binding.order > loop.start:
        return None
    collection = reservable(function, call.receiver, event)
    if collection is None or call.last not in function.file.language.growing[collection.kind]:
        return None
    return Grown(function, loop, statement, place, collection, call)


def reservable(function: Function, expression: m.Expr | None, event: Event) -> Collection | None:
    """The collection an expression is, by its static type, if room can be made in it."""
    types = function.file.facts.types
    collection = types.collection(types.of(expression, function.trace, event.scope, event.order))
    if collection is None or collection.argument != "elements":
        return None
    return (
        collection if function.file.language.name == "rust" or collection.name in _JAVA_RESERVABLE else None
    )


def is_reserved(grown: Grown) -> bool:
    """
    Whether the function makes room up to the end of the loop, or something that speaks of a capacity
    built the collection.
    """
    function = grown.function
    if _first_reserve(grown) <= grown.loop.end:
        return True
    value = grown.place.binding.value
    if (
        isinstance(value, m.Call)
        and value.last.lower().endswith(("capacity", "capacity_in", "size"))
        and not grown.place.fields
    ):
        return True
    field = grown.place.fields[-1] if grown.place.fields else grown.place.binding.name
    of_type = grown.place.fields or grown.place.binding.kind == "free"
    return bool(of_type) and field in function.file.facts.sized_fields


def _first_reserve(grown: Grown) -> int:
    """The point at which the function first makes room for the collection; beyond all points if never."""
    trace, place = grown.function.trace, grown.place
    key = "first reserve", id(place.binding), place.fields
    if key not in trace.memo:
        made = roles(place, trace, trace.language, grown.collection.kind)
        reserves = (role.use.order for role in made if role.kind == "reserves")
        trace.memo[key] = next(reserves, sys.maxsize)
    return int(trace.memo[key])


def reserving(place: str, collection: Collection, size: Size, language: str) -> str:
    """The statement that makes room for `size` more entries."""
    text = render(size, language)
    if language == "rust":
        return f"{place}.reserve({text});"
    length = "length" if collection.kind == "string" else "size"
    return f"{place}.ensureCapacity({place}.{length}() + {text});"


def is_unsettled(built: Sequence[Construction]) -> bool:
    """Whether it is built empty in the function, before the size of what fills it is known."""
    return any(one.empty and one.fill.size is None and one.fill.unsettled is not None for one in built)


@dataclass(frozen=True, slots=True)
class Reserved:
    """
    A call that makes room at each turn of `loop`, the outermost one that the collection lives through.

    `additional` is the argument without the collection's own length, and `counts_length` tells whether
    that was in it.
    """

    function: Function
    loop: LoopFact
    call: m.Call
    order: int
    place: Place
    collection: Collection
    statement: m.Stmt | None
    additional: Size
    counts_length: bool

    def argument_edit(self, text: str) -> Edit:
        """The edit that writes another argument."""
        return Edit(self.call.args[0].start, self.call.args[0].end, text)

    def total(self) -> tuple[Grown, Size] | None:
        """The loop, and what it adds in all, where both are known exactly."""
        for grown in grown_in_loops(self.function):
            if grown.loop is self.loop and grown.place == self.place:
                fill = grown.fill(skip=self.call)
                return (grown, fill.size) if fill.size is not None and fill.bound is Bound.exact else None
        return None


def reserved_in_loops(function: Function) -> Iterator[Reserved]:
    """
    Every call that makes room inside a loop for a collection from before it, by an argument of known
    size.
    """
    for event in function.trace.calls:
        call = event.node
        if (
            not isinstance(call, m.Call)
            or call.last not in function.file.language.reserving
            or len(call.args) != 1
        ):
            continue
        place = place_of(call.receiver, event.scope, event.order)
        loop = _loop_around(event, place) if place is not None else None
        collection = reservable(function, call.receiver, event)
        size = function.trips.integers.signed(call.args[0], event.scope, event.order)
        if place is None or loop is None or collection is None or size is None:
            continue
        length = _own_length(size, place)
        additional = size + length * const(-1) if length is not None else size
        yield Reserved(
            function,
            loop,
            call,
            event.order,
            place,
            collection,
            _statement_of_call(event),
            additional,
            length is not None,
        )


def _loop_around(event: Event, place: Place) -> LoopFact | None:
    """The outermost loop around a call that does not declare the place itself."""
    found = None
    for frame in event.frame.within(None):
        if frame.kind in ("closure", "async"):
            break
        if frame.loop is not None:
            if place.binding.order > frame.loop.start:
                break
            found = frame.loop
    return found


def _own_length(size: Size, place: Place) -> Size | None:
    """The term of a size that is the length of what the place holds."""
    for product, coefficient in size.terms:
        if len(product) == 1 and coefficient == 1 and product[0].kind == "length":
            root = product[0].root
            if root == place:
                return of(product[0])
    return None


def _statement_of_call(event: Event) -> m.Stmt | None:
    """The statement that only makes the call."""
    up = event.around.up.node if event.around is not None and event.around.up is not None else None
    return up if isinstance(up, m.Eval) and not up.tail else None
