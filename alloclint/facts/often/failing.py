"""
Failing ways: code that only runs when something has gone wrong, or is about to be reported as wrong.

A handler, the arm of an `Err`, a block that always ends in an error, what is thrown or returned as an error,
the closures of `map_err` and its like, the arguments of a message at level `error` or `warn`, and functions
that make errors or tell how to call a program. What it costs is paid once, and nobody waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from alloclint.facts.names.words import words_of
from alloclint.facts.walk.scopes import Link
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.facts.walk.scopes import Event, Frame

_REASON = "it only runs on the way to an error"
_THROWN = ("Exception", "Error", "Throwable")
#: What runs the closure that it is given only for an error, or for what is missing and becomes one.
_ON_ERROR = {
    "rust": {"map_err", "ok_or_else", "with_context", "wrap_err_with", "inspect_err"},
    "java": {"orElseThrow", "exceptionally", "onErrorMap", "onErrorResume", "doOnError", "onErrorReturn"},
    "python": frozenset[str](),
}
#: What takes a closure for a value that is missing, which is an error where the closure does not come back.
_INSTEAD = {"unwrap_or_else", "or_else"}
#: Rust's macros and functions that do not come back, or that return with an error.
_ENDING = {"panic", "unreachable", "todo", "unimplemented", "bail", "abort"}
_COMPLAINING = {"error", "warn", "warning", "exception", "critical", "fatal", "severe"}
_LOGGER = re.compile(r"(?:^|_)(?i:log|logger|logging|tracing)$|[a-z](?:Log|Logger)$")
#: Rust: calls whose `Err` is one of two ordinary answers.
_ORDINARY = {
    "binary_search", "binary_search_by", "binary_search_by_key", "compare_exchange", "compare_exchange_weak",
    "fetch_update", "try_recv", "try_lock", "try_borrow", "try_borrow_mut", "try_read", "try_write",
    "try_send", "try_unwrap", "try_into", "try_from", "elapsed", "duration_since", "parse", "from_str",
    "from_utf8", "from_str_radix", "var", "strip_prefix",
}  # fmt: skip
#: What is caught where something is merely not there, or is of another form than was tried first.
_ORDINARILY_CAUGHT = re.compile(
    rb"\b(?:KeyError|IndexError|AttributeError|LookupError|StopIteration|StopAsyncIteration|Empty|ValueError"
    rb"|TypeError|ImportError|ModuleNotFoundError|DoesNotExist|NotImplementedError|NumberFormatException"
    rb"|DateTimeParseException|NoSuchElementException|EOFException|ClassCastException)\b"
)
#: Names of functions, by their words, that tell what went wrong, or how a program is called.
_TELLING = re.compile(
    r"(?:(?:print|show|display|write|emit|format|make|build|create|new|to|into|report|log|raise|throw)\ )+"
    r"(?:[a-z]+\ )?(?:error|errors|failure|failures|diagnostic|diagnostics)"
    r"|error\ (?:message|messages|msg|text|report|string|response)|diagnostics?"
    r"|(?:(?:print|show|display|write|render|format|build|get|make)\ )?(?:usage|help)"
    r"(?:\ (?:message|text|string))?"
)


def failing(function: Function, event: Event) -> str | None:
    """Why an event only happens on a failing way; None where it may happen on a good one."""
    if _makes_errors(function):
        return _REASON
    rare = _is_handed_on(event, function) or any(
        _is_cold(frame, function) for frame in event.frame.within(None)
    )
    return _REASON if rare or _ends_in_error(function, event) else None


def _makes_errors(function: Function) -> bool:
    """
    Whether a function belongs to an exception, returns an error, or is named for what it reports. A `Display`
    of an error is written for others than the one who fails.
    """
    declaration = function.declaration
    if declaration.trait is not None or not function.declaration.name.isidentifier():
        return False
    owner, returns = declaration.owner, declaration.returns
    if owner is not None and any(base.last.endswith(_THROWN) for base in owner.bases):
        return True
    if returns is not None and returns.kind == "named" and returns.last:
        own = declaration.owner_type.last if declaration.owner_type is not None else ""
        made = own if returns.last == "Self" else returns.last
        if made.endswith(_THROWN):
            return True
    return _TELLING.fullmatch(" ".join(words_of(declaration.name))) is not None


# ---------------------------------------------------------------- what is handed to somebody


def _is_handed_on(event: Event, function: Function) -> bool:
    """Whether an event is part of an error, of a message about one, or of what makes one."""
    language = function.file.language.name
    links = [link for link in _links(event) if not isinstance(link.node, m.Block)]
    return any(_takes_errors(outer, inner.node, language) for inner, outer in pairwise(links))


def _takes_errors(link: Link, inner: m.Node, language: str) -> bool:
    node = link.node
    if isinstance(node, m.Exit):
        return node.kind == "throw"
    if not isinstance(node, m.Call) or node.receiver is inner:
        return False
    if _is_complaint(node):
        return True
    if isinstance(inner, m.Closure):
        is_instead = node.last in _INSTEAD and _always_fails(inner.body)
        return is_instead or node.last in _ON_ERROR[language]
    if language != "rust":
        return False
    is_error = node.kind == "function" and node.name == ("Err",) and _is_result(link.up)
    return is_error or _diverges(node)


def _is_complaint(call: m.Call) -> bool:
    if call.last not in _COMPLAINING:
        return False
    if call.kind == "macro":
        return True
    of = call.receiver.of if isinstance(call.receiver, m.Field) else call.receiver
    names = [call.receiver.name] if isinstance(call.receiver, m.Field) else []
    names += [of.id] if isinstance(of, m.Name) else []
    return call.kind == "method" and any(_LOGGER.search(name) for name in names)


def _is_result(link: Link | None) -> bool:
    """Whether what stands there is what a block is worth, or is returned."""
    node = link.node if link is not None else None
    return (isinstance(node, m.Eval) and node.tail) or (isinstance(node, m.Exit) and node.kind == "return")


# ---------------------------------------------------------------- where it stands


def _is_cold(frame: Frame, function: Function) -> bool:
    """Whether the inside of a frame is a handler, or an arm for an `Err`."""
    if frame.kind == "handler" and isinstance(frame.node, m.Try):
        return not _is_ordinary(frame.node.handlers[frame.arm], function)
    if frame.kind != "arm" or not isinstance(frame.node, m.Branch):
        return False
    arm = frame.node.arms[frame.arm]
    subject = frame.node.subject or arm.test
    if isinstance(subject, m.Call) and subject.last in _ORDINARY:
        return False
    return bool(arm.patterns) and all(one.constructor[-1:] == ("Err",) for one in arm.patterns)


def _is_ordinary(handler: m.Block, function: Function) -> bool:
    """Whether what a handler catches is one of two ordinary answers."""
    source = function.file.source
    clause = max(source.rfind(word, 0, handler.start) for word in (b"except", b"catch"))
    return clause >= 0 and _ORDINARILY_CAUGHT.search(source, clause, handler.start) is not None


def _ends_in_error(function: Function, event: Event) -> bool:
    """Whether a block around an event is always left by an error, and no good way leaves it before."""
    for link in _links(event):
        if isinstance(link.node, m.Stmt) and _is_in_failing_block(function, link.node):
            return True
    return False


def _is_in_failing_block(function: Function, statement: m.Stmt) -> bool:
    """Whether the last statement after one is an error, and none before it leaves in another way."""
    statements, number = function.trace.siblings.get(id(statement), ((), 0))
    last = statements[-1] if statements else None
    if last is None or number == len(statements) - 1 or not _is_failure(last):
        return False
    exits = (one.node for one in function.trace.exits if statement.start <= one.node.start < last.start)
    return not any(isinstance(one, m.Exit) and not _is_failure(one) for one in exits)


def _always_fails(block: m.Block) -> bool:
    return bool(block.statements) and _is_failure(block.statements[-1])


def _is_failure(statement: m.Stmt) -> bool:
    """Whether a statement always ends in an error: it throws, returns an `Err`, or all of its arms do."""
    if isinstance(statement, m.Exit):
        return statement.kind == "throw" or (statement.kind == "return" and _is_error(statement.value))
    if isinstance(statement, m.Branch):
        return statement.exhaustive and all(_always_fails(arm.body) for arm in statement.arms)
    if isinstance(statement, m.Block):
        return _always_fails(statement)
    if not isinstance(statement, m.Eval):
        return False
    value = statement.value
    if isinstance(value, m.Embedded):
        return _is_failure(value.statement)
    return _diverges(value) or (statement.tail and _is_error(value))


def _is_error(value: m.Expr | None) -> bool:
    return isinstance(value, m.Call) and value.name == ("Err",)


def _diverges(value: m.Expr) -> bool:
    if not isinstance(value, m.Call):
        return False
    if value.last == "exit" and value.kind == "function" and len(value.name) > 1:
        status = value.args[0] if value.args else None
        return isinstance(status, m.Literal) and status.value not in (0, None)
    return value.kind == "macro" and value.last in _ENDING


def _links(event: Event) -> Iterator[Link]:
    link = event.around
    while link is not None:
        yield link
        link = link.up
