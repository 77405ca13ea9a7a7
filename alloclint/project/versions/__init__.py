"""What build files say of the language versions that a file is written for, a module per build system."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from alloclint.project.versions import cargo, jvm, manifest, python
from alloclint.settings import Limits


def limits_for(limits: Limits, pinned: frozenset[str], language: str, path: Path) -> Limits:
    """
    `limits` with the version that the build files above `path` state, unless it was set by hand
    (`pinned`).
    """
    folder = path.absolute().parent
    if language == "java" and "java_release" not in pinned:
        return replace(limits, java_release=jvm.release(folder))
    if language == "rust" and "rust_version" not in pinned:
        return replace(limits, rust_version=cargo.rust_version(folder))
    if language == "python" and "python_version" not in pinned:
        stated = python.python_version(folder)
        return replace(limits, python_version=stated) if stated else limits
    return limits


def forget() -> None:
    """Read build files again: a process that lives long sees them change."""
    for module in (cargo, jvm, manifest, python):
        for value in list(vars(module).values()):
            clear = getattr(value, "cache_clear", None)
            if clear is not None:
                clear()
