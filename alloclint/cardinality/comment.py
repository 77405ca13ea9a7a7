"""
The grammar of `alloclint:` comments, the same in all languages.

    alloclint: expect=58.7M headroom=3 growth=2.5M/day entry=32B
    alloclint: expect=base_index_size headroom=3
    alloclint: hot | cold | no-alloc
    alloclint: ignore[ALC101, regex-in-loop] -- reason

Items are separated by blanks; inside brackets and quotes blanks are part of the value.
What an `ignore` silences is not decided here: it is only told apart from a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal as OneOf
from typing import TypeVar

from alloclint.capacity.quantity import QuantityError, parse_bytes, parse_count, parse_headroom, parse_rate
from alloclint.cardinality import Cardinality

HeatKind = OneOf["hot", "cold", "no-alloc"]

_HEATS: dict[str, HeatKind] = {"hot": "hot", "cold": "cold", "no-alloc": "no-alloc"}
_KEYS = ("expect", "headroom", "growth", "entry")
_IGNORES = ("ignore", "ignore-next-line", "ignore-file")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_COUNT_LIKE = re.compile(r"[+-]?[0-9.][0-9A-Za-z_.,]*|[+-][^()\s]*")
_IGNORE = re.compile(r"(ignore(?:-next-line|-file)?)\[([^\]]*)\](\s+--(\s.*)?)?\s*")
_ASSIGNS = re.compile(r"(?<![=!<>])=(?![=>])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_EXAMPLES = {"expect": "58.7M", "headroom": "3", "growth": "2.5M/day", "entry": "32B"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Expectation:
    """`expect=…` and what goes with it; the cardinality does not know yet where it is written."""

    cardinality: Cardinality


@dataclass(frozen=True, slots=True)
class Heat:
    """`hot`, `cold` or `no-alloc`."""

    kind: HeatKind


@dataclass(frozen=True, slots=True)
class Suppression:
    """One of the `ignore` forms."""

    form: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault at the bytes `start`..`end` (exclusive), what is wrong and what to write instead."""

    start: int
    end: int
    message: str


Directive = Expectation | Heat | Suppression


class _FaultError(Exception):
    def __init__(self, start: int, end: int, message: str) -> None:
        super().__init__(message)
        self.start, self.end, self.message = start, end, message


@dataclass(frozen=True, slots=True)
class _Item:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def fault(self, message: str) -> _FaultError:
        return _FaultError(self.start, self.end, message)


def parse(text: str, offset: int = 0) -> Directive | Problem:
    """
    Read what follows `alloclint:` up to the end of the comment's line.

    `offset` is where `text` stands in the file, in bytes; the positions of a `Problem` are the file's.
    """
    try:
        return _directive(text)
    except _FaultError as fault:
        start, end = (offset + _bytes(text[:at]) for at in (fault.start, fault.end))
        return Problem(start, end, fault.message)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _directive(text: str) -> Directive:
    stripped = text.lstrip()
    start = len(text) - len(stripped)
    if not stripped:
        message = "nothing follows `alloclint:`; write `expect=…`, `hot`, `cold`, `no-alloc` or `ignore[…]`"
        raise _FaultError(max(len(text) - 1, 0), len(text), message)
    if stripped.startswith("ignore"):
        return _suppression(start, stripped)
    items = list(_items(text))
    if items[0].text in _HEATS:
        return _heat(items)
    return _expectation(items)


def _suppression(start: int, text: str) -> Suppression:
    match = _IGNORE.fullmatch(text)
    if match and match[2].strip():
        return Suppression(match[1])
    word = re.split(r"[\s\[]", text, maxsplit=1)[0]
    item = _Item(start, text.rstrip())
    if word not in _IGNORES:
        raise _Item(start, word).fault(_unknown(word))
    rest = text[len(word) :].strip()
    if not rest or rest.startswith("--"):
        return Suppression(word)
    if not text[len(word) :].startswith("[") or (match and not match[2].strip()):
        raise item.fault(f"`{word}` names no rule; write `{word}[ALC101]` or `{word}[regex-in-loop]`")
    if "]" not in text:
        raise item.fault(f"`{word}[` is not closed; write `{word}[ALC101]`")
    tail = text.index("]") + 1
    rest = text[tail:]
    at = start + tail + len(rest) - len(rest.lstrip())
    raise _FaultError(at, start + len(text.rstrip()), "only a reason may follow `]`; write it after ` -- `")


def _heat(items: list[_Item]) -> Heat:
    if len(items) > 1:
        word = items[0].text
        raise items[1].fault(f"`{word}` stands alone; write anything else in a comment of its own")
    return Heat(_HEATS[items[0].text])


# ---------------------------------------------------------------- items


def _items(text: str) -> Iterator[_Item]:
    start: int | None = None
    stack: list[tuple[str, int]] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character.isspace() and not stack:
            if start is not None:
                yield _Item(start, text[start:position])
            start = None
        elif start is None:
            start = position
        if character in "([{":
            stack.append((character, position))
        elif character in _PAIRS:
            _close(stack, character, position)
        quoted = _QUOTED.match(text, position)
        position = quoted.end() if quoted else position + 1
    if stack:
        opened, at = stack[-1]
        raise _FaultError(at, at + 1, f"`{opened}` is not closed")
    if start is not None:
        yield _Item(start, text[start:])


