"""
What a walk over a function takes down: scopes and their bindings, uses and events, and the frames around.

Points are counted up during the walk ("order"), so that before and after are comparisons of numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from alloclint.syntax import model as m

#: The way through a pattern to a name: the number of a tuple's member, or a constructor with the number of
#: its member.
Part = tuple["int | tuple[str, int]", ...]


@dataclass(slots=True, eq=False)
class Binding:
    """
    A name that holds a value. `kind`: local, param, self, field, static, loop, pattern, closure, import,
    global.
    """

    name: str
    kind: str
    node: m.Node
    order: int
    frame: Frame | None
    scope: Scope | None
    type: m.Type | None = None
    value: m.Expr | None = None
    mutable: bool = False
    loop: LoopFact | None = None
    assigned: list[int] = field(default_factory=list)
    #: where the name stands in a pattern: `b` of `(a, (b, c))` is at (1, 0), `x` of `Some(x)` at (("Some",
    #: 0),)
    part: Part = ()
    #: the point at which `value` was evaluated, before any name of the same declaration existed
    valued: int = 0


@dataclass(slots=True, eq=False)
class Scope:
    """The names of one block or function, and the scope around it."""

    up: Scope | None
    names: dict[str, list[Binding]] = field(default_factory=dict)

    def lookup(self, name: str, at: int | None = None) -> Binding | None:
        """The binding that `name` means here, as seen at point `at` (default: now)."""
        scope: Scope | None = self
        while scope is not None:
            for binding in reversed(scope.names.get(name, ())):
                if at is None or binding.order <= at:
                    return binding
            scope = scope.up
        return None


@dataclass(slots=True, eq=False)
class Use:
    """One mention of a binding. `expr` is None where only a macro's text mentions it."""

    binding: Binding
    expr: m.Name | None
    order: int
    frame: Frame
    around: Link | None


@dataclass(slots=True, eq=False)
class Event:
    """A call, an exit, an assignment or a construction site: any node, with its point, frame and scope."""

    node: m.Node
    order: int
    frame: Frame
    scope: Scope
    around: Link | None


@dataclass(slots=True, eq=False)
class Frame:
    """
    Something that decides whether, when or how often its inside runs.

    kind: loop (a statement, a comprehension clause, a closure run once per element), arm (one way through a
    branch), closure (run who knows when), async, try, handler, test (the right side of && and ||).
    """

    kind: str
    node: m.Node
    up: Frame | None
    start: int
    end: int = 0
    loop: LoopFact | None = None
    arm: int = 0

    def within(self, outer: Frame | None) -> Iterator[Frame]:
        """The frames around this one, innermost first, up to but without `outer`."""
        frame: Frame | None = self
        while frame is not None and frame is not outer:
            yield frame
            frame = frame.up

    def is_inside(self, other: Frame) -> bool:
        return any(frame is other for frame in self.within(None))


@dataclass(slots=True, eq=False)
class LoopFact:
    """A loop of any kind, with what it iterates; `frame` is the loop's own frame."""

    kind: str  # each, count, while, do, endless, closure, comprehension
    node: m.Node
    pattern: m.Pattern | None
    iterable: m.Expr | None
    frame: Frame
    start: int
    end: int = 0
    scope: Scope | None = None
    body_start: int = 0


@dataclass(slots=True, eq=False)
class Link:
    """The chain of nodes around a node, innermost first."""

    node: m.Node
    up: Link | None
