"""Decode Java literals as they are written: numbers, characters, strings and text blocks."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u+([0-9a-fA-F]{4})|([0-3][0-7]{0,2}|[4-7][0-7]?)|(\r\n|.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "\n": "", "\r": "", "\r\n": ""}
_OPENING = re.compile(r'"""[^\S\r\n]*(?:\r\n|\r|\n)')


def integer(text: str) -> int:
    """
    The value of an integer literal, with its sign: `0xFFFFFFFF` is -1, as in Java.

    Raises ValueError where the text is no integer, such as `09`.
    """
    digits = text.replace("_", "").lower()
    bits = 64 if digits.endswith("l") else 32
    digits = digits.rstrip("l")
    if digits[:2] in ("0x", "0b"):
        return _signed(int(digits, 0), bits)
    if len(digits) > 1 and digits.startswith("0"):
        return _signed(int(digits, 8), bits)
    return int(digits)


def _signed(value: int, bits: int) -> int:
    """Only decimal literals are plain numbers in Java; the other bases spell the bits of two's complement."""
    return value - (1 << bits) if value >> (bits - 1) == 1 else value


def floating(text: str) -> float:
    """The value of a float or double literal. Raises ValueError for other text, OverflowError if too big."""
    digits = text.replace("_", "").lower()
    if digits.startswith("0x"):
        return float.fromhex(digits.rstrip("fd") if "p" in digits else digits)
    return float(digits.rstrip("fd"))


def string(text: str) -> str:
    """The value of a string, text block or character literal that is written with its quotes."""
    opening = _OPENING.match(text)
    if opening is not None:
        return _unescape(_without_indent(text[opening.end() : -3]))
    return _unescape(text[1:-1])


def _without_indent(text: str) -> str:
    """The indentation that all lines share goes; the last line counts even if it is only the delimiter."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    counted = [line for line in lines[:-1] if line.strip()] + lines[-1:]
    indent = min(len(line) - len(line.lstrip()) for line in counted)
    return "\n".join(line[indent:].rstrip() for line in lines)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    decoded = _ESCAPE.sub(_character, text)
    # Two \u escapes may spell one character beyond the BMP; a lone half is no text and becomes U+FFFD.
    return decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(escape: re.Match[str]) -> str:
    unicode, octal, letter = escape.groups()
    if unicode is not None:
        return chr(int(unicode, 16))
    if octal is not None:
        return chr(int(octal, 8))
    return _LETTERS.get(letter, letter)
