"""Patterns that differ from value to value: in which loop, of what they are made, and where they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.often.escaping import local_of, stays_in_turn
from alloclint.facts.often.invariance import varies_with
from alloclint.facts.often.missing import is_made_when_missing
from alloclint.facts.patterns.regexes import Compilation, definition, is_built
from alloclint.facts.walk.nodes import descendants
from alloclint.languages.regexes import QUOTING
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alloclint.facts.names.calls import Call
    from alloclint.facts.walk.scopes import Frame, LoopFact

#: Methods that put what they are given into a map.
_PUTTING = frozenset(
    {"put", "putIfAbsent", "computeIfAbsent", "insert", "setdefault", "or_insert_with", "entry"}
)
_STATIC_MAPS = frozenset(
    {"HashMap", "ConcurrentHashMap", "Map", "ConcurrentMap", "dict", "DashMap", "FxHashMap"}
)


@dataclass(frozen=True, slots=True)
class Varying:
    """A pattern that is built anew at each turn: the `names` that vary, and whether they are `quoted`."""

    loop: LoopFact
    names: tuple[str, ...]
    quoted: bool


def varying(compilation: Compilation) -> Varying | None:
    """
    The loop in which a pattern is built from what varies, compiled, and thrown away; None where it is kept,
    or the loop runs over a few values that the source shows.
    """
    call = compilation.call
    loop = call.loop
    if compilation.fixed or loop is None or not is_built(compilation) or is_made_when_missing(call):
        return None
    if not _is_thrown_away(compilation, loop) or _is_written_out(loop, call):
        return None
    pattern = definition(compilation)
    names = varies_with(pattern, loop, call)
    return Varying(loop, tuple(names), _is_quoted(pattern, call)) if names else None


def _is_thrown_away(compilation: Compilation, loop: LoopFact) -> bool:
    """Whether the compiled pattern is gone when the turn ends, and no inner loop used it."""
    call = compilation.call
    if not compilation.entry.compiles:
        return True
    local = local_of(call)
    if local is not None:
        uses = call.function.trace.uses_of(local)
        inner = any(one.frame is not call.event.frame and _innermost(one.frame) is not loop for one in uses)
        return not inner and stays_in_turn(call, loop, "plain")
    return any(isinstance(node, m.Call) and node.last in _MATCHING for node in call.parents)


def _innermost(frame: Frame) -> LoopFact | None:
    """The innermost loop around a frame."""
    return next((one.loop for one in frame.within(None) if one.loop is not None), None)


#: What is asked of a compiled pattern where it stands.
_MATCHING = frozenset(
    {
        "matcher", "split", "splitAsStream", "is_match", "find", "find_iter", "captures", "replace",
        "replace_all", "replacen", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer",
    }
)  # fmt: skip


def _is_quoted(pattern: m.Expr, call: Call) -> bool:
    """Whether what varies stands for its own text."""
    quoting = QUOTING[call.file.language.name]
    types, scope, at = call.file.facts.types, call.event.scope, call.event.order
    calls = (node for node in descendants(pattern) if isinstance(node, m.Call))
    return any(callee_path(one, types, scope, at) in quoting for one in calls)


def _is_written_out(loop: LoopFact, call: Call) -> bool:
    """Whether a loop runs over values that the source lists, or a constant that holds them."""
    iterable = loop.iterable
    while isinstance(iterable, m.Call) and iterable.receiver is not None and not iterable.args:
        iterable = iterable.receiver
    while isinstance(iterable, m.Unary):
        iterable = iterable.operand
    if isinstance(iterable, m.Call) and iterable.kind == "function" and iterable.args:
        iterable = iterable.args[0]
    if isinstance(iterable, m.Name):
        binding = call.event.scope.lookup(iterable.id, loop.start)
        if binding is not None and binding.kind == "local" and binding.value is not None:
            iterable = binding.value
        else:
            return iterable.id.isupper() or iterable.id in call.file.facts.types.statics
    if isinstance(iterable, m.Field):
        return iterable.name.isupper()
    return isinstance(iterable, m.Display | m.Range)


@dataclass(frozen=True, slots=True)
class Store:
    """A static map that compiled patterns are put into, by its name."""

    name: str
    field: m.FieldDecl


def store_of(compilation: Compilation) -> Store | None:
    """The static map that keeps a pattern which is not constant, if nothing in the file bounds it."""
    call = compilation.call
    if compilation.fixed or not compilation.entry.compiles:
        return None
    for name in _stored_in(call):
        field = _static_map(name, call)
        if field is not None and not _is_bounded(name, call):
            return Store(name, field)
    return None


def _stored_in(call: Call) -> list[str]:
    """The names of what a call's value is put into, there or in the statements right after."""
    found: list[str] = []
    kept: str | None = None
    for node in call.parents:
        if isinstance(node, m.Call) and node.last in _PUTTING and node.receiver is not None:
            found += _base(node.receiver)
        elif isinstance(node, m.Assign) and isinstance(node.target, m.Index):
            found += _base(node.target.of)
        elif isinstance(node, m.Assign) and isinstance(node.target, m.Name):
            kept = node.target.id
        elif isinstance(node, m.Let):
            kept = node.pattern.name
        if isinstance(node, m.Let | m.Assign):
            for statement in call.function.trace.following(node):
                found += _putting(statement, kept)
    return found


