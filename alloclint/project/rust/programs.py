"""What decides how much an allocator matters to a program: its threads, its C and C++, what it serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from alloclint.project import known
from alloclint.project.cargo import features
from alloclint.project.cargo.lock import Lock
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.workspace import Package
from alloclint.project.rust.crates import Crate

_THREADED = frozenset({"rayon", "actix-web", "rocket"})
_SERVERS = frozenset(
    {"actix-web", "axum", "hyper", "ntex", "poem", "rocket", "salvo", "tide", "tonic", "volo", "warp"}
)
_MULTI = frozenset({"full", "rt-multi-thread"})
#: The C libraries that a crate with C++ can be built on.
_SERVED = frozenset({"jemalloc-sys", "tikv-jemalloc-sys"})


def threads_of(crate: Crate) -> str | None:
    """
    Why a program is known to allocate in several threads, in words; None if it is not known, or if it asks
    for a runtime of one thread.
    """
    if crate.current_thread or crate.no_std:
        return None
    if "rayon" in crate.threads:
        return "rayon"
    if "threads" in crate.threads:
        return "threads of its own"
    for one in _own(crate.package):
        if one.package == "tokio" and _MULTI & features.dependency_features(crate.package, one, always=True):
            return "tokio's multi-thread runtime" if "tokio" in crate.threads else None
        if one.package in _THREADED:
            return one.package
    return None


def serves(crate: Crate) -> Dependency | None:
    """The dependency that makes a program a server."""
    return next((one for one in _own(crate.package) if one.package in _SERVERS), None)


def native_in(crate: Crate, packages: Iterable[Package]) -> Iterator[tuple[str, str, Dependency | None]]:
    """
    The C and C++ that a program brings, each as the crate's name, what it is in words, and the entry that
    asks for it where that is one of the repository's own. What hands its allocations over is left out, as is
    what has a jemalloc below it in the lock file: only a feature of its own brings that.
    """
    packages = list(packages)
    by_name = {package.name: package for package in packages}
    stated: dict[str, Dependency] = {}
    for package in _below(crate.package, by_name):
        for one in _own(package):
            stated.setdefault(one.package, one)
    natives = known.native_crates()
    said = {
        entry.what
        for name, entry in natives.items()
        if entry.jemalloc is not None and entry.jemalloc in features.crate_features(packages, name)
    }
    under = _under(crate.package.lock)
    reached = _reached(under, stated)
    for name, entry in natives.items():
        if name in reached and not _SERVED.isdisjoint(_reached(under, [name])):
            said.add(entry.what)
    for name, entry in natives.items():
        if name in reached and entry.what not in said:
            said.add(entry.what)
            yield name, entry.what, stated.get(name)


def _own(package: Package) -> Iterator[Dependency]:
    """Dependencies that every plain build of a package has."""
    return (
        one
        for one in package.dependencies
        if one.section == "dependencies" and not one.optional and one.target is None
    )


def _below(package: Package, by_name: dict[str, Package]) -> Iterator[Package]:
    """A package and those of the repository under it."""
    waiting, seen = [package], {package.name}
    while waiting:
        one = waiting.pop()
        yield one
        for dependency in _own(one):
            inner = by_name.get(dependency.package)
            if inner is not None and inner.name not in seen:
                seen.add(inner.name)
                waiting.append(inner)


def _under(lock: Lock | None) -> dict[str, set[str]]:
    """The dependencies of each crate in a lock file."""
    under: dict[str, set[str]] = {}
    for one in lock.packages if lock is not None else ():
        under.setdefault(one.name, set()).update(one.dependencies)
    return under


def _reached(under: Mapping[str, Iterable[str]], first: Iterable[str]) -> set[str]:
    """Some crates and all under them."""
    found: set[str] = set()
    waiting = list(first)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += under.get(name, ())
    return found
