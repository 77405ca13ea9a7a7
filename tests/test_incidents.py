"""The incidents this linter exists for: what was written before is found, what stands there now is clean."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import alloclint
from alloclint.finding import Finding
from alloclint.settings import Limits, Settings

INCIDENTS = Path(__file__).parent.parent / "fixtures" / "incidents"
FISHDB = INCIDENTS / "fishdb"
FEED_MIXER = INCIDENTS / "feed_mixer"
VENICE = INCIDENTS / "venice"
TREASURE_HUNT = INCIDENTS / "treasure_hunt"
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


def rocksdbjni() -> Path:
    """RocksDB's jar, from Maven's own repository or fetched into it."""
    stated = re.search(r"<rocksdb.version>(.+)</rocksdb.version>", (VENICE / "after" / "pom.xml").read_text())
    assert stated is not None
    name = f"rocksdbjni-{stated[1]}.jar"
    jar = Path.home() / ".m2" / "repository" / "org" / "rocksdb" / "rocksdbjni" / stated[1] / name
    if not jar.is_file():
        if shutil.which("mvn") is None:
            pytest.skip(f"{name} is not there, and Maven is not installed")
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
        wanted = ["-Dtransitive=false", f"-Dartifact=org.rocksdb:rocksdbjni:{stated[1]}"]
        subprocess.run(["mvn", "-q", "-B", goal, *wanted], capture_output=True, timeout=120, check=False)
    if not jar.is_file():
        pytest.skip(f"Maven could not fetch {name}")
    return jar


@needs_javac
@pytest.mark.parametrize("side", SIDES)
def test_venice_compiles(side: str, tmp_path: Path) -> None:
    sources = sorted(str(path) for path in (VENICE / side).rglob("*.java"))
    flags = ["-Xlint:all", "-Werror", "--release", "17", "-cp", str(rocksdbjni()), "-d", str(tmp_path)]
    found = subprocess.run(["javac", *flags, *sources], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("side", SIDES)
def test_the_start_script_of_venice_is_one(side: str) -> None:
    found = subprocess.run(["sh", "-n", VENICE / side / "bin" / "start-server.sh"], capture_output=True)
    assert found.returncode == 0, found.stderr


def cargo_check(folder: Path, target: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """`cargo check` without building jemalloc itself: a check does not link, so any library will do."""
    target.mkdir(exist_ok=True)
    library = target / "libjemalloc.a"
    library.touch()
    command = ["cargo", "check", "--locked", "--quiet", "--target-dir", str(target), *flags]
    environment = {**os.environ, "JEMALLOC_OVERRIDE": str(library)}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def fetched() -> Path:
    """The crates of the dispatcher, or a reason why they are not there."""
    folder = TREASURE_HUNT / "after"
    found = subprocess.run(["cargo", "fetch", "--locked"], cwd=folder, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("cargo could not fetch the crates of the dispatcher")
    return folder


@needs_cargo
@pytest.mark.parametrize("allocator", ["jemalloc", "snmalloc"])
def test_treasure_hunt_builds_with_each_allocator(allocator: str, fetched: Path, tmp_path: Path) -> None:
    found = cargo_check(fetched, tmp_path, "--no-default-features", "--features", allocator)
    assert found.returncode == 0, found.stderr


@needs_cargo
def test_treasure_hunt_refuses_both_allocators(fetched: Path, tmp_path: Path) -> None:
    found = cargo_check(fetched, tmp_path, "--all-features")
    assert found.returncode != 0
    assert "exclude each other" in found.stderr


# ---------------------------------------------------------------- a single file, without its project


def lint(path: Path, limits: Limits | None = None) -> list[Finding]:
    return alloclint.lint(path.read_bytes(), path.name, Settings(limits=limits or Limits()))


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


@dataclass(frozen=True)
class Lesson:
    """
    One finding in the ranker as it was: `guilty` is the line, `written` part of the suggestion, `mended` what
    stands there now.
    """

    file: str
    code: str
    guilty: str
    written: str
    mended: str


#: What the ranker was to learn, in the order of the files.
LESSONS = (
    Lesson(
        "Deduplicator.java",
        "ALC101",
        "Map<Long, Item> best = new HashMap<>();",
        "new HashMap<>((int) Math.ceil(items.size() / 0.75))",
        "new HashMap<>((int) Math.ceil(items.size() / 0.75))",
    ),
    Lesson(
        "History.java",
        "ALC203",
        "Long seen = shown.get(i);",
        "for (Long seen : shown)",
        "for (Long seen : shown)",
    ),
    Lesson(
        "Interests.java",
        "ALC505",
        "if (title.toLowerCase(Locale.ROOT).contains(words.get(i))) {",
        "`String lowered = title.toLowerCase(Locale.ROOT);` before the loop",
        "String lowered = known.get(item.title(), title -> title.toLowerCase(Locale.ROOT));",
    ),
    Lesson(
        "ItemOrder.java",
        "ALC403",
        ".compare(left.author().toString(), right.author().toString())",
        "only where what stands before is equal",
        "if (byScore != 0) {",
    ),
    Lesson(
        "MemberKeys.java",
        "ALC501",
        "return member.toString().intern();",
        "maximumSize(100_000)",
        "new LruCache<>(100_000)",
    ),
    Lesson(
        "Scorer.java",
        "ALC202",
        "for (Feature feature : features) {",
        "for (int i = 0, n = features.size(); i < n; i++) { Feature feature = features.get(i);",
        "for (int i = 0, n = features.size(); i < n; i++) {",
    ),
    Lesson(
        "Titles.java",
        "ALC303",
        r'return title.replaceAll("[^\\p{L}\\p{N}]+", " ").strip().toLowerCase(Locale.ROOT);',
        r'Pattern.compile("[^\\p{L}\\p{N}]+")',
        r'Pattern.compile("[^\\p{L}\\p{N}]+")',
    ),
)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.code)
def test_each_lesson_of_the_ranker_is_told(lesson: Lesson) -> None:
    path = FEED_MIXER / "before" / PACKAGE / lesson.file
    (finding,) = lint(path, Limits(java_release=17))
    lines = path.read_text().splitlines()
    assert (finding.code, lines[finding.place.start.line - 1].strip()) == (lesson.code, lesson.guilty)
    assert finding.suggestion is not None
    assert lesson.written in finding.suggestion.text
    assert lesson.mended in (FEED_MIXER / "after" / PACKAGE / lesson.file).read_text()


@pytest.mark.parametrize("path", sorted((FEED_MIXER / "after").rglob("*.java")), ids=lambda path: path.name)
def test_the_mended_ranker_is_clean(path: Path) -> None:
    assert lint(path, Limits(java_release=17)) == []


# ---------------------------------------------------------------- the command, in the project


def check(folder: Path, *flags: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "alloclint", "check", "--output-format", "json", *flags, "."]
    environment = {**os.environ, "PYTHONPATH": str(INCIDENTS.parent.parent)}
    found = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert found.returncode in (0, 1), found.stderr
    findings: list[dict[str, Any]] = json.loads(found.stdout)["findings"]
    assert bool(findings) == bool(found.returncode)
    return findings


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
    found = [(finding["path"], finding["code"]) for finding in check(FEED_MIXER / "before")]
    assert found == [((PACKAGE / lesson.file).as_posix(), lesson.code) for lesson in LESSONS]
    assert check(FEED_MIXER / "after", "--min-severity", "info") == []


def test_venice_starts_on_the_default_allocator() -> None:
    (finding,) = check(VENICE / "before", "--min-severity", "info")
    assert (finding["path"], finding["code"], finding["severity"]) == ("Dockerfile", "ALC622", "warning")
    guilty = (VENICE / "before" / "Dockerfile").read_text().splitlines()[finding["start"]["line"] - 1]
    assert guilty == 'ENTRYPOINT ["/opt/venice/bin/start-server.sh"]'
    assert {place["path"] for place in finding["because"]} == {"Dockerfile", "bin/start-server.sh", "pom.xml"}


def test_venice_preloads_what_was_told() -> None:
    (finding,) = check(VENICE / "before")
    before, after = ((VENICE / side / "Dockerfile").read_text().splitlines() for side in SIDES)
    added = [line for line in after if line not in before and not line.startswith("#")]
    assert len(added) == 2
    assert all(f"`{line}`" in finding["suggestion"]["text"] for line in added)
    assert added[-1] == "ENV LD_PRELOAD=libjemalloc.so.2"
    assert check(VENICE / "after", "--min-severity", "info") == []


def test_only_the_image_of_venice_changed() -> None:
    sides = [
        {
            path.relative_to(VENICE / side).as_posix(): path.read_bytes()
            for path in (VENICE / side).rglob("*")
            if path.is_file()
        }
        for side in SIDES
    ]
    assert sides[0].keys() == sides[1].keys()
    assert [name for name in sides[0] if sides[0][name] != sides[1][name]] == ["Dockerfile"]


def test_treasure_hunt_cannot_swap_its_allocator() -> None:
    found = check(TREASURE_HUNT / "before", "--min-severity", "info")
    guilty = {
        (
            finding["code"],
            (TREASURE_HUNT / "before" / finding["path"]).read_text().splitlines()[line - 1].strip(),
        )
        for finding in found
        if (line := finding["start"]["line"])
    }
    assert guilty == {
        ("ALC213", "self.latest.push_back(Box::new(hit));"),
        ("ALC606", '#[cfg(feature = "snmalloc")]'),
        ("ALC625", 'jemallocator = { version = "0.5", optional = true }'),
        ("ALC625", 'snmalloc-rs = { version = "0.3", features = ["io_uring"], optional = true }'),
    }


def test_treasure_hunt_swaps_it_as_was_told() -> None:
    texts = [finding["suggestion"]["text"] for finding in check(TREASURE_HUNT / "before")]
    written = '#[cfg(all(feature = "snmalloc", not(feature = "jemalloc")))]'
    assert any(f"`{written}`" in text for text in texts)
    assert written in (TREASURE_HUNT / "after" / "src" / "main.rs").read_text()
    assert check(TREASURE_HUNT / "after", "--min-severity", "info") == []
