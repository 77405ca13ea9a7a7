"""Which jemalloc the crates of a workspace build: with or without a prefix, which version, with profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alloclint.finding import Place
from alloclint.project import known
from alloclint.project.cargo import features
from alloclint.project.cargo.lock import Lock
from alloclint.project.cargo.workspace import Package
from alloclint.project.repository import Repository

OVERRIDE = "JEMALLOC_OVERRIDE"


@dataclass(frozen=True, slots=True)
class BuiltJemalloc:
    """
    The jemalloc of a workspace. `prefixed` and `profiling` are None where a feature may or may not be on;
    `place` is where the workspace asks for it. `crate_version` is that of the `-sys` crate, as locked.
    """

    prefixed: bool | None
    profiling: bool | None
    crate_version: known.Version | None
    version: known.Version | None
    place: Place

    @property
    def environment(self) -> str | None:
        """The variable that it reads."""
        return None if self.prefixed is None else ("_RJEM_MALLOC_CONF" if self.prefixed else "MALLOC_CONF")


def built(repository: Repository, root: str) -> BuiltJemalloc | None:
    """The jemalloc of the workspace in a folder, or None: there is none, or another may be linked."""
    packages = [one for one in repository.packages if one.root == root]
    names = [name for name, entry in known.allocator_crates().items() if entry.allocator == "jemalloc"]
    stated = [
        one
        for package in packages
        for one in package.dependencies
        if one.package in names and one.section == "dependencies"
    ]
    if not stated or not all(package.known for package in packages) or _may_be_replaced(repository):
        return None
    lock = next((package.lock for package in packages if package.lock is not None), None)
    crate_version, version = _versions(lock)
    unprefixing = known.covering("jemalloc")
    unprefixed = _asked(packages, names, unprefixing)
    if _others_ask(packages, lock, names):
        unprefixed = True if unprefixed else None
    return BuiltJemalloc(
        None if unprefixed is None else not unprefixed,
        _asked(packages, names, ["profiling"]),
        crate_version,
        version,
        stated[0].place,
    )


def _asked(packages: Sequence[Package], names: Sequence[str], wanted: Sequence[str]) -> bool | None:
    """Whether one of some features is on: in every build (True), in none (False), or in some (None)."""
    always = {one for name in names for one in features.crate_features(packages, name, always=True)}
    if not always.isdisjoint(wanted):
        return True
    ever = {one for name in names for one in features.crate_features(packages, name)}
    return False if ever.isdisjoint(wanted) else None


def _others_ask(packages: Sequence[Package], lock: Lock | None, names: Sequence[str]) -> bool:
    """Whether a crate from elsewhere asks for jemalloc too, with features of its own."""
    for name, entry in known.native_crates().items():
        if entry.jemalloc is not None and entry.jemalloc in features.crate_features(packages, name):
            return True
    own = {package.name for package in packages}
    return any(
        one.name not in own and one.name not in names and not set(names).isdisjoint(one.dependencies)
        for one in (lock.packages if lock is not None else ())
    )


def _versions(lock: Lock | None) -> tuple[known.Version | None, known.Version | None]:
    for name in ("tikv-jemalloc-sys", "jemalloc-sys"):
        locked = lock.of(name) if lock is not None else ()
        if locked:
            return locked[-1].version, known.jemalloc_of(name, locked[-1].version)
    return None, None


def _may_be_replaced(repository: Repository) -> bool:
    """Whether a build may link a jemalloc that was built elsewhere."""
    configured = (one.name.text for config in repository.configs for one in config.env)
    set_in_units = (one.name for unit in repository.units for one in unit.environment.variables)
    scripts = (run.script for stage in repository.stages for run in stage.runs)
    return OVERRIDE in (*configured, *set_in_units) or any(OVERRIDE in script for script in scripts)
