"""
Eager evaluation: what an argument allocates although nobody may ever need it, and whether it can wait.

An argument is evaluated before the call is made. Where the callee mostly throws it away, a function that
makes it on demand costs nothing. Only what is known to allocate counts; getters, constants, boxing and empty
collections, which allocate nothing or next to it, do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.effects import effect_of, is_pure
from alloclint.facts.names.getters import handed_out
from alloclint.facts.names.strings import constant_string
from alloclint.facts.often.working import work_of
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.names.types import Types


@dataclass(frozen=True, slots=True)
class Eager:
    """
    The part of an argument that allocates: `makes` says what, in words that go after "makes"; `heavy` where
    that is more than one copy: formatting, collecting, parsing, copying everything inside; `slight` for one
    small object of fixed size, which a just-in-time compiler may leave out; `guessed` for `toString()` of
    an unknown type, which may be an enum.
    """

    node: m.Expr
    makes: str
    heavy: bool = False
    slight: bool = False
    guessed: bool = False


class Waiting(IntEnum):
    """Whether an expression may be evaluated later, or not at all."""

    never = 0  # it leaves the function, or visibly acts
    perhaps = 1  # it calls what nobody knows, or might fail
    freely = 2


def eager_part(expression: m.Expr | None, call: Call) -> Eager | None:
    """The costliest part of an argument of a call that is known to allocate; of equals the first."""
    if constant_string(expression, call) is not None:
        return None
    made = [one for node in evaluated(expression) if (one := _made(node, call)) is not None]
    return max(made, key=lambda one: (one.heavy, not one.slight, not one.guessed), default=None)


def evaluated(expression: m.Expr | None) -> Iterator[m.Expr]:
    """An expression and the parts that are evaluated with it: the outer ones first, no closure's inside."""
    waiting: list[object] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple | list):
            waiting.extend(reversed(node))
        elif isinstance(node, m.Node) and not isinstance(node, _APART):
            if isinstance(node, m.Expr):
                yield node
            waiting.extend(getattr(node, name) for name in reversed(node.__dataclass_fields__))


_APART = (m.Closure, m.Function, m.TypeDecl, m.Type)


# ---------------------------------------------------------------- what is made


def _made(node: m.Expr, call: Call) -> Eager | None:
    if isinstance(node, m.Call):
        return _by_call(node, call)
    if isinstance(node, m.Comprehension):
        return Eager(node, f"a {node.kind}", heavy=True) if node.kind != "generator" else None
    if isinstance(node, m.Opaque):
        return Eager(node, "a str") if node.kind == "text" and node.parts else None
    if isinstance(node, m.Display):
        return _by_display(node, call)
    if isinstance(node, m.Binary) and node.op in ("+", "%"):
        return _by_operator(node, call)
    return None


def _by_display(node: m.Display, call: Call) -> Eager | None:
    """A collection that is written out and not empty; Rust's arrays and all tuples need no heap."""
    language = call.file.language.name
    if not node.items and node.repeat is None:
        return None
    if isinstance(node.repeat, m.Literal) and node.repeat.value == 0:
        return None
    if language == "python":
        return Eager(node, f"a {node.kind}") if node.kind != "tuple" else None
    if language == "rust":
        return Eager(node, "a Vec") if node.macro else None
    return Eager(node, "an array", slight=node.repeat is None)


def _by_operator(node: m.Binary, call: Call) -> Eager | None:
    """Text that is joined or filled in, unless all of it is constant."""
    known = call.file.facts.types.known(call.type_of(node))
    if known not in ("String", "str") or is_fixed(node, call):
        return None
    # Where another `+` takes the result, that one makes the text.
    return Eager(node, f"a {known}")


def is_fixed(node: m.Expr, call: Call) -> bool:
    """Whether it is constant; Java: also a constant of another class, which is written in capitals."""
    if isinstance(node, m.Binary) and node.op == "+":
        return is_fixed(node.left, call) and is_fixed(node.right, call)
    if isinstance(node, m.Literal) or constant_string(node, call) is not None:
        return True
    name = node.name if isinstance(node, m.Field) else node.id if isinstance(node, m.Name) else ""
    return call.file.language.name == "java" and name.isupper()


