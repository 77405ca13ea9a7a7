"""What fills a Python collection, as far as the code around it shows: a table of snippets."""

from __future__ import annotations

import textwrap

import pytest

from alloclint.facts.building.constructions import Construction
from alloclint.file import File
from alloclint.settings import Limits
from alloclint.size import Bound, render

HEAD = """\
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

def f(
    xs: list[int], ys: Sequence[str], m: dict[str, int], s: set[int], n: int, some: Iterable[int], *args, **kw
):
"""


def constructions(text: str) -> list[Construction]:
    return File.of("a.py", text.encode(), Limits()).facts.constructions


def said(built: Construction) -> str:
    """`exact len(xs)`, `at most n`, or `unknown: reason`."""
    fill = built.fill
    if fill.size is None:
        return f"unknown: {fill.reason}"
    return f"{'exact' if fill.bound is Bound.exact else 'at most'} {render(fill.size, 'python')}"


def fill_of(body: str, name: str = "out") -> str:
    """What fills the first construction that is bound to `name` in a function around `body`."""
    found = constructions(HEAD + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n")
    return said(next(built for built in found if built.name == name))


LOOPS = {
    "a list": ("out = []\nfor x in xs: out.append(x)", "exact len(xs)"),
    "a sequence": ("out = []\nfor y in ys: out.append(y)", "exact len(ys)"),
    "an iterable": (
        "out = []\nfor x in some: out.append(x)",
        "unknown: what it iterates has no known length",
    ),
    "no evidence of a type": (
        "out = []\nfor x in g(): out.append(x)",
        "unknown: what it iterates has no known length",
    ),
    "*args": ("out = []\nfor x in args: out.append(x)", "exact len(args)"),
    "**kwargs": ("out = {}\nfor key in kw: out[key] = 1", "exact len(kw)"),
    "range": ("out = []\nfor i in range(n): out.append(i)", "exact n"),
    "range from": ("out = []\nfor i in range(2, n): out.append(i)", "exact max(0, n - 2)"),
    "range with a step": ("out = []\nfor i in range(0, n, 3): out.append(i)", "exact -(-n // 3)"),
    "range downwards": ("out = []\nfor i in range(n, 0, -1): out.append(i)", "exact n"),
    "range of a length": ("out = []\nfor i in range(len(xs)): out.append(i)", "exact len(xs)"),
    "range of a division": ("out = []\nfor i in range(n // 2): out.append(i)", "exact n // 2"),
    "a constant range": ("out = []\nfor i in range(10): out.append(i)", "exact 10"),
    "enumerate": ("out = {}\nfor i, x in enumerate(xs, start=1): out[i] = x", "exact len(xs)"),
    "zip": ("out = []\nfor x, y in zip(xs, ys, strict=True): out.append(x)", "exact min(len(xs), len(ys))"),
    "reversed": ("out = []\nfor x in reversed(xs): out.append(x)", "exact len(xs)"),
    "sorted with a key": ("out = []\nfor x in sorted(xs, key=g): out.append(x)", "exact len(xs)"),
    "map": ("out = []\nfor x in map(str, xs): out.append(x)", "exact len(xs)"),
    "filter": ("out = []\nfor x in filter(None, xs): out.append(x)", "at most len(xs)"),
    "a slice": ("out = []\nfor x in xs[1:]: out.append(x)", "exact max(0, len(xs) - 1)"),
    "a slice up to": ("out = []\nfor x in xs[:5]: out.append(x)", "exact min(len(xs), 5)"),
    "a slice without the end": ("out = []\nfor x in xs[:-2]: out.append(x)", "exact max(0, len(xs) - 2)"),
    "the end of a slice": (
        "out = []\nfor x in xs[-2:]: out.append(x)",
        "unknown: an end of the slice is not a known size",
    ),
    "a written list": ("out = []\nfor x in (1, 2, 3): out.append(x)", "exact 3"),
    "a text": ("out = []\nfor x in 'abcd': out.append(x)", "exact 4"),
    "items": ("out = {}\nfor key, value in m.items(): out[key] = value", "exact len(m)"),
    "values": ("out = set()\nfor value in m.values(): out.add(value)", "at most len(m)"),
    "keys of a mapping": ("out = set()\nfor key in m: out.add(key)", "exact len(m)"),
    "sorted keys": ("out = {}\nfor key in sorted(m): out[key] = 1", "exact len(m)"),
    "a set": ("out = {}\nfor x in s: out[x] = 1", "exact len(s)"),
    "two loops in each other": (
        "out = []\nfor x in xs:\n  for y in ys: out.append(y)",
        "exact len(xs) * len(ys)",
    ),
    "two loops in a row": (
        "out = []\nfor x in xs: out.append(x)\nfor y in ys: out.append(y)",
        "exact len(xs) + len(ys)",
    ),
    "a counter": ("out = []\ni = 0\nwhile i < n:\n  out.append(i)\n  i += 1", "exact n"),
    "a while loop": ("out = []\nwhile g(): out.append(1)", "unknown: a while loop ends when it ends"),
    "an asynchronous loop": (
        "out = []\nasync for x in xs: out.append(x)",
        "unknown: an asynchronous iteration",
    ),
    "a loop's else": ("out = []\nfor x in xs: out.append(x)\nelse: out.append(0)", "exact len(xs) + 1"),
    "a local that was split": (
        "parts = 'a b'.split()\nout = []\nfor part in parts: out.append(part)",
        "exact len(parts)",
    ),
    "a local that is known later": (
        "out = {}\nnames = ['a', 'b']\nfor name in names: out[name] = 1",
        "at most 2",
    ),
    "a local of two types": (
        "ps = []\nps = g()\nout = []\nfor p in ps: out.append(p)",
        "unknown: what it iterates has no known length",
    ),
    "a comprehension's statement": ("out = []\n[out.append(x) for x in xs]", "exact len(xs)"),
}

BRANCHES = {
    "one way": ("out = []\nfor x in xs:\n  if x: out.append(x)", "at most len(xs)"),
    "both ways": ("out = []\nfor x in xs:\n  if x: out.append(1)\n  else: out.append(2)", "exact len(xs)"),
    "continue": ("out = []\nfor x in xs:\n  if x: continue\n  out.append(x)", "at most len(xs)"),
    "break": ("out = []\nfor x in xs:\n  out.append(x)\n  if x: break", "at most len(xs)"),
    "raise": ("out = []\nfor x in xs:\n  if x: raise E\n  out.append(x)", "exact len(xs)"),
    "a test on the right of `and`": ("out = []\nfor x in xs: x and out.append(x)", "at most len(xs)"),
    "try": ("out = []\nfor x in xs:\n  try: out.append(g(x))\n  except E: pass", "at most len(xs)"),
    "with": ("with g() as h:\n  out = []\n  for x in xs: out.append(x)", "exact len(xs)"),
    "built in both arms": (
        "if n: out = []\nelse: out = [1]\nfor x in xs: out.append(x)",
        "unknown: it is built under a condition",
    ),
    "replaced in an arm": (
        "out = []\nif n: out = [1]\nfor x in xs: out.append(x)",
        "unknown: it may be replaced before it is filled",
    ),
    "replaced for good": ("out = []\nout.append(1)\nout = [2]\nfor x in xs: out.append(x)", "exact 1"),
}

OPERATIONS = {
    "extend by a list": ("out = []\nout.extend(xs)", "exact len(xs)"),
    "extend by a generator": ("out = []\nout.extend(x for x in xs)", "exact len(xs)"),
    "extend by a comprehension that skips": ("out = []\nout.extend([x for x in xs if x])", "at most len(xs)"),
    "+=": ("out = []\nout += xs", "exact len(xs)"),
    "insert": ("out = []\nfor x in xs: out.insert(0, x)", "exact len(xs)"),
    "*=": (
        "out = []\nout *= n\nout.append(1)",
        "unknown: something else is done with it before it is filled",
    ),
    "update by a mapping": ("out = {}\nout.update(m)", "exact len(m)"),
    "update by two": ("out = set()\nout.update(xs, ys)", "unknown: `update` adds several things at once"),
    "|= of a set": ("out = set()\nout |= s", "exact len(s)"),
    "|= of a list as a set": ("out = set()\nout |= set(xs)", "at most len(xs)"),
    "-= of a set": (
        "out = set()\nout -= s\nout.add(1)",
        "unknown: something else is done with it before it is filled",
    ),
    "d[k] += 1 of a dict": ("out = {}\nfor x in xs: out[x] += 1", "exact 0"),
    "d[k] += 1 of a Counter": ("out = Counter()\nfor x in xs: out[x] += 1", "at most len(xs)"),
    "d[k].append of a defaultdict": (
        "out = defaultdict(list)\nfor x in xs: out[x].append(1)",
        "at most len(xs)",
    ),
    "setdefault": ("out = {}\nfor x in xs: out.setdefault(x, []).append(1)", "at most len(xs)"),
    "del of an entry": (
        "out = []\ndel out[0]\nout.append(1)",
        "unknown: something else is done with it before it is filled",
    ),
    "a slice assigned": (
        "out = []\nout[:] = xs\nout.append(1)",
        "unknown: something else is done with it before it is filled",
    ),
    "appendleft": ("out = deque()\nfor x in xs: out.appendleft(x)", "exact len(xs)"),
    "bytes": ("out = bytearray()\nout += b'abc'", "exact 3"),
    "constants": ("out = []\nout.append(1)\nout.append(2)", "exact 2"),
}

SHARING = {
    "passed on before": ("out = []\ng(out)\nout.append(1)", "unknown: it is passed on before it is filled"),
    "unpacked for a call": ("out = []\nfor x in xs:\n  out.append(x)\n  g(*out)", "exact len(xs)"),
    "joined": ("out = []\nfor x in xs:\n  out.append(x)\n  g(','.join(out))", "exact len(xs)"),
    "in an f-string": ("out = []\nfor x in xs:\n  out.append(x)\n  g(f'{out}')", "exact len(xs)"),
    "yielded": (
        "out = []\nfor x in xs:\n  yield out\n  out.append(x)",
        "unknown: it is passed on before it is filled",
    ),
    "unpacked": ("out, other = [], {}\nfor x in xs: out.append(x)", "exact len(xs)"),
    "unpacked again": (
        "out = []\nif n: out, other = [1], 2\nfor x in xs: out.append(x)",
        "unknown: it may be replaced before it is filled",
    ),
    "a source that was unpacked": (
        "names, other = ['a'], 2\nout = []\nfor name in names: out.append(name)",
        "exact len(names)",
    ),
    "two names": ("out = other = []\nfor x in xs: out.append(x)", "unknown: it is not bound to a name here"),
    "a default": ("out = xs or []\nout.append(1)", "unknown: it is not bound to a name here"),
    "a conditional": ("out = [] if n else None\nout.append(1)", "unknown: it is not bound to a name here"),
    "filled by a closure": (
        "out = []\ndef g():\n  out.append(1)",
        "unknown: it is filled by a closure that runs later",
    ),
    "a closure's own": (
        "out = []\ndef g():\n  out = []\n  out.append(1)\nfor x in xs: out.append(x)",
        "exact len(xs)",
    ),
    "nonlocal": (
        "out = []\ndef g():\n  nonlocal out\n  out = []\nfor x in xs: out.append(x)",
        "unknown: it may be replaced before it is filled",
    ),
    "a name used again": ("out = set()\nout |= s\nfor out in xs: pass", "exact len(s)"),
    "a source that changes": (
        "out = []\nxs.append(1)\nfor x in xs: out.append(x)",
        "unknown: the size is not known yet where it is built",
    ),
}


@pytest.mark.parametrize(("body", "expected"), [pytest.param(*row, id=name) for name, row in LOOPS.items()])
def test_loops(body: str, expected: str) -> None:
    assert fill_of(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*row, id=name) for name, row in BRANCHES.items()]
)
def test_branches(body: str, expected: str) -> None:
    assert fill_of(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"), [pytest.param(*row, id=name) for name, row in OPERATIONS.items()]
)
def test_operations(body: str, expected: str) -> None:
    assert fill_of(body) == expected


