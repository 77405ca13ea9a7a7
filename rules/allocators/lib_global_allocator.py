"""
A library registers the global allocator for every program that uses it.

The allocator is the program's choice: there is one for all crates in it. A library with a
`#[global_allocator]` takes that choice from each of its dependents, whatever their targets and limits are;
one that has chosen itself, or uses a second such library, no longer links: "the `#[global_allocator]` in
this crate conflicts with global allocator in …".

Move the static to the program, `src/main.rs`, or put it behind a feature that is off by default.

Silent for crates that are no more than an allocator or are named after one (`…alloc…`), for `cdylib` and
`staticlib`, which are the last link of a program, and where `publish = false`. `info` where the package has
a program too, which is what the static is for, and where neither a description nor a licence shows that the
package is meant to be published.

```toml bad/Cargo.toml
[package]
name = "frames"
version = "0.3.0"
edition = "2021"
description = "Frames of video"
license = "MIT"

[dependencies]
tikv-jemallocator = "0.7"
bytes = "1"
```

```rust bad/src/lib.rs
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
```

```toml good/Cargo.toml
[package]
name = "frames"
version = "0.3.0"
edition = "2021"
description = "Frames of video"
license = "MIT"

[features]
jemalloc = ["dep:tikv-jemallocator"]

[dependencies]
tikv-jemallocator = { version = "0.7", optional = true }
bytes = "1"
```

```rust good/src/lib.rs
#[cfg(feature = "jemalloc")]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import Atom, Not
from alloclint.project.cargo.workspace import Package
from alloclint.project.repository import Repository
from alloclint.project.rust.allocators import GlobalAllocator
from alloclint.project.rust.combinations import by_default
from alloclint.project.rust.crates import Crate

CODE = "ALC617"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo")

#: Crate types that other Rust crates link.
_LINKED = frozenset({"lib", "rlib", "dylib"})


def check(repository: Repository) -> Iterator[Finding]:
    for crate in repository.crates:
        if crate.statics and _is_for_others(crate) and not _is_an_allocator(crate, repository):
            for static in crate.statics:
                if static.predicate is None:
                    continue
                case = by_default(crate, static.predicate)
                if case is not None and case.usual:
                    yield _finding(crate, static)


def _is_for_others(crate: Crate) -> bool:
    types = crate.target.crate_types or ("lib",)
    return crate.target.kind == "lib" and crate.package.publish and not _LINKED.isdisjoint(types)


def _is_an_allocator(crate: Crate, repository: Repository) -> bool:
    """Whether the crate is there for its allocator: by its name, or by having nothing else."""
    package = crate.package
    if "alloc" in package.name.lower():
        return True
    allocators = known.allocator_crates()
    own = [one for one in package.dependencies if one.section == "dependencies"]
    folder = f"{package.folder}/" if package.folder else ""
    files = [one for one in repository.files if one.startswith(f"{folder}src/") and one.endswith(".rs")]
    return len(files) == 1 and bool(own) and all(one.package in allocators for one in own)


def _finding(crate: Crate, static: GlobalAllocator) -> Finding:
    package = crate.package
    program = any(one.kind == "bin" and not one.required_features for one in package.targets)
    feature = _feature(static, package)
    if program and feature is not None:
        suggestion = f"take `{feature}` out of the default features, or move the static to the program"
    elif program:
        suggestion = "move it to the program, `src/main.rs`"
    elif feature is not None:
        suggestion = f"take `{feature}` out of the default features, or leave the choice to programs"
    else:
        suggestion = (
            'put it behind a feature that is off by default, `#[cfg(feature = "…")]`, or leave it to programs'
        )
    return Finding(
        static.place,
        f"every program that uses `{package.name}` gets this allocator, and one with its own does not link",
        evidence="rustc: the `#[global_allocator]` in this crate conflicts with global allocator in …",
        suggestion=Suggestion(suggestion),
        base=Severity.info if program or not _is_published(package) else None,
    )


def _feature(static: GlobalAllocator, package: Package) -> str | None:
    """The default feature without which the static is not there."""
    predicate = static.predicate
    for name in sorted(features.turned_on(package, ["default"])):
        atom = Atom("feature", name)
        if predicate is not None and cfg.compatible(predicate, Not(atom)) is False:
            return name
    return None


def _is_published(package: Package) -> bool:
    """Whether the manifest has what a registry asks for."""
    stated = package.manifest.stated
    return "description" in stated and not stated.isdisjoint({"license", "license-file"})
