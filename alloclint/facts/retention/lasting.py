"""
Collections that outlive the calls which fill them: statics, names of a module, fields of singletons.

`closed` says that no other file can name one: private, or by custom (a leading underscore in Python).
Whatever happens to it then stands in this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import dotted
from alloclint.facts.often.once import singleton_mark
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.names.types import Types
    from alloclint.file import File


@dataclass(frozen=True, slots=True)
class Lasting:
    """
    A collection of a `kind` (list, deque, heap, map, set) in a field or static that lasts. `counting` maps
    add an entry when a missing key is only read: Python's `defaultdict`. `key` is the declared type of keys
    or elements.
    """

    field: m.FieldDecl
    owner: m.TypeDecl | None
    kind: str
    closed: bool
    counting: bool = False
    singleton: str | None = None
    key: m.Type | None = None


#: Java: collections that drop entries by themselves, that cannot have many, or that block when they are full.
_BOUNDED = {"WeakHashMap", "EnumMap", "LinkedBlockingQueue", "ArrayBlockingQueue"}
_WRAPPING = {
    "synchronizedMap", "synchronizedSet", "synchronizedList", "synchronizedCollection", "newSetFromMap",
    "synchronizedSortedMap", "synchronizedSortedSet",
}  # fmt: skip
_FACTORIES = {
    "newHashMap": "map", "newLinkedHashMap": "map", "newConcurrentMap": "map", "newTreeMap": "map",
    "newIdentityHashMap": "map", "newHashSet": "set", "newConcurrentHashSet": "set",
    "newLinkedHashSet": "set", "newArrayList": "list", "newLinkedList": "list", "newKeySet": "set",
}  # fmt: skip
#: Rust: what a static is wrapped in, so that it can be made late and changed.
_GUARDS = {
    "LazyLock", "LazyCell", "Lazy", "OnceLock", "OnceCell", "Mutex", "RwLock", "RefCell", "UnsafeCell",
    "Arc", "Rc", "Box", "Option", "ReentrantMutex", "FairMutex", "Cell", "CachePadded", "ThreadLocal",
    "ReentrantLock",
}  # fmt: skip
_ORDERED = {"BTreeMap": "map", "BTreeSet": "set", "LinkedList": "deque"}


def lasting_in(file: File) -> Iterator[Lasting]:
    """Every such collection that a file declares, in order."""
    kind_of = _KINDS[file.language.name]
    types = file.facts.types
    for owner, item in _fields(file):
        kind = kind_of(item, types)
        closed = _is_closed(item, owner, file)
        if kind is None or closed is None:
            continue
        singleton = None
        if owner is not None and not _is_shared(item, file):
            singleton = singleton_mark(owner) if file.language.name == "java" else None
            if singleton is None:
                continue
        yield Lasting(item, owner, kind, closed, _is_counting(item), singleton, _key(item.type))


def field_holding(call: Call) -> m.FieldDecl | None:
    """The field or static that is initialised with what a call makes, or is assigned it; None for a local."""
    statement, types = call.statement, call.file.facts.types
    found = _initialised(call) or _in_struct(call)
    if found is not None or not isinstance(statement, m.Assign):
        return found
    target = dotted(statement.target)
    if len(target) == 2 and target[0] in ("this", "self", "cls"):
        return types.inherited_field(call.function.declaration.owner, target[1])
    if len(target) != 1:
        return None
    binding = call.binding(target[0])
    if binding is not None and binding.kind not in ("static", "field"):
        return None
    return types.field_of(call.function.declaration.owner, target[0]) or types.statics.get(target[0])


def _initialised(call: Call) -> m.FieldDecl | None:
    """The field whose initialiser a call is part of, if only in the closure that computes it late."""
    facts, declaration = call.file.facts, call.function.declaration
    if facts.modifiers_of_initialiser(declaration) is None or declaration.body is None:
        return None
    return facts.field_of_initialiser(declaration.body.statements[0])


def _in_struct(call: Call) -> m.FieldDecl | None:
    """Rust: the field of a struct literal whose value a call is part of."""
    inner: m.Node = call.node
    for node in call.parents:
        if isinstance(node, m.StructLiteral):
            name = next((name for name, value, *_ in node.fields if value is inner), None)
            owner = call.file.facts.types.declaration(call.type_of(node))
            return call.file.facts.types.field_of(owner, name) if name is not None else None
        if not isinstance(node, m.Call):
            return None
        inner = node
    return None


def _fields(file: File) -> Iterator[tuple[m.TypeDecl | None, m.FieldDecl]]:
    yield from ((None, item) for item in file.unit.fields)
    for owner in file.facts.types.declared.values():
        yield from ((owner, item) for item in owner.fields)


def _is_shared(item: m.FieldDecl, file: File) -> bool:
    """Whether a field belongs to the type, not to its objects."""
    return ("static" if file.language.name == "java" else "class") in item.modifiers


def _is_closed(item: m.FieldDecl, owner: m.TypeDecl | None, file: File) -> bool | None:
    """Whether only this file can reach it; None where the whole world is invited to."""
    if file.language.name == "python":
        return item.name.startswith("_") and not item.name.endswith("__")
    if file.language.name == "rust":
        words = {word for word in item.modifiers if word.startswith("pub")}
        return None if "pub" in words else not words
    if "private" in item.modifiers or (owner is not None and "private" in owner.modifiers):
        return True
    return None if {"public", "protected"} & item.modifiers else False


# ---------------------------------------------------------------- which collection it is


def _in_java(item: m.FieldDecl, types: Types) -> str | None:
    value = item.value
    while isinstance(value, m.Call) and value.last in _WRAPPING and value.args:
        value = value.args[0]
    if not isinstance(value, m.Call) or value.body is not None:
        return None
    if value.kind == "method" and isinstance(value.receiver, m.Name):
        return _FACTORIES.get(value.last) if types.library_path((value.receiver.id,)) is not None else None
    collection = types.collection_named(value.name) if value.kind == "new" else None
    if collection is None or collection.name in _BOUNDED or collection.kind == "string":
        return None
    return collection.kind


def _in_python(item: m.FieldDecl, types: Types) -> str | None:
    value = item.value
    if isinstance(value, m.Display):
        return {"dict": "map", "list": "list", "set": "set"}.get(value.kind)
    if not isinstance(value, m.Call) or any(_names_bound(argument) for argument in value.args):
        return None
    name = (*dotted(value.receiver), *value.name) if value.receiver is not None else value.name
    collection = types.collection_named(name)
    bounded = collection is not None and collection.name == "deque" and len(value.args) > 1
    return collection.kind if collection is not None and collection.kind != "string" and not bounded else None


def _names_bound(argument: m.Expr) -> bool:
    return isinstance(argument, m.Keyword) and argument.name == "maxlen"


def _in_rust(item: m.FieldDecl, types: Types) -> str | None:
    type_ = unguarded(item.type)
    if type_ is None or not item.modifiers & {"static", "lazy"}:
        return None
    collection = types.collection(type_)
    if collection is not None:
        return collection.kind if collection.kind != "string" else None
    return _ORDERED.get(types.known(type_) or "")


def _key(type_: m.Type | None) -> m.Type | None:
    type_ = unguarded(type_)
    return type_.args[0] if type_ is not None and type_.args else None


def unguarded(type_: m.Type | None) -> m.Type | None:
    """Rust: the type behind locks, cells and what makes a static late."""
    while type_ is not None and type_.last in _GUARDS and type_.args:
        type_ = type_.args[-1]
    return type_


def _is_counting(item: m.FieldDecl) -> bool:
    value = item.value
    return isinstance(value, m.Call) and value.last == "defaultdict" and len(value.args) == 1


_KINDS = {"java": _in_java, "python": _in_python, "rust": _in_rust}
