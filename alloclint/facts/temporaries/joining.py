"""
Joining: text or bytes made of themselves and something more, `s += x`, `s = x + s`, `s = f"{s}…"`.

Where the old value is copied each time, the work in a loop grows with the square of the length. A value that
each turn needs as a whole has to be made each turn; what is only complete after the loop need not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.often.invariance import is_set_in
from alloclint.facts.often.repetition import enclosing_loops, is_in_handler, repeating_loop
from alloclint.facts.sizes.few import most_turns
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.scopes import Binding, Event, Link, LoopFact, Use
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

_COMPARED = {"==", "!=", "<", ">", "<=", ">=", "&&", "||", "and", "or", "in", "not in", "is", "is not"}
_SHRINKING = {"/=", "//=", ">>=", ">>>=", "/", "//", ">>", ">>>"}
#: Methods that look at text and keep nothing of it.
_INQUIRIES = {
    "length", "isEmpty", "isBlank", "charAt", "endsWith", "startsWith", "equals", "indexOf", "lastIndexOf",
    "contains", "hashCode", "equalsIgnoreCase", "len", "is_empty", "ends_with", "starts_with", "find",
    "endswith", "startswith", "count", "capacity", "index", "rfind",
}  # fmt: skip
#: What a builder or a list of parts answers as well.
_MEASURES = {"length", "isEmpty", "charAt", "len", "is_empty"}
_ENDS = {"startswith", "endswith", "startsWith", "endsWith", "starts_with", "ends_with"}
#: Functions and macros that append to a Rust String.
_APPENDING = {"push", "push_str", "write", "writeln", "extend", "write_str", "write_fmt"}


@dataclass(frozen=True, slots=True)
class Join:
    """
    One assignment that makes a value longer. `how`: append (`s += x`, `s = s + x`), chain (`s = s + x + y`),
    prepend (`s = x + s`), formatted (`s = f"{s}{x}"`, `s = s.clone() + x`). `added` are the parts beside the
    value itself.
    """

    event: Event
    assign: m.Assign
    how: str
    added: tuple[m.Expr, ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """
    A value that turns of `loop` make longer and that is used as a whole only after it.

    `kind` is String, str or bytes; `binding` the variable, or what the field or entry `target` belongs to.
    `shared` says why others may hold or see it: a field, an entry, a global, a closure's variable. `certain`
    is not one that is likely to stay short; `conditional` is one that some turns leave alone. `is_looked_at`
    tells that a turn compares it, measures it or takes a part of it. `is_set_up` is one that a constructor,
    or what checks settings, makes of a parameter: once for each object, of what somebody has configured.
    """

    function: Function
    target: m.Expr
    kind: str
    binding: Binding
    loop: LoopFact
    joins: tuple[Join, ...]
    shared: str | None
    certain: bool
    conditional: bool
    is_looked_at: bool
    is_set_up: bool

    @property
    def text(self) -> str:
        return self.function.file.text(*self.target.span)

    @property
    def is_in_place(self) -> bool:
        """Python: whether CPython appends without a copy, to a plain local that nobody else sees."""
        plain = self.kind == "str" and self.is_local and self.shared is None
        return plain and all(one.how == "append" for one in self.joins)

    @property
    def is_local(self) -> bool:
        return isinstance(self.target, m.Name) and self.binding.kind in (
            "local",
            "param",
            "closure",
            "pattern",
        )


def joinings_in(function: Function) -> Iterator[Joining]:
    """What a function joins in its loops, in order; several joins of one value in one loop are one."""
    groups: dict[tuple[str, int, int], list[tuple[Join, LoopFact, Binding]]] = {}
    for event in function.trace.assigns:
        found = join_of(event, function)
        loop = repeating_loop(event, function.trace) if found is not None else None
        binding = _base(found.assign.target, event) if found is not None else None
        if found is not None and _is_done_once(found, function):
            continue
        if found is not None and loop is not None and binding is not None and not is_in_handler(event):
            key = _spelling(found.assign.target, function), id(loop), id(binding)
            groups.setdefault(key, []).append((found, loop, binding))
    for several in groups.values():
        first, loop, binding = several[0]
        kind = _kind(first, function)
        joins = tuple(one for one, *_ in several)
        if (
            kind is None
            or _is_reset(joins, loop, binding, function)
            or _is_needed(joins, loop, binding, function)
        ):
            continue
        if not _is_short(first, loop, binding, function):
            yield Joining(
                function,
                first.assign.target,
                kind,
                binding,
                loop,
                tuple(sorted(joins, key=lambda one: one.how == "append")),
                _shared(first, binding, function),
                _is_certain(joins, loop, function),
                _is_conditional(joins, loop),
                any(_is_looked_at(use, first, function) for use in _uses(joins, loop, binding, function)),
                _is_set_up(loop, function),
            )


# ---------------------------------------------------------------- one assignment


def join_of(event: Event, function: Function) -> Join | None:
    """The join that an assignment is, whatever it makes longer; None for any other."""
    assign = event.node
    if not isinstance(assign, m.Assign) or not isinstance(
        assign.target, m.Name | m.Field | m.Index | m.Unary
    ):
        return None
    if assign.op == "+=":
        return Join(event, assign, "append", (assign.value,))
    if assign.op != "=":
        return None
    found = _made_of(assign.value, _spelling(assign.target, function), function)
    return Join(event, assign, *found) if found is not None else None


def _made_of(value: m.Expr, own: str, function: Function) -> tuple[str, tuple[m.Expr, ...]] | None:
    """How a value is put together from the one called `own`, and from what else."""
    parts = operands(value)
    if len(parts) > 1:
        return _added(parts, own, function)
    if isinstance(value, m.Call) and value.last == "concat" and len(value.args) == 1:
        is_own = value.receiver is not None and _spelling(value.receiver, function) == own
        return ("append", value.args) if is_own and function.file.language.name == "java" else None
    pieces = _pieces(value, function)
    end = _end_of_format(value, pieces, own, function)
    if end is None:
        return None
    return end, tuple(piece for piece in pieces if _spelling(piece, function) != own)


def _added(parts: list[m.Expr], own: str, function: Function) -> tuple[str, tuple[m.Expr, ...]] | None:
    spelled = [_spelling(part, function) for part in parts]
    others = tuple(part for part, text in zip(parts, spelled, strict=True) if text != own)
    first = parts[0]
    if isinstance(first, m.Call) and first.last == "clone" and first.receiver is not None:
        is_own = _spelling(first.receiver, function) == own
        return ("formatted", others[1:]) if is_own and function.file.language.name == "rust" else None
    if spelled[0] == own:
        return ("append" if len(parts) == 2 else "chain"), others
    # What is put around a value, as brackets are, cannot be done piece by piece.
    return ("prepend", others) if spelled[-1] == own else None


def operands(value: m.Expr) -> list[m.Expr]:
    """The operands of `a + b + c` from left to right; what parentheses hold is one operand."""
    if isinstance(value, m.Binary) and value.op == "+":
        return [*operands(value.left), value.right]
    return [value]


def _pieces(value: m.Expr, function: Function) -> tuple[m.Expr, ...]:
    """What a format expression puts into its text."""
    if isinstance(value, m.Opaque):
        inner = (_pieces(part, function) if isinstance(part, m.Opaque) else (part,) for part in value.parts)
        return tuple(piece for pieces in inner for piece in pieces)
    if isinstance(value, m.Binary) and value.op == "%" and isinstance(value.left, m.Literal):
        return value.right.items if isinstance(value.right, m.Display) else (value.right,)
    if not isinstance(value, m.Call):
        return ()
    if value.kind == "macro":
        return value.args[1:] if value.last == "format" else ()
    is_text = isinstance(value.receiver, m.Literal) and isinstance(value.receiver.value, str | bytes)
    if value.last == "format" and is_text:
        return tuple(one.value if isinstance(one, m.Keyword) else one for one in value.args)
    only = value.args[0] if len(value.args) == 1 else None
    return only.items if value.last == "join" and is_text and isinstance(only, m.Display) else ()


def _end_of_format(value: m.Expr, pieces: tuple[m.Expr, ...], own: str, function: Function) -> str | None:
    """Whether a format begins with a value (formatted) or ends with it (prepend)."""
    if isinstance(value, m.Opaque | m.Call) and _names_in_braces(value):
        text = function.file.text(*_template(value).span)
        inside = text.lstrip("fFrRtTbB").strip("'\"")
        if inside.startswith(f"{{{own}}}"):
            return "formatted"
        if inside.endswith(f"{{{own}}}"):
            return "prepend"
    template = _template(value) if pieces else None
    if not isinstance(template, m.Literal) or not isinstance(template.value, str | bytes):
        return None
    joins = isinstance(value, m.Call) and value.last == "join"
    text = template.value if isinstance(template.value, str) else template.value.decode("latin-1")
    if _spelling(pieces[0], function) == own and (joins or text.startswith(("{}", "{0}", "%s"))):
        return "formatted"
    is_last = _spelling(pieces[-1], function) == own
    return "prepend" if is_last and (joins or text.endswith(("{}", "%s"))) else None


def _names_in_braces(value: m.Opaque | m.Call) -> bool:
    return isinstance(value, m.Opaque) or (value.kind == "macro" and bool(value.args))


def _template(value: m.Expr) -> m.Expr:
    """The text that a format expression fills in."""
    if isinstance(value, m.Call):
        return value.args[0] if value.kind == "macro" else value.receiver or value
    return value.left if isinstance(value, m.Binary) else value


def _spelling(expression: m.Expr, function: Function) -> str:
    """How a place is written, without borrows, `this.` and white space."""
    while isinstance(expression, m.Unary) and expression.op in ("&", "*", "&mut"):
        expression = expression.operand
    text = "".join(function.file.text(*expression.span).split())
    return text.removeprefix("this.")


def _base(target: m.Expr, event: Event) -> Binding | None:
    """The variable that a target is, or that it is a part of."""
    while isinstance(target, m.Field | m.Index | m.Unary):
        target = target.operand if isinstance(target, m.Unary) else target.of
    return event.scope.lookup(target.id, event.order) if isinstance(target, m.Name) else None


def _is_done_once(join: Join, function: Function) -> bool:
    """`if not s.endswith("/"): s += "/"`."""
    own = _spelling(join.assign.target, function)
    for frame in join.event.frame.within(None):
        if frame.kind != "arm" or not isinstance(frame.node, m.Branch):
            continue
        test = frame.node.arms[frame.arm].test if frame.arm < len(frame.node.arms) else None
        calls = (node for node in descendants(test) if isinstance(node, m.Call)) if test is not None else ()
        asked = (call.receiver for call in calls if call.last in _ENDS)
        if any(one is not None and _spelling(one, function) == own for one in asked):
            return True
    return False


# ---------------------------------------------------------------- of what type


def _kind(join: Join, function: Function) -> str | None:
    """String, str or bytes, where something tells."""
    language = function.file.language.name
    if language == "java":
        target = _type_of(join.assign.target, join.event, function)
        is_text = function.file.facts.types.library(target) == "java.lang.String"
        return "String" if is_text and not isinstance(join.assign.target, m.Index) else None
    is_sum = len(operands(join.assign.value)) > 1 or join.assign.op == "+="
    if not is_sum:
        return _formatted_kind(join, language)
    if language == "rust":
        known = function.file.facts.types.known(_type_of(join.assign.target, join.event, function))
        return "String" if join.how in ("prepend", "formatted") and known == "String" else None
    return _python_kind(join, function)


def _formatted_kind(join: Join, language: str) -> str:
    value = join.assign.value
    text = (
        value.left if isinstance(value, m.Binary) else value.receiver if isinstance(value, m.Call) else None
    )
    is_bytes = isinstance(text, m.Literal) and isinstance(text.value, bytes)
    return "String" if language == "rust" else "bytes" if is_bytes else "str"


def _python_kind(join: Join, function: Function) -> str | None:
    types, target = function.file.facts.types, join.assign.target
    known = types.known(_type_of(target, join.event, function)) or _of_field(target, function)
    if known is not None:
        return known if known in ("str", "bytes") else None
    if join.assign.op == "+=" and _is_list(target, function):
        return None
    for expression in (part for one in join.added for part in operands(one)):
        known = types.known(_type_of(expression, join.event, function))
        if known in ("str", "bytes"):
            return known
    return None


def _is_list(target: m.Expr, function: Function) -> bool:
    """Whether the file treats it as a list anywhere: `xs += text` adds the text's characters to one."""
    own = _spelling(target, function)
    return any(f"{own}.{name}(".encode() in function.file.source for name in ("append", "extend", "insert"))


