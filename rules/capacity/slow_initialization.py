"""
A vector is built empty and filled by the next statements.

`vec![0; n]` asks the allocator for zeroed memory, which for large blocks are fresh pages that nobody has
to write; an empty vector that is resized, extended or pushed full of zeros writes all of it. Pushing the
same constant per turn grows step by step besides. A run of pushes right after `Vec::new()` allocates at
the first, the fifth and the ninth of them, `vec![…]` once, with exactly that much room.

Only `info`, for it saves words and no allocation: a constant other than zero, up to four pushes (these
fit the first allocation), and `reserve` right after `new()`, which is `with_capacity` in two steps.

A shorter run of pushes is silent where the vector grows on afterwards, because room for just the first
entries would not last.

```rust
fn zeros(n: usize) -> Vec<u8> {
    let mut zeros = Vec::with_capacity(n);
    zeros.resize(n, 0);
    zeros
}
```

```rust
fn zeros(n: usize) -> Vec<u8> {
    vec![0; n]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.facts import Construction
from alloclint.facts.building.evidence import saving_of
from alloclint.facts.building.filled import (
    Repeated,
    gap,
    point_after,
    pushed,
    repeated,
    repeated_text,
    rewrite,
)
from alloclint.facts.building.mutability import is_changed_after
from alloclint.facts.building.sequences import Step, mentions, next_steps
from alloclint.finding import Applicability, Capacity, Confidence, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC115"
SEVERITY = Severity.warning
LANGUAGES = ("rust",)

#: This many pushes fit the first allocation of a vector.
_FIRST_ALLOCATION = 4
#: A longer list is abbreviated where it is only read.
_WIDTH = 100


def check(built: Construction) -> Iterator[Finding]:
    if built.source is not None or built.place is None or built.wrapped or built.cardinality is not None:
        return
    if built.collection.name == "Vec":
        same = repeated(built)
        if same is not None:
            yield from _of_repeated(built, same)
            return
        yield from _of_pushes(built)
    yield from _of_reserve(built)


def _of_repeated(built: Construction, same: Repeated) -> Iterator[Finding]:
    first = same.steps[0].statement
    if _is_conditional(built, first) or (
        same.entries is not None and same.entries < built.file.limits.min_constant
    ):
        return
    text = repeated_text(built, same)
    shown = text or f"vec![{built.file.text(*same.value.span)}; {same.count}]"
    applicability, edits = (
        rewrite(built, shown, same.steps) if text is not None else (Applicability.display, ())
    )
    by_turns = built.empty and same.steps[0].call.last == "push"
    confidence = Confidence.exact if same.is_zero or by_turns else Confidence.advice
    evidence = f"`{same.count}` times the same constant" + (
        ": all zero, so the pages need not be written" if same.is_zero else ""
    )
    suggestion = Suggestion(shown, Capacity(same.count, same.entries), applicability, edits)
    what = "is built and then filled with one constant"
    found = _finding(built, same.steps, what, evidence, suggestion, confidence)
    yield replace(found, also=_peers_of_repeated(built, same))


def _peers_of_repeated(built: Construction, same: Repeated) -> tuple[str, ...]:
    """Who else says so: of a local that gets integer zeros in one call, or any constant in `for _ in …`."""
    (step, *_), file = same.steps, built.file
    loop = step.statement
    if isinstance(loop, m.Loop):
        unnamed = loop.pattern is not None and file.text(*loop.pattern.span) == "_"
        last = loop.body.statements[-1]
        ends = isinstance(last, m.Eval) and not last.tail
        return ("clippy same_item_push",) if unnamed and ends and _is_local(built) else ()
    is_zero = same.value.kind == "int" and same.is_zero
    is_theirs = is_zero and built.how != "default" and "repeat_n" not in file.text(*step.call.span)
    return ("clippy slow_vector_initialization",) if is_theirs and _is_local(built) else ()


def _is_local(built: Construction) -> bool:
    """Whether it is a variable of its own, and nothing that another one points to."""
    statement = built.statement
    return isinstance(statement, m.Let) or (
        isinstance(statement, m.Assign) and isinstance(statement.target, m.Name)
    )


def _of_pushes(built: Construction) -> Iterator[Finding]:
    run = tuple(pushed(built))
    room = built.capacity_value if built.capacity is not None else 0
    if len(run) < 2 or room is None or len(run) < room or (built.fill.loops and built.fill.size is not None):
        return
    grows_on = is_changed_after(built, point_after(built, run)) is not False
    if grows_on and (len(run) < _FIRST_ALLOCATION or 0 < len(run) <= room):
        return
    text = f"vec![{', '.join(built.file.text(*step.call.args[0].span) for step in run)}]"
    applicability, edits = rewrite(built, text, run)
    if built.type is not None and built.type.args and edits:
        # The written element type goes with the constructor, and the entries may need it.
        applicability = Applicability.unsafe
    first, last = (built.file.text(*step.call.args[0].span) for step in (run[0], run[-1]))
    shown = (
        text
        if len(text) <= _WIDTH and "\n" not in text
        else f"vec![{first.splitlines()[0]}, …, {last.splitlines()[0]}]"
    )
    saves = len(run) > max(room, _FIRST_ALLOCATION)
    suggestion = Suggestion(shown, Capacity(str(len(run)), len(run)), applicability, edits)
    confidence = Confidence.exact if saves else Confidence.advice
    found = _finding(
        built,
        run,
        f"is built, then {len(run)} entries are pushed",
        f"{len(run)} pushes in a row",
        suggestion,
        confidence,
    )
    counted = built.capacity is None or isinstance(built.capacity, m.Literal)
    yield replace(found, also=("clippy vec_init_then_push",) if counted and _is_local(built) else ())


def _of_reserve(built: Construction) -> Iterator[Finding]:
    step = next(next_steps(built), None)
    if (
        step is None
        or not built.empty
        or step.call.last not in ("reserve", "reserve_exact")
        or len(step.call.args) != 1
    ):
        return
    argument = step.call.args[0]
    sized = built.sized(built.file.text(*argument.span)) if not mentions(built, argument) else None
    if sized is None or _is_conditional(built, step.statement):
        return
    applicability, edits = rewrite(built, sized.text, (step,))
    suggestion = Suggestion(sized.text, Capacity(sized.argument, None), applicability, edits)
    evidence = "`reserve` is the next statement"
    what = "is built empty, then room is made in it"
    found = _finding(built, (step,), what, evidence, suggestion, Confidence.advice)
    is_theirs = built.collection.name == "Vec" and step.call.last == "reserve" and _is_local(built)
    yield replace(found, also=("clippy reserve_after_initialization",) if is_theirs else ())


def _is_conditional(built: Construction, statement: object) -> bool:
    """Whether an attribute decides if the next statement is compiled at all."""
    follows = [step.statement for step in next_steps(built)]
    is_next = built.statement is not None and follows and follows[0] is statement
    return bool(is_next) and built.statement is not None and "#[" in gap(built, built.statement, follows[0])


def _finding(
    built: Construction,
    steps: tuple[Step, ...],
    what: str,
    evidence: str,
    suggestion: Suggestion,
    confidence: Confidence,
) -> Finding:
    heat = built.file.facts.heat(built)
    entries = suggestion.capacity.value if suggestion.capacity is not None and built.empty else None
    return Finding(
        built.file.place(*built.span),
        f"`{built.name}` {what}",
        confidence,
        evidence,
        suggestion,
        (built.file.place(*steps[0].statement.span, "filled here"),),
        saving_of(built, entries) if confidence is Confidence.exact else None,
        heat=heat.hot,
        cold=heat.cold,
    )
