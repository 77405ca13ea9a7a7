"""Rust: text that `format!` makes only to be appended to a String, which `write!` does without a copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.often.repetition import is_in_handler, repeating_loop
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.scopes import Event, LoopFact
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File


@dataclass(frozen=True, slots=True)
class Appended:
    """
    `text.push_str(&format!(…))` or `text += &format!(…)` in a loop. `macros` are the `format!` calls, more
    than one where branches decide; `direct` tells that there is one and no branch.
    """

    function: Function
    event: Event
    node: m.Call | m.Assign
    target: m.Expr
    macros: tuple[m.Call, ...]
    loop: LoopFact
    direct: bool


def appended_in(function: Function) -> Iterator[Appended]:
    """What a function formats in its loops only to append it."""
    trace = function.trace
    for event in sorted((*trace.calls, *trace.assigns), key=lambda one: one.order):
        parts = _appends(event.node)
        if parts is None:
            continue
        target, value = parts
        macros = tuple(_formats(value))
        loop = repeating_loop(event, trace) if macros else None
        if loop is None or is_in_handler(event) or not _is_string(target, event, function):
            continue
        node = event.node
        assert isinstance(node, m.Call | m.Assign)
        yield Appended(function, event, node, target, macros, loop, _peeled(value) is macros[0])


def _appends(node: m.Node) -> tuple[m.Expr, m.Expr] | None:
    """What is appended to, and what is appended."""
    if isinstance(node, m.Call) and node.kind == "method" and node.last == "push_str" and len(node.args) == 1:
        return (node.receiver, node.args[0]) if node.receiver is not None else None
    if isinstance(node, m.Assign) and node.op == "+=":
        return node.target, node.value
    return None


def _peeled(value: m.Expr) -> m.Expr:
    while (isinstance(value, m.Unary) and value.op in ("&", "*")) or (
        isinstance(value, m.Call)
        and value.last in ("as_str", "as_ref", "deref")
        and value.receiver is not None
    ):
        value = value.operand if isinstance(value, m.Unary) else value.receiver  # type: ignore[assignment]
    return value


def _formats(value: m.Expr) -> Iterator[m.Call]:
    """The `format!` calls that a value may come from, through blocks and branches."""
    value = _peeled(value)
    if isinstance(value, m.Call):
        if value.kind == "macro" and value.last == "format" and value.args:
            yield value
    elif isinstance(value, m.Embedded):
        yield from _results(value.statement)


def _results(statement: m.Stmt) -> Iterator[m.Call]:
    if isinstance(statement, m.Block):
        if statement.statements:
            yield from _results(statement.statements[-1])
    elif isinstance(statement, m.Branch):
        for arm in statement.arms:
            yield from _results(arm.body)
    elif isinstance(statement, m.Eval) and statement.tail:
        yield from _formats(statement.value)


def _is_string(target: m.Expr, event: Event, function: Function) -> bool:
    types = function.file.facts.types
    value = _folded_into(target, event) or target
    return types.known(types.of(value, function.trace, event.scope, event.order)) == "String"


def _folded_into(target: m.Expr, event: Event) -> m.Expr | None:
    """What the accumulator of a `fold` begins as."""
    binding = event.scope.lookup(target.id, event.order) if isinstance(target, m.Name) else None
    call = binding.loop.node if binding is not None and binding.loop is not None else None
    if binding is None or not isinstance(call, m.Call) or call.last != "fold" or len(call.args) != 2:
        return None
    closure = call.args[1]
    is_first = (
        isinstance(closure, m.Closure) and closure.params[:1] and closure.params[0].name == binding.name
    )
    return call.args[0] if is_first else None


def written_directly(found: Appended) -> tuple[str, tuple[Edit, ...]]:
    """
    The `write!` that does the same, in backticks, and the edit that puts it there: none where what is
    formatted looks at the String itself, where a branch decides, or where the trait that it needs is not
    imported.
    """
    file, name = found.function.file, found.function.file.text(*found.target.span)
    macro = found.macros[0]
    arguments = file.text(macro.args_start, macro.args_end)[1:-1].strip().rstrip(",")
    text = _on_one_line(f"let _ = write!({name}, {arguments})", macro, file)
    statement = found.event.around
    is_statement = _is_alone(
        found, statement.up.node if statement is not None and statement.up is not None else None
    )
    if not found.direct or not is_statement or not imports_write(found) or _looks_at_itself(found):
        return text, ()
    node = found.node
    end = node.value.end if isinstance(node, m.Assign) else node.end
    return text, (Edit(node.start, end, f"let _ = write!({name}, {arguments})"),)


def _is_alone(found: Appended, above: m.Node | None) -> bool:
    """Whether it is a statement of its own, with its semicolon."""
    if isinstance(found.node, m.Assign):
        return found.function.file.source[found.node.end - 1 : found.node.end + 1].rstrip()[-1:] == b";"
    return isinstance(above, m.Eval) and above.value is found.node and not above.tail


def _looks_at_itself(found: Appended) -> bool:
    """Whether the String is among what is formatted: it cannot be borrowed twice."""
    trace, macro = found.function.trace, found.macros[0]
    first = found.target
    while isinstance(first, m.Field | m.Index | m.Unary):
        first = first.operand if isinstance(first, m.Unary) else first.of
    if not isinstance(first, m.Name):
        return True
    binding = found.event.scope.lookup(first.id, found.event.order)
    return binding is None or trace.uses_within(binding, macro.start, macro.end) or first.id in macro.mentions


def _on_one_line(written: str, macro: m.Call, file: File) -> str:
    """The call on one line; in words where a text in it goes over several."""
    if any("\n" in file.text(*one.span) for one in macro.args if isinstance(one, m.Literal)):
        return "`write!` with the same arguments"
    line = " ".join(re.split(r"\s*\n\s*", written))
    return f"`{line}`"


def imports_write(found: Appended) -> bool:
    """Whether `std::fmt::Write` is in scope where the text is appended, by whatever name."""
    file = found.function.file
    return any(
        item.path[-2:] == ("fmt", "Write") and _reaches(item.start, item.end, found)
        for item in file.unit.imports
    )


def _reaches(start: int, end: int, found: Appended) -> bool:
    """Whether an import stands in a block around a place, or at the top of the file or module."""
    file, at = found.function.file, found.node.start
    if file.source[max(0, start - 1) : start] in (b"", b"\n"):
        return True
    around = next((one for one in file.unit.functions if one.start <= start < one.end), None)
    if around is None:
        # In a module inside the file, which ends at the next brace in the first column.
        return end <= at and b"\n}" not in file.source[end:at]
    body = around.body
    blocks = (node for node in descendants(body) if isinstance(node, m.Block)) if body is not None else ()
    inside = [one for one in (*blocks, body) if one is not None and one.start <= start < one.end]
    innermost = min(inside, key=lambda one: one.end - one.start, default=None)
    return innermost is not None and innermost.start <= at < innermost.end
