"""Rust's std collections: amortised arrays and hashbrown tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alloclint.capacity.model import CapacityError, Model, State
from alloclint.capacity.quantity import group_digits


@dataclass(frozen=True, slots=True)
class _RustModel(Model):
    language: ClassVar[str] = "rust"

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
