"""Capacities that are never used: how many entries come at most, and what the unused room takes."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.capacity import CapacityError
from alloclint.facts.constructions import Construction
from alloclint.facts.evidence import model_of
from alloclint.facts.places import roles
from alloclint.size import Bound


@dataclass(frozen=True, slots=True)
class Waste:
    """A constant capacity beside the entries that come; `bytes` is the storage that stays unused."""

    capacity: int
    entries: int
    source: str
    bytes: int


def wasted(built: Construction) -> Waste | None:
    """The unused part of a constant capacity; None where the entries, or their size in bytes, are not known."""
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
    return Waste(capacity, entries, source, held - needed) if held is not None and needed is not None else None


def _annotated(built: Construction) -> tuple[int | None, str] | None:
    said = built.cardinality
    return (said.needed, said.source) if said is not None else None


def _filled(built: Construction) -> tuple[int | None, str]:
    """What the function puts in, if nobody else ever can."""
    fill, place = built.fill, built.place
    if fill.size is None or fill.size.constant is None or not fill.growths or place is None or not place.is_local:
        return None, ""
    trace = built.function.trace
    uses = roles(place, trace, built.file.language, built.collection.kind)
    is_kept = all(role.kind in ("read", "grows") for role in uses if role.use.order > built.event.order)
    return (fill.size.constant, "all that is put in here") if is_kept else (None, "")


def is_sized_under_a_filter(built: Construction) -> bool:
    """Whether an array has room for every turn of a loop that adds only at some."""
    fill, collection = built.fill, built.collection
    is_array = collection.eager and collection.kind in ("list", "deque", "heap") and collection.argument == "elements"
    if not is_array or fill.size is None or fill.bound is not Bound.at_most or fill.size != built.capacity_size:
        return False
    constant = fill.size.constant
    return constant is None or constant >= built.file.limits.min_constant
