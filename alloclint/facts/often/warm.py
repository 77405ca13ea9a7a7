"""
Warm code: marked as hot or allocation-free, or run per frame, record, element or comparison by contract.

Only there are a few bytes a time worth a word. A request is no evidence: it takes far longer than they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.often.heat import Heat
from alloclint.facts.often.served import PER_REQUEST, served

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.facts.names.calls import Site
    from alloclint.file import File
    from alloclint.syntax import model as m


def warm_functions(file: File) -> Iterator[Function]:
    """The functions that are warm, or that something inside is marked in; no other is walked."""
    marked = [node.start for node, (kind, *_) in file.facts.annotations.heats if kind != "cold"]
    for declaration in file.unit.functions:
        if _is_marked(declaration, marked) or _by_contract(declaration, file) is not None:
            yield file.facts.function_of(declaration)


def warmth(site: Site) -> Heat | None:
    """Why the code at a site is warm; None where it is not."""
    heat = site.file.facts.heat(site)
    return heat if heat.hot is not None or heat.often not in (None, PER_REQUEST) else None


def _is_marked(declaration: m.Function, marked: list[int]) -> bool:
    owner = declaration.owner
    inside = any(declaration.start <= start < declaration.end for start in marked)
    return inside or (owner is not None and owner.start in marked)


def _by_contract(declaration: m.Function, file: File) -> str | None:
    reason = served(declaration, file)
    return reason if reason != PER_REQUEST else None
