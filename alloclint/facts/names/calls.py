"""
Calls: what is called, on what, with which arguments, and how often it runs.

A name is no evidence of what is called. `path` is the full name of a function that an import or a full path
vouches for; `receiver` is the library type that a declaration, a literal or a constructor vouches for. Both
are None where nothing tells, and every caller is silent then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.often.repetition import enclosing_loops, repeating_loop, statement_around
from alloclint.facts.walk.scopes import Binding, Event, Link, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File


@dataclass(eq=False)
class Site:
    """
    An expression where it stands in a function: a call, a collection written out.

    It says what names mean there, and which loops repeat it.
    """

    function: Function
    event: Event

    @property
    def file(self) -> File:
        return self.function.file

    @property
    def expression(self) -> m.Expr:
        assert isinstance(self.event.node, m.Expr)
        return self.event.node

    @property
    def span(self) -> tuple[int, int]:
        return self.expression.span

    def type_of(self, expression: m.Expr | None) -> m.Type | None:
        """The type of an expression as it is seen from here."""
        return self.file.facts.types.of(expression, self.function.trace, self.event.scope, self.event.order)

    def text(self, node: m.Node) -> str:
        return self.file.text(*node.span)

    def binding(self, name: str) -> Binding | None:
        """What a name means here; None for what the function does not declare."""
        found = self.event.scope.lookup(name, self.event.order)
        return found if found is not None and found.kind != "free" else None

    @property
    def parents(self) -> Iterator[m.Node]:
        """The nodes around it, innermost first."""
        link = self.event.around
        while link is not None:
            if link.node is not self.event.node:
                yield link.node
            link = link.up

    @property
    def parent(self) -> m.Node | None:
        """The node of which it is a direct part."""
        return next(self.parents, None)

    @property
    def link(self) -> Link | None:
        return self.event.around

    @cached_property
    def statement(self) -> m.Stmt | None:
        """The innermost statement around it."""
        return statement_around(self.event)

    @cached_property
    def loops(self) -> tuple[LoopFact, ...]:
        """The loops around it, innermost first; what a closure does later is in none."""
        return tuple(enclosing_loops(self.event))

    @cached_property
    def loop(self) -> LoopFact | None:
        """The innermost loop that comes to it again at its next turn: none that it leaves right after."""
        return repeating_loop(self.event, self.function.trace)


@dataclass(eq=False)
class Call(Site):
    """One call of a function, a method, a constructor or a macro."""

    @property
    def node(self) -> m.Call:
        assert isinstance(self.event.node, m.Call)
        return self.event.node

    @property
    def name(self) -> str:
        """The last segment of what is called: `compile` of `Pattern.compile(…)`."""
        return self.node.last

    @property
    def args(self) -> tuple[m.Expr, ...]:
        return self.node.args

    @cached_property
    def path(self) -> str | None:
        """
        The full name of a function that belongs to no value: `regex::Regex::new`,
        `java.util.regex.Pattern.compile`, `re.compile`, `builtins.sorted`, `java.util.Date` of `new Date()`.
        """
        return callee_path(self.node, self.file.facts.types, self.event.scope, self.event.order)

    @cached_property
    def receiver_type(self) -> m.Type | None:
        """The type of what a method is called on, as far as there is evidence."""
        return self.type_of(self.node.receiver) if self.node.kind == "method" else None

    @cached_property
    def receiver(self) -> str | None:
        """The full name of the receiver's type: `java.lang.String`, `std::option::Option`, `str`."""
        return self.file.facts.types.library(self.receiver_type)

    def argument(self, number: int, keyword: str | None = None) -> m.Expr | None:
        """The positional argument of that number, or (Python) the one of that keyword."""
        positional = [one for one in self.args if not isinstance(one, m.Keyword)]
        if number < len(positional):
            return positional[number]
        named = (one for one in self.args if isinstance(one, m.Keyword) and one.name == keyword)
        found = next(named, None)
        return found.value if found is not None else None


def calls_in(function: Function) -> list[Call]:
    """Every call of a function, in order of evaluation."""
    return [Call(function, event) for event in function.trace.calls if isinstance(event.node, m.Call)]