@pytest.mark.parametrize(("body", "expected"), [pytest.param(*row, id=name) for name, row in SHARING.items()])
def test_sharing(body: str, expected: str) -> None:
    assert fill_of(body) == expected


PLACES = {
    "a module's": ("X = {}", "static X"),
    "a class's": ("class A:\n    x = []", "field A.x"),
    "an object's": ("class A:\n    def __init__(self):\n        self.x = set()", "field A.x"),
    "a local": ("def f():\n    x = list()", "local x"),
    "a typed local": ("def f():\n    x: list[int] = []", "local x"),
    "a global from inside": ("X = 1\ndef f():\n    global X\n    X = {}", "field X"),
    "a default": ("def f(x=[]):\n    pass", "default x"),
    "a default of a method": ("class A:\n    def f(self, *, x=dict()):\n        pass", "default x"),
    "an argument": ("g([])", "argument"),
    "a named argument": ("g(x=[])", "argument"),
    "an element": ("x = [[]]", "element"),
    "returned": ("def f():\n    return {}", "return"),
    "a dataclass's": ("class A:\n    x: dict[str, int] = field(default_factory=dict)", "field A.x"),
    "a dataclass's, by a lambda": (
        "class A:\n    x: dict[str, int] = dc.field(default_factory=lambda: {})",
        "field A.x",
    ),
    "an attrs class's": ("class A:\n    x = attr.ib(factory=list)", "field A.x"),
    "a walrus": ("def f():\n    if (x := []): pass", "local x"),
    "imported on the spot": ("def f():\n    from collections import deque\n    x = deque()", "local x"),
    "imported by the module": ("from collections import defaultdict\nX = defaultdict(list)", "static X"),
    "by a path": ("import collections\nX = collections.OrderedDict()", "static X"),
}


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row, id=name) for name, row in PLACES.items()])
def test_what_it_is_bound_to(text: str, expected: str) -> None:
    (built,) = constructions(text + "\n")
    owner = f"{built.field_owner}." if built.field_owner is not None else ""
    name = built.field_name or built.name
    assert f"{built.binding} {owner}{name or ''}".strip() == expected


def test_every_construction_is_there_once() -> None:
    text = """
a = []
class A:
    b = []
    def f(self, c=[]):
        d = []
        def g(e=[]):
            h = []
        class B:
            i = []
"""
    names = [built.name or built.field_name for built in constructions(text)]
    assert sorted(str(name) for name in names) == list("abcdehi")


NO_CONSTRUCTIONS = [
    "x = [1, 2]",
    "x = ()",
    "def f(list):\n    x = list()",
    "class deque: pass\nx = deque()",
    "x = other.dict()",
    "x = ''",
]


@pytest.mark.parametrize("text", NO_CONSTRUCTIONS)
def test_what_is_none(text: str) -> None:
    assert constructions(text + "\n") == []
