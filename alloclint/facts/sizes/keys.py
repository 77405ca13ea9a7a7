"""Keys: whether what is put into a map or a set differs at every turn, so that each adds an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.walk.scopes import LoopFact
from alloclint.size import Bound
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.sizes.growth import Filling


def keys_differ(filling: Filling, growths: Sequence[Growth]) -> bool:
    if len(growths) != 1:
        return _alternatives(filling, growths) and keys_differ(filling, growths[:1])
    growth = growths[0]
    around = list(filling.loops_around(growth))
    if growth.method.amount == "trip":
        return not around and growth.bound is Bound.exact and _distinct_source(filling, growth)
    if not around:
        return True
    loop, key = around[0].loop, _spelled_key(growth)
    if len(around) != 1 or loop is None or key not in filling.trips.of(loop).unique:
        return False
    return _is_untouched(filling, key.partition(".")[0], growth, loop)


def _is_untouched(filling: Filling, name: str, growth: Growth, loop: LoopFact) -> bool:
    """Whether a name of a loop's pattern still holds at the growth what the loop gave it."""
    binding = filling.scope_of(growth.node).lookup(name, growth.order)
    if binding is None or loop.kind in ("count", "while"):
        return binding is None or loop.scope is None or loop.scope.lookup(name, loop.start) is binding
    is_hidden = binding.loop is not loop and loop.pattern is not None
    return not is_hidden and not any(loop.body_start < o < growth.order for o in binding.assigned)


def _alternatives(filling: Filling, growths: Sequence[Growth]) -> bool:
    """Whether one key is inserted in one of several arms of the same branch."""
    around = (growth.frame.within(filling.frame) for growth in growths)
    arms = [[frame for frame in frames if frame.kind in ("arm", "loop")] for frames in around]
    if not growths or not all(arms) or len({_spelled_key(growth) for growth in growths}) != 1:
        return False
    inner = [frames[0] for frames in arms]
    same = len({id(frame.node) for frame in inner}) == 1 and all(frame.kind == "arm" for frame in inner)
    return same and len({frame.arm for frame in inner}) == len(inner)


def _distinct_source(filling: Filling, growth: Growth) -> bool:
    """`extend(other_map)`: a map's entries and a set's elements do not repeat."""
    node = growth.node
    added = (
        node.value
        if isinstance(node, m.Assign)
        else node.args[0]
        if isinstance(node, m.Call) and node.args
        else None
    )
    trip = filling.trips.elements(added, filling.scope_of(node), growth.order)
    return trip.shape in ("entries", "unique")


def _spelled_key(growth: Growth) -> str:
    """The key of an insertion, as a name of the loop's pattern: `k`, `k.clone()`, `entry.getKey()`."""
    node, key = growth.node, growth.method.key or 0
    expression: m.Expr | None = None
    if isinstance(node, m.Call) and len(node.args) > key:
        expression = node.args[key]
    elif isinstance(node, m.Index):
        expression = node.index
    while True:
        if isinstance(expression, m.Unary):
            expression = expression.operand
        elif (
            isinstance(expression, m.Call) and expression.last in _COPIES and expression.receiver is not None
        ):
            expression = expression.receiver
        else:
            break
    if (
        isinstance(expression, m.Call)
        and expression.last == "getKey"
        and isinstance(expression.receiver, m.Name)
    ):
        return f"{expression.receiver.id}.getKey"
    return expression.id if isinstance(expression, m.Name) else ""


_COPIES = {"clone", "to_string", "to_owned", "to_vec", "cloned", "copied", "into"}
