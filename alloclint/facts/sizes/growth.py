"""
Growth: how many entries a collection gets after it was built, as far as the function shows it.

Each operation that adds is multiplied by the trip counts around it; branches, exits and repeated keys weaken
the result to an upper bound; whatever could change the collection unseen makes it unknown. The size is
`settled` at the construction: every name in it is visible there and means the same then as it does at the
loop.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alloclint import size as sizes
from alloclint.facts.names.types import Types
from alloclint.facts.sizes import amounts
from alloclint.facts.sizes.amounts import Growth
from alloclint.facts.sizes.counting import count, may_fail
from alloclint.facts.sizes.keys import keys_differ
from alloclint.facts.sizes.settling import last_asked, settle
from alloclint.facts.sizes.trips import Trips
from alloclint.facts.walk.changes import own_call_between
from alloclint.facts.walk.places import Place, Role, roles_between
from alloclint.facts.walk.scopes import Frame, LoopFact, Scope
from alloclint.facts.walk.trace import Trace
from alloclint.languages.vocabulary import Collection
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Fill:
    """
    What fills a collection: `size` entries (exactly or at most), by `growths` in `loops`.

    `unsettled` is the size before it was moved to the construction, known even where the names are not
    visible there. `repeats` says that the size is an upper bound only because keys may repeat.
    """

    size: Size | None
    bound: Bound
    growths: tuple[Growth, ...] = ()
    loops: tuple[LoopFact, ...] = ()
    reason: str = ""
    unsettled: Size | None = None
    repeats: bool = False


def _unknown(reason: str, growths: Sequence[Growth] = ()) -> Fill:
    return Fill(None, Bound.unknown, tuple(growths), (), reason)


class Filling:
    """
    The question for one place in one function: what fills it after point `order`, and up to point `end` if
    one is given?
    """

    def __init__(
        self,
        place: Place,
        collection: Collection,
        order: int,
        frame: Frame,
        scope: Scope,
        trips: Trips,
        skip: m.Node | None,
        end: int | None = None,
    ) -> None:
        self.place = place
        self.collection = collection
        self.order = order
        self.frame = frame
        self.scope = scope
        self.trips = trips
        self.trace: Trace = trips.trace
        self.types: Types = trips.types
        self.skip = skip
        self.end = end

    def fill(self) -> Fill:
        live = self._live()
        if live is None:
            return _unknown("it is replaced inside a loop")
        growths = amounts.growths(self, live)
        if not growths:
            return Fill(sizes.ZERO, Bound.exact)
        disturbed = self._disturbed(live, growths)
        if disturbed is not None:
            return _unknown(disturbed, growths)
        return self._sum(live, growths)

    def growths_only(self) -> list[Growth]:
        """
        Everything that adds, in order; nothing where something is taken out, or room is made, on the way.
        """
        live = self._live() or []
        if any(role.kind in ("shrinks", "reserves", "aliased") for role in live):
            return []
        growths = amounts.growths(self, live)
        cut = any(growth.method.amount == "formatted" for growth in growths) and not self.is_rust
        return [] if cut else growths

    def _live(self) -> list[Role] | None:
        """
        The uses of this collection until the place gets another one; None if that happens inside a loop.
        """
        live = []
        end = sys.maxsize if self.end is None else self.end + 1
        for role in roles_between(
            self.place, self.order, end, self.trace, self.trips.language, self.collection.kind
        ):
            if role.node is self.skip:
                continue
            if role.kind == "replaced":
                if any(frame.kind == "loop" for frame in role.use.frame.within(self.frame)):
                    return None
                if self._is_otherwise(role.use.frame):
                    continue
                if self.frame.is_inside(role.use.frame):
                    break
            live.append(role)
        return live

    def _is_otherwise(self, frame: Frame) -> bool:
        """
        Whether a frame is another arm of a branch that this collection is built in: one of the two does not
        run.
        """
        mine = {id(arm.node): arm for arm in self.frame.within(None) if arm.kind == "arm"}
        arms = (arm for arm in frame.within(None) if arm.kind == "arm" and id(arm.node) in mine)
        return any(mine[id(arm.node)].arm != arm.arm for arm in arms)

    def _disturbed(self, live: Sequence[Role], growths: Sequence[Growth]) -> str | None:
        """Why the visible growth is not the whole truth."""
        horizon = self.horizon(growths)
        for role in live:
            if role.use.order < horizon and role.kind in _DISTURBING:
                return _DISTURBING[role.kind]
            if role.kind == "grows" and role.use.order < horizon and self._passes_on(role):
                return _DISTURBING["lent"]
        if own_call_between(self.place, self.order, self._first_turn(growths), self.trace):
            return "it is a field, and a method is called before it is filled"
        if own_call_between(self.place, self._first_turn(growths), horizon, self.trace, visibly=True):
            return "it is a field, and a method that changes it is called while it is filled"
        for growth in growths:
            if not growth.frame.is_inside(self.frame):
                return "it is built under a condition"
            if any(frame.kind in ("closure", "async") for frame in growth.frame.within(self.frame)):
                return "it is filled by a closure that runs later"
        return None

    def _first_turn(self, growths: Sequence[Growth]) -> int:
        """The point at which the first visible growth, or the loop around it, begins."""
        return min(
            min([growth.order, *(frame.start for frame in self.loops_around(growth))]) for growth in growths
        )

    def horizon(self, growths: Sequence[Growth]) -> int:
        """The point at which the last visible growth is over."""
        return max(
            max([growth.order, *(frame.end for frame in self.loops_around(growth))]) for growth in growths
        )

    def loops_around(self, growth: Growth) -> Iterator[Frame]:
        return (frame for frame in growth.frame.within(self.frame) if frame.kind == "loop")

    def _sum(self, live: Sequence[Role], growths: Sequence[Growth]) -> Fill:
        loops = self._outer_loops(growths)
        size, bound, reason = count(self, self.frame, growths)
        if size is None:
            return _unknown(reason, growths)
        horizon = self.horizon(growths)
        if any(role.kind == "returned" and role.use.order < horizon for role in live):
            bound, reason = Bound.at_most, "it may be handed out early"
        repeats = self.collection.deduplicates and not keys_differ(self, growths) and bound is Bound.exact
        if self.collection.deduplicates and not keys_differ(self, growths):
            bound, reason = Bound.at_most, reason or "keys may repeat"
        if bound is Bound.exact and _unlimited(size) and may_fail(self, loops):
            bound, reason = (
                Bound.at_most,
                "the loop may be left early, and nothing limits the number before it",
            )
        settled = settle(self, size, growths, last_asked(self, growths, loops))
        if settled is None:
            return Fill(
                None,
                Bound.unknown,
                tuple(growths),
                loops,
                "the size is not known yet where it is built",
                size,
            )
        return Fill(settled, bound, tuple(growths), loops, reason, size, repeats)

    def _outer_loops(self, growths: Sequence[Growth]) -> tuple[LoopFact, ...]:
        """The outermost loops around the growth, in order."""
        found: dict[int, LoopFact] = {}
        for growth in growths:
            around = list(self.loops_around(growth))
            if around and around[-1].loop is not None:
                found[around[-1].loop.start] = around[-1].loop
        return tuple(found[start] for start in sorted(found))

    def _passes_on(self, role: Role) -> bool:
        """`add_more(text.append(a))`: a fluent chain that is an argument hands the object to someone else."""
        *_, last = amounts.links(self, role)
        link = last.use.around
        while link is not None and link.node is not last.node:
            link = link.up
        outer = link.up.node if link is not None and link.up is not None else None
        fluent = self.collection.kind == "string" and not self.is_rust
        return fluent and isinstance(outer, m.Call) and any(argument is last.node for argument in outer.args)

    @property
    def is_rust(self) -> bool:
        return self.trips.language.name == "rust"

    def scope_of(self, node: m.Node) -> Scope:
        """Where an operation stands: names of a loop around it hide those that the construction sees."""
        return self.trace.scope_of(node) or self.scope


_DISTURBING = {
    "lent": "it is passed on before it is filled",
    "aliased": "another name gets it before it is filled",
    "gone": "it is moved before it is filled",
    "shrinks": "something else is done with it before it is filled",
    "reserves": "room is already reserved",
    "replaced": "it may be replaced before it is filled",
}


def _unlimited(size: Size) -> bool:
    """Whether a size follows a variable that need not be the length of anything in memory."""
    return any(_is_unlimited(atom) for product, _ in size.terms for atom in product)


def _is_unlimited(atom: Atom) -> bool:
    if atom.kind == "min":
        return all(_unlimited(part) for part in atom.parts)
    if atom.parts:
        return _unlimited(atom.parts[0])
    if (
        atom.kind != "value"
        or atom.form in ("u8", "i8", "u16", "i16", "short", "byte")
        or not isinstance(atom.root, Place)
    ):
        return False
    value = atom.root.binding.value
    asked = value.last if isinstance(value, m.Call) else value.name if isinstance(value, m.Field) else ""
    return atom.root.binding.kind not in ("free", "constant") and asked not in (
        "len",
        "size",
        "length",
        "count",
    )
