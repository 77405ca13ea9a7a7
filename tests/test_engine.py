"""Loading rules, linting one file, and linting many: alike in one process and in several."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alloclint import engine, passes, rule, workers
from alloclint.discover import Target
from alloclint.engine import Plan, Run, examine, examine_project, lint_file
from alloclint.facts import testcode
from alloclint.file import File
from alloclint.finding import Severity
from alloclint.passes import open_file
from alloclint.rule import Rule, RuleError
from alloclint.settings import Settings, SettingsError

RULE = '''
"""Something is bad."""
import os
import re
import time
from collections.abc import Iterator
from alloclint.file import File
from alloclint.finding import Finding, Severity, Confidence

CODE = "{code}"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")


def check(file: File) -> Iterator[Finding]:
    for hit in re.finditer(rb"{word}", file.source):
        {action}
'''
BLAME = 'yield Finding(file.place(hit.start(), hit.end()), "this is {word}")'
Own = Callable[..., list[Rule]]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """Writes rules, `name=(code, word, action)`, and loads them without the built-in ones."""

    def make(**rules: tuple[str, str, str]) -> list[Rule]:
        folder = tmp_path / "own"
        folder.mkdir()
        for name, (code, word, action) in rules.items():
            text = RULE.replace("{action}", action).replace("{code}", code).replace("{word}", word)
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        return rule.load(folder)

    return make


@pytest.fixture
def bad(own: Own) -> list[Rule]:
    return own(bad_thing=("XYZ101", "bad", BLAME))


def file_of(source: str | bytes, path: str = "a.rs") -> File:
    return File.of(path, source.encode() if isinstance(source, str) else source, Settings().limits, None)


def lines(
    source: str | bytes, rules: list[Rule], path: str = "a.rs", settings: Settings | None = None
) -> list[str]:
    found = lint_file(file_of(source, path), rules, settings or Settings())
    return [f"{one.place.start.line}:{one.code}" for one in found]


def targets(folder: Path, **texts: str) -> list[Target]:
    """Files in a folder, `name=text`, in Rust."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.rs").write_text(text, encoding="utf-8")
    return [Target(folder / f"{name}.rs", f"src/{name}.rs", False) for name in sorted(texts)]


class TestLoading:
    def test_built_in_rules(self) -> None:
        rules = rule.builtin()
        assert [one.code for one in rules] == sorted({one.code for one in rules})
        by_name = {one.name: one for one in rules}
        assert by_name["damaged-source"].family == "linter"
        assert by_name["damaged-source"].looks_at is File

    def test_nested_folders_and_those_to_leave_out(self, tmp_path: Path) -> None:
        text = RULE.replace("{code}", "XYZ101").replace("{action}", BLAME)
        for name in ("deep/er/one.py", "_two.py", ".hidden/three.py", "_private/four.py", "five.txt"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        (found,) = rule.load(tmp_path)
        assert (found.name, found.family) == ("one", "er")

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("def check(:\n", 1, "SyntaxError"),
            ('"""D."""\nimport os\n1 / 0\n', 3, "ZeroDivisionError"),
            ("raise SystemExit(3)\n", 1, "SystemExit"),
            ("import does_not_exist\n", 1, "ModuleNotFoundError"),
            ('CODE = "XYZ101"\n', 1, "`check`"),
            (RULE.replace("{code}", "xyz"), 1, "CODE must be"),
            (RULE.replace("{code}", "WXYZ101"), 1, "CODE must be"),
            (RULE.replace("Severity.warning", "3"), 1, "SEVERITY must be"),
            (RULE.replace('("rust", "java", "python")', "()"), 1, "LANGUAGES must be"),
            (RULE.replace("(file: File)", "(file)"), 15, "annotate"),
            (RULE.replace("(file: File)", "()"), 15, "annotate"),
            (RULE.replace("(file: File)", '(file: "Fail")'), 15, "Fail"),
        ],
    )
    def test_a_broken_rule_is_told_with_its_line(
        self, tmp_path: Path, text: str, line: int, words: str
    ) -> None:
        path = tmp_path / "broken.py"
        path.write_text(text.replace("{code}", "XYZ101").replace("{action}", "yield"), encoding="utf-8")
        with pytest.raises(RuleError) as caught:
            rule.load(tmp_path)
        assert str(caught.value).startswith(f"{path}:{line}: ")
        assert words in str(caught.value)

    def test_a_folder_that_does_not_exist(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="does not exist"):
            rule.load(tmp_path / "nowhere")

    def test_taken_codes_and_names(self, own: Own, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="XYZ101 is already taken"):
            own(one=("XYZ101", "a", BLAME), two=("XYZ101", "b", BLAME))
        (tmp_path / "more").mkdir()
        text = RULE.replace("{code}", "ALC901").replace("{action}", BLAME)
        (tmp_path / "more" / "three.py").write_text(text, encoding="utf-8")
        with pytest.raises(RuleError, match="ALC901 is already taken"):
            rule.load_all([tmp_path / "more"])

    def test_a_fact_that_nobody_provides(self, tmp_path: Path) -> None:
        text = RULE.replace("{code}", "XYZ101").replace("{action}", BLAME).replace("file: File", "file: int")
        (tmp_path / "odd.py").write_text(text, encoding="utf-8")
        with pytest.raises(RuleError, match=r"odd.py:15: .*looks at int"):
            Plan(rule.load(tmp_path), Settings())

    def test_complaints(self, bad: list[Rule]) -> None:
        (found,) = bad
        assert len(rule.complaints(found)) == 4
        assert any("72" in one for one in rule.complaints(replace(found, summary="x" * 73)))
        assert any("docstring" in one for one in rule.complaints(replace(found, summary="", page="")))


