"""
Lengthy loops: signs that a loop makes many turns, where no number bounds them.

Python code joins short messages out of a few errors, options or changes all the time, and nobody would gain
by another way. What is read, received, found by a search or gone through letter by letter is long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.scopes import LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: Functions and methods that hand out as much as there is.
_READING = {
    "open", "read", "read1", "readline", "readlines", "readexactly", "readuntil", "recv", "recvfrom",
    "splitlines", "iter_content", "iter_lines", "iter_bytes", "iter_text", "chunks", "fetchall", "fetchmany",
    "fetchone", "walk", "rglob", "scandir", "finditer", "iterparse", "itertuples", "iterrows", "iter_rows",
    "nextline", "next_line", "getline", "get_payload", "generate_tokens", "tokenize",
}  # fmt: skip
#: Fewer bytes at a time are read for a number or a name.
_LITTLE = 16
#: As many turns are many.
_MANY = 256


def is_lengthy(loop: LoopFact, function: Function) -> bool:
    """Whether something speaks for many turns of a loop."""
    size = function.trips.of(loop).size
    if size is not None and size.constant is not None:
        return size.constant >= _MANY
    return _goes_through_letters(loop, function) or any(
        isinstance(node, m.Call) and node.last in _READING and not _reads_little(node)
        for node in _sources(loop, function)
    )


def _reads_little(call: m.Call) -> bool:
    """`read(1)`: whoever reads byte by byte reads a number or a name."""
    only = call.args[0] if len(call.args) == 1 else None
    value = only.value if isinstance(only, m.Literal) else None
    return isinstance(value, int) and 0 <= value < _LITTLE


def is_of_a_mapping(loop: LoopFact) -> bool:
    """`for name, value in headers.items():`: names are few."""
    iterable = loop.iterable
    while isinstance(iterable, m.Call) and len(iterable.args) == 1:
        iterable = iterable.args[0]
    return isinstance(iterable, m.Call) and iterable.last in ("items", "keys", "values")


def _goes_through_letters(loop: LoopFact, function: Function) -> bool:
    if loop.iterable is None:
        return False
    types, scope = function.file.facts.types, function.trips.scope_of(loop)
    type_ = types.of(loop.iterable, function.trace, scope, loop.start)
    return types.known(type_) in ("str", "bytes")


def _sources(loop: LoopFact, function: Function) -> Iterator[m.Node]:
    """What a loop goes through, with what its names stand for; of a `while` all that it does."""
    node = loop.node
    if isinstance(node, m.Loop) and node.kind != "each":
        yield from descendants(node)
        return
    if loop.iterable is None:
        return
    scope = function.trips.scope_of(loop)
    for part in descendants(loop.iterable):
        yield part
        binding = scope.lookup(part.id, loop.start) if isinstance(part, m.Name) else None
        if binding is not None and binding.value is not None:
            yield from descendants(binding.value)
