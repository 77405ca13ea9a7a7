"""
A collection grows in a loop of known length without making room first.

What is there already, a buffer that the caller passes, a list with a few entries in it, doubles
on the way like a new one does: each step allocates a block and copies all entries. One call before the
loop makes room for all that will come. Rust's `reserve` takes the number of *additional* entries, Java's
`ensureCapacity` the *total*.

It matters when the loop is long and the collection is not already large enough. That is why this is only
`info`, and why an object's own collections are silent: a buffer that is cleared and filled again keeps its
room, so only the first rounds cost anything.
Maps and sets from elsewhere are silent, for nobody knows how many of the keys they hold already, and so
are loops inside loops unless the outermost one shows the whole number.

```rust
fn widen(out: &mut Vec<u64>, xs: &[u32]) {
    for x in xs {
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
from alloclint.facts.building.existing import Grown, grown_in_loops, is_reserved, is_unsettled, reserving
from alloclint.facts.building.sequences import inserted_before
from alloclint.facts.sizes.few import most_turns
from alloclint.facts.sizes.growth import Fill
from alloclint.facts.sizes.handful import HANDFUL, by_hand
from alloclint.facts.walk.places import Place
from alloclint.finding import Applicability, Capacity, Finding, Severity, Suggestion
from alloclint.size import Bound, Size, render

CODE = "ALC107"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java")


def check(function: Function) -> Iterator[Finding]:
    seen: set[Place] = set()
    for grown in grown_in_loops(function):
        if grown.place in seen or is_reserved(grown) or _is_for_another_rule(grown) or _is_kept(grown):
            continue
        fill = grown.fill()
        if (
            fill.size is None
            or fill.bound is not Bound.exact
            or _is_tiny(grown, fill.size)
            or _reserves_by_itself(fill)
        ):
            continue
        if function.file.facts.heat(function).cold is not None or _gets_few(grown):
            continue
        seen.add(grown.place)
        yield _finding(grown, fill.size)


def _finding(grown: Grown, size: Size) -> Finding:
    file = grown.function.file
    loop, name, language = grown.loop.node, grown.place.text(), file.language.name
    heat = file.facts.heat(grown.function)
    number = render(size, language)
    counted = "entries" if grown.collection.kind != "string" else "chars" if language == "java" else "bytes"
    return Finding(
        file.place(*grown.first.span),
        f"`{name}` grows in a loop of known length without making room first",
        evidence=f"`{number}` {counted} are added by the loop in line {file.position(loop.start).line}",
        suggestion=_suggestion(grown, size, Capacity(number, size.constant)),
        because=(file.place(loop.start, loop.start, "room can be made before this loop"),),
        heat=heat.hot,
        cold=heat.cold,
    )


def _suggestion(grown: Grown, size: Size, capacity: Capacity) -> Suggestion:
    file = grown.function.file
    text = reserving(grown.place.text(), grown.collection, size, file.language.name)
    edit = inserted_before(file, grown.statement, text)
    if edit is None:
        return Suggestion(text, capacity)
    return Suggestion(text, capacity, Applicability.safe, (edit,))


def _is_kept(grown: Grown) -> bool:
    """An object's own collection keeps the room that it has, and nobody sees how much that is."""
    binding = grown.place.binding
    return bool(grown.place.fields) or binding.kind in ("self", "field", "static", "free", "global")


def _gets_few(grown: Grown) -> bool:
    most = most_turns(grown.loop, grown.function)
    return by_hand(grown.fill().size) is not None or (most is not None and most <= HANDFUL)


def _is_for_another_rule(grown: Grown) -> bool:
    """What is built empty or sized here is sized there; a map is certain only if it begins empty here."""
    built = grown.constructions()
    if any(one.capacity is not None or (one.empty and one.fill.size is not None) for one in built):
        return True
    return grown.collection.deduplicates and not is_unsettled(built)


def _is_tiny(grown: Grown, size: Size) -> bool:
    constant = size.constant
    least = max(grown.function.file.limits.min_constant, grown.collection.least + 1)
    return constant is not None and constant < least


def _reserves_by_itself(fill: Fill) -> bool:
    """Bulk operations make room for their own part, so that there are fewer steps to save."""
    return any(growth.method.amount in ("trip", "length") for growth in fill.growths)
