"""
An alloclint comment cannot be read, so what it says is not known.

`expect=58.7 M` looks like a number to its author and like nothing to the linter: the collection stays
unchecked, and nobody notices. The finding stands at the character where the reading stopped.

Write `alloclint: expect=58.7M headroom=3 growth=2.5M/day entry=32B`, `hot`, `cold` or `no-alloc`.

With the setting `require-reason`, a suppression that does not say why is such a comment, too: whoever
finds it later cannot know whether it still holds. Write `alloclint: ignore[ALC101] -- three at most`,
with one hyphen in XML, where a comment must not hold two, and `// -- three at most` behind
`@SuppressWarnings`. It has no rule of its own, because what is wrong is the comment; what it hides stays
hidden.

```rust
struct Index {
    // alloclint: expect=12Q
    keys: HashMap<u64, u64>,
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
    // alloclint: expect=12Q
    private Map<Long, Long> keys;
}
```

```java
class Index {
    // alloclint: expect=12M
    private Map<Long, Long> keys;
}
```

```python
keys = {}  # alloclint: expect=12Q
```

```python
keys = {}  # alloclint: expect=12M
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.file import File
from alloclint.finding import Finding, Severity

CODE = "ALC902"
SEVERITY = Severity.error
LANGUAGES = ("rust", "java", "python")


def check(file: File) -> Iterator[Finding]:
    for problem in file.facts.annotation_problems:
        if problem.kind == "bad":
            yield Finding(file.place(problem.start, problem.end), problem.message)
