"""
Trip counts: how many turns a loop makes, as a symbolic size of what it iterates.

A count is `exact`, `at_most` (a filter, a minimum that is not known), or unknown. Lengths are those at the
start of the loop; that they are the same where the number is to be written is checked by `settling`.
"""

from __future__ import annotations

from alloclint import size as sizes
from alloclint.facts.names.types import Types
from alloclint.facts.sizes import chains, counters
from alloclint.facts.sizes.integers import Integers, adds_to_signed, mixes_signs
from alloclint.facts.sizes.turns import Trip, unknown
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.places import Place
from alloclint.facts.walk.scopes import LoopFact, Scope
from alloclint.facts.walk.trace import Trace
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m


class Trips:
    """The trip counts of one function."""

    def __init__(self, trace: Trace, types: Types) -> None:
        self.trace = trace
        self.types = types
        self.language = types.language
        self.integers = Integers(trace, types)
        self._known: dict[int, Trip] = {}

    def of(self, loop: LoopFact) -> Trip:
        """How many turns a loop makes when it runs to its end; its exits are judged by `counting`."""
        if id(loop) not in self._known:
            self._known[id(loop)] = self._trip(loop)
        return self._known[id(loop)]

    def scope_of(self, loop: LoopFact) -> Scope:
        """Where the header of a loop stands."""
        return loop.scope if loop.scope is not None else self.trace.scope

    def _trip(self, loop: LoopFact) -> Trip:
        node = loop.node
        if isinstance(node, m.Loop) and node.is_async:
            return unknown("an asynchronous iteration")
        if loop.kind in ("each", "comprehension", "closure"):
            trip = self.elements(loop.iterable, self.scope_of(loop), loop.start)
            if trip.size is not None and chains.may_never_run(self, node):
                trip = trip.but(bound=Bound.at_most)
            return Trip(
                trip.size,
                trip.bound,
                trip.reason,
                _unique(loop.pattern, trip, self.language.name),
                trip.shape,
            )
        if loop.kind == "count" and isinstance(node, m.Loop):
            return counters.counted(self, node, loop)
        if loop.kind == "while" and isinstance(node, m.Loop):
            return counters.counted_while(self, node, loop)
        return unknown(f"the turns of this {loop.kind} loop are not known")

    # -- what is iterated

    def elements(self, expression: m.Expr | None, scope: Scope, at: int) -> Trip:
        """How many elements an iterable expression yields."""
        if isinstance(expression, m.Unary) and expression.op in ("&", "&mut", "*"):
            return self.elements(expression.operand, scope, at)
        if isinstance(expression, m.Range):
            return self._range(expression, scope, at)
        if isinstance(expression, m.Display):
            return self._written_out(expression, scope, at)
        if isinstance(expression, m.Literal) and isinstance(expression.value, str | bytes):
            return Trip(sizes.const(len(expression.value)))
        if isinstance(expression, m.Call):
            chained = chains.chained(self, expression, scope, at)
            if chained is not None:
                return chained
        if isinstance(expression, m.Comprehension):
            return self._comprehension(expression, scope, at)
        if isinstance(expression, m.Index) and isinstance(expression.index, m.Range):
            return self._slice(expression, expression.index, scope, at)
        return self._container(expression, scope, at)

    def _comprehension(self, expression: m.Comprehension, scope: Scope, at: int) -> Trip:
        """
        What a Python comprehension or generator yields; only its first source is asked where a second depends
        on it.
        """
        total, bound = sizes.const(1), Bound.exact
        for clause in expression.clauses:
            trip = self.elements(clause.iterable, scope, at)
            if trip.size is None:
                return unknown(trip.reason)
            total, bound = (
                total * trip.size,
                max(bound, trip.bound, Bound.at_most if clause.conditions else Bound.exact),
            )
        if expression.kind in ("set", "dict"):
            return Trip(total, Bound.at_most, "keys may repeat", shape="unique")
        return Trip(total, bound, "the comprehension skips some" if bound is not Bound.exact else "")

    def _container(self, expression: m.Expr | None, scope: Scope, at: int) -> Trip:
        type_ = self.types.of(expression, self.trace, scope, at)
        known = self.types.known(type_)
        form = self.language.lengths.get(known or "")
        place = self.integers.place(expression, scope, at)
        if known is None or form is None:
            return self._by_definition(place, at) or unknown("what it iterates has no known length")
        plain = self.types.plain(type_)
        if (
            known == "array"
            and plain is not None
            and isinstance(plain.length, m.Literal)
            and isinstance(plain.length.value, int)
        ):
            return Trip(sizes.const(plain.length.value))
        if place is None:
            return unknown("what it iterates is computed anew")
        shape = _SHAPES.get(known, "items")
        count = self._written_count(place, at)
        if count is not None:
            return Trip(sizes.const(count), shape=shape)
        if known in ("str", "String") and self.language.name == "rust":
            return unknown("a string is iterated by its methods")
        return Trip(sizes.of(Atom("length", place.text(), form, place)), shape=shape)

    def _written_count(self, place: Place, at: int) -> int | None:
        """
        The entries of a local or a constant that holds a few, which are written out, and stays as it is. What
        has more is better named by its length: a number would be wrong after the next edit.
        """
        binding = place.binding
        if place.fields or binding.assigned:
            return None
        if binding.kind == "local" and binding.scope is not None:
            value, scope, from_ = binding.value, binding.scope, binding.valued
            if not _is_written(value) or changes_between(
                place, binding.order, at, self.trace, self.language, length=True
            ):
                return None
        else:
            value, scope, from_ = self._constant(binding.name), self.trace.scope, 0
        size = self.elements(value, scope, from_).size if _is_written(value) else None
        count = size.constant if size is not None else None
        return count if count is not None and 0 < count < _FEW else None

    def _constant(self, name: str) -> m.Expr | None:
        """What a constant that nobody can change is declared as: a Rust static, a Java array."""
        if self.language.name == "rust":
            static = self.types.statics.get(name)
            value = static.value if static is not None and "mut" not in static.modifiers else None
            return value.operand if isinstance(value, m.Unary) and value.op == "&" else value
        field = self.types.field_of(self.trace.function.owner, name)
        fixed = self.language.name == "java" and field is not None and "final" in field.modifiers
        return field.value if fixed and field is not None else None

    def _by_definition(self, place: Place | None, at: int) -> Trip | None:
        """A local that holds an iterator or a sized value: what it was defined as."""
        if place is None or place.fields or place.binding.value is None:
            return None
        binding = place.binding
        if binding.assigned or changes_between(
            place, binding.order, at, self.trace, self.language, length=True
        ):
            return None
        if isinstance(binding.value, m.Name) or binding.kind != "local" or binding.scope is None:
            return None
        if self.language.name == "rust" and binding.mutable and len(self.trace.uses_of(binding)) > 1:
            return unknown("the iterator may be used up by another use of it")
        trip = self.elements(binding.value, binding.scope, binding.valued)
        return trip if trip.size is not None else None

    def _range(self, range_: m.Range, scope: Scope, at: int) -> Trip:
        if range_.high is None:
            return unknown("the range has no end")
        low = self.integers.signed(range_.low, scope, at) if range_.low is not None else sizes.ZERO
        high = self.integers.signed(range_.high, scope, at)
        if low is None or high is None:
            return unknown("an end of the range is not a known size")
        if range_.inclusive:
            high = high + sizes.const(1)
        difference = high + low * sizes.const(-1)
        if self.language.name == "rust" and mixes_signs(difference):
            return unknown("an end of the range may be negative")
        if _narrows(range_.low, low):
            return unknown("a cast may cut off the start of the range")
        reason = "an end of the range may be negative" if adds_to_signed(difference) else ""
        reason = reason or ("a cast may cut it off" if _narrows(range_.high, high) else "")
        return Trip(sizes.clamp(difference), Bound.at_most if reason else Bound.exact, reason, shape="unique")

    def _written_out(self, display: m.Display, scope: Scope, at: int) -> Trip:
        if display.repeat is not None:
            size = self.integers.value(display.repeat, scope, at)
            return Trip(size) if size is not None else unknown("the repeat count is not a known size")
        if any(isinstance(item, m.Keyword) for item in display.items):
            return unknown("unpacks something of unknown length")
        count = len(display.items) // 2 if display.kind == "dict" else len(display.items)
        return Trip(sizes.const(count))

    def _slice(self, index: m.Index, range_: m.Range, scope: Scope, at: int) -> Trip:
        whole = self.elements(index.of, scope, at)
        if whole.size is None or range_.step is not None:
            return unknown("a slice of something of unknown length")
        low = self.integers.value(range_.low, scope, at) if range_.low is not None else sizes.ZERO
        high = self.integers.value(range_.high, scope, at) if range_.high is not None else whole.size
        if _negative(range_.high) and self.language.name == "python":
            back = self.integers.signed(range_.high, scope, at)
            high = whole.size + back if back is not None and back.constant is not None else None
        elif _negative(range_.high):
            high = None
        if low is None or high is None or _negative(range_.low):
            return unknown("an end of the slice is not a known size")
        if range_.inclusive:
            high = high + sizes.const(1)
        # Python slices stop silently at the end; Rust's would have panicked.
        if self.language.name == "python" and range_.high is not None and not _negative(range_.high):
            high = sizes.minimum(high, whole.size)
        cut = sizes.monus(high, low)
        return Trip(cut, whole.bound, whole.reason, whole.unique, whole.shape)


