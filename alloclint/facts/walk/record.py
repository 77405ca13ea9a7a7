"""
What the walk of a function found, in order, and the questions asked of it.

Everything behind this module asks a trace instead of the tree: which uses a binding has, what stands around a
use, what is visible at a point, and what happens between two points.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice, takewhile
from typing import Any

from alloclint.facts.walk.scopes import Binding, Event, Frame, Link, LoopFact, Scope, Use
from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


class Record:
    """The uses, calls, loops, exits… of one function, each in the order of evaluation."""

    def __init__(self, function: m.Function, language: Language, outer: Scope | None = None) -> None:
        self.function = function
        self.language = language
        self.uses: list[Use] = []
        self.calls: list[Event] = []
        self.displays: list[Event] = []
        self.exits: list[Event] = []
        self.assigns: list[Event] = []
        self.lets: list[Event] = []
        self.structs: list[Event] = []
        self.loops: list[LoopFact] = []
        self.nested: list[m.Nested] = []
        self.bindings: list[Binding] = []
        self._uses_of: dict[int, list[Use]] | None = None
        #: by the binding, and by the field that is asked for next, None for any other use
        self._uses_by_field: dict[tuple[int, str | None], list[Use]] | None = None
        self._events: dict[int, Event] | None = None
        self._bound: dict[int, list[Binding]] | None = None
        self._loops_of: dict[int, list[LoopFact]] | None = None
        #: What others derived from this trace, so that it is derived once.
        self.memo: dict[Hashable, Any] = {}
        #: id of a statement -> the list it stands in, and where
        self.siblings: dict[int, tuple[Sequence[m.Stmt], int]] = {}
        self.root = Frame("function", function, None, 0)
        self.scope = Scope(outer)

    def uses_of(self, binding: Binding) -> Sequence[Use]:
        if self._uses_of is None:
            self._uses_of = {}
            for use in self.uses:
                self._uses_of.setdefault(id(use.binding), []).append(use)
        return self._uses_of.get(id(binding), ())

    def uses_towards(self, binding: Binding, field: str) -> Iterator[Use]:
        """The uses of a binding that may reach one of its fields: not those that go on to another field."""
        if self._uses_by_field is None:
            self._uses_by_field = {}
            for use in self.uses:
                onward = use.around.node if use.expr is not None and use.around is not None else None
                name = onward.name if isinstance(onward, m.Field) else None
                self._uses_by_field.setdefault((id(use.binding), name), []).append(use)
        for name in (field, None):
            yield from self._uses_by_field.get((id(binding), name), ())

    def following(self, statement: m.Stmt) -> Iterator[m.Stmt]:
        """The statements after one in the same block."""
        statements, number = self.siblings.get(id(statement), ((), 0))
        return islice(statements, number + 1, None)

    def bindings_of(self, node: m.Node) -> Sequence[Binding]:
        """What a declaration binds."""
        if self._bound is None:
            self._bound = {}
            for binding in self.bindings:
                self._bound.setdefault(id(binding.node), []).append(binding)
        return self._bound.get(id(node), ())

    def loops_of(self, node: m.Node) -> Sequence[LoopFact]:
        """The loops that a statement or a call makes."""
        if self._loops_of is None:
            self._loops_of = {}
            for loop in self.loops:
                self._loops_of.setdefault(id(loop.node), []).append(loop)
        return self._loops_of.get(id(node), ())

    def exits_between(self, start: int, end: int) -> Iterator[Event]:
        """The exits after point `start`, up to and with point `end`."""
        first = bisect_right(self.exits, start, key=lambda exit_: exit_.order)
        return takewhile(lambda exit_: exit_.order <= end, islice(self.exits, first, None))

    def uses_within(self, binding: Binding, start: int, end: int) -> bool:
        """Whether a binding is used in the bytes `start` to `end`."""
        key = "starts", id(binding)
        if key not in self.memo:
            self.memo[key] = sorted(use.expr.start for use in self.uses_of(binding) if use.expr is not None)
        starts = self.memo[key]
        at = bisect_left(starts, start)
        return at < len(starts) and starts[at] < end

    def scope_of(self, node: m.Node) -> Scope | None:
        """The scope in which a call or an assignment stands."""
        event = self._event_of(node)
        return event.scope if event is not None else None

    def around_of(self, node: m.Node) -> Link | None:
        """The chain of nodes around a call or an assignment, which is its first link."""
        event = self._event_of(node)
        return event.around if event is not None else None

    def calls_upon(self, call: m.Call) -> Iterator[m.Call]:
        """The calls of a chain that follow one: `.b()` and `.c()` of `x.a().b().c()`."""
        around = self.around_of(call)
        link = around.up if around is not None else None
        while link is not None and isinstance(link.node, m.Call) and link.node.receiver is call:
            call, link = link.node, link.up
            yield call

    def done_at(self, node: m.Node) -> int | None:
        """The point at which a call or an assignment takes place, its arguments being evaluated."""
        event = self._event_of(node)
        return event.order if event is not None else None

    def _event_of(self, node: m.Node) -> Event | None:
        if self._events is None:
            self._events = {id(event.node): event for event in (*self.calls, *self.assigns)}
        return self._events.get(id(node))

    def assigned_at(self, assign: m.Assign, after: int) -> int | None:
        """The point at which an assignment takes place, whose value was evaluated at point `after`."""
        first = bisect_right(self.assigns, after, key=lambda event: event.order)
        return next((event.order for event in self.assigns[first:] if event.node is assign), None)

    def assignment_after(self, order: int) -> Event | None:
        """The assignment that takes place right after point `order`, at which its target was named."""
        first = bisect_right(self.assigns, order, key=lambda event: event.order)
        event = self.assigns[first] if first < len(self.assigns) else None
        return event if event is not None and event.order == order + 1 else None

    def calls_between(self, start: int, end: int) -> Iterator[Event]:
        first = bisect_right(self.calls, start, key=lambda call: call.order)
        for call in self.calls[first:]:
            if call.order > end:
                return
            yield call
