"""
A suppression names a rule that does not exist.

It hides nothing, although its author believed it did.

Write the code (`ALC101`), the name (`unsized-collection`), a family (`capacity`) or a prefix (`ALC1`).

```rust
fn count(keys: &[u64]) -> usize {
    keys.len() // alloclint: ignore[unsized-colection]
}
```

```rust
fn count(keys: &[u64]) -> usize {
    keys.len()
}
```

```java
class Index {
    @SuppressWarnings("alloclint.ALC999")
    int size() { return 1; }
}
```

```java
class Index {
    @SuppressWarnings("unchecked")
    int size() { return 1; }
}
```

```python
size = len(keys)  # noqa: ALC999
```

```python
size = len(keys)  # noqa: E999
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.suppress import Suppressions

CODE = "ALC905"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
MANIFESTS = True


def check(suppressions: Suppressions) -> Iterator[Finding]:
    for entry in suppressions.entries:
        for selector in entry.selectors:
            if not selector.known:
                near = Suggestion(f"`{selector.nearest}`") if selector.nearest else None
                yield Finding(selector.place, f"there is no rule `{selector.text}`", suggestion=near)
