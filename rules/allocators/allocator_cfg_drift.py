"""
The allocator's static is there on targets where its dependency is not.

Two places say when an allocator is used: `cfg` before the static, and `[target.'cfg(…)'.dependencies]` or
an optional dependency in Cargo.toml. Where the static's `cfg` holds and the dependency's does not, the
crate does not exist: "cannot find module or crate in this scope". The build that fails is one the author
does not make, `--no-default-features` or another system.

Write one predicate in both files. For an optional dependency the static needs `#[cfg(feature = "…")]`.

`info` where only targets fail that few programs are built for, such as WebAssembly, and only if a plain build
does. `info`, too, where it is the other way round: the dependency is also built on targets of ordinary
programs where no static uses it, which takes time, and for jemalloc a shell and `make`.

Silent where the two agree under what rustc knows of targets and Cargo of features, and where a predicate
cannot be read or hangs on a `cfg` that a build script sets.

```toml bad/Cargo.toml
[package]
name = "indexer"
version = "0.1.0"
edition = "2021"

[target.'cfg(target_os = "linux")'.dependencies]
tikv-jemallocator = "0.7"
```

```rust bad/src/main.rs
#[cfg(unix)]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```

```toml good/Cargo.toml
[package]
name = "indexer"
version = "0.1.0"
edition = "2021"

[target.'cfg(target_os = "linux")'.dependencies]
tikv-jemallocator = "0.7"
```

```rust good/src/main.rs
#[cfg(target_os = "linux")]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import cfg, features, targets
from alloclint.project.cargo.cfg import All, AnyOf, Atom, Case, Not, Predicate
from alloclint.project.cargo.manifest import Dependency, Section
from alloclint.project.cargo.workspace import Package
from alloclint.project.repository import Repository
from alloclint.project.rust.allocators import GlobalAllocator
from alloclint.project.rust.combinations import build_with, by_default, listed, target_of
from alloclint.project.rust.crates import Crate

CODE = "ALC609"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo")

#: A predicate of so many characters is not written out once more.
_LONG = 80
#: Where programs with an allocator of their own run. Emscripten is a Unix to rustc, and is none of these.
_SYSTEMS = All((AnyOf((Atom("unix"), Atom("windows"))), Not(Atom("target_family", "wasm"))))


def check(repository: Repository) -> Iterator[Finding]:
    told: set[Place] = set()
    for crate in repository.crates:
        for static in crate.statics:
            needed = _dependencies(crate, static.crate)
            finding = _missing(crate, static, needed) if needed else None
            if finding is not None and static.place not in told:
                told.add(static.place)
                yield finding
    for package in repository.packages:
        yield from _wider(package, repository)


def _dependencies(crate: Crate, ident: str) -> list[Dependency]:
    sections: set[Section] = {"dependencies"}
    if crate.target.kind in ("test", "bench", "example"):
        sections.add("dev-dependencies")
    own = crate.package.dependencies
    return [one for one in own if one.ident == ident and one.section in sections]


def _present(package: Package, needed: list[Dependency]) -> Predicate | None:
    """When at least one of some entries is there; None where one cannot be read."""
    ways: list[Predicate] = []
    for one in needed:
        if one.condition is None:
            return None
        optional = cfg.any_of(Atom("feature", name) for name in features.enablers(package, one))
        ways.append(cfg.both(one.condition, optional) if one.optional else one.condition)
    return cfg.any_of(ways)


# ---------------------------------------------------------------- a static without its dependency


def _missing(crate: Crate, static: GlobalAllocator, needed: list[Dependency]) -> Finding | None:
    present = _present(crate.package, needed)
    if present is None or static.predicate is None or present == cfg.ALWAYS:
        return None
    case = _failing(crate, static.predicate, present)
    if case is None:
        return None
    dependency = needed[0]
    lacking = cfg.text_of(_lacking(crate.package, static.predicate, present))
    start = static.place.start.offset
    return Finding(
        static.place,
        f"{_where(case, crate)} this static does not compile: `{dependency.key}` is no dependency there",
        evidence=f"the dependency is there for `cfg({cfg.text_of(present)})`, the static for "
        f"`cfg({cfg.text_of(static.predicate)})`",
        suggestion=Suggestion(
            f"add `#[cfg({lacking})]` to the static, and to a `use` of the crate",
            applicability=Applicability.unsafe,
            edits=(Edit(start, start, f"#[cfg({lacking})]\n"),),
        ),
        because=tuple(replace(one.place, text=_there(crate.package, one)) for one in needed),
        base=Severity.info if _is_rare(case) else None,
    )


def _failing(crate: Crate, static: Predicate, present: Predicate) -> Case | None:
    """A build with the static and without its dependency: for a usual system, or else a plain one."""
    case = build_with(crate, static, Not(present), _SYSTEMS)
    if case is None or not case.usual:
        case = by_default(crate, cfg.both(static, Not(present)), trusting=False)
    return case if case is not None and case.usual else None


def _is_rare(case: Case) -> bool:
    target = targets.named(target_of(case) or "")
    return target is not None and (not target.familiar or "wasm" in target.families)


def _lacking(package: Package, static: Predicate, present: Predicate) -> Predicate:
    """The parts of the dependency's predicate that the static's does not imply."""
    known_features = features.implications(package)
    parts = present.parts if isinstance(present, All) else (present,)
    return cfg.both(*(one for one in parts if cfg.implies(static, one, given=known_features) is not True))


def _where(case: Case, crate: Crate) -> str:
    """The build that fails: its target, its features, or the lack of one."""
    target = target_of(case)
    off = tuple(sorted(one.value for one in case.false if one.name == "feature" and one.value))
    parts = [f"for {target}"] if target else []
    if case.features:
        parts.append(f"with {listed(case.features)}")
    if off and not target:
        default = features.turned_on(crate.package, ["default"])
        usual = " (`--no-default-features`)" if not default.isdisjoint(off) else ""
        parts.append(f"without {listed(off)}{usual}")
    return " ".join(parts) or "in a plain build"


def _there(package: Package, dependency: Dependency) -> str:
    turned_on = features.enablers(package, dependency)
    parts = []
    if dependency.target is not None:
        parts.append(f"only for {dependency.target}")
    if dependency.optional:
        parts.append(f"optional, turned on by {listed(turned_on)}" if turned_on else "optional")
    return ", ".join(parts)


# ---------------------------------------------------------------- a dependency without a static


def _wider(package: Package, repository: Repository) -> Iterator[Finding]:
    """Allocators that are built for systems on which none of the package's statics names them."""
    allocators = known.allocator_crates()
    for one in package.dependencies:
        if one.package not in allocators or one.section != "dependencies":
            continue
        crates = [crate for crate in repository.crates if crate.package is package]
        if sum(other.ident == one.ident for other in package.dependencies) > 1:
            continue
        statics = [
            (crate, static) for crate in crates for static in crate.statics if static.crate == one.ident
        ]
        if statics and all(_is_read(static.predicate) for _, static in statics):
            yield from _unused_on(package, one, statics)