class TestSelection:
    @pytest.mark.parametrize(
        ("select", "ignore", "expected"),
        [
            ((), (), ["1:XYZ101", "2:XYZ202"]),
            (("ALL",), ("XYZ1",), ["2:XYZ202"]),
            (("XYZ101",), (), ["1:XYZ101"]),
            (("bad-thing",), (), ["1:XYZ101"]),
            (("own",), ("good-thing",), ["1:XYZ101"]),
        ],
    )
    def test_by_any_selector(
        self, own: Own, select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]
    ) -> None:
        rules = own(bad_thing=("XYZ101", "bad", BLAME), good_thing=("XYZ202", "good", BLAME))
        settings = replace(Settings(), select=select, ignore=ignore)
        assert lines("bad();\ngood();\n", rules, settings=settings) == expected

    def test_an_unknown_selector(self, bad: list[Rule]) -> None:
        with pytest.raises(SettingsError, match="bad-thing"):
            lines("bad();", bad, settings=replace(Settings(), select=("bad-thng",)))

    def test_per_file_ignores_are_relative_to_the_settings(self, bad: list[Rule]) -> None:
        ignores = (("src/old/*.rs", ("XYZ",)),)
        settings = replace(Settings(), per_file_ignores=ignores, root=Path.cwd())
        assert lines("bad();", bad, "src/old/a.rs", settings) == []
        assert lines("bad();", bad, "src/new/a.rs", settings) == ["1:XYZ101"]

    def test_only_rules_for_the_language(self, bad: list[Rule]) -> None:
        rules = [replace(one, languages=("java",)) for one in bad]
        assert lines("bad();", rules) == []
        assert lines("class A { int x = bad(); }", rules, "A.java") == ["1:XYZ101"]


