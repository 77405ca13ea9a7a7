"""
Comparisons: code that a sort, a search or an ordered map runs for each pair of elements that it compares.

A sort of n elements compares n log n times; what a key function or a comparator makes, it makes that often.
Functions that are asked once per element, such as `max_by_key` and the keys of Python's sorts, are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.eager.eagerness import (
    Eager,
    eager_part,
    evaluated,
    is_text_known,
    is_text_type,
    owns_heap,
)
from alloclint.facts.names.finite import has_few_values
from alloclint.facts.often.working import declared_by
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


@dataclass(frozen=True, slots=True)
class Compared:
    """
    What is made at each comparison. `key` is the whole key, of `parameter`, where there is a key function;
    `is_copy` where the key is nothing but a copy of a part; `known` where the type of what is asked is.
    """

    call: Call
    eager: Eager
    key: m.Expr | None = None
    parameter: str = ""
    is_copy: bool = False
    known: bool = True


def compared(call: Call) -> Compared | None:
    """What a call makes others make at each comparison, or makes itself inside a comparator."""
    return _IN[call.file.language.name](call)


def body_of(closure: m.Expr | None) -> m.Expr | None:
    """The one expression that a closure evaluates."""
    statements = closure.body.statements if isinstance(closure, m.Closure) else []
    only = statements[0] if len(statements) == 1 else None
    return only.value if isinstance(only, m.Eval | m.Exit) else None


def _parameters(closure: m.Expr | None) -> list[str]:
    found = closure.params if isinstance(closure, m.Closure) else ()
    return [one.name or "" for one in found]


# ---------------------------------------------------------------- Rust


_RUST_KEYS = {"sort_by_key", "sort_unstable_by_key", "select_nth_unstable_by_key"}
_RUST_PAIRS = {"sort_by", "sort_unstable_by"}


def _in_rust(call: Call) -> Compared | None:
    closure = call.args[-1] if call.args else None
    body, parameters = body_of(closure), _parameters(closure)
    if call.node.kind != "method" or body is None:
        return None
    if call.name in _RUST_KEYS and len(parameters) == 1:
        return _key_in_rust(call, body, parameters[0])
    if call.name not in _RUST_PAIRS or len(parameters) != 2:
        return None
    pairs = (one for one in evaluated(body) if isinstance(one, m.Call) and one.last in ("cmp", "partial_cmp"))
    found = (_pair(one.receiver, one.args[0], call) for one in pairs if one.receiver is not None and one.args)
    return next((Compared(call, one) for one in found if one is not None), None)


def _key_in_rust(call: Call, body: m.Expr, parameter: str) -> Compared | None:
    eager = eager_part(body, call)
    if eager is not None:
        return Compared(call, eager, body, parameter)
    for node in evaluated(body):
        if isinstance(node, m.Call) and node.last in ("clone", "to_owned", "to_vec") and not node.args:
            type_ = _part_of_element(node.receiver, parameter, call)
            if owns_heap(type_, call):
                return Compared(call, Eager(node, "a copy"), body, parameter, is_copy=node is body)
    return None


def _part_of_element(part: m.Expr | None, parameter: str, call: Call) -> m.Type | None:
    """The type of `x.name` where `x` stands for an element of what is sorted."""
    types, fields = call.file.facts.types, []
    while isinstance(part, m.Field):
        fields.append(part.name)
        part = part.of
    container = types.plain(call.receiver_type)
    if not isinstance(part, m.Name) or part.id != parameter or container is None or not container.args:
        return None
    found: m.Type | None = container.args[0]
    for name in reversed(fields):
        plain = types.plain(found)
        if plain is not None and plain.kind == "tuple" and name.isdigit():
            found = plain.args[int(name)] if int(name) < len(plain.args) else None
        else:
            field = types.inherited_field(types.declaration(found), name)
            found = field.type if field is not None else None
    return found


def _pair(left: m.Expr | None, right: m.Expr | None, call: Call) -> Eager | None:
    """What is made on both sides of a comparison."""
    made = eager_part(left, call)
    return made if made is not None and eager_part(right, call) is not None else None


# ---------------------------------------------------------------- Java


_COMPARATOR = "java.util.Comparator"
_CHAIN = "com.google.common.collect.ComparisonChain.start"
_MAKING = {"toString", "toLowerCase", "toUpperCase", "trim", "strip", "toLowerCaseString"}


def _in_java(call: Call) -> Compared | None:
    if call.path == f"{_COMPARATOR}.comparing" or (call.name == "thenComparing" and call.path is None):
        return _key_in_java(call, call.args[0] if call.args else None)
    if call.name == "compare" and len(call.args) >= 2 and _starts_chain(call):
        made = eager_part(call.args[0], call) or eager_part(call.args[1], call)
        return Compared(call, made) if made is not None else None
    if call.name in ("compareTo", "compareToIgnoreCase") and len(call.args) == 1 and _is_comparator(call):
        made = _pair(call.node.receiver, call.args[0], call)
        return Compared(call, made, known=not made.guessed) if made is not None else None
    return None


def _key_in_java(call: Call, key: m.Expr | None) -> Compared | None:
    if _sorts_few(call):
        return None
    if isinstance(key, m.MethodRef):
        return _reference(call, key)
    body, parameters = body_of(key), _parameters(key)
    made = eager_part(body, call) if len(parameters) == 1 else None
    if made is None or body is None:
        return None
    return Compared(call, made, body, parameters[0], known=not made.guessed)


def _sorts_few(call: Call) -> bool:
    """Whether a comparator is given to a list or a stream of what has few values, such as an enum's."""
    sort = next((node for node in call.parents if isinstance(node, m.Call) and node.last in _SORTING), None)
    sorted_ = call.file.facts.types.plain(call.type_of(sort.receiver)) if sort is not None else None
    if sorted_ is None or not sorted_.args:
        return False
    return has_few_values(sorted_.args[0], call.file.facts.types)


