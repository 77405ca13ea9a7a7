"""Which findings a suppression hides, and which suppressions are reported themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alloclint import rule
from alloclint.engine import lint_file
from alloclint.file import File
from alloclint.finding import Severity
from alloclint.rule import Rule
from alloclint.settings import Settings

#: Blames every `bad` outside of comments, wherever it stands.
BLAME = '''
"""Something is bad."""
import re
from collections.abc import Iterator
from alloclint.file import File
from alloclint.finding import Finding, Severity

CODE = "XYZ{code}"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")


def check(file: File) -> Iterator[Finding]:
    for hit in re.finditer(rb"\\bbad\\b", file.source):
        if not file.unit.comment_at(hit.start()):
            yield Finding(file.place(hit.start(), hit.end()), "this is bad")
'''


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[Rule]:
    folder = tmp_path_factory.mktemp("own") / "blaming"
    folder.mkdir()
    (folder / "bad_thing.py").write_text(BLAME.replace("{code}", "101"), encoding="utf-8")
    (folder / "other_thing.py").write_text(BLAME.replace("{code}", "102"), encoding="utf-8")
    return rule.load_all([folder])


def lint(path: str, source: str, rules: list[Rule], *select: str) -> list[str]:
    """`LINE:CODE` of what is reported; only XYZ101 of the two rules that blame the same runs."""
    chosen = select or ("XYZ101", "ALC904", "ALC905")
    file = File.of(path, source.encode(), Settings().limits, None)
    found = lint_file(file, rules, replace(Settings(), select=chosen))
    return [f"{finding.place.start.line}:{finding.code}" for finding in found]


HIDDEN = {
    "trailing": "bad(); // alloclint: ignore[XYZ101]",
    "by name": "bad(); // alloclint: ignore[bad-thing]",
    "by family": "bad(); // alloclint: ignore[blaming]",
    "by prefix": "bad(); // alloclint: ignore[XYZ1]",
    "by ALL": "bad(); // alloclint: ignore[ALL]",
    "in any case": "bad(); // alloclint: ignore[xyz101]",
    "with a reason": "bad(); // alloclint: ignore[XYZ101] -- it runs once",
    "without spaces": "bad(); //alloclint:ignore[XYZ101]",
    "block comment before": "/* alloclint: ignore[XYZ101] */ bad();",
    "own line": "// alloclint: ignore[XYZ101]\n    bad();",
    "own line, blank and comment between": "// alloclint: ignore[XYZ101]\n\n// a\n/* b\n c */\n bad();",
    "own block comment": "/*\n     * alloclint: ignore[XYZ101]\n     */\n    bad();",
    "next line": "// alloclint: ignore-next-line[XYZ101]\n    bad();",
    "last line of the statement": "call(\n        bad(),\n        1,\n    ); // alloclint: ignore[XYZ101]",
    "own line before a long statement": "// alloclint: ignore[XYZ101]\ncall(\n    1,\n    bad(),\n);",
    "whole file": "bad();\n    bad(); // alloclint: ignore-file[XYZ101]",
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN.keys())
def test_hidden_in_rust_and_java(body: str, rules: list[Rule]) -> None:
    assert lint("a.rs", f"fn f() {{\n    {body}\n}}\n", rules) == []
    assert lint("A.java", f"class A {{ void f() {{\n    {body}\n}} }}\n", rules) == []


SHOWN = {
    "the line below a trailing one": "good(); // alloclint: ignore[XYZ101]\n    bad();",
    "two lines below": "// alloclint: ignore[XYZ101]\n    good();\n    bad();",
    "prose": "bad(); // see alloclint: ignore[XYZ101]",
    "a string": 'log("// alloclint: ignore[XYZ101]", bad());',
}


@pytest.mark.parametrize("body", SHOWN.values(), ids=SHOWN.keys())
def test_not_hidden(body: str, rules: list[Rule]) -> None:
    assert lint("a.rs", f"fn f() {{\n    {body}\n}}\n", rules, "XYZ101") != []


def test_a_trailing_one_at_the_end_of_a_loop_says_nothing_about_its_body(rules: list[Rule]) -> None:
    source = "fn f() {\n    for x in y {\n        bad();\n    } // alloclint: ignore[XYZ101]\n}\n"
    assert lint("a.rs", source, rules) == ["3:XYZ101", "4:ALC904"]


def test_bare_ignore_hides_every_rule(rules: list[Rule]) -> None:
    source = "fn f() {\n    bad(); // alloclint: ignore\n    bad();\n}\n"
    assert lint("a.rs", source, rules, "XYZ") == ["3:XYZ101", "3:XYZ102"]


def test_a_list_hides_only_what_it_names(rules: list[Rule]) -> None:
    source = "fn f() {\n    bad(); // alloclint: ignore[XYZ102]\n}\n"
    assert lint("a.rs", source, rules, "XYZ") == ["2:XYZ101"]


def test_crlf_and_the_end_of_the_file(rules: list[Rule]) -> None:
    source = "fn f() {\r\n    // alloclint: ignore[XYZ101]\r\n    bad();\r\n}\r\n// alloclint: ignore[XYZ101]"
    assert lint("a.rs", source, rules) == ["5:ALC904"]


class TestPython:
    def test_noqa_and_own_comments(self, rules: list[Rule]) -> None:
        source = "bad()  # noqa: XYZ101\nbad()  # noqa\nbad()  # mark  # alloclint: ignore[XYZ101]\nbad()\n"
        assert lint("a.py", source, rules) == ["4:XYZ101"]

    def test_noqa_of_other_linters(self, rules: list[Rule]) -> None:
        assert lint("a.py", "bad()  # noqa: E501\n", rules) == ["1:XYZ101"]
        assert lint("a.py", "bad()  # NOQA:E501,XYZ101\n", rules) == []

    def test_unused_noqa(self, rules: list[Rule]) -> None:
        source = "a = 1  # noqa: XYZ101\nb = 2  # noqa\nc = 3  # noqa: E501\nd = 4  # noqa: E501, XYZ999\n"
        assert lint("a.py", source, rules) == ["1:ALC904", "4:ALC905"]

    def test_noqa_in_a_string(self, rules: list[Rule]) -> None:
        assert lint("a.py", 'x = bad("# noqa: XYZ101")\n', rules) == ["1:XYZ101"]

    def test_last_line_of_a_call(self, rules: list[Rule]) -> None:
        assert lint("a.py", "x = call(\n    bad(),\n)  # noqa: XYZ101\n", rules) == []

    def test_own_line_in_a_body(self, rules: list[Rule]) -> None:
        source = "def f():\n    # alloclint: ignore[XYZ101]\n    bad()\n    bad()\n"
        assert lint("a.py", source, rules) == ["4:XYZ101"]


JAVA = {
    "class": '@SuppressWarnings("alloclint")\nclass A { int x = bad(); void f() { bad(); } }',
    "method": 'class A {\n@SuppressWarnings("alloclint.XYZ101")\nvoid f() { if (x) { } bad(); }\n}',
    "method by name": 'class A {\n@SuppressWarnings({"rawtypes", "alloclint.bad-thing"})\nint f = bad();\n}',
    "method with a colon": 'class A {\n@SuppressWarnings(value = "alloclint:XYZ101")\nvoid f() { bad(); }\n}',
    "field": 'class A {\n@SuppressWarnings("alloclint")\nprivate final int[] x = { 1, bad() };\n}',
    "local": 'class A { void f() {\n@SuppressWarnings("alloclint")\nint x = g(";", () -> { bad(); });\n} }',
    "parameter": 'class A { void f(@SuppressWarnings("alloclint") int bad) { } }',
}


@pytest.mark.parametrize("source", JAVA.values(), ids=JAVA.keys())
def test_suppress_warnings(source: str, rules: list[Rule]) -> None:
    assert lint("A.java", source, rules) == []


def test_suppress_warnings_ends_with_its_declaration(rules: list[Rule]) -> None:
    source = (
        'class A {\n@SuppressWarnings("alloclint")\nint x = bad();\nint y = bad();\nvoid f() { bad(); }\n}'
    )
    assert lint("A.java", source, rules) == ["4:XYZ101", "5:XYZ101"]


def test_suppress_warnings_for_others_or_in_a_comment(rules: list[Rule]) -> None:
    source = 'class A {\n// @SuppressWarnings("alloclint")\n@SuppressWarnings("unchecked")\nint x = bad();\n}'
    assert lint("A.java", source, rules) == ["4:XYZ101"]


class TestReported:
    def test_unused(self, rules: list[Rule]) -> None:
        assert lint("a.rs", "fn f() {} // alloclint: ignore[XYZ101]\n", rules) == ["1:ALC904"]

    def test_one_of_a_list_unused(self, rules: list[Rule]) -> None:
        source = "fn f() {\n    bad(); // alloclint: ignore[XYZ101, ALC901]\n}\n"
        assert lint("a.rs", source, rules, "XYZ101", "ALC90") == ["2:ALC904"]

    def test_named_twice(self, rules: list[Rule]) -> None:
        source = "fn f() {\n    bad(); // alloclint: ignore[XYZ101, bad-thing]\n}\n"
        assert lint("a.rs", source, rules) == []

    def test_not_judged_when_the_rule_did_not_run(self, rules: list[Rule]) -> None:
        assert lint("a.rs", "fn f() {} // alloclint: ignore[XYZ102]\n", rules) == []
        assert lint("a.rs", "fn f() {} // alloclint: ignore\n", rules) == []

    def test_bare_unused_when_all_rules_ran(self, rules: list[Rule]) -> None:
        assert "1:ALC904" in lint("a.rs", "fn f() {} // alloclint: ignore\n", rules, "ALL")

    def test_unused_in_test_code_is_not_called_so(self, rules: list[Rule]) -> None:
        assert lint("tests/a.rs", "fn f() { bad(); } // alloclint: ignore[XYZ101]\n", rules) == []

    def test_one_that_allows_itself(self, rules: list[Rule]) -> None:
        assert lint("a.rs", "fn f() {} // alloclint: ignore[XYZ101, ALC904]\n", rules) == []

    @pytest.mark.parametrize(
        ("comment", "near"),
        [
            ("ignore[bad-thingy]", "bad-thing"),
            ("ignore[bad_thing]", "bad-thing"),
            ("ignore[XYZ1011]", "XYZ101"),
            ("ignore[qqqq]", None),
        ],
    )
    def test_unknown_with_the_nearest(self, comment: str, near: str | None, rules: list[Rule]) -> None:
        file = File.of("a.rs", f"fn f() {{}} // alloclint: {comment}\n".encode(), Settings().limits, None)
        (finding,) = lint_file(file, rules, replace(Settings(), select=("ALC905",)))
        assert finding.severity is Severity.warning
        assert (finding.suggestion.text if finding.suggestion else None) == (near and f"`{near}`")

    @pytest.mark.parametrize("comment", ["ignore[XYZ101", "ignore[]", "ignore-nextline[XYZ101]", "ignore[,]"])
    def test_what_cannot_be_read_hides_nothing(self, comment: str, rules: list[Rule]) -> None:
        assert lint("a.rs", f"fn f() {{ bad(); }} // alloclint: {comment}\n", rules) == ["1:XYZ101"]

    def test_the_place_is_the_word(self, rules: list[Rule]) -> None:
        source = b"fn f() {} // alloclint: ignore[nothing]\n"
        file = File.of("a.rs", source, Settings().limits, None)
        (finding,) = lint_file(file, rules, replace(Settings(), select=("ALC905",)))
        assert source[finding.place.start.offset : finding.place.end.offset] == b"nothing"


class TestFollowed:
    """What a function allocates matters to those that promise not to; a comment there speaks to them, too."""

    SOURCE = """
