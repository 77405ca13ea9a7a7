"""Every measured row of a modelled collection against its model; a mismatch of one unit fails.

``data/growth_rows.json.gz`` keeps, of the measurements with rustc 1.95, OpenJDK 17 and 25 and CPython
3.6 to 3.13, the rows of modelled types and of these fields only:

* growth: length at growth, old and new capacity (array length, slots), and for Rust and Java the new
  block, the freed block and the peak of that insertion; for Python ``sys.getsizeof`` before and after.
  Times are dropped.
* with_capacity, constructors: argument, resulting length or capacity, bytes, and for Java the resizes
  seen while inserting that many. For Python also what copies, slices, ``extend`` and pops leave.
* behaviour (Rust): insertion loops with totals requested from the allocator, and capacities of first
  pushes.
* bulk: operations on many entries (reserve, extend, collect, shrink, copies, putAll, appending strings):
  argument, length, capacity, and for Rust the bytes and blocks requested from the allocator, for Java the
  bytes of the array. Peaks and the blocks that other values hold meanwhile are dropped.
* sizes (Java): nodes, boxed numbers and arrays, for OpenJDK 17 with and without compressed oops and for 25.
* literals (Python): argument, slots or allocated pointers, ``sys.getsizeof``.

Left out because the type has no model: BTreeMap, buffered readers and writers and what is read from files
through them (Rust); PriorityBlockingQueue, ByteArrayOutputStream, BitSet, CopyOnWriteArrayList and the
immutable ``copyOf`` collections (Java); deque, array, Counter and the like (Python).

Left out although the type is modelled:

* Rust maps after removals (churn, ``retain`` without shrinking, removing all and inserting again): the
  capacity then depends on where the hashes left tombstones. ``format!`` with literal text and ``replace``
  by something shorter: std estimates their first block. The calls that grow one full map of 112 entries and
  the map of 58,720,256 (their rules are compared above); what the allocator really hands out and resident
  memory, which are no property of the collection.
* Java thresholds; two checks that put of an existing key and removals keep the table; tables filled by
  several threads, whose size is not the same in every run; objects that no entry size is made of; other
  object alignments, uncompressed class pointers and compact headers.
* Python: dicts and sets after deletions (churn), ``fromkeys`` and ``update`` that presize a dict, lists
  that ``split`` fills, bytearrays that grow by many bytes at once, Latin-1 text beyond ASCII, literals of
  constants; lists grown by ``+=``; sizes of other objects.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from alloclint.capacity import CapacityError, Model, State, Target, model_for
from alloclint.capacity.java import JavaConcurrentHashMap, JavaHashMap, JavaStringBuilder
from alloclint.capacity.model import Walk
from alloclint.capacity.rust import Hint, RustArray, RustHash, exact_hint, no_hint, utf8_hint
from alloclint.facts.building.layout import entry_bytes
from alloclint.syntax.model import Type

_FILE = Path(__file__).parent / "data" / "growth_rows.json.gz"
ROWS: dict[str, Any] = json.loads(gzip.decompress(_FILE.read_bytes()))

Comparison = tuple[object, object, object]
"""Where the row stands, what was measured, what the model says."""


def mismatches(comparisons: Iterator[Comparison], expected_rows: int) -> None:
    rows = list(comparisons)
    wrong = [row for row in rows if row[1] != row[2]]
    assert wrong == [], f"{len(wrong)} of {len(rows)} rows differ"
    assert len(rows) == expected_rows


def model(language: str, name: str, size: int | None = None, **options: Any) -> Model:
    found = model_for(language, name, size, **options)
    assert found is not None, name
    return found


def successor(of: Model, state: State) -> State:
    larger = of.next_state(state)
    assert larger is not None
    return larger


# Rust


def rust_growth() -> Iterator[Comparison]:
    for name, measured in ROWS["rust"]["growth"].items():
        rust = model("rust", name.removesuffix("(push_front)"), measured["size"])
        state = rust.empty()
        assert state.capacity == measured["initial"], name
        for row in measured["rows"]:
            old, state = state, successor(rust, state)
            peak = rust.peak_of_growth(old)
            yield name, row, [old.capacity + 1, old.capacity, state.capacity, state.bytes, old.bytes, peak]
            assert rust.grown(row[0]) == state
            assert rust.grown(row[0] - 1) == old


def rust_with_capacity() -> Iterator[Comparison]:
    for name, measured in ROWS["rust"]["with_capacity"].items():
        rust = model("rust", name, measured["size"])
        for row in measured["rows"]:
            state = rust.empty(row[0])
            assert rust.holds(row[0]) == state.capacity == rust.capacity_for(row[0])
            yield name, row, [row[0], state.capacity, rust.bytes_of(state)]


def rust_loops() -> Iterator[Comparison]:
    for name, rows in ROWS["rust"]["behaviour"].items():
        if name.endswith("first push"):
            continue
        kind, _, loop = name.partition(" | ")
        rust = model("rust", kind, {"Vec<u64>": 8, "HashMap<u64,u64>": 16, "String": 1}[kind])
        for row in rows:
            walk = rust.presized(row[0]) if loop.startswith("with_capacity") else rust.walk(row[0])
            yield name, row, [row[0], walk.state.capacity, walk.bytes, walk.blocks, walk.state.bytes]


def rust_first_pushes() -> Iterator[Comparison]:
    for name, rows in ROWS["rust"]["behaviour"].items():
        if name.endswith("first push"):
            kind = name.partition(" | ")[0]
            size = int(re.findall(r"\d+", kind)[-1])
            yield name, rows[0], [1, 1, model("rust", kind, size).grown(1).capacity]


def test_rust_growth() -> None:
    mismatches(rust_growth(), 518)


def test_rust_with_capacity() -> None:
    mismatches(rust_with_capacity(), 9686)


def test_rust_loops() -> None:
    mismatches(rust_loops(), 190)


def test_rust_first_pushes() -> None:
    mismatches(rust_first_pushes(), 40)


# Rust: operations on many entries

Recipe = Callable[[Any, list[int]], Walk]
"""From the model and a row (n, argument, final length, ...) to the way the model takes."""


def untouched(rust: Any, capacity: int) -> Walk:
    """A collection that was there before the measurement began."""
    return Walk(rust.empty(capacity), 0, 0, 0)


def and_other(walk: Walk, bytes_: int | None, blocks: int = 1) -> Walk:
    """Adds what the measured statement allocated for something else, such as the slice it read."""
    assert walk.bytes is not None
    assert bytes_ is not None
    return Walk(walk.state, walk.growths, walk.blocks + (blocks if bytes_ else 0), walk.bytes + bytes_)


def collects(hint: Hint | None) -> Recipe:
    def recipe(rust: Any, row: list[int]) -> Walk:
        if isinstance(rust, RustHash):
            return rust.extended(rust.walk(0), 0, row[2], hint)
        return cast(Walk, rust.collected(row[2], hint))

    return recipe


def extends(hint: Hint | None) -> Recipe:
    return lambda rust, row: rust.extended(untouched(rust, row[0]), row[0], row[2] - row[0], hint)


def fills(hint: Hint | None) -> Recipe:
    return lambda rust, row: rust.extended(untouched(rust, 0), 0, row[2], hint)


def reserves(rust: Any, row: list[int]) -> Walk:
    start = untouched(rust, row[2])
    return start.then(rust.reserved(start.state, row[2], row[1]))


def keeps(rust: Any, row: list[int]) -> Walk:
    return untouched(rust, row[0])


def shrinks(capacity: Callable[[int], int], least: Callable[[list[int]], int]) -> Recipe:
    def recipe(rust: Any, row: list[int]) -> Walk:
        start = untouched(rust, capacity(row[0]))
        return start.then(rust.shrunk(start.state, least(row)))

    return recipe


def wide(n: int) -> int:
    return 4 * n + 4


def length_of(row: list[int]) -> int:
    return row[2]


def same_keys(rust: Any, row: list[int]) -> Walk:
    return untouched(rust, 0).then(rust.reserved(rust.empty(), 0, row[0]))


def duplicates(additional: Callable[[int], int]) -> Recipe:
    def recipe(rust: Any, row: list[int]) -> Walk:
        start = untouched(rust, row[0])
        return start.then(rust.reserved(start.state, row[0], additional(row[0])))

    return recipe


def pieces(bytes_each: int) -> Recipe:
    return lambda rust, row: rust.appended(rust.walk(0), 0, bytes_each, row[0])


def strings(rust: Any, row: list[int]) -> Walk:
    """The first string is taken over, the others are copied and freed."""
    return and_other(pieces(10)(rust, row), 10 * max(0, row[0] - 1), max(0, row[0] - 1))


def union(rust: Any, row: list[int]) -> Walk:
    walk: Walk = rust.extended(rust.walk(0), 0, row[2], lambda left: row[0])
    return and_other(walk, rust.empty(row[0]).bytes)


def boxed(rust: Any, row: list[int]) -> Walk:
    walk: Walk = rust.collected(row[2], no_hint)
    return walk.then(rust.shrunk(walk.state, row[2]))


def named(kind: str, operations: str, recipe: Recipe) -> dict[str, Recipe]:
    return {f"{kind} | {operation}": recipe for operation in operations.split("; ")}


OPERATIONS: dict[str, Recipe] = {
    **named(
        "Vec<u64>",
        "range.collect (TrustedLen); range.map.collect (TrustedLen); flat_map(array2).collect; "
        "chain.collect (TrustedLen); zip.map.collect (TrustedLen); skip(1).collect; step_by(2).collect; "
        "rev.collect; take(n) of (0..).collect; peekable.collect; vec![0;n]; vec![1;n]; "
        "(lo..=hi).collect inclusive; slice.iter().cloned().collect; vec.clone() (source cap 2n+10); "
        "split_off(n/2) -> tail",
        collects(None),
    ),
    **named(
        "Vec<u64>",
        "filter(all true).collect; filter(half).collect; filter_map(all).collect; take_while(all).collect; "
        "skip_while(none).collect; flat_map(once).collect; successors.collect; from_fn.collect; "
        "map_while.collect; scan.collect; user hint (0,Some(n)).collect; Result<Vec>: range.map(Ok).collect; "
        "Option<Vec>: range.map(Some).collect; slice.iter().filter.copied.collect",
        collects(no_hint),
    ),
    **named(
        "Vec<u64>",
        "user ExactSizeIterator.collect; fuse/inspect.collect; map.keys().copied().collect::<Vec>",
        collects(exact_hint),
    ),
    "Vec<u64> | user hint (n/2,None) const .collect": lambda rust, row: rust.collected(
        row[2], lambda left: row[0] // 2
    ),
    **named(
        "Vec<u64>",
        "into_iter.collect (same type); into_iter.collect after next(); into_iter.skip(3n/4).collect; "
        "into_iter.filter(all).collect in place; into_iter.filter(1 in 10).collect in place; "
        "into_iter.map(u64->u64).collect in place",
        lambda rust, row: rust.reused(row[0], 8),
    ),
    "Vec<u64> | into_iter.map([u64;3]->u64).collect": lambda rust, row: rust.reused(row[0], 24),
    "Vec<[u64;2]> | into_iter.map([u64;3]->[u64;2]).collect": lambda rust, row: rust.reused(row[0], 24),
    **named("Vec<u64>", "clear; truncate(0); drain(..); retain(1 in 10)", keeps),
    "Vec<u64> | into_iter consumed past half then collect": lambda rust, row: rust.recollected(*row[:3:2]),
    "Vec<u64> | mem::take leaves": lambda rust, row: untouched(rust, 0),
    "Vec<u64> | extend(range) on empty": fills(None),
    "Vec<u64> | extend(filter) on empty": fills(no_hint),
    "Vec<u64> | extend_from_slice on empty": lambda rust, row: and_other(fills(None)(rust, row), 8 * row[0]),
    "Vec<u64> | append(vec n) on full len=n": lambda rust, row: and_other(
        extends(None)(rust, row), 8 * row[0]
    ),
    **named(
        "Vec<u64>",
        "extend(range n) on full len=n; extend(range 1) on full len=n; extend(range 3n) on full len=n; "
        "insert(0) on full; resize(n+1) on full; resize(3n) on full",
        extends(None),
    ),
    "Vec<u64> | extend(user ExactSize n) on full len=n": extends(exact_hint),
    "Vec<u64> | extend(filter n) on full len=n": extends(no_hint),
    **named("Vec<u64>", "reserve on full; try_reserve on full; reserve on empty", reserves),
    "Vec<u64> | reserve_exact on full": lambda rust, row: untouched(rust, row[2]).then(
        rust.reserved_exactly(rust.empty(row[2]), row[2], row[1])
    ),
    "Vec<u64> | shrink_to_fit from cap 4n+4": shrinks(wide, length_of),
    "Vec<u64> | shrink_to(2n) from cap 4n+4": shrinks(wide, lambda row: 2 * row[0]),
    "Box<[u64]> | into_boxed_slice from cap 4n+4": shrinks(wide, length_of),
    "Box<[u64]> | collect::<Box<[T]>> from filter": boxed,
    "Vec<u32> | into_iter.map(u64->u32).collect": collects(None),
    "Vec<u8> | into_iter.map(u64->u8).collect": collects(None),
    "Vec<[u32;2]> | into_iter.map(u64->[u32;2]).collect": collects(None),
    "Vec<[u64;2]> | into_iter.map(u64->[u64;2]).collect": collects(None),
    "Vec<(u64,u64)> | map.into_iter().collect::<Vec<(K,V)>>": collects(exact_hint),
    "Vec<u8> | str.bytes().collect::<Vec<u8>>": collects(None),
    "Vec<char> | str.chars().collect::<Vec<char>> (ascii)": collects(utf8_hint),
    **named(
        "Vec<&str>",
        "str.lines().collect::<Vec<&str>>; str.split(,).collect::<Vec<&str>>; str.split_whitespace().collect",
        collects(no_hint),
    ),
    **{
        f"{kind} | {operation}": recipe
        for kind in ("VecDeque<u64>", "BinaryHeap<u64>")
        for operation, recipe in {
            "range.collect": collects(None),
            "filter.collect": collects(no_hint),
            "extend(range n) on full len=n": extends(None),
            "reserve on full": reserves,
        }.items()
    },
    **named("HashMap<u64,u64>", "range.map.collect; into_iter.collect::<HashMap>", collects(exact_hint)),
    "HashMap<u64,u64> | filter.map.collect": collects(no_hint),
    "HashMap<u64,u64> | range.map(all same key).collect": same_keys,
    "HashMap<u64,u64> | extend(range) on empty": fills(exact_hint),
    "HashMap<u64,u64> | extend(range n distinct) on len=n (tight)": extends(exact_hint),
    "HashMap<u64,u64> | extend(1 new) on len=n (tight)": extends(exact_hint),
    "HashMap<u64,u64> | extend(filter n distinct) on len=n (tight)": extends(no_hint),
    "HashMap<u64,u64> | extend(range n duplicate keys) on len=n (tight)": duplicates(lambda n: (n + 1) // 2),
    "HashMap<u64,u64> | insert(existing) on len=n": duplicates(lambda n: 1),
    **named("HashMap<u64,u64>", "clear; drain; shrink_to_fit when tight", keeps),
    # With n = 0 there is no existing key, and the entry is inserted.
    "HashMap<u64,u64> | entry(existing) on full": lambda rust, row: rust.filled(
        untouched(rust, row[0]), row[2]
    ),
    "HashMap<u64,u64> | clone (source cap 8n)": lambda rust, row: rust.cloned(rust.empty(8 * row[0])),
    "HashMap<u64,u64> | shrink_to_fit from with_capacity(8n)": shrinks(lambda n: 8 * n, length_of),
    "HashMap<u64,u64> | shrink_to(2n) from with_capacity(8n)": shrinks(
        lambda n: 8 * n, lambda row: 2 * row[0]
    ),
    "HashMap<u64,u64> | retain 1 in 10 then shrink_to_fit": shrinks(lambda n: n, length_of),
    "HashMap<u64,u64> | reserve on len=n": reserves,
    "HashSet<u8-pair> | reserve on len=n": reserves,
    "HashSet<u64> | vec.into_iter().collect::<HashSet>": collects(exact_hint),
    "HashSet<u64> | slice.iter().copied().filter.collect::<HashSet>": collects(no_hint),
    "HashSet<u64> | set union cloned collect": union,
    **named(
        "String", "push_str(10 bytes) loop; += &str(10 bytes) loop; write!(s, 10-digit) loop", pieces(10)
    ),
    "String | with_capacity(10n)+push_str loop": lambda rust, row: rust.appended(
        rust.walk(0, 10 * row[0]), 0, 10, row[0]
    ),
    "String | iter of &str collect::<String> (10 bytes x n)": pieces(10),
    "String | iter of String collect::<String> (10 bytes x n)": strings,
    **named(
        "String",
        "str.repeat(n); str.to_string; str.to_uppercase (ascii); str.to_ascii_uppercase; "
        "str.replace(a,b) same size; [s;s].concat(); [s;s].join(,); "
        "String::from_utf8_lossy.into_owned",
        collects(None),
    ),
    "String | chars.collect": collects(exact_hint),
    "String | str.chars().rev().collect (ascii)": collects(utf8_hint),
    "String | str.chars().filter.collect (ascii)": collects(no_hint),
    "String | str.replace no match": lambda rust, row: rust.appended(rust.walk(0), 0, row[0], 1),
    "String | format!({s})": lambda rust, row: rust.appended(rust.walk(0), 0, row[0], 1),
    "String | format!({s}{s})": lambda rust, row: rust.appended(rust.walk(0), 0, row[0], 2),
    "String | s.clone() + suffix": lambda rust, row: rust.appended(rust.walk(0, row[0]), row[0], 2, 1),
    "String | reserve on full": reserves,
    "String | shrink_to_fit from 4n+4": shrinks(wide, length_of),
}
SIZES = {"HashMap<u64,u64>": 16, "HashSet<u64>": 8, "HashSet<u8-pair>": 2, "String": 1, "Vec<u8>": 1,
         "Vec<u32>": 4, "Vec<char>": 4, "Vec<&str>": 16, "Vec<(u64,u64)>": 16,
         "Vec<[u64;2]>": 16}  # fmt: skip


def rust_operations() -> Iterator[Comparison]:
    for name, rows in ROWS["rust"]["bulk"].items():
        kind = name.partition(" | ")[0]
        if name.endswith("collect 3 from filter"):
            rust = model("rust", kind, int(re.findall(r"\d+", kind)[-1]))
            assert isinstance(rust, RustArray)
            yield name, rows[0], [3, 3, rust.collected(3, no_hint).state.capacity]
            continue
        # A boxed slice is what a Vec without spare room leaves behind.
        rust = model("rust", kind.replace("Box<[u64]>", "Vec"), SIZES.get(kind, 8))
        for row in rows:
            walk = OPERATIONS[name](rust, row)
            yield name, row, [*row[:3], walk.state.capacity, walk.bytes, walk.blocks]


def test_rust_operations_on_many_entries() -> None:
    mismatches(rust_operations(), 6404)


# Java

JAVA_TARGETS = {
    "17": Target(java_release=17),
    "17 without compressed oops": Target(java_release=17, compressed_oops=False),
    "25": Target(java_release=25),
}
HASH_MAPS = ("HashMap", "LinkedHashMap")
ARGUMENTS = {"": None, '"hello"': 16 + len("hello"), "emptyList()": 0}


def java_start(name: str, target: Target) -> tuple[Model, int | None]:
    """The model and constructor argument a row is named after, such as ``HashMap(16,0.5f)``."""
    found = re.fullmatch(r"(\w+)(?:<.*>)?(?:\((.*?)(?:,(.*?)f?)?\))?( ?\.?[\w*]+)*", name)
    assert found is not None, name
    argument, second = found[2] or "", found[3]
    start = ARGUMENTS[argument] if argument in ARGUMENTS else int(argument)
    width = 2 if name.endswith("utf16") else None
    factor = float(second) if second and found[1] != "Vector" else None
    options = java_options(name, found[1], second)
    return model("java", found[1], width, target=target, load_factor=factor, **options), start


def java_options(name: str, kind: str, second: str | None) -> dict[str, Any]:
    """How the collection was filled, from the end of the row's name."""
    if kind == "Vector" and second:
        return {"increment": int(second)}
    if name.endswith("utf16at100"):
        return {"wide_from": 100}
    if kind in HASH_MAPS and re.search(r"\.(compute|computeIfAbsent|merge)$", name):
        return {"filled_by": "compute"}
    stride = re.search(r" keys i\*(\d+)$", name)
    return {"key_stride": int(stride[1])} if stride else {}


