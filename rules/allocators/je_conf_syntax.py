r"""
A configuration string of jemalloc has a pair that jemalloc refuses.

jemalloc reads `key:value` pairs joined by commas. At `=`, at a space behind a comma or at a quote it gives up
and drops the rest of the string; the pairs before it hold. A value that it does not take leaves the default:
booleans are `true` and `false` and nothing else, numbers have no unit. Keys of jemalloc 4, such as `lg_chunk`
and `lg_dirty_mult`, are gone. All of it is one line on the standard error at the start of the program, which
goes on without the setting.

A Rust static without `\0` at its end is worse: jemalloc reads on into whatever stands behind it.

Write the corrected string. With `abort_conf:true` in the environment of the tests, jemalloc stops a program
that has a pair which it does not take.

Keys that only some builds or versions know are hints. Values that a variable or a template fills are not
read.

```dockerfile bad/Dockerfile
FROM debian:bookworm-slim
ENV MALLOC_CONF="background_thread:true, dirty_decay_ms:5000"
CMD ["server"]
```

```dockerfile good/Dockerfile
FROM debian:bookworm-slim
ENV MALLOC_CONF="background_thread:true,dirty_decay_ms:5000"
CMD ["server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.known import Version
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.allocators import MallocConf
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.jemalloc import BuiltJemalloc, built
from alloclint.project.token import Token
from alloclint.project.tuning import jemalloc
from alloclint.project.tuning.fault import Fault
from alloclint.project.within import part

CODE = "ALC602"
SEVERITY = Severity.error
LANGUAGES = ("rust", "cargo", "dockerfile", "compose", "kubernetes", "systemd", "shell", "workflow")

_PREFIXED = "_RJEM_MALLOC_CONF"
_AT_BUILD = "JEMALLOC_SYS_WITH_MALLOC_CONF"
_OPEN = re.compile(r"\$[{(\w]|\{\{|<%|%\(|@\w+@")
#: Where distributions put libraries: a jemalloc from elsewhere may have keys of its own.
_USUAL = re.compile(r"(?:^|[:\s])(?:/usr/lib[^:\s]*/)?libjemalloc[^/:\s]*(?:$|[:\s])")


@dataclass(frozen=True, slots=True)
class _Build:
    """What is known of the jemalloc that reads a string. `is_own` says that the authors built it."""

    version: Version | None = None
    profiling: bool | None = None
    is_own: bool = False


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        for variable in unit.environment.effective():
            if _is_conf(variable.name) and variable.known and not _OPEN.search(variable.value.text):
                yield from _of_variable(variable, _reader(unit, variable.name, repository))
    for config in repository.configs:
        for entry in config.env:
            if _is_conf(entry.name.text):
                yield from _of_text(entry.value, _Build(), entry.value.text)
    for crate in repository.crates:
        if crate.confs and crate.target.kind in ("bin", "lib"):
            yield from _of_statics(crate, repository)


def _is_conf(name: str) -> bool:
    return name in ("MALLOC_CONF", _PREFIXED) or name.endswith(_AT_BUILD)


def _reader(unit: Unit, name: str, repository: Repository) -> _Build:
    """The jemalloc that reads a variable of a unit, as far as it is certain."""
    preload = unit.environment.get("LD_PRELOAD")
    if preload is not None and "jemalloc" in preload.value.text:
        return _Build(is_own=not _USUAL.search(preload.value.text))
    crate = repository.crate_in(unit)
    found = built(repository, crate.package.root) if crate is not None else None
    return _Build() if found is None or found.environment != name else _build(found)


def _build(found: BuiltJemalloc) -> _Build:
    return _Build(found.version, found.profiling)


def _of_variable(variable: Variable, build: _Build) -> Iterator[Finding]:
    right = jemalloc.corrected(variable.value.text, build.version, profiling=build.profiling)
    shown = line(variable.origin, variable.name, right) if right is not None else None
    yield from _of_text(variable.value, build, shown)


def _of_text(value: Token, build: _Build, shown: str | None) -> Iterator[Finding]:
    faults = jemalloc.faults(value.text, build.version, profiling=build.profiling)
    if not faults:
        return
    first = next((fault for fault in faults if fault.weight == "dead"), faults[0])
    is_certain = first.weight == "dead" and not build.is_own
    right = jemalloc.corrected(value.text, build.version, profiling=build.profiling)
    yield Finding(
        part(value, first.start, first.end),
        f"`{_short(value.text[first.start : first.end])}`: {first.reason}",
        suggestion=_suggestion(value, right, shown),
        because=tuple(part(value, one.start, one.end, one.reason) for one in _others(faults, first)),
        base=None if is_certain else Severity.info,
    )


def _others(faults: Sequence[Fault], first: Fault) -> list[Fault]:
    return [one for one in faults if one is not first]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"


def _suggestion(value: Token, right: str | None, shown: str | None) -> Suggestion:
    if right is None:
        return Suggestion("take it out: nothing in it is a setting of this jemalloc")
    start = value.place.start.offset + value.written.find(value.text)
    is_plain = value.text in value.written and value.text.isascii() and right != value.text
    edits = (Edit(start, start + len(value.text), right),) if is_plain else ()
    applicability = Applicability.unsafe if edits else Applicability.display
    text = shown if shown is not None and right in shown else right
    return Suggestion(f"`{text}`", applicability=applicability, edits=edits)


def _of_statics(crate: Crate, repository: Repository) -> Iterator[Finding]:
    found = built(repository, crate.package.root)
    build = _build(found) if found is not None else _Build()
    for conf in crate.confs:
        if not conf.closed:
            yield _unclosed(conf)
        else:
            yield from _of_text(conf.text, build, None)


def _unclosed(conf: MallocConf) -> Finding:
    place = conf.text.place
    is_plain = conf.text.written.endswith('"')
    edit = Edit(place.end.offset - 1, place.end.offset - 1, "\\0")
    return Finding(
        place,
        "the string has no `\\0` at its end: jemalloc reads on into what stands behind it",
        suggestion=Suggestion(
            f'`b"{jemalloc.corrected(conf.text.text, None) or conf.text.text}\\0"`',
            applicability=Applicability.unsafe if is_plain else Applicability.display,
            edits=(edit,) if is_plain else (),
        ),
    )
