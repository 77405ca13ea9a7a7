"""
How a value that a loop joins begins, and loops that do nothing but join what they go through.

What is there before the first turn must not be lost when the parts are put together in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.often.repetition import enclosing_loops
from alloclint.facts.walk.scopes import Event
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.temporaries.joining import Joining


def begins_empty(joining: Joining) -> bool:
    """Whether the value is known to be empty at the first turn of the loop, each time the loop is reached."""
    last = _last_set(joining)
    if last is None:
        return False
    value = last.node.value if isinstance(last.node, m.Assign | m.Let) else None
    if not isinstance(value, m.Literal) or value.value not in ("", b""):
        return False
    # A loop around both begins the value anew; one around the loop alone comes back with what is there.
    outer = (loop for loop in enclosing_loops(joining.joins[0].event) if loop is not joining.loop)
    return all(loop.start <= last.order for loop in outer if loop.end >= joining.loop.end)


def _last_set(joining: Joining) -> Event | None:
    """The last assignment before the loop, if whoever comes to the loop has come by it."""
    trace, loop = joining.function.trace, joining.loop
    found = [
        event for event in (*trace.assigns, *trace.lets) if event.order < loop.start and _sets(event, joining)
    ]
    last = max(found, key=lambda event: event.order, default=None)
    return last if last is not None and loop.frame.is_inside(last.frame) else None


def _sets(event: Event, joining: Joining) -> bool:
    node = event.node
    if isinstance(node, m.Let):
        return joining.text in node.pattern.names()
    return isinstance(node, m.Assign) and _text(node.target, joining) == joining.text


def _text(expression: m.Expr, joining: Joining) -> str:
    return joining.function.file.text(*expression.span)


def only_joined(joining: Joining) -> tuple[str, str] | None:
    """
    Separator and iterable of a loop whose whole body adds its elements as they are, `data += chunk` or, with
    a separator that the first turn sets, `line += comma + name; comma = ", "`. None for any other.
    """
    node, join = joining.loop.node, joining.joins[0]
    if not isinstance(node, m.Loop) or node.kind != "each" or node.iterable is None or node.is_async:
        return None
    if node.pattern is None or node.pattern.name is None or len(joining.joins) > 1 or node.otherwise:
        return None
    iterable, body = _text(node.iterable, joining), node.body.statements
    added = _added(joining)
    is_element = isinstance(added[-1], m.Name) and added[-1].id == node.pattern.name
    if not is_element or join.how not in ("append", "chain") or "\n" in iterable:
        return None
    if len(body) == 1 and body[0] is join.assign and len(added) == 1:
        return _nothing(joining), iterable
    separator = _separator(joining, added, body) if len(body) == 2 and body[0] is join.assign else None
    return (separator, iterable) if separator is not None else None


def _nothing(joining: Joining) -> str:
    return 'b""' if joining.kind == "bytes" else '""'


def _separator(joining: Joining, added: tuple[m.Expr, ...], body: list[m.Stmt]) -> str | None:
    """`","` of `line += comma + name; comma = ","`, where `comma` is empty before the loop."""
    last = body[1]
    if len(added) != 2 or not isinstance(added[0], m.Name) or not isinstance(last, m.Assign):
        return None
    is_set = isinstance(last.target, m.Name) and last.target.id == added[0].id and last.op == "="
    event = joining.joins[0].event
    binding = event.scope.lookup(added[0].id, event.order)
    begun = binding.value if binding is not None and len(binding.assigned) == 1 else None
    is_empty = isinstance(begun, m.Literal) and begun.value in ("", b"")
    is_literal = isinstance(last.value, m.Literal) and isinstance(last.value.value, str | bytes)
    return _text(last.value, joining) if is_set and is_empty and is_literal else None


def _added(joining: Joining) -> tuple[m.Expr, ...]:
    """The operands that are added, also those of one sum: `comma + name`."""
    added = joining.joins[0].added
    only = added[0] if len(added) == 1 else None
    return (only.left, only.right) if isinstance(only, m.Binary) and only.op == "+" else added
