"""
Java: what a lambda may capture, and an argument written as the body of one.

A lambda sees the locals around it only where nobody assigns to them after their declaration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.eager.eagerness import Waiting, evaluated, waiting
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.walk.scopes import Binding


def supplier(expression: m.Expr, call: Call) -> str | None:
    """`() -> expression`; None where a lambda cannot hold it, or where it cannot wait."""
    can_wait = waiting(expression, call) is not Waiting.never
    return f"() -> {call.text(expression)}" if can_wait and can_capture(expression, call) else None


def of_key(expression: m.Expr, key: m.Expr, call: Call) -> str | None:
    """`k -> expression`, with `k` for the key of a map entry; None where a lambda cannot hold it."""
    if waiting(expression, call) is Waiting.never:
        return None
    names = [node for node in evaluated(expression) if isinstance(node, m.Name)]
    keys = [node for node in names if isinstance(key, m.Name) and node.id == key.id]
    if not can_capture(expression, call, {node.id for node in keys}):
        return None
    parameter = _unused(call)
    text, at = "", expression.start
    for node in sorted(keys, key=lambda one: one.start):
        text += call.file.text(at, node.start) + parameter
        at = node.end
    return f"{parameter} -> {text}{call.file.text(at, expression.end)}"


def can_capture(expression: m.Expr, call: Call, but: set[str] | None = None) -> bool:
    """Whether each local in an expression, those named in `but` left aside, keeps its first value."""
    names = {node.id for node in evaluated(expression) if isinstance(node, m.Name)} - (but or set())
    bindings = (call.binding(name) for name in names)
    return all(_keeps_its_value(binding) for binding in bindings if binding is not None)


def _keeps_its_value(binding: Binding) -> bool:
    is_counter = binding.loop is not None and binding.loop.kind == "count"
    return binding.kind == "self" or (not binding.assigned and not is_counter)


def _unused(call: Call) -> str:
    """A name for the parameter of a lambda: no local around may have it."""
    return next(name for name in ("k", "key", "missing", "absent", "k0", "k1") if call.binding(name) is None)
