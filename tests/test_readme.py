"""
What the documents say is true: the printed examples are fresh, the snippets mean what they seem to mean, and
every command, flag, setting, link and file that is named exists.

A code block below `<!-- output: COMMAND -->` is what that command prints in this folder.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import alloclint
from alloclint import explain, rule
from alloclint.cardinality import sidecar
from alloclint.finding import Severity
from alloclint.languages import LANGUAGES
from alloclint.rule import Rule
from alloclint.settings import Settings, apply, described

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
README = TEXTS["README.md"]
RULES = rule.builtin()
COMMANDS = frozenset(
    {"baseline", "check", "rule", "explain", "capacity", "facts", "config", "server", "version"}
)

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_OUTPUT = re.compile(r"^<!-- output: alloclint (.*?) -->\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_COMMAND = re.compile(r"(?:^|[/ ])alloclint ([a-z]+)\b", re.MULTILINE)
_SUFFIXES = (".py", ".toml", ".md", ".rs", ".java", ".yaml")
_PATH = re.compile(r"[A-Za-z_.][\w.-]*(?:/[\w.-]+)*/?")
#: What stands in the project that is checked, or in an environment.
_ELSEWHERE = {
    "alloclint.toml", ".alloclint.toml", "cardinalities.toml", "Cargo.toml", ".venv/bin",
    ".cargo/config.toml", "gradle/libs.versions.toml",
}  # fmt: skip
_SPOKEN = {**explain.TITLES, "toml": "`cardinalities.toml`"}


def printed(arguments: str, *, at: Path = ROOT) -> str:
    """What a command of this checkout prints."""
    done = subprocess.run(
        [sys.executable, "-m", "alloclint", *shlex.split(arguments)],
        cwd=at,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "NO_COLOR": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode().replace("\r\n", "\n")


def blocks(language: str) -> list[str]:
    """The README's code blocks in a language."""
    return [code for tongue, code in _BLOCK.findall(README) if tongue == language]


def named(text: str) -> Iterator[str]:
    """What stands in backquotes outside of code blocks."""
    yield from _CODE.findall(_BLOCK.sub("", text))


# ---------------------------------------------------------------- what is printed


@pytest.mark.parametrize(("arguments", "shown"), _OUTPUT.findall(README))
def test_printed_examples_are_fresh(arguments: str, shown: str) -> None:
    assert shown == printed(arguments)


def test_there_are_printed_examples() -> None:
    commands = [arguments.split()[0] for arguments, _ in _OUTPUT.findall(README)]
    assert commands.count("check") >= 1
    assert commands.count("capacity") == 1


def test_the_shipped_example_is_what_the_first_command_checks() -> None:
    first = next(code for code in blocks("sh") if "pip install ." in code)
    assert f"alloclint {_OUTPUT.findall(README)[0][0]}\n" in first


def _row(one: Rule) -> str:
    languages = ", ".join(_SPOKEN.get(language, language) for language in one.languages)
    name = f"[{one.name}](RULES.md#{one.name})"
    return f"| {one.code} | {name} | {languages} | {one.severity.name} | {one.summary} |"


def test_every_rule_is_listed() -> None:
    table = README.partition("<!-- rules -->\n")[2].partition("<!-- /rules -->")[0]
    head = ["| code | name | languages | severity | reports |", "|---|---|---|---|---|"]
    assert table.splitlines() == [*head, *map(_row, RULES)]


def test_the_changelog_names_every_rule() -> None:
    missing = [one.name for one in RULES if f"`{one.name}`" not in TEXTS["CHANGELOG.md"]]
    assert not missing
    assert f"## [{alloclint.__version__}]" in TEXTS["CHANGELOG.md"]


# ---------------------------------------------------------------- snippets


SOURCES = [
    pytest.param(language, code, id=f"{language}-{number}")
    for language in LANGUAGES
    for number, code in enumerate(blocks(language))
]


@pytest.mark.parametrize(("language", "code"), SOURCES)
def test_snippets_say_something(language: str, code: str) -> None:
    settings = Settings(min_severity=Severity.info)
    found = alloclint.lint(code.encode(), f"snippet{LANGUAGES[language].suffixes[0]}", settings)
    # A comment or suppression that cannot be read, is about nothing or hides nothing would be a finding.
    assert not [one.message for one in found if one.code.startswith("ALC9")]
    told = {one.place.start.line: one.suggestion.text for one in found if one.suggestion}
    lines = code.splitlines()
    for number, line in enumerate(lines, 1):
        if promised := re.search(r"// (?:here|above|now an error): (.*)$", line):
            at = number - 1 if "above" in line else number
            assert told.get(at) == promised[1]
    if "ignore" in code or "SuppressWarnings" in code or "noqa" in code:
        assert not found


def test_python_snippets_run(capsys: pytest.CaptureFixture[str]) -> None:
    for code in blocks("python"):
        exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == "ALC101 Vec::with_capacity(xs.len())\n"


def test_settings_snippets() -> None:
    assert len(blocks("toml")) == 2
    for code in blocks("toml"):
        name = code.splitlines()[0].removeprefix("# ")
        if name == "cardinalities.toml":
            assert len(sidecar.parse(code, name).entries) == 2
        else:
            held = apply(Settings(), tomllib.loads(code), name, ROOT)
            assert {one.code for one in RULES if any(one.answers(text) for text in held.ignore)} == {"ALC107"}


# ---------------------------------------------------------------- names


def test_settings_exist() -> None:
    table = README.partition("| key | meaning |")[2].partition("\n\n")[0]
    keys = {key for row in table.splitlines()[2:] for key in _CODE.findall(row.split("|")[1])}
    assert len(keys) > 10
    assert keys <= {setting.name for setting in described()}
    prefixed = {word for word in named(README) if word.startswith("limits.")}
    assert prefixed <= {setting.name for setting in described()}


def test_commands_exist() -> None:
    for name, text in TEXTS.items():
        shell = [code for tongue, code in _BLOCK.findall(text) if tongue == "sh"]
        for command in _COMMAND.findall("\n".join([*named(text), *shell])):
            assert command in COMMANDS, f"{name}: {command}"


def test_flags_exist() -> None:
    known = "".join(printed(f"{command} --help") for command in sorted(COMMANDS))
    for name, text in TEXTS.items():
        for flag in _FLAG.findall(text):
            assert re.search(rf"{flag}(?![\w-])", known), f"{name}: {flag}"


def test_codes_exist() -> None:
    codes = {one.code for one in RULES}
    for name, text in TEXTS.items():
        assert set(re.findall(r"\bALC\d{3}\b", text)) <= codes, name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_resolve(name: str) -> None:
    for link in _LINK.findall(TEXTS[name]):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = ROOT / path if path else ROOT / name
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def anchors(text: str) -> set[str]:
    """The names that headings get on a code host."""
    headings = re.findall(r"^#+ (.*)$", _BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_exist(name: str) -> None:
    words = {word for word in named(TEXTS[name]) if _PATH.fullmatch(word)}
    paths = {word for word in words if "/" in word or Path(word).suffix in _SUFFIXES}
    for path in sorted(paths - _ELSEWHERE):
        there = ROOT / path
        assert there.is_dir() if path.endswith("/") else there.exists(), path


def test_the_map_shows_every_module_of_the_top_level() -> None:
    text = TEXTS["ARCHITECTURE.md"]
    for path in sorted((ROOT / "alloclint").iterdir()):
        if path.name.startswith("__") or path.name == "rules":
            continue
        shown = f"alloclint/{path.name}/" if path.is_dir() else f"alloclint/{path.name}"
        assert f"`{shown}`" in text, shown
