"""The flags of `alloclint check`, and the settings that they make."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from alloclint.commands.options import add_config, settings_of

if TYPE_CHECKING:
    from alloclint.settings import Settings

#: Where a baseline is if nobody says otherwise.
BASELINE = "alloclint-baseline.json"
_SEVERITIES = ("info", "warning", "error")


def add(parser: ArgumentParser) -> None:
    """Declare the paths and all flags."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files and folders, default: this folder; `-` is standard input",
    )
    parser.add_argument(
        "--stdin-filename", metavar="PATH", help="what the text from standard input is called"
    )
    parser.add_argument(
        "-j", "--jobs", type=_jobs, metavar="N", help="worker processes; 0, the default: as many as pay off"
    )
    _add_rules(parser)
    _add_files(parser)
    _add_narrowing(parser)
    _add_fixes(parser)
    _add_output(parser)
    add_config(parser)


def _add_rules(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("rules")
    lists: dict[str, Any] = {"action": "extend", "type": _rules, "metavar": "RULE,…"}
    group.add_argument("--select", **lists, help="run only these rules")
    group.add_argument("--extend-select", **lists, help="run these rules, too")
    group.add_argument("--ignore", **lists, help="do not run these rules")
    group.add_argument(
        "--per-file-ignores",
        action="extend",
        type=_comma,
        metavar="GLOB:RULE,…",
        help="do not report this rule in files that match the glob",
    )
    group.add_argument(
        "--min-severity",
        choices=_SEVERITIES,
        help="count but do not show findings below this; default: warning",
    )


def _add_files(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    lists: dict[str, Any] = {"action": "extend", "type": _comma, "metavar": "GLOB,…"}
    switch: dict[str, Any] = {"action": "store_true", "default": None}
    group.add_argument("--exclude", **lists, help="leave these out instead of the usual ones")
    group.add_argument("--extend-exclude", **lists, help="leave these out, too")
    group.add_argument("--force-exclude", **switch, help="leave out excluded files even if they are named")
    group.add_argument(
        "--respect-gitignore",
        action=BooleanOptionalAction,
        help="leave out what .gitignore leaves out, the default",
    )
    group.add_argument(
        "--show-files", action="store_true", help="print the files that would be linted, and stop"
    )


def add_for_baseline(parser: ArgumentParser) -> None:
    """Declare the paths and the flags that decide what is found, for commands that keep it in a file."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders, default: this folder")
    parser.add_argument("--baseline", metavar="FILE", help=f"the file, default: the setting, or {BASELINE}")
    parser.add_argument("-j", "--jobs", type=_jobs, metavar="N", help="worker processes")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    _add_rules(parser)
    _add_files(parser)
    add_config(parser)


def _add_narrowing(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("only what is new")
    group.add_argument(
        "--new-from-rev",
        metavar="REV",
        help="report only what has to do with lines that were changed since REV, committed or not; "
        "`REV...` with three dots: since this branch left REV, as for a pull request",
    )
    ways = group.add_mutually_exclusive_group()
    ways.add_argument("--baseline", metavar="FILE", help="do not report what is in this baseline")
    ways.add_argument("--no-baseline", action="store_true", help="report what the baseline hides, too")


def _add_fixes(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("fixes")
    ways = group.add_mutually_exclusive_group()
    ways.add_argument("--fix", action="store_true", help="apply the safe fixes of what is reported")
    ways.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")
    ways.add_argument("--watch", action="store_true", help="check again when a file changes, until Ctrl-C")
    ways.add_argument(
        "--add-ignore",
        nargs="?",
        const="",
        metavar="REASON",
        help="write a comment for each finding that is reported, so that it is not again; with `=REASON` it "
        "says why",
    )
    group.add_argument(
        "--unsafe-fixes",
        action=BooleanOptionalAction,
        help="with --fix or --diff: also apply fixes that may change what the program does",
    )


def _add_output(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    switch: dict[str, Any] = {"action": "store_true", "default": None}
    group.add_argument(
        "--output-format",
        action="append",
        metavar="NAME[:FILE]",
        help="full (the default), concise or grouped; json, json-lines, sarif, github, gitlab, rdjson, "
        "rdjsonl, junit, checkstyle, azure or pylint; with :FILE written there; may be repeated",
    )
    group.add_argument(
        "--statistics", **switch, help="print how often each rule reported instead of the findings"
    )
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    group.add_argument("-q", "--quiet", action="store_true", help="print findings and errors only")
    group.add_argument("-e", "--exit-zero", **switch, help="exit with 0 even if there are findings")
    group.add_argument(
        "--show-settings", action="store_true", help="print the settings that would hold, and stop"
    )


def _comma(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _rules(text: str) -> list[str]:
    # What an unset variable of a shell leaves must not be taken for the empty list, which is every rule.
    if not (selectors := _comma(text)):
        raise ArgumentTypeError("no rule is named")
    return selectors


def _jobs(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is not a number of processes")
    return int(text)


def settings_from(arguments: Namespace) -> Settings:
    """
    The settings of the file and of `--config`, with those of the flags in their place. Raises
    SettingsError.
    """
    from dataclasses import replace

    settings = settings_of(arguments)
    changes: dict[str, Any] = {}
    for name in ("select", "extend_select", "ignore", "output_format"):
        changes[name] = _tuple(getattr(arguments, name, None))
    for name in ("exclude", "extend_exclude"):
        changes[name] = _anchored(getattr(arguments, name), settings)
    for name in ("force_exclude", "respect_gitignore", "unsafe_fixes", "statistics", "exit_zero", "jobs"):
        # Not every command has them all.
        changes[name] = getattr(arguments, name, None)
    changes["baseline"] = _file(arguments.baseline)
    changes["per_file_ignores"] = _per_file(arguments.per_file_ignores, settings)
    changes["min_severity"] = _severity(arguments.min_severity)
    settings = replace(settings, **{name: value for name, value in changes.items() if value is not None})
    return replace(settings, baseline=None) if getattr(arguments, "no_baseline", False) else settings


def _file(name: str | None) -> object:
    from pathlib import Path

    return None if name is None else Path.cwd() / name


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _severity(name: str | None) -> object:
    from alloclint.finding import Severity

    return None if name is None else Severity[name]


def _per_file(
    entries: list[str] | None, settings: Settings
) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    from alloclint.settings import SettingsError

    if entries is None:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        # From the right, for a glob may hold a drive.
        glob, colon, selector = entry.rpartition(":")
        if not colon or not glob or not selector:
            raise SettingsError(f"--per-file-ignores: expected GLOB:RULE, got `{entry}`")
        for anchored in _anchored([glob], settings) or ():
            found[anchored] = (*found.get(anchored, ()), selector)
    return tuple(found.items())


def _anchored(globs: Iterable[str] | None, settings: Settings) -> tuple[str, ...] | None:
    """
    Globs with a slash are relative to the working directory here, but to the settings' folder in the
    settings.
    """
    if globs is None:
        return None
    # The settings' folder is this one or above.
    here = os.path.relpath(os.getcwd(), settings.root).replace(os.sep, "/")
    prefix = "" if here == "." else f"/{here}/"
    return tuple(prefix + glob.lstrip("/") if prefix and "/" in glob.rstrip("/") else glob for glob in globs)
