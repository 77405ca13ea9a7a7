"""Java: stream pipelines, from the call that begins one to the operation that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

#: Operations that go through the elements, so that the pipeline is over.
TERMINAL = {
    "collect", "toList", "count", "sum", "average", "min", "max", "reduce", "forEach", "forEachOrdered",
    "anyMatch", "allMatch", "noneMatch", "findFirst", "findAny", "toArray", "summaryStatistics", "getAsInt",
    "iterator",
}  # fmt: skip
_RANGES = {f"java.util.stream.{kind}.{name}" for kind in ("IntStream", "LongStream") for name in (
    "range", "rangeClosed",
)}  # fmt: skip


def source_of_stream(call: Call) -> str | None:
    """What a call makes a stream of, as it is written; None where it makes none."""
    types, node = call.file.facts.types, call.node
    if call.path in _RANGES or call.path == "java.util.Arrays.stream":
        return ", ".join(call.text(argument) for argument in call.args)
    if node.kind != "method" or node.last != "stream" or call.args or node.receiver is None:
        return None
    known = types.known(call.receiver_type)
    return call.text(node.receiver) if known in call.file.language.lengths and known != "array" else None


def is_run_here(call: Call) -> bool:
    """Whether the pipeline that begins with a call is run in the same expression."""
    return any(step.last in TERMINAL for step in call.function.trace.calls_upon(call.node))


def is_stream(expression: m.Expr | None, call: Call) -> bool:
    """Whether a chain of calls makes a stream of the JDK, and is still one at its end."""
    while isinstance(expression, m.Call) and expression.last not in TERMINAL:
        if _begins(expression, call):
            return True
        expression = expression.receiver
    return False


def _begins(node: m.Call, call: Call) -> bool:

    path = callee_path(node, call.file.facts.types, call.event.scope, call.event.order)
    if path is not None:
        return path.startswith("java.util.stream.") or path == "java.util.Arrays.stream"
    return node.last in ("stream", "parallelStream") and node.kind == "method" and not node.args
