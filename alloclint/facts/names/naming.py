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

    The first of the `hints` that has letters decides: a variable's name, words, a function's name. `suffix`
    is added unless the hint says it already, and a number where the file uses the name for something else, or
    it is among those `taken`.
    """
    stems = (screaming(hint) for hint in hints if hint)
    stem = next((one for one in stems if one), fallback)
    if suffix and not stem.endswith(suffix) and stem != suffix:
        stem = f"{stem}_{suffix}"
    return untaken(file, f"_{stem}" if file.language.name == "python" else stem, taken)


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
