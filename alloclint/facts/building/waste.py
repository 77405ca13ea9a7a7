"""Capacities that are never used: how many entries come at most, and what the unused room takes."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.capacity import CapacityError
from alloclint.facts.building.constructions import Construction
from alloclint.facts.building.evidence import model_of
from alloclint.facts.names.words import words_of
from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.walk.places import roles
from alloclint.size import Bound
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Waste:
    """A constant capacity beside the entries that come; `bytes` is the storage that stays unused."""

    capacity: int
    entries: int
    source: str
    bytes: int


def wasted(built: Construction) -> Waste | None:
    """The unused part of a constant capacity; None where the entries, or their bytes, are not known."""
    model, capacity = model_of(built), built.capacity_value
    if model is None or capacity is None:
        return None
    entries, source = _annotated(built) or _filled(built)
    if entries is None:
        return None
    try:
        held, needed = model.walk(entries, capacity).state.bytes, model.presized(entries).state.bytes
    except CapacityError:
        return None
    if held is None or needed is None:
        return None
    return Waste(capacity, entries, source, held - needed)


def _annotated(built: Construction) -> tuple[int | None, str] | None:
    said = built.cardinality
    return (said.needed, said.source) if said is not None else None


def _filled(built: Construction) -> tuple[int | None, str]:
    """What the function puts in, if nobody else ever can."""
    fill, place = built.fill, built.place
    is_known = fill.size is not None and fill.size.constant is not None and bool(fill.growths)
    if fill.size is None or not is_known or place is None or not place.is_local:
        return None, ""
    trace = built.function.trace
    uses = roles(place, trace, built.file.language, built.collection.kind)
    is_kept = all(role.kind in ("read", "grows") for role in uses if role.use.order > built.event.order)
    return (fill.size.constant, "all that is put in here") if is_kept else (None, "")


def is_sized_under_a_filter(built: Construction) -> bool:
    """Whether an array has room for every turn of a loop that adds only at some."""
    fill, collection = built.fill, built.collection
    is_array = collection.kind in ("list", "deque", "heap") and collection.argument == "elements"
    if not is_array or not collection.eager or fill.size is None:
        return False
    if fill.bound is not Bound.at_most or fill.size != built.capacity_size:
        return False
    constant = fill.size.constant
    is_large = constant is None or constant >= built.file.limits.min_constant
    return is_large and adds_rarely(built) and not _adds_unless_it_fails(built)


def _adds_unless_it_fails(built: Construction) -> bool:
    """An entry that is only missing after an exception is rarely missing."""
    frames = (frame for growth in built.fill.growths for frame in growth.frame.within(built.event.frame))
    return any(frame.kind == "try" for frame in frames)


def adds_rarely(built: Construction) -> bool:
    """
    Whether everything that adds stands behind a test that few pass, by the look of it: for equality, a type,
    a variant, a failure. One for null, emptiness or an order tells nothing of how many pass.
    """
    growths = built.fill.growths
    return bool(growths) and all(_is_selected(growth, built) for growth in growths)


def _is_selected(growth: Growth, built: Construction) -> bool:
    return any(
        _is_selective(frame.node.arms[frame.arm], frame.node)
        for frame in growth.frame.within(built.event.frame)
        if frame.kind == "arm" and isinstance(frame.node, m.Branch)
    )


def _is_selective(arm: m.Arm, branch: m.Branch) -> bool:
    if arm.test is not None and _selects(arm.test):
        return True
    variants = [pattern.constructor[-1:] for pattern in arm.patterns if pattern.constructor]
    return branch.kind == "if" and bool(variants) and all(one[0] not in _USUAL for one in variants)


def _selects(test: m.Expr) -> bool:
    if isinstance(test, m.Binary):
        if test.op in ("&&", "and"):
            return _selects(test.left) or _selects(test.right)
        sides = (test.left, test.right)
        is_null = any(isinstance(side, m.Literal) and side.kind in ("null", "bool") for side in sides)
        return test.op == "instanceof" or (test.op == "==" and not is_null)
    if not isinstance(test, m.Call):
        return False
    return test.last in _EQUAL or bool(_FAILED & set(words_of(test.last)))


#: Variants of which most values are.
_USUAL = {"Some", "Ok"}
_EQUAL = {"equals", "equalsIgnoreCase", "contentEquals", "eq", "eq_ignore_ascii_case", "matches"}
_FAILED = {
    "failure",
    "failed",
    "err",
    "error",
    "invalid",
    "deprecated",
    "missing",
    "stale",
    "expired",
    "none",
}
