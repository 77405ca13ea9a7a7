"""
What the Python patterns cost that the rules' pages speak of.

    python benchmarks/evidence/costs.py [WORDS]

prints a table: the pattern, nanoseconds per operation, and the peak of allocated bytes, each for a small and
a large number of operations, so that quadratic growth shows. With WORDS only rows that contain one of them.
The figures in `RESULTS.md` are those of one run: for comparing rows, not machines.

Time is the best of five runs, without the garbage collector. The peak is that of `tracemalloc` during one
run, in excess of what there was before: what must be free for all the operations together, kept or not.
"""

from __future__ import annotations

import copy
import gc
import logging
import platform
import re
import sys
import time
import tracemalloc
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from itertools import chain

#: Does `n` operations, and is told nothing else.
Run = Callable[[int], object]
RUNS = 5
SMALL, LARGE = 1_000, 16_000


@dataclass(frozen=True)
class Row:
    """One pattern, in the words of the table; `sizes` are the numbers of operations it is measured at."""

    group: str
    code: str
    run: Run
    sizes: tuple[int, int] = (SMALL, LARGE)


ROWS: list[Row] = []
GLOBAL = ""
PIECE = "0123456789"
TEXT = "the quick brown fox jumps over the lazy dog 4711"
NESTED = {"limits": {"low": 1, "high": 9}, "names": ["a", "b", "c"], "weights": [0.25] * 16}
log = logging.getLogger("evidence")
log.setLevel(logging.WARNING)


def row(group: str, code: str, sizes: tuple[int, int] = (SMALL, LARGE)) -> Callable[[Run], Run]:
    """Add what is decorated to the table."""

    def add(run: Run) -> Run:
        ROWS.append(Row(group, code, run, sizes))
        return run

    return add


# ---------------------------------------------------------------- strings that grow


class Holder:
    """Something with an attribute to append to."""

    def __init__(self) -> None:
        self.text = ""


@row("string", "s += x, s a local")
def _local(n: int) -> object:
    s = ""
    for _ in range(n):
        s += PIECE
    return s


@row("string", "s = s + x, s a local")
def _sum(n: int) -> object:
    s = ""
    for _ in range(n):
        s = s + PIECE
    return s


@row("string", "o.s += x, an attribute")
def _attribute(n: int) -> object:
    holder = Holder()
    for _ in range(n):
        holder.text += PIECE
    return holder


@row("string", "s += x, s a global")
def _global(n: int) -> object:
    global GLOBAL
    GLOBAL = ""
    for _ in range(n):
        GLOBAL += PIECE
    return GLOBAL


@row("string", "s += x, s nonlocal")
def _nonlocal(n: int) -> object:
    s = ""

    def append() -> None:
        nonlocal s
        s += PIECE

    for _ in range(n):
        append()
    return s


@row("string", "d[k] += x, a subscript")
def _subscript(n: int) -> object:
    texts = {0: ""}
    for _ in range(n):
        texts[0] += PIECE
    return texts


@row("string", "s = x + s, in front")
def _prefix(n: int) -> object:
    s = ""
    for _ in range(n):
        s = PIECE + s
    return s


@row("string", 's = f"{s}{x}"')
def _formatted(n: int) -> object:
    s = ""
    for _ in range(n):
        s = f"{s}{PIECE}"
    return s


@row("string", "t = s; s += x, with an alias")
def _aliased(n: int) -> object:
    s = seen = ""
    for _ in range(n):
        seen = s
        s += PIECE
    return s, seen


@row("string", "b += x, bytes")
def _bytes(n: int) -> object:
    b = b""
    for _ in range(n):
        b += b"0123456789"
    return b


@row("string", "b += x, bytearray")
def _bytearray(n: int) -> object:
    b = bytearray()
    for _ in range(n):
        b += b"0123456789"
    return b


@row("string", 'parts.append(x); "".join(parts)')
def _join(n: int) -> object:
    parts = []
    for _ in range(n):
        parts.append(PIECE)
    return "".join(parts)


@row("string", "StringIO.write(x)")
def _stringio(n: int) -> object:
    out = StringIO()
    for _ in range(n):
        out.write(PIECE)
    return out.getvalue()


# ---------------------------------------------------------------- regular expressions


@row("regex", 're.search("…", s), the pattern in the cache')
def _search(n: int) -> object:
    for _ in range(n):
        re.search(r"\d+", TEXT)
    return None


@row("regex", "PATTERN.search(s), compiled once")
def _compiled(n: int) -> object:
    pattern = re.compile(r"\d+")
    for _ in range(n):
        pattern.search(TEXT)
    return None


