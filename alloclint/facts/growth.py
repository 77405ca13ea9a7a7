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
from alloclint.facts.places import (
    CUTTING,
    Place,
    Role,
    changes_between,
    is_taken,
    own_call_between,
    place_of,
    roles_between,
    spellings,
    viewed_by,
)  # fmt: skip
from alloclint.facts.trace import Event, Frame, LoopFact, Scope, Trace, Use
from alloclint.facts.trips import Trip, Trips
from alloclint.facts.types import Types
from alloclint.languages.vocabulary import Collection, Growing
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Growth:
    """
    One operation that adds to a collection; `amount` is what one visit adds (entries, or bytes of a string).
    """

    role: Role
    method: Growing
    amount: Size | None
    bound: Bound
    reason: str = ""

    @property
    def node(self) -> m.Node:
        return self.role.node

    @property
    def order(self) -> int:
        return self.role.use.order

    @property
    def frame(self) -> Frame:
        return self.role.use.frame


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
        growths = self._growths(live)
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
        growths = self._growths(live)
        cut = any(growth.method.amount == "formatted" for growth in growths) and not self._is_rust
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
        horizon = self._horizon(growths)
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
            min([growth.order, *(frame.start for frame in self._loops_around(growth))]) for growth in growths
        )

    def _horizon(self, growths: Sequence[Growth]) -> int:
        """The point at which the last visible growth is over."""
        return max(
            max([growth.order, *(frame.end for frame in self._loops_around(growth))]) for growth in growths
        )

    def _loops_around(self, growth: Growth) -> Iterator[Frame]:
        return (frame for frame in growth.frame.within(self.frame) if frame.kind == "loop")

    def _sum(self, live: Sequence[Role], growths: Sequence[Growth]) -> Fill:
        loops = self._outer_loops(growths)
        size, bound, reason = self._count(self.frame, growths)
        if size is None:
            return _unknown(reason, growths)
        horizon = self._horizon(growths)
        if any(role.kind == "returned" and role.use.order < horizon for role in live):
            bound, reason = Bound.at_most, "it may be handed out early"
        repeats = self.collection.deduplicates and not self._keys_differ(growths) and bound is Bound.exact
        if self.collection.deduplicates and not self._keys_differ(growths):
            bound, reason = Bound.at_most, reason or "keys may repeat"
        if bound is Bound.exact and _unlimited(size) and self._may_fail(loops):
            bound, reason = (
                Bound.at_most,
                "the loop may be left early, and nothing limits the number before it",
            )
        settled = self._settle(size, self._last_asked(growths, loops))
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

    def _may_fail(self, loops: Sequence[LoopFact]) -> bool:
        """
        Whether a loop may be left with the collection dropped: a number out of some input is then found wrong
        by the loop alone.
        """
        return any(
            _leaves_function(exit_.node)
            for loop in loops
            for exit_ in self.trace.exits_between(loop.start, loop.end)
        )

    def _outer_loops(self, growths: Sequence[Growth]) -> tuple[LoopFact, ...]:
        """The outermost loops around the growth, in order."""
        found: dict[int, LoopFact] = {}
        for growth in growths:
            around = list(self._loops_around(growth))
            if around and around[-1].loop is not None:
                found[around[-1].loop.start] = around[-1].loop
        return tuple(found[start] for start in sorted(found))

    # -- counting

    def _count(self, outer: Frame, growths: Sequence[Growth]) -> tuple[Size | None, Bound, str]:
        """What the growth inside `outer` adds each time `outer` runs."""
        total, bound, reason = sizes.ZERO, Bound.exact, ""
        for frame, inside in by_inner_frame(outer, growths):
            size, weaker, why = self._count_frame(outer, frame, inside)
            if size is None:
                return None, Bound.unknown, why
            total, bound = total + size, max(bound, weaker)
            reason = reason or why
        return total, bound, reason

    def _count_frame(
        self, outer: Frame, frame: Frame | None, inside: Sequence[Growth]
    ) -> tuple[Size | None, Bound, str]:
        if frame is None:
            return _direct(inside)
        if frame.kind == "loop":
            return self._count_loop(frame, inside)
        if frame.kind == "arm":
            return self._count_branch(outer, frame, inside)
        if frame.kind == "try" and self._is_dropped_on_error(frame.node):
            return self._count(frame, inside)
        size, _, reason = self._count(frame, inside)
        return size, Bound.at_most, reason or "it is filled under a condition"

    def _is_dropped_by_return(self, frame: Frame) -> bool:
        """Whether a `return` in a frame drops the collection; in a closure it only leaves the closure."""
        closure = _closure_around(frame)
        return self._ends_with_function and (closure is None or self.frame.is_inside(closure))

    @property
    def _ends_with_function(self) -> bool:
        """Whether leaving the function drops the collection: not what is behind a reference."""
        binding, built_by = self.place.binding, self.skip
        is_behind = isinstance(built_by, m.Assign) and isinstance(built_by.target, m.Unary)
        is_lent = binding.type is not None and binding.type.kind == "mutref"
        return self.place.is_local and not is_behind and not is_lent

    def _is_dropped_on_error(self, node: m.Node) -> bool:
        """Whether no handler of a `try` goes on with the collection."""
        return (
            isinstance(node, m.Try)
            and self._ends_with_function
            and all(_leaves(handler) for handler in node.handlers)
            and not (node.final is not None and _leaves(node.final))
            and not any(self._is_used_in(handler) for handler in node.handlers)
        )

    def _is_used_in(self, block: m.Block) -> bool:
        uses = self.trace.uses_of(self.place.binding)
        return any(use.expr is not None and block.start <= use.expr.start < block.end for use in uses)

    def _count_loop(self, frame: Frame, inside: Sequence[Growth]) -> tuple[Size | None, Bound, str]:
        loop = frame.loop
        trip = self.trips.of(loop) if loop is not None else Trip(None, Bound.unknown, "an unknown loop")
        if trip.size is None or loop is None:
            return None, Bound.unknown, trip.reason or "the loop has no end"
        size, bound, reason = self._count(frame, inside)
        if size is None:
            return None, Bound.unknown, reason
        if trip.bound is not Bound.exact:
            bound, reason = max(bound, trip.bound), reason or "the loop skips some"
        early = self._left_early(loop, inside)
        if early is not None:
            bound, reason = Bound.at_most, reason or early
        return trip.size * size, bound, reason

    def _count_branch(
        self, outer: Frame, frame: Frame, inside: Sequence[Growth]
    ) -> tuple[Size | None, Bound, str]:
        branch = frame.node
        if not isinstance(branch, m.Branch):
            size, _, reason = self._count(frame, inside)
            return size, Bound.at_most, reason
        by_arm: dict[int, tuple[Frame, list[Growth]]] = {}
        for growth in inside:
            arm = _inner_frame(outer, growth)
            by_arm.setdefault(arm.arm, (arm, []))[1].append(growth)
        ends = self._is_dropped_by_return(frame)
        arms = [
            self._count_arm(branch, number, by_arm.get(number), ends) for number in range(len(branch.arms))
        ]
        taken = [arm for arm in arms if arm is not None]
        if any(size is None for size, _, _ in taken):
            return next(arm for arm in taken if arm[0] is None)
        counted = [size for size, _, _ in taken if size is not None]
        bound = max((bound for _, bound, _ in taken), default=Bound.exact)
        if branch.exhaustive and len(set(counted)) == 1:
            return counted[0], bound, ""
        return _largest(counted), Bound.at_most, "it is filled under a condition"

    def _count_arm(
        self, branch: m.Branch, number: int, here: tuple[Frame, list[Growth]] | None, ends: bool
    ) -> tuple[Size | None, Bound, str] | None:
        """
        What one arm adds; None for an arm that drops the collection, as a `return` does where it `ends` with
        the function.
        """
        if here is None:
            dropped = ends and _leaves(branch.arms[number].body)
            return None if dropped else (sizes.ZERO, Bound.exact, "")
        size, bound, reason = self._count(*here)
        if branch.kind == "match" and self._is_cut_short(*here):
            return size, max(bound, Bound.at_most), reason or "a `break` may skip it"
        return size, bound, reason

    def _is_cut_short(self, arm: Frame, inside: Sequence[Growth]) -> bool:
        """Java: whether a `break` may leave an arm of a `switch` before the growth in it."""
        last = max(growth.order for growth in inside)
        return any(
            isinstance(exit_.node, m.Exit)
            and exit_.node.label == "<switch>"
            and exit_.order < last
            and _switch_arm(exit_.frame) is arm
            for exit_ in self.trace.exits_between(arm.start, last)
        )

    def _left_early(self, loop: LoopFact, inside: Sequence[Growth]) -> str | None:
        """Why the loop may end, or a turn may skip the growth, with the collection still alive."""
        last = max(self.trace.done_at(growth.node) or growth.order for growth in inside)
        for exit_ in self.trace.exits_between(loop.start, loop.end):
            if exit_.frame.is_inside(loop.frame):
                reason = self._exit_reason(exit_, loop, last)
                if reason is not None:
                    return reason
        return None

    def _exit_reason(self, exit_: Event, loop: LoopFact, last: int) -> str | None:
        node = exit_.node
        if _leaves_function(node):
            closure = _closure_around(exit_.frame)
            if closure is loop.frame:
                return "a turn may skip it" if exit_.order < last else None
            if closure is not None and closure.is_inside(loop.frame):
                return None
            return None if self._is_dropped_by_return(exit_.frame) else "the loop may be left early"
        if not isinstance(node, m.Exit) or node.kind == "yield" or node.label == "<switch>":
            return None
        target = _target(exit_, node.label)
        if target is loop.frame:
            if node.kind == "continue":
                return "a turn may skip it" if exit_.order < last else None
            return "the loop may end early"
        leaves_outer = target is None or not target.is_inside(loop.frame)
        return "the loop may end early" if leaves_outer else None

    # -- keys

    def _keys_differ(self, growths: Sequence[Growth]) -> bool:
        if len(growths) != 1:
            return self._alternatives(growths) and self._keys_differ(growths[:1])
        growth = growths[0]
        around = list(self._loops_around(growth))
        if growth.method.amount == "trip":
            return not around and growth.bound is Bound.exact and self._distinct_source(growth)
        if not around:
            return True
        loop, key = around[0].loop, _spelled_key(growth)
        if len(around) != 1 or loop is None or key not in self.trips.of(loop).unique:
            return False
        return self._is_untouched(key.partition(".")[0], growth, loop)

    def _is_untouched(self, name: str, growth: Growth, loop: LoopFact) -> bool:
        """Whether a name of a loop's pattern still holds at the growth what the loop gave it."""
        binding = self._scope_of(growth.node).lookup(name, growth.order)
        if binding is None or loop.kind in ("count", "while"):
            return binding is None or loop.scope is None or loop.scope.lookup(name, loop.start) is binding
        is_hidden = binding.loop is not loop and loop.pattern is not None
        return not is_hidden and not any(loop.body_start < o < growth.order for o in binding.assigned)

    def _alternatives(self, growths: Sequence[Growth]) -> bool:
        """Whether one key is inserted in one of several arms of the same branch."""
        around = (growth.frame.within(self.frame) for growth in growths)
        arms = [[frame for frame in frames if frame.kind in ("arm", "loop")] for frames in around]
        if not growths or not all(arms) or len({_spelled_key(growth) for growth in growths}) != 1:
            return False
        inner = [frames[0] for frames in arms]
        same = len({id(frame.node) for frame in inner}) == 1 and all(frame.kind == "arm" for frame in inner)
        return same and len({frame.arm for frame in inner}) == len(inner)

    def _distinct_source(self, growth: Growth) -> bool:
        """`extend(other_map)`: a map's entries and a set's elements do not repeat."""
        node = growth.node
        added = (
            node.value
            if isinstance(node, m.Assign)
            else node.args[0]
            if isinstance(node, m.Call) and node.args
            else None
        )
        trip = self.trips.elements(added, self._scope_of(node), growth.order)
        return trip.shape in ("entries", "unique")

    # -- one operation

    def _growths(self, live: Sequence[Role]) -> list[Growth]:
        return [self._growth(link) for role in live if self._adds(role) for link in self._links(role)]

    def _adds(self, role: Role) -> bool:
        """
        Whether a use adds; where a `dict` fails for a key that is not there, a `defaultdict` or a `Counter`
        makes one.
        """
        name = self.collection.name
        around = role.use.around
        while around is not None and around.node is not role.node:
            around = around.up
        outer = around.up.node if around is not None and around.up is not None else None
        updates = isinstance(role.node, m.Index) and isinstance(outer, m.Assign) and outer.op != "="
        if role.kind == "grows":
            return not updates or name in _MAKING
        uses = isinstance(role.node, m.Index) and isinstance(outer, m.Field | m.Call | m.Index)
        return (
            role.kind == "read"
            and name == "defaultdict"
            and uses
            and role.node is not getattr(outer, "index", None)
        )

    def _links(self, role: Role) -> Iterator[Role]:
        """The calls of a fluent chain, `text.append(a).append(b)`: each adds to the same object."""
        yield role
        around = role.use.around
        while around is not None and around.node is not role.node:
            around = around.up
        if self.collection.kind != "string" or self._is_rust or around is None:
            return
        while around.up is not None and _is_next_link(around.up.node, around.node):
            around = around.up
            # What cuts the text in between is no method that grows: its amount is unknown.
            if isinstance(around.node, m.Call) and not self._only_looks(around.node.last):
                yield Role("grows", around.node, role.use)

    def _only_looks(self, method: str) -> bool:
        return method in self.trips.language.reading and method not in CUTTING

    def _passes_on(self, role: Role) -> bool:
        """`add_more(text.append(a))`: a fluent chain that is an argument hands the object to someone else."""
        *_, last = self._links(role)
        link = last.use.around
        while link is not None and link.node is not last.node:
            link = link.up
        outer = link.up.node if link is not None and link.up is not None else None
        fluent = self.collection.kind == "string" and not self._is_rust
        return fluent and isinstance(outer, m.Call) and any(argument is last.node for argument in outer.args)

    def _growth(self, role: Role) -> Growth:
        node = role.node
        if isinstance(node, m.Call):
            method = self.trips.language.growing[self.collection.kind].get(node.last)
            if method is not None:
                return self._by_method(role, node, method)
            reason = "formatted text has no known length" if self._is_rust else f"`{node.last}` cuts the text"
            return Growth(role, Growing("formatted"), None, Bound.unknown, reason)
        if isinstance(node, m.Assign):
            return self._by_operator(role, node)
        return Growth(role, Growing(key=0), sizes.const(1), Bound.exact)

    def _by_method(self, role: Role, call: m.Call, method: Growing) -> Growth:
        if method.amount == "one":
            if call.last == "entry" and not self._is_made(call):
                return Growth(role, method, sizes.const(1), Bound.at_most, "nothing may be put at an entry")
            bound = Bound.exact if _surely_adds(call) else Bound.at_most
            return Growth(role, method, sizes.const(1), bound, "" if bound is Bound.exact else _MAYBE_NULL)
        index = method.argument if method.argument >= 0 else len(call.args) + method.argument
        argument = call.args[index] if 0 <= index < len(call.args) else None
        if method.amount in ("trip", "length"):
            if len(call.args) > 1 and self.trips.language.name == "python":
                return Growth(role, method, None, Bound.unknown, f"`{call.last}` adds several things at once")
            trip = self.trips.elements(argument, self._scope_of(call), role.use.order)
            return Growth(role, method, trip.size, trip.bound, trip.reason)
        if method.amount == "text":
            return self._text(role, method, argument)
        return Growth(role, method, None, Bound.unknown, f"`{call.last}` adds an unknown number")

    def _is_made(self, entry: m.Call) -> bool:
        """Rust: whether the call on an entry fills a vacant one."""
        return any(call.last in _FILLING for call in self.trace.calls_upon(entry))

    def _by_operator(self, role: Role, assign: m.Assign) -> Growth:
        """`text += other`, and Python's `list += iterable`, `d[k] = v`."""
        if assign.op == "=":
            return Growth(role, Growing(key=0), sizes.const(1), Bound.exact)
        if self.collection.kind == "string" and self.trips.language.name != "python":
            return self._text(role, Growing("text"), assign.value)
        trip = self.trips.elements(assign.value, self._scope_of(assign), role.use.order)
        return Growth(role, Growing("trip", key=0), trip.size, trip.bound, trip.reason)

    def _text(self, role: Role, method: Growing, argument: m.Expr | None) -> Growth:
        """
        Bytes of a Rust string, chars of a Java one; a character that is not ASCII counts as its encoding.
        """
        while isinstance(argument, m.Unary) and argument.op == "&":
            argument = argument.operand
        call = role.node
        if not self._is_rust and isinstance(call, m.Call) and len(call.args) > method.argument + 1:
            return Growth(role, method, None, Bound.unknown, "a part of a text is appended")
        if isinstance(argument, m.Literal) and isinstance(argument.value, str | bytes):
            text = argument.value
            return Growth(role, method, sizes.const(self._width(text)), Bound.exact)
        if isinstance(argument, m.Literal) and not isinstance(argument.value, float):
            return Growth(role, method, sizes.const(len(str(argument.value).lower())), Bound.exact)
        scope = self._scope_of(role.node)
        place = place_of(argument, scope, role.use.order)
        type_ = self.types.of(argument, self.trace, scope, role.use.order)
        known = self.types.known(type_)
        plain = self.types.plain(type_)
        if known in ("str", "String", "StringBuilder") and place is not None:
            form = self.trips.language.lengths[known]
            return Growth(role, method, sizes.of(Atom("length", place.text(), form, place)), Bound.exact)
        if plain is not None and plain.last == "char":
            return Growth(
                role,
                method,
                sizes.const(1),
                Bound.at_most if self._is_rust else Bound.exact,
                "a character's width varies",
            )
        return Growth(role, method, None, Bound.unknown, "text of unknown length is appended")

    def _width(self, text: str | bytes) -> int:
        """The length of a constant text: bytes in Rust, UTF-16 units in Java."""
        if isinstance(text, bytes) or self.trips.language.name == "python":
            return len(text)
        if self._is_rust:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    @property
    def _is_rust(self) -> bool:
        return self.trips.language.name == "rust"

    def _scope_of(self, node: m.Node) -> Scope:
        """Where an operation stands: names of a loop around it hide those that the construction sees."""
        return self.trace.scope_of(node) or self.scope

    # -- settling

    def _last_asked(self, growths: Sequence[Growth], loops: Sequence[LoopFact]) -> int:
        """
        The point up to which the names in the size must not change: what is asked at every turn, until the
        last one.
        """
        counts_once = all(
            len(list(self._loops_around(growth))) <= 1
            and growth.amount is not None
            and growth.amount.constant is not None
            for growth in growths
        )
        return (
            max((loop.start for loop in loops), default=self.order) if counts_once else self._horizon(growths)
        )

    def _settle(self, size: Size, end: int) -> Size | None:
        """
        The size as it can be written at the construction; None where a name in it is not there yet, or
        changes until `end`.
        """
        return size.substitute(lambda atom: self._settled_atom(atom, end, 0))

    def _settled_atom(self, atom: Atom, end: int, depth: int) -> Size | None:
        place = atom.root
        if not isinstance(place, Place):
            return sizes.of(atom)
        binding = place.binding
        visible = binding.order <= self.order and self.scope.lookup(binding.name, self.order) is binding
        if visible and not place_is(place, self.place):
            stable = not changes_between(
                place, self.order, end, self.trace, self.trips.language, length=atom.kind == "length"
            ) and not self._viewed_changes(atom, place, end)
            usable = not self._tested_for_null(place, end) and not (
                self._is_rust and is_taken(place, self.order, self.trace)
            )
            return sizes.of(atom) if stable and usable else None
        return self._defined(atom, place, end, depth)

    def _viewed_changes(self, atom: Atom, place: Place, end: int) -> bool:
        """Java: `Set<K> keys = map.keySet()` changes with the map."""
        binding = place.binding
        viewed = viewed_by(binding) if atom.kind == "length" and not place.fields else None
        return viewed is not None and changes_between(
            viewed, self.order, end, self.trace, self.trips.language, length=True
        )

    def _defined(self, atom: Atom, place: Place, end: int, depth: int) -> Size | None:
        """A local that is declared later, but once, is replaced by its definition."""
        binding = place.binding
        if (
            depth > 3
            or place.fields
            or binding.kind != "local"
            or binding.assigned
            or binding.value is None
            or binding.scope is None
        ):
            return None
        if atom.kind == "value":
            found = self.trips.value(binding.value, binding.scope, binding.valued)
        else:
            if changes_between(place, binding.order, end, self.trace, self.trips.language, length=True):
                return None
            found = self.trips.elements(binding.value, binding.scope, binding.valued).size
        return (
            found.substitute(lambda inner: self._settled_atom(inner, end, depth + 1))
            if found is not None
            else None
        )

    def _tested_for_null(self, place: Place, end: int) -> bool:
        """Java: what is compared with null only later could be null where the collection is built."""
        if self.trips.language.name != "java":
            return False
        return any(
            self.order < use.order < end and _is_null_test(use)
            for spelled in spellings(place, self.trace)
            for use in self.trace.uses_of(spelled.binding)
        )