def java_growth(section: str) -> Iterator[Comparison]:
    target = JAVA_TARGETS[section]
    for name, measured in ROWS["java"][section]["growth"].items():
        java, start = java_start(name, target)
        state, rows = java.empty(start), measured["rows"]
        if isinstance(java, JavaStringBuilder) and java.entry_bytes == 2:
            yield name, rows[0], inflation(java, target)
            rows = rows[1:]
        else:
            assert measured["initial"] == [state.slots or measured["initial"][0], state.bytes], name
        for row in rows:
            if row == rows[0]:
                # Some series were measured twice; the second starts with a new collection.
                state = java.empty(start)
            old, state = state, successor(java, state)
            yield name, row, java_row(java, old, state)
            assert java.grown(row[0], start) == state


def inflation(java: Model, target: Target) -> list[int | None]:
    """The first wide character: the Latin-1 array is copied into one of twice its length."""
    narrow, wide = model("java", "StringBuilder", target=target).empty(), java.empty()
    assert narrow.bytes is not None
    assert wide.bytes is not None
    return [1, narrow.slots, 2 * wide.slots, wide.bytes, narrow.bytes, wide.bytes + narrow.bytes]


def java_row(java: Model, old: State, new: State) -> list[int | None]:
    width = java.entry_bytes or 1
    lengths = [old.slots * width or missing(java), new.slots * width]
    return [old.capacity + 1, *lengths, new.bytes, old.bytes, java.peak_of_growth(old)]


