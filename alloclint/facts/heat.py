"""Heat: why code is hot or cold, in words, with the place that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.finding import Place

if TYPE_CHECKING:
    from alloclint.facts.constructions import Construction, Function
    from alloclint.file import File

#: Functions that run once in the life of a process.
_ONCE = {"rust": {"main"}, "java": {"main", "<static>"}, "python": {"main", "<module>"}}


@dataclass(frozen=True, slots=True)
class Heat:
    """`hot` and `cold` are reasons; at most one is set. `place` is where it is written, if it is."""

    hot: str | None = None
    cold: str | None = None
    place: Place | None = None


def heat_at(file: File, subject: Construction | Function) -> Heat:
    """
    The nearest mark around: of a loop, the function, its type; then what is known of functions that run once.
    """
    function = subject.function if hasattr(subject, "function") else subject
    declaration = function.declaration
    marks = file.facts.annotations
    around = [frame.node for frame in subject.event.frame.within(None)] if hasattr(subject, "event") else []
    for node in (*around, declaration, declaration.owner):
        mark = marks.heat_of(node) if node is not None else None
        if mark is not None:
            kind, reason, span = mark
            place = file.place(*span, f"marked {kind} here")
            return Heat(cold=reason, place=place) if kind == "cold" else Heat(hot=reason, place=place)
    if declaration.name in _ONCE[file.language.name] and len(declaration.qualname) <= (
        3 if file.language.name == "java" else 1
    ):
        return Heat(cold=f"`{declaration.name}` runs once")
    return Heat()