#: Rust: what makes an entry of a vacant one.
_FILLING = {
    "or_insert",
    "or_insert_with",
    "or_insert_with_key",
    "or_default",
    "insert_entry",
}
#: Maps that make an entry for a key that they are asked for.
_MAKING = {"defaultdict", "Counter"}
_DISTURBING = {
    "lent": "it is passed on before it is filled",
    "aliased": "another name gets it before it is filled",
    "gone": "it is moved before it is filled",
    "shrinks": "something else is done with it before it is filled",
    "reserves": "room is already reserved",
    "replaced": "it may be replaced before it is filled",
}


def _leaves_function(node: m.Node) -> bool:
    return isinstance(node, m.MayReturn) or (isinstance(node, m.Exit) and node.kind in ("return", "throw"))


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


def place_is(a: Place, b: Place) -> bool:
    if a.binding is b.binding:
        return a.fields == b.fields
    # Java: `this.map` and `map`.
    own, bare = (a, b) if a.binding.name == "this" else (b, a)
    return (
        own.binding.name == "this"
        and bare.binding.kind == "free"
        and own.fields == (bare.binding.name, *bare.fields)
    )


def _is_null_test(use: Use) -> bool:
    """Whether a name, or a field of it, is compared with null or given to something that does so."""
    around = use.around
    while around is not None and isinstance(around.node, m.Field | m.Cast):
        around = around.up
    node = around.node if around is not None else None
    if isinstance(node, m.Binary) and node.op in ("==", "!="):
        return any(isinstance(side, m.Literal) and side.kind == "null" for side in (node.left, node.right))
    if not isinstance(node, m.Call) or use.expr is None:
        return False
    given = any(argument.start <= use.expr.start < argument.end for argument in node.args)
    return given and node.last in _ASKING_FOR_NULL


