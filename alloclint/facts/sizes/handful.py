"""
A handful: why a collection gets so few entries, or each at such a price, that room for them saves nothing.

The size is then right, but no more than advice: a loop that the code bounds by a small number, keys that are
constants of an enum, what is configured, given on a command line or registered rather than read as data, and
loops that read a file, start a process or ask another machine at each turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.names.finite import is_enum
from alloclint.facts.names.words import words_of
from alloclint.facts.often.dwarfed import dwarfed_in
from alloclint.facts.sizes.byname import few_in, is_few_by_name
from alloclint.facts.sizes.few import most_turns
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import LoopFact
from alloclint.size import Atom, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction, Function
    from alloclint.facts.walk.scopes import Event

#: Growth up to so many entries takes one or two steps.
HANDFUL = 10
#: Files, each of which costs more to look at than room for its name.
_FILES = {"paths", "files"}
#: Words that say so of the object whose field is gone through: `config.styles`, `opts.extra`.
_HOLDERS = {"args", "opts", "options", "config", "cfg", "conf", "configuration", "settings", "cli", "flags"}
#: Library types with a handful of values.
_OF_FEW = {"HttpMethod", "RequestMethod", "DayOfWeek", "Month", "TimeUnit", "ChronoUnit", "Boolean", "bool"}
#: Rust: what waits for all futures of a list.
_WAITING = {"join_all", "try_join_all", "select_all", "select_ok"}
#: Names that only ask how many there are, or for all of them.
_COUNTING = {"len", "length", "count", "size", "keySet", "values", "entrySet", "keys", "items", "iter"}
#: Steps that pass on a part of what there is, and those that take a text apart.
_PICKING = {
    "filter", "filter_map", "split", "rsplit", "splitn", "rsplitn", "split_whitespace", "split_terminator",
    "split_ascii_whitespace",
}  # fmt: skip


def handful(built: Construction) -> str | None:
    """Why room for the entries of a collection is not worth much; None where nothing says so."""
    size = built.capacity_size if built.capacity is not None else built.fill.size
    named = is_few_by_name(built.name or "") or (built.name or "").lower().endswith("paths")
    written = _written_in_calls(size, built)
    for_hand = f"`{built.name}` holds what is set up, or goes wrong, one by one" if named else None
    return (
        _few_keys(built)
        or _few_turns(built)
        or _constants(built)
        or written
        or by_hand(size)
        or for_hand
        or few_in(built.capacity)
        or _fills_up(size)
        or _slow(built)
    )


def _few_keys(built: Construction) -> str | None:
    declared = built.declared_type if built.declared_type is not None else built.type
    if built.collection.kind not in ("map", "set"):
        return None
    types = built.file.facts.types
    for type_ in (declared, built.type):
        plain = types.plain(type_)
        key = types.plain(plain.args[0]) if plain is not None and plain.args else None
        if key is not None and (key.last in _OF_FEW or is_enum(types.declaration(key), types)):
            return f"there are few values of `{key.last}`"
    return None


def _few_turns(built: Construction) -> str | None:
    most = [most_turns(loop, built.function) for loop in built.fill.loops]
    known = [one for one in most if one is not None]
    if known and len(known) == len(most) and sum(known) <= HANDFUL:
        return f"the loop makes {sum(known)} turns at most"
    return None


def _constants(built: Construction) -> str | None:
    """Java: a set of an enum's constants, which each turn looks at, or looks up in another enum by name."""
    loops = built.fill.loops if built.file.language.name == "java" else ()
    types, trips = built.file.facts.types, built.function.trips
    for loop in loops:
        type_ = types.plain(types.of(loop.iterable, built.function.trace, trips.scope_of(loop), loop.start))
        if type_ is None or not type_.last.endswith("Set") or len(type_.args) != 1:
            return None
        key = types.plain(type_.args[0])
        few = key is not None and (key.last in _OF_FEW or is_enum(types.declaration(key), types))
        if not few and not any(_looks_up_constant(call) for call in _calls_of(built, loop)):
            return None
    return "it goes through constants of an enum" if loops else None


def _looks_up_constant(call: m.Call) -> bool:
    """`Kind.valueOf(other.name())`."""
    only = call.args[0] if call.last == "valueOf" and len(call.args) == 1 else None
    return isinstance(only, m.Call) and only.last == "name" and not only.args and only.kind == "method"


def _fills_up(size: Size | None) -> str | None:
    """`max(0, width - len) + len`: what is filled up to a width is hardly any longer."""
    if size is None:
        return None
    for product, _ in size.terms:
        for atom in product:
            if atom.kind == "monus" and set(atom.parts[1].terms) & set(size.terms):
                return "it is filled up to a width"
    return None


