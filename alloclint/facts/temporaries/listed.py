"""
Python: lists that are made only to take one element, to be searched, or to be gone through once.

What is measured decides. `min`, `next`, a file or a view itself, and a generator that may stop early save
time; a generator that is gone through to its end is slower than a list, so `sum`, `join`, `max`, `sorted`
and `len` of one are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.building.constructions import Function
from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.calls import Call, Site
from alloclint.facts.names.effects import effect_of
from alloclint.facts.often.repetition import is_in_throw
from alloclint.facts.temporaries.needless import Form, Needless
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import place_of, roles_between
from alloclint.facts.walk.scopes import Event, LoopFact
from alloclint.finding import Edit
from alloclint.syntax import model as m

_OPENS = {"builtins.open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"}
#: What may change the file that is being read.
_ON_FILES = {"open", "write_text", "write_bytes", "rename", "replace", "remove", "unlink", "move", "copy"}
_VIEWS = {"items", "keys", "values"}
#: Functions of an iterable that go through it without a list.
_LAZY = {"enumerate", "zip", "map", "filter"}
#: Builtins without an effect that the tables do not list, for what may be left out of a search.
_HARMLESS = {"getattr", "hasattr", "callable"}
_CHANGING = {"pop", "popitem", "setdefault", "update", "remove", "append", "add", "clear", "extend", "insert"}


def needless_lists(function: Function) -> Iterator[Needless]:
    """Every list of a function that is not needed, in order of evaluation."""
    for event in function.trace.calls:
        if isinstance(event.node, m.Call):
            call = Call(function, event)
            rule = _RULES.get(call.name)
            found = rule(call) if rule is not None and call.event.frame.kind != "handler" else None
            if found is not None and not is_in_throw(event):
                yield found
    if " in [" in function.file.text(*function.span):
        yield from _searched(function)


def _path(call: Call) -> str | None:
    return callee_path(call.node, call.file.facts.types, call.event.scope, call.event.order)


def _only_argument(call: Call) -> m.Expr | None:
    argument = call.args[0] if len(call.args) == 1 else None
    return argument if not isinstance(argument, m.Keyword) else None


def _catches(call: Call) -> bool:
    """Whether somebody may wait for the IndexError of an empty list, which would be another error then."""
    return any(frame.kind == "try" for frame in call.event.frame.within(None))


def _index(call: Call) -> tuple[m.Index, int] | None:
    """`…[0]` and `…[-1]` of what a call returns."""
    parent = call.parent
    if not isinstance(parent, m.Index) or parent.of is not call.node:
        return None
    index, sign = parent.index, 1
    if isinstance(index, m.Unary) and index.op == "-":
        index, sign = index.operand, -1
    value = index.value if isinstance(index, m.Literal) else None
    number = sign * value if type(value) is int else None
    return (parent, number) if number in (0, -1) and number is not None else None


# ---------------------------------------------------------------- one element


def _sorted(call: Call) -> Needless | None:
    """`sorted(x)[0]` -> `min(x)`; the last of several that are equal is not what `max` returns with a key."""
    found = _index(call)
    if found is None or _path(call) != "builtins.sorted":
        return None
    keywords = {one.name: one.value for one in call.args if isinstance(one, m.Keyword)}
    values = [one for one in call.args if not isinstance(one, m.Keyword)]
    reverse = keywords.pop("reverse", None)
    if len(values) != 1 or keywords.keys() - {"key"} or not _is_flag(reverse):
        return None
    index, number = found
    is_filled = isinstance(values[0], m.Display) and bool(values[0].items)
    if (number == -1 and (keywords or _is_true(reverse))) or (_catches(call) and not is_filled):
        return None
    name = "max" if (number == -1) != _is_true(reverse) else "min"
    if call.binding(name) is not None:
        return None
    arguments = [_spread(values[0], call), *(f"key={call.text(one)}" for one in keywords.values())]
    text = f"{name}({', '.join(arguments)})"
    cost = "sorting 1,000 numbers takes 25 µs, finding the least 11 µs"
    return Needless(call.span, "to take one element", text, cost, (Edit(*index.span, text),), "sorted")


def _is_flag(expression: m.Expr | None) -> bool:
    return expression is None or (isinstance(expression, m.Literal) and isinstance(expression.value, bool))


def _is_true(expression: m.Expr | None) -> bool:
    return isinstance(expression, m.Literal) and expression.value is True


def _spread(expression: m.Expr, call: Call) -> str:
    """The elements of a list that is written out with two or more, else the expression."""
    items = expression.items if isinstance(expression, m.Display) else ()
    if len(items) < 2 or any(isinstance(one, m.Keyword) for one in items):
        return call.text(expression)
    return ", ".join(call.text(one) for one in items)


def _first(call: Call) -> Needless | None:
    """`list(x)[0]` -> `next(iter(x))`; in a generator its StopIteration would be an error of another kind."""
    found = _index(call)
    argument = _only_argument(call)
    if _path(call) not in ("builtins.list", "builtins.tuple") or argument is None:
        return None
    if found is None:
        return _iterated(call, argument)
    if found[1] != 0 or _catches(call) or _is_generator(call):
        return None
    known = call.file.facts.types.known(call.type_of(argument))
    is_sequence = known in ("list", "tuple", "str", "bytes")
    text = f"{call.text(argument)}[0]" if is_sequence else f"next(iter({_container(argument, call)}))"
    if isinstance(argument, m.Comprehension):
        text = f"next({call.text(argument)})"
    cost = "a list of 1,000 takes 1.3 µs to make, the first element 0.04 µs"
    edits = (Edit(*found[0].span, text),)
    form: Form | None = "first" if isinstance(found[0].index, m.Literal) else None
    return Needless(call.span, "to take the first element", text, cost, edits, form)


def _container(argument: m.Expr, call: Call) -> str:
    """The keys of a dict are what it goes through itself."""
    is_keys = isinstance(argument, m.Call) and argument.last == "keys" and not argument.args
    receiver = argument.receiver if isinstance(argument, m.Call) else None
    return call.text(receiver if is_keys and receiver is not None else argument)


def _is_generator(call: Call) -> bool:
    exits = (exit_.node for exit_ in call.function.trace.exits)
    in_closure = any(frame.kind == "closure" for frame in call.event.frame.within(None))
    inside = any(loop.kind == "comprehension" for loop in call.loops)
    return in_closure or inside or any(isinstance(one, m.Exit) and one.kind == "yield" for one in exits)


# ---------------------------------------------------------------- searched


def _short_circuit(call: Call) -> Needless | None:
    """`any([…])` makes the whole list before it looks at the first element."""
    argument = _only_argument(call)
    if _path(call) not in ("builtins.any", "builtins.all") or not isinstance(argument, m.Comprehension):
        return None
    text = call.text(argument)
    if argument.kind != "list" or not _only_computes(argument, call) or not text.startswith("["):
        return None
    if call.file.text(argument.end, call.node.end).strip() != ")":
        return None
    cost = "of 1,000, a search that ends early takes 0.4 µs, not 15; one to the end is a quarter slower"
    edits = (Edit(argument.start, argument.start + 1, ""), Edit(argument.end - 1, argument.end, ""))
    written = f"{call.name}({text[1:-1].strip()})"
    return Needless(argument.span, "to be searched", written, cost, edits, "any")


def _only_computes(comprehension: m.Comprehension, site: Site) -> bool:
    """Whether nothing in a comprehension may do more than compute, so that a part of it may be left out."""
    nodes = list(descendants(comprehension))
    if any(isinstance(node, m.Opaque) and node.kind != "text" for node in nodes):
        return False
    if any(isinstance(node, m.Embedded) and isinstance(node.statement, m.Assign) for node in nodes):
        return False
    return all(_computes(node, site) for node in nodes if isinstance(node, m.Call))


def _computes(node: m.Call, site: Site) -> bool:
    if effect_of(node, site) is not None or (node.kind == "function" and node.last in _HARMLESS):
        return True
    effects, reading = site.file.language.effects, site.file.language.reading
    is_text = f"str.{node.last}" in effects or f"dict.{node.last}" in effects
    return node.kind == "method" and (is_text or node.last in reading)


def _searched(function: Function) -> Iterator[Needless]:
    """`x in [f(y) for y in ys]`: a generator stops at the first that is equal."""
    body = function.declaration.body
    for node in descendants(body) if body is not None else ():
        if not isinstance(node, m.Binary) or node.op not in ("in", "not in"):
            continue
        found = node.right
        if not isinstance(found, m.Comprehension) or found.kind != "list":
            continue
        # What is not found goes through all, where a generator of mere attributes is slower than a list.
        if not any(isinstance(part, m.Call) for part in descendants(found)):
            continue
        site = Site(
            function, Event(found, function.trace.root.end, function.trace.root, function.trace.scope, None)
        )
        text = function.file.text(*found.span)
        if _only_computes(found, site) and text.startswith("["):
            cost = "of 1,000, a search that ends early takes 0.5 µs, not 19; a full one is slower"
            edits = (Edit(found.start, found.start + 1, "("), Edit(found.end - 1, found.end, ")"))
            yield Needless(found.span, "to be searched", f"({text[1:-1]})", cost, edits)


# ---------------------------------------------------------------- gone through once


def _loop_over(call: Call) -> LoopFact | None:
    """The loop or comprehension that goes through what a call returns, also by `enumerate` or `zip`."""
    node: m.Node = call.node
    for parent in call.parents:
        if isinstance(parent, m.Call) and parent.kind == "function" and parent.last in ("enumerate", "zip"):
            node = parent
            continue
        if isinstance(parent, m.Keyword):
            return None
        loops = call.function.trace.loops_of(parent)
        here = (loop for loop in loops if loop.iterable is node)
        return next(here, None) or _comprehension_over(call, node)
    return None


def _comprehension_over(call: Call, node: m.Node) -> LoopFact | None:
    loops = call.function.trace.loops
    return next((loop for loop in loops if loop.kind == "comprehension" and loop.iterable is node), None)


def _iterated(call: Call, argument: m.Expr) -> Needless | None:
    """`for k, v in list(d.items())`, where nothing in the loop may change `d`."""
    loop = _loop_over(call)
    if loop is None or not _is_view(argument, call) or _suspends(call, loop):
        return None
    if any(_reaches_into(node) for node in descendants(argument)):
        # What an object holds may be changed by whoever else has the object.
        return None
    places = [place_of(node, call.event.scope, call.event.order) for node in descendants(argument)
              if isinstance(node, m.Name) and call.binding(node.id) is not None]  # fmt: skip
    trace, language = call.function.trace, call.file.language
    if not places or any(place is None or not place.is_local for place in places):
        return None
    for place in places:
        if place is None or changes_between(place, loop.start, loop.end, trace, language, length=True):
            return None
        # A key that is stored changes a dict, though not the list that it might be.
        as_dict = roles_between(place, loop.start, loop.end, trace, language, "map")
        if any(role.kind == "grows" for role in as_dict):
            return None
    if not _calls_nothing_else(call, loop):
        return None
    text = call.text(argument)
    cost = "a list of 1,000 pairs takes 13 µs to make"
    return Needless(call.span, "to be gone through once", text, cost, (Edit(*call.span, text),))


def _reaches_into(node: m.Node) -> bool:
    is_plain = isinstance(node, m.Call) and node.last in _VIEWS | _LAZY
    return isinstance(node, m.Field | m.Closure) or (isinstance(node, m.Call) and not is_plain)


def _is_view(argument: m.Expr, call: Call) -> bool:
    """What is made on the way anyhow: a view of a dict, a `zip`, a `map`; or a plain variable."""
    if isinstance(argument, m.Call) and argument.kind == "function":
        return argument.last in _LAZY
    if isinstance(argument, m.Call):
        return argument.last in _VIEWS and not argument.args
    known = call.file.facts.types.known(call.type_of(argument))
    return isinstance(argument, m.Name) and known in ("list", "tuple", "dict", "set")


def _suspends(call: Call, loop: LoopFact) -> bool:
    """Whether somebody else may run during the loop: it yields or awaits."""
    exits = call.function.trace.exits_between(loop.start, loop.end)
    yields = any(isinstance(one.node, m.Exit) and one.node.kind == "yield" for one in exits)
    node = loop.node
    return yields or "await " in call.file.text(*node.span) or "yield" in call.file.text(*node.span)


def _calls_nothing_else(call: Call, loop: LoopFact) -> bool:
    """Whether all calls of a loop are known not to reach what it goes through."""
    seen_from = call
    for event in call.function.trace.calls_between(loop.start, loop.end):
        node = event.node
        if not isinstance(node, m.Call) or effect_of(node, seen_from) is not None:
            continue
        receiver = place_of(node.receiver, event.scope, event.order) if node.kind == "method" else None
        own = receiver is not None and receiver.is_local and receiver.binding.kind == "local"
        if not own or (node.last not in call.file.language.reading and node.last not in _CHANGING):
            return False
    return True


def _read_lines(call: Call) -> Needless | None:
    """`for line in file.readlines()`: a file goes through its lines itself."""
    receiver, loop = call.node.receiver, _loop_over(call)
    place = place_of(receiver, call.event.scope, call.event.order)
    if receiver is None or loop is None or place is None or call.args or place.fields:
        return None
    opened = place.binding.value
    if not isinstance(opened, m.Call) or place.binding.scope is None:
        return None
    path = callee_path(opened, call.file.facts.types, place.binding.scope, place.binding.valued)
    if path not in _OPENS or len(place.binding.assigned) > 0 or _suspends(call, loop):
        return None
    trace = call.function.trace
    used = any(loop.start < use.order <= loop.end for use in trace.uses_of(place.binding))
    opens = (event.node for event in trace.calls_between(loop.start, loop.end))
    if used or any(isinstance(one, m.Call) and one.last in _ON_FILES for one in opens):
        return None
    text = call.text(receiver)
    cost = "all lines are in memory at once; the file alone holds one buffer"
    is_plain = loop.iterable is call.node and path in ("builtins.open", "io.open")
    form: Form | None = "lines" if is_plain else None
    return Needless(call.span, "to be gone through once", text, cost, (Edit(*call.span, text),), form)


_RULES = {
    "sorted": _sorted,
    "list": _first,
    "tuple": _first,
    "any": _short_circuit,
    "all": _short_circuit,
    "readlines": _read_lines,
}