def _by_call(node: m.Call, call: Call) -> Eager | None:
    if node.kind == "macro":
        made = _MACROS.get(node.last)
        return Eager(node, made, heavy=True) if made is not None else None
    if node.kind == "new":
        return _by_constructor(node, call)
    if _copies_nothing(node, call):
        return None
    effect = effect_of(node, call)
    if effect is not None and effect.allocates and effect.allocates not in _BOXES:
        heavy = effect.cost == "heavy" or node.last == "collect"
        return Eager(node, effect.allocates, heavy=heavy, slight=effect.cost == "constant")
    return _by_unknown(node, call)


#: Rust: macros that make a value on the heap.
_MACROS = {"format": "a String", **dict.fromkeys(("anyhow", "eyre", "format_err"), "a formatted error")}
_BOXES = {"a boxed number"}


def _by_constructor(node: m.Call, call: Call) -> Eager:
    """A new object is small as long as it makes no room; an exception takes down where it is made."""
    if node.last.endswith(("Exception", "Error")):
        return Eager(node, f"a new {node.last} with its stack", heavy=True)
    types = call.file.facts.types
    collection = types.collection_named(node.name)
    sized = collection is not None and bool(node.args) and not _is_zero(node.args[0])
    return Eager(node, f"a new {node.last}", heavy=sized, slight=not sized)


def _is_zero(argument: m.Expr) -> bool:
    return isinstance(argument, m.Literal) and argument.value == 0


def _copies_nothing(node: m.Call, call: Call) -> bool:
    """A copy of what is empty, of a number or of a counted pointer; and what is no known type at all."""
    arguments = (node.receiver, *node.args) if node.kind == "method" else node.args
    if node.last in _TEXT_OF and any(_is_empty_text(one) or _is_char(one, call) for one in arguments):
        return True
    if node.last == "with_capacity" and node.args and _is_zero(node.args[0]):
        return True
    if call.file.language.name == "rust" and node.last in ("clone", "to_owned"):
        return not owns_heap(call.type_of(node.receiver), call)
    # `list()`, `dict()`, `List.of()`: the name is no evidence of anything in them.
    return not node.args and (node.kind == "function" or node.last in ("of", "asList"))


_TEXT_OF = {"to_string", "to_owned", "from", "valueOf", "str", "String"}


def _is_char(expression: m.Expr | None, call: Call) -> bool:
    """Java: the text of a `char` or a `boolean` is as small as text gets, or a constant."""
    type_ = call.type_of(expression) if call.file.language.name == "java" else None
    return type_ is not None and type_.kind == "named" and type_.last in ("char", "boolean")


def _is_empty_text(expression: m.Expr | None) -> bool:
    return isinstance(expression, m.Literal) and expression.value in ("", b"")


def owns_heap(type_: m.Type | None, call: Call) -> bool:
    """Rust: whether a copy of a value of this type is known to allocate."""
    types = call.file.facts.types
    if type_ is None or (type_.kind == "named" and type_.last in ("Rc", "Arc", "Cow", "Weak")):
        return False
    inner = type_.args[0] if type_.kind in ("ref", "mutref") and type_.args else type_
    if inner.last in ("Rc", "Arc", "Weak") or inner.kind == "array":
        return False
    is_list = types.known(type_) in ("str", "slice")
    return is_list or types.collection(type_) is not None or types.library(type_) in _OWNING


_OWNING = {
    "std::path::PathBuf",
    "std::path::Path",
    "std::ffi::OsString",
    "std::ffi::OsStr",
    "std::ffi::CString",
    "std::collections::BTreeMap",
    "std::collections::BTreeSet",
    "serde_json::Value",
}


def _by_unknown(node: m.Call, call: Call) -> Eager | None:
    """`toString()` of something that is no text already, a stream collected, a function of the file."""
    language = call.file.language.name
    if language == "java" and node.kind == "method":
        if node.last == "toString" and not node.args:
            if node.receiver is not None and is_fixed(node.receiver, call):
                # `Boolean.FALSE.toString()`: what an enum or a well-known constant is called.
                return None
            type_ = call.type_of(node.receiver)
            if is_text_type(type_, call):
                return None
            return Eager(node, "a String", guessed=not is_text_known(type_, call))
        is_collected = node.last == "collect" and bool(node.args)
        return Eager(node, "a collection", heavy=True) if is_collected else None
    if language != "python":
        return None
    work = work_of(node, call)
    return Eager(node, work.makes, heavy=work.repeated) if work is not None else None


