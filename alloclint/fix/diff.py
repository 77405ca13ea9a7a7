"""What was changed, as a unified diff that `patch -p1` and `git apply` take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from io import BytesIO

_COLOURS = {"---": "1", "+++": "1", "@@ ": "36", "-": "31", "+": "32"}


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """The differences of two texts of one file; empty if there are none."""
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return b"".join(_ended(line).encode(errors="surrogateescape") for line in lines)


def coloured(diff: str) -> Iterator[str]:
    """The lines of a diff with colours for a terminal, without their line ends."""
    for line in diff.removesuffix("\n").split("\n"):
        key = line[:3] if line[:3] in _COLOURS else line[:1]
        colour = _COLOURS.get(key)
        yield f"\x1b[{colour}m{line}\x1b[0m" if colour else line


def _lines(source: bytes) -> list[str]:
    # Only a line feed ends a line for `patch`; bytes that are no text come out as they went in.
    return [line.decode(errors="surrogateescape") for line in BytesIO(source).readlines()]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
