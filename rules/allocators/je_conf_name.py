"""
jemalloc's settings stand under a name that this jemalloc does not read.

The crates `tikv-jemallocator` and `jemallocator` build jemalloc with the prefix `_rjem_`. It then reads the
variable `_RJEM_MALLOC_CONF` and the symbol `_rjem_malloc_conf`, and nothing of what is set for `MALLOC_CONF`
or `malloc_conf` arrives. With the feature `unprefixed_malloc_on_supported_platforms` it is the other way
round. jemalloc says nothing about either.

Rename the variable or the static; where one environment serves several programs, set both.

This rule is silent where both names are set, where a jemalloc is preloaded, which has no prefix, and where
a script mentions the right name. So it is where a feature decides about the prefix, where another crate may
take it away, as RocksDB's feature `jemalloc` does, and where no program of this repository is known to run
in the image.

```toml bad/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
tikv-jemallocator = "0.6"
```

```rust bad/src/main.rs
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```

```dockerfile bad/Dockerfile
FROM rust:1-bookworm AS build
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /target/release/server /usr/bin/server
ENV MALLOC_CONF=background_thread:true
CMD ["server"]
```

```toml good/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[dependencies]
tikv-jemallocator = "0.6"
```

```rust good/src/main.rs
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```

```dockerfile good/Dockerfile
FROM rust:1-bookworm AS build
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /target/release/server /usr/bin/server
ENV _RJEM_MALLOC_CONF=background_thread:true
CMD ["server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.project.cargo import cfg
from alloclint.project.cargo.cfg import Atom
from alloclint.project.distinct import distinct
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.allocators import MallocConf
from alloclint.project.rust.chosen import IMAGES, is_certain
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.jemalloc import BuiltJemalloc, built
from alloclint.project.rust.registered import Registered, registered

CODE = "ALC601"
SEVERITY = Severity.error
LANGUAGES = ("rust", "cargo", "dockerfile", "compose", "kubernetes", "systemd", "shell")

_OTHER = {"MALLOC_CONF": "_RJEM_MALLOC_CONF", "_RJEM_MALLOC_CONF": "MALLOC_CONF"}
_LINUX = Atom("target_os", "linux")
#: Up to this version the prefix stayed on musl, whatever the features said.
_PREFIX_ON_MUSL = (0, 6, 0)


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        crate = repository.crate_in(unit)
        if crate is not None:
            yield from _of_unit(unit, crate, repository)
    for crate in repository.crates:
        if crate.confs and crate.target.kind in ("bin", "lib"):
            yield from _of_statics(crate, repository)


def _of_unit(unit: Unit, crate: Crate, repository: Repository) -> Iterator[Finding]:
    static = _registered(crate, repository)
    jemalloc = built(repository, crate.package.root)
    right = jemalloc.environment if jemalloc is not None else None
    if static is None or jemalloc is None or right is None or _is_unsure_on_musl(unit, jemalloc):
        return
    wrong = unit.environment.get(_OTHER[right])
    if wrong is not None and not unit.environment.get(right) and not _is_elsewhere(unit, right):
        yield _about_variable(wrong, right, jemalloc, static)


def _registered(crate: Crate, repository: Repository) -> Registered | None:
    """The jemalloc that a program certainly has where images run."""
    found = (one for one in registered(crate, repository.crates) if one.allocator == "jemalloc")
    return next((one for one in found if is_certain(one, crate, repository, IMAGES)), None)


def _is_unsure_on_musl(unit: Unit, jemalloc: BuiltJemalloc) -> bool:
    is_glibc = unit.stage is not None and unit.stage.base.libc == "glibc"
    is_new = jemalloc.crate_version is not None and jemalloc.crate_version >= _PREFIX_ON_MUSL
    return not jemalloc.prefixed and not is_glibc and not is_new


def _is_elsewhere(unit: Unit, right: str) -> bool:
    """Whether a jemalloc is preloaded, or something hands the value on under the right name."""
    preloaded = [one.value.text for one in unit.environment.variables if one.name == "LD_PRELOAD"]
    named = re.compile(rf"(?<!\w){right}(?!\w)|libjemalloc")
    return any(named.search(text) for text in (*preloaded, *(command.text for command in unit.commands)))


def _about_variable(wrong: Variable, right: str, jemalloc: BuiltJemalloc, static: Registered) -> Finding:
    how = "with" if jemalloc.prefixed else "without"
    start = wrong.place.start.offset
    is_plain = wrong.origin in ("image", "shell") and wrong.value.place.start.offset > start
    return Finding(
        wrong.place,
        f"`{wrong.name}` is not read: this jemalloc is built {how} a prefix and reads `{right}`",
        suggestion=Suggestion(
            f"`{line(wrong.origin, right, wrong.value.text)}`",
            applicability=Applicability.unsafe if is_plain else Applicability.display,
            edits=(Edit(start, start + len(wrong.name), right),) if is_plain else (),
        ),
        because=(
            replace(static.static.place, text="the program's allocator"),
            replace(jemalloc.place, text=f"jemalloc is asked for {how} a prefix here"),
        ),
    )


def _of_statics(crate: Crate, repository: Repository) -> Iterator[Finding]:
    jemalloc = built(repository, crate.package.root)
    if jemalloc is None or jemalloc.prefixed is None:
        return
    right = "_rjem_malloc_conf" if jemalloc.prefixed else "malloc_conf"
    if any(one.symbol == right for one in crate.confs):
        return
    for conf in crate.confs:
        # Without the prefix it is left out on Linux only, and before 0.6 not on musl.
        if jemalloc.prefixed or (_is_on_linux(conf) and (jemalloc.crate_version or (0,)) >= _PREFIX_ON_MUSL):
            yield _about_static(conf, right, jemalloc)


def _is_on_linux(conf: MallocConf) -> bool:
    return conf.predicate is not None and cfg.implies(conf.predicate, _LINUX) is True


def _about_static(conf: MallocConf, right: str, jemalloc: BuiltJemalloc) -> Finding:
    how = "with" if jemalloc.prefixed else "without"
    return Finding(
        conf.place,
        f"the symbol `{conf.symbol}` is not read: this jemalloc is built {how} a prefix and reads `{right}`",
        suggestion=Suggestion(f'`#[export_name = "{right}"]`'),
        because=(replace(jemalloc.place, text=f"jemalloc is asked for {how} a prefix here"),),
    )
