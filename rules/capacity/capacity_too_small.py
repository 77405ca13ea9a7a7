"""
A capacity is given, but more entries are expected than it holds.

The collection will still double, at its largest, on the day the expectation comes true: a capacity that was
right once is the most common way back into the same incident. In Java a hash table's number counts slots, and
three quarters of them are filled before it grows.

Write the capacity for what is expected now, with its headroom, or correct the expectation.

```rust
use std::collections::HashMap;

fn index() -> HashMap<u64, u64> {
    // alloclint: expect=2M headroom=1.5
    let index = HashMap::with_capacity(1_000_000);
    index
}
```

```rust
use std::collections::HashMap;

fn index() -> HashMap<u64, u64> {
    // alloclint: expect=2M headroom=1.5
    let index = HashMap::with_capacity(3_000_000);
    index
}
```

```java
import java.util.*;

class Index {
    @ExpectedSize(2_000_000)
    private final Map<Long, Long> index = new HashMap<>(2_000_000);
}
```

```java
import java.util.*;

class Index {
    @ExpectedSize(2_000_000)
    private final List<Long> index = new ArrayList<>(2_000_000);
}
```

```python
# alloclint: expect=2M
frame = bytearray(65_536)
```

```python
# alloclint: expect=65_536
frame = bytearray(65_536)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.capacity.quantity import human_count
from alloclint.facts import Construction
from alloclint.facts.building.evidence import model_of
from alloclint.facts.building.expectations import Expectation, expected_of
from alloclint.finding import Finding, Severity, Suggestion

CODE = "ALC103"
SEVERITY = Severity.error
LANGUAGES = ("rust", "java", "python")


def check(built: Construction) -> Iterator[Finding]:
    expected = expected_of(built)
    if expected is None or built.capacity is None or expected.said.maximum:
        return
    shortage = _numeric(expected) if expected.said.expect is not None else _symbolic(expected)
    suggestion = _suggestion(expected)
    if shortage is None or suggestion is None:
        return
    heat = built.file.facts.heat(built)
    yield Finding(
        built.file.place(*built.span),
        f"`{built.name or built.collection.name}` {shortage}",
        evidence=expected.evidence(expected.forecast(capacity=built.capacity_value)),
        suggestion=suggestion,
        because=expected.place(),
        expected=expected.entries,
        heat=heat.hot,
    )


def _numeric(expected: Expectation) -> str | None:
    """How a constant capacity falls short of a number."""
    built, needed, model = expected.built, expected.said.needed, model_of(expected.built)
    if built.capacity_value is None or needed is None or model is None:
        return None
    holds = model.holds(built.capacity_value)
    if holds >= needed:
        return None
    wanted = (
        f"{human_count(needed)} with headroom" if needed != expected.entries else f"{human_count(needed)}"
    )
    grows = f"grows at entry {human_count(holds + 1)}"
    return f"has room for {human_count(holds)} entries and {grows}, but {wanted} are expected"


def _symbolic(expected: Expectation) -> str | None:
    """The capacity is the expected expression itself, without its headroom."""
    built, said = expected.built, expected.said
    if built.capacity is None or said.headroom == 1:
        return None
    capacity = built.file.text(*built.capacity.span)
    if "".join(capacity.split()) != "".join((said.expression or "").split()):
        return None
    headroom = f"{float(said.headroom):g}"
    return f"has room for `{capacity}` entries, without the headroom of {headroom} that is asked for"


def _suggestion(expected: Expectation) -> Suggestion | None:
    if expected.built.file.language.name == "python":
        return (
            Suggestion(f"bytearray({expected.said.needed:_})") if expected.said.needed is not None else None
        )
    return expected.suggestion()
