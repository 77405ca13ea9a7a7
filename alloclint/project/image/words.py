"""
The words of Dockerfile instructions: split, quotes taken away, variables put in, as BuildKit does it.

Text here has one character per byte (latin-1) and may have gaps; what comes out is proper text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from alloclint.project.image.lines import GAP


@dataclass(frozen=True, slots=True)
class Value:
    """What a word means. `known` is False if a variable in it is not: it stands in `text` as written."""

    text: str
    known: bool = True

    def __add__(self, other: Value) -> Value:
        return Value(self.text + other.text, self.known and other.known)


#: What a variable holds: None if nothing is known of it.
Lookup = Callable[[str], Value | None]

#: References in a line, each of which may stand in the default of the one before.
_DEEPEST = 100

_PARAMETER = r"[A-Za-z_]\w*|\d+|[@*#?$!-]"
_VARIABLE = re.compile(rf"\$(?:({_PARAMETER})|\{{({_PARAMETER})(:?[-+?]|##?|%%?|//?)?)", re.ASCII)


def split(text: str, start: int, escape: str) -> list[tuple[int, int]]:
    """The spans of words from `start` on; quotes hold blanks together."""
    spans, at = [], start
    while at < len(text):
        if text[at].isspace() or text[at] == GAP:
            at += 1
            continue
        begin = at
        while at < len(text) and not text[at].isspace():
            if text[at] != GAP:
                at = _past(text, at, escape)
                continue
            behind = _behind_gaps(text, at)
            if text[behind : behind + 1].isspace():
                break
            at = behind
        spans.append((begin, min(at, len(text))))
    return spans


def _behind_gaps(text: str, at: int) -> int:
    while at < len(text) and text[at] == GAP:
        at += 1
    return at


def _past(text: str, at: int, escape: str) -> int:
    """Behind the character, the escaped character or the quoted stretch that begins here."""
    if text[at] == escape:
        return at + 2
    if text[at] not in "'\"":
        return at + 1
    quote, at = text[at], at + 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == escape and quote == '"' else 1
    return at + 1


def expand(text: str, lookup: Lookup, escape: str) -> Value:
    """What a word, or the rest of a line, means; one that nests beyond all measure is not known."""
    if text.count("${") > _DEEPEST:
        # Not left to Python's own limit, which differs from run to run.
        return Value(decoded(text), False)
    return _Expander(text.replace(GAP, ""), lookup, escape).until("")


def decoded(text: str) -> str:
    """One character per byte to proper text."""
    return text.replace(GAP, "").encode("latin-1").decode("utf-8", "replace")


@dataclass
class _Expander:
    text: str
    lookup: Lookup
    escape: str
    at: int = 0

    def until(self, stop: str) -> Value:
        """Up to an unquoted character of `stop`, or the end."""
        value = Value("")
        while self.at < len(self.text) and (not stop or self.text[self.at] not in stop):
            value += self._piece()
        return value

    def _piece(self) -> Value:
        char = self.text[self.at]
        if char == "'":
            return self._single()
        if char == '"':
            return self._double()
        if char == "$":
            return self._variable()
        if char == self.escape:
            self.at += 1
        return self._plain() if self.at < len(self.text) else Value("")

    def _plain(self) -> Value:
        """A run of characters that mean themselves, of which the first was looked at."""
        match = re.compile(rf"[^'\"${re.escape(self.escape)}}}]*", re.S).match(self.text, self.at + 1)
        end = match.end() if match else self.at + 1
        piece, self.at = self.text[self.at : end], end
        return Value(decoded(piece))

    def _single(self) -> Value:
        end = self.text.find("'", self.at + 1)
        end = end if end >= 0 else len(self.text)
        piece, self.at = self.text[self.at + 1 : end], end + 1
        return Value(decoded(piece))

    def _double(self) -> Value:
        self.at += 1
        value = Value("")
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            if char == "$":
                value += self._variable()
                continue
            if char == self.escape and self.text[self.at + 1 : self.at + 2] in ('"', "$", self.escape):
                self.at += 1
            match = re.compile(rf"[^\"${re.escape(self.escape)}]*", re.S).match(self.text, self.at + 1)
            end = match.end() if match else self.at + 1
            value += Value(decoded(self.text[self.at : end]))
            self.at = end
        self.at += 1
        return value

    def _variable(self) -> Value:
        match = _VARIABLE.match(self.text, self.at)
        if match is None:
            return self._plain()
        begin, self.at = self.at, match.end()
        name = match[1] or match[2]
        # `$1` and `$@` are empty here: there are no arguments.
        held = self.lookup(name) if name[0].isalpha() or name[0] == "_" else Value("")
        if match[1]:
            return held if held is not None else Value(match[0], False)
        operand = self.until("}") if match[3] else Value("")
        self.at += 1
        written = decoded(self.text[begin : self.at])
        return _with_operator(held, match[3] or "", operand, written)


def _with_operator(held: Value | None, operator: str, operand: Value, written: str) -> Value:
    is_set = held is not None and (bool(held.text) or not operator.startswith(":"))
    if operator.endswith("+"):
        return operand if is_set else Value("")
    if operator.endswith("-"):
        return held if held is not None and is_set else operand
    if operator in ("", "?", ":?"):
        return held if held is not None else Value(written, False)
    # A pattern is taken off: the result is not needed by anybody, so it is not computed.
    return Value(written, False)
