"""
Rust: chains that are collected without saying how many there will be.

`collect` asks the iterator for the least number of elements. After a filter that is 0, and so it is where an
error may end the chain: the collection begins with nothing and doubles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.size import Bound, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

#: Steps after which an iterator promises no elements.
_FORGETTING = {
    "filter", "filter_map", "flat_map", "flatten", "take_while", "skip_while", "map_while", "scan", "dedup",
    "dedup_by", "dedup_by_key", "unique", "unique_by", "split_whitespace", "lines", "split", "matches",
}  # fmt: skip
#: Steps that `collect` into a `Vec` can do inside the vector that the elements come from.
_IN_PLACE = {
    "map", "filter", "filter_map", "enumerate", "inspect", "take", "skip", "take_while", "skip_while",
    "map_while", "scan", "peekable", "fuse", "zip",
}  # fmt: skip
_HINTED = {
    "Vec", "VecDeque", "String", "HashMap", "HashSet", "FxHashMap", "FxHashSet", "AHashMap", "AHashSet",
    "IndexMap", "IndexSet", "BinaryHeap",
}  # fmt: skip
_FALLIBLE = ("Result", "Option")


@dataclass(frozen=True, slots=True)
class Unhinted:
    """
    A `collect` into the collection `into` that has to grow. `step` is the call that hides how many there are;
    None where it is the `outcome`, `Result` or `Option`, around the collection. `upper` is how many there can
    be, where that is known and can be written where the chain stands.
    """

    into: str
    outcome: str | None
    step: m.Call | None
    source: m.Expr
    upper: Size | None


def unhinted(call: Call) -> Unhinted | None:
    """What is known of a `collect` that reserves nothing; None where it does, or nobody knows."""
    target, outcome = collected_type(call)
    into = call.file.facts.types.collection(target)
    if into is None or into.name not in _HINTED or call.node.receiver is None:
        return None
    steps, source = _steps(call.node.receiver)
    step = next((one for one in steps if one.last in _FORGETTING), None)
    if step is None and outcome is None:
        return None
    if into.name == "Vec" and _is_done_in_place(steps, source, call):
        return None
    trip = call.function.trips.elements(call.node.receiver, call.event.scope, call.event.order)
    known = trip.size is not None and trip.bound is not Bound.unknown
    return Unhinted(into.name, outcome, step, source, trip.size if known else None)


def collected_type(call: Call) -> tuple[m.Type | None, str | None]:
    """The collection that is collected into, and the `Result` or `Option` around it."""
    written = call.node.type_args[0] if call.node.type_args else _expected(call)
    if written is not None and written.last in _FALLIBLE and written.args:
        return written.args[0], written.last
    return written, None


def _expected(call: Call) -> m.Type | None:
    """The type that the place of the call demands: that of the `let` around it, or what is returned."""
    parents = [node for node in call.parents if not isinstance(node, m.Unary)]
    asked = bool(parents) and isinstance(parents[0], m.MayReturn)
    around = parents[1 if asked else 0] if len(parents) > asked else None
    found: m.Type | None = None
    if isinstance(around, m.Let):
        found = around.type
    elif (isinstance(around, m.Exit) and around.kind == "return") or (
        isinstance(around, m.Eval) and around.tail and _is_last(around, call)
    ):
        found = call.function.declaration.returns
    if asked and found is not None:
        outcome = call.function.declaration.returns
        name = outcome.last if outcome is not None and outcome.last in _FALLIBLE else "Result"
        return m.Type(0, 0, "named", (name,), (found,))
    return found


def _is_last(statement: m.Eval, call: Call) -> bool:
    """Whether a statement is the value of the whole function."""
    body = call.function.declaration.body
    return body is not None and bool(body.statements) and body.statements[-1] is statement


def _steps(expression: m.Expr) -> tuple[list[m.Call], m.Expr]:
    """The calls of a chain, the last one first, and what it begins with."""
    steps = []
    while isinstance(expression, m.Call) and expression.kind == "method" and expression.receiver is not None:
        steps.append(expression)
        expression = expression.receiver
    return steps, expression


def _is_done_in_place(steps: list[m.Call], source: m.Expr, call: Call) -> bool:
    """Whether the vector that is consumed lends its memory to the result."""
    consuming = [number for number, step in enumerate(steps) if step.last in ("into_iter", "drain")]
    if not consuming or steps[consuming[0]].last == "drain":
        return False
    after = steps[: consuming[0]]
    owner = steps[consuming[0]].receiver
    type_ = call.type_of(owner)
    is_borrowed = type_ is not None and type_.kind in ("ref", "mutref", "slice")
    return not is_borrowed and all(step.last in _IN_PLACE for step in after)
