"""
Every rule that looks at all manifests together, against its page and its fixtures.

A fixture is a folder with a small repository: `fixtures/allocators/<rule>/<case>/`. A guilty line is marked
as in other fixtures, by `# expect: ALC603`, `// expect: …` or `<!-- expect: … -->` at its end, or on a line
before by `# expect-next-line: …`, where a format has no comment behind a value. A case without a mark must
be silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from alloclint import engine, rule
from alloclint.discover import discover
from alloclint.engine import Run
from alloclint.finding import Finding, Severity
from alloclint.languages import language_of
from alloclint.project.parts import is_manifest
from alloclint.rule import Rule
from alloclint.settings import Settings

ROOT = Path(__file__).parent.parent
RULES = rule.builtin()
OF_REPOSITORIES = [one for one in RULES if one.is_about_repository]
CASES = [
    pytest.param(one, folder, id=f"{one.name}-{folder.name}")
    for one in OF_REPOSITORIES
    for folder in sorted((ROOT / "fixtures" / one.family / one.path.stem).glob("*"))
    if folder.is_dir()
]

_MARKER = re.compile(
    r"(?://|#|;|<!--)\s*expect(-next-line)?:\s*([A-Z]{1,3}\d{3})(?:\[(\w+)\])?[ \t]*"
    r"(.*?)\s*(?=(?://|#|;|<!--)\s*expect|-->|$)"
)


@dataclass(frozen=True, order=True)
class Expected:
    """The rule reports on this line and, where they are told, at this severity and with this suggestion."""

    path: str
    line: int
    code: str
    severity: str = ""
    suggestion: str = ""

    def is_met_by(self, finding: Finding) -> bool:
        """Whether a finding is what was expected."""
        if (finding.path, finding.place.start.line, finding.code) != (self.path, self.line, self.code):
            return False
        text = finding.suggestion.text if finding.suggestion else ""
        suggested = self.suggestion in ("", text) or f"`{self.suggestion}`" in text
        return suggested and self.severity in ("", finding.severity.name)


def expectations(path: str, text: str) -> Iterator[Expected]:
    """The markers in a file of a fixture; several lines of markers may stand above the one they speak of."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        for following, code, severity, suggestion in _MARKER.findall(line):
            at = number
            while following and (at == number or "expect-next-line:" in lines[at - 1]):
                at += 1
            yield Expected(path, at, code, severity, suggestion)


def lint(folder: Path, only: Rule | None) -> Run:
    """All files of a folder, as if it were a repository: with one rule, or with all."""
    chosen = () if only is None else (only.code,)
    settings = Settings(root=folder, jobs=1, min_severity=Severity.info, select=chosen)
    found = discover([folder], settings, lambda path: is_manifest(path) or bool(language_of(path)), folder)
    assert not found.notes
    return engine.run(found.targets, settings, RULES)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def verdicts(expected: list[Expected], found: list[Finding]) -> list[str]:
    """What differs between the markers and the findings, a sentence each."""
    left = list(found)
    wrong = []
    for one in expected:
        met = next((finding for finding in left if one.is_met_by(finding)), None)
        if met is None:
            wrong.append(f"{one.path}:{one.line}: missing {one.code}[{one.severity}] {one.suggestion}")
        else:
            left.remove(met)
    for finding in left:
        text = finding.suggestion.text if finding.suggestion else ""
        where = f"{finding.path}:{finding.place.start.line}"
        wrong.append(f"{where}: noisy {finding.code}[{finding.severity.name}] {finding.message} > {text}")
    return sorted(wrong)


def marked(folder: Path) -> list[Expected]:
    """All markers of a case."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        expected
        for path in files
        for expected in expectations(path.relative_to(folder).as_posix(), path.read_bytes().decode())
    ]


@pytest.mark.parametrize(("one", "folder"), CASES)
def test_case(one: Rule, folder: Path) -> None:
    expected = marked(folder)
    assert {each.code for each in expected} <= {one.code}, "only the fixture's own rule is run"
    done = lint(folder, one)
    assert not done.notes
    wrong = verdicts(expected, list(done.findings))
    assert not wrong, f"{folder.relative_to(ROOT)}\n" + "\n".join(wrong)


@pytest.mark.parametrize(("one", "folder"), CASES)
def test_all_rules_on_a_case(one: Rule, folder: Path) -> None:
    done = lint(folder, None)
    assert not done.notes
    assert len({each.fingerprint for each in done.findings}) == len(done.findings)


@pytest.mark.parametrize("one", OF_REPOSITORIES, ids=lambda one: str(one.name))
def test_a_guilty_and_a_silent_case(one: Rule) -> None:
    cases = [case.values[1] for case in CASES if case.values[0] is one]
    guilty = [isinstance(folder, Path) and bool(marked(folder)) for folder in cases]
    assert any(guilty), f"fixtures/{one.family}/{one.path.stem}/ has no case with a mark"
    assert not all(guilty), f"fixtures/{one.family}/{one.path.stem}/ has no silent case"


@pytest.mark.parametrize("one", OF_REPOSITORIES, ids=lambda one: str(one.name))
@pytest.mark.parametrize("folder", ["bad", "good"])
def test_example(one: Rule, folder: str, tmp_path: Path) -> None:
    write(tmp_path, one.repositories()[folder])
    done = lint(tmp_path, one)
    assert not done.notes
    assert bool(done.findings) == (folder == "bad"), [each.message for each in done.findings]


class TestHarness:
    """The harness itself: a failure must say which line and why."""

    TEXT = (
        "# expect-next-line: ALC603\n# expect-next-line: ALC604[info] `x`\nENV A=b\n"
        "a: b # expect: ALC601[error]\n<a/> <!-- expect: ALC622 y -->\n"
        "c(); // expect: ALC619 // expect: ALC620 z\n"
    )

    def test_markers(self) -> None:
        assert list(expectations("f", self.TEXT)) == [
            Expected("f", 3, "ALC603"),
            Expected("f", 3, "ALC604", "info", "`x`"),
            Expected("f", 4, "ALC601", "error"),
            Expected("f", 5, "ALC622", "", "y"),
            Expected("f", 6, "ALC619"),
            Expected("f", 6, "ALC620", "", "z"),
        ]

    def test_pages(self) -> None:
        page = (
            "A rule.\n\n```toml bad/a/Cargo.toml\nx = 1\n```\n\n```rust\nfn f() {}\n```\n\n"
            "```sh good/run.sh\n```\n"
        )
        found = replace(RULES[0], page=page).repositories()
        assert found == {"bad": {"a/Cargo.toml": "x = 1\n"}, "good": {"run.sh": ""}}