def _of_field(target: m.Expr, function: Function) -> str | None:
    """Python: what an attribute of the object itself begins as."""
    is_own = isinstance(target, m.Field) and isinstance(target.of, m.Name) and target.of.id == "self"
    if not is_own or not isinstance(target, m.Field):
        return None
    found = function.file.facts.types.inherited_field(function.declaration.owner, target.name)
    value = found.value if found is not None else None
    if not isinstance(value, m.Literal) or not isinstance(value.value, str | bytes):
        return None
    return "str" if isinstance(value.value, str) else "bytes"


def _type_of(expression: m.Expr, event: Event, function: Function) -> m.Type | None:
    return function.file.facts.types.of(expression, function.trace, event.scope, event.order)


# ---------------------------------------------------------------- whether the loop makes it longer and longer


def _is_reset(joins: tuple[Join, ...], loop: LoopFact, binding: Binding, function: Function) -> bool:
    """Whether the loop starts it anew, or each turn means another place."""
    target = joins[0].assign.target
    if is_set_in(binding, loop) and not isinstance(target, m.Name | m.Unary):
        return True
    if loop.start <= binding.order <= loop.end and binding.kind != "free":
        return True
    if isinstance(target, m.Index) and _varies(target.index, joins[0].event, loop):
        return True
    own, assigns = _spelling(target, function), [one.assign for one in joins]
    inside = [event.node for event in function.trace.assigns if loop.start <= event.order <= loop.end]
    others = [node for node in inside if isinstance(node, m.Assign) and node not in assigns]
    return any(_sets(node, own, function) for node in others)


