"""
Look-ups and comparisons that are given a copy of their own, where the original can be asked as well.

An equal look-up without a copy must exist: a map of Strings is asked with a `&str`, but a set of pairs only
with a pair. What is not known to be such a case is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.temporaries.copies import Copy, copy_of
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call

_EQUALITY = {"==", "!="}
#: Rust: methods of maps and sets that take a borrowed key, in whatever form the key can be borrowed.
_BORROWING = {
    "get", "get_mut", "contains", "contains_key", "remove", "remove_entry", "get_key_value", "take",
    "get_full", "get_index_of", "swap_remove", "shift_remove",
}  # fmt: skip
_KEYED = {
    "HashMap", "HashSet", "BTreeMap", "BTreeSet", "FxHashMap", "FxHashSet", "AHashMap", "AHashSet",
    "IndexMap", "IndexSet", "DashMap", "DashSet",
}  # fmt: skip
_ASKING = {
    "contains",
    "contains_key",
    "starts_with",
    "ends_with",
    "is_empty",
    "len",
    "eq",
    "ne",
    "eq_ignore_ascii_case",
}
#: What hands out values of their own.
_CONSUMING = {"into_iter", "drain", "into_keys", "into_values", "cloned", "copied"}
_FOLDING = {
    "to_lowercase",
    "to_uppercase",
    "to_ascii_lowercase",
    "to_ascii_uppercase",
    "toLowerCase",
    "toUpperCase",
}


@dataclass(frozen=True, slots=True)
class Lookup:
    """
    A look-up (or comparison) of which `start`..`end` is to be written as `text`. `kind`: lookup (with a
    copied key), text (with the text of something that has none of its own), entry (with a key that may be
    there), comparison, question (asked of a copy), case (without regard to case). `exact`: the result is
    the same for every value; `edits` is empty where `text` describes more than it replaces.
    """

    kind: str
    start: int
    end: int
    text: str
    exact: bool
    edits: tuple[Edit, ...] = ()


def lookup_of(call: Call) -> Lookup | None:
    """The look-up or comparison for which alone a call makes a copy, and how it is written without."""
    return _LOOKUPS[call.file.language.name](call)


def _replaced(kind: str, node: m.Node, text: str, *, exact: bool = True) -> Lookup:
    return Lookup(kind, node.start, node.end, text, exact, (Edit(node.start, node.end, text),))


# ---------------------------------------------------------------- Rust


def _in_rust(call: Call) -> Lookup | None:
    if call.name in _FOLDING:
        return _folded_in_rust(call)
    above, copy = call.parent, copy_of(call)
    if isinstance(above, m.Unary) and above.op == "&":
        return _keyed(call, above, copy)
    if copy is None or not copy.same:
        return None
    if isinstance(above, m.Call):
        return _asked(call, above, copy)
    if isinstance(above, m.Binary) and above.op in _EQUALITY and _is_text(copy):
        return _replaced("comparison", call.node, call.text(copy.source))
    return None


def _is_text(copy: Copy) -> bool:
    """Whether it compares with a borrowed form of its own type: text, paths and lists do."""
    return copy.made in ("String", "PathBuf", "Vec")


def _keyed(call: Call, borrowed: m.Unary, copy: Copy | None) -> Lookup | None:
    """`map.get(&key.to_string())`, `names.contains(&name.clone())`."""
    parents = list(call.parents)
    outer = parents[1] if len(parents) > 1 else None
    if not isinstance(outer, m.Call) or outer.kind != "method" or outer.args[:1] != (borrowed,):
        return None
    types = call.file.facts.types
    known = types.known(call.type_of(outer.receiver))
    source = call.node.receiver
    if outer.last not in _BORROWING or source is None:
        return None
    if known in ("Vec", "slice", "array", "VecDeque"):
        return _contained(call, borrowed, copy) if outer.last == "contains" else None
    if copy is None and call.name == "to_string":
        # Whatever is asked `get(&String)` looks its argument up.
        is_map = known in _KEYED or (known is None and outer.last in ("get", "get_mut", "contains_key"))
        return _named(call) if is_map else None
    is_copy = copy is not None and copy.same and known in _KEYED and not _is_boxed(call, outer)
    return _borrowed("lookup", call, borrowed, source) if is_copy else None


def _is_boxed(call: Call, asked: m.Call) -> bool:
    """Whether the keys are pointers to owned values: `Box<String>` borrows as a `String`, not as a `str`."""
    types = call.file.facts.types
    type_ = types.plain(call.type_of(asked.receiver))
    return type_ is not None and bool(type_.args) and type_.args[0].last in ("Box", "Rc", "Arc")


def _borrowed(kind: str, call: Call, borrowed: m.Unary, source: m.Expr) -> Lookup:
    """The source where its copy is borrowed: as it is if it is a reference, else with the borrow."""
    text = call.text(source)
    return _replaced(kind, borrowed, text if _is_reference(source, call) else f"&{text}")


def _is_reference(expression: m.Expr | None, call: Call) -> bool:
    """Whether an expression is a reference already, as what a loop over references hands out is."""
    type_ = call.type_of(expression)
    if (type_ is not None and type_.kind == "ref") or isinstance(expression, m.Literal | m.Call):
        return True
    binding = call.binding(expression.id) if isinstance(expression, m.Name) else None
    if binding is None or binding.loop is None:
        return binding is not None and binding.kind == "pattern"
    iterable = binding.loop.iterable
    if isinstance(iterable, m.Unary):
        return iterable.op == "&"
    if isinstance(iterable, m.Call):
        return iterable.last not in _CONSUMING
    over = call.type_of(iterable)
    return over is not None and over.kind == "ref"


def _contained(call: Call, borrowed: m.Unary, copy: Copy | None) -> Lookup | None:
    """A list has no borrowed form of its entries: only what is of their very type can be looked for."""
    source, types = call.node.receiver, call.file.facts.types
    if copy is None or not copy.same or source is None:
        return None
    if types.known(call.type_of(source)) == "str":
        text = f"iter().any(|one| one == {call.text(source)})"
        return Lookup("lookup", call.node.start, call.node.end, f"`{text}`", exact=True)
    return _borrowed("lookup", call, borrowed, source)


def _named(call: Call) -> Lookup | None:
    """The text of a value of a named type, which could have a name that is borrowed."""
    types, type_ = call.file.facts.types, call.file.facts.types.plain(call.receiver_type)
    if type_ is None or type_.kind != "named" or not type_.name or type_.last in call.file.language.integers:
        return None
    declared = types.declaration(type_)
    is_enum = declared is not None and declared.kind == "enum"
    path = types.library_path(type_.name) if declared is None else None
    if not is_enum and (path is None or len(path) < 2 or path[0] == "std"):
        return None
    text = f"a method of `{type_.last}` that returns its `&'static str`, as the key"
    return Lookup("text", call.node.start, call.node.end, text, exact=True)


def _asked(call: Call, above: m.Call, copy: Copy) -> Lookup | None:
    if above.receiver is call.node:
        if above.last not in _ASKING or above.kind != "method":
            return None
        return _replaced("question", call.node, call.text(copy.source))
    is_entry = above.kind == "method" and above.last == "entry" and above.args == (call.node,)
    known = call.file.facts.types.known(call.type_of(above.receiver)) if is_entry else None
    if known not in _KEYED or call.loop is None:
        return None
    return _entry(call, above, copy)


def _entry(call: Call, entry: m.Call, copy: Copy) -> Lookup | None:
    """`counts.entry(name.clone()).or_insert(0)`: the copy is dropped wherever the name is there already."""
    steps = [one.last for one in call.function.trace.calls_upon(entry)]
    if not steps or not (steps[0].startswith("or_") or steps[0] == "and_modify"):
        return None
    owner = call.text(entry.receiver) if entry.receiver is not None else ""
    key = call.text(copy.source)
    borrowed = key if _is_reference(copy.source, call) else f"&{key}"
    text = (
        f"ask `{owner}.get_mut({borrowed})` first, and call `{owner}.insert` with `{call.text(call.node)}` "
        "only where it gives None"
    )
    return Lookup("entry", call.node.start, call.node.end, text, exact=True)


def _folded_in_rust(call: Call) -> Lookup | None:
    """`a.to_lowercase() == b.to_lowercase()`, reported at its left side."""
    above = call.parent
    if not isinstance(above, m.Binary) or above.op not in _EQUALITY or call.node.receiver is None:
        return None
    other = above.right if above.left is call.node else above.left
    if not _is_folded_alike(call, other) or (above.right is call.node and _is_folding(other)):
        return None
    ascii_only = "ascii" in call.name
    if not _is_string_in_rust(call, other, ascii_only=ascii_only):
        return None
    argument = _argument(call, other)
    negated = "!" if above.op == "!=" else ""
    text = f"{negated}{call.text(call.node.receiver)}.eq_ignore_ascii_case({argument})"
    return _replaced("case", above, text, exact=ascii_only)


def _is_folding(expression: m.Expr) -> bool:
    return isinstance(expression, m.Call) and expression.last in _FOLDING


def _is_folded_alike(call: Call, other: m.Expr) -> bool:
    """Whether the other side is folded the same way, by a call or as it is written."""
    if isinstance(other, m.Call):
        return other.last == call.name and other.receiver is not None
    if not isinstance(other, m.Literal) or not isinstance(other.value, str) or not other.value.isascii():
        return False
    upper = "upper" in call.name.lower()
    return other.value == (other.value.upper() if upper else other.value.lower()) and len(other.value) > 0


def _is_string_in_rust(call: Call, other: m.Expr, *, ascii_only: bool) -> bool:
    """Whether text is compared: a character and a byte are folded without an allocation."""
    if isinstance(other, m.Literal):
        return other.kind == "string"
    sides = (call.node.receiver, other.receiver if isinstance(other, m.Call) else None)
    known = (call.file.facts.types.known(call.type_of(side)) for side in sides)
    return any(one in ("str", "String") for one in known) or not ascii_only


def _argument(call: Call, other: m.Expr) -> str:
    if isinstance(other, m.Literal):
        return call.text(other)
    receiver = other.receiver if isinstance(other, m.Call) else None
    text = call.text(receiver) if receiver is not None else call.text(other)
    return text if _is_reference(receiver, call) else f"&{text}"


# ---------------------------------------------------------------- Java


def _in_java(call: Call) -> Lookup | None:
    if call.name in _FOLDING:
        return _folded_in_java(call)
    above, copy = call.parent, copy_of(call)
    if copy is None or call.node.kind != "new" or not isinstance(above, m.Call):
        return None
    source = call.text(copy.source)
    if copy.made == "String" and copy.same:
        is_key = above.args[:1] == (call.node,) and _is_asked_in_java(call, above)
        compares = above.last in ("equals", "equalsIgnoreCase", "compareTo", "length", "isEmpty", "contains")
        return (
            _replaced("lookup", call.node, source)
            if is_key or (compares and above.receiver is call.node)
            else None
        )
    asks = above.receiver is call.node and above.last in ("contains", "isEmpty")
    return (
        _replaced("question", call.node, source)
        if asks and copy.made != "String" and _is_named(copy)
        else None
    )


def _is_named(copy: Copy) -> bool:
    """`new ArrayList<>(map.keySet()).contains(k)` too: every view can be asked."""
    return isinstance(copy.source, m.Name | m.Field | m.Call)


def _is_asked_in_java(call: Call, above: m.Call) -> bool:
    known = call.file.facts.types.known(call.type_of(above.receiver))
    asks = above.last in ("get", "containsKey", "contains", "getOrDefault", "indexOf", "remove", "equals")
    return known is not None and asks


def _folded_in_java(call: Call) -> Lookup | None:
    """`a.toLowerCase().equals(b.toLowerCase())`, reported at its left side."""
    above, receiver = call.parent, call.node.receiver
    is_text = call.receiver == "java.lang.String" and receiver is not None
    if not is_text or not isinstance(above, m.Call) or above.last != "equals" or len(above.args) != 1:
        return None
    is_left = above.receiver is call.node
    other = above.args[0] if is_left else above.receiver
    if other is None or not _is_folded_alike(call, other) or (not is_left and _is_folding(other)):
        return None
    if isinstance(other, m.Call) and len(other.args) != len(call.args):
        return None
    inner = other.receiver if isinstance(other, m.Call) else other
    left, right = (receiver, inner) if is_left else (inner, receiver)
    if left is None or right is None:
        return None
    return _replaced("case", above, f"{call.text(left)}.equalsIgnoreCase({call.text(right)})", exact=False)


# ---------------------------------------------------------------- Python


def _in_python(call: Call) -> Lookup | None:
    """`key in list(d.keys())`."""
    above, copy = call.parent, copy_of(call)
    searches = isinstance(above, m.Binary) and above.op in ("in", "not in") and above.right is call.node
    if copy is None or not searches or copy.deep:
        return None
    source, types = copy.source, call.file.facts.types
    if (
        isinstance(source, m.Call)
        and source.last == "keys"
        and source.receiver is not None
        and not source.args
    ):
        owner = types.known(call.type_of(source.receiver))
        if owner in ("dict", "defaultdict", "OrderedDict", "Counter"):
            source = source.receiver
    elif types.known(call.type_of(source)) == "str":
        # A part of a text is found in it, but not among its letters.
        return None
    return _replaced("question", call.node, call.text(source))


_LOOKUPS = {"rust": _in_rust, "java": _in_java, "python": _in_python}
