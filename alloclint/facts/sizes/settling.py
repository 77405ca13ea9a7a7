"""Settling: a size that a loop shows, as it can be written where the collection is built."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alloclint import size as sizes
from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.walk.changes import changes_between, is_taken, viewed_by
from alloclint.facts.walk.places import Place, spellings
from alloclint.facts.walk.scopes import LoopFact, Use
from alloclint.size import Atom, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.sizes.growth import Filling


def settle(filling: Filling, size: Size, growths: Sequence[Growth], end: int) -> Size | None:
    """
    The size as it can be written at the construction; None where a name in it is not there yet, changes
    until `end`, or is only safe to read under a lock that is taken in between.
    """
    if filling.trips.language.name == "java" and _is_locked(filling, growths) and _is_shared(size):
        return None
    return size.substitute(lambda atom: _settled_atom(filling, atom, end, 0))


def _is_locked(filling: Filling, growths: Sequence[Growth]) -> bool:
    """Java: whether a lock is taken after the construction and before it is filled."""
    first = min(growth.order for growth in growths)
    calls = filling.trace.calls_between(filling.order, first)
    if any(isinstance(event.node, m.Call) and event.node.last in _LOCKING for event in calls):
        return True
    built_at = filling.skip.start if filling.skip is not None else sys.maxsize
    return any(_is_synchronized(growth, built_at) for growth in growths)


def _is_synchronized(growth: Growth, built_at: int) -> bool:
    """Whether a `synchronized` block that begins after the construction stands around an operation."""
    link = growth.role.use.around
    while link is not None:
        node = link.node
        if isinstance(node, m.Block) and node.kind == "sync" and node.start > built_at:
            return True
        link = link.up
    return False


def _is_shared(size: Size) -> bool:
    """Whether a size asks anything for its length that others may change: all but a local number."""
    return any(
        atom.kind == "length" or not isinstance(atom.root, Place) or atom.root.binding.kind != "local"
        for atom in size.atoms()
        if atom.root is not None
    )


_LOCKING = {"lock", "lockInterruptibly", "tryLock", "readLock", "writeLock", "acquire"}


def last_asked(filling: Filling, growths: Sequence[Growth], loops: Sequence[LoopFact]) -> int:
    """
    The point up to which the names in the size must not change: what is asked at every turn, until the
    last one.
    """
    counts_once = all(
        len(list(filling.loops_around(growth))) <= 1
        and growth.amount is not None
        and growth.amount.constant is not None
        for growth in growths
    )
    return (
        max((loop.start for loop in loops), default=filling.order)
        if counts_once
        else filling.horizon(growths)
    )


def _settled_atom(filling: Filling, atom: Atom, end: int, depth: int) -> Size | None:
    place = atom.root
    if not isinstance(place, Place):
        return sizes.of(atom)
    binding = place.binding
    visible = binding.order <= filling.order and filling.scope.lookup(binding.name, filling.order) is binding
    if visible and place != filling.place:
        stable = not changes_between(
            place, filling.order, end, filling.trace, filling.trips.language, length=atom.kind == "length"
        ) and not _viewed_changes(filling, atom, place, end)
        usable = not _tested_for_null(filling, place, end) and not (
            filling.is_rust and is_taken(place, filling.order, filling.trace)
        )
        return sizes.of(atom) if stable and usable else None
    return _defined(filling, atom, place, end, depth)


def _viewed_changes(filling: Filling, atom: Atom, place: Place, end: int) -> bool:
    """Java: `Set<K> keys = map.keySet()` changes with the map."""
    binding = place.binding
    viewed = viewed_by(binding) if atom.kind == "length" and not place.fields else None
    return viewed is not None and changes_between(
        viewed, filling.order, end, filling.trace, filling.trips.language, length=True
    )


def _defined(filling: Filling, atom: Atom, place: Place, end: int, depth: int) -> Size | None:
    """A local that is declared later, but once, is replaced by its definition."""
    binding = place.binding
    if (
        depth > 3
        or place.fields
        or binding.kind != "local"
        or binding.assigned
        or binding.value is None
        or binding.scope is None
    ):
        return None
    if atom.kind == "value":
        found = filling.trips.integers.value(binding.value, binding.scope, binding.valued)
    else:
        if changes_between(place, binding.order, end, filling.trace, filling.trips.language, length=True):
            return None
        found = filling.trips.elements(binding.value, binding.scope, binding.valued).size
    return (
        found.substitute(lambda inner: _settled_atom(filling, inner, end, depth + 1))
        if found is not None
        else None
    )


def _tested_for_null(filling: Filling, place: Place, end: int) -> bool:
    """Java: what is compared with null only later could be null where the collection is built."""
    if filling.trips.language.name != "java":
        return False
    return any(
        filling.order < use.order < end and _is_null_test(use)
        for spelled in spellings(place, filling.trace)
        for use in filling.trace.uses_of(spelled.binding)
    )


def _is_null_test(use: Use) -> bool:
    """Whether a name, or a field of it, is compared with null or given to something that does so."""
    around = use.around
    while around is not None and isinstance(around.node, m.Field | m.Cast):
        around = around.up
    node = around.node if around is not None else None
    if isinstance(node, m.Binary) and node.op in ("==", "!="):
        return any(isinstance(side, m.Literal) and side.kind == "null" for side in (node.left, node.right))
    if not isinstance(node, m.Call) or use.expr is None:
        return False
    given = any(argument.start <= use.expr.start < argument.end for argument in node.args)
    return given and node.last in _ASKING_FOR_NULL


_ASKING_FOR_NULL = {
    "requireNonNull", "checkNotNull", "notNull", "isNull", "nonNull", "isEmpty", "isNotEmpty",
    "isBlank", "isNotBlank", "isNullOrEmpty", "hasText", "hasLength", "ofNullable", "requireNonNullElse",
    "getLength",
}  # fmt: skip
