"""One text and its findings: which edits are made together, and what they make of every kind of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alloclint import lint
from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.fix import fixed
from alloclint.fix.apply import applied
from alloclint.fix.diff import coloured, unified
from alloclint.fix.rounds import in_rounds
from alloclint.project.token import Source
from alloclint.settings import Settings

SAFE, UNSAFE, DISPLAY = Applicability.safe, Applicability.unsafe, Applicability.display


def finding(
    source: bytes,
    *edits: tuple[int, int, str],
    how: Applicability = SAFE,
    path: str = "a.py",
    message: str = "m",
) -> Finding:
    """A finding at its first edit."""
    start, end, _ = edits[0]
    place = Source(path, source).place(start, end)
    suggestion = Suggestion("", None, how, tuple(Edit(*edit) for edit in edits))
    return Finding(place, message, suggestion=suggestion, fingerprint=f"{message}:{start}")


def result(source: bytes, *findings: Finding, unsafe: bool = False) -> bytes:
    return fixed(source, findings, unsafe=unsafe).source


def test_applicability() -> None:
    source = b"a = 1\n"
    safe, unsafe, display = (finding(source, (0, 1, "b"), how=how) for how in (SAFE, UNSAFE, DISPLAY))
    assert result(source, safe) == b"b = 1\n"
    assert fixed(source, [unsafe, display], unsafe=False).left == (unsafe, display)
    assert result(source, unsafe, unsafe=True) == b"b = 1\n"
    assert result(source, display, unsafe=True) == source


def test_first_of_those_that_meet() -> None:
    source = b"x = foo(bar)\n"
    outer, inner = finding(source, (4, 12, "baz()")), finding(source, (8, 11, "qux"))
    done = fixed(source, [inner, outer], unsafe=False)
    assert (done.source, done.applied, done.left) == (b"x = baz()\n", (outer,), (inner,))


def test_same_edit_once() -> None:
    source = b"import os\na = 1\nb = 2\n"
    imported = (10, 10, "import re\n")
    one, other = finding(source, imported, (14, 15, "3")), finding(source, imported, (20, 21, "4"))
    assert result(source, one, other) == b"import os\nimport re\na = 3\nb = 4\n"


def test_lines_put_at_one_place_stand_below_each_other() -> None:
    source = b"a = 1\n"
    one = finding(source, (0, 0, "b = 2\n"), message="1")
    other = finding(source, (0, 0, "c = 3\n"), message="2")
    assert result(source, one, other) == b"b = 2\nc = 3\na = 1\n"
    parts = finding(source, (5, 5, " + 1")), finding(source, (5, 5, " + 2"))
    assert len(fixed(source, parts, unsafe=False).applied) == 1


@pytest.mark.parametrize(
    ("source", "edit", "wanted"),
    [
        (b"a = 1\r\nb = 2\r\n", (0, 0, "c = 3\nd = 4\n"), b"c = 3\r\nd = 4\r\na = 1\r\nb = 2\r\n"),
        (b"a = 1\r\nb = 2", (12, 12, "\nc = 3"), b"a = 1\r\nb = 2\r\nc = 3"),
        (b"a = 1\nb = 2\r\n", (0, 0, "c = 3\n"), b"c = 3\na = 1\nb = 2\r\n"),
        (b"\xef\xbb\xbfa = 1\n", (0, 0, "c = 3\n"), b"\xef\xbb\xbfc = 3\na = 1\n"),
        (b"a = 1", (4, 5, "2"), b"a = 2"),
        (b"# coding: latin-1\na = '\xff'\n", (18, 19, "b"), b"# coding: latin-1\nb = '\xff'\n"),
    ],
    ids=["crlf", "crlf above", "mixed", "bom", "no newline", "no utf-8"],
)
def test_what_no_edit_names_stays(source: bytes, edit: tuple[int, int, str], wanted: bytes) -> None:
    assert result(source, finding(source, edit)) == wanted


@pytest.mark.parametrize(
    ("source", "edits"),
    [
        (b"a = '\xff'\n", ((0, 1, "\u00e4"),)),
        (b"a = 1\n", ((4, 50, "2"),)),
        (b"a = 1\n", ((3, 2, "2"),)),
        (b"a = 1\n", ((0, 3, "b"), (2, 5, "c"))),
    ],
    ids=["another encoding", "behind the end", "backwards", "over itself"],
)
def test_edits_that_cannot_be_made(source: bytes, edits: Sequence[tuple[int, int, str]]) -> None:
    one = finding(source, *edits)
    done = fixed(source, [one], unsafe=False)
    assert (done.source, done.left) == (source, (one,))


@pytest.mark.parametrize(
    ("path", "source", "good", "bad"),
    [
        ("a.py", b"a = 1\nb = 2\n", (4, 5, "3"), (10, 11, "(")),
        ("a.py", b"a = 1\nb = 2\n", (4, 5, "3"), (6, 7, "None")),
        ("a.rs", b"fn a() { b(1); c(2); }", (11, 12, "3"), (17, 18, "}}")),
        ("A.java", b"class A { int a = 1; int b = 2; }", (18, 19, "3"), (29, 30, ";{")),
        ("Cargo.toml", b'[a]\nb = "1"\nc = "2"\n', (8, 11, '"3"'), (16, 19, '"3", d = 4')),
        ("compose.yaml", b"a: 1\nb: 2\n", (3, 4, "3"), (8, 9, "[}")),
    ],
)
def test_damage_is_undone_alone(
    path: str, source: bytes, good: tuple[int, int, str], bad: tuple[int, int, str]
) -> None:
    fine, broken = finding(source, good, path=path), finding(source, bad, path=path)
    done = fixed(source, [fine, broken], unsafe=False)
    assert (done.applied, done.left) == ((fine,), (broken,))
    assert done.source == applied(source, [Edit(*good)])


def test_damage_that_was_there_is_no_reason() -> None:
    source = b"a = 1\nb = (\n"
    assert result(source, finding(source, (4, 5, "2"))) == b"a = 2\nb = (\n"


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """A text, and edits in it that do not touch each other, in any order."""
    source = draw(st.text("ab\u00e4\n", max_size=60)).encode()
    cuts = sorted(draw(st.sets(st.integers(0, len(source)), max_size=12)))
    texts = draw(st.lists(st.text("xy\n", max_size=4), min_size=12, max_size=12))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    edits = [Edit(start, end, text) for (start, end), text in zip(pairs, texts, strict=False)]
    return source, draw(st.permutations(edits))


@given(texts_with_edits(), st.data())
def test_together_or_one_by_one(case: tuple[bytes, list[Edit]], data: st.DataObject) -> None:
    source, edits = case
    chosen = data.draw(st.lists(st.sampled_from(edits), unique=True)) if edits else []
    text, moved = source, dict.fromkeys(chosen, 0)
    for edit in chosen:
        at = moved[edit]
        text = text[: edit.start + at] + edit.text.encode() + text[edit.end + at :]
        for other in chosen:
            if other.start >= edit.end:
                moved[other] += len(edit.text.encode()) - (edit.end - edit.start)
    assert applied(source, chosen) == text


# ---------------------------------------------------------------- rounds


def test_rounds_end_where_two_fixes_undo_each_other() -> None:
    def linted(texts: dict[str, bytes]) -> list[Finding]:
        source = texts.get("a.py", b"a = 1\n")
        other = b"2" if source[4:5] == b"1" else b"1"
        return [finding(source, (4, 5, other.decode()), message=f"not {other.decode()}")]

    outcome = in_rounds(linted({}), linted, lambda path: b"a = 1\n", unsafe=False)  # type: ignore[arg-type]
    # The rule has more to say at the same place, so its edit is taken back.
    assert outcome.after == {}


def test_finding_that_stays_is_left_alone_and_others_are_fixed() -> None:
    def linted(texts: dict[str, bytes]) -> list[Finding]:
        source = texts.get("a.py", b"a = 1\nb = 1\n")
        found = [finding(source, (4, 5, "2"), message="stays")]
        return found + ([finding(source, (10, 11, "2"), message="goes")] if source[10:11] == b"1" else [])

    outcome = in_rounds(linted({}), linted, lambda path: b"a = 1\nb = 1\n", unsafe=False)  # type: ignore[arg-type]
    assert outcome.after == {"a.py": b"a = 1\nb = 2\n"}
    assert [one.message for one in outcome.applied["a.py"]] == ["goes"]


def test_many_constants_in_one_class() -> None:
    lines = "".join(f'        t = t.replaceAll("[a-{c}]+", "");\n' for c in "bcdefghijklmnopqrstuvw")
    source = f"class A {{\n    String f(String t) {{\n{lines}        return t;\n    }}\n}}\n".encode()
    settings = replace(Settings(), min_severity=Severity.info, select=("ALC303",))
    done = fixed(source, lint(source, "A.java", settings), unsafe=True)
    assert done.source.count(b"private static final") == 22
    assert lint(done.source, "A.java", settings) == []


# ---------------------------------------------------------------- diffs


def test_diff() -> None:
    assert unified("a.py", b"a\n", b"a\n") == b""
    text = unified("src/a.py", b"a\nb\r\n\xff\x0c\nc", b"a\nB\r\n\xff\x0c\nc")
    assert text.splitlines(keepends=True)[:2] == [b"--- a/src/a.py\n", b"+++ b/src/a.py\n"]
    assert text.endswith(b" a\n-b\r\n+B\r\n \xff\x0c\n c\n\\ No newline at end of file\n")


def test_coloured_diff() -> None:
    lines = list(coloured(unified("a.py", b"a\n", b"b\n").decode()))
    assert lines[-2:] == ["\x1b[31m-a\x1b[0m", "\x1b[32m+b\x1b[0m"]
    assert lines[0] == "\x1b[1m--- a/a.py\x1b[0m"