def missing(java: Model) -> int:
    """How a table that does not exist yet was measured; every other storage may be an array of length 0."""
    return -1 if isinstance(java, JavaHashMap | JavaConcurrentHashMap) else 0


def float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


def constructor_argument(name: str, n: int) -> int | None:
    """What the measured expression passes to the constructor for ``n``; None where it passes nothing."""
    if name.startswith("stream") or name.endswith("Collection n)"):
        return None
    return {
        "new HashMap((int)(n/0.75f)+1)": int(float32(float32(n) / 0.75)) + 1,
        "new HashMap((int)ceil(n/0.75))": math.ceil(n / 0.75),
        "HashMap.newHashMap(n)": math.ceil(n / 0.75),
        "new HashMap(n*4/3)": n * 4 // 3,
        "new HashMap(2n)": 2 * n,
    }.get(name, n)


COLLECTED = {"toList()": "ArrayList", "toSet()": "HashSet", "toMap()": "HashMap"}


def java_constructors(section: str) -> Iterator[Comparison]:
    target = JAVA_TARGETS[section]
    for name, rows in ROWS["java"][section]["constructors"].items():
        collector = name.removeprefix("stream.collect(").removesuffix(")")
        found = re.search(r"[A-Z]\w+", COLLECTED.get(collector, name))
        assert found is not None
        java = model("java", found[0], target=target, load_factor=1.0 if "1.0f" in name else None)
        for row in rows:
            yield (section, name), row, constructed(java, name, row)


