"""Where a part of a value stands in its file, though quotes, escapes and indentation were taken out of it."""

from __future__ import annotations

from dataclasses import replace

from alloclint.finding import Place, Position
from alloclint.project.token import Token


def part(token: Token, start: int, end: int, text: str = "") -> Place:
    """
    The place of `token.text[start:end]`, called `text`. The whole token where the part is written in another
    way, or cannot be told from an equal one.
    """
    written = token.written
    at = _found(written, token.text, start, end)
    if at is None:
        return replace(token.place, text=text)
    first = _after(token.place.start, written[:at])
    last = _after(first, written[at : at + end - start])
    return Place(token.place.path, first, last, text)


def piece(token: Token, start: int, end: int, text: str | None = None) -> Token:
    """The part as a token; `text` is what it means where that differs."""
    raw = token.text[start:end]
    place = part(token, start, end)
    return Token(raw, place) if text is None or text == raw else Token(text, place, raw)


def _found(written: str, text: str, start: int, end: int) -> int | None:
    """The index of a part in what is written: the text stands there as it is, or the part does, once."""
    whole = written.find(text)
    if whole >= 0:
        return whole + start
    wanted = text[start:end]
    line = text[text.rfind("\n", 0, start) + 1 : end]
    for longer in (line, wanted):
        at = written.find(longer) if longer.strip() else -1
        if at >= 0 and written.find(longer, at + 1) < 0:
            return at + len(longer) - len(wanted)
    return None


def _after(position: Position, text: str) -> Position:
    size = len(text.encode("utf-8", "replace"))
    lines = text.count("\n")
    if not lines:
        return Position(position.line, position.column + size, position.offset + size)
    column = len(text[text.rfind("\n") + 1 :].encode("utf-8", "replace")) + 1
    return Position(position.line + lines, column, position.offset + size)
