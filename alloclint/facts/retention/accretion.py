"""
Accretion: what a file does to a collection that lasts, and whether all of it only adds.

Each mention of the collection must be understood: a look-up, an iteration, an addition, through guards and
local names for it. Whatever else is done, handing it out, passing it on, comparing its length, taking
something out of it or giving the name another value, makes the answer None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alloclint.facts.names.calls import Call
from alloclint.facts.names.finite import has_few_values, means_few
from alloclint.facts.names.strings import constant_string
from alloclint.facts.retention.lasting import Lasting
from alloclint.facts.walk.nodes import descendants
from alloclint.facts.walk.scopes import Binding, Event, Link, Use
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File


@dataclass(frozen=True, slots=True)
class Addition:
    """
    A call or an assignment that adds, seen from `here`. `key` is what tells entries apart: a map's key, a
    set's element; None in a list. `value` is what a map keeps. `absent`: it adds only what is not there yet
    (`computeIfAbsent`).
    """

    here: Call
    node: m.Node
    key: m.Expr | None
    value: m.Expr | None = None
    absent: bool = False


@dataclass(slots=True)
class Accretion:
    """What a file does to a collection: what it adds, and which functions (identities) look something up."""

    additions: list[Addition] = field(default_factory=list)
    looked_up: set[int] = field(default_factory=set)

    def is_on_demand(self, addition: Addition) -> bool:
        """
        Whether it adds what was looked for and not there: a cache is filled like that.

        What a caller brings along is registered, not cached; empty collections are made to gather in.
        """
        if _is_given(addition) or _is_empty(addition.value):
            return False
        return addition.absent or id(addition.here.function) in self.looked_up


def _is_given(addition: Addition) -> bool:
    """Whether the value is a parameter as it came in, or a copy of it."""
    value = addition.value
    while isinstance(value, m.Call) and (value.last in _COPYING or value.kind == "new"):
        inner = value.receiver or next(iter(value.args), None)
        if len(value.args) > 1 or inner is None:
            break
        value = inner
    binding = addition.here.binding(value.id) if isinstance(value, m.Name) else None
    return binding is not None and binding.kind in ("param", "closure") and not binding.assigned


def _is_empty(value: m.Expr | None) -> bool:
    """Whether a value is an empty collection, or a function that makes one."""
    if isinstance(value, m.Closure):
        only = value.body.statements
        value = only[0].value if len(only) == 1 and isinstance(only[0], m.Eval) else None
    if isinstance(value, m.Display):
        return not value.items and value.repeat is None
    if isinstance(value, m.MethodRef):
        return value.name == "new"
    if isinstance(value, m.Path):
        return value.name[-1] in ("new", "default")
    if not isinstance(value, m.Call) or value.args or value.receiver is not None:
        return False
    return value.kind == "new" or value.last in _EMPTY


_COPYING = {
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "copy",
    "clone",
    "to_string",
    "to_owned",
    "to_vec",
    "into",
    "copyOf",
}
_EMPTY = {"new", "default", "list", "dict", "set", "defaultdict", "OrderedDict", "deque", "newKeySet"}


class _OtherwiseUsedError(Exception):
    """Something is done that is more than looking and adding."""


def accretion_of(lasting: Lasting, file: File) -> Accretion | None:
    """What a file does to a collection, if it only looks and adds; None for anything else."""
    name = lasting.field.name
    if sum(item.name == name for item in _all_fields(file)) > 1:
        return None
    found, seen = Accretion(), set[int]()
    try:
        for function in file.facts.functions_with((name,)):
            _Reader(lasting, function, found, seen).read()
    except _OtherwiseUsedError:
        return None
    return found if found.additions and _is_all_seen(lasting, file, seen) else None


def varies(addition: Addition, lasting: Lasting) -> bool:
    """Whether keys come from what a function is given, and are not of a kind of which there are few."""
    # What a static of Rust refers to stands in the program.
    is_borrowed = lasting.key is not None and lasting.key.kind == "ref"
    if is_borrowed or has_few_values(lasting.key, addition.here.file.facts.types):
        return False
    return addition.key is None or _may_vary(addition.key, addition.here, 0)


#: Calls that tell somebody, once for each entry of a set.
_TELLING = {
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "trace",
    "warn_explicit", "eprintln", "println",
}  # fmt: skip


def is_of_reported(addition: Addition, lasting: Lasting) -> bool:
    """
    Whether a set keeps what was told already, or what else is known of: there are few such things.
    """
    if lasting.kind != "set":
        return False
    value = lasting.field.value
    if isinstance(value, m.Display) and value.items:
        return True
    calls = (event.node for event in addition.here.function.trace.calls)
    return any(isinstance(node, m.Call) and node.last in _TELLING for node in calls)


def _all_fields(file: File) -> Iterator[m.FieldDecl]:
    yield from file.unit.fields
    for owner in file.facts.types.declared.values():
        yield from owner.fields


def _is_all_seen(lasting: Lasting, file: File, seen: set[int]) -> bool:
    """Whether every mention in the text, comments apart, is its declaration or one that was understood."""
    declared = lasting.field
    pattern = rb"(?<![\w$])%s(?![\w$])" % re.escape(declared.name.encode())
    for match in re.finditer(pattern, file.source):
        at = match.start()
        if at in seen or declared.start <= at < declared.end or file.unit.comment_at(at) is not None:
            continue
        line = file.source[file.source.rfind(b"\n", 0, at) + 1 : at].lstrip()
        if not line.startswith((b"global ", b"nonlocal ")):
            return False
    return True


_CHECKED = {"len", "size", "is_empty", "isEmpty", "capacity"}
#: Rust: what stands between a static and the collection in it.
_GUARDING = {
    "lock", "read", "write", "unwrap", "expect", "borrow", "borrow_mut", "unwrap_or_else", "get_or_init",
    "deref", "deref_mut", "as_ref", "as_mut", "force", "try_lock", "get_mut", "upgradable_read",
    "get_or_insert_with",
}  # fmt: skip
_WITH = {"with", "with_borrow", "with_borrow_mut"}
_LOOKING = {
    "java": {"get", "containsKey", "contains", "getOrDefault", "getIfPresent"},
    "rust": {"get", "contains_key", "contains", "get_mut", "get_key_value"},
    "python": {"get", "__contains__"},
}
_ABSENT = {"computeIfAbsent", "putIfAbsent", "setdefault", "entry", "compute", "merge"}
#: Reads through which entries can be taken out, or the collection handed on.
_RISKY = {"iterator", "listIterator", "drain", "into_iter", "copy", "clone", "subList", "spliterator"}
_VIEWS = {"keySet", "values", "entrySet", "keys", "items", "values_mut", "iter_mut"}
_BUILTIN_READS = {
    "sorted",
    "any",
    "all",
    "sum",
    "min",
    "max",
    "repr",
    "str",
    "enumerate",
    "list",
    "tuple",
    "print",
}
_SELVES = ("self", "cls", "this")


class _Reader:
    """Reads what one function does to the collection."""

    def __init__(self, lasting: Lasting, function: Function, found: Accretion, seen: set[int]) -> None:
        self.lasting, self.function, self.found, self.seen = lasting, function, found, seen
        self.language = function.file.language
        self.growing = self.language.growing.get(lasting.kind, {})
        self.aliases: set[int] = set()

    def read(self) -> None:
        if self.function.declaration.name == self.lasting.field.name and self._is_own_initialiser():
            return
        for use in self.function.trace.uses:
            root = self._root(use)
            if root is not None:
                self._judge(root[0], root[1], use)

    def _is_own_initialiser(self) -> bool:
        facts = self.function.file.facts
        return facts.modifiers_of_initialiser(self.function.declaration) is not None

    def _root(self, use: Use) -> tuple[m.Expr, Link | None] | None:
        """The expression that names the collection, and what stands around it."""
        name, expression = self.lasting.field.name, use.expr
        if expression is None:
            if use.binding.name == name and use.binding.kind in ("free", "static", "field"):
                raise _OtherwiseUsedError
            return None
        if expression.id == name and use.binding.kind in ("free", "static", "field"):
            # A class attribute of Python is not reached by its bare name from a method.
            self.seen.add(expression.start)
            return expression, use.around
        outer = use.around.node if use.around is not None else None
        if isinstance(outer, m.Field) and outer.name == name and self._is_owner(expression.id):
            assert use.around is not None
            self.seen.add(outer.end - len(name.encode()))
            return outer, use.around.up
        return None

    def _is_owner(self, name: str) -> bool:
        owner = self.lasting.owner
        return owner is not None and (name in _SELVES or name == owner.name)

    # ------------------------------------------------------------ one use

    def _judge(self, expression: m.Expr, link: Link | None, use: Use) -> None:
        expression, link = _past_guards(expression, link, self.language.name)
        node = link.node if link is not None else None
        if node is None or link is None:
            raise _OtherwiseUsedError
        if isinstance(node, m.Call):
            self._judge_call(node, expression, link, use)
        elif isinstance(node, m.Index) and node.of is expression:
            self._judge_index(node, link, use)
        elif isinstance(node, m.Binary):
            self._judge_binary(node, expression, link)
        elif isinstance(node, m.Assign):
            self._judge_assign(node, expression, use)
        elif isinstance(node, m.Let | m.Branch):
            self._follow(expression)
        elif isinstance(node, m.Eval) and not node.tail:
            return
        elif not isinstance(node, m.Loop | m.Clause) or node.iterable is not expression:
            raise _OtherwiseUsedError

    def _follow(self, expression: m.Expr) -> None:
        """Judges every use of the local names that an expression is given."""
        bound = [one for one in self.function.trace.bindings if one.value is expression]
        if not bound:
            raise _OtherwiseUsedError
        for binding in bound:
            self._follow_binding(binding)

    def _follow_binding(self, binding: Binding) -> None:
        if id(binding) in self.aliases:
            return
        self.aliases.add(id(binding))
        for use in self.function.trace.uses_of(binding):
            if use.expr is None:
                raise _OtherwiseUsedError
            if not (isinstance(binding.node, m.Assign) and use.expr is binding.node.target):
                self._judge(use.expr, use.around, use)

    def _judge_call(self, call: m.Call, expression: m.Expr, link: Link, use: Use) -> None:
        if call.receiver is not expression:
            self._judge_argument(call, link)
        elif call.last in _WITH and call.args and isinstance(call.args[0], m.Closure):
            self._follow_closure(call.args[0])
        elif call.last in self.growing:
            self._judge_growing(call, link, use)
        elif call.last in _CHECKED:
            self._judge_length(link.up)
        elif call.last in _RISKY or not (
            call.last in self.language.reading or call.last in self.language.adaptors
        ):
            raise _OtherwiseUsedError
        else:
            self._judge_reading(call, link)

    def _judge_growing(self, call: m.Call, link: Link, use: Use) -> None:
        if _removes(call):
            raise _OtherwiseUsedError
        growing = self.growing[call.last]
        is_keyed = growing.key is not None and growing.amount == "one" and growing.key < len(call.args)
        key = call.args[growing.key] if is_keyed and growing.key is not None else None
        value = call.args[1] if self.lasting.kind == "map" and len(call.args) == 2 else None
        if call.last == "entry":
            value = _of_entry(call, link)
        self._add(call, key, use, value, absent=call.last in _ABSENT)

    def _judge_argument(self, call: m.Call, link: Link) -> None:
        if self.language.name == "python" and call.kind == "function" and call.last == "len":
            self._judge_length(link.up)
            return
        if self.language.name != "python" or call.kind != "function" or call.last not in _BUILTIN_READS:
            raise _OtherwiseUsedError

    def _follow_closure(self, closure: m.Closure) -> None:
        bound = [one for one in self.function.trace.bindings if one.node is closure]
        if len(bound) != 1:
            raise _OtherwiseUsedError
        self._follow_binding(bound[0])

    def _judge_reading(self, call: m.Call, link: Link) -> None:
        if call.last in _LOOKING[self.language.name]:
            self._look_up(link)
        outer = link.up.node if link.up is not None else None
        if call.last in _VIEWS and not isinstance(outer, m.Loop | m.Clause):
            is_read = isinstance(outer, m.Call) and outer.receiver is call and outer.last not in _RISKY
            reads = (
                is_read
                and isinstance(outer, m.Call)
                and (outer.last in self.language.reading or outer.last in self.language.adaptors)
            )
            if not reads:
                raise _OtherwiseUsedError

    def _judge_length(self, link: Link | None) -> None:
        """A length that is only told is harmless; one that is compared or kept may be a bound."""
        while link is not None and isinstance(link.node, m.Cast | m.MayReturn | m.Keyword):
            link = link.up
        node = link.node if link is not None else None
        if not isinstance(node, m.Call | m.Exit):
            raise _OtherwiseUsedError

    def _judge_index(self, index: m.Index, link: Link, use: Use) -> None:
        outer = link.up.node if link.up is not None else None
        stores = isinstance(outer, m.Assign) and outer.target is index
        if isinstance(outer, m.Opaque) and outer.kind == "delete":
            raise _OtherwiseUsedError
        if self.lasting.kind == "map" and (stores or self.lasting.counting):
            value = outer.value if stores and isinstance(outer, m.Assign) else None
            self._add(
                outer if stores and outer is not None else index, index.index, use, value, absent=not stores
            )
        elif stores and isinstance(index.index, m.Range):
            raise _OtherwiseUsedError
        else:
            self._look_up(link)

    def _judge_binary(self, node: m.Binary, expression: m.Expr, link: Link) -> None:
        if node.op not in ("in", "not in", "is", "is not") or node.right is not expression:
            raise _OtherwiseUsedError
        self._look_up(link)

    def _look_up(self, link: Link) -> None:
        if not _refuses(link):
            self.found.looked_up.add(id(self.function))

    def _judge_assign(self, assign: m.Assign, expression: m.Expr, use: Use) -> None:
        if assign.target is expression:
            if assign.start == self.lasting.field.start:
                return
            if assign.op not in ("+=", "|="):
                raise _OtherwiseUsedError
            self._add(assign, None, use)
            return
        self._follow(expression)

    def _add(
        self, node: m.Node, key: m.Expr | None, use: Use, value: m.Expr | None = None, *, absent: bool = False
    ) -> None:
        trace = self.function.trace
        scope, at = trace.scope_of(node) or trace.scope, trace.done_at(node)
        event = Event(node, at if at is not None else use.order, use.frame, scope, use.around)
        self.found.additions.append(Addition(Call(self.function, event), node, key, value, absent))


def _past_guards(expression: m.Expr, link: Link | None, language: str) -> tuple[m.Expr, Link | None]:
    """What a lock, a cell or a borrow around an expression gives access to."""
    while link is not None:
        node = link.node
        is_borrow = isinstance(node, m.Unary) and node.op in ("&", "&mut", "*")
        is_guard = (
            language == "rust"
            and isinstance(node, m.Call)
            and node.receiver is expression
            and node.last in _GUARDING
            and not (node.last == "get_mut" and node.args)
        )
        if not is_borrow and not is_guard and not isinstance(node, m.MayReturn):
            break
        assert isinstance(node, m.Expr)
        expression, link = node, link.up
    return expression, link


def _of_entry(entry: m.Call, link: Link) -> m.Expr | None:
    """Rust: what `.or_insert(…)` or `.or_insert_with(…)` puts where there is no entry."""
    outer = link.up.node if link.up is not None else None
    if not isinstance(outer, m.Call) or outer.receiver is not entry:
        return None
    if outer.last == "or_default":
        return m.Path(outer.start, outer.end, ("Default", "default"))
    return outer.args[0] if outer.last.startswith("or_") and outer.args else None


def _removes(call: m.Call) -> bool:
    """Java: `compute` and `merge` take an entry out where their function returns null."""
    nodes = (node for argument in call.args for node in descendants(argument))
    return call.last in ("compute", "merge") and any(
        isinstance(node, m.Literal) and node.kind == "null" for node in nodes
    )


def _refuses(link: Link | None) -> bool:
    """Whether what is looked up only decides to throw: a name that is taken twice is an error."""
    while link is not None and not isinstance(link.node, m.Stmt):
        link = link.up
    node = link.node if link is not None else None
    if not isinstance(node, m.Branch) or node.kind != "if":
        return False
    body = node.arms[0].body.statements
    return bool(body) and isinstance(body[-1], m.Exit) and body[-1].kind == "throw"


# ---------------------------------------------------------------- keys


def _may_vary(key: m.Expr, here: Call, depth: int) -> bool:
    """Whether a key is made from a parameter or a loop's variable, and is of no type with few values."""
    if depth > 8 or isinstance(key, m.Literal) or constant_string(key, here) is not None:
        return False
    types = here.file.facts.types
    if has_few_values(here.type_of(key), types):
        return False
    if isinstance(key, m.Name):
        return _name_may_vary(key, here, depth)
    if isinstance(key, m.Field) and (key.name in _OF_CLASSES or _is_self(key.of)):
        return False
    if isinstance(key, m.Call) and key.last in _OF_CLASSES:
        return False
    if isinstance(key, m.Binary) and key.op in ("%", "&") and isinstance(key.right, m.Literal):
        return False
    varying = [part for part in _parts(key) if _may_vary(part, here, depth + 1)]
    return bool(varying) and not _are_modes(varying, list(_parts(key)), here)


