"""
RocksDB in a JVM, on glibc's malloc as it comes.

RocksDB keeps its blocks, memtables and iterators in native memory, allocated and freed by many threads.
glibc gives each of them an arena, up to eight for each CPU of the host, whatever the container may use, and
returns memory only from an arena's end. So the resident size creeps up for weeks, until the kernel kills the
process. Heap dumps and native memory tracking show nothing: up to 30 % of the native memory is free, and of
no use to anybody.

Preload jemalloc. It keeps sizes apart, and gives back what was unused for some seconds. A bare
`libjemalloc.so.2` is found on every architecture; a path with `x86_64` in it is not on ARM, where the loader
prints one line and the program goes on without it. Weaker, but without a package: `MALLOC_ARENA_MAX=2` bounds
the arenas, `-XX:TrimNativeHeapInterval=5000` (milliseconds) has the JVM give back what can be given back.
Java 17.0.15 and 25 know that flag; a JVM that does not know it refuses to start.

A preload is a change to be watched: jemalloc 5 has brought races in HotSpot to light
([jemalloc#1392](https://github.com/jemalloc/jemalloc/issues/1392)). Roll it out by degrees.

Without a library of RocksDB's in the repository, that a Flink image is told not to preload is only `info`.

One finding for each image or unit that starts `java`. Silent: libraries without an image, images whose C
library is not known, images and start scripts that preload an allocator, arenas that are bounded, memory that
is trimmed, and images such as Flink's, which preload jemalloc themselves, unless `DISABLE_JEMALLOC=true`
tells them not to.

```xml bad/pom.xml
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>store</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.rocksdb</groupId>
      <artifactId>rocksdbjni</artifactId>
      <version>8.10.0</version>
    </dependency>
  </dependencies>
</project>
```

```dockerfile bad/Dockerfile
FROM eclipse-temurin:17-jre
COPY target/store.jar /srv/store.jar
ENTRYPOINT ["java", "-jar", "/srv/store.jar"]
```

```xml good/pom.xml
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>store</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.rocksdb</groupId>
      <artifactId>rocksdbjni</artifactId>
      <version>8.10.0</version>
    </dependency>
  </dependencies>
</project>
```

```dockerfile good/Dockerfile
FROM eclipse-temurin:17-jre
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2
COPY target/store.jar /srv/store.jar
ENV LD_PRELOAD=libjemalloc.so.2
ENTRYPOINT ["java", "-jar", "/srv/store.jar"]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.image.base import Base
from alloclint.project.image.preload import place_of_base, preloads
from alloclint.project.jvm.natives import Native, java_command, jvm_flag, natives
from alloclint.project.repository import Repository
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.unit import Unit

CODE = "ALC622"
SEVERITY = Severity.warning
LANGUAGES = ("maven", "gradle", "dockerfile", "compose", "kubernetes", "shell")

_ALLOCATORS = frozenset({"jemalloc", "tcmalloc", "mimalloc"})
_INSTALL = {
    "debian": "RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2"
    " && rm -rf /var/lib/apt/lists/*",
    "wolfi": "RUN apk add --no-cache jemalloc",
}
_PRELOAD = "ENV LD_PRELOAD=libjemalloc.so.2"
_WEAKER = (
    "weaker: `ENV MALLOC_ARENA_MAX=2`, or `-XX:TrimNativeHeapInterval=5000` if the JVM knows that, as 17.0.15"
)


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if unit.purpose is not None or unit.kind == "workflow" or unit.init:
            continue
        base = unit.base
        off = unit.environment.get("DISABLE_JEMALLOC")
        if base is not None and "flink" in base.brings and off is not None and off.value.text == "true":
            yield _switched_off(off, repository)
        elif base is not None and base.libc == "glibc" and not base.brings & _ALLOCATORS:
            yield from _on_glibc(unit, base, repository)


def _on_glibc(unit: Unit, base: Base, repository: Repository) -> Iterator[Finding]:
    module = repository.module_in(unit)
    native = next((one for one in natives(module) if one.is_rocksdb), None) if module is not None else None
    command = java_command(unit, module) if module is not None else None
    if native is not None and command is not None and not _is_cared_for(unit):
        yield _finding(unit, native, command, base)


def _is_cared_for(unit: Unit) -> bool:
    """Whether something preloads an allocator, bounds arenas, trims, or may do so where nobody can look."""
    environment = unit.environment
    if unit.unseen or jvm_flag(unit, "TrimNativeHeapInterval"):
        return True
    arenas, tunables = environment.get("MALLOC_ARENA_MAX"), environment.get("GLIBC_TUNABLES")
    if arenas is not None and arenas.value.text not in ("", "0"):
        return True
    if tunables is not None and "arena_max" in tunables.value.text:
        return True
    if any(_may_preload(one) for one in environment.variables if one.name == "LD_PRELOAD"):
        return True
    return unit.stage is not None and any("ld.so.preload" in run.script for run in unit.stage.runs)


def _may_preload(variable: Variable) -> bool:
    is_open = not variable.known or variable.guarded or "$" in variable.value.text
    return is_open or any(preloads(variable)) or "malloc" in variable.value.text


def _finding(unit: Unit, native: Native, command: Command, base: Base) -> Finding:
    what = native.library.what.partition(",")[0]
    return Finding(
        _place(unit, command),
        f"{what}'s native memory creeps up under glibc's malloc: no allocator is preloaded, arenas have no "
        "limit and nothing trims them",
        evidence="up to 30 % of such memory was free, but not given back; jemalloc made it flat. Watch the "
        "roll-out: jemalloc 5 has brought races in HotSpot to light (jemalloc#1392)",
        suggestion=Suggestion(_lines(unit, base)),
        because=tuple(_because(unit, native, command)),
    )


def _place(unit: Unit, command: Command) -> Place:
    """Where the image says what it starts: the lines to write go before it."""
    stage = unit.stage
    started = (stage.entrypoint or stage.cmd) if stage is not None else None
    return started.place if started is not None else command.place


def _because(unit: Unit, native: Native, command: Command) -> Iterator[Place]:
    artifact = native.artifact
    yield replace(artifact.place, text=f"{native.library.what} comes with `{artifact.name}`")
    if unit.stage is not None:
        yield place_of_base(unit.stage, "this image has glibc")
    elif unit.image is not None:
        yield replace(unit.image.place, text="this image has glibc")
    if command.place != _place(unit, command):
        yield replace(command.place, text="the JVM is started here")


def _lines(unit: Unit, base: Base) -> str:
    preload = f"`{_PRELOAD}`, which is found on amd64 and arm64 alike"
    packages = unit.stage.packages if unit.stage is not None else ()
    if any("jemalloc" in one.name for one in packages):
        return f"jemalloc is installed, preload it: {preload}; {_WEAKER}"
    if unit.stage is not None and "distroless" in unit.stage.reference.text:
        return f"nothing can be installed here: take an image with `libjemalloc2`, and {preload}; {_WEAKER}"
    install = _INSTALL.get(base.family or "")
    epel = " (from EPEL)" if base.family == "rhel" else ""
    first = f"`{install}` and " if install is not None else f"install `jemalloc`{epel} and "
    return f"preload jemalloc: {first}{preload}; {_WEAKER}"


def _switched_off(variable: Variable, repository: Repository) -> Finding:
    """A hint where nothing says that the jobs keep their state in RocksDB, which is not Flink's default."""
    has_rocksdb = any(one.is_rocksdb for module in repository.modules for one in natives(module))
    return Finding(
        variable.place,
        "this takes Flink back to glibc's malloc, under which RocksDB's native memory creeps up",
        base=None if has_rocksdb else Severity.info,
        evidence="Flink's images preload jemalloc unless `DISABLE_JEMALLOC` is `true`",
        suggestion=Suggestion("remove it, or bound the arenas too: `MALLOC_ARENA_MAX=2`"),
    )
