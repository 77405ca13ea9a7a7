"""Findings that are left to other linters: which, when, and whether those linters really report them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from alloclint import overlap, rule, settings
from alloclint.engine import lint_file
from alloclint.file import File
from alloclint.finding import Confidence, Finding, Place, Position
from alloclint.languages import LANGUAGES
from alloclint.overlap import OVERLAPS, PEERS, Overlap
from alloclint.rule import Rule
from alloclint.settings import Settings, SettingsError

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "OVERLAP.md").read_text()
RULES = rule.builtin()
CODES = {each.code: each for each in RULES}
RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
CLIPPY = shutil.which("clippy-driver")

#: For each rule of a linter that can be run here, code that it reports in the line that ends with `here`.
SAMPLES = {
    f"{path.parent.name} {path.stem}": path for path in sorted((ROOT / "fixtures" / "overlap").glob("*/*.*"))
}
#: Needs a crate, which one file has not.
UNTRIED = {"clippy regex_creation_in_loops"}
TRIED = [each for each in OVERLAPS if each.name in SAMPLES]


def finding(*also: str, code: str = "XYZ101") -> Finding:
    at = Position(1, 1, 0)
    return Finding(Place("a.py", at, at), "bad", Confidence.exact, also=also, code=code)


def guilty(sample: Path) -> int:
    lines = enumerate(sample.read_text().splitlines(), 1)
    (number,) = (number for number, line in lines if line.endswith("here"))
    return number


# ---------------------------------------------------------------- what is silenced


@pytest.fixture
def listed(tmp_path: Path) -> list[Rule]:
    """A rule that leaves lists with the word `both` in them to ruff."""
    source = '''
"""Lists are bad."""

from alloclint.file import File
from alloclint.finding import Finding, Severity

CODE = "XYZ101"
SEVERITY = Severity.warning
LANGUAGES = ("python",)
WORDS = {"python": ("list",)}


def check(file: File):
    start = 0
    for line in file.source.splitlines(keepends=True):
        if b"list" in line:
            also = ("ruff RUF015",) if b"both" in line else ()
            yield Finding(file.place(start, start + 4), "a list", also=also)
        start += len(line)
'''
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "bad_list.py").write_text(source)
    return rule.load(tmp_path / "bad")


def lines(source: str, rules: list[Rule], peers: tuple[str, ...], select: tuple[str, ...] = ()) -> list[str]:
    held = replace(Settings(), overlap=peers, select=select)
    found = lint_file(File.of("a.py", source.encode(), held.limits, None), rules, held)
    return [f"{one.place.start.line} {one.code}" for one in found]


SOURCE = "list(both)\nlist(ours)\n"


def test_only_what_the_peer_reports_is_left_to_it(listed: list[Rule]) -> None:
    assert lines(SOURCE, listed, ()) == ["1 XYZ101", "2 XYZ101"]
    assert lines(SOURCE, listed, ("ruff",)) == ["2 XYZ101"]
    assert lines(SOURCE, listed, ("clippy", "pmd")) == ["1 XYZ101", "2 XYZ101"]
    assert lines(SOURCE, listed, ("pmd", "ruff")) == ["2 XYZ101"]


def test_a_suppression_of_what_is_left_to_a_peer_is_not_superfluous(listed: list[Rule]) -> None:
    source = "list(both)  # alloclint: ignore[XYZ101]\nlist()\nprint()  # alloclint: ignore[XYZ101]\n"
    rules = [*listed, *RULES]
    for peers in ((), ("ruff",)):
        assert lines(source, rules, peers, ("XYZ101", "ALC904")) == ["2 XYZ101", "3 ALC904"]


def test_a_rule_that_is_covered_wholly_need_not_say_so() -> None:
    (whole,) = (each for each in OVERLAPS if each.whole)
    noted = overlap.noted(finding(code=whole.code), whole.language)
    assert noted.also == (whole.name,)
    assert overlap.noted(noted, whole.language) == noted
    assert overlap.is_left_to(noted, [whole.peer])
    assert not overlap.is_left_to(noted, [])
    assert overlap.noted(finding(), whole.language) == finding()


def test_one_of_several_peers_is_enough() -> None:
    both = finding("pmd GuardLogStatement", "sonar S2629")
    assert overlap.is_left_to(both, ["sonar"])
    assert not overlap.is_left_to(both, ["spotbugs"])


# ---------------------------------------------------------------- the setting


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"ruff"', ("ruff",)),
        ("ruff", ("ruff",)),
        ('["ruff", "clippy"]', ("ruff", "clippy")),
        ("[]", ()),
    ],
)
def test_one_linter_or_several(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    assert settings.load(tmp_path, [f"overlap={text}"]).overlap == expected


@pytest.mark.parametrize("text", ['"rufff"', '["ruff", "mypy"]', "3", "true"])
def test_a_linter_that_is_not_known_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings.load(tmp_path, [f"overlap={text}"])
    assert str(raised.value) == f"--config: overlap: expected one or a list of {', '.join(PEERS)}, got {text}"


# ---------------------------------------------------------------- the table


def test_the_table_is_sorted_and_says_nothing_twice() -> None:
    keys = [(each.code, each.language, each.name) for each in OVERLAPS]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("each", OVERLAPS, ids=lambda each: f"{each.code}-{each.name}")
def test_a_row_is_about_a_rule_and_a_language_that_exist(each: Overlap) -> None:
    assert each.peer in PEERS
    assert each.language in LANGUAGES
    assert each.language in CODES[each.code].languages


def test_the_page_shows_the_table() -> None:
    section = PAGE.split("## Reported by both")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ALC")]
    assert [row[:5] for row in rows] == [
        [each.code, each.language.title(), each.name, each.case, "all" if each.whole else "part"]
        for each in OVERLAPS
    ]
    assert all(len(row) == 6 and row[5] for row in rows)


def test_the_page_names_every_linter_that_can_be_set() -> None:
    assert [peer for peer in PEERS if f"`{peer}`" not in PAGE] == []


def test_rules_name_only_what_the_table_has() -> None:
    known = {(each.code, each.name) for each in OVERLAPS}
    name = re.compile(rf'"((?:{"|".join(PEERS)}) \w+)"')
    said = {(each.code, found) for each in RULES for found in name.findall(each.path.read_text())}
    assert said - known == set()


# ---------------------------------------------------------------- the peers themselves


def test_each_rule_of_a_linter_that_can_be_run_has_a_sample() -> None:
    runnable = {each.name for each in OVERLAPS if each.peer in ("ruff", "clippy")}
    assert runnable - UNTRIED == SAMPLES.keys()


@pytest.mark.skipif(RUFF is None, reason="ruff is not installed")
@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("ruff")])
def test_ruff_reports_it_by_default(name: str) -> None:
    command = [str(RUFF), "check", "--isolated", "--output-format", "json", str(SAMPLES[name])]
    found = subprocess.run(command, capture_output=True, text=True)
    reported = {(one["code"], one["location"]["row"]) for one in json.loads(found.stdout)}
    assert (name.split()[1], guilty(SAMPLES[name])) in reported


@pytest.mark.skipif(CLIPPY is None, reason="clippy is not installed")
@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("clippy")])
def test_clippy_reports_it_by_default(name: str, tmp_path: Path) -> None:
    command = [str(CLIPPY), "--crate-type=lib", "--edition=2021", "--emit=metadata", "--error-format=json"]
    command += [f"--out-dir={tmp_path}", str(SAMPLES[name])]
    found = subprocess.run(command, capture_output=True, text=True)
    messages = [json.loads(line) for line in found.stderr.splitlines() if line.startswith("{")]
    reported = {
        (one["code"]["code"], span["line_start"])
        for one in messages
        for span in one["spans"]
        if one["code"] is not None and span["is_primary"]
    }
    assert (f"clippy::{name.split()[1]}", guilty(SAMPLES[name])) in reported


@pytest.mark.parametrize("each", TRIED, ids=lambda each: f"{each.code}-{each.name}")
def test_our_rule_leaves_it_to_the_peer(each: Overlap) -> None:
    ours, sample = CODES[each.code], SAMPLES[each.name]

    def found(peers: tuple[str, ...]) -> list[Finding]:
        held = replace(Settings(), tests=True, overlap=peers)
        return lint_file(File.of(sample.name, sample.read_bytes(), held.limits, None), [ours], held)

    assert [one.also for one in found(())] == [(each.name,)]
    assert found((each.peer,)) == []


# ---------------------------------------------------------------- linters that are not run here

MAP = (
    "ALC104",
    "import java.util.*;\nclass A {{ void f(List<String> xs) {{\n{}\nfor (String x : xs) m.put(x, x);\n}}}}",
)
LIST = (
    "ALC111",
    "import java.util.*;\nimport java.util.stream.*;\nclass A {{ int f(List<String> xs) {{\n{}\n}}}}",
)
GROUPS = (
    "ALC114",
    "import java.util.*;\nimport java.util.function.Function;\nclass A {{\n{}\n}}",
)
GUAVA = (
    "ALC402",
    "import com.google.common.base.*;\nclass A {{ void f(boolean b, int n, String s, Object o) {{\n{}\n}}}}",
)
LOG = (
    "ALC404",
    """
