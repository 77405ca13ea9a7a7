"""
Interning values that keep coming fills a table that nobody empties.

An interner saves memory while the values are few and repeat. Fed with what requests, files or tokens bring,
it is a cache without a bound: the table grows with each new value, and each look-up goes through it.

Java: `String.intern()` puts the string into a native table outside of the heap, which is swept only when
garbage is collected, and each call pays for a look-up there. Guava's strong interner never
forgets. Python: `sys.intern` frees strings that nobody uses, except in CPython 3.12, where each one stays for
good (measured with 3.12.1: 97 bytes a string); where only 3.13 and later are supported it is `info`.
Rust: what `leak` gives away for a `'static` borrow is never freed.

Keep what is worth sharing in a cache with a bound. Of constants, in static initialisers, where the box is
only turned into a raw pointer, in functions whose results are cached, and where nothing tells that the code
runs again and again, nothing is said.

```rust
fn labels(lines: &[String]) -> Vec<&'static str> {
    let mut labels = Vec::new();
    for line in lines {
        labels.push(&*Box::leak(line.clone().into_boxed_str()));
    }
    labels
}
```

```rust
use std::sync::Arc;

fn labels(lines: &[String]) -> Vec<Arc<str>> {
    let mut labels = Vec::new();
    for line in lines {
        labels.push(Arc::from(line.as_str()));
    }
    labels
}
```

```java
import java.util.List;

class Tokens {
    void internAll(List<String> tokens) {
        tokens.replaceAll(token -> token.trim());
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            tokens.set(i, token.intern());
        }
    }
}
```

```java
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;

class Tokens {
    private final Cache<String, String> shared = Caffeine.newBuilder().maximumSize(10_000).build();

    void shareAll(List<String> tokens) {
        tokens.replaceAll(token -> shared.get(token, same -> same));
    }
}
```

```python
import sys


def parse_names(lines):
    return [sys.intern(line.split(",")[0]) for line in lines]
```

```python
from functools import lru_cache


@lru_cache(maxsize=10_000)
def shared(name):
    return name


def parse_names(lines):
    return [shared(line.split(",")[0]) for line in lines]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.names.calls import Call
from alloclint.facts.names.wording import shortened
from alloclint.facts.names.words import words_of
from alloclint.facts.often.once import is_static_initialiser
from alloclint.facts.often.recurring import recurs
from alloclint.facts.retention.bounded import bound_at, bounded_map, has_guava
from alloclint.facts.retention.incoming import is_of_incoming
from alloclint.facts.retention.interning import Interned, has_bound, interned_in, is_only_compared
from alloclint.facts.retention.lasting import field_holding
from alloclint.file import File
from alloclint.finding import Applicability, Confidence, Edit, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC501"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("leak", "get_or_intern", "internment", "ustr"),
    "java": ("intern", "newStrongInterner"),
    "python": ("intern",),
}

_INTERNING = {"intern", "interned", "interner", "interning"}
_KEPT = {
    "rust": "nothing frees it before the process ends",
    "java": "the table of strings is native and swept only with the garbage",
    "python": "CPython 3.12 never frees an interned string",
}
#: The first Python whose interned strings are freed again.
_FREEING = (3, 13)
_STRONG = "com.google.common.collect.Interners.newStrongInterner"


def check(file: File) -> Iterator[Finding]:
    for interned in interned_in(file):
        why = recurs(interned.call)
        coming = is_of_incoming(interned.value, interned.call)
        is_silent = is_static_initialiser(interned.call.function) or has_bound(interned.call)
        if not is_silent and (why is not None or coming is not None):
            yield _unneeded(interned) if is_only_compared(interned.call) else _kept(interned, why)
    if file.language.name == "java":
        for call in file.facts.calls(("newStrongInterner",)):
            if call.path == _STRONG and field_holding(call) is not None:
                yield _strong(call)


def _kept(interned: Interned, why: str | None) -> Finding:
    call, file = interned.call, interned.call.file
    freed = file.language.name == "python" and file.limits.python_version >= _FREEING
    # A function whose name says that it interns one value does so on purpose.
    meant = call.loop is None and bool(_INTERNING & set(words_of(call.function.declaration.name)))
    sure = why is not None and interned.lasting and not freed and not meant
    heat = file.facts.heat(call)
    kept = "the table of interned strings grows with them" if freed else _KEPT[file.language.name]
    return Finding(
        file.place(*call.span),
        _message(interned, call),
        Confidence.exact if sure else Confidence.advice,
        f"{why}; {kept}" if why is not None else kept,
        _suggestion(interned),
        heat=heat.hot if sure else None,
        cold=heat.cold,
    )


def _message(interned: Interned, call: Call) -> str:
    value = f"every `{shortened(call.text(interned.value))}` that comes along"
    if call.file.language.name == "java":
        return f"{interned.how} puts {value} into a table without a bound"
    return f"{interned.how} keeps {value}"


def _unneeded(interned: Interned) -> Finding:
    call = interned.call
    text = call.text(interned.value)
    asked = call.parent.last if isinstance(call.parent, m.Call) else ""
    return Finding(
        call.file.place(*call.span),
        f"{interned.how} is for nothing where only `{asked}` is asked",
        Confidence.advice,
        "equal strings give the same answer, interned or not",
        Suggestion(text, None, Applicability.unsafe, (Edit(*call.span, text),)),
    )


def _suggestion(interned: Interned) -> Suggestion:
    call, file = interned.call, interned.call.file
    cache = bounded_map(file, bound_at(call))
    if file.language.name == "rust":
        shared = "`Arc<str>`" if interned.text else "`Arc`"
        return Suggestion(f"share it as {shared}, in a cache with a bound: `{cache}`")
    if file.language.name == "python":
        return Suggestion(f"keep it in a cache with a bound: `@{cache}`")
    weak = "`Interners.newWeakInterner()`" if has_guava(file) else "`-XX:+UseStringDeduplication` (G1)"
    return Suggestion(f"share it through a cache with a bound, `{cache}`, or leave it to {weak}")


def _strong(call: Call) -> Finding:
    node, file = call.node, call.file
    edit = Edit(node.name_start, node.name_end, "newWeakInterner")
    text = file.text(node.start, node.name_start) + "newWeakInterner()"
    return Finding(
        file.place(*call.span),
        "a strong interner keeps every value for as long as it lives itself",
        evidence="nothing can be taken out of it; a weak one forgets what nobody uses any more",
        suggestion=Suggestion(text, None, Applicability.unsafe, (edit,)),
    )
