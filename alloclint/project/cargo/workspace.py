"""Packages with what they inherit from their workspace: what rules and the sources of a crate ask."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.project.cargo.lock import Lock
from alloclint.project.cargo.manifest import Dependency, Manifest, Target


@dataclass(frozen=True, slots=True)
class Package:
    """
    A package after inheritance. `root` is the folder of its workspace, or its own. `targets` are the declared
    ones and those found by custom (`src/main.rs`, `src/bin/*.rs` …). `lock` is the lock file that holds.
    """

    manifest: Manifest
    root: str
    dependencies: tuple[Dependency, ...]
    targets: tuple[Target, ...]
    lock: Lock | None = None

    @property
    def name(self) -> str:
        assert self.manifest.name is not None
        return self.manifest.name.text
