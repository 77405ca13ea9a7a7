"""
The allocators that a program is built with: its own statics, and those of the workspace's libraries under it.

A static names a type; its first word is the identifier of a dependency, and that has a crate's real name,
whatever it is called here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alloclint.project import known
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import Predicate
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.workspace import Package
from alloclint.project.rust.allocators import GlobalAllocator, both
from alloclint.project.rust.crates import Crate


@dataclass(frozen=True, slots=True)
class Registered:
    """
    An allocator in a program. `crate` is where the static stands, `dependency` what brings the allocator,
    None for the system's and for one of the crate's own. `allocator` is `jemalloc`, `mimalloc`, `snmalloc` …,
    `system`, or None where it is not known. `predicate` is when it is there; None is unknown.
    """

    crate: Crate
    static: GlobalAllocator
    dependency: Dependency | None
    allocator: str | None
    predicate: Predicate | None

    @property
    def package(self) -> str | None:
        """The real name of the crate that brings the allocator."""
        return self.dependency.package if self.dependency is not None else None


def registered(crate: Crate, crates: Sequence[Crate]) -> tuple[Registered, ...]:
    """All allocators that a crate may be built with; `crates` are those of the repository."""
    libraries = {one.package.name: one for one in crates if one.target.kind == "lib"}
    return tuple(_below(crate, cfg.ALWAYS, libraries, set()))


def _below(
    crate: Crate, outer: Predicate | None, libraries: dict[str, Crate], seen: set[str]
) -> Iterator[Registered]:
    for static in crate.statics:
        dependency = dependency_of(crate.package, static)
        yield Registered(
            crate, static, dependency, _allocator(static, dependency), both(outer, static.predicate)
        )
    own = libraries.get(crate.package.name)
    if own is not None and own is not crate and own.package.name not in seen:
        seen.add(own.package.name)
        yield from _below(own, outer, libraries, seen)
    for dependency in crate.package.dependencies:
        library = libraries.get(dependency.package)
        if library is None or dependency.section != "dependencies" or library.package.name in seen:
            continue
        seen.add(library.package.name)
        yield from _below(library, both(outer, presence(crate.package, dependency)), libraries, seen)


def dependency_of(package: Package, static: GlobalAllocator) -> Dependency | None:
    """The dependency that a static's type comes from."""
    fitting = (
        one for one in package.dependencies if one.ident == static.crate and one.section == "dependencies"
    )
    return next(fitting, None)


def presence(package: Package, dependency: Dependency) -> Predicate | None:
    """When a dependency is there: on its targets, with the features that turn it on."""
    if dependency.target is not None and dependency.predicate is None:
        return None
    return both(dependency.predicate or cfg.ALWAYS, features.enabling(package, dependency))


def _allocator(static: GlobalAllocator, dependency: Dependency | None) -> str | None:
    if static.type_path in ("std::alloc::System", "alloc::alloc::System"):
        return "system"
    if dependency is None:
        return None
    entry = known.allocator_crates().get(dependency.package)
    return entry.allocator if entry is not None else None