class TestOneFile:
    def test_sorted_named_and_graded(self, own: Own) -> None:
        rules = own(
            zebra=("XYZ101", "bad", BLAME),
            ant=("XYZ102", "bad", BLAME.replace('")', '", Confidence.advice)')),
        )
        found = lint_file(file_of("fn f() { bad(); bad(); }"), rules, Settings())
        assert [(one.code, one.name, one.severity.name, one.place.start.column) for one in found] == [
            ("XYZ101", "zebra", "warning", 10),
            ("XYZ102", "ant", "info", 10),
            ("XYZ101", "zebra", "warning", 17),
            ("XYZ102", "ant", "info", 17),
        ]

    def test_said_twice_is_reported_once(self, own: Own) -> None:
        rules = own(twice=("XYZ101", "bad", f"for _ in range(2): {BLAME}"))
        assert lines("bad();", rules) == ["1:XYZ101"]

    def test_a_rule_that_fails_loses_nothing_else(self, own: Own) -> None:
        rules = own(
            failing=("XYZ101", "bad", f"{BLAME}; raise KeyError('odd')"), sound=("XYZ102", "bad", BLAME)
        )
        examined = examine(file_of("bad();\nbad();\n"), Plan(rules, Settings()))
        assert [f"{one.place.start.line}:{one.code}" for one in examined.findings] == [
            "1:XYZ101",
            "1:XYZ102",
            "2:XYZ102",
        ]
        (note,) = examined.notes
        assert note.failed
        assert note.path == "a.rs"
        assert "XYZ101 (failing) failed: KeyError: 'odd' (failing.py:17)" in note.message
        assert "please report" in note.message

    def test_damaged_source_yields_nothing_but_a_note(self, bad: list[Rule]) -> None:
        rules = [*bad, *rule.builtin()]
        source = "fn f() { g(1 +* bad ; }\nfn g() { bad(Vec::new()); }\n"
        settings = replace(Settings(), select=("XYZ101", "ALC901"))
        found = lint_file(file_of(source), rules, settings)
        assert [one.code for one in found if one.place.start.line == 2] == ["XYZ101"]
        assert [one.severity for one in found if one.code == "ALC901"] == [Severity.info]

    @pytest.mark.parametrize(
        "source", [b"", b"\xff\xfe bad", b"\xef\xbb\xbfbad();", b"bad();\r\n", b"(" * 5_000]
    )
    def test_odd_bytes(self, source: bytes, bad: list[Rule]) -> None:
        settings = replace(Settings(), tests=True)
        for path in ("a.rs", "A.java", "a.py"):
            assert len(lint_file(file_of(source, path), bad, settings)) <= source.count(b"bad")


class TestFingerprints:
    def prints(self, source: str, rules: list[Rule], path: str = "a.rs") -> list[str]:
        return [one.fingerprint for one in lint_file(file_of(source, path), rules, Settings())]

    def test_stable_when_lines_move_or_are_indented(self, bad: list[Rule]) -> None:
        assert self.prints("bad( 1);\n", bad) == self.prints("\n\nfn f() {\n\tbad(1);\n}\n", bad)

    def test_different_for_path_text_and_occurrence(self, bad: list[Rule]) -> None:
        every = self.prints("bad();\nbad();\nbad(2);\nbad() + bad();\n", bad)
        assert len({*every, *self.prints("bad();\n", bad, "b.rs")}) == 6

    def test_a_suppressed_one_keeps_its_number(self, bad: list[Rule]) -> None:
        first, second = self.prints("bad();\nbad();\n", bad)
        assert self.prints("// alloclint: ignore\nbad();\nbad();\n", bad) == [second]
        assert first != second


class TestQuietCode:
    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("src/lib.rs", None),
            ("tests/it.rs", "test code"),
            ("crate/benches/b.rs", "benchmark"),
            ("examples/e.rs", "example"),
            ("build.rs", "build script"),
            ("src/parser_tests.rs", "test code"),
            ("src/latest/contest.rs", None),
            ("fixtures/capacity/a.rs", None),
            ("src/test/java/a/FooHelper.java", "test code"),
            ("src/main/java/com/acme/test/Foo.java", None),
            ("src/main/java/com/acme/Attest.java", None),
            ("a/FooTest.java", "test code"),
            ("a/test_x.py", "test code"),
            ("a/x_test.py", "test code"),
            ("conftest.py", "test code"),
            ("a/testament.py", None),
            ("vendor/x/a.py", "vendored code"),
            ("api_pb2.py", "generated code"),
        ],
    )
    def test_by_path(self, path: str, reason: str | None) -> None:
        assert testcode.path_reason(path) == reason

    @pytest.mark.parametrize(
        ("head", "quiet"),
        [
            ("// @generated by a tool", True),
            ("// Code generated by x. DO NOT EDIT.", True),
            ("/*\n * DO NOT EDIT\n */", True),
            ("# Generated by the protocol buffer compiler.  DO NOT EDIT!", True),
            ("package a;\nimport javax.annotation.Generated;", True),
            ('@javax.annotation.Generated("x")', True),
            ('let mark = "DO NOT EDIT";', False),
            ("// nothing of the kind", False),
            ("// edit\n" * 400 + "// DO NOT EDIT", False),
        ],
    )
    def test_by_header(self, head: str, quiet: bool) -> None:
        assert (testcode.source_reason(head.encode()) is not None) == quiet

    @pytest.mark.parametrize(
        ("path", "source"),
        [
            ("a.rs", "#[test]\nfn t() {\n    bad();\n}\n"),
            ("a.rs", "#[cfg(test)]\nmod tests {\n    fn helper() { bad(); }\n}\n"),
            ("A.java", "class A {\n    @Test void t() { bad(); }\n}\n"),
            ("a.py", "def test_it():\n    bad()\n"),
            ("tests/a.rs", "fn f() { bad(); }\n"),
            ("a.rs", "// @generated\nfn f() { bad(); }\n"),
        ],
    )
    def test_silent_unless_asked_for(self, path: str, source: str, bad: list[Rule]) -> None:
        assert lines(source, bad, path) == []
        assert len(lines(source, bad, path, replace(Settings(), tests=True))) == 1

    def test_beside_a_test(self, bad: list[Rule]) -> None:
        assert lines("#[test]\nfn t() { bad(); }\nfn f() { bad(); }\n", bad) == ["3:XYZ101"]

    def test_rules_about_the_linter_apply(self) -> None:
        settings = replace(Settings(), select=("ALC901",))
        assert lines("fn f( { Vec::new()", rule.builtin(), "tests/a.rs", settings) == ["1:ALC901"]


