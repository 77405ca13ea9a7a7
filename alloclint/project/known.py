"""The dated tables of what ages: `known.toml`, read once."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """Everything in `known.toml`."""
    return tomllib.loads(Path(__file__).with_name("known.toml").read_text(encoding="utf-8"))


def table(*keys: str) -> Any:
    """The value under nested keys; a key that is not there is a mistake in the table, and raises."""
    value: Any = tables()
    for key in keys:
        value = value[key]
    return value
