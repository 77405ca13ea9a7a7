"""Cargo.lock: which version of each crate is built."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.finding import Place


@dataclass(frozen=True, slots=True)
class Locked:
    """One `[[package]]` of a lock file. `version` is (major, minor, patch); `dependencies` are crate names."""

    name: str
    version: tuple[int, int, int]
    place: Place
    source: str | None = None
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A Cargo.lock."""

    path: str
    folder: str
    packages: tuple[Locked, ...]

    def of(self, name: str) -> tuple[Locked, ...]:
        """Every locked version of a crate, oldest first."""
        return tuple(sorted((one for one in self.packages if one.name == name), key=lambda one: one.version))
