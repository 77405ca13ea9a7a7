"""The most turns that a loop can make, whatever it is given; and what is in scope where text is appended."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from alloclint.facts.building.constructions import Function
from alloclint.facts.sizes.byname import is_few_by_name
from alloclint.facts.sizes.few import most_turns
from alloclint.facts.temporaries.formatting import appended_in, imports_write
from alloclint.file import File
from alloclint.settings import Limits


def function(suffix: str, source: str, word: str) -> Function:
    file = File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None)
    return file.facts.functions_with((word,))[-1]


def turns(found: Function) -> int | None:
    """The most turns of the last loop."""
    return most_turns(found.trace.loops[-1], found)


PYTHON = """
NAMES = {"a": 1, "b": 2}
SEEN = ["a"]
SEEN.append("b")
lower = ["a"]


class A:
    _OWN = ("a", "b", "c")

    def found(self, given, *args, **named):
"""


@pytest.mark.parametrize(
    ("body", "most"),
    [
        ("for x in [given, 1]: go(x)", 2),
        ("xs = [given, 1]\nfor x in xs: go(x)", 2),
        ("xs = (given, 1)\nfor x in reversed(xs): go(x)", 2),
        ("xs = [1]\nxs.append(2)\nfor x in xs: go(x)", 2),
        ("xs = [1]\nxs.extend(given)\nfor x in xs: go(x)", None),
        ("xs = [1]\ngo(xs)\nfor x in xs: go(x)", None),
        ("xs = []\nfor x in xs: go(x)", None),
        ("xs = [1]\nxs = given\nfor x in xs: go(x)", None),
        ("xs = [1, *given]\nfor x in xs: go(x)", None),
        ("d = {}\nd['a'] = 1\nif given:\n    d['b'] = 2\nfor k, v in sorted(d.items()): go(k)", 2),
        ("d = {}\nfor x in given:\n    d[x] = 1\nfor k in d: go(k)", None),
        ("for k, v in sorted(NAMES.items()): go(k)", 2),
        ("for k in SEEN: go(k)", None),
        ("for k in lower: go(k)", None),
        ("for k in self._OWN: go(k)", 3),
        ("for x in args: go(x)", 4),
        ("xs = [*args]\nfor x in xs: go(x)", 4),
        ("for x in list(args): go(x)", 4),
        ("for x in named: go(x)", None),
        ("for x in given[:15]: go(x)", 15),
        ("xs = given[2:15]\nfor x in xs: go(x)", 15),
        ("for x in given[2:]: go(x)", None),
        ("for x, y in zip(given, range(3)): go(x)", 3),
        ("xs = [1, 2]\nfor x in given: go(xs.pop(0))", 2),
        ("xs = [1, 2]\nwhile given: go(xs.pop())", 2),
        ("xs = [1, 2]\nfor x in given:\n    if x: go(xs.pop())", None),
        ("xs = [1, 2]\nfor x in given:\n    xs.append(xs.pop())", None),
    ],
)
def test_the_most_turns_in_python(body: str, most: int | None) -> None:
    assert turns(function("py", f"{PYTHON}{indent(body, ' ' * 8)}\n", "given")) == most


@pytest.mark.parametrize(
    ("body", "most"),
    [
        ('String[] xs = {"a", given}; for (String x : xs) go(x);', 2),
        ('List<String> xs = List.of("a", given); for (String x : xs) go(x);', 2),
        ('List<String> xs = new ArrayList<>(List.of("a")); for (String x : xs) go(x);', None),
        ("for (String x : NAMES) go(x);", 3),
        ("for (String x : names) go(x);", None),
        ("for (int i = 0; i < Math.min(given.length(), 5); i++) go(i);", 5),
    ],
)
def test_the_most_turns_in_java(body: str, most: int | None) -> None:
    fields = 'static final String[] NAMES = {"a", "b", "c"}; String[] names = {"a"};'
    source = f"import java.util.*;\nclass A {{ {fields} void f(String given) {{ {body} }} }}"
    assert turns(function("java", source, "void")) == most


@pytest.mark.parametrize(
    ("body", "most"),
    [
        ('let xs = ["a", given]; for x in xs { go(x); }', 2),
        ('let xs = vec!["a", given]; for x in &xs { go(x); }', 2),
        ('let mut xs = vec!["a", given]; fill(&mut xs); for x in &xs { go(x); }', None),
        ("for x in NAMES.iter() { go(x); }", 3),
        ("for x in given.chars() { go(x); }", None),
        ("for x in given.lines().take(4) { go(x); }", 4),
    ],
)
def test_the_most_turns_in_rust(body: str, most: int | None) -> None:
    source = f'const NAMES: &[&str] = &["a", "b", "c"];\nfn f(given: &str) {{ {body} }}'
    assert turns(function("rs", source, "fn")) == most


@pytest.mark.parametrize(
    ("before", "inside", "nested", "imported"),
    [
        ("use std::fmt::Write;", "", "", True),
        ("use std::fmt::{self, Write as _};", "", "", True),
        ("", "use std::fmt::Write as _;", "", True),
        ("", "", "use std::fmt::Write as _;", False),
        ("fn other() { use std::fmt::Write as _; }", "", "", False),
        ("mod other {\n    use std::fmt::Write as _;\n}", "", "", False),
        ("use std::io::Write;", "", "", False),
    ],
)
def test_where_a_trait_is_in_scope(before: str, inside: str, nested: str, *, imported: bool) -> None:
    source = f"""{before}
fn line(numbers: &[u64]) -> String {{
    {inside}
    if numbers.is_empty() {{
        {nested}
        go();
    }}
    let mut line = String::new();
    for number in numbers {{
        line.push_str(&format!("{{number}},"));
    }}
    line
}}
"""
    (found,) = appended_in(function("rs", source, "format!"))
    assert imports_write(found) is imported


@pytest.mark.parametrize(
    ("name", "few"),
    [
        ("args", True),
        ("columnNames", True),
        ("roleList", True),
        ("getReplicas", True),
        ("suspectedMemberCount", True),
        ("REPOSITORIES", True),
        ("addresses", True),
        ("argv", True),
        ("column", False),
        ("columnValues", False),
        ("columns_by_row", False),
        ("rows", False),
        ("names", False),
        ("memberships", False),
        ("n", False),
    ],
)
def test_a_handful_by_name(name: str, few: bool) -> None:
    assert is_few_by_name(name) is few
