"""The incidents this linter exists for: what was written before is found, what stands there now is clean."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import alloclint
from alloclint.finding import Finding
from alloclint.settings import Limits, Settings

INCIDENTS = Path(__file__).parent.parent / "fixtures" / "incidents"
FISHDB = INCIDENTS / "fishdb"
FEED_MIXER = INCIDENTS / "feed_mixer"
PACKAGE = Path("src/main/java/com/example/feedmixer")
SIDES = ["before", "after"]

needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
needs_javac = pytest.mark.skipif(shutil.which("javac") is None, reason="javac is not installed")


# ---------------------------------------------------------------- both sides are real programs


@needs_cargo
@pytest.mark.parametrize("side", SIDES)
def test_fishdb_compiles(side: str, tmp_path: Path) -> None:
    command = ["cargo", "check", "--offline", "--locked", "--tests", "--target-dir", str(tmp_path)]
    found = subprocess.run(command, cwd=FISHDB / side, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert "warning" not in found.stderr


@needs_javac
@pytest.mark.parametrize("side", SIDES)
def test_feed_mixer_compiles(side: str, tmp_path: Path) -> None:
    sources = sorted(str(path) for path in (FEED_MIXER / side).rglob("*.java"))
    command = ["javac", "-Xlint:all", "-Werror", "--release", "17", "-d", str(tmp_path), *sources]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


# ---------------------------------------------------------------- a single file, without its project


def lint(path: Path, limits: Limits | None = None) -> list[Finding]:
    found = alloclint.lint(path.read_bytes(), path.name, Settings(limits=limits or Limits()))
    return [finding for finding in found if finding.code.startswith(("ALC1", "ALC9"))]


def the_one(findings: list[Finding], code: str) -> Finding:
    (finding,) = (finding for finding in findings if finding.code == code)
    return finding


def test_the_index_asks_for_three_times_its_base() -> None:
    path = FISHDB / "before" / "src" / "index.rs"
    findings = lint(path)
    finding = the_one(findings, "ALC102")
    assert finding.suggestion is not None
    assert finding.suggestion.text == "HashMap::with_capacity(base_index_size * 3)"
    assert finding.suggestion.capacity is not None
    assert finding.suggestion.capacity.expression == "base_index_size * 3"
    line = path.read_text().splitlines()[finding.place.start.line - 1]
    assert line.strip() == "map: HashMap::new(),"


def test_the_statistics_of_a_shard_are_told_their_cliff() -> None:
    path = FISHDB / "before" / "src" / "shard.rs"
    findings = lint(path)
    finding = the_one(findings, "ALC102")
    assert finding.suggestion is not None
    assert finding.suggestion.text == "HashMap::with_capacity(293_500_000)"
    assert finding.expected == 58_700_000
    assert finding.severity.name == "error"
    assert any("117,440,512" in text for text in texts(findings))
    line = path.read_text().splitlines()[finding.place.start.line - 1]
    assert line.strip() == "reads: HashMap::new(),"


def texts(findings: list[Finding]) -> list[str]:
    return [
        " ".join([finding.message, finding.evidence or "", finding.cost.text if finding.cost else ""])
        for finding in findings
    ]


@pytest.mark.parametrize("name", ["index.rs", "shard.rs", "segment.rs", "terms.rs", "lib.rs"])
def test_the_mended_store_is_clean(name: str) -> None:
    assert lint(FISHDB / "after" / "src" / name) == []


def test_a_map_filled_from_a_list_is_sized() -> None:
    path = FEED_MIXER / "before" / PACKAGE / "Deduplicator.java"
    finding = the_one(lint(path, Limits(java_release=17)), "ALC101")
    assert finding.suggestion is not None
    assert finding.suggestion.text == "new HashMap<>((int) Math.ceil(items.size() / 0.75))"
    assert finding.heat is not None
    line = path.read_text().splitlines()[finding.place.start.line - 1]
    assert line.strip() == "Map<Long, Item> best = new HashMap<>();"


@pytest.mark.parametrize("path", sorted((FEED_MIXER / "after").rglob("*.java")), ids=lambda path: path.name)
def test_the_mended_ranker_is_clean(path: Path) -> None:
    assert lint(path, Limits(java_release=17)) == []


# ---------------------------------------------------------------- the command, in the project


def check(folder: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "alloclint", "check", "--output-format", "json", "."]
    environment = {**os.environ, "PYTHONPATH": str(INCIDENTS.parent.parent)}
    found = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert found.returncode in (0, 1), found.stderr
    findings: list[dict[str, Any]] = json.loads(found.stdout)["findings"]
    assert bool(findings) == bool(found.returncode)
    return [finding for finding in findings if finding["code"].startswith(("ALC1", "ALC9"))]


def suggestions(findings: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {
        (finding["path"], finding["code"], finding["suggestion"]["text"])
        for finding in findings
        if finding["suggestion"] is not None
    }


def test_fishdb_as_a_project() -> None:
    found = suggestions(check(FISHDB / "before"))
    assert {
        ("src/index.rs", "ALC102", "HashMap::with_capacity(base_index_size * 3)"),
        ("src/shard.rs", "ALC102", "HashMap::with_capacity(293_500_000)"),
        ("src/terms.rs", "ALC102", "HashMap::with_capacity(2_800_000)"),
    } <= found
    assert check(FISHDB / "after") == []


def test_feed_mixer_as_a_project() -> None:
    deduplicator = (PACKAGE / "Deduplicator.java").as_posix()
    found = suggestions(check(FEED_MIXER / "before"))
    assert (deduplicator, "ALC101", "new HashMap<>((int) Math.ceil(items.size() / 0.75))") in found
    assert check(FEED_MIXER / "after") == []
