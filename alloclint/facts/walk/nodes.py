"""The nodes of a file by the line they begin or end on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

from alloclint.syntax import model as m

_SKIPPED = frozenset(
    {"owner", "owner_type", "attributes", "read_body", "_body", "start", "end", "body_start"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """The line that an annotation is about, from its first code on; `below`: the comment stands above it."""

    start: int
    end: int
    below: bool


class Index:
    """Nodes by where they begin."""

    def __init__(self, nodes: Iterable[m.Node], anchor: Callable[[m.Node], int]) -> None:
        # A nested type may be listed with its owner and with the file.
        unique = {id(node): node for node in nodes}
        self.nodes = sorted(unique.values(), key=anchor)
        self.starts = [anchor(node) for node in self.nodes]
        self.by_end: list[m.Node] = []
        self.ends: list[int] | None = None

    def on(self, line: Line) -> list[m.Node]:
        """Those that begin on the line."""
        return self.nodes[bisect_left(self.starts, line.start) : bisect_left(self.starts, line.end)]

    def ending(self, line: Line) -> list[m.Node]:
        """Those that begin above the line and end on it."""
        if self.ends is None:
            self.by_end = sorted(self.nodes, key=lambda node: node.end)
            self.ends = [node.end for node in self.by_end]
        some = self.by_end[bisect_left(self.ends, line.start) : bisect_right(self.ends, line.end)]
        return [node for node in some if node.start < line.start]

    def before(self, line: Line, count: int = 1) -> list[m.Node]:
        """The last `count` that begin before the line."""
        upto = bisect_left(self.starts, line.start)
        return self.nodes[max(upto - count, 0) : upto]


def declarations(unit: m.Unit) -> Iterator[m.Node]:
    """Types, fields, functions and parameters that the file declares, those in function bodies apart."""
    yield from unit.fields
    waiting = list(unit.types)
    while waiting:
        declared = waiting.pop()
        yield declared
        yield from declared.fields
        waiting += declared.types
    for function in unit.functions:
        if not is_implicit(function):
            yield function
            yield from function.params


def is_implicit(node: m.Node) -> bool:
    """Whether it is a module's or a class body's statements, which are a function only for the reader."""
    return isinstance(node, m.Function) and node.name in ("<module>", "<class>")


def _nothing(node: m.Node) -> bool:
    return False


#: the attributes of each kind of node that may hold others
_PARTS: dict[type[m.Node], tuple[str, ...]] = {}


def _parts(kind: type[m.Node]) -> tuple[str, ...]:
    known = _PARTS.get(kind)
    if known is None:
        known = _PARTS[kind] = tuple(one.name for one in fields(kind) if one.name not in _SKIPPED)
    return known


def descendants(root: m.Node, skip: Callable[[m.Node], bool] = _nothing) -> Iterator[m.Node]:
    """`root` and everything below it, nested functions and types included, without recursion."""
    waiting: list[object] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple | list):
            waiting.extend(item)
        elif isinstance(item, m.Node) and not isinstance(item, m.Type) and not skip(item):
            yield item
            if isinstance(item, m.Function):
                waiting.append(item.body)
            waiting.extend([getattr(item, name) for name in _parts(type(item))])
