"""How much constant text is appended to a string builder, whatever else is appended besides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alloclint.facts.building.constructions import Construction
from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.sizes.counting import by_inner_frame
from alloclint.facts.sizes.growth import Filling
from alloclint.facts.walk.scopes import Frame
from alloclint.syntax import model as m

#: What a format string's pieces in braces are replaced by is not known; doubled braces stand for one.
_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Constants:
    """
    Constant text on the longest way through a function, outside of its loops: `total` bytes (Rust) or chars
    (Java) in `parts` appends; `on_every_way` tells whether no other way appends less. `others` counts the
    appends of unknown length, `looped` tells whether a loop appends as well.
    """

    total: int
    on_every_way: bool
    parts: int
    others: int
    looped: bool
    growths: tuple[Growth, ...]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Length on the longest and on the shortest way, and the number of constant and of other parts."""

    total: int = 0
    least: int = 0
    parts: int = 0
    others: int = 0

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            self.total + other.total,
            self.least + other.least,
            self.parts + other.parts,
            self.others + other.others,
        )


def constants_of(built: Construction) -> Constants | None:
    """
    The constant text that a local string builder gets; None where something is taken out of it, or it is
    not a local.
    """
    if built.place is None or built.wrapped or not built.place.is_local:
        return None
    event, trips = built.event, built.function.trips
    filling = Filling(
        built.place, built.collection, event.order, event.frame, event.scope, trips, built.statement
    )
    growths = filling.growths_only()
    inside = [growth for growth in growths if growth.frame.is_inside(event.frame)]
    if not inside:
        return None
    looped = any(_is_repeated(growth, event.frame) for growth in inside)
    sums = _longest(event.frame, inside)
    return Constants(sums.total, sums.least == sums.total, sums.parts, sums.others, looped, tuple(inside))


def _is_repeated(growth: Growth, outer: Frame) -> bool:
    return any(frame.kind in ("loop", "closure", "async") for frame in growth.frame.within(outer))


def _longest(outer: Frame, growths: Sequence[Growth]) -> _Sums:
    sums = _Sums()
    for frame, inside in by_inner_frame(outer, growths):
        if frame is None:
            sums = sums + _straight(inside)
        elif frame.kind == "arm":
            sums = sums + _of_branch(outer, frame, inside)
        elif frame.kind == "try":
            sums = sums + _longest(frame, inside)
    return sums


def _of_branch(outer: Frame, frame: Frame, inside: Sequence[Growth]) -> _Sums:
    """The longest arm of a branch one of whose arms is always taken; nothing of one that may be skipped."""
    branch = frame.node
    if not isinstance(branch, m.Branch) or not branch.exhaustive:
        return _Sums()
    arms: dict[int, tuple[Frame, list[Growth]]] = {}
    for growth in inside:
        arm = next(one for one in growth.frame.within(outer) if one.up is outer)
        arms.setdefault(arm.arm, (arm, []))[1].append(growth)
    ways = [_longest(arm, part) for arm, part in arms.values()]
    least = min(way.least for way in ways) if len(arms) == len(branch.arms) else 0
    return replace(max(ways, key=lambda way: way.total), least=least)


def _straight(growths: Sequence[Growth]) -> _Sums:
    lengths = [_constant(growth) for growth in growths]
    known = [length for length in lengths if length is not None]
    return _Sums(sum(known), sum(known), len(known), len(lengths) - len(known))


def _constant(growth: Growth) -> int | None:
    """The length of what one operation appends, if it is constant; of a formatted text its literal part."""
    constant = growth.amount.constant if growth.amount is not None else None
    if constant is not None or not isinstance(growth.node, m.Call) or growth.node.kind != "macro":
        return constant
    pattern = growth.node.args[1] if len(growth.node.args) > 1 else None
    if not isinstance(pattern, m.Literal) or not isinstance(pattern.value, str):
        return None
    text = _PIECE.sub(lambda piece: piece[0][0] if piece[0] in ("{{", "}}") else "", pattern.value)
    return len(text.encode()) + (growth.node.last == "writeln")
