"""
Python: a loop that does nothing but fill a collection, and the expression that builds it at once.

The loop has one statement, or one `if` around it, that adds to a local which was built empty. Whatever would
mean something else inside a comprehension rules it out: a look at the collection itself, `await`, `yield`, an
assignment, a loop variable that is used afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.building.sequences import removed
from alloclint.facts.walk.scopes import Binding, LoopFact
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction

_SUSPENDS = re.compile(r"\b(?:await|yield)\b|:=")
_ADDING = {"list": "append", "set": "add", "bytearray": "append"}


@dataclass(frozen=True, slots=True)
class Comprehended:
    """
    What the loop of a construction can be written as: `text`, by way of a comprehension, copy, repeat, keys
    (`dict.fromkeys`) or zeros. `adds` is what adds in the loop.
    """

    built: Construction
    loop: LoopFact
    adds: m.Expr | m.Assign
    text: str
    way: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class _Filling:
    built: Construction
    node: m.Loop
    adds: m.Call | m.Assign
    items: tuple[m.Expr, ...]
    test: m.Expr | None

    def text(self, node: m.Node) -> str:
        return self.built.file.text(*node.span)


def comprehended(built: Construction) -> Comprehended | None:
    """The loop that alone fills a construction, and what could stand in its place."""
    place = built.place
    if (
        not built.empty
        or place is None
        or place.fields
        or place.binding.kind != "local"
        or place.binding.assigned
    ):
        return None
    for loop in built.function.trace.loops:
        if loop.kind == "each" and loop.start > built.event.order and isinstance(loop.node, m.Loop):
            filling = _filling(built, loop.node)
            if filling is not None:
                return _written(filling, loop) if _is_free(filling, loop) else None
    return None


def _filling(built: Construction, loop: m.Loop) -> _Filling | None:
    """The one statement of a loop, if it adds to the collection."""
    body, test = loop.body.statements, None
    if loop.is_async or loop.otherwise is not None or len(body) != 1 or loop.pattern is None:
        return None
    statement = body[0]
    if isinstance(statement, m.Branch):
        if statement.kind != "if" or len(statement.arms) != 1 or statement.exhaustive:
            return None
        arm = statement.arms[0]
        if len(arm.body.statements) != 1 or arm.test is None:
            return None
        statement, test = arm.body.statements[0], arm.test
    return _adding(built, loop, statement, test)


def _adding(built: Construction, loop: m.Loop, statement: m.Stmt, test: m.Expr | None) -> _Filling | None:
    name = built.place.binding.name if built.place is not None else ""
    if isinstance(statement, m.Eval) and isinstance(statement.value, m.Call):
        call = statement.value
        adds = call.last == _ADDING.get(built.collection.name) and len(call.args) == 1
        if adds and _is_name(call.receiver, name) and not isinstance(call.args[0], m.Keyword):
            return _Filling(built, loop, call, call.args, test)
    if isinstance(statement, m.Assign) and statement.op == "=" and isinstance(statement.target, m.Index):
        target = statement.target
        if (
            built.collection.name == "dict"
            and _is_name(target.of, name)
            and not isinstance(target.index, m.Range)
        ):
            return _Filling(built, loop, statement, (target.index, statement.value), test)
    return None


def _is_name(expression: m.Expr | None, name: str) -> bool:
    return isinstance(expression, m.Name) and expression.id == name


def _is_free(filling: _Filling, loop: LoopFact) -> bool:
    """Whether nothing in the loop depends on being a loop."""
    trace, place = filling.built.function.trace, filling.built.place
    parts = (*filling.items, *((filling.test,) if filling.test is not None else ()))
    if place is None or any(trace.uses_within(place.binding, *part.span) for part in parts):
        return False
    if any(_SUSPENDS.search(filling.text(part)) for part in parts) or _is_used(place.binding, loop, filling):
        return False
    variables = trace.bindings_of(filling.node)
    return not any(use.order > loop.end for one in variables for use in trace.uses_of(one)) and bool(
        variables
    )


def _is_used(binding: Binding, loop: LoopFact, filling: _Filling) -> bool:
    """Whether the collection is used before the loop, or by what it runs over."""
    uses = filling.built.function.trace.uses_of(binding)
    return any(
        filling.built.event.order < use.order < loop.body_start and not _binds(use.around) for use in uses
    )


def _binds(link: object) -> bool:
    """Whether a use is the target of the assignment that builds the collection."""
    node = getattr(link, "node", None)
    return isinstance(node, m.Assign)


# ---------------------------------------------------------------- writing


def _written(filling: _Filling, loop: LoopFact) -> Comprehended:
    text, way = next(_short_forms(filling), (_comprehension(filling), "comprehension"))
    return Comprehended(filling.built, loop, filling.adds, text, way, _edits(filling, text))


def _short_forms(filling: _Filling) -> Iterator[tuple[str, str]]:
    if filling.test is not None or filling.node.iterable is None or filling.node.pattern is None:
        return
    over, target, items = filling.text(filling.node.iterable), filling.node.pattern.name, filling.items
    name = filling.built.collection.name
    same = target is not None and _is_name(items[0], target)
    count = _count(filling.node.iterable)
    constant = _is_constant(items[-1])
    if name in ("list", "set") and same:
        yield f"{name}({over})", "copy"
    elif name == "dict" and same and constant:
        yield f"dict.fromkeys({over}, {filling.text(items[1])})", "keys"
    elif count is not None and constant and name == "bytearray" and filling.text(items[0]) == "0":
        yield f"bytearray({filling.text(count)})", "zeros"
    elif count is not None and constant and name == "list":
        number = filling.text(count)
        factor = number if isinstance(count, m.Name | m.Literal | m.Call | m.Field) else f"({number})"
        yield f"[{filling.text(items[0])}] * {factor}", "repeat"


def _count(iterable: m.Expr) -> m.Expr | None:
    """The `n` of `range(n)`."""
    is_range = isinstance(iterable, m.Call) and iterable.name == ("range",) and len(iterable.args) == 1
    return iterable.args[0] if is_range and isinstance(iterable, m.Call) else None


def _is_constant(expression: m.Expr) -> bool:
    return isinstance(expression, m.Literal)


def _comprehension(filling: _Filling) -> str:
    items = ": ".join(filling.text(item) for item in filling.items)
    node = filling.node
    source = filling.built.file.source
    end = node.iterable.end if node.iterable is not None else node.body.start
    header = source[node.start : end].decode("utf-8", "replace")
    test = f" if {filling.text(filling.test)}" if filling.test is not None else ""
    written = f"{items} {header}{test}"
    opening, closing = {"list": ("[", "]"), "set": ("{", "}"), "dict": ("{", "}")}.get(
        filling.built.collection.name, ("(", ")")
    )
    inside = f"{opening}{written}{closing}"
    return f"bytearray{inside}" if filling.built.collection.name == "bytearray" else inside


def _edits(filling: _Filling, text: str) -> tuple[Edit, ...]:
    """The construction replaced and the loop taken out, where it follows at once and has no comments."""
    built, node = filling.built, filling.node
    if built.statement is None or next(built.function.trace.following(built.statement), None) is not node:
        return ()
    if b"#" in built.file.source[built.statement.start : node.end] or "\n" in text:
        return ()
    gone = removed(built.file, node)
    return (Edit(*built.span, text), gone) if gone is not None else ()
