"""java.util and the string builders, as OpenJDK 17 and 25 grow them.

``State.bytes`` is the backing array alone, header included: nodes, keys and values are outside entries, and
are counted only when ``entry_bytes`` says how large they are. Tables that the first insertion allocates are
shown with 0 slots until then. Every size is capped where the JDK caps it.
"""

from __future__ import annotations

import math
import struct
from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from alloclint.capacity.model import CapacityError, Model, State, Walk
from alloclint.capacity.quantity import group_digits

INT_MAX = (1 << 31) - 1
_LONG_MAX = (1 << 63) - 1
_LARGEST_ARRAY = INT_MAX - 8
_LARGEST_TABLE = 1 << 30

# WeakHashMap resized one entry earlier in 17 than in 25, and the static newHashMap family is new in between.
# Both are dated to 19, which reworked the presizing of the hash maps.
_PRESIZING_RELEASE = 19

# HashMap.MIN_TREEIFY_CAPACITY and TREEIFY_THRESHOLD.
_LEAST_TREE_TABLE = 64
_LONGEST_CHAIN = 8


def _float32(value: float) -> float:
    """``value`` rounded to a Java float; products of two floats are exact before this rounding."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def _table_size(argument: int) -> int:
    return min(_LARGEST_TABLE, 1 << max(0, argument - 1).bit_length())


def _new_length(old: int, least: int, preferred: int) -> int | None:
    """Length of the array after ``old``, as every array of the JDK computes it; None: out of memory."""
    length = old + max(least, preferred)
    if length <= _LARGEST_ARRAY:
        return length
    if old + least > INT_MAX:
        return None
    return max(_LARGEST_ARRAY, old + least)


@dataclass(frozen=True, slots=True)
class _JavaModel(Model):
    language: ClassVar[str] = "java"
    default_argument: ClassVar[int] = 16
    least_argument: ClassVar[int] = 0

    @property
    def outside_bytes(self) -> int:
        return self.entry_bytes or 0

    def empty(self, start: int | None = None) -> State:
        if start is None:
            return self._constructed(self.default_argument)
        if not self.least_argument <= start <= INT_MAX:
            raise CapacityError(
                f"new {self.type_name}({start}) is rejected by Java; pass an int from {self.least_argument} "
                f"to {INT_MAX:,}"
            )
        return self._constructed(start)

    @abstractmethod
    def _constructed(self, argument: int) -> State:
        """The state after the constructor with a valid argument."""

    def argument_for(self, entries: int) -> int | None:
        return max(entries, self.least_argument) if entries <= INT_MAX else None

    def constructor(self, entries: int) -> str | None:
        argument = self.argument_for(entries)
        if argument is None:
            return None
        return f"new {self.type_name}<>({group_digits(argument, 'java')})"

    def _array_bytes(self, length: int, element: int | None = None) -> int:
        reference = 4 if self.target.compressed_oops else 8
        return (16 + length * (element or reference) + 7) // 8 * 8

    def _table(self, slots: int, capacity: int, threshold: int = 0) -> State:
        return State(capacity, slots, self._array_bytes(slots), threshold)


@dataclass(frozen=True, slots=True)
class JavaHashMap(_JavaModel):
    """HashMap, HashSet and their Linked variants.

    Bins are only looked at for keys ``0, stride, 2 * stride, ...``: see ``key_stride``.
    """

    load_factor: float = 0.75
    filled_by: str = "put"
    """"put" (also add and putIfAbsent) resizes after the insertion that exceeds the threshold; "compute"
    (computeIfAbsent, compute, merge, so also groupingBy) before the next one, so one entry later."""
    key_stride: int = 1
    """Distance of successive Integer keys, a power of two. A bin that gets its ninth key doubles a table of
    fewer than 64 slots instead of becoming a tree."""

    def _constructed(self, argument: int) -> State:
        return State(0, 0, 0, _table_size(argument))

    def next_state(self, state: State) -> State | None:
        if state.slots >= _LARGEST_TABLE:
            return None
        length = state.capacity + 1
        if state.slots:
            slots, threshold = self._doubled(state.slots, state.threshold)
        else:
            slots, threshold = state.threshold, self._threshold(state.threshold)
            if threshold < length and self.filled_by == "put":
                # A table of one slot is allocated and doubled by the same insertion.
                slots, threshold = self._doubled(slots, threshold)
        return self._table(slots, max(self._usable(slots, threshold), length), threshold)

    def _usable(self, slots: int, threshold: int) -> int:
        """Entries until the next resize: by the threshold, or because one bin is full before."""
        if self.filled_by == "compute":
            return min(INT_MAX, threshold + 1)
        if slots >= _LEAST_TREE_TABLE or self.key_stride == 1:
            return threshold
        bins = max(1, slots // self.key_stride)
        return min(threshold, _LONGEST_CHAIN * bins)

    def copied(self, entries: int) -> State:
        """After ``new X(collection)``; for a map also after clone, and putAll into a map without a table."""
        if entries == 0:
            return State(0, 0, 0)
        return self.grown(entries, self._copy_argument(entries))

    def _copy_argument(self, entries: int) -> int:
        precise = self.target.java_release >= _PRESIZING_RELEASE
        if self.type_name in ("HashSet", "LinkedHashSet"):
            if precise:
                return math.ceil(max(entries, 12) / 0.75)
            loose = int(_float32(entries / 0.75)) + 1
            return max(2 * entries, 11) if self.type_name == "LinkedHashSet" else max(loose, 16)
        if precise:
            return math.ceil(entries / self.load_factor)
        return int(_float32(_float32(entries / _float32(self.load_factor)) + 1.0))

    def with_all(self, state: State, entries: int, length: int) -> State:
        """After ``putAll`` of ``entries`` into a table that exists; ``length`` is the number of keys then.

        The table is doubled for the whole argument first, whether its keys are new or not.
        """
        while entries > state.threshold and state.slots < _LARGEST_TABLE:
            slots, threshold = self._doubled(state.slots, state.threshold)
            state = self._table(slots, self._usable(slots, threshold), threshold)
        return self.filled(Walk(state, 0, 0, 0), length).state

    def holds(self, argument: int) -> int:
        """As for every model; the first insertion already doubles the tables for 0 and 1, to hold 1."""
        return self.grown(1, argument).capacity

    def argument_for(self, entries: int) -> int | None:
        if entries > INT_MAX:
            return None
        counted = max(0, entries - 1) if self.filled_by == "compute" else entries
        argument = min(INT_MAX, -(-counted // Fraction(self.load_factor)))
        # Keys that collide need a table with more bins, at most one that grows trees instead of doubling.
        while argument < _LEAST_TREE_TABLE and self.holds(argument) < entries:
            argument = _table_size(argument) + 1
        return argument

    def constructor(self, entries: int) -> str | None:
        plain = self.load_factor == 0.75 and self.filled_by == "put" and self.key_stride == 1
        if self.target.java_release < _PRESIZING_RELEASE or entries > INT_MAX or not plain:
            return self._with_load_factor(entries)
        return f"{self.type_name}.new{self.type_name}({group_digits(entries, 'java')})"

    def _with_load_factor(self, entries: int) -> str | None:
        argument = self.argument_for(entries)
        if argument is None:
            return None
        factor = "" if self.load_factor == 0.75 else f", {self.load_factor:g}f"
        return f"new {self.type_name}<>({group_digits(argument, 'java')}{factor})"

    def _doubled(self, slots: int, threshold: int) -> tuple[int, int]:
        larger = 2 * slots
        # Small tables, and those whose threshold rounded to 0, compute it anew instead of doubling it.
        keep = threshold > 0 and slots >= 16 and larger < _LARGEST_TABLE
        return larger, 2 * threshold if keep else self._threshold(larger)

    def _threshold(self, slots: int) -> int:
        if slots >= _LARGEST_TABLE:
            return INT_MAX
        return min(INT_MAX, int(_float32(slots * _float32(self.load_factor))))


@dataclass(frozen=True, slots=True)
class JavaWeakHashMap(_JavaModel):
    """WeakHashMap: like HashMap, but the table exists from the start."""

    def _constructed(self, argument: int) -> State:
        return self._sized(_table_size(argument), 0)

    def next_state(self, state: State) -> State | None:
        if state.slots >= _LARGEST_TABLE:
            return None
        return self._sized(2 * state.slots, state.capacity + 1)

    def argument_for(self, entries: int) -> int | None:
        if entries > INT_MAX:
            return None
        return min(INT_MAX, ((entries + self._early()) * 4 + 2) // 3)

    def constructor(self, entries: int) -> str | None:
        if self.target.java_release >= _PRESIZING_RELEASE and entries <= INT_MAX:
            return f"WeakHashMap.newWeakHashMap({group_digits(entries, 'java')})"
        # The super() of a slotted dataclass cannot be written without arguments.
        return _JavaModel.constructor(self, entries)

    def _early(self) -> int:
        return 1 if self.target.java_release < _PRESIZING_RELEASE else 0

    def _sized(self, slots: int, length: int) -> State:
        if slots >= _LARGEST_TABLE:
            return self._table(slots, INT_MAX)
        return self._table(slots, max(slots * 3 // 4 - self._early(), length))


@dataclass(frozen=True, slots=True)
class JavaConcurrentHashMap(_JavaModel):
    """ConcurrentHashMap, uncontended; it resizes one entry earlier than HashMap and counts in a long."""

    def _constructed(self, argument: int) -> State:
        size = int(1.0 + _float32(_float32(argument) / 0.75))
        return State(0, 0, 0, _table_size(size))

    def empty(self, start: int | None = None) -> State:
        if start is None:
            return State(0, 0, 0, 16)
        return _JavaModel.empty(self, start)

    def next_state(self, state: State) -> State | None:
        if state.slots >= _LARGEST_TABLE:
            return None
        return self._sized(2 * state.slots if state.slots else max(2, state.threshold))

    def _sized(self, slots: int) -> State:
        capacity = slots - slots // 4 - 1 if slots < _LARGEST_TABLE else _LONG_MAX
        return self._table(slots, capacity)

    def copied(self, entries: int) -> State:
        """After ``new ConcurrentHashMap(map)``; before 19 the size was rounded up twice, to 2 or 4 times."""
        if self.target.java_release >= _PRESIZING_RELEASE:
            return self.grown(entries, entries)
        wanted = _table_size(entries + entries // 2 + 1)
        state = self._sized(max(16, wanted))
        while wanted > state.capacity + 1 and state.slots < _LARGEST_TABLE:
            state = self._sized(2 * state.slots)
        return state

    def holds(self, argument: int) -> int:
        """As for every model; the first insertion already doubles the table of one slot."""
        return self.grown(1, argument).capacity


@dataclass(frozen=True, slots=True)
class JavaHashtable(_JavaModel):
    """Hashtable: any table length, grown to twice the length plus one."""

    default_argument: ClassVar[int] = 11

    def _constructed(self, argument: int) -> State:
        slots = max(argument, 1)
        return self._table(slots, self._threshold(slots))

    def next_state(self, state: State) -> State | None:
        if state.slots >= _LARGEST_ARRAY:
            return None
        slots = min(2 * state.slots + 1, _LARGEST_ARRAY)
        return self._table(slots, max(self._threshold(slots), state.capacity + 1))

    def argument_for(self, entries: int) -> int | None:
        slots = (entries * 4 + 2) // 3
        if slots > _LARGEST_ARRAY:
            return None
        while self._threshold(slots) < entries:
            # The JDK multiplies floats, which falls short of the exact product by less than 64.
            slots += 1
        return slots

    def _threshold(self, slots: int) -> int:
        if slots >= _LARGEST_ARRAY:
            # A table that cannot be replaced only chains longer.
            return INT_MAX
        return int(_float32(_float32(slots) * 0.75))


@dataclass(frozen=True, slots=True)
class JavaIdentityHashMap(_JavaModel):
    """IdentityHashMap: keys and values side by side in one array, two thirds of it usable."""

    default_argument: ClassVar[int] = 21

    def _constructed(self, argument: int) -> State:
        if argument > _LARGEST_TABLE // 6:
            return self._sized(_LARGEST_TABLE)
        # Twice the highest power of two within 3 * argument, and at least 8.
        return self._sized(max(8, 1 << (3 * argument).bit_length()))

    def next_state(self, state: State) -> State | None:
        return self._sized(2 * state.slots) if state.slots < _LARGEST_TABLE else None

    def _sized(self, length: int) -> State:
        # The largest table is filled up to its last free pair before the JDK gives up.
        return self._table(length, length // 3 if length < _LARGEST_TABLE else _LARGEST_TABLE // 2 - 1)


@dataclass(frozen=True, slots=True)
class JavaArrayList(_JavaModel):
    """ArrayList: starts at 10 by default and grows by half; new ArrayList(0) creeps up from 1."""

    def empty(self, start: int | None = None) -> State:
        if start is None:
            return self._array(0, first=10)
        return _JavaModel.empty(self, start)

    def _constructed(self, argument: int) -> State:
        return self._array(argument)

    def next_state(self, state: State) -> State | None:
        return self._longer(state, 1)

    def with_all(self, state: State, length: int, additional: int) -> State:
        """After ``addAll`` of ``additional`` entries; raises CapacityError beyond the longest array."""
        missing = length + additional - state.slots
        if missing <= 0:
            return state
        longer = self._longer(state, missing)
        if longer is None:
            raise CapacityError(f"{self.type_name} cannot hold {length + additional:,} entries; add fewer")
        return longer

    def ensured(self, state: State, least: int) -> State:
        """After ``ensureCapacity(least)``: ignored if the first insertion makes as much room anyway."""
        return state if least <= state.threshold else self.with_all(state, 0, least)

    def _longer(self, state: State, missing: int) -> State | None:
        length = _new_length(state.slots, missing, max(state.slots // 2, state.threshold))
        return None if length is None else self._array(length)

    def _array(self, length: int, first: int = 0) -> State:
        return self._table(length, length, first)


@dataclass(frozen=True, slots=True)
class JavaVector(_JavaModel):
    """Vector and Stack: 10, then doubling."""

    default_argument: ClassVar[int] = 10
    increment: int = 0
    """The constructor's second argument: slots added by each growth; 0 or less doubles."""

    def _constructed(self, argument: int) -> State:
        return self._table(argument, argument)

    def next_state(self, state: State) -> State | None:
        length = _new_length(state.slots, 1, self.increment if self.increment > 0 else state.slots)
        return None if length is None else self._table(length, length)

    def constructor(self, entries: int) -> str | None:
        # The super() of a slotted dataclass cannot be written without arguments.
        plain = _JavaModel.constructor(self, entries)
        if plain is None or self.increment <= 0:
            return plain
        return f"{plain.removesuffix(')')}, {group_digits(self.increment, 'java')})"


