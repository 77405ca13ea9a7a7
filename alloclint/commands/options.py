"""What several commands have in common: how to give settings."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alloclint.settings import Settings


def add_config(parser: ArgumentParser) -> None:
    """`--config` and `--isolated`."""
    group = parser.add_argument_group("settings")
    group.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE|KEY=VALUE",
        help="read this settings file, or set one value as in a settings file, in TOML; may be repeated",
    )
    group.add_argument("--isolated", action="store_true", help="read no settings file")


def settings_of(arguments: Namespace) -> Settings:
    """The settings that hold for the paths that are named, and the values of `--config`."""
    from pathlib import Path

    from alloclint import settings

    paths = [arguments.file] if hasattr(arguments, "file") else getattr(arguments, "paths", [])
    return settings.load(Path.cwd(), arguments.config, arguments.isolated, paths)
