"""
Code behind a switch that is off in production: a log level, a debug or profiling mode, assertions.

The test around it, or one before it that leaves, asks for the switch. A name alone is enough of a test only
where it is all of it: `if (debug)`, not `if (debugger.finds(x))`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.often.repetition import ends_in_exit, statements_before
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.facts.walk.scopes import Event

_SWITCH = re.compile(
    rb"\b(?:is|is_)(?:Trace|Debug|Info|Finest|Finer|Fine|debug|trace)(?:_?[Ee]nabled)?\(|\bisLoggable\("
    rb"|\bisEnabledFor\(|\bisEnabled\([\w.]*(?:TRACE|DEBUG|INFO|FINE)\w*\)|\blog_enabled!"
    rb"|\bAssertions\.ENABLED\b|\$assertionsDisabled\b|\bdebug_assertions\b|\.isEnabledFor\("
)
#: A test that is nothing but such a name.
_NAME = re.compile(
    rb"\s*\(?(?:[\w$]+(?:\(\))?\s*(?:\.|::)\s*)*_?(?:is|is_|has_)?"
    rb"(?:debug|verbose|trace|tracing|profile|profiling)(?:_?(?:mode|enabled|on|info))?(?:\(\))?\s*\)?\s*",
    re.IGNORECASE,
)


def guarded(function: Function, event: Event) -> str | None:
    """Why an event of a function hardly ever happens in production: the test that stands before it."""
    source = function.file.source
    for test in _tests(event):
        if _is_switch(source[test.start : test.end]):
            return "it runs only where debugging is switched on"
    for test in _passed(function, event):
        text = source[test.start : test.end].strip()
        if text.startswith((b"!", b"not ")) and _is_switch(text.removeprefix(b"!").removeprefix(b"not ")):
            return "it runs only where debugging is switched on"
    return None


def _is_switch(text: bytes) -> bool:
    is_negated = text.lstrip(b" (").startswith((b"!", b"not "))
    return not is_negated and (_SWITCH.search(text) is not None or _NAME.fullmatch(text) is not None)


def _tests(event: Event) -> Iterator[m.Expr]:
    """The tests that must hold for an event to happen."""
    for frame in event.frame.within(None):
        if frame.kind == "arm" and isinstance(frame.node, m.Branch):
            test = frame.node.arms[frame.arm].test
            if test is not None:
                yield from _parts(test)
        if frame.kind == "test" and isinstance(frame.node, m.Binary) and frame.node.op in ("&&", "and"):
            yield from _parts(frame.node.left)


def _parts(test: m.Expr) -> Iterator[m.Expr]:
    """Both sides of `a && b`, as far as they go."""
    if isinstance(test, m.Binary) and test.op in ("&&", "and"):
        yield from _parts(test.left)
        yield from _parts(test.right)
    else:
        yield test


def _passed(function: Function, event: Event) -> Iterator[m.Expr]:
    """The tests of the branches before an event that leave: they do not hold once it happens."""
    for statement in statements_before(event, function.trace):
        if isinstance(statement, m.Branch) and len(statement.arms) == 1:
            only = statement.arms[0]
            if only.test is not None and ends_in_exit(only.body):
                yield only.test
