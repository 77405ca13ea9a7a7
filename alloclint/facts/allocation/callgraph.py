"""
Which functions of the project a function calls, and what they allocate.

A call is only followed where it is clear what it means: by the type of what it is called on, or by the one
function of that name and number of parameters that is in reach. What is said of a function is a small value
that can be sent to another process and merged with that of other files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.allocation.allocating import allocations_in
from alloclint.facts.names.callees import dotted
from alloclint.facts.often.repetition import is_in_handler, is_leaving
from alloclint.facts.walk.scopes import Event
from alloclint.finding import Place
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File

#: Names of annotations that take a function out of such promises.
_TRUSTED = {"IgnoreAllocations", "AllocationAllowed", "NoAllocation"}
#: Comments that ignore the rule at a place, by its code, its name or its family.
_IGNORED = re.compile(
    rb"alloclint:\s*ignore(?:-next-line)?\[[^\]]*"
    rb"(?:ALC210|ALC2\b|allocation-in-no-alloc|temporaries)"
)
#: A chain of more calls than this tells nobody anything.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Key:
    """What a function is called by: its language, its type (or nothing), its name, how many parameters."""

    language: str
    owner: str
    name: str
    arity: int


@dataclass(frozen=True, slots=True)
class Made:
    """An allocation and where it is: `by` is what does it, `what` is what it makes."""

    place: Place
    what: str
    by: str
    may: bool


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a function allocates itself, and what it calls. One that is `trusted` is not looked into."""

    key: Key
    trusted: bool
    allocations: tuple[Made, ...]
    calls: tuple[tuple[Key, Place], ...]


#: Functions by their keys; None for a key that several have.
Behaviours = dict[Key, "Behaviour | None"]


@dataclass(frozen=True, slots=True)
class Chain:
    """The way from a call to the allocation at its end: the names of the functions on it."""

    call: Place
    names: tuple[str, ...]
    made: Made


def behaviour_of(function: Function) -> Behaviour:
    """What is to be known of one function."""
    file = function.file
    made = tuple(
        Made(file.place(one.start, one.end, "allocated here"), one.what, one.by, one.may)
        for one in allocations_in(function)
        if not _is_ignored(file, one.start)
    )
    trusted = _is_trusted(function)
    calls = tuple(called(function)) if not trusted else ()
    return Behaviour(key_of(function.declaration, file.language.name), trusted, made, calls)


def behaviours(file: File, names: Iterable[str] | None = None) -> list[Behaviour]:
    """The behaviour of the functions of a file that have a body, or of those with one of the `names`."""
    wanted = frozenset(names) if names is not None else None
    return [
        behaviour_of(file.facts.function_of(declaration))
        for declaration in file.unit.functions
        if (wanted is None or declaration.name in wanted) and declaration.body is not None
    ]


def merged(some: Iterable[Behaviour]) -> Behaviours:
    """All functions by their keys."""
    found: Behaviours = {}
    for one in some:
        found[one.key] = None if one.key in found else one
    return found


def chains(function: Function, known: Behaviours) -> Iterator[Chain]:
    """For each call of a function that allocates in the end, the shortest way to an allocation."""
    # What is ignored here is found all the same, so that the comment is known to hide something.
    for key, place in called(function, ignored=True):
        found = _first(key, known)
        if found is not None:
            yield Chain(place, found[0], found[1])


def _first(start: Key, known: Behaviours) -> tuple[tuple[str, ...], Made] | None:
    """The nearest allocation behind a function; what certainly allocates before what only may."""
    waiting: list[tuple[Key, tuple[str, ...]]] = [(start, (start.name,))]
    seen = {start}
    maybe: tuple[tuple[str, ...], Made] | None = None
    for key, names in waiting:
        behaviour = known.get(key)
        if behaviour is None or behaviour.trusted or len(names) > _DEEPEST:
            continue
        for made in behaviour.allocations:
            if not made.may:
                return names, made
            maybe = maybe or (names, made)
        for callee, _ in behaviour.calls:
            if callee not in seen:
                seen.add(callee)
                waiting.append((callee, (*names, callee.name)))
    return maybe


def _is_trusted(function: Function) -> bool:
    declaration = function.declaration
    marks = function.file.facts.annotations
    said = (marks.no_alloc_of(node) for node in (declaration, declaration.owner) if node is not None)
    by_name = any(attribute.last in _TRUSTED for attribute in declaration.attributes)
    return (
        by_name
        or any(mark is not None for mark in said)
        or _is_ignored(function.file, declaration.name_start)
    )


def _is_ignored(file: File, offset: int) -> bool:
    """Whether the line of an offset, or the one above it, has this rule ignored."""
    line = file.position(offset).line
    lines = file.source.split(b"\n", line)[max(line - 2, 0) : line]
    return b"alloclint:" in b"".join(lines) and any(_IGNORED.search(one) for one in lines)


# ---------------------------------------------------------------- names


