"""
A program with threads is built for musl and runs on musl's malloc.

musl's allocator takes one lock for the whole process. Programs that allocate in several threads have been
measured 3 to 7 times slower than with glibc, and far more on machines with many cores. A Rust program can
bring an allocator of its own, for musl alone.

Measure the resident memory, too: mimalloc keeps freed pages for a while, and a container with a tight limit
may need `MIMALLOC_PURGE_DELAY=0`.

Silent for programs of one thread, where any allocator is registered for musl, where a `cfg` cannot be read,
and without evidence of a musl build: a target `…-linux-musl`, or an Alpine image that builds with Cargo or
runs the program.
`info` where the only evidence is such a target and the program is neither a server nor works with `rayon`:
most tools wait for the network or the disk. `info`, too, where an image is built without the feature that
would register an allocator.

```toml bad/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
tokio = { version = "1", features = ["full"] }
```

```rust bad/src/main.rs
#[tokio::main]
async fn main() {}
```

```dockerfile bad/Dockerfile
FROM rust:1-alpine AS build
COPY . .
RUN cargo build --release

FROM alpine:3.20
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```

```toml good/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
tokio = { version = "1", features = ["full"] }

[target.'cfg(target_env = "musl")'.dependencies]
mimalloc = "0.1"
```

```rust good/src/main.rs
#[cfg(target_env = "musl")]
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {}
```

```dockerfile good/Dockerfile
FROM rust:1-alpine AS build
COPY . .
RUN cargo build --release

FROM alpine:3.20
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import Atom, Predicate
from alloclint.project.image.stage import Stage
from alloclint.project.repository import Repository
from alloclint.project.runtime.unit import BuildTarget, Unit
from alloclint.project.rust.chosen import is_on
from alloclint.project.rust.combinations import listed
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.programs import serves, threads_of
from alloclint.project.rust.registered import Registered, registered

CODE = "ALC613"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo", "dockerfile", "workflow")

_BUILDS = re.compile(r"\bcargo\s[^\n;&|]*\b(?:build|install)\b")
#: Images without a C library: what runs there brings its own.
_EMPTY = re.compile(r"scratch|(?:gcr\.io/distroless|cgr\.dev/chainguard)/static\S*")
#: Features that nobody can read off the script.
_UNKNOWN = re.compile(r"--all-features|(?<!\S)(?:--features|-F)[ =]+[\"']?[^\s\"';&|]*\$")
#: Programs for the repository itself.
_TOOLS = frozenset({"xtask", "xtasks", "codegen", "build-tools"})
_WRITE = (
    '`mimalloc = "0.1"` under `[target.\'cfg(target_env = "musl")\'.dependencies]`, and in the program '
    '`#[cfg(target_env = "musl")] #[global_allocator] static GLOBAL: mimalloc::MiMalloc = '
    "mimalloc::MiMalloc;`; measure the resident memory before and after"
)


def check(repository: Repository) -> Iterator[Finding]:
    programs = [crate for crate in repository.programs if crate.package.name not in _TOOLS]
    for crate in programs:
        threads = threads_of(crate)
        built = _built(crate, programs, repository) if threads is not None else None
        if threads is None or built is None:
            continue
        found = registered(crate, repository.crates)
        if _is_on_default(found, built.arch):
            yield _finding(crate, threads, built)
        elif built.runs and _is_left_off(found, crate, built.place.path, repository):
            yield _left_off(_finding(crate, threads, built), found)


@dataclass(frozen=True, slots=True)
class _Built:
    """Where a program is seen to be built for musl, and for which architecture."""

    place: Place
    arch: str | None = None
    runs: bool = False


def _built(crate: Crate, programs: list[Crate], repository: Repository) -> _Built | None:
    for unit in repository.units_of(crate):
        stage = _alpine(unit, repository) if unit.purpose in (None, "build") else None
        if stage is not None:
            return _Built(stage.reference.place, runs=True)
    # A target of a workflow says nothing of which program it is for.
    targets = [one for one in repository.targets if _is_musl(one)] if len(programs) == 1 else []
    return _Built(targets[0].evidence.place, targets[0].arch) if targets else None


def _alpine(unit: Unit, repository: Repository) -> Stage | None:
    """The stage that gives a program its musl: where it runs, or for an empty image where it is built."""
    stage = unit.stage
    if stage is None or unit.environment.get("LD_PRELOAD") is not None:
        return None
    if stage.base.libc is not None or not _EMPTY.fullmatch(stage.reference.text):
        return stage if stage.base.libc == "musl" else None
    origins = {copy.origin for copy in stage.copies}
    builders = (one for one in repository.stages if one.path == stage.path and one.name in origins)
    return next((one for one in builders if one.base.libc == "musl" and _builds(one)), None)


def _builds(stage: Stage) -> bool:
    return any(_BUILDS.search(run.script) for run in stage.runs)


def _is_musl(target: BuildTarget) -> bool:
    return target.libc == "musl" and target.os in (None, "linux")


def _musl(arch: str | None) -> Predicate:
    known = (Atom("target_os", "linux"), Atom("target_env", "musl"))
    return cfg.both(*known, *((Atom("target_arch", arch),) if arch else ()))


def _is_on_default(found: Sequence[Registered], arch: str | None) -> bool:
    """Whether certainly no allocator is registered on musl."""
    return all(
        one.allocator == "system"
        or (one.predicate is not None and cfg.compatible(one.predicate, _musl(arch)) is False)
        for one in found
    )


def _is_left_off(found: Sequence[Registered], crate: Crate, path: str, repository: Repository) -> bool:
    """Whether an image is built here without the features that would register an allocator."""
    stages = [one for one in repository.stages if one.path == path]
    scripts = [run.script for stage in stages for run in stage.runs]
    if not any(map(_builds, stages)) or any(map(_UNKNOWN.search, scripts)):
        return False
    optional = (one for one in found if one.allocator != "system")
    return all(
        one.dependency is not None and is_on(one, crate, repository, _musl(None)) is False for one in optional
    )


def _left_off(finding: Finding, found: Sequence[Registered]) -> Finding:
    """A program that offers an allocator, but not in this image."""
    names = dict.fromkeys(
        name
        for one in found
        if one.dependency is not None and cfg.compatible(one.predicate or cfg.NEVER, _musl(None))
        for name in features.enablers(one.crate.package, one.dependency)
    )
    return replace(
        finding,
        suggestion=Suggestion(
            f"turn on one of the features that register an allocator, {listed(tuple(names))}; measure the "
            "resident memory before and after"
        ),
        base=Severity.info,
    )


def _finding(crate: Crate, threads: str, built: _Built) -> Finding:
    name = crate.package.manifest.name
    because = (replace(name.place, text=f"`{name}` allocates in the threads of {threads}"),) if name else ()
    busy = built.runs or threads == "rayon" or serves(crate) is not None
    return Finding(
        built.place,
        f"`{crate.package.name}` runs on musl's malloc here, which takes one lock for all threads",
        evidence=f"{threads}; 3 to 7 times slower than glibc in measurements",
        suggestion=Suggestion(_WRITE),
        because=because,
        base=None if busy else Severity.info,
    )
