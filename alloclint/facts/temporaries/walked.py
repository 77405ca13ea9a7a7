"""
Java: an indexed loop over a list, and how the same walk is written with the list's iterator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.building.sequences import removed
from alloclint.facts.names.held import held_class
from alloclint.facts.often.invariance import is_set_in, varies_with
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import place_of
from alloclint.facts.walk.scopes import LoopFact
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


@dataclass(frozen=True, slots=True)
class Indexed:
    """
    A call that asks the list `held` for an entry whose number changes with the turns of `loop`. `counted`
    tells whether the number is a counter that goes on from turn to turn, or one that each turn finds anew;
    `backwards` whether it goes down.
    """

    call: Call
    held: str
    loop: LoopFact
    counted: bool
    backwards: bool = False


def indexed(call: Call) -> Indexed | None:
    """`names.get(i)` with an `i` that a loop around changes, on a list that outlives the loop."""
    index = call.args[0] if call.args else None
    if call.node.kind != "method" or call.loop is None or index is None:
        return None
    if call.file.facts.types.integer(call.type_of(index)) is None:
        return None
    place = place_of(call.node.receiver, call.event.scope, call.event.order)
    loops = call.loops[call.loops.index(call.loop) :]
    loop = next((one for one in loops if varies_with(index, one, call)), None)
    if place is None or loop is None or is_set_in(place.binding, loop):
        return None
    held = held_class(call.node.receiver, call.function, call.event.scope, call.event.order)
    if held is None:
        return None
    names = list(varies_with(index, loop, call))
    bindings = (call.binding(name) for name in names)
    counted = all(one is not None and one.order < loop.start for one in bindings)
    return Indexed(call, held, loop, counted, any(_goes_down(loop.node, name) for name in names))


def is_declared_as_list(found: Indexed) -> bool:
    """Whether the list is declared as a `List`, so that another class of list may stand behind it."""
    return found.call.file.facts.types.known(found.call.receiver_type) in ("List", "Collection")


def _goes_down(loop: m.Node, name: str) -> bool:
    for node in descendants(loop):
        if isinstance(node, m.Unary) and node.op.strip("_") == "--" and _is_name(node.operand, name):
            return True
        if isinstance(node, m.Assign) and node.op == "-=" and _is_name(node.target, name):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Walk:
    """The header of a loop over the entries themselves, and the edits that put it there, if there are any."""

    text: str
    edits: tuple[Edit, ...]


def as_walk(found: Indexed) -> Walk | None:
    """`for (String name : names)`, where the counter is only there to ask the list for its next entry."""
    loop, call = found.loop.node, found.call
    if not isinstance(loop, m.Loop) or loop.kind != "count" or call.name != "get":
        return None
    counter = _counter(loop)
    over = _bound(loop, counter) if counter is not None else None
    if counter is None or over != call.text(call.node.receiver or loop) or _uses(loop.body, counter) != 1:
        return None
    first = loop.body.statements[0] if loop.body.statements else None
    if not isinstance(first, m.Let) or first.value is not call.node or first.type is None:
        return None
    item = "var" if first.type.kind == "infer" else call.text(first.type)
    header = f"for ({item} {first.pattern.name} : {over})"
    return Walk(header, _edits(call, loop, first, header))


def _counter(loop: m.Loop) -> str | None:
    """The name of a counter that begins at 0 and goes up by one."""
    setup = loop.setup[0] if len(loop.setup) == 1 else None
    starts = isinstance(setup, m.Let) and isinstance(setup.value, m.Literal) and setup.value.value == 0
    if not starts or not isinstance(setup, m.Let) or len(loop.update) != 1:
        return None
    step = loop.update[0]
    moves = isinstance(step, m.Eval) and isinstance(step.value, m.Unary) and step.value.op == "++"
    return setup.pattern.name if moves else None


def _bound(loop: m.Loop, counter: str) -> str | None:
    """The list whose size the counter is compared with: `names` of `i < names.size()`."""
    test = loop.test
    if not isinstance(test, m.Binary) or test.op not in ("<", "!=") or not _is_name(test.left, counter):
        return None
    size = test.right
    asks = isinstance(size, m.Call) and size.last == "size" and not size.args
    owner = size.receiver if asks and isinstance(size, m.Call) else None
    return _spelled(owner)


def _spelled(expression: m.Expr | None) -> str | None:
    if isinstance(expression, m.Field):
        inner = _spelled(expression.of)
        return f"{inner}.{expression.name}" if inner is not None else None
    return expression.id if isinstance(expression, m.Name) else None


def _is_name(expression: m.Expr, name: str) -> bool:
    return isinstance(expression, m.Name) and expression.id == name


def _uses(body: m.Block, name: str) -> int:
    return sum(isinstance(node, m.Name) and node.id == name for node in descendants(body))


def _edits(call: Call, loop: m.Loop, first: m.Let, header: str) -> tuple[Edit, ...]:
    """The new header, and the first statement taken out; nothing where the loop's brace is not found."""
    source = call.file.source
    brace = loop.body.start
    gone = removed(call.file, first)
    if gone is None or source[brace : brace + 1] != b"{":
        return ()
    start = source.find(b"for", loop.start, brace)
    return (Edit(start, brace, f"{header} "), gone) if start >= 0 else ()
