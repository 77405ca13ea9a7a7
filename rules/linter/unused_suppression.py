"""
A suppression hides nothing: what it was written for is gone.

It would hide the next mistake on that line, and readers take it for a known problem. One that names a rule
which was not part of this run is left alone, and so is a `# noqa` without a list, which may be meant for
other linters.

Remove it, or take the superfluous rule out of the list.

```rust
fn count(keys: &[u64]) -> usize {
    keys.len() // alloclint: ignore[damaged-source]
}
```

```rust
fn count(keys: &[u64]) -> usize {
    keys.len()
}
```

```java
class Index {
    @SuppressWarnings("alloclint.damaged-source")
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
size = len(keys)  # noqa: ALC901
```

```python
size = len(keys)  # noqa: E501
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.suppress import Suppressions

CODE = "ALC904"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
MANIFESTS = True


def check(suppressions: Suppressions) -> Iterator[Finding]:
    for entry in suppressions.entries:
        if not entry.selectors and not entry.used and entry.judged and entry.form != "noqa":
            yield Finding(entry.place, "this hides nothing", suggestion=Suggestion("remove it"))
        for selector in entry.selectors:
            if selector.known and selector.judged and not selector.used:
                yield Finding(
                    selector.place,
                    f"`{selector.text}` has nothing to hide here",
                    suggestion=Suggestion(f"remove `{selector.text}`"),
                )