def _cycle(patterns: int) -> Run:
    def run(n: int) -> object:
        for i in range(n):
            re.search(f"x{i % patterns}y", TEXT)
        return None

    return run


row("regex", "re.search(p, s), 512 patterns in turn", (1_024, 4_096))(_cycle(512))
row("regex", "re.search(p, s), 513 patterns in turn", (1_024, 4_096))(_cycle(513))


@row("regex", "re.search(re.escape(word), s), each word new", (SMALL, 4_000))
def _each_new(n: int) -> object:
    for i in range(n):
        re.search(re.escape(f"word{i}."), TEXT)
    return None


@row("regex", 'PATTERN.sub("", s) where s.replace would do')
def _substituted(n: int) -> object:
    pattern = re.compile("fox")
    for _ in range(n):
        pattern.sub("", TEXT)
    return None


@row("regex", 's.replace("fox", "")')
def _replaced(n: int) -> object:
    for _ in range(n):
        TEXT.replace("fox", "")
    return None


# ---------------------------------------------------------------- lists that move or are copied


@row("list", "xs.pop(0) until empty")
def _pop_front(n: int) -> object:
    xs = list(range(n))
    while xs:
        xs.pop(0)
    return xs


@row("list", "deque.popleft() until empty")
def _popleft(n: int) -> object:
    xs = deque(range(n))
    while xs:
        xs.popleft()
    return xs


@row("list", "xs.insert(0, x)")
def _insert_front(n: int) -> object:
    xs: list[int] = []
    for i in range(n):
        xs.insert(0, i)
    return xs


@row("list", "deque.appendleft(x)")
def _appendleft(n: int) -> object:
    xs: deque[int] = deque()
    for i in range(n):
        xs.appendleft(i)
    return xs


@row("list", "r = r + [x]")
def _list_sum(n: int) -> object:
    r: list[int] = []
    for i in range(n):
        r = r + [i]  # noqa: RUF005 - the pattern that is measured
    return r


@row("list", "r += [x]")
def _list_extend(n: int) -> object:
    r: list[int] = []
    for i in range(n):
        r += [i]
    return r


@row("list", "r.append(x)")
def _append(n: int) -> object:
    r: list[int] = []
    for i in range(n):
        r.append(i)  # noqa: PERF402 - the pattern that is measured
    return r


@row("list", "t += (x,)")
def _tuple(n: int) -> object:
    t: tuple[int, ...] = ()
    for i in range(n):
        t += (i,)
    return t


@row("list", "sum(lists, []), lists of 4")
def _sum_lists(n: int) -> object:
    return sum(([1, 2, 3, 4] for _ in range(n)), [])  # noqa: RUF017 - the pattern that is measured


@row("list", "list(chain.from_iterable(lists)), lists of 4")
def _chained(n: int) -> object:
    return list(chain.from_iterable([1, 2, 3, 4] for _ in range(n)))


# ---------------------------------------------------------------- collections made for one look


@row("once", "len([x for x in xs if p(x)]), per element")
def _len_list(n: int) -> object:
    return len([x for x in range(n) if x & 1])


@row("once", "sum(1 for x in xs if p(x)), per element")
def _count(n: int) -> object:
    return sum(1 for x in range(n) if x & 1)


@row("once", "any([p(x) for x in xs]), the first is true, per element")
def _any_list(n: int) -> object:
    return any([x >= 0 for x in range(n)])  # noqa: C419 - the pattern that is measured


@row("once", "any(p(x) for x in xs), the first is true, per element")
def _any(n: int) -> object:
    return any(x >= 0 for x in range(n))


@row("once", "sum([f(x) for x in xs]), per element")
def _sum_list(n: int) -> object:
    return sum([x * 2 for x in range(n)])


@row("once", "sum(f(x) for x in xs), per element")
def _sum_generator(n: int) -> object:
    return sum(x * 2 for x in range(n))


@row("once", "sorted(xs)[0], per element")
def _sorted_first(n: int) -> object:
    return sorted(range(n, 0, -1))[0]  # noqa: FURB192, RUF100 - the pattern that is measured


@row("once", "min(xs), per element")
def _min(n: int) -> object:
    return min(range(n, 0, -1))


@row("once", "k in list(d.keys()), 100 keys")
def _in_list(n: int) -> object:
    d = dict.fromkeys(range(100))
    return [50 in list(d.keys()) for _ in range(n)]


@row("once", "k in d, 100 keys")
def _in_dict(n: int) -> object:
    d = dict.fromkeys(range(100))
    return [50 in d for _ in range(n)]


@row("once", "for line in file.readlines(), per line")
def _readlines(n: int) -> object:
    return sum(len(line) for line in StringIO("0123456789\n" * n).readlines())