def _close(stack: list[tuple[str, int]], character: str, position: int) -> None:
    if not stack or stack[-1][0] != _PAIRS[character]:
        raise _FaultError(position, position + 1, f"`{character}` closes nothing")
    stack.pop()


def _expectation(items: list[_Item]) -> Expectation:
    values = _values(items)
    if "expect" not in values:
        word = items[0].text.partition("=")[0]
        raise items[0].fault(f"`{word}` needs an expected number of entries beside it: add `expect=58.7M`")
    expect, expression = _expected(values["expect"])
    headroom = _quantity(values.get("headroom"), parse_headroom, "headroom")
    growth = _quantity(values.get("growth"), parse_rate, "growth")
    entry = _quantity(values.get("entry"), parse_bytes, "entry")
    _at_least(values, "headroom", headroom, 1)
    _at_least(values, "entry", entry, 1)
    if growth is not None and growth <= 0:
        raise values["growth"].fault("a growth of zero or less forecasts nothing; leave it out")
    return Expectation(Cardinality(expect, expression, headroom or Fraction(1), growth, entry))


def _values(items: list[_Item]) -> dict[str, _Item]:
    values: dict[str, _Item] = {}
    for item in items:
        key, equals, value = item.text.partition("=")
        name = _Item(item.start, key)
        if key not in _KEYS:
            raise _misplaced(item, name, values)
        if not value:
            blank = "" if equals else ", without blanks around `=`"
            raise item.fault(f"`{key}` has no value; write `{key}={_EXAMPLES[key]}`{blank}")
        if key in values:
            raise name.fault(f"`{key}` is given twice; keep one of the two")
        values[key] = _Item(name.end + 1, value)
    return values


def _misplaced(item: _Item, name: _Item, before: dict[str, _Item]) -> _FaultError:
    word = name.text
    if word in _HEATS:
        return item.fault(f"`{word}` stands alone; write it in a comment of its own")
    if word.startswith("ignore"):
        return item.fault("`ignore` stands alone; write it in a comment of its own")
    if word == "--":
        return item.fault("only `ignore[…]` takes a reason; write it in a comment of its own")
    if word.rstrip(":") in _KEYS:
        key = word.rstrip(":")
        return item.fault(f"write `{key}={_EXAMPLES[key]}`, with `=`")
    if "expect" in before and "=" not in item.text:
        remedy = "an expression with blanks stands in parentheses: `expect=(a + b)`"
        return item.fault(f"`{item.text}` is no item; {remedy}")
    return name.fault(_unknown(word))


def _unknown(word: str) -> str:
    from difflib import get_close_matches

    words = [*_KEYS, *_HEATS, *_IGNORES]
    near = get_close_matches(word.lower(), words, n=1, cutoff=0.5)
    if near:
        form = f"{near[0]}=" if near[0] in _KEYS else f"{near[0]}[…]" if near[0] in _IGNORES else near[0]
        return f"unknown word `{word}`; did you mean `{form}`?"
    return f"unknown word `{word}`; write expect= headroom= growth= entry= hot cold no-alloc or ignore[…]"


# ---------------------------------------------------------------- values


def _expected(item: _Item) -> tuple[int | None, str | None]:
    if _COUNT_LIKE.fullmatch(item.text):
        count = _quantity(item, parse_count, "expect")
        if count is not None and count < 1:
            raise item.fault("an expected number of entries is at least 1")
        return count, None
    return None, _expression(item)


def _expression(item: _Item) -> str:
    code = _masked(item.text)
    for fault in (re.search(r"[;,]", code), _ASSIGNS.search(code)):
        if fault:
            comma = fault[0] == ","
            remedy = "items are separated by blanks" if comma else "write an expression without effects"
            start, end = item.start + fault.start(), item.start + fault.end()
            raise _FaultError(start, end, f"`{fault[0]}` does not belong here; {remedy}")
    if re.search(r"[-+*/%<>&|^,.:]$", code) or not re.match(r"[\w(&*\"'!]", code):
        remedy = "blanks may only stand in parentheses: `expect=(a + b)`"
        raise item.fault(f"`{item.text}` is neither a count such as 58.7M nor a whole expression; {remedy}")
    return _bare(item.text)


def _masked(text: str) -> str:
    """The text, equally long, without what quotes and brackets hold: a keyword argument's `=` is no fault."""
    code = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
    depth = 0
    masked = []
    for character in code:
        depth -= character in ")]}"
        masked.append("_" if depth else character)
        depth += character in "([{"
    return "".join(masked)


def _bare(text: str) -> str:
    """The expression without the parentheses that only keep its blanks together."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for position, character in enumerate(text):
            depth += (character == "(") - (character == ")")
            if depth == 0 and position < len(text) - 1:
                return text
        if not text[1:-1].strip():
            return text
        text = text[1:-1].strip()
    return text


def _quantity(item: _Item | None, parser: Callable[[str], T], key: str) -> T | None:
    if item is None:
        return None
    try:
        return parser(item.text)
    except QuantityError as error:
        at = min(item.start + error.offset, item.end - 1)
        raise _FaultError(at, item.end, f"`{key}={item.text}`: {error}") from None


def _at_least(values: dict[str, _Item], key: str, value: Fraction | int | None, least: int) -> None:
    if value is not None and value < least:
        raise values[key].fault(f"`{key}` is at least {least}")
