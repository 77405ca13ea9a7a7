"""
The edits of every rule, on every fixture of it: what they make parses, the finding is gone, and applying them
again changes nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from alloclint import engine, rule
from alloclint.discover import discover
from alloclint.engine import Plan, examine
from alloclint.facts.summary import Project, summarize
from alloclint.file import File
from alloclint.finding import Finding, Severity
from alloclint.fix import fixable
from alloclint.fix.damage import is_worse
from alloclint.fix.rounds import Lint, Outcome, in_rounds
from alloclint.languages import language_of
from alloclint.project.parts import is_manifest
from alloclint.rule import Rule
from alloclint.settings import Settings
from tests import test_repository_rules, test_rules

ROOT = Path(__file__).parent.parent
RULES = rule.builtin()
BY_STEM = {(one.family, one.path.stem): one for one in RULES}


def _rule_of(path: Path) -> Rule:
    return BY_STEM[path.parent.name, path.name.partition(".")[0]]


def _linter(path: Path) -> Lint:
    """Lints a fixture with its own rule, as the tests of the rules do."""
    name, one = f"{path.parent.name}/{path.name}", _rule_of(path)
    held = test_rules.limits(path.read_bytes().decode())
    settings = replace(Settings(), limits=held, min_severity=Severity.info, select=(one.code,))
    plan = Plan(RULES, settings)

    def lint(texts: Mapping[str, bytes]) -> Sequence[Finding]:
        source = texts.get(name, path.read_bytes())
        project = Project.merge([summarize(File.of(name, source, held, None))], None)
        return examine(File.of(name, source, held, project), plan).findings

    return lint


def _fixed(lint: Lint, folder: Path, *, unsafe: bool) -> tuple[Outcome, list[Finding], list[Finding]]:
    first = lint({})
    outcome = in_rounds(first, lint, lambda path: (folder / path).read_bytes(), unsafe=unsafe)
    return outcome, list(first), list(lint(outcome.after))


def _words(text: bytes) -> set[bytes]:
    return set(re.findall(rb"\w+", text))


def _written(findings: Iterable[Finding]) -> Iterator[bytes]:
    for one in findings:
        for edit in one.suggestion.edits if one.suggestion is not None else ():
            yield b"%s\n" % edit.text.encode()


def _judge(lint: Lint, folder: Path, *, unsafe: bool) -> Outcome:
    """Everything that must hold of fixed files, whatever the language."""
    outcome, first, last = _fixed(lint, folder, unsafe=unsafe)
    for path, text in outcome.after.items():
        assert not is_worse(path, outcome.before[path], text)
        written = b"".join(_written(outcome.applied[path]))
        glued = _words(text) - _words(outcome.before[path]) - _words(written)
        assert not glued, "an edit begins or ends inside a word"
    left = [f"{one.path}:{one.place.start.line} {one.message}" for one in last if fixable(one, unsafe=unsafe)]
    assert not left, "not fixed:\n" + "\n".join(left)
    assert len(last) <= len(first)
    again = in_rounds(last, lint, lambda path: outcome.after.get(path), unsafe=unsafe)
    assert not again.after
    return outcome


FIXTURES = [path for path in test_rules.FIXTURES if _rule_of(path).family != "linter"]


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_fixture(path: Path, unsafe: bool) -> None:
    outcome = _judge(_linter(path), path.parents[1], unsafe=unsafe)
    for text in outcome.after.values():
        if path.suffix == ".py":
            compile(text, path.name, "exec")


# ---------------------------------------------------------------- manifests


def _repository(folder: Path, one: Rule) -> Lint:
    settings = Settings(root=folder, jobs=1, min_severity=Severity.info, select=(one.code,))
    found = discover([folder], settings, lambda path: is_manifest(path) or bool(language_of(path)), folder)
    return lambda texts: engine.run(found.targets, settings, RULES, sources=texts).findings


@pytest.mark.parametrize(("one", "folder"), test_repository_rules.CASES)
def test_repository(one: Rule, folder: Path) -> None:
    for unsafe in (False, True):
        _judge(_repository(folder, one), folder, unsafe=unsafe)


# ---------------------------------------------------------------- compilers

#: What no compiler at hand takes without a library, or a newer release, does not count.
RUST = [path for path in FIXTURES if path.suffix == ".rs"]
JAVA = [path for path in FIXTURES if path.suffix == ".java"]


def _rustc(source: bytes, folder: Path) -> str:
    (folder / "lib.rs").write_bytes(source)
    command = ["rustc", "--edition=2021", "--crate-type=lib", "--emit=metadata", "-Awarnings", "lib.rs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
@pytest.mark.parametrize("path", RUST, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_rust_compiles(path: Path, tmp_path: Path) -> None:
    outcome, _, _ = _fixed(_linter(path), path.parents[1], unsafe=True)
    for text in outcome.after.values():
        if not _rustc(path.read_bytes(), tmp_path):
            assert not _rustc(text, tmp_path)


def _javac(sources: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """The first error in each file, all of them compiled at once, each in a package of its own."""
    for name, source in sources.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "Fixture.java").write_bytes(f"package {name};\n".encode() + source)
    command = ["javac", "-nowarn", "-proc:none", "-Xmaxerrs", "1000", "-d", "classes"]
    command += [f"{name}/Fixture.java" for name in sources]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    errors = re.findall(r"^(\w+)/Fixture\.java:(\d+: error: .*)$", done.stderr, re.MULTILINE)
    return dict(reversed(errors))


@pytest.mark.skipif(shutil.which("javac") is None, reason="javac is not installed")
def test_java_compiles(tmp_path: Path) -> None:
    before, after = {}, {}
    for path in JAVA:
        outcome, _, _ = _fixed(_linter(path), path.parents[1], unsafe=True)
        # What asks for a newer release is written with what that has.
        if outcome.after and "release21" not in path.name:
            name = re.sub(r"\W", "_", path.name)
            before[name] = path.read_bytes()
            (after[name],) = outcome.after.values()
    wrong = _javac(before, tmp_path)
    whole = {name: source for name, source in after.items() if name not in wrong}
    assert whole
    assert not _javac(whole, tmp_path)
