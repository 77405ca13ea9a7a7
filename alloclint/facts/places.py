"""Places: what a name or a chain of fields stands for, and whether it changes between two points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TypeGuard, cast

from alloclint.facts.getters import getter
from alloclint.facts.nodes import descendants
from alloclint.facts.trace import Binding, Event, Frame, Link, Scope, Trace, Use
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
        for use in trace.uses_of(spelled.binding):
            role = _role(spelled, use, trace, language, kind)
            if role is not None:
                found.append(role)
    return sorted(found, key=lambda role: role.use.order)


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
    if language.name == "java" and name in _JAVA_VIEWS and _is_changed_through(call, around, language):
        return "lent"
    if name in language.growing.get(kind, {}):
        return "grows"
    if name in language.reserving:
        return "reserves"
    if name in language.reading and not (kind == "string" and name in CUTTING):
        return "read"
    return "shrinks"


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


def changes_between(
    place: Place, start: int, end: int, trace: Trace, language: Language, *, length: bool
) -> bool:
    """
    Whether a place may change after point `start` and before point `end`.

    `length` asks about the number of entries of what is there; else about the value itself (an integer).
    """
    binding = place.binding
    others = (other.binding.assigned for other in spellings(place, trace) if other.binding.kind == "free")
    if any(start < order < end for assigned in (binding.assigned, *others) for order in assigned):
        return True
    if language.name == "rust" and not _may_change_in_rust(place):
        return False
    length = length and not _is_array(place, trace)
    kind = "list" if length else "value"
    for role in roles_between(place, start, end, trace, language, kind):
        harmless = _KEEPS if role.outer else _HARMLESS.get((language.name, length), _KEEPS)
        if role.kind not in harmless:
            if (role.kind == "shrinks" and _only_reads(role, language)) or role.node is binding.node:
                continue
            if language.name == "rust" and _is_drained_by(role, end, trace):
                continue
            return True
    if language.name == "java" and length and _changes_by_view(place, start, end, trace):
        return True
    return own_call_between(place, start, end, trace)


#: Java: what is taken out of a view is taken out of the collection behind it.
_JAVA_VIEWS = {
    "keySet", "values", "entrySet", "subList", "descendingMap", "descendingKeySet", "navigableKeySet",
    "descendingSet", "headMap", "tailMap", "subMap", "headSet", "tailSet", "subSet",
}  # fmt: skip


def viewed_by(binding: Binding) -> Place | None:
    """Java: the collection behind a local that was made as a view of it, `keys = map.keySet()`."""
    value, scope = binding.value, binding.scope
    if not isinstance(value, m.Call) or value.last not in _JAVA_VIEWS or scope is None:
        return None
    return place_of(value.receiver, scope, binding.valued) if binding.kind == "local" else None


def _changes_by_view(place: Place, start: int, end: int, trace: Trace) -> bool:
    """Whether something is done to a local view of a place that may take entries out."""
    if "views" not in trace.memo:
        views = ((viewed_by(binding), binding) for binding in trace.bindings if binding.kind == "local")
        trace.memo["views"] = [(seen, binding) for seen, binding in views if seen is not None]
    return any(
        role.kind not in _KEEPS and not _only_reads(role, trace.language)
        for seen, binding in trace.memo["views"]
        if seen == place
        for role in roles_between(Place(binding), start, end, trace, trace.language, "list")
    )


def is_taken(place: Place, at: int, trace: Trace) -> bool:
    """
    Rust: whether an iterator made before point `at` may have moved a place, or still borrow it for change.

    `let rest = xs.into_iter();` leaves nothing to ask for a length, unless `xs` is a shared reference.
    """
    type_ = place.binding.type
    if type_ is not None and type_.kind == "ref":
        return False
    key = "takings", id(place.binding), place.fields
    if key not in trace.memo:
        uses = [
            use for use in trace.uses_of(place.binding) if use.expr is not None and use.around is not None
        ]
        trace.memo[key] = [use for use in uses if _takes(use) or _is_held(place, use, 0, trace)]
    takings: list[Use] = trace.memo[key]
    return any(use.order < at and (_takes(use) or _is_held(place, use, at, trace)) for use in takings)


def _takes(use: Use) -> bool:
    """Whether a use makes an iterator that moves what it goes through, or may change it."""
    around: Link | None = use.around
    while around is not None and isinstance(around.node, m.Field | m.Unary):
        around = around.up
    node = around.node if around is not None else None
    is_method = isinstance(node, m.Call) and node.kind == "method" and node.last in _TAKING
    return is_method and not _ends_in_loop(around)


def _is_held(place: Place, use: Use, at: int, trace: Trace) -> bool:
    """Whether a `let` keeps a borrow for change, or a closure that changes or owns it, for use after `at`."""
    link, closure, is_borrow = use.around, None, False
    inner: m.Expr | None = use.expr
    while link is not None and not isinstance(link.node, m.Let):
        node = link.node
        if isinstance(node, m.Closure):
            closure = node
        elif isinstance(node, m.Loop | m.Branch | m.Arm):
            return False
        is_borrow = is_borrow or _borrows_for_change(node, inner)
        if isinstance(node, m.Call) and node.receiver is not inner and not _is_constructor(node):
            is_borrow = is_borrow and closure is not None
        link, inner = link.up, node if isinstance(node, m.Expr) else None
    if link is None or not _is_used_after(link.node, at, trace):
        return False
    if closure is None:
        return is_borrow
    role = _role(place, use, trace, trace.language, "list")
    owns = closure.moves and not (use.binding.type is not None and use.binding.type.last in _COPIED)
    return owns or (role is not None and role.kind not in _KEEPS)


def _borrows_for_change(node: m.Node, inner: m.Expr | None) -> bool:
    if isinstance(node, m.Unary):
        return node.op == "&mut"
    return isinstance(node, m.Call) and node.receiver is inner and "_mut" in node.last


def _is_constructor(call: m.Call) -> bool:
    """`Some(x)`, `Writer::new(x)`: what is built holds its arguments."""
    owner = call.name[-2] if len(call.name) > 1 else ""
    return call.kind == "function" and (call.last[:1].isupper() or owner[:1].isupper())


def _is_used_after(let: m.Node, at: int, trace: Trace) -> bool:
    last = (trace.uses_of(binding)[-1:] for binding in trace.bindings_of(let))
    return any(use.order >= at for uses in last for use in uses)


def _ends_in_loop(around: Link | None) -> bool:
    """Whether a chain of calls is what a loop iterates, or otherwise over with its statement."""
    while around is not None and not isinstance(around.node, m.Stmt):
        around = around.up
    return around is None or not isinstance(around.node, m.Let)


_TAKING = {
    "into_iter", "iter_mut", "drain", "into_keys", "into_values", "values_mut", "chunks_mut",
    "chunks_exact_mut", "into_bytes", "into_boxed_slice", "as_mut_slice", "as_mut", "split_at_mut",
    "par_iter_mut", "into_par_iter",
}  # fmt: skip
#: Rust: what a closure that owns its names gets a copy of.
_COPIED = {"u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"}
_KEEPS = {"read", "returned", "gone"}
_HARMLESS = {
    ("java", False): _KEEPS | {"lent", "aliased"},
    ("python", False): _KEEPS | {"lent", "aliased"},
    ("rust", False): _KEEPS,
    ("rust", True): _KEEPS,
}


def _is_drained_by(role: Role, start: int, trace: Trace) -> bool:
    """Rust: `for x in xs.drain(..)`, whose turns begin at point `start`, takes what was there before."""
    node = role.node
    return (
        isinstance(node, m.Call)
        and node.last == "drain"
        and any(
            loop.start == start
            and loop.iterable is not None
            and loop.iterable.start <= node.start < loop.iterable.end
            for loop in trace.loops
        )
    )


def _only_reads(role: Role, language: Language) -> bool:
    """Steps of an iterator chain read: `xs.iter()`, `map.entrySet()`."""
    return isinstance(role.node, m.Call) and role.node.last in language.adaptors and role.node.last != "drain"


def _may_change_in_rust(place: Place) -> bool:
    binding = place.binding
    if binding.kind == "self":
        return binding.type is None or binding.type.kind != "ref"
    if binding.type is not None and binding.type.kind == "mutref":
        return True
    if binding.mutable or binding.kind in ("free", "pattern", "closure", "loop"):
        return True
    if binding.kind != "local" or binding.type is not None:
        return False
    if isinstance(binding.value, m.Name) and binding.scope is not None:
        # `let ys = xs;` hands on whatever `xs` may do.
        source = place_of(binding.value, binding.scope, binding.valued)
        return source is not None and source.binding is not binding and _may_change_in_rust(source)
    return _is_made_mutable(binding.value)


def _is_made_mutable(value: m.Expr | None) -> bool:
    """
    Whether a local without `mut` may still be a way to change what it refers to: `&mut xs`,
    `xs.get_mut(0).unwrap()`.
    """
    while value is not None:
        if isinstance(value, m.Unary):
            if value.op == "&mut":
                return True
            value = value.operand
        elif isinstance(value, m.Call):
            if value.last.endswith("_mut") or value.last in (
                "or_insert",
                "or_insert_with",
                "or_default",
                "lock",
                "write",
            ):
                return True
            value = value.receiver
        elif isinstance(value, m.MayReturn):
            value = value.value
        else:
            return False
    return False


def _own_field(place: Place, trace: Trace) -> m.FieldDecl | None:
    """The declaration of a field of the class around, `map` or `this.map`."""
    names = (place.binding.name, *place.fields) if place.binding.kind == "free" else place.fields
    owner = trace.function.owner
    if place.binding.kind not in ("self", "free") or len(names) != 1 or owner is None:
        return None
    return next((field for field in owner.fields if field.name == names[0]), None)


def _is_array(place: Place, trace: Trace) -> bool:
    """Whether it is declared as an array, whose length stays whoever gets it."""
    field = _own_field(place, trace)
    type_ = field.type if field is not None else place.binding.type if not place.fields else None
    return type_ is not None and type_.kind == "array"


def own_call_between(place: Place, start: int, end: int, trace: Trace, *, visibly: bool = False) -> bool:
    """
    A call of the object's own methods may change any of its fields (Java: an unqualified call, too).

    `visibly` asks only for methods of this class whose text does so.
    """
    language = trace.language
    if language.name != "java" or place.binding.kind not in ("self", "free"):
        return False
    field = _own_field(place, trace)
    if field is not None and "final" in field.modifiers and _is_array(place, trace):
        return False
    owner, seen = trace.function.owner, set[str]()
    return any(
        _is_own_call(call.node, owner)
        and not _only_gets(call, owner, language)
        and (
            not visibly
            if field is None or owner is None
            else _may_change(field, _called(call.node), owner, language, seen, visibly=visibly)
        )
        for call in trace.calls_between(start, end)
    )


def _is_own_call(node: m.Node, owner: m.TypeDecl | None) -> TypeGuard[m.Call | m.MethodRef]:
    """`go()`, `this.go()`, `super.go()`, a static `Own.go()`, or `this::go`, which somebody may call."""
    if not isinstance(node, m.Call | m.MethodRef):
        return False
    receiver = node.receiver if isinstance(node, m.Call) else node.of
    own = ("this", "super") if owner is None else ("this", "super", *owner.qualname[-2:], owner.name)
    bare = isinstance(node, m.Call) and node.kind == "function"
    return bare or (isinstance(receiver, m.Name) and receiver.id in own and _called(node) != "new")


def _called(node: m.Call | m.MethodRef) -> str:
    return node.last if isinstance(node, m.Call) else node.name


def _only_gets(call: Event, owner: m.TypeDecl | None, language: Language) -> bool:
    """`for (T item : getItems())` and `getItems().size()`: a getter whose result is only read."""
    outer = call.around.up.node if call.around is not None and call.around.up is not None else None
    reads = isinstance(outer, m.Call) and outer.receiver is call.node and outer.last in language.reading
    if (not reads and not isinstance(outer, m.Loop)) or not isinstance(call.node, m.Call):
        return False
    return getter(owner, call.node.last) is not None


def _may_change(
    field: m.FieldDecl,
    called: str,
    owner: m.TypeDecl,
    language: Language,
    seen: set[str],
    *,
    visibly: bool = False,
) -> bool:
    """Whether a method of the class, or one that it calls, may do anything to a field but read it."""
    if called in seen:
        return False
    seen.add(called)
    functions = [function for function in owner.functions if function.name == called]
    replaceable = any(not function.modifiers & {"private", "static", "final"} for function in functions)
    if not visibly and (not functions or (replaceable and "final" not in owner.modifiers)):
        return True
    nodes = [node for function in functions for node in descendants(function)]
    if any(_disturbs(node, field.name, language) for node in nodes):
        return True
    further = {_called(node) for node in nodes if _is_own_call(node, owner)}
    return any(_may_change(field, name, owner, language, seen, visibly=visibly) for name in sorted(further))


def _disturbs(node: m.Node, name: str, language: Language) -> bool:
    if isinstance(node, m.Call):
        changes = node.last not in language.reading and node.last not in language.adaptors
        given = any(_names(argument, name) for argument in node.args)
        return given or (changes and _names(node.receiver, name))
    if isinstance(node, m.Assign):
        return _names(node.target, name) or _names(node.value, name)
    if isinstance(node, m.Unary):
        return node.op in ("++", "--") and _names(node.operand, name)
    return isinstance(node, m.Let | m.Exit) and _names(node.value, name)


def _names(expression: m.Expr | None, name: str) -> bool:
    """`name` or `this.name`."""
    if isinstance(expression, m.Field):
        return expression.name == name and isinstance(expression.of, m.Name) and expression.of.id == "this"
    return isinstance(expression, m.Name) and expression.id == name


def frames_between(inner: Frame, outer: Frame) -> list[Frame]:
    """The frames from just inside `outer` to `inner`, outermost first."""
    return list(reversed(list(inner.within(outer))))
