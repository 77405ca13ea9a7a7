"""
A setting of glibc's malloc where another malloc runs.

`MALLOC_ARENA_MAX`, the variables that end in an underscore, `GLIBC_TUNABLES` and the JVM's
`TrimNativeHeapInterval` speak to glibc's malloc. On Alpine and in other images with musl there is none: musl
has no arenas and reads no variables. Where jemalloc, tcmalloc or mimalloc is preloaded, nobody calls glibc's
malloc any more, and `malloc_trim` has nothing to give back.

The setting does no harm. But it was put there against growing memory, and that is still not limited: for
jemalloc by `narenas` and `dirty_decay_ms` in `MALLOC_CONF`, on musl by nothing.

A variable for musl is an error. Beside a preloaded allocator it is a warning, for a program that is linked
statically, or a preload that fails, has glibc's malloc again; where a comment calls it a fallback, that is
what it is for, and the rule says so as `info`.

Silent for images of which nobody knows the C library, for images that install glibc on top of musl, and for
settings or preloads under a condition. A preload that cannot be loaded is left to preload-cannot-load.

```dockerfile bad/Dockerfile
FROM python:3.12-alpine
COPY server /srv/server
ENV MALLOC_ARENA_MAX=2
CMD ["python", "-m", "server"]
```

```dockerfile good/Dockerfile
FROM python:3.12-slim
COPY server /srv/server
ENV MALLOC_ARENA_MAX=2
CMD ["python", "-m", "server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.image import base as bases
from alloclint.project.image.preload import Preload, missing, place_of_base, preloaded
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Token
from alloclint.project.tuning import glibc, hotspot
from alloclint.project.within import part

CODE = "ALC604"
SEVERITY = Severity.error
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd", "shell")

_TRIM = re.compile(r"-XX:TrimNativeHeapInterval=\d+")
_FALLBACK = re.compile(
    r"fall\W?back|in case|if .*(?:fails|missing|not (?:there|found|load))|without jemalloc", re.I
)
#: Other ways to say of a Dockerfile that glibc is put beside musl. gcompat brings no malloc of its own.
_GLIBC_ON_TOP = re.compile(r"\bglibc\b|ld-linux", re.I)
_INSTEAD = {
    "jemalloc": "set `narenas` or `dirty_decay_ms` in `MALLOC_CONF`",
    "tcmalloc": "set `TCMALLOC_RELEASE_RATE`",
    "mimalloc": "set `MIMALLOC_PURGE_DELAY`",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that is said to glibc's malloc, and where."""

    text: str
    place: Place
    comment: str = ""


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        settings = list(_settings(unit))
        if not settings:
            continue
        musl = _musl(unit)
        if musl is not None:
            other = preloaded(unit.environment)
            yield from (_on_musl(setting, musl, other) for setting in settings)
            continue
        preload = _other(unit, repository)
        if preload is not None:
            yield from (_beside(setting, preload) for setting in settings)


def _settings(unit: Unit) -> Iterator[Setting]:
    for variable in unit.environment.effective():
        if variable.guarded:
            continue
        if _speaks_to_malloc(variable):
            yield Setting(f"`{variable.name}`", variable.place, variable.comment)
        elif variable.name in hotspot.READ:
            yield from _trims(variable.value, variable.comment)
    if unit.command is not None and unit.command.form != "script":
        for word in unit.command.words:
            yield from _trims(word)


def _speaks_to_malloc(variable: Variable) -> bool:
    """A name that glibc reads, and a value that it takes: what is dead anyway is another rule's."""
    if not glibc.is_read(variable.name) or not variable.value.text:
        return False
    if variable.name != glibc.TUNABLES:
        return True
    return all(one.startswith("glibc.malloc.") for one in variable.value.text.split(":") if one)


def _trims(token: Token, comment: str = "") -> Iterator[Setting]:
    for hit in _TRIM.finditer(token.text):
        yield Setting(f"`{hit[0]}`", part(token, hit.start(), hit.end()), comment)


def _musl(unit: Unit) -> Place | None:
    """Where the image with musl is named."""
    stage = unit.stage
    if stage is not None:
        mixed = any(_GLIBC_ON_TOP.search(one.name) for one in stage.packages)
        mixed = mixed or any(_GLIBC_ON_TOP.search(run.script) for run in stage.runs)
        mixed = mixed or any(_GLIBC_ON_TOP.search(path) for copy in stage.copies for path in copy.sources)
        is_musl = stage.base.libc == "musl" and not mixed
        return place_of_base(stage, "this image has musl, not glibc") if is_musl else None
    if unit.image is not None and bases.of(unit.image.text).libc == "musl":
        return replace(unit.image.place, text="this image has musl, not glibc")
    return None


def _other(unit: Unit, repository: Repository) -> Preload | None:
    """The allocator that is preloaded in any case, if its library is there."""
    preload = preloaded(unit.environment)
    if preload is None or unit.stage is None:
        return preload
    return preload if missing(preload, unit.stage, repository.stages) is None else None


def _on_musl(setting: Setting, image: Place, preload: Preload | None) -> Finding:
    what = "this image uses musl's malloc, which reads no settings"
    instead = ", or build on an image with glibc (`-slim`)"
    if preload is not None:
        what = f"this image has musl, and {preload.allocator} in place of its malloc; neither reads it"
        instead = f"; for {preload.allocator} {_INSTEAD[preload.allocator]}"
    return Finding(
        setting.place,
        f"{setting.text} has no effect: {what}",
        suggestion=Suggestion(f"remove it{instead}"),
        because=(image,),
    )


def _beside(setting: Setting, preload: Preload) -> Finding:
    is_fallback = _FALLBACK.search(setting.comment) is not None
    return Finding(
        setting.place,
        f"{setting.text} has no effect: {preload.allocator} is preloaded, so glibc's malloc is not in use",
        suggestion=Suggestion(f"remove it; for {preload.allocator} {_INSTEAD[preload.allocator]}"),
        because=(replace(preload.variable.place, text=f"{preload.allocator} is preloaded here"),),
        base=Severity.info if is_fallback else Severity.warning,
    )
