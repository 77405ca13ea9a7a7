"""
A collection has room for far more entries than will ever come.

Capacity is memory that is taken at once (Java's hash tables wait for the first entry) and held for as long as
the collection lives. Reported are constants of at least 8 times the expected entries that waste 1 MiB or
more, where the entries are annotated, measured, or seen in the code.

A list that is sized for every turn of a loop, where only some turns add, is the smaller case. One allocation
that is too large is often better than several that fit, and for a list that is dropped soon it does not
matter at all; but where few turns add, the unused part stays. It is reported, as `info`, where the test looks
as if few passed it: for equality, a type, a failure. Java's hash tables are not reported for it; their slots
are small.

```rust
fn squares() -> u64 {
    let mut squares: Vec<u64> = Vec::with_capacity(1_000_000);
    for n in 0..1000 {
        squares.push(n * n);
    }
    squares.iter().sum()
}
```

```rust
fn squares() -> u64 {
    let mut squares: Vec<u64> = Vec::with_capacity(1000);
    for n in 0..1000 {
        squares.push(n * n);
    }
    squares.iter().sum()
}
```

```java
import java.util.*;

class Failures {
    List<String> of(List<Result> results) {
        List<String> failures = new ArrayList<>(results.size());
        for (Result result : results) {
            if (result.isFailure()) {
                failures.add(result.message());
            }
        }
        return failures;
    }
}
```

```java
import java.util.*;

class Failures {
    List<String> of(List<Result> results) {
        List<String> failures = new ArrayList<>();
        for (Result result : results) {
            if (result.isFailure()) {
                failures.add(result.message());
            }
        }
        return failures;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.capacity.quantity import human_bytes, human_count
from alloclint.facts import Construction
from alloclint.facts.building.evidence import because_of, counted, evidence_of
from alloclint.facts.building.waste import Waste, is_sized_under_a_filter, wasted
from alloclint.finding import Applicability, Capacity, Confidence, Cost, Finding, Severity, Suggestion
from alloclint.size import group_digits

CODE = "ALC106"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java")


def check(built: Construction) -> Iterator[Finding]:
    if built.capacity is None or built.collection.argument not in ("elements", "slots"):
        return
    limits, waste = built.file.limits, wasted(built)
    if waste is not None:
        is_far_too_large = waste.capacity >= limits.oversize_factor * max(1, waste.entries)
        if is_far_too_large and waste.bytes >= limits.oversize_bytes:
            yield _constant(built, waste)
    elif is_sized_under_a_filter(built):
        yield _filtered(built)


def _constant(built: Construction, waste: Waste) -> Finding:
    sized = built.sized(group_digits(waste.entries), entries=waste.entries)
    suggestion = None
    if sized is not None:
        capacity = Capacity(sized.argument, waste.entries)
        suggestion = Suggestion(sized.text, capacity, Applicability.unsafe, (sized.edit,))
    entries = f"{human_count(waste.entries)} {counted(built)}"
    name, heat = built.name or built.collection.name, built.file.facts.heat(built)
    return Finding(
        built.file.place(*built.span),
        f"`{name}` has room for {human_count(waste.capacity)}, but {entries} are expected",
        evidence=f"{entries}: {waste.source}",
        suggestion=suggestion,
        because=because_of(built, built.fill),
        cost=Cost(0, waste.bytes, f"{human_bytes(waste.bytes)} of allocation"),
        heat=heat.hot,
        cold=heat.cold,
    )


def _filtered(built: Construction) -> Finding:
    is_rust = built.file.language.name == "rust"
    plain = f"{built.spelling}::new()" if is_rust else f"{built.spelling}()"
    kept = f", or `{built.name}.shrink_to_fit()` after the loop if it is kept" if is_rust else ""
    return Finding(
        built.file.place(*built.span),
        f"`{built.name}` has room for every turn of the loop, but only some turns add to it",
        Confidence.at_most,
        evidence_of(built, built.fill),
        Suggestion(f"`{plain}` where few turns add{kept}"),
        because_of(built, built.fill),
    )
