"""Functions of the same file that do real work: what calling them costs can be read in their bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.walk.nodes import descendants
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

#: Decorators that keep what a function returned.
_KEEPING = {"lru_cache", "cache", "cached", "memoize", "memoized", "cached_property", "contextmanager"}


@dataclass(frozen=True, slots=True)
class Work:
    """What a function does, in words that go after "makes"; `repeated` where it loops to do so."""

    makes: str
    repeated: bool


def work_of(node: m.Call, call: Call) -> Work | None:
    """
    What a call of a function of this file does: None for a function of another file, a getter, a generator,
    and one that keeps what it returned.
    """
    declared = declared_by(node, call)
    if declared is None or declared.body is None or any(one.last in _KEEPING for one in declared.attributes):
        return None
    inside = list(descendants(declared.body))
    if any(isinstance(one, m.Exit) and one.kind == "yield" for one in inside):
        return None
    repeated = any(isinstance(one, m.Loop | m.Comprehension) for one in inside)
    is_text = any(isinstance(one, m.Opaque) and one.kind == "text" and one.parts for one in inside)
    return Work(f"all that `{node.last}` makes", repeated) if repeated or is_text else None


def declared_by(node: m.Call, call: Call) -> m.Function | None:
    """The one function of this file that a call calls: by its bare name, or on the object itself."""
    named = call.file.facts.types.functions.get(node.last, [])
    if node.kind == "function" and len(node.name) == 1:
        if call.binding(node.last) is not None:
            return None
        named = [one for one in named if _is_bare(one, call)]
    elif node.kind == "method" and isinstance(node.receiver, m.Name) and node.receiver.id in _SELF:
        own = call.function.declaration.owner
        named = [one for one in named if own is not None and one.owner is own]
    else:
        return None
    return named[0] if len(named) == 1 else None


_SELF = ("self", "this", "cls")


def _is_bare(function: m.Function, call: Call) -> bool:
    """Whether a bare name can mean it: Java's own methods, elsewhere what belongs to no type."""
    if call.file.language.name == "java":
        return function.owner is call.function.declaration.owner
    return function.owner is None and function.owner_type is None
