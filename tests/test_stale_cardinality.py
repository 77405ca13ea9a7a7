"""ALC906 needs a whole project: entries of the sidecar whose symbol is nowhere in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROJECT = Path("fixtures/linter/stale_cardinality")


def check(*arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "alloclint", "check", "--output-format", "json", *arguments]
    settings = ["--config", f"cardinalities='{(PROJECT / 'cardinalities.toml').as_posix()}'"]
    done = subprocess.run([*command, *settings], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


def test_entries_without_a_symbol_are_told_with_their_line() -> None:
    text = (ROOT / PROJECT / "cardinalities.toml").read_text()
    lines = enumerate(text.splitlines(), 1)
    marked = [number for number, line in lines if re.search("# expect: ALC906", line)]
    found = [one for one in check(str(PROJECT)) if one["code"] == "ALC906"]
    assert [one["start"]["line"] for one in found] == marked
    assert {one["path"] for one in found} == {(PROJECT / "cardinalities.toml").as_posix()}
    assert found[2]["suggestion"]["text"] == "`Jobs.waiting`", "the nearest symbol"


def test_single_files_are_not_the_whole_project() -> None:
    assert [one for one in check(str(PROJECT / "index.rs")) if one["code"] == "ALC906"] == []
