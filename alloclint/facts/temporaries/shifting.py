"""
Entries put in or taken out at the front of a list, which moves all that stand behind them.

Once that is cheap. In a loop that the list outlives the work grows with the square of its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.held import held_class
from alloclint.facts.often.invariance import is_set_in
from alloclint.facts.often.repetition import is_in_handler, repeating_loop
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, Role, place_of, roles_between
from alloclint.facts.walk.scopes import Event, Link, LoopFact, Scope, Use
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.facts.names.calls import Call

#: Lists in one block of memory, whose front is at a fixed place.
_SHIFTING = {"list", "bytearray", "ArrayList", "Vector", "Stack", "CopyOnWriteArrayList", "Vec", "String"}
_TAKING = {
    "python": {"pop"},
    "java": {"remove", "removeFirst", "removeElementAt"},
    "rust": {"remove", "drain"},
}
_PUTTING = {
    "python": {"insert"},
    "java": {"add", "addFirst", "insertElementAt"},
    "rust": {"insert", "insert_str"},
}
#: Java's methods that have no index, for they mean the front.
_AT_FRONT = {"removeFirst", "addFirst"}
#: So few entries are moved faster than anything else is done with them.
_FEW = 64
#: What lists of any length are called: lines and records of an input, and work that waits.
_MANY = {
    "lines", "rows", "records", "queue", "q", "worklist", "backlog", "frontier", "jobs", "tasks",
}  # fmt: skip
#: Those of them that are read, not made by the work itself.
_TEXT = {"lines", "rows", "records"}
#: Calls that take text apart by its lines.
_LINES = {"splitlines", "readlines", "lines", "readAllLines"}
#: Python: functions that yield as many as they are given.
_SAME = {"list", "enumerate", "reversed", "sorted"}
_EXTENDING = {"extend", "addAll", "extend_from_slice"}
_ADDING = {"append", "add", "addLast", "push", "offer"}
#: Python: there are few classes above and below one.
_CLASSES = {"__subclasses__", "__bases__", "mro"}
#: Calls that make an empty list when they have no arguments.
_EMPTY = {"new", "list", "bytearray", "with_capacity", "default", "newArrayList"}
#: Java: methods of lists that no deque has, with the number of arguments that they have at least.
_NUMBERED = {
    "get": 1, "set": 2, "add": 2, "addAll": 2, "subList": 2, "sort": 1, "listIterator": 0, "indexOf": 1,
    "lastIndexOf": 1, "elementAt": 1,
}  # fmt: skip
#: What stands in a class where a list of it is sorted, cut or kept as a heap.
_AS_LIST = rb"(?:\.sort\s*\(|\[[^\[\]\n]*:[^\[\]\n]*\])|heapq\.\w+\(\s*self\.%s\b"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Shift:
    """
    A call (Python: or a `del`) at the front of the list at `place`, once per turn of `loop`.

    `takes` tells taking out from putting in. `conditional` turns may leave it out. `drains` says that the
    loop goes on until the list is empty, or over the list itself.
    """

    function: Function
    node: m.Expr
    place: Place
    held: str
    takes: bool
    loop: LoopFact
    event: Event
    conditional: bool
    drains: bool


def shifts_in(function: Function) -> Iterator[Shift]:
    """Every operation at the front of a list that a loop repeats and the list outlives."""
    for event in _candidates(function):
        place = _place_of(event)
        loop = repeating_loop(event, function.trace) if place is not None else None
        if place is None or loop is None or is_in_handler(event) or _is_renewed(place, loop, function):
            continue
        held = held_class(_list_of(event.node), function, event.scope, event.order)
        if held in _SHIFTING and held is not None:
            yield _shift(function, event, place, held, loop)


def _candidates(function: Function) -> Iterator[Event]:
    language = function.file.language.name
    for event in function.trace.calls:
        if (
            isinstance(event.node, m.Call)
            and event.node.kind == "method"
            and _is_at_front(event.node, language)
        ):
            yield event
    if language == "python":
        yield from _deletions(function)


def _is_at_front(call: m.Call, language: str) -> bool:
    if call.last in _AT_FRONT and language == "java":
        return len(call.args) == (call.last == "addFirst")
    takes, puts = call.last in _TAKING[language], call.last in _PUTTING[language]
    if len(call.args) != (1 if takes else 2 if puts else 0) or not (takes or puts):
        return False
    index = call.args[1 if call.last == "insertElementAt" else 0]
    return _is_first_part(index) if call.last == "drain" else _is_zero(index)


def _is_zero(expression: m.Expr | None) -> bool:
    return isinstance(expression, m.Literal) and expression.kind == "int" and expression.value == 0


def _is_first_part(expression: m.Expr) -> bool:
    """`..1` or `0..1`: the first entry alone."""
    if not isinstance(expression, m.Range) or expression.inclusive:
        return False
    high = expression.high
    ends = isinstance(high, m.Literal) and high.value == 1
    return ends and (expression.low is None or _is_zero(expression.low))


def _deletions(function: Function) -> Iterator[Event]:
    """Python: `del xs[0]` and `del xs[:1]`."""
    for use in function.trace.uses:
        link = use.around
        while link is not None and isinstance(link.node, m.Field):
            link = link.up
        index, up = (link.node, link.up) if link is not None else (None, None)
        deletes = up is not None and isinstance(up.node, m.Opaque) and up.node.kind == "delete"
        if isinstance(index, m.Index) and deletes and (_is_zero(index.index) or _is_first_part(index.index)):
            yield Event(index, use.order, use.frame, _scope_of(use), link)


def _scope_of(use: Use) -> Scope:
    return use.binding.scope if use.binding.scope is not None else Scope(None)


def _list_of(node: m.Node) -> m.Expr | None:
    return node.receiver if isinstance(node, m.Call) else node.of if isinstance(node, m.Index) else None


def _place_of(event: Event) -> Place | None:
    return place_of(_list_of(event.node), event.scope, event.order)


def _is_renewed(place: Place, loop: LoopFact, function: Function) -> bool:
    """Whether the turns of a loop work on lists of their own."""
    if is_set_in(place.binding, loop):
        return True
    for event in function.trace.assigns:
        node = event.node
        if loop.start <= event.order <= loop.end and isinstance(node, m.Assign):
            target = place_of(node.target, event.scope, event.order)
            is_around = target is not None and target.binding is place.binding and bool(target.fields)
            if target is not None and is_around and place.fields[: len(target.fields)] == target.fields:
                return True
    return False


def _shift(function: Function, event: Event, place: Place, held: str, loop: LoopFact) -> Shift:
    language = function.file.language.name
    node = event.node
    assert isinstance(node, m.Expr)
    takes = not (isinstance(node, m.Call) and node.last in _PUTTING[language])
    return Shift(
        function,
        node,
        place,
        held,
        takes,
        loop,
        event,
        _is_conditional(event, loop),
        takes and _drains(loop, place, function),
    )


def _is_conditional(event: Event, loop: LoopFact) -> bool:
    frames = event.frame.within(loop.frame)
    return any(frame.kind in ("arm", "test", "handler") for frame in frames)


def _drains(loop: LoopFact, place: Place, function: Function) -> bool:
    """Whether a loop runs over a list, until it is empty, or breaks off when it is."""
    node = loop.node
    header = [loop.iterable] if loop.iterable is not None else []
    if isinstance(node, m.Loop):
        header += [node.test] if node.test is not None else []
        header += [
            arm.test
            for part in node.body.statements
            if isinstance(part, m.Branch)
            for arm in part.arms
            if arm.test is not None and _leaves(arm.body)
        ]
    return any(mentions(part, place, loop) for part in header)


def _leaves(block: m.Block) -> bool:
    last = block.statements[-1] if block.statements else None
    return isinstance(last, m.Exit) and last.kind in ("break", "return")


def mentions(expression: m.Expr, place: Place, loop: LoopFact) -> bool:
    """Whether an expression of a loop uses a place."""
    if loop.scope is None:
        return False
    nodes = (node for node in descendants(expression) if isinstance(node, m.Name | m.Field))
    return any(place_of(node, loop.scope, loop.start) == place for node in nodes)


def is_emptied(shift: Shift) -> bool:
    """Whether the loop clears the list as well, so that it holds what a turn or a few have put in."""
    found = _uses(shift, shift.loop.start, shift.loop.end + 1)
    return any(isinstance(role.node, m.Call) and role.node.last in ("clear", "truncate") for role in found)


def is_short(shift: Shift) -> bool:
    """Whether the list is known to have few entries only, or the loop to make few turns."""
    trips = shift.function.trips.of(shift.loop)
    if trips.size is not None and trips.size.constant is not None and trips.size.constant < _FEW:
        return True
    if _is_written_out(shift) or _is_cut(shift.place.binding.value) or _is_window(shift):
        return True
    return _is_of_arguments(shift) or _is_one_of_two_ends(shift)


def _is_of_arguments(shift: Shift) -> bool:
    """Python: whether the list is a copy of `*args`: somebody has written them down, so they are few."""
    value, declaration = shift.place.binding.value, shift.function.declaration
    if isinstance(value, m.Call) and value.last == "list" and len(value.args) == 1:
        value = value.args[0]
    source = shift.function.file.source
    return isinstance(value, m.Name) and any(
        source[param.start : param.start + 1] == b"*" and value.id in param.pattern.names()
        for param in declaration.params
    )


def _is_one_of_two_ends(shift: Shift) -> bool:
    """`if first: x.insert(0, a)`, `else: x.append(a)`: few go to the front."""
    if shift.takes:
        return False
    link: Link | None = shift.event.around
    while link is not None and link.node is not shift.loop.node:
        if isinstance(link.node, m.Branch):
            calls = [one for one in descendants(link.node) if isinstance(one, m.Call)]
            if any(one.last in _ADDING and _is_same_place(one.receiver, shift) for one in calls):
                return any(one is not shift.node and len(one.args) == 1 for one in calls)
        link = link.up
    return False


def _is_same_place(expression: m.Expr | None, shift: Shift) -> bool:
    return place_of(expression, shift.event.scope, shift.event.order) == shift.place


def _is_written_out(shift: Shift) -> bool:
    """A list of a few entries that nothing is added to but what stands outside all loops."""
    value, place = shift.place.binding.value, shift.place
    if not isinstance(value, m.Display) or place.fields or shift.place.binding.kind != "local":
        return False
    if not shift.takes or len(value.items) >= _FEW or any(isinstance(one, m.Keyword) for one in value.items):
        return False
    trace, language = shift.function.trace, shift.function.file.language
    found = roles_between(place, place.binding.order, trace.root.end + 1, trace, language, "list")
    changing = [role for role in found if role.kind not in ("read", "shrinks", "returned")]
    return all(role.node is place.binding.node for role in changing)


def _is_cut(value: m.Expr | None) -> bool:
    """`text.split(",", 2)`, and the arguments of the program."""
    if isinstance(value, m.Call) and value.last in ("split", "rsplit", "splitn"):
        limits = [one for one in descendants(value) if isinstance(one, m.Literal) and one.kind == "int"]
        return any(isinstance(one.value, int) and 0 < one.value < _FEW for one in limits)
    nodes = descendants(value) if isinstance(value, m.Index | m.Call) else ()
    return any(isinstance(one, m.Field) and one.name == "argv" for one in nodes)


def _is_window(shift: Shift) -> bool:
    """`if len(recent) > 8: recent.pop(0)`: a number bounds how long it gets."""
    link: Link | None = shift.event.around
    while link is not None and link.node is not shift.loop.node:
        if isinstance(link.node, m.Branch):
            tests = [arm.test for arm in link.node.arms if arm.test is not None]
            if any(_compares_with_few(test, shift) for test in tests):
                return True
        link = link.up
    test = getattr(shift.loop.node, "test", None)
    return isinstance(test, m.Expr) and _compares_with_few(test, shift)


def _compares_with_few(test: m.Expr, shift: Shift) -> bool:
    for node in descendants(test):
        if isinstance(node, m.Binary) and node.op in (">", ">=", "==", "<", "<="):
            sides = (node.left, node.right)
            least = 0 if node.op == "==" else 2
            numbers = [number for number in (_number(side, shift) for side in sides) if number is not None]
            if any(least <= number < _FEW for number in numbers):
                return any(mentions(side, shift.place, shift.loop) for side in sides)
    return False


def _number(expression: m.Expr, shift: Shift) -> int | None:
    """A whole number that is written out, or the constant of a module or class that a name stands for."""
    if isinstance(expression, m.Literal):
        return expression.value if type(expression.value) is int else None
    is_own = isinstance(expression, m.Field) and isinstance(expression.of, m.Name)
    name = expression.id if isinstance(expression, m.Name) else None
    if is_own and isinstance(expression, m.Field):
        name = expression.name
    types, owner = shift.function.file.facts.types, shift.function.declaration.owner
    if name is None or not name.isupper():
        return None
    field = types.field_of(owner, name) or types.statics.get(name)
    value = field.value.value if field is not None and isinstance(field.value, m.Literal) else None
    return value if type(value) is int else None


def limit_of(shift: Shift) -> m.Expr | None:
    """`limit` of `while len(recent) > limit: recent.pop(0)`: the list is a window over what came last."""
    test = getattr(shift.loop.node, "test", None)
    if not shift.takes or not isinstance(test, m.Binary) or test.op not in (">", ">="):
        return None
    is_length = isinstance(test.left, m.Call) and test.left.last in ("len", "size")
    # `len(x) > 0` asks whether there is anything at all.
    is_length = is_length and not isinstance(test.right, m.Literal)
    return test.right if is_length and mentions(test.left, shift.place, shift.loop) else None


# ---------------------------------------------------------------- how many there are


def why_many(shift: Shift) -> str | None:
    """Why the list may well be long, in words; None where nothing tells."""
    trips = shift.function.trips.of(shift.loop)
    if trips.size is not None and (trips.size.constant or 0) >= _FEW:
        return f"{trips.size.constant} turns"
    if not shift.takes:
        return "a turn for each line or record" if _is_of_many(shift.loop.iterable, shift) else None
    if _is_peeked(shift) or _is_ended_otherwise(shift):
        return None
    if _feeds_itself(shift):
        return "the loop adds to it as well"
    if _is_of_many(shift.place.binding.value, shift) or _means_many(shift.place):
        return "it holds lines, records or work that waits"
    return None


def is_work_that_waits(shift: Shift) -> bool:
    """
    Whether only what the loop does, or a name such as `queue`, speaks for many entries: most such lists hold
    one or two at a time.
    """
    words = _WORD.findall(shift.place.fields[-1] if shift.place.fields else shift.place.binding.name)
    is_text = bool(words) and words[-1].lower() in _TEXT
    return not is_text and not _is_of_many(shift.place.binding.value, shift)


def _means_many(place: Place) -> bool:
    words = _WORD.findall(place.fields[-1] if place.fields else place.binding.name)
    return bool(words) and words[-1].lower() in _MANY


def _is_of_many(value: m.Expr | None, shift: Shift) -> bool:
    """Whether a value is the lines of a text, or is called as what there is any number of."""
    is_same = isinstance(value, m.Call) and value.receiver is None and value.last in _SAME
    if is_same and isinstance(value, m.Call) and len(value.args) == 1:
        return _is_of_many(value.args[0], shift)
    if isinstance(value, m.Call) and value.last in ("collect", "iter", "into_iter", "rev"):
        return _is_of_many(value.receiver, shift)
    if isinstance(value, m.Call) and value.last == "split" and len(value.args) == 1:
        return shift.function.file.text(*value.args[0].span).lstrip("b") in ('"\\n"', "'\\n'")
    if isinstance(value, m.Call):
        return value.last in _LINES
    place = place_of(value, shift.event.scope, shift.event.order)
    return place is not None and _means_many(place)


def _feeds_itself(shift: Shift) -> bool:
    """Whether the loop puts several entries in for one that it takes out: a walk through a tree or graph."""
    for role in _uses(shift, shift.loop.start, shift.loop.end + 1):
        node = role.node
        if role.kind != "grows" or not isinstance(node, m.Call | m.Assign) or node is shift.node:
            continue
        names = (one for one in descendants(node) if isinstance(one, m.Call | m.Field))
        if any((one.last if isinstance(one, m.Call) else one.name) in _CLASSES for one in names):
            return False
        within = role.use.frame.within(shift.loop.frame)
        is_inner = any(frame.loop is not None and frame.loop is not shift.loop for frame in within)
        extends = isinstance(node, m.Assign) or node.last in _EXTENDING
        if extends or (is_inner and isinstance(node, m.Call) and node.last in _ADDING):
            return True
    return False


def _is_peeked(shift: Shift) -> bool:
    """Whether the loop goes on while the first entry is of some kind: nobody knows for how many it is."""
    test = getattr(shift.loop.node, "test", None)
    nodes = descendants(test) if isinstance(test, m.Expr) else ()
    return any(_is_first(node, shift) for node in nodes)


def _is_first(node: m.Node, shift: Shift) -> bool:
    if isinstance(node, m.Index):
        return not isinstance(node.index, m.Range) and mentions(node.of, shift.place, shift.loop)
    is_asked = isinstance(node, m.Call) and node.last in ("get", "first", "getFirst")
    return (
        is_asked
        and isinstance(node, m.Call)
        and node.receiver is not None
        and mentions(node.receiver, shift.place, shift.loop)
    )


def _is_ended_otherwise(shift: Shift) -> bool:
    """Whether the loop breaks off for a reason that is not in the entries, such as a page that is full."""
    node = shift.loop.node
    if not isinstance(node, m.Loop) or shift.loop.scope is None:
        return False
    for branch in descendants(node.body):
        arms = branch.arms if isinstance(branch, m.Branch) else ()
        for arm in arms:
            if arm.test is not None and _leaves(arm.body) and not _is_about_entries(arm.test, shift):
                return True
    return False


def _is_about_entries(test: m.Expr, shift: Shift) -> bool:
    """Whether a test asks for the list, or for something that the turn has set."""
    if mentions(test, shift.place, shift.loop):
        return True
    names = [node for node in descendants(test) if isinstance(node, m.Name)]
    scope = shift.event.scope
    bound = (scope.lookup(node.id, shift.loop.end) for node in names)
    return any(one is not None and is_set_in(one, shift.loop) for one in bound)


# ---------------------------------------------------------------- what else is done with it


def is_only_built(shift: Shift) -> bool:
    """Whether the loop alone fills an empty list and does not look at it: it can be turned round after."""
    value, loop, place = shift.place.binding.value, shift.loop, shift.place
    if isinstance(value, m.Call):
        makes = value.receiver is None and (value.kind == "new" or value.last in _EMPTY)
        makes = makes and (not value.args or value.last == "with_capacity")
    else:
        makes = isinstance(value, m.Display) and not value.items
    if not makes or place.fields or place.binding.kind != "local":
        return False
    return all(
        role.node in (shift.node, place.binding.node)
        for role in _uses(shift, place.binding.order, loop.end + 1)
    )


def is_used_as_list(shift: Shift) -> bool:
    """Whether the loop sorts the list, or the class sorts or cuts what it holds, which no deque can."""
    found = _uses(shift, shift.loop.start, shift.loop.end + 1)
    if any(isinstance(role.node, m.Call) and role.node.last.startswith("sort") for role in found):
        return True
    owner, file = shift.function.declaration.owner, shift.function.file
    if owner is None or len(shift.place.fields) != 1 or file.language.name != "python":
        return False
    name = re.escape(shift.place.fields[0].encode())
    text = file.source[owner.start : owner.end]
    pattern = rb"self\.%s\b%s" % (name, _AS_LIST % name)
    return re.search(pattern, text) is not None


def is_asked_by_number(shift: Shift) -> bool:
    """Java: whether entries other than the first are reached by their number, which no deque can."""
    if shift.function.file.language.name != "java" or (not shift.takes and is_only_built(shift)):
        return False
    calls = shift.function.file.facts.calls(tuple(_NUMBERED))
    return any(_is_by_number(call.node) and _is_call_on(call, shift) for call in calls)


def _is_by_number(call: m.Call) -> bool:
    if call.kind != "method" or len(call.args) < _NUMBERED[call.last]:
        return False
    return call.last not in ("get", "add", "addAll") or not _is_zero(call.args[0])


def _is_call_on(call: Call, shift: Shift) -> bool:
    """Whether a method of the list is called: in the function of a local, anywhere in the file of a field."""
    place, receiver = shift.place, call.node.receiver
    if place.binding.kind in ("local", "param") and not place.fields:
        is_own = call.function.declaration is shift.function.declaration
        return is_own and place_of(receiver, call.event.scope, call.event.order) == place
    name = place.fields[-1] if place.fields else place.binding.name
    if isinstance(receiver, m.Field):
        return receiver.name == name
    if not isinstance(receiver, m.Name) or receiver.id != name:
        return False
    binding = call.binding(name)
    return binding is None or binding.kind not in ("local", "param")


def is_sliced(shift: Shift) -> bool:
    """Python: whether the function takes slices of the list, which no deque gives."""
    found = _uses(shift, shift.place.binding.order, shift.function.trace.root.end + 1)
    return any(isinstance(role.node, m.Index) and isinstance(role.node.index, m.Range) for role in found)


def is_compiled(shift: Shift) -> bool:
    """Python: whether a decorator compiles the function for arrays, where lists are all there is."""
    return any("jit" in attribute.last for attribute in shift.function.declaration.attributes)


def _uses(shift: Shift, start: int, end: int) -> list[Role]:
    trace, language = shift.function.trace, shift.function.file.language
    return list(roles_between(shift.place, start, end, trace, language, "list"))
