"""Places: what a name or a chain of fields stands for, and what each use does to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import cast

from alloclint.facts.walk.scopes import Binding, Link, Scope, Use
from alloclint.facts.walk.trace import Trace
from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Place:
    """
    A binding and the fields behind it: `self.index.map` is (self, ("index", "map")).

    A Java accessor that only returns a field stands among the fields as it is called: `page.rows()` is (page,
    ("rows()",)).
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

    reads, grows (a method of the vocabulary), shrinks, reserves, lent (may change elsewhere), gone (moved,
    returned or stored), replaced (assigned), returned, aliased. `node` is the call or statement that does it.
    """

    kind: str
    node: m.Node
    use: Use
    #: Whether it gets a shorter place, of which the one that was asked for is a part.
    outer: bool = False


def roles(place: Place, trace: Trace, language: Language, kind: str) -> list[Role]:
    """
    Every use of a place in the function in order, with what it does. `kind` is the kind of collection at the
    place.

    A use of a shorter place (`self` for `self.map`) counts as well, where it may reach the longer one.
    """
    key = "roles", id(place.binding), place.fields, kind
    if key not in trace.memo:
        trace.memo[key] = _roles(place, trace, language, kind)
    return cast("list[Role]", trace.memo[key])


def roles_between(
    place: Place, start: int, end: int, trace: Trace, language: Language, kind: str
) -> Iterator[Role]:
    """The uses after point `start` and before point `end`."""
    found = roles(place, trace, language, kind)
    first = bisect_right(found, start, key=lambda role: role.use.order)
    return takewhile(lambda role: role.use.order < end, islice(found, first, None))


def _roles(place: Place, trace: Trace, language: Language, kind: str) -> list[Role]:
    found = []
    for spelled in spellings(place, trace):
        for use in _uses(spelled, trace):
            role = role_of(spelled, use, trace, language, kind)
            if role is not None:
                found.append(role)
    return sorted(found, key=lambda role: role.use.order)


def _uses(place: Place, trace: Trace) -> Iterable[Use]:
    """The uses of a place's binding that may reach it: `self` is used for thousands of fields elsewhere."""
    if place.fields:
        return trace.uses_towards(place.binding, place.fields[0])
    return trace.uses_of(place.binding)


def spellings(place: Place, trace: Trace) -> Iterator[Place]:
    """
    The place itself, and in Java a field's other spelling in the function: `this.map` for `map` and the
    reverse.
    """
    yield place
    first = place.fields[0] if place.binding.name == "this" and place.fields else None
    for binding in trace.scope.names.get(first or "this", ()):
        if first is not None and binding.kind == "free":
            yield Place(binding, place.fields[1:])
        elif first is None and binding.kind == "self" and place.binding.kind == "free":
            yield Place(binding, (place.binding.name, *place.fields))


def role_of(place: Place, use: Use, trace: Trace, language: Language, kind: str) -> Role | None:
    """What one use of a place's binding does to the place; None where it does not reach it."""
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
    "format",
    "print",
    "println",
    "eprint",
    "eprintln",
    "panic",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "log",
    "unreachable",
    "todo",
    "matches",
    "format_args",
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
        is_read = node.last in language.reading and not _needs_mut(node.last)
        if node.receiver is expression and language.name == "rust" and is_read:
            return None
        return Role("lent", node, use, outer=True)
    if isinstance(node, m.Assign) and node.target is expression:
        return Role("replaced", node, use)
    if language.name == "java" and isinstance(node, m.Let) and node.value is expression:
        return Role("aliased", node, use, outer=True)
    return None


def _needs_mut(method: str) -> bool:
    """Rust: whether a method that keeps the length of a list may do anything to an object with fields."""
    return method in _REARRANGING or method.startswith(("sort", "select_nth")) or "_mut" in method


_REARRANGING = {
    "fill", "reverse", "swap", "copy_from_slice", "clone_from_slice", "rotate_left", "rotate_right",
    "swap_with_slice", "peek", "get_or_insert_with", "last_entry",
}  # fmt: skip


def _inner_role(expression: m.Expr, around: Link | None, use: Use, language: Language, kind: str) -> Role:
    while around is not None and isinstance(around.node, m.Unary) and around.node.op in ("&mut", "*", "&"):
        if around.node.op == "&":
            return Role("read", around.node, use)
        expression, around = around.node, around.up
    node = around.node if around is not None else use.binding.node
    unpacked = _unpacking(around)
    if unpacked is not None:
        return Role("replaced", unpacked, use)
    judge = _JUDGES.get(type(node))
    kind_of_use = judge(node, expression, language, kind, around) if judge is not None else "gone"
    if kind_of_use in ("gone", "lent", "aliased"):
        kind_of_use = _at_exit(around) or kind_of_use
    return Role(kind_of_use, node, use)


def _unpacking(around: Link | None) -> m.Assign | None:
    """The assignment whose target `a, (b, c) = …` a use stands in."""
    inner: m.Node | None = None
    while around is not None and isinstance(around.node, m.Display):
        inner, around = around.node, around.up
    node = around.node if around is not None and inner is not None else None
    return node if isinstance(node, m.Assign) and node.target is inner else None


def _at_exit(around: Link | None) -> str | None:
    """
    `return Some(xs)` hands it out, `throw new Bad(xs)` only reports it: nothing happens to it afterwards.
    """
    while around is not None and not isinstance(
        around.node, m.Loop | m.Closure | m.Let | m.Assign | m.Branch
    ):
        if isinstance(around.node, m.Exit) and around.node.kind in ("return", "throw"):
            return "returned" if around.node.kind == "return" else "read"
        if isinstance(around.node, m.Eval):
            return "returned" if around.node.tail else None
        around = around.up
    return None


