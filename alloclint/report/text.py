"""
Places as readers count them: the text of a line, columns in characters or UTF-16 units, and widths on a
terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from alloclint.finding import Position


class Sources:
    """The files of a report, each read once; a report goes through one file after the other."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._path: str | None = None
        self._source: bytes | None = None

    def __getitem__(self, path: str) -> bytes | None:
        if path != self._path:
            self._path, self._source = path, self._read(path)
        return self._source

    def before(self, path: str, position: Position) -> str | None:
        """The text of the line before a position; None where the file is gone or has changed."""
        source = self[path]
        start = position.offset - position.column + 1
        if source is None or start < 0 or position.offset > len(source):
            return None
        return source[start : position.offset].decode(errors="replace")

    def utf16_column(self, path: str, position: Position) -> int:
        """The column in UTF-16 code units, from 1; the byte column where the text is not at hand."""
        text = self.before(path, position)
        return position.column if text is None else len(text.encode("utf-16-le", "surrogatepass")) // 2 + 1

    def character_column(self, path: str, position: Position) -> int:
        """The column in characters, from 1; the byte column where the text is not at hand."""
        text = self.before(path, position)
        return position.column if text is None else len(text) + 1


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
