"""Findings of a text, moved to where they stand in an edited one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alloclint.file import File
from alloclint.finding import Applicability, Edit, Finding, Place, Suggestion
from alloclint.server.document import Stretch


def shifted(findings: Iterable[Finding], edited: Stretch, file: File) -> list[Finding]:
    """
    The findings as they stand in `file`, which came out of their own text by one edit. What the edit touched
    is left out: nobody knows what became of it.
    """
    mover = _Mover(edited, file)
    return [moved for finding in findings if (moved := mover.finding(finding)) is not None]


class _Mover:
    def __init__(self, edited: Stretch, file: File) -> None:
        self._edited, self._file = edited, file

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        edited = self._edited
        if end <= edited.start:
            return start, end
        if start >= edited.old_end:
            return start + edited.delta, end + edited.delta
        return None

    def finding(self, finding: Finding) -> Finding | None:
        place = self.place(finding.place)
        if place is None:
            return None
        because = tuple(moved for one in finding.because if (moved := self.place(one)) is not None)
        return replace(finding, place=place, because=because, suggestion=self.suggestion(finding.suggestion))

    def place(self, place: Place) -> Place | None:
        if place.path != self._file.path:
            return place
        span = self.span(place.start.offset, place.end.offset)
        return self._file.place(*span, place.text) if span is not None else None

    def suggestion(self, suggestion: Suggestion | None) -> Suggestion | None:
        if suggestion is None or not suggestion.edits:
            return suggestion
        edits = []
        for edit in suggestion.edits:
            span = self.span(edit.start, edit.end)
            if span is None:
                return replace(suggestion, edits=(), applicability=Applicability.display)
            edits.append(Edit(*span, edit.text))
        return replace(suggestion, edits=tuple(edits))
