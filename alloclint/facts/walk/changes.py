"""
Whether a place changes between two points of a function: by a use, through a view or a borrow, or by a call.

Only what is known to leave it alone does not change it.
"""

from __future__ import annotations

from typing import TypeGuard

from alloclint.facts.names.getters import getter
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.places import JAVA_VIEWS, Place, Role, place_of, role_of, roles_between, spellings
from alloclint.facts.walk.scopes import Binding, Event, Link, Use
from alloclint.facts.walk.trace import Trace
from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


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


def viewed_by(binding: Binding) -> Place | None:
    """Java: the collection behind a local that was made as a view of it, `keys = map.keySet()`."""
    value, scope = binding.value, binding.scope
    if not isinstance(value, m.Call) or value.last not in JAVA_VIEWS or scope is None:
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
    role = role_of(place, use, trace, trace.language, "list")
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
