"""Collections that get what another holds: in one call right after they were built, or by a collector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alloclint.facts.building.constructions import Construction, Function
from alloclint.facts.building.sequences import Step, mentions, next_steps
from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.walk.places import Place, Role, roles
from alloclint.facts.walk.scopes import Event
from alloclint.size import Bound
from alloclint.syntax import model as m

_BULK = ("trip", "length")


@dataclass(frozen=True, slots=True)
class Copy:
    """An empty collection and, as the next statement, the one call that adds all of `source`."""

    built: Construction
    step: Step
    source: m.Expr

    @property
    def text(self) -> str:
        return self.built.file.text(*self.source.span)

    @property
    def source_type(self) -> str | None:
        """The canonical name of the source's type, where its length could be asked."""
        types, event = self.built.file.facts.types, self.built.event
        return types.known(types.of(self.source, self.built.function.trace, event.scope, event.order))

    @property
    def is_tiny(self) -> bool:
        """Whether so few are added that nothing is saved."""
        event = self.built.event
        trip = self.built.function.trips.elements(self.source, event.scope, event.order)
        count = trip.size.constant if trip.size is not None else None
        return count is not None and count < self.built.file.limits.min_constant


def copy_of(built: Construction) -> Copy | None:
    """The bulk add right after an empty construction; None where it looks at the collection itself."""
    step = next(next_steps(built), None) if built.empty and built.how != "new with comparator" else None
    if step is None or len(step.call.args) != 1 or not _adds_all(built, step.call.last):
        return None
    source = step.call.args[0]
    unusable = isinstance(source, m.Keyword) or mentions(built, source) or _outlives_a_failure(built)
    return None if unusable else Copy(built, step, source)


def _outlives_a_failure(built: Construction) -> bool:
    """Whether a local of a `try` is used outside of its body, where a failing copy would leave nothing."""
    tries = [frame for frame in built.event.frame.within(None) if frame.kind == "try"]
    if not tries or built.place is None:
        return False
    uses = built.function.trace.uses_of(built.place.binding)
    return any(not use.frame.is_inside(tries[0]) for use in uses)


def _adds_all(built: Construction, method: str) -> bool:
    growing = built.file.language.growing[built.collection.kind].get(method)
    return growing is not None and growing.amount in _BULK


def is_joined(built: Construction) -> bool:
    """Whether an empty collection gets several others, whose lengths are known, one after the other."""
    fill = built.fill
    bulk = [growth for growth in fill.growths if _is_bulk(growth)]
    is_known = fill.bound is Bound.exact and fill.size is not None and not fill.loops
    return built.empty and is_known and len(bulk) > 1 and not _is_filled_elsewhere(built)


def is_added_to(built: Construction) -> bool:
    """
    Java: whether an empty list gets another, and single entries behind it, for which an exact copy of the
    other has no room.
    """
    fill = built.fill
    is_array = built.empty and built.collection.name in ("ArrayList", "Vector")
    bulk = [growth for growth in fill.growths if _is_bulk(growth)]
    straight = all(growth.frame is built.event.frame for growth in fill.growths)
    return is_array and straight and len(bulk) == 1 < len(fill.growths) and bulk[0] is fill.growths[0]


def grows_on(copy: Copy) -> bool:
    """
    Whether so much is added behind the copy that its room is no help: anything to an exact array, two more
    collections to a table, which has some slots left.
    """
    built = copy.built
    others = [growth for growth in built.fill.growths if growth.node is not copy.step.call]
    more = sum(_is_bulk(growth) for growth in others)
    if built.collection.kind in ("set", "map"):
        return more > 1
    return more > 0 or any(growth.frame is built.event.frame for growth in others)


def _is_filled_elsewhere(built: Construction) -> bool:
    """Rust shows who else may add: whoever gets it by `&mut`."""
    if built.place is None or built.file.language.name != "rust":
        return False
    uses = roles(built.place, built.function.trace, built.file.language, built.collection.kind)
    return any(role.kind == "lent" for role in uses)


def _is_bulk(growth: Growth) -> bool:
    return growth.method.amount in _BULK


# ---------------------------------------------------------------- collectors


#: Methods of a list that an unmodifiable one refuses, or that hand out a way to.
_CHANGING = {"set", "sort", "replaceAll", "iterator", "listIterator", "subList", "clone"}
_STREAMS = {"Stream", "IntStream", "LongStream", "Arrays", "StreamSupport"}


@dataclass(frozen=True, slots=True)
class Collected:
    """
    Java: `stream.collect(Collectors.toList())` into a local of that name that is only read.

    `asked` says that all that is done with the list is to call methods of it, `same` that its elements are
    known to have the very type of the stream's, so that `toList()` gives a list of the same type.
    """

    call: m.Call
    name: str
    asked: bool
    same: bool


def collected_to_read(function: Function) -> Iterator[Collected]:
    """Every collecting call of a function whose list is only read."""
    for event in function.trace.calls:
        call = event.node
        if isinstance(call, m.Call) and _collects_a_list(function, call) and event.around is not None:
            found = _only_read(function, event)
            if found is not None:
                yield found


def _collects_a_list(function: Function, call: m.Call) -> bool:
    if call.kind != "method" or call.last != "collect" or len(call.args) != 1:
        return False
    collector, types = call.args[0], function.file.facts.types
    if not isinstance(collector, m.Call) or collector.last != "toList":
        return False
    if not isinstance(collector.receiver, m.Name) or collector.receiver.id != "Collectors":
        return False
    package = ("java", "util", "stream")
    is_imported = types.imports.get("Collectors") == (*package, "Collectors") or package in types.globs
    return is_imported and _is_stream(call.receiver)


def _is_stream(expression: m.Expr | None) -> bool:
    """Whether a chain begins at a JDK stream: other libraries collect, too."""
    while isinstance(expression, m.Call):
        if expression.last in ("stream", "parallelStream"):
            return True
        expression = expression.receiver
    return isinstance(expression, m.Name) and expression.id in _STREAMS


def _only_read(function: Function, event: Event) -> Collected | None:
    around = event.around.up.node if event.around is not None and event.around.up is not None else None
    call, trace = event.node, function.trace
    if not isinstance(around, m.Let) or not isinstance(call, m.Call) or around.value is not call:
        return None
    binding = next(iter(trace.bindings_of(around)), None)
    if binding is None or function.file.facts.field_of_initialiser(around) is not None:
        return None
    uses = roles(Place(binding), trace, function.file.language, "list")
    if not uses or not all(_reads(role) for role in uses):
        return None
    asked = all(isinstance(role.node, m.Call) and role.node.receiver is role.use.expr for role in uses)
    return Collected(call, binding.name, asked, _is_of_one_type(around.type, function))


#: Classes without subclasses: a list of these comes from a stream of these.
_FINAL = {"String", "Integer", "Long", "Double", "Float", "Short", "Byte", "Character", "Boolean", "UUID"}


def _is_of_one_type(declared: m.Type | None, function: Function) -> bool:
    if declared is None or declared.kind == "infer" or declared.last == "var":
        return True
    element = declared.args[0] if len(declared.args) == 1 else None
    if element is None or element.kind != "named":
        return False
    owner = function.file.facts.types.declaration(element)
    return element.last in _FINAL if owner is None else owner.kind in ("record", "enum")


def _reads(role: Role) -> bool:
    changes = isinstance(role.node, m.Call) and role.node.last in _CHANGING
    return role.kind == "read" and not changes
