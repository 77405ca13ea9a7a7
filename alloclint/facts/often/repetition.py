"""
How often something runs: the loops around it, and whether it is left before it comes round again.

A closure that an iterator or a stream runs for each element is a loop. What any other closure does, it does
later: it is in none of the loops around.
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.walk.record import Record
from alloclint.facts.walk.scopes import Event, Link, LoopFact
from alloclint.syntax import model as m

#: Calls that do not come back.
_DIVERGING = {
    "panic", "unreachable", "todo", "unimplemented", "bail", "exit", "abort", "fail", "_exit",
}  # fmt: skip
#: Frames behind which nobody knows when, or whether, the inside runs.
_DEFERRED = ("closure", "async")


def enclosing_loops(event: Event) -> Iterator[LoopFact]:
    """The loops that an event stands in, innermost first, as far as it runs when they do."""
    for frame in event.frame.within(None):
        if frame.kind in _DEFERRED:
            return
        if frame.loop is not None:
            yield frame.loop


def repeating_loop(event: Event, trace: Record) -> LoopFact | None:
    """The innermost loop in whose next turn an event can happen again; None for what leaves all loops."""
    loops = list(enclosing_loops(event))
    for loop in loops:
        if not _is_left(event, loop, trace):
            return loop
    return None


def is_in_handler(event: Event) -> bool:
    """Whether it only runs when something was thrown."""
    return any(frame.kind == "handler" for frame in event.frame.within(None))


def is_in_throw(event: Event) -> bool:
    """Whether it is a part of what is thrown."""
    return any(isinstance(node, m.Exit) and node.kind == "throw" for node in _nodes(event.around))


def is_in_error_arm(event: Event) -> bool:
    """Rust's `Err(…) => …` and `if let Err(…)`."""
    for frame in event.frame.within(None):
        if isinstance(frame.node, m.Branch) and frame.arm < len(frame.node.arms):
            patterns = frame.node.arms[frame.arm].patterns
            if any(one.constructor[-1:] == ("Err",) for one in patterns):
                return True
    return False


def statements_before(event: Event, trace: Record) -> Iterator[m.Stmt]:
    """The statements before an event in its block and in the blocks around it; embedded ones stand alone."""
    link = event.around
    while link is not None:
        statements, number = trace.siblings.get(id(link.node), ((), 0))
        for statement in statements[:number]:
            value = statement.value if isinstance(statement, m.Eval) else None
            yield value.statement if isinstance(value, m.Embedded) else statement
        link = link.up


def ends_in_exit(block: m.Block) -> bool:
    """Whether the last statement of a block leaves it."""
    last = block.statements[-1] if block.statements else None
    return isinstance(last, m.Exit) and last.kind in ("return", "continue", "break", "throw")


def statement_around(event: Event) -> m.Stmt | None:
    """The innermost statement that an event stands in; an embedded one counts."""
    link = event.around
    while link is not None and not isinstance(link.node, m.Stmt):
        link = link.up
    return link.node if link is not None and isinstance(link.node, m.Stmt) else None


def is_leaving(event: Event) -> bool:
    """Whether it is part of the value that a `return`, `throw` or diverging call takes along."""
    return any(_leaving(node) is not None for node in _nodes(event.around) if node is not event.node)


def _is_left(event: Event, loop: LoopFact, trace: Record) -> bool:
    """Whether every way on from an event leaves a loop before its next turn."""
    leaving: str | None = None
    for node in _nodes(event.around):
        if node is loop.frame.node:
            # What a closure returns from is the closure: the next element comes all the same.
            return leaving is not None and (loop.kind != "closure" or leaving == "throw")
        if isinstance(node, m.Loop):
            leaving = None if leaving == "break" else leaving
        elif isinstance(node, m.Closure):
            leaving = None if leaving != "throw" else leaving
        elif node is not event.node:
            leaving = _leaving(node) or leaving
        if isinstance(node, m.Stmt):
            following = (_leaving_always(one) for one in trace.following(node))
            leaving = next((kind for kind in following if kind is not None), leaving)
    return False


def _leaving_always(statement: m.Stmt) -> str | None:
    """How a statement that cannot be passed is left: an exit, or a branch all of whose arms leave."""
    if isinstance(statement, m.Exit):
        return _leaving(statement)
    if isinstance(statement, m.Eval):
        inside = statement.value.statement if isinstance(statement.value, m.Embedded) else None
        return _leaving(statement.value) or (_leaving_always(inside) if inside is not None else None)
    if isinstance(statement, m.Block):
        kinds = (_leaving_always(one) for one in statement.statements)
        return next((kind for kind in kinds if kind is not None), None)
    if isinstance(statement, m.Branch) and statement.exhaustive:
        ways = {_leaving_always(arm.body) for arm in statement.arms}
        return None if None in ways else "break" if "break" in ways else ways.pop()
    return None


def _leaving(node: m.Node) -> str | None:
    if isinstance(node, m.Exit):
        return node.kind if node.kind in ("break", "return", "throw") else None
    diverges = isinstance(node, m.Call) and node.last in _DIVERGING and node.kind != "new"
    return "throw" if diverges else None


def _nodes(link: Link | None) -> Iterator[m.Node]:
    while link is not None:
        yield link.node
        link = link.up
