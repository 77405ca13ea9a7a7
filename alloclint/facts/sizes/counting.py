"""Counting: what several operations add together under the loops, branches and exits around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alloclint import size as sizes
from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.sizes.turns import Trip
from alloclint.facts.walk.scopes import Event, Frame, LoopFact
from alloclint.size import Bound, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.sizes.growth import Filling


def count(filling: Filling, outer: Frame, growths: Sequence[Growth]) -> tuple[Size | None, Bound, str]:
    """What the growth inside `outer` adds each time `outer` runs."""
    total, bound, reason = sizes.ZERO, Bound.exact, ""
    for frame, inside in by_inner_frame(outer, growths):
        size, weaker, why = _count_frame(filling, outer, frame, inside)
        if size is None:
            return None, Bound.unknown, why
        total, bound = total + size, max(bound, weaker)
        reason = reason or why
    return total, bound, reason


def _count_frame(
    filling: Filling, outer: Frame, frame: Frame | None, inside: Sequence[Growth]
) -> tuple[Size | None, Bound, str]:
    if frame is None:
        return _direct(inside)
    if frame.kind == "loop":
        return _count_loop(filling, frame, inside)
    if frame.kind == "arm":
        return _count_branch(filling, outer, frame, inside)
    if frame.kind == "try" and _is_dropped_on_error(filling, frame.node):
        return count(filling, frame, inside)
    if frame.kind == "handler" and filling.trips.language.name != "python":
        return None, Bound.unknown, "it is only filled after an exception"
    size, _, reason = count(filling, frame, inside)
    return size, Bound.at_most, reason or "it is filled under a condition"


def _count_loop(filling: Filling, frame: Frame, inside: Sequence[Growth]) -> tuple[Size | None, Bound, str]:
    loop = frame.loop
    trip = filling.trips.of(loop) if loop is not None else Trip(None, Bound.unknown, "an unknown loop")
    if trip.size is None or loop is None:
        return None, Bound.unknown, trip.reason or "the loop has no end"
    size, bound, reason = count(filling, frame, inside)
    if size is None:
        return None, Bound.unknown, reason
    if trip.bound is not Bound.exact:
        bound, reason = max(bound, trip.bound), reason or "the loop skips some"
    early = _left_early(filling, loop, inside)
    if early is not None:
        bound, reason = Bound.at_most, reason or early
    return trip.size * size, bound, reason


def _count_branch(
    filling: Filling, outer: Frame, frame: Frame, inside: Sequence[Growth]
) -> tuple[Size | None, Bound, str]:
    branch = frame.node
    if not isinstance(branch, m.Branch):
        size, _, reason = count(filling, frame, inside)
        return size, Bound.at_most, reason
    by_arm: dict[int, tuple[Frame, list[Growth]]] = {}
    for growth in inside:
        arm = _inner_frame(outer, growth)
        by_arm.setdefault(arm.arm, (arm, []))[1].append(growth)
    ends = _is_dropped_by_return(filling, frame)
    arms = [
        _count_arm(filling, branch, number, by_arm.get(number), ends) for number in range(len(branch.arms))
    ]
    taken = [arm for arm in arms if arm is not None]
    if any(size is None for size, _, _ in taken):
        return next(arm for arm in taken if arm[0] is None)
    counted = [size for size, _, _ in taken if size is not None]
    bound = max((bound for _, bound, _ in taken), default=Bound.exact)
    if branch.exhaustive and len(set(counted)) == 1:
        return counted[0], bound, ""
    return _largest(counted), Bound.at_most, "it is filled under a condition"


def _count_arm(
    filling: Filling, branch: m.Branch, number: int, here: tuple[Frame, list[Growth]] | None, ends: bool
) -> tuple[Size | None, Bound, str] | None:
    """
    What one arm adds; None for an arm that drops the collection, as a `return` does where it `ends` with
    the function.
    """
    if here is None:
        dropped = ends and _leaves(branch.arms[number].body)
        return None if dropped else (sizes.ZERO, Bound.exact, "")
    size, bound, reason = count(filling, *here)
    if branch.kind == "match" and _is_cut_short(filling, *here):
        return size, max(bound, Bound.at_most), reason or "a `break` may skip it"
    return size, bound, reason


def by_inner_frame(outer: Frame, growths: Sequence[Growth]) -> list[tuple[Frame | None, list[Growth]]]:
    """The growths grouped by what stands between them and `outer`; the arms of one branch belong together."""
    groups: dict[int, tuple[Frame | None, list[Growth]]] = {}
    for growth in growths:
        inner = _inner_frame(outer, growth) if growth.frame is not outer else None
        key = 0 if inner is None else id(inner.node) if inner.kind == "arm" else id(inner)
        groups.setdefault(key, (inner, []))[1].append(growth)
    return list(groups.values())


def _inner_frame(outer: Frame, growth: Growth) -> Frame:
    """The outermost frame between `outer` and a growth inside it."""
    return list(growth.frame.within(outer))[-1]


def _direct(growths: Sequence[Growth]) -> tuple[Size | None, Bound, str]:
    lost = next((growth for growth in growths if growth.amount is None), None)
    if lost is not None:
        return None, Bound.unknown, lost.reason
    total = sizes.total(growth.amount for growth in growths if growth.amount is not None)
    weakest = max(growth.bound for growth in growths)
    return total, weakest, next((growth.reason for growth in growths if growth.bound is weakest), "")


def _largest(counted: Sequence[Size]) -> Size:
    """An upper bound of several sizes: their maximum where they are numbers, else their sum."""
    different = list(dict.fromkeys(size for size in counted if size != sizes.ZERO))
    constants = [size.constant for size in different]
    known = [constant for constant in constants if constant is not None]
    if different and len(known) == len(constants):
        return sizes.const(max(known))
    return sizes.total(iter(different))


def _left_early(filling: Filling, loop: LoopFact, inside: Sequence[Growth]) -> str | None:
    """Why the loop may end, or a turn may skip the growth, with the collection still alive."""
    last = max(filling.trace.done_at(growth.node) or growth.order for growth in inside)
    for exit_ in filling.trace.exits_between(loop.start, loop.end):
        if exit_.frame.is_inside(loop.frame):
            reason = _exit_reason(filling, exit_, loop, last)
            if reason is not None:
                return reason
    return None


def _exit_reason(filling: Filling, exit_: Event, loop: LoopFact, last: int) -> str | None:
    node = exit_.node
    if _leaves_function(node):
        closure = _closure_around(exit_.frame)
        if closure is loop.frame:
            return "a turn may skip it" if exit_.order < last else None
        if closure is not None and closure.is_inside(loop.frame):
            return None
        return None if _is_dropped_by_return(filling, exit_.frame) else "the loop may be left early"
    if not isinstance(node, m.Exit) or node.kind == "yield" or node.label == "<switch>":
        return None
    target = _target(exit_, node.label)
    if target is loop.frame:
        if node.kind == "continue":
            return "a turn may skip it" if exit_.order < last else None
        return "the loop may end early"
    leaves_outer = target is None or not target.is_inside(loop.frame)
    return "the loop may end early" if leaves_outer else None


def _is_cut_short(filling: Filling, arm: Frame, inside: Sequence[Growth]) -> bool:
    """Java: whether a `break` may leave an arm of a `switch` before the growth in it."""
    last = max(growth.order for growth in inside)
    return any(
        isinstance(exit_.node, m.Exit)
        and exit_.node.label == "<switch>"
        and exit_.order < last
        and _switch_arm(exit_.frame) is arm
        for exit_ in filling.trace.exits_between(arm.start, last)
    )


def _is_dropped_by_return(filling: Filling, frame: Frame) -> bool:
    """Whether a `return` in a frame drops the collection; in a closure it only leaves the closure."""
    closure = _closure_around(frame)
    return _ends_with_function(filling) and (closure is None or filling.frame.is_inside(closure))


def _ends_with_function(filling: Filling) -> bool:
    """Whether leaving the function drops the collection: not what is behind a reference."""
    binding, built_by = filling.place.binding, filling.skip
    is_behind = isinstance(built_by, m.Assign) and isinstance(built_by.target, m.Unary)
    is_lent = binding.type is not None and binding.type.kind == "mutref"
    return filling.place.is_local and not is_behind and not is_lent


def _is_dropped_on_error(filling: Filling, node: m.Node) -> bool:
    """Whether no handler of a `try` goes on with the collection."""
    return (
        isinstance(node, m.Try)
        and _ends_with_function(filling)
        and all(_leaves(handler) for handler in node.handlers)
        and not (node.final is not None and _leaves(node.final))
        and not any(_is_used_in(filling, handler) for handler in node.handlers)
    )


def _is_used_in(filling: Filling, block: m.Block) -> bool:
    uses = filling.trace.uses_of(filling.place.binding)
    return any(use.expr is not None and block.start <= use.expr.start < block.end for use in uses)


def may_fail(filling: Filling, loops: Sequence[LoopFact]) -> bool:
    """
    Whether a loop may be left with the collection dropped: a number out of some input is then found wrong
    by the loop alone.
    """
    return any(
        _leaves_function(exit_.node)
        for loop in loops
        for exit_ in filling.trace.exits_between(loop.start, loop.end)
    )


def _leaves_function(node: m.Node) -> bool:
    return isinstance(node, m.MayReturn) or (isinstance(node, m.Exit) and node.kind in ("return", "throw"))


def _leaves(body: m.Block) -> bool:
    """Whether a block always ends by leaving the function."""
    last = body.statements[-1] if body.statements else None
    if isinstance(last, m.Eval):
        value = last.value
        if isinstance(value, m.Embedded):
            last = value.statement
        else:
            return isinstance(value, m.Call) and value.kind == "macro" and value.last in _ENDING_MACROS
    if isinstance(last, m.Block):
        return _leaves(last)
    return isinstance(last, m.Exit) and last.kind in ("return", "throw")


def _closure_around(frame: Frame) -> Frame | None:
    """The innermost closure around a frame: a `return` goes no further."""
    return next(
        (
            one
            for one in frame.within(None)
            if one.kind == "closure" or (one.loop is not None and one.loop.kind == "closure")
        ),
        None,
    )


def _switch_arm(frame: Frame) -> Frame | None:
    """The innermost arm of a `switch` around a frame."""
    arms = (one for one in frame.within(None) if one.kind == "arm")
    return next((arm for arm in arms if isinstance(arm.node, m.Branch) and arm.node.kind == "match"), None)


def _target(exit_: Event, label: str | None) -> Frame | None:
    """The frame of the loop that a `break` or `continue` leaves."""
    for frame in exit_.frame.within(None):
        is_loop = frame.kind == "loop" and isinstance(frame.node, m.Loop)
        if is_loop and label in (None, getattr(frame.node, "label", None)):
            return frame
    return None


_ENDING_MACROS = {"panic", "unreachable", "todo", "unimplemented", "bail", "abort"}
