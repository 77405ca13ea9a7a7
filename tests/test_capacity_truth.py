"""Every measured row of a modelled collection against its model; a mismatch of one unit fails.

``data/growth_rows.json.gz`` keeps, of the measurements with rustc 1.95, OpenJDK 17 and 25 and CPython
3.6 to 3.13, the rows of modelled types and of these fields only:

* growth: length at growth, old and new capacity (array length, slots), and for Rust and Java the new
  block, the freed block and the peak of that insertion; for Python ``sys.getsizeof`` before and after.
  Times are dropped.
* with_capacity, constructors: argument, resulting length or capacity, bytes, and for Java the resizes
  seen while inserting that many. Kept are the constructors a model describes, not copies, set
  operations or slicing.
* behaviour (Rust): insertion loops with totals requested from the allocator, and capacities of first
  pushes.
* literals (Python): argument, slots or allocated pointers, ``sys.getsizeof``.

Left out with their types: buffered readers, trees, deque, array, BitSet and the like. Left out although
the type is modelled: HashMap filled by the compute family (it resizes one entry later than put),
deliberately colliding keys, StringBuilder widened halfway, and Vector with an increment.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alloclint.capacity import Model, State, Target, model_for
from alloclint.capacity.java import JavaConcurrentHashMap, JavaHashMap, JavaStringBuilder

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


# Java

JAVA_TARGETS = {
    "17": Target(java_release=17),
    "17 without compressed oops": Target(java_release=17, compressed_oops=False),
    "25": Target(java_release=25),
}
ARGUMENTS = {"": None, '"hello"': 16 + len("hello"), "emptyList()": 0}


def java_start(name: str, target: Target) -> tuple[Model, int | None]:
    """The model and constructor argument a row is named after, such as ``HashMap(16,0.5f)``."""
    found = re.fullmatch(r"(\w+)(?:<.*>)?(?:\((.*?)(?:,(.*)f)?\))?(?:\.?\w+)?", name)
    assert found is not None, name
    argument, factor = found[2] or "", found[3]
    start = ARGUMENTS[argument] if argument in ARGUMENTS else int(argument)
    width = 2 if name.endswith("utf16") else None
    return model("java", found[1], width, target=target, load_factor=float(factor) if factor else None), start


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
    ("section", "rows"), [("17", 4165), ("17 without compressed oops", 2001), ("25", 2021)]
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


def python_constructors(version: str) -> Iterator[Comparison]:
    for name, rows in ROWS["python"][version]["constructors"].items():
        python = python_model(name, version)
        exact = name in ("list | [None]*n", "list | l[:]", "bytearray | bytearray(n)")
        for row in rows:
            state = python.presized(row[0]).state if exact else python.grown(row[0])
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


@pytest.mark.parametrize(("version", "rows"), [("3.11", 2426), ("3.12", 2333), ("3.13", 2333)])
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
