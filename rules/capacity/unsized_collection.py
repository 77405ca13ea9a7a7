"""
A collection is built empty and then filled by a loop of known length.

A growing collection doubles again and again on the way: each step allocates a new block and copies or
rehashes all that is there. Where the loop says how many entries will come, ask for them at once: one
allocation, no copies, and no room left over.

The number is exact wherever the collection survives the loop. It is only an upper bound, and then only
`info`, when an entry may be skipped, when the loop may end early, or when keys of a map or set may repeat.
Tiny constant sizes are silent: below them nothing is saved.

It is `info`, too, where room saves next to nothing: in code that runs once, for a person or only on a failing
way, for what there is a handful of by its name (arguments, columns, replicas, plugins), for keys that are
constants of an enum, beside a file, a process, a request or a line of a log at each turn. Where few turns
add, by the look of the test, a new empty collection is right.

```rust
fn names(users: &[User]) -> Vec<String> {
    let mut names = Vec::new();
    for user in users {
        names.push(user.name.clone());
    }
    names
}
```

```rust
fn names(users: &[User]) -> Vec<String> {
    let mut names = Vec::with_capacity(users.len());
    for user in users {
        names.push(user.name.clone());
    }
    names
}
```

```java
import java.util.*;

class Names {
    List<String> of(List<User> users) {
        List<String> names = new ArrayList<>();
        for (User user : users) {
            names.add(user.name());
        }
        return names;
    }
}
```

```java
import java.util.*;

class Names {
    List<String> of(List<User> users) {
        List<String> names = new ArrayList<>(users.size());
        for (User user : users) {
            names.add(user.name());
        }
        return names;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Construction
from alloclint.facts.building.evidence import confidence_of, unsized
from alloclint.facts.building.sequences import repeated_push
from alloclint.facts.building.waste import adds_rarely
from alloclint.finding import Confidence, Finding, Severity

CODE = "ALC101"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java")


def check(built: Construction) -> Iterator[Finding]:
    if not built.empty or built.cardinality is not None or not built.fill.loops:
        return
    fill, confidence = built.fill, confidence_of(built.fill)
    if fill.size is None or _is_tiny(built) or _is_for_another_rule(built, confidence):
        return
    if confidence is not Confidence.exact and adds_rarely(built):
        return
    yield from unsized(built, "filled in a loop of known length", fill.size, confidence)


def _is_tiny(built: Construction) -> bool:
    constant = (
        built.function.trips.integers.known_value(built.fill.size) if built.fill.size is not None else None
    )
    return constant is not None and constant < max(built.file.limits.min_constant, built.collection.least + 1)


def _is_for_another_rule(built: Construction, confidence: Confidence) -> bool:
    """
    Text of uncertain length is unsized-string-builder's, one constant repeated is slow-initialization's.
    """
    if built.collection.kind == "string":
        return confidence is not Confidence.exact
    return built.file.language.name == "rust" and repeated_push(built) is not None
