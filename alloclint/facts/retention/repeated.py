"""
Repeated computations: equal expressions of equal inputs, computed more than once.

Equal text is not enough: each name in it means the same and is not changed in between, everything that is
called is known to be pure, and the earlier one is computed whenever the later one is. What is made must only
be looked at, for two owners of one value may each change it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alloclint.facts.names.effects import effect_of
from alloclint.facts.names.strings import constant_string
from alloclint.facts.often.escaping import is_consumed, local_of
from alloclint.facts.often.invariance import is_invariant, places_read
from alloclint.facts.often.repetition import is_in_handler, is_leaving
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, roles, roles_between
from alloclint.facts.walk.scopes import Binding, Link, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

#: Rust: methods that take what they are called on.
_TAKING = {"into", "into_bytes", "into_boxed_str", "into_iter", "into_boxed_slice", "leak", "try_into"}
#: What several owners may share, for nobody can change it.
_SHARED = {"a String", "a str", "bytes"}


@dataclass(frozen=True, slots=True)
class Repetition:
    """
    A computation that is made again, what it `makes`, and why that is known: an `earlier` one of the same
    turn, or a `loop` in which nothing that it uses changes.
    """

    call: Call
    makes: str
    earlier: Call | None = None
    loop: LoopFact | None = None


def repetition_of(call: Call, names: frozenset[str]) -> Repetition | None:
    """
    How a call that allocates, and has no other effect, repeats itself; `names` are those of the calls that
    may be the earlier one.
    """
    effect = effect_of(call.node, call)
    if effect is None or not effect.pure or not effect.allocates or effect.cost == "constant":
        return None
    if _is_thrown(call) or is_in_handler(call.event) or not _has_input(call):
        return None
    if not (_is_shared(effect.allocates, call) or _is_only_read(call)):
        return None
    if _is_given_away(call):
        return None
    loop = call.loop
    if loop is None and not call.file.facts.heat(call).hot:
        return None
    earlier = _earlier(call, names)
    if loop is None or not _is_unchanged(call, loop):
        return Repetition(call, effect.allocates, earlier=earlier) if earlier is not None else None
    # Of several in one turn the first is told of: once it stands before the loop, the others are easy.
    is_first = earlier is None and _is_in_each_turn(call, loop)
    return Repetition(call, effect.allocates, loop=loop) if is_first else None


def _is_given_away(call: Call) -> bool:
    """Rust: whether something takes what a call makes for its own: the second turn would have none left."""
    if call.file.language.name != "rust":
        return False
    parent = call.parent
    if isinstance(parent, m.Call) and parent.kind != "macro":
        takes = parent.receiver is call.node and parent.last in _TAKING
        return takes or any(one is call.node for one in parent.args)
    return False


def is_part_of_other(call: Call, names: frozenset[str]) -> bool:
    """Whether what is around a call is computed again just as well, so that it tells of both."""
    for parent in call.parents:
        if not isinstance(parent, m.Call):
            return False
        event = next((one for one in call.function.trace.calls if one.node is parent), None)
        if event is None:
            return False
        if parent.last in names and repetition_of(replace(call, event=event), names) is not None:
            return True
    return False


def _is_in_each_turn(call: Call, loop: LoopFact) -> bool:
    """Whether no branch inside the loop decides about it: what few turns compute is best left where it is."""
    return not any(frame.kind in ("arm", "test", "handler") for frame in call.event.frame.within(loop.frame))


def _is_thrown(call: Call) -> bool:
    """Whether it is made for an error; what is returned is made in any case."""
    returned = any(isinstance(node, m.Exit) and node.kind == "return" for node in call.parents)
    return is_leaving(call.event) and not returned


def _is_unchanged(call: Call, loop: LoopFact) -> bool:
    """Whether what a call computes is the same from a loop's start to its end, contents of lists included."""
    if not is_invariant(call.node, loop, call):
        return False
    return all(_keeps_contents(place, loop, call) for place in places_read(call.node, call))


