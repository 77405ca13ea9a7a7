"""A collection that is made only to be counted, searched, gone through once, or to give away one element."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.finding import Edit


@dataclass(frozen=True, slots=True)
class Needless:
    """
    `span` is what makes the collection, `what` it is only made for, in words; `text` is what to write
    instead, `edits` do it where that is mechanical. `cost` says what was measured, in a few words.
    """

    span: tuple[int, int]
    what: str
    text: str
    cost: str
    edits: tuple[Edit, ...] = ()
