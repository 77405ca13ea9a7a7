"""What the editor is told by its user: the settings of `alloclint.toml`, and a few of the server's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alloclint import settings
from alloclint.settings import Settings, SettingsError

_SECTION = "alloclint"
_SECONDS = {"debounce-ms": "debounce", "settle-ms": "settle"}


@dataclass(frozen=True, slots=True)
class Options:
    """
    `table` holds settings as in a settings file, which win over that file; `config` is the path of a
    settings file to read instead of the nearest one. After `debounce` seconds without an edit a text is
    checked where it was edited, after further `settle` seconds as a whole.
    """

    table: Mapping[str, Any] = field(default_factory=dict)
    config: str | None = None
    debounce: float = 0.1
    settle: float = 0.4

    def settings(self, root: Path) -> Settings:
        """The settings that hold in a folder. Raises SettingsError."""
        found = settings.load(root, [self.config] if self.config else [])
        return settings.apply(found, self.table, "the editor's settings", root)


def read(given: object) -> Options:
    """
    The options that an editor sends, with or without `alloclint` around them. Names may be spelled with
    hyphens or as `minSeverity`. Raises SettingsError.
    """
    table = _hyphened(_plain(given))
    own: dict[str, Any] = {}
    for name, attribute in _SECONDS.items():
        if (value := table.pop(name, None)) is not None:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise SettingsError(f"the editor's settings: {name}: expected milliseconds, got {value!r}")
            own[attribute] = value / 1000
    config = table.pop("config", None)
    if config is not None and not isinstance(config, str):
        raise SettingsError(f"the editor's settings: config: expected the path of a file, got {config!r}")
    # Editors send null for what was not set.
    return Options({key: value for key, value in table.items() if value is not None}, config or None, **own)


def _plain(given: object) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    inner = given.get(_SECTION)
    return inner if isinstance(inner, Mapping) else given


def _hyphened(table: Mapping[str, Any]) -> dict[str, Any]:
    """Keys as a settings file spells them; the keys of `per-file-ignores` are globs and stay."""
    renamed: dict[str, Any] = {}
    for key, value in table.items():
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", str(key)).replace("_", "-").lower()
        nested = name == "limits" and isinstance(value, Mapping)
        renamed[name] = _hyphened(value) if nested else value
    return renamed


def merged(several: Sequence[Options]) -> Options:
    """Options with those that come later in the place of earlier ones."""
    found = Options()
    for one in several:
        found = Options(
            {**found.table, **one.table},
            one.config or found.config,
            found.debounce if one.debounce == Options().debounce else one.debounce,
            found.settle if one.settle == Options().settle else one.settle,
        )
    return found