_ASKING_FOR_NULL = {
    "requireNonNull", "checkNotNull", "notNull", "isNull", "nonNull", "isEmpty", "isNotEmpty",
    "isBlank", "isNotBlank", "isNullOrEmpty", "hasText", "hasLength", "ofNullable", "requireNonNullElse",
    "getLength",
}  # fmt: skip


def _is_next_link(node: m.Node, inner: m.Node) -> bool:
    return isinstance(node, m.Call) and node.kind == "method" and node.receiver is inner


def _inner_frame(outer: Frame, growth: Growth) -> Frame:
    """The outermost frame between `outer` and a growth inside it."""
    return list(growth.frame.within(outer))[-1]


def by_inner_frame(outer: Frame, growths: Sequence[Growth]) -> list[tuple[Frame | None, list[Growth]]]:
    """The growths grouped by what stands between them and `outer`; the arms of one branch belong together."""
    groups: dict[int, tuple[Frame | None, list[Growth]]] = {}
    for growth in growths:
        inner = _inner_frame(outer, growth) if growth.frame is not outer else None
        key = 0 if inner is None else id(inner.node) if inner.kind == "arm" else id(inner)
        groups.setdefault(key, (inner, []))[1].append(growth)
    return list(groups.values())


def _direct(growths: Sequence[Growth]) -> tuple[Size | None, Bound, str]:
    lost = next((growth for growth in growths if growth.amount is None), None)
    if lost is not None:
        return None, Bound.unknown, lost.reason
    total = sizes.total(growth.amount for growth in growths if growth.amount is not None)
    weakest = max(growth.bound for growth in growths)
    return total, weakest, next((growth.reason for growth in growths if growth.bound is weakest), "")


