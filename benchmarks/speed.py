"""
How long a run takes, as a ratio to nothing but parsing the same files in the same process.

    python benchmarks/speed.py FOLDER…

Machines differ and are shared, so only the ratio of the processor times says something. The parse that it is
divided by is of every file, also of those that a run never parses because no word in them is worth it. Both
are measured in turn, several times; the medians count.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import tree_sitter

from alloclint import engine, rule
from alloclint.discover import Target
from alloclint.languages import language_of
from alloclint.passes import collect_rarely
from alloclint.settings import Settings


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    collect_rarely()
    files = sorted(
        path
        for folder in arguments.folder
        for path in folder.rglob("*")
        if path.is_file() and language_of(path.name)
    )
    sources = {path: path.read_bytes() for path in files}
    parsing, linting = _in_turn(arguments.runs, lambda: _parse(sources), lambda: _lint(files))
    size = sum(map(len, sources.values())) / 1e6
    print(f"{len(files)} files, {size:.1f} MB")
    print(f"parsing only   {parsing:6.2f} s  {size / parsing:5.1f} MB/s")
    print(f"alloclint      {linting:6.2f} s  {size / linting:5.1f} MB/s   {linting / parsing:.2f} x parsing")
    return 0


def _in_turn(runs: int, *actions: Callable[[], None]) -> list[float]:
    seconds: list[list[float]] = [[] for _ in actions]
    for _ in range(runs):
        for action, measured in zip(actions, seconds, strict=True):
            begun = time.process_time()
            action()
            measured.append(time.process_time() - begun)
    return [statistics.median(measured) for measured in seconds]


def _parse(sources: dict[Path, bytes]) -> None:
    parsers: dict[str, tree_sitter.Parser] = {}
    for path, source in sources.items():
        language = language_of(path.name)
        if language is not None:
            parser = parsers.setdefault(language.name, tree_sitter.Parser(language.grammar()))
            parser.parse(source)


def _lint(files: list[Path]) -> None:
    targets = [Target(path, path.as_posix(), explicit=False) for path in files]
    engine.run(targets, replace(Settings(), jobs=1), rule.builtin(), lambda done, total: None)


if __name__ == "__main__":
    sys.exit(main())
