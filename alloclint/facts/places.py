"""Places: what a name or a chain of fields stands for, and whether it changes between two points."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.facts.trace import Binding, Frame, Link, Scope, Trace, Use
from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Place:
    """
    A binding and the fields behind it: `self.index.map` is (self, ("index", "map")).

    A Java accessor that only returns a field stands among the fields as it is called: `page.rows()` is (page, ("rows()",)).
    """

    binding: Binding
    fields: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether it ends with the function: leaving by an error drops it."""
        return not self.fields and self.binding.kind in ("local", "param", "pattern", "loop", "closure")

    def text(self) -> str:
        return ".".join((self.binding.name, *self.fields))


def place_of(expression: m.Expr | None, scope: Scope, at: int | None = None) -> Place | None:
    """The place an expression names, looking through borrows and dereferences; None for anything computed."""
    fields: list[str] = []
    while True:
        if isinstance(expression, m.Unary) and expression.op in ("&", "&mut", "*"):
            expression = expression.operand
        elif isinstance(expression, m.Field):
            fields.append(expression.name)
            expression = expression.of
        else:
            break
    if not isinstance(expression, m.Name):
        return None
    binding = scope.lookup(expression.id, at)
    return Place(binding, tuple(reversed(fields))) if binding is not None else None


@dataclass(frozen=True, slots=True)
class Role:
    """
    What a use does to a place.

    reads, grows (a method of the vocabulary), shrinks, reserves, lent (may change elsewhere), gone (moved, returned or stored),
    replaced (assigned), returned, aliased. `node` is the call or statement that does it.
    """

    kind: str
    node: m.Node
    use: Use


def roles(place: Place, trace: Trace, language: Language, kind: str) -> list[Role]:
    """
    Every use of a place in the function in order, with what it does. `kind` is the kind of collection at the place.

    A use of a shorter place (`self` for `self.map`) counts as well, where it may reach the longer one.
    """
    found = []
    for use in trace.uses_of(place.binding):
        role = _role(place, use, trace, language, kind)
        if role is not None:
            found.append(role)
    return found


def _role(place: Place, use: Use, trace: Trace, language: Language, kind: str) -> Role | None:
    if use.expr is None:
        node = use.around.node if use.around is not None else use.binding.node
        return Role("read" if _formats(node) else "lent", node, use)
    around, depth = use.around, 0
    expression: m.Expr = use.expr
    while around is not None and isinstance(around.node, m.Field | m.Call) and depth < len(place.fields):
        if isinstance(around.node, m.Call):
            if around.node.receiver is not expression or f"{around.node.last}()" != place.fields[depth]:
                break
        elif around.node.name != place.fields[depth]:
            return None
        expression, around, depth = around.node, around.up, depth + 1
    if depth < len(place.fields):
        return _outer_role(use, expression, around, language)
    return _inner_role(expression, around, use, language, kind)


_FORMATTING = {
    "format", "print", "println", "eprint", "eprintln", "panic", "assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq",
    "debug_assert_ne", "trace", "debug", "info", "warn", "error", "log", "unreachable", "todo", "matches", "format_args",
}


def _formats(node: m.Node) -> bool:
    return isinstance(node, m.Call) and node.kind == "macro" and node.last in _FORMATTING


def _outer_role(use: Use, expression: m.Expr, around: Link | None, language: Language) -> Role | None:
    """
    What a use of `self` does to `self.map`: a method or a call that gets the whole may change the part.
    """
    node = around.node if around is not None else use.binding.node
    if isinstance(node, m.Unary) and node.op in ("&", "*", "&mut"):
        if node.op == "&":
            return None
        expression, around = node, around.up if around is not None else None
        node = around.node if around is not None else node
    if isinstance(node, m.Call):
        if node.receiver is expression and language.name == "rust" and node.last in language.reading:
            return None
        return Role("lent", node, use)
    if isinstance(node, m.Assign) and node.target is expression:
        return Role("replaced", node, use)
    return None


def _inner_role(expression: m.Expr, around: Link | None, use: Use, language: Language, kind: str) -> Role:
    while around is not None and isinstance(around.node, m.Unary) and around.node.op in ("&mut", "*", "&"):
        if around.node.op == "&":
            return Role("read", around.node, use)
        expression, around = around.node, around.up
    node = around.node if around is not None else use.binding.node
    judge = _JUDGES.get(type(node))
    kind_of_use = judge(node, expression, language, kind, around) if judge is not None else "gone"
    if kind_of_use in ("gone", "lent", "aliased"):
        kind_of_use = _at_exit(around) or kind_of_use
    return Role(kind_of_use, node, use)


def _at_exit(around: Link | None) -> str | None:
    """`return Some(xs)` hands it out, `throw new Bad(xs)` only reports it: nothing happens to it afterwards."""
    while around is not None and not isinstance(around.node, m.Loop | m.Closure | m.Let | m.Assign | m.Branch):
        if isinstance(around.node, m.Exit) and around.node.kind in ("return", "throw"):
            return "returned" if around.node.kind == "return" else "read"
        if isinstance(around.node, m.Eval):
            return "returned" if around.node.tail else None
        around = around.up
    return None