# alloclint: no-alloc
def push(values, value):
    keep(values, value){0}


def keep(values: list[int], value):
    values.append(value){1}
"""

    def codes(self, *comments: str) -> list[str]:
        known = rule.builtin()
        file = File.of("a.py", self.SOURCE.format(*comments).encode(), Settings().limits, None)
        return [f"{one.place.start.line}:{one.code}" for one in lint_file(file, known, Settings())]

    def test_without_a_comment(self) -> None:
        assert self.codes("", "") == ["4:ALC210"]

    @pytest.mark.parametrize("line", [0, 1])
    def test_neither_is_superfluous(self, line: int) -> None:
        comments = ["", ""]
        comments[line] = "  # alloclint: ignore[ALC210] -- there is room"
        assert self.codes(*comments) == []


class TestReasons:
    def told(self, path: str, source: str, rules: list[Rule]) -> list[str]:
        file = File.of(path, source.encode(), Settings().limits, None)
        settings = replace(Settings(), select=("XYZ101", "ALC902"), require_reason=True)
        return [f"{one.place.start.line}:{one.code}" for one in lint_file(file, rules, settings)]

    @pytest.mark.parametrize(
        ("path", "source"),
        [
            ("a.rs", "fn f() {{\n    bad(); // alloclint: ignore[XYZ101]{}\n}}\n"),
            ("a.rs", "// alloclint: ignore-file[XYZ101]{}\nfn f() {{\n    bad();\n}}\n"),
            ("a.rs", "fn f() {{\n    bad(); /* alloclint: ignore{} */\n}}\n"),
            ("a.py", "bad()  # noqa: XYZ101{}\n"),
            ("a.py", "# alloclint: ignore-next-line[bad-thing]{}\nbad()\n"),
            ("A.java", 'class A {{\n@SuppressWarnings("alloclint.XYZ101") //{}\nint x = bad();\n}}\n'),
        ],
    )
    def test_a_reason_is_needed_and_what_is_hidden_stays_hidden(
        self, path: str, source: str, rules: list[Rule]
    ) -> None:
        assert self.told(path, source.format(" -- it runs once"), rules) == []
        (found,) = self.told(path, source.format(""), rules)
        assert found.endswith(":ALC902")
        (found,) = self.told(path, source.format(" --"), rules)
        assert found.endswith(":ALC902")

    def test_what_speaks_to_every_linter_needs_none(self, rules: list[Rule]) -> None:
        assert self.told("a.py", "bad()  # noqa\n", rules) == []

    def test_not_unless_it_is_required(self, rules: list[Rule]) -> None:
        assert lint("a.py", "bad()  # noqa: XYZ101\n", rules, "XYZ101", "ALC902") == []


def test_rules_of_the_test_are_loaded(rules: list[Rule]) -> None:
    assert {"XYZ101", "XYZ102", "ALC904", "ALC905"} <= {one.code for one in rules}
    assert all(isinstance(one.path, Path) for one in rules)


def test_a_noqa_may_be_left_to_others(rules: list[Rule]) -> None:
    source = b"bad()  # noqa: XYZ101, ALC999\nbad()  # alloclint: ignore[XYZ101]\ngood()  # noqa: XYZ101\n"
    file = File.of("a.py", source, Settings().limits, None)
    settings = Settings(select=("XYZ101", "ALC904", "ALC905"), noqa=False)
    found = lint_file(file, rules, settings)
    assert [(finding.place.start.line, finding.code) for finding in found] == [(1, "XYZ101")]