def _largest(counted: Sequence[Size]) -> Size:
    """An upper bound of several sizes: their maximum where they are numbers, else their sum."""
    different = list(dict.fromkeys(size for size in counted if size != sizes.ZERO))
    constants = [size.constant for size in different]
    known = [constant for constant in constants if constant is not None]
    if different and len(known) == len(constants):
        return sizes.const(max(known))
    return sizes.total(iter(different))


_ENDING_MACROS = {"panic", "unreachable", "todo", "unimplemented", "bail", "abort"}


def _leaves(body: m.Block) -> bool:
    """Whether a block always ends by leaving the function."""
    last = body.statements[-1] if body.statements else None
    if isinstance(last, m.Eval):
        value = last.value
        if isinstance(value, m.Embedded):
            last = value.statement
        else:
            return isinstance(value, m.Call) and value.kind == "macro" and value.last in _ENDING_MACROS
    if isinstance(last, m.Block):
        return _leaves(last)
    return isinstance(last, m.Exit) and last.kind in ("return", "throw")


def _closure_around(frame: Frame) -> Frame | None:
    """The innermost closure around a frame: a `return` goes no further."""
    return next(
        (
            one
            for one in frame.within(None)
            if one.kind == "closure" or (one.loop is not None and one.loop.kind == "closure")
        ),
        None,
    )


