"""
Regular expressions: every call that is given one as text, and what is known of the text.

A call counts by the full name of the function, or by the library type of the receiver. Whether anything is
compiled each time, or looked up in a cache first, the tables of `alloclint.languages.regexes` say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.calls import Call, calls_in
from alloclint.facts.names.strings import Constant, constant_string
from alloclint.facts.patterns.plain import splits_without_pattern
from alloclint.facts.walk.nodes import descendants
from alloclint.languages.regexes import BUILDS, ENTRIES, NAMES, Entry
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: From this release on `String.replace` of Java works without a pattern.
_REPLACES_WITHOUT_PATTERN = 9


@dataclass(frozen=True, slots=True)
class Compilation:
    """
    A call that is given a pattern.

    `whole` is the call whose value is the compiled pattern, `build()` at the end of a builder's chain;
    `settings` are the flags and a builder's other arguments. `constant` is the pattern's text, where it is
    always the same; `fixed` tells that the settings are as well, and (a set) all of the patterns.
    """

    call: Call
    entry: Entry
    pattern: m.Expr
    constant: Constant | None
    settings: tuple[m.Expr, ...]
    whole: m.Call
    fixed: bool

    @property
    def text(self) -> str | None:
        """The pattern, if it is text and always the same."""
        value = self.constant.value if self.constant is not None else None
        return value if isinstance(value, str) else None

    @property
    def span(self) -> tuple[int, int]:
        """The call; of a method in a chain only what stands behind the receiver."""
        node = self.call.node
        is_chained = node.kind == "method" and self.call.path is None and not self.entry.compiles
        return (node.name_start, node.end) if is_chained else node.span

    @property
    def name(self) -> str:
        """What is called, in short: `Regex::new`, `Pattern.compile`, `re.sub`, `split`."""
        node, separator = self.call.node, self.call.file.language.separator
        if node.kind == "method":
            owner = node.receiver.id if isinstance(node.receiver, m.Name) else ""
            is_static = self.call.path is not None and owner
            return f"{owner}.{node.last}" if is_static else node.last
        return separator.join(node.name[-2:])


def regexes_in(function: Function) -> list[Compilation]:
    """Every call in a function that is given a pattern as text, in order of evaluation."""
    if "regexes" not in function.trace.memo:
        function.trace.memo["regexes"] = list(_found(function))
    found: list[Compilation] = function.trace.memo["regexes"]
    return found


def _found(function: Function) -> Iterator[Compilation]:
    names = NAMES[function.file.language.name]
    for call in calls_in(function):
        if call.name in names:
            entry = _entry(call)
            pattern = call.argument(entry.pattern, "pattern") if entry is not None else None
            if entry is not None and pattern is not None and not _is_free(call, entry, pattern):
                yield _compilation(call, entry, pattern)


def _entry(call: Call) -> Entry | None:
    entries, separator = ENTRIES[call.file.language.name], call.file.language.separator
    if call.path is not None:
        return entries.get(call.path)
    if call.node.kind != "method" or call.file.language.name != "java":
        return None
    receiver = call.receiver
    return entries.get(f"{receiver}{separator}{call.name}") if receiver is not None else None


def _compilation(call: Call, entry: Entry, pattern: m.Expr) -> Compilation:
    whole, settings = _whole(call, entry)
    constant = constant_string(pattern, call)
    fixed = constant is not None or _are_constant(pattern, call)
    return Compilation(
        call, entry, pattern, constant, settings, whole, fixed and all(_is_fixed(one) for one in settings)
    )


def _whole(call: Call, entry: Entry) -> tuple[m.Call, tuple[m.Expr, ...]]:
    """The call that returns what was compiled, and what else decides how."""
    if call.file.language.name != "rust":
        flags = call.argument(entry.flags, "flags") if entry.flags is not None else None
        return call.node, (flags,) if flags is not None else ()
    settings: list[m.Expr] = list(call.args[1:])
    if "Builder" not in ".".join(call.node.name[-2:-1]) and "Builder" not in (call.path or ""):
        return call.node, tuple(settings)
    last = call.node
    for step in call.function.trace.calls_upon(call.node):
        last = step
        settings.extend(step.args)
        if step.last in BUILDS:
            break
    return last, tuple(settings)


def _are_constant(pattern: m.Expr, call: Call) -> bool:
    """Whether it is a written list of constant patterns, as a set of them is built from."""
    if isinstance(pattern, m.Unary) and pattern.op == "&":
        pattern = pattern.operand
    if not isinstance(pattern, m.Display) or not pattern.items or pattern.repeat is not None:
        return False
    known = [constant_string(item, call) for item in pattern.items]
    return all(one is not None and not one.local for one in known)


def _is_fixed(expression: m.Expr) -> bool:
    """Whether flags are numbers, or joined from constants by the look of their names: `re.I | re.M`."""
    if isinstance(expression, m.Keyword):
        expression = expression.value
    if isinstance(expression, m.Binary):
        return _is_fixed(expression.left) and _is_fixed(expression.right)
    if isinstance(expression, m.Field):
        return expression.name.isupper()
    return isinstance(expression, m.Literal) or (isinstance(expression, m.Name) and expression.id.isupper())


def _is_free(call: Call, entry: Entry, pattern: m.Expr) -> bool:
    """Whether nothing is compiled: by the fast path of `split`, or because the release does without."""
    if call.file.language.name != "java":
        return False
    if entry.literal:
        release = call.file.limits.java_release
        is_char = isinstance(pattern, m.Literal) and pattern.kind == "char"
        is_text = constant_string(pattern, call) is not None and not is_char
        return release is None or release >= _REPLACES_WITHOUT_PATTERN or not is_text
    if call.name not in ("split", "splitWithDelimiters") or call.path is not None:
        return False
    known = constant_string(pattern, call)
    return known is not None and isinstance(known.value, str) and splits_without_pattern(known.value)


def is_built(compilation: Compilation) -> bool:
    """Whether the pattern is put together from parts, where it is compiled or where its local is declared."""
    return any(_is_joining(node) for node in descendants(definition(compilation)))


def definition(compilation: Compilation) -> m.Expr:
    """The pattern, or what the local that holds it is declared with."""
    pattern = compilation.pattern
    while isinstance(pattern, m.Unary) and pattern.op == "&":
        pattern = pattern.operand
    if isinstance(pattern, m.Name):
        binding = compilation.call.binding(pattern.id)
        if binding is not None and binding.kind == "local" and not binding.assigned and not binding.part:
            return binding.value or pattern
    return pattern


def _is_joining(node: m.Node) -> bool:
    if isinstance(node, m.Binary):
        return node.op in ("+", "%")
    if isinstance(node, m.Call):
        return node.last in ("format", "join", "concat", "escape", "quote")
    return isinstance(node, m.Opaque) and node.kind == "text"
