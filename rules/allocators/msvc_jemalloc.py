"""
jemalloc is registered on every target, and Windows is one of them.

jemalloc's build runs `sh configure` and `make`, and its crate calls MSVC untested. A program that registers
it without a `cfg` needs a Unix shell to be built on Windows, or fails there.

Only a hint: whether the Windows build matters is for the project to say. Silent where the static or the
dependency leaves out Windows or MSVC, where it hangs on a feature that no build turns on, and without
evidence of a Windows build.

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
    runs-on: windows-latest
    steps:
      - run: cargo build --release --target x86_64-pc-windows-msvc
```

```toml good/Cargo.toml
[package]
name = "server"
version = "0.1.0"
edition = "2021"

[target.'cfg(not(target_env = "msvc"))'.dependencies]
tikv-jemallocator = "0.6"
```

```rust good/src/main.rs
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```

```yaml good/.github/workflows/release.yml
on: push
jobs:
  build:
    runs-on: windows-latest
    steps:
      - run: cargo build --release --target x86_64-pc-windows-msvc
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project.cargo.cfg import All, Atom
from alloclint.project.repository import Repository
from alloclint.project.runtime.unit import BuildTarget
from alloclint.project.rust.chosen import is_on
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.registered import Registered, registered

CODE = "ALC633"
SEVERITY = Severity.info
LANGUAGES = ("rust", "cargo", "workflow")

_MSVC = All((Atom("target_os", "windows"), Atom("target_env", "msvc")))


def check(repository: Repository) -> Iterator[Finding]:
    built = next((one for one in repository.targets if _is_msvc(one)), None)
    if built is None:
        return
    said = set()
    for crate in repository.programs:
        for one in registered(crate, repository.crates):
            if one.static.place not in said and _is_there(one, crate, repository):
                said.add(one.static.place)
                yield _finding(one, built)


def _is_msvc(target: BuildTarget) -> bool:
    return target.os == "windows" and target.libc != "gnu"


def _is_there(one: Registered, crate: Crate, repository: Repository) -> bool:
    return one.allocator == "jemalloc" and is_on(one, crate, repository, _MSVC) is True


def _finding(one: Registered, built: BuildTarget) -> Finding:
    evidence = built.evidence
    return Finding(
        one.static.place,
        "jemalloc is registered for MSVC, too, where its build needs a Unix shell",
        evidence=f"`{evidence.text}` is built in {evidence.place.path}, line {evidence.place.start.line}",
        suggestion=Suggestion(
            '`#[cfg(not(target_env = "msvc"))]` before the static, and the dependency under '
            "`[target.'cfg(not(target_env = \"msvc\"))'.dependencies]`"
        ),
        because=(replace(evidence.place, text="built for Windows here"),),
    )
