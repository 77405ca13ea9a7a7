"""
A cache around a method keeps each object that it was called on.

The cache belongs to the class, and `self` is part of every key. An object that was asked once stays reachable
as long as the class, with all that it refers to: `del` and leaving the scope free nothing.

For a value per object there is `functools.cached_property`, which lives and dies with it; for a method with
arguments a cache that each object makes in `__init__`, or a function of the module that takes what it needs
instead of `self`. Bounded caches are silent, for they let go of the oldest objects; so are static and class
methods, enums, and classes of which there is one object.

```python
import functools


class Report:
    @functools.cache
    def total(self):
        return sum(self.rows)
```

```python
import functools


class Report:
    @functools.cached_property
    def total(self):
        return sum(self.rows)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.names.naming import untaken
from alloclint.facts.retention.bounded import bound_of
from alloclint.facts.retention.caching import (
    Cached,
    cached_in,
    is_cleared,
    is_decided,
    is_property,
    is_shared,
)
from alloclint.file import File
from alloclint.finding import Finding, Severity, Suggestion
from alloclint.scan import has_any
from alloclint.syntax import model as m

CODE = "ALC504"
SEVERITY = Severity.info
LANGUAGES = ("python",)
WORDS = {"python": ("lru_cache", "cache", "alru_cache")}


def check(file: File) -> Iterator[Finding]:
    if not has_any(file.source, WORDS["python"]):
        return
    for cached in cached_in(file):
        receiver = cached.receiver
        if receiver is None or cached.bounded is not False:
            continue
        is_meant = is_cleared(cached, file) or is_decided(cached, file)
        if not is_shared(cached, file.facts.types) and not is_meant:
            yield _finding(cached, receiver, file)


def _finding(cached: Cached, receiver: m.Param, file: File) -> Finding:
    function, owner = cached.function, cached.function.owner
    name = owner.name if owner is not None else "its class"
    return Finding(
        file.place(*receiver.span),
        f"the cache of `{function.name}` keeps every `{name}` that it is called on",
        evidence=f"`{receiver.pattern.name}` is part of the key, and `{cached.attribute.last}` drops none",
        suggestion=_suggestion(cached, file),
        because=(file.place(*cached.attribute.span, "kept by this"),),
    )


def _suggestion(cached: Cached, file: File) -> Suggestion:
    function = cached.function
    if not cached.keys and (function.name.startswith("_") or is_property(function)):
        return Suggestion("`@functools.cached_property`, and no parentheses where it is read")
    size = bound_of(file, (function,)) if cached.keys else "1"
    inner = untaken(file, f"_{function.name.strip('_')}_uncached")
    made = f"self.{function.name} = functools.lru_cache(maxsize={size})(self.{inner})"
    text = f"call the method `{inner}`, and make the cache in `__init__`: `{made}`"
    if not cached.keys:
        text += "; or `@functools.cached_property`, where callers can do without the parentheses"
    return Suggestion(text)