@dataclass(frozen=True, slots=True)
class JavaStack(JavaVector):
    """Stack: a Vector without any constructor argument."""

    def argument_for(self, entries: int) -> int | None:
        return None

    def constructor(self, entries: int) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class JavaPriorityQueue(_JavaModel):
    """PriorityQueue: 11, doubled while below 64, then grown by half."""

    default_argument: ClassVar[int] = 11
    least_argument: ClassVar[int] = 1

    def _constructed(self, argument: int) -> State:
        return self._table(argument, argument)

    def next_state(self, state: State) -> State | None:
        length = _new_length(state.slots, 1, _jump(state.slots))
        return None if length is None else self._table(length, length)


@dataclass(frozen=True, slots=True)
class JavaArrayDeque(_JavaModel):
    """ArrayDeque: a ring that always keeps one slot free."""

    def _constructed(self, argument: int) -> State:
        return self._ring(min(argument + 1, INT_MAX))

    def next_state(self, state: State) -> State | None:
        length = _new_length(state.slots, 1, _jump(state.slots))
        return None if length is None else self._ring(length)

    def _ring(self, length: int) -> State:
        return self._table(length, length - 1)


def _jump(length: int) -> int:
    return length + 2 if length < 64 else length // 2


@dataclass(frozen=True, slots=True)
class JavaStringBuilder(_JavaModel):
    """StringBuilder and StringBuffer, filled character by character.

    ``entry_bytes`` is the width of a character: 1 for Latin-1 text (also when None), 2 otherwise. A builder
    starts as Latin-1 and is inflated by its first wide character; width 2 shows it after that.

    With ``wide_from`` the whole way is shown, and ``State.slots`` are the bytes of the array, not characters.
    """

    wide_from: int | None = None
    """Latin-1 characters before the first wide one, which copies the array into one of twice its length. If
    that insertion also finds the array full, the JDK grows it first: two steps at the same length."""

    @property
    def outside_bytes(self) -> int:
        return 0

    def _constructed(self, argument: int) -> State:
        return self._text(argument)

    def next_state(self, state: State) -> State | None:
        if self.wide_from is not None:
            return self._next_mixed(state, self.wide_from)
        return self._next_text(state)

    def appended(self, state: State, length: int, characters: int, times: int = 1) -> State:
        """After ``times`` of ``append`` with a string of ``characters``, to text of ``length`` before.

        Raises CapacityError beyond the longest array. Not for ``wide_from``.
        """
        end = length + characters * times
        while state.capacity < end and characters:
            length += (state.capacity - length) // characters * characters
            longer = self._next_text(state, length + characters - state.capacity)
            if longer is None:
                raise CapacityError(f"{self.type_name} cannot hold {end:,} characters; append fewer")
            state = longer
        return state

    def _next_text(self, state: State, missing: int = 1) -> State | None:
        width = self.entry_bytes or 1
        length = _new_length(state.slots * width, missing * width, (state.slots + 2) * width)
        return None if length is None or length == INT_MAX else self._text(length // width)

    def _next_mixed(self, state: State, wide_from: int) -> State | None:
        width = 1 if state.capacity <= wide_from else 2
        if state.capacity == wide_from < state.slots:
            return self._bytes(2 * state.slots, 2) if 2 * state.slots <= _LARGEST_ARRAY else None
        length = _new_length(state.slots, width, state.slots + 2 * width)
        return None if length is None or length == INT_MAX else self._bytes(length, width)

    def _bytes(self, length: int, width: int) -> State:
        """An array of ``length`` bytes; a narrow one is left at the first wide character at the latest."""
        room = length // width
        if width == 1 and self.wide_from is not None:
            room = min(room, self.wide_from)
        return State(room, length, self._array_bytes(length, 1))

    def constructor(self, entries: int) -> str | None:
        argument = self.argument_for(entries)
        return None if argument is None else f"new {self.type_name}({group_digits(argument, 'java')})"

    def _text(self, characters: int) -> State:
        if self.wide_from is not None:
            return self._bytes(characters, 1)
        return State(characters, characters, self._array_bytes(characters, self.entry_bytes or 1))


JAVA_MODELS: dict[str, type[_JavaModel]] = {
    "ArrayList": JavaArrayList,
    "ArrayDeque": JavaArrayDeque,
    "PriorityQueue": JavaPriorityQueue,
    "Vector": JavaVector,
    "Stack": JavaStack,
    "HashMap": JavaHashMap,
    "HashSet": JavaHashMap,
    "LinkedHashMap": JavaHashMap,
    "LinkedHashSet": JavaHashMap,
    "WeakHashMap": JavaWeakHashMap,
    "Hashtable": JavaHashtable,
    "ConcurrentHashMap": JavaConcurrentHashMap,
    "IdentityHashMap": JavaIdentityHashMap,
    "StringBuilder": JavaStringBuilder,
    "StringBuffer": JavaStringBuilder,
}
"""Class per type name."""
