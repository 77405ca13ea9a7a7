"""What is known of values that live for one turn: made anew, filled again, or not needed at all."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts.building.constructions import Function
from alloclint.facts.names.calls import Call, Site
from alloclint.facts.often.escaping import is_consumed
from alloclint.facts.often.warm import warm_functions, warmth
from alloclint.facts.temporaries.listed import needless_lists
from alloclint.facts.temporaries.pipelines import is_run_here, source_of_stream
from alloclint.facts.temporaries.rebuilt import rebuilt_in
from alloclint.facts.temporaries.refilled import refilled
from alloclint.file import File
from alloclint.settings import Limits


def file(suffix: str, source: str) -> File:
    return File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None)


def function(suffix: str, source: str, word: str) -> Function:
    return file(suffix, source).facts.functions_with((word,))[-1]


@pytest.mark.parametrize(
    ("expression", "consumed"),
    [
        ("x + [1]", True),
        ("[1][x]", True),
        ("x or [1]", False),
        ("len([1])", True),
        ("other([1])", False),
        ("(x or [1]) + x", True),
    ],
)
def test_what_is_used_up_in_its_own_expression(expression: str, consumed: bool) -> None:
    found = function("py", f"def f(x, other):\n    y = {expression}\n", "def")
    (event,) = found.trace.displays
    site = Site(found, event)
    assert is_consumed(site.expression, event.around, site) is consumed


def test_code_is_warm_by_mark_or_contract_but_not_by_request() -> None:
    source = file(
        "java",
        """
        class Row implements Comparable<Row> {
            // alloclint: hot
            void marked() { go(); }
            public int compareTo(Row other) { return go(); }
            @GetMapping void request() { go(); }
            void inside() {
                // alloclint: hot
                for (;;) { go(); }
            }
            void other() { go(); }
        }
        """,
    )
    assert [one.declaration.name for one in warm_functions(source)] == ["marked", "compareTo", "inside"]
    warm = [call.function.declaration.name for call in source.facts.calls(("go",)) if warmth(call)]
    assert warm == ["marked", "compareTo", "inside"]


@pytest.mark.parametrize(
    ("body", "reusable"),
    [
        ("let mut v: Vec<u32> = Vec::new(); v.push(x); go(&v);", True),
        ("let mut v = Vec::new(); v.push(1u32); v.drain(..);", True),
        ("let mut v: Vec<&str> = Vec::new(); v.push(x); go(&v);", False),
        ("let mut v: Vec<u32> = Vec::new(); if x > 1 { v.push(x); }", False),
        ("let mut v: Vec<u32> = Vec::new(); v.push(x); out.push(v);", False),
        ("let mut v: Vec<u32> = Vec::new(); v.push(x); std::mem::swap(&mut v, out);", False),
        ("let mut v: Vec<u32> = Vec::new(); v.push(x); return v;", False),
        ("let mut s = String::new(); s.push('a'); go(&s);", True),
        ("let mut s = String::new(); s.push('a'); let t = s + x;", False),
    ],
)
def test_a_collection_that_can_be_cleared_instead(body: str, reusable: bool) -> None:
    source = f"fn f(xs: &[u32], out: &mut Vec<Vec<u32>>) {{ for x in xs {{ {body} }} }}"
    built = next(one for one in file("rs", source).facts.constructions if one.binding == "local")
    assert (refilled(built) is not None) is reusable


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("byte[] b = new byte[512]; in.read(b);", ["buffer"]),
        ("byte[] b = new byte[512]; other.read(b);", []),
        ("byte[] b = new byte[512]; in.read(b); keep(b);", []),
        ("byte[] b = new byte[512]; in.read(b); b[0]++;", []),
        ("byte[] b = new byte[n]; in.read(b); n++;", []),
        ("int[] b = new int[] {1, 2}; go(b[0] + b.length);", ["array"]),
        ("int[] b = new int[] {1, 2}; Runnable r = () -> go(b[0]);", []),
    ],
)
def test_what_is_made_of_constants_at_each_turn(body: str, made: list[str]) -> None:
    source = f"""
        import java.io.InputStream;
        class A {{
            void f(InputStream in, Other other, int n) {{ while (more()) {{ {body} }} }}
        }}
    """
    found = function("java", source, "new")
    assert [one.what for one in rebuilt_in(found)] == made


@pytest.mark.parametrize(
    ("expression", "source", "run"),
    [
        ("xs.stream().map(f).count()", "xs", True),
        ("xs.stream().map(f)", "xs", False),
        ("java.util.Arrays.stream(a).sum()", "a", True),
        ("other.stream().sum()", None, True),
    ],
)
def test_where_a_pipeline_begins_and_ends(expression: str, source: str | None, run: bool) -> None:
    text = (
        f"class A {{ Object f(java.util.List<String> xs, int[] a, Other other) {{ return {expression}; }} }}"
    )
    (call,) = file("java", text).facts.calls(("stream",))
    assert isinstance(call, Call)
    assert source_of_stream(call) == source
    assert is_run_here(call) is run


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("sorted(xs)[0]", "min(xs)"),
        ("sorted(xs, reverse=True)[0]", "max(xs)"),
        ("sorted(xs, reverse=True)[-1]", None),
        ("sorted(xs, *xs)[0]", None),
        ("list(xs)[0]", "next(iter(xs))"),
        ("any([x for x in xs],)", None),
        ("any([f(x) for x in xs])", None),
        ("any([x.strip() for x in xs])", "any(x.strip() for x in xs)"),
    ],
)
def test_lists_that_python_does_not_need(expression: str, text: str | None) -> None:
    found = function("py", f"def f(xs, f):\n    return {expression}\n", "return")
    assert next((one.text for one in needless_lists(found)), None) == text
