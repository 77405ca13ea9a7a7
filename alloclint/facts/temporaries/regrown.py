"""
Arrays, tuples, lists and frames that a loop copies in order to hold one part more.

`a = np.append(a, x)` makes a new array and leaves the old one behind. Where each turn does so, all that was
there is copied again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.held import held_class
from alloclint.facts.often.repetition import is_in_handler, repeating_loop
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, place_of, roles_between
from alloclint.facts.walk.scopes import Event, Link, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

_JOINING = {
    f"numpy.{name}" for name in ("concatenate", "vstack", "hstack", "dstack", "column_stack", "row_stack")
}
#: So many entries more at a time still mean a copy of all for each few.
_STEP = 16
_LENT = {"lent", "aliased", "gone", "returned"}


@dataclass(frozen=True, slots=True)
class Regrown:
    """
    What a turn of `loop` copies: the assignment or call `node` gives `place` all it had and `added`.

    `what` is a word for the kind of thing: list, tuple, array, frame, concurrent. `call` is what does the
    copying, as it is written. `sometimes` tells that a turn may leave it out.
    """

    function: Function
    node: m.Assign | m.Call
    place: Place
    what: str
    call: str
    added: m.Expr | None
    loop: LoopFact
    sometimes: bool


def regrown_in(function: Function) -> Iterator[Regrown]:
    """Everything that a loop of a function makes longer by copying it."""
    for event in function.trace.assigns:
        found = _by_assignment(function, event)
        if found is not None:
            yield found
    if function.file.language.name == "java":
        yield from _concurrent(function)


# ---------------------------------------------------------------- assignments


def _by_assignment(function: Function, event: Event) -> Regrown | None:
    node = event.node
    if not isinstance(node, m.Assign) or node.op not in ("=", "+="):
        return None
    copied = _COPIES[function.file.language.name](function, event, node)
    if copied is None:
        return None
    place = place_of(node.target, event.scope, event.order)
    loop = repeating_loop(event, function.trace)
    if place is None or loop is None or is_in_handler(event) or not _outlives(place, loop, event, function):
        return None
    what, call, added = copied
    if what in ("array", "frame") and _is_needed(place, loop, function):
        return None
    return Regrown(function, node, place, what, call, added, loop, _is_left_out(event, loop, place))


def _outlives(place: Place, loop: LoopFact, own: Event, function: Function) -> bool:
    """Whether what a place holds is from before a loop, and no turn begins anew."""
    if place.binding.kind != "free" and loop.start <= place.binding.order:
        return False
    for event in function.trace.assigns:
        node = event.node
        if event is own or not loop.start <= event.order <= loop.end or not isinstance(node, m.Assign):
            continue
        target = place_of(node.target, event.scope, event.order)
        if target is None or target.binding is not place.binding or node.op != "=":
            continue
        ends = place.fields[: len(target.fields)] == target.fields
        if ends and not any(
            place_of(part, event.scope) == place
            for part in descendants(node.value)
            if isinstance(part, m.Expr)
        ):
            return False
    return True


def _is_needed(place: Place, loop: LoopFact, function: Function) -> bool:
    """Whether a turn does anything with an array or frame but to make it longer: parts in a list are none."""
    if function.file.language.name != "python":
        return False
    grown = [
        event.node
        for event in function.trace.assigns
        if isinstance(event.node, m.Assign)
        and place_of(event.node.target, event.scope, event.order) == place
        and _COPIES["python"](function, event, event.node) is not None
    ]
    trace, language = function.trace, function.file.language
    for role in roles_between(place, loop.start, loop.end + 1, trace, language, "list"):
        expression = role.use.expr
        if expression is not None and not any(one.start <= expression.start < one.end for one in grown):
            return True
    return False


def _is_left_out(event: Event, loop: LoopFact, place: Place) -> bool:
    """Whether a turn may do without it; that there is no room left is no condition of that kind."""
    conditions = [
        frame for frame in event.frame.within(loop.frame) if frame.kind in ("arm", "test", "handler")
    ]
    return len(conditions) > 1 or (bool(conditions) and not _asks_for_room(event.around, loop, place, event))


def _asks_for_room(link: Link | None, loop: LoopFact, place: Place, event: Event) -> bool:
    """`if (n == items.length)`: the innermost condition is that nothing more fits."""
    tests = []
    while link is not None and link.node is not loop.node:
        if isinstance(link.node, m.Branch):
            tests += [arm.test for arm in link.node.arms if arm.test is not None]
        link = link.up
    return bool(tests) and any(
        isinstance(node, m.Field)
        and node.name == "length"
        and place_of(node.of, event.scope, event.order) == place
        for node in descendants(tests[0])
    )


_Copied = tuple[str, str, "m.Expr | None"]


def _in_python(function: Function, event: Event, assign: m.Assign) -> _Copied | None:
    target = place_of(assign.target, event.scope, event.order)
    if target is None:
        return None
    if assign.op == "+=":
        is_tuple = isinstance(assign.value, m.Display) and assign.value.kind == "tuple"
        return _joined(function, event, assign, target, assign.value) if is_tuple else None
    if isinstance(assign.value, m.Binary):
        added = _added(assign.value, target, event)
        return _joined(function, event, assign, target, added) if added is not None else None
    return _of_call(function, event, assign.value, target) if isinstance(assign.value, m.Call) else None


def _added(binary: m.Binary, target: Place, event: Event) -> m.Expr | None:
    """The other side of `r + x` or `x + r`."""
    if binary.op != "+":
        return None
    for side, other in ((binary.left, binary.right), (binary.right, binary.left)):
        inner = _added(side, target, event) if isinstance(side, m.Binary) else None
        if inner is not None or place_of(side, event.scope, event.order) == target:
            return other
    return None


def _joined(
    function: Function, event: Event, assign: m.Assign, target: Place, added: m.Expr
) -> _Copied | None:
    """`+` of lists and of tuples; what is handed on meanwhile must stay as it is, and so must be copied."""
    held = held_class(assign.target, function, event.scope, event.order)
    if held not in ("list", "tuple") or (held == "list" and assign.op == "+="):
        return None
    loop = repeating_loop(event, function.trace)
    if loop is None or _is_handed_on(target, loop, assign, function, at_all=held == "tuple"):
        return None
    return held, assign.op if assign.op == "+=" else "+", added


def _is_handed_on(place: Place, loop: LoopFact, own: m.Assign, function: Function, *, at_all: bool) -> bool:
    """Whether a loop gives a list to somebody who may keep it, or, `at_all`, uses it for anything else."""
    trace, language = function.trace, function.file.language
    for role in roles_between(place, loop.start, loop.end + 1, trace, language, "list"):
        expression = role.use.expr
        inside = expression is not None and own.start <= expression.start < own.end
        if not inside and (at_all or role.kind in _LENT):
            return True
    return False


def _of_call(function: Function, event: Event, call: m.Call, target: Place) -> _Copied | None:
    types = function.file.facts.types
    path = callee_path(call, types, event.scope, event.order)
    first = call.args[0] if call.args else None
    text = function.file.text(call.start, call.args_start)
    if path == "numpy.append" and len(call.args) > 1:
        is_own = place_of(first, event.scope, event.order) == target
        return ("array", text, call.args[1]) if is_own else None
    if path in _JOINING or path == "pandas.concat":
        parts = first.items if isinstance(first, m.Display) else ()
        others = [part for part in parts if place_of(part, event.scope, event.order) != target]
        if len(others) < len(parts):
            return "frame" if path == "pandas.concat" else "array", text, others[0] if others else None
    is_own = call.kind == "method" and place_of(call.receiver, event.scope, event.order) == target
    if call.last == "append" and is_own and first is not None and _is_frame(target, function):
        return "frame", text, first
    return None


def _is_frame(place: Place, function: Function) -> bool:
    """Whether a variable starts as what pandas makes."""
    value, binding = place.binding.value, place.binding
    if not isinstance(value, m.Call) or place.fields or binding.scope is None:
        return False
    path = callee_path(value, function.file.facts.types, binding.scope, binding.valued)
    return path is not None and path.startswith("pandas.") and path.split(".")[1] in _FRAMES


_FRAMES = {"DataFrame", "Series", "concat", "read_csv", "read_excel", "read_sql", "read_parquet", "read_json"}


def _in_java(function: Function, event: Event, assign: m.Assign) -> _Copied | None:
    target = place_of(assign.target, event.scope, event.order)
    if target is None or assign.op != "=":
        return None
    value = assign.value
    if isinstance(value, m.Call) and value.args:
        path = callee_path(value, function.file.facts.types, event.scope, event.order)
        is_own = place_of(value.args[0], event.scope, event.order) == target
        grows = len(value.args) == 2 and (
            (path == "java.util.Arrays.copyOf" and _is_longer(value.args[1], target, event, function))
            or path in _UTILITIES
        )
        text = function.file.text(value.start, value.args_start)
        return ("array", text, None) if is_own and grows else None
    return _by_hand(function, event, value, target) if isinstance(value, m.Name) else None


_UTILITIES = {f"org.apache.commons.{lang}.ArrayUtils.add" for lang in ("lang3", "lang")}


def _is_longer(size: m.Expr | None, array: Place, event: Event, function: Function) -> bool:
    """`array.length + 1`: room for a fixed number of entries more."""
    if not isinstance(size, m.Binary) or size.op != "+":
        return False
    for one, other in ((size.left, size.right), (size.right, size.left)):
        is_length = isinstance(one, m.Field) and one.name == "length"
        if is_length and isinstance(one, m.Field) and place_of(one.of, event.scope, event.order) == array:
            owner = function.declaration.owner
            named = function.file.facts.types.constant(owner, other.id) if isinstance(other, m.Name) else None
            step = other.value if isinstance(other, m.Literal) else named
            return type(step) is int and 0 < step <= _STEP
    return False


def _by_hand(function: Function, event: Event, value: m.Name, array: Place) -> _Copied | None:
    """`T[] more = new T[xs.length + 1]; System.arraycopy(xs, 0, more, 0, xs.length); xs = more;`"""
    made = place_of(value, event.scope, event.order)
    built = made.binding.value if made is not None and not made.fields else None
    if (
        made is None
        or not isinstance(built, m.Display)
        or not _is_longer(built.repeat, array, event, function)
    ):
        return None
    for call in function.trace.calls_between(made.binding.order, event.order):
        node = call.node
        if isinstance(node, m.Call) and node.last == "arraycopy" and len(node.args) == 5:
            source, to = (place_of(node.args[at], call.scope, call.order) for at in (0, 2))
            if source == array and to == made:
                return "array", "System.arraycopy", None
    return None


_COPIES = {"python": _in_python, "java": _in_java}


# ---------------------------------------------------------------- lists that copy themselves


def _concurrent(function: Function) -> Iterator[Regrown]:
    """Each `add` to a `CopyOnWriteArrayList` copies it."""
    for event in function.trace.calls:
        node = event.node
        if not isinstance(node, m.Call) or node.last not in ("add", "addIfAbsent") or not node.args:
            continue
        place = place_of(node.receiver, event.scope, event.order)
        loop = repeating_loop(event, function.trace)
        if place is None or loop is None or not _outlives(place, loop, event, function):
            continue
        if held_class(node.receiver, function, event.scope, event.order) == "CopyOnWriteArrayList":
            left_out = _is_left_out(event, loop, place)
            yield Regrown(function, node, place, "concurrent", node.last, node.args[-1], loop, left_out)
