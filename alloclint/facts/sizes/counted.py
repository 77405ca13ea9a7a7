"""
Counted turns: the most that a loop makes which counts up to a constant, or to what is left of one.

Weaker than a trip count: a reason to be silent, no size to be printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import LoopFact, Scope
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

_DEEPEST = 6


def most_counted(loop: LoopFact, function: Function) -> int | None:
    """
    The most turns of a Java loop that counts up to a number; None where no constant bounds it.

    `i < LIMIT - count` makes no more turns than `LIMIT`: what is taken away is a count, too.
    """
    node = loop.node
    if not isinstance(node, m.Loop) or node.kind != "count":
        return None
    test, setup = node.test, node.setup[0] if len(node.setup) == 1 else None
    if not isinstance(test, m.Binary) or test.op not in ("<", "<=") or not isinstance(setup, m.Let):
        return None
    first = setup.value.value if isinstance(setup.value, m.Literal) else None
    if type(first) is not int or first < 0 or not _goes_up(node, setup, test):
        return None
    most = _at_most(test.right, function.trips.scope_of(loop), loop.start, function)
    return max(most + (test.op == "<=") - first, 0) if most is not None else None


def _goes_up(node: m.Loop, setup: m.Let, test: m.Binary) -> bool:
    """Whether the counter that is compared goes up by one, and the body leaves it alone."""
    step = node.update[0] if len(node.update) == 1 else None
    counter = setup.pattern.name
    moves = isinstance(step, m.Eval) and isinstance(step.value, m.Unary) and step.value.op.strip("_") == "++"
    is_compared = isinstance(test.left, m.Name) and test.left.id == counter
    return moves and is_compared and not any(_sets(one, counter) for one in descendants(node.body))


def _sets(node: m.Node, name: str | None) -> bool:
    target = node.target if isinstance(node, m.Assign) else None
    if isinstance(node, m.Unary) and node.op.strip("_") in ("++", "--"):
        target = node.operand
    return isinstance(target, m.Name) and target.id == name


def _at_most(
    expression: m.Expr | None, scope: Scope, at: int, function: Function, depth: int = 0
) -> int | None:
    """The greatest value of a literal, of a constant, of either less something, or of such a local."""
    if isinstance(expression, m.Literal):
        return expression.value if type(expression.value) is int else None
    if depth > _DEEPEST:
        return None
    if isinstance(expression, m.Binary) and expression.op == "-":
        return _at_most(expression.left, scope, at, function, depth + 1)
    place = place_of(expression, scope, at)
    if place is None:
        return None
    if place.fields or place.binding.kind in ("free", "static"):
        return _constant(place, function)
    binding = place.binding
    if binding.kind != "local" or binding.assigned or binding.scope is None:
        return None
    return _at_most(binding.value, binding.scope, binding.valued, function, depth + 1)


def _constant(place: Place, function: Function) -> int | None:
    """The number that a `static final` field of the class, or of one around it, is declared with."""
    owner, name = function.declaration.owner, (place.binding.name, *place.fields)
    if len(name) == 2 and owner is not None and name[0] == owner.name:
        name = name[1:]
    types = function.file.facts.types
    field = types.statics.get(name[0]) or types.inherited_field(owner, name[0]) if len(name) == 1 else None
    if field is None or not field.modifiers >= {"static", "final"} or not isinstance(field.value, m.Literal):
        return None
    return field.value.value if type(field.value.value) is int else None