def _of_call(call: m.Call, expression: m.Expr, language: Language, kind: str, around: Link) -> str:
    if call.receiver is expression:
        return _of_method(call, language, kind)
    if call.kind == "macro":
        if call.last in ("write", "writeln") and call.args and _is_operand(call.args[0], expression):
            return "grows"
        return "read" if _formats(call) else "lent"
    if call.kind == "function" and call.last in ("len", "drop", "id", "print", "repr", "str") and language.name != "java":
        return "read"
    if language.name == "python" and call.last in ("sorted", "enumerate", "sum", "min", "max", "any", "all", "zip", "isinstance", "type"):
        return "read"
    lent = language.name != "rust" or isinstance(expression, m.Unary)
    return "lent" if lent else "gone"


def _is_operand(argument: m.Expr, expression: m.Expr) -> bool:
    while isinstance(argument, m.Unary):
        if argument is expression:
            return True
        argument = argument.operand
    return argument is expression


def _of_method(call: m.Call, language: Language, kind: str) -> str:
    name = call.last
    if name in language.growing.get(kind, {}):
        return "grows"
    if name in language.reserving:
        return "reserves"
    if name in language.reading:
        return "read"
    return "shrinks"


def _of_assign(assign: m.Assign, expression: m.Expr, language: Language, kind: str, around: Link) -> str:
    if assign.target is expression:
        return "replaced" if assign.op == "=" else "grows"
    return "gone" if language.name == "rust" else "aliased"


def _of_index(index: m.Index, expression: m.Expr, language: Language, kind: str, around: Link) -> str:
    if index.of is not expression:
        return "read"
    outer = around.up.node if around.up is not None else None
    stores = isinstance(outer, m.Assign) and outer.target is index and language.name == "python" and kind == "map"
    return "grows" if stores else "read"


def _reads(*_: object) -> str:
    return "read"


def _returned(exit_: m.Exit, *_: object) -> str:
    return "returned"


def _of_eval(statement: m.Eval, *_: object) -> str:
    return "returned" if statement.tail else "read"


def _of_let(let: m.Let, expression: m.Expr, language: Language, *_: object) -> str:
    return "gone" if language.name == "rust" and not isinstance(expression, m.Unary) else "aliased"


def _of_loop(loop: m.Loop, *_: object) -> str:
    return "read"


_JUDGES = {
    m.Call: _of_call,
    m.Assign: _of_assign,
    m.Index: _of_index,
    m.Field: _reads,
    m.Binary: _reads,
    m.Exit: _returned,
    m.Eval: _of_eval,
    m.Let: _of_let,
    m.Loop: _of_loop,
    m.Branch: _reads,
    m.Arm: _reads,
    m.Clause: _reads,
    m.Cast: _reads,
    m.Comprehension: _reads,
    m.Range: _reads,
    m.MethodRef: lambda *_: "lent",
    m.Unary: _reads,
}


def changes_between(place: Place, start: int, end: int, trace: Trace, language: Language, *, length: bool) -> bool:
    """
    Whether a place may change after point `start` and before point `end`.

    `length` asks about the number of entries of what is there; else about the value itself (an integer).
    """
    binding = place.binding
    if any(start < order < end for order in binding.assigned):
        return True
    if language.name == "rust" and not _may_change_in_rust(place):
        return False
    kind = "list" if length else "value"
    for role in roles(place, trace, language, kind):
        if start < role.use.order < end and role.kind not in _HARMLESS.get((language.name, length), _KEEPS):
            if role.kind == "shrinks" and _only_reads(role, language):
                continue
            return True
    return bool(place.fields) and binding.kind in ("self", "free") and _own_call_between(start, end, trace, language)


_KEEPS = {"read", "returned", "gone"}
_HARMLESS = {
    ("java", False): _KEEPS | {"lent", "aliased"},
    ("python", False): _KEEPS | {"lent", "aliased"},
    ("rust", False): _KEEPS,
    ("rust", True): _KEEPS,
}


def _only_reads(role: Role, language: Language) -> bool:
    """Steps of an iterator chain read: `xs.iter()`, `map.entrySet()`."""
    return isinstance(role.node, m.Call) and role.node.last in language.adaptors and role.node.last != "drain"


def _may_change_in_rust(place: Place) -> bool:
    binding = place.binding
    if binding.kind == "self":
        return binding.type is None or binding.type.kind != "ref"
    if binding.type is not None and binding.type.kind == "mutref":
        return True
    return binding.mutable or binding.kind == "free" or bool(place.fields and binding.kind in ("pattern", "closure", "loop"))


def _own_call_between(start: int, end: int, trace: Trace, language: Language) -> bool:
    """A call of the object's own methods may change any of its fields (Java: an unqualified call, too)."""
    return language.name == "java" and any(
        isinstance(call.node, m.Call) and call.node.kind == "function" for call in trace.calls_between(start, end)
    )


def frames_between(inner: Frame, outer: Frame) -> list[Frame]:
    """The frames from just inside `outer` to `inner`, outermost first."""
    return list(reversed(list(inner.within(outer))))
