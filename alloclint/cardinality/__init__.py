"""How many entries a collection will hold, as its authors say: in a comment, an annotation, a sidecar."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Cardinality:
    """
    An expected number of entries and where it is written.

    Either `expect` (at least 1) or `expression` (of the host language) is set, or neither where only a metric
    is named. `headroom` is at least 1. `maximum` marks a bound that a validator enforces: never more, perhaps
    far fewer. `source` is one line of evidence; `path`, `start` and `end` (bytes) say where it stands.
    """

    expect: int | None = None
    expression: str | None = None
    headroom: Fraction = Fraction(1)
    growth_per_day: Fraction | None = None
    entry_bytes: int | None = None
    maximum: bool = False
    metric: str | None = None
    source: str = ""
    path: str = ""
    start: int = 0
    end: int = 0
    language: str = ""

    @property
    def needed(self) -> int | None:
        """The capacity to ask for: the expected number of entries times the headroom, rounded up."""
        if self.expect is None:
            return None
        return -(-self.expect * self.headroom.numerator // self.headroom.denominator)

    @property
    def expression_needed(self) -> str | None:
        """The same in the integer arithmetic of the host language: `base * 3`, `(a + b) * 3 / 2`."""
        if self.expression is None or self.headroom == 1:
            return self.expression
        factor = self.expression if is_operand(self.expression) else f"({self.expression})"
        product = f"{factor} * {self.headroom.numerator}"
        if self.headroom.denominator == 1:
            return product
        divide = "//" if self.language == "python" else "/"
        return f"{product} {divide} {self.headroom.denominator}"


def is_operand(expression: str) -> bool:
    """Whether it needs no parentheses as a factor: a name, a path, a call, a literal."""
    depth = 0
    for character in expression:
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and not (character.isalnum() or character in "_.:"):
            return False
    return True