_MAPS = (
    "HashMap", "BTreeMap", "FxHashMap", "AHashMap", "IndexMap", "Map", "SortedMap", "NavigableMap",
    "LinkedHashMap", "TreeMap", "ConcurrentHashMap", "ConcurrentMap", "Hashtable", "WeakHashMap",
    "EnumMap", "ImmutableMap",
)  # fmt: skip
_SETS = (
    "HashSet", "BTreeSet", "FxHashSet", "AHashSet", "IndexSet", "Set", "SortedSet", "NavigableSet",
    "LinkedHashSet", "TreeSet", "EnumSet", "ImmutableSet", "set", "frozenset", "dict", "defaultdict",
    "OrderedDict", "Counter", "mapping", "mutablemapping", "abstractset", "mutableset", "keysview",
)  # fmt: skip
_SHAPES = {**dict.fromkeys(_MAPS, "entries"), **dict.fromkeys(_SETS, "unique")}


#: Fewer entries than this are as good as a number.
_FEW = 16
#: Java: calls that write their arguments out as a list or a set that keeps its length.
_FIXED = {("List", "of"), ("Set", "of"), ("Arrays", "asList")}


def _is_written(value: m.Expr | None) -> bool:
    """Whether an expression shows each entry: a display, or Java's `List.of(a, b)`."""
    if isinstance(value, m.Call):
        return isinstance(value.receiver, m.Name) and (value.receiver.id, value.last) in _FIXED
    return isinstance(value, m.Display)


def _narrows(end: m.Expr | None, size: Size) -> bool:
    """Rust: whether a cast may make another number of a variable that is wider than its type."""
    while isinstance(end, m.Binary):
        end = end.left
    if not isinstance(end, m.Cast) or end.type.last != "u32":
        return False
    return any(
        atom.kind == "value"
        and atom.form in ("u64", "usize")
        and isinstance(atom.root, Place)
        and atom.root.binding.kind not in ("constant", "free")
        for atom in size.atoms()
    )


def _unique(pattern: m.Pattern | None, trip: Trip, language: str) -> frozenset[str]:
    """The names of a loop's pattern that differ at every turn."""
    if pattern is None:
        return frozenset()
    if trip.shape == "unique" and pattern.name is not None:
        return frozenset({pattern.name})
    if trip.shape in ("entries", "indexed"):
        if pattern.items and pattern.items[0].name is not None:
            return frozenset({pattern.items[0].name})
        if pattern.name is not None and language == "java":
            return frozenset({f"{pattern.name}.getKey"})
    return frozenset()


def _negative(expression: m.Expr | None) -> bool:
    return isinstance(expression, m.Unary) and expression.op == "-"
