"""
Who calls a function of the file: whether one of them does so in a loop, and whether all of them run once.

Only calls in the same file are seen, and only those of which it is certain that they mean this function. That
one of them stands in a loop is evidence of repetition; that none does says nothing, unless nobody outside the
file can call it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.facts.names.calls import Call
from alloclint.facts.often.once import once_only
from alloclint.facts.testcode import is_quiet
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function


def callers_of(function: Function) -> list[Call]:
    """The calls of a function in its own file, those in tests left out."""
    key = "callers"
    if key not in function.trace.memo:
        calls = function.file.facts.calls((function.declaration.name,)) if _can_be_called(function) else []
        function.trace.memo[key] = [
            call for call in calls if not is_quiet(function.file, call.span) and _is_meant(call, function)
        ]
    found: list[Call] = function.trace.memo[key]
    return found


def called_in_loop(function: Function) -> Call | None:
    """A call of a function that a loop repeats, in code that runs more than once."""
    looped = (call for call in callers_of(function) if call.loop is not None)
    return next(looped, None)


def called_once(function: Function) -> str | None:
    """Why a function that only its own file can call runs once: whoever calls it does; None otherwise."""
    if not _is_private(function.declaration, function.file.language.name):
        return None
    callers = callers_of(function)
    lazily = _given_to_cells(function)
    others = _mentions(function) > len(callers) + lazily + 1
    if others or any(call.loop is not None for call in callers):
        return None
    if lazily and not callers:
        return "a lazy cell runs it at most once"
    if not callers:
        return None
    reasons = [once_only(call.function, call.event) for call in callers]
    return f"its only caller runs once: {reasons[0]}" if all(reasons) else None


def _mentions(function: Function) -> int:
    name = re.escape(function.declaration.name.encode())
    return len(re.findall(rb"(?<!\w)%s(?!\w)" % name, function.file.source))


def _given_to_cells(function: Function) -> int:
    """How often Rust's lazy cells are given the function itself: `LazyLock::new(build)`."""
    if function.file.language.name != "rust":
        return 0
    name = re.escape(function.declaration.name.encode())
    given = rb"(?:Lazy\w*\s*::\s*(?:<[^>]*>\s*::\s*)?new|get_or_init)\(\s*(?:\w+::)*%s\s*\)" % name
    return len(re.findall(given, function.file.source))


def _can_be_called(function: Function) -> bool:
    name = function.declaration.name
    is_initialiser = function.file.facts.modifiers_of_initialiser(function.declaration) is not None
    return name.isidentifier() and not is_initialiser


def _is_private(declaration: m.Function, language: str) -> bool:
    if language == "java":
        return "private" in declaration.modifiers
    if language == "python":
        return declaration.name.startswith("_") and not declaration.name.endswith("__")
    return not any(word.startswith("pub") for word in declaration.modifiers) and declaration.trait is None


def _is_meant(call: Call, function: Function) -> bool:
    return _MEANT[call.file.language.name](call, function)


def _in_rust(call: Call, function: Function) -> bool:
    node, declaration = call.node, function.declaration
    if node.kind == "method":
        return _is_of_owner(call, function)
    if node.kind != "function" or call.binding(node.name[0]) is not None:
        return False
    own = _name_of(declaration.owner_type) or _name_of(declaration.owner)
    if own is None:
        return len(node.name) == 1 or node.name[0] in ("self", "crate", "super")
    is_self = node.name[-2:-1] == ("Self",) and call.function.declaration.owner_type is not None
    caller = _name_of(call.function.declaration.owner_type)
    return node.name[-2:-1] == (own,) or (is_self and caller == own)


def _in_java(call: Call, function: Function) -> bool:
    node, owner = call.node, function.declaration.owner
    if owner is None or not _takes(function.declaration, len(node.args)):
        return False
    if node.kind == "function" or (isinstance(node.receiver, m.Name) and node.receiver.id == "this"):
        around = call.file.facts.types.around(call.function.declaration.owner)
        return any(one is owner for one in around)
    if isinstance(node.receiver, m.Name) and node.receiver.id == owner.name:
        return True
    return node.kind == "method" and _is_of_owner(call, function)


def _in_python(call: Call, function: Function) -> bool:
    node, owner = call.node, function.declaration.owner
    if owner is None:
        meant = call.binding(node.last)
        is_own = meant is None or (
            isinstance(meant.node, m.Function) and meant.node.start == function.span[0]
        )
        return node.kind == "function" and is_own
    own = call.function.declaration.owner
    if node.kind == "method" and isinstance(node.receiver, m.Name):
        if node.receiver.id in ("self", "cls"):
            return own is owner
        return node.receiver.id == owner.name or _is_of_owner(call, function)
    return False


def _is_of_owner(call: Call, function: Function) -> bool:
    """Whether the receiver is of the type that declares the function."""
    wanted = _name_of(function.declaration.owner) or _name_of(function.declaration.owner_type)
    if isinstance(call.node.receiver, m.Name) and call.node.receiver.id in ("self", "this"):
        return _name_of(call.function.declaration.owner_type or call.function.declaration.owner) == wanted
    declared = call.file.facts.types.declaration(call.receiver_type)
    return wanted is not None and declared is not None and declared.name == wanted


def _takes(declaration: m.Function, arguments: int) -> bool:
    """Whether an overload of so many parameters is meant; one that may take any number is not told apart."""
    return len(declaration.params) == arguments


def _name_of(type_: m.Type | m.TypeDecl | None) -> str | None:
    if type_ is None:
        return None
    return type_.name if isinstance(type_, m.TypeDecl) else type_.last or None


_MEANT = {"rust": _in_rust, "java": _in_java, "python": _in_python}
