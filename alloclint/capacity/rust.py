"""Rust's std collections: amortised arrays and hashbrown tables."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from alloclint.capacity.model import CapacityError, Model, State, Walk
from alloclint.capacity.quantity import group_digits

Hint = Callable[[int], int]
"""The lower bound of an iterator's ``size_hint`` while so many items are still to come."""


def no_hint(left: int) -> int:
    """Of filter, take_while, flat_map, from_fn, lines, and of collecting into Result or Option."""
    return 0


def exact_hint(left: int) -> int:
    """Of an ExactSizeIterator that is not TrustedLen, such as the keys of a map."""
    return left


def utf8_hint(left: int) -> int:
    """Of ``str::chars`` on ASCII text: four bytes may be one character."""
    return (left + 3) // 4


@dataclass(frozen=True, slots=True)
class _RustModel(Model):
    """Operations on storage that exists are answered for a ``length`` within the capacity of their state."""

    language: ClassVar[str] = "rust"

    @abstractmethod
    def reserved(self, state: State, length: int, additional: int) -> State:
        """The state after ``reserve(additional)``; raises CapacityError beyond the address space."""

    @abstractmethod
    def extended(self, walk: Walk, length: int, entries: int, hint: Hint | None = None) -> Walk:
        """``walk`` continued by ``extend`` with ``entries`` new items; without ``hint`` of trusted length."""

    def shrunk(self, state: State, least: int) -> State:
        """The state after ``shrink_to(least)`` or, for ``least`` entries, ``shrink_to_fit``."""
        smaller = self.empty(least)
        return smaller if smaller.capacity < state.capacity else state

    @property
    def _address_space(self) -> int:
        # An allocation above isize::MAX panics with "capacity overflow".
        return (1 << (8 * self.target.pointer_bytes - 1)) - 1

    def _fits(self, state: State) -> bool:
        return max(state.bytes or 0, state.slots) <= self._address_space

    def _checked(self, state: State, asked: int) -> State:
        if not self._fits(state):
            raise CapacityError(
                f"{self.type_name} of {asked:,} entries exceeds the address space; ask for fewer"
            )
        return state

    def argument_for(self, entries: int) -> int | None:
        return entries

    def constructor(self, entries: int) -> str | None:
        size = group_digits(entries, "rust")
        if self.type_name in ("FxHashMap", "FxHashSet"):
            # These aliases fix a hasher other than RandomState, for which with_capacity does not exist.
            return f"{self.type_name}::with_capacity_and_hasher({size}, Default::default())"
        return f"{self.type_name}::with_capacity({size})"


