"""
Log calls: what is given to a logger at a level that is usually off.

A logger is one by its type: declared, or made by a factory of a well-known library, or given to a class by
an annotation. Calls at `warning` and above are left aside, and so is what a level test guards, what runs in
a handler, and what is made on demand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.often.repetition import ends_in_exit, is_in_handler, statements_before
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


@dataclass(frozen=True, slots=True)
class Api:
    """
    A logging library. `hole` is the placeholder of its templates; `supplier` tells whether a function may
    stand for the message; `guard` asks whether a level is on, with `LEVEL` for its name.
    """

    name: str
    hole: str = ""
    supplier: bool = False
    guard: str = "isLEVELEnabled()"


@dataclass(frozen=True, slots=True)
class LogCall:
    """One message that may never be written: the arguments from `first` on are the message and its values."""

    call: Call
    api: Api
    level: str
    first: int

    @property
    def message(self) -> m.Expr:
        return self.call.args[self.first]

    def told(self) -> Iterator[m.Expr]:
        """The message and its values; the text of an exception that is asked for keeps its stack out."""
        for argument in (self.message, *self.values):
            is_text = isinstance(argument, m.Call) and argument.last == "toString" and not argument.args
            if isinstance(argument, m.Call) and is_text and is_thrown(argument.receiver, self.call):
                continue
            yield argument

    @property
    def values(self) -> tuple[m.Expr, ...]:
        """What goes into the template, if anything."""
        return tuple(one for one in self.call.args[self.first + 1 :] if not isinstance(one, m.Keyword))


_SLF4J = Api("slf4j", "{}")
_LOG4J2 = Api("log4j 2", "{}", supplier=True)
_LOG4J1 = Api("log4j 1")
_COMMONS = Api("commons-logging")
_JUL = Api("java.util.logging", supplier=True, guard="isLoggable(LEVEL)")
_SYSTEM = Api("System.Logger", supplier=True, guard="isLoggable(LEVEL)")
_JBOSS = Api("jboss-logging")
_FLOGGER = Api("Flogger", "%s", guard="atLEVEL().isEnabled()")
_PYTHON = Api("logging", "%s", guard="isEnabledFor(LEVEL)")

_LOGGERS = {
    "org.slf4j.Logger": _SLF4J,
    "org.slf4j.ext.XLogger": _SLF4J,
    "ch.qos.logback.classic.Logger": _SLF4J,
    "org.apache.logging.log4j.Logger": _LOG4J2,
    "org.apache.log4j.Logger": _LOG4J1,
    "org.apache.log4j.Category": _LOG4J1,
    "org.apache.commons.logging.Log": _COMMONS,
    "java.util.logging.Logger": _JUL,
    "java.lang.System.Logger": _SYSTEM,
    "org.jboss.logging.Logger": _JBOSS,
    "org.jboss.logging.BasicLogger": _JBOSS,
    "com.google.common.flogger.FluentLogger": _FLOGGER,
    "com.google.common.flogger.GoogleLogger": _FLOGGER,
    "logging.Logger": _PYTHON,
    "logging.LoggerAdapter": _PYTHON,
}
#: Lombok's annotations, which give a class the field `log`.
_BY_ANNOTATION = {
    "Slf4j": _SLF4J, "XSlf4j": _SLF4J, "Log4j2": _LOG4J2, "Log4j": _LOG4J1, "CommonsLog": _COMMONS,
    "Log": _JUL, "JBossLog": _JBOSS, "Flogger": _FLOGGER,
}  # fmt: skip
#: Levels that are off, or may be, where a program does its work.
_LOW = {
    "java": {"trace", "debug", "info", "fine", "finer", "finest", "config"},
    "python": {"debug", "info"},
}
_LOW_NAMES = {"TRACE", "DEBUG", "INFO", "FINE", "FINER", "FINEST", "CONFIG", "ALL"}


def log_call(call: Call) -> LogCall | None:
    """What is known of a call that logs at a low level, unguarded; None for any other call."""
    if call.node.kind not in ("method", "function") or not call.args or is_in_handler(call.event):
        return None
    found = _in_java(call) if call.file.language.name == "java" else _in_python(call)
    return found if found is not None and not _is_guarded(call) else None


# ---------------------------------------------------------------- loggers and levels


def _in_java(call: Call) -> LogCall | None:
    fluent = _fluent(call)
    if fluent is not None:
        return fluent
    api = _logger_in_java(call.node.receiver, call)
    if api is None or api is _FLOGGER:
        return None
    if call.name in ("log", "logp"):
        level = _level(call.args[0])
        return LogCall(call, api, level, 1) if level is not None and len(call.args) > 1 else None
    first = 1 if _is_marker(call.args[0], call) and len(call.args) > 1 else 0
    return LogCall(call, api, call.name.upper(), first) if call.name in _LOW["java"] else None


def _fluent(call: Call) -> LogCall | None:
    """`logger.atFine().log(…)`, `log.atDebug().setCause(e).log(…)`."""
    if call.name != "log":
        return None
    node = call.node.receiver
    while isinstance(node, m.Call) and not node.last.startswith("at"):
        node = node.receiver
    level = node.last[2:].upper() if isinstance(node, m.Call) else ""
    api = _logger_in_java(node.receiver, call) if isinstance(node, m.Call) and level in _LOW_NAMES else None
    return LogCall(call, api, level, 0) if api in (_FLOGGER, _SLF4J, _LOG4J2) and api is not None else None


def _logger_in_java(receiver: m.Expr | None, call: Call) -> Api | None:
    types = call.file.facts.types
    known = _LOGGERS.get(types.library(call.type_of(receiver)) or "")
    if known is not None or not isinstance(receiver, m.Name) or receiver.id != "log":
        return known
    if call.binding("log") is not None:
        return None
    marks = (mark for owner in types.around(call.function.declaration.owner) for mark in owner.attributes)
    return next((_BY_ANNOTATION[mark.last] for mark in marks if mark.last in _BY_ANNOTATION), None)


def _level(argument: m.Expr) -> str | None:
    """`Level.FINE`, `logging.DEBUG`, `DEBUG`, 10: the name of a low level."""
    if isinstance(argument, m.Literal) and isinstance(argument.value, int):
        return {10: "DEBUG", 20: "INFO"}.get(argument.value)
    name = argument.name if isinstance(argument, m.Field) else getattr(argument, "id", "")
    return name if name in _LOW_NAMES else None


def _is_marker(argument: m.Expr, call: Call) -> bool:
    type_ = call.type_of(argument)
    return type_ is not None and type_.last == "Marker"


def _in_python(call: Call) -> LogCall | None:
    is_low = call.name in _LOW["python"]
    level = call.name.upper() if is_low else _level(call.args[0]) if call.name == "log" else None
    first = 0 if is_low else 1
    if level is None or len(call.args) <= first or isinstance(call.args[first], m.Keyword):
        return None
    by_module = call.path in (f"logging.{call.name}",)
    is_logger = by_module or (call.node.kind == "method" and _is_python_logger(call.node.receiver, call))
    return LogCall(call, _PYTHON, level, first) if is_logger else None


def _is_python_logger(receiver: m.Expr | None, call: Call) -> bool:
    types = call.file.facts.types
    known = types.library(call.type_of(receiver))
    if known is not None:
        return known in _LOGGERS
    return _is_made_by_factory(receiver, call, 0)


def _is_made_by_factory(expression: m.Expr | None, call: Call, depth: int) -> bool:
    """`getLogger(…)` of `logging`, or of a module of that name that wraps it."""
    if depth > 4:
        return False
    if isinstance(expression, m.Call):
        path = callee_path(expression, call.file.facts.types, call.event.scope, call.event.order) or ""
        return path.endswith(".getLogger") and "logging" in path.split(".")
    value = _value_of(expression, call)
    return value is not None and _is_made_by_factory(value, call, depth + 1)


def _value_of(expression: m.Expr | None, call: Call) -> m.Expr | None:
    """What a name, or an attribute of the object itself, starts with."""
    types, owner = call.file.facts.types, call.function.declaration.owner
    if isinstance(expression, m.Name):
        binding = call.binding(expression.id)
        if binding is not None:
            return binding.value if not binding.assigned and not binding.part else None
        static = types.statics.get(expression.id)
        return static.value if static is not None else None
    is_own = isinstance(expression, m.Field) and isinstance(expression.of, m.Name)
    if isinstance(expression, m.Field) and is_own and getattr(expression.of, "id", "") in ("self", "cls"):
        field = types.inherited_field(owner, expression.name)
        return field.value if field is not None else None
    return None


def is_thrown(value: m.Expr | None, call: Call) -> bool:
    """Whether a value is an exception: by its type, or where that is unknown by its name."""
    type_ = call.type_of(value)
    if type_ is not None:
        return type_.last.endswith(("Exception", "Error", "Throwable"))
    return isinstance(value, m.Name) and value.id.lower() in _THROWN


_THROWN = {"e", "ex", "exc", "t", "th", "err", "error", "cause", "exception", "throwable"}


# ---------------------------------------------------------------- guards


_GUARD = re.compile(
    rb"is\w*(?:Enabled|Loggable)|isEnabledFor|debug|verbose|trace|getEffectiveLevel|\.level\b", re.I
)


def _is_guarded(call: Call) -> bool:
    """Whether a test of the level, or of a switch for debugging, stands around or before the call."""
    source = call.file.source
    return any(_GUARD.search(source, test.start, test.end) for test in _tests(call))


def _tests(call: Call) -> Iterator[m.Expr]:
    for frame in call.event.frame.within(None):
        if frame.kind == "arm" and isinstance(frame.node, m.Branch):
            yield from (arm.test for arm in frame.node.arms[: frame.arm + 1] if arm.test is not None)
        if frame.kind == "test" and isinstance(frame.node, m.Binary):
            yield frame.node.left
    for statement in statements_before(call.event, call.function.trace):
        if isinstance(statement, m.Branch) and statement.arms and ends_in_exit(statement.arms[0].body):
            yield from (arm.test for arm in statement.arms if arm.test is not None)
