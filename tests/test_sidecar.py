"""Expected sizes in `cardinalities.toml`: reading it, its faults, and which symbol a key means."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from alloclint.cardinality.sidecar import Sidecar, SidecarError, load, parse
from alloclint.cardinality.symbol import Symbol, matches, segments

TEXT = """\
# Sizes of the largest shard.
"fishdb::index::DocRefIndex.map" = { expect = 58_700_000, growth = "2.5M/day", headroom = 3, entry = "32B" }
"fishdb::shard::Stats.terms" = { metric = "TermCount", headroom = 1.5 }

["com.acme.Mixer.cache"]
expect = "10k"
entry = 48
"""


def test_entries() -> None:
    found = parse(TEXT, "cardinalities.toml")
    index, stats, cache = found.entries
    assert (index.cardinality.expect, index.cardinality.needed) == (58_700_000, 176_100_000)
    assert (index.cardinality.growth_per_day, index.cardinality.entry_bytes) == (Fraction(2_500_000), 32)
    assert (index.line, index.cardinality.source) == (2, "cardinalities.toml:2")
    assert (stats.cardinality.expect, stats.cardinality.metric) == (None, "TermCount")
    assert stats.cardinality.headroom == Fraction(3, 2)
    assert (cache.key, cache.cardinality.expect, cache.cardinality.entry_bytes) == (
        "com.acme.Mixer.cache",
        10_000,
        48,
    )
    assert cache.line == 5


def test_a_key_without_quotes_is_the_same_key() -> None:
    found = parse("com.acme.Mixer.cache = { expect = 5 }\n[a.B]\nc = { expect = 7 }\n", "c.toml")
    assert [(entry.key, entry.line) for entry in found.entries] == [("com.acme.Mixer.cache", 1), ("a.B.c", 3)]


def test_load_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cardinalities.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert len(load(path).entries) == 3
    path.write_bytes(b'"a.b" = { expect = 1 }\n# \xff\n')
    with pytest.raises(SidecarError, match="UTF-8") as error:
        load(path)
    assert error.value.line == 2


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ('"a.b" = {', 1, "", "not TOML"),
        ('\n"a.b" = 5', 2, "a.b", "expected a table"),
        ('"a b" = { expect = 5 }', 1, "a b", "expected a symbol"),
        ('"a.b" = { expct = 5 }', 1, "a.b", "did you mean `expect`?"),
        ('"a.b" = { headroom = 5 }', 1, "a.b", "expected `expect` or `metric`"),
        ('"a.b" = {}', 1, "a.b", "expected `expect` or `metric`"),
        ('"a.b" = { expect = 0 }', 1, "a.b", "at least 1"),
        ('"a.b" = { expect = -3 }', 1, "a.b", "at least 1"),
        ('"a.b" = { expect = true }', 1, "a.b", "expected a number of entries"),
        ('"a.b" = { expect = [1] }', 1, "a.b", "expected a number of entries"),
        ('"a.b" = { expect = "many" }', 1, "a.b", "expected a number of entries"),
        ('\n["a.b"]\nexpect = 5\nheadroom = 0.5\n', 4, "a.b", "expected a factor of at least 1"),
        ('"a.b" = { expect = 5, growth = 3 }', 1, "a.b", "expected a rate"),
        ('"a.b" = { expect = 5, entry = "x" }', 1, "a.b", "expected a number of bytes"),
        ('"a.b" = { metric = "" }', 1, "a.b", "expected the name of a metric"),
    ],
)
def test_faults(text: str, line: int, key: str, message: str) -> None:
    with pytest.raises(SidecarError) as error:
        parse(text, "c.toml")
    assert (error.value.line, error.value.key) == (line, key)
    assert message in str(error.value)
    assert str(error.value).startswith(f"c.toml:{line}: ")


def test_an_empty_file_says_nothing() -> None:
    assert parse("", "c.toml").entries == ()
    assert Sidecar().find(Symbol("a.rs", "rust", ("A", "b"))) is None


FIELD = ("DocRefIndex", "map")


@pytest.mark.parametrize(
    ("key", "path", "own", "found"),
    [
        ("fishdb::index::DocRefIndex.map", "src/index.rs", FIELD, True),
        ("fishdb::index::DocRefIndex::map", "src/index.rs", FIELD, True),
        ("fishdb::index::DocRefIndex.map", "crates/fishdb/src/index.rs", FIELD, True),
        ("fishdb::index::DocRefIndex.map", "crates/db/src/index/mod.rs", FIELD, True),
        ("fishdb::index::DocRefIndex.map", "index.rs", FIELD, True),
        ("fishdb::index::DocRefIndex.map", "before/index.rs", FIELD, True),
        ("fishdb::DocRefIndex.map", "src/lib.rs", FIELD, True),
        ("index::DocRefIndex.map", "src/index.rs", FIELD, True),
        ("DocRefIndex.map", "src/index.rs", FIELD, True),
        ("crate::index::DocRefIndex.map", "src/index.rs", FIELD, True),
        ("fishdb::a::index::DocRefIndex.map", "src/a/index.rs", FIELD, True),
        ("tool::Cache.map", "src/bin/tool.rs", ("Cache", "map"), True),
        ("fishdb::index::DocRefIndex.map", "src/shard.rs", FIELD, False),
        ("fishdb::index::DocRefIndex.map", "src/a/index.rs", FIELD, False),
        ("a::b::index::DocRefIndex.map", "src/index.rs", FIELD, False),
        ("fishdb::index::DocRefIndex.map", "src/index.rs", ("DocRefIndex", "keys"), False),
        ("fishdb::index::DocRefIndex.map", "src/index.rs", ("Other", "map"), False),
        ("map", "src/index.rs", FIELD, False),
        ("fishdb::index::load.keys", "src/index.rs", ("load", "keys"), True),
        ("fishdb::index::DocRefIndex::load.keys", "src/index.rs", ("DocRefIndex", "load", "keys"), True),
        ("fishdb::index::CACHE", "src/index.rs", ("CACHE",), True),
        ("fishdb::index::Cache", "src/index.rs", ("Cache",), True),
    ],
)
def test_rust_symbols(key: str, path: str, own: tuple[str, ...], found: bool) -> None:
    names = segments(key)
    assert names is not None
    assert matches(names, Symbol(path, "rust", own)) is found


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("com.acme.Mixer.cache", True),
        ("acme.Mixer.cache", True),
        ("Mixer.cache", True),
        ("org.acme.Mixer.cache", False),
        ("x.com.acme.Mixer.cache", False),
        ("com.acme.Other.cache", False),
        ("cache", False),
    ],
)
def test_java_symbols(key: str, found: bool) -> None:
    names = segments(key)
    assert names is not None
    symbol = Symbol("src/main/java/com/acme/Mixer.java", "java", ("Mixer", "cache"), ("com", "acme"))
    assert matches(names, symbol) is found


@pytest.mark.parametrize(
    ("key", "path", "found"),
    [
        ("feed.index.Index.docs", "src/feed/index.py", True),
        ("feed.index.Index.docs", "feed/index.py", True),
        ("feed.index.Index.docs", "index.py", True),
        ("feed.Index.docs", "feed/__init__.py", True),
        ("index.Index.docs", "feed/index.py", True),
        ("other.index.Index.docs", "feed/index.py", False),
        ("feed.index.Index.docs", "feed/query.py", False),
    ],
)
def test_python_symbols(key: str, path: str, found: bool) -> None:
    names = segments(key)
    assert names is not None
    assert matches(names, Symbol(path, "python", ("Index", "docs"))) is found


def test_the_longest_key_wins() -> None:
    found = parse('"Index.map" = { expect = 1 }\n"a::index::Index.map" = { expect = 2 }', "c.toml")
    entry = found.find(Symbol("src/index.rs", "rust", ("Index", "map")))
    assert entry is not None
    assert entry.cardinality.expect == 2
    assert found.find(Symbol("src/index.rs", "rust", ("Index", "other"))) is None


@pytest.mark.parametrize("key", ["", "a..b", "a b", "a::", "a-b.c"])
def test_keys_that_are_no_symbols(key: str) -> None:
    assert segments(key) is None
