"""
A collection that will be large is built without a capacity.

Somebody wrote down, or measured, how many entries it will hold. Built empty, it doubles all the way up, and
its last doublings are the expensive ones: the new block is allocated while the old one is alive, everything
is moved, and the threads that need memory wait. Write the capacity where it is built.

The expectation comes from a comment (`alloclint: expect=58.7M headroom=3`), a native annotation or
`cardinalities.toml`, on the variable, the field, the parameter or the type. Python cannot presize a dict, a
list or a set; the finding then says what the growth costs and what else can be done.

```rust
use std::collections::HashMap;

fn index() -> HashMap<u64, u64> {
    // alloclint: expect=2M headroom=1.5
    let index = HashMap::new();
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
    private final Map<Long, Long> index = new HashMap<>();
}
```

```java
import java.util.*;

class Index {
    @ExpectedSize(2_000_000)
    private final Map<Long, Long> index = new HashMap<>(2_666_667);
}
```

```python
# alloclint: expect=2M
index = {}
```

```python
# alloclint: expect=200
index = {}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.cardinality import is_operand
from alloclint.facts import Construction
from alloclint.facts.building.evidence import saving_of
from alloclint.facts.building.expectations import Expectation, expected_of
from alloclint.finding import Confidence, Finding, Severity, Suggestion

CODE = "ALC102"
SEVERITY = Severity.error
LANGUAGES = ("rust", "java", "python")

#: What to do instead in a language that cannot presize, by the kind of collection.
_IN_PYTHON = {
    "map": "no dict can be presized: build it at once with a comprehension or `dict(zip(…))`, shard it, "
    "or keep it in a columnar store",
    "set": "no set can be presized: build it at once from its source, shard it, "
    "or keep sorted ids in an `array`",
    "list": "write `[None] * {factor}` and assign by index, or use `array` or a columnar store",
    "string": "write `bytearray({n})` and fill it by index",
}


def check(built: Construction) -> Iterator[Finding]:
    expected = expected_of(built)
    if expected is None or not built.empty or not _is_large(expected):
        return
    suggestion = _suggestion(expected)
    if suggestion is None:
        return
    heat = built.file.facts.heat(built)
    yield Finding(
        built.file.place(*built.span),
        f"`{_name(built)}` will hold {expected.in_words()} but is built without a capacity",
        Confidence.at_most if expected.said.maximum else Confidence.exact,
        expected.evidence(expected.forecast()),
        suggestion,
        expected.place(),
        saving_of(built, expected.entries) if built.file.language.name != "python" else None,
        expected=expected.entries,
        heat=heat.hot,
    )


def _name(built: Construction) -> str:
    return built.name or built.collection.name


def _is_large(expected: Expectation) -> bool:
    if expected.said.maximum:
        return False
    entries = expected.entries
    return (
        expected.said.expression is not None
        if entries is None
        else entries >= expected.built.file.limits.large_entries
    )


def _suggestion(expected: Expectation) -> Suggestion | None:
    if expected.built.file.language.name != "python":
        return expected.suggestion()
    needed = expected.said.needed
    n = f"{needed:_}" if needed is not None else str(expected.said.expression_needed)
    factor = n if is_operand(n) else f"({n})"
    text = _IN_PYTHON.get(expected.built.collection.kind)
    return Suggestion(text.format(n=n, factor=factor)) if text is not None else None
