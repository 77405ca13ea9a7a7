"""
An allocator crate is stale, or is asked for a feature it does not have.

`jemallocator` and `tikv-jemallocator` are one project; only the second has had releases since 2023, newer
versions of jemalloc among them. The two cannot be in one build, not even as optional dependencies: both
link the native library `jemalloc`, and Cargo refuses that. `rpmalloc` has had no release since 2021.
`wee_alloc` is unmaintained and leaks without bound (RUSTSEC-2022-0054).

A feature that no admitted version of a crate has is an error for everybody who builds the workspace, even
if the dependency is optional and never turned on: Cargo resolves all of them.

Silent for stale crates that only tests and benchmarks use, for the name `jemallocator` where
`package = "tikv-jemallocator"` stands behind it, for forks by path, git or `[patch]`, and for requirements
newer than what is known here. Stale crates are `info`; what Cargo refuses is a warning, and an error where no
newer version can change it.

```toml bad/Cargo.toml
[package]
name = "crawler"
version = "0.1.0"
edition = "2021"

[dependencies]
jemallocator = { version = "0.5", features = ["background_threads"] }
```

```toml good/Cargo.toml
[package]
name = "crawler"
version = "0.1.0"
edition = "2021"

[dependencies]
tikv-jemallocator = { version = "0.7", features = ["background_threads"] }
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import requirement
from alloclint.project.cargo.editing import entry
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.requirement import Requirement
from alloclint.project.cargo.workspace import Package
from alloclint.project.known import AllocatorCrate
from alloclint.project.repository import Repository
from alloclint.project.token import Token
from alloclint.rule import closest

CODE = "ALC625"
SEVERITY = Severity.info
LANGUAGES = ("cargo",)


def check(repository: Repository) -> Iterator[Finding]:
    told: set[Place] = set()
    for package in repository.packages:
        for dependency, crate in _entries(package):
            for finding in _of(dependency, crate):
                # An entry of the workspace is inherited by several packages.
                if finding.place not in told:
                    told.add(finding.place)
                    yield finding
    workspaces: dict[str, list[Package]] = {}
    for package in repository.packages:
        workspaces.setdefault(package.root, []).append(package)
    for packages in workspaces.values():
        yield from _clash(packages)


def _entries(package: Package) -> Iterator[tuple[Dependency, AllocatorCrate]]:
    allocators = known.allocator_crates()
    for one in package.dependencies:
        crate = allocators.get(one.package)
        if crate is not None and not one.git and one.path is None and one.package not in package.patched:
            yield one, crate


def _of(dependency: Dependency, crate: AllocatorCrate) -> Iterator[Finding]:
    if crate.state != "maintained" and not crate.is_debugging and dependency.section == "dependencies":
        yield _stale(dependency, crate)
    # `mimalloc` has a rule of its own for the features that came and went.
    if dependency.package != "mimalloc" or not {"v2", "v3"} & {one.text for one in dependency.features}:
        yield from _unknown_features(dependency, crate)


# ---------------------------------------------------------------- stale crates


def _stale(dependency: Dependency, crate: AllocatorCrate) -> Finding:
    inherited = dependency.inherits and dependency.requirement is not None
    return Finding(
        dependency.requirement.place if inherited and dependency.requirement else dependency.place,
        _state(crate),
        evidence=crate.advisory or f"as of {known.table('as_of')}",
        suggestion=_successor(dependency, crate),
    )


def _state(crate: AllocatorCrate) -> str:
    if crate.successor is not None:
        return f"`{crate.name}` gets no more releases; the project goes on as `{crate.successor}`"
    if crate.advisory is not None:
        return f"`{crate.name}` is unmaintained, and its memory can grow without bound"
    return f"`{crate.name}` has had no release for years"


def _successor(dependency: Dependency, crate: AllocatorCrate) -> Suggestion:
    new = known.allocator_crates().get(crate.successor or "")
    if new is None or new.requirement is None:
        if crate.name == "wee_alloc":
            return Suggestion("drop it: the default allocator of wasm32 targets is small, too")
        return Suggestion("`mimalloc` or `tikv-jemallocator`, which are maintained")
    written = dependency.requirement
    edits: tuple[Edit, ...] = ()
    if written is not None and written.place.start.line == dependency.key.place.start.line:
        plain = written.place.end == dependency.place.end
        inner = f'version = "{new.requirement}", package = "{new.name}"'
        text = f"{{ {inner} }}" if plain else inner.removeprefix("version = ")
        edits = (Edit(written.place.start.offset, written.place.end.offset, text),)
    there = new.features()
    gone = [one.text for one in dependency.features if there and one.text not in there]
    line = entry(dependency, without=gone, requirement=new.requirement, package=new.name)
    return Suggestion(
        f"`{line}`, which keeps the name that the code uses",
        applicability=Applicability.unsafe,
        edits=edits,
    )


# ---------------------------------------------------------------- features that do not exist


def _unknown_features(dependency: Dependency, crate: AllocatorCrate) -> Iterator[Finding]:
    written = dependency.requirement
    stated = requirement.read(written.text) if written is not None else None
    there = _features(crate, stated) if stated is not None else None
    if there is None or stated is None or written is None:
        return
    for feature in dependency.features:
        if feature.text not in there:
            yield _unknown(feature, crate, written, stated, there)


def _features(crate: AllocatorCrate, stated: Requirement) -> frozenset[str] | None:
    """The features of any version that a requirement admits; None where that is not known."""
    if crate.latest is None or not crate.changes or stated.lowest > crate.latest:
        return None
    versions = [stated.lowest, *(one.since for one in crate.changes if stated.admits(one.since))]
    return frozenset[str]().union(*map(crate.features, versions), {"default"})


def _unknown(
    feature: Token, crate: AllocatorCrate, written: Token, stated: Requirement, there: frozenset[str]
) -> Finding:
    final = crate.latest is not None and stated.below <= (*crate.latest[:2], crate.latest[2] + 1)
    near = closest(feature.text, there)
    edits = (Edit(feature.place.start.offset, feature.place.end.offset, f'"{near}"'),) if near else ()
    return Finding(
        feature.place,
        f"`{crate.name}` has no feature `{feature}`: Cargo refuses the package, used or not",
        evidence=f"no version that `{written}` admits has it, as of {known.table('as_of')}",
        suggestion=Suggestion(
            f"`{near}`, or leave it out" if near else "leave it out",
            applicability=Applicability.unsafe if edits else Applicability.display,
            edits=edits,
        ),
        because=(replace(written.place, text="the requirement"),),
        base=Severity.error if final else Severity.warning,
    )


# ---------------------------------------------------------------- two of one library


def _clash(packages: list[Package]) -> Iterator[Finding]:
    """Old and new jemalloc crates in one workspace: one resolution has room for one of them."""
    entries = [entry for package in packages for entry in _entries(package)]
    linking = [(one, crate) for one, crate in entries if _links(crate) == "jemalloc"]
    old = [one for one, crate in linking if crate.state != "maintained"]
    new = [one for one, crate in linking if crate.state == "maintained"]
    if old and new:
        yield Finding(
            old[0].key.place,
            f"`{old[0].package}` and `{new[0].package}` cannot be in one build: Cargo refuses the workspace",
            evidence='both link the native library: `links = "jemalloc"`, optional or not',
            suggestion=Suggestion(f"use `{new[0].package}` for both"),
            because=(replace(new[0].place, text="the other one"),),
            base=Severity.error,
        )


def _links(crate: AllocatorCrate) -> str | None:
    """The native library that a crate links, itself or by its `-sys` crate."""
    sys = known.allocator_crates().get(crate.sys or crate.name)
    return sys.links if sys is not None else None
