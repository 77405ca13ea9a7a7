"""
What is made of constants at each turn of a loop, and could be made once.

A collection written out, a buffer of a size that the loop does not change, a formatter with a fixed pattern.
Each is the same at every turn as long as nobody changes it in the turn or gets hold of it. A buffer that the
turn fills by reading into it may be made once as well: what it held before is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.calls import Call, Site
from alloclint.facts.names.effects import is_pure
from alloclint.facts.often.escaping import is_consumed, is_within, local_of
from alloclint.facts.often.invariance import is_invariant
from alloclint.facts.often.repetition import is_in_handler
from alloclint.facts.walk.places import Place, Role, roles
from alloclint.facts.walk.scopes import Binding, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: Fewer constants than these are not worth a word in Python, which copies them from a tuple.
_FEW = {"rust": 1, "java": 1, "python": 4}
#: Types whose making is costly, and what they are; those that nothing changes may go anywhere.
_FORMATTERS = {
    "java.text.SimpleDateFormat", "java.text.DecimalFormat", "java.text.MessageFormat",
    "java.text.ChoiceFormat", "textwrap.TextWrapper", "json.JSONEncoder", "json.JSONDecoder",
}  # fmt: skip
_UNCHANGEABLE = {
    "java.time.format.DateTimeFormatter.ofPattern", "decimal.Decimal", "fractions.Fraction", "struct.Struct",
    "string.Template",
}  # fmt: skip
_FIXED_LISTS = {"java.util.List.of", "java.util.Set.of", "java.util.Map.of"}
_LISTS = {"java.util.Arrays.asList"}
#: Methods that read into a buffer, and those that set up a formatter.
_FILLING = {
    "read", "read_exact", "readFully", "readNBytes", "readinto", "recv", "recv_into", "recv_from", "read_at",
    "read_exact_at", "fill_bytes", "nextBytes", "copy_from_slice", "read_buf",
}  # fmt: skip
_USING = {"format", "parse", "fill", "wrap", "encode", "decode", "iterencode", "raw_decode"}
#: Methods that leave the length of a collection alone, but not its entries.
_REARRANGING = {
    "set", "sort", "sort_by", "sort_by_key", "sort_unstable", "sort_unstable_by", "reverse", "fill", "swap",
    "replaceAll", "listIterator", "iterator", "iter_mut", "get_mut", "first_mut", "last_mut", "chunks_mut",
    "copy_from_slice", "clone_from_slice", "rotate_left", "rotate_right", "as_mut_slice", "swap_with_slice",
    "as_mut_ptr", "split_at_mut", "values_mut",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """
    `what` is made anew in each turn of `loop`, in words; `local` is the name it gets, if any.

    `filled` says that the turn reads into it, `shared` that it is made of constants alone, so that a constant
    of the file may hold it.
    """

    site: Site
    loop: LoopFact
    what: str
    local: Binding | None
    filled: bool = False
    shared: bool = False


def rebuilt_in(function: Function) -> Iterator[Rebuilt]:
    """Everything that a function makes of constants at each turn, in order of evaluation."""
    events = sorted((*function.trace.displays, *function.trace.calls), key=lambda event: event.order)
    for event in events:
        if isinstance(event.node, m.Call):
            found = _called(Call(function, event))
        else:
            found = _written_out(Site(function, event))
        if (
            found is not None
            and not is_in_handler(event)
            and not _is_made_late(found.site)
            and _is_long(found)
        ):
            yield found


def _is_made_late(site: Site) -> bool:
    """`if (x == null) x = …`: what is only made where there is none yet is kept."""
    branches = (frame.node for frame in site.event.frame.within(None) if frame.kind == "arm")
    tests = (arm.test for one in branches if isinstance(one, m.Branch) for arm in one.arms)
    return any(
        isinstance(test, m.Binary) and test.op in ("==", "is") and _is_null(test.right) for test in tests
    )


def _is_null(expression: m.Expr) -> bool:
    return isinstance(expression, m.Literal) and expression.kind == "null"


def _is_long(found: Rebuilt) -> bool:
    """Whether one of the loops around may make more than a few turns."""
    trips, least = found.site.function.trips, found.site.file.limits.min_constant
    sizes = [trips.of(loop).size for loop in found.site.loops]
    return any(size is None or size.constant is None or size.constant >= least for size in sizes)


# ---------------------------------------------------------------- written out


def _written_out(site: Site) -> Rebuilt | None:
    display, loop, language = site.expression, site.loop, site.file.language.name
    if loop is None or not isinstance(display, m.Display) or isinstance(site.parent, m.Display):
        return None
    if display.repeat is not None:
        return _buffer(site, display, loop)
    few = len(display.items) < _FEW[language]
    if (
        few
        or not _is_allocated(display, language)
        or not all(_is_constant(one, site) for one in display.items)
    ):
        return None
    kind = "map" if display.kind == "dict" else display.kind if display.kind == "set" else "list"
    return _unchanged(site, loop, "array" if language == "java" else display.kind, kind)


def _is_allocated(display: m.Display, language: str) -> bool:
    if language == "rust":
        return display.macro
    return language == "java" or display.kind != "tuple"


def _is_constant(expression: m.Expr, site: Site) -> bool:
    """A literal, also behind a sign or a reference, or a tuple of them."""
    if isinstance(expression, m.Unary) and expression.op in ("-", "&", "+"):
        return _is_constant(expression.operand, site)
    if isinstance(expression, m.Display):
        return expression.kind == "tuple" and all(_is_constant(one, site) for one in expression.items)
    return isinstance(expression, m.Literal)


def _buffer(site: Site, display: m.Display, loop: LoopFact) -> Rebuilt | None:
    """`vec![0u8; n]` and `new byte[n]`, where the loop does not change `n`."""
    language, count = site.file.language.name, display.repeat
    if (
        language == "python"
        or (language == "rust" and not display.macro)
        or not is_invariant(count, loop, site)
    ):
        return None
    if not all(isinstance(item, m.Literal) for item in display.items) or _is_tiny(count, site):
        return None
    local = local_of(site)
    if local is None:
        return _unchanged(site, loop, "buffer", "list") if language == "rust" else None
    if not is_within(local, loop) or local.assigned:
        return None
    uses = [role for role in _uses(local, site, "list") if role.node is not local.node]
    filled = any(_is_fill(role, site) for role in uses)
    if not filled or not all(_is_fill(role, site) or _reads(role, site) for role in uses):
        return None
    return Rebuilt(site, loop, "buffer", local, filled=True)


def _is_tiny(count: m.Expr | None, site: Site) -> bool:
    size = site.function.trips.integers.value(count, site.event.scope, site.event.order)
    return size is not None and size.constant is not None and size.constant < site.file.limits.min_constant


# ---------------------------------------------------------------- called


def _called(call: Call) -> Rebuilt | None:
    loop = call.loop
    path = callee_path(call.node, call.file.facts.types, call.event.scope, call.event.order)
    if loop is None or path is None or not call.args:
        return None
    if path in _FIXED_LISTS or path in _LISTS:
        if len(call.args) < 2 or not all(_is_constant(one, call) for one in call.args):
            return None
        what = "map" if path.endswith("Map.of") else "set" if path.endswith("Set.of") else "list"
        if path in _FIXED_LISTS:
            return Rebuilt(call, loop, what, local_of(call), shared=True)
        return _unchanged(call, loop, what, "list")
    values = [one.value if isinstance(one, m.Keyword) else one for one in call.args]
    if not all(is_invariant(one, loop, call) for one in values) or call.node.body is not None:
        return None
    if path in _UNCHANGEABLE:
        is_number = path in ("decimal.Decimal", "fractions.Fraction")
        constant = all(_is_constant(one, call) for one in values)
        made = Rebuilt(call, loop, call.name, local_of(call), shared=constant)
        return made if constant or not is_number else None
    return _formatter(call, loop) if path in _FORMATTERS else None


def _formatter(call: Call, loop: LoopFact) -> Rebuilt | None:
    """One that is only used to format, after it was set up in a way that the loop does not change."""
    local = local_of(call)
    if local is None:
        parent = call.parent
        used = isinstance(parent, m.Call) and parent.receiver is call.node and parent.last in _USING
        return Rebuilt(call, loop, call.name, None) if used else None
    if not is_within(local, loop) or local.assigned:
        return None
    uses = (role for role in _uses(local, call, "value") if role.node is not local.node)
    return Rebuilt(call, loop, call.name, local) if all(_uses_it(role, call, loop) for role in uses) else None


def _uses_it(role: Role, call: Call, loop: LoopFact) -> bool:
    node = role.node
    if not isinstance(node, m.Call) or node.receiver is not role.use.expr:
        return False
    is_setter = node.last.startswith("set") and all(is_invariant(one, loop, call) for one in node.args)
    return node.last in _USING or is_setter


# ---------------------------------------------------------------- unchanged


def _unchanged(site: Site, loop: LoopFact, what: str, kind: str) -> Rebuilt | None:
    """Something that the turn only reads, and that nobody else gets."""
    local, shared = local_of(site), what != "buffer"
    if local is None:
        read = is_consumed(site.expression, site.event.around, site) and not _is_folded(site)
        found = Rebuilt(site, loop, what, None, shared=shared)
        return found if read and not _rearranges(site.parent) else None
    if not is_within(local, loop) or local.assigned:
        return None
    uses = [role for role in _uses(local, site, kind) if role.node is not local.node]
    only_read = bool(uses) and all(_reads(role, site) for role in uses)
    return Rebuilt(site, loop, what, local, shared=shared) if only_read else None


def _uses(local: Binding, site: Site, kind: str) -> list[Role]:
    return roles(Place(local), site.function.trace, site.file.language, kind)


def _is_folded(site: Site) -> bool:
    """
    Python makes a constant of what `in` looks through and what a `for` goes through; beside an index of
    several columns the list is nothing.
    """
    parent, own = site.parent, site.expression
    if site.file.language.name != "python":
        return False
    if isinstance(parent, m.Binary):
        return parent.op in ("in", "not in") and parent.right is own
    if isinstance(parent, m.Index):
        return parent.index is own
    return isinstance(parent, m.Loop | m.Clause)


def _reads(role: Role, site: Site) -> bool:
    """Whether a use leaves the entries as they are."""
    if any(frame.kind in ("closure", "async") for frame in role.use.frame.within(site.event.frame)):
        return False
    node, rust = role.node, site.file.language.name == "rust"
    if isinstance(node, m.Call) and role.kind == "lent":
        return is_pure(node, site) or _only_looks(node, site) or (rust and not _is_lent_for_change(role))
    if rust and isinstance(node, m.Loop) and node.iterable is role.use.expr:
        return True
    if role.kind == "read" and not _rearranges(node):
        return not _is_stored_into(role) and not _is_lent_for_change(role)
    is_step = isinstance(node, m.Call) and node.last in site.file.language.adaptors
    return role.kind == "shrinks" and is_step and not _rearranges(node)


def _rearranges(node: m.Node | None) -> bool:
    return isinstance(node, m.Call) and node.last in _REARRANGING


def _is_stored_into(role: Role) -> bool:
    """`x[i] = …`, `x[i] += …`, `x[i]++`."""
    link = role.use.around
    inner: m.Node | None = role.use.expr
    while link is not None and isinstance(link.node, m.Index | m.Unary | m.Field):
        if isinstance(link.node, m.Unary) and link.node.op in ("++", "--"):
            return True
        inner, link = link.node, link.up
    return link is not None and isinstance(link.node, m.Assign) and link.node.target is inner


def _is_lent_for_change(role: Role) -> bool:
    """`&mut x`, `&mut x[..]`."""
    link = role.use.around
    while link is not None and isinstance(link.node, m.Index | m.Unary | m.Field):
        if isinstance(link.node, m.Unary) and link.node.op == "&mut":
            return True
        link = link.up
    return False


def _call_around(role: Role) -> m.Call | None:
    """The call that gets a place, or a stretch of it, as an argument."""
    link = role.use.around
    inner: m.Node | None = role.use.expr
    while link is not None and isinstance(link.node, m.Index | m.Unary):
        inner, link = link.node, link.up
    node = link.node if link is not None else None
    return node if isinstance(node, m.Call) and any(one is inner for one in node.args) else None


def _is_fill(role: Role, site: Site) -> bool:
    """`in.read(buffer)`, `socket.recv(&mut buffer[..])`."""
    call = _call_around(role)
    if call is None or call.last not in _FILLING or call.kind != "method":
        return False
    return _is_lent_for_change(role) if site.file.language.name == "rust" else _of_library(call, site)


def _only_looks(call: m.Call, site: Site) -> bool:
    """Java: `out.write(buffer, 0, n)` and `new String(buffer, 0, n)` copy what they are given."""
    if site.file.language.name != "java":
        return False
    path = callee_path(call, site.file.facts.types, site.event.scope, site.event.order)
    if path is not None:
        return path in ("java.lang.String", "java.lang.System.arraycopy")
    return call.last in ("write", "update", "append") and _of_library(call, site)


def _of_library(call: m.Call, site: Site) -> bool:
    owner = site.file.facts.types.library(site.type_of(call.receiver))
    return owner is not None and owner.startswith(("java.io.", "java.util.", "java.security.", "java.net."))