def _switch_arm(frame: Frame) -> Frame | None:
    """The innermost arm of a `switch` around a frame."""
    arms = (one for one in frame.within(None) if one.kind == "arm")
    return next((arm for arm in arms if isinstance(arm.node, m.Branch) and arm.node.kind == "match"), None)


def _target(exit_: Event, label: str | None) -> Frame | None:
    """The frame of the loop that a `break` or `continue` leaves."""
    for frame in exit_.frame.within(None):
        is_loop = frame.kind == "loop" and isinstance(frame.node, m.Loop)
        if is_loop and label in (None, getattr(frame.node, "label", None)):
            return frame
    return None


def _spelled_key(growth: Growth) -> str:
    """The key of an insertion, as a name of the loop's pattern: `k`, `k.clone()`, `entry.getKey()`."""
    node, key = growth.node, growth.method.key or 0
    expression: m.Expr | None = None
    if isinstance(node, m.Call) and len(node.args) > key:
        expression = node.args[key]
    elif isinstance(node, m.Index):
        expression = node.index
    while True:
        if isinstance(expression, m.Unary):
            expression = expression.operand
        elif (
            isinstance(expression, m.Call) and expression.last in _COPIES and expression.receiver is not None
        ):
            expression = expression.receiver
        else:
            break
    if (
        isinstance(expression, m.Call)
        and expression.last == "getKey"
        and isinstance(expression.receiver, m.Name)
    ):
        return f"{expression.receiver.id}.getKey"
    return expression.id if isinstance(expression, m.Name) else ""


def _surely_adds(call: m.Call) -> bool:
    """Java: a function that computes a value may return null, which adds nothing, unless it makes one."""
    if call.last not in _COMPUTING or call.kind != "method" or len(call.args) != 2:
        return True
    function = call.args[1]
    if isinstance(function, m.MethodRef):
        return function.name == "new"
    body = function.body.statements if isinstance(function, m.Closure) else []
    only = body[0] if len(body) == 1 else None
    value = only.value if isinstance(only, m.Eval | m.Exit) else None
    return (isinstance(value, m.Call) and value.kind == "new") or (
        isinstance(value, m.Literal) and value.kind != "null"
    )


_COMPUTING = {"compute", "computeIfAbsent"}
_MAYBE_NULL = "the function may return null"
_COPIES = {"clone", "to_string", "to_owned", "to_vec", "cloned", "copied", "into"}
