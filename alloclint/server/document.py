"""An open text: its bytes, its version, and the edits that a tree of an earlier version must be told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol.types import (
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
)

from alloclint.server.text import Encoding, Lines, difference

if TYPE_CHECKING:
    import tree_sitter

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The bytes `start`..`old_end` of a text became `start`..`new_end` of a later one."""

    start: int
    old_end: int
    new_end: int

    @property
    def delta(self) -> int:
        return self.new_end - self.old_end

    def then(self, later: Stretch) -> Stretch:
        """Both, one after the other, as one."""
        end = max(self.new_end, later.old_end)
        return Stretch(min(self.start, later.start), self.old_end + end - self.new_end, end + later.delta)


@dataclass(frozen=True, slots=True)
class Change:
    """One edit, numbered, with the rows and columns that a parser wants to know."""

    number: int
    stretch: Stretch
    start: Point
    old_end: Point
    new_end: Point

    def tell(self, tree: tree_sitter.Tree) -> None:
        """Move what stands behind the edit in a tree of the text before."""
        bounds = self.stretch
        tree.edit(bounds.start, bounds.old_end, bounds.new_end, self.start, self.old_end, self.new_end)


@dataclass(frozen=True)
class Snapshot:
    """
    A text at one moment, which any thread may look at.

    `changes` are those behind the one numbered `base`, the last of which is numbered `number`.
    """

    uri: str
    language_id: str
    version: int
    source: bytes
    encoding: Encoding
    number: int = 0
    base: int = 0
    changes: tuple[Change, ...] = ()

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.source, self.encoding)

    def since(self, number: int) -> tuple[Change, ...] | None:
        """The changes behind a numbered one; None where they are no longer known."""
        if not self.base <= number <= self.number:
            return None
        return self.changes[len(self.changes) - (self.number - number) :] if number < self.number else ()


class Document:
    """An open text, as the editor changes it."""

    def __init__(self, uri: str, language_id: str, version: int, text: str, encoding: Encoding) -> None:
        self._now = Snapshot(uri, language_id, version, _encoded(text), encoding)

    @property
    def now(self) -> Snapshot:
        return self._now

    def change(self, version: int, events: Sequence[TextDocumentContentChangeEvent]) -> None:
        """Take the edits of one notification, in their order."""
        for event in events:
            self._now = _changed(self._now, event)
        self._now = _same_text(self._now, replace(self._now, version=version))

    def settled(self, number: int) -> None:
        """Forget the changes up to a numbered one: nobody will ask for what came before."""
        now = self._now
        if number > now.base:
            changes = tuple(one for one in now.changes if one.number > number)
            self._now = _same_text(now, replace(now, base=number, changes=changes))


def _same_text(before: Snapshot, after: Snapshot) -> Snapshot:
    """The later snapshot with what was computed of the text of the earlier one."""
    if "lines" in before.__dict__:
        after.__dict__["lines"] = before.lines
    return after


def _changed(before: Snapshot, event: TextDocumentContentChangeEvent) -> Snapshot:
    text = _encoded(event.text)
    if isinstance(event, TextDocumentContentChangePartial):
        ends = before.lines.offset(event.range.start), before.lines.offset(event.range.end)
        stretch = Stretch(min(ends), max(ends), min(ends) + len(text))
        source = before.source[: stretch.start] + text + before.source[stretch.old_end :]
    else:
        source = text
        stretch = Stretch(*difference(before.source, source))
    points = (
        _point(before.source, stretch.start),
        _point(before.source, stretch.old_end),
        _point(source, stretch.new_end),
    )
    change = Change(before.number + 1, stretch, *points)
    return replace(before, source=source, number=change.number, changes=(*before.changes, change))


def _point(source: bytes, offset: int) -> Point:
    """The row and the column in bytes, as the parser counts them."""
    return source.count(b"\n", 0, offset), offset - source.rfind(b"\n", 0, offset) - 1


def _encoded(text: str) -> bytes:
    # Half of a pair of surrogates has no bytes; any character of one unit will do.
    return text.encode("utf-8", "replace")
