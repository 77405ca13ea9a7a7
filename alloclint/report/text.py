"""
Places as readers count them: the text of a line, columns in characters or UTF-16 units, and widths on a
terminal.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from alloclint.finding import Position
from alloclint.lines import line_starts, position

#: A piece of a line and its style, "" for none.
Span = tuple[str, str]


class _Mark(NamedTuple):
    """How many characters and UTF-16 units of a line are before an offset."""

    offset: int
    characters: int
    units: int


class Sources:
    """The files of a report, each read once; a report goes through one file after the other."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._path: str | None = None
        self._source: bytes | None = None
        self._line_starts: list[int] = []
        # Of the line asked for last, in order: a line of megabytes may have thousands of findings.
        self._marks: list[_Mark] = []

    def __getitem__(self, path: str) -> bytes | None:
        if path != self._path:
            self._path, self._source = path, self._read(path)
            self._line_starts, self._marks = [], []
        return self._source

    def position(self, path: str, offset: int) -> Position:
        """Where an offset is; in line 1 if the text is not at hand."""
        source = self[path] or b""
        if not self._line_starts:
            self._line_starts = line_starts(source)
        return position(self._line_starts, offset)

    def utf16_column(self, path: str, position: Position) -> int:
        """The column in UTF-16 code units, from 1; the byte column where the text is not at hand."""
        before = self._before(path, position)
        return before.units + 1 if before else position.column

    def character_column(self, path: str, position: Position) -> int:
        """The column in characters, from 1; the byte column where the text is not at hand."""
        before = self._before(path, position)
        return before.characters + 1 if before else position.column

    def _before(self, path: str, position: Position) -> _Mark | None:
        """What is before a position in its line; None where the file is gone or has changed."""
        source = self[path]
        start = position.offset - position.column + 1
        if source is None or start < 0 or position.offset > len(source):
            return None
        if not self._marks or self._marks[0].offset != start:
            self._marks = [_Mark(start, 0, 0)]
        index = bisect_right(self._marks, position.offset, key=lambda mark: mark.offset)
        known = self._marks[index - 1]
        if known.offset == position.offset:
            return known
        mark = _counted(known, source[known.offset : position.offset])
        self._marks.insert(index, mark)
        return mark


def _counted(known: _Mark, more: bytes) -> _Mark:
    # Editors and viewers do not count the mark at the beginning of a file as part of the first line.
    text = (more if known.offset else more.removeprefix(BOM_UTF8)).decode(errors="replace")
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return _Mark(known.offset + len(more), known.characters + len(text), known.units + units)


def printable(text: str) -> str:
    """
    The text for a terminal: tabs are four spaces, and what would move the cursor or change colours is a dot.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\t", "    ")
    return "".join(letter if letter.isprintable() or letter == " " else "·" for letter in text)


def width(text: str) -> int:
    """How many cells a text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def folded(line: Sequence[Span], columns: int | None, indent: int) -> Iterator[list[Span]]:
    """
    A line in rows of at most `columns` cells where blanks allow that, all but the first indented; None is no
    limit.
    """
    if columns is None or sum(width(text) for text, _ in line) <= columns:
        yield list(line)
        return
    row: list[Span] = []
    used = 0
    for text, style in line:
        for word in re.findall(r" *[^ ]+| +$", text):
            if row and word.startswith(" ") and used + width(word) > columns:
                yield row
                row, used, word = [(" " * indent, "")], indent, word.lstrip()
            row.append((word, style))
            used += width(word)
    yield row
