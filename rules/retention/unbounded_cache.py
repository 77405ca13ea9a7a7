"""
A cache without a bound keeps everything that it was ever asked for.

`functools.cache` and `lru_cache(maxsize=None)` have an entry per distinct arguments, and so has a cache that
Guava, Caffeine or moka build without a largest size, weight or age. Arguments and results live as long as the
function or the cache: in a service that is until it is restarted.

Give it a size from what you expect, or an age. Functions without parameters have one entry and are silent;
so are parameters of types with few values (truth values, enums, `Literal`, classes), or that are called as
what there are few of, caches that the project empties somewhere, private functions that are called with
constants alone, private caches of Java whose keys are looked for in a constant set before, and a builder that
is kept in a variable. It is a warning where keys keep coming: users,
requests, texts, points in time, or whatever a function parses. Else it is `info`, and so is a cache that
dies with an object of a nested class, or whose place is not known.

```rust
use moka::sync::Cache;

struct Users {
    names: Cache<u64, String>,
}

impl Users {
    fn new() -> Self {
        Users { names: Cache::builder().build() }
    }
}
```

```rust
use moka::sync::Cache;

struct Users {
    names: Cache<u64, String>,
}

impl Users {
    fn new() -> Self {
        Users { names: Cache::builder().max_capacity(10_000).build() }
    }
}
```

```java
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;

class Users {
    private final Cache<String, String> names = CacheBuilder.newBuilder().build();
}
```

```java
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;

class Users {
    private final Cache<String, String> names = CacheBuilder.newBuilder().maximumSize(10_000).build();
}
```

```python
import functools


@functools.lru_cache(maxsize=None)
def user_name(user_id):
    return load(user_id).name
```

```python
import functools


@functools.lru_cache(maxsize=10_000)
def user_name(user_id):
    return load(user_id).name
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.names.finite import has_few_values
from alloclint.facts.names.wording import shortened
from alloclint.facts.often.once import singleton_mark
from alloclint.facts.retention.admitted import is_admitted
from alloclint.facts.retention.bounded import bound_at, bound_of
from alloclint.facts.retention.caching import (
    Built,
    Cached,
    are_few_by_name,
    built_in,
    cached_in,
    is_cleared,
    is_decided,
    is_emptied,
    varying,
)
from alloclint.facts.retention.incoming import are_fixed, is_unbounded, keeps_coming
from alloclint.file import File
from alloclint.finding import Applicability, Confidence, Edit, Finding, Severity, Suggestion
from alloclint.fix.imports import importing
from alloclint.scan import has_any
from alloclint.syntax import model as m

CODE = "ALC502"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("moka", "mini_moka", "cached"),
    "java": ("CacheBuilder", "Caffeine"),
    "python": ("lru_cache", "cache", "alru_cache"),
}


def check(file: File) -> Iterator[Finding]:
    if not has_any(file.source, WORDS[file.language.name]):
        return
    if file.language.name != "java":
        yield from _functions(file)
    if file.language.name != "python":
        yield from _builders(file)


# ---------------------------------------------------------------- functions


def _functions(file: File) -> Iterator[Finding]:
    for cached in cached_in(file):
        params = varying(cached, file.facts.types)
        if cached.bounded is not False or not params or are_few_by_name(params):
            continue
        if not (is_cleared(cached, file) or is_decided(cached, file) or are_fixed(cached.function, file)):
            yield _of_function(cached, params, file)


def _of_function(cached: Cached, params: list[m.Param], file: File) -> Finding:
    function, attribute = cached.function, cached.attribute
    names = ", ".join(f"`{_name(param, file)}`" for param in params)
    mark = file.facts.annotations.heat_of(function)
    why = keeps_coming(params, function, file)
    kept = f"an entry for each distinct {names}, and nothing removes one"
    return Finding(
        file.place(*attribute.span),
        f"`{attribute.last}` keeps every result of `{function.name}` for good",
        Confidence.exact if why is not None else Confidence.advice,
        f"{kept}; {why}" if why is not None else kept,
        _bounded(cached, file),
        (file.place(function.name_start, function.name_end, "the function whose results are kept"),),
        cold=mark[1] if mark is not None and mark[0] == "cold" else None,
    )


def _name(param: m.Param, file: File) -> str:
    return param.pattern.name or file.text(*param.span)


def _bounded(cached: Cached, file: File) -> Suggestion:
    attribute, size = cached.attribute, bound_of(file, (cached.function, *cached.function.params))
    if file.language.name == "rust":
        return Suggestion(f"`#[cached(size = {size})]`")
    name = (
        ".".join((*attribute.name[:-1], "lru_cache"))
        if attribute.last == "cache"
        else ".".join(attribute.name)
    )
    text = f"{name}({', '.join((f'maxsize={size}', *_other_arguments(attribute, file)))})"
    if attribute.last == "cache" and len(attribute.name) == 1:
        known = file.facts.types.imports.get("lru_cache")
        if known != ("functools", "lru_cache"):
            return _imported(attribute, text, file if known is None else None)
    return _replaced(attribute, text)


def _other_arguments(attribute: m.Attribute, file: File) -> Iterator[str]:
    """`typed=True` of `@lru_cache(maxsize=None, typed=True)`, or of `@lru_cache(None, True)`."""
    for number, argument in enumerate(attribute.args):
        if isinstance(argument, m.Keyword) and argument.name != "maxsize":
            yield file.text(*argument.span)
        elif not isinstance(argument, m.Keyword) and number == 1:
            yield f"typed={file.text(*argument.span)}"


def _replaced(attribute: m.Attribute, text: str) -> Suggestion:
    edit = Edit(attribute.start, attribute.end, text)
    return Suggestion(f"@{text}", None, Applicability.unsafe, (edit,))


def _imported(attribute: m.Attribute, text: str, file: File | None) -> Suggestion:
    """`lru_cache` has to be imported; no edits without a file, in which the name means something else."""
    shown = f"`@{text}`, with `from functools import lru_cache`"
    put = importing(file.source, "functools", "lru_cache") if file is not None else None
    if put is None or put.start >= attribute.start:
        return Suggestion(shown)
    return Suggestion(shown, None, Applicability.unsafe, (put, Edit(attribute.start, attribute.end, text)))


# ---------------------------------------------------------------- builders


def _builders(file: File) -> Iterator[Finding]:
    for built in built_in(file):
        field, types = built.field, file.facts.types
        if built.bounded or has_few_values(built.key, types):
            continue
        if field is None or not (is_emptied(field.name, file) or is_admitted(field, file)):
            yield _of_builder(built, file)


def _of_builder(built: Built, file: File) -> Finding:
    step = "max_capacity" if file.language.name == "rust" else "maximumSize"
    size = bound_of(file, (built.field,)) if built.field is not None else bound_at(built.last)
    at = built.start.node.end
    text = f"{file.text(*built.start.span)}.{step}({size})"
    held = f"`{built.field.name}`" if built.field is not None else "this cache"
    return Finding(
        file.place(*built.last.span),
        f"{held} has no bound: no largest size, no weight, no age",
        Confidence.exact if _lasts(built, file) and is_unbounded(built.key) else Confidence.advice,
        f"`{shortened(file.text(*built.last.span))}` keeps each entry until somebody removes it",
        Suggestion(text, None, Applicability.unsafe, (Edit(at, at, f".{step}({size})"),)),
    )


def _lasts(built: Built, file: File) -> bool:
    """Whether a cache lives in a static, or in an object that is not made in passing."""
    field, owner = built.field, built.start.function.declaration.owner
    if field is None:
        return False
    if "static" in field.modifiers or owner is None or singleton_mark(owner) is not None:
        return True
    is_nested = len(list(file.facts.types.around(owner))) > 1
    return not is_nested and "Builder" not in owner.name
