"""
What annotated Python code imports at run time; it needs nothing else of this package.

    index: Annotated[dict[str, int], Cardinality(1_000_000, growth="10k/day")] = {}
"""

from __future__ import annotations


class Cardinality:
    """
    How many entries the annotated collection is expected to hold, at least 1.

    `headroom` is a factor of at least 1, `growth` a rate such as "2.5M/day", `entry` the bytes of one entry
    ("32B" or 32). Nothing is checked at run time: the linter reads the source and reports its faults.
    """

    __slots__ = ("entry", "expect", "growth", "headroom")

    def __init__(
        self,
        expect: int | str,
        headroom: float = 1,
        growth: str | None = None,
        entry: int | str | None = None,
    ) -> None:
        self.expect = expect
        self.headroom = headroom
        self.growth = growth
        self.entry = entry

    def __repr__(self) -> str:
        return f"Cardinality({self.expect!r}, {self.headroom!r}, {self.growth!r}, {self.entry!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cardinality) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _values(self) -> tuple[object, ...]:
        return self.expect, self.headroom, self.growth, self.entry