def _written_in_calls(size: Size | None, built: Construction) -> str | None:
    """Java: what callers write down as arguments of any number, `String... names`."""
    atoms = [atom for atom in size.atoms() if not atom.parts] if size is not None else []
    places = [atom.root for atom in atoms if isinstance(atom.root, Place)]
    if built.file.language.name != "java" or not atoms or len(places) < len(atoms):
        return None
    nodes = [one.binding.node for one in places if one.binding.kind == "param" and not one.fields]
    varied = [node for node in nodes if isinstance(node, m.Param) and _is_variadic(node, built)]
    return f"`{atoms[0].text}` is written down in calls" if len(varied) == len(atoms) else None


def _is_variadic(param: m.Param, built: Construction) -> bool:
    return "..." in built.file.text(*param.span)


def by_hand(size: Size | None) -> str | None:
    """Why so many entries are written down or registered by somebody, going by the names in a size."""
    atoms = [atom for atom in size.atoms() if not atom.parts] if size is not None else []
    reasons = [_of_atom(atom) for atom in atoms]
    return reasons[0] if reasons and all(reasons) else None


def _of_atom(atom: Atom) -> str | None:
    place = atom.root if isinstance(atom.root, Place) else None
    value = place.binding.value if place is not None and not place.fields else None
    if _is_left_over(value):
        return f"`{atom.text}` is what is left of a filter, or the parts of one text"
    names = [place.binding.name, *place.fields] if place is not None else _named_in(atom.text)
    holders = {word for name in names[:-1] for word in words_of(name)[-1:]}
    is_path = bool(_FILES & set(words_of(names[-1])[-1:]))
    if is_few_by_name(names[-1]) or is_path or holders & _HOLDERS:
        return f"`{atom.text}` is a handful, by its name"
    asked = _asked(value)
    if asked is not None and is_few_by_name(asked):
        return f"`{asked}` gives a handful, by its name"
    return None


def _named_in(text: str) -> list[str]:
    """The names in the text of an expression, those apart that only ask how many there are."""
    names = re.findall(r"[^\W\d]\w*", text)
    while len(names) > 1 and names[-1] in _COUNTING:
        names.pop()
    return names or [text]


def _asked(value: m.Expr | None) -> str | None:
    """The last call that made what a local holds: `getColumns` of `table.getColumns()`."""
    while isinstance(value, m.MayReturn | m.Cast):
        value = value.value
    return value.last if isinstance(value, m.Call) and value.kind in ("method", "function") else None


def _is_left_over(value: m.Expr | None) -> bool:
    """Whether a local is what a chain picks out, or the parts of a text that is taken apart."""
    while isinstance(value, m.Call | m.MayReturn):
        if isinstance(value, m.MayReturn):
            value = value.value
            continue
        if value.last in _PICKING and value.kind == "method":
            return True
        value = value.receiver
    return False


def _slow(built: Construction) -> str | None:
    """A loop that waits for a file, a process, a thread or another machine at each turn."""
    for loop in built.fill.loops:
        reason = dwarfed_in(loop, built.function)
        if reason is not None:
            return reason
    return _futures(built) if built.file.language.name == "rust" else None


def _futures(built: Construction) -> str | None:
    """Rust: a list of futures, by what is put into it or by what it is given to."""
    declared = built.file.facts.types.functions
    for growth in built.fill.growths:
        entry = growth.node.args[-1] if isinstance(growth.node, m.Call) and growth.node.args else None
        named = declared.get(entry.last, []) if isinstance(entry, m.Call) else []
        if named and all("async" in one.modifiers for one in named):
            return "beside what each future waits for, it is nothing"
    for event in _waiting_calls(built.function):
        call, scope, at = event.node, event.scope, event.order
        if not isinstance(call, m.Call) or built.place is None:
            continue
        if any(place_of(one, scope, at) == built.place for one in call.args):
            return f"beside what `{call.last}` waits for, it is nothing"
    return None


def _waiting_calls(function: Function) -> list[Event]:
    """The calls that wait for all futures of a list, looked for once in a function."""
    key = "waiting calls"
    if key not in function.trace.memo:
        function.trace.memo[key] = [
            event
            for event in function.trace.calls
            if isinstance(event.node, m.Call) and event.node.last in _WAITING
        ]
    found: list[Event] = function.trace.memo[key]
    return found


def _calls_of(built: Construction, loop: LoopFact) -> Iterator[m.Call]:
    for event in built.function.trace.calls_between(loop.start, loop.end):
        if isinstance(event.node, m.Call):
            yield event.node
