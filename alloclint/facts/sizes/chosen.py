"""
Chosen numbers: the greatest of the constants that code chooses a number from, such as 2 of `wide ? 2 : 1`.

It may be chosen by the callers of a function, if all of them are in its file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from alloclint.facts.often.callers import all_callers
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Scope
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

_DEEPEST = 4


def most_chosen(place: Place, function: Function, depth: int = 0) -> int | None:
    """The greatest number that a local or a parameter stands for; None where it may be any."""
    binding = place.binding
    if place.fields or binding.assigned or depth > _DEEPEST:
        return None
    if binding.kind == "param":
        return _most_given(binding.name, function, depth)
    if binding.kind != "local" or binding.scope is None:
        return None
    return _most_written(binding.value, binding.scope, binding.valued, function, depth)


def _most_given(name: str, function: Function, depth: int) -> int | None:
    """The greatest argument that any caller gives for a parameter."""
    names = [param.pattern.name for param in function.declaration.params]
    names = [one for one in names if one not in ("self", "cls")]
    callers = all_callers(function)
    if name not in names or any(len(call.node.args) != len(names) for call in callers):
        return None
    number = names.index(name)
    return _greatest(
        _most_written(call.node.args[number], call.event.scope, call.event.order, call.function, depth + 1)
        for call in callers
    )


def _most_written(value: m.Expr | None, scope: Scope, at: int, function: Function, depth: int) -> int | None:
    if isinstance(value, m.Literal):
        return value.value if type(value.value) is int else None
    if isinstance(value, m.Name):
        place = place_of(value, scope, at)
        return most_chosen(place, function, depth + 1) if place is not None else None
    branch = value.statement if isinstance(value, m.Embedded) else None
    if not isinstance(branch, m.Branch) or not branch.exhaustive:
        return None
    return _greatest(_most_written(_worth(arm), scope, at, function, depth + 1) for arm in branch.arms)


def _worth(arm: m.Arm) -> m.Expr | None:
    """What an arm without statements of its own is worth."""
    only = arm.body.statements[0] if len(arm.body.statements) == 1 else None
    return only.value if isinstance(only, m.Eval) else None


def _greatest(found: Iterable[int | None]) -> int | None:
    """The greatest of some numbers; None where one is unknown, or there are none."""
    known = list(found)
    return max((one for one in known if one is not None), default=None) if None not in known else None
