"""How a fallback is written so that it is only made when it is needed, in the words of each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.eager.capturing import of_key, supplier
from alloclint.facts.eager.eagerness import Waiting, evaluated, waiting
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.eager.fallbacks import Fallback


def lazily(fallback: Fallback) -> Suggestion | None:
    """What to write instead; None where the fallback cannot be made later."""
    may_wait = waiting(fallback.value, fallback.call)
    if may_wait is Waiting.never:
        return None
    return _IN[fallback.call.file.language.name](fallback, may_wait)


def _in_rust(fallback: Fallback, may_wait: Waiting) -> Suggestion:
    call, value = fallback.call, fallback.call.text(fallback.value)
    if isinstance(fallback.value, m.Unary) and fallback.value.op == "&":
        # A closure cannot lend what it makes.
        return Suggestion("`as_deref()` before it, and what is borrowed as the default, not a copy")
    further = "".join(f", {call.text(one)}" for one in call.args[1:])
    if not fallback.parameters:
        text = f"{fallback.lazy}(|| {value}{further})"
        return Suggestion(f"`{text}`, with `|_|` if it is a `Result`")
    text = f"{fallback.lazy}({fallback.parameters} {value}{further})"
    # A name that the receiver gives away cannot be borrowed by the closure.
    shares = _names(call.node.receiver) & _names(fallback.value)
    return _replaced(fallback, text, may_wait, safe=not shares)


def _names(expression: m.Expr | None) -> set[str]:
    found: set[str] = set()
    for node in evaluated(expression):
        found.update((node.id,) if isinstance(node, m.Name) else ())
        found.update(node.mentions if isinstance(node, m.Call | m.Opaque) else ())
    return found


def _in_java(fallback: Fallback, may_wait: Waiting) -> Suggestion | None:
    call, value = fallback.call, fallback.value
    if fallback.lazy == "orElseGet":
        made = _reference(value) or supplier(value, call)
        if made is None:
            return Suggestion("`isPresent()` before the default is made")
        return _replaced(fallback, f"orElseGet({made})", may_wait, safe=False)
    key = call.text(call.args[0])
    if not fallback.lazy:
        return Suggestion(f"`get({key})`, and `{call.text(value)}` only where that is null")
    entry = of_key(value, call.args[0], call)
    if entry is None:
        return Suggestion(f"`if (!{_receiver(fallback)}.containsKey({key}))` around it")
    return _replaced(fallback, f"computeIfAbsent({key}, {entry})", may_wait, safe=False)


def _reference(value: m.Expr) -> str | None:
    """`ArrayList::new` for a constructor without arguments."""
    is_plain = isinstance(value, m.Call) and value.kind == "new" and not value.args and value.body is None
    return f"{'.'.join(value.name)}::new" if is_plain and isinstance(value, m.Call) else None


def _receiver(fallback: Fallback) -> str:
    receiver = fallback.call.node.receiver
    return fallback.call.text(receiver) if receiver is not None else "this"


def _in_python(fallback: Fallback, may_wait: Waiting) -> Suggestion:
    call, value = fallback.call, fallback.call.text(fallback.value)
    if call.node.kind == "function":
        of, name = call.text(call.args[0]), call.text(call.args[1])
        return Suggestion(f"`getattr({of}, {name}, None)`, and `{value}` only where that is None")
    mapping, key = _receiver(fallback), call.text(call.args[0])
    if not _is_plain(call.args[0]) or not _is_plain(call.node.receiver):
        return Suggestion(f"look the key up first, and make `{value}` only where it is missing")
    if call.name == "setdefault":
        return Suggestion(f"`if {key} not in {mapping}: {mapping}[{key}] = {value}`")
    found = f"{mapping}[{key}]" if call.name == "get" else f"{mapping}.pop({key})"
    text = f"{found} if {key} in {mapping} else {value}"
    safe_place = isinstance(call.parent, m.Assign | m.Exit | m.Let)
    edits = (Edit(*call.span, text),) if safe_place and may_wait is Waiting.freely else ()
    return Suggestion(text, None, Applicability.unsafe if edits else Applicability.display, edits)


def _is_plain(expression: m.Expr | None) -> bool:
    """Whether it may be written twice: a name, a field of one, a constant."""
    while isinstance(expression, m.Field):
        expression = expression.of
    return isinstance(expression, m.Name | m.Literal)


def _replaced(fallback: Fallback, text: str, may_wait: Waiting, *, safe: bool) -> Suggestion:
    """The call with another method; what might act or fail is for the reader to judge."""
    if may_wait is not Waiting.freely:
        return Suggestion(text)
    node = fallback.call.node
    applicability = Applicability.safe if safe else Applicability.unsafe
    return Suggestion(text, None, applicability, (Edit(node.name_start, node.end, text),))


_IN = {"rust": _in_rust, "java": _in_java, "python": _in_python}
