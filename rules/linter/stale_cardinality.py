"""
An expected size is given for a symbol that no longer exists.

Entries of `cardinalities.toml` are found by name. When a field is renamed or moved its entry is left behind:
the collection is no longer checked against production, and nothing else says so.

Rename the entry, or remove it.

```toml
"fishdb::index::DocRefIndex.oldMap" = { expect = 58_700_000 }
```

```toml
"fishdb::index::DocRefIndex.map" = { expect = 58_700_000 }
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.summary import Project
from alloclint.finding import Finding, Place, Position, Severity, Suggestion

CODE = "ALC906"
SEVERITY = Severity.warning
LANGUAGES = ("toml",)


def check(project: Project) -> Iterator[Finding]:
    for stale in project.stale:
        # The sidecar is no file of a language: a line is all that is known of the place.
        start = Position(stale.line, 1, 0)
        near = Suggestion(f"`{stale.nearest}`") if stale.nearest else None
        message = f"there is no `{stale.symbol}` in the files that were checked"
        yield Finding(Place(stale.path, start, start), message, suggestion=near)
