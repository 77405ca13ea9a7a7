"""
jemalloc gives free pages back at once, or never.

With `dirty_decay_ms:0` every page is handed back in the moment it falls free, by a call of `madvise` each
time. The next allocation faults it in again. Both take the lock of the address space, for which all threads
of a server wait: stalls of whole services have been traced to it.

With `dirty_decay_ms:-1` nothing is ever handed back. The resident memory stays at its highest point, and a
container that had one large request is one step nearer to its limit from then on.

`retain:false` unmaps address space instead of keeping it, which costs the same lock and splits the mappings.

Between them lies what was meant: 1000 to 5000 milliseconds instead of the default of 10000, with
`background_thread:true`, so that no request pays for it.

Only a hint, for a program with hardly any allocation may be fine with either. Reported in the environment of
what is deployed, and in the configuration that is built into a Rust server. Silent in tests and benchmarks,
for Rust programs that serve nothing, such as tools for the command line, and beside `narenas:1`, which is the
profile for rare allocation.

```dockerfile bad/Dockerfile
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y libjemalloc2
COPY server /usr/bin/server
ENV LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=dirty_decay_ms:0
CMD ["server"]
```

```dockerfile good/Dockerfile
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y libjemalloc2
COPY server /usr/bin/server
ENV LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=background_thread:true,dirty_decay_ms:5000
CMD ["server"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.repository import Repository
from alloclint.project.runtime import purpose
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.programs import serves
from alloclint.project.token import Token
from alloclint.project.tuning import jemalloc
from alloclint.project.tuning.jemalloc import Pair
from alloclint.project.within import part

CODE = "ALC627"
SEVERITY = Severity.info
LANGUAGES = ("rust", "cargo", "dockerfile", "compose", "kubernetes", "systemd", "shell")

_DEPLOYED = {"image", "compose", "kubernetes", "systemd", "shell"}
_CONFIGURATIONS = ("MALLOC_CONF", "_RJEM_MALLOC_CONF")
#: What an extreme setting does, and by which evidence.
_EXTREMES = {
    ("dirty_decay_ms", "0"): (
        "hands every page back in the moment it falls free",
        "each time one madvise and one page fault, which take the lock of the address space",
    ),
    ("dirty_decay_ms", "-1"): (
        "never hands free pages back",
        "the resident memory stays at its highest point",
    ),
    ("retain", "false"): (
        "unmaps address space instead of keeping it for the next use",
        "munmap and mmap take the lock of the address space, and mappings are split",
    ),
}
_DECAY = "5000"


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if _is_deployed(unit, repository):
            yield from _in_unit(unit)
    for crate in repository.programs:
        if serves(crate) is not None and purpose.of(crate.root, crate.package.name) is None:
            for conf in crate.confs:
                yield from _in_text(conf.text)


def _is_deployed(unit: Unit, repository: Repository) -> bool:
    """A program of this repository that serves nothing is a tool, wherever it runs."""
    if unit.kind not in _DEPLOYED or unit.purpose is not None:
        return False
    crate = repository.crate_in(unit)
    return crate is None or serves(crate) is not None


def _in_unit(unit: Unit) -> Iterator[Finding]:
    for name in _CONFIGURATIONS:
        variable = unit.environment.get(name)
        if variable is not None and variable.known and not variable.guarded:
            yield from _in_text(variable.value)


def _in_text(token: Token) -> Iterator[Finding]:
    pairs = jemalloc.pairs(token.text)
    if any((pair.key, pair.value) == ("narenas", "1") for pair in pairs):
        return
    # Of one key the last value holds.
    last = {pair.key: pair for pair in pairs}
    has_thread = "background_thread" in last
    for pair in last.values():
        said = _EXTREMES.get((pair.key, pair.value))
        if said is not None:
            yield _finding(token, pair, *said, has_thread)


def _finding(token: Token, pair: Pair, cost: str, evidence: str, has_thread: bool) -> Finding:
    written = f"{pair.key}:{pair.value}"
    return Finding(
        part(token, pair.start, pair.end),
        f"`{written}` {cost}",
        evidence=evidence,
        suggestion=_suggestion(token, pair, written, has_thread),
    )


def _suggestion(token: Token, pair: Pair, written: str, has_thread: bool) -> Suggestion:
    if pair.key == "retain":
        return Suggestion(f"remove `{written}`")
    place = part(token, pair.value_start, pair.end)
    is_exact = place.end.offset - place.start.offset == len(pair.value)
    beside = "" if has_thread else ", and `background_thread:true` beside it"
    return Suggestion(
        f"`{pair.key}:{_DECAY}`{beside}",
        applicability=Applicability.unsafe,
        edits=(Edit(place.start.offset, place.end.offset, _DECAY),) if is_exact else (),
    )
