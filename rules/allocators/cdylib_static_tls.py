"""
A library that is loaded at run time has an allocator with static TLS.

jemalloc, mimalloc and snmalloc keep their per-thread state in the static block of thread-local storage, which
is the fastest place. That block is laid out when a program starts; a library that comes later, by `dlopen`,
gets what little is left over. `import` or `require` then fails with "cannot allocate memory in static TLS
block", on some machines, in some orders of imports.

Each of these crates has a feature for this: `disable_initial_exec_tls` for jemalloc, `local_dynamic_tls` for
mimalloc and snmalloc.

Silent where the allocator is not there on Linux and FreeBSD, and where the feature is on anywhere in the
workspace. `info` where nothing shows that the library is loaded by Python, Node or a JVM, and where the
allocator hangs on a feature that no build turns on.

```toml bad/Cargo.toml
[package]
name = "fastjoin"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
mimalloc = "0.1"
pyo3 = "0.23"
```

```rust bad/src/lib.rs
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;
```

```toml good/Cargo.toml
[package]
name = "fastjoin"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
mimalloc = { version = "0.1", features = ["local_dynamic_tls"] }
pyo3 = "0.23"
```

```rust good/src/lib.rs
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Severity
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import AnyOf, Atom
from alloclint.project.cargo.editing import with_feature
from alloclint.project.repository import Repository
from alloclint.project.rust.chosen import is_on
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.registered import Registered, registered

CODE = "ALC614"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo", "python")

_FEATURES = {
    "jemalloc": "disable_initial_exec_tls",
    "mimalloc": "local_dynamic_tls",
    "snmalloc": "local_dynamic_tls",
}
#: Crates by which other runtimes load a Rust library.
_LOADERS = frozenset(
    {"ext-php-rs", "extendr-api", "jni", "magnus", "mlua", "napi", "neon", "pgrx", "pyo3", "rustler", "rutie"}
)
_STATIC_TLS = AnyOf((Atom("target_os", "linux"), Atom("target_os", "freebsd")))


def check(repository: Repository) -> Iterator[Finding]:
    for crate in repository.crates:
        if "cdylib" in crate.target.crate_types:
            for one in registered(crate, repository.crates):
                feature = _missing(one, repository)
                if feature is not None:
                    is_used = is_on(one, crate, repository, _STATIC_TLS) is True
                    yield from _finding(crate, one, feature, _loader(crate, repository) if is_used else None)


def _missing(one: Registered, repository: Repository) -> str | None:
    """The feature that an allocator lacks where the library can be loaded."""
    feature = _FEATURES.get(one.allocator or "")
    if feature is None or one.package is None or one.predicate is None:
        return None
    if not cfg.compatible(one.predicate, _STATIC_TLS):
        return None
    return None if feature in features.crate_features(repository.packages, one.package) else feature


def _loader(crate: Crate, repository: Repository) -> str | None:
    """What shows that another runtime loads the library: a crate for it, or a build that compiles it."""
    crates = (own.package for own in crate.package.dependencies if own.package in _LOADERS)
    folders = (crate.package.folder, crate.package.root)
    tools = (one.rust_tool for one in repository.python_builds if one.folder in folders)
    return next((one for one in (*crates, *tools) if one is not None), None)


def _finding(crate: Crate, one: Registered, feature: str, loader: str | None) -> Iterator[Finding]:
    dependency = one.dependency
    if dependency is None:
        return
    yield Finding(
        dependency.place,
        f"loading `{crate.package.name}` by `dlopen` can fail: `{dependency.key}` needs static TLS",
        evidence=f"a cdylib{f' for {loader}' if loader else ''}; without `{feature}` it takes room in a "
        "block whose size is fixed when the program starts",
        suggestion=with_feature(dependency, feature),
        because=(replace(one.static.place, text="the allocator is registered here"),),
        base=None if loader else Severity.info,
    )
