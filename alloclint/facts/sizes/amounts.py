"""Amounts: what one operation adds to a collection each time it runs, in entries, bytes or chars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint import size as sizes
from alloclint.facts.walk.places import CUTTING, Role, place_of
from alloclint.facts.walk.scopes import Frame
from alloclint.languages.vocabulary import Growing
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.sizes.growth import Filling


@dataclass(frozen=True, slots=True)
class Growth:
    """
    One operation that adds to a collection; `amount` is what one visit adds (entries, or bytes of a string).
    """

    role: Role
    method: Growing
    amount: Size | None
    bound: Bound
    reason: str = ""

    @property
    def node(self) -> m.Node:
        return self.role.node

    @property
    def counts(self) -> bool:
        """Whether it counts how often each key comes: there are far fewer keys than turns."""
        return self.reason == _COUNTS

    @property
    def order(self) -> int:
        return self.role.use.order

    @property
    def frame(self) -> Frame:
        return self.role.use.frame


def growths(filling: Filling, live: Sequence[Role]) -> list[Growth]:
    return [_growth(filling, link) for role in live if _adds(filling, role) for link in links(filling, role)]


def _growth(filling: Filling, role: Role) -> Growth:
    node = role.node
    if isinstance(node, m.Call):
        method = filling.trips.language.growing[filling.collection.kind].get(node.last)
        if method is not None:
            return _by_method(filling, role, node, method)
        reason = "formatted text has no known length" if filling.is_rust else f"`{node.last}` cuts the text"
        return Growth(role, Growing("formatted"), None, Bound.unknown, reason)
    if isinstance(node, m.Assign):
        return _by_operator(filling, role, node)
    return Growth(role, Growing(key=0), sizes.const(1), Bound.exact)


_COUNTS = "it counts how often each key comes"


def _by_method(filling: Filling, role: Role, call: m.Call, method: Growing) -> Growth:
    if method.amount == "one":
        if _counts_repeats(call):
            return Growth(role, method, None, Bound.unknown, _COUNTS)
        if call.last == "entry" and not _is_made(filling, call):
            return Growth(role, method, sizes.const(1), Bound.at_most, "nothing may be put at an entry")
        bound = Bound.exact if _surely_adds(call) else Bound.at_most
        return Growth(role, method, sizes.const(1), bound, "" if bound is Bound.exact else _MAYBE_NULL)
    index = method.argument if method.argument >= 0 else len(call.args) + method.argument
    argument = call.args[index] if 0 <= index < len(call.args) else None
    if method.amount in ("trip", "length"):
        if len(call.args) > 1 and filling.trips.language.name == "python":
            return Growth(role, method, None, Bound.unknown, f"`{call.last}` adds several things at once")
        trip = filling.trips.elements(argument, filling.scope_of(call), role.use.order)
        return Growth(role, method, trip.size, trip.bound, trip.reason)
    if method.amount == "text":
        return _text(filling, role, method, argument)
    return Growth(role, method, None, Bound.unknown, f"`{call.last}` adds an unknown number")


def _counts_repeats(call: m.Call) -> bool:
    """Java: `merge(key, 1, Integer::sum)` is written where keys are meant to come again and again."""
    if call.last != "merge" or len(call.args) != 3:
        return False
    function = call.args[2]
    if isinstance(function, m.MethodRef):
        return function.name in ("sum", "max", "min", "concat", "addAll")
    body = function.body.statements if isinstance(function, m.Closure) else []
    value = getattr(body[0], "value", None) if len(body) == 1 else None
    return isinstance(value, m.Binary)


def _is_made(filling: Filling, entry: m.Call) -> bool:
    """Rust: whether the call on an entry fills a vacant one."""
    return any(call.last in _FILLING for call in filling.trace.calls_upon(entry))


def _by_operator(filling: Filling, role: Role, assign: m.Assign) -> Growth:
    """`text += other`, and Python's `list += iterable`, `d[k] = v`."""
    if assign.op == "=":
        return Growth(role, Growing(key=0), sizes.const(1), Bound.exact)
    if filling.collection.kind == "string" and filling.trips.language.name != "python":
        return _text(filling, role, Growing("text"), assign.value)
    trip = filling.trips.elements(assign.value, filling.scope_of(assign), role.use.order)
    return Growth(role, Growing("trip", key=0), trip.size, trip.bound, trip.reason)


