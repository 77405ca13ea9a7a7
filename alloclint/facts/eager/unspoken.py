"""How the message of a check is written so that it is only made when the check fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alloclint.facts.eager.capturing import supplier
from alloclint.facts.eager.eagerness import Waiting, waiting
from alloclint.facts.eager.templates import in_java
from alloclint.facts.names.wording import on_one_line
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.eager.preconditions import Message


def unspoken(message: Message) -> Suggestion | None:
    """What to write instead; words where the call has no form that waits, or the message cannot."""
    found = _IN[message.lazy](message)
    language = message.call.file.language.name
    return replace(found, text=on_one_line(found.text, language)) if found is not None else None


def _guarded(message: Message) -> Suggestion:
    if message.values:
        return Suggestion(
            "the values themselves behind the template, which asks for their text if it is shown"
        )
    throws = "throw" if message.call.file.language.name == "java" else "raise"
    return Suggestion(f"an `if` around a `{throws}`, or a constant message")


def _template(message: Message) -> Suggestion:
    call, value = message.call, message.value
    template = in_java(value, call, "%s")
    if template is None:
        return Suggestion("a constant template with `%s`, and its arguments behind it")
    first = call.file.text(call.node.name_start, call.args[0].end)
    edit = Edit(value.start, value.end, template.typed(call))
    return Suggestion(f"{first}, {template.typed(call)})", None, Applicability.unsafe, (edit,))


def _supplied(message: Message) -> Suggestion:
    call, value = message.call, message.value
    made = supplier(value, call)
    if made is None:
        return _guarded(message)
    first = call.file.text(call.node.name_start, call.args[0].end)
    edit = Edit(value.start, value.end, made)
    edits = (edit,) if waiting(value, call) is Waiting.freely else ()
    applicability = Applicability.unsafe if edits else Applicability.display
    return Suggestion(f"{first}, {made})", None, applicability, edits)


def _with(message: Message) -> Suggestion | None:
    call, value = message.call, message.value
    if waiting(value, call) is Waiting.never:
        return None
    text = f"{_LATER[call.name]}(|| {call.text(value)})"
    edits = (Edit(call.node.name_start, call.node.end, text),)
    return Suggestion(text, None, Applicability.unsafe, edits)


_LATER = {"context": "with_context", "wrap_err": "wrap_err_with"}


def _panic(message: Message) -> Suggestion:
    """`unwrap_or_else(|| panic!(…))`; of a Result the error is shown as well, as `expect` does."""
    call = message.call
    arguments = _formatted(message)
    if arguments is None or waiting(message.value, call) is Waiting.never:
        return Suggestion("`unwrap_or_else` with a `panic!` in its closure")
    text = f"unwrap_or_else(|| panic!({arguments}))"
    if message.wrapper is None:
        if "`" in arguments:
            return Suggestion(
                "`unwrap_or_else` with a `panic!` in its closure, which shows the error of a `Result`"
            )
        return Suggestion(f"`{_with_error(arguments)}`, or `{text}` if it is an `Option`")
    if message.wrapper == "Result":
        text = _with_error(arguments)
    return Suggestion(text, None, Applicability.unsafe, (Edit(call.node.name_start, call.node.end, text),))


def _with_error(arguments: str) -> str:
    """The error after the message; between a template and its arguments it is named in the template."""
    pattern, comma, rest = (
        arguments.partition('"' + ",") if arguments.startswith('"') else (arguments, "", "")
    )
    literal = pattern.removesuffix('"')
    return f'unwrap_or_else(|error| panic!({literal}: {{error:?}}"{comma[1:]}{rest}))'


def _formatted(message: Message) -> str | None:
    """The arguments of the `format!` that the message is, behind borrows and `as_str()`."""
    value: m.Expr | None = message.value
    while isinstance(value, m.Unary) or (isinstance(value, m.Call) and value.last in ("as_str", "as_ref")):
        value = value.operand if isinstance(value, m.Unary) else value.receiver
    is_format = isinstance(value, m.Call) and value.kind == "macro" and value.last == "format"
    if not is_format or not isinstance(value, m.Call):
        return None
    text = message.call.file.text(value.args_start + 1, value.args_end - 1).strip()
    return text if text.startswith('"') else None


_IN = {"": _guarded, "template": _template, "supplier": _supplied, "with": _with, "panic": _panic}