def constructed(java: Model, name: str, row: list[int]) -> list[int | None]:
    n, _, _, resizes = row
    start = constructor_argument(name, n)
    plain = re.fullmatch(r"new \w+\(n\)", name) is not None
    state = java.empty(start) if plain else java.grown(n, start)
    if plain and state.slots == 0 and state.threshold:
        # These tables were looked at after a first insertion, because nothing exists before it.
        state = java.grown(1, start)
    growths = java.reallocations(max(n, 1), start) - java.reallocations(1, start)
    return [n, state.slots or missing(java), state.bytes, -1 if resizes < 0 else growths]


@pytest.mark.parametrize(
    ("section", "rows"), [("17", 4307), ("17 without compressed oops", 2058), ("25", 2078)]
)
def test_java_growth(section: str, rows: int) -> None:
    mismatches(java_growth(section), rows)


@pytest.mark.parametrize(("section", "rows"), [("17", 7981), ("25", 8337)])
def test_java_constructors(section: str, rows: int) -> None:
    mismatches(java_constructors(section), rows)


@pytest.mark.parametrize("section", ["17", "25"])
def test_java_best_argument_gets_the_smallest_table_that_never_resizes(section: str) -> None:
    for name, rows in ROWS["java"][section]["constructors"].items():
        if not re.fullmatch(r"new \w+\(n\)", name):
            continue
        java = model("java", name[4:-3], target=JAVA_TARGETS[section])
        for n in {row[0] for row in rows if 0 < row[0] <= 2_000}:
            argument = java.argument_for(n)
            assert argument is not None
            assert java.holds(argument) >= n
            below = powers(java, argument)
            best = java.grown(1, argument).bytes
            assert all(java.holds(less) < n or java.grown(1, less).bytes == best for less in below), (name, n)


