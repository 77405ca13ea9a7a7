"""TOML with places: what whole files mean, and what half of one still says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alloclint.project import toml
from alloclint.project.token import Source

ROOT = Path(__file__).parent.parent


def read(text: str | bytes) -> tuple[toml.Table, Source]:
    source = Source("Cargo.toml", text if isinstance(text, bytes) else text.encode())
    return toml.read(source), source


def plain(value: toml.Value) -> Any:
    """A value as `tomllib` gives it."""
    if isinstance(value, toml.Table):
        return {key: plain(entry.value) for key, entry in value.entries.items()}
    if isinstance(value, toml.Array):
        return [plain(one) for one in value.items]
    return value.text if value.kind == "string" else tomllib.loads(f"x = {value.text}")["x"]


WHOLE = r'''
a.b = 1
"quoted \"key\"".x = true
x = { a = "1", b.c = [1, 2.5, 1979-05-27], d = false }

[package]
name = "caf\u00e9 \t \\ \x41"
literal = 'C:\new'
text = """
one \
   two"""
raw = """
  ""x"" """

[[bin]]
name = "first"

[bin.metadata]
inner = 1

[[bin]]
name = "second"

[target.'cfg(unix)'.dependencies]
libc = "0.2"

[target.'cfg(unix)']
after = "the table inside"
'''


class TestWholeFiles:
    def test_all_forms(self) -> None:
        text = WHOLE.replace(r"\x41", "A")
        table, source = read(text)
        assert plain(table) == tomllib.loads(text)
        assert not source.damage

    def test_a_byte_order_mark_and_carriage_returns(self) -> None:
        table, source = read(b'\xef\xbb\xbf[a]\r\nb = "c"\r\n')
        found = table.string("a", "b")
        assert found is not None and (found.text, found.place.start.line) == ("c", 2)
        assert not source.damage

    @pytest.mark.parametrize(
        "path", [ROOT / "pyproject.toml", ROOT / "alloclint/project/known.toml"], ids=str
    )
    def test_our_own(self, path: Path) -> None:
        table, source = read(path.read_bytes())
        assert plain(table) == tomllib.loads(path.read_text())
        assert not source.damage


class TestPlaces:
    def test_of_a_string_with_an_escape(self) -> None:
        table, source = read('[a]\nkey = "x\\ty" # why\n')
        token = table.string("a", "key")
        assert token is not None
        assert (token.text, token.written) == ("x\ty", '"x\\ty"')
        start, end = token.place.start.offset, token.place.end.offset
        assert source.content[start:end] == b'"x\\ty"'
        assert (token.place.start.line, token.place.start.column) == (2, 7)

    def test_of_an_entry_and_a_table(self) -> None:
        table, source = read("[a]\nb = 1\nc = [\n  2,\n]\n\n[d]\n")
        inner = table.table("a")
        assert inner is not None
        assert source.content[inner.start : inner.end] == b"[a]\nb = 1\nc = [\n  2,\n]"
        entry = inner.entries["c"]
        assert source.content[entry.start : entry.end] == b"c = [\n  2,\n]"
        assert entry.key.text == "c"

    def test_answers_of_the_wrong_kind(self) -> None:
        table, _ = read('a = 1\nb = "x"\nc = ["y", 2]\n')
        assert table.string("a") is None
        assert table.flag("b") is None
        assert table.table("b") is None
        assert table.get("b", "inside") is None
        assert [one.text for one in table.strings("c")] == ["y"]
        assert table.strings("b") == ()
        assert table.tables("c") == ()


class TestDamage:
    @pytest.mark.parametrize(
        ("text", "kept", "lines"),
        [
            ('[a]\nb = "x\nc = 1\n[d]\ne = 2\n', {"a": {"c": 1}, "d": {"e": 2}}, [2]),
            ("[a]\nb = 1\nmimal", {"a": {"b": 1}}, [3]),
            ("[a]\nb = 1\n[a.c", {"a": {"b": 1}}, [3]),
            ('[a]\nb = { version = "1", fea', {"a": {}}, [2]),
            ('[a]\nb = [\n "x",\n "y"\n[c]\nd = 1\n', {"a": {}, "c": {"d": 1}}, [2, 3, 4]),
            ("<<<<<<< HEAD\n[a]\nb = 1\n=======\nc = 2\n>>>>>>> x\n", {"a": {"b": 1, "c": 2}}, [1, 4, 6]),
            ("[a]\nb = 1\nb = 2\n", {"a": {"b": 1}}, [3]),
            ("[a]\nb = 1\n[a]\nc = 2\n", {"a": {"b": 1}}, [3]),
            ("a = 1\n[a.b]\nc = 2\n", {"a": 1}, [2]),
            ("[[a]]\nb = 1\n[a]\nc = 1\n", {"a": [{"b": 1}]}, [3]),
            ("a = 1\n[[a]]\nb = 1\n", {"a": 1}, [2]),
        ],
    )
    def test_the_rest_is_read(self, text: str, kept: Any, lines: list[int]) -> None:
        table, source = read(text)
        assert plain(table) == kept
        assert [one.start.line for one in source.damage] == lines
        assert all(one.text for one in source.damage)

    def test_entries_under_a_broken_header_belong_nowhere(self) -> None:
        table, _ = read("[a]\nb = 1\n[tar get]\nc = 2\n[d]\ne = 3\n")
        assert plain(table) == {"a": {"b": 1}, "d": {"e": 3}}

    def test_much_damage_is_given_up(self) -> None:
        table, source = read("[a]\nb = 1\n" + "= = =\n" * 10_000)
        assert plain(table) == {"a": {"b": 1}}
        assert len(source.damage) < 100

    @pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"x = " + b"[" * 3000, b"x=" + b"{a=" * 300 + b"1"])
    def test_no_text_and_deep_nesting(self, text: bytes) -> None:
        _, source = read(text)
        assert source.damage

    def test_depth_is_bounded(self) -> None:
        _, source = read("x = " + "[" * 500 + "]" * 500)
        assert [one.text for one in source.damage] == ["this is nested too deeply"]

    @given(st.integers(0, len(WHOLE)))
    def test_every_beginning_of_a_file(self, length: int) -> None:
        table, _ = read(WHOLE[:length])
        assert isinstance(plain(table), dict)

    @given(st.text("[]{}=\"',.\n# ab1\\", max_size=60))
    def test_any_text_is_read_or_damaged(self, text: str) -> None:
        table, source = read(text)
        try:
            wanted = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return
        assert source.damage or plain(table) == wanted
