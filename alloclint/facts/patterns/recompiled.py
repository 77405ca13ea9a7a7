"""How often a pattern is compiled: per turn, per call or per object, and the words and places that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.words import words_of
from alloclint.facts.often.callers import called_in_loop, called_once
from alloclint.facts.often.dwarfed import dwarfed_in
from alloclint.facts.often.invariance import is_invariant
from alloclint.facts.often.missing import is_made_when_missing
from alloclint.facts.often.repetition import is_in_error_arm, is_in_handler, is_in_throw
from alloclint.facts.sizes.byname import few_in
from alloclint.facts.sizes.few import most_turns
from alloclint.facts.walk.nodes import descendants
from alloclint.finding import Place
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.patterns.regexes import Compilation
    from alloclint.facts.walk.scopes import LoopFact

_PANICKING = frozenset({"panic", "unreachable", "todo", "unimplemented", "bail", "ensure", "anyhow"})
#: Functions that run once and may well loop.
_ENTRIES = ("main", "<module>", "<class>")


def runs_once(call: Call) -> bool:
    """
    Whether it is paid once: lazily, at the start, where it was missing, or on the way out with an error.
    """
    if call.file.facts.heat(call).cold is not None or called_once(call.function) is not None:
        return True
    return is_made_when_missing(call) or is_rare(call)


def is_rare(call: Call) -> bool:
    """Whether it only runs when something went wrong."""
    return is_in_handler(call.event) or _is_thrown(call) or is_in_error_arm(call.event)


def _is_thrown(call: Call) -> bool:
    """Whether it is a part of what is thrown, or of a panic's message."""
    panics = (
        isinstance(node, m.Call) and node.kind == "macro" and node.last in _PANICKING for node in call.parents
    )
    return is_in_throw(call.event) or any(panics)


def repeated_by(compilation: Compilation) -> LoopFact | None:
    """The loop that compiles the same pattern at each turn; None where it varies, is kept, or runs once."""
    call = compilation.call
    loop = call.loop
    if loop is None or _is_initialising(call) or is_made_when_missing(call):
        return None
    if not compilation.fixed:
        parts = (compilation.pattern, *compilation.settings)
        if not all(is_invariant(part, loop, call) for part in parts):
            return None
    return loop


#: What is configured, or written down by somebody, of which there are a few.
_FEW = {
    "config", "conf", "cfg", "configuration", "settings", "options", "opts", "args", "argv", "arguments",
    "env", "environment", "flags", "plugins", "extensions", "auth", "authorization", "credentials",
    "certificates", "certs", "profiles", "locales", "languages", "property", "properties", "props",
    "datacenters", "dcs", "racks",
}  # fmt: skip
_FEW_TURNS = 8


def makes_few_turns(loop: LoopFact, call: Call) -> bool:
    """Whether a loop goes through a handful, by a number in the code or by the name of what it is."""
    most = most_turns(loop, call.function)
    if (most is not None and most < _FEW_TURNS) or few_in(loop.iterable) is not None:
        return True
    named = descendants(loop.iterable) if loop.iterable is not None else ()
    return any(not _FEW.isdisjoint(words_of(name)) for node in named for name in _said(node))


def is_unnoticed(loop: LoopFact, call: Call) -> bool:
    """Whether a loop makes a few turns, or waits at each for what takes far longer than a pattern."""
    return makes_few_turns(loop, call) or dwarfed_in(loop, call.function, compiling=False) is not None


def _said(node: m.Node) -> tuple[str, ...]:
    """The name that a part of an expression uses."""
    if isinstance(node, m.Call):
        return node.name[-1:]
    return (node.id,) if isinstance(node, m.Name) else (node.name,) if isinstance(node, m.Field) else ()


def _is_initialising(call: Call) -> bool:
    """Whether a loop stands in code that runs once altogether, but for a program's own main function."""
    cold = call.file.facts.heat(call).cold
    return cold is not None and call.function.declaration.name not in _ENTRIES


def place_of_loop(call: Call, loop: LoopFact, words: str = "repeated by this loop") -> Place:
    """The first line of a loop, or of the call that makes its closure run."""
    file, node = call.file, loop.node
    start = node.name_start if isinstance(node, m.Call) and node.name_start else node.start
    newline = file.source.find(b"\n", start, node.end)
    end = newline if newline > start else node.end
    return file.place(start, end, words)


def line_of(call: Call, node: m.Node) -> int:
    return call.file.position(node.start).line


def repeated_call(call: Call) -> Call | None:
    """A call of the function around, in a loop of the same file."""
    return called_in_loop(call.function)


def subject_of(call: Call) -> str:
    """What it is done for: each call of a function, each object of a class, each load of a type."""
    declaration = call.function.declaration
    field = call.file.facts.modifiers_of_initialiser(declaration)
    owner = declaration.owner
    if field is not None or declaration.name == "<init>":
        return f"for each new `{owner.name}`" if owner is not None else "each time"
    if owner is not None and declaration.name in (owner.name, "__init__"):
        return f"for each new `{owner.name}`"
    return f"at each call of `{declaration.name}`"
