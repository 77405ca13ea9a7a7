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

    def between(self, start: int, end: int) -> tuple[int, ...]:
        """Those that stand in a stretch."""
        return self.offsets[bisect_left(self.offsets, start) : bisect_left(self.offsets, end)]

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


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """
    What must stand in a function, or in a whole file, for a rule to look at it: one of the `words`.

    A word is a name, other text, or a compiled pattern. `called` names stand before the brackets of a call;
    `looped` ones count only inside a loop.
    """

    words: tuple[Word, ...]
    called: bool = False
    looped: bool = False


@lru_cache(maxsize=1024)
def wanted(words: tuple[Word, ...], *, called: bool = False, looped: bool = False) -> Wanted:
    """What a rule wants, the same object whenever it is asked for."""
    return Wanted(words, called, looped)


Word = str | re.Pattern[bytes]

#: What stands between the name of what is called and its arguments: nothing, a `!`, types.
_CALLING = rb"(?=\s*(?:[(!/]|::\s*<|<[^;{}()=]*>\s*\())"
_SPACES = bytes(code if re.match(rb"\w", bytes([code])) else ord(" ") for code in range(256))


class _Written:
    """Some words of a rule, by how they are looked for."""

    def __init__(self, wanted: Wanted) -> None:
        texts = {word.encode() for word in wanted.words if isinstance(word, str)}
        self.names = {text for text in texts if text.decode().isidentifier()}
        self.texts = texts - self.names
        self.patterns = [word for word in wanted.words if isinstance(word, re.Pattern)]
        self.ends = _CALLING if wanted.called else rb"\b"


@lru_cache(maxsize=1024)
def _written(wanted: Wanted) -> _Written:
    return _Written(wanted)


@lru_cache(maxsize=4096)
def _whole(name: bytes, ends: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\b%s%s" % (name, ends))


class _Text:
    """A source, and where words stand in it; a name is only looked for where the source has it at all."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._names = frozenset(source.translate(_SPACES).split())
        self._of_names: dict[tuple[bytes, bytes], list[int]] = {}
        self._found: dict[Wanted, Hits] = {}

    def hits(self, wanted: Wanted) -> Hits:
        known = self._found.get(wanted)
        if known is None:
            known = self._found[wanted] = Hits(tuple(sorted(self._places(_written(wanted)))))
        return known

    def _places(self, written: _Written) -> Iterator[int]:
        for name in written.names & self._names:
            yield from self._of_name(name, written.ends)
        for text in written.texts:
            at = self._source.find(text)
            while at >= 0:
                yield at
                at = self._source.find(text, at + len(text))
        for pattern in written.patterns:
            yield from (match.start() for match in pattern.finditer(self._source))

    def _of_name(self, name: bytes, ends: bytes) -> list[int]:
        """Several rules may look for one name."""
        found = self._of_names.get((name, ends))
        if found is None:
            found = self._of_names[name, ends] = []
            match, at = _whole(name, ends).match, self._source.find(name)
            while at >= 0:
                if match(self._source, at):
                    found.append(at)
                at = self._source.find(name, at + len(name))
        return found


@lru_cache(maxsize=2)
def _text(source: bytes) -> _Text:
    return _Text(source)


def occurrences(source: bytes, wanted: Wanted) -> Hits:
    """Where any of the words stands in a source, inside a loop or not."""
    return _text(source).hits(wanted)


def has_any(source: bytes, some: tuple[Word, ...]) -> bool:
    """Whether any of some words stands in a source."""
    return has(source, wanted(some))


def has(source: bytes, wanted: Wanted) -> bool:
    """Whether any of the words stands in a source, inside a loop or not."""
    return bool(occurrences(source, wanted).offsets)
