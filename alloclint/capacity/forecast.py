"""Where a collection stands now, when it grows next, what that costs and what to write instead."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from alloclint.capacity.catalogue import known_types, model_for, simple_name
from alloclint.capacity.model import CapacityError, Model, Target

_LANGUAGES = ("java", "python", "rust")


@dataclass(frozen=True, slots=True)
class Forecast:
    """Answers about one collection. Byte figures are None when they depend on an unknown entry size."""

    language: str
    type: str
    entries: int
    entry_bytes: int | None
    capacity: int
    """Entries that fit before the next growth."""
    bytes: int | None
    """Bytes held at ``entries``: storage, and outside entries as far as their size is known."""
    next_growth_at: int | None
    """The length whose insertion grows the storage; None if it never grows again."""
    next_capacity: int | None
    next_bytes: int | None
    transient_peak_bytes: int | None
    """Bytes live during the next growth, old and new storage together."""
    reallocations: int
    """Growths on the way from construction to ``entries``."""
    days_left: float | None
    """Days until ``next_growth_at``; None when nothing is growing."""
    suggestion: str | None
    """Source text that makes room for ``entries`` times the headroom; None if the language has none."""


def forecast(
    language: str,
    type_name: str,
    entries: int,
    *,
    entry_bytes: int | None = None,
    growth_per_day: float | Fraction = 0.0,
    headroom: float | str | Decimal | Fraction = 1.0,
    target: Target | None = None,
    capacity: int | None = None,
) -> Forecast:
    """Forecast a collection that was filled one by one with ``entries`` entries.

    ``capacity`` is the constructor's capacity argument in the code; None means there is none. ``headroom`` is
    taken as it is written, so 1.1 times 10 is 11. Raises CapacityError for unknown types, negative numbers,
    a headroom of 0 and collections larger than the runtime allows.
    """
    _check(entries, capacity)
    rate, factor = _rate(growth_per_day), _headroom(headroom)
    model = _model(language, type_name, entry_bytes, target)
    walk = model.walk(entries, capacity)
    larger = model.next_state(walk.state)
    at = model.next_growth_at(walk.state)
    return Forecast(
        language=language,
        type=model.type_name,
        entries=entries,
        entry_bytes=entry_bytes,
        capacity=walk.state.capacity,
        bytes=model.bytes_of(walk.state, entries),
        next_growth_at=at,
        next_capacity=larger.capacity if larger else None,
        next_bytes=model.bytes_of(larger, at or 0) if larger else None,
        transient_peak_bytes=model.peak_of_growth(walk.state),
        reallocations=walk.growths,
        days_left=float((at - entries) / rate) if at and rate > 0 else None,
        suggestion=_suggestion(model, math.ceil(entries * factor)),
    )


def _check(entries: int, capacity: int | None) -> None:
    if entries < 0:
        raise CapacityError(f"{entries} entries cannot exist; pass 0 or more")
    if capacity is not None and capacity < 0:
        raise CapacityError(f"a capacity of {capacity} cannot exist; pass 0 or more")


def _model(language: str, type_name: str, entry_bytes: int | None, target: Target | None) -> Model:
    if language not in _LANGUAGES:
        raise CapacityError(f"no language {language!r}; {_nearest(language, _LANGUAGES)}")
    model = model_for(language, type_name, entry_bytes, target)
    if model is None:
        nearest = _nearest(simple_name(type_name), known_types(language))
        raise CapacityError(f"no growth model for the {language} type {type_name!r}; {nearest}")
    return model


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name.lower(), [item.lower() for item in known], n=1)
    if close:
        return f"did you mean {next(item for item in known if item.lower() == close[0])}?"
    return f"known are {', '.join(known)}"


def _rate(value: float | Fraction) -> Fraction:
    rate = _exact(value, "growth per day")
    if rate < 0:
        raise CapacityError(f"a growth of {value} per day shrinks the collection; pass 0 or more")
    return rate


def _headroom(value: float | str | Decimal | Fraction) -> Fraction:
    factor = _exact(value, "headroom")
    if factor <= 0:
        raise CapacityError(f"headroom {value} leaves no room; pass a factor above 0, such as 1.5")
    return factor


def _exact(value: float | str | Decimal | Fraction, what: str) -> Fraction:
    """``value`` as it is written: the float 1.1 is eleven tenths, not the binary number next to it."""
    try:
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise CapacityError(f"{what} {value} is not a number; pass one such as 1.5") from None


def _suggestion(model: Model, entries: int) -> str | None:
    try:
        model.presized(entries)
    except CapacityError:
        # The headroom asks for more than one collection can hold; no constructor would help.
        return None
    return model.constructor(entries)
