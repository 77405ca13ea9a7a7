"""
What a loop computes anew at each turn, computed once in front of it: the statement to write, and the edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.building.sequences import inserted_before, removed
from alloclint.facts.names.naming import untaken
from alloclint.facts.walk.scopes import Binding, LoopFact
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


def before_loop(call: Call, loop: LoopFact, local: Binding | None, name: str) -> tuple[str, tuple[Edit, ...]]:
    """
    The text of a suggestion to make a value before a loop, and the edits that move the declaration of `local`
    there; none where it has no statement of its own or its name means something else around the loop. What
    has no name yet gets `name`, in the language's own spelling.
    """
    statement = local.node if local is not None else None
    node = loop.node
    if local is None or not isinstance(statement, m.Let | m.Assign):
        return f"{_declared(call, name)} before the loop", ()
    text = call.text(statement).strip().rstrip(";")
    if "\n" in text or not isinstance(node, m.Loop):
        return f"`{call.text(call.node)}` once, before the loop", ()
    return f"`{text}` before the loop", _moved(call, node, statement, local)


def _moved(call: Call, loop: m.Loop, statement: m.Stmt, local: Binding) -> tuple[Edit, ...]:
    file, trace = call.file, call.function.trace
    same_name = sum(binding.name == local.name for binding in trace.bindings)
    if same_name > 1 or loop.label is not None:
        return ()
    text = file.text(*statement.span).strip()
    end = ";" if file.language.name != "python" and not text.endswith(";") else ""
    put, gone = inserted_before(file, loop, text + end), removed(file, statement)
    return (put, gone) if put is not None and gone is not None else ()


def _declared(call: Call, name: str) -> str:
    """A declaration of a name for it, in the language's own way; in words where it takes more than a line."""
    text = call.text(call.node)
    if len(text) > _LONGEST or "\n" in text:
        return "make it once,"
    words = name.split("_")
    spelled = "".join((words[0], *(word.capitalize() for word in words[1:])))
    own = untaken(call.file, spelled if call.file.language.name == "java" else name)
    return f"`{_FORMS[call.file.language.name].format(own, text)}`"


_LONGEST = 80
_FORMS = {"rust": "let {} = {}", "java": "var {} = {}", "python": "{} = {}"}
