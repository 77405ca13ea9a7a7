"""What to write instead of something that only grows: a bounded cache of the language, with its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.size import group_digits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alloclint.cardinality import Cardinality
    from alloclint.facts.names.calls import Call
    from alloclint.file import File
    from alloclint.syntax import model as m

#: What stands for a size that nobody has named.
DEFAULT_BOUND = 10_000
_CAFFEINE = ("com", "github", "benmanes", "caffeine")
_GUAVA = ("com", "google", "common")


def bound_at(call: Call) -> str:
    """The number of entries that is expected where a call stands, or of the variable it is bound to."""
    annotations = call.file.facts.annotations
    said = annotations.cardinality_at(*call.span)
    return _number(said) if said is not None else bound_of(call.file, _around(call))


def bound_of(file: File, nodes: Iterable[m.Node]) -> str:
    """The number of entries, or the expression for it, that is expected of the first node that says so."""
    found = (file.facts.annotations.cardinality_of(node) for node in nodes)
    said = next((one for one in found if one is not None), None)
    return _number(said) if said is not None else group_digits(DEFAULT_BOUND)


def _around(call: Call) -> Iterable[m.Node]:
    yield from call.parents
    yield from call.function.declaration.params
    field = call.file.facts.field_of_initialiser(call.statement)
    if field is not None:
        yield field
    yield call.function.declaration


def _number(said: Cardinality) -> str:
    if said.needed is not None:
        return group_digits(said.needed)
    return said.expression_needed or group_digits(DEFAULT_BOUND)


def bounded_map(file: File, size: str) -> str:
    """A map that throws entries away, by what the file already imports: code to type."""
    if file.language.name == "rust":
        return f"LruCache::new(NonZeroUsize::new({size}).unwrap())"
    if file.language.name == "python":
        return f"lru_cache(maxsize={size})"
    if not has_import(file, _CAFFEINE) and has_import(file, _GUAVA):
        return f"CacheBuilder.newBuilder().maximumSize({size}).build()"
    return f"Caffeine.newBuilder().maximumSize({size}).build()"


def has_guava(file: File) -> bool:
    return has_import(file, _GUAVA)


def has_import(file: File, package: tuple[str, ...]) -> bool:
    """Whether a file imports anything from a package."""
    return any(one.path[: len(package)] == package for one in file.unit.imports)
