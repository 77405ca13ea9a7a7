"""How a sort is written so that each key is made once, or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.facts.eager.comparing import body_of
from alloclint.facts.eager.eagerness import Waiting, waiting
from alloclint.facts.names.wording import on_one_line
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.eager.comparing import Compared


def decorated(found: Compared) -> Suggestion:
    """What to write instead of a comparison that makes its keys."""
    return _IN[found.call.file.language.name](found)


def _in_rust(found: Compared) -> Suggestion:
    call, key = found.call, found.key
    if key is None:
        return Suggestion("`sort_by_cached_key`, which makes each key once")
    if found.is_copy and isinstance(key, m.Call) and key.receiver is not None:
        return _borrowed(found, key.receiver)
    if not call.name.startswith("sort"):
        return Suggestion("compare by reference, or make the keys before")
    node = call.node
    text = f"sort_by_cached_key{call.file.text(node.name_end, node.end)}"
    is_free = waiting(key, call) is Waiting.freely
    edit = Edit(node.name_start, node.name_end, "sort_by_cached_key")
    return Suggestion(text, None, Applicability.safe if is_free else Applicability.unsafe, (edit,))


def _borrowed(found: Compared, part: m.Expr) -> Suggestion:
    """`sort_by(|a, b| a.name.cmp(&b.name))` for a key that is a copy of a member."""
    call, written = found.call, found.call.text(part)
    first, second = (re.sub(rf"^{re.escape(found.parameter)}\b", name, written) for name in ("a", "b"))
    method = call.name.replace("_by_key", "_by")
    operand = second if part.__class__ is m.Name else f"&{second}"
    before = f"{call.text(call.args[0])}, " if len(call.args) > 1 else ""
    text = f"{method}({before}|a, b| {first}.cmp({operand}))"
    edit = Edit(call.node.name_start, call.node.end, text)
    return Suggestion(text, None, Applicability.unsafe, (edit,))


def _in_java(found: Compared) -> Suggestion:
    call, node = found.call, found.eager.node
    name = node.name if isinstance(node, m.MethodRef) else node.last if isinstance(node, m.Call) else ""
    if name in ("toLowerCase", "toUpperCase"):
        return Suggestion(on_one_line(_any_case(found, node), "java"))
    if found.key is None and call.name == "compare":
        return Suggestion("compare the members, or only where what stands before is equal")
    return Suggestion("compare the members that make up the text, or keep the text in a field")


def _any_case(found: Compared, lowered: m.Expr) -> str:
    """The comparison that does without the copies in small letters, as it is written."""
    call = found.call
    if found.key is None:
        sides = (call.node.receiver, call.args[0]) if call.args else ()
        texts = [
            call.text(one.receiver) for one in sides if isinstance(one, m.Call) and one.receiver is not None
        ]
        both = len(texts) == len(sides) == 2
        return f"{texts[0]}.compareToIgnoreCase({texts[1]})" if both else "`compareToIgnoreCase`"
    if isinstance(found.key, m.MethodRef):
        return "String.CASE_INSENSITIVE_ORDER" if call.name == "comparing" else _BEHIND
    whole = lowered is body_of(call.args[0]) and isinstance(lowered, m.Call) and lowered.receiver is not None
    if not whole or not isinstance(lowered, m.Call) or lowered.receiver is None:
        return _BEHIND
    key = call.file.text(call.args[0].start, lowered.start) + call.text(lowered.receiver)
    return f"{call.text(call.node).partition('(')[0]}({key}, String.CASE_INSENSITIVE_ORDER)"


_BEHIND = "the key as it is, and `String.CASE_INSENSITIVE_ORDER` behind it"


def _in_python(found: Compared) -> Suggestion:
    if found.key is None:
        return Suggestion("`key=` with a function of one element, which is asked once for each")
    return Suggestion("keep the keys beside the elements, or sort once, after the loop")


_IN = {"rust": _in_rust, "java": _in_java, "python": _in_python}
