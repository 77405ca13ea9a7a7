"""
A collection is made only to count, search or go through it once.

What it is made from can answer that itself, without memory for the elements in between. In Rust
`line.split(',').collect::<Vec<_>>()[2]` takes 192 bytes and 69 ns, `line.split(',').nth(2)` nothing and 9
ns. In Java `filter(p).collect(toList()).size()` takes 7 kB and 2.4 µs for 1,000 elements,
`filter(p).count()` 200 bytes and 0.3 µs. In Python `sorted(x)[0]` takes twice as long as `min(x)`, and
`any([…])` goes through everything before it looks at the first element; `list(x)[0]` copies all for one.

Silent where the collection has a reason: it is used more than once or in a loop, what it was made from
changes before it is used, closures have effects, its type decides what the closures return, duplicates are
removed. Python's `sum`, `join`, `max`, `min`, `sorted` and `len` of a list are silent: a generator is
slower. So are `sorted(x, key=k)[-1]`, which is the last of several that are equal and not the first, and
`list(x)[0]` where an IndexError may be caught.

```rust
fn third(line: &str) -> &str {
    line.split(',').collect::<Vec<_>>()[2]
}
```

```rust
fn third(line: &str) -> &str {
    line.split(',').nth(2).unwrap()
}
```

```java
import java.util.List;
import java.util.stream.Collectors;

class Words {
    int empty(List<String> words) {
        return words.stream().filter(String::isEmpty).collect(Collectors.toList()).size();
    }
}
```

```java
import java.util.List;

class Words {
    int empty(List<String> words) {
        return (int) words.stream().filter(String::isEmpty).count();
    }
}
```

```python
def cheapest(prices):
    return sorted(prices)[0]
```

```python
def cheapest(prices):
    return min(prices)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call, Function
from alloclint.facts.temporaries.collected import needless_collect
from alloclint.facts.temporaries.gathered import needless_gathering
from alloclint.facts.temporaries.listed import needless_lists
from alloclint.facts.temporaries.needless import Needless
from alloclint.finding import Applicability, Confidence, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC204"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("collect",),
    "java": ("collect", "toList", "new ArrayList<>(", "new HashSet<>("),
    "python": ("sorted(", "list(", "tuple(", "any([", "all([", "readlines", " in ["),
}
_PEERS = {"sorted": "ruff FURB192", "first": "ruff RUF015", "any": "ruff C419", "lines": "ruff FURB129"}


def check(function: Function) -> Iterator[Finding]:
    for found in _found(function):
        yield _finding(function, found)


def _found(function: Function) -> Iterator[Needless]:
    if function.file.language.name == "python":
        yield from needless_lists(function)
        return
    judge = needless_collect if function.file.language.name == "rust" else needless_gathering
    for event in function.trace.calls:
        found = judge(Call(function, event)) if isinstance(event.node, m.Call) else None
        if found is not None:
            yield found


def _finding(function: Function, found: Needless) -> Finding:
    heat = function.file.facts.heat(function)
    applicability = Applicability.unsafe if found.edits else Applicability.display
    return Finding(
        function.file.place(*found.span),
        f"a collection is made only {found.what}",
        Confidence.advice,
        found.cost,
        Suggestion(found.text, None, applicability, found.edits),
        heat=heat.hot,
        cold=heat.cold,
        also=(_PEERS[found.form],) if found.form is not None else (),
    )
