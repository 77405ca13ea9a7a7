"""The oldest Python that a project supports: `requires-python` of the nearest pyproject.toml."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from alloclint.project.versions import manifest


@lru_cache(maxsize=1024)
def python_version(folder: Path) -> tuple[int, int] | None:
    """The lower bound of `requires-python`, also as Poetry's `python` dependency; None if none is stated."""
    for directory in (folder, *folder.parents):
        table = manifest.toml(directory / "pyproject.toml")
        stated = manifest.at(table, "project", "requires-python") or manifest.at(
            table, "tool", "poetry", "dependencies", "python"
        )
        if isinstance(stated, str):
            return lower_bound(stated)
    return None


def lower_bound(requirement: str) -> tuple[int, int] | None:
    """`>=3.11,<4` → (3, 11). Upper bounds and exclusions say nothing about the oldest version."""
    bounds = re.findall(r"(>=|~=|===?|>|\^|~)\s*(\d+)(?:\.(\d+))?", requirement)
    versions = [(int(major), int(minor or 0)) for _, major, minor in bounds]
    return max(versions, default=None)
