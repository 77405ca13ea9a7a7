"""Patterns that are plain text, and what the JDK does for a few of them without compiling anything."""

from __future__ import annotations

from dataclasses import dataclass

_SPECIAL = frozenset(".$|()[]{}^?*+\\")
#: What stands for one character after a backslash, in all three languages' patterns.
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
#: The characters that `String.split` of the JDK takes for special.
_SPECIAL_TO_SPLIT = frozenset(".$|()[{^?*+\\")


@dataclass(frozen=True, slots=True)
class Plain:
    """
    A pattern that means a text and nothing else. `where` the text has to stand: anywhere, at the `start`, at
    the `end`, or as the `whole`.
    """

    text: str
    where: str = "anywhere"


def plain_text(pattern: str) -> str | None:
    r"""The text that a pattern stands for, escapes resolved: `a.b` of `a\.b`; None where it matches more."""
    found: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            escaped = _escaped(pattern[at + 1 : at + 2])
            if escaped is None:
                return None
            found.append(escaped)
            at += 2
        elif char == "[":
            inside = _class_of_one(pattern[at : at + 4])
            if inside is None:
                return None
            found.append(inside[0])
            at += inside[1]
        elif char in _SPECIAL:
            return None
        else:
            found.append(char)
            at += 1
    return "".join(found)


def plain(pattern: str) -> Plain | None:
    """The text of a pattern with at most an anchor at either end; None for an empty one or one with more."""
    start = pattern.startswith("^")
    inner = pattern[1:] if start else pattern
    end = inner.endswith("$") and not inner.endswith("\\$")
    text = plain_text(inner[:-1] if end else inner)
    if not text:
        return None
    where = {(False, False): "anywhere", (True, False): "start", (False, True): "end", (True, True): "whole"}
    return Plain(text, where[start, end])


def splits_without_pattern(regex: str) -> bool:
    """
    Whether Java's `String.split` takes its fast path, which compiles nothing: one character that is not
    special, or a backslash and one that is neither a letter nor a digit. Surrogates never take it.
    """
    units = len(regex.encode("utf-16-le", "surrogatepass")) // 2
    if units == 1:
        return regex not in _SPECIAL_TO_SPLIT and not _is_surrogate(regex)
    if units == 2 and len(regex) == 2 and regex[0] == "\\":
        is_word = regex[1].isascii() and regex[1].isalnum()
        return not is_word and not _is_surrogate(regex[1])
    return False


def split_shorter(regex: str) -> str | None:
    r"""The pattern of the fast path that splits like this one, which does not take it: `\|` of `[|]`."""
    text = plain_text(regex)
    if splits_without_pattern(regex) or text is None or len(text) != 1 or ord(text) > 0xFFFF:
        return None
    shorter = "\\" + text if text in _SPECIAL_TO_SPLIT else text
    return shorter if splits_without_pattern(shorter) else None


def _escaped(char: str) -> str | None:
    if char in _CONTROLS:
        return _CONTROLS[char]
    return char if char and not char.isalnum() and char.isascii() else None


def _class_of_one(text: str) -> tuple[str, int] | None:
    r"""The one character of a class such as `[.]` or `[\.]`, and the length of the class."""
    if len(text) >= 3 and text[2] == "]" and text[1] not in "^\\[&":
        return text[1], 3
    if len(text) == 4 and text[1] == "\\" and text[3] == "]":
        inside = _escaped(text[2])
        return (inside, 4) if inside is not None else None
    return None


def _is_surrogate(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"
