"""The oldest Rust that a crate supports: `rust-version` of the nearest Cargo.toml."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from alloclint.project.versions import manifest


@lru_cache(maxsize=1024)
def rust_version(folder: Path) -> tuple[int, int] | None:
    """The `rust-version` that holds in a folder, inherited from the workspace where the crate says so."""
    for directory in (folder, *folder.parents):
        table = manifest.toml(directory / "Cargo.toml")
        if manifest.at(table, "package") is not None:
            stated = manifest.at(table, "package", "rust-version")
            if manifest.at(stated if isinstance(stated, dict) else None, "workspace") is True:
                stated = _of_workspace(directory, table)
            return parse(stated)
    return None


def _of_workspace(directory: Path, table: dict[str, Any] | None) -> Any:
    named = manifest.at(table, "package", "workspace")
    folders = [directory / named] if isinstance(named, str) else [directory, *directory.parents]
    for folder in folders:
        workspace = manifest.at(manifest.toml(folder / "Cargo.toml"), "workspace")
        if workspace is not None:
            return manifest.at(workspace, "package", "rust-version")
    return None


def parse(text: Any) -> tuple[int, int] | None:
    """`1.80`, `1.80.1` or `1` as (major, minor); None for anything else."""
    match = re.match(r"(\d+)(?:\.(\d+))?", text) if isinstance(text, str) else None
    return (int(match[1]), int(match[2] or 0)) if match else None