_SORTING = {"sort", "sorted"}


def _reference(call: Call, key: m.MethodRef) -> Compared | None:
    """`Method::toString`; of `this::name` nobody knows what it makes."""
    owner = key.of.id if isinstance(key.of, m.Name) else ""
    if key.name not in _MAKING or not owner[:1].isupper():
        return None
    type_ = m.Type(0, 0, "named", (owner,))
    if key.name == "toString" and is_text_type(type_, call):
        return None
    known = key.name != "toString" or is_text_known(type_, call)
    return Compared(call, Eager(key, "a String"), key, known=known)


def _starts_chain(call: Call) -> bool:
    """Whether a call belongs to `ComparisonChain.start().compare(…)…`, which evaluates all of it."""
    from alloclint.facts.names.callees import callee_path

    node: m.Expr | None = call.node.receiver
    while isinstance(node, m.Call) and node.last != "start":
        node = node.receiver
    if not isinstance(node, m.Call):
        return False
    return callee_path(node, call.file.facts.types, call.event.scope, call.event.order) == _CHAIN


def _is_comparator(call: Call) -> bool:
    """Whether a call stands in `compareTo`, `compare`, or in a lambda of the two things that it compares."""
    for node in call.parents:
        if isinstance(node, m.Closure):
            both = set(_parameters(node))
            return len(both) == 2 and both <= {one.id for one in _names(call.node)}
    declared = call.function.declaration
    return declared.name in ("compare", "compareTo") and len(declared.params) == 2 - (
        declared.name == "compareTo"
    )


def _names(node: m.Expr) -> Iterator[m.Name]:
    return (one for one in evaluated(node) if isinstance(one, m.Name))


# ---------------------------------------------------------------- Python


_SORTS = {"builtins.sorted", "heapq.nsmallest", "heapq.nlargest"}


def _in_python(call: Call) -> Compared | None:
    if call.path == "functools.cmp_to_key" and call.args:
        return _comparator_in_python(call, call.args[0])
    is_sort = call.path in _SORTS or (call.name == "sort" and call.node.kind == "method")
    key = next((one.value for one in call.args if isinstance(one, m.Keyword) and one.name == "key"), None)
    if not is_sort or key is None or call.loop is None:
        return None
    # A key is asked for once per element; in a loop, again at each turn.
    made = eager_part(body_of(key), call)
    return Compared(call, made, key) if made is not None and _outlives_turns(call) else None


def _comparator_in_python(call: Call, comparator: m.Expr) -> Compared | None:
    if isinstance(comparator, m.Closure):
        bodies: list[m.Expr | None] = [body_of(comparator)]
        both = set(_parameters(comparator))
    else:
        declared = _function_named(comparator, call)
        if declared is None or declared.body is None:
            return None
        both = {one.pattern.name or "" for one in declared.params} - {"self", "cls"}
        bodies = list(_tests(declared.body))
    if len(both) != 2:
        return None
    for body in bodies:
        for node in evaluated(body):
            if isinstance(node, m.Binary) and node.op in ("<", ">", "<=", ">=", "==", "!=", "-"):
                made = _pair(node.left, node.right, call)
                if made is not None and both <= {one.id for one in _names(node)}:
                    return Compared(call, made)
    return None


def _function_named(expression: m.Expr, call: Call) -> m.Function | None:
    if isinstance(expression, m.Name):
        probe = m.Call(*expression.span, "function", (expression.id,))
    elif isinstance(expression, m.Field):
        probe = m.Call(*expression.span, "method", (expression.name,), expression.of)
    else:
        return None
    return declared_by(probe, call)


def _tests(block: m.Block) -> Iterator[m.Expr | None]:
    """The expressions of a function that it looks at or hands out."""
    from alloclint.facts.walk.nodes import descendants

    for node in descendants(block):
        if isinstance(node, m.Exit | m.Eval | m.Assign):
            yield node.value
        elif isinstance(node, m.Arm):
            yield node.test


def _outlives_turns(call: Call) -> bool:
    """Whether what is sorted in a loop is there before it: its keys were made at the turn before as well."""
    sorted_ = call.args[0] if call.node.kind == "function" and call.args else call.node.receiver
    binding = call.binding(sorted_.id) if isinstance(sorted_, m.Name) else None
    is_kept = binding is not None and call.loop is not None and binding.order < call.loop.start
    return is_kept and binding is not None and not any(order > call.loop.start for order in binding.assigned)  # type: ignore[union-attr]


_IN = {"rust": _in_rust, "java": _in_java, "python": _in_python}
