"""
A collection is built empty only to be given what others hold.

Java: `addAll` on an empty `ArrayList` copies twice, into an array for the call and from there into the list.
That is 8 kB for 1,000 references, where the copy constructor of an `ArrayList` takes 4 kB. `HashSet.addAll`
grows step by step, 48 kB instead of 40; the copy constructor asks for room first. `HashMap.putAll` does that
itself and is left alone. A copy of a list has no room for what is added behind: there, the sum is meant.
`collect(Collectors.toList())` grows as well; `toList()` of Java 16 fills an exact array if the stream knows
its length, but its list cannot be changed: `info`, and only where the list is a local that is only read.

Rust: several bulk adds in a row move what the first one brought; the sum of their lengths is known before. A
single `extend` allocates once anyway: `collect` only says so in fewer words. The same holds for Python, where
`list(x)` is neither smaller nor measurably faster than an empty list and `extend`. Both are `info`.

```rust
fn frame(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.extend_from_slice(head);
    frame.extend_from_slice(body);
    frame
}
```

```rust
fn frame(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(head.len() + body.len());
    frame.extend_from_slice(head);
    frame.extend_from_slice(body);
    frame
}
```

```java
import java.util.*;

class Names {
    List<String> sorted(List<String> names) {
        List<String> sorted = new ArrayList<>();
        sorted.addAll(names);
        Collections.sort(sorted);
        return sorted;
    }
}
```

```java
import java.util.*;

class Names {
    List<String> sorted(List<String> names) {
        List<String> sorted = new ArrayList<>(names);
        Collections.sort(sorted);
        return sorted;
    }
}
```

```python
def names(users):
    found = []
    found.extend(users)
    return found
```

```python
def names(users):
    found = list(users)
    return found
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Construction
from alloclint.facts.building.bulk import (
    Copy,
    collected_to_read,
    copy_of,
    grows_on,
    is_added_to,
    is_joined,
)
from alloclint.facts.building.copying import copied_in_java, copied_in_python, copied_in_rust
from alloclint.facts.building.evidence import unsized
from alloclint.facts.sizes.byname import few_in
from alloclint.file import File
from alloclint.finding import Confidence, Finding, Severity, Suggestion
from alloclint.size import Bound
from alloclint.syntax import model as m

CODE = "ALC111"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
_WRITERS = {"rust": copied_in_rust, "java": copied_in_java, "python": copied_in_python}


def check(file: File) -> Iterator[Finding]:
    for built in file.facts.constructions:
        is_sum = _is_joined_list(built) or _is_known_sum(built)
        yield from _joined(built) if is_sum else _copied(built)
    if file.language.name == "java" and (file.limits.java_release or 0) >= 16:
        yield from _collected(file)


def _is_joined_list(built: Construction) -> bool:
    is_list = built.collection.kind in ("list", "deque", "heap")
    return is_list and built.file.language.name != "python" and is_joined(built)


def _is_known_sum(built: Construction) -> bool:
    """Java: a list that gets another and a few entries behind it, so that the sum is known."""
    fill = built.fill
    return is_added_to(built) and fill.bound is Bound.exact and fill.size is not None


def _joined(built: Construction) -> Iterator[Finding]:
    """Several others, or another and more entries, one after the other."""
    size = built.fill.size
    least = max(built.file.limits.min_constant, built.collection.least + 1)
    if size is None or (size.constant is not None and size.constant < least):
        return
    what = "another and more entries" if _is_known_sum(built) else "several others"
    yield from unsized(built, f"gets {what} one after the other", size, Confidence.exact)


def _copied(built: Construction) -> Iterator[Finding]:
    copy = copy_of(built)
    written = _WRITERS[built.file.language.name](copy) if copy is not None and not copy.is_tiny else None
    if copy is not None and written is not None:
        # An exact copy has no room for what is added behind it.
        confidence = Confidence.advice if grows_on(copy) else written.confidence
        yield _finding(copy, confidence, written.evidence, written.suggestion)


def _finding(copy: Copy, confidence: Confidence, evidence: str, suggestion: Suggestion) -> Finding:
    built, file = copy.built, copy.built.file
    heat = file.facts.heat(built)
    drained = built.collection.name == "Vec" and copy.step.call.last == "extend" and _is_drained(copy)
    return Finding(
        file.place(*built.span),
        f"`{built.name}` is built empty, then filled from `{copy.text}` at once",
        confidence,
        evidence,
        suggestion,
        (file.place(*copy.step.call.span, "filled here"),),
        heat=heat.hot if confidence is Confidence.exact else None,
        cold=heat.cold or few_in(copy.source),
        also=("clippy extend_with_drain",) if drained else (),
    )


def _is_drained(copy: Copy) -> bool:
    """Rust: whether all of a `Vec` is drained, by `..` alone."""
    source, built = copy.source, copy.built
    if not isinstance(source, m.Call) or source.last != "drain" or len(source.args) != 1:
        return False
    drained, types, event = source.args[0], built.file.facts.types, built.event
    of = types.known(types.of(source.receiver, built.function.trace, event.scope, event.order))
    is_all = isinstance(drained, m.Range) and drained.low is None and drained.high is None
    return of == "Vec" and is_all


def _collected(file: File) -> Iterator[Finding]:
    for function in file.facts.functions:
        for found in collected_to_read(function):
            yield Finding(
                file.place(found.call.name_start, found.call.end),
                f"`{found.name}` is collected into a list that grows, and is only read",
                Confidence.advice,
                "a stream of known length fills an exact array: 4 kB for 1,000 elements, not 15 kB",
                Suggestion("`toList()`, whose list cannot be changed"),
                also=("sonar S6204",) if found.asked and found.same else (),
            )
