"""
Collections that are built at each turn of a loop, filled and read there, and gone when the turn ends.

One that is built before the loop and cleared at each turn keeps its room. That it can be is what this module
makes sure of: nobody else gets hold of it, nothing takes its memory away, and (Rust) its entries do not
borrow from the turn.
"""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.facts.building.constructions import Construction
from alloclint.facts.building.sequences import inserted_before
from alloclint.facts.names.calls import Site
from alloclint.facts.often.escaping import is_within, stays_local
from alloclint.facts.often.invariance import varies_with
from alloclint.facts.walk.places import Role, roles
from alloclint.facts.walk.scopes import Frame, LoopFact
from alloclint.finding import Edit
from alloclint.syntax import model as m

#: What takes the memory along, although it looks like a loan.
_TAKING = {"take", "replace", "swap", "append"}
#: Rust: what takes entries out and leaves the collection its room.
_SHRINKING = {
    "clear", "truncate", "pop", "pop_front", "pop_back", "drain", "retain", "retain_mut", "dedup", "dedup_by",
    "dedup_by_key", "remove", "swap_remove", "extract_if", "as_mut_str", "make_ascii_lowercase",
    "make_ascii_uppercase", "entry", "pop_first", "pop_last", "peek_mut", "resize", "get_or_insert",
}  # fmt: skip
#: Rust: methods that fill the buffer that they are given.
_FILLING = {"read_line", "read_until", "read_to_end", "read_to_string", "write_fmt", "encode_utf8"}
#: Rust: types of entries that own what they are.
_OWNED = {"String", "PathBuf", "bool", "char", "f32", "f64", "u128", "i128"}
_NESTED = {"Vec", "Option", "Box", "VecDeque", "HashMap", "HashSet", "BTreeMap", "BTreeSet"}
#: Frames that an addition may stand in and still be made at each turn.
_RUNS = ("loop", "try")