def _sets(assign: m.Assign, own: str, function: Function) -> bool:
    targets = assign.target.items if isinstance(assign.target, m.Display) else (assign.target,)
    return any(_spelling(target, function) == own for target in targets)


def _varies(index: m.Expr, event: Event, loop: LoopFact) -> bool:
    names = (node.id for node in descendants(index) if isinstance(node, m.Name))
    bindings = (event.scope.lookup(name, event.order) for name in names)
    return any(binding is not None and is_set_in(binding, loop) for binding in bindings)


def _is_needed(joins: tuple[Join, ...], loop: LoopFact, binding: Binding, function: Function) -> bool:
    """Whether a turn does anything with the value but to make it longer and to look at it."""
    target = joins[0].assign.target
    own = _spelling(target, function)
    uses = _uses(joins, loop, binding, function)
    return any(_needs(use, target, own, loop, function) for use in uses)


def _uses(joins: tuple[Join, ...], loop: LoopFact, binding: Binding, function: Function) -> Iterator[Use]:
    """What a loop does with the variable beside the joins."""
    spans = [one.assign.span for one in joins]
    for use in function.trace.uses_of(binding):
        if not loop.start <= use.order <= loop.end or use.expr is None:
            continue
        if not any(start <= use.expr.start < end for start, end in spans):
            yield use