def powers(java: Model, argument: int) -> list[int]:
    """Arguments below ``argument`` that lead to each smaller power of two, or are just below it."""
    least = 1 if java.type_name == "PriorityQueue" else 0
    return [less for less in (*(1 << power for power in range(12)), argument - 1) if least <= less < argument]


# Java: operations on many entries

JavaRecipe = Callable[[Any, list[int]], State]
"""From the model and a row (n, array length, array bytes, final size) to the storage the model leaves."""


def copies(java: Any, row: list[int]) -> State:
    return cast(State, java.copied(row[0]))


def full_list(operation: Callable[[Any, State, int], State]) -> JavaRecipe:
    return lambda java, row: operation(java, java.empty(row[0]), row[0])


JAVA_OPERATIONS: dict[str, JavaRecipe] = {
    **dict.fromkeys(
        ("new HashMap(Map n)", "new HashMap().putAll(Map n)", "new ConcurrentHashMap(Map n)",
         "new HashSet(Collection n)", "new LinkedHashSet(Collection n)",
         "HashMap n .clear()", "HashMap n .clone()"), copies),
    "HashMap of 1 .putAll(Map n)": lambda java, row: java.with_all(java.grown(1), row[0], row[3]),
    "HashMap same-hash keys: array after key i": lambda java, row: java.grown(row[0]),
    "stream.collect(groupingBy()) n groups": lambda java, row: java.grown(row[0]),
    "new ArrayList(Collection n)": lambda java, row: java.empty(row[0]),
    "new ArrayList().addAll(n)": lambda java, row: java.with_all(java.empty(), 0, row[0]),
    "new ArrayList().ensureCapacity(n)": lambda java, row: java.ensured(java.empty(), row[0]),
    "ArrayList full n .addAll(n)": full_list(lambda java, state, n: java.with_all(state, n, n)),
    "ArrayList full n .add(1)": full_list(lambda java, state, n: java.with_all(state, n, 1)),
    "ArrayList full n .ensureCapacity(n+1)": full_list(lambda java, state, n: java.ensured(state, n + 1)),
    "ArrayList n .clear()": full_list(lambda java, state, n: state),
    "ArrayList n .clear().trimToSize()": lambda java, row: java.empty(0),
    "new ArrayDeque(Collection n)": lambda java, row: java.empty(row[0]),
    "new PriorityQueue(Collection n)": lambda java, row: java.empty(max(1, row[0])),
    "new StringBuilder(String len n)": lambda java, row: java.empty(16 + row[0]),
    "new StringBuilder().append(String n)": lambda java, row: java.appended(java.empty(), 0, row[0]),
    "new StringBuilder() n x append(10 chars)": lambda java, row: java.appended(java.empty(), 0, 10, row[0]),
}  # fmt: skip


