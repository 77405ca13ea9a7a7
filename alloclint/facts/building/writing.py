"""How a sized construction is written, for each class with its own meaning of the number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.building.factories import other_factory
from alloclint.finding import Edit
from alloclint.size import group_digits
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction

#: Classes whose sized factory came with Java 19.
_LARGEST_INT, _LARGEST_TABLE = 2**31 - 1, 2**30
_FACTORIES_OF_19 = {"HashMap", "HashSet", "LinkedHashMap", "LinkedHashSet", "WeakHashMap"}


@dataclass(frozen=True, slots=True)
class Sized:
    """
    The expression to write, and the edit that writes it. `argument` is the number or expression between its
    parentheses.
    """

    text: str
    argument: str
    edit: Edit


def written(made: Construction, size: str, entries: int | None) -> Sized | None:
    """The construction with room for `size` entries; None where none can be given."""
    if made.collection.argument not in ("elements", "slots") or not _may_stand(made):
        return None
    writer = {"rust": _rust, "java": _java}.get(made.file.language.name)
    return writer(made, size, entries) if writer is not None else None


def _may_stand(made: Construction) -> bool:
    """A capacity cannot be given in a constant expression."""
    declaration = made.function.declaration
    if made.file.language.name != "rust":
        return True
    if "const" in declaration.modifiers:
        return False
    field = made.file.facts.field_of_initialiser(made.statement) if made.statement is not None else None
    return field is None or "lazy" in field.modifiers or (made.wrapped and _is_deferred(made))


def _is_deferred(made: Construction) -> bool:
    """Whether a closure stands between a static and the construction."""
    around = made.event.around
    while around is not None:
        if isinstance(around.node, m.Closure):
            return True
        around = around.up
    return False


def _sized(made: Construction, text: str, argument: str) -> Sized:
    return Sized(text, argument, Edit(made.node.start, made.node.end, text))


def _rust(made: Construction, size: str, entries: int | None) -> Sized | None:
    head = made.spelling
    if head.startswith("<") and (not head.endswith(">") or " as " in head):
        return None
    collection = made.collection
    if made.how == "with_hasher" and isinstance(made.node, m.Call) and made.node.args:
        hasher = made.file.text(*made.node.args[0].span)
        return _sized(made, f"{head}::with_capacity_and_hasher({size}, {hasher})", size)
    if made.how == "with_capacity_and_hasher" and isinstance(made.node, m.Call):
        hasher = made.file.text(*made.node.args[1].span)
        return _sized(made, f"{head}::with_capacity_and_hasher({size}, {hasher})", size)
    if collection.hashed and (collection.hasher or (made.how == "default" and not _has_default_hasher(made))):
        return _sized(made, f"{head}::with_capacity_and_hasher({size}, Default::default())", size)
    return _sized(made, f"{head}::with_capacity({size})", size)


def _has_default_hasher(made: Construction) -> bool:
    """`HashMap::default()` may have any hasher, unless its declared type shows std's."""
    plain = made.file.facts.types.plain(made.declared_type or made.type)
    wanted = 2 if made.collection.kind == "map" else 1
    return (
        plain is not None
        and plain.last in ("HashMap", "HashSet", "IndexMap", "IndexSet", "DashMap")
        and len(plain.args) == wanted
    )


def _java(made: Construction, size: str, entries: int | None) -> Sized | None:
    collection, node = made.collection, made.node
    if not isinstance(node, m.Call) or (entries is not None and entries > _LARGEST_INT):
        return None
    if made.how == "factory":
        return _sized(made, f"{made.spelling}({size})", size)
    if collection.argument == "slots":
        return _java_table(made, node, size, entries)
    # PriorityQueue refuses a capacity of zero, and ArrayDeque and the lists do not.
    argument = f"Math.max(1, {size})" if collection.kind == "heap" and entries is None else size
    rest = "".join(f", {made.file.text(*other.span)}" for other in _other_arguments(made, node))
    return _sized(made, f"{made.spelling}({argument}{rest})", argument)


def _other_arguments(made: Construction, call: m.Call) -> tuple[m.Expr, ...]:
    """The arguments that stay: a comparator, a load factor."""
    return call.args if made.how == "new with comparator" else call.args[1:]


def _java_table(made: Construction, call: m.Call, size: str, entries: int | None) -> Sized:
    """
    A hash table's number counts slots; ceil(n / 0.75) is the least that n entries fit in without a resize.
    """
    name, rest = made.collection.name, call.args[1:]
    release = made.file.limits.java_release
    if release is not None and release >= 19 and name in _FACTORIES_OF_19 and not rest:
        generics = _generics(made)
        # The class as it is written: nothing else may be imported.
        owner = ".".join(made.type.name) if made.type is not None else name
        head = f"{owner}.<{generics}>new{name}" if generics else f"{owner}.new{name}"
        return _sized(made, f"{head}({size})", size)
    factory = _factory(made)
    if factory is not None and not rest:
        return _sized(made, f"{factory}({size})", size)
    argument = (
        group_digits(min(math.ceil(entries / 0.75), _LARGEST_TABLE))
        if entries is not None
        else f"(int) Math.ceil({_dividend(size)} / 0.75)"
    )
    load_factor = "".join(f", {made.file.text(*other.span)}" for other in rest)
    return _sized(made, f"{made.spelling}({argument}{load_factor})", argument)


def _factory(made: Construction) -> str | None:
    """`Maps.newHashMapWithExpectedSize` and its like, of Guava, Spring or the project, if in reach."""
    from alloclint.languages.java import FACTORIES, FACTORY_PACKAGE

    for (owner, _), (name, factory) in FACTORIES.items():
        if name == made.collection.name and made.file.facts.types.imports.get(owner) == (
            *FACTORY_PACKAGE,
            owner,
        ):
            return _called(made, owner, factory.rpartition(".")[2])
    other = other_factory(made)
    return _called(made, *other) if other is not None else None


def _called(made: Construction, owner: str, method: str) -> str:
    generics = _generics(made)
    return f"{owner}.<{generics}>{method}" if generics else f"{owner}.{method}"


def _generics(made: Construction) -> str:
    """The type arguments as written, without their brackets; empty for a diamond."""
    arguments = made.type.args if made.type is not None else ()
    return made.file.text(arguments[0].start, arguments[-1].end) if arguments else ""


def _dividend(size: str) -> str:
    """The size as it stands before a division: in parentheses where its outermost operator binds weaker."""
    depth = 0
    for character in size:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in "+-?<>&|^":
            return f"({size})"
    return size
