"""
An owned copy is made only to look something up, or to compare it.

A map of Strings can be asked with a `&str`: `map.get(&word.to_string())` allocates at each look-up and takes
28 ns instead of 13. `map.entry(key.clone())` drops the copy wherever the key is there already (30 ns instead
of 13). `a.to_lowercase() == b.to_lowercase()` makes two Strings (29 ns), `eq_ignore_ascii_case` none (6 ns),
and Java's `a.toLowerCase().equals(b.toLowerCase())` takes 19 ns and 72 bytes where `equalsIgnoreCase` takes
7 ns. In Python `key in list(d.keys())` copies 1,000 keys and searches them one by one: 3.4 µs instead of 19
ns.

`eq_ignore_ascii_case` knows no letters beyond ASCII, and `equalsIgnoreCase` no locale: a Turkish
`toLowerCase()` makes another letter of an I. Where the text may be neither, leave it as it is.

Silent where no look-up without a copy exists: keys that have to be formatted, pairs, `a.lower() ==
b.lower()` in Python; and for views, which copy nothing (`key in d.keys()`).

```rust
use std::collections::HashMap;

fn count(counts: &HashMap<String, u32>, word: &str) -> u32 {
    counts.get(&word.to_string()).copied().unwrap_or(0)
}
```

```rust
use std::collections::HashMap;

fn count(counts: &HashMap<String, u32>, word: &str) -> u32 {
    counts.get(word).copied().unwrap_or(0)
}
```

```java
class Names {
    boolean same(String one, String other) {
        return one.toLowerCase().equals(other.toLowerCase());
    }
}
```

```java
class Names {
    boolean same(String one, String other) {
        return one.equalsIgnoreCase(other);
    }
}
```

```python
def has(known: dict[str, int], name: str) -> bool:
    return name in list(known.keys())
```

```python
def has(known: dict[str, int], name: str) -> bool:
    return name in known
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.often.repetition import is_in_handler
from alloclint.facts.temporaries.copies import repeated
from alloclint.facts.temporaries.lookups import Lookup, lookup_of
from alloclint.finding import Applicability, Confidence, Finding, Severity, Suggestion

CODE = "ALC214"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": (
        "clone",
        "to_string",
        "to_owned",
        "to_vec",
        "to_path_buf",
        "to_lowercase",
        "to_uppercase",
        "to_ascii_lowercase",
        "to_ascii_uppercase",
    ),
    "java": (
        "toLowerCase",
        "toUpperCase",
        "String",
        "ArrayList",
        "HashSet",
        "LinkedList",
        "LinkedHashSet",
        "TreeSet",
    ),
    "python": ("list", "tuple", "set", "frozenset", "dict", "copy"),
}
_MESSAGES = {
    "lookup": "a copy of the key is made only to look it up",
    "text": "the text of the key is made only to look it up",
    "entry": "the key is copied at each look-up, and dropped wherever it is there already",
    "comparison": "a copy is made only to be compared",
    "question": "a copy is made only to be asked one question",
    "case": "text is folded to one case only to be compared",
}
_EVIDENCE = {
    ("rust", "lookup"): "the borrowed form finds the same entry: 13 ns instead of 28",
    ("rust", "text"): "a String is allocated at each look-up: 28 ns instead of 13",
    ("rust", "entry"): "for a key that is there 30 ns instead of 13",
    ("rust", "case"): "two Strings for each comparison: 29 ns instead of 6",
    ("java", "case"): "72 bytes for each comparison: 19 ns instead of 7",
    ("python", "question"): "copying 1,000 keys and searching them takes 3.4 µs, asking a dict 19 ns",
}


def check(call: Call) -> Iterator[Finding]:
    found = lookup_of(call)
    # What a loop copies again and again is said more loudly elsewhere.
    if found is not None and not is_in_handler(call.event) and repeated(call) is None:
        yield _finding(call, found)


def _finding(call: Call, found: Lookup) -> Finding:
    heat, language = call.file.facts.heat(call), call.file.language.name
    sure = found.exact and found.kind not in ("entry", "text")
    return Finding(
        call.file.place(found.start, found.end),
        _MESSAGES[found.kind],
        Confidence.exact if sure else Confidence.advice,
        _EVIDENCE.get((language, found.kind), "the original gives the same answer, and nothing is allocated"),
        Suggestion(
            found.text, None, Applicability.unsafe if found.edits else Applicability.display, found.edits
        ),
        heat=(heat.hot or heat.often) if sure else None,
        cold=heat.cold,
        also=_peers(call, found),
    )


def _peers(call: Call, found: Lookup) -> tuple[str, ...]:
    language = call.file.language.name
    if found.kind == "case":
        if language == "rust":
            return ("clippy manual_ignore_case_cmp",) if found.exact else ()
        return ("sonar S1157",) if not call.args else ()
    text = call.name in ("to_string", "to_owned") and language == "rust"
    return ("clippy cmp_owned",) if found.kind == "comparison" and text else ()
