"""`$NAME` and `${NAME:-default}` as Docker Compose puts values in their place, before YAML is looked at."""

from __future__ import annotations

import re

from alloclint.project.token import Token
from alloclint.project.yaml import is_template

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")


def interpolated(token: Token) -> tuple[Token, bool]:
    """
    The value with defaults for what is not set, and whether nothing is left to be known. `$$` becomes `$`.
    """
    if is_template(token.text):
        return token, False
    if "$" not in token.text:
        return token, True
    text, known = _expanded(token.text)
    return Token(text, token.place, token.written), known


def _expanded(text: str) -> tuple[str, bool]:
    out: list[str] = []
    known, at = True, 0
    while at < len(text):
        if text[at] != "$":
            following = text.find("$", at)
            following = len(text) if following < 0 else following
            out.append(text[at:following])
            at = following
            continue
        value, at, is_known = _reference(text, at)
        out.append(value)
        known = known and is_known
    return "".join(out), known


def _reference(text: str, at: int) -> tuple[str, int, bool]:
    """What stands for the reference at a `$`, where it ends, and whether that is known."""
    if text.startswith("$$", at):
        return "$", at + 2, True
    if text.startswith("${", at):
        end = _closing(text, at + 2)
        value, known = _braced(text[at + 2 : end], text[at : end + 1])
        return value, end + 1, known
    name = _NAME.match(text, at + 1)
    return (text[at : name.end()], name.end(), False) if name else ("$", at + 1, True)


def _braced(inside: str, written: str) -> tuple[str, bool]:
    """`NAME:-default` is its default, for that is what the file says; anything else is decided elsewhere."""
    name = _NAME.match(inside)
    operator = _OPERATOR.match(inside, name.end()) if name else None
    if operator is None or not operator[0].endswith("-"):
        return written, False
    return _expanded(inside[operator.end() :])


def _closing(text: str, at: int) -> int:
    """The index of the brace that closes the one before `at`; the last character where none does."""
    depth = 1
    for index in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text) - 1
