"""Byte offsets to the lines and characters that editors count, and back."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Literal

from lsprotocol.types import Position, Range

Encoding = Literal["utf-8", "utf-16", "utf-32"]

#: What ends a line for an editor; a form feed, which ends one for Python, does not.
_LINE_END = re.compile(rb"\r\n|\n|\r")


class Lines:
    """The lines of a text in UTF-8. Positions count in the units of an encoding, from 0."""

    def __init__(self, source: bytes, encoding: Encoding) -> None:
        self.source = source
        self._encoding = encoding
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(source))]

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, line: int) -> int:
        """Where a line begins; where the text ends for a line behind it."""
        return self._starts[line] if line < len(self._starts) else len(self.source)

    def end(self, line: int) -> int:
        """Where a line ends, without what ends it."""
        end = self.start(line + 1)
        if line + 1 < len(self._starts):
            end -= 2 if self.source.endswith(b"\r\n", self.start(line), end) else 1
        return end

    def line_of(self, offset: int) -> int:
        """The number of the line that an offset is in."""
        return bisect_right(self._starts, offset) - 1

    def position(self, offset: int) -> Position:
        offset = min(max(offset, 0), len(self.source))
        line = self.line_of(offset)
        return Position(line, self._units(self.source[self._starts[line] : offset]))

    def range(self, start: int, end: int) -> Range:
        return Range(self.position(start), self.position(end))

    def offset(self, position: Position) -> int:
        """The offset of a position; one behind its line's end counts as that end."""
        if position.line >= len(self._starts):
            return len(self.source)
        start, end = self._starts[position.line], self.end(position.line)
        return start + self._bytes(self.source[start:end], position.character)

    def _units(self, text: bytes) -> int:
        if self._encoding == "utf-8" or text.isascii():
            return len(text)
        characters = text.decode("utf-8", "replace")
        return len(characters) + sum(character > "\uffff" for character in characters) * self._wide

    def _bytes(self, text: bytes, units: int) -> int:
        if self._encoding == "utf-8" or text.isascii():
            return min(units, len(text))
        done = 0
        for character in text.decode("utf-8", "replace"):
            units -= 1 + (character > "\uffff") * self._wide
            # Half of a pair of surrogates is no place: what points there means the character.
            if units < 0:
                break
            done += len(character.encode())
        return done

    @property
    def _wide(self) -> int:
        """The units besides the first one that a character beyond the first plane takes."""
        return 1 if self._encoding == "utf-16" else 0


def difference(before: bytes, after: bytes) -> tuple[int, int, int]:
    """Where two texts begin to differ, and where that ends in the one and in the other."""
    shorter = min(len(before), len(after))
    start = _common(shorter, lambda size: before[:size] == after[:size])
    # No edit begins or ends inside a character.
    while start and start < len(before) and before[start] & 0xC0 == 0x80:
        start -= 1
    tail = _common(shorter - start, lambda size: size == 0 or before[-size:] == after[-size:])
    while tail and before[len(before) - tail] & 0xC0 == 0x80:
        tail -= 1
    return start, len(before) - tail, len(after) - tail


def _common(limit: int, is_equal: Callable[[int], bool]) -> int:
    """The largest size up to a limit for which both are equal, by halving."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if is_equal(middle):
            low = middle
        else:
            high = middle - 1
    return low
