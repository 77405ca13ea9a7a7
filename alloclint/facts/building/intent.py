"""What the author of a capacity means by it: a number of entries, or one computed for a table's slots."""

from __future__ import annotations

import re

from alloclint.facts.building.constructions import Construction
from alloclint.facts.walk.scopes import Binding
from alloclint.syntax import model as m

#: Words that only somebody who thought of the load factor, or of the table itself, writes.
_COMPUTED = re.compile(
    r"(?<![1-9\d])0?\.75|load_?factor|capacity|4\s*/\s*3|bucket|slots?\b|table_?size|power", re.I
)
_FACTORS = {"*", "/", "<<", ">>", ">>>", "*=", "/=", "<<=", ">>=", ">>>="}
#: Names of integers that count entries.
_COUNT = re.compile(
    r".*(?:[sS]ize|[cC]ount|[lL]ength|_SIZE|_COUNT|_LENGTH|[cC]ardinality|[eE]lements|[eE]ntries)"
    r"|n|len|(?:\w*[nN]um|expected|max|total)[A-Z]\w*"
)
#: Names that speak of how the table begins, not of what comes into it.
_START = re.compile(r"init|default|start|hash|map|table|cache|chunk|page|batch|block|buffer", re.I)


def is_computed(built: Construction) -> bool:
    """Whether the load factor is in the capacity already, there or where one of its locals is declared."""
    parts = _definitions(built, built.capacity, 0)
    return any(_COMPUTED.search(built.file.text(*part.span)) for part in parts)


def means_entries(built: Construction) -> bool:
    """Whether the capacity is a number of entries by the look of it: lengths, counts and sums of them."""
    return _counts(built, built.capacity, 0)


def _definitions(built: Construction, expression: m.Expr | None, depth: int) -> list[m.Expr]:
    """An expression and those that its locals are declared with."""
    if expression is None or depth > 3:
        return []
    found = [expression]
    for use in built.function.trace.uses:
        if use.expr is not None and expression.start <= use.expr.start < expression.end:
            for value in _values(built, use.binding):
                found += _definitions(built, value, depth + 1)
    return found


def _values(built: Construction, binding: Binding) -> list[m.Expr]:
    """What a local is declared with, and all that it is assigned later."""
    if binding.kind not in ("local", "param"):
        return []
    values = [binding.value] if binding.value is not None else []
    return values + [one.value for one in _assignments(built, binding)]


def _assignments(built: Construction, binding: Binding) -> list[m.Assign]:
    """All that a local or a parameter is assigned after its declaration."""
    assigns = built.function.trace.assigns if binding.assigned else []
    return [
        event.node
        for event in assigns
        if isinstance(event.node, m.Assign)
        and isinstance(event.node.target, m.Name)
        and event.scope.lookup(event.node.target.id, event.order) is binding
    ]


def _is_inflated(built: Construction, binding: Binding) -> bool:
    """Whether a variable is assigned what a factor or a shift makes: as likely slots as entries."""
    return any(
        one.op in _FACTORS or any(_has_factor(part) for part in _definitions(built, one.value, 0))
        for one in _assignments(built, binding)
    )


def _has_factor(expression: m.Expr | None) -> bool:
    if isinstance(expression, m.Cast):
        return _has_factor(expression.value)
    if not isinstance(expression, m.Binary):
        return False
    return expression.op in _FACTORS or _has_factor(expression.left) or _has_factor(expression.right)


def _counts(built: Construction, expression: m.Expr | None, depth: int) -> bool:
    if depth > 4:
        return False
    if isinstance(expression, m.Cast):
        return _counts(built, expression.value, depth + 1)
    if isinstance(expression, m.Binary):
        return expression.op == "+" and _all_count(built, (expression.left, expression.right), depth)
    if isinstance(expression, m.Call):
        return _call_counts(built, expression, depth)
    if isinstance(expression, m.Field):
        return _is_count(expression.name)
    return isinstance(expression, m.Name) and _name_counts(built, expression, depth)


def _all_count(built: Construction, parts: tuple[m.Expr, ...], depth: int) -> bool:
    """Counts and numbers, but for the `+ 1` of a hand-made formula; one of them is a count."""
    others = [part for part in parts if not isinstance(part, m.Literal)]
    fits = all((isinstance(part, m.Literal) and part.value != 1) or part in others for part in parts)
    # `size + size` is how some write `* 2`.
    differ = len({built.file.text(*part.span) for part in others}) == len(others) > 0
    return fits and differ and all(_counts(built, part, depth + 1) for part in others)


def _call_counts(built: Construction, call: m.Call, depth: int) -> bool:
    if call.last in ("max", "min") and isinstance(call.receiver, m.Name) and call.receiver.id == "Math":
        return _all_count(built, call.args, depth)
    return not call.args and call.kind in ("method", "function") and _is_count(call.last)


def _name_counts(built: Construction, name: m.Name, depth: int) -> bool:
    binding = built.event.scope.lookup(name.id, built.event.order)
    if binding is not None and _is_declared_once(binding):
        by_name = not _is_number(binding.value) and _is_count(name.id)
        return by_name or _counts(built, binding.value, depth + 1)
    return _is_count(name.id) and (binding is None or not _is_inflated(built, binding))


def _is_declared_once(binding: Binding) -> bool:
    return binding.kind == "local" and binding.value is not None and not binding.assigned


def _is_number(expression: m.Expr | None) -> bool:
    return isinstance(expression, m.Literal | m.Binary | m.Unary)


def _is_count(name: str) -> bool:
    return _COUNT.fullmatch(name) is not None and _START.match(name) is None
