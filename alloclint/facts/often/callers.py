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
from alloclint.facts.often.failing import failing
from alloclint.facts.often.named import cold_by_name
from alloclint.facts.often.once import once_only
from alloclint.facts.often.starting import starting
from alloclint.facts.testcode import is_quiet
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function


def callers_of(function: Function) -> list[Call]:
    """The calls of a function in its own file, those in tests left out."""
    key = "callers"
    if key not in function.trace.memo:
        name = _called_as(function.declaration)
        calls = function.file.facts.calls((name,)) if _can_be_called(function) else []
        function.trace.memo[key] = [
            call for call in calls if not is_quiet(function.file, call.span) and _is_meant(call, function)
        ]
    found: list[Call] = function.trace.memo[key]
    return found


def all_callers(function: Function) -> list[Call]:
    """The calls of a function that only its own file can call, and only by these; none where others may."""
    if not _is_private(function.declaration, function.file.language.name):
        return []
    callers = callers_of(function)
    return callers if _mentions(function) <= len(callers) + 1 else []


def only_failing(function: Function) -> str | None:
    """Why a function that only its own file can call runs on failing ways alone; None otherwise."""
    key = "only failing"
    if key not in function.trace.memo:
        # A function that calls itself has no answer while it is being asked.
        function.trace.memo[key] = None
        callers = all_callers(function)
        reasons = [failing(call.function, call.event) or only_failing(call.function) for call in callers]
        function.trace.memo[key] = reasons[0] if reasons and all(reasons) else None
    reason: str | None = function.trace.memo[key]
    return reason


def called_in_loop(function: Function) -> Call | None:
    """A call of a function that a loop repeats, in code that runs more than once."""
    looped = (call for call in callers_of(function) if call.loop is not None)
    return next(looped, None)


def called_once(function: Function) -> str | None:
    """
    Why a function that only its own file can call runs once: whoever calls it does, or whoever calls that;
    None otherwise.
    """
    key = "called once"
    if key not in function.trace.memo:
        # A function that calls itself has no answer while it is being asked.
        function.trace.memo[key] = None
        function.trace.memo[key] = _called_once(function)
    reason: str | None = function.trace.memo[key]
    return reason


def _called_once(function: Function) -> str | None:
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
    reasons = [_runs_once(call) for call in callers]
    if not all(reasons):
        return None
    return f"its only caller runs once: {(reasons[0] or '').removeprefix(_BY_CALLER)}"


_BY_CALLER = "its only caller runs once: "


def _runs_once(call: Call) -> str | None:
    function = call.function
    return (
        once_only(function, call.event)
        or starting(function.declaration, function.file)
        or cold_by_name(function.declaration, function.file)
        or called_once(function)
    )


def only_asserted(function: Function) -> str | None:
    """Java: why a function never runs in production: it is only called in `assert` statements."""
    declaration, file = function.declaration, function.file
    is_own = "private" in declaration.modifiers or declaration.name.startswith(("assert", "invariant"))
    if (
        file.language.name != "java"
        or not is_own
        or declaration.name == getattr(declaration.owner, "name", "")
    ):
        return None
    name = re.escape(declaration.name.encode())
    asserted = re.findall(rb"(?<!\w)assert\s[^;{}]*?(?<!\w)%s\(" % name, file.source)
    others = _mentions(function) - len(asserted) - 1
    return "it is only called in `assert` statements" if asserted and others <= 0 else None


def _mentions(function: Function) -> int:
    """How often the file names a function, its declaration included; a constructor where it is called."""
    name = re.escape(_called_as(function.declaration).encode())
    if _is_constructor(function.declaration):
        return len(re.findall(rb"(?<!\w)(?:new\s+%s|this)\s*\(" % name, function.file.source)) + 1
    return len(re.findall(rb"(?<!\w)%s(?!\w)" % name, function.file.source))


def _is_constructor(declaration: m.Function) -> bool:
    return "constructor" in declaration.modifiers


def _called_as(declaration: m.Function) -> str:
    """The name by which a function is called; a constructor goes by that of its class."""
    if _is_constructor(declaration) and declaration.owner is not None:
        return declaration.owner.name
    return declaration.name


def _given_to_cells(function: Function) -> int:
    """How often Rust's lazy cells are given the function itself: `LazyLock::new(build)`."""
    if function.file.language.name != "rust":
        return 0
    name = re.escape(function.declaration.name.encode())
    given = rb"(?:Lazy\w*\s*::\s*(?:<[^>]*>\s*::\s*)?new|get_or_init)\(\s*(?:\w+::)*%s\s*\)" % name
    return len(re.findall(given, function.file.source))


def _can_be_called(function: Function) -> bool:
    name = _called_as(function.declaration)
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
    if node.kind == "new" or _is_constructor(function.declaration):
        return node.kind == "new" and _is_constructor(function.declaration) and node.last == owner.name
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
    """
    Whether an overload of so many parameters is meant: the only one, as types are not told apart; one that
    may take any number is none.
    """
    others = declaration.owner.functions if declaration.owner is not None else []
    named = [one for one in others if one.name == declaration.name and len(one.params) == arguments]
    return len(declaration.params) == arguments and len(named) <= 1


def _name_of(type_: m.Type | m.TypeDecl | None) -> str | None:
    if type_ is None:
        return None
    return type_.name if isinstance(type_, m.TypeDecl) else type_.last or None


_MEANT = {"rust": _in_rust, "java": _in_java, "python": _in_python}