def _keeps_contents(place: Place, loop: LoopFact, call: Call) -> bool:
    trace, language, types = call.function.trace, call.file.language, call.file.facts.types
    known = types.known(types.of_binding(place.binding, trace)) if not place.fields else None
    if known in ("str", "String", "tuple", "bytes", "frozenset") or language.name == "rust":
        return True
    if place.binding.kind == "free" and place.fields and place.fields[-1].isupper():
        # A constant of a class, such as `Locale.ROOT`, may be given to anybody.
        return True
    return all(
        role.kind in ("read", "returned") and not _is_stored_to(role.use.around)
        for role in roles_between(place, loop.start, loop.end, trace, language, "list")
    )


def _is_stored_to(around: Link | None) -> bool:
    """`xs[i] = x`, however deep."""
    inner: m.Node | None = None
    while around is not None and isinstance(around.node, m.Index | m.Field):
        inner, around = around.node, around.up
    node = around.node if around is not None and inner is not None else None
    return isinstance(node, m.Assign) and node.target is inner


def _has_input(call: Call) -> bool:
    """Whether it is made of a variable: what is made of constants alone is a constant itself."""
    if constant_string(call.node.receiver, call) is not None and not call.args:
        return False
    nodes = list(descendants(call.node))
    mentions = any(isinstance(node, m.Call) and node.mentions for node in nodes)
    return mentions or any(isinstance(node, m.Name) and not node.id.isupper() for node in nodes)


def _is_shared(made: str, call: Call) -> bool:
    return made in _SHARED and call.file.language.name != "rust"


def _is_only_read(call: Call) -> bool:
    """Whether nothing is done to what a call makes but to look at it."""
    local = local_of(call)
    if isinstance(call.parent, m.Field) and call.parent.name == "length":
        return True
    if local is None:
        return is_consumed(call.node, call.event.around, call)
    return not local.assigned and all(kind == "read" for kind in _uses(local, call))


def _uses(local: Binding, call: Call) -> list[str]:
    trace, language = call.function.trace, call.file.language
    found = roles(Place(local), trace, language, "value" if language.name != "rust" else "list")
    lent = "read" if language.name == "rust" else "lent"
    return [lent if role.kind == "lent" else role.kind for role in found if role.node is not local.node]


def _earlier(call: Call, names: frozenset[str]) -> Call | None:
    """The nearest equal call that is made before this one in the same turn, nothing having changed since."""
    for other in reversed(_equal(call, names)):
        if other.event.order >= call.event.order or other.loop is not call.loop:
            continue
        if call.event.frame.is_inside(other.event.frame) and _is_same(other, call):
            return other
    return None


def _equal(call: Call, names: frozenset[str]) -> list[Call]:
    """The calls of the function with the same text."""
    memo, key = call.function.trace.memo, _Key(names)
    if key not in memo:
        memo[key] = {}
        for event in call.function.trace.calls:
            if isinstance(event.node, m.Call) and event.node.last in names:
                other = replace(call, event=event)
                memo[key].setdefault(call.text(event.node), []).append(other)
    found: list[Call] = memo[key].get(call.text(call.node), [])
    return found


@dataclass(frozen=True, slots=True)
class _Key:
    """What the calls of a trace by their text are kept under."""

    names: frozenset[str]


def _is_same(first: Call, second: Call) -> bool:
    """Whether everything that two equal calls use is the same, and unchanged from one to the other."""
    trace, (start, end) = second.function.trace, second.span
    inside = (use.order for use in trace.uses if use.expr is not None and start <= use.expr.start < end)
    upto = min(inside, default=second.event.order)
    between = LoopFact("each", second.node, None, None, second.event.frame, first.event.order, upto)
    names = {node.id for node in descendants(second.node) if isinstance(node, m.Name)}
    same = all(
        first.event.scope.lookup(name, first.event.order)
        is second.event.scope.lookup(name, second.event.order)
        for name in names
    )
    return same and _is_unchanged(second, between)
