"""CPython's built-in collections, 3.6 to 3.13.

``bytes_of`` includes the object itself, so that without outside entries it equals ``sys.getsizeof``.
Only list and bytearray can be presized; nothing in the language presizes a dict or a set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alloclint.capacity.model import CapacityError, Model, State, Walk
from alloclint.capacity.quantity import group_digits


@dataclass(frozen=True, slots=True)
class _PythonModel(Model):
    language: ClassVar[str] = "python"

    @property
    def outside_bytes(self) -> int:
        return self.entry_bytes or 0

    def argument_for(self, entries: int) -> int | None:
        return None

    def constructor(self, entries: int) -> str | None:
        return None

    def _tracked(self, header: int) -> int:
        # The garbage collector's header shrank by 16 bytes in 3.8.
        return header + 16 if self.target.python_version < (3, 8) else header


@dataclass(frozen=True, slots=True)
class PythonDict(_PythonModel):
    """dict, started as ``{}``; two thirds of a power of two of slots are usable."""

    string_keys: bool = False
    """Whether every key is a str; since 3.11 such a dict keeps no hashes and is a third smaller."""

    shell_bytes: ClassVar[int] = 64

    def header_bytes(self) -> int:
        return self._tracked(self.shell_bytes)

    def empty(self, start: int | None = None) -> State:
        # Up to 3.7 even an empty dict has its 8 slots.
        return self._state(8) if self.target.python_version < (3, 8) else State(0, 0, 0)

    def next_state(self, state: State) -> State | None:
        # CPython asks for three times the live entries, which for insertions alone always doubles.
        return self._state(max(8, 2 * state.slots))

    def _state(self, slots: int) -> State:
        usable = 2 * slots // 3
        header = 40 if self.target.python_version < (3, 11) else 32
        packed = self.string_keys and self.target.python_version >= (3, 11)
        return State(usable, slots, header + slots * _index_bytes(slots) + usable * (16 if packed else 24))


def _index_bytes(slots: int) -> int:
    return 1 if slots < 1 << 8 else 2 if slots < 1 << 16 else 4 if slots < 1 << 32 else 8


@dataclass(frozen=True, slots=True)
class PythonSet(_PythonModel):
    """set: eight slots inside the object, then 16 bytes per slot; grows fourfold, above 50,000 twofold."""

    shell_bytes: ClassVar[int] = 216

    def header_bytes(self) -> int:
        return self._tracked(self.shell_bytes)

    def empty(self, start: int | None = None) -> State:
        return self._state(8)

    def next_state(self, state: State) -> State | None:
        used = state.capacity + 1
        least = used * 2 if used > 50_000 else used * 4
        return self._state(1 << least.bit_length())

    def merged(self, state: State, length: int, additional: int) -> State:
        """After ``set(x)``, ``copy``, ``|`` or ``update`` with a set or dict of ``additional`` entries."""
        used = length + additional
        return state if used <= state.capacity else self._state(1 << (2 * used).bit_length())

    def _state(self, slots: int) -> State:
        mask = slots - 1
        old = self.target.python_version < (3, 7)
        capacity = (2 * mask - 1) // 3 if old else (3 * mask - 1) // 5
        return State(capacity, slots, 0 if slots == 8 else 16 * slots)


@dataclass(frozen=True, slots=True)
class PythonList(_PythonModel):
    """list filled by append, or made by ``[None] * n``, which allocates exactly n pointers.

    The operations on many entries are measured on 3.11 to 3.13.
    """

    shell_bytes: ClassVar[int] = 56

    def header_bytes(self) -> int:
        return self._tracked(self.shell_bytes)

    def empty(self, start: int | None = None) -> State:
        return self._state(0)

    def next_state(self, state: State) -> State | None:
        return self._resized(state.capacity + 1)

    def _resized(self, needed: int) -> State:
        if self.target.python_version < (3, 9):
            return self._state(needed + needed // 8 + (3 if needed < 9 else 6))
        return self._state((needed + needed // 8 + 6) & ~3)

    def sized(self, entries: int) -> State:
        """After ``list(x)``, ``[*x]``, ``sorted(x)`` or the first ``extend`` where ``x`` has a length.

        From 3.13 on dicts and sets are treated as ``extended`` does. Raises CapacityError before 3.10, where
        these differ from each other.
        """
        if self.target.python_version < (3, 10):
            raise CapacityError("lists made from sized iterables are modelled from Python 3.10 on")
        return self._state((entries + 1) & ~1)

    def extended(self, state: State, length: int, additional: int) -> State:
        """After ``extend`` of a list that is not fresh by ``additional`` entries."""
        needed = length + additional
        if needed <= state.capacity:
            return state
        larger = self._resized(needed)
        # Rather exact than generous where the rest would be smaller than what was just added.
        tight = additional > larger.capacity - needed and self.target.python_version >= (3, 9)
        return self._state((needed + 3) & ~3) if tight else larger

    def generated(self, entries: int) -> State:
        """After ``list(x)`` where ``x`` has no length: room for eight at first, cut back below four."""
        if entries < 4:
            return self._resized(entries) if entries else self._state(0)
        return self.filled(Walk(self._state(8), 0, 0, 0), entries).state

    def cut(self, state: State, length: int) -> State:
        """After one ``del`` of a slice at the end that leaves ``length``; half-empty storage is kept."""
        if length >= state.capacity // 2:
            return state
        return self._resized(length) if length else self._state(0)

    def popped(self, state: State, length: int) -> State:
        """After single pops down to ``length``; since 3.12 the last one frees the storage."""
        if length == 0 and self.target.python_version >= (3, 12):
            return self._state(0)
        at = state.capacity
        while length < (at := min(at, state.capacity // 2)):
            at -= 1
            state = self.cut(state, at)
        return state

    def presized(self, entries: int) -> Walk:
        return Walk(self._state(entries), 0, int(entries > 0), self._state(entries).bytes)

    def constructor(self, entries: int) -> str | None:
        return f"[None] * {group_digits(entries, 'python')}"

    def _state(self, allocated: int) -> State:
        return State(allocated, allocated, 8 * allocated)


@dataclass(frozen=True, slots=True)
class PythonBytearray(_PythonModel):
    """bytearray filled byte by byte; it always keeps one byte more for a terminating zero."""

    shell_bytes: ClassVar[int] = 56

    @property
    def outside_bytes(self) -> int:
        return 0

    def holds(self, argument: int) -> int:
        """``bytearray(n)`` is n bytes long: byte n + 1 grows it."""
        return argument

    def empty(self, start: int | None = None) -> State:
        return self._state(0)

    def next_state(self, state: State) -> State | None:
        needed = state.capacity + 1
        if 8 * needed > 9 * state.slots:
            return self._state(needed + 1)
        return self._state(needed + needed // 8 + (3 if needed < 9 else 6))

    def presized(self, entries: int) -> Walk:
        state = self._state(entries + 1 if entries else 0)
        return Walk(state, 0, int(entries > 0), state.bytes)

    def constructor(self, entries: int) -> str | None:
        return f"bytearray({group_digits(entries, 'python')})"

    def _state(self, allocated: int) -> State:
        return State(max(0, allocated - 1), allocated, allocated)


@dataclass(frozen=True, slots=True)
class PythonStr(_PythonModel):
    """str extended one character at a time: every step is a reallocation to the exact size.

    ``entry_bytes`` is the width of the widest character: 1 (ASCII, also when None), 2 or 4.
    """

    shell_bytes: ClassVar[int] = 49

    @property
    def outside_bytes(self) -> int:
        return 0

    def header_bytes(self) -> int:
        return self.shell_bytes - 8 if self.target.python_version >= (3, 12) else self.shell_bytes

    def empty(self, start: int | None = None) -> State:
        return self._state(0)

    def next_state(self, state: State) -> State | None:
        return self._state(state.capacity + 1)

    def walk(self, entries: int, start: int | None = None) -> Walk:
        """Closed form of ``entries`` exact reallocations."""
        width, extra = self._width()
        total = width * (entries * (entries + 1) // 2) + extra * entries
        return Walk(self._state(entries), entries, entries, total)

    def presized(self, entries: int) -> Walk:
        """The cost of joining the parts at the end: one block."""
        state = self._state(entries)
        return Walk(state, 0, int(entries > 0), state.bytes)

    def constructor(self, entries: int) -> str | None:
        return '"".join(parts)'

    def _state(self, characters: int) -> State:
        width, extra = self._width()
        return State(characters, characters, width * characters + extra if characters else 0)

    def _width(self) -> tuple[int, int]:
        width = self.entry_bytes or 1
        if width == 1:
            return 1, 0
        # A string that is not ASCII has a longer header; the terminator is one character wide.
        longer = 16 if self.target.python_version >= (3, 12) else 24
        return width, longer + width - 1


PYTHON_MODELS: dict[str, type[_PythonModel]] = {
    "list": PythonList,
    "dict": PythonDict,
    "set": PythonSet,
    "bytearray": PythonBytearray,
    "str": PythonStr,
}
"""Class per type name."""