def _is_read(predicate: Predicate | None) -> bool:
    """Whether a manifest could say the same: targets and features."""
    return predicate is not None and all(
        atom.name == "feature" or targets.decides(atom.name, atom.value) for atom in cfg.atoms(predicate)
    )


def _unused_on(
    package: Package, dependency: Dependency, statics: list[tuple[Crate, GlobalAllocator]]
) -> Iterator[Finding]:
    used = cfg.any_of(static.predicate for _, static in statics if static.predicate is not None)
    # Which features are on is another question: only targets are compared.
    present, covered = _present(package, [dependency]), cfg.with_some_features(used)
    if present is None or covered is None:
        return
    crate, static = statics[0]
    case = build_with(crate, present, Not(covered), _SYSTEMS)
    if case is None or not case.usual or target_of(case) is None:
        return
    condition = cfg.text_of(_targets_only(used))
    where = f"cfg({condition})" if len(condition) < _LONG else "cfg(…)"
    yield Finding(
        dependency.place,
        f"`{dependency.key}` is built for {target_of(case)} too, where no static uses it",
        evidence=f"the static is there for `cfg({cfg.text_of(used)})`",
        suggestion=Suggestion(
            f"move it to `[target.'{where}'.dependencies]`, with the targets of the static's `cfg`"
        ),
        because=(replace(static.place, text="the allocator is registered here"),),
        base=Severity.info,
    )


def _targets_only(predicate: Predicate) -> Predicate:
    """A predicate without what it says of features, which a manifest says elsewhere."""
    match predicate:
        case Not(Atom("feature")) | Atom("feature"):
            return cfg.ALWAYS
        case cfg.All(parts):
            return cfg.both(*(one for one in map(_targets_only, parts) if one != cfg.ALWAYS))
        case AnyOf(parts):
            return cfg.any_of(map(_targets_only, parts))
    return predicate
