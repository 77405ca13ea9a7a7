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
}
#: Methods that hand out the same kind as they are called on.
_SAME = {
    "map", "and_then", "or_else", "as_ref", "as_mut", "as_deref", "as_deref_mut", "cloned", "copied",
    "inspect", "clone", "or", "and", "flatten", "take",
}  # fmt: skip
_DEEPEST = 12


def wrapper_of(expression: m.Expr | None, call: Call, depth: int = 0) -> str | None:
    """`Option` or `Result`, whichever an expression is known to be."""
    by_type = bare(call.type_of(expression))
    if by_type is not None and by_type.last in ("Option", "Result"):
        return by_type.last
    if not isinstance(expression, m.Call) or depth > _DEEPEST or by_type is not None:
        return None
    if expression.last in _SAME and expression.kind == "method":
        return wrapper_of(expression.receiver, call, depth + 1)
    if expression.kind == "method" and expression.last in _OPTIONAL:
        return "Option"
    return "Result" if expression.last in _FALLIBLE else None
