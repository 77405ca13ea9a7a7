"""From byte offsets to lines and columns. Only a line feed ends a line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from alloclint.finding import Position


def line_starts(source: bytes) -> list[int]:
    """The offsets at which lines begin, in order; the first is 0."""
    starts, at = [0], source.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = source.find(b"\n", at + 1)
    return starts


def position(starts: Sequence[int], offset: int) -> Position:
    """The 1-based line and column (columns count bytes) of an offset; behind the end is the last line."""
    line = bisect_right(starts, offset)
    return Position(line, offset - starts[line - 1] + 1, offset)
