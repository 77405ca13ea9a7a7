"""The baseline: what it recognizes, what it forgets, and what it looks like."""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from alloclint import baseline, cli
from alloclint.baseline import Baseline, BaselineError, Known
from alloclint.finding import Finding, Place, Position

GUILTY = """\
pub fn {name}(items: &[u64]) -> Vec<u64> {{
    let mut out = Vec::new();
    for item in items {{
        out.push(item * 2);
    }}
    out
}}
"""
ONE, TWO = GUILTY.format(name="one"), GUILTY.format(name="two")
OTHER = TWO.replace("out", "other")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "alloclint.toml").write_text('baseline = "alloclint-baseline.json"\n')
    (tmp_path / "src").mkdir()
    (tmp_path / "src/one.rs").write_text(ONE)
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and all that is printed."""
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = cli.main(arguments)
    assert "internal error" not in out.getvalue()
    return code, out.getvalue()


def new(folder: Path, *arguments: str) -> list[str]:
    """`PATH:LINE` of what `check` shows."""
    _, text = run(folder, "check", "--output-format", "concise", *arguments)
    return [":".join(line.split(":")[:2]) for line in text.splitlines()[:-1]]


def known(folder: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(
        (folder / "alloclint-baseline.json").read_text(encoding="utf-8")
    )["findings"]
    return found


# ---------------------------------------------------------------- written and used


def test_what_is_written(project: Path) -> None:
    assert run(project, "baseline", "write") == (0, "Wrote 1 finding to alloclint-baseline.json\n")
    assert (project / "alloclint-baseline.json").read_text() == (
        '{\n  "version": 1,\n  "findings": {\n    "src/one.rs": [\n'
        '      {"code": "ALC101", "count": 1, "print": "98327916a28dc084", '
        '"line": "let mut out = Vec::new();"}\n'
        "    ]\n  }\n}\n"
    )
    assert run(project, "check") == (0, "No findings in 1 file (1 in alloclint-baseline.json)\n")
    assert run(project, "baseline", "write") == (0, "alloclint-baseline.json has 1 finding, as before\n")


def test_only_new_ones_are_shown(project: Path) -> None:
    run(project, "baseline", "write")
    (project / "src/one.rs").write_text(ONE + OTHER)
    assert new(project) == ["src/one.rs:9"]
    assert new(project, "--no-baseline") == ["src/one.rs:2", "src/one.rs:9"]
    code, text = run(project, "check")
    assert code == 1 and text.endswith("Found 1 warning in 1 file (1 in alloclint-baseline.json)\n")
    code, text = run(project, "baseline", "write")
    assert text == "Wrote 2 findings to alloclint-baseline.json: 1 more and 0 fewer than before\n"


def test_without_the_setting(project: Path) -> None:
    (project / "alloclint.toml").write_text("")
    _, text = run(project, "baseline", "write", "--baseline", "known.json")
    assert text == "Wrote 1 finding to known.json\n"
    _, text = run(project, "baseline", "write")
    assert 'Put `baseline = "alloclint-baseline.json"` into the settings' in text
    assert new(project) == ["src/one.rs:2"]
    assert new(project, "--baseline", "known.json") == []


def test_what_is_not_shown_is_not_written(project: Path) -> None:
    run(project, "baseline", "write", "--min-severity", "error")
    assert known(project) == {}
    assert new(project) == ["src/one.rs:2"]


def test_from_another_folder(project: Path) -> None:
    run(project / "src", "baseline", "write")
    assert list(known(project)) == ["src/one.rs"]
    assert new(project) == new(project / "src") == new(project.parent, project.name) == []


def test_only_new_ones_are_fixed_and_silenced(project: Path) -> None:
    run(project, "baseline", "write")
    (project / "src/one.rs").write_text(ONE + OTHER)
    assert run(project, "check", "--fix")[0] == 0
    assert (project / "src/one.rs").read_text().startswith(ONE)
    (project / "src/one.rs").write_text(ONE + OTHER)
    assert run(project, "check", "--add-ignore")[0] == 0
    assert (project / "src/one.rs").read_text().startswith(ONE)
    assert "ignore[ALC101]" in (project / "src/one.rs").read_text()


# ---------------------------------------------------------------- recognized


MOVED = {
    "lines above": "use a;\n\n// more\n" + ONE,
    "indented": "mod a {\n" + ONE.replace("\n", "\n    ") + "\n}\n",
    "carriage returns": ONE.replace("\n", "\r\n"),
    "blanks": ONE.replace("= Vec::new()", "=  Vec :: new()"),
    "the other lines": ONE.replace("item * 2", "item * 3").replace("one", "uno"),
}


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED.keys())
def test_code_may_move(project: Path, text: str) -> None:
    run(project, "baseline", "write")
    (project / "src/one.rs").write_bytes(text.encode())
    assert new(project) == []
    assert run(project, "baseline", "check")[0] == 0


def test_another_line_is_another_finding(project: Path) -> None:
    run(project, "baseline", "write")
    (project / "src/one.rs").write_text(ONE.replace("out", "found"))
    assert new(project) == ["src/one.rs:2"]


def test_equal_lines_are_counted(project: Path) -> None:
    (project / "src/one.rs").write_text(ONE + TWO)
    run(project, "baseline", "write")
    assert [entry["count"] for entry in known(project)["src/one.rs"]] == [2]
    (project / "src/one.rs").write_text(TWO)
    assert new(project) == []
    (project / "src/one.rs").write_text(ONE + TWO + GUILTY.format(name="three"))
    assert new(project) == ["src/one.rs:16"]


class TestRenamed:
    def test_a_file(self, project: Path) -> None:
        run(project, "baseline", "write")
        (project / "src/one.rs").rename(project / "src/uno.rs")
        assert new(project) == []
        run(project, "baseline", "prune")
        assert list(known(project)) == ["src/uno.rs"]

    def test_a_folder_with_equal_files(self, project: Path) -> None:
        (project / "src/two.rs").write_text(TWO)
        run(project, "baseline", "write")
        (project / "src").rename(project / "lib")
        assert new(project) == []

    def test_a_copy_is_new(self, project: Path) -> None:
        run(project, "baseline", "write")
        (project / "src/two.rs").write_text(TWO)
        assert new(project) == ["src/two.rs:2"]

    def test_two_that_it_could_be_are_none(self, project: Path) -> None:
        run(project, "baseline", "write")
        (project / "src/one.rs").rename(project / "src/two.rs")
        (project / "src/three.rs").write_text(ONE)
        assert new(project) == ["src/three.rs:2", "src/two.rs:2"]


# ---------------------------------------------------------------- forgotten


def test_prune_and_check(project: Path) -> None:
    (project / "src/one.rs").write_text(ONE + TWO + OTHER)
    run(project, "baseline", "write")
    assert run(project, "baseline", "check") == (0, "The baseline is exact: 3 findings\n")
    (project / "src/one.rs").write_text(ONE)
    code, text = run(project, "baseline", "check")
    assert (code, text.splitlines()) == (
        1,
        [
            "src/one.rs: ALC101 is known, but no longer found: let mut other = Vec::new();",
            "src/one.rs: ALC101 is known, but no longer found: let mut out = Vec::new();",
            "0 findings not in the baseline, 2 to be pruned",
        ],
    )
    assert run(project, "baseline", "prune") == (
        0,
        "Removed 2 findings from alloclint-baseline.json; 1 left\n",
    )
    assert run(project, "baseline", "check")[0] == 0
    assert new(project) == []


def test_check_shows_what_is_new(project: Path) -> None:
    run(project, "baseline", "write")
    (project / "src/one.rs").write_text(ONE + OTHER)
    code, text = run(project, "baseline", "check")
    assert code == 1 and text.startswith("src/one.rs:9:21: ALC101 warning")


@pytest.mark.parametrize("action", ["write", "prune"])
def test_what_was_not_looked_at_is_kept(project: Path, action: str) -> None:
    (project / "lib").mkdir()
    (project / "lib/two.rs").write_text(TWO)
    run(project, "baseline", "write")
    for name in ("src/one.rs", "lib/two.rs"):
        (project / name).write_text("")
    run(project, "baseline", action, "--select", "ALC2")
    assert list(known(project)) == ["lib/two.rs", "src/one.rs"]
    run(project, "baseline", action, "src")
    assert list(known(project)) == ["lib/two.rs"]
    run(project, "baseline", action)
    assert known(project) == {}


def test_a_damaged_file_keeps_what_is_known_of_it(project: Path) -> None:
    run(project, "baseline", "write")
    (project / "src/one.rs").write_text(ONE.replace("for item", "for for for ("))
    run(project, "baseline", "prune")
    assert list(known(project)) == ["src/one.rs"]


def test_what_cannot_be_linted_changes_nothing(project: Path) -> None:
    run(project, "baseline", "write")
    code, text = run(project, "baseline", "write", "nowhere")
    assert code == 2 and "the baseline is as it was" in text
    assert list(known(project)) == ["src/one.rs"]


# ---------------------------------------------------------------- the file


BROKEN = {
    "no JSON": ("{", "is not valid JSON"),
    "a conflict": ("<<<<<<< HEAD\n", "is not valid JSON"),
    "no UTF-8": ("\udcff", "is not valid JSON"),
    "nothing of ours": ("[]", "is no baseline of alloclint"),
    "newer": ('{"version": 2, "findings": []}', "has version 2, and this alloclint reads version 1"),
    "no findings": ('{"version": 1}', "findings: expected a table"),
    "no list": ('{"version": 1, "findings": {"a": 1}}', "findings of a: expected a list"),
    "no entry": (
        '{"version": 1, "findings": {"a": [{"code": "ALC101"}]}}',
        "findings of a: expected code, line",
    ),
    "no count": (
        '{"version": 1, "findings": {"a": [{"code": "A", "count": 0, "print": "", "line": ""}]}}',
        "a count of at least 1",
    ),
    "deep": ("[" * 100_000, "is not valid JSON"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("command", [("check",), ("baseline", "write"), ("baseline", "prune")])
def test_broken_files(project: Path, text: str, words: str, command: tuple[str, ...]) -> None:
    path = project / "alloclint-baseline.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    code, told = run(project, *command)
    assert code == 2
    assert told.startswith(f"alloclint: error: {path}: ") and words in told
    assert path.read_bytes() == text.encode(errors="surrogateescape")


def test_no_file(project: Path) -> None:
    for command in (("check",), ("baseline", "check"), ("baseline", "prune")):
        code, told = run(project, *command)
        assert code == 2 and "there is no such baseline; `alloclint baseline write` makes it" in told


def test_permissions_and_links_are_kept(project: Path) -> None:
    (project / "real.json").write_bytes(baseline.dump(Baseline(project)))
    (project / "real.json").chmod(0o640)
    (project / "alloclint-baseline.json").symlink_to("real.json")
    run(project, "baseline", "write")
    assert (project / "alloclint-baseline.json").is_symlink()
    assert stat.S_IMODE((project / "real.json").stat().st_mode) == 0o640
    assert list(known(project)) == ["src/one.rs"]
    assert sorted(os.listdir(project)) == ["alloclint-baseline.json", "alloclint.toml", "real.json", "src"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only(project: Path) -> None:
    project.chmod(0o555)
    try:
        code, told = run(project, "baseline", "write")
    finally:
        project.chmod(0o755)
    assert code == 2 and "cannot be written" in told


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BaselineError, match="cannot be written"):
        baseline.save(Baseline(tmp_path / "file" / "known.json"))


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    counts = {
        Known('b/ä "x".py', "ALC101", 'x = "…"', "1" * 16): 3,
        Known("a.py", "ALC102", "\x00\u2028", "2" * 16): 1,
    }
    assert baseline.save(Baseline(path, counts))
    assert baseline.load(path).counts == counts
    assert not baseline.save(Baseline(path, counts))
    # Sorted, whatever the order was: a diff shows what has changed.
    assert baseline.dump(Baseline(path, dict(sorted(counts.items())))) == path.read_bytes()


def test_long_lines_are_cut_for_people_only(tmp_path: Path) -> None:
    empty = Baseline(tmp_path / "known.json")
    place = Place("a.py", Position(1, 1, 0), Position(1, 2, 1))
    finding = Finding(place, "message", code="ALC101")
    long, longer = (empty.known(finding, lambda path, n=n: b"x" * n) for n in (5_000, 5_001))  # type: ignore[misc]
    assert len(long.line) == 120 and long.line == longer.line and long.print != longer.print
    assert empty.known(finding, lambda path: None).line == "message"


@pytest.mark.skipif(sys.platform == "win32", reason="takes its time")
def test_many_findings(tmp_path: Path) -> None:
    counts = {Known(f"{n % 500}.py", "ALC101", f"line {n}", f"{n:016x}"): 1 for n in range(50_000)}
    path = tmp_path / "known.json"
    baseline.save(Baseline(path, counts))
    assert len(baseline.load(path).split([], lambda name: None).gone) == 50_000
