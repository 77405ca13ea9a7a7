"""
What one expression or statement of each language makes on the heap: what, by what, and whether it only may.

Beside calls that are known to allocate this is what nobody writes down: boxing, the iterator of a loop, the
object behind a lambda that captures, the new text of `+`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.effects import effect_of
from alloclint.facts.walk.nodes import descendants
from alloclint.languages.java import INTERFACES
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Site

#: What is made, by what, and whether it only may be.
Made = tuple[str, str, bool]


def _a(name: str) -> str:
    """The name with its article."""
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


# ---------------------------------------------------------------- Rust

_COUNTED = {"Rc", "Arc", "Weak"}
_COPIED = {"str": "String", "slice": "Vec", "String": "String"}
_TEXTUAL = {
    "to_lowercase",
    "to_uppercase",
    "to_ascii_lowercase",
    "to_ascii_uppercase",
    "repeat",
    "replace",
    "replacen",
}
_RESIZING = {
    "reserve",
    "reserve_exact",
    "resize",
    "resize_with",
    "extend_from_within",
    "shrink_to_fit",
    "split_off",
}


def in_rust(node: m.Node, site: Site) -> Made | None:
    if isinstance(node, m.Display):
        makes = node.macro and (bool(node.items) or node.repeat is not None)
        return ("a Vec", "vec!", False) if makes else None
    if isinstance(node, m.Binary) and node.op == "+" and _known(node.left, site) == "String":
        return "a String", "String + …", True
    if isinstance(node, m.Assign) and node.op == "+=" and _known(node.target, site) == "String":
        return "a String", "String += …", True
    if not isinstance(node, m.Call):
        return None
    if node.kind == "macro":
        return _of_macro(node, site)
    return _of_rust_method(node, site) if node.kind == "method" else _of_rust_function(node, site)


def _of_macro(call: m.Call, site: Site) -> Made | None:
    if call.last == "format":
        return "a String", "format!", False
    writes = call.last in ("write", "writeln") and call.args
    if writes and _known(_inner(call.args[0]), site) == "String":
        return "a String", f"{call.last}!", True
    return None


def _inner(expression: m.Expr) -> m.Expr:
    return expression.operand if isinstance(expression, m.Unary) else expression


def _of_rust_function(call: m.Call, site: Site) -> Made | None:
    collection = site.file.facts.types.collection(call.type)
    if collection is not None and call.last in ("with_capacity", "from", "from_iter"):
        first = call.args[0] if call.args else None
        is_none = isinstance(first, m.Literal) and first.value in (0, "")
        return None if is_none else (_a(collection.name), f"{collection.name}::{call.last}", False)
    effect = effect_of(call, site)
    if effect is None or not effect.allocates:
        return None
    return effect.allocates, "::".join(call.name[-2:]), False


def _of_rust_method(call: m.Call, site: Site) -> Made | None:
    type_, name = site.type_of(call.receiver), call.last
    known = site.file.facts.types.known(type_)
    if name == "to_string" and not call.args:
        return "a String", name, False
    if name == "to_vec":
        return "a Vec", name, False
    if name in ("clone", "to_owned"):
        return _of_clone(name, type_, known, site)
    if name in _TEXTUAL and known in ("str", "String"):
        return "a String", name, False
    if name in ("join", "concat") and known in ("slice", "array", "Vec"):
        return "a String or a Vec", name, False
    if name == "collect":
        return _of_collect(call, site)
    return _of_growth(call, type_, site, "::")


def _of_clone(name: str, type_: m.Type | None, known: str | None, site: Site) -> Made | None:
    """A clone of text or of a collection; one of a counted pointer only counts."""
    inner = type_
    while inner is not None and inner.kind in ("ref", "mutref") and inner.args:
        inner = inner.args[0]
    if inner is None or inner.last in _COUNTED or known is None:
        return None
    if name == "to_owned" and known in _COPIED:
        return f"a {_COPIED[known]}", name, False
    is_owned = site.file.facts.types.collection(inner) is not None
    return (_a(known), name, False) if is_owned else None


def _of_collect(call: m.Call, site: Site) -> Made | None:
    from alloclint.facts.building.unhinted import collected_type
    from alloclint.facts.names.calls import Call

    target, _ = collected_type(Call(site.function, site.event))
    collection = site.file.facts.types.collection(target)
    return (_a(collection.name), "collect", False) if collection is not None else None


def _of_growth(call: m.Call, type_: m.Type | None, site: Site, separator: str) -> Made | None:
    """Something added to a collection, which may be full."""
    collection = site.file.facts.types.collection(type_)
    if collection is None:
        return None
    language = site.file.language
    grows = call.last in language.growing.get(collection.kind, {}) or call.last in language.reserving
    if not grows and call.last not in _RESIZING:
        return None
    return f"room in the {collection.name}", f"{collection.name}{separator}{call.last}", True


def _known(expression: m.Expr | None, site: Site) -> str | None:
    return site.file.facts.types.known(site.type_of(expression))


# ---------------------------------------------------------------- Java

_PRIMITIVES = {
    "int": "Integer", "long": "Long", "short": "Short", "char": "Character", "double": "Double",
    "float": "Float",
}  # fmt: skip
_BOXES = {box: primitive for primitive, box in _PRIMITIVES.items()}
_VIEWS = {
    "iterator": "an Iterator", "listIterator": "a ListIterator", "stream": "a stream", "toArray": "an array",
    "parallelStream": "a stream", "spliterator": "a Spliterator", "subList": "a view", "clone": "a copy",
}  # fmt: skip
#: The arguments of these methods of collections are objects; of lists a first number is an index.
_OBJECTS = {
    "map": {"put", "get", "containsKey", "containsValue", "getOrDefault", "putIfAbsent", "merge", "remove"},
    "list": {"add", "set", "contains", "indexOf", "lastIndexOf", "offer", "push", "addFirst", "addLast"},
    "set": {"add", "contains", "remove"},
}
_KINDS = {"List": "list", "Collection": "set", "Queue": "list", "Deque": "list", "Set": "set", "Map": "map"}


def in_java(node: m.Node, site: Site) -> Made | None:
    if isinstance(node, m.Call):
        return _of_java_call(node, site)
    if isinstance(node, m.Display):
        return "an array", "new []" if node.repeat is None else "new T[n]", False
    if isinstance(node, m.Closure):
        return ("an object for what it captures", "a lambda", False) if _captures(node, site) else None
    if isinstance(node, m.MethodRef):
        return _of_reference(node, site)
    if isinstance(node, m.Loop):
        return _of_loop(node, site)
    if isinstance(node, m.Binary):
        return _of_concatenation(node, site)
    return _of_boxing(node, site)


def _of_java_call(call: m.Call, site: Site) -> Made | None:
    if call.kind == "new":
        return _a(call.last), f"new {call.last}", False
    effect = effect_of(call, site)
    if effect is not None and effect.allocates:
        owner = call.receiver.id if isinstance(call.receiver, m.Name) else ""
        is_static = callee_path(call, site.file.facts.types, site.event.scope, site.event.order) is not None
        return effect.allocates, f"{owner}.{call.last}" if owner and is_static else call.last, False
    type_ = site.type_of(call.receiver) if call.kind == "method" else None
    known = site.file.facts.types.known(type_)
    if known is None:
        return None
    if call.last in _VIEWS and known not in ("array", "String"):
        return _VIEWS[call.last], f"{known}.{call.last}", False
    if call.last == "toString" and known in ("StringBuilder", "StringBuffer"):
        return "a String", f"{known}.toString", False
    return _of_boxed_argument(call, known, site) or _of_growth(call, type_, site, ".")


def _of_boxed_argument(call: m.Call, known: str, site: Site) -> Made | None:
    """`list.add(i)` and `map.get(i)` of a number."""
    collection = site.file.language.collections.get(known)
    kind = collection.kind if collection is not None else _KINDS.get(known, "")
    kind = "list" if kind in ("deque", "heap") else kind
    if call.last not in _OBJECTS.get(kind, ()):
        return None
    values = call.args[-1:] if kind == "list" else call.args
    for value in values:
        boxed = _boxed(value, site)
        if boxed is not None:
            return boxed[0], f"{known}.{call.last}", boxed[1]
    return None


def _boxed(value: m.Expr | None, site: Site) -> tuple[str, bool] | None:
    """What a primitive becomes where an object is wanted; small numbers are there already."""
    if isinstance(value, m.Literal):
        cached = value.kind != "int" or not isinstance(value.value, int) or -128 <= value.value <= 127
        return None if cached else ("an Integer", False)
    type_ = site.type_of(value)
    primitive = type_.last if type_ is not None and type_.kind == "named" else ""
    if primitive not in _PRIMITIVES:
        return None
    box = _PRIMITIVES[primitive]
    return _a(box), primitive not in ("double", "float")


def _of_boxing(node: m.Node, site: Site) -> Made | None:
    """A number that a variable of a box, or what returns one, is given."""
    if isinstance(node, m.Let):
        wanted, value = node.type, node.value
    elif isinstance(node, m.Assign):
        wanted, value = site.type_of(node.target), node.value
        if node.op == "+=" and site.file.facts.types.known(wanted) == "String":
            return "a String", "String +=", False
    elif isinstance(node, m.Exit) and node.kind == "return":
        wanted, value = site.function.declaration.returns, node.value
    else:
        return None
    if wanted is None or wanted.kind != "named" or wanted.last not in _BOXES or len(wanted.name) != 1:
        return None
    if isinstance(node, m.Assign) and node.op != "=":
        return f"a new {wanted.last}", f"{wanted.last} {node.op}", wanted.last not in ("Double", "Float")
    boxed = _boxed(value, site)
    return (boxed[0], "boxing", boxed[1]) if boxed is not None else None


def _of_concatenation(binary: m.Binary, site: Site) -> Made | None:
    """A `+` of text that is not made of constants alone."""
    if binary.op != "+" or _is_constant(binary):
        return None
    return ("a String", "String +", False) if _known(binary, site) == "String" else None


def _is_constant(expression: m.Expr) -> bool:
    if isinstance(expression, m.Binary):
        return _is_constant(expression.left) and _is_constant(expression.right)
    named = (
        isinstance(expression, m.Name | m.Field)
        and (expression.id if isinstance(expression, m.Name) else expression.name).isupper()
    )
    return named or isinstance(expression, m.Literal)


def _of_loop(loop: m.Loop, site: Site) -> Made | None:
    if loop.kind != "each":
        return None
    scope = next((fact.scope for fact in site.function.trace.loops_of(loop)), None)
    start = next((fact.start for fact in site.function.trace.loops_of(loop)), site.event.order)
    types = site.file.facts.types
    type_ = types.of(loop.iterable, site.function.trace, scope or site.event.scope, start)
    known = types.known(type_)
    is_collection = known is not None and (known in INTERFACES or known in site.file.language.collections)
    return ("an Iterator", f"for over a {known}", False) if is_collection else None


def _captures(closure: m.Closure, site: Site) -> bool:
    """Whether a lambda uses a variable of the function around, or its object."""
    own = {name for param in closure.params for name in param.names()}
    for node in descendants(closure.body):
        if isinstance(node, m.Let):
            own.update(node.pattern.names())
        if isinstance(node, m.Name) and node.id not in own:
            binding = site.binding(node.id)
            if node.id in ("this", "super") or (
                binding is not None and binding.kind in ("local", "param", "loop")
            ):
                return True
    return False


def _of_reference(reference: m.MethodRef, site: Site) -> Made | None:
    """`this::go` and `x::go` bind a value, `Type::go` does not."""
    of = reference.of
    binding = site.binding(of.id) if isinstance(of, m.Name) else None
    bound = isinstance(of, m.Name) and (of.id in ("this", "super") or binding is not None)
    if reference.name == "new" or not (bound or isinstance(of, m.Call)):
        return None
    return "an object for what it is bound to", f"…::{reference.name}", False


# ---------------------------------------------------------------- Python

_SEQUENCES = {"str", "list", "tuple", "bytes", "bytearray"}


def in_python(node: m.Node, site: Site) -> Made | None:
    if isinstance(node, m.Call):
        return _of_python_call(node, site)
    if isinstance(node, m.Display):
        is_constant = node.kind == "tuple" and all(isinstance(item, m.Literal) for item in node.items)
        return (
            None if is_constant or _is_target(node, site) else (f"a {node.kind}", _BRACKETS[node.kind], False)
        )
    if isinstance(node, m.Comprehension):
        return f"a {node.kind}", "a comprehension" if node.kind != "generator" else "a generator", False
    if isinstance(node, m.Opaque):
        return ("a str", "an f-string", False) if node.kind == "text" and node.parts else None
    if isinstance(node, m.Closure):
        return "a function", "lambda", False
    if isinstance(node, m.Nested) and node.function is not None:
        return "a function", f"def {node.function.name}", False
    if isinstance(node, m.Binary) and node.op in ("+", "%", "*") and not _is_constant(node):
        known = _known(node, site)
        return (f"a {known}", node.op, False) if known in _SEQUENCES else None
    return _of_slice_or_store(node, site)


_BRACKETS = {"list": "[…]", "set": "{…}", "dict": "{…}", "tuple": "(…)", "array": "[…]"}


def _is_target(display: m.Display, site: Site) -> bool:
    """`a, b = b, a` unpacks without a tuple."""
    node = site.parent if site.event.node is display else site.event.node
    if not isinstance(node, m.Assign) or display.kind != "tuple":
        return False
    swaps = isinstance(node.target, m.Display) and node.value is display and len(display.items) <= 3
    return node.target is display or swaps


def _of_python_call(call: m.Call, site: Site) -> Made | None:
    types = site.file.facts.types
    if call.kind == "function" and call.last in types.declared and site.binding(call.last) is None:
        return _a(call.last), f"{call.last}(…)", False
    collection = types.collection_named(call.name) if call.kind == "function" else None
    if collection is not None and site.binding(call.name[0]) is None:
        return _a(collection.name), f"{'.'.join(call.name)}(…)", False
    effect = effect_of(call, site)
    if effect is not None and effect.allocates:
        return effect.allocates, f"{call.last}(…)", False
    type_ = site.type_of(call.receiver) if call.kind == "method" else None
    return _of_growth(call, type_, site, ".")


def _of_slice_or_store(node: m.Node, site: Site) -> Made | None:
    if isinstance(node, m.Index) and isinstance(node.index, m.Range):
        known = _known(node.of, site)
        return (f"a {known}", "a slice", False) if known in _SEQUENCES else None
    if isinstance(node, m.Assign) and isinstance(node.target, m.Index):
        known = _known(node.target.of, site)
        is_map = known in ("dict", "defaultdict", "OrderedDict", "Counter")
        return (f"room in the {known}", f"{known}[…] =", True) if is_map else None
    return None