def is_text_type(type_: m.Type | None, call: Call) -> bool:
    """Java: whether `toString()` of a value hands out what is there: of text, enums, paths."""
    types = call.file.facts.types
    if types.library(type_) in _TEXTUAL or (type_ is not None and type_.last in _KEPT):
        return True
    declared = types.declaration(type_)
    if declared is None:
        return False
    method = _text_method(declared, types)
    return declared.kind == "enum" if method is None else handed_out(method) is not None


def is_text_known(type_: m.Type | None, call: Call) -> bool:
    """
    Java: whether it is seen what `toString()` of a value does, which of a library's classes only the JDK's
    is: others may keep their text, and a subclass of an interface does as it likes.
    """
    types = call.file.facts.types
    plain = types.plain(type_)
    if plain is None or plain.last == "Object":
        return False
    declared = types.declaration(plain)
    if declared is None:
        return (types.library(plain) or "").startswith(("java.", "javax."))
    return declared.kind != "interface" or _text_method(declared, types) is not None


def _text_method(declared: m.TypeDecl | None, types: Types) -> m.Function | None:
    """`toString()` of a class, or of the nearest one that it extends, as far as the project declares them."""
    for _ in range(8):
        if declared is None:
            return None
        own = next((one for one in declared.functions if one.name == "toString" and not one.params), None)
        if own is not None or not declared.bases:
            return own
        declared = types.declaration(declared.bases[0])
    return None


_TEXTUAL = {"java.lang.String", "java.lang.CharSequence", "java.lang.Enum"}
#: Classes of the JDK that keep their text.
_KEPT = {"File", "Path", "Locale", "URI", "Charset", "Symbol", "Name"}


def is_array_text(node: m.Expr, call: Call) -> bool:
    """Java: `Arrays.toString(x)`, which stays what it is behind a template: an array prints its identity."""
    if not isinstance(node, m.Call) or node.last not in ("toString", "deepToString"):
        return False
    path = callee_path(node, call.file.facts.types, call.event.scope, call.event.order)
    return path in ("java.util.Arrays.toString", "java.util.Arrays.deepToString")


# ---------------------------------------------------------------- whether it can wait


def waiting(expression: m.Expr, call: Call) -> Waiting:
    """Whether an argument of a call may be evaluated later, or never, without anybody seeing it."""
    if _LEAVES.search(call.file.source, *expression.span):
        return Waiting.never
    return min((_waits(node, call) for node in _everything(expression)), default=Waiting.freely)


_LEAVES = re.compile(rb"\b(?:await|yield|return|break|continue|throw|raise)\b|:=")
_FAILING = {"unwrap", "expect", "unwrap_err", "orElseThrow"}
#: First words of methods that are no mere questions.
_ACTING = re.compile(
    r"(?:next|pop|take|recv|read|poll|drain|remove|lock|acquire|increment|decrement|get_?and|(?:in|de)crement"
    r"|fetch|generate|create|allocate|open|close|send|start|run|execute|call|apply|flush|write|log)",
    re.IGNORECASE,
)


def _everything(expression: m.Expr) -> Iterator[m.Node]:
    waiting: list[object] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple | list):
            waiting.extend(node)
        elif isinstance(node, m.Node) and not isinstance(node, _APART):
            yield node
            waiting.extend(getattr(node, name) for name in node.__dataclass_fields__)


def _waits(node: m.Node, call: Call) -> Waiting:
    if isinstance(node, m.MayReturn | m.Exit | m.Assign | m.Loop | m.Let):
        return Waiting.never
    if isinstance(node, m.Unary):
        return Waiting.never if node.op in ("++", "--", "&mut") else Waiting.freely
    if isinstance(node, m.Index):
        return Waiting.never
    if isinstance(node, m.Binary):
        divides = node.op in ("/", "//") or (node.op == "%" and call.file.language.name != "python")
        return Waiting.never if divides else Waiting.freely
    return _call_waits(node, call) if isinstance(node, m.Call) else Waiting.freely


def _call_waits(node: m.Call, call: Call) -> Waiting:
    if node.last in _FAILING:
        return Waiting.never
    if node.kind == "macro":
        return Waiting.freely if node.last in _MACROS else Waiting.never
    if is_pure(node, call):
        return Waiting.freely
    if node.kind == "method" and _ACTING.match(node.last):
        return Waiting.never
    if node.kind == "method" and not node.args:
        return Waiting.freely
    # A constructor that does more than to fill an object is rare, and a variant of an enum has none.
    is_made = node.kind == "new" or (node.kind == "function" and node.last[:1].isupper())
    return Waiting.freely if is_made else Waiting.perhaps
