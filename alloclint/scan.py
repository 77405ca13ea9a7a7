"""The words that rules look for: a file, or a function, without any of them has nothing to find."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
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


#: So many names are looked for one by one faster than each word is looked up among them.
_FEW = 50
_IDENTIFIER = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_LITERAL = re.compile(rb"\w+(?![?*+{])")
_LETTER = re.compile(rb"[\w\x80-\xff]")


class Words:
    """
    Some words, which are regular expressions, as they are found fastest.

    Python's `re` passes quickly over bytes that begin no match, but only where each alternative begins with a
    letter, and a rare one; the boundary before a word is therefore looked for behind its first letter. What
    begins with a small letter is left to `bytes.find`.
    """

    def __init__(self, words: Iterable[bytes]) -> None:
        common: list[tuple[bytes, re.Pattern[bytes]]] = []
        rare: list[bytes] = []
        for one in dict.fromkeys(branch for word in words for branch in _alternatives(word)):
            literal = _LITERAL.match(one.removeprefix(rb"\b"))
            if literal is not None and one.removeprefix(rb"\b")[:1].islower():
                common.append((literal[0], re.compile(one)))
            else:
                rare.append(_led_by_letter(one))
        self._common = common
        self._rare = re.compile(b"|".join(rare)) if rare else None

    def offsets(self, source: bytes) -> list[int]:
        """Where the words stand, in no order."""
        found = [match.start() for match in self._rare.finditer(source)] if self._rare is not None else []
        for literal, whole in self._common:
            at = source.find(literal)
            while at >= 0:
                if whole.match(source, at):
                    found.append(at)
                at = source.find(literal, at + len(literal))
        return found

    def stand_in(self, source: bytes) -> bool:
        """Whether one of the words stands in a source."""
        if self._rare is not None and self._rare.search(source) is not None:
            return True
        return any(literal in source and whole.search(source) is not None for literal, whole in self._common)


@lru_cache(maxsize=64)
def words(some: tuple[bytes, ...]) -> Words:
    """The words, compiled once."""
    return Words(some)


def _led_by_letter(word: bytes) -> bytes:
    first = word[2:3]
    return first + rb"(?<!\w.)" + word[3:] if word[:2] == rb"\b" and first.isalnum() else word


def _alternatives(word: bytes) -> Iterator[bytes]:
    r"""`\b(?:a|b)\(|c` as `\ba\(`, `\bb\(` and `c`."""
    for branch in _branches(word):
        lead = rb"\b" if branch.startswith(rb"\b") else b""
        rest = branch[len(lead) :]
        end = _closing(rest) if rest.startswith(b"(?:") else 0
        if end == 0 or rest[end : end + 1] in (b"?", b"*", b"+", b"{"):
            yield branch
        else:
            for inner in _branches(rest[3 : end - 1]):
                yield lead + inner + rest[end:]


def _branches(word: bytes) -> list[bytes]:
    """What stands between the bars that are in no brackets."""
    bars = [at for at, depth in _depths(word) if depth == 0 and word[at : at + 1] == b"|"]
    return [word[start + 1 : end] for start, end in zip((-1, *bars), (*bars, len(word)), strict=True)]


def _closing(word: bytes) -> int:
    """Behind the bracket that closes the one a word begins with."""
    return next((at + 1 for at, depth in _depths(word) if depth == 0 and word[at : at + 1] == b")"), 0)


def _depths(word: bytes) -> Iterator[tuple[int, int]]:
    """The offsets of bars and brackets that are not escaped, and how many brackets are open behind each."""
    depth = 0
    for found in re.finditer(rb"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", word, re.DOTALL):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if found[0] in (b"(", b")", b"|"):
            yield found.start(), depth


@lru_cache(maxsize=4)
def hits(language: Language, source: bytes, names: tuple[str, ...] = ()) -> Hits:
    """
    Where the words of a language stand in a source, or one of the `names` that mean a collection in this
    file.
    """
    found = words((*language.words, ANNOTATION)).offsets(source)
    if len(names) <= _FEW:
        found += [at for name in names for at in places(source, name.encode())]
    else:
        own = {name.encode() for name in names}
        found += [match.start() for match in _IDENTIFIER.finditer(source) if match[0] in own]
    return Hits(tuple(sorted(found)))


def places(source: bytes, name: bytes) -> Iterator[int]:
    """Where a name stands by itself."""
    at = source.find(name)
    while at >= 0:
        end = at + len(name)
        if not _LETTER.match(source, end) and not (at and _LETTER.match(source, at - 1)):
            yield at
        at = source.find(name, end)


def holds(source: bytes, words: Iterable[bytes]) -> bool:
    """Whether one of some plain words stands in a source."""
    return any(word in source for word in words)


def worth_parsing(language: Language, source: bytes, names: Iterable[str] = ()) -> bool:
    """Whether any rule could find something in a source where `names` mean a collection as well."""
    # A field may be of a type that is no word of the language because it stands in too many signatures.
    rest = (name for name in language.collections if language.name == "rust" and name == "String")
    return words((*language.words, ANNOTATION)).stand_in(source) or holds(
        source, (name.encode() for name in (*rest, *names))
    )


@lru_cache(maxsize=64)
def _written(some: tuple[str, ...]) -> Words:
    """Identifiers as whole words, and anything else as it is written."""
    names = [rb"\b%s\b" % word.encode() for word in some if word.isidentifier()]
    others = [re.escape(word.encode()) for word in some if not word.isidentifier()]
    return Words((*names, *others))


@lru_cache(maxsize=16)
def occurrences(source: bytes, some: tuple[str, ...]) -> Hits:
    """Where any of some words stands in a source."""
    return Hits(tuple(sorted(_written(some).offsets(source))))


def has_any(source: bytes, some: tuple[str, ...]) -> bool:
    """Whether any of some words stands in a source."""
    return _written(some).stand_in(source)
