"""Functions and loops that are marked to allocate nothing, and the functions they are part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.finding import Place
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File

#: Annotations that take a function out of what is said of its type.
_EXEMPT = {"IgnoreAllocations", "AllocationAllowed"}


@dataclass(frozen=True, slots=True)
class Promise:
    """
    The promise that the bytes `start`..`end` of a function allocate nothing.

    `name` is for a message (`` `next` ``, ``a loop of `next` ``), `short` for a chain of calls.
    """

    function: Function
    start: int
    end: int
    name: str
    short: str
    reason: str
    place: Place

    def covers(self, start: int, end: int) -> bool:
        return self.start <= start and end <= self.end


def promises(file: File) -> list[Promise]:
    """Every promise in a file, in the order of its functions."""
    marks = file.facts.annotations
    if not any(kind == "no-alloc" for _, (kind, _, _) in marks.heats):
        return []
    loops = [(node, mark) for node, mark in marks.heats if mark[0] == "no-alloc" and _is_part(node)]
    found = []
    for declaration in file.unit.functions:
        mark = marks.no_alloc_of(declaration)
        if mark is None and declaration.owner is not None and not _is_exempt(declaration):
            mark = marks.no_alloc_of(declaration.owner)
        if mark is not None:
            found.append(_promise(file, declaration, declaration, mark[1], mark[2]))
            continue
        for node, (_, reason, span) in loops:
            if (
                declaration.start <= node.start
                and node.end <= declaration.end
                and _is_innermost(node, declaration, file)
            ):
                found.append(_promise(file, declaration, node, reason, span))
    return found


def _is_part(node: m.Node) -> bool:
    return not isinstance(node, m.Function | m.TypeDecl)


def _is_exempt(declaration: m.Function) -> bool:
    constructs = declaration.owner is not None and declaration.name in (
        declaration.owner.name,
        "__init__",
        "<init>",
    )
    return constructs or any(attribute.last in _EXEMPT for attribute in declaration.attributes)


def _is_innermost(node: m.Node, declaration: m.Function, file: File) -> bool:
    """A module's statements contain those of its functions."""
    return not any(
        other is not declaration
        and declaration.start <= other.start <= node.start
        and node.end <= other.end <= declaration.end
        for other in file.unit.functions
    )


def _promise(
    file: File, declaration: m.Function, node: m.Node, reason: str, span: tuple[int, int]
) -> Promise:
    name = f"`{declaration.name}`" if node is declaration else f"a loop of `{declaration.name}`"
    place = file.place(*span, "promised here")
    return Promise(file.facts.function_of(declaration), *node.span, name, declaration.name, reason, place)
