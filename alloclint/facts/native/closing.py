"""Whether a native object that a function makes is closed, or handed to somebody who may close it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.native.rocks import Native, class_of, is_fluent, native_type
from alloclint.facts.walk.scopes import Binding, Event, Link, Use
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

_CLOSING = frozenset({"close", "closeQuietly", "dispose"})
#: Methods of options, and of their like, that keep what they are given.
_KEEPING = ("set", "add", "with")


@dataclass(frozen=True, slots=True)
class Leak:
    """
    An object that is not closed: given away `within` a call of RocksDB, held by a `local`, or left open where
    the function `leaves` early.
    """

    within: m.Call | None = None
    local: Binding | None = None
    leaves: Event | None = None


def leak_of(native: Native, call: Call) -> Leak | None:
    """How an object is lost; None where it is closed, kept, handed on, or where that is not known."""
    node = native.link.node if native.link is not None else None
    if isinstance(node, m.Call):
        return Leak(within=node) if _is_lost_in(node, native, call) else None
    if not isinstance(node, m.Let | m.Assign) or node.value is not native.whole:
        return None
    if any(isinstance(one, m.Try) and node in one.setup for one in call.parents):
        return None
    if call.file.facts.field_of_initialiser(node) is not None:
        return None
    local = _local(node, call)
    if local is None:
        return None
    return _leak_of_local(local, native.noun, call)


def _is_lost_in(outer: m.Call, native: Native, call: Call) -> bool:
    """An argument of a method of RocksDB that only looks at it, or asked once and then forgotten."""
    if native.whole is outer.receiver:
        return outer.last not in _CLOSING and native.noun in ("Checkpoint", "RocksIterator")
    return outer.kind == "method" and _only_looks(outer, call)


def _only_looks(outer: m.Call, call: Call) -> bool:
    if outer.last.startswith(_KEEPING) or outer.last in _CLOSING:
        return False
    receiver = outer.receiver
    if isinstance(receiver, m.Name) and call.binding(receiver.id) is None:
        # `RocksDB.listColumnFamilies(new Options(), path)`; of `open` the options live on with the database.
        named = class_of((receiver.id,), call.file.facts.types)
        if named is not None:
            return not outer.last.startswith("open")
    return native_type(call.type_of(receiver), call) is not None


def _local(node: m.Let | m.Assign, call: Call) -> Binding | None:
    if isinstance(node, m.Let):
        bound = call.function.trace.bindings_of(node)
        return bound[0] if len(bound) == 1 and bound[0].kind == "local" and not bound[0].part else None
    found = call.binding(node.target.id) if isinstance(node.target, m.Name) else None
    return found if found is not None and found.kind == "local" else None


def _leak_of_local(local: Binding, noun: str, call: Call) -> Leak | None:
    uses = [use for use in call.function.trace.uses_of(local) if use.expr is not None]
    kinds = [(use, _role(use, noun, call)) for use in uses]
    if any(role == "gone" for _, role in kinds):
        return None
    closed = [use for use, role in kinds if role == "closed"]
    if not closed:
        return Leak(local=local)
    leaving = _leaving(closed, call)
    return Leak(local=local, leaves=leaving) if leaving is not None else None


def _role(use: Use, noun: str, call: Call) -> str:
    """looks, closed, or gone: kept, returned, captured, given away, or not known."""
    if any(frame.kind == "closure" for frame in use.frame.within(call.event.frame)):
        return "gone"
    expression: m.Expr | None = use.expr
    link = use.around
    while link is not None:
        node = link.node
        if isinstance(node, m.Call):
            if node.receiver is expression:
                if node.last in _CLOSING:
                    return "closed"
                if not is_fluent(node, noun):
                    return "looks"
                expression, link = node, link.up
                continue
            return _given(node, call)
        return "closed" if _is_resource(link) else _in_statement(node, expression)
    return "gone"


def _is_resource(link: Link) -> bool:
    """`try (options) {`"""
    around = link.up.node if link.up is not None else None
    return isinstance(around, m.Try) and link.node in around.setup


def _given(outer: m.Call, call: Call) -> str:
    if outer.last in _CLOSING:
        return "closed"
    return "looks" if outer.kind == "method" and _only_looks(outer, call) else "gone"


def _in_statement(node: m.Node, expression: m.Expr | None) -> str:
    if isinstance(node, m.Assign):
        return "looks" if node.target is expression else "gone"
    is_asked = isinstance(node, m.Eval) or (isinstance(node, m.Binary) and node.op in ("==", "!="))
    return "looks" if is_asked else "gone"


def _leaving(closed: list[Use], call: Call) -> Event | None:
    """
    A `return` between making and closing, where nothing closes it: not in `finally`, not right before it.
    """
    trace = call.function.trace
    if any(map(_is_in_final, closed)) or call.event.frame is not closed[-1].frame:
        return None
    first, last = call.event.order, closed[-1].order
    for exit_ in trace.exits_between(first, last):
        is_return = isinstance(exit_.node, m.Exit) and exit_.node.kind == "return"
        before = (use for use in closed if use.order < exit_.order)
        if is_return and not any(exit_.frame.is_inside(use.frame) for use in before):
            return exit_
    return None


def _is_in_final(use: Use) -> bool:
    link = use.around
    while link is not None:
        final = link.node.final if isinstance(link.node, m.Try) else None
        if final is not None and use.expr is not None and final.start <= use.expr.start < final.end:
            return True
        link = link.up
    return False
