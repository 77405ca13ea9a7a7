"""The words that rules look for: a file, or a function, without any of them has nothing to find."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from alloclint.languages.vocabulary import Language

#: What makes a file worth reading whatever else is in it.
ANNOTATION = b"alloclint:"


@dataclass(frozen=True, slots=True)
class Hits:
    """The offsets at which a word stands, ascending."""

    offsets: tuple[int, ...]

    def any_in(self, start: int, end: int) -> bool:
        at = bisect_left(self.offsets, start)
        return at < len(self.offsets) and self.offsets[at] < end


#: So many names are looked for at once faster than each word is looked up among them.
_FEW = 50
_IDENTIFIER = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")


@lru_cache(maxsize=8)
def _pattern(words: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(b"|".join((*words, re.escape(ANNOTATION))))


@lru_cache(maxsize=4)
def hits(language: Language, source: bytes, names: tuple[str, ...] = ()) -> Hits:
    """
    Where the words of a language stand in a source, or one of the `names` that mean a collection in this
    file.
    """
    found = [match.start() for match in _pattern(language.words).finditer(source)]
    if 0 < len(names) <= _FEW:
        any_name = rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in names)
        found += [match.start() for match in re.finditer(any_name, source)]
    elif names:
        own = {name.encode() for name in names}
        found += [match.start() for match in _IDENTIFIER.finditer(source) if match[0] in own]
    return Hits(tuple(sorted(found)))


def worth_parsing(language: Language, source: bytes) -> bool:
    """Whether any rule could find something in a source."""
    return _pattern(language.words).search(source) is not None


@lru_cache(maxsize=64)
def _any_word(words: tuple[str, ...]) -> re.Pattern[bytes]:
    """A pattern for identifiers as whole words, and for anything else as it is written."""
    names = [re.escape(word.encode()) for word in words if word.isidentifier()]
    others = [re.escape(word.encode()) for word in words if not word.isidentifier()]
    whole = [rb"\b(?:" + b"|".join(names) + rb")\b"] if names else []
    return re.compile(b"|".join((*whole, *others)))


@lru_cache(maxsize=16)
def occurrences(source: bytes, words: tuple[str, ...]) -> Hits:
    """Where any of some words stands in a source."""
    return Hits(tuple(match.start() for match in _any_word(words).finditer(source))) if words else Hits(())


def has_any(source: bytes, words: tuple[str, ...]) -> bool:
    """Whether any of some words stands in a source."""
    return bool(words) and _any_word(words).search(source) is not None
