"""The values of Python's numbers and strings, decoded from their text."""

from __future__ import annotations

import re
import unicodedata

_OPENING = re.compile(rb"([A-Za-z]*)(\"\"\"|'''|\"|')")
_IN_BYTES = r"\n|[0-7]{1,3}|x[0-9a-fA-F]{2}"
_IN_TEXT = _IN_BYTES + r"|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]+\}"
_TEXT_ESCAPE = re.compile(rf"\\({_IN_TEXT}|.)", re.DOTALL)
_BYTES_ESCAPE = re.compile(rf"\\({_IN_BYTES}|.)", re.DOTALL)
_SHORT = {
    "\n": "", "\\": "\\", "'": "'", '"': '"',
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_HIGHEST_CODE_POINT = 0x10FFFF


def integer(text: str) -> int | None:
    """The value of an integer, also of Python 2 (`0777`, `1L`); None for an imaginary or endless one."""
    digits = text.rstrip("lL")
    for base in 0, 8:  # Python 2 writes octal as 0777, which base 0 refuses.
        try:
            return int(digits, base)
        except ValueError:
            continue
    return None


def decimal(text: str) -> float | None:
    """The value of a float literal; None for an imaginary one."""
    try:
        return float(text)
    except ValueError:
        return None


def prefix(text: bytes) -> str:
    """The letters before the quotes, in lower case: "", "rb", "f"."""
    opening = _OPENING.match(text)
    return opening[1].decode().lower() if opening else ""


def string(text: bytes) -> str | bytes:
    """
    The value of a string literal given with its prefix and quotes; bytes for `b"…"`.

    A string whose closing quotes are missing is read to its end; unknown escapes stay as they are.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return text.decode("utf-8", "replace")
    letters, quotes = opening[1].decode().lower(), opening[2]
    body = text[opening.end() :].removesuffix(quotes).replace(b"\r\n", b"\n")
    if "b" in letters:
        return _bytes(body, raw="r" in letters)
    decoded = body.decode("utf-8", "replace")
    if "r" not in letters and "\\" in decoded:
        decoded = _TEXT_ESCAPE.sub(_resolve, decoded)
    if "f" in letters or "t" in letters:
        decoded = decoded.replace("{{", "{").replace("}}", "}")
    return decoded


def _bytes(body: bytes, raw: bool) -> bytes:
    if raw or b"\\" not in body:
        return body
    # Latin-1 maps each byte to one character and back, so that one routine resolves both kinds of escapes.
    return _BYTES_ESCAPE.sub(_resolve, body.decode("latin-1")).encode("latin-1", "replace")


def _resolve(escape: re.Match[str]) -> str:
    code = escape[1]
    if code in _SHORT:
        return _SHORT[code]
    if code[0] in "01234567":
        return chr(int(code, 8))
    if len(code) == 1:
        return escape[0]
    if code[0] == "N":
        return _named(code[2:-1], escape[0])
    number = int(code[1:], 16)
    return chr(number) if number <= _HIGHEST_CODE_POINT else escape[0]


def _named(name: str, otherwise: str) -> str:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return otherwise
