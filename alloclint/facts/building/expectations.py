"""
What an expected number of entries means for a construction: the capacity to write, the next doublings, the
day.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from alloclint.capacity import CapacityError, Forecast, forecast
from alloclint.capacity.quantity import human_bytes, human_count
from alloclint.cardinality import Cardinality, is_operand
from alloclint.facts.building.constructions import Construction
from alloclint.facts.building.entries import entry_bytes, modelled_as
from alloclint.finding import Applicability, Capacity, Place, Suggestion
from alloclint.size import group_digits


@dataclass(frozen=True, slots=True)
class Expectation:
    """A construction and what is expected of it."""

    built: Construction
    said: Cardinality

    @property
    def entries(self) -> int | None:
        """The expected number of entries, without headroom."""
        return self.said.expect

    def in_words(self) -> str:
        """`58,700,000 entries` or `base_index_size entries`."""
        return (
            f"{human_count(self.said.expect)} entries"
            if self.said.expect is not None
            else f"`{self.said.expression}` entries"
        )

    def evidence(self, ahead: Forecast | None = None) -> str:
        """What is expected, who says so and, with a forecast, how the collection stands then."""
        headroom = f", headroom {float(self.said.headroom):g}" if self.said.headroom != 1 else ""
        growth = f"; {growth_in_words(ahead)}" if ahead is not None else ""
        return f"{self.in_words()}{headroom}: {self.said.source}{growth}"

    def place(self) -> tuple[Place, ...]:
        """Where it is said, if that is in this file."""
        file = self.built.file
        if (
            self.said.path != file.path
            or self.said.end <= self.said.start
            or self.said.end > len(file.source)
        ):
            return ()
        return (file.place(self.said.start, self.said.end, "expected here"),)

    def suggestion(self, *, days: int = 0) -> Suggestion | None:
        """
        The construction with room for what is expected, with headroom and for at least so many days of
        growth; None where none can be written.
        """
        needed = self.said.needed
        if needed is not None and self.said.expect is not None and self.said.growth_per_day is not None:
            needed = max(needed, self.said.expect + math.ceil(self.said.growth_per_day * days))
        size = group_digits(needed) if needed is not None else self.said.expression_needed
        if size is None:
            return None
        if needed is None and self._is_long(size):
            size = f"(int) {size if is_operand(size) else f'({size})'}"
        sized = self.built.sized(size, entries=needed)
        if sized is None:
            return None
        visible = needed is not None or self._is_visible(size)
        applicability = Applicability.safe if visible else Applicability.display
        edits = (sized.edit,) if visible else ()
        return Suggestion(sized.text, Capacity(sized.argument, needed), applicability, edits)

    def _is_long(self, expression: str) -> bool:
        """Java: whether a variable of an expression is a `long`, which no constructor takes."""
        built = self.built
        if built.file.language.name != "java":
            return False
        bindings = (built.event.scope.lookup(name, built.event.order) for name in _NAMES.findall(expression))
        types = built.file.facts.types
        found = (types.of_binding(one, built.function.trace) for one in bindings if one is not None)
        return any(type_ is not None and type_.last == "long" for type_ in found)

    def _is_visible(self, expression: str) -> bool:
        """Whether every variable of an expression is there at the construction."""
        scope, order = self.built.event.scope, self.built.event.order
        types = self.built.file.facts.types
        names: list[str] = _NAMES.findall(expression)
        return all(
            scope.lookup(name, order) is not None
            or name in types.statics
            or name in _WORDS
            or name[0].isupper()
            for name in names
        )

    def forecast(self, *, capacity: int | None = None) -> Forecast | None:
        """
        How the collection stands at the expected number of entries; None where its type is not modelled.
        """
        built, model = self.built, modelled_as(self.built)
        if model is None or self.said.expect is None:
            return None
        try:
            return forecast(
                built.file.language.name,
                model,
                self.said.expect,
                entry_bytes=entry_bytes(built),
                growth_per_day=self.said.growth_per_day or 0,
                headroom=self.said.headroom,
                target=built.file.facts.target,
                capacity=capacity,
            )
        except CapacityError:
            return None


_NAMES = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\s*\()")
_WORDS = {"as", "self", "this", "len", "usize", "int", "u64", "u32", "std", "crate"}


def expected_of(built: Construction) -> Expectation | None:
    return Expectation(built, built.cardinality) if built.cardinality is not None else None


def growth_in_words(ahead: Forecast) -> str:
    """
    `1.81 GiB at 58,700,000 entries; full at 58,720,256, then 3.62 GiB more for 117,440,512 (5.44 GiB at the
    peak), in 3 days`.
    """
    now = (
        f"{human_bytes(ahead.bytes)} at {human_count(ahead.entries)} entries"
        if ahead.bytes is not None
        else ""
    )
    if ahead.next_growth_at is None:
        return now
    full = f"full at {human_count(ahead.next_growth_at - 1)}"
    more = f"{human_bytes(ahead.next_bytes)} more" if ahead.next_bytes is not None else "a new block"
    to = f" for {human_count(ahead.next_capacity)}" if ahead.next_capacity is not None else ""
    peak = (
        f" ({human_bytes(ahead.transient_peak_bytes)} at the peak)"
        if ahead.transient_peak_bytes is not None
        else ""
    )
    day = f", in {days_in_words(ahead.days_left)}" if ahead.days_left is not None else ""
    step = f"{full}, then {more}{to}{peak}{day}"
    return f"{now}; {step}" if now else step


def days_in_words(days: float) -> str:
    """`12 minutes`, `7 hours`, `8 days`, `3 years`."""
    if days < 2 / 24:
        return f"{max(1, round(days * 24 * 60))} minutes" if days * 24 * 60 >= 2 else "a minute"
    if days < 2:
        return f"{days * 24:.0f} hours"
    return f"{days:.0f} days" if days < 730 else f"{days / 365:.0f} years"
