"""Rust: whether a value is an `Option` or a `Result`, by its type or by the method that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.names import bare
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

#: Methods of the standard library that hand out an Option, or a Result, whatever they are called on.
_OPTIONAL = {
    "ok", "err", "get", "get_mut", "first", "last", "next", "next_back", "pop", "pop_front", "pop_back",
    "nth", "peek", "find", "find_map", "position", "rposition", "strip_prefix", "strip_suffix", "split_once",
    "rsplit_once", "split_first", "split_last", "file_name", "file_stem", "extension", "parent", "max", "min",
    "max_by_key", "min_by_key", "max_by", "min_by", "reduce", "checked_add", "checked_sub", "checked_mul",
    "checked_div", "to_digit", "from_digit", "zip", "filter", "xor", "downcast_ref", "get_key_value",
}  # fmt: skip
_FALLIBLE = {
    "parse",
    "try_into",
    "try_from",
    "from_utf8",
    "from_str",
    "map_err",
    "read_to_string",
    "lock",
    "var",
    "canonicalize",
    "metadata",
    "symlink_metadata",
    "read_link",
    "read_dir",
    "try_exists",
    "duration_since",
}
#: Methods that hand out the same kind as they are called on.
_SAME = {
    "map", "and_then", "or_else", "as_ref", "as_mut", "as_deref", "as_deref_mut", "cloned", "copied",
    "inspect", "clone", "or", "and", "flatten", "take",
}  # fmt: skip
_CONSTRUCTORS = {("Some",): "Option", ("Ok",): "Result", ("Err",): "Result"}
_DEEPEST = 12


def wrapper_of(expression: m.Expr | None, call: Call, depth: int = 0) -> str | None:
    """`Option` or `Result`, whichever an expression is known to be."""
    by_type = bare(call.type_of(expression))
    if by_type is not None and by_type.last in ("Option", "Result"):
        return by_type.last
    if depth > _DEEPEST or by_type is not None:
        return None
    if isinstance(expression, m.Embedded):
        return _of_statement(expression.statement, call, depth + 1)
    if isinstance(expression, m.Name | m.Path):
        spelled = expression.id if isinstance(expression, m.Name) else expression.name[-1]
        return "Option" if spelled == "None" else None
    return _of_call(expression, call, depth) if isinstance(expression, m.Call) else None


def _of_call(expression: m.Call, call: Call, depth: int) -> str | None:
    if expression.name in _CONSTRUCTORS:
        return _CONSTRUCTORS[expression.name]
    if expression.last in _SAME and expression.kind == "method":
        return wrapper_of(expression.receiver, call, depth + 1)
    if expression.kind == "method" and expression.last in _OPTIONAL:
        return "Option"
    return "Result" if expression.last in _FALLIBLE else _declared(expression, call)


def _declared(expression: m.Call, call: Call) -> str | None:
    """What all functions of that name in the file return."""
    if call.file.language.name != "rust":
        return None
    returned = [bare(one.returns) for one in call.file.facts.types.functions.get(expression.last, ())]
    kinds = {type_.last if type_ is not None else "" for type_ in returned}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return kind if kind in ("Option", "Result") else None


def _of_statement(statement: m.Stmt, call: Call, depth: int) -> str | None:
    """What a `match`, an `if` or a block is worth, going by all of its ways that are known."""
    if isinstance(statement, m.Branch):
        kinds = {_of_statement(arm.body, call, depth) for arm in statement.arms} - {None}
        return kinds.pop() if statement.exhaustive and len(kinds) == 1 else None
    if isinstance(statement, m.Block):
        last = statement.statements[-1] if statement.statements else None
        return _of_statement(last, call, depth) if last is not None else None
    if not isinstance(statement, m.Eval) or not statement.tail:
        return None
    return wrapper_of(statement.value, call, depth + 1)
