"""Whether an edit has broken a text: what cannot be parsed now and could be before."""

from __future__ import annotations

from collections import Counter

from alloclint.file import File
from alloclint.languages import language_of
from alloclint.project import parts
from alloclint.project.kinds import kind_of
from alloclint.project.token import Source
from alloclint.settings import Limits


def is_worse(path: str, before: bytes, after: bytes) -> bool:
    """
    Whether a text has more damage than it had. The path tells the language; of a file that is none of ours
    nothing can be told, so it counts as damaged.
    """
    if language_of(path) is None and kind_of(path) is None:
        return True
    if before == after:
        return False
    if _damage(path, after) - _damage(path, before):
        return True
    return path.endswith((".py", ".pyi")) and _is_python(before) and not _is_python(after)


def _damage(path: str, source: bytes) -> Counter[bytes]:
    """The damaged stretches by their bytes: places move with an edit above them."""
    if language_of(path) is not None:
        file = File.of(path, source, Limits())
        return Counter(source[start:end] for start, end in file.damaged)
    kind = kind_of(path)
    assert kind is not None
    try:
        part = parts.read(kind, Source(path, source))
    except Exception as error:  # Readers are parsers of many formats: whichever way one fails is damage.
        return Counter([repr(type(error)).encode()])
    return Counter(place.text.encode() for place in part.damage)


def _is_python(source: bytes) -> bool:
    """
    Whether Python's own grammar takes it: tree-sitter's is more lenient. libcst's parser, because CPython's
    prints warnings about what it reads.
    """
    import libcst

    try:
        libcst.parse_module(source)
    except (libcst.ParserSyntaxError, UnicodeError, LookupError, RecursionError):
        return False
    return True
