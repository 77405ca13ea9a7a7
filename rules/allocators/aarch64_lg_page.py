"""
A jemalloc for ARM is fixed to the page size of its builder.

jemalloc fixes the size of a page when it is compiled. A builder with pages of 4 KiB makes a program that
stops at once where the kernel uses 16 or 64 KiB, as on Apple silicon under Linux, Raspberry Pi 5, or Grace:
"Unsupported system page size". The other way round works: a larger page runs everywhere.

`JEMALLOC_SYS_WITH_LG_PAGE=16` builds for up to 64 KiB. The value is a power of two, not a size: 12 is 4 KiB,
16 is 64 KiB.

Silent for jemalloc 5.3.1 and newer, which does this by itself (tikv-jemalloc-sys 0.7), where the variable is
set anywhere in the repository, where the allocator is not there on ARM or with the C library that is built
for, where it hangs on a feature that no build turns on, and without evidence of a build for Linux on ARM.
`info` where the only evidence is the machine of a job, which may just run the tests.

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

```yaml bad/.github/workflows/release.yml
on: push
jobs:
  build:
    runs-on: ubuntu-24.04-arm
    steps:
      - run: cargo build --release --target aarch64-unknown-linux-gnu
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

```yaml good/.github/workflows/release.yml
on: push
env:
  JEMALLOC_SYS_WITH_LG_PAGE: 16
jobs:
  build:
    runs-on: ubuntu-24.04-arm
    steps:
      - run: cargo build --release --target aarch64-unknown-linux-gnu
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo.cfg import All, Atom
from alloclint.project.repository import Repository
from alloclint.project.runtime.platforms import runner
from alloclint.project.runtime.unit import BuildTarget
from alloclint.project.rust.chosen import is_on
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.registered import Registered, registered
from alloclint.project.token import Token

CODE = "ALC616"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo", "workflow", "dockerfile")

_ARM = (Atom("target_os", "linux"), Atom("target_arch", "aarch64"))
#: `0.6`, `^0.6.1`, `=0.5.4`: the oldest that fits is the one that is named.
_PLAIN = re.compile(r"[\^~=]?\s*\d+(?:\.\d+)*\s*$")


def check(repository: Repository) -> Iterator[Finding]:
    sizes = known.tables()["page_sizes"]
    stated = list(_stated(repository, sizes["variable"]))
    yield from _impossible(stated, sizes)
    built = [one for one in repository.targets if one.arch == "aarch64" and one.os == "linux"]
    built.sort(key=_is_runner)
    # A script may set it in whatever way.
    if not built or stated or any(sizes["variable"] in script for script in repository.scripts):
        return
    for crate in repository.crates:
        if crate.is_program or "cdylib" in crate.target.crate_types:
            for one in registered(crate, repository.crates):
                if _is_fixed(one, sizes["safe_since"]):
                    found = (target for target in built if _is_built_in(one, crate, target, repository))
                    for target in islice(found, 1):
                        yield _finding(one, target, sizes)
                        return


def _stated(repository: Repository, name: str) -> Iterator[Token]:
    for unit in repository.units:
        yield from (one.value for one in unit.environment.variables if one.name == name)
    for config in repository.configs:
        yield from (one.value for one in config.env if one.name.text == name)


def _impossible(stated: list[Token], sizes: Mapping[str, Any]) -> Iterator[Finding]:
    for one in stated:
        text = one.text.strip()
        if text.isdigit() and not sizes["smallest"] <= int(text) <= sizes["largest"]:
            yield Finding(
                one.place,
                f"`{sizes['variable']}` is the logarithm of a page size: {text} is no page of any kernel",
                evidence=f"{sizes['smallest']} is 4 KiB, 14 is 16 KiB, {sizes['largest']} is 64 KiB",
                suggestion=Suggestion(f"`{sizes['variable']}={sizes['advised']}`"),
            )


def _is_fixed(one: Registered, safe_since: str) -> bool:
    """Whether it is a jemalloc whose pages are those of the builder."""
    version = _version(one) if one.allocator == "jemalloc" else None
    return version is not None and version < known.version(safe_since)


def _is_runner(target: BuildTarget) -> bool:
    return runner(target.evidence) is not None


def _is_built_in(one: Registered, crate: Crate, target: BuildTarget, repository: Repository) -> bool:
    """Whether it is there in a build for ARM; where the C library is not known, with either."""
    libcs = ("gnu", "musl") if target.libc is None else (target.libc,)
    builds = (All((*_ARM, Atom("target_env", libc))) for libc in libcs)
    return all(is_on(one, crate, repository, build) is True for build in builds)


def _version(one: Registered) -> known.Version | None:
    """The version of the crate that builds jemalloc: the locked one, else what is asked for at least."""
    lock, dependency = one.crate.package.lock, one.dependency
    locked = [
        entry for name in ("tikv-jemalloc-sys", "jemalloc-sys") for entry in (lock.of(name) if lock else ())
    ]
    if locked:
        return max(entry.version for entry in locked)
    stated = dependency.requirement if dependency is not None else None
    return known.version(stated.text) if stated is not None and _PLAIN.match(stated.text) else None


def _finding(one: Registered, built: BuildTarget, sizes: Mapping[str, Any]) -> Finding:
    place = one.dependency.place if one.dependency is not None else one.static.place
    return Finding(
        built.evidence.place,
        "the jemalloc of this ARM build aborts on kernels with larger pages than the builder's",
        evidence=f"tikv-jemalloc-sys before {sizes['safe_since']} takes the page size of the builder, and 4 "
        "KiB where it is built for another machine",
        suggestion=Suggestion(f"`{sizes['variable']}={sizes['advised']}` in the environment of the build"),
        because=(
            replace(place, text="jemalloc comes from here"),
            replace(one.static.place, text="and is registered on ARM, too"),
        ),
        base=Severity.info if _is_runner(built) else None,
    )
