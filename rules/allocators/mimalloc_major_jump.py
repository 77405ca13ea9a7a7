"""
A patch release of `mimalloc` changed the C library's major version.

`mimalloc` 0.1.48 compiles version 2 of the C library; 0.1.49 compiles version 3, which keeps memory,
threads and huge pages differently. A plain `cargo update` makes the change. It showed as memory that stayed
resident (+81% on musl) and as seconds of stalls with transparent huge pages.

The features changed with it. `v3` exists in 0.1.48 alone: a requirement that admits 0.1.48 is held there
for ever, without a word, and one that does not is refused by Cargo. `v2` exists from 0.1.49 on: an older
lock file does not build with `--locked`.

Say what is meant: `version = "0.1.49"` for version 3, with `features = ["v2"]` for version 2. Then measure
resident memory; `no_thp`, or `MIMALLOC_ALLOW_THP=0` in the environment, keeps version 3 from huge pages.

`info` for a server whose requirement admits both while its lock file has version 3. Silent without
a lock file there, for requirements pinned by `=` to a version that has the feature, and for patched crates.

```toml bad/Cargo.toml
[package]
name = "gateway"
version = "0.1.0"
edition = "2021"

[dependencies]
mimalloc = { version = "0.1.43", features = ["v3"] }
```

```toml good/Cargo.toml
[package]
name = "gateway"
version = "0.1.0"
edition = "2021"

[dependencies]
mimalloc = "0.1.49"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import features, requirement
from alloclint.project.cargo.editing import entry
from alloclint.project.cargo.lock import Locked
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.requirement import Requirement
from alloclint.project.cargo.workspace import Package
from alloclint.project.repository import Repository
from alloclint.project.rust.crates import Crate
from alloclint.project.token import Token

CODE = "ALC624"
SEVERITY = Severity.warning
LANGUAGES = ("cargo",)

_CRATE = "mimalloc"
#: What makes a program a server: crates that listen.
_SERVERS = frozenset(
    {"actix-web", "axum", "hyper", "jsonrpsee", "pingora", "poem", "rocket", "salvo", "tonic", "volo", "warp"}
)


def check(repository: Repository) -> Iterator[Finding]:
    told: set[Place] = set()
    for package in repository.packages:
        for one in package.dependencies:
            if one.package != _CRATE or one.git or one.path is not None or _CRATE in package.patched:
                continue
            for finding in _of(package, one, repository):
                # An entry of the workspace is inherited by several packages.
                if finding.place not in told:
                    told.add(finding.place)
                    yield finding


def _of(package: Package, dependency: Dependency, repository: Repository) -> Iterator[Finding]:
    stated = requirement.read(dependency.requirement.text) if dependency.requirement else None
    if stated is None or dependency.requirement is None:
        return
    before, after = known.table("mimalloc", "feature_before"), known.table("mimalloc", "feature_after")
    for feature in dependency.features:
        if feature.text == before["name"]:
            yield from _only_before(feature, dependency, dependency.requirement, stated, before["only_in"])
        elif feature.text == after["name"]:
            yield from _only_after(feature, package)
    if not {one.text for one in dependency.features} & {before["name"], after["name"], "no_thp"}:
        yield from _changed(package, dependency, dependency.requirement, stated, repository)


def _changed_in() -> requirement.Version:
    return known.version(known.table("mimalloc", "changed_in"))


def _only_before(
    feature: Token, dependency: Dependency, written: Token, stated: Requirement, only: str
) -> Iterator[Finding]:
    """`v3`: one version has it, so that Cargo takes that, or none."""
    changed = known.table("mimalloc", "changed_in")
    line = entry(dependency, without=(feature.text,), requirement=changed)
    suggestion = Suggestion(f"`{line}`: version 3 is what it compiles, without a feature")
    because = (
        (replace(written.place, text="the requirement"),) if written.place.path != feature.place.path else ()
    )
    if not stated.admits(known.version(only)):
        yield Finding(
            feature.place,
            f"no version that `{written}` admits has the feature `{feature}`: Cargo refuses the package",
            evidence=f"`{feature}` is in mimalloc {only} alone; from {changed} on it is the default",
            suggestion=suggestion,
            because=because,
            base=Severity.error,
        )
    elif stated.admits(_changed_in()):
        yield Finding(
            feature.place,
            f"`{feature}` holds mimalloc at {only} for ever, for no other version has this feature",
            evidence=f"Cargo resolves `{written}` to {only}, which has it; {changed} made version 3 of "
            "the C library its default",
            suggestion=suggestion,
            because=because,
        )


def _only_after(feature: Token, package: Package) -> Iterator[Finding]:
    """`v2` with a lock file that is older."""
    locked = _locked(package)
    changed = known.table("mimalloc", "changed_in")
    if locked is not None and locked.version < _changed_in():
        yield Finding(
            feature.place,
            f"the locked mimalloc {_text(locked)} has no feature `{feature}`: `cargo build --locked` fails",
            evidence=f"`{feature}` came with {changed}",
            suggestion=Suggestion(f"`cargo update -p mimalloc`, and require `{changed}`"),
            because=(replace(locked.place, text="locked here"),),
        )


def _changed(
    package: Package,
    dependency: Dependency,
    written: Token,
    stated: Requirement,
    repository: Repository,
) -> Iterator[Finding]:
    """A server that a `cargo update` took from version 2 to 3."""
    locked = _locked(package)
    if locked is None or locked.version < _changed_in() or stated.lowest >= _changed_in() or stated.pinned:
        return
    unified = features.crate_features(repository.packages, _CRATE)
    program = _server(package, dependency, repository)
    if program is None or not unified.isdisjoint({"v2", "no_thp"}):
        return
    yield Finding(
        written.place,
        f"the locked mimalloc {_text(locked)} compiles version 3 of its C library, which `{written}` does "
        "not ask for",
        evidence=f"{known.table('mimalloc', 'changed_in')} changed it from 2 in a patch release; memory that "
        "stays resident and huge pages are reported",
        suggestion=Suggestion(
            f'measure resident memory, then state the choice: `version = "{_text(locked)}"`, with '
            '`features = ["v2"]` for the old one, or `["no_thp"]`'
        ),
        because=(replace(locked.place, text="locked here"),),
        base=Severity.info,
    )


def _server(package: Package, dependency: Dependency, repository: Repository) -> Crate | None:
    """A program of the package that registers mimalloc and listens."""
    required = (one for one in package.dependencies if one.section == "dependencies" and not one.optional)
    listens = any(one.package in _SERVERS for one in required)
    own = (one for one in repository.programs if one.package is package)
    registering = (one for one in own if any(each.crate == dependency.ident for each in one.statics))
    return next(registering, None) if listens else None


def _locked(package: Package) -> Locked | None:
    """The newest locked version."""
    found = package.lock.of(_CRATE) if package.lock is not None else ()
    return found[-1] if found else None


def _text(locked: Locked) -> str:
    return ".".join(map(str, locked.version))