def java_operations(section: str) -> Iterator[Comparison]:
    for name, rows in ROWS["java"][section]["bulk"].items():
        found = re.search(r"[A-Z]\w+", name.replace("groupingBy", "HashMap"))
        assert found is not None
        options: dict[str, Any] = {"filled_by": "compute"} if "groupingBy" in name else {}
        if "same-hash" in name:
            # All in one bin, as keys this far apart are while bins decide about the size.
            options = {"key_stride": 64}
        java = model("java", found[0], target=JAVA_TARGETS[section], **options)
        for row in rows:
            state = JAVA_OPERATIONS[name](java, row)
            yield name, row, [row[0], state.slots or missing(java), state.bytes, row[3]]


@pytest.mark.parametrize(("section", "rows"), [("17", 7814), ("25", 7814)])
def test_java_operations_on_many_entries(section: str, rows: int) -> None:
    mismatches(java_operations(section), rows)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("HashMap", {"filled_by": "compute"}),
        ("HashMap", {"key_stride": 16}),
        ("HashMap", {"key_stride": 64}),
        ("Vector", {"increment": 100}),
    ],
)
def test_java_arguments_hold_whatever_the_options(name: str, options: dict[str, Any]) -> None:
    java = model("java", name, **options)
    for n in range(300):
        argument = java.argument_for(n)
        assert argument is not None
        assert java.holds(argument) >= n


def test_java_constructor_keeps_the_increment() -> None:
    assert model("java", "Vector", increment=100).constructor(5_000) == "new Vector<>(5_000, 100)"


def test_java_wide_text_in_a_full_builder_grows_and_then_inflates() -> None:
    walk = model("java", "StringBuilder", wide_from=16).walk(17)
    assert (walk.state.capacity, walk.state.slots, walk.growths) == (34, 68, 2)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ArrayList", {"increment": 1}),
        ("Stack", {"increment": 1}),
        ("HashMap", {"filled_by": "magic"}),
        ("HashMap", {"key_stride": 3}),
        ("HashMap", {"key_stride": 16, "filled_by": "compute"}),
        ("StringBuilder", {"wide_from": -1}),
        ("Vector", {"increment": "ten"}),
    ],
)
def test_java_options_that_make_no_sense_are_rejected(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(CapacityError):
        model_for("java", name, **options)


ENTRIES = {
    "HashMap.Node": ("HashMap", "HashSet"),
    "LinkedHashMap.Entry": ("LinkedHashMap", "LinkedHashSet"),
    "ConcurrentHashMap.Node": ("ConcurrentHashMap",),
    "Hashtable.Entry": ("Hashtable",),
    "TreeMap.Entry": ("TreeMap", "TreeSet"),
    "LinkedList.Node": ("LinkedList",),
}
ARRAYS = {"Object[]": "ArrayList", "byte[]": "StringBuilder"}


def java_type(name: str, *arguments: str) -> Type:
    return Type(0, 0, "named", (name,), tuple(java_type(argument) for argument in arguments))


def java_sizes(section: str) -> Iterator[Comparison]:
    target = JAVA_TARGETS[section]
    for name, size in ROWS["java"][section]["sizes"].items():
        kind, _, length = name.partition(" n=")
        if length:
            yield name, size, model("java", ARRAYS[kind], target=target).empty(int(length)).bytes
            continue
        # A box is what an ArrayList holds for each entry beside its array.
        types = [java_type(node, "String") for node in ENTRIES.get(name, ())]
        for written in types or [java_type("ArrayList", name)]:
            yield name, size, entry_bytes("java", written, lambda name: None, target.compressed_oops)


@pytest.mark.parametrize("section", JAVA_TARGETS)
def test_java_entries_and_arrays(section: str) -> None:
    mismatches(java_sizes(section), 117)


# Python


def python_model(name: str, version: str) -> Model:
    major, minor = map(int, version.split("."))
    width = {"other | str BMP n": 2, "other | str astral n": 4}.get(name)
    strings = name in ("dict[str]", "dict | dict.fromkeys(str list)", "dict | {k: None for k in strs}")
    kind = re.match(r"(?:other \| )?(\w+)", name)
    assert kind is not None
    return model(
        "python", "dict[str]" if strings else kind[1], width, target=Target(python_version=(major, minor))
    )


def python_growth(version: str) -> Iterator[Comparison]:
    for name, measured in ROWS["python"][version]["growth"].items():
        python = python_model(name, version)
        state = python.empty()
        assert python.bytes_of(state) == measured["initial"]
        for row in measured["rows"]:
            old, state = state, successor(python, state)
            sizes = [python.bytes_of(old), python.bytes_of(state)]
            # The empty dict shares a static table of one slot.
            slots = 1 if python.type_name == "dict" and old.slots == 0 else old.slots
            yield name, row, [old.capacity + 1, slots, state.slots, *sizes]


EXACT = ("[None]*n", "l[:]", "l.copy()", "bytearray(n)", "bytearray(bytes n)")
SIZED = ("list(range(n))", "list(list)", "list(tuple)", "list(reversed(list))", "sorted(list)", "[*a]",
         "[].extend(list)", "[].extend(range)", "list('a'*n)")  # fmt: skip
HASHED = ("list(dict)", "list(d.items())", "list(set)")
UNSIZED = ("list(generator)", "list(map(f, list))", "list(filter(None.., list))", "list(zip(a, b))",
           "list(enumerate(list))", "[].extend(generator)")  # fmt: skip


def python_operation(python: Any, name: str, n: int) -> State:
    operation = name.partition(" | ")[2]
    if operation in UNSIZED:
        return cast(State, python.generated(n))
    if operation in HASHED and python.target.python_version >= (3, 13):
        return cast(State, python.extended(python.empty(), 0, n))
    if operation in SIZED or operation in HASHED:
        return cast(State, python.sized(n))
    special: dict[str, Callable[[], State]] = {
        "a + b (n+n)": lambda: python.presized(2 * n).state,
        "{**d, **e} disjoint n+n": lambda: python.grown(2 * n),
        "full n extend(list n)": lambda: python.extended(python.presized(n).state, n, n),
        "full n extend(range n)": lambda: python.extended(python.presized(n).state, n, n),
        "full n append 1": lambda: successor(python, python.presized(n).state),
        "after n pops from n": lambda: python.popped(python.presized(n).state, 0),
        "after n//2 pops": lambda: python.popped(python.presized(n).state, n - n // 2),
        "after n//2+1 pops": lambda: python.popped(python.presized(n).state, max(0, n - n // 2 - 1)),
        "after del l[10:]": lambda: python.cut(python.presized(n).state, min(n, 10)),
        "after clear()": lambda: python.empty(),
        "s|t disjoint n+n": lambda: python.merged(python.merged(python.empty(), 0, n), n, n),
    }
    if operation in special:
        return special[operation]()
    if operation in ("set(set)", "s.copy()", "set(dict)"):
        return cast(State, python.merged(python.empty(), 0, n))
    return cast(State, python.presized(n).state if operation in EXACT else python.grown(n))


def python_constructors(version: str) -> Iterator[Comparison]:
    for name, rows in ROWS["python"][version]["constructors"].items():
        python = python_model(name, version)
        for row in rows:
            state = python_operation(python, name, row[0])
            slots = {"dict": state.slots or 1, "str": None}.get(python.type_name, state.slots)
            yield name, row, [row[0], python.bytes_of(state), slots]


def python_literals(version: str) -> Iterator[Comparison]:
    for name, rows in ROWS["python"]["literals"][version].items():
        strings = "str keys" in name or name == "**kwargs"
        kind = "list" if name.startswith("[") else "set" if "set" in name else "dict"
        major, minor = map(int, version.split("."))
        keyed = "dict[str]" if strings else kind
        python = model("python", keyed, target=Target(python_version=(major, minor)))
        for row in rows:
            # Since 3.10 the compiler turns list displays of more than 30 items into appends.
            exact = kind == "list" and (row[0] <= 30 or (major, minor) < (3, 10))
            state = python.presized(row[0]).state if exact else python.grown(row[0])
            yield (version, name), row, [row[0], state.slots, python.bytes_of(state)]


@pytest.mark.parametrize(("version", "rows"), [("3.11", 302), ("3.12", 274), ("3.13", 274)])
def test_python_growth(version: str, rows: int) -> None:
    mismatches(python_growth(version), rows)


@pytest.mark.parametrize(("version", "rows"), [("3.11", 6813), ("3.12", 6597), ("3.13", 6597)])
def test_python_constructors(version: str, rows: int) -> None:
    mismatches(python_constructors(version), rows)


VERSIONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


@pytest.mark.parametrize("version", VERSIONS)
def test_python_literals(version: str) -> None:
    mismatches(python_literals(version), 256)


def test_no_measured_section_is_left_out() -> None:
    assert set(ROWS) == {"java", "python", "rust"}
    assert set(ROWS["java"]) == set(JAVA_TARGETS)
    assert set(ROWS["python"]) == {"3.11", "3.12", "3.13", "literals"}
    assert set(ROWS["python"]["literals"]) == set(VERSIONS)