@dataclass(frozen=True, slots=True)
class Refilled:
    """A collection that could be built before `loop`, and cleared where it is built now."""

    built: Construction
    loop: LoopFact
    site: Site

    @property
    def name(self) -> str:
        return self.built.name or ""

    @property
    def clearing(self) -> str:
        """The statement that makes it empty again."""
        if self.built.file.language.name == "rust":
            return f"{self.name}.clear();"
        is_text = self.built.collection.kind == "string"
        return f"{self.name}.setLength(0);" if is_text else f"{self.name}.clear();"

    @property
    def declaration(self) -> str:
        """How it is declared now, as it would be before the loop."""
        assert self.built.statement is not None
        return self.built.file.text(*self.built.statement.span).rstrip().rstrip(";") + ";"

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Declare it before the loop, clear it here; none where another name is in the way."""
        statement, file = self.built.statement, self.built.file
        trace = self.site.function.trace
        if statement is None or not isinstance(self.loop.node, m.Loop):
            return ()
        others = [one for one in trace.bindings if one.name == self.name]
        before = inserted_before(file, self.loop.node, self.declaration)
        if len(others) != 1 or before is None or "\n" in self.declaration:
            return ()
        end = statement.end
        end += file.source[end : end + 1] == b";"
        return (before, Edit(statement.start, end, self.clearing))


def refilled(built: Construction) -> Refilled | None:
    """What could be built before the loop around; None where it could not, or nothing would be saved."""
    if built.binding != "local" or built.place is None or built.wrapped or built.source is not None:
        return None
    site = Site(built.function, built.event)
    loop, binding = site.loop, built.place.binding
    if loop is None or not isinstance(loop.node, m.Loop) or not isinstance(built.statement, m.Let):
        return None
    kind = built.collection.kind
    if not built.place.is_local or not is_within(binding, loop) or not stays_local(binding, site, kind):
        return None
    used = roles(built.place, built.function.trace, built.file.language, kind)
    value = built.statement.value
    if value is not None and varies_with(value, loop, site):
        # A capacity that only the turn knows cannot be asked for before the loop.
        return None
    keeps = all(_keeps_its_room(role, site) for role in used if role.node is not built.statement)
    is_filled = any(_fills(role, built) for role in used)
    return Refilled(built, loop, site) if keeps and is_filled and _owns_its_entries(built, used) else None


def _fills(role: Role, built: Construction) -> bool:
    """Whether a use adds something at each turn: not under a condition, not by a closure."""
    is_filling = isinstance(role.node, m.Call) and role.node.last in _FILLING and role.kind == "lent"
    return (role.kind == "grows" or is_filling) and _is_unconditional(role.use.frame, built.event.frame)


def _is_unconditional(frame: Frame, outer: Frame) -> bool:
    return frame.is_inside(outer) and all(one.kind in _RUNS for one in frame.within(outer))


def _keeps_its_room(role: Role, site: Site) -> bool:
    """Whether the collection has its memory after a use, and nobody else has."""
    frame = role.use.frame
    if any(one.kind in ("closure", "async") for one in frame.within(site.event.frame)):
        return False
    node = role.node
    if site.file.language.name == "java":
        return role.kind in ("read", "grows", "shrinks", "reserves", "lent") and not _hands_on(role, site)
    if isinstance(node, m.Loop | m.Branch | m.Arm | m.Comprehension):
        return isinstance(node, m.Loop) and node.iterable is not role.use.expr
    if isinstance(node, m.Binary):
        return node.op != "+" or node.left is not role.use.expr
    if not isinstance(node, m.Call):
        return True
    if node.kind == "macro":
        return role.kind in ("read", "grows")
    if role.kind == "shrinks":
        return node.last in _SHRINKING or (node.last in site.file.language.adaptors and _borrows(node.last))
    return role.kind != "lent" or node.last not in _TAKING


def _borrows(method: str) -> bool:
    return not method.startswith("into_")


def _hands_on(role: Role, site: Site) -> bool:
    """Java: `write(text.append(x))` hands on the builder that `append` returns."""
    if role.kind != "grows" or not isinstance(role.node, m.Call):
        return False
    growing = site.file.language.growing["string"]
    chain = [role.node, *site.function.trace.calls_upon(role.node)]
    if chain[-1].last not in growing:
        return False
    around = site.function.trace.around_of(chain[-1])
    outer = around.up.node if around is not None and around.up is not None else None
    return not isinstance(outer, m.Eval) or outer.tail


def _owns_its_entries(built: Construction, used: list[Role]) -> bool:
    """Rust: whether the entries are known not to borrow from the turn, which the collection would outlive."""
    if built.file.language.name != "rust" or built.collection.kind == "string":
        return True
    declared = built.declared_type or built.type
    if declared is not None and declared.args:
        return all(_is_owned(argument, built) for argument in declared.args)
    calls = [role.node for role in used if role.kind == "grows" and isinstance(role.node, m.Call)]
    given = [(call, argument) for call in calls for argument in call.args]
    return bool(given) and all(_is_owned_value(call, argument, built) for call, argument in given)


def _is_owned_value(call: m.Call, argument: m.Expr, built: Construction) -> bool:
    if isinstance(argument, m.Literal):
        return argument.kind not in ("string", "bytes")
    trace, types = built.function.trace, built.file.facts.types
    scope, at = trace.scope_of(call), trace.done_at(call)
    if scope is None or at is None:
        return False
    return _is_owned(types.of(argument, trace, scope, at), built)


def _is_owned(type_: m.Type | None, built: Construction, depth: int = 0) -> bool:
    types = built.file.facts.types
    if (
        type_ is None
        or depth > 4
        or type_.kind in ("ref", "mutref", "dyn", "impl", "unknown", "infer", "slice")
    ):
        return False
    if type_.kind in ("tuple", "array"):
        return bool(type_.args) and all(_is_owned(one, built, depth + 1) for one in type_.args)
    if types.integer(type_) is not None or type_.last in _OWNED:
        return True
    if type_.last in _NESTED:
        return bool(type_.args) and all(_is_owned(one, built, depth + 1) for one in type_.args)
    declared = types.declaration(type_)
    return declared is not None and not declared.type_params and not type_.args
