"""
Hot Python code grows a collection one entry at a time.

A list or a dict cannot be given a capacity, but what builds it at once needs no call for each entry. A
comprehension takes 8 % (3.11) to 17 % (3.12) less time than `append`; `list(xs)` for a plain copy a tenth
of it, and 8 bytes an entry in one block where growing asks for 75 on the way. `[None] * n`, `bytearray(n)`
and `dict.fromkeys(keys, value)` allocate once as well.

The gain is small, so only code is reported that is marked as hot, or whose collection is annotated as
large. Silent where a comprehension would mean something else: the loop looks at the collection, does more
than to add to it, waits or yields, or its variable is used afterwards.

```python
# alloclint: hot
def weights(items):
    found = []
    for item in items:
        found.append(item.weight * 2)
    return found
```

```python
# alloclint: hot
def weights(items):
    return [item.weight * 2 for item in items]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Construction
from alloclint.facts.building.comprehended import Comprehended, comprehended
from alloclint.finding import Applicability, Confidence, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC110"
SEVERITY = Severity.info
LANGUAGES = ("python",)

_SAVINGS = {
    "comprehension": "a comprehension takes 8 to 17 % less time",
    "copy": "0.7 ns an entry instead of 7.6, and one block of the exact size",
    "repeat": "one block of the exact size, and no call for each entry",
    "keys": "15 ns a key, in one call",
    "zeros": "one zeroed block, and no call for each byte",
}


def check(built: Construction) -> Iterator[Finding]:
    if not built.empty or built.place is None:
        return
    file = built.file
    heat = file.facts.heat(built)
    large = _is_large(built)
    if heat.cold is not None or not (heat.hot or large or file.facts.annotations.heats):
        return
    found = comprehended(built)
    if found is None:
        return
    hot = heat.hot or _marked(found)
    if hot is None and not large:
        return
    yield Finding(
        file.place(*found.adds.span),
        f"`{built.name}` grows entry by entry{' in hot code' if hot else ', and many are expected'}",
        Confidence.advice,
        f"{hot or 'annotated as large'}; {_SAVINGS[found.way]}",
        Suggestion(
            found.text, None, Applicability.unsafe if found.edits else Applicability.display, found.edits
        ),
        (file.place(*built.span, "built empty here"),),
        heat=hot,
        also=("ruff PERF402",) if _is_bare_append(found) else (),
    )


def _is_large(built: Construction) -> bool:
    said = built.cardinality
    return said is not None and not said.maximum and (said.expect or 0) >= built.file.limits.large_entries


def _is_bare_append(found: Comprehended) -> bool:
    """Whether others know it for a list as well: by what builds it, and by no other type that is declared."""
    built = found.built
    declared = built.statement.type if isinstance(built.statement, m.Assign) else None
    is_list = built.collection.name == "list" and (declared is None or declared.last in ("list", "List"))
    return found.way == "copy" and is_list


def _marked(found: Comprehended) -> str | None:
    """What is said of the loop itself."""
    mark = found.built.file.facts.annotations.heat_of(found.loop.node)
    return mark[1] if mark is not None and mark[0] != "cold" else None
