"""Requirements on versions, as Cargo reads them: `1.2`, `^0.1.49`, `~1.2`, `=0.1.48`, `>=1, <3`, `0.1.*`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

Version = tuple[int, int, int]

_COMPARATOR = re.compile(r"(\^|~|=|>=|<=|>|<)?\s*v?(\d+|[*xX])(?:\.(\d+|[*xX]))?(?:\.(\d+|[*xX]))?([-+].*)?")
_HIGHEST = 2**31


@dataclass(frozen=True, slots=True)
class Requirement:
    """The versions from `lowest` on and below `below` (exclusive), and whether it is pinned by `=`."""

    lowest: Version
    below: Version
    pinned: bool

    def admits(self, version: Version) -> bool:
        return self.lowest <= version < self.below


@lru_cache(maxsize=4096)
def read(text: str) -> Requirement | None:
    """A requirement; None for what is none, and for versions before a release (`1.0.0-rc.1`)."""
    parts = [_comparator(part.strip()) for part in text.split(",") if part.strip()]
    known = [part for part in parts if part is not None]
    if not parts or len(known) != len(parts):
        return None
    return Requirement(
        max(one.lowest for one in known),
        min(one.below for one in known),
        any(one.pinned for one in known),
    )


def _comparator(text: str) -> Requirement | None:
    match = _COMPARATOR.fullmatch(text)
    if match is None or (match[5] or "").startswith("-"):
        return None
    numbers = [int(one) for one in match.groups()[1:4] if one is not None and one.isdecimal()]
    operator = match[1] or ("=" if any(one in "*xX" for one in match.groups()[1:4] if one) else "^")
    lowest = _filled(numbers)
    if operator in (">=", ">"):
        start = lowest if operator == ">=" else _after(numbers)
        return Requirement(start, _filled([_HIGHEST]), False)
    if operator in ("<", "<="):
        return Requirement((0, 0, 0), lowest if operator == "<" else _after(numbers), False)
    return Requirement(lowest, _end(operator, numbers), operator == "=" and len(numbers) == 3)


def _end(operator: str, numbers: list[int]) -> Version:
    if operator == "=":
        return _after(numbers)
    if operator == "~":
        return _after(numbers[:2])
    # A caret keeps the first number that is not 0, or the last that is stated.
    fixed = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    return _after(numbers[: fixed + 1])


def _after(numbers: list[int]) -> Version:
    """The first version that does not begin with some numbers."""
    return _filled([*numbers[:-1], numbers[-1] + 1] if numbers else [_HIGHEST])


def _filled(numbers: list[int]) -> Version:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch
