"""Forecasts, edges of the models, and the models against simulations that insert one entry at a time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from alloclint.capacity import (
    CapacityError,
    Forecast,
    Model,
    Saving,
    Target,
    forecast,
    known_types,
    model_for,
)

JDK_21 = Target(java_release=21)
LARGEST = 10**15
INT_MAX = 2**31 - 1


def model(
    language: str,
    name: str,
    size: int | None = None,
    target: Target | None = None,
    load_factor: float | None = None,
) -> Model:
    found = model_for(language, name, size, target, load_factor)
    assert found is not None
    return found


def suggestion(
    language: str, name: str, entries: int, headroom: float | str = 1, target: Target | None = None
) -> str | None:
    return forecast(language, name, entries, headroom=headroom, target=target).suggestion


# Forecasts


def test_map_of_58_million_entries_just_below_its_boundary() -> None:
    found = forecast("rust", "HashMap", 58_700_000, entry_bytes=32, growth_per_day=2_500_000, headroom=3)
    before, after = 2**26 * 33 + 16, 2**27 * 33 + 16
    assert found == Forecast(
        language="rust",
        type="HashMap",
        entries=58_700_000,
        entry_bytes=32,
        capacity=58_720_256,
        bytes=before,
        next_growth_at=58_720_257,
        next_capacity=117_440_512,
        next_bytes=after,
        transient_peak_bytes=before + after,
        reallocations=25,
        days_left=20_257 / 2_500_000,
        suggestion="HashMap::with_capacity(176_100_000)",
    )


def test_measured_table_of_24_byte_pairs() -> None:
    found = forecast("rust", "HashMap", 58_720_256, entry_bytes=24)
    assert (found.bytes, found.next_bytes) == (1_677_721_616, 3_355_443_216)
    assert found.transient_peak_bytes == 5_033_164_832
    assert found.next_growth_at == 58_720_257


def test_byte_figures_need_an_entry_size_in_rust() -> None:
    found = forecast("rust", "HashMap", 1_000, growth_per_day=1)
    assert (found.bytes, found.next_bytes, found.transient_peak_bytes) == (None, None, None)
    assert (found.capacity, found.next_growth_at, found.days_left) == (1_792, 1_793, 793.0)


def test_outside_entries_count_once_on_both_sides_of_a_growth() -> None:
    table_only = forecast("java", "HashMap", 12)
    found = forecast("java", "HashMap", 12, entry_bytes=48)
    assert (table_only.bytes, table_only.next_bytes, table_only.transient_peak_bytes) == (80, 144, 224)
    assert (found.bytes, found.next_bytes, found.transient_peak_bytes) == (
        80 + 12 * 48,
        144 + 13 * 48,
        224 + 13 * 48,
    )


def test_starting_capacity_of_the_code() -> None:
    assert forecast("java", "HashMap", 1_000, capacity=1_000).reallocations == 2
    assert forecast("java", "HashMap", 1_000, capacity=1_334).reallocations == 1
    assert forecast("java", "ArrayList", 1_000, capacity=1_000).reallocations == 0
    assert forecast("rust", "Vec", 5, capacity=100).next_growth_at == 101
    assert forecast("python", "list", 5, capacity=100).next_growth_at == 9


def test_empty_collections() -> None:
    assert forecast("rust", "Vec<u64>", 0, entry_bytes=8).bytes == 0
    assert forecast("rust", "HashMap", 0, growth_per_day=2).days_left == 0.5
    assert forecast("java", "HashMap", 0).next_growth_at == 1
    assert forecast("python", "dict", 0).bytes == 64


@pytest.mark.parametrize(
    ("entries", "headroom", "asked"),
    [
        (3, 2.5, "8"),
        (10, 1.1, "11"),
        (10, "1.1", "11"),
        (10, Decimal("1.1"), "11"),
        (10, Fraction(11, 10), "11"),
        (3, Fraction(1, 3), "1"),
        (10**15, 1.1, "1_100_000_000_000_000"),
        (0, 3, "0"),
        (7, 1, "7"),
    ],
)
def test_headroom_is_exact(entries: int, headroom: float | str | Decimal | Fraction, asked: str) -> None:
    assert forecast("rust", "Vec", entries, headroom=headroom).suggestion == f"Vec::with_capacity({asked})"


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("rust", "std::collections::HashMap<u64, Vec<u8>>", "HashMap::with_capacity(1_000)"),
        ("rust", "FxHashMap", "FxHashMap::with_capacity_and_hasher(1_000, Default::default())"),
        ("java", "java.util.HashMap<String, List<String>>", "new HashMap<>(1_334)"),
        ("java", "LinkedHashSet", "new LinkedHashSet<>(1_334)"),
        ("java", "WeakHashMap", "new WeakHashMap<>(1_335)"),
        ("java", "ConcurrentHashMap", "new ConcurrentHashMap<>(1_000)"),
        ("java", "IdentityHashMap", "new IdentityHashMap<>(1_000)"),
        ("java", "Hashtable", "new Hashtable<>(1_334)"),
        ("java", "ArrayList", "new ArrayList<>(1_000)"),
        ("java", "StringBuilder", "new StringBuilder(1_000)"),
        ("java", "Stack", None),
        ("python", "list", "[None] * 1_000"),
        ("python", "bytearray", "bytearray(1_000)"),
        ("python", "str", '"".join(parts)'),
        ("python", "dict", None),
        ("python", "set", None),
    ],
)
def test_suggestions(language: str, name: str, text: str | None) -> None:
    assert suggestion(language, name, 1_000) == text


def test_java_suggestions_follow_the_release_and_the_limits() -> None:
    assert suggestion("java", "HashMap", 58_700_000, 3) == "new HashMap<>(234_800_000)"
    assert suggestion("java", "HashMap", 58_700_000, 3, JDK_21) == "HashMap.newHashMap(176_100_000)"
    assert suggestion("java", "LinkedHashSet", 7, 1, JDK_21) == "LinkedHashSet.newLinkedHashSet(7)"
    assert suggestion("java", "WeakHashMap", 7, 1, JDK_21) == "WeakHashMap.newWeakHashMap(7)"
    assert suggestion("java", "HashMap", 2 * 10**9) == "new HashMap<>(2_147_483_647)"
    assert suggestion("java", "PriorityQueue", 0) == "new PriorityQueue<>(1)"
    assert suggestion("java", "ArrayList", 2 * 10**9, 2) is None
    assert suggestion("rust", "String", 10**18, 10) is None


@pytest.mark.parametrize("rate", [0, 0.0, Fraction(0)])
def test_no_growth_means_no_day(rate: float | Fraction) -> None:
    assert forecast("rust", "Vec", 5, growth_per_day=rate).days_left is None


# Errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rust", "HashMpa", 1), "did you mean HashMap?"),
        (("java", "arraylist", 1), "did you mean ArrayList?"),
        (("rust", "SmallVec", 1), "no growth model for the rust type 'SmallVec'"),
        (("python", "xyzzy", 1), "known are bytearray, dict, list, set, str"),
        (("pyhton", "list", 1), "did you mean python?"),
        (("rust", "Vec", -1), "-1 entries cannot exist; pass 0 or more"),
        (("java", "ArrayList", 2**31), "it stops at 2,147,483,647; split"),
        (("java", "HashMap", 2**31), "it stops at 2,147,483,647; split"),
        (("java", "IdentityHashMap", 2**29), "it stops at 536,870,911; split"),
        (("rust", "String", 2**63), "split the data"),
    ],
)
def test_errors_name_the_remedy(arguments: tuple[str, str, int], message: str) -> None:
    with pytest.raises(CapacityError) as caught:
        forecast(*arguments)
    assert message in str(caught.value)


def test_option_errors() -> None:
    cases: list[Callable[[], object]] = [
        lambda: forecast("rust", "Vec", 1, entry_bytes=-1),
        lambda: forecast("java", "StringBuilder", 1, entry_bytes=4),
        lambda: forecast("rust", "Vec", 1, headroom=0),
        lambda: forecast("rust", "Vec", 1, headroom=-2),
        lambda: forecast("rust", "Vec", 1, headroom=float("nan")),
        lambda: forecast("rust", "Vec", 1, headroom=float("inf")),
        lambda: forecast("rust", "Vec", 1, headroom="1/0"),
        lambda: forecast("rust", "Vec", 1, headroom="much"),
        lambda: forecast("rust", "Vec", 1, growth_per_day=-1.0),
        lambda: forecast("rust", "Vec", 1, capacity=-1),
        lambda: forecast("rust", "Vec", 1, capacity=2**64),
        lambda: forecast("java", "ArrayList", 1, capacity=2**31),
        lambda: forecast("java", "PriorityQueue", 1, capacity=0),
        lambda: model_for("java", "Vector", load_factor=0.5),
        lambda: model_for("java", "HashMap", load_factor=0.0),
    ]
    for case in cases:
        with pytest.raises(CapacityError, match=r"; |, not "):
            case()


def test_types_without_a_model() -> None:
    for language, name in (("rust", "IndexMap"), ("rust", "SmallVec"), ("java", "TreeMap"), ("go", "map")):
        assert model_for(language, name) is None
    assert known_types("python") == ("bytearray", "dict", "list", "set", "str")
    assert known_types("go") == ()


# Models


def test_holds_what_the_constructor_argument_really_holds() -> None:
    assert model("java", "HashMap").holds(100) == 96
    assert model("java", "ArrayList").holds(100) == 100
    assert model("java", "ArrayDeque").holds(100) == 100
    assert model("java", "ConcurrentHashMap").holds(100) == 191
    assert model("java", "ArrayList").holds(0) == 0
    assert model("java", "HashMap").holds(0) == 1
    assert model("rust", "HashMap").holds(100) == 112
    assert model("rust", "HashMap", 1).holds(1) == 14
    assert model("rust", "HashMap", 1, Target(hash_group=8)).holds(1) == 7


def test_hash_group_changes_the_control_bytes() -> None:
    assert model("rust", "HashMap", 16, Target(hash_group=8)).empty(100).bytes == 128 * 16 + 128 + 8


def test_zero_sized_entries_never_allocate() -> None:
    vec = model("rust", "Vec<()>", 0)
    assert vec.grown(LARGEST).bytes == 0
    assert vec.reallocations(LARGEST) == 0
    assert forecast("rust", "Vec", 5, entry_bytes=0).next_growth_at is None
    assert forecast("rust", "Vec", 5, entry_bytes=0).transient_peak_bytes is None


def test_savings() -> None:
    # 4, 8, .. 1024 elements of 8 bytes against one block of 1000.
    assert model("rust", "Vec", 8).saving(1_000) == Saving(8, 8 * (2_044 - 1_000))
    assert model("rust", "Vec").saving(1_000) == Saving(8, None)
    assert model("rust", "Vec", 8).saving(0) == Saving(0, 0)
    # Tables of 16, 32, .. 2048 references against the last one.
    assert model("java", "HashMap").saving(1_000) == Saving(7, 7 * 16 + 4 * (4_080 - 2_048))
    assert model("python", "dict").saving(1_000) == Saving(0, 0)
    assert model("python", "str").saving(3) == Saving(2, 1 + 2)


def test_java_saturates_where_the_jdk_does() -> None:
    array = model("java", "ArrayList")
    assert array.grown(2 * 10**9).slots == INT_MAX - 8
    assert array.grown(INT_MAX).slots == INT_MAX
    assert array.next_state(array.grown(INT_MAX)) is None
    table = model("java", "HashMap").grown(INT_MAX)
    assert (table.slots, table.capacity) == (2**30, INT_MAX)
    assert model("java", "HashMap").empty(INT_MAX).threshold == 2**30
    assert model("java", "ConcurrentHashMap").grown(LARGEST).slots == 2**30
    assert model("java", "IdentityHashMap").empty(2**29 // 3).slots == 2**29
    assert model("java", "IdentityHashMap").empty(INT_MAX).slots == 2**30
    assert forecast("java", "HashMap", 10**9).next_growth_at is None
    assert forecast("java", "WeakHashMap", 10**9, growth_per_day=1).days_left is None
    assert model("java", "Hashtable").grown(INT_MAX).slots == INT_MAX - 8
    assert model("java", "StringBuilder", 2).grown(2**30 - 1).slots == 2**30 - 1


def test_weak_map_resizes_one_entry_earlier_before_19() -> None:
    assert model("java", "WeakHashMap").grown(11).slots == 16
    assert model("java", "WeakHashMap").grown(12).slots == 32
    assert model("java", "WeakHashMap", target=JDK_21).grown(12).slots == 16


def test_qualified_names_and_string_keys() -> None:
    assert model("python", "dict[str, int]").grown(1_000).bytes == 32 + 2_048 * 2 + 1_365 * 16
    assert model("python", "dict[int, str]").grown(1_000).bytes == 32 + 2_048 * 2 + 1_365 * 24
    assert model("rust", "Vec::<u8>").type_name == "Vec"
    assert model("python", "builtins.list").type_name == "list"


EVERY = [(language, name) for language in ("rust", "java", "python") for name in known_types(language)]


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_capacity_never_shrinks_and_always_suffices(language: str, name: str) -> None:
    of = model(language, name)
    states = [of.grown(n) for n in (*range(300), 10**4, 10**6, 5 * 10**8)]
    assert all(before.capacity <= after.capacity for before, after in pairwise(states))
    for n in (*range(300), 12_288, 98_304, 10**6, 16_777_217, 500_000_001):
        assert of.grown(n).capacity >= n
        assert of.capacity_for(n) >= n or of.argument_for(n) == 0
        assert of.presized(n).growths <= 1 or of.constructor(n) is None
        assert of.saving(n).reallocations >= 0


@pytest.mark.parametrize(
    ("language", "name"), [pair for pair in EVERY if pair[0] != "java"] + [("java", "ConcurrentHashMap")]
)
def test_quadrillions_are_answered_at_once(language: str, name: str) -> None:
    found = forecast(language, name, LARGEST, entry_bytes=1, growth_per_day=1)
    assert found.capacity >= LARGEST
    assert found.bytes is not None


@pytest.mark.parametrize("start", [None, 0, 1, 2, 3, 10, 100, 1_000])
@pytest.mark.parametrize(("language", "name"), EVERY)
def test_walk_agrees_with_inserting_one_by_one(language: str, name: str, start: int | None) -> None:
    of = model(language, name, 8 if language == "rust" else None)
    if (name, start) == ("PriorityQueue", 0):
        return
    state, growths = of.empty(start), 0
    for n in range(1, 1_000):
        if n > state.capacity:
            larger = of.next_state(state)
            assert larger is not None
            state, growths = larger, growths + 1
        if n % 37 == 0 or n < 40:
            assert of.grown(n, start) == state
            assert of.reallocations(n, start) == growths


# Simulations written from the rules of the runtimes, without the models


def simulated_vec(entries: int) -> list[int]:
    capacities, capacity = [0], 0
    for length in range(1, entries + 1):
        if length > capacity:
            capacity = max(2 * capacity, length, 4)
        capacities.append(capacity)
    return capacities


def simulated_hash_map(entries: int) -> list[int]:
    usable, buckets = [0], 0
    for length in range(1, entries + 1):
        if length > (buckets - 1 if buckets <= 8 else buckets * 7 / 8):
            buckets = max(4, 2 * buckets)
        usable.append(buckets - 1 if buckets <= 8 else buckets * 7 // 8)
    return usable


def simulated_java_hash_map(entries: int) -> list[int]:
    slots, table = [0], 0
    for size in range(1, entries + 1):
        table = table or 16
        if size > table * 0.75:
            table *= 2
        slots.append(table)
    return slots


def simulated_python_list(entries: int) -> list[int]:
    allocated, room = [0], 0
    for size in range(1, entries + 1):
        if size > room:
            room = (size + (size >> 3) + 6) & ~3
        allocated.append(room)
    return allocated


def simulated_python_set(entries: int) -> list[int]:
    slots, table = [8], 8
    for fill in range(1, entries + 1):
        if fill * 5 >= (table - 1) * 3:
            while table <= fill * 4:
                table <<= 1
        slots.append(table)
    return slots


def simulated_array_deque(entries: int) -> list[int]:
    lengths, length = [17], 17
    for size in range(1, entries + 1):
        if size == length:
            length += length + 2 if length < 64 else length >> 1
        lengths.append(length)
    return lengths


def test_closed_forms_against_simulations() -> None:
    simulations: list[tuple[str, str, Callable[[int], list[int]]]] = [
        ("rust", "Vec", simulated_vec),
        ("java", "HashMap", simulated_java_hash_map),
        ("python", "list", simulated_python_list),
        ("python", "set", simulated_python_set),
        ("java", "ArrayDeque", simulated_array_deque),
    ]
    for language, name, simulate in simulations:
        of = model(language, name)
        assert [of.grown(n).slots for n in range(5_001)] == simulate(5_000), name
    of = model("rust", "HashMap")
    assert [of.grown(n).capacity for n in range(5_001)] == simulated_hash_map(5_000)


def test_str_totals_in_closed_form() -> None:
    for width in (1, 2, 4):
        of = model("python", "str", width)
        total = 0
        for n in range(200):
            total += of.grown(n).bytes or 0
            assert of.allocated(n) == total
            assert of.reallocations(n) == n
