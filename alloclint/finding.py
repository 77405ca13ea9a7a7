"""
What a rule reports, and how serious it is.

A rule yields a `Finding` without code, name and severity; the engine fills these in, grades it by its
evidence, and numbers it. Everything here is a value: it is sorted, pickled, compared and printed, never
changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Severity(IntEnum):
    """How much it matters; `info` is hidden unless asked for."""

    info = 1
    warning = 2
    error = 3


class Confidence(Enum):
    """exact: the size is what the code will insert · at_most: an upper bound · advice: a rule of thumb."""

    exact = "exact"
    at_most = "at-most"
    advice = "advice"


class Applicability(Enum):
    """
    safe: exact and nothing else changes · unsafe: behaviour may change · display: to be read, not applied.
    """

    safe = "safe"
    unsafe = "unsafe"
    display = "display"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """1-based line and column (columns count UTF-8 bytes) and the byte offset they stand for."""

    line: int
    column: int
    offset: int


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a file, `end` exclusive, with a few words on what it is."""

    path: str
    start: Position
    end: Position
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes `start`..`end` (exclusive) of the finding's file by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """The number to type: as an expression of the host language and, where it is known, as a value."""

    expression: str
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to write instead."""

    text: str
    capacity: Capacity | None = None
    applicability: Applicability = Applicability.display
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What the change saves, from the capacity model: growth steps and bytes allocated on the way."""

    reallocations: int
    bytes: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing to change, with the reason.

    `expected` is the annotated or measured number of entries, `heat` why the code is hot, `cold` why it is
    not: they grade the severity. `because` are further places that explain the finding. `also` names rules of
    other linters that report the same code by default, as `ruff RUF015`; `alloclint.overlap` lists them all.
    `base` replaces the rule's base severity where a rule knows cases of different weight.
    """

    place: Place
    message: str
    confidence: Confidence = Confidence.exact
    evidence: str | None = None
    suggestion: Suggestion | None = None
    because: tuple[Place, ...] = ()
    cost: Cost | None = None
    expected: int | None = None
    heat: str | None = None
    cold: str | None = None
    also: tuple[str, ...] = ()
    base: Severity | None = None
    code: str = ""
    name: str = ""
    severity: Severity = Severity.info
    fingerprint: str = ""

    @property
    def path(self) -> str:
        return self.place.path

    def order(self) -> tuple[str, int, int, str, str]:
        start, end = self.place.start, self.place.end
        return self.path, start.offset, end.offset, self.code, self.message


def grade(base: Severity, finding: Finding, error_entries: int) -> Severity:
    """
    The severity of a finding, from its rule's base severity, or its own, and its evidence.

    An upper bound or advice is only `info`; heat raises by one step and cold code lowers by one;
    an expected number of entries of at least `error_entries` is an error, a smaller one never is.
    """
    base = finding.base or base
    severity = base
    if finding.expected is not None and base is not Severity.info:
        large = finding.expected >= error_entries
        severity = Severity.error if large and base is Severity.error else min(base, Severity.warning)
    elif finding.confidence is not Confidence.exact and base is not Severity.error:
        severity = Severity.info
    if finding.heat is not None:
        severity = Severity(min(severity + 1, Severity.error))
    elif finding.cold is not None:
        severity = Severity(max(severity - 1, Severity.info))
    return severity
