"""
Rust: a vector that is filled by the statements right after it was built, as one expression could build
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from alloclint.facts.building.cloned import repetition
from alloclint.facts.building.constructions import Construction
from alloclint.facts.building.mutability import is_changed_after, without_mut
from alloclint.facts.building.sequences import Step, mentions, next_steps, pushes, removed, repeated_push
from alloclint.finding import Applicability, Edit
from alloclint.size import Bound, render
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Repeated:
    """
    `count` times the same `value`, written by `steps`; `count` is how the number is written, `entries`
    what it is.
    """

    steps: tuple[Step, ...]
    value: m.Literal
    count: str
    entries: int | None
    exact: bool = True

    @property
    def is_zero(self) -> bool:
        """Whether all its bytes are zero, so that the allocator can hand out zeroed pages."""
        return self.value.kind in ("int", "float", "bool") and self.value.value == 0


def repeated(built: Construction) -> Repeated | None:
    """
    What `resize(n, x)`, `extend(repeat(x).take(n))` or a loop of `push(x)` makes of a vector that was
    just built.
    """
    found = _by_one_call(built)
    return found if found is not None else _by_loop(built)


def _by_one_call(built: Construction) -> Repeated | None:
    step = next(next_steps(built), None)
    if step is None:
        return None
    value, count = _resized(step.call) or _extended(built, step.call) or (None, None)
    if not isinstance(value, m.Literal) or value.kind == "string" or count is None:
        return None
    text = _count(built, count)
    size = built.function.trips.integers.value(count, built.event.scope, built.event.order)
    return (
        Repeated((step,), value, text, size.constant if size is not None else None)
        if text is not None
        else None
    )


def _resized(call: m.Call) -> tuple[m.Expr, m.Expr] | None:
    return (call.args[1], call.args[0]) if call.last == "resize" and len(call.args) == 2 else None


def _extended(built: Construction, call: m.Call) -> tuple[m.Expr, m.Expr] | None:
    inner = call.args[0] if call.last == "extend" and len(call.args) == 1 else None
    if not isinstance(inner, m.Call):
        return None
    if (
        inner.last == "take"
        and inner.kind == "method"
        and isinstance(inner.receiver, m.Call)
        and len(inner.args) == 1
    ):
        source = inner.receiver
        return (
            (source.args[0], inner.args[0])
            if repetition(built.file, source) == "repeat" and source.args
            else None
        )
    return (
        (inner.args[0], inner.args[1])
        if repetition(built.file, inner) == "repeat_n" and len(inner.args) == 2
        else None
    )


def _count(built: Construction, count: m.Expr) -> str | None:
    """How the count is written at the constructor; None where it is not the capacity that was asked for."""
    file = built.file
    capacity = file.text(*built.capacity.span) if built.capacity is not None else None
    if isinstance(count, m.Call) and count.last == "capacity" and mentions(built, count):
        return capacity
    text = file.text(*count.span)
    return None if mentions(built, count) or capacity not in (None, text) else text


def _by_loop(built: Construction) -> Repeated | None:
    found, size = repeated_push(built), built.fill.size
    if found is None or size is None or built.fill.bound is not Bound.exact:
        return None
    (loop, value), call = found, built.fill.growths[0].node
    if not isinstance(value, m.Literal) or not isinstance(call, m.Call):
        return None
    return Repeated((Step(loop, call),), value, render(size, built.file.language.name), size.constant)


def repeated_text(built: Construction, what: Repeated) -> str | None:
    """
    `vec![x; n]` of the same type; None where the type stands in the constructor and cannot be said of
    the literal.
    """
    value = built.file.text(*what.value.span)
    written = built.type.args[0] if built.type is not None and built.type.args else None
    if written is not None and written.kind != "infer":
        if what.value.kind not in ("int", "float"):
            return f"vec![{value}; {what.count}]"
        if not re.fullmatch(r"[uif](8|16|32|64|128|size)", written.last):
            return None
        value = value if value.endswith(written.last) else value + written.last
    return f"vec![{value}; {what.count}]"


def pushed(built: Construction) -> list[Step]:
    """
    The run of pushes right after the construction that `vec![…]` could hold: unbroken, unconditional,
    without `?`.
    """
    run: list[Step] = []
    before = built.statement
    for step in pushes(built):
        if before is None or gap(built, before, step.statement) or _leaves(built, step.call):
            break
        run.append(step)
        before = step.statement
    return run


def gap(built: Construction, before: m.Stmt, after: m.Stmt) -> str:
    """What stands on lines of its own between two statements: a comment, an attribute, mostly nothing."""
    return built.file.text(before.end, after.start).partition("\n")[2].strip()


def _leaves(built: Construction, call: m.Call) -> bool:
    return any(call.start <= exit_.node.start < call.end for exit_ in built.function.trace.exits)


def point_after(built: Construction, steps: tuple[Step, ...]) -> int:
    """The point of the trace at which the last of some statements is over."""
    last = steps[-1].statement
    loops = [loop.end for loop in built.function.trace.loops if loop.node is last]
    calls = [event.order for event in built.function.trace.calls if event.node is steps[-1].call]
    return max((*loops, *calls), default=built.event.order)


def _is_broken(built: Construction, steps: tuple[Step, ...]) -> bool:
    """Whether something stands between the construction and the statements, or between two of these."""
    statements = [built.statement, *(step.statement for step in steps)]
    return any(one is None or two is None or gap(built, one, two) != "" for one, two in pairwise(statements))


def rewrite(
    built: Construction, text: str, steps: tuple[Step, ...]
) -> tuple[Applicability, tuple[Edit, ...]]:
    """
    The edits that build `text` and remove the statements that filled it so far, `mut` with them where
    nothing changes it later.

    They are safe where that is certain, and there are none where a comment would be lost.
    """
    gone = [removed(built.file, step.statement) for step in steps]
    if None in gone or _is_broken(built, steps):
        return Applicability.display, ()
    edits = [Edit(built.node.start, built.node.end, text), *(edit for edit in gone if edit is not None)]
    changed = is_changed_after(built, point_after(built, steps))
    unneeded = without_mut(built) if changed is False else None
    if unneeded is not None:
        edits.insert(0, unneeded)
    return Applicability.unsafe if changed is None else Applicability.safe, tuple(edits)
