"""Positions of editors, and edits as a parser wants them told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("lsprotocol", reason="pip install 'alloclint[server]'")

from lsprotocol import types as lsp

from alloclint.server.document import Document, Stretch
from alloclint.server.text import Encoding, Lines, difference

#: Characters of one to four bytes, and everything that ends a line for somebody.
TEXT = st.text(st.sampled_from("ab é€😀\n\r\t\f\u2028"), max_size=30)
ENCODINGS: list[Encoding] = ["utf-8", "utf-16", "utf-32"]
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXT)
def test_each_character_has_a_position_that_leads_back_to_it(encoding: Encoding, text: str) -> None:
    lines = Lines(text.encode(), encoding)
    codec, size = CODECS[encoding]
    for number in range(len(text) + 1):
        offset = len(text[:number].encode())
        position = lines.position(offset)
        line = lines.source[lines.start(position.line) : offset].decode()
        assert position.character == len(line.encode(codec)) // size
        if not text[:number].endswith("\r") or text[number : number + 1] != "\n":
            assert lines.offset(position) == offset


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_characters_beyond_the_first_plane(encoding: Encoding, column: int) -> None:
    lines = Lines("x\n😀y".encode(), encoding)
    assert lines.position(6) == lsp.Position(1, column)
    assert lines.offset(lsp.Position(1, column)) == 6


def test_positions_behind_an_end_are_that_end() -> None:
    lines = Lines(b"ab\r\ncd", "utf-16")
    assert lines.offset(lsp.Position(0, 99)) == 2
    assert lines.offset(lsp.Position(9, 0)) == 6
    assert lines.offset(lsp.Position(1, 99)) == 6
    # The middle of a pair of surrogates.
    assert Lines("😀".encode(), "utf-16").offset(lsp.Position(0, 1)) == 0


@given(before=TEXT, after=TEXT)
def test_a_difference_makes_the_one_text_of_the_other(before: str, after: str) -> None:
    old, new = before.encode(), after.encode()
    start, end, stop = difference(old, new)
    assert old[:start] + new[start:stop] + old[end:] == new
    for part in (old[:start], old[start:end], new[start:stop], old[end:]):
        part.decode()


@given(before=TEXT, edits=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), TEXT), max_size=6))
def test_edits_one_after_the_other_are_one_edit(before: str, edits: list[tuple[int, int, str]]) -> None:
    document = Document("file:///a.rs", "rust", 1, before, "utf-32")
    text = before
    for version, (start, length, inserted) in enumerate(edits, 2):
        lines = Lines(text.encode(), "utf-32")
        first = lines.position(len(text[:start].encode()))
        last = lines.position(len(text[: start + length].encode()))
        # What a position means is what the document makes of it: between \r and \n there is no position.
        begin, end = lines.offset(first), lines.offset(last)
        text = (text.encode()[:begin] + inserted.encode() + text.encode()[end:]).decode()
        change = lsp.TextDocumentContentChangePartial(lsp.Range(first, last), inserted)
        document.change(version, [change])
    now = document.now
    assert now.source == text.encode()
    changes = now.since(0)
    assert changes is not None
    assert len(changes) == len(edits)
    if changes:
        whole = changes[0].stretch
        for change_ in changes[1:]:
            whole = whole.then(change_.stretch)
        old = before.encode()
        assert old[: whole.start] == now.source[: whole.start]
        assert old[whole.old_end :] == now.source[whole.new_end :]
        assert len(old) - whole.old_end == len(now.source) - whole.new_end


def test_settled_changes_are_forgotten_and_not_asked_for_again() -> None:
    document = Document("file:///a.rs", "rust", 1, "fn a() {}\n", "utf-16")
    for version in (2, 3):
        whole = lsp.TextDocumentContentChangeWholeDocument("x" * version)
        document.change(version, [whole])
    assert document.now.number == 2
    document.settled(1)
    assert document.now.since(0) is None
    (last,) = document.now.since(1) or ()
    assert last.stretch == Stretch(2, 2, 3)
    assert document.now.since(2) == ()