def _is_looked_at(use: Use, join: Join, function: Function) -> bool:
    """Whether a use looks at more of the value than whether there is any."""
    target = join.assign.target
    expression, link = _whole(use, target, function)
    if expression is None or _spelling(expression, function) != _spelling(target, function):
        return False
    node = link.node if link is not None else None
    asks = isinstance(node, m.Branch | m.Arm) or (isinstance(node, m.Unary) and node.op in ("not", "!"))
    return not asks and _is_inquiry(expression, link, function)


def _needs(use: Use, target: m.Expr, own: str, loop: LoopFact, function: Function) -> bool:
    expression, link = _whole(use, target, function)
    if expression is None:
        # Another part of the object, or the whole of it.
        return _may_reach(use, target, function)
    if _spelling(expression, function) != own:
        return False
    return not (_is_inquiry(expression, link, function) or _is_left_with(link, loop))


def _whole(use: Use, target: m.Expr, function: Function) -> tuple[m.Expr | None, Link | None]:
    """The expression around a use that is spelled like the target: `self.text` around `self`."""
    expression: m.Expr | None = use.expr
    link, depth = use.around, _depth(target)
    while (
        depth and link is not None and isinstance(link.node, m.Field | m.Index) and link.node.of is expression
    ):
        expression, link, depth = link.node, link.up, depth - 1
    return (expression, link) if depth == 0 else (None, None)