def key_of(declaration: m.Function, language: str) -> Key:
    owner = declaration.owner.name if declaration.owner is not None else ""
    if not owner and declaration.owner_type is not None:
        owner = declaration.owner_type.last
    params = [one for one in declaration.params if one.pattern.name not in ("self", "cls")]
    # A Python call may leave arguments out or name them.
    return Key(language, owner, declaration.name, len(params) if language != "python" else 0)


def called(function: Function, *, ignored: bool = False) -> Iterator[tuple[Key, Place]]:
    """
    The functions that a function calls when it runs without fault, where it is clear what is meant; those of
    calls that a comment takes out only if they are asked for.
    """
    file = function.file
    resolve = {"rust": _rust, "java": _java, "python": _python}[file.language.name]
    for event in function.trace.calls:
        node = event.node
        if not isinstance(node, m.Call) or is_in_handler(event) or _is_elsewhere(event, file.language.name):
            continue
        owner = resolve(node, function, event)
        if owner is not None and (ignored or not _is_ignored(file, node.start)):
            arity = len(node.args) if file.language.name != "python" else 0
            yield Key(file.language.name, owner, node.last, arity), file.place(*node.span, "called here")


def _is_elsewhere(event: Event, language: str) -> bool:
    """Whether a call belongs to an error, or to a closure that runs later."""
    in_closure = language != "rust" and any(frame.kind == "closure" for frame in event.frame.within(None))
    link = event.around.up if event.around is not None else None
    while link is not None:
        if isinstance(link.node, m.Exit) and link.node.kind == "throw":
            return True
        link = link.up
    return in_closure or (is_leaving(event) and language == "rust" and _fails(event))


def _fails(event: Event) -> bool:
    link = event.around.up if event.around is not None else None
    while link is not None:
        if isinstance(link.node, m.Call) and link.node.last in ("Err", "map_err", "ok_or_else", "panic"):
            return True
        link = link.up
    return False


def _rust(call: m.Call, function: Function, event: Event) -> str | None:
    """The type that a call's function belongs to, the empty string for none; None where it is not clear."""
    types = function.file.facts.types
    if call.kind == "method":
        return _of_receiver(call, function, event)
    if call.kind != "function" or not call.name:
        return None
    if len(call.name) == 1:
        is_bound = _is_bound(call.name[0], event)
        own = [
            one for one in types.functions.get(call.last, ()) if one.owner_type is None and one.owner is None
        ]
        path = types.imports.get(call.last)
        return (
            ""
            if not is_bound and (own or (path is not None and path[0] in ("crate", "self", "super")))
            else None
        )
    owner = call.name[-2]
    if owner == "Self":
        return key_of(function.declaration, "rust").owner
    if owner[:1].isupper():
        return owner if types.declaration_named(owner) is not None else None
    return "" if call.name[0] in ("crate", "self", "super") else None


def _java(call: m.Call, function: Function, event: Event) -> str | None:
    types, owner = function.file.facts.types, function.declaration.owner
    if call.kind == "function":
        return _declaring(call, owner, function)
    if call.kind != "method":
        return None
    receiver = call.receiver
    if isinstance(receiver, m.Name) and receiver.id == "this":
        return _declaring(call, owner, function)
    written = dotted(receiver)
    if len(written) == 1 and not _is_bound(written[0], event):
        declared = types.declaration_named(written[0]) if written[0][:1].isupper() else None
        if declared is not None:
            return declared.name
    return _of_receiver(call, function, event)


def _declaring(call: m.Call, owner: m.TypeDecl | None, function: Function) -> str | None:
    """The class around, or one that it extends or stands in, that declares a method of that name."""
    types = function.file.facts.types
    for around in types.around(owner):
        candidate: m.TypeDecl | None = around
        for _ in range(6):
            if candidate is None:
                break
            if any(one.name == call.last for one in candidate.functions):
                return candidate.name
            candidate = types.declaration(candidate.bases[0]) if candidate.bases else None
    return None


def _python(call: m.Call, function: Function, event: Event) -> str | None:
    types = function.file.facts.types
    if call.kind == "method":
        return _of_receiver(call, function, event)
    if call.kind != "function" or len(call.name) != 1:
        return None
    if _is_bound(call.last, event):
        return None
    own = [one for one in types.functions.get(call.last, ()) if one.owner is None]
    return "" if own or call.last in types.imports else None


def _is_bound(name: str, event: Event) -> bool:
    """Whether the function around gives a name a meaning of its own."""
    binding = event.scope.lookup(name, event.order)
    return binding is not None and binding.kind != "free"


def _of_receiver(call: m.Call, function: Function, event: Event) -> str | None:
    """The project's own type that a method is called on."""
    types = function.file.facts.types
    type_ = types.of(call.receiver, function.trace, event.scope, event.order)
    declared = types.declaration(type_)
    if declared is None or types.known(type_) is not None:
        return None
    if function.file.language.name == "rust":
        return declared.name
    for _ in range(6):
        if declared is None or any(one.name == call.last for one in declared.functions):
            break
        declared = types.declaration(declared.bases[0]) if declared.bases else None
    return declared.name if declared is not None else None
