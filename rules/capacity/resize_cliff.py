"""
Annotated growth will soon reach a resize that allocates a lot at once.

A hash table doubles at one certain insertion: it allocates the new table while the old one is alive and moves
every entry. With millions of entries that is seconds of stall and gigabytes for a moment, once in the life of
a process, and on every replica at nearly the same time, because they hold nearly the same data.

The finding names the entry, the day and the bytes; it comes only when the day is within `horizon-days` and
the allocation is at least `cliff-bytes`. Arrays that the allocator can grow in place (Rust's `Vec` and
`String`, Python's `list`) do not copy at such sizes and are silent; Java's are copied.

```rust
use std::collections::HashMap;

struct Index {
    // alloclint: expect=58.7M growth=2.5M/day entry=32B
    map: HashMap<u64, [u8; 24]>,
}

impl Index {
    fn new() -> Self {
        Index { map: HashMap::with_capacity(58_700_000) }
    }
}
```

```rust
use std::collections::HashMap;

struct Index {
    // alloclint: expect=58.7M growth=2.5M/day entry=32B
    map: HashMap<u64, [u8; 24]>,
}

impl Index {
    fn new() -> Self {
        Index { map: HashMap::with_capacity(700_000_000) }
    }
}
```

```java
import java.util.*;

class Index {
    // alloclint: expect=100M growth=5M/day
    private final Map<Long, Long> map = new HashMap<>();
}
```

```java
import java.util.*;

class Index {
    // alloclint: expect=100M growth=1k/day
    private final Map<Long, Long> map = new HashMap<>(200_000_000);
}
```

```python
# alloclint: expect=22M growth=100k/day
index = {}
```

```python
# alloclint: expect=22k growth=100/day
index = {}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from alloclint.capacity import Forecast
from alloclint.capacity.quantity import human_bytes, human_count
from alloclint.facts import Construction
from alloclint.facts.building.expectations import Expectation, days_in_words, expected_of
from alloclint.finding import Applicability, Cost, Finding, Severity, Suggestion

CODE = "ALC105"
SEVERITY = Severity.error
LANGUAGES = ("rust", "java", "python")

#: What realloc grows in place at these sizes (mremap): no second block, no copy.
_GROWN_IN_PLACE = {("rust", "list"), ("rust", "string"), ("python", "list"), ("python", "string")}


def check(built: Construction) -> Iterator[Finding]:
    expected = expected_of(built)
    if expected is None or expected.said.growth_per_day is None or _grows_in_place(built):
        return
    if built.capacity is not None and built.capacity_value is None:
        return
    ahead = expected.forecast(capacity=built.capacity_value)
    if ahead is None or not _is_cliff(built, ahead):
        return
    days = ahead.days_left or 0.0
    yield Finding(
        built.file.place(*built.span),
        _message(built, ahead, days),
        evidence=f"{expected.evidence(ahead)}; growing by {_rate(expected.said.growth_per_day)} a day",
        suggestion=_suggestion(built, expected),
        because=expected.place(),
        cost=Cost(1, ahead.next_bytes, f"one reallocation of {human_bytes(ahead.next_bytes or 0)}"),
        expected=expected.entries,
    )


def _message(built: Construction, ahead: Forecast, days: float) -> str:
    held, more = human_bytes(ahead.bytes or 0), human_bytes(ahead.next_bytes or 0)
    when = f"in {days_in_words(days)}, at entry {human_count(ahead.next_growth_at or 0)}"
    name = built.name or built.collection.name
    return f"`{name}` will be resized {when}: {held} held, {more} allocated at once"


def _rate(per_day: Fraction) -> str:
    return human_count(round(per_day))


def _suggestion(built: Construction, expected: Expectation) -> Suggestion:
    """
    Room for the growth of the horizon, for less would only move the day. Where authors chose a headroom it is
    theirs that is written; once that stands there, more is for them to say, in the annotation.
    """
    is_chosen = built.cardinality is not None and built.cardinality.headroom > 1
    days = 0 if is_chosen and built.capacity is None else built.file.limits.horizon_days
    suggestion = expected.suggestion(days=days)
    if suggestion is None:
        return Suggestion("shard it before that day, or keep it in a columnar store")
    if is_chosen and built.capacity is not None:
        return replace(suggestion, applicability=Applicability.display, edits=())
    return suggestion


def _grows_in_place(built: Construction) -> bool:
    return (built.file.language.name, built.collection.kind) in _GROWN_IN_PLACE


def _is_cliff(built: Construction, ahead: Forecast) -> bool:
    limits = built.file.limits
    if ahead.days_left is None or ahead.next_bytes is None or ahead.days_left > limits.horizon_days:
        return False
    return ahead.next_bytes >= limits.cliff_bytes
