"""
Java: factories that take a number of entries, other than Guava's: a library's, or the project's own.

They are offered only where they can be named as they stand: a library's where the file imports its class, one
of the project where the file calls it already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction

_SPRING = ("org", "springframework", "util", "CollectionUtils")
_OF_SPRING = {"HashMap": "newHashMap", "LinkedHashMap": "newLinkedHashMap"}
#: Names that say that the number is one of entries. What they return is at least the interface.
_NAMES = {
    "HashMap": rb"new(?:Hash)?MapWithExpectedSize",
    "LinkedHashMap": rb"newLinked(?:Hash)?MapWithExpectedSize",
    "HashSet": rb"new(?:Hash)?SetWithExpectedSize",
    "LinkedHashSet": rb"newLinked(?:Hash)?SetWithExpectedSize",
}


def other_factory(made: Construction) -> tuple[str, str] | None:
    """The class and the method of a factory for what is built; None where none is in reach."""
    name, imports = made.collection.name, made.file.facts.types.imports
    if imports.get(_SPRING[-1]) == _SPRING and name in _OF_SPRING:
        return _SPRING[-1], _OF_SPRING[name]
    declared = made.declared_type.last if made.declared_type is not None else ""
    if name not in _NAMES or declared not in ("Map", "Set"):
        return None
    found = re.search(rb"(?<![\w.])([A-Z]\w*)\.(%s)\(" % _NAMES[name], made.file.source)
    if found is None or found[2].decode() == made.function.declaration.name:
        return None
    return found[1].decode(), found[2].decode()