def _putting(statement: m.Stmt, kept: str | None) -> list[str]:
    if kept is None:
        return []
    if isinstance(statement, m.Assign) and isinstance(statement.target, m.Index):
        is_kept = isinstance(statement.value, m.Name) and statement.value.id == kept
        return _base(statement.target.of) if is_kept else []
    value = statement.value if isinstance(statement, m.Eval) else None
    if isinstance(value, m.Call) and value.last in _PUTTING and value.receiver is not None:
        named = any(isinstance(one, m.Name) and one.id == kept for one in value.args)
        return _base(value.receiver) if named else []
    return []


def _base(expression: m.Expr | None) -> list[str]:
    while isinstance(expression, m.Call | m.Unary | m.MayReturn):
        if isinstance(expression, m.Call):
            expression = expression.receiver
        else:
            expression = expression.operand if isinstance(expression, m.Unary) else expression.value
    if isinstance(expression, m.Field) and isinstance(expression.of, m.Name):
        return [expression.name] if expression.of.id[:1].isupper() else []
    return [expression.id] if isinstance(expression, m.Name) else []


def _static_map(name: str, call: Call) -> m.FieldDecl | None:
    """The static or name of the module that a name means, if it is a map without a bound of its own."""
    binding = call.binding(name)
    if binding is not None:
        return None
    types = call.file.facts.types
    own = types.field_of(call.function.declaration.owner, name)
    field = own if own is not None and "static" in own.modifiers else types.statics.get(name)
    if field is None:
        return None
    if isinstance(field.value, m.Display):
        return field if field.value.kind == "dict" else None
    known = next((one for one in _types_in(field.type) if one in _STATIC_MAPS), None)
    made = field.value.last if isinstance(field.value, m.Call) else ""
    is_plain = made in (*_STATIC_MAPS, "new", "default") and not (
        isinstance(field.value, m.Call) and field.value.body is not None
    )
    return field if is_plain and (known in _STATIC_MAPS or made in _STATIC_MAPS) else None


def _types_in(type_: m.Type | None) -> Iterator[str]:
    """The names in a type, through locks and cells."""
    if type_ is not None:
        yield type_.last
        for inner in type_.args:
            yield from _types_in(inner)


def _is_bounded(name: str, call: Call) -> bool:
    """Whether anything in the file takes out of a map, replaces it or asks for its size."""
    word = re.escape(name)
    taking = (
        rf"\b{word}\s*(?:\.\w+\(\)\s*)*\.\s*(?:remove|clear|pop|popitem|retain|size|len|drain|evict|invalidate)\b"
        rf"|\blen\(\s*{word}\s*\)|\bdel\s+{word}\["
    )
    return re.search(taking.encode(), call.file.source) is not None
