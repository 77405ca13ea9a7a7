"""
Interning: what keeps a value for the rest of the process, so that equal ones are one.

A table of interned strings, a leaked box, a symbol of an interner: nothing in the program takes it back. What
is constant, or given on as a raw pointer that somebody frees, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.calls import Call
from alloclint.facts.names.strings import constant_string
from alloclint.facts.retention.caching import cached_in
from alloclint.facts.retention.lasting import unguarded
from alloclint.facts.walk.nodes import descendants
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File


@dataclass(frozen=True, slots=True)
class Interned:
    """
    A value that is kept: by `call`, named in words by `how`. `lasting` says whether what keeps it is certain
    to outlive the function, `text` whether it is text, not some object that there may be one of.
    """

    call: Call
    value: m.Expr
    how: str
    lasting: bool = True
    text: bool = True


#: Names of the calls that keep a value, by language.
NAMES = {"rust": ("leak", "get_or_intern"), "java": ("intern",), "python": ("intern",)}
#: Rust: crates whose types keep what they are made from, and the full paths of the functions that make them.
_CRATES = ("internment", "ustr")
_MAKING = {"internment::Intern::new", "internment::Intern::from", "ustr::ustr", "ustr::Ustr::from"}
_MAKERS = ("new", "from", "ustr")
_LEAKING = {"std::boxed::Box::leak", "std::string::String::leak", "std::vec::Vec::leak"}
_LEAKABLE = {"std::string::String", "std::vec::Vec"}
_INTERNERS = {
    "string_interner::StringInterner",
    "string_interner::DefaultStringInterner",
    "lasso::Rodeo",
    "lasso::ThreadedRodeo",
}
#: Rust: what takes a leaked box over as a raw pointer.
_POINTERS = {"NonNull", "Box", "AtomicPtr", "Unique", "Self"}


def interned_in(file: File) -> Iterator[Interned]:
    """Every value that a file keeps for good, constants left out, in the order of its functions."""
    names = NAMES[file.language.name]
    if any(one.path[:1] == (crate,) for one in file.unit.imports for crate in _CRATES):
        names = (*names, *_MAKERS)
    aliases = (one.alias for one in file.unit.imports if one.path[-1:] == ("intern",) and not one.static)
    for call in file.facts.calls(tuple(dict.fromkeys((*names, *aliases)))):
        found = _OF[file.language.name](call)
        if found is not None and not _is_constant(found.value, call):
            yield found


def has_bound(call: Call) -> bool:
    """Whether a cache stands before a value is kept: of the function's results, or one that is cleared."""
    declaration = call.function.declaration
    if any(one.function.start == declaration.start for one in cached_in(call.file)):
        return True
    names = {event.node.last for event in call.function.trace.calls if isinstance(event.node, m.Call)}
    return "clear" in names and bool(names & {"size", "len"})


def is_only_compared(call: Call) -> bool:
    """Java: whether nothing is asked of an interned string but what any equal one answers."""
    parent = call.parent
    asks = isinstance(parent, m.Call) and parent.receiver is call.node
    return asks and isinstance(parent, m.Call) and parent.last in ("hashCode", "equals", "length", "isEmpty")


def _in_java(call: Call) -> Interned | None:
    receiver = call.node.receiver
    if call.args or receiver is None or call.receiver != "java.lang.String":
        return None
    return Interned(call, receiver, "`String.intern()`")


def _in_python(call: Call) -> Interned | None:
    value = call.argument(0)
    return Interned(call, value, "`sys.intern`") if value is not None and call.path == "sys.intern" else None


def _in_rust(call: Call) -> Interned | None:
    if call.name == "leak":
        return _leaked(call)
    value = call.argument(0)
    if value is None:
        return None
    if call.name == "get_or_intern":
        static = _static(call)
        type_ = unguarded(static.type) if static is not None else call.receiver_type
        if call.file.facts.types.library(type_) in _INTERNERS:
            return Interned(call, value, "`get_or_intern`", lasting=static is not None)
    return Interned(call, value, f"`{call.path}`") if call.path in _MAKING else None


def _leaked(call: Call) -> Interned | None:
    if call.path in _LEAKING:
        value, how = call.argument(0), "::".join(str(call.path).split("::")[-2:])
    elif call.node.kind == "method" and call.receiver in _LEAKABLE:
        value, how = call.node.receiver, "leak"
    else:
        return None
    # A method of that name hands on what it wraps.
    if value is None or _becomes_pointer(call) or call.function.declaration.name == "leak":
        return None
    return Interned(call, value, f"`{how}`", text=_is_text(value, call))


def _is_text(value: m.Expr, call: Call) -> bool:
    """Whether what is leaked is text or a slice: that is done for the sake of a `'static` borrow."""
    if call.file.facts.types.library(call.type_of(value)) in (*_LEAKABLE, "str", "slice"):
        return True
    return isinstance(value, m.Call) and value.last in ("into_boxed_str", "into_boxed_slice")


def _static(call: Call) -> m.FieldDecl | None:
    """The static that a method is called on, whatever guards it."""
    receiver = call.node.receiver
    while isinstance(receiver, m.Call) and receiver.receiver is not None:
        receiver = receiver.receiver
    return call.file.facts.types.statics.get(receiver.id) if isinstance(receiver, m.Name) else None


def _becomes_pointer(call: Call) -> bool:
    """Whether what is leaked is given on as a raw pointer: somebody means to free it."""
    for node in call.parents:
        if isinstance(node, m.Cast):
            return node.type.kind == "pointer"
        if isinstance(node, m.Call):
            if node.kind == "function" and len(node.name) > 1 and node.name[-2] in _POINTERS:
                return True
            if node.last in ("into", "as_ptr", "as_mut_ptr"):
                return True
        elif isinstance(node, m.Let):
            return node.type is not None and node.type.kind == "pointer"
        elif isinstance(node, m.Stmt):
            return False
    return False


def _is_constant(value: m.Expr, call: Call) -> bool:
    """A constant string, or an expression without a variable in it."""
    if constant_string(value, call) is not None:
        return True
    nodes = list(descendants(value))
    if any(isinstance(node, m.Call) and node.kind == "macro" and node.mentions for node in nodes):
        return False
    if any(isinstance(node, m.Name) and not node.id.isupper() for node in nodes):
        return False
    # A call without arguments may return something else each time.
    return not any(isinstance(node, m.Call) and node.kind == "function" and not node.args for node in nodes)


_OF = {"rust": _in_rust, "java": _in_java, "python": _in_python}
