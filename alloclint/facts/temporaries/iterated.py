"""
Java: lists that an enhanced `for` goes through, and that an index would go through as well.

An index is only as good where `get(i)` takes the same time for every `i`: in an array list, not in a linked
one. The declared type says so, or what a list of the declared interface is made as.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.calls import Site
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Event, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: Types that promise access by index in constant time.
_RANDOM_ACCESS = {"ArrayList", "Vector", "Stack", "ImmutableList"}
#: Factories of lists that do.
_FACTORIES = {
    "java.util.Arrays.asList", "java.util.List.of", "java.util.List.copyOf",
    "java.util.Collections.unmodifiableList",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Iterated:
    """An enhanced `for` over the list at `place`; `site` is the list, seen from before the loop."""

    site: Site
    node: m.Loop
    place: Place

    @property
    def name(self) -> str:
        return self.site.text(self.site.expression)

    @property
    def indexed(self) -> str:
        """The head of the loop by index, and the declaration of the element."""
        loop, file = self.node, self.site.file
        assert loop.pattern is not None
        item = file.text(*loop.item_type.span) if loop.item_type is not None else "var"
        trace = self.site.function.trace
        taken = {binding.name for binding in trace.bindings} | trace.scope.names.keys()
        index = next(name for name in (*"ijkpq", "index", f"i{loop.start}") if name not in taken)
        count = next(name for name in (*"nm", "size", "count", f"n{loop.start}") if name not in taken)
        head = f"for (int {index} = 0, {count} = {self.name}.size(); {index} < {count}; {index}++)"
        return f"{head} {{ {item} {loop.pattern.name} = {self.name}.get({index}); …"


def iterated_lists(function: Function) -> list[Iterated]:
    """The loops of a function over lists of random access that they leave alone."""
    found = (_iterated(function, loop) for loop in function.trace.loops if loop.kind == "each")
    return [one for one in found if one is not None]


def _iterated(function: Function, loop: LoopFact) -> Iterated | None:
    node, scope, up = loop.node, loop.scope, loop.frame.up
    if not isinstance(node, m.Loop) or node.iterable is None or scope is None or up is None:
        return None
    site = Site(function, Event(node.iterable, loop.start, up, scope, None))
    place = place_of(node.iterable, scope, loop.start)
    if place is None or node.pattern is None or node.pattern.name is None or not _is_indexed(site, place):
        return None
    changes = changes_between(
        place, loop.start, loop.end, function.trace, function.file.language, length=True
    )
    return None if changes else Iterated(site, node, place)


def _is_indexed(site: Site, place: Place) -> bool:
    types = site.file.facts.types
    known = types.known(site.type_of(site.expression))
    if known != "List":
        return known in _RANDOM_ACCESS
    made = _made(site, place)
    return types.known(site.type_of(made)) in _RANDOM_ACCESS or _by_factory(made, site)


def _made(site: Site, place: Place) -> m.Expr | None:
    """What a local or a final field is given once."""
    binding = place.binding
    if binding.kind == "local" and not place.fields:
        return binding.value if not binding.assigned else None
    names = place.fields if binding.kind == "self" else (binding.name, *place.fields)
    owner = site.function.declaration.owner
    field = site.file.facts.types.field_of(owner, names[0]) if len(names) == 1 else None
    return field.value if field is not None and "final" in field.modifiers else None


def _by_factory(made: m.Expr | None, site: Site) -> bool:
    if not isinstance(made, m.Call):
        return False
    return callee_path(made, site.file.facts.types, site.event.scope, site.event.order) in _FACTORIES
