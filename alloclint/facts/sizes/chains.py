"""Iterator chains: how many elements of a source are left after its steps, `take`, `zip` and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from alloclint import size as sizes
from alloclint.facts.sizes.turns import Trip, unknown
from alloclint.facts.walk.places import place_of
from alloclint.facts.walk.scopes import Scope
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.sizes.trips import Trips


def chained(trips: Trips, call: m.Call, scope: Scope, at: int) -> Trip | None:
    """How many elements a call yields; None where it is no step of a chain."""
    source, arguments = _source(trips, call)
    if source is None:
        return _factory(trips, call, scope, at)
    adaptor = trips.language.adaptors.get(call.last)
    if adaptor is None or (isinstance(source, m.Name) and (source.id, call.last) in _STATIC):
        return _other_method(trips, call, scope, at)
    if call.last == "drain" and not (arguments and _is_full(arguments[0])) and arguments:
        return unknown("drains a part")
    inner = (
        trips.elements(source, scope, at)
        if not _is_text(trips, source, scope, at)
        else _text(trips, call, source, scope, at)
    )
    if inner.size is None:
        return inner
    return _EFFECTS[adaptor.effect](trips, inner, call, arguments, scope, at)


def _source(trips: Trips, call: m.Call) -> tuple[m.Expr | None, tuple[m.Expr, ...]]:
    if call.kind == "method" and not (trips.language.name == "python" and call.receiver is None):
        return call.receiver, call.args
    if trips.language.name == "python" and call.kind == "function" and len(call.name) == 1 and call.args:
        if call.last in _ITERABLE_FUNCTIONS and _plain_args(call):
            return call.args[0], tuple(
                argument for argument in call.args[1:] if not isinstance(argument, m.Keyword)
            )
        if call.last in ("map", "filter") and len(call.args) == 2 and _plain_args(call):
            return call.args[1], ()
    return None, ()


def _factory(trips: Trips, call: m.Call, scope: Scope, at: int) -> Trip | None:
    """`range(n)`, `iter::repeat_n(x, n)` and the like."""
    if trips.language.name == "python" and call.name == ("range",) and _plain_args(call):
        return _python_range(trips, call, scope, at)
    if trips.language.name == "rust" and call.last in ("repeat_n", "once", "empty"):
        counted = (
            trips.integers.value(call.args[1], scope, at)
            if call.last == "repeat_n" and len(call.args) == 2
            else None
        )
        size = {"once": sizes.const(1), "empty": sizes.ZERO}.get(call.last, counted)
        return Trip(size) if size is not None else unknown("a repeat count that is not known")
    if trips.language.name == "rust" and call.last == "repeat":
        return Trip(None, Bound.exact, "endless")
    return None


def _python_range(trips: Trips, call: m.Call, scope: Scope, at: int) -> Trip:
    values = [trips.integers.signed(argument, scope, at) for argument in call.args]
    if None in values or not 1 <= len(values) <= 3:
        return unknown("an end of the range is not a known size")
    known = [value for value in values if value is not None]
    low, high = (sizes.ZERO, known[0]) if len(known) == 1 else (known[0], known[1])
    step = known[2].constant if len(known) == 3 else 1
    if not step:
        return unknown("the step of the range is not a constant")
    span = sizes.monus(high, low) if step > 0 else sizes.monus(low, high)
    return Trip(sizes.divide(span, abs(step), up=True), shape="unique")


def _other_method(trips: Trips, call: m.Call, scope: Scope, at: int) -> Trip | None:
    """A static call with a known number of elements: `Arrays.asList(a, b)`, `List.of(a, b, c)`."""
    receiver = call.receiver
    if trips.language.name != "java" or not isinstance(receiver, m.Name) or not call.args:
        return None
    if (receiver.id, call.last) in _STATIC and (call.last != "stream" or len(call.args) == 1):
        return _spread(trips, call, scope, at) if len(call.args) == 1 else Trip(sizes.const(len(call.args)))
    return None


def _spread(trips: Trips, call: m.Call, scope: Scope, at: int) -> Trip | None:
    """The one argument of `Arrays.asList(x)`: an array of objects stands for its elements."""
    type_ = trips.types.plain(trips.types.of(call.args[0], trips.trace, scope, at))
    if type_ is None or trips.types.known(type_) is None:
        return None
    inner = type_.args[0] if type_.args else None
    is_primitive = inner is None or (inner.kind == "named" and inner.last in _PRIMITIVES)
    if trips.types.known(type_) != "array" or (is_primitive and call.last != "stream"):
        return Trip(sizes.const(1))
    single = trips.elements(call.args[0], scope, at)
    return single if single.size is not None else None


def _is_text(trips: Trips, source: m.Expr, scope: Scope, at: int) -> bool:
    return trips.language.name == "rust" and trips.types.known(
        trips.types.of(source, trips.trace, scope, at)
    ) in ("str", "String")


def _text(trips: Trips, call: m.Call, source: m.Expr, scope: Scope, at: int) -> Trip:
    """The bytes or characters of a Rust string; a character has one byte at least."""
    place = place_of(source, scope, at)
    if place is None or call.last not in (
        "chars",
        "char_indices",
        "bytes",
        "as_bytes",
        "as_str",
        "to_string",
        "clone",
        "into_bytes",
    ):
        return unknown("a part of a string")
    return Trip(sizes.of(Atom("length", place.text(), "len", place)), shape="items")


def _is_full(expression: m.Expr) -> bool:
    return isinstance(expression, m.Range) and expression.low is None and expression.high is None


def _plain_args(call: m.Call) -> bool:
    return not any(isinstance(argument, m.Keyword) and argument.name in ("*", "**") for argument in call.args)


def _same(
    trips: Trips, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
) -> Trip:
    shape = _VIEWS.get(call.last)
    if trips.language.name == "python":
        return inner.but(
            shape=_PYTHON_SHAPES.get(call.last, inner.shape)
            if inner.shape == "unique" or shape
            else inner.shape
        )
    if call.last in ("keys", "keySet", "into_keys"):
        return inner.but(shape="unique" if inner.shape == "entries" else "items")
    if call.last in ("map", "mapToObj", "values", "values_mut", "into_values", "sorted", "boxed"):
        return inner.but(shape="items")
    if shape == "indexed":
        return inner.but(shape="indexed")
    return inner


def _weaker(
    trips: Trips, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
) -> Trip:
    return inner.but(bound=Bound.at_most)


def _lost(
    trips: Trips, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
) -> Trip:
    return unknown(f"`{call.last}` yields an unknown number")


def _counted_step(
    trips: Trips, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
) -> Trip:
    effect = trips.language.adaptors[call.last].effect
    number = trips.integers.value(arguments[0], scope, at) if arguments else None
    if number is None or inner.size is None:
        return unknown(f"the argument of `{call.last}` is not a known size")
    if effect == "take" and _may_overflow(trips, inner.size):
        return unknown("the sum before `take` may overflow")
    if effect == "take":
        return inner.but(sizes.minimum(inner.size, number))
    if effect == "skip":
        return inner.but(sizes.monus(inner.size, number))
    by = number.constant
    if effect == "windows":
        return inner.but(sizes.monus(inner.size + sizes.const(1), number), shape="items")
    if by is None or by <= 0:
        return unknown(f"the argument of `{call.last}` is not a constant")
    shape = "unique" if effect == "step" and inner.shape == "unique" else "items"
    return inner.but(sizes.divide(inner.size, by, up=effect != "chunks_exact"), shape=shape)


def _combined(
    trips: Trips, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
) -> Trip:
    effect = trips.language.adaptors[call.last].effect
    for argument in arguments:
        other = _other_side(trips, argument, scope, at)
        if effect == "zip" and other.size is None and other.reason in ("endless", "the range has no end"):
            continue
        if other.size is None or inner.size is None:
            return unknown(f"one side of `{call.last}` has no known length")
        if effect == "zip" and (_may_overflow(trips, inner.size) or _may_overflow(trips, other.size)):
            return unknown("a sum may overflow before the shorter side of `zip` is known")
        size = sizes.minimum(inner.size, other.size) if effect == "zip" else inner.size + other.size
        inner = inner.but(size, other.bound, "items")
    return inner


def _may_overflow(trips: Trips, size: Size) -> bool:
    """Rust: whether a sum holds a variable that may be as large as its type, as in `(0..=n).take(2)`."""
    added = sum(coefficient > 0 for _, coefficient in size.terms)
    wide = any(atom.kind == "value" and atom.form in ("usize", "u64") for atom in size.atoms())
    return trips.language.name == "rust" and added > 1 and wide


def _other_side(trips: Trips, argument: m.Expr, scope: Scope, at: int) -> Trip:
    return trips.elements(argument, scope, at)


def may_never_run(trips: Trips, node: m.Node) -> bool:
    """The steps of a lazy chain run for as many elements as its end asks for."""
    if not isinstance(node, m.Call):
        return False
    adaptor = trips.language.adaptors.get(node.last)
    if adaptor is None or not adaptor.lazy:
        return node.last == "try_for_each"
    return trips.language.name != "rust" or not _is_drained(trips, node)


def _is_drained(trips: Trips, call: m.Call) -> bool:
    """Rust: whether what follows a step of an iterator takes every element of it."""
    inner = call
    for outer in trips.trace.calls_upon(call):
        if outer.last in _DRAINING:
            return True
        if outer.last not in _PASSING:
            return False
        inner = outer
    around = trips.trace.around_of(inner)
    node = around.up.node if around is not None and around.up is not None else None
    if isinstance(node, m.Call):
        return node.last == "extend" and any(argument is inner for argument in node.args)
    return isinstance(node, m.Loop) and node.iterable is inner and not _is_left(trips, node)


def _is_left(trips: Trips, loop: m.Loop) -> bool:
    """Whether a loop holds anything that may end it."""
    return any(
        not (isinstance(exit_.node, m.Exit) and exit_.node.kind == "continue")
        for fact in trips.trace.loops_of(loop)
        for exit_ in trips.trace.exits_between(fact.start, fact.end)
    )


_Effect = Callable[["Trips", Trip, m.Call, tuple[m.Expr, ...], Scope, int], Trip]
_EFFECTS: dict[str, _Effect] = {
    "same": _same,
    "at_most": _weaker,
    "unknown": _lost,
    "take": _counted_step,
    "skip": _counted_step,
    "step": _counted_step,
    "chunks": _counted_step,
    "chunks_exact": _counted_step,
    "windows": _counted_step,
    "zip": _combined,
    "chain": _combined,
}
#: Rust: what takes all elements of an iterator, and the steps that take as many as they are asked for; what
#: `collect` and `sum` make may be a `Result`, which ends with the first error.
_DRAINING = {"for_each", "fold", "unzip", "partition"}
_PASSING = {"map", "inspect", "enumerate", "cloned", "copied", "filter", "filter_map", "rev", "flat_map"}
#: Java: static calls that yield their arguments, or the elements of their only one.
_STATIC = {
    ("List", "of"), ("Arrays", "asList"), ("Set", "of"), ("Arrays", "stream"), ("Stream", "of"),
}  # fmt: skip
_PRIMITIVES = {"int", "long", "short", "byte", "char", "float", "double", "boolean"}
#: Python: what a view or a function makes of something whose elements differ.
_PYTHON_SHAPES = {"enumerate": "indexed", "items": "entries", "values": "items", "map": "items"}
_ITERABLE_FUNCTIONS = ("enumerate", "reversed", "sorted", "list", "tuple", "iter", "set", "frozenset", "zip")
_VIEWS = {"enumerate": "indexed", "char_indices": "indexed"}
