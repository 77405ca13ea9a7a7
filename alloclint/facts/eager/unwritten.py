"""How a log message is written so that it is only made when it is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.facts.eager.capturing import supplier
from alloclint.facts.eager.eagerness import eager_part
from alloclint.facts.eager.logging import is_thrown
from alloclint.facts.eager.templates import Template, in_java, in_python
from alloclint.facts.names.wording import on_one_line
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.eager.logging import LogCall


def unwritten(log: LogCall, guilty: m.Expr) -> Suggestion:
    """
    What to write instead of the argument `guilty`: a template for a message that is made of parts, a function
    where the library takes one, or a test of the level.
    """
    # What follows a message that is no template is the exception, which stays the last.
    if guilty is log.message and len(log.values) <= 1:
        template = in_python(guilty, log.call) if _is_python(log) else _in_java(log, guilty)
        if template is not None and not (_is_python(log) and log.values) and not _makes(template, log):
            return _replaced(log, guilty, template.typed(log.call))
    made = _supplied(log) if guilty is log.message else _without_text(log, guilty)
    return made if made is not None else guarded(log)


def _makes(template: Template, log: LogCall) -> bool:
    """Whether a value of the template would still be made each time, or may well be."""
    return any(eager_part(one, log.call) is not None or not _is_at_hand(one) for one in template.values)


def _is_at_hand(value: m.Node) -> bool:
    """Whether a value is only asked for: variables, getters, look-ups, and what counts or compares these."""
    if isinstance(value, m.Call):
        is_asked = value.kind == "method" and (not value.args or _ASKING.match(value.last) is not None)
        is_plain = value.kind == "function" and value.name[0] in _PLAIN
        parts: list[m.Expr] = [*value.args, *((value.receiver,) if value.receiver is not None else ())]
        return (is_asked or is_plain) and all(map(_is_at_hand, parts))
    return not isinstance(value, m.Comprehension | m.Closure)


_ASKING = re.compile(r"(?:get|is|has|size|length|charAt|count|index|at|contains|value)(?![a-z])")
_PLAIN = {"len", "type", "str", "repr", "id", "int", "float", "round", "min", "max", "abs", "bool", "hex"}


def guarded(log: LogCall) -> Suggestion:
    """A test of the level around the call."""
    test = f"{_logger(log)}.{log.api.guard.replace('LEVEL', _level(log))}"
    return Suggestion(f"`if {test}:` around it" if _is_python(log) else f"`if ({test})` around it")


def _level(log: LogCall) -> str:
    """The level as it may be named here: what the file imports under the module's name may not have it."""
    imports = log.call.file.facts.types.imports
    if _is_python(log):
        module = next((name for name, path in imports.items() if path == ("logging",)), None)
        return f"{module}.{log.level}" if module is not None else _NUMBERS[log.level]
    if not log.api.guard.endswith("LEVEL)"):
        return log.level.capitalize()
    is_nested = log.api.name == "System.Logger"
    full = "System.Logger.Level" if is_nested else "java.util.logging.Level"
    return (
        f"Level.{log.level}"
        if "Level" in imports or (not is_nested and _has_glob(log))
        else f"{full}.{log.level}"
    )


def _has_glob(log: LogCall) -> bool:
    return ("java", "util", "logging") in log.call.file.facts.types.globs


_NUMBERS = {"DEBUG": "10", "INFO": "20"}


def _supplied(log: LogCall) -> Suggestion | None:
    """A function for the message; `java.util.logging` takes the exception before it."""
    made = supplier(log.message, log.call) if log.api.supplier else None
    if made is None or len(log.values) > 1:
        return None
    if not log.values:
        return _replaced(log, log.message, made)
    if log.api.name != "java.util.logging" or not log.first:
        return None
    call, (thrown,) = log.call, log.values
    return _edited(log, (Edit(log.message.start, thrown.end, f"{call.text(thrown)}, {made}"),))


def _logger(log: LogCall) -> str:
    node: m.Expr | None = log.call.node.receiver
    while isinstance(node, m.Call) and node.receiver is not None:
        node = node.receiver
    of_module = _is_python(log) and log.call.path is not None
    text = log.call.text(node) if node is not None else "logger"
    return f"{text}.getLogger()" if of_module else text


def _is_python(log: LogCall) -> bool:
    return log.call.file.language.name == "python"


def _in_java(log: LogCall, guilty: m.Expr) -> Template | None:
    """None where an exception would come last: behind a template it is logged with its stack."""
    template = in_java(guilty, log.call, log.api.hole) if log.api.hole else None
    ends_badly = template is not None and not log.values and is_thrown(template.values[-1], log.call)
    return template if not ends_badly else None


def _replaced(log: LogCall, guilty: m.Expr, text: str) -> Suggestion:
    return _edited(log, (Edit(guilty.start, guilty.end, text),))


def _edited(log: LogCall, edits: tuple[Edit, ...]) -> Suggestion:
    """The whole call with its logger, after the edits of its arguments."""
    file, node = log.call.file, log.call.node
    text, at = "", node.start
    for edit in edits:
        text += file.text(at, edit.start) + edit.text
        at = edit.end
    text = on_one_line(text + file.text(at, node.end), file.language.name)
    return Suggestion(text, None, Applicability.unsafe, edits)


def _without_text(log: LogCall, guilty: m.Expr) -> Suggestion | None:
    """`x` for `x.toString()`, `str(x)` and `repr(x)` behind a template, which asks for the text itself."""
    asked = _asked_for_text(log, guilty)
    if asked is None or not log.api.hole or eager_part(asked, log.call) is not None:
        return None
    if isinstance(guilty, m.Call) and guilty.last == "repr":
        return Suggestion(f"`%r` in the template, and `{log.call.text(asked)}` itself")
    # Whoever takes one out takes all of them out.
    values = ((one, _asked_for_text(log, one)) for one in log.values if getattr(one, "last", "") != "repr")
    plain = (
        (one, inner) for one, inner in values if inner is not None and eager_part(inner, log.call) is None
    )
    return _edited(log, tuple(Edit(*one.span, log.call.text(inner)) for one, inner in plain))


def _asked_for_text(log: LogCall, guilty: m.Expr) -> m.Expr | None:
    if not isinstance(guilty, m.Call):
        return None
    if guilty.kind == "method":
        return guilty.receiver if guilty.last == "toString" and not guilty.args else None
    is_text = _is_python(log) and guilty.name in (("str",), ("repr",)) and len(guilty.args) == 1
    return guilty.args[0] if is_text and not isinstance(guilty.args[0], m.Keyword) else None
