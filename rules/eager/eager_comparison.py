"""
A comparison makes what it compares anew each time.

A sort of 1,000 elements compares about 10,000 times. `sort_by_key(|w| w.to_lowercase())` allocates 21 times
for each element, `sort_by_cached_key` once: 59 ns instead of 347 for each element. A comparator that asks
both sides for `toString()` does the same, and so does Python's `cmp_to_key`. Guava's `ComparisonChain`
evaluates the arguments of all its `compare` calls, also where the first one has decided.

Rust: a key that is only a copy of a field is compared as a reference, any other is made once per element by
`sort_by_cached_key`. Java: compare the members that make up the text, use `compareToIgnoreCase`, or
sort pairs of a key and an element. Python: `key=` makes each key once, which is why it is left alone outside
of loops; in a loop over a list that stays, it makes all of them again at each turn.

`info` for a Java sort of which nothing says that it is called often. Silent: keys that are only read,
copied numbers and counted pointers, `max_by_key` and `min_by_key`, which ask once per element.

```rust
fn sort(names: &mut Vec<String>) {
    names.sort_by_key(|name| name.to_lowercase());
}
```

```rust
fn sort(names: &mut Vec<String>) {
    names.sort_by_cached_key(|name| name.to_lowercase());
}
```

```java
import com.google.common.collect.ComparisonChain;

class Shard implements Comparable<Shard> {
    int number;
    Object owner;

    public int compareTo(Shard other) {
        return ComparisonChain.start()
            .compare(number, other.number)
            .compare(owner.toString(), other.owner.toString())
            .result();
    }
}
```

```java
import com.google.common.collect.ComparisonChain;

class Shard implements Comparable<Shard> {
    int number;
    String ownerName;

    public int compareTo(Shard other) {
        return ComparisonChain.start()
            .compare(number, other.number)
            .compare(ownerName, other.ownerName)
            .result();
    }
}
```

```python
from functools import cmp_to_key

def order(shards):
    return sorted(shards, key=cmp_to_key(lambda a, b: (str(a) > str(b)) - (str(a) < str(b))))
```

```python
def order(shards):
    return sorted(shards, key=str)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.eager.comparing import Compared, compared
from alloclint.facts.eager.decorated import decorated
from alloclint.facts.often.recurring import recurs
from alloclint.finding import Confidence, Finding, Severity

CODE = "ALC403"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": (
        "sort_by_key",
        "sort_unstable_by_key",
        "select_nth_unstable_by_key",
        "sort_by",
        "sort_unstable_by",
    ),
    "java": ("comparing", "thenComparing", "compare", "compareTo", "compareToIgnoreCase"),
    "python": ("cmp_to_key", "sorted", "sort", "nsmallest", "nlargest"),
}


def check(call: Call) -> Iterator[Finding]:
    found = compared(call)
    if found is None:
        return
    heat = call.file.facts.heat(call)
    is_once = heat.cold is not None and heat.place is None and not _is_kept(call)
    if is_once and recurs(call) is None:
        return
    yield Finding(
        call.file.place(call.node.name_start, call.node.end),
        _message(found),
        _confidence(found),
        "sorting n elements takes about n log n comparisons; each makes its keys again",
        decorated(found),
        heat=heat.hot,
        cold=heat.cold if not _is_kept(call) else None,
    )


def _confidence(found: Compared) -> Confidence:
    """
    Java has no sort that keeps its keys: whoever rewrites one wants to know that it is often used, as one
    that is a constant, or is a comparator itself.
    """
    call = found.call
    if not found.known or _is_per_turn(found):
        return Confidence.advice
    is_used = call.file.language.name != "java" or _is_kept(call) or recurs(call) is not None
    return Confidence.exact if is_used else Confidence.advice


def _is_kept(call: Call) -> bool:
    """Whether it is a field that is made: a comparator made once compares for as long as it is there."""
    return call.file.facts.modifiers_of_initialiser(call.function.declaration) is not None


def _message(found: Compared) -> str:
    if _is_per_turn(found):
        return f"the keys of what stays in the loop make {found.eager.makes} again at each turn"
    who = "the key" if found.key is not None else f"each side of `{found.call.name}`"
    return f"{who} makes {found.eager.makes} at each comparison"


def _is_per_turn(found: Compared) -> bool:
    return found.call.file.language.name == "python" and found.key is not None
