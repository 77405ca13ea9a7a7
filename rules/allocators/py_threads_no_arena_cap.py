"""
A Python server with threads has no bound on arenas of glibc.

glibc gives threads that meet at a lock an arena each, up to eight for each CPU of the machine, and returns
little of what lies free in them. Buffers of requests, parsed JSON and images go there, since they are larger
than what Python keeps for itself. Services were seen at half and at a third of their memory after
`MALLOC_ARENA_MAX=2`.

It must be in the environment before Python starts: glibc reads it once.

Only a hint: whether it matters for a service is seen by measuring it. Reported for gunicorn with more than
one thread in a worker and for celery with a pool of threads, in images that are known to have glibc.

Silent where `MALLOC_ARENA_MAX`, `GLIBC_TUNABLES` or `LD_PRELOAD` is set, where variables come from places
that are not seen, and in what is named as a test or for development.

```dockerfile bad/Dockerfile
FROM python:3.13-slim
COPY . /app
CMD ["gunicorn", "--threads", "8", "app:app"]
```

```dockerfile good/Dockerfile
FROM python:3.13-slim
COPY . /app
ENV MALLOC_ARENA_MAX=2
CMD ["gunicorn", "--threads", "8", "app:app"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Origin
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.pythonserver import Server, server
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Token

CODE = "ALC631"
SEVERITY = Severity.info
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd", "shell")

_ORIGINS: dict[str, Origin] = {
    "image": "image",
    "compose": "compose",
    "kubernetes": "kubernetes",
    "systemd": "systemd",
    "shell": "shell",
}
#: Kinds of workers that take `--threads`; with it, `sync` is `gthread`.
_THREADED = {"sync", "gthread"}
_NUMBER = re.compile(r"(\d+)|\$\{\w+:?-(\d+)\}")
_TUNED = ("LD_PRELOAD", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES")


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if unit.kind not in _ORIGINS or unit.purpose is not None or unit.unseen:
            continue
        if _is_on_glibc(unit) and all(unit.environment.get(name) is None for name in _TUNED):
            found = server(unit)
            threads = _threads(found) if found is not None else None
            if found is not None and threads is not None:
                yield _finding(unit, found, threads)


def _is_on_glibc(unit: Unit) -> bool:
    return unit.base is not None and unit.base.libc == "glibc"


def _threads(found: Server) -> Token | None:
    """The option that asks for threads."""
    if found.program == "celery":
        pool = found.option("-P", "--pool")
        return pool if pool is not None and pool.text == "threads" else None
    number, kind = found.option("--threads"), found.option("-k", "--worker-class")
    if number is None or (kind is not None and kind.text not in _THREADED):
        return None
    return number if int(_count(number) or "0") > 1 else None


def _count(number: Token) -> str | None:
    """A number, also as what a shell takes where nobody says anything else: `${THREADS:-4}`."""
    match = _NUMBER.fullmatch(number.text)
    return (match[1] or match[2]) if match else None


def _finding(unit: Unit, found: Server, threads: Token) -> Finding:
    count = _count(threads)
    many = f"{count} threads" if count is not None else "threads"
    return Finding(
        threads.place,
        f"the {many} of {found.program} share glibc's malloc, which may make 8 arenas for each CPU",
        evidence="no MALLOC_ARENA_MAX, GLIBC_TUNABLES or LD_PRELOAD in the environment",
        suggestion=Suggestion(
            f"`{line(_ORIGINS[unit.kind], 'MALLOC_ARENA_MAX', '2')}`, if its resident memory grows"
        ),
    )
