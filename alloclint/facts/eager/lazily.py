"""How a fallback is written so that it is only made when it is needed, in the words of each language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alloclint.facts.building.sequences import removed
from alloclint.facts.eager.capturing import of_key, supplier
from alloclint.facts.eager.eagerness import Waiting, evaluated, waiting
from alloclint.facts.names.wording import on_one_line
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.eager.fallbacks import Fallback
    from alloclint.facts.names.calls import Call


def lazily(fallback: Fallback) -> Suggestion | None:
    """What to write instead; None where the fallback cannot be made later."""
    may_wait = waiting(fallback.value, fallback.call)
    if may_wait is Waiting.never:
        return None
    language = fallback.call.file.language.name
    found = _IN[language](fallback, may_wait)
    return replace(found, text=on_one_line(found.text, language)) if found is not None else None


def _in_rust(fallback: Fallback, may_wait: Waiting) -> Suggestion:
    call, value = fallback.call, fallback.call.text(fallback.value)
    if isinstance(fallback.value, m.Unary) and fallback.value.op == "&":
        # A closure cannot lend what it makes.
        return _lent(call, fallback.value.operand)
    further = "".join(f", {call.text(one)}" for one in call.args[1:])
    if not fallback.parameters:
        text = f"{fallback.lazy}(|| {value}{further})"
        return Suggestion(f"`{text}`, with `|_|` if it is a `Result`")
    text = f"{fallback.lazy}({fallback.parameters} {value}{further})"
    # A name that the receiver gives away cannot be borrowed by the closure.
    shares = _names(call.node.receiver) & _names(fallback.value)
    return _replaced(fallback, text, may_wait, safe=not shares)


def _lent(call: Call, copied: m.Expr) -> Suggestion:
    """`found.as_deref().unwrap_or("none")` for `found.as_ref().unwrap_or(&"none".to_string())`."""
    source = call.node.receiver
    if isinstance(source, m.Call) and source.last == "as_ref" and not source.args:
        source = source.receiver
    parts = (copied.receiver, *copied.args) if isinstance(copied, m.Call) else ()
    literal = next((one for one in parts if isinstance(one, m.Literal)), None)
    if literal is None or source is None or call.name != "unwrap_or":
        return Suggestion("`as_deref()` before it, and what is borrowed as the default, not a copy")
    return Suggestion(f"{call.text(source)}.as_deref().unwrap_or({call.text(literal)})")


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
    found = _replaced(fallback, f"computeIfAbsent({key}, {entry})", may_wait, safe=False)
    return _without_put(fallback, found) if fallback.put is not None else found


def _without_put(fallback: Fallback, found: Suggestion) -> Suggestion:
    """The same, and without the `put` that follows, as long as what it puts is what was found."""
    call, put = fallback.call, fallback.put
    bound = call.function.trace.bindings_of(call.statement) if call.statement is not None else ()
    gone = removed(call.file, put) if put is not None else None
    if gone is None or any(one.assigned for one in bound):
        return found
    edits = (*found.edits, gone) if found.edits else ()
    return replace(found, text=f"`{found.text}`, without the `put` that follows", edits=edits)


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
