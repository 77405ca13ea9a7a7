"""
A collection that lasts only grows: nothing ever leaves it.

A map in a static, at the top of a module or in a singleton lives as long as the process. Filled with what
comes in and never emptied it is a leak in slow motion: it grows by an entry per distinct request, user or
file, and nobody sees it before the heap is full. It does not matter where the keys are few: classes, enums,
what start-up registers; then nothing is said, or suppress it with the reason.

Give it a bound: a cache with a largest size or an age, weak references where the keys live elsewhere, or take
the entry out when its owner goes.

Reported are maps and sets that a function fills with what it looked for and did not find, and collections
that a request's or record's handler, a parser, or a function that a loop calls adds to. Everything that
happens to them must stand in the file. It is a warning only in hot code and in handlers of requests and
records, for there keys keep coming; elsewhere, and of names that other files can reach, it is `info`. Sets of
what was logged already are silent.

```rust
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

static PARSED: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(|| Mutex::new(HashMap::new()));

fn parsed(text: &str) -> u64 {
    let mut parsed = PARSED.lock().unwrap();
    *parsed.entry(text.to_string()).or_insert_with(|| text.len() as u64)
}
```

```rust
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{LazyLock, Mutex};

static PARSED: LazyLock<Mutex<LruCache<String, u64>>> =
    LazyLock::new(|| Mutex::new(LruCache::new(NonZeroUsize::new(10_000).unwrap())));

fn parsed(text: &str) -> u64 {
    let mut parsed = PARSED.lock().unwrap();
    *parsed.get_or_insert(text.to_string(), || text.len() as u64)
}
```

```java
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

class Users {
    private static final Map<String, String> NAMES = new ConcurrentHashMap<>();

    static String name(String id) {
        return NAMES.computeIfAbsent(id, Users::load);
    }

    private static String load(String id) {
        return "user " + id;
    }
}
```

```java
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

class Users {
    private static final Cache<String, String> NAMES = Caffeine.newBuilder().maximumSize(10_000).build();

    static String name(String id) {
        return NAMES.get(id, Users::load);
    }

    private static String load(String id) {
        return "user " + id;
    }
}
```

```python
_profiles = {}


def profile(user):
    if user not in _profiles:
        _profiles[user] = load(user)
    return _profiles[user]
```

```python
from functools import lru_cache


@lru_cache(maxsize=10_000)
def profile(user):
    return load(user)
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alloclint.facts.names.words import words_of
from alloclint.facts.often.callers import called_once
from alloclint.facts.often.heat import Heat
from alloclint.facts.often.recurring import runs_often
from alloclint.facts.retention.accretion import Accretion, Addition, accretion_of, is_of_reported, varies
from alloclint.facts.retention.admitted import is_admitted_key
from alloclint.facts.retention.bounded import bound_of, bounded_map
from alloclint.facts.retention.incoming import is_of_incoming
from alloclint.facts.retention.lasting import Lasting, lasting_in
from alloclint.file import File
from alloclint.finding import Confidence, Finding, Severity, Suggestion

CODE = "ALC503"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("static",),
    "java": ("static", "private"),
    "python": ("{}", "[]", "set(", "dict(", "defaultdict("),
}

#: First words of functions that take down what a program consists of.
_REGISTERING = {"register", "define", "declare", "install", "subscribe", "init", "setup", "configure"}
_WHERE = {"rust": "a static", "java": "a static field", "python": "a name of the module"}


@dataclass(frozen=True, slots=True)
class _Filled:
    """An addition that may happen any number of times, why, and whether keys are known to keep coming."""

    addition: Addition
    why: str
    heat: Heat
    sure: bool


def check(file: File) -> Iterator[Finding]:
    for lasting in lasting_in(file):
        found = accretion_of(lasting, file)
        filled = list(_filled(found, lasting)) if found is not None else []
        if filled:
            yield _reported(lasting, min(filled, key=lambda one: not one.sure), file)


def _filled(found: Accretion, lasting: Lasting) -> Iterator[_Filled]:
    for addition in found.additions:
        function = addition.here.function
        name = function.declaration.name
        heat = function.file.facts.heat(addition.here)
        once = heat.cold is not None or called_once(function) is not None
        if once or set(words_of(name)[:1]) & _REGISTERING or not varies(addition, lasting):
            continue
        if is_of_reported(addition, lasting) or is_admitted_key(addition.key, addition.here):
            continue
        on_demand = lasting.kind in ("map", "set") and found.is_on_demand(addition)
        often = runs_often(addition.here)
        why = f"`{name}` adds what it does not find" if on_demand else often
        coming = is_of_incoming(addition.key, addition.here)
        if why is not None:
            reason = f"{why}, and {coming}" if coming is not None else why
            yield _Filled(addition, reason, heat, often is not None or coming is not None)


def _reported(lasting: Lasting, filled: _Filled, file: File) -> Finding:
    name, node = lasting.field.name, filled.addition.node
    where = f"one object of a `@{lasting.singleton}`" if lasting.singleton else _WHERE[file.language.name]
    return Finding(
        file.place(*lasting.field.span),
        f"`{name}` only grows: entries are added and none ever leaves it",
        # That keys keep coming is certain only where somebody is known to send them.
        Confidence.exact if lasting.closed and filled.sure and _is_served(filled) else Confidence.advice,
        f"{where}; {filled.why}; nothing here removes, clears or bounds",
        _suggestion(lasting, filled.addition, file),
        (file.place(*node.span, "added here"),),
        heat=filled.heat.hot if lasting.closed else None,
    )


def _is_served(filled: _Filled) -> bool:
    return filled.heat.hot is not None or filled.heat.often is not None


def _suggestion(lasting: Lasting, addition: Addition, file: File) -> Suggestion:
    cache = bounded_map(file, bound_of(file, (lasting.field,)))
    if lasting.kind not in ("map", "set"):
        return Suggestion("keep the last ones only, or hand the entries on and clear it")
    if file.language.name == "python" and lasting.kind == "map" and _is_for_identity(addition):
        slots = "a class with `__slots__` needs `__weakref__` among them"
        return Suggestion(f"`weakref.WeakValueDictionary()`, which forgets what nobody uses ({slots})")
    if lasting.kind == "set":
        return Suggestion("remove entries when they are done with, or forget the oldest beyond a number")
    if file.language.name == "python":
        return Suggestion(
            f"compute it in a function under `@{cache}`, or remove entries when they are done with"
        )
    return Suggestion(f"a cache with a bound: `{cache}`, or remove entries when their owner goes")


def _is_for_identity(addition: Addition) -> bool:
    """Whether equal things are to be one object, which a cache that forgets cannot promise."""
    name = addition.here.function.declaration.name
    return name == "__new__" or "intern" in words_of(name)[:1]
