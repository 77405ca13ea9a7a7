"""What class of collection a variable holds, where its declaration leaves it open."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts.names.held import held_class
from alloclint.file import File
from alloclint.settings import Limits


def held(suffix: str, source: str) -> str | None:
    """The class of what the one call of `get` or `pop` is made on."""
    (call,) = File.of(f"a.{suffix}", dedent(source).encode(), Limits()).facts.calls(("get", "pop"))
    return held_class(call.node.receiver, call.function, call.event.scope, call.event.order)


@pytest.mark.parametrize(
    ("fields", "body", "found"),
    [
        ("", "LinkedList<String> xs = of(); xs.get(1);", "LinkedList"),
        ("", "List<String> xs = new LinkedList<>(); xs.get(1);", "LinkedList"),
        ("", "List<String> xs; xs = new ArrayList<>(); xs.get(1);", "ArrayList"),
        ("", "List<String> xs = new LinkedList<>(); xs = new ArrayList<>(); xs.get(1);", None),
        ("", "List<String> xs = null; xs = new LinkedList<>(); xs.get(1);", "LinkedList"),
        ("", "List<String> xs = of(); xs.get(1);", None),
        ("private List<String> xs = new LinkedList<>();", "xs.get(1);", "LinkedList"),
        ("private List<String> xs; A() { xs = new LinkedList<>(); }", "this.xs.get(1);", "LinkedList"),
        ("private List<String> xs = new LinkedList<>(); void set(List<String> x) { xs = x; }", "xs.get(1);",
         None),
        ("List<String> xs = new LinkedList<>();", "xs.get(1);", None),
    ],
)  # fmt: skip
def test_java(fields: str, body: str, found: str | None) -> None:
    methods = f"void f() {{ {body} }} List<String> of() {{ return null; }}"
    assert held("java", f"import java.util.*; class A {{ {fields} {methods} }}") == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("xs = []\nxs.pop(0)", "list"),
        ("xs = []\nxs = xs + [1]\nxs.pop(0)", "list"),
        ("xs = [1]\nxs = xs[1:]\nxs.pop(0)", "list"),
        ("xs = text.split()\nxs.pop(0)", "list"),
        ("xs = []\nxs = other()\nxs.pop(0)", None),
        ("xs = other()\nxs.pop(0)", None),
    ],
)
def test_python_locals(body: str, found: str | None) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    assert held("py", f"def f(text):\n{lines}") == found


@pytest.mark.parametrize(("again", "found"), [("[2]", "list"), ("other", None)])
def test_a_python_field_is_what_all_methods_make_it(again: str, found: str | None) -> None:
    source = f"""
        class A:
            def __init__(self):
                self.xs = []

            def set(self, other):
                self.xs = {again}

            def f(self):
                self.xs.pop(0)
    """
    assert held("py", source) == found
