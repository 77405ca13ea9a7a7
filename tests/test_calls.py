"""What is known of a call: its full name, its receiver, the loop that repeats it, what does not change."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts import Call
from alloclint.facts.names.strings import constant_string
from alloclint.facts.often.escaping import stays_in_turn
from alloclint.facts.often.invariance import is_invariant
from alloclint.file import File
from alloclint.settings import Limits


def calls(suffix: str, source: str, *names: str) -> list[Call]:
    return File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None).facts.calls(names)


def call(suffix: str, source: str, name: str) -> Call:
    (only,) = calls(suffix, source, name)
    return only


@pytest.mark.parametrize(
    ("suffix", "source", "name", "path"),
    [
        ("rs", "use regex::Regex as R; fn f() { R::new(p); }", "new", "regex::Regex::new"),
        ("rs", "fn f() { ::regex::Regex::new(p); }", "new", "regex::Regex::new"),
        ("rs", "fn f() { Regex::new(p); }", "new", None),
        ("rs", "struct Regex; fn f() { Regex::new(p); }", "new", None),
        ("rs", "use alloc::string::String; fn f() { String::from(x); }", "from", "std::string::String::from"),
        ("java", "import java.util.regex.*; class A { void f() { Pattern.compile(p); } }", "compile",
         "java.util.regex.Pattern.compile"),
        ("java", "class A { void f() { Pattern.compile(p); } }", "compile", None),
        ("java", "class A { void f(Other Pattern) { Pattern.compile(p); } }", "compile", None),
        ("java", "import static a.B.check; class A { void f() { check(p); } }", "check", "a.B.check"),
        ("java", "class A { void f() { String.format(p); } }", "format", "java.lang.String.format"),
        ("py", "import re as _re\ndef f(): _re.compile(p)\n", "compile", "re.compile"),
        ("py", "def f():\n    from re import compile\n    compile(p)\n", "compile", "re.compile"),
        ("py", "def f(): sorted(p)\n", "sorted", "builtins.sorted"),
        ("py", "def sorted(x): ...\ndef f(): sorted(p)\n", "sorted", None),
        ("py", "def f(re): re.compile(p)\n", "compile", None),
    ],
)  # fmt: skip
def test_a_path_needs_evidence(suffix: str, source: str, name: str, path: str | None) -> None:
    assert call(suffix, source, name).path == path


@pytest.mark.parametrize(
    ("body", "loop"),
    [
        ("for x in xs { go(x); }", True),
        ("for x in xs { go(x); break; }", False),
        ("for x in xs { if x { go(x); return; } }", False),
        ("for x in xs { if x { go(x); continue; } }", True),
        ("for x in xs { for y in ys { go(y); break; } }", True),
        ("for x in xs { return go(x); }", False),
        ("for x in xs { match x { 1 => { go(x); return }, _ => {} } }", False),
        ("for x in xs { let f = || go(x); }", False),
        ("xs.iter().for_each(|x| { go(x); return; });", True),
        ("xs.iter().map(|x| go(x));", True),
        ("for x in go(xs) { }", False),
        ("for x in xs { panic!(\"{}\", go(x)); }", False),
    ],
)  # fmt: skip
def test_what_leaves_a_loop_is_not_repeated_by_it(body: str, loop: bool) -> None:
    found = call("rs", f"fn f(xs: &[u8], ys: &[u8]) {{ {body} }}", "go")
    assert (found.loop is not None) is loop


def test_a_break_of_an_inner_loop_leaves_the_outer_one_running() -> None:
    found = call("rs", "fn f() { for x in xs { for y in ys { go(y); break; } } }", "go")
    assert found.loop is not None
    assert found.loop.pattern is not None
    assert found.loop.pattern.name == "x"


@pytest.mark.parametrize(
    ("argument", "same"),
    [
        ("p", True),
        ("p + q", True),
        ("p.trim()", True),
        ("x", False),
        ("p + x", False),
        ("r", False),
        ("other(p)", False),
        ("FIXED", True),
        ("field", False),
        ("n", False),
    ],
)
def test_what_a_loop_does_not_change(argument: str, same: bool) -> None:
    found = call(
        "java",
        f"""
        class A {{
            static final String FIXED = "a";
            String field;
            void f(java.util.List<String> xs, String p, String q, String r, int n) {{
                for (String x : xs) {{ go({argument}); r = x; n++; field = x; }}
            }}
        }}
        """,
        "go",
    )
    assert found.loop is not None
    assert is_invariant(found.argument(0), found.loop, found) is same


@pytest.mark.parametrize(
    ("statement", "stays"),
    [
        ("let c = s.clone(); println!(\"{}\", c);", True),
        ("let c = s.clone(); go(&c);", True),
        ("let c = s.clone(); out.push(c);", False),
        ("let c = s.clone(); let k = c;", False),
        ("out.push(s.clone());", False),
        ("go(&s.clone());", True),
        ("return s.clone();", False),
    ],
)  # fmt: skip
def test_what_outlives_a_turn(statement: str, stays: bool) -> None:
    source = f"fn f(s: &String, out: &mut Vec<String>, xs: &[u8]) {{ for x in xs {{ {statement} }} }}"
    found = call("rs", source, "clone")
    assert stays_in_turn(found, found.loops[0], "string") is stays


@pytest.mark.parametrize(
    ("suffix", "source", "value"),
    [
        ("java", 'class A { static final String P = "a" + "\\u0062\\n"; void f() { go(P); } }', "ab\n"),
        ("java", 'class A { static String P = "a"; void f() { go(P); } }', None),
        ("java", 'class A { void f() { String p = "a"; go(p); } }', "a"),
        ("java", 'class A { void f(boolean b) { String p = "a"; if (b) p = "b"; go(p); } }', None),
        ("rs", 'const P: &str = r"\\d"; fn f() { go(P); }', "\\d"),
        ("rs", 'struct A; impl A { const P: &str = "a"; fn f() { go(Self::P); } }', "a"),
        ("py", 'P = "a" "b"\ndef f(): go(P)\n', "ab"),
        ("py", 'p = "a"\ndef f(): go(p)\n', None),
        ("py", 'def f(x): go(f"{x}")\n', None),
    ],
)
def test_constant_strings_are_decoded(suffix: str, source: str, value: str | None) -> None:
    found = call(suffix, source, "go")
    known = constant_string(found.argument(0), found)
    assert (known.value if known is not None else None) == value


def test_names_of_a_module_that_are_assigned_from_themselves_have_no_type() -> None:
    found = call("py", "x = y.T\ny = x.T\n\ndef f():\n    x.go()\n", "go")
    assert found.receiver is None
