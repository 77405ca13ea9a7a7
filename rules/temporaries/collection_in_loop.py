"""
A collection is built anew at each turn of a nested or hot loop.

It is filled, read and dropped, so each turn allocates, grows and frees: 224 bytes and 43 ns for a `Vec` of 16
numbers, where one that is built before the loop and cleared at each turn takes nothing and 8 ns. A
`StringBuilder` is 56 bytes a turn, and none after `setLength(0)`.

Build it once before the loop and start each turn by `clear()`. What is returned, stored, moved or given to
someone who may keep it is silent, and so is what is only filled under a condition: an empty collection has
allocated nothing in Rust. In Java `clear()` on a `HashMap` walks through the whole table, so one turn with
very many entries makes all later ones slower. Python gives the memory back on `clear()`: for lists and dicts
that is as slow as new ones, within a few percent, so it is silent there.

```rust
fn longest(rows: &[Vec<u32>]) -> usize {
    let mut longest = 0;
    for round in 0..100 {
        for row in rows {
            let mut sums: Vec<u32> = Vec::new();
            for cell in row {
                sums.push(cell + round);
            }
            longest = longest.max(sums.iter().filter(|sum| **sum > 9).count());
        }
    }
    longest
}
```

```rust
fn longest(rows: &[Vec<u32>]) -> usize {
    let mut longest = 0;
    let mut sums: Vec<u32> = Vec::new();
    for round in 0..100 {
        for row in rows {
            sums.clear();
            for cell in row {
                sums.push(cell + round);
            }
            longest = longest.max(sums.iter().filter(|sum| **sum > 9).count());
        }
    }
    longest
}
```

```java
import java.util.List;

class Keys {
    int print(List<List<String>> rows) {
        int length = 0;
        for (List<String> row : rows) {
            for (String cell : row) {
                StringBuilder key = new StringBuilder();
                key.append(cell).append('=').append(length);
                length += key.length();
            }
        }
        return length;
    }
}
```

```java
import java.util.List;

class Keys {
    int print(List<List<String>> rows) {
        int length = 0;
        StringBuilder key = new StringBuilder();
        for (List<String> row : rows) {
            for (String cell : row) {
                key.setLength(0);
                key.append(cell).append('=').append(length);
                length += key.length();
            }
        }
        return length;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Construction
from alloclint.facts.temporaries.refilled import Refilled, refilled
from alloclint.finding import Applicability, Confidence, Finding, Severity, Suggestion

CODE = "ALC201"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java")


def check(built: Construction) -> Iterator[Finding]:
    found = refilled(built) if built.file.language.name in LANGUAGES else None
    if found is None:
        return
    heat = built.file.facts.heat(found.site)
    reason = heat.hot or heat.often or ("it is in nested loops" if len(found.site.loops) > 1 else None)
    if reason is not None and heat.cold is None:
        yield _finding(found, reason, heat.hot)


def _finding(found: Refilled, reason: str, hot: str | None) -> Finding:
    file, loop, built = found.built.file, found.loop.node, found.built
    edits = found.edits
    return Finding(
        file.place(*built.span),
        f"`{found.name}` is built, filled and dropped at each turn",
        Confidence.advice,
        f"each turn allocates anew; {reason}",
        Suggestion(
            f"`{found.declaration}` before the loop and `{found.clearing}` here",
            None,
            Applicability.unsafe if edits else Applicability.display,
            edits,
        ),
        (file.place(loop.start, loop.start, "at each turn of this loop"),),
        heat=hot,
    )
