"""
What other files need to know about one: its types, and what is expected of their fields.

Summaries are small, picklable, and independent of each other; `Project` is all of them merged. Of most files
a summary has only the names of the types that they seem to declare: such a file is read when a fact asks for
one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from alloclint.cardinality import Cardinality
from alloclint.cardinality.sidecar import Sidecar
from alloclint.facts.building.said import symbols as symbols_of
from alloclint.facts.names.getters import handed_out
from alloclint.facts.names.types import Types
from alloclint.languages.rust import RUST
from alloclint.rule import closest
from alloclint.scan import holds
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.allocation.callgraph import Behaviours
    from alloclint.file import File

#: The words that declare the types others may ask for, with the name behind them. A comment may hold them as
#: well: that the name is declared there is seen when the file is read.
_DECLARING = {
    "rust": (b"struct", b"enum", b"type", b"union", b"trait"),
    "java": (b"class", b"interface", b"record", b"enum"),
    "python": (),
}
_NAMED = {word: re.compile(word + rb"\s+(\w+)") for words in _DECLARING.values() for word in words}
#: `type Postings = collections::HashMap<…>`: the last segment says whether it may be a collection.
_ALIAS = re.compile(rb"type\s+\w+\s*(?:<[^=;]*>\s*)?=\s*(?:\w+\s*::\s*)*(\w+)")
_CLEARED = re.compile(rb"(\w+)\s*\.\s*cache_clear\b")
_RENAMED = re.compile(rb"\sas\s+(\w+)")
#: So many answers are kept, and with each the tree of its file.
_REMEMBERED = 2_000
#: Reads the declaration of a type, by the path and the name; None where the file does not declare it.
Read = Callable[[str, str], "m.TypeDecl | None"]
_ANNOTATING = (b"alloclint:", b"ExpectedSize", b"Cardinality(", b"@Size", b"ArrayLen", b"MinLen")


@dataclass(frozen=True, slots=True)
class Summary:
    """
    One file's contribution: its type declarations without bodies, field cardinalities, and the sidecar keys
    it has a symbol for.
    """

    path: str
    language: str
    types: tuple[m.TypeDecl, ...] = ()
    cardinalities: tuple[tuple[str, str, Cardinality], ...] = ()
    matched: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    #: Whether it may promise somewhere to allocate nothing.
    promises: bool = False
    #: the types that a file seems to declare that was not read
    names: tuple[str, ...] = ()
    #: the names that such a file declares to stand for a collection
    aliases: tuple[str, ...] = ()
    #: the functions whose caches it empties
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaleCardinality:
    """A sidecar entry whose symbol is nowhere in the project."""

    symbol: str
    path: str
    line: int
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """
    All summaries merged. A type name declared twice in a language is ambiguous and answers nothing.

    `aliases` are the Rust names that stand for a collection: `type Postings = HashMap<Term, Vec<u32>>`.
    `unread` has the paths of the files that seem to declare a name, and `read` what they say; without it
    their types are not known.
    """

    types: dict[tuple[str, str], m.TypeDecl | None] = field(default_factory=dict)
    cardinalities: dict[tuple[str, str, str], Cardinality | None] = field(default_factory=dict)
    sidecar: Sidecar = field(default_factory=Sidecar)
    stale: tuple[StaleCardinality, ...] = ()
    aliases: frozenset[str] = frozenset()
    #: the functions whose caches some file empties
    cleared: frozenset[str] = frozenset()
    #: What the functions do that are reached from those that promise to allocate nothing.
    behaviours: Behaviours = field(default_factory=dict)
    unread: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    read: Read | None = None
    #: whether it is known what is built: without that, rules over manifests have not seen all there is
    has_builds: bool = False
    _asked: dict[tuple[str, str], m.TypeDecl | None] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def merge(
        cls,
        summaries: Sequence[Summary],
        sidecar: Sidecar | None = None,
        *,
        whole: bool = True,
        read: Read | None = None,
    ) -> Project:
        """All summaries as one; unless they are the `whole` project, no sidecar entry can be called stale."""
        types: dict[tuple[str, str], m.TypeDecl | None] = {}
        cardinalities: dict[tuple[str, str, str], Cardinality | None] = {}
        matched: set[str] = set()
        symbols: list[str] = []
        for summary in summaries:
            for type_ in summary.types:
                key = summary.language, type_.name
                types[key] = None if key in types else type_
            for owner, name, cardinality in summary.cardinalities:
                place = summary.language, owner, name
                cardinalities[place] = None if place in cardinalities else cardinality
            matched.update(summary.matched)
            symbols.extend(summary.symbols)
        sidecar = sidecar or Sidecar()
        stale = _stale(sidecar, matched, symbols) if whole else ()
        found = cls(types, cardinalities, sidecar, stale, unread=_unread(summaries), read=read)
        cleared = frozenset(name for summary in summaries for name in summary.cleared)
        return replace(found, aliases=found._collections(summaries), cleared=cleared)

    def declaration(self, language: str, name: str) -> m.TypeDecl | None:
        """The one declaration of a type name, if there is just one."""
        key = language, name
        paths = self.unread.get(key)
        if paths is None:
            return self.types.get(key)
        if key not in self._asked:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[key] = self._one_of(key, paths)
        return self._asked[key]

    def _one_of(self, key: tuple[str, str], paths: Iterable[str]) -> m.TypeDecl | None:
        only = self.types.get(key)
        if self.read is None or (only is None and key in self.types):
            return None
        for path in paths:
            found = self.read(path, key[1])
            if found is not None and only is not None:
                return None
            only = found or only
        return only

    def _collections(self, summaries: Iterable[Summary]) -> frozenset[str]:
        """The aliases of collections that are the only type of their name."""
        known = {name for (_, name), type_ in self.types.items() if type_ is not None and type_.aliased}
        known.update(name for summary in summaries for name in summary.aliases)
        declared = ((name, self.declaration(RUST.name, name)) for name in known)
        return frozenset(
            name
            for name, type_ in declared
            if type_ is not None and type_.aliased is not None and _is_collection(type_.aliased)
        )

    def cardinality(self, language: str, owner: str, name: str) -> Cardinality | None:
        """What is expected of a field, wherever its type is declared."""
        return self.cardinalities.get((language, owner, name))


def is_worth_reading(file: File, sidecar: Sidecar | None) -> bool:
    """Whether a file must be read for its summary: it says what is expected, or the sidecar may name it."""
    return (sidecar is not None and bool(sidecar.entries)) or holds(file.source, _ANNOTATING)


def summarize(file: File, sidecar: Sidecar | None = None) -> Summary:
    """The summary of one file; that of most files are the names of their types, found without parsing."""
    if file.is_binary:
        return Summary(file.path, file.language.name)
    if not is_worth_reading(file, sidecar):
        return Summary(
            file.path,
            file.language.name,
            promises=_promises(file),
            names=_names(file),
            aliases=tuple(_collection_aliases(file)),
            cleared=_cleared(file),
        )
    types = file.facts.types
    # Pass 1 sees no project: a field's type is resolved by its own file's imports alone.
    declared = tuple(_stripped(type_, types) for type_ in types.declared.values())
    cardinalities = tuple(_annotated(file)) if holds(file.source, _ANNOTATING) else ()
    matched: set[str] = set()
    symbols: list[str] = []
    if sidecar is not None and sidecar.entries:
        for symbol in symbols_of(file):
            found = sidecar.find(symbol)
            symbols.append(file.language.separator.join(symbol.own))
            if found is not None:
                matched.add(found.key)
    return Summary(
        file.path,
        file.language.name,
        declared,
        cardinalities,
        tuple(sorted(matched)),
        tuple(symbols),
        _promises(file),
        cleared=_cleared(file),
    )


def _cleared(file: File) -> tuple[str, ...]:
    if b"cache_clear" not in file.source:
        return ()
    return tuple(sorted({name.decode() for name in _CLEARED.findall(file.source)}))


def _promises(file: File) -> bool:
    return b"no-alloc" in file.source or b"NoAllocation" in file.source


def declaration_in(file: File, name: str) -> m.TypeDecl | None:
    """What another file may know of a type that a file declares."""
    types = file.facts.types
    declared = types.declared.get(name)
    return _stripped(declared, types) if declared is not None else None


def _names(file: File) -> tuple[str, ...]:
    found = {name for word in _DECLARING[file.language.name] for name in _NAMED[word].findall(file.source)}
    return tuple(sorted(name.decode() for name in found))


def _collection_aliases(file: File) -> Iterable[str]:
    """The names that may stand for a collection, by what is written behind their `=`."""
    if file.language is not RUST:
        return
    meant = {name.decode() for name in _ALIAS.findall(file.source)}
    if meant.isdisjoint(RUST.collections) and meant.isdisjoint(
        name.decode() for name in _RENAMED.findall(file.source)
    ):
        return
    types = file.facts.types
    for type_ in types.declared.values():
        aliased = _resolved(type_.aliased, types) if type_.kind == "alias" else None
        if aliased is not None and _is_collection(aliased):
            yield type_.name


def _unread(summaries: Iterable[Summary]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for summary in summaries:
        for name in summary.names:
            found.setdefault((summary.language, name), []).append(summary.path)
    return {key: tuple(paths) for key, paths in found.items()}


def _annotated(file: File) -> Iterable[tuple[str, str, Cardinality]]:
    annotations = file.facts.annotations
    for type_ in file.facts.types.declared.values():
        for item in type_.fields:
            cardinality = annotations.cardinality_of(item)
            if cardinality is not None:
                yield type_.name, item.name, cardinality
        for function in type_.functions:
            for number, param in enumerate(function.params):
                cardinality = annotations.cardinality_of(param)
                if cardinality is not None:
                    yield type_.name, f"{function.name}({number})", cardinality


def _stripped(type_: m.TypeDecl, types: Types) -> m.TypeDecl:
    """The declaration with full type names and without anything that reads the file."""
    return replace(
        type_,
        fields=[
            replace(item, type=_resolved(item.type, types), value=None, attributes=())
            for item in type_.fields
        ],
        functions=[_without_body(one, types) for one in type_.functions],
        types=[],
        bases=tuple(base for base in (_resolved(base, types) for base in type_.bases) if base is not None),
        variants=tuple(
            (name, tuple(_resolved(member, types) or member for member in members))
            for name, members in type_.variants
        ),
        aliased=_resolved(type_.aliased, types),
        attributes=tuple(replace(attribute, args=()) for attribute in type_.attributes),
    )


def _is_collection(type_: m.Type) -> bool:
    builtin = RUST.collections.get(type_.last) if len(type_.name) == 1 else None
    return type_.name in RUST.by_path or (builtin is not None and builtin.builtin)


def _without_body(function: m.Function, types: Types) -> m.Function:
    """A function without parameters and body, but for a `toString` that only hands out what is there."""
    is_text = types.language.name == "java" and function.name == "toString" and not function.params
    kept = handed_out(function) if is_text else None
    return m.Function(
        function.start,
        function.end,
        function.name,
        function.qualname,
        returns=_resolved(function.returns, types),
        read_body=partial(_only, kept) if kept is not None else _no_body,
    )


def _only(statement: m.Exit) -> m.Block:
    return m.Block(*statement.span, [statement])


def _no_body() -> None:
    return None


def _resolved(type_: m.Type | None, types: Types) -> m.Type | None:
    if type_ is None:
        return None
    name = type_.name
    known = types.known(m.Type(0, 0, "named", name)) if name else None
    full = types.full_path(name) if known is not None else None
    args = tuple(arg for arg in (_resolved(arg, types) for arg in type_.args) if arg is not None)
    length = type_.length if isinstance(type_.length, m.Literal) else None
    return replace(type_, name=full or name, args=args, length=length)


def _stale(sidecar: Sidecar, matched: set[str], symbols: list[str]) -> tuple[StaleCardinality, ...]:
    return tuple(
        StaleCardinality(entry.key, sidecar.path, entry.line, closest(entry.key, symbols))
        for entry in sidecar.entries
        if entry.key not in matched
    )
