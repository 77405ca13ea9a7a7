"""
An allocator is a dependency, but no code registers it.

To depend on `mimalloc` or `tikv-jemallocator` changes nothing: Cargo compiles the crate and the C library
in it, and leaves both out of the program, for no code names them. The allocator is registered by a static
with `#[global_allocator]`. Without one, the program runs on the system's allocator, however the benchmark
that chose the crate was built.

Add the static, or drop the dependency and the C compiler it needs.

Silent where any target of the workspace names the crate, in a path, a `use` or a macro; for crates that
register themselves, only ask or steer jemalloc, or are the C library alone (`…-sys`); for development; for
forks by path or git; where features are set for another crate in Cargo.lock that uses the allocator; and
where sources are missing.

```toml bad/Cargo.toml
[package]
name = "resolver"
version = "0.1.0"
edition = "2021"

[dependencies]
mimalloc = "0.1"
```

```rust bad/src/main.rs
fn main() {}
```

```toml good/Cargo.toml
[package]
name = "resolver"
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
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.workspace import Package
from alloclint.project.known import AllocatorCrate
from alloclint.project.repository import Repository
from alloclint.project.rust.allocators import CRATES

CODE = "ALC608"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo")


def check(repository: Repository) -> Iterator[Finding]:
    allocators = known.allocator_crates()
    for package in repository.packages:
        entries = [one for one in package.dependencies if one.package in allocators]
        if entries and _has_all_sources(package, repository):
            said = _said(package, repository)
            for one in entries:
                if one.ident not in said and _is_to_be_said(one, allocators[one.package], package):
                    yield _finding(package, one, allocators[one.package])


def _has_all_sources(package: Package, repository: Repository) -> bool:
    """Whether every library and program of the package is among the files of the run."""
    wanted = [one for one in package.targets if one.kind in ("lib", "bin")]
    return bool(wanted) and all(package.shown(one) in repository.files for one in wanted)


def _said(package: Package, repository: Repository) -> frozenset[str]:
    """The allocator crates that code of the workspace names."""
    crates = (one for one in repository.crates if one.package.root == package.root)
    return frozenset[str]().union(*(one.mentions for one in crates))


def _is_to_be_said(dependency: Dependency, crate: AllocatorCrate, package: Package) -> bool:
    """Whether a dependency is for nothing unless code names it."""
    if crate.is_sys or crate.is_control or crate.is_global or crate.is_debugging or crate.registers is None:
        return False
    if dependency.section != "dependencies" or dependency.ident not in CRATES:
        return False
    if dependency.git or dependency.path is not None or dependency.package in package.patched:
        return False
    return not (dependency.features and _has_other_user(dependency, package))


def _has_other_user(dependency: Dependency, package: Package) -> bool:
    """Whether another crate of the build uses the allocator, so that features may be set for that one."""
    locked = package.lock.packages if package.lock is not None else ()
    return any(one.name != package.name and dependency.package in one.dependencies for one in locked)


def _finding(package: Package, dependency: Dependency, crate: AllocatorCrate) -> Finding:
    kind = (crate.registers or "").partition("::")[2]
    path = f"{dependency.ident}::{kind}"
    condition = _condition(package, dependency)
    program = any(one.kind == "bin" for one in package.targets)
    ways = features.enablers(package, dependency)
    turned_on = f"`{ways[0]}` compiles it" if dependency.optional and ways else "it is compiled"
    return Finding(
        dependency.place,
        f"`{dependency.key}` is never registered: {'the program runs' if program else 'programs run'} on the "
        "system's allocator",
        evidence=f"{turned_on}, but no code of the workspace names `{dependency.ident}`",
        suggestion=Suggestion(
            f"write `{condition}#[global_allocator] static GLOBAL: {path} = {path};` in src/main.rs, or drop "
            "the dependency"
        ),
    )


def _condition(package: Package, dependency: Dependency) -> str:
    """The `cfg` under which a static can name the crate."""
    parts = [] if dependency.predicate is None else [dependency.predicate]
    if dependency.optional:
        parts.append(cfg.any_of(cfg.Atom("feature", one) for one in features.enablers(package, dependency)))
    joined = cfg.both(*parts)
    return "" if joined == cfg.ALWAYS else f"#[cfg({cfg.text_of(joined)})] "
