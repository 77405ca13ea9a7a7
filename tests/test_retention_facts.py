"""What lasts, what only grows, what comes again and again, and what there are few of."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts import Call
from alloclint.facts.names.finite import has_few_values, means_few
from alloclint.facts.often.invariance import is_invariant
from alloclint.facts.often.recurring import is_per_input, recurs
from alloclint.facts.retention.accretion import accretion_of
from alloclint.facts.retention.caching import cached_in, is_cleared
from alloclint.facts.retention.incoming import comes_in
from alloclint.facts.retention.lasting import lasting_in
from alloclint.facts.summary import Project, summarize
from alloclint.file import File
from alloclint.settings import Limits


def file(suffix: str, source: str) -> File:
    return File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None)


def call(suffix: str, source: str, name: str) -> Call:
    (only,) = file(suffix, source).facts.calls((name,))
    return only


@pytest.mark.parametrize(
    ("name", "often"),
    [
        ("parseLine", True),
        ("_read_record", True),
        ("decode", True),
        ("parse_args", False),
        ("readConfig", False),
        ("bread", False),
        ("load", False),
    ],
)
def test_what_a_name_says_of_repetition(name: str, often: bool) -> None:
    assert is_per_input(name) is often


def test_a_loop_of_the_same_file_makes_a_function_recur() -> None:
    source = "def f(xs):\n    for x in xs:\n        g(x)\n\n\ndef g(x):\n    return h(x)\n"
    assert recurs(call("py", source, "h")) == "`g` is called in a loop in line 3"


def test_a_loop_that_runs_at_the_start_does_not() -> None:
    source = "class A { static { for (int i = 0; i < 3; i++) g(i); } static void g(int i) { h(i); } }"
    assert recurs(call("java", source, "h")) is None


@pytest.mark.parametrize(
    ("name", "few"),
    [("encoding", True), ("countryCode", True), ("cls", True), ("user_id", False), ("path", False)],
)
def test_what_a_name_says_of_the_number_of_values(name: str, few: bool) -> None:
    assert means_few(name) is few


@pytest.mark.parametrize(
    ("suffix", "type_", "few"),
    [
        ("rs", "bool", True), ("rs", "Level", True), ("rs", "Shape", False), ("rs", "(bool, Level)", True),
        ("rs", "(bool, u64)", False), ("rs", "Option<Level>", True), ("rs", "String", False),
    ],
)  # fmt: skip
def test_types_of_few_values(suffix: str, type_: str, few: bool) -> None:
    types = file(
        suffix, f"enum Level {{ Low, High }} enum Shape {{ Circle(u64) }} struct S {{ x: {type_} }}"
    ).facts.types
    assert has_few_values(types.declared["S"].fields[0].type, types) is few


def test_a_collection_is_closed_where_no_other_file_can_name_it() -> None:
    source = """
        static A: Mutex<Vec<u8>> = Mutex::new(Vec::new());
        pub(crate) static B: Mutex<Vec<u8>> = Mutex::new(Vec::new());
        pub static C: Mutex<Vec<u8>> = Mutex::new(Vec::new());
        """
    assert [(one.field.name, one.closed) for one in lasting_in(file("rs", source))] == [
        ("A", True),
        ("B", False),
    ]


@pytest.mark.parametrize(
    ("more", "only"),
    [
        ("", True),
        ("def g():\n    return _X.get(1)\n", True),
        ("def g():\n    for key in _X:\n        print(key)\n", True),
        ("def g():\n    return len(_X)\n", True),
        ("def g():\n    return len(_X) > 5\n", False),
        ("def g():\n    _X.pop(1)\n", False),
        ("def g():\n    return _X\n", False),
        ("def g():\n    h(_X)\n", False),
        ("def g():\n    global _X\n    _X = {}\n", False),
        ("def g():\n    x = _X\n    x.clear()\n", False),
        ("def g():\n    if not _X:\n        _X[2] = 3\n", False),
        ("__all__ = ['_X']\n", False),
    ],
)
def test_what_is_more_than_looking_and_adding(more: str, only: bool) -> None:
    read = file("py", f"_X = {{}}\ndef f(key):\n    _X[key] = key\n{more}")
    (lasting,) = (one for one in lasting_in(read) if one.field.name == "_X")
    assert (accretion_of(lasting, read) is not None) is only


def test_a_name_that_only_the_format_shows_is_read() -> None:
    found = call("rs", 'fn f(xs: &[u8]) { for x in xs { go(format!("{x}")); } }', "format")
    assert found.loop is not None
    assert not is_invariant(found.node, found.loop, found)


def test_a_cache_that_another_file_empties_is_cleared() -> None:
    other = file("py", "from a import load\n\n\ndef forget():\n    load.cache_clear()\n")
    project = Project.merge([summarize(other)])
    source = b"from functools import cache\n\n\n@cache\ndef load(key):\n    return key\n"
    alone, within = (File.of("a.py", source, Limits(), one) for one in (None, project))
    assert [is_cleared(one, alone) for one in cached_in(alone)] == [False]
    assert [is_cleared(one, within) for one in cached_in(within)] == [True]


@pytest.mark.parametrize(
    ("name", "coming"),
    [("user_id", True), ("line", True), ("queryString", True), ("encoding", False), ("id", False)],
)
def test_what_a_name_says_of_keys_that_keep_coming(name: str, coming: bool) -> None:
    assert comes_in(name) is coming
