"""What was changed, as a unified diff that `patch -p1` and `git apply` take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from io import BytesIO

#: Unchanged lines around a change, and the lines of a file from which it is compared less exactly.
_AROUND, _LARGE = 3, 5_000
_COLOURS = {"---": "1", "+++": "1", "@@ ": "36", "-": "31", "+": "32"}


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """The differences of two texts of one file; empty if there are none."""
    lines = _unified(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return b"".join(_ended(line).encode(errors="surrogateescape") for line in lines)


def _unified(before: list[str], after: list[str], old: str, new: str) -> Iterator[str]:
    """As `difflib.unified_diff`, which takes lines that occur often, as `}` does, for changed ones."""
    groups = list(_matcher(before, after).get_grouped_opcodes(_AROUND))
    if groups:
        yield from (f"--- {old}\n", f"+++ {new}\n")
    for group in groups:
        (_, first, _, first_new, _), (_, _, last, _, last_new) = group[0], group[-1]
        yield f"@@ -{_span(first, last)} +{_span(first_new, last_new)} @@\n"
        for tag, start, end, start_new, end_new in group:
            yield from (f" {line}" for line in before[start:end] if tag == "equal")
            yield from (f"-{line}" for line in before[start:end] if tag != "equal")
            yield from (f"+{line}" for line in after[start_new:end_new] if tag != "equal")


def _matcher(before: list[str], after: list[str]) -> difflib.SequenceMatcher[str]:
    # Looking for the longest match of every line takes too long in large files.
    return difflib.SequenceMatcher(None, before, after, autojunk=len(before) > _LARGE)


def _span(start: int, end: int) -> str:
    """Lines as a hunk's head counts them: from 1, and before the first of none."""
    length = end - start
    return f"{start + 1 if length else start},{length}" if length != 1 else str(start + 1)


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
