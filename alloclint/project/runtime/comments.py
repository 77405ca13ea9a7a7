"""The comment that belongs to a line of a manifest with `#` comments."""

from __future__ import annotations

import re

from alloclint.finding import Place
from alloclint.project.token import Source

_BESIDE = re.compile(rb"[ \t]+#[ \t]?([^\n]*)")
_ABOVE = re.compile(rb"[ \t]*#[ \t]?([^\n]*)")


def comment_at(source: Source, place: Place) -> str:
    """What is written beside a place, or in the lines of comments right above it; empty without any."""
    beside = _BESIDE.match(source.content, place.end.offset)
    if beside is not None:
        return _text(beside[1])
    lines: list[str] = []
    at = source.content.rfind(b"\n", 0, place.start.offset)
    while at > 0:
        begin = source.content.rfind(b"\n", 0, at) + 1
        above = _ABOVE.fullmatch(source.content[begin:at])
        if above is None:
            break
        lines.insert(0, _text(above[1]))
        at = begin - 1
    return " ".join(lines)


def _text(comment: bytes) -> str:
    return comment.decode("utf-8", "replace").strip()
