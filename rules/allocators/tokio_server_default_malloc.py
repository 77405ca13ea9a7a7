"""
A server on tokio's threads runs on glibc's malloc.

A request is allocated in one worker and freed in another. glibc keeps an arena for each thread that once
waited for a lock, and returns little of them: on machines with many cores the resident memory of long-running
servers has been seen to stay at many times what is in use. jemalloc and mimalloc return memory by time.

Only a hint: whether it matters cannot be seen in the code. Measure the resident memory of a server that has
run for days before and after.

Silent without an image of this repository that runs the server on glibc, where any allocator is registered or
preloaded, and where the number of arenas is bounded.

```toml bad/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
axum = "0.7"
tokio = { version = "1", features = ["full"] }
```

```rust bad/src/main.rs
#[tokio::main]
async fn main() {}
```

```dockerfile bad/Dockerfile
FROM rust:1-bookworm AS build
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```

```toml good/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
axum = "0.7"
tikv-jemallocator = "0.7"
tokio = { version = "1", features = ["full"] }
```

```rust good/src/main.rs
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() {}
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

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.repository import Repository
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.programs import serves, threads_of
from alloclint.project.rust.registered import registered

CODE = "ALC630"
SEVERITY = Severity.info
LANGUAGES = ("rust", "cargo", "dockerfile")

_TUNED = ("LD_PRELOAD", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES")


def check(repository: Repository) -> Iterator[Finding]:
    for crate in repository.programs:
        server = serves(crate)
        threads = threads_of(crate)
        if server is None or threads is None or "tokio" not in threads:
            continue
        unit = next((one for one in repository.units_of(crate) if _is_on_glibc(one)), None)
        if unit is not None and not registered(crate, repository.crates):
            yield _finding(crate, server, unit)


def _is_on_glibc(unit: Unit) -> bool:
    if unit.purpose is not None or unit.stage is None or unit.stage.base.libc != "glibc":
        return False
    return all(unit.environment.get(name) is None for name in _TUNED) and not unit.unseen


def _finding(crate: Crate, server: Dependency, unit: Unit) -> Finding:
    assert unit.stage is not None
    return Finding(
        unit.stage.reference.place,
        f"`{crate.package.name}` serves from tokio's threads on glibc's malloc, which may keep what is freed",
        evidence=f"{server.package} and tokio's multi-thread runtime, no allocator registered or preloaded",
        suggestion=Suggestion(
            '`tikv-jemallocator = "0.7"` and `#[global_allocator] static GLOBAL: '
            "tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;`, if resident memory grows for days"
        ),
        because=(replace(server.place, text="it serves with this"),),
    )
