"""
jemalloc counts the CPUs of the machine, not those of its container.

It makes four arenas for each CPU that the process may run on. A limit of CPU time, which is what containers
have, changes nothing of that: a container with a limit of 2 CPUs on a machine of 64 gets up to 256 arenas.
Each keeps free pages of its own, so the same program needs more memory on a larger machine, and may be killed
there. A Flink job was seen with 3.9 GB of such pages in a pod of 16 GB.

Say how many there should be: `narenas:` two to four times the limit.

Only a hint, for how many threads allocate at once decides how many arenas are used. On nodes where containers
get CPUs of their own (the static policy of the kubelet) the program sees those, and nothing needs to be said.

Reported for a container with a limit of at most 4 CPUs and 8 GB whose program is known to run on jemalloc.
Silent where `narenas`, `narenas_ratio` or `percpu_arena` is set, or may be set in a place that is not seen,
where CPUs are assigned (`cpuset`), and for images of Flink, which count for themselves.

```dockerfile bad/Dockerfile
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y libjemalloc2
COPY server /usr/bin/server
ENV LD_PRELOAD=libjemalloc.so.2
CMD ["server"]
```

```yaml bad/docker-compose.yml
services:
  server:
    build: .
    cpus: 2
    mem_limit: 2g
```

```dockerfile good/Dockerfile
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y libjemalloc2
COPY server /usr/bin/server
ENV LD_PRELOAD=libjemalloc.so.2
CMD ["server"]
```

```yaml good/docker-compose.yml
services:
  server:
    build: .
    cpus: 2
    mem_limit: 2g
    environment:
      MALLOC_CONF: "narenas:8"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import features
from alloclint.project.distinct import distinct
from alloclint.project.image import base
from alloclint.project.image.preload import preloaded
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Origin
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.unit import Limit, Unit
from alloclint.project.rust.chosen import IMAGES, is_certain
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.registered import registered
from alloclint.project.tuning import jemalloc

CODE = "ALC626"
SEVERITY = Severity.info
LANGUAGES = ("rust", "cargo", "dockerfile", "compose", "kubernetes", "systemd")

_MOST_CPUS = 4
_MOST_MEMORY = 8 * 2**30
#: Arenas for each CPU, as jemalloc has them by default.
_ARENAS = 4
_COUNTING = {"narenas", "narenas_ratio", "percpu_arena"}
_CONFIGURATIONS = ("MALLOC_CONF", "_RJEM_MALLOC_CONF")
_ORIGINS: dict[str, Origin] = {"compose": "compose", "kubernetes": "kubernetes", "systemd": "systemd"}


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if unit.kind not in _ORIGINS or unit.purpose is not None or unit.unseen or unit.pinned:
            continue
        if unit.cpus is None or unit.memory is None or _is_flink(unit):
            continue
        if unit.cpus.amount > _MOST_CPUS or unit.memory.amount > _MOST_MEMORY:
            continue
        yield from _in(unit, unit.cpus, repository)


def _in(unit: Unit, limit: Limit, repository: Repository) -> Iterator[Finding]:
    crate = repository.crate_in(unit)
    brought = _brought(unit, crate, repository)
    if brought is None or _is_counted(unit, crate):
        return
    name, place = brought
    yield Finding(
        limit.place,
        f"jemalloc makes {_ARENAS} arenas for each CPU of the machine, and does not see the limit of "
        f"{limit.amount:g} CPU{'' if limit.amount == 1 else 's'}",
        evidence="it asks which CPUs the process may run on; a limit of CPU time is not among the answers",
        suggestion=Suggestion(f"`{_line(unit, name, limit)}`"),
        because=(place,),
    )


def _is_flink(unit: Unit) -> bool:
    brings = unit.stage.base.brings if unit.stage is not None else frozenset()
    named = base.of(unit.image.text).brings if unit.image is not None else frozenset()
    return "flink" in brings | named


def _brought(unit: Unit, crate: Crate | None, repository: Repository) -> tuple[str, Place] | None:
    """The variable that the program's jemalloc reads, and what says that it runs on one."""
    if crate is not None:
        found = [one for one in registered(crate, repository.crates) if one.allocator == "jemalloc"]
        if len(found) == 1 and is_certain(found[0], crate, repository, IMAGES):
            asked = features.crate_features(repository.packages, found[0].package or "")
            is_plain = not asked.isdisjoint(known.covering("jemalloc"))
            place = replace(found[0].static.place, text="jemalloc is registered here")
            return _CONFIGURATIONS[0 if is_plain else 1], place
    preload = preloaded(unit.environment)
    if preload is None or preload.allocator != "jemalloc":
        return None
    return _CONFIGURATIONS[0], replace(preload.variable.place, text="jemalloc is preloaded here")


def _is_counted(unit: Unit, crate: Crate | None) -> bool:
    """Whether the number of arenas is set, or may be."""
    texts = [one.text.text for one in crate.confs] if crate is not None else []
    for name in _CONFIGURATIONS:
        variable = unit.environment.get(name)
        if variable is not None:
            texts.append(variable.value.text)
            if not variable.known or variable.guarded:
                return True
    return any(pair.key in _COUNTING for text in texts for pair in jemalloc.pairs(text))


def _line(unit: Unit, name: str, limit: Limit) -> str:
    """The assignment, with what is set already."""
    variable = unit.environment.get(name)
    before = f"{variable.value.text.strip(',')}," if variable is not None and variable.value.text else ""
    return line(_ORIGINS[unit.kind], name, f"{before}narenas:{ceil(limit.amount * _ARENAS)}")
