"""
An alloclint comment stands where it says nothing about any code.

An expected size belongs to a collection, heat to a function, a loop or a type. A comment that was left
behind when the code moved looks like a promise and is none.

Put it on the line of the declaration, field or statement, or on a line of its own just before.

```rust
// alloclint: expect=12M
fn size(keys: &[u64]) -> usize {
    keys.len()
}
```

```rust
struct Index {
    // alloclint: expect=12M
    keys: HashMap<u64, u64>,
}
```

```java
class Index {
    // alloclint: expect=12M
    int size() {
        return 1;
    }
}
```

```java
class Index {
    // alloclint: expect=12M
    private Map<Long, Long> keys;
}
```

```python
# alloclint: expect=12M
def size(keys):
    return len(keys)
```

```python
keys = {}  # alloclint: expect=12M
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.file import File
from alloclint.finding import Finding, Severity

CODE = "ALC903"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")


def check(file: File) -> Iterator[Finding]:
    for problem in file.facts.annotation_problems:
        if problem.kind == "unused":
            yield Finding(file.place(problem.start, problem.end), problem.message)
