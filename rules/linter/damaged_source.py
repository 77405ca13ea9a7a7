"""
Part of a file has syntax errors and was not checked.

Whatever stands in a damaged stretch is invisible to the linter: a clean report says nothing about it. The
rest of the file is checked as usual. Newer syntax than the linter knows shows up here too. Manifests, such as
Cargo.toml or a Dockerfile, are reported alike.

Repair the source, or leave the file out with `extend-exclude`.

```rust
fn fill(values: &mut Vec<u8>) {
    values.push(1 +);
}
```

```rust
fn fill(values: &mut Vec<u8>) {
    values.push(1);
}
```

```java
class Index {
    List<String> names( { return new ArrayList<>(); }
}
```

```java
class Index {
    List<String> names() { return new ArrayList<>(); }
}
```

```python
def squares()
    return []
```

```python
def squares():
    return []
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.file import File
from alloclint.finding import Finding, Severity

CODE = "ALC901"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
MANIFESTS = True


def check(file: File) -> Iterator[Finding]:
    # One note per file: a missing bracket damages what follows in pieces, which nobody wants to read one by
    # one.
    if not file.damaged:
        return
    (start, end), *others = sorted(file.damaged)
    rest = f", and {len(others)} more in this file" if others else ""
    told = (place.text for place in file.damage if place.text and place.start.offset == start)
    reason = next(told, "this cannot be parsed")
    yield Finding(file.place(start, end), f"{reason}{rest}; it was not checked")
