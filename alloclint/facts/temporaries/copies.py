"""
Copies: what is copied, whether that takes memory, and whether anybody needs a copy of their own.

Only types that are known to hold something on the heap count: a copy of a number, a reference or a shared
pointer is free, and of an unknown type nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.often.escaping import is_within, local_of
from alloclint.facts.often.looking import is_only_looked_at, is_only_read, keeps_content
from alloclint.facts.often.repetition import is_in_handler
from alloclint.facts.sizes.few import most_entries
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.scopes import Binding, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.names.types import Types

#: Rust: methods without arguments that copy what they are called on.
RUST_COPYING = {"clone", "to_string", "to_owned", "to_vec", "to_path_buf"}
#: Rust: types whose clone allocates what they hold.
_OWNING = {
    *(
        f"std::collections::{name}"
        for name in ("BTreeMap", "BTreeSet", "VecDeque", "LinkedList", "BinaryHeap", "HashMap", "HashSet")
    ),
    "std::string::String",
    "std::vec::Vec",
    "std::path::PathBuf",
    "std::ffi::OsString",
    "std::ffi::CString",
}
_SHARED = {"Rc", "Arc", "Weak", "Cow", "Ref", "RefMut", "MutexGuard", "RwLockReadGuard", "RwLockWriteGuard"}
#: Rust: what hands out something that others may change meanwhile.
_SNAPSHOTS = {"borrow", "borrow_mut", "lock", "read", "write", "load", "get", "take", "try_lock", "upgrade"}
_NUMBERS = {
    "usize", "u8", "u16", "u32", "u64", "u128", "isize", "i8", "i16", "i32", "i64", "i128", "f32", "f64",
    "bool", "char",
}  # fmt: skip
_PYTHON_TYPES = {"list": "list", "dict": "dict", "set": "set", "frozenset": "frozenset", "tuple": "tuple"}
_VIEWS = {"keys", "values", "items"}


@dataclass(frozen=True, slots=True)
class Copy:
    """
    A call that copies `source`. `made` is the type of the copy; `same` tells that the original would do in
    its place. `deep` copies have parts of their own.
    """

    call: Call
    source: m.Expr
    made: str
    same: bool
    deep: bool = False


def copy_of(call: Call) -> Copy | None:
    """The copy that a call makes, if it takes memory for certain."""
    return _COPIES[call.file.language.name](call)


# ---------------------------------------------------------------- which calls copy


def _in_rust(call: Call) -> Copy | None:
    node = call.node
    if node.kind != "method" or node.args or call.name not in RUST_COPYING or node.receiver is None:
        return None
    type_, types = _referent(call.receiver_type), call.file.facts.types
    if type_ is None:
        return None
    path = types.library_path(type_.name) if type_.name else None
    name = "::".join(path or type_.name)
    if name in ("str", "std::string::String"):
        return Copy(call, node.receiver, "String", same=True)
    if call.name == "to_string":
        return Copy(call, node.receiver, "String", same=False) if name in _NUMBERS else None
    if name == "std::path::Path":
        return Copy(call, node.receiver, "PathBuf", same=True)
    if not is_heap(type_, types):
        return None
    made = {"slice": "Vec", "array": "Vec"}.get(type_.kind, type_.last or "copy")
    return Copy(call, node.receiver, made, same=True, deep=True)


def _referent(type_: m.Type | None) -> m.Type | None:
    while type_ is not None and type_.kind in ("ref", "mutref"):
        type_ = type_.args[0] if type_.args else None
    return type_


def is_heap(type_: m.Type | None, types: Types, depth: int = 0) -> bool:
    """Rust: whether a clone of a value of the type allocates, whatever the value is made of (but empty)."""
    type_ = _referent(type_) if depth else type_
    if type_ is None or depth > 4 or type_.kind in ("impl", "dyn", "function", "pointer"):
        return False
    if type_.kind == "slice":
        return True
    if type_.kind in ("tuple", "array"):
        return any(is_heap(one, types, depth + 1) for one in type_.args if one.kind not in ("ref", "mutref"))
    if type_.last in _SHARED or not type_.name:
        return False
    alias = types.declared.get(type_.last) if len(type_.name) == 1 else None
    if alias is not None and alias.aliased is not None:
        return not alias.type_params and is_heap(alias.aliased, types, depth + 1)
    path = types.library_path(type_.name)
    name = "::".join(path) if path is not None else ""
    if name in _OWNING or types.collection_named(type_.name) is not None:
        return type_.last != "SmallVec"
    if name in ("std::option::Option", "std::boxed::Box"):
        return any(is_heap(one, types, depth + 1) for one in type_.args if one.kind not in ("ref", "mutref"))
    return path is None and _holds(type_, types, depth)


def _holds(type_: m.Type, types: Types, depth: int) -> bool:
    """Whether a struct whose clone is derived has a field that is on the heap."""
    declared = types.declaration(type_)
    if declared is None or declared.kind != "struct" or declared.name != type_.last:
        return False
    if not any(one.last == "derive" and "Clone" in one.text for one in declared.attributes):
        return False
    fields = (field.type for field in declared.fields if field.type is not None)
    return any(is_heap(field, types, depth + 1) for field in fields if field.kind not in ("ref", "mutref"))


def _in_java(call: Call) -> Copy | None:
    node, types = call.node, call.file.facts.types
    if node.kind == "method" and call.name == "clone" and not node.args and node.receiver is not None:
        known = types.known(call.receiver_type)
        is_copy = known == "array" or (known is not None and known in call.file.language.collections)
        return Copy(call, node.receiver, known or "", same=True) if is_copy else None
    if node.kind != "new" or len(node.args) != 1 or node.body is not None:
        return None
    source, made = node.args[0], types.collection_named(node.name)
    known = types.known(call.type_of(source)) or _map_behind(source, call)
    if call.path == "java.lang.String":
        return Copy(call, source, "String", same=known == "String") if known in ("String", "array") else None
    if made is None or made.kind == "string" or known is None or known in ("String", "array", "CharSequence"):
        return None
    return Copy(call, source, made.name, same=True)


def _map_behind(source: m.Expr, call: Call) -> str | None:
    """Java: the map of which `map.keySet()` and its kin are views."""
    if not isinstance(source, m.Call) or source.last not in ("keySet", "values", "entrySet") or source.args:
        return None
    return call.file.facts.types.known(call.type_of(source.receiver))


def _in_python(call: Call) -> Copy | None:
    node, types = call.node, call.file.facts.types
    if node.kind == "method" and call.name == "copy" and not node.args and call.path is None:
        known = types.known(call.receiver_type)
        is_copy = known in (
            "list",
            "dict",
            "set",
            "deque",
            "OrderedDict",
            "defaultdict",
            "bytearray",
            "Counter",
        )
        return Copy(call, node.receiver, known, same=True) if is_copy and known and node.receiver else None
    source = node.args[0] if len(node.args) == 1 and not isinstance(node.args[0], m.Keyword) else None
    if source is None:
        return None
    if call.path == "copy.deepcopy":
        return Copy(call, source, "deep copy", same=True, deep=True)
    made = _PYTHON_TYPES.get((call.path or "").removeprefix("builtins."))
    known = "view" if _is_view(source) else types.known(call.type_of(source))
    if call.path == "copy.copy":
        return Copy(call, source, known, same=True) if known in ("list", "dict", "set", "deque") else None
    if made is None or known is None or (made in ("tuple", "frozenset") and known == made):
        return None
    return Copy(call, source, made, same=known == made)


def _is_view(expression: m.Expr) -> bool:
    """`d.keys()`: nothing else than a mapping has it."""
    is_call = isinstance(expression, m.Call) and expression.kind == "method" and not expression.args
    return is_call and isinstance(expression, m.Call) and expression.last in _VIEWS


_COPIES = {"rust": _in_rust, "java": _in_java, "python": _in_python}


# ---------------------------------------------------------------- whether a loop needs them


@dataclass(frozen=True, slots=True)
class Repeated:
    """
    A copy that each turn of `loop` makes of the same value, only to look at it. `local` is the variable that
    holds it; `conditional` tells that some turns may leave it out. `gone_through` tells that each turn goes
    through the whole copy, so that it takes a multiple of the time at most.
    """

    copy: Copy
    loop: LoopFact
    local: Binding | None
    conditional: bool
    gone_through: bool


def repeated(call: Call) -> Repeated | None:
    """The copy that a call makes again and again for nothing; None where it might be needed."""
    loop = call.loop
    copy = copy_of(call) if loop is not None else None
    if (
        loop is None
        or copy is None
        or is_in_handler(call.event)
        or _is_snapshot(copy)
        or _is_written_out(copy)
        or _is_small(copy)
    ):
        return None
    local = local_of(call)
    if local is not None:
        looks = is_within(local, loop) and is_only_read(local, call, deep=copy.deep)
    else:
        looks = is_only_looked_at(call.node, call.link, call, deep=copy.deep)
    if not looks or not keeps_content(copy.source, loop, call):
        return None
    conditional = any(frame.kind in ("arm", "test", "try") for frame in call.event.frame.within(loop.frame))
    return Repeated(copy, loop, local, conditional, _is_gone_through(call))


def _is_gone_through(call: Call) -> bool:
    """`for x in sorted(set(xs)):` in a loop."""
    inner: m.Node = call.node
    for outer in call.parents:
        if isinstance(outer, m.Loop | m.Clause):
            return outer.iterable is inner
        if not isinstance(outer, m.Call):
            return False
        inner = outer
    return False


def _is_small(copy: Copy) -> bool:
    """Whether the code shows that there are a few entries only."""
    event = copy.call.event
    most = most_entries(copy.source, event.scope, event.order, copy.call.function)
    return most is not None and most < copy.call.file.limits.min_constant


def _is_written_out(copy: Copy) -> bool:
    """`set(["a", "b"])`: a constant in another form."""
    is_literal = isinstance(copy.source, m.Literal | m.Display)
    return is_literal and copy.call.file.language.name == "python"


def _is_snapshot(copy: Copy) -> bool:
    """Whether it copies what a cell or a lock hands out, which others may change meanwhile."""
    calls = (node for node in descendants(copy.source) if isinstance(node, m.Call))
    return copy.call.file.language.name == "rust" and any(node.last in _SNAPSHOTS for node in calls)
