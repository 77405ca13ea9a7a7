"""
Recurrence: why a call happens again and again, as far as the file says so.

A loop around it, a mark or a contract that says that its function is hot or serves requests, a function that
takes apart what comes in (`parse`, `read`, `decode`), or a loop in the same file that calls the function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.words import words_of
from alloclint.facts.often.callers import called_in_loop
from alloclint.facts.often.once import once_only
from alloclint.facts.sizes.byname import few_in

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

#: First words of functions that are called per message, token, record or value.
_PER_INPUT = {
    "parse", "read", "decode", "deserialize", "unmarshal", "unpack", "tokenize", "lex", "scan", "handle",
    "process", "intern", "canonicalize",
}  # fmt: skip
#: What is read once, whatever the verb.
_ONE_OFF = {
    "args", "arguments", "argv", "config", "configuration", "cfg", "conf", "settings", "options", "option",
    "env", "environment", "properties", "manifest", "cli", "flags", "params",
}  # fmt: skip


def recurs(call: Call) -> str | None:
    """Why a call is made again and again, in words; None where nothing tells."""
    if call.loop is not None and few_in(call.loop.iterable) is None:
        line = call.file.position(call.loop.node.start).line
        return f"at each turn of the loop in line {line}"
    return runs_often(call)


def runs_often(call: Call) -> str | None:
    """Why the function around a call runs again and again, whatever loops stand in it."""
    heat = call.file.facts.heat(call)
    if heat.cold is not None:
        return None
    served = heat.hot or heat.often
    if served is not None:
        return served
    name = call.function.declaration.name
    if is_per_input(name):
        return f"`{name}` runs for each input"
    looped = called_in_loop(call.function)
    if looped is None or once_only(looped.function, looped.event) is not None:
        return None
    return f"`{name}` is called in a loop in line {call.file.position(looped.node.start).line}"


def is_per_input(name: str) -> bool:
    """Whether a function's name says that it takes apart what comes in: `parseLine`, `read_record`."""
    words = words_of(name)
    return bool(words) and words[0] in _PER_INPUT and not _ONE_OFF & set(words)
