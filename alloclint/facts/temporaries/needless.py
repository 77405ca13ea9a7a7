"""A collection that is made only to be counted, searched, gone through once, or to give away one element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Edit

Form = Literal["sorted", "first", "any", "lines"]


@dataclass(frozen=True, slots=True)
class Needless:
    """
    `span` is what makes the collection, `what` it is only made for, in words; `text` is what to write
    instead, `edits` do it where that is mechanical. `cost` says what was measured, in a few words. `form`
    names the pattern, where others know it as well: sorted, first, any, lines.
    """

    span: tuple[int, int]
    what: str
    text: str
    cost: str
    edits: tuple[Edit, ...] = ()
    form: Form | None = None
