"""
Room is made again at each turn of a loop.

Rust's `reserve` takes the number of *additional* entries, so that `v.reserve(v.len() + 1)` asks for more
than twice of what is there, and the collection ends up to four times as large as needed. `reserve_exact`
of a few entries is worse: it turns off the doubling, and each turn that finds the room used up copies
everything, quadratic in the end.

In Java `ensureCapacity(size() + 1)` is mostly redundant: ArrayList still grows by half and StringBuilder
doubles, as `add` and `append` would make them do anyway. It costs a call per turn and helps nothing,
which makes it `info` there.

Make room once before the loop where the number of turns is known; else leave it to `push` and `add`.
Making room for a whole part that is then added is silent, and so is Rust's `reserve(1)`, which keeps
doubling.

```rust
fn widen(out: &mut Vec<u64>, xs: &[u32]) {
    for x in xs {
        out.reserve_exact(1);
        out.push(u64::from(*x));
    }
}
```

```rust
fn widen(out: &mut Vec<u64>, xs: &[u32]) {
    out.reserve(xs.len());
    for x in xs {
        out.push(u64::from(*x));
    }
}
```

```java
import java.util.*;

class Widen {
    void widen(ArrayList<Long> out, int[] xs) {
        for (int x : xs) {
            out.ensureCapacity(out.size() + 1);
            out.add((long) x);
        }
    }
}
```

```java
import java.util.*;

class Widen {
    void widen(ArrayList<Long> out, int[] xs) {
        out.ensureCapacity(out.size() + xs.length);
        for (int x : xs) {
            out.add((long) x);
        }
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.building.existing import Grown, Reserved, reserved_in_loops, reserving
from alloclint.facts.building.sequences import inserted_before, removed
from alloclint.finding import Applicability, Capacity, Confidence, Edit, Finding, Severity, Suggestion
from alloclint.size import Size, render

CODE = "ALC108"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java")

#: Room for this many entries or more is a part of its own, not the next entry.
_FEW, _FEW_EXACTLY = 16, 1024


def check(function: Function) -> Iterator[Finding]:
    for reserved in reserved_in_loops(function):
        reason = _reason(reserved)
        if reason is not None:
            yield _finding(reserved, reason)


def _reason(reserved: Reserved) -> str | None:
    """What is wrong with making this much room at each turn."""
    room, exactly = reserved.additional, reserved.call.last.endswith("_exact")
    constant = room.constant
    if reserved.function.file.language.name == "java":
        redundant = reserved.counts_length and constant is not None and constant < _FEW
        return "the collection grows by itself, and not less" if redundant else None
    if reserved.counts_length:
        # A part on top of the length is meant as a total; the length alone means to double.
        return "the argument counts additional entries: this asks for twice as much" if room.terms else None
    if exactly and constant is not None and 0 < constant < _FEW_EXACTLY:
        return "exact room for a few entries turns off doubling: everything is copied again and again"
    return None


def _finding(reserved: Reserved, reason: str) -> Finding:
    file, loop = reserved.function.file, reserved.loop.node
    heat = file.facts.heat(reserved.function)
    return Finding(
        file.place(*reserved.call.span),
        f"`{reserved.place.text()}` makes room at each turn of a loop",
        Confidence.exact if file.language.name == "rust" else Confidence.advice,
        reason,
        _suggestion(reserved),
        (file.place(loop.start, loop.start, "at each turn of this loop"),),
        heat=heat.hot,
        cold=heat.cold,
    )


def _suggestion(reserved: Reserved) -> Suggestion:
    total = reserved.total()
    if total is not None:
        return _once_before(reserved, *total)
    if reserved.additional.constant is None:
        # A part of its own: what was meant is room for the part.
        number = render(reserved.additional, reserved.function.file.language.name)
        text = f"{reserved.place.text()}.{reserved.call.last}({number})"
        return Suggestion(text, Capacity(number), Applicability.unsafe, (reserved.argument_edit(number),))
    return _removal(reserved)


def _once_before(reserved: Reserved, grown: Grown, size: Size) -> Suggestion:
    file = reserved.function.file
    text = reserving(reserved.place.text(), reserved.collection, size, file.language.name)
    before, gone = inserted_before(file, grown.statement, text), _removed(reserved)
    edits = (before, gone) if before is not None and gone is not None else ()
    capacity = Capacity(render(size, file.language.name), size.constant)
    return Suggestion(text, capacity, Applicability.unsafe if edits else Applicability.display, edits)


def _removal(reserved: Reserved) -> Suggestion:
    gone = _removed(reserved)
    edits = (gone,) if gone is not None else ()
    text = f"remove `{reserved.function.file.text(*reserved.call.span)}`"
    return Suggestion(text, None, Applicability.unsafe if edits else Applicability.display, edits)


def _removed(reserved: Reserved) -> Edit | None:
    return removed(reserved.function.file, reserved.statement) if reserved.statement is not None else None
