"""Heat: why code is hot or cold, in words, with the place that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.often.callers import called_once, only_asserted, only_failing
from alloclint.facts.often.failing import failing
from alloclint.facts.often.guarded import guarded
from alloclint.facts.often.missing import filled_once
from alloclint.facts.often.named import cold_by_name
from alloclint.facts.often.once import entered_once, once_only, runs_at_most_once
from alloclint.facts.often.served import served
from alloclint.facts.often.starting import starting
from alloclint.finding import Place

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction, Function
    from alloclint.facts.names.calls import Site
    from alloclint.facts.walk.scopes import Event
    from alloclint.file import File


@dataclass(frozen=True, slots=True)
class Heat:
    """
    `hot` and `cold` are reasons; at most one is set. `place` is where it is written, if it is.

    `often` is a weaker reason than `hot`: a contract says that the code runs once per request, record,
    frame or comparison. It decides whether advice is worth giving, and makes nothing an error.
    """

    hot: str | None = None
    cold: str | None = None
    place: Place | None = None
    often: str | None = None


def heat_at(file: File, subject: Construction | Site | Function) -> Heat:
    """
    The nearest mark around: of a loop, the function, its type; then what is known of code that runs once or
    hardly ever, and of functions that somebody calls again and again. What initialises a static in a hot
    function is not hot.
    """
    function = subject.function if hasattr(subject, "function") else subject
    event: Event | None = getattr(subject, "event", None)
    declaration = function.declaration
    marked = _marked(file, event, declaration)
    if marked is not None and (marked.hot is None or event is None or not runs_at_most_once(event)):
        return marked
    if not _is_filled_here(subject):
        expected = getattr(subject, "cardinality", None) is not None
        once = entered_once(function) if not expected else None
        often = served(declaration, file) if once is None else None
        if once is None and often is None and not expected:
            once = cold_by_name(declaration, file)
        return Heat(cold=once, often=often)
    rare = _rarely(function, event)
    if rare is not None:
        return Heat(cold=rare)
    often = served(declaration, file)
    if often is not None:
        return Heat(often=often)
    return Heat(cold=starting(declaration, file) or cold_by_name(declaration, file))


def _is_filled_here(subject: Construction | Site | Function) -> bool:
    """
    Whether code around it tells how often it costs: where a collection is built says nothing of how often it
    grows elsewhere, and what its authors expect in it they expect however often it is built.
    """
    place, fill = getattr(subject, "place", None), getattr(subject, "fill", None)
    if fill is None:
        return True
    is_local = place is not None and place.is_local
    return getattr(subject, "cardinality", None) is None and (is_local or bool(fill.growths))


def _rarely(function: Function, event: Event | None) -> str | None:
    """Why code runs once in a process, or hardly ever in production."""
    if event is not None:
        rare = guarded(function, event) or failing(function, event)
        filled = filled_once(event) if rare is None else None
        if rare is not None or filled is not None:
            return rare or f"`{filled}` is filled in once"
    return once_only(function, event) or _by_callers(function)


def _by_callers(function: Function) -> str | None:
    """What all callers of a function have in common: they run once, fail, or assert something."""
    return called_once(function) or only_failing(function) or only_asserted(function)


def _marked(file: File, event: Event | None, declaration: object) -> Heat | None:
    marks = file.facts.annotations
    around = [frame.node for frame in event.frame.within(None)] if event is not None else []
    for node in (*around, declaration, getattr(declaration, "owner", None)):
        mark = marks.heat_of(node) if node is not None else None  # type: ignore[arg-type]
        if mark is not None:
            kind, reason, span = mark
            place = file.place(*span, f"marked {kind} here")
            return Heat(cold=reason, place=place) if kind == "cold" else Heat(hot=reason, place=place)
    return None
