"""
How long a hook makes a committer wait: whole processes on ten files, beside ruff and flake8 on the same ones.

    python benchmarks/hook.py FOLDER… [--files 10] [--runs 15] [--ruff PROGRAM] [--flake8 PROGRAM]

The files are those of a folder around the median of all sizes. They were changed, so no program finds them
in a cache. Each program is started in turn, many times; the medians count, and their ratios, for machines
differ. Where files of other languages or manifests are among them, ruff and flake8 are left out.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from alloclint.languages import language_of
from alloclint.project.parts import is_manifest


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--ruff", default=shutil.which("ruff"))
    parser.add_argument("--flake8", default=shutil.which("flake8"))
    arguments = parser.parse_args()
    for folder in arguments.folder:
        files = _around_the_median(folder, arguments.files)
        size = sum(file.stat().st_size for file in files) / 1e3
        print(f"{folder}: {len(files)} files, {size:.0f} kB")
        _tell(_medians(_commands(files, arguments.ruff, arguments.flake8), arguments.runs))
    return 0


def _around_the_median(folder: Path, count: int) -> list[Path]:
    found = sorted(
        (path for path in folder.rglob("*") if path.is_file() and _is_read(path)),
        key=lambda path: (path.stat().st_size, path),
    )
    first = max(0, (len(found) - count) // 2)
    return found[first : first + count]


def _is_read(path: Path) -> bool:
    return language_of(path.name) is not None or is_manifest(path.as_posix())


def _commands(files: Sequence[Path], ruff: str | None, flake8: str | None) -> dict[str, list[str]]:
    names = [str(file) for file in files]
    commands = {
        "python, nothing done": [sys.executable, "-c", ""],
        "alloclint version": [sys.executable, "-m", "alloclint", "version"],
        "alloclint check": [sys.executable, "-m", "alloclint", "check", "--force-exclude", *names],
    }
    if all(file.suffix == ".py" for file in files):
        commands |= {"ruff check": [ruff, "check", "--no-cache", *names]} if ruff else {}
        commands |= {"flake8": [flake8, *names]} if flake8 else {}
    return commands


def _medians(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, float]:
    """The median of the seconds that each command takes; the first round, which fills caches, is left out."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, command in commands.items():
            begun = time.perf_counter()
            code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
            seconds[name].append(time.perf_counter() - begun)
            if code not in (0, 1):
                raise SystemExit(f"{name} ended with {code}")
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}


def _tell(medians: Mapping[str, float]) -> None:
    ours = medians["alloclint check"]
    for name, taken in medians.items():
        print(f"  {name:<22} {taken * 1e3:6.0f} ms   alloclint check takes {ours / taken:5.2f} x as long")


if __name__ == "__main__":
    sys.exit(main())