@dataclass(frozen=True, slots=True)
class RustArray(_RustModel):
    """Vec, String, OsString, VecDeque and BinaryHeap: capacity doubles, the first step skips tiny sizes."""

    def empty(self, start: int | None = None) -> State:
        if self.entry_bytes == 0:
            return State((1 << (8 * self.target.pointer_bytes)) - 1, 0, 0)
        return self._checked(self._state(start or 0), start or 0)

    def next_state(self, state: State) -> State | None:
        if self.entry_bytes == 0:
            return None
        larger = self._state(max(2 * state.capacity, state.capacity + 1, self._first_capacity()))
        return larger if self._fits(larger) else None

    def reserved(self, state: State, length: int, additional: int) -> State:
        needed = length + additional
        if self.entry_bytes == 0 or needed <= state.capacity:
            return state
        return self._checked(self._state(max(2 * state.capacity, needed, self._first_capacity())), needed)

    def reserved_exactly(self, state: State, length: int, additional: int) -> State:
        """The state after ``reserve_exact(additional)``: nothing is left for later."""
        return state if length + additional <= state.capacity else self.empty(length + additional)

    def extended(self, walk: Walk, length: int, entries: int, hint: Hint | None = None) -> Walk:
        if hint is None or self.type_name in BYTE_STRINGS:
            sure = entries if hint is None else hint(entries)
            return self.filled(walk.then(self.reserved(walk.state, length, sure)), length + entries)
        end = length + entries
        while walk.state.capacity < end:
            # The item that finds no room is already taken when the iterator is asked for its hint.
            full = walk.state.capacity
            walk = walk.then(self.reserved(walk.state, full, hint(end - full - 1) + 1))
        return walk

    def collected(self, entries: int, hint: Hint | None = None) -> Walk:
        """``collect`` of ``entries`` items; without ``hint``: of trusted length, so exactly their room."""
        if hint is None or entries == 0:
            return self.walk(0, entries)
        if self.type_name in BYTE_STRINGS:
            return self.extended(self.walk(0), 0, entries, hint)
        first = max(self._first_capacity(), hint(entries - 1) + 1)
        return self.extended(self.walk(0, first), 0, entries, hint)

    def appended(self, walk: Walk, length: int, chunk: int, times: int) -> Walk:
        """``walk`` continued by ``times`` of ``push_str`` or ``extend_from_slice`` with ``chunk`` entries."""
        end = length + chunk * times
        while walk.state.capacity < end and chunk:
            length += (walk.state.capacity - length) // chunk * chunk
            walk = walk.then(self.reserved(walk.state, length, chunk))
        return walk

    def reused(self, capacity: int, source_bytes: int) -> Walk:
        """``into_iter().map(..).collect()`` in place, over a source of ``capacity`` items of another size.

        The block stays as long as it is, unless a rest remains that no entry fills. Both sizes must be
        multiples of the same alignment, and the entry not larger than the source's.
        """
        size = self.entry_bytes or 1
        state = self.empty(capacity * source_bytes // size)
        kept = Walk(state, 0, 0, 0)
        return kept if capacity * source_bytes % size == 0 else Walk(state, 0, 1, state.bytes)

    def recollected(self, capacity: int, left: int) -> Walk:
        """``collect`` of a Vec's own iterator: a new block if less than half of the items are ``left``."""
        if left >= capacity // 2:
            return Walk(self.empty(capacity), 0, 0, 0)
        return self.extended(self.walk(0), 0, left)

    def _state(self, capacity: int) -> State:
        return State(capacity, capacity, None if self.entry_bytes is None else capacity * self.entry_bytes)

    def _first_capacity(self) -> int:
        # An unknown size is taken as an ordinary one, between 2 and 1024 bytes.
        size = 8 if self.entry_bytes is None else self.entry_bytes
        if size == 1:
            return 8
        return 4 if size <= 1024 else 1


@dataclass(frozen=True, slots=True)
class RustHash(_RustModel):
    """HashMap and HashSet: a power of two of buckets, 7/8 of them usable, one control byte each."""

    def empty(self, start: int | None = None) -> State:
        asked = start or 0
        return self._checked(self._state(self._buckets(asked)), asked)

    def next_state(self, state: State) -> State | None:
        larger = self._state(self._buckets(state.capacity + 1))
        return larger if self._fits(larger) else None

    def reserved(self, state: State, length: int, additional: int) -> State:
        """As for every collection. ``insert`` reserves 1 even for a key that is there already, ``entry`` only
        for one that is not."""
        if length + additional <= state.capacity:
            return state
        return self.empty(max(length + additional, state.capacity + 1))

    def extended(self, walk: Walk, length: int, entries: int, hint: Hint | None = None) -> Walk:
        """As for every collection, collect included; the entries must be new keys.

        A collection that holds something expects half of the items to be duplicates.
        """
        sure = entries if hint is None else hint(entries)
        reserved = self.reserved(walk.state, length, (sure + 1) // 2 if length else sure)
        return self.filled(walk.then(reserved), length + entries)

    def cloned(self, state: State) -> Walk:
        """``clone()``: the same number of buckets, however few are used."""
        return Walk(state, 0, int(state.slots > 0), state.bytes)

    def _buckets(self, entries: int) -> int:
        if entries == 0:
            return 0
        if entries >= 15:
            return _power_of_two(entries * 8 // 7)
        least = max(entries, self._least_capacity())
        return 4 if least < 4 else 8 if least < 8 else 16

    def _least_capacity(self) -> int:
        # hashbrown fills at least one control group, so small entries start with more buckets.
        size = 8 if self.entry_bytes is None else self.entry_bytes
        if self.target.hash_group == 8:
            return 7 if size <= 1 else 3
        return 14 if size <= 1 else 7 if size <= 3 else 3

    def _state(self, buckets: int) -> State:
        capacity = max(0, buckets - 1) if buckets <= 8 else buckets // 8 * 7
        if buckets == 0:
            return State(0, 0, 0)
        if self.entry_bytes is None:
            return State(capacity, buckets, None)
        # The control bytes start on a multiple of the group width. Stronger alignments add nothing:
        # the size of such an entry is already a multiple of its alignment.
        group = self.target.hash_group
        data = -(-self.entry_bytes * buckets // group) * group
        return State(capacity, buckets, data + buckets + group)


def _power_of_two(value: int) -> int:
    return 1 << (value - 1).bit_length()


_ARRAYS = ("Vec", "String", "OsString", "VecDeque", "BinaryHeap")
_HASHES = ("HashMap", "HashSet", "FxHashMap", "FxHashSet", "AHashMap", "AHashSet")
RUST_MODELS: dict[str, type[RustArray | RustHash]] = {
    **dict.fromkeys(_ARRAYS, RustArray),
    **dict.fromkeys(_HASHES, RustHash),
}
"""Class per type name; the Fx and A variants are std's tables with another hasher."""

BYTE_STRINGS = frozenset({"String", "OsString"})
"""Types whose entries are always bytes."""
