"""
The findings in Python code as a plugin of flake8, under the codes `ALC…`.

flake8 loads this module wherever both are installed, so it imports nothing heavy: the linter is loaded with
the first file that is checked, once in each of flake8's processes. flake8 selects by code, obeys noqa
comments and wants columns in characters; alloclint's own comments and settings hold as on its command line.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from alloclint import __version__

if TYPE_CHECKING:
    import argparse

    from flake8.options.manager import OptionManager

    from alloclint.baseline import Baseline
    from alloclint.cardinality.sidecar import Sidecar
    from alloclint.finding import Finding
    from alloclint.rule import Rule
    from alloclint.settings import Settings

_LOG = logging.getLogger("alloclint")
_SUFFIXES = (".py", ".pyi")

#: Line (1-based), column (0-based, in characters), `CODE message`, and the class that says so.
Violation = tuple[int, int, str, type]


class Chosen(NamedTuple):
    """What flake8's configuration says of us; without a file the nearest settings of `paths` hold."""

    config: str | None = None
    min_severity: str | None = None
    paths: tuple[str, ...] = ()


class Plugin:
    """One file, as flake8 hands it over."""

    name = "alloclint"
    version = __version__
    #: Set by flake8 in each process, before any file.
    chosen = Chosen()

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        # The tree is not used, but asking for it says that this is about whole files of valid Python.
        self.filename = filename
        self.lines = lines

    @classmethod
    def add_options(cls, options: OptionManager) -> None:
        """Declare the options; all others of alloclint stand in its own settings."""
        options.add_option(
            "--alloclint-config",
            metavar="FILE",
            normalize_paths=True,
            parse_from_config=True,
            help="The settings file of alloclint. (Default: the nearest alloclint.toml or pyproject.toml)",
        )
        options.add_option(
            "--alloclint-min-severity",
            choices=("info", "warning", "error"),
            parse_from_config=True,
            help="Report nothing below this. (Default: what the settings of alloclint say, else warning)",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Remember what was chosen; settings are read with the first file."""
        paths = tuple(path for path in options.filenames or () if path != "-")
        cls.chosen = Chosen(options.alloclint_config, options.alloclint_min_severity, paths)

    def run(self) -> Iterator[Violation]:
        """
        What alloclint finds in the file.

        Raises flake8's ExecutionError, which ends the run with a message, for settings that cannot be used.
        """
        if self.filename.endswith(".ipynb"):
            # The JSON of a notebook is valid Python, but none that anybody wrote.
            return
        for finding in _findings(self.filename, "".join(self.lines), self.chosen):
            start = finding.place.start
            column = _characters(self.lines[start.line - 1], start.column - 1)
            yield start.line, column, f"{finding.code} {_message(finding)}", type(self)


def _findings(filename: str, text: str, chosen: Chosen) -> list[Finding]:
    """The findings at or above the severity that is shown, in the order of the text."""
    from alloclint import engine
    from alloclint.discover import Target, excluded

    loaded = _loaded(chosen)
    path = Path(filename)
    if excluded(path, loaded.settings):
        return []
    # A script without a suffix, and what comes from standard input, is Python because flake8 says so.
    name = path.as_posix() if path.suffix in _SUFFIXES else f"{path.as_posix()}.py"
    target = Target(path, name, explicit=True)
    sources = {name: text.encode()}
    done = engine.run([target], loaded.settings, loaded.rules, cardinalities=loaded.sidecar, sources=sources)
    for note in done.notes:
        if note.failed:
            _LOG.warning("%s: %s", filename, note.message)
    found = [finding for finding in done.findings if finding.path == name]
    if found and loaded.baseline is not None:
        found = list(loaded.baseline.split(found, sources.get).new)
    return [finding for finding in found if finding.severity >= loaded.settings.min_severity]


class _Loaded(NamedTuple):
    """What holds for all files of a run."""

    settings: Settings
    rules: Sequence[Rule]
    sidecar: Sidecar | None
    baseline: Baseline | None


@lru_cache(maxsize=1)
def _loaded(chosen: Chosen) -> _Loaded:
    """Loaded once in each process."""
    from flake8.exceptions import ExecutionError

    from alloclint import baseline, selection
    from alloclint.cardinality import sidecar
    from alloclint.rule import RuleError
    from alloclint.settings import SettingsError

    try:
        settings = _settings(chosen)
        rules = selection.known(settings.rules)
        # So that a selector which names no rule is told as a mistake in the settings, before any file.
        selection.selected(rules, settings)
        known = baseline.load(settings.baseline) if settings.baseline is not None else None
        return _Loaded(settings, rules, sidecar.beside(settings), known)
    except (OSError, RuleError, SettingsError, sidecar.SidecarError, baseline.BaselineError) as error:
        raise ExecutionError(f"alloclint: {error}") from error


def _settings(chosen: Chosen) -> Settings:
    from dataclasses import replace

    from alloclint import settings
    from alloclint.finding import Severity

    config = [chosen.config] if chosen.config else []
    found = settings.load(Path.cwd(), config, paths=chosen.paths)
    if chosen.min_severity:
        found = replace(found, min_severity=Severity[chosen.min_severity])
    # flake8 has processes of its own, and obeys noqa comments itself.
    return replace(found, jobs=1, noqa=False)


def _message(finding: Finding) -> str:
    """One line: what is wrong, and what to write instead."""
    if finding.suggestion is None:
        return finding.message
    return f"{finding.message}: {' '.join(finding.suggestion.text.split())}"


def _characters(line: str, count: int) -> int:
    """How many characters the first `count` bytes of a line are in UTF-8."""
    return count if line.isascii() else len(line.encode()[:count].decode(errors="ignore"))
