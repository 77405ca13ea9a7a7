"""
An allocator is preloaded into a program that has its own.

A Rust program with a `#[global_allocator]` calls that directly. `LD_PRELOAD` replaces `malloc`, which such
a program hardly calls, so the preloaded allocator serves next to nothing: two are in memory, and the settings
of the wrong one are tuned.

Keep one: drop the preload, or the static.

Silent where the program brings C or C++, which the preload is for, where the image starts other programs,
too, and where the preload is decided by a test. `info` where it is the same allocator without its prefix.

```toml bad/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
mimalloc = "0.1"
```

```rust bad/src/main.rs
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {}
```

```dockerfile bad/Dockerfile
FROM rust:1-bookworm AS build
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y libjemalloc2
ENV LD_PRELOAD=libjemalloc.so.2
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```

```toml good/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
mimalloc = "0.1"
```

```rust good/src/main.rs
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {}
```

```dockerfile good/Dockerfile
FROM rust:1-bookworm AS build
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import features
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.chosen import IMAGES, is_certain
from alloclint.project.rust.programs import native_in
from alloclint.project.rust.registered import Registered, registered

CODE = "ALC623"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo", "dockerfile", "compose", "kubernetes", "systemd", "shell")

_LIBRARY = re.compile(r"lib(jemalloc|mimalloc|tcmalloc|snmalloc)")


def check(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        preload = unit.environment.get("LD_PRELOAD")
        loaded = _LIBRARY.search(preload.value.text) if preload is not None else None
        if preload is None or loaded is None or preload.guarded or len(unit.starts) > 1:
            continue
        yield from _of_unit(unit, preload, loaded[1], repository)


def _of_unit(unit: Unit, preload: Variable, loaded: str, repository: Repository) -> Iterator[Finding]:
    crate = repository.crate_in(unit)
    if crate is None or any(native_in(crate, repository.packages)):
        return
    brought = (one for one in registered(crate, repository.crates) if one.allocator not in (None, "system"))
    found = [one for one in brought if is_certain(one, crate, repository, IMAGES)]
    if len(found) == 1:
        yield _finding(preload, loaded, found[0], repository)


def _finding(preload: Variable, loaded: str, one: Registered, repository: Repository) -> Finding:
    asked = features.crate_features(repository.packages, one.package or "")
    is_same = one.allocator == loaded and not asked.isdisjoint(known.covering(one.allocator))
    return Finding(
        preload.place,
        f"the preloaded {loaded} serves next to nothing: the Rust program has its own {one.allocator}",
        evidence="LD_PRELOAD replaces `malloc`; a global allocator is called without it",
        suggestion=Suggestion("drop the `LD_PRELOAD`, or the `#[global_allocator]`: one allocator is enough"),
        because=(replace(one.static.place, text=f"{one.allocator} is registered here"),),
        base=Severity.info if is_same else None,
    )
