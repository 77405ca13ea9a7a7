"""Each report format against a golden text, and against what its readers demand."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

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
from alloclint.report import Context, writer
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

    def test_too_many_results(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from alloclint.report import sarif

        monkeypatch.setattr(sarif, "_MOST_RESULTS", 1)
        (run,) = json.loads(written("sarif"))["runs"]
        assert [one["level"] for one in run["results"]] == ["error"]


@pytest.mark.parametrize("name", report.FORMATS)
def test_every_format_does_without_findings_and_sources(name: str) -> None:
    written(name, [])
    assert written(name, sources=lambda path: None)


def test_an_unknown_format() -> None:
    with pytest.raises(ValueError, match="no format `xml`"):
        writer("xml")
