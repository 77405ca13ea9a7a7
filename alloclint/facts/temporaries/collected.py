"""
Rust: `collect()` whose collection is only counted, searched, gone through once or asked for one element.

An iterator can do all of that itself. It runs later, and stops earlier, than `collect()` did: so nothing
that it borrows may change in between, its closures may have no effect that matters, and the type that is
collected into must not be what the closures take theirs from.
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.names.calls import Call
from alloclint.facts.names.effects import is_pure
from alloclint.facts.temporaries.needless import Needless
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Binding, Link, Use
from alloclint.finding import Edit
from alloclint.syntax import model as m

_LISTS = {"Vec", "VecDeque", "LinkedList", "SmallVec"}
_SETS = {"HashSet", "BTreeSet", "FxHashSet", "AHashSet", "IndexSet"}
_MAPS = {"HashMap", "BTreeMap", "FxHashMap", "AHashMap", "IndexMap"}
#: Steps that make an iterator of something that is none.
_BEGINS = {
    "iter", "into_iter", "keys", "values", "chars", "bytes", "char_indices", "split", "rsplit", "splitn",
    "rsplitn", "split_whitespace", "split_ascii_whitespace", "split_terminator", "lines", "windows", "chunks",
    "chunks_exact", "into_keys", "into_values", "matches", "match_indices", "components",
}  # fmt: skip
#: Steps that only an iterator may be known not to have an own way of: other threads, other owners, effects.
_APART = {
    "inspect", "lock", "borrow", "borrow_mut", "write", "read", "by_ref", "drain", "par_iter", "try_iter",
    "into_par_iter", "par_bridge", "par_chunks", "spawn", "retain", "upgrade", "load", "recv",
}  # fmt: skip
#: Calls whose result takes its type from what is collected.
_INFERRED = {
    "parse", "into", "try_into", "default", "sum", "product", "collect", "from", "from_str",
    "unwrap_or_default", "deserialize", "try_from", "from_str_radix", "convert",
}  # fmt: skip
#: Consumers that go through an iterator of values as well as through one of references.
_CONSUMERS = {
    "for_each", "count", "fold", "collect", "any", "all", "sum", "max", "min", "extend", "last", "unzip",
}  # fmt: skip
_STEPS = {
    "map", "filter", "filter_map", "flat_map", "enumerate", "take", "skip", "zip", "chain", "take_while",
    "cloned", "copied",
}  # fmt: skip
#: Macros and methods that do something beside computing.
_EFFECTS = {
    "print", "println", "eprint", "eprintln", "write", "writeln", "info", "debug", "warn", "error", "trace",
}  # fmt: skip
_CHANGES = {
    "send", "spawn", "remove", "next", "take", "insert", "push", "pop", "push_str", "store", "fetch_add",
    "extend", "await",
}  # fmt: skip
#: More places than a chain is followed through.
_MOST = 40
_MEASURED = "collecting takes 8 to 16 bytes and 0.1 ns per element more than going through them"


def needless_collect(call: Call) -> Needless | None:
    """What a `collect()` is only made for, and what to write instead; None where it is needed."""
    if call.node.kind != "method" or call.args or call.name != "collect" or not _is_iterator(call):
        return None
    container = _container(call)
    above = _above(call)
    if container is None or above is None or _is_anchored(call):
        return None
    node = above.node
    if isinstance(node, m.Let) and node.pattern.name is not None and node.otherwise is None:
        return _by_name(call, node, container)
    return _directly(call, node, container)


# ---------------------------------------------------------------- the chain


def _steps(call: Call) -> Iterator[m.Call]:
    node = call.node.receiver
    while isinstance(node, m.Call) and node.kind == "method":
        yield node
        node = node.receiver


def _root(call: Call) -> m.Expr | None:
    node = call.node.receiver
    while isinstance(node, m.Call) and node.kind == "method":
        node = node.receiver
    while isinstance(node, m.Unary) and node.op in ("&", "*"):
        node = node.operand
    return node


def _is_iterator(call: Call) -> bool:
    """Whether the chain begins at something that stays what it is: a place, a literal, a range."""
    names = [step.last for step in _steps(call)]
    root = _root(call)
    begins = isinstance(root, m.Range) or any(name in _BEGINS for name in names)
    if not begins or any(name in _APART or name.startswith("par_") for name in names):
        return False
    return (
        isinstance(root, m.Range | m.Literal)
        or place_of(root, call.event.scope, call.event.order) is not None
    )


def _written(call: Call) -> m.Type | None:
    """The type that is collected into, as it is written behind `collect` or at the local."""
    if call.node.type_args:
        return call.node.type_args[0]
    above = _above(call)
    return above.node.type if above is not None and isinstance(above.node, m.Let) else None


def _container(call: Call) -> str | None:
    """The name of the type that is collected into."""
    written = _written(call)
    known = call.file.facts.types.known(written) if written is not None and written.kind == "named" else None
    return known if known in _LISTS | _SETS | _MAPS else None


def _is_anchored(call: Call) -> bool:
    """Whether the type that is collected into may decide what the closures return."""
    written = _written(call)
    concrete = written is not None and any(one.kind != "infer" for one in written.args)
    calls = (node for node in _chain(call) if isinstance(node, m.Call))
    return concrete and any(node.last in _INFERRED and not node.type_args for node in calls)


def _chain(call: Call) -> Iterator[m.Node]:
    return descendants(call.node.receiver) if call.node.receiver is not None else iter(())


def _has_effects(call: Call) -> bool:
    """Whether a closure of the chain visibly does something beside computing."""
    return any(_acts(node) for node in _chain(call))


def _acts(node: m.Node) -> bool:
    if isinstance(node, m.Call):
        return node.last in _CHANGES or (node.kind == "macro" and node.last in _EFFECTS)
    leaves = isinstance(node, m.Assign | m.MayReturn | m.Exit)
    return leaves or (isinstance(node, m.Unary) and node.op == "&mut")


def _only_computes(call: Call) -> bool:
    """Whether all that the closures call is known to do nothing but return a value."""
    steps = {id(step) for step in _steps(call)}
    language = call.file.language
    return all(
        id(node) in steps or is_pure(node, call) or node.last in language.reading or _constructs(node)
        for node in _chain(call)
        if isinstance(node, m.Call)
    )


def _constructs(node: m.Call) -> bool:
    """`Some(x)`, `Kind::Of(x)`."""
    return node.kind == "function" and node.last[:1].isupper()


def _places(call: Call) -> list[Place]:
    """What the chain reads, closures included, but for what these declare themselves."""
    found = {}
    for node in _chain(call):
        if isinstance(node, m.Name | m.Field):
            place = place_of(node, call.event.scope, call.event.order)
            if place is not None and place.binding.kind != "free":
                found[place.binding, place.fields] = place
    return [one for one in found.values() if not _is_part(one, list(found.values()))]


def _is_part(place: Place, others: list[Place]) -> bool:
    """Whether a longer place of the same binding stands for it: `self` of `self.map`."""
    same = (other.fields for other in others if other.binding is place.binding and other != place)
    return any(fields[: len(place.fields)] == place.fields for fields in same)


def _changes(call: Call, start: int, end: int) -> bool:
    """Whether anything that the chain borrows may change between two points, as far as is known."""
    trace, language = call.function.trace, call.file.language
    origins = _origins(_places(call))
    return origins is None or any(
        changes_between(place, start, end, trace, language, length=True) for place in origins
    )


def _origins(places: list[Place]) -> list[Place] | None:
    """
    What the chain borrows from, `self.rows` of `for row in &self.rows`; None where nobody knows.

    A name of a pattern or a loop is a part of something else, and so may a local be.
    """
    found, waiting = list(places), list(places)
    while waiting:
        binding = waiting.pop().binding
        if binding.kind in ("param", "self", "static", "constant", "free"):
            continue
        source, scope, at = binding.value, binding.scope, binding.valued
        if binding.loop is not None:
            source, scope, at = binding.loop.iterable, binding.loop.scope, binding.loop.start
        if source is None or scope is None or len(found) > _MOST:
            return None
        seen = {(one.binding, one.fields) for one in found}
        inner = (
            place_of(node, scope, at) for node in descendants(source) if isinstance(node, m.Name | m.Field)
        )
        more = [one for one in inner if one is not None and (one.binding, one.fields) not in seen]
        found += more
        waiting += more
    return [one for one in found if not _is_part(one, found)]


# ---------------------------------------------------------------- used at once


def _above(call: Call) -> Link | None:
    link = call.event.around
    return link.up if link is not None else None


def _directly(call: Call, node: m.Node, container: str) -> Needless | None:
    if isinstance(node, m.Call) and node.receiver is call.node:
        return _asked(call, node, container, call.node.name_start)
    if isinstance(node, m.Index) and node.of is call.node:
        return _indexed(call, node, container, call.node.name_start)
    if isinstance(node, m.Call) and any(one is call.node for one in node.args):
        return _given(call, node, container)
    outer = next((one for one in call.parents if not (isinstance(one, m.Unary) and one.op == "&")), None)
    return _iterated(call, outer, container) if isinstance(outer, m.Loop) else None


def _asked(call: Call, use: m.Call, container: str, start: int) -> Needless | None:
    """`.len()`, `.is_empty()`, `.contains(&x)`, `.first()`, `.into_iter()…` of what was collected."""
    if use.last == "len" and not use.args and container in _LISTS:
        return _found(call, "to be counted", "count()", start, use.end)
    if _has_effects(call):
        return None
    if use.last == "is_empty" and not use.args:
        return _found(call, "to see whether it is empty", "next().is_none()", start, use.end)
    if use.last == "contains" and len(use.args) == 1 and container in _LISTS | _SETS:
        text = call.text(use.args[0]).removeprefix("&")
        return _found(call, "to look for one element", f"any(|item| item == {text})")
    if use.last in ("first", "last") and not use.args and container in _LISTS:
        found = _found(call, "to take one element", "next()" if use.last == "first" else "last()")
        return Needless(found.span, found.what, f"{found.text}: an element, no reference to one", found.cost)
    if use.last in ("iter", "into_iter") and container in _LISTS and _only_computes(call):
        return _found(call, "to be gone through at once", "") if _is_consumed(call, use) else None
    return None


def _is_consumed(call: Call, use: m.Call) -> bool:
    """Whether the chain goes on by steps that any iterator has, to its end in the same expression."""
    rest = list(call.function.trace.calls_upon(use))
    if not rest:
        return False
    *steps, last = [step.last for step in rest]
    while steps and last not in _CONSUMERS:
        *steps, last = steps
    return last in _CONSUMERS and all(step in _STEPS for step in steps)


def _indexed(call: Call, use: m.Index, container: str, start: int) -> Needless | None:
    if isinstance(use.index, m.Range) or container not in _LISTS or _has_effects(call):
        return None
    if not isinstance(use.index, m.Literal | m.Name | m.Field):
        return None
    is_first = isinstance(use.index, m.Literal) and use.index.value == 0
    text = "next().unwrap()" if is_first else f"nth({call.text(use.index)}).unwrap()"
    return _found(call, "to take one element", text, start, use.end)


def _given(call: Call, use: m.Call, container: str) -> Needless | None:
    """`all.extend(some.collect::<Vec<_>>())`: whoever goes through any iterator needs no collection."""
    if use.last != "extend" or use.receiver is None or use.kind != "method":
        return None
    types = call.file.facts.types
    known = types.known(call.type_of(use.receiver))
    if container not in _LISTS and known not in (_SETS if container in _SETS else _MAPS):
        return None
    target = place_of(use.receiver, call.event.scope, call.event.order)
    origins = _origins(_places(call))
    if target is None or origins is None or any(_overlap(target, place) for place in origins):
        return None
    return _found(call, f"to be handed to `{use.last}`, which takes any iterator", "")


def _overlap(one: Place, other: Place) -> bool:
    if one.binding is not other.binding:
        return False
    shorter = min(len(one.fields), len(other.fields))
    return one.fields[:shorter] == other.fields[:shorter]


def _iterated(call: Call, loop: m.Loop, container: str) -> Needless | None:
    """`for x in chain.collect::<Vec<_>>()`, where the body leaves alone what the chain borrows."""
    fact = next(iter(call.function.trace.loops_of(loop)), None)
    if fact is None or container not in _LISTS or _has_effects(call) or not _only_computes(call):
        return None
    if _changes(call, fact.start, fact.end):
        return None
    return _found(call, "to be gone through once", "")


# ---------------------------------------------------------------- used by name


def _by_name(call: Call, let: m.Let, container: str) -> Needless | None:
    """A local whose one use is among those above, in the same turn, with nothing changed on the way."""
    trace = call.function.trace
    binding = next(iter(trace.bindings_of(let)), None)
    uses = trace.uses_of(binding) if binding is not None else ()
    if binding is None or len(uses) != 1 or binding.assigned or uses[0].expr is None:
        return None
    use = uses[0]
    if not _runs_once(use, call) or _changes(call, call.event.order, use.order) or _is_hidden(call, use):
        return None
    return _by_use(call, binding, use, container)


def _by_use(call: Call, binding: Binding, use: Use, container: str) -> Needless | None:
    link = use.around
    inner: m.Node | None = use.expr
    while link is not None and isinstance(link.node, m.Unary) and link.node.op == "&":
        inner, link = link.node, link.up
    node = link.node if link is not None else None
    if isinstance(node, m.Loop) and node.iterable is inner:
        return _iterated(call, node, container)
    if isinstance(node, m.Call) and node.receiver is inner and inner is use.expr:
        return _asked_later(call, node, container)
    if isinstance(node, m.Index) and node.of is inner:
        found = _indexed(call, node, container, 0)
        return _without_edits(found)
    if isinstance(node, m.Call) and any(one is inner for one in node.args) and _only_computes(call):
        return _given(call, node, container)
    return None


def _asked_later(call: Call, node: m.Call, container: str) -> Needless | None:
    found = _asked(call, node, container, 0)
    return _without_edits(found) if not _has_effects(call) else None


def _without_edits(found: Needless | None) -> Needless | None:
    return Needless(found.span, found.what, found.text, found.cost) if found is not None else None


def _runs_once(use: Use, call: Call) -> bool:
    frames = use.frame.within(call.event.frame)
    return use.frame.is_inside(call.event.frame) and all(one.kind in ("arm", "test", "try") for one in frames)


def _is_hidden(call: Call, use: Use) -> bool:
    """Whether a name of the chain means something else where the collection is used."""
    names = {place.binding.name for place in _places(call)}
    later = (one for one in call.function.trace.bindings if call.event.order < one.order <= use.order)
    return any(one.name in names for one in later)


def _found(call: Call, what: str, text: str, start: int = 0, end: int = 0) -> Needless:
    written = call.file.text(call.node.name_start, call.node.end)
    shown = f"`.{text}` for `.{written}`" if text else f"leave out `.{written}`"
    edits = (Edit(start, end, text),) if text and start else ()
    return Needless((call.node.name_start, call.node.end), what, shown, _MEASURED, edits)
