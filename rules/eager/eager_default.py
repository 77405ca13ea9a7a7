"""
A default is made although it is hardly ever needed.

An argument is evaluated before the call is made. `unwrap_or(format!(…))` formats and allocates for each
value that is there, then throws the text away; `orElse(String.format(…))` takes 304 bytes where
`orElseGet` takes none; `or_insert(Vec::with_capacity(8))` takes 72 bytes for each entry of a map that
has the key, against 8; `putIfAbsent(k, new ArrayList<>())` takes 24 bytes for nothing.

Use the method that takes a function: `unwrap_or_else`, `ok_or_else`, `or_insert_with`, `orElseGet`,
`computeIfAbsent`. Python's mappings have none: ask with `in` first, or use a `defaultdict`.

Only defaults that are known to allocate are reported: no constants, getters, empty collections, boxed
numbers, and none that may act or fail, which would do so at another time. One copy, or one small object, is
`info` where nothing says that the code runs often. Silent is what runs once, and what is on its way to fail.

```rust
fn title(found: Option<String>, number: usize) -> String {
    found.unwrap_or(format!("Chapter {number}"))
}
```

```rust
fn title(found: Option<String>, number: usize) -> String {
    found.unwrap_or_else(|| format!("Chapter {number}"))
}
```

```java
import java.util.Optional;

class Titles {
    String title(Optional<String> found, int number) {
        return found.orElse(String.format("Chapter %d", number));
    }
}
```

```java
import java.util.Optional;

class Titles {
    String title(Optional<String> found, int number) {
        return found.orElseGet(() -> String.format("Chapter %d", number));
    }
}
```

```python
import json

def settings(names, stored: dict[str, dict], fallback):
    for name in names:
        yield stored.get(name, json.loads(fallback))
```

```python
import json

def settings(names, stored: dict[str, dict], fallback):
    for name in names:
        yield stored[name] if name in stored else json.loads(fallback)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.eager.eagerness import Eager, eager_part, is_fixed
from alloclint.facts.eager.fallbacks import Fallback, fallback_of, is_from_environment, is_usually_new
from alloclint.facts.eager.lazily import lazily
from alloclint.facts.often.dwarfed import dwarfed_at
from alloclint.facts.often.recurring import recurs
from alloclint.finding import Confidence, Finding, Severity

CODE = "ALC401"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("unwrap_or", "map_or", "ok_or", "or_insert", "get_or_insert", "or"),
    "java": ("orElse", "putIfAbsent", "getOrDefault"),
    "python": ("get", "setdefault", "pop", "getattr"),
}


def check(call: Call) -> Iterator[Finding]:
    fallback = fallback_of(call)
    eager = eager_part(fallback.value, call) if fallback is not None else None
    suggestion = lazily(fallback) if fallback is not None and eager is not None else None
    if fallback is None or eager is None or suggestion is None:
        return
    why, heat = recurs(call), call.file.facts.heat(call)
    if why is None and (_is_little(eager, call) or (heat.cold is not None and heat.place is None)):
        return
    yield Finding(
        call.file.place(call.node.name_start, call.node.end),
        f"the default of `{call.name}` makes {eager.makes} at each call, whether or not it is needed",
        _confidence(fallback, eager, why),
        why or f"`{_short(call.text(eager.node))}` is evaluated before `{call.name}` is called",
        suggestion,
        heat=heat.hot,
        cold=heat.cold or dwarfed_at(call.event, call.function),
    )


def _is_little(eager: Eager, call: Call) -> bool:
    """Whether it costs next to nothing as long as nothing says that it is made often."""
    language = call.file.language.name
    return (language == "python" and not eager.heavy) or (language == "java" and eager.slight)


def _confidence(fallback: Fallback, eager: Eager, why: str | None) -> Confidence:
    """What is made for sure, and often or at some cost."""
    call = fallback.call
    if call.file.language.name == "python":
        is_new = call.loop is None and is_usually_new(fallback)
        return Confidence.exact if eager.heavy and why is not None and not is_new else Confidence.advice
    if is_from_environment(fallback) or not (eager.heavy or why is not None):
        return Confidence.advice
    if call.name == "putIfAbsent" and (is_fixed(call.args[0], call) or call.loop is None):
        return Confidence.advice
    hedged = not fallback.parameters and not eager.heavy
    if call.file.language.name == "rust" and (is_usually_new(fallback) or hedged):
        return Confidence.advice
    # What is only looked at, a just-in-time compiler may never allocate; what is put back, it must.
    at_hand = eager.slight and call.name == "getOrDefault" and not fallback.lazy
    once = eager.slight and call.loop is None and call.file.language.name == "java"
    return Confidence.advice if at_hand or once else Confidence.exact


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"