def _of_call(call: m.Call, expression: m.Expr, language: Language, kind: str, around: Link) -> str:
    if call.receiver is expression:
        return _of_method(call, language, kind, around)
    if call.kind == "macro":
        if call.last in ("write", "writeln") and call.args and _is_operand(call.args[0], expression):
            return "grows"
        return "read" if _formats(call) else "lent"
    if language.name == "java" and (call.last in _READING_ARGUMENTS or _logs(call)):
        return "read"
    if (
        call.kind == "function"
        and call.last in ("len", "drop", "id", "print", "repr", "str")
        and language.name != "java"
    ):
        return "read"
    if language.name == "python" and call.last in (_PYTHON_READS if call.kind == "function" else ("join",)):
        return "read"
    lent = language.name != "rust" or isinstance(expression, m.Unary)
    return "lent" if lent else "gone"


#: Builtins that only look at their argument, or copy it.
_PYTHON_READS = {
    "sorted", "enumerate", "sum", "min", "max", "any", "all", "zip", "isinstance", "type", "reversed", "list",
    "tuple", "set", "frozenset", "dict", "bool", "range", "map", "filter", "hash", "bytes", "deque",
    "Counter", "defaultdict", "OrderedDict",
}  # fmt: skip


#: Java methods that only read the collections they are given.
_READING_ARGUMENTS = {
    "addAll", "putAll", "containsAll", "removeAll", "retainAll", "copyOf", "println", "equals", "valueOf",
    "toString",
}  # fmt: skip


def _logs(call: m.Call) -> bool:
    receiver = call.receiver
    named = isinstance(receiver, m.Name) and receiver.id.lower() in ("log", "logger")
    return named and call.last in ("trace", "debug", "info", "warn", "error")


def _is_operand(argument: m.Expr, expression: m.Expr) -> bool:
    while isinstance(argument, m.Unary):
        if argument is expression:
            return True
        argument = argument.operand
    return argument is expression


def _is_changed_through(view: m.Call, around: Link, language: Language) -> bool:
    """`map.keySet().removeIf(…)`: what is done to a view is done to the collection."""
    outer = around.up.node if around.up is not None else None
    if not isinstance(outer, m.Call) or outer.receiver is not view:
        return False
    return outer.last not in language.reading and outer.last not in language.adaptors


def _of_method(call: m.Call, language: Language, kind: str, around: Link) -> str:
    name = call.last
    if language.name == "java" and name in JAVA_VIEWS and _is_changed_through(call, around, language):
        return "lent"
    if name in language.growing.get(kind, {}):
        return "grows"
    if name in language.reserving:
        return "reserves"
    if name in language.reading and not (kind == "string" and name in CUTTING):
        return "read"
    return "shrinks"


#: Java: what is taken out of a view is taken out of the collection behind it.
JAVA_VIEWS = {
    "keySet", "values", "entrySet", "subList", "descendingMap", "descendingKeySet", "navigableKeySet",
    "descendingSet", "headMap", "tailMap", "subMap", "headSet", "tailSet", "subSet",
}  # fmt: skip
#: Java: methods that read a list or a map under this name, but take text out of a string builder.
CUTTING = {"replace"}


def _of_assign(assign: m.Assign, expression: m.Expr, language: Language, kind: str, around: Link) -> str:
    if assign.target is expression:
        # `|=` of a set or a map adds; `-=` and `&=` take away, `*=` repeats.
        adds = assign.op in ("+=", "|=") or language.name != "python"
        return "replaced" if assign.op == "=" else "grows" if adds else "shrinks"
    if assign.op != "=" and language.name != "rust":
        return "read"
    return "gone" if language.name == "rust" else "aliased"


def _of_index(index: m.Index, expression: m.Expr, language: Language, kind: str, around: Link) -> str:
    if index.of is not expression:
        return "read"
    outer = around.up.node if around.up is not None else None
    if language.name != "python":
        return "read"
    if isinstance(outer, m.Opaque) and outer.kind == "delete":
        return "shrinks"
    stores = isinstance(outer, m.Assign) and outer.target is index
    if stores and isinstance(index.index, m.Range):
        return "shrinks"
    return "grows" if stores and kind == "map" else "read"


def _reads(*_: object) -> str:
    return "read"


def _returned(exit_: m.Exit, *_: object) -> str:
    # What is yielded is back in the hands of someone else until the next turn.
    return "lent" if exit_.kind == "yield" else "returned"


def _of_keyword(keyword: m.Keyword, *_: object) -> str:
    """`f(*xs)` passes the entries on, `f(key=xs)` the collection."""
    return "read" if keyword.name in ("*", "**") else "lent"


def _of_opaque(opaque: m.Opaque, *_: object) -> str:
    return "read" if opaque.kind in ("text", "delete") else "gone"


def _of_eval(statement: m.Eval, *_: object) -> str:
    return "returned" if statement.tail else "read"


def _of_let(let: m.Let, expression: m.Expr, language: Language, *_: object) -> str:
    return "gone" if language.name == "rust" and not isinstance(expression, m.Unary) else "aliased"


def _of_loop(loop: m.Loop, *_: object) -> str:
    return "read"


_JUDGES: dict[type[m.Node], Callable[..., str]] = {
    m.Call: _of_call,
    m.Assign: _of_assign,
    m.Index: _of_index,
    m.Field: _reads,
    m.Binary: _reads,
    m.Exit: _returned,
    m.Keyword: _of_keyword,
    m.Opaque: _of_opaque,
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
