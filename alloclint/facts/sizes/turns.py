"""Turns: how often something runs, as a symbolic size that is exact, an upper bound, or unknown."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.size import Bound, Size


@dataclass(frozen=True, slots=True)
class Trip:
    """
    A number of turns. `unique` are the names that are different at each turn: keys of a map, an index, the
    elements of a set. `reason` says why a count is not known.
    """

    size: Size | None
    bound: Bound = Bound.exact
    reason: str = ""
    unique: frozenset[str] = frozenset()
    shape: str = "items"  # items, entries (of a map), unique, indexed

    def but(self, size: Size | None = None, bound: Bound = Bound.exact, shape: str | None = None) -> Trip:
        return Trip(size or self.size, max(self.bound, bound), self.reason, self.unique, shape or self.shape)


def unknown(reason: str) -> Trip:
    return Trip(None, Bound.unknown, reason)
