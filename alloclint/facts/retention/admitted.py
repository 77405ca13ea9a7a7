"""
Admitted keys: those that a constant set of the file contains, which is asked before the cache is.

The cache has as many entries as that set at most, whatever a caller passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.file import File

#: Methods of caches whose first argument is a key that they may add.
_ASKING = ("get", "getUnchecked", "put", "refresh")
#: What makes a set of its arguments, or of the one that is made of them.
_WRITTEN_OUT = {
    "of",
    "asList",
    "newHashSet",
    "unmodifiableSet",
    "copyOf",
    "HashSet",
    "LinkedHashSet",
    "TreeSet",
}


def is_admitted(field: m.FieldDecl, file: File) -> bool:
    """Java: whether each key that a private cache is asked for is tested against a constant set before."""
    if file.language.name != "java" or "private" not in field.modifiers:
        return False
    asked = [call for call in file.facts.calls(_ASKING) if _is_name(call.node.receiver, field.name)]
    # Handed on, or used in another way, it may be asked for anything.
    if not asked or _mentions(field, file) != len(asked):
        return False
    return all(is_admitted_key(call.args[0] if call.args else None, call) for call in asked)


def is_admitted_key(key: m.Expr | None, here: Call) -> bool:
    """Java: whether code only runs where a local or parameter that nobody changes is in a constant set."""
    binding = here.binding(key.id) if isinstance(key, m.Name) else None
    if binding is None or binding.assigned or not isinstance(key, m.Name):
        return False
    if here.file.language.name != "java":
        return False
    return any(_admits(test, key.id, here) for test in _holding(here))


def _mentions(field: m.FieldDecl, file: File) -> int:
    """How often a field is named outside of its declaration and of comments."""
    word = re.compile(rb"(?<![\w$])%s(?![\w$])" % re.escape(field.name.encode()))
    starts = (found.start() for found in word.finditer(file.source))
    return sum(
        not field.start <= start < field.end and file.unit.comment_at(start) is None for start in starts
    )


def _is_name(expression: m.Expr | None, name: str) -> bool:
    if isinstance(expression, m.Field):
        return expression.name == name
    return isinstance(expression, m.Name) and expression.id == name


def _holding(call: Call) -> Iterator[m.Expr]:
    """The tests that hold at a call, by the arm of a branch that it stands in."""
    for frame in call.event.frame.within(None):
        if frame.kind != "arm" or not isinstance(frame.node, m.Branch):
            continue
        arms = frame.node.arms
        own = arms[frame.arm].test
        if own is not None:
            yield from _sides(own, ("&&",))
        for arm in arms[: frame.arm]:
            for side in _sides(arm.test, ("||",)) if arm.test is not None else ():
                if isinstance(side, m.Unary) and side.op == "!":
                    yield side.operand


def _sides(test: m.Expr, operators: tuple[str, ...]) -> Iterator[m.Expr]:
    if isinstance(test, m.Binary) and test.op in operators:
        yield from _sides(test.left, operators)
        yield from _sides(test.right, operators)
    else:
        yield test


def _admits(test: m.Expr, key: str, call: Call) -> bool:
    """`NAMES.contains(key)`, where `NAMES` is a constant whose entries are written out."""
    if not isinstance(test, m.Call) or test.last not in ("contains", "containsKey") or len(test.args) != 1:
        return False
    return _is_name(test.args[0], key) and _is_constant(test.receiver, call)


def _is_constant(expression: m.Expr | None, here: Call) -> bool:
    name = expression.name if isinstance(expression, m.Field) else getattr(expression, "id", None)
    types = here.file.facts.types
    field = types.inherited_field(here.function.declaration.owner, name) if name is not None else None
    if field is None or not field.modifiers >= {"static", "final"}:
        return False
    changed = rb"(?<![\w$])%s\s*\.\s*(?:add|put)" % re.escape(field.name.encode())
    return _is_written_out(field.value) and re.search(changed, here.file.source) is None


def _is_written_out(value: m.Expr | None) -> bool:
    """`Set.of("a", "b")`, or `new HashSet<>(Arrays.asList("a", "b"))`: literals, and at least one."""
    if not isinstance(value, m.Call) or value.last not in _WRITTEN_OUT or value.body is not None:
        return False
    if len(value.args) == 1 and isinstance(value.args[0], m.Call):
        return _is_written_out(value.args[0])
    return bool(value.args) and all(isinstance(one, m.Literal) for one in value.args)
