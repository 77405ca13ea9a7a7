"""
The hash by which GitHub's code scanning recognizes a line that has moved.

GitHub's own upload action computes it where it is missing, other ways to upload do not. It hashes the
hundred characters from the beginning of a line on, without blanks and tabs, and every line end as one line
feed; equal hashes in a file are numbered.
"""

from __future__ import annotations

from itertools import accumulate

_BLOCK = 100
_FACTOR = 37
_MASK = (1 << 64) - 1
#: What the algorithm reads behind the last character.
_END = 0xFFFF
_AWAY = pow(_FACTOR, _BLOCK, 1 << 64)


def line_hashes(source: bytes) -> list[str]:
    """The hash of each line in turn, with its number among equal ones. An empty last line counts."""
    units, starts = _units(source)
    # Each prefix hashed, a block is the difference of two: only one pass over the text.
    hashed = list(accumulate(units, lambda total, unit: (total * _FACTOR + unit) & _MASK, initial=0))
    seen: dict[int, int] = {}
    found = []
    for start in starts:
        value = (hashed[start + _BLOCK] - hashed[start] * _AWAY) & _MASK
        seen[value] = seen.get(value, 0) + 1
        found.append(f"{value:x}:{seen[value]}")
    return found


def _units(source: bytes) -> tuple[list[int], list[int]]:
    """UTF-16 code units without white space, filled up to a block behind the end, and where lines start."""
    text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    encoded = text.replace(" ", "").replace("\t", "").encode("utf-16-le", "surrogatepass")
    units = list(memoryview(encoded).cast("H")) if encoded else []
    starts = [0, *(number + 1 for number, unit in enumerate(units) if unit == ord("\n"))]
    return [*units, _END, *[0] * _BLOCK], starts