def _depth(target: m.Expr) -> int:
    depth = 0
    while isinstance(target, m.Field | m.Index | m.Unary):
        depth, target = (depth, target.operand) if isinstance(target, m.Unary) else (depth + 1, target.of)
    return depth


def _may_reach(use: Use, target: m.Expr, function: Function) -> bool:
    """Whether a method of the object, called in the loop, has anything to do with the field."""
    node = use.around.node if use.around is not None else None
    if isinstance(node, m.Field):
        return False
    called = node.last if isinstance(node, m.Call) and node.receiver is use.expr else None
    owner, name = function.declaration.owner, target.name if isinstance(target, m.Field) else None
    own = [one for one in owner.functions if one.name == called] if owner is not None else []
    if not own or name is None:
        return called is None or name is None
    return any(name in function.file.text(*one.span) for one in own)


def _is_inquiry(expression: m.Expr, link: Link | None, function: Function) -> bool:
    """`s.length()`, `len(s)`, `s[-1]`, `if s:`, `s == ""`, or (Rust) another append."""
    node = link.node if link is not None else None
    if isinstance(node, m.Unary):
        above = link.up if link is not None else None
        return node.op in ("not", "!") or (
            node.op in ("&", "&mut", "*") and _is_inquiry(node, above, function)
        )
    if isinstance(node, m.Binary):
        return node.op in _COMPARED
    if isinstance(node, m.Index):
        return node.of is expression
    if isinstance(node, m.Branch | m.Arm):
        return True
    if not isinstance(node, m.Call):
        return False
    if node.receiver is expression:
        return node.last in _INQUIRIES or (function.file.language.name == "rust" and node.last in _APPENDING)
    if node.kind == "macro":
        return node.last in ("write", "writeln") and node.args[:1] == (expression,)
    return node.kind == "function" and node.name == ("len",)


def _is_left_with(link: Link | None, loop: LoopFact) -> bool:
    """Whether the loop is left with it: returned, or reported in an exception."""
    while link is not None and link.node is not loop.node:
        if isinstance(link.node, m.Exit) and link.node.kind in ("return", "throw"):
            return True
        link = link.up
    return False


# ---------------------------------------------------------------- how often


_WORD = re.compile(r"[A-Z]?[a-z]+")
#: Words in the names of functions that run once for each object or program.
_SETTING_UP = {"init", "setup", "config", "configure", "reconfig", "initialize", "initialise", "bootstrap"}
#: So few joins copy less than anything else does.
_FEW = 16


def _is_short(join: Join, innermost: LoopFact, binding: Binding, function: Function) -> bool:
    """Whether there are few turns: a small constant number, or the digits of a number."""
    turns = 1
    for loop in _from(innermost, join.event):
        if loop.start <= binding.order <= loop.end and binding.kind != "free":
            break
        if _is_logarithmic(loop, function):
            return True
        count = most_turns(loop, function)
        if count is None:
            return False
        turns *= count
    return turns < _FEW


def _from(loop: LoopFact, event: Event) -> list[LoopFact]:
    loops = list(enclosing_loops(event))
    return loops[loops.index(loop) :]