def _text(filling: Filling, role: Role, method: Growing, argument: m.Expr | None) -> Growth:
    """
    Bytes of a Rust string, chars of a Java one; a character that is not ASCII counts as its encoding.
    """
    while isinstance(argument, m.Unary) and argument.op == "&":
        argument = argument.operand
    call = role.node
    if not filling.is_rust and isinstance(call, m.Call) and len(call.args) > method.argument + 1:
        return Growth(role, method, None, Bound.unknown, "a part of a text is appended")
    if isinstance(argument, m.Literal) and isinstance(argument.value, str | bytes):
        text = argument.value
        return Growth(role, method, sizes.const(_width(filling, text)), Bound.exact)
    if isinstance(argument, m.Literal) and not isinstance(argument.value, float):
        return Growth(role, method, sizes.const(len(str(argument.value).lower())), Bound.exact)
    scope = filling.scope_of(role.node)
    place = place_of(argument, scope, role.use.order)
    type_ = filling.types.of(argument, filling.trace, scope, role.use.order)
    known = filling.types.known(type_)
    plain = filling.types.plain(type_)
    if known in ("str", "String", "StringBuilder") and place is not None:
        form = filling.trips.language.lengths[known]
        return Growth(role, method, sizes.of(Atom("length", place.text(), form, place)), Bound.exact)
    if plain is not None and plain.last == "char":
        return Growth(
            role,
            method,
            sizes.const(1),
            Bound.at_most if filling.is_rust else Bound.exact,
            "a character's width varies",
        )
    return Growth(role, method, None, Bound.unknown, "text of unknown length is appended")


def _width(filling: Filling, text: str | bytes) -> int:
    """The length of a constant text: bytes in Rust, UTF-16 units in Java."""
    if isinstance(text, bytes) or filling.trips.language.name == "python":
        return len(text)
    if filling.is_rust:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _adds(filling: Filling, role: Role) -> bool:
    """
    Whether a use adds; where a `dict` fails for a key that is not there, a `defaultdict` or a `Counter`
    makes one.
    """
    name = filling.collection.name
    around = role.use.around
    while around is not None and around.node is not role.node:
        around = around.up
    outer = around.up.node if around is not None and around.up is not None else None
    updates = isinstance(role.node, m.Index) and isinstance(outer, m.Assign) and outer.op != "="
    if role.kind == "grows":
        return not updates or name in _MAKING
    uses = isinstance(role.node, m.Index) and isinstance(outer, m.Field | m.Call | m.Index)
    return (
        role.kind == "read"
        and name == "defaultdict"
        and uses
        and role.node is not getattr(outer, "index", None)
    )


def links(filling: Filling, role: Role) -> Iterator[Role]:
    """The calls of a fluent chain, `text.append(a).append(b)`: each adds to the same object."""
    yield role
    around = role.use.around
    while around is not None and around.node is not role.node:
        around = around.up
    if filling.collection.kind != "string" or filling.is_rust or around is None:
        return
    while around.up is not None and _is_next_link(around.up.node, around.node):
        around = around.up
        # What cuts the text in between is no method that grows: its amount is unknown.
        if isinstance(around.node, m.Call) and not _only_looks(filling, around.node.last):
            yield Role("grows", around.node, role.use)


def _only_looks(filling: Filling, method: str) -> bool:
    return method in filling.trips.language.reading and method not in CUTTING


def _is_next_link(node: m.Node, inner: m.Node) -> bool:
    return isinstance(node, m.Call) and node.kind == "method" and node.receiver is inner


def _surely_adds(call: m.Call) -> bool:
    """Java: a function that computes a value may return null, which adds nothing, unless it makes one."""
    if call.last not in _COMPUTING or call.kind != "method" or len(call.args) != 2:
        return True
    function = call.args[1]
    if isinstance(function, m.MethodRef):
        return function.name == "new"
    body = function.body.statements if isinstance(function, m.Closure) else []
    only = body[0] if len(body) == 1 else None
    value = only.value if isinstance(only, m.Eval | m.Exit) else None
    return (isinstance(value, m.Call) and value.kind == "new") or (
        isinstance(value, m.Literal) and value.kind != "null"
    )


#: Rust: what makes an entry of a vacant one.
_FILLING = {
    "or_insert",
    "or_insert_with",
    "or_insert_with_key",
    "or_default",
    "insert_entry",
}
#: Maps that make an entry for a key that they are asked for.
_MAKING = {"defaultdict", "Counter"}
_COMPUTING = {"compute", "computeIfAbsent"}
_MAYBE_NULL = "the function may return null"
