"""
gunicorn preloads, and the first collection in each worker copies it.

With `preload_app` the application is loaded once and shared by all workers, page by page, until one of them
writes. Python's collector writes to every object it looks at. Measured with 300,000 small dictionaries: one
`gc.collect()` after the fork copied 74 MB into the child and more, on every version from 3.7 to 3.13. After
`gc.freeze()` in the parent it copied nothing.

Freeze when the application is loaded and before the workers are forked: there gunicorn calls `when_ready`.

Only a hint, for it matters as much as the application is large. Reported where a gunicorn with several
workers preloads, by `--preload` or in its configuration, and the sources are here. Silent where any of them
mentions `gc.freeze`, with one worker, and in what is named as a test or for development.

```python bad/gunicorn.conf.py
bind = "0.0.0.0:8000"
workers = 8
preload_app = True
```

```python good/gunicorn.conf.py
import gc

bind = "0.0.0.0:8000"
workers = 8
preload_app = True


def when_ready(server):
    gc.collect()
    gc.freeze()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.python.forking import PythonSource
from alloclint.project.repository import Repository
from alloclint.project.runtime import purpose
from alloclint.project.runtime.pythonserver import server
from alloclint.project.runtime.unit import Unit

CODE = "ALC632"
SEVERITY = Severity.info
LANGUAGES = ("python", "dockerfile", "compose", "kubernetes", "systemd", "shell")

_DEPLOYED = {"image", "compose", "kubernetes", "systemd", "shell"}


def check(repository: Repository) -> Iterator[Finding]:
    sources = [part.value for part in repository.parts if isinstance(part.value, PythonSource)]
    if any(source.freezes for source in sources):
        return
    yield from distinct(_finding(place) for place in _preloads(repository, sources))


def _preloads(repository: Repository, sources: list[PythonSource]) -> Iterator[Place]:
    for source in sources:
        if source.preloads is not None and purpose.of(source.path) is None:
            yield source.preloads
    # Without the sources nobody knows what they do before they fork.
    if any(path.endswith(".py") for path in repository.files):
        for unit in repository.units:
            if unit.kind in _DEPLOYED and unit.purpose is None:
                yield from _of_unit(unit)


def _of_unit(unit: Unit) -> Iterator[Place]:
    found = server(unit)
    if found is None or found.program != "gunicorn":
        return
    flag, workers = found.flag("--preload"), found.option("-w", "--workers")
    if flag is not None and (workers is None or workers.text != "1"):
        yield flag.place


def _finding(place: Place) -> Finding:
    return Finding(
        place,
        "gunicorn shares the loaded application, and the first collection in each worker copies it",
        evidence="the collector writes to every object it looks at, and nothing calls `gc.freeze()`",
        suggestion=Suggestion(
            "`def when_ready(server): gc.collect(); gc.freeze()` in gunicorn's configuration"
        ),
    )
