"""The words that a name is made of, however they are joined."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case: `parse line` of `parseLine`, `_parse_line` and `PARSE_LINE`."""
    return [word.lower() for word in _WORD.findall(name)]
