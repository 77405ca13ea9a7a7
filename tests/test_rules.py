"""
Every rule against its page and its fixtures.

A fixture is a source file with the rule's name. `// expect: ALC101` at the end of a line says that the rule
reports there; `ALC101[info]` says the severity too, and words after it the suggestion. A line without a
marker must stay silent. `// settings: java-release=21` in the first line sets limits.

An expectation that fails is *missing* (marked, but silent), *noisy* (reported, but not marked), or says what
else is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from alloclint import explain, rule
from alloclint.engine import Plan, examine
from alloclint.facts.summary import Project, summarize
from alloclint.file import File
from alloclint.finding import Finding, Severity
from alloclint.languages import LANGUAGES, language_of
from alloclint.rule import Rule
from alloclint.settings import Limits, Settings
from alloclint.suppress import Suppressions

ROOT = Path(__file__).parent.parent
RULES = rule.builtin()
#: Rules that look at one file; the others have tests of their own.
OF_FILES = [one for one in RULES if one.looks_at is not Project and not one.is_about_repository]
FIXTURES = sorted(
    path for one in OF_FILES for path in (ROOT / "fixtures" / one.family).glob(f"{one.path.stem}.*")
)
BY_STEM = {(one.family, one.path.stem): one for one in RULES}

_MARKER = re.compile(
    r"(?://|#)\s*expect:\s*([A-Z]{1,3}\d{3})(?:\[(\w+)\])?[ \t]*(.*?)\s*(?=(?://|#)\s*expect:|$)"
)
_SETTINGS = re.compile(r"\s*(?://|#)\s*settings:\s*(.*)")


@dataclass(frozen=True)
class Expected:
    """The rule reports on this line, and where they are told, at this severity and with this suggestion."""

    line: int
    code: str
    severity: str | None
    suggestion: str

    def says_otherwise(self, finding: Finding) -> str | None:
        """What is wrong with a finding on the right line."""
        if self.severity and finding.severity.name != self.severity:
            return f"wrong severity: {finding.severity.name}, not {self.severity}"
        if self.suggestion and not _suggests(finding, self.suggestion):
            text = finding.suggestion.text if finding.suggestion else "nothing"
            return f"wrong suggestion: {text}, not {self.suggestion}"
        return None


def _suggests(finding: Finding, wanted: str) -> bool:
    suggestion = finding.suggestion
    return suggestion is not None and (suggestion.text == wanted or f"`{wanted}`" in suggestion.text)


def expectations(text: str) -> Iterator[Expected]:
    """The markers of a fixture."""
    for number, line in enumerate(text.splitlines(), 1):
        for marker in _MARKER.finditer(line):
            yield Expected(number, marker[1], marker[2], marker[3])


def limits(text: str) -> Limits:
    """What the first line of a fixture sets."""
    first = _SETTINGS.match(text.splitlines()[0]) if text else None
    kinds = {field.name: field.default for field in fields(Limits)}
    changes: dict[str, object] = {}
    for word in first[1].split() if first else ():
        key, _, value = word.replace("-", "_", 1 if "=" not in word else word.index("=")).partition("=")
        key = key.replace("-", "_")
        if key not in kinds:
            raise AssertionError(f"there is no limit {key}")
        changes[key] = _value(value)
    return replace(Limits(), **changes)  # type: ignore[arg-type]


def _value(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    return tuple(map(int, text.split("."))) if "." in text else int(text)


def lint(path: str, text: str, only: Rule | None) -> tuple[list[Finding], list[str]]:
    """The findings and notes for a text: of one rule, or of all."""
    held = limits(text)
    settings = replace(Settings(), limits=held, min_severity=Severity.info, select=_selection(only))
    summary = summarize(File.of(path, text.encode(), held, None))
    project = Project.merge([summary], None)
    examined = examine(File.of(path, text.encode(), held, project), Plan(RULES, settings))
    found = [one for one in examined.findings if only is None or one.code == only.code]
    return found, [note.message for note in examined.notes]


def _selection(only: Rule | None) -> tuple[str, ...]:
    # Whether a suppression is of use depends on all the rules.
    return () if only is None or only.looks_at is Suppressions else (only.code,)


def verdicts(text: str, found: Sequence[Finding]) -> list[str]:
    """What differs between the markers and the findings, a sentence each."""
    lines = text.splitlines()
    left = list(found)
    wrong = []
    for expected in expectations(text):
        here = [one for one in left if (one.place.start.line, one.code) == (expected.line, expected.code)]
        if not here:
            wrong.append((expected.line, "missing"))
            continue
        # Of several on one line the one that fits the marker best.
        best = min(here, key=lambda one: expected.says_otherwise(one) is not None)
        left.remove(best)
        if complaint := expected.says_otherwise(best):
            wrong.append((expected.line, complaint))
    wrong += [(one.place.start.line, f"noisy: {one.code} {one.message}") for one in left]
    return [f"line {line}: {what}\n    {lines[line - 1].strip()}" for line, what in sorted(wrong)]


def _rule_of(path: Path) -> Rule:
    """The rule of a fixture; one with other settings has a word between dots: `name.release21.java`."""
    return BY_STEM[path.parent.name, path.name.partition(".")[0]]


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "fixtures").as_posix()


@pytest.mark.parametrize("path", FIXTURES, ids=_name)
def test_fixture(path: Path) -> None:
    text = path.read_bytes().decode()
    one = _rule_of(path)
    assert {expected.code for expected in expectations(text)} <= {one.code}, (
        "only the fixture's own rule is run"
    )
    found, notes = lint(_name(path), text, one)
    assert not notes
    wrong = verdicts(text, found)
    assert not wrong, f"fixtures/{_name(path)}\n" + "\n".join(wrong)


@pytest.mark.parametrize("path", FIXTURES, ids=_name)
def test_all_rules_on_a_fixture(path: Path) -> None:
    found, notes = lint(_name(path), path.read_bytes().decode(), None)
    assert not notes
    assert len({one.fingerprint for one in found}) == len(found)


@pytest.mark.parametrize("one", OF_FILES, ids=lambda one: str(one.name))
def test_fixtures_in_every_language(one: Rule) -> None:
    paths = [path for path in FIXTURES if _rule_of(path) is one]
    found = {spoken.name: path for path in paths if (spoken := language_of(path.name))}
    for language in one.languages:
        assert language in found, f"fixtures/{one.family}/{one.path.stem}.* has no file in {language}"
        assert _is_complete(found[language]), f"{_name(found[language])} needs a marked and a silent function"


def _is_complete(path: Path) -> bool:
    """Whether there is a marker, and a function without one."""
    text = path.read_bytes().decode()
    marked = {expected.line for expected in expectations(text)}
    unit = File.of(_name(path), text.encode(), Limits(), None).unit
    spans = [_lines(text, function.start, function.end) for function in unit.functions]
    return bool(marked) and any(not marked & set(span) for span in spans)


def _lines(text: str, start: int, end: int) -> range:
    source = text.encode()
    return range(source.count(b"\n", 0, start) + 1, source.count(b"\n", 0, end) + 2)


@pytest.mark.parametrize("one", RULES, ids=lambda one: str(one.name))
def test_page(one: Rule) -> None:
    assert rule.complaints(one) == []


EXAMPLES = [
    pytest.param(one, language, number, code, id=f"{one.name}-{language}-{number}")
    for one in OF_FILES
    for language in one.languages
    for number, code in enumerate(one.examples(language))
]


@pytest.mark.parametrize(("one", "language", "number", "code"), EXAMPLES)
def test_example(one: Rule, language: str, number: int, code: str) -> None:
    found, notes = lint(f"example{LANGUAGES[language].suffixes[0]}", code, one)
    assert not notes
    if number % 2 == 0:
        assert found, f"missing: the bad example is not reported\n{code}"
    else:
        assert not found, f"noisy: {found[0].message}\n{code}"


def test_rules_md_is_fresh() -> None:
    written = (ROOT / "RULES.md").read_text(encoding="utf-8")
    assert written == explain.catalogue(RULES), "run: alloclint rule --all > RULES.md"


class TestHarness:
    """The harness itself: a failure must say which line and why."""

    TEXT = "a(); // expect: ALC101[info] x(1)\nb();\nc(); // expect: ALC101 // expect: ALC102 y"

    def test_markers(self) -> None:
        assert list(expectations(self.TEXT)) == [
            Expected(1, "ALC101", "info", "x(1)"),
            Expected(3, "ALC101", None, ""),
            Expected(3, "ALC102", None, "y"),
        ]

    def test_settings(self) -> None:
        held = limits("// settings: java-release=21 compressed-oops=false python-version=3.12\nx")
        assert (held.java_release, held.compressed_oops, held.python_version) == (21, False, (3, 12))
        with pytest.raises(AssertionError, match="no limit colour"):
            limits("# settings: colour=3")

    def test_verdicts(self) -> None:
        file = File.of("a.rs", self.TEXT.encode(), Limits(), None)
        first = replace(Finding(file.place(0, 1), "m"), code="ALC101", severity=Severity.warning)
        second = replace(
            Finding(file.place(len("a(); // expect: ALC101[info] x(1)\n"), 36), "m"), code="ALC101"
        )
        assert [text.split("\n")[0] for text in verdicts(self.TEXT, [first, second])] == [
            "line 1: wrong severity: warning, not info",
            "line 2: noisy: ALC101 m",
            "line 3: missing",
            "line 3: missing",
        ]
        third = replace(first, severity=Severity.info)
        assert "wrong suggestion: nothing, not x(1)" in verdicts(self.TEXT, [third])[0]
