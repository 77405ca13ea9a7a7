"""
The allocator of a Rust program does not serve the C++ in it.

`#[global_allocator]` is for Rust's own allocations. RocksDB, DuckDB, librdkafka call `malloc`, and that stays
the C library's: the memory that fragments is often theirs, and jemalloc's statistics do not show it.

Built without its prefix, jemalloc also is `malloc`, and serves both. `rocksdb` has a feature `jemalloc` that
hands RocksDB over, and mimalloc has `override`.

Silent where the allocator already covers `malloc`, where a start script or an image preloads one, on Windows,
for libraries, and where the lock file has a jemalloc below the C++ library, which a feature of that asks for.
`info` where only the lock file has the C++, which a feature may bring that nobody turns on, and where the
allocator is off by default; silent where both are so.

```toml bad/Cargo.toml
[package]
name = "index"
version = "0.1.0"
edition = "2021"

[dependencies]
rocksdb = "0.22"
tikv-jemallocator = "0.6"
```

```rust bad/src/main.rs
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```

```toml good/Cargo.toml
[package]
name = "index"
version = "0.1.0"
edition = "2021"

[dependencies]
rocksdb = "0.22"
tikv-jemallocator = { version = "0.6", features = ["unprefixed_malloc_on_supported_platforms"] }
```

```rust good/src/main.rs
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Place, Severity
from alloclint.project import known
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import Atom
from alloclint.project.cargo.editing import with_feature
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.repository import Repository
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.chosen import is_on
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.jemalloc import OVERRIDE
from alloclint.project.rust.programs import native_in
from alloclint.project.rust.registered import Registered, registered

CODE = "ALC607"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo")

_LINUX = Atom("target_os", "linux")


def check(repository: Repository) -> Iterator[Finding]:
    if _is_overridden(repository):
        return
    said: set[Place] = set()
    for crate in repository.programs:
        for one in registered(crate, repository.crates):
            dependency = one.dependency
            if dependency is None or dependency.place in said or not _leaves_out(one, repository):
                continue
            native = list(native_in(crate, repository.packages))
            if native and not any(_is_preloaded(unit) for unit in repository.units_of(crate)):
                unsure = (native[0][2] is None, not is_on(one, crate, repository, _LINUX))
                if not all(unsure):
                    said.add(dependency.place)
                    yield _finding(crate, one, dependency, native, sure=not any(unsure))


def _leaves_out(one: Registered, repository: Repository) -> bool:
    """Whether an allocator is there on Linux, and is not `malloc` as well."""
    covering = known.covering(one.allocator)
    if not covering or one.dependency is None or one.predicate is None:
        return False
    if not cfg.compatible(one.predicate, _LINUX):
        return False
    names = {one.dependency.package, "tikv-jemalloc-sys", "jemalloc-sys", "libmimalloc-sys"}
    asked = {name for package in names for name in features.crate_features(repository.packages, package)}
    return asked.isdisjoint(covering)


def _is_overridden(repository: Repository) -> bool:
    """Whether the build takes another jemalloc, of which nothing is known."""
    return any(unit.environment.get(OVERRIDE) is not None for unit in repository.units)


def _is_preloaded(unit: Unit) -> bool:
    return unit.environment.get("LD_PRELOAD") is not None


def _finding(
    crate: Crate,
    one: Registered,
    dependency: Dependency,
    native: list[tuple[str, str, Dependency | None]],
    *,
    sure: bool,
) -> Finding:
    _, what, entry = native[0]
    others = f", nor {native[1][1]}" if len(native) > 1 else ""
    because = (replace(entry.place, text=f"{what} comes from here"),) if entry is not None else ()
    return Finding(
        dependency.place,
        f"`{crate.package.name}` gives Rust a {one.allocator}, but not {what}{others}: that stays on the C "
        "library's malloc",
        evidence="a global allocator serves Rust's own allocations only",
        suggestion=with_feature(dependency, known.covering(one.allocator)[0]),
        because=(*because, replace(one.static.place, text="the allocator is registered here")),
        # A lock file has what any feature of any crate may bring.
        base=None if sure else Severity.info,
    )
