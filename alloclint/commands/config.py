"""`alloclint config`: what can be set."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from alloclint import terminal

SUMMARY = "Explain the settings: each with its default, type and meaning."
EXAMPLES = """\
  alloclint config                        every setting
  alloclint config limits.horizon-days    one of them
  alloclint config limits                 all thresholds

Settings stand in the nearest of these, in the folder that holds all checked paths or above:
  .alloclint.toml, alloclint.toml         at the top level
  pyproject.toml                          under [tool.alloclint]
  Cargo.toml                              under [package.metadata.alloclint] or [workspace.metadata.alloclint]
One file is read; files are not merged. Paths and globs are relative to its folder."""


def add(parser: ArgumentParser) -> None:
    """Declare the name."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="one setting, or a group such as `limits`")


def run(arguments: Namespace) -> int:
    """Print the settings that the name stands for."""
    from alloclint.settings import Described, SettingsError, described, nearest

    def text(setting: Described) -> str:
        return f"{setting.name} = {setting.default}\n    {setting.meaning}\n    Type: {setting.type}."

    every = list(described())
    name: str | None = arguments.name
    if name is None:
        chosen = every
    else:
        chosen = [setting for setting in every if setting.name == name or setting.name.startswith(f"{name}.")]
    if not chosen:
        hint = nearest(name or "", [setting.name for setting in every])
        raise SettingsError(f"there is no setting `{name}`{hint}")
    terminal.show("\n\n".join(text(setting) for setting in chosen))
    return 0