import java.util.List;
import java.util.logging.Level;
import org.slf4j.Logger;

class A {{
    Logger log;
    java.util.logging.Logger jul;
    org.apache.logging.log4j.Logger log4j;
    org.apache.commons.logging.Log commons;

    String getName() {{
        return null;
    }}

    void f(int n, Exception e, List<Object> os) {{
        {}
    }}
}}
""",
)
COLLECT = "xs.stream().collect(Collectors.toList());"
FORMATTED = "errorprone ExpensiveLenientFormatString"
JOINED = "errorprone FormatStringShouldUsePlaceholders"
AMBIGUOUS = "errorprone ComputeIfAbsentAmbiguousReference"
PMD, SONAR = "pmd GuardLogStatement", "sonar S2629"


@pytest.mark.parametrize(
    ("frame", "code", "expected"),
    [
        (MAP, "var m = new HashMap<String, String>(xs.size());", {"sonar S6485"}),
        (MAP, "var m = new LinkedHashMap<String, String>(xs.size());", {"sonar S6485"}),
        (MAP, "var m = new HashMap<String, String>(xs.size(), 0.75f);", set()),
        (MAP, "var m = new Hashtable<String, String>(xs.size());", set()),
        (LIST, f"List<String> out = {COLLECT} return out.size();", {"sonar S6204"}),
        (LIST, f"var out = {COLLECT} return out.size();", {"sonar S6204"}),
        (LIST, f"List<Object> out = {COLLECT} return out.size();", set()),
        (LIST, f"List<String> out = {COLLECT} for (String x : out) x.length(); return out.size();", set()),
        (
            GROUPS,
            "Map<Integer, List<String>> m; void f(int n) { m.computeIfAbsent(n, ArrayList::new); }",
            {AMBIGUOUS, "sonar S5329"},
        ),
        (
            GROUPS,
            "Map<Integer, Deque<String>> m; void f(int n) { m.computeIfAbsent(n, ArrayDeque::new); }",
            {AMBIGUOUS},
        ),
        (
            GROUPS,
            "NavigableMap<Integer, List<String>> m; void f(int n) { m.computeIfAbsent(n, ArrayList::new); }",
            set(),
        ),
        (GROUPS, "Function<Integer, List<String>> f = ArrayList::new;", {"sonar S5329"}),
        (GUAVA, 'Preconditions.checkArgument(b, "no " + n);', {JOINED}),
        (GUAVA, 'Verify.verify(b, "no " + n + "!");', {JOINED}),
        (GUAVA, 'Preconditions.checkArgument(b, "no %s" + n);', set()),
        (GUAVA, 'Preconditions.checkArgument(b, "no " + s.substring(1, n));', set()),
        (GUAVA, 'Preconditions.checkArgument(b, String.format("no %s", n));', {FORMATTED}),
        (GUAVA, 'Preconditions.checkArgument(b, String.format("no %d", n));', set()),
        (GUAVA, 'Preconditions.checkState(b, "no " + n);', {JOINED, SONAR}),
        (GUAVA, 'Preconditions.checkState(b, String.format("no %s", n));', {FORMATTED, SONAR}),
        (GUAVA, 'Preconditions.checkState(b, "no %s", o.toString());', {SONAR}),
        (GUAVA, 'java.util.Objects.requireNonNull(o, "no " + n);', set()),
        (LOG, 'log.debug("no " + n);', {PMD, SONAR}),
        (LOG, 'log.debug("no {}", String.join(",", getName(), "a"));', {PMD, SONAR}),
        (LOG, 'log.debug("no " + getName());', {PMD}),
        (LOG, 'commons.debug("no " + n);', {PMD}),
        (LOG, 'log4j.info("no " + n, e);', {PMD, SONAR}),
        (LOG, 'jul.fine("no " + n);', {PMD, SONAR}),
        (LOG, 'jul.config("no " + n);', {SONAR}),
        (LOG, 'jul.log(Level.FINE, "no " + n);', {PMD, SONAR}),
        (LOG, 'jul.log(Level.CONFIG, "no " + n);', {SONAR}),
        (LOG, 'jul.log(Level.FINE, "no " + n, e);', {PMD}),
        (LOG, 'log.atDebug().log("no " + n);', set()),
        (LOG, 'os.forEach(one -> log.debug("no " + one));', {SONAR}),
    ],
)
def test_of_linters_for_java_only_what_they_report_is_named(
    frame: tuple[str, str], code: str, expected: set[str]
) -> None:
    held = replace(Settings(), limits=replace(Settings().limits, java_release=21))
    source = frame[1].format(code).encode()
    found = lint_file(File.of("A.java", source, held.limits, None), [CODES[frame[0]]], held)
    assert [set(one.also) for one in found] == [expected]
    assert expected <= {each.name for each in OVERLAPS if each.code == frame[0]}


def test_java_before_19_has_no_method_for_a_number_of_entries() -> None:
    held = replace(Settings(), limits=replace(Settings().limits, java_release=17))
    source = MAP[1].format("var m = new HashMap<String, String>(xs.size());").encode()
    (found,) = lint_file(File.of("A.java", source, held.limits, None), [CODES["ALC104"]], held)
    assert found.also == ()


HOT = "# alloclint: hot\ndef f(xs):\n    {}\n    for x in xs:\n        out.{}(x)\n    return out\n"


@pytest.mark.parametrize(
    ("code", "source"),
    [
        ("ALC110", HOT.format("out: Sequence = []", "append")),
        ("ALC110", HOT.format("out = set()", "add")),
        ("ALC204", "import gzip\nwith gzip.open(p) as f:\n    for x in f.readlines():\n        print(x)\n"),
        ("ALC212", "def f(xs):\n    return sum(xs, ())\n"),
        ("ALC113", "fn f(n: usize) -> Vec<Vec<u8>> { vec![Vec::with_capacity(9); n] }"),
        ("ALC113", "fn f(n: usize) -> Vec<String> { vec![String::with_capacity(n); 20] }"),
        ("ALC115", "fn f(n: usize) -> Vec<f64> { let mut v = Vec::new(); v.resize(n, 0.0); v }"),
        ("ALC115", "fn f(n: usize) -> Vec<u8> { let mut v = Vec::new(); for _i in 0..n { v.push(7); } v }"),
        ("ALC115", "fn f(n: usize) -> Vec<u8> { let mut v = Vec::new(); v.reserve_exact(n); g(&mut v); v }"),
        ("ALC115", "fn f(n: usize) -> String { let mut v = String::new(); v.reserve(n); g(&mut v); v }"),
        ("ALC111", "fn f(b: &mut Vec<u8>) -> Vec<u8> { let mut a = Vec::new(); a.extend(b.drain(1..)); a }"),
        ("ALC209", "fn f(xs: &[u8]) { for x in xs { let v = vec![1, 2]; for k in &v { g(*k, x) } } }"),
        ("ALC402", 'use anyhow::Context;\nfn f(x: Option<u8>, n: u8) { x.context(format!("{n}")); }'),
    ],
)
def test_what_ruff_and_clippy_do_not_report_is_not_left_to_them(code: str, source: str) -> None:
    held = Settings()
    name = "a.rs" if "fn f" in source else "a.py"
    found = lint_file(File.of(name, source.encode(), held.limits, None), [CODES[code]], held)
    assert [one.also for one in found] == [()]