def _are_modes(varying: list[m.Expr], parts: list[m.Expr], here: Call) -> bool:
    """Whether all that varies in a key is a small number beside a locale or a class: a style."""
    types = here.file.facts.types
    beside = any(part not in varying and has_few_values(here.type_of(part), types) for part in parts)
    kinds = (types.plain(here.type_of(part)) for part in varying)
    return beside and all(
        kind is not None and kind.last in ("int", "Integer", "i32", "u32") for kind in kinds
    )


_OF_CLASSES = {
    "__class__", "__name__", "__module__", "__qualname__", "__func__", "__code__", "type", "getClass",
    "class", "type_id", "type_name",
}  # fmt: skip


def _is_self(expression: m.Expr) -> bool:
    return isinstance(expression, m.Name) and expression.id in _SELVES


def _name_may_vary(name: m.Name, here: Call, depth: int) -> bool:
    binding = here.binding(name.id)
    if binding is None or binding.kind in ("self", "import", "constant"):
        return False
    if binding.kind == "local":
        return binding.value is not None and _may_vary(binding.value, here, depth + 1)
    if binding.kind not in ("param", "loop", "closure", "pattern"):
        return False
    types = here.file.facts.types
    return not means_few(name.id) and not has_few_values(
        types.of_binding(binding, here.function.trace), types
    )


def _parts(key: m.Expr) -> Iterator[m.Expr]:
    if isinstance(key, m.Call):
        yield from (one for one in (key.receiver, *key.args) if one is not None)
    elif isinstance(key, m.Display):
        yield from key.items
    elif isinstance(key, m.Binary):
        yield from (key.left, key.right)
    elif isinstance(key, m.Opaque):
        yield from key.parts
    elif isinstance(key, m.Index):
        yield from (key.of, key.index)
    elif isinstance(key, m.Field):
        yield key.of
    elif isinstance(key, m.Unary):
        yield key.operand
    elif isinstance(key, m.Cast | m.MayReturn | m.Keyword):
        yield key.value
