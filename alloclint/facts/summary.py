"""
What other files need to know about one: its types, and what is expected of their fields.

Summaries are small, picklable, and independent of each other; `Project` is all of them merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from alloclint.cardinality import Cardinality
from alloclint.cardinality.sidecar import Sidecar
from alloclint.facts.said import symbols as symbols_of
from alloclint.facts.types import Types
from alloclint.languages.rust import RUST
from alloclint.rule import closest
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.callgraph import Behaviours
    from alloclint.file import File

#: Words without which a file declares nothing that others could need.
_DECLARING = {
    "rust": (b"struct ", b"enum ", b"type ", b"union "),
    "java": (b"class ", b"interface ", b"record ", b"enum "),
    "python": (b"class ",),
}
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
    """

    types: dict[tuple[str, str], m.TypeDecl | None] = field(default_factory=dict)
    cardinalities: dict[tuple[str, str, str], Cardinality | None] = field(default_factory=dict)
    sidecar: Sidecar = field(default_factory=Sidecar)
    stale: tuple[StaleCardinality, ...] = ()
    aliases: frozenset[str] = frozenset()
    #: What the functions do that are reached from those that promise to allocate nothing.
    behaviours: Behaviours = field(default_factory=dict)

    @classmethod
    def merge(
        cls, summaries: Iterable[Summary], sidecar: Sidecar | None = None, *, whole: bool = True
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
        return cls(types, cardinalities, sidecar, stale, _aliases(types))

    def declaration(self, language: str, name: str) -> m.TypeDecl | None:
        """The one declaration of a type name, if there is just one."""
        return self.types.get((language, name))

    def cardinality(self, language: str, owner: str, name: str) -> Cardinality | None:
        """What is expected of a field, wherever its type is declared."""
        return self.cardinalities.get((language, owner, name))


def is_worth_summarizing(file: File, sidecar: Sidecar | None) -> bool:
    """Whether a file can have anything that another one, or the sidecar, asks for."""
    if sidecar is not None and sidecar.entries:
        return True
    words = _DECLARING[file.language.name] if file.language.name != "python" else ()
    return any(word in file.source for word in (*words, *_ANNOTATING))


def summarize(file: File, sidecar: Sidecar | None = None) -> Summary:
    """The summary of one file; an empty one where nothing in it can matter elsewhere."""
    if file.is_binary or not is_worth_summarizing(file, sidecar):
        return Summary(file.path, file.language.name, promises=_promises(file))
    types = file.facts.types
    # Pass 1 sees no project: a field's type is resolved by its own file's imports alone.
    declared = tuple(_stripped(type_, types) for type_ in types.declared.values())
    cardinalities = tuple(_annotated(file)) if any(word in file.source for word in _ANNOTATING) else ()
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
    )


def _promises(file: File) -> bool:
    return b"no-alloc" in file.source or b"NoAllocation" in file.source


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
        functions=[
            m.Function(
                f.start, f.end, f.name, f.qualname, returns=_resolved(f.returns, types), read_body=_no_body
            )
            for f in type_.functions
        ],
        types=[],
        bases=tuple(base for base in (_resolved(base, types) for base in type_.bases) if base is not None),
        variants=tuple(
            (name, tuple(_resolved(member, types) or member for member in members))
            for name, members in type_.variants
        ),
        aliased=_resolved(type_.aliased, types),
        attributes=tuple(replace(attribute, args=()) for attribute in type_.attributes),
    )


def _aliases(types: dict[tuple[str, str], m.TypeDecl | None]) -> frozenset[str]:
    aliased = ((name, type_.aliased) for (_, name), type_ in types.items() if type_ is not None)
    return frozenset(name for name, type_ in aliased if type_ is not None and _is_collection(type_))


def _is_collection(type_: m.Type) -> bool:
    builtin = RUST.collections.get(type_.last) if len(type_.name) == 1 else None
    return type_.name in RUST.by_path or (builtin is not None and builtin.builtin)


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