def test_stale_cardinalities() -> None:
    class Stale:
        symbol, path, line, nearest = "index.oldMap", "cardinalities.toml", 3, "index.map"

    class Project:
        stale = (Stale(),)

    plan = Plan(rule.builtin(), Settings())
    (finding,) = examine_project(Project(), plan).findings  # type: ignore[arg-type]
    assert (finding.code, finding.path, finding.place.start.line) == ("ALC906", "cardinalities.toml", 3)
    assert finding.suggestion is not None
    assert finding.suggestion.text == "`index.map`"
    assert finding.fingerprint


MANY = {f"f{number:03}": f"fn f() {{\n    bad({number});\n}}\n" for number in range(60)}


def run(found: list[Target], rules: list[Rule], jobs: int = 1, **more: object) -> Run:
    return engine.run(found, replace(Settings(), jobs=jobs), rules, **more)  # type: ignore[arg-type]


class TestRun:
    def test_what_it_counts(self, tmp_path: Path, bad: list[Rule]) -> None:
        seen: list[tuple[int, int]] = []
        found = targets(tmp_path / "src", a="fn f() { bad(); }", b="fn g() {}")
        result = run(found, bad, progress=lambda done, total: seen.append((done, total)))
        assert [one.path for one in result.findings] == ["src/a.rs"]
        assert (result.files, result.notes, result.interrupted, result.failed) == (2, (), False, False)
        assert result.seconds > 0
        assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)], "two passes over two files"
        assert result.shown(Severity.error) == []
        assert result.hidden(Severity.error) == 1

    def test_files_that_cannot_be_linted(self, tmp_path: Path, bad: list[Rule]) -> None:
        found = targets(tmp_path / "src", a="bad();", gone="", binary="bad\0", large="bad();" * 100)
        (tmp_path / "src" / "gone.rs").unlink()
        result = engine.run(found, replace(Settings(), jobs=1, max_file_bytes=500), bad)
        assert [one.path for one in result.findings] == ["src/a.rs"]
        notes = {note.path: note for note in result.notes}
        assert sorted(notes) == ["src/binary.rs", "src/gone.rs", "src/large.rs"]
        assert notes["src/gone.rs"].failed
        assert not notes["src/binary.rs"].failed
        assert "max-file-bytes" in notes["src/large.rs"].message
        assert result.failed

    def test_sources_in_memory(self, tmp_path: Path, bad: list[Rule]) -> None:
        found = [Target(tmp_path / "none.rs", "none.rs", True)]
        assert len(run(found, bad, sources={"none.rs": b"bad();"}).findings) == 1

    def test_several_processes_find_the_same(self, tmp_path: Path, bad: list[Rule]) -> None:
        found = targets(tmp_path / "src", **MANY)
        (tmp_path / "src" / "f003.rs").unlink()
        serial, parallel = run(found, bad), run(found, bad, jobs=2)
        assert len(serial.findings) == 59
        assert serial.findings == parallel.findings
        assert serial.notes == parallel.notes
        assert serial.parsed == parallel.parsed

    def test_a_worker_that_dies_is_replaced(
        self, tmp_path: Path, own: Own, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The rule ends any process but this one.
        rules = own(deadly=("XYZ101", "bad", f"os.getpid() == {os.getpid()} or os._exit(9); {BLAME}"))
        monkeypatch.setattr(workers, "_TASK_FILES", 20)
        result = run(targets(tmp_path / "src", **MANY), rules, jobs=2)
        assert len(result.findings) == 60
        (note,) = result.notes
        assert "worker process died" in note.message

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_what_is_declared_elsewhere_is_known(self, tmp_path: Path, own: Own, jobs: int) -> None:
        condition = 'if file.project.declaration("rust", "Elsewhere"): '
        rules = own(asking=("XYZ101", "bad", condition + BLAME))
        found = targets(tmp_path / "src", **MANY)
        assert run(found, rules, jobs).findings == ()
        found = targets(tmp_path / "src", **MANY, zebra="struct Elsewhere { size: u64 }")
        assert len(run(found, rules, jobs).findings) == 60

    def test_a_file_is_read_and_parsed_once_for_both_passes(
        self, tmp_path: Path, own: Own, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[str] = []

        def opening(target: Target, *more: Any) -> File | None:
            opened.append(target.shown)
            return open_file(target, *more)

        monkeypatch.setattr(passes, "open_file", opening)
        condition = 'if file.project.declaration("rust", "Elsewhere"): '
        rules = own(asking=("XYZ101", "bad", condition + BLAME))
        found = targets(tmp_path / "src", a="bad();", b="bad(ask);", c="struct Elsewhere;")
        assert [one.path for one in run(found, rules).findings] == ["src/a.rs", "src/b.rs"]
        assert opened == ["src/a.rs", "src/b.rs", "src/c.rs"]

    def test_what_does_not_fit_is_parsed_again(
        self, tmp_path: Path, bad: list[Rule], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(passes, "_KEPT_BYTES", 10)
        found = targets(tmp_path / "src", a="bad();", b="bad(something);")
        assert [one.path for one in run(found, bad).findings] == ["src/a.rs", "src/b.rs"]

    def test_a_few_small_files_start_no_process(self, tmp_path: Path) -> None:
        found = targets(tmp_path / "src", a="", b="")
        assert engine._jobs(found, Settings()) == 1
        assert engine._jobs(found * 20, replace(Settings(), jobs=3)) == 3
        assert engine._jobs(found * 20, replace(Settings(), jobs=1)) == 1
        (tmp_path / "src" / "a.rs").write_bytes(b" " * 1_000_000)
        assert engine._jobs(found, replace(Settings(), jobs=3)) == 2

    def test_ctrl_c_keeps_what_was_found(self, tmp_path: Path, bad: list[Rule]) -> None:
        def interrupt(done: int, total: int) -> None:
            if done == 5:  # two files into the second pass
                raise KeyboardInterrupt

        result = run(targets(tmp_path / "src", a="bad();", b="bad();", c="bad();"), bad, progress=interrupt)
        assert result.interrupted
        assert result.failed
        assert [one.path for one in result.findings] == ["src/a.rs", "src/b.rs"]


SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from alloclint import engine, rule
from alloclint.discover import Target
from alloclint.settings import Settings

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = [Target(path, path.name, False) for path in sorted((folder / "src").glob("*.rs"))]
    print("ready", flush=True)
    result = engine.run(found, replace(Settings(), jobs=2), rule.load(folder / "own"))
    print("interrupted" if result.interrupted else "done")
"""


@pytest.fixture
def script(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    root = str(Path(inspect.getfile(engine)).parent.parent)
    # Where tests run in the background of a shell, Ctrl-C is ignored, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py"), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to interrupt")
def test_ctrl_c_ends_the_workers_at_once(own: Own, tmp_path: Path, script: subprocess.Popen[str]) -> None:
    own(slow=("XYZ101", "bad", f"time.sleep(20); {BLAME}"))
    targets(tmp_path / "src", **MANY)
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    time.sleep(1.5)
    os.killpg(script.pid, signal.SIGINT)
    out, err = script.communicate(timeout=15)
    assert out == "interrupted\n"
    assert "Traceback" not in err, textwrap.indent(err, "    ")
