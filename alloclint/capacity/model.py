"""What every growth model has in common: states, the walk from empty to n entries, savings, peaks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


class CapacityError(ValueError):
    """A question the models cannot answer; the message says what to ask instead."""


@dataclass(frozen=True, slots=True)
class Target:
    """The assumptions about the machine and the runtime that the figures depend on."""

    pointer_bytes: int = 8
    """Size of a Rust pointer, 8 or 4; it limits the size of a block. CPython is modelled as 64-bit."""
    hash_group: int = 16
    """Control bytes hashbrown looks at together: 16 with SSE2, 8 elsewhere (for example aarch64)."""
    java_release: int = 17
    """Feature release of the JDK; 17 and 25 are measured, older releases are answered as 17."""
    compressed_oops: bool = True
    """Whether Java references take 4 bytes (heaps below 32 GB) instead of 8."""
    python_version: tuple[int, int] = (3, 11)
    """CPython (major, minor), 3.6 or later."""


@dataclass(frozen=True, slots=True)
class State:
    """A collection's storage at one moment."""

    capacity: int
    """Entries that fit; the insertion that makes the length ``capacity + 1`` grows the storage."""
    slots: int
    """Length of the table or array behind it; 0 while nothing is allocated."""
    bytes: int | None
    """Size of that table or array; None when it depends on an entry size nobody gave."""
    threshold: int = 0
    """Resize threshold of the Java tables, or the first size while nothing is allocated (the JDK
    keeps both in one field too). 0 for every other collection."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from an empty collection to n entries."""

    state: State
    growths: int
    """Insertions that had to grow the storage, a first allocation made by an insertion included."""
    blocks: int
    """Blocks allocated, including one the constructor allocates."""
    bytes: int | None
    """Sum of the sizes of those blocks."""

    def then(self, state: State) -> Walk:
        """This way continued by one step into the storage of ``state``; unchanged if it is the same."""
        if state == self.state:
            return self
        total = None if self.bytes is None or state.bytes is None else self.bytes + state.bytes
        return Walk(state, self.growths + 1, self.blocks + (state.slots > 0), total)


@dataclass(frozen=True, slots=True)
class Saving:
    """What asking for the right capacity up front avoids."""

    reallocations: int
    """Blocks that are no longer allocated (and, after the first, copied)."""
    bytes: int | None
    """Bytes that are no longer requested from the allocator; None without an entry size."""


@dataclass(frozen=True, slots=True)
class Model(ABC):
    """Growth of one collection type with entries of one size, filled by single insertions.

    ``entry_bytes`` is the size of an entry: in Rust of the element or of the ``(K, V)`` pair, held inside
    the storage; in Java and Python of whatever the storage points to (node, key, value), held outside.
    None means unknown. Outside bytes are never guessed: without ``entry_bytes`` only the storage counts.
    """

    type_name: str
    entry_bytes: int | None
    target: Target

    language: ClassVar[str]
    shell_bytes: ClassVar[int] = 0

    @abstractmethod
    def empty(self, start: int | None = None) -> State:
        """The state right after construction with capacity argument ``start`` (None: no argument)."""

    @abstractmethod
    def next_state(self, state: State) -> State | None:
        """The state after the insertion number ``state.capacity + 1``; None if it can never grow again."""

    @abstractmethod
    def argument_for(self, entries: int) -> int | None:
        """Argument for the smallest storage that holds ``entries`` without growing; None if there is none."""

    @abstractmethod
    def constructor(self, entries: int) -> str | None:
        """Source text that makes room for ``entries``; None where the language offers nothing."""

    @property
    def outside_bytes(self) -> int:
        """Known bytes per entry that live outside of the storage."""
        return 0

    def header_bytes(self) -> int:
        """Bytes of the collection object itself that ``bytes_of`` includes."""
        return self.shell_bytes

    def walk(self, entries: int, start: int | None = None) -> Walk:
        """Everything that happens while ``entries`` entries are inserted one by one.

        Storage grows geometrically, so this takes O(log entries) steps.
        Raises CapacityError when the collection cannot hold that many.
        """
        state = self.empty(start)
        allocated = state.slots > 0
        return self.filled(Walk(state, 0, int(allocated), state.bytes if allocated else 0), entries)

    def filled(self, walk: Walk, entries: int) -> Walk:
        """``walk`` continued by single insertions up to ``entries``; raises CapacityError like ``walk``."""
        while walk.state.capacity < entries:
            walk = walk.then(self._grow(walk.state, entries))
        return walk

    def _grow(self, state: State, entries: int) -> State:
        larger = self.next_state(state)
        if larger is None:
            raise CapacityError(
                f"{self.type_name} cannot hold {entries:,} entries: it stops at {state.capacity:,}; "
                "split the data over several collections"
            )
        return larger

    def grown(self, entries: int, start: int | None = None) -> State:
        """The state after ``entries`` single insertions into a collection built with ``start``."""
        return self.walk(entries, start).state

    def reallocations(self, entries: int, start: int | None = None) -> int:
        """Insertions among the first ``entries`` that grow the storage, first allocation included."""
        return self.walk(entries, start).growths

    def allocated(self, entries: int, start: int | None = None) -> int | None:
        """Bytes requested for storage on the way to ``entries``; None without an entry size."""
        return self.walk(entries, start).bytes

    def holds(self, argument: int) -> int:
        """How many entries a collection built with ``argument`` takes before it has to grow.

        A table that is only allocated by the first insertion counts as allocated.
        """
        return self.empty(argument).capacity

    def capacity_for(self, entries: int) -> int:
        """Capacity after room for ``entries`` was asked for in the best way the language offers."""
        return self.presized(entries).state.capacity

    def presized(self, entries: int) -> Walk:
        """The way to ``entries`` with the best constructor argument; as from empty if there is none."""
        return self.walk(entries, self.argument_for(entries))

    def saving(self, entries: int, start: int | None = None) -> Saving:
        """What presizing for ``entries`` saves against a capacity of ``start`` (None: the default)."""
        plain, sized = self.walk(entries, start), self.presized(entries)
        known = plain.bytes is not None and sized.bytes is not None
        saved = max(0, (plain.bytes or 0) - (sized.bytes or 0)) if known else None
        return Saving(max(0, plain.blocks - sized.blocks), saved)

    def bytes_of(self, state: State, entries: int = 0) -> int | None:
        """Bytes held: the object as far as it is counted, its storage, and ``entries`` outside entries."""
        if state.bytes is None:
            return None
        return self.header_bytes() + state.bytes + self.outside_bytes * entries

    def next_growth_at(self, state: State) -> int | None:
        """The length whose insertion grows the storage; None if it never grows again."""
        return None if self.next_state(state) is None else state.capacity + 1

    def peak_of_growth(self, state: State) -> int | None:
        """Bytes live during the next growth, while old and new storage exist together.

        For storage that is reallocated this is the copying case; large blocks are often moved by the
        kernel without a second copy. None if the storage cannot grow or its size is unknown.
        """
        larger = self.next_state(state)
        if larger is None or state.bytes is None:
            return None
        after = self.bytes_of(larger, state.capacity + 1)
        return None if after is None else after + state.bytes