def _is_logarithmic(loop: LoopFact, function: Function) -> bool:
    """`while (n > 0) { …; n /= 10; }`."""
    node = loop.node
    if not isinstance(node, m.Loop) or node.kind not in ("while", "do", "count", "endless"):
        return False
    inside = (event.node for event in function.trace.assigns if loop.start <= event.order <= loop.end)
    return any(isinstance(one, m.Assign) and _divides(one) for one in inside)


def _divides(assign: m.Assign) -> bool:
    if assign.op in _SHRINKING:
        return True
    value = assign.value
    if isinstance(value, m.Call):
        return value.last in ("divmod", "divide", "divideAndRemainder", "shiftRight")
    first = value.left if isinstance(value, m.Binary) and value.op in _SHRINKING else None
    return isinstance(first, m.Name) and isinstance(assign.target, m.Name) and first.id == assign.target.id


def _is_set_up(loop: LoopFact, function: Function) -> bool:
    """Whether a constructor, or a function that checks or sets up, goes through one of its parameters."""
    declaration = function.declaration
    owner = declaration.owner.name if declaration.owner is not None else None
    words = {word.lower() for word in _WORD.findall(declaration.name)}
    if not words & _SETTING_UP and declaration.name != owner:
        return False
    names = (node for node in descendants(loop.iterable) if isinstance(node, m.Name)) if loop.iterable else ()
    scope = loop.scope
    bindings = (scope.lookup(name.id, loop.start) for name in names) if scope is not None else ()
    return any(binding is not None and binding.kind == "param" for binding in bindings)


def _asks_itself(part: m.Expr, own: str, function: Function) -> bool:
    """Whether what is added depends on the whole value, `url.contains("?") ? "&" : "?"`."""
    return any(
        isinstance(node, m.Call)
        and node.receiver is not None
        and node.last not in _MEASURES
        and _spelling(node.receiver, function) == own
        for node in descendants(part)
    )


def _is_certain(joins: tuple[Join, ...], loop: LoopFact, function: Function) -> bool:
    """
    Whether nothing speaks for a short value, or for a need of the whole of it: one put together from its end
    in a `while` climbs from a leaf to a root, and one that the loop's own test asks about is filled up to a
    width.
    """
    node, own = loop.node, _spelling(joins[0].assign.target, function)
    if any(_asks_itself(part, own, function) for one in joins for part in one.added):
        return False
    if not isinstance(node, m.Loop) or node.kind not in ("while", "do", "endless", "count"):
        return True
    climbs = node.kind != "count" and all(one.how in ("prepend", "formatted") for one in joins)
    asks = (
        any(_spelling(part, function) == own for part in descendants(node.test) if isinstance(part, m.Expr))
        if (node.test is not None)
        else False
    )
    return not climbs and not asks


def _is_conditional(joins: tuple[Join, ...], loop: LoopFact) -> bool:
    """Whether a turn may go by without any of the joins: not where each way through a branch has one."""
    ways: dict[int, tuple[m.Node, set[int]]] = {}
    for join in joins:
        frames = [one for one in join.event.frame.within(loop.frame) if one.kind in ("arm", "test")]
        if not frames:
            return False
        if len(frames) == 1 and isinstance(frames[0].node, m.Branch):
            ways.setdefault(id(frames[0].node), (frames[0].node, set()))[1].add(frames[0].arm)
    branches = ((node, arms) for node, arms in ways.values() if isinstance(node, m.Branch))
    return not any(node.exhaustive and len(arms) == len(node.arms) for node, arms in branches)


def _shared(join: Join, binding: Binding, function: Function) -> str | None:
    """Why more than this one variable holds the value while it is joined."""
    target = join.assign.target
    if isinstance(target, m.Field):
        return "an attribute" if function.file.language.name == "python" else "a field"
    if isinstance(target, m.Index):
        return "an entry"
    if binding.kind in ("free", "static", "global"):
        return "a global"
    trace = function.trace
    own = binding.frame
    crossed = any(
        frame.kind == "closure" for use in trace.uses_of(binding) for frame in use.frame.within(own)
    )
    return "a variable of a closure" if crossed else None
