"""
Looking: whether a value is only looked at, never changed, kept or handed on.

A copy of which this is true was not needed where the original stays as it is. What is not known to only look
counts as a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.effects import effect_of, is_pure
from alloclint.facts.often.invariance import is_invariant
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.scopes import Binding, Link, LoopFact, Use
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Site

_COMPARISONS = {"==", "!=", "<", ">", "<=", ">=", "in", "not in", "is", "is not"}
#: Methods that neither change what they are called on nor keep it.
_LOOKING = {
    "rust": {
        "len", "is_empty", "capacity", "get", "first", "last", "contains", "contains_key", "as_str",
        "as_bytes", "as_slice", "as_ref", "as_path", "as_os_str", "starts_with", "ends_with", "eq", "ne",
        "cmp", "partial_cmp", "iter", "keys", "values", "chars", "char_indices", "bytes", "lines", "find",
        "rfind", "split", "split_whitespace", "splitn", "trim", "trim_start", "trim_end", "strip_prefix",
        "strip_suffix", "parse", "is_char_boundary", "binary_search", "chunks", "windows", "join", "concat",
        "exists", "is_file", "is_dir", "file_name", "extension", "parent", "display", "to_str",
        "to_string_lossy", "eq_ignore_ascii_case", "borrow", "matches", "to_lowercase", "to_uppercase",
        "is_subset", "is_superset", "is_disjoint", "peek", "replace", "clone", "to_string", "to_owned",
        "to_vec", "repeat", "hash", "is_some", "is_none", "is_some_and", "as_deref", "is_ok", "is_err",
    },
    "java": {
        "size", "isEmpty", "get", "contains", "containsKey", "containsValue", "containsAll", "indexOf",
        "lastIndexOf", "hashCode", "equals", "toString", "getOrDefault", "length", "charAt", "substring",
        "compareTo", "startsWith", "endsWith", "isBlank", "getFirst", "getLast", "first", "last", "peek",
        "equalsIgnoreCase", "compareToIgnoreCase", "getBytes", "toCharArray", "split", "trim", "toLowerCase",
        "toUpperCase", "matches", "contentEquals", "codePointAt",
    },
    "python": {
        "get", "keys", "values", "items", "count", "index", "issubset", "issuperset", "isdisjoint", "union",
        "intersection", "difference", "symmetric_difference", "copy", "most_common", "startswith", "endswith",
    },
}  # fmt: skip
_VIEWS = {"keys", "values", "items"}
#: Those of them that hand out a part of what they are called on.
_PARTS = {"get", "keys", "values", "items", "first", "last", "getOrDefault", "getFirst", "getLast", "peek"}
_FORMATTING = {
    "format", "print", "println", "eprint", "eprintln", "panic", "assert", "assert_eq", "assert_ne",
    "debug_assert", "debug_assert_eq", "debug_assert_ne", "trace", "debug", "info", "warn", "error", "write",
    "writeln", "matches", "format_args",
}  # fmt: skip


def is_only_looked_at(expression: m.Expr, link: Link | None, site: Site, *, deep: bool = False) -> bool:
    """
    Whether what is done to a value with the expression around it only looks. `link` is the chain of nodes
    around the expression, which may be its first. `deep`: nothing happens to its parts either.
    """
    while link is not None and link.node is expression:
        link = link.up
    node = link.node if link is not None else None
    if isinstance(node, m.Call):
        return _by_call(node, expression, link, site, deep=deep)
    if isinstance(node, m.Binary):
        return node.op in _COMPARISONS
    if isinstance(node, m.Unary):
        return _by_operator(node, expression, link, site, deep=deep)
    if isinstance(node, m.Index):
        return node.of is not expression or _part_is_looked_at(node, link, site, deep=deep)
    if isinstance(node, m.Field):
        # Rust moves a field out of what holds it.
        return _part_is_looked_at(node, link, site, deep=deep or site.file.language.name == "rust")
    if isinstance(node, m.Keyword):
        return node.name == "**" or (node.name == "*" and not deep)
    if isinstance(node, m.Opaque):
        return node.kind == "text"
    return isinstance(node, m.Branch | m.Arm) and site.file.language.name == "python"


def is_only_read(binding: Binding, site: Site, *, deep: bool = False) -> bool:
    """Whether a local is only looked at wherever it is used, and by nobody who does it later."""
    if binding.assigned or (binding.mutable and site.file.language.name == "rust"):
        return False
    uses = site.function.trace.uses_of(binding)
    return bool(uses) and all(_reads(use, binding, site, deep=deep) for use in uses)


def _reads(use: Use, binding: Binding, site: Site, *, deep: bool) -> bool:
    if any(
        isinstance(frame.node, m.Closure | m.Function | m.Block) for frame in use.frame.within(binding.frame)
    ):
        return False
    if use.expr is None:
        node = use.around.node if use.around is not None else None
        return isinstance(node, m.Call) and node.kind == "macro" and node.last in _FORMATTING
    node = use.around.node if use.around is not None else None
    if isinstance(node, m.Assign) and node.target is use.expr:
        return node is binding.node
    return is_only_looked_at(use.expr, use.around, site, deep=deep)


def _by_call(call: m.Call, expression: m.Expr, link: Link | None, site: Site, *, deep: bool) -> bool:
    language = site.file.language.name
    if call.receiver is expression:
        if call.last not in _LOOKING[language]:
            return False
        if call.last in _VIEWS and language == "python":
            # Who goes through a view may do so because the original changes meanwhile.
            return is_only_looked_at(call, link, site, deep=deep)
        hands_out = deep and call.last in _PARTS and language != "rust"
        return not hands_out or _part_is_looked_at(call, link, site, deep=True)
    if call.kind == "macro":
        return call.last in _FORMATTING
    if language == "rust":
        return False
    effect = effect_of(call, site)
    shares = effect is not None and effect.allocates and deep
    return is_pure(call, site) and not shares


def _by_operator(node: m.Unary, expression: m.Expr, link: Link | None, site: Site, *, deep: bool) -> bool:
    if node.op == "&":
        # What a reference refers to cannot be changed through it, and it does not outlive the value.
        return True
    if node.op == "*":
        return is_only_looked_at(node, link, site, deep=deep)
    return node.op in ("not", "!")


def _part_is_looked_at(part: m.Expr, link: Link | None, site: Site, *, deep: bool) -> bool:
    """Whether an element or a field is at least not assigned or deleted; `deep`: only looked at itself."""
    above = link.up.node if link is not None and link.up is not None else None
    if isinstance(above, m.Assign) and (above.target is part or isinstance(above.target, m.Display)):
        return False
    if isinstance(above, m.Opaque) and above.kind == "delete":
        return False
    if isinstance(above, m.Unary) and above.op in ("++", "--", "&mut"):
        return False
    return not deep or is_only_looked_at(part, link, site, deep=True)


def keeps_content(expression: m.Expr, loop: LoopFact, site: Site) -> bool:
    """
    Whether a loop leaves alone what an expression refers to, inside as well: it is the same at each turn, and
    what is done to it anywhere in the loop but at the site only looks.
    """
    if not is_invariant(expression, loop, site):
        return False
    if site.file.language.name == "rust":
        # Whatever changes it there borrows or assigns it visibly.
        return True
    names = [node for node in descendants(expression) if isinstance(node, m.Name)]
    bindings = (site.event.scope.lookup(name.id, site.event.order) for name in names)
    uses = (use for one in bindings if one is not None for use in site.function.trace.uses_of(one))
    inside = (use for use in uses if loop.start <= use.order <= loop.end)
    return all(_leaves_alone(use, site) for use in inside)


def _leaves_alone(use: Use, site: Site) -> bool:
    expression, link = use.expr, use.around
    start, end = site.span
    if expression is None or start <= expression.start < end:
        return expression is not None
    whole: m.Expr = expression
    while link is not None and isinstance(link.node, m.Field) and link.node.of is whole:
        whole, link = link.node, link.up
    node = link.node if link is not None else None
    iterates = isinstance(node, m.Loop | m.Clause) and node.iterable is whole
    return iterates or is_only_looked_at(whole, link, site)
