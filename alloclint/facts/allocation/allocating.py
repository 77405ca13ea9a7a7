"""
What a function allocates itself: by a call of something known, and by what its language does unasked.

Only what is known to allocate is told: a method of a value of unknown type is passed over. What an error path
does is left out, as are the values of assertions; what a closure does later is its own affair in Java and
Python, but a Rust closure usually runs where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.allocation.unasked import in_java, in_python, in_rust
from alloclint.facts.names.calls import Site
from alloclint.facts.walk.scopes import Event
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: Calls whose arguments are only needed once something has gone wrong.
_FAILING = {
    "panic", "unreachable", "todo", "unimplemented", "assert", "assert_eq", "assert_ne", "debug_assert",
    "debug_assert_eq", "debug_assert_ne", "Err", "map_err", "ok_or_else", "bail", "anyhow", "ensure",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allocation:
    """
    One place where a function allocates: the bytes `start`..`end` of its file, what is made (`a String`), by
    what (`format!`), and whether it only may be so, when something has to grow.
    """

    start: int
    end: int
    what: str
    by: str
    may: bool = False


def allocations_in(function: Function) -> list[Allocation]:
    """Everything that a function itself is known to allocate when it runs without fault, in order."""
    key = "allocations"
    if key not in function.trace.memo:
        found = list(_Walk(function).found())
        function.trace.memo[key] = sorted(found, key=lambda one: (one.start, one.end))
    known: list[Allocation] = function.trace.memo[key]
    return known


class _Walk:
    """Goes through a body with the nearest event at hand, which says what names mean."""

    def __init__(self, function: Function) -> None:
        trace = function.trace
        self.function = function
        events = (*trace.calls, *trace.assigns, *trace.lets, *trace.exits, *trace.displays, *trace.structs)
        self.events = {id(event.node): event for event in events}
        self.rule = {"rust": in_rust, "java": in_java, "python": in_python}[function.file.language.name]

    def found(self) -> Iterator[Allocation]:
        trace, body = self.function.trace, self.function.declaration.body
        if body is None:
            return
        joined: set[int] = set()
        waiting: list[tuple[m.Node, Event]] = [
            (body, Event(body, trace.root.end, trace.root, trace.scope, None))
        ]
        while waiting:
            node, event = waiting.pop()
            event = self.events.get(id(node), event)
            made = self.rule(node, Site(self.function, event))
            if made is not None and id(node) not in joined:
                what, by, may = made
                yield Allocation(node.start, node.end, what, by, may)
            if isinstance(node, m.Binary) and (made is not None or id(node) in joined):
                # `a + b + c` makes one text: the inner parts are told with the whole.
                joined.update(id(side) for side in (node.left, node.right) if isinstance(side, m.Binary))
            waiting.extend((part, event) for part in self._parts(node))

    def _parts(self, node: m.Node) -> list[m.Node]:
        """What else runs when a node does, errors and assertions left out."""
        if self._is_left_out(node):
            return []
        skipped: tuple[str, ...] = (
            ("handlers",) if isinstance(node, m.Try) else ("type", "item_type", "pattern", "body")
        )
        if isinstance(node, m.Call):
            skipped = ("type", "type_args", "body")
        elif isinstance(node, m.Loop | m.Arm | m.Closure):
            skipped = ("item_type", "pattern", "patterns", "params")
        found = []
        for name in node.__dataclass_fields__:
            value = getattr(node, name) if name not in skipped else None
            several = value if isinstance(value, tuple | list) else (value,)
            for one in several:
                # The fields of a struct literal are pairs of a name and a value.
                inner = one[1] if isinstance(one, tuple) and len(one) > 1 else one
                if isinstance(inner, m.Node) and not isinstance(inner, m.Type | m.Pattern):
                    found.append(inner)
        return found

    def _is_left_out(self, node: m.Node) -> bool:
        if isinstance(node, m.Nested | m.Function | m.TypeDecl):
            return True
        if isinstance(node, m.Exit):
            return node.kind == "throw"
        if isinstance(node, m.Call):
            return node.last in _FAILING
        if isinstance(node, m.Closure):
            return self.function.file.language.name != "rust"
        return isinstance(node, m.Eval) and self._is_assertion(node)

    def _is_assertion(self, statement: m.Eval) -> bool:
        source = self.function.file.source
        is_opaque = isinstance(statement.value, m.Opaque)
        return is_opaque and source[statement.start : statement.start + 6] == b"assert"
