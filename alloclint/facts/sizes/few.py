"""
Few turns: the most that a loop can make, where the code bounds it by a number, whatever it is given.

Weaker than a trip count, and for the opposite use: no size to be printed, but a reason to be silent. A list
that is written out has few entries even if some are stored in it afterwards; a loop that takes one entry of
such a list at each turn ends with it; and what `*args` stands for, somebody has written down in a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.sizes.chosen import most_chosen
from alloclint.facts.walk.places import Place, Role, place_of, roles_between
from alloclint.facts.walk.scopes import Binding, LoopFact, Scope
from alloclint.size import Atom, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: What calls write down as `*args`, usually fewer.
_WRITTEN_DOWN = 4
_DEEPEST = 6
#: Steps of a chain that yield no more than their source has.
_NO_MORE = {"same", "at_most", "take", "skip", "step", "chunks", "chunks_exact", "windows", "zip"}
#: Python: functions whose first argument is what they go through; copies of it among them.
_THROUGH = {"sorted", "list", "tuple", "set", "frozenset", "enumerate", "reversed", "iter", "zip", "dict"}
#: Methods that add one entry.
_ADDING_ONE = {"append", "add", "insert", "setdefault", "push", "push_back", "put", "appendleft"}
_TAKING = {"pop", "popleft", "popitem", "pop_front", "pop_back", "removeFirst", "removeLast"}
#: Java: calls that yield their arguments.
_FACTORIES = {("List", "of"), ("Set", "of"), ("Arrays", "asList"), ("Stream", "of"), ("Map", "of")}
_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*")


def most_turns(loop: LoopFact, function: Function) -> int | None:
    """The most turns that a loop makes; None where nothing in the file bounds them by a number."""
    trips = function.trips
    size = trips.of(loop).size
    found = [
        upper(size, function) if size is not None else None,
        most_entries(loop.iterable, trips.scope_of(loop), loop.start, function),
        _most_taken(loop, function),
    ]
    known = [one for one in found if one is not None]
    return min(known) if known else None


def upper(size: Size, function: Function | None = None) -> int | None:
    """
    The greatest value of a size, where minima and quotients bound it: `min(len(xs), 15)` is 15 at most. A
    function tells of its variables which constants they are chosen from.
    """
    total = 0
    for product, coefficient in size.terms:
        term = coefficient
        for atom in product:
            most = _greatest(atom, function)
            if most is None:
                return None
            term *= most
        total += term if coefficient > 0 else 0
    return total


def _greatest(atom: Atom, function: Function | None) -> int | None:
    if atom.kind == "value" and function is not None and isinstance(atom.root, Place):
        return most_chosen(atom.root, function)
    parts = [upper(part, function) for part in atom.parts]
    if atom.kind == "min":
        return min((part for part in parts if part is not None), default=None)
    if atom.kind == "monus":
        return parts[0]
    if atom.kind in ("div", "divceil") and parts[0] is not None and parts[1]:
        return -(-parts[0] // parts[1])
    return None


def most_entries(
    expression: m.Expr | None, scope: Scope, at: int, function: Function, depth: int = 0
) -> int | None:
    """The most entries that an iterable yields at point `at`; None where nothing bounds them by a number."""
    if expression is None or depth > _DEEPEST:
        return None
    if isinstance(expression, m.Unary) and expression.op in ("&", "&mut", "*"):
        return most_entries(expression.operand, scope, at, function, depth + 1)
    if isinstance(expression, m.Display):
        return _written_out(expression, scope, at, function, depth)
    if isinstance(expression, m.Call):
        return _of_call(expression, scope, at, function, depth)
    if isinstance(expression, m.Index) and isinstance(expression.index, m.Range):
        cut = _cut(expression.index) if function.file.language.name == "python" else None
        return cut if cut is not None else most_entries(expression.of, scope, at, function, depth + 1)
    if isinstance(expression, m.Comprehension):
        return _of_clauses(expression, scope, at, function, depth)
    if isinstance(expression, m.Name | m.Field):
        return _of_place(expression, scope, at, function, depth)
    return None


def _written_out(display: m.Display, scope: Scope, at: int, function: Function, depth: int = 0) -> int | None:
    """The entries of a display; `[*xs]` has what `xs` has."""
    if display.repeat is not None:
        return None
    count = 0
    items = display.items
    unpacked = [one for one in items if isinstance(one, m.Keyword)]
    for one in unpacked:
        inner = most_entries(one.value, scope, at, function, depth + 1)
        if inner is None:
            return None
        count += inner
    plain = len(items) - len(unpacked)
    return count + (plain // 2 if display.kind == "dict" else plain)


def _of_clauses(
    comprehension: m.Comprehension, scope: Scope, at: int, function: Function, depth: int
) -> int | None:
    """What a comprehension yields of one source."""
    if len(comprehension.clauses) != 1:
        return None
    return most_entries(comprehension.clauses[0].iterable, scope, at, function, depth + 1)


def _cut(range_: m.Range) -> int | None:
    """`xs[:15]`, `xs[2:15]`."""
    high = range_.high.value if isinstance(range_.high, m.Literal) else None
    return high if type(high) is int else None


def _of_call(call: m.Call, scope: Scope, at: int, function: Function, depth: int) -> int | None:
    language = function.file.language
    if call.kind == "function" and language.name == "python" and len(call.name) == 1:
        return _of_function(call, scope, at, function, depth)
    receiver = call.receiver
    if isinstance(receiver, m.Name) and (receiver.id, call.last) in _FACTORIES:
        single = len(call.args) == 1 and call.last != "of"
        return None if single else len(call.args) // (2 if receiver.id == "Map" else 1)
    adaptor = language.adaptors.get(call.last)
    if adaptor is None or adaptor.effect not in _NO_MORE or receiver is None:
        return None
    number = call.args[0].value if len(call.args) == 1 and isinstance(call.args[0], m.Literal) else None
    if adaptor.effect == "take" and type(number) is int:
        return number
    return most_entries(receiver, scope, at, function, depth + 1)


def _of_function(call: m.Call, scope: Scope, at: int, function: Function, depth: int) -> int | None:
    """Python: what a builtin yields of its argument, and `zip` of the shortest of its arguments."""
    if scope.lookup(call.last, at) is not None:
        return None
    if call.last == "range":
        size = function.trips.elements(call, scope, at).size
        return upper(size) if size is not None else None
    sources = call.args if call.last == "zip" else call.args[:1]
    if call.last not in _THROUGH or any(isinstance(one, m.Keyword) for one in sources):
        return None
    found = [most_entries(one, scope, at, function, depth + 1) for one in sources]
    return min((one for one in found if one is not None), default=None)


# ---------------------------------------------------------------- what a name stands for


def _of_place(expression: m.Expr, scope: Scope, at: int, function: Function, depth: int) -> int | None:
    place = place_of(expression, scope, at)
    if place is None:
        return None
    if place.fields or place.binding.kind in ("free", "global", "static"):
        return _of_constant(place, function, depth)
    if _is_variadic(place.binding, function):
        return _WRITTEN_DOWN
    binding = place.binding
    if binding.kind != "local" or binding.assigned or binding.value is None or binding.scope is None:
        return None
    first = most_entries(binding.value, binding.scope, binding.valued, function, depth + 1)
    added = _added_to(place, at, function) if first is not None else None
    # What is empty all along is filled in a way that is not seen here.
    return first + added or None if first is not None and added is not None else None


def _is_variadic(binding: Binding, function: Function) -> bool:
    """Python: `args` of `*args`, unless the function assigns it anew."""
    if function.file.language.name != "python" or binding.kind != "param" or binding.assigned:
        return False
    # One star stands between the start of the parameter and its name, two before keywords.
    return any(
        param.pattern.start - param.start == 1 and binding.name in param.pattern.names()
        for param in function.declaration.params
    )


def _added_to(place: Place, at: int, function: Function) -> int | None:
    """How many entries statements outside of loops add up to a point; None where that is not known."""
    trace, language, binding = function.trace, function.file.language, place.binding
    is_map = isinstance(binding.value, m.Display) and binding.value.kind == "dict"
    added = 0
    for role in roles_between(place, binding.order, at, trace, language, "map" if is_map else "list"):
        if role.kind in ("read", "shrinks", "returned") or role.node is binding.node:
            continue
        if role.kind != "grows" or not _adds_one(role) or not _runs_once(role, binding):
            return None
        added += 1
    return added


def _adds_one(role: Role) -> bool:
    node = role.node
    if isinstance(node, m.Call):
        return node.last in _ADDING_ONE
    return isinstance(node, m.Index)


def _runs_once(role: Role, binding: Binding) -> bool:
    return all(
        frame.kind not in ("loop", "closure", "async") for frame in role.use.frame.within(binding.frame)
    )


def _of_constant(place: Place, function: Function, depth: int) -> int | None:
    """A constant of the module or the class, which its name or its modifiers say it is."""
    field = _constant_field(place, function)
    value = field.value if field is not None else None
    if field is None or value is None:
        return None
    language = function.file.language.name
    if language == "python" and (
        not _CONSTANT.fullmatch(field.name) or _is_added_to(field.name, function.file.source)
    ):
        return None
    if language == "java" and "final" not in field.modifiers:
        return None
    if "mut" in field.modifiers:
        return None
    if not isinstance(value, m.Display | m.Unary | m.Call):
        return None
    found = most_entries(value, function.trace.scope, 0, function, depth + 1)
    # What is empty when it is declared is filled by somebody.
    return found or None


def _constant_field(place: Place, function: Function) -> m.FieldDecl | None:
    types, owner = function.file.facts.types, function.declaration.owner
    if not place.fields:
        return types.statics.get(place.binding.name) or types.inherited_field(owner, place.binding.name)
    own = place.binding.name in ("self", "cls", "this") or (
        owner is not None and place.binding.name == owner.name
    )
    return types.inherited_field(owner, place.fields[0]) if own and len(place.fields) == 1 else None


def _is_added_to(name: str, source: bytes) -> bool:
    """Python: whether the file stores anything in a constant, or takes it for a list to be filled."""
    word = re.escape(name.encode())
    adding = rb"(?:\.(?:append|extend|insert|update|add|setdefault)\b|\[[^\]\n]*\]\s*=[^=]|\s*(?:\+|\|)=)"
    return re.search(rb"\b%s%s" % (word, adding), source) is not None


# ---------------------------------------------------------------- what each turn takes


def _most_taken(loop: LoopFact, function: Function) -> int | None:
    """A loop that takes an entry out of a list at each turn, and puts none in, ends with the list's last."""
    found = [most for most in _taken(loop, function) if most is not None]
    return min(found) if found else None


def _taken(loop: LoopFact, function: Function) -> Iterator[int | None]:
    for event in function.trace.calls_between(loop.start, loop.end):
        node = event.node
        if not isinstance(node, m.Call) or node.last not in _TAKING or event.frame is not loop.frame:
            continue
        place = place_of(node.receiver, event.scope, event.order)
        if place is not None and not place.fields and place.binding.order < loop.start:
            yield _of_place(node.receiver, event.scope, loop.end, function, 0) if node.receiver else None
