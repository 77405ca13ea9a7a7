"""
The words of a language, as data: its collections, what their methods do, and how capacities are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.syntax.model import Unit


@dataclass(frozen=True, slots=True)
class Collection:
    """
    A collection type of a language or of a well-known library.

    `paths` are the full names that mean it; `builtin` types need no import. `model` is its name in
    `alloclint.capacity`, if modelled. `argument` says what the constructor's number counts: elements, slots
    (Java's hash tables), bound (a queue's limit: never a hint) or none (no capacity). `least` is the largest
    number of entries for which presizing saves nothing. `eager` collections allocate their capacity at once,
    lazy ones at the first insertion.
    """

    name: str
    kind: str  # list, deque, heap, map, set, string
    paths: tuple[tuple[str, ...], ...]
    model: str | None = None
    builtin: bool = False
    argument: str = "elements"
    hashed: bool = False
    hasher: bool = False
    least: int = 0
    eager: bool = True

    @property
    def deduplicates(self) -> bool:
        return self.kind in ("map", "set")


@dataclass(frozen=True, slots=True)
class Growing:
    """
    A method that adds. `amount`: one, length (of argument `argument`), text (the bytes or chars of that
    argument), trip (of the iterable argument), formatted. `key` is the argument that may repeat, in a map or
    a set.
    """

    amount: str = "one"
    argument: int = 0
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Adaptor:
    """
    What a step of an iterator chain does to the number of elements.

    same; at_most; take, skip, step, chunks, chunks_exact, windows (by the first argument); zip, chain (with
    the first argument); unknown. `closure` is the argument that runs once per element, `lazy` when only the
    consumer makes it run.
    """

    effect: str = "same"
    closure: int | None = None
    lazy: bool = True


@dataclass(frozen=True, slots=True)
class Effect:
    """
    What calling a well-known function does.

    `allocates` says what it makes on the heap, in words that go after "makes" ("a String", "a list of all
    parts"); empty where it allocates nothing. `pure` functions have no other effect and return the same for
    the same arguments. `cost` is how the work grows: `constant`, `linear` in the length of an argument or the
    receiver, or `heavy` (compiling a pattern, formatting, sorting).
    """

    allocates: str = ""
    pure: bool = True
    cost: str = "constant"


def effects(owner: str, effect: Effect, *names: str, separator: str = ".") -> dict[str, Effect]:
    """Rows of a table of effects: some functions of a module or a type, which all do the same."""
    return {f"{owner}{separator}{name}": effect for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """
    Everything that is particular to one language, but for its grammar's node kinds, which the reader knows.
    """

    name: str
    suffixes: tuple[str, ...]
    grammar: Callable[[], tree_sitter.Language]
    read: Callable[[tree_sitter.Tree, bytes], Unit]
    comment: str
    separator: str
    collections: Mapping[str, Collection]
    #: kind of collection -> method -> what it adds
    growing: Mapping[str, Mapping[str, Growing]]
    #: methods that neither change how many entries a collection has nor let it escape
    reading: frozenset[str]
    #: methods that make room
    reserving: frozenset[str]
    #: steps of iterator chains and views of collections
    adaptors: Mapping[str, Adaptor]
    #: known types that know their length -> how it is asked
    lengths: Mapping[str, str]
    #: integer types that a trip count may have
    integers: frozenset[str]
    #: regular expressions for the words without which a function builds nothing and fills nothing
    words: tuple[bytes, ...]
    #: what a well-known method returns: name of the method -> type as written in the language
    returns: Mapping[str, str] = field(default_factory=dict)
    #: types of libraries that need no import, or that a glob brings in: name -> full path
    library: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: packages and modules whose names need no import
    prelude: frozenset[tuple[str, ...]] = frozenset()
    #: what a well-known function returns: its full path -> type as written in the language
    makes: Mapping[str, str] = field(default_factory=dict)
    #: the last segments of those functions, derived
    makers: frozenset[str] = frozenset()
    #: what well-known functions do: full path, or type and method, or `*` and a method that means the same on
    #: every type that has it
    effects: Mapping[str, Effect] = field(default_factory=dict)
    #: full import path or "package.Class" -> collection, derived
    by_path: Mapping[tuple[str, ...], Collection] = field(default_factory=dict)


def by_path(collections: Mapping[str, Collection]) -> dict[tuple[str, ...], Collection]:
    return {path: collection for collection in collections.values() for path in collection.paths}


def makers(makes: Mapping[str, str], separator: str) -> frozenset[str]:
    """The names by which functions of a table of full paths are called."""
    return frozenset(path.rsplit(separator, 1)[-1] for path in makes)
