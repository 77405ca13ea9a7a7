"""What stands right after a construction in its own block: a reserve, a bulk add, a run of single adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.building.constructions import Construction
from alloclint.facts.walk.places import place_of
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File


@dataclass(frozen=True, slots=True)
class Step:
    """A statement that only calls one method of the collection."""

    statement: m.Stmt
    call: m.Call


def next_steps(built: Construction) -> Iterator[Step]:
    """The unbroken run of calls on the collection that follows its construction."""
    if built.statement is None or built.place is None or built.wrapped:
        return
    for statement in built.function.trace.following(built.statement):
        call = statement.value if isinstance(statement, m.Eval) and not statement.tail else None
        if not isinstance(call, m.Call) or not _is_receiver(built, call):
            return
        yield Step(statement, call)


def _is_receiver(built: Construction, call: m.Call) -> bool:
    place = place_of(call.receiver, built.event.scope)
    if place is None or built.place is None or call.kind != "method":
        return False
    same = place.binding.name == built.place.binding.name and place.fields == built.place.fields
    return place == built.place or same


def pushes(built: Construction) -> list[Step]:
    """The run of single pushes right after the construction, none of which looks at the collection."""
    run = []
    for step in next_steps(built):
        if (
            step.call.last not in ("push", "push_back")
            or len(step.call.args) != 1
            or mentions(built, step.call.args[0])
        ):
            break
        run.append(step)
    return run


def mentions(built: Construction, node: m.Expr) -> bool:
    """Whether an expression uses the collection."""
    if built.place is None:
        return False
    return built.function.trace.uses_within(built.place.binding, node.start, node.end)


def repeated_push(built: Construction) -> tuple[m.Loop, m.Expr] | None:
    """`for _ in … { v.push(constant) }` as the only thing that fills it: the loop and the constant."""
    fill = built.fill
    if len(fill.growths) != 1 or len(fill.loops) != 1:
        return None
    call, loop = fill.growths[0].node, fill.loops[0].node
    if (
        not isinstance(call, m.Call)
        or not isinstance(loop, m.Loop)
        or len(loop.body.statements) != 1
        or call.last != "push"
    ):
        return None
    statement = loop.body.statements[0]
    is_alone = isinstance(statement, m.Eval) and statement.value is call
    value = call.args[0] if call.args else None
    if not is_alone or not isinstance(value, m.Literal) or value.kind == "string":
        return None
    return loop, value


def without(built: Construction, steps: Sequence[Step]) -> tuple[Edit, ...]:
    """The edits that remove statements with their line ends; none where a comment would be lost with them."""
    edits = [removed(built.file, step.statement) for step in steps]
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()


def removed(file: File, statement: m.Stmt) -> Edit | None:
    """The edit that removes a statement with its line end; None where something stands behind it."""
    source, (start, end) = file.source, statement.span
    while end < len(source) and source[end : end + 1] in (b";", b" ", b"\t"):
        end += 1
    while start > 0 and source[start - 1 : start] in (b" ", b"\t"):
        start -= 1
    if source[end : end + 1] not in (b"\n", b"\r", b""):
        return None
    start -= source[start - 1 : start] == b"\n"
    start -= source[start - 1 : start] == b"\r"
    return Edit(start, end, "")


def inserted_before(file: File, statement: m.Stmt, text: str) -> Edit | None:
    """
    The edit that puts a line before a statement, indented like it; None where the statement does not begin
    its line, or is the body of an `if` or a loop without braces.
    """
    source, start = file.source, statement.start
    line = source.rfind(b"\n", 0, start) + 1
    indent = source[line:start].decode("utf-8", "replace")
    if indent.strip() or not _begins_a_statement(file, start):
        return None
    newline = "\r\n" if source[line - 2 : line] == b"\r\n" else "\n"
    return Edit(start, start, f"{text}{newline}{indent}")


def _begins_a_statement(file: File, at: int) -> bool:
    """Whether what stands before, comments left out, ends a statement or opens a block."""
    while True:
        at = len(file.source[:at].rstrip())
        comment = file.unit.comment_at(at - 1) if at else None
        if comment is None:
            return file.source[at - 1 : at] in (b"{", b"}", b";", b":")
        at = comment[0]
