"""Reading a manifest: one that is missing, unreadable or broken says nothing, and never stops a run."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1024)
def text(path: Path) -> str | None:
    """The text of a file of at most 4 MB, or None."""
    try:
        if not path.is_file() or path.stat().st_size > 4 * 2**20:
            return None
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None


@lru_cache(maxsize=1024)
def toml(path: Path) -> dict[str, Any] | None:
    """The table in a TOML file, or None."""
    content = text(path)
    try:
        return None if content is None else tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def at(table: dict[str, Any] | None, *keys: str) -> Any:
    """The value under nested keys, or None."""
    value: Any = table
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
