"""Each report format against a golden text, and against what its readers demand."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest

from alloclint import report, rule
from alloclint.finding import (
    Applicability,
    Capacity,
    Confidence,
    Cost,
    Edit,
    Finding,
    Place,
    Position,
    Severity,
    Suggestion,
)
from alloclint.report import Context, job_summary, writer
from alloclint.report.line_hash import line_hashes
from alloclint.report.text import Sources

#: A tab, letters of two and four bytes, and one that takes two cells.
RUST = """fn load(keys: &[u64]) {
    let größe = "😀"; let mut index = HashMap::new();
    for key in keys {
\t\tindex.insert(key, "値");
    }
}
"""
JAVA = "class A {\r\n    List<String> names = new ArrayList<>();\r\n}\r\n"
SOURCES = {"src/index.rs": RUST.encode(), "src/A b.java": JAVA.encode()}


def place(path: str, words: str, text: str = "") -> Place:
    """Where the words first stand in a file."""
    source = SOURCES[path]
    start = source.index(words.encode())
    return Place(path, _position(source, start), _position(source, start + len(words.encode())), text)


def _position(source: bytes, offset: int) -> Position:
    return Position(source.count(b"\n", 0, offset) + 1, offset - source.rfind(b"\n", 0, offset), offset)


def _findings() -> list[Finding]:
    guilty = place("src/index.rs", "HashMap::new()")
    return [
        Finding(
            place("src/A b.java", "new ArrayList<>()"),
            "`names` holds 50 %, or more:\nof all",
            Confidence.at_most,
            because=(place("src/index.rs", "for key in keys", "filled over there"),),
            code="ALC102",
            name="unsized-large-collection",
            severity=Severity.info,
            fingerprint="bb:1",
        ),
        Finding(
            guilty,
            "`index` is built empty and then filled by a loop",
            evidence="`keys.len()` entries: one per turn of the loop in line 3",
            suggestion=Suggestion(
                "HashMap::with_capacity(keys.len())",
                Capacity("keys.len()"),
                Applicability.safe,
                (Edit(guilty.start.offset, guilty.end.offset, "HashMap::with_capacity(keys.len())"),),
            ),
            because=(
                place("src/index.rs", "keys {", "one entry per turn"),
                place("src/index.rs", "index.insert"),
            ),
            cost=Cost(5, 1_024, "5 reallocations, 1 KiB"),
            heat="hot: 18 % of samples",
            code="ALC101",
            name="unsized-collection",
            severity=Severity.error,
            fingerprint="aa:1",
        ),
    ]


def written(name: str, findings: Sequence[Finding] | None = None, **changes: Any) -> str:
    context = Context(SOURCES.get, rule.builtin(), version="1.2.3", files=2, hidden={Severity.info: 4})
    out = StringIO()
    writer(name)(_findings() if findings is None else findings, out, replace(context, **changes))
    return out.getvalue()


FULL = """\
info[ALC102] unsized-large-collection: `names` holds 50 %, or more:·of all
  src/A b.java:2:26
    |
  2 |     List<String> names = new ArrayList<>();
    |                          ^^^^^^^^^^^^^^^^^
    |
  src/index.rs:3:5
    |
  3 |     for key in keys {
    |     --------------- filled over there
    |

error[ALC101] unsized-collection: `index` is built empty and then filled by a loop
  src/index.rs:2:38
    |
  2 |     let größe = "😀"; let mut index = HashMap::new();
    |                                       ^^^^^^^^^^^^^^
  3 |     for key in keys {
    |                ------ one entry per turn
  4 |         index.insert(key, "値");
    |         ------------
    |
    > write    HashMap::with_capacity(keys.len())
    > because  `keys.len()` entries: one per turn of the loop in line 3
    > hot      hot: 18 % of samples
    > saves    5 reallocations, 1 KiB

"""


class TestFull:
    def test_golden(self) -> None:
        assert written("full") == FULL

    def test_colours_change_nothing_else(self) -> None:
        coloured = written("full", color=True)
        assert "\x1b[" in coloured
        plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
        assert "\n".join(line.rstrip() for line in plain.split("\n")) == FULL

    def test_rules_of_others_are_named_in_one_line(self) -> None:
        (finding, *_) = _findings()
        text = written("full", [replace(finding, also=("pmd GuardLogStatement", "sonar S2629"))])
        assert text.endswith("\n    > also     pmd GuardLogStatement, sonar S2629\n\n")
        assert "> also" not in written("full", [finding])

    def test_a_long_line_is_cut_around_the_place(self) -> None:
        line = (
            b"let a = [" + b"1, " * 2_000_000 + "é".encode() * 99 + b"Vec::new(), " + b"2, " * 1_000 + b"];\n"
        )
        start = line.index(b"Vec::new()")
        at = Place("x.rs", Position(1, start + 1, start), Position(1, start + 11, start + 10))
        text = written("full", [Finding(at, "m", code="ALC101", name="n")], sources={"x.rs": line}.get)
        code, underline = text.split("\n")[3:5]
        assert max(map(len, text.split("\n"))) < 200
        assert code[underline.index("^") : underline.rindex("^") + 1] == "Vec::new()"
        assert "… " in code
        assert code.endswith(" …")

    def test_the_end_of_a_long_line(self) -> None:
        line = b"x" * 1_000 + b"bad"
        at = Place("x.rs", Position(1, 1_001, 1_000), Position(1, 1_004, 1_003))
        code, underline = written("full", [Finding(at, "m")], sources={"x.rs": line}.get).split("\n")[3:5]
        assert code[underline.index("^") :] == "bad"

    def test_several_lines_are_underlined_on_the_first(self) -> None:
        source = b"x = call(\n    1,\n)\n"
        at = Place("x.py", Position(1, 5, 4), Position(3, 2, 18))
        text = written("full", [Finding(at, "m")], sources={"x.py": source}.get)
        assert "    |     ^^^^^\n" in text

    @pytest.mark.parametrize(("middle", "shown"), [("short", "  2 | short"), ("x" * 200, "...")])
    def test_a_single_line_between_is_shown(self, middle: str, shown: str) -> None:
        source = f"a\n{middle}\nb\n".encode()
        last = len(source) - 2
        at = Place("x.py", Position(1, 1, 0), Position(1, 2, 1))
        other = Place("x.py", Position(3, 1, last), Position(3, 2, last + 1))
        text = written("full", [Finding(at, "m", because=(other,))], sources={"x.py": source}.get)
        assert text.split("\n")[5].strip() == shown.strip()

    def test_dots_between_lines_far_apart(self) -> None:
        source = b"a\n" * 120
        at = Place("x.py", Position(1, 1, 0), Position(1, 2, 1))
        far = Place("x.py", Position(110, 1, 218), Position(110, 2, 219), "here")
        text = written("full", [Finding(at, "m", because=(far,))], sources={"x.py": source}.get)
        assert "\n   ...\n  110 | a\n      | - here\n" in text

    @pytest.mark.parametrize("source", [None, b"", b"short"])
    def test_a_file_that_is_gone_or_has_changed(self, source: bytes | None) -> None:
        text = written("full", sources=lambda path: source)
        assert "one entry per turn" in text
        assert "^" not in text

    def test_nothing_from_a_file_reaches_the_terminal_as_a_command(self) -> None:
        source = b'x = "\x1b[2J\x07"; bad\n'
        at = Place("x.py", Position(1, 13, 12), Position(1, 16, 15))
        text = written("full", [Finding(at, "m\x1b[1m")], sources={"x.py": source}.get)
        assert "\x1b" not in text
        assert "\x07" not in text

    def test_an_empty_place(self) -> None:
        at = Place("x.py", Position(1, 1, 0), Position(1, 1, 0))
        assert "    | ^\n" in written("full", [Finding(at, "m")], sources={"x.py": b""}.get)


def test_a_byte_order_mark_is_no_character() -> None:
    source = b"\xef\xbb\xbfx = []\n"
    at = Place("x.py", Position(1, 8, 7), Position(1, 10, 9))
    found = [Finding(at, "m", code="ALC102")]
    for name, expected in (
        ("full", "  1 | x = []\n    |     ^^\n"),
        ("concise", "x.py:1:5: "),
        ("github", "col=5,endColumn=7,"),
    ):
        assert expected in written(name, found, sources={"x.py": source}.get)


def test_columns_do_not_depend_on_the_order_in_which_they_are_asked_for() -> None:
    line = "größe😀 = []; " * 5
    sources = Sources({"x.py": f"\n{line}\n".encode()}.get)
    asked = [3, 40, 17, 40, 3, 64]
    for number in asked:
        offset = 1 + len(line[:number].encode())
        position = sources.position("x.py", offset)
        assert position == Position(2, offset, offset)
        assert sources.character_column("x.py", position) == number + 1
        assert sources.utf16_column("x.py", position) == number + 1 + line[:number].count("😀")


def test_paths_do_not_reach_the_terminal_as_commands() -> None:
    at = Place("a\x1b[31m\n.py", Position(1, 1, 0), Position(1, 2, 1))
    for name in ("full", "concise"):
        assert "a·[31m·.py:1:1" in written(name, [Finding(at, "m", code="ALC102")], sources={}.get)


def test_concise() -> None:
    assert written("concise") == (
        "src/A b.java:2:26: ALC102 info `names` holds 50 %, or more: of all\n"
        "src/index.rs:2:38: ALC101 error `index` is built empty and then filled by a loop: "
        "HashMap::with_capacity(keys.len())\n"
    )


def test_github() -> None:
    assert written("github") == (
        "::error file=src/index.rs,line=2,endLine=2,col=39,endColumn=53,title=ALC101 unsized-collection::"
        "`index` is built empty and then filled by a loop%0Awrite: HashMap::with_capacity(keys.len())%0A"
        "`keys.len()` entries: one per turn of the loop in line 3%0Ahot: 18 %25 of samples%0A"
        "5 reallocations, 1 KiB\n"
        "::notice file=src/A b.java,line=2,endLine=2,col=26,endColumn=43,title=ALC102 "
        "unsized-large-collection::`names` holds 50 %25, or more:%0Aof all\n"
    )


def test_github_says_how_many_annotations_it_drops() -> None:
    (_, finding) = _findings()
    assert written("github", [finding] * 10).count("\n") == 10
    text = written("github", [finding] * 1_200)
    assert text.endswith("\nGitHub annotates the first 10 of 1,200 errors; all are in this log.\n")


def test_github_escapes_properties_and_leaves_columns_of_several_lines_out() -> None:
    at = Place("a,b:c%.rs", Position(1, 1, 0), Position(2, 1, 5))
    text = written("github", [Finding(at, "m", code="ALC101", name="n", severity=Severity.warning)])
    assert text == "::warning file=a%2Cb%3Ac%25.rs,line=1,endLine=2,title=ALC101 n::m\n"


class TestJson:
    def test_golden(self) -> None:
        found = json.loads(written("json"))
        assert list(found) == ["version", "tool", "findings", "summary"]
        assert found["version"] == 1
        assert found["tool"] == {"name": "alloclint", "version": "1.2.3"}
        assert found["summary"] == {
            "files": 2,
            "findings": 2,
            "error": 1,
            "warning": 0,
            "info": 1,
            "hidden": 4,
        }
        guilty = RUST.encode().index(b"HashMap::new()")
        assert found["findings"][1] == {
            "code": "ALC101",
            "name": "unsized-collection",
            "severity": "error",
            "confidence": "exact",
            "message": "`index` is built empty and then filled by a loop",
            "path": "src/index.rs",
            "start": {"line": 2, "column": 43},
            "end": {"line": 2, "column": 57},
            "because": [
                {
                    "path": "src/index.rs",
                    "start": {"line": 3, "column": 16},
                    "end": {"line": 3, "column": 22},
                    "text": "one entry per turn",
                },
                {
                    "path": "src/index.rs",
                    "start": {"line": 4, "column": 3},
                    "end": {"line": 4, "column": 15},
                    "text": "",
                },
            ],
            "evidence": "`keys.len()` entries: one per turn of the loop in line 3",
            "suggestion": {
                "text": "HashMap::with_capacity(keys.len())",
                "capacity": {"expression": "keys.len()", "value": None},
                "applicability": "safe",
                "edits": [
                    {"start": guilty, "end": guilty + 14, "text": "HashMap::with_capacity(keys.len())"}
                ],
            },
            "cost": {"reallocations": 5, "bytes": 1024, "text": "5 reallocations, 1 KiB"},
            "fingerprint": "aa:1",
        }

    def test_what_is_absent_is_null(self) -> None:
        first = json.loads(written("json"))["findings"][0]
        assert first["confidence"] == "at-most"
        assert [key for key, value in first.items() if value is None] == ["evidence", "suggestion", "cost"]

    def test_no_findings(self) -> None:
        assert json.loads(written("json", []))["findings"] == []


class TestSarif:
    @pytest.fixture
    def log(self) -> dict[str, Any]:
        log: dict[str, Any] = json.loads(written("sarif"))
        return log

    def test_what_the_standard_requires(self, log: dict[str, Any]) -> None:
        assert log["$schema"].endswith("sarif-2.1.0.json")
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        assert run["columnKind"] == "utf16CodeUnits"
        assert run["tool"]["driver"]["name"] == "alloclint"
        assert len(run["results"]) == 2

    def test_what_github_requires_of_rules(self, log: dict[str, Any]) -> None:
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        assert [one["id"] for one in rules] == sorted({one["id"] for one in rules})
        for one in rules:
            for key in ("shortDescription", "fullDescription", "help"):
                assert one[key]["text"].strip()
            assert len(one["shortDescription"]["text"]) <= 1_024
            assert len(one["fullDescription"]["text"]) <= 1_024
            assert len(one["name"]) <= 255
            assert one["defaultConfiguration"]["level"] in ("note", "warning", "error")
            assert 1 <= len(one["properties"]["tags"]) <= 20

    def test_what_github_requires_of_results(self, log: dict[str, Any]) -> None:
        for one in log["runs"][0]["results"]:
            assert one["message"]["text"]
            assert all(one["partialFingerprints"].values())
            for where in [*one["locations"], *one.get("relatedLocations", [])]:
                physical = where["physicalLocation"]
                assert not re.search(r"[ \\:]", physical["artifactLocation"]["uri"])
                region = physical["region"]
                assert region["startLine"] == region["endLine"] >= 1
                assert region["endColumn"] >= region["startColumn"] >= 1
            assert all(where["message"]["text"] for where in one.get("relatedLocations", []))

    def test_places_in_utf16(self, log: dict[str, Any]) -> None:
        first, second = log["runs"][0]["results"]
        assert first["level"] == "note"
        assert first["message"]["text"].endswith("\nSee: [filled over there](1)")
        assert second["message"]["text"].endswith("\nSee: [one entry per turn](1), [line 4](2)")
        assert first["locations"][0]["physicalLocation"] == {
            "artifactLocation": {"uri": "src/A%20b.java", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 2, "startColumn": 26, "endLine": 2, "endColumn": 43},
        }
        region = second["locations"][0]["physicalLocation"]["region"]
        assert region == {"startLine": 2, "startColumn": 39, "endLine": 2, "endColumn": 53}
        (change,) = second["fixes"][0]["artifactChanges"]
        assert change["replacements"] == [
            {"deletedRegion": region, "insertedContent": {"text": "HashMap::with_capacity(keys.len())"}}
        ]

    def test_rules_are_found_by_index(self) -> None:
        damaged = replace(_findings()[0], code="ALC901")
        (run,) = json.loads(written("sarif", [damaged]))["runs"]
        (result,) = run["results"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "ALC901"

    def test_a_region_never_exceeds_a_line(self) -> None:
        at = Place("src/index.rs", Position(1, 1, 0), Position(3, 1, 80))
        (run,) = json.loads(written("sarif", [Finding(at, "m", code="X")]))["runs"]
        region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
        assert region == {"startLine": 1, "startColumn": 1, "endLine": 1}

    def test_brackets_in_links_are_escaped(self) -> None:
        because = (replace(_findings()[0].because[0], text=r"a[i] \ b"),)
        (run,) = json.loads(written("sarif", [replace(_findings()[0], because=because)]))["runs"]
        assert run["results"][0]["message"]["text"].endswith(r"See: [a\[i\] \\ b](1)")

    def test_lines_have_the_hash_that_github_computes(self, log: dict[str, Any]) -> None:
        first, _ = log["runs"][0]["results"]
        assert first["partialFingerprints"] == {
            "alloclint/v1": "bb:1",
            "primaryLocationLineHash": line_hashes(JAVA.encode())[1],
        }

    def test_paths_out_of_the_repository(self) -> None:
        at = Place("/somewhere/a b.rs", Position(1, 1, 0), Position(1, 2, 1))
        (run,) = json.loads(written("sarif", [Finding(at, "m", code="X")]))["runs"]
        artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "file:///somewhere/a%20b.rs"}

    def test_too_many_results(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from alloclint.report import sarif

        monkeypatch.setattr(sarif, "_MOST_RESULTS", 1)
        (run,) = json.loads(written("sarif"))["runs"]
        assert [one["level"] for one in run["results"]] == ["error"]
        (notice,) = run["invocations"][0]["toolExecutionNotifications"]
        assert notice["message"]["text"].startswith("There are 2 findings; these are the gravest 1")


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_line_hashes_are_those_of_github(newline: str) -> None:
    # What GitHub's own action computes for these texts.
    text = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"
    values = (
        "e9496ae3ebfced30 fb7c023a8b9ccb3f ce8ba1a563dcdaca e20e36e16fcb0cc8 b3edc88f2938467e "
        "c8e28b0b4002a3a0 c129715d7a2bc9a3"
    )
    hashed = [f"{value}:1" for value in values.split()]
    assert line_hashes(f"{text}\n".replace("\n", newline).encode()) == hashed
    assert line_hashes(text.replace("\n", newline).encode())[-1] == "e6ceba753e1a442:1"
    assert line_hashes(b"") == ["c129715d7a2bc9a3:1"]


def test_equal_lines_have_numbered_hashes() -> None:
    hashed = line_hashes(b"x\n" * 300)
    assert len(hashed) == 301
    assert hashed[1] == hashed[0].replace(":1", ":2")


def test_grouped() -> None:
    assert written("grouped") == (
        "src/A b.java\n"
        "  2:26  info     ALC102  `names` holds 50 %, or more: of all\n"
        "\n"
        "src/index.rs\n"
        "  2:38  error    ALC101  `index` is built empty and then filled by a loop: "
        "HashMap::with_capacity(keys.len())\n"
        "\n"
    )


def test_grouped_on_a_terminal() -> None:
    assert written("grouped", [_findings()[1]], columns=80) == (
        "src/index.rs\n"
        "  2:38  error    ALC101  `index` is built empty and then filled by a loop:\n"
        "                         HashMap::with_capacity(keys.len())\n"
        "\n"
    )


def test_json_lines_are_the_findings_of_json() -> None:
    lines = written("json-lines").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(written("json"))["findings"]
    assert written("json-lines", []) == ""


class TestGitlab:
    def test_golden(self) -> None:
        assert json.loads(written("gitlab"))[0] == {
            "type": "issue",
            "check_name": "unsized-large-collection",
            "description": "ALC102 `names` holds 50 %, or more: of all",
            "categories": ["Performance"],
            "severity": "info",
            "fingerprint": "bb:1",
            "location": {"path": "src/A b.java", "lines": {"begin": 2, "end": 2}},
            "other_locations": [{"path": "src/index.rs", "lines": {"begin": 3, "end": 3}}],
        }

    def test_fingerprints_are_unique(self) -> None:
        found = json.loads(written("gitlab", [*_findings(), *_findings()]))
        assert [one["fingerprint"] for one in found] == ["bb:1", "aa:1", "bb:1:2", "aa:1:2"]


class TestRdjson:
    def test_golden(self) -> None:
        found = json.loads(written("rdjson"))
        assert found["source"] == {"name": "alloclint"}
        columns = {"start": {"line": 2, "column": 43}, "end": {"line": 2, "column": 57}}
        assert found["diagnostics"][1] == {
            "message": "`index` is built empty and then filled by a loop\n"
            "write: HashMap::with_capacity(keys.len())\n"
            "`keys.len()` entries: one per turn of the loop in line 3\n"
            "hot: 18 % of samples\n5 reallocations, 1 KiB",
            "location": {"path": "src/index.rs", "range": columns},
            "severity": "ERROR",
            "code": {"value": "ALC101"},
            "suggestions": [{"range": columns, "text": "HashMap::with_capacity(keys.len())"}],
            "related_locations": [
                {
                    "message": "one entry per turn",
                    "location": {
                        "path": "src/index.rs",
                        "range": {"start": {"line": 3, "column": 16}, "end": {"line": 3, "column": 22}},
                    },
                },
                {
                    "message": "because of this",
                    "location": {
                        "path": "src/index.rs",
                        "range": {"start": {"line": 4, "column": 3}, "end": {"line": 4, "column": 15}},
                    },
                },
            ],
        }

    def test_lines(self) -> None:
        whole = json.loads(written("rdjson"))
        lines = [json.loads(line) for line in written("rdjsonl").splitlines()]
        assert lines == [{"source": whole["source"], **one} for one in whole["diagnostics"]]

    @pytest.mark.parametrize(
        ("edits", "text"),
        [
            (((14, 16, "(n)"), (2, 9, "Set")), "Set::new(n)"),
            (((2, 9, "Set"), (5, 16, "x")), None),
            (((0, 0, "use Set;"), (2, 9, "Set")), None),
            (((2, 9_999, ""),), None),
        ],
    )
    def test_a_suggestion_is_whole_or_not_there(
        self, edits: tuple[tuple[int, int, str], ...], text: str | None
    ) -> None:
        source = b"\n\nHashMap::new()\n"
        at = Place("x.rs", Position(3, 1, 2), Position(3, 15, 16))
        change = Suggestion("Set", None, Applicability.safe, tuple(Edit(*edit) for edit in edits))
        found = written("rdjsonl", [Finding(at, "m", suggestion=change)], sources={"x.rs": source}.get)
        suggestions = json.loads(found).get("suggestions")
        assert suggestions == (text and [{"range": _everything(), "text": text}])


def _everything() -> dict[str, dict[str, int]]:
    return {"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 15}}


#: What XML cannot say, and what it can with some care.
NASTY = 'a<b> & "c"\n\x00\x1b[31m\u0085\ufffe]]>ß😀\ud800'


class TestXml:
    @pytest.fixture
    def nasty(self) -> list[Finding]:
        at = replace(_findings()[0].place, path=f"x{NASTY}.rs")
        return [replace(_findings()[0], place=at, message=NASTY, name=NASTY)]

    @pytest.mark.parametrize("name", ["junit", "checkstyle"])
    def test_any_text_can_be_written(self, name: str, nasty: list[Finding]) -> None:
        text = written(name, nasty)
        root = ElementTree.fromstring(text.encode())
        shown = NASTY.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace("\ufffe", "\ufffd")
        assert root[0].get("name") == f"x{shown[:-1]}\ufffd.rs"

    def test_checkstyle(self) -> None:
        assert written("checkstyle") == (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<checkstyle version="5.0">\n'
            '  <file name="src/A b.java">\n'
            '    <error line="2" column="26" severity="info" message="`names` holds 50 %, or more: of all" '
            'source="alloclint.ALC102"/>\n'
            "  </file>\n"
            '  <file name="src/index.rs">\n'
            '    <error line="2" column="38" severity="error" message="`index` is built empty and then '
            'filled by a loop: HashMap::with_capacity(keys.len())" source="alloclint.ALC101"/>\n'
            "  </file>\n"
            "</checkstyle>\n"
        )

    def test_junit(self) -> None:
        root = ElementTree.fromstring(written("junit"))
        assert root.attrib == {"name": "alloclint", "tests": "2", "failures": "2", "errors": "0", "time": "0"}
        assert [suite.get("name") for suite in root] == ["src/A b.java", "src/index.rs"]
        case = root[1][0]
        assert case.attrib == {
            "classname": "src/index.rs",
            "name": "ALC101 unsized-collection 2:43",
            "time": "0",
        }
        assert case[0].attrib == {
            "message": "`index` is built empty and then filled by a loop",
            "type": "error",
        }
        body = (case[0].text or "").split("\n")
        assert body[0] == "src/index.rs:2:43: ALC101 unsized-collection"
        assert body[-2:] == ["src/index.rs:3: one entry per turn", "src/index.rs:4: because of this"]

    def test_junit_without_findings_has_a_test_that_passed(self) -> None:
        root = ElementTree.fromstring(written("junit", []))
        assert (root.get("tests"), root.get("failures")) == ("1", "0")
        assert [case.tag for case in root.iter()] == ["testsuites", "testsuite", "testcase"]


def test_azure() -> None:
    first, second = written("azure").splitlines()
    assert first == (
        "##vso[task.logissue type=error;sourcepath=src/index.rs;linenumber=2;columnnumber=38;code=ALC101;]"
        "`index` is built empty and then filled by a loop%0Awrite: HashMap::with_capacity(keys.len())%0A"
        "`keys.len()` entries: one per turn of the loop in line 3%0Ahot: 18 %AZP25 of samples%0A"
        "5 reallocations, 1 KiB"
    )
    assert second.startswith("##vso[task.logissue type=warning;sourcepath=src/A b.java;")


def test_azure_escapes_what_would_end_a_property() -> None:
    at = Place("a;b]c%\n.rs", Position(1, 1, 0), Position(1, 2, 1))
    text = written("azure", [Finding(at, "m;n]", code="ALC101")])
    assert "sourcepath=a%3Bb%5Dc%AZP25%0A.rs;" in text
    assert text.endswith(";]m;n]\n")


def test_pylint_has_the_parts_that_its_readers_look_for() -> None:
    first, second = written("pylint").splitlines()
    assert first == (
        "src/A b.java:2: [ALC102(unsized-large-collection), ] `names` holds 50 %, or more: of all"
    )
    found = re.fullmatch(r"([^:]+):(\d+): \[([A-Z]+\d+)\((.*?)\), (.*?)\] (.*)", second)
    assert found
    assert found.groups()[:5] == ("src/index.rs", "2", "ALC101", "unsized-collection", "")
    assert found[6].endswith("HashMap::with_capacity(keys.len())")


@pytest.mark.parametrize("name", ["github", "azure", "sarif", "gitlab"])
def test_code_hosts_get_paths_from_the_top_of_the_repository(name: str) -> None:
    text = written(name, folder="services/feed")
    assert "services/feed/src/index.rs" in text
    at = Place("../lib/x.rs", Position(1, 1, 0), Position(1, 2, 1))
    assert "services/lib/x.rs" in written(name, [Finding(at, "m", code="X")], folder="services/feed")


class TestJobSummary:
    def written(self, findings: Sequence[Finding]) -> str:
        out = StringIO()
        job_summary.write(findings, out, Context(SOURCES.get, files=2))
        return out.getvalue()

    def test_the_gravest_first(self) -> None:
        assert self.written(_findings()) == (
            "### alloclint\n\n2 findings in 2 files.\n\n"
            "| severity | where | rule | what | write |\n|---|---|---|---|---|\n"
            "| error | `src/index.rs:2` | ALC101 unsized-collection | `index` is built empty and then filled "
            "by a loop | `HashMap::with_capacity(keys.len())` |\n"
            "| info | `src/A b.java:2` | ALC102 unsized-large-collection | `names` holds 50 %, or more: of "
            "all |  |\n\n"
        )

    def test_nothing_breaks_out_of_its_cell(self) -> None:
        message = "a | b `c|d` <img> [x](y) @me `open"
        change = Suggestion("`x` | y")
        row = self.written([replace(_findings()[0], message=message, suggestion=change)]).splitlines()[-2]
        assert len(re.findall(r"(?<!\\)\|", row)) == 6
        assert r"\<img\> \[x\](y) \@me" in row

    def test_most_are_counted(self) -> None:
        text = self.written(_findings() * 1_000)
        assert text.startswith("### alloclint\n\n2,000 findings in 2 files.\n")
        assert "The other 1,800 by rule:" in text
        assert text.endswith(
            "| ALC102 unsized-large-collection | 1,000 |\n| ALC101 unsized-collection | 800 |\n\n"
        )

    def test_no_findings(self) -> None:
        assert self.written([]) == "### alloclint\n\nNo findings in 2 files.\n\n"


class TestNarrow:
    """The full format on a terminal."""

    def lines(self, **changes: Any) -> list[str]:
        finding = replace(_findings()[1], **changes)
        return written("full", [finding], columns=60).splitlines()

    def test_texts_are_folded_below_themselves(self) -> None:
        lines = self.lines(message="word " * 20, evidence="reason " * 20)
        assert max(map(len, lines)) <= 60
        assert lines[1].startswith("    word")
        first = next(number for number, line in enumerate(lines) if "> because" in line)
        assert lines[first + 1].startswith(" " * 15 + "reason")

    def test_code_to_paste_is_one_line(self) -> None:
        text = "HashMap::with_capacity(" + "a + " * 20 + "b)"
        lines = self.lines(suggestion=Suggestion(text, Capacity("a")))
        assert f"    > write    {text}" in lines

    def test_words_that_do_not_fit_go_below(self) -> None:
        lines = self.lines(
            because=(place("src/index.rs", "for key in keys", "one entry for each turn of this loop"),)
        )
        at = lines.index("  3 |     for key in keys {")
        assert lines[at + 1] == "    |     ---------------"
        assert lines[at + 2].rstrip().endswith("| " + " " * 18 + "one entry for each turn of this loop")
        assert len(lines[at + 2]) <= 60

    def test_long_lines_of_code_are_cut(self) -> None:
        source = b"let a = [" + b"1, " * 50 + b"Vec::new(), " + b"2, " * 50 + b"];\n"
        start = source.index(b"Vec::new()")
        at = Place("x.rs", Position(1, start + 1, start), Position(1, start + 11, start + 10))
        code, underline = written(
            "full", [Finding(at, "m", code="ALC101", name="n")], sources={"x.rs": source}.get, columns=60
        ).split("\n")[3:5]
        assert len(code) <= 60
        assert code[underline.index("^") : underline.rindex("^") + 1] == "Vec::new()"

    def test_heat_is_not_said_twice(self) -> None:
        assert not any("> hot" in line for line in self.lines(evidence="hot: 18 % of samples; and more"))


@pytest.mark.parametrize("name", report.FORMATS)
def test_every_format_does_without_findings_and_sources(name: str) -> None:
    written(name, [])
    assert written(name, sources=lambda path: None)


def test_an_unknown_format() -> None:
    with pytest.raises(ValueError, match="no format `xml`"):
        writer("xml")
