"""Names for constants that a suggestion declares: after what they are for, and not taken in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alloclint.file import File

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_LONGEST = 40


def constant_name(
    file: File,
    hints: Iterable[str | None],
    suffix: str = "",
    fallback: str = "VALUE",
    taken: frozenset[str] = frozenset(),
) -> str:
    """
    The name of a constant in the language's own style: `DATE_RE`, in Python `_DATE_RE`.

    The first of the `hints` that has letters and is free decides: a variable's name, words, a function's
    name. `suffix` is added unless the hint says it already, and a number where the file uses all of the names
    for something else, or they are among those `taken`.
    """
    stems = dict.fromkeys(_once_each(screaming(hint)) for hint in hints if hint)
    names = [_styled(file, stem, suffix) for stem in stems if stem] or [_styled(file, fallback, suffix)]
    free = (name for name in names if name not in taken and not _is_used(file, name))
    return next(free, None) or untaken(file, names[0], taken)


def subject_of(function: str) -> str:
    """What a function is about: `module_name` of `toModuleName`; its own name if that is all it says."""
    words = [word.lower() for word in _HUMP.split(function) if word]
    while len(words) > 1 and words[0] in _VERBS:
        del words[0]
    return "_".join(words)


_VERBS = {
    "get", "set", "find", "to", "as", "is", "has", "do", "try", "parse", "read", "make", "build", "create",
    "compute", "extract", "check", "fetch", "load", "resolve", "determine", "convert", "collect", "handle",
    "process", "init", "test", "from", "with", "of", "the", "a",
}  # fmt: skip


def _styled(file: File, stem: str, suffix: str) -> str:
    if suffix and not stem.endswith(suffix) and stem != suffix:
        stem = f"{stem}_{suffix}"
    return f"_{stem}" if file.language.name == "python" else stem


def _once_each(name: str) -> str:
    """`CN` of `CN_CN`: a word that is there already says nothing."""
    return "_".join(dict.fromkeys(name.split("_")))


def screaming(words: str) -> str:
    """`DATE_OF_BIRTH` of `dateOfBirth`, `date_of_birth` and `date of birth`; empty without any letter."""
    parts = [part for part in _HUMP.split(words) if part]
    name = "_".join(parts).upper()[:_LONGEST].rstrip("_")
    while name[:1].isdigit():
        name = name.partition("_")[2]
    return name if re.search(r"[A-Z]", name) else ""


def untaken(file: File, name: str, taken: frozenset[str] = frozenset()) -> str:
    """The name, with a number behind it as long as the file has it as a word outside of comments already."""
    numbered, number = name, 1
    while numbered in taken or _is_used(file, numbered):
        number += 1
        numbered = f"{name}_{number}"
    return numbered


def _is_used(file: File, name: str) -> bool:
    words = re.finditer(rb"(?<!\w)%s(?!\w)" % re.escape(name.encode()), file.source)
    return any(file.unit.comment_at(word.start()) is None for word in words)