@row("once", "for line in file, per line")
def _lines(n: int) -> object:
    return sum(len(line) for line in StringIO("0123456789\n" * n))


# ---------------------------------------------------------------- defaults, messages, copies, constants


@row("eager", "d.setdefault(k, []).append(x), 10 keys")
def _setdefault(n: int) -> object:
    groups: dict[int, list[int]] = {}
    for i in range(n):
        groups.setdefault(i % 10, []).append(i)
    return groups


@row("eager", "defaultdict(list)[k].append(x), 10 keys")
def _defaultdict(n: int) -> object:
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(n):
        groups[i % 10].append(i)
    return groups


@row("eager", "d.get(k, list(range(16))), k present")
def _get_default(n: int) -> object:
    d = {1: [1]}
    for _ in range(n):
        d.get(1, list(range(16)))
    return d


@row("eager", "d[k] if k in d else list(range(16)), k present")
def _get_lazy(n: int) -> object:
    d = {1: [1]}
    for _ in range(n):
        d[1] if 1 in d else list(range(16))
    return d


@row("eager", 'log.debug(f"… {x} {y}"), the level is off')
def _log_eager(n: int) -> object:
    for i in range(n):
        log.debug(f"item {i} of {n}")
    return None


@row("eager", 'log.debug("… %s %s", x, y), the level is off')
def _log_lazy(n: int) -> object:
    for i in range(n):
        log.debug("item %s of %s", i, n)
    return None


@row("copy", "copy.deepcopy(config) per turn, 4 containers", (100, SMALL))
def _deepcopy(n: int) -> object:
    for _ in range(n):
        copy.deepcopy(NESTED)
    return None


@row("copy", "dict(config) per turn, 3 entries")
def _dict(n: int) -> object:
    for _ in range(n):
        dict(NESTED)
    return None


@row("copy", "list(xs) per turn, 100 entries")
def _list(n: int) -> object:
    xs = list(range(100))
    for _ in range(n):
        list(xs)
    return None


@row("constant", 'Decimal("0.25") per turn')
def _decimal(n: int) -> object:
    for _ in range(n):
        Decimal("0.25")
    return None


@row("constant", "[1, …, 16] per turn")
def _literal(n: int) -> object:
    x: object = None
    for _ in range(n):
        x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    return x


@row("constant", "(1, …, 16) per turn")
def _tuple_literal(n: int) -> object:
    x: object = None
    for _ in range(n):
        x = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    return x


# ---------------------------------------------------------------- what stays


@row("kept", "lru_cache(maxsize=None), each argument new: bytes are kept")
def _unbounded(n: int) -> object:
    @lru_cache(maxsize=None)  # noqa: UP033 - as it is often written
    def shout(text: str) -> str:
        return text.upper()

    for i in range(n):
        shout(f"member:{i}")
    return shout


@row("kept", "lru_cache(maxsize=128), each argument new")
def _bounded(n: int) -> object:
    @lru_cache(maxsize=128)
    def shout(text: str) -> str:
        return text.upper()

    for i in range(n):
        shout(f"member:{i}")
    return shout


@row("kept", "sys.intern(x), each x new and kept by nobody else")
def _intern(n: int) -> object:
    for i in range(n):
        sys.intern(f"member:{i}")
    return None


@row("kept", "an OrderedDict of 128 entries as cache, each key new")
def _ordered(n: int) -> object:
    cache: OrderedDict[str, str] = OrderedDict()
    for i in range(n):
        key = f"member:{i}"
        cache[key] = key
        if len(cache) > 128:
            cache.popitem(last=False)
    return cache


# ---------------------------------------------------------------- measuring


@contextmanager
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def nanoseconds(run: Run, n: int) -> float:
    """The best time per operation."""
    best = float("inf")
    with _no_collector():
        for _ in range(RUNS):
            start = time.perf_counter_ns()
            run(n)
            best = min(best, time.perf_counter_ns() - start)
    return best / n


def peak_bytes(run: Run, n: int) -> int:
    """The peak of allocated bytes during all operations."""
    with _no_collector():
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = run(n)
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        del kept
    return peak


def main(words: list[str]) -> None:
    """Print the table."""
    print(f"CPython {platform.python_version()}, {platform.machine()}\n")
    print("| group | pattern | operations | ns each | peak bytes |")
    print("|---|---|---:|---:|---:|")
    for one in ROWS:
        if words and not any(word in f"{one.group} {one.code}" for word in words):
            continue
        for n in one.sizes:
            each, peak = nanoseconds(one.run, n), peak_bytes(one.run, n)
            code = one.code.replace("|", "\\|")
            print(f"| {one.group} | `{code}` | {n:,} | {each:,.1f} | {peak:,} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
