"""
Preconditions: calls that take a message which is needed only when a check fails.

Those of well-known libraries by their full names, Rust's `expect` and `context` by what they are called on,
and the file's own functions whose message goes nowhere but into what they throw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.eager.eagerness import evaluated, is_array_text
from alloclint.facts.names.wrappers import wrapper_of
from alloclint.facts.often.failing import failing
from alloclint.facts.often.repetition import is_in_error_arm, is_in_handler
from alloclint.facts.often.working import declared_by
from alloclint.facts.walk.places import Place
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.walk.scopes import Use


@dataclass(frozen=True, slots=True)
class Message:
    """
    The argument of a call that is its message. `lazy` says what else may stand there: `supplier`, a function;
    `template`, a text with `%s` and its arguments; `panic` and `with`, Rust's closures; empty: nothing.
    `wrapper` is `Option` or `Result` where a Rust method is called on one of them. `values` are the arguments
    behind it that a template of a library asks for.
    """

    call: Call
    value: m.Expr
    lazy: str = ""
    wrapper: str | None = None
    values: tuple[m.Expr, ...] = ()


def message_of(call: Call) -> Message | None:
    """The message of a check; None for any other call, for one that always fails, and in a handler."""
    if is_in_handler(call.event) or any(_is_throw(node) for node in call.parents):
        return None
    found = _in_rust(call) if call.file.language.name == "rust" else _of_library(call) or _of_own(call)
    return found if found is not None and not _always_fails(call) else None


def _is_throw(node: m.Node) -> bool:
    return isinstance(node, m.Exit) and node.kind == "throw"


def _always_fails(call: Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, m.Literal) and first.value in (False, None) and first is not call.args[-1]


_GUAVA = "com.google.common.base"
_SPRING = "org.springframework.util.Assert"
_VALIDATE = ("org.apache.commons.lang3.Validate", "org.apache.commons.lang.Validate")
#: full name -> the number of the message, and what else may stand there
_LIBRARY = {
    "java.util.Objects.requireNonNull": (1, "supplier"),
    **{
        f"{_GUAVA}.Preconditions.{name}": (1, "template")
        for name in ("checkArgument", "checkState", "checkNotNull")
    },
    **{f"{_GUAVA}.Verify.{name}": (1, "template") for name in ("verify", "verifyNotNull")},
    **{
        f"{_SPRING}.{name}": (1, "supplier")
        for name in (
            "isTrue",
            "state",
            "notNull",
            "isNull",
            "notEmpty",
            "hasText",
            "hasLength",
            "noNullElements",
        )
    },
    **{
        f"{owner}.{name}": (1, "template")
        for owner in _VALIDATE
        for name in ("isTrue", "notNull", "notEmpty", "notBlank", "validState", "noNullElements")
    },
}


def _of_library(call: Call) -> Message | None:
    number, lazy = _LIBRARY.get(call.path or "", (0, ""))
    if not lazy or len(call.args) <= number:
        return None
    value = call.args[number]
    # Further arguments stand where the template has `%s`: then it is one of them that is made too early.
    is_whole = len(call.args) == number + 1
    stays = lazy == "template" and any(is_array_text(one, call) for one in evaluated(value))
    values = tuple(call.args[number + 1 :]) if lazy == "template" else ()
    return Message(call, value, lazy if is_whole and not stays else "", values=values)


def _of_own(call: Call) -> Message | None:
    """The file's own checks: `def ensure(condition, message): if not condition: raise Error(message)`."""
    declared = declared_by(call.node, call)
    if declared is None or not 2 <= len(declared.params) <= 5:
        return None
    params = [one for one in declared.params if one.pattern.name not in ("self", "cls", "this")]
    for number, param in enumerate(params[: len(call.args)]):
        value = call.argument(number, param.pattern.name)
        if number and value is not None and _only_thrown(param, declared, call):
            return Message(call, value)
    return None


def _only_thrown(param: m.Param, declared: m.Function, call: Call) -> bool:
    """Whether a parameter is used under a condition, in what is thrown, and nowhere else."""
    trace = call.file.facts.function_of(declared).trace
    binding = next((one for one in trace.bindings if one.node is param), None)
    uses = trace.uses_of(Place(binding).binding) if binding is not None else ()
    return bool(uses) and all(_is_thrown(use) for use in uses)


def _is_thrown(use: Use) -> bool:
    link = use.around
    while link is not None and not _is_throw(link.node):
        link = link.up
    return link is not None and any(frame.kind == "arm" for frame in use.frame.within(None))


def _in_rust(call: Call) -> Message | None:
    if call.node.kind != "method" or len(call.args) != 1:
        return None
    if call.name in ("context", "wrap_err"):
        imports = call.file.facts.types.imports.values()
        known = any(path[0] in _CONTEXTS and path[-1] in ("Context", "WrapErr", "*") for path in imports)
        may_fail = (known or _has_glob(call)) and not _has_failed(call) and _is_result(call)
        return Message(call, call.args[0], "with") if may_fail else None
    if call.name != "expect" or call.name in call.file.facts.types.functions:
        return None
    wrapper = wrapper_of(call.node.receiver, call)
    return Message(call, call.args[0], "panic", wrapper)


_CONTEXTS = {"anyhow", "eyre", "color_eyre"}
#: What makes an error, or a Result that is one.
_MAKING_ERRORS = {"anyhow", "eyre", "format_err", "Err"}


def _has_failed(call: Call) -> bool:
    """Rust: whether there is an error already: the methods of an error itself have no form that waits."""
    receiver = call.node.receiver
    if isinstance(receiver, m.Call) and receiver.kind in ("macro", "function"):
        is_error = receiver.name[-2:-1] in (("Error",), ("Report",))
        if is_error or receiver.last in _MAKING_ERRORS:
            return True
    return is_in_error_arm(call.event) or failing(call.function, call.event) is not None


def _is_result(call: Call) -> bool:
    """Rust: whether it is called on an Option or a Result, by its type or by what is done with its result."""
    if wrapper_of(call.node.receiver, call) is not None:
        return True
    inner: m.Node = call.node
    for node in call.parents:
        if isinstance(node, m.MayReturn):
            return True
        is_chained = isinstance(node, m.Call) and node.receiver is inner
        if not is_chained:
            is_made = isinstance(call.node.receiver, m.Call | m.MayReturn)
            is_returned = isinstance(node, m.Exit) and node.kind == "return"
            return is_made and (is_returned or (isinstance(node, m.Eval) and node.tail))
        inner = node
    return False


def _has_glob(call: Call) -> bool:
    return any(path[0] in _CONTEXTS for path in call.file.facts.types.globs if path)
