"""What a call calls: the full name of a library's function, where an import or a full path vouches for it."""

from __future__ import annotations

import builtins

from alloclint.facts.names.names import Names
from alloclint.facts.walk.scopes import Scope
from alloclint.syntax import model as m

_BUILTINS = frozenset(dir(builtins))


def callee_path(call: m.Call, names: Names, scope: Scope, at: int) -> str | None:
    """
    The full name of a function that belongs to no value, as seen from `scope` at point `at`.

    `regex::Regex::new`, `java.util.regex.Pattern.compile`, `re.compile`, `builtins.sorted`; `java.util.Date`
    of `new Date()`. None for a method of a value, a function of the project, and what nothing tells of.
    """
    path = _PATHS[names.language.name](call, names, scope, at)
    return names.language.separator.join(path) if path is not None else None


def dotted(expression: m.Expr | None) -> tuple[str, ...]:
    """The segments of `a.b.c`; empty for anything else."""
    names: list[str] = []
    while isinstance(expression, m.Field):
        names.append(expression.name)
        expression = expression.of
    return (expression.id, *reversed(names)) if isinstance(expression, m.Name) else ()


def _in_rust(call: m.Call, names: Names, scope: Scope, at: int) -> tuple[str, ...] | None:
    if call.kind != "function" or not call.name:
        return None
    if len(call.name) == 1:
        is_own = call.name[0] in names.functions or _is_bound(call.name[0], names, scope, at)
        return None if is_own else names.library_path(call.name)
    return names.library_path(call.name[:-1], call.name[-1:])


def _in_java(call: m.Call, names: Names, scope: Scope, at: int) -> tuple[str, ...] | None:
    if call.kind == "new":
        return names.library_path(call.name)
    if call.kind == "function":
        return names.static_import(call.last)
    owner = dotted(call.receiver) if call.kind == "method" else ()
    if not owner or owner[0] in ("this", "super") or _is_bound(owner[0], names, scope, at):
        return None
    return names.library_path(owner, (call.last,))


def _in_python(call: m.Call, names: Names, scope: Scope, at: int) -> tuple[str, ...] | None:
    owner = dotted(call.receiver) if call.kind == "method" else ()
    if (call.kind == "method" and not owner) or call.kind not in ("method", "function"):
        return None
    name = (*owner, *call.name)
    if _is_bound(name[0], names, scope, at):
        return None
    if name[0] in names.imports:
        return names.library_path(name)
    is_own = name[0] in names.functions or name[0] in names.declared or name[0] in names.statics
    return ("builtins", name[0]) if len(name) == 1 and name[0] in _BUILTINS and not is_own else None


def _is_bound(name: str, names: Names, scope: Scope, at: int) -> bool:
    """Whether the function around gives a name a meaning of its own; an import inside it does not."""
    binding = scope.lookup(name, at)
    if binding is None or binding.kind == "free":
        return False
    node = binding.node
    is_import = isinstance(node, m.Let) and node.value is None and names.language.name == "python"
    return not (is_import and name in names.imports)


_PATHS = {"rust": _in_rust, "java": _in_java, "python": _in_python}
