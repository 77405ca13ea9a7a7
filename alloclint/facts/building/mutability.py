"""Rust: whether a local still has to be `mut` when the statements that fill it first are gone."""

from __future__ import annotations

import re

from alloclint.facts.building.constructions import Construction
from alloclint.facts.walk.places import roles
from alloclint.facts.walk.scopes import Use
from alloclint.finding import Edit
from alloclint.syntax import model as m

#: Methods that need no `mut`, of those that neither grow nor shrink.
_BY_REFERENCE = {
    "len", "is_empty", "capacity", "iter", "get", "first", "last", "contains", "as_slice", "as_str",
    "as_bytes", "as_ref", "to_vec", "clone", "concat", "join", "chunks", "windows", "binary_search",
    "starts_with", "ends_with", "as_ptr", "split_at", "into_iter", "into_boxed_slice",
    "chunks_exact", "contains_key", "keys", "values", "to_string", "into_bytes", "chars", "bytes",
    "lines",
}  # fmt: skip
_BY_MUTABLE_REFERENCE = {
    "iter_mut", "get_mut", "first_mut", "last_mut", "as_mut_slice", "as_mut_ptr", "as_mut", "swap",
    "fill", "reverse", "clear", "truncate", "pop", "drain", "retain", "copy_from_slice",
    "clone_from_slice", "chunks_mut", "chunks_exact_mut", "split_at_mut", "sort", "sort_by",
    "sort_by_key", "sort_unstable", "sort_unstable_by", "sort_unstable_by_key", "dedup", "resize",
    "remove", "rotate_left", "rotate_right", "set_len", "swap_remove", "shrink_to_fit", "insert",
    "split_off",
}  # fmt: skip


def is_changed_after(built: Construction, order: int) -> bool | None:
    """
    Whether a local is changed, or lent to be changed, after point `order`; None where that is not
    certain.
    """
    if built.place is None:
        return None
    uses = [use for use in built.function.trace.uses_of(built.place.binding) if use.order > order]
    verdicts = [_changes(built, use) for use in uses]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _changes(built: Construction, use: Use) -> bool | None:
    if use.expr is None or use.around is None:
        return _changes_by_role(built, use)
    node, up = use.around.node, use.around.up.node if use.around.up is not None else None
    if isinstance(node, m.Call) and node.kind == "macro":
        return _changes_by_role(built, use)
    if isinstance(node, m.Unary):
        return node.op == "&mut" or (None if node.op == "*" else False)
    if isinstance(node, m.Call) and node.receiver is use.expr:
        return _called(built, node)
    if isinstance(node, m.Assign):
        return node.target is use.expr
    if isinstance(node, m.Index) and node.of is use.expr:
        return _indexed(node, up)
    return None if isinstance(node, m.Field | m.Opaque) else False


def _called(built: Construction, call: m.Call) -> bool | None:
    language = built.file.language
    grows = call.last in language.growing[built.collection.kind] or call.last in language.reserving
    if grows or call.last in _BY_MUTABLE_REFERENCE:
        return True
    return False if call.last in _BY_REFERENCE else None


def _indexed(index: m.Index, up: m.Node | None) -> bool | None:
    if isinstance(up, m.Assign):
        return up.target is index
    if isinstance(up, m.Unary):
        return up.op == "&mut"
    return (
        None
        if isinstance(up, m.Call | m.Field | m.Index)
        and getattr(up, "receiver", getattr(up, "of", None)) is index
        else False
    )


def _changes_by_role(built: Construction, use: Use) -> bool | None:
    """In a macro: formatting reads, `write!` appends, and of another macro nothing is known."""
    if built.place is None:
        return None
    found = roles(built.place, built.function.trace, built.file.language, built.collection.kind)
    kind = next((role.kind for role in found if role.use is use), "")
    return {"read": False, "grows": True}.get(kind)


def without_mut(built: Construction) -> Edit | None:
    """The edit that takes `mut` away from the statement that declares it; None where there is none."""
    statement = built.statement
    if not isinstance(statement, m.Let):
        return None
    found = re.match(rb"let\s+(mut\s+)", built.file.source[statement.start : statement.end])
    return Edit(statement.start + found.start(1), statement.start + found.end(1), "") if found else None
