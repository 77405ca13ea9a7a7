"""What Rust's literals stand for: numbers, strings with escapes, the names inside format strings."""

from __future__ import annotations

import re

_INTEGER = re.compile(
    r"(?:0x(?P<hex>[0-9a-fA-F_]+)|0o(?P<octal>[0-7_]+)|0b(?P<binary>[01_]+)|(?P<decimal>[0-9][0-9_]*))"
    r"(?:[iu](?:8|16|32|64|128|size))?"
)
_BASES = {"hex": 16, "octal": 8, "binary": 2, "decimal": 10}
_FLOAT = re.compile(r"([0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]+)?)_?(?:f16|f32|f64|f128)?")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F_]{1,8})\}|\r?\n\s*|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_RAW = re.compile(r'[bc]?r(#*)"(.*)"\1', re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{|\{([^{}]*)\}")
_CAPTURE = re.compile(r"\s*((?:r#)?[^\W\d]\w*)\s*(?::|$)")
_WIDTH = re.compile(r"([^\W\d]\w*)\$")

# The interpreter refuses longer decimals, and no capacity has that many digits.
_LONGEST_NUMBER = 1000


def number(text: str) -> int | float | None:
    """The value of an integer or float literal, or None if it is none."""
    if len(text) > _LONGEST_NUMBER:
        return None
    if whole := _INTEGER.fullmatch(text):
        base = whole.lastgroup or "decimal"
        digits = whole[base].replace("_", "")
        return int(digits, _BASES[base]) if digits else None
    if fraction := _FLOAT.fullmatch(text):
        return float(fraction[1].replace("_", "").rstrip("eE+-"))
    return None


def string(text: str) -> str | bytes:
    """The value of a string literal of any prefix; a byte string's is bytes."""
    raw = _RAW.fullmatch(text)
    inner = raw[2] if raw else unescape(text[text.find('"') + 1 : -1])
    return inner.encode("latin-1", "replace") if text.startswith("b") else inner


def unescape(text: str) -> str:
    """`text` with its escapes resolved; an escape that Rust does not know stands for the character itself."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    if code:
        point = int(code.replace("_", "") or "0", 16)
        return chr(point) if point < 0x110000 else "\N{REPLACEMENT CHARACTER}"
    letter = escape[3] or ""
    return _SIMPLE.get(letter, letter)


def captures(text: str) -> list[str]:
    """The variables that a format string names: `x`, `w`, `p` of `"{x:w$.p$}"`; a position `{0}` is none."""
    found: list[str] = []
    for placeholder in _PLACEHOLDER.finditer(text) if "{" in text else ():
        if inner := placeholder[1]:
            argument = _CAPTURE.match(inner)
            found += [argument[1]] if argument else []
            found += _WIDTH.findall(inner.partition(":")[2])
    return found
