"""Patterns that are plain text, callers in the same file, values made where missing, names of constants."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts.names.naming import constant_name, screaming
from alloclint.facts.often.callers import called_in_loop, called_once
from alloclint.facts.often.missing import is_made_when_missing
from alloclint.facts.patterns.plain import plain, plain_text, split_shorter, splits_without_pattern
from alloclint.facts.patterns.precompiled import words_of
from alloclint.file import File
from alloclint.settings import Limits


def file(suffix: str, source: str) -> File:
    return File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None)


@pytest.mark.parametrize(
    ("regex", "fast"),
    [
        (",", True), (" ", True), ("\t", True), ("é", True), ("}", True), ("]", True), ("\\.", True),
        ("\\|", True), ("\\\\", True), ("\\é", True), ("\\ ", True),
        (".", False), ("|", False), ("$", False), ("(", False), (")", False), ("[", False), ("{", False),
        ("^", False), ("?", False), ("*", False), ("+", False), ("\\", False),
        ("\\s", False), ("\\0", False), ("\\Z", False), (", ", False), ("::", False), ("\r\n", False),
        ("", False), ("\U0001f600", False), ("\ud83d", False), ("\\\U0001f600", False),
    ],
)  # fmt: skip
def test_the_fast_path_of_split(regex: str, fast: bool) -> None:
    assert splits_without_pattern(regex) is fast


@pytest.mark.parametrize(
    ("regex", "shorter"),
    [
        ("[|]", "\\|"),
        ("[,]", ","),
        ("\\n", "\n"),
        ("[\\.]", "\\."),
        ("[ab]", None),
        (",", None),
        ("::", None),
    ],
)
def test_a_shorter_pattern_for_split(regex: str, shorter: str | None) -> None:
    assert split_shorter(regex) == shorter


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("abc", "abc"), (r"a\.b", "a.b"), (r"a\tb", "a\tb"), ("a[.]b", "a.b"), (r"\$\{", "${"),
        (r"\d", None), ("a+", None), ("a|b", None), ("[ab]", None), ("(a)", None), (r"\1", None),
        ("a{2}", None),
        ("[^a]", None), ("a\\", None), (r"\b", None),
    ],
)  # fmt: skip
def test_plain_text(pattern: str, text: str | None) -> None:
    assert plain_text(pattern) == text


def test_anchors_of_plain_text() -> None:
    found = [plain(one) for one in ("ab", "^ab", "ab$", "^ab$", r"ab\$", "", "^", "a^b")]
    assert [(one.text, one.where) if one is not None else None for one in found] == [
        ("ab", "anywhere"),
        ("ab", "start"),
        ("ab", "end"),
        ("ab", "whole"),
        ("ab$", "anywhere"),
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("suffix", "source", "looped"),
    [
        ("rs", "fn go(x: u8) {} fn f(xs: &[u8]) { for x in xs { go(*x); } }", True),
        ("rs", "fn go(x: u8) {} fn f(xs: &[u8]) { xs.iter().for_each(|x| go(*x)); }", True),
        ("rs", "fn go(x: u8) {} fn f() { go(1); }", False),
        ("rs", "fn go(x: u8) {} fn f(xs: &[u8]) { for x in xs { go(*x); break; } }", False),
        ("rs", "fn go(x: u8) {} fn f(xs: &[u8], go: fn(u8)) { for x in xs { go(*x); } }", False),
        ("rs", "struct A; impl A { fn go(&self) {} fn f(&self) { loop { self.go(); } } }", True),
        ("rs", "struct A; impl A { fn go() {} } fn f() { loop { A::go(); } }", True),
        ("rs", "struct A; impl A { fn go() {} } fn f() { loop { B::go(); } }", False),
        ("java", "class A { void go(int x) {} void f(int[] xs) { for (int x : xs) go(x); } }", True),
        ("java", "class A { void go(int x) {} void f(int[] xs) { for (int x : xs) go(x, 1); } }", False),
        ("java", "class A { void go(int x) {} void f(B b, int[] xs) { for (int x : xs) b.go(x); } }", False),
        ("java", "class A { void go(int x) {} void f(A a, int[] xs) { for (int x : xs) a.go(x); } }", True),
        ("py", "def go(x): pass\ndef f(xs):\n    for x in xs: go(x)\n", True),
        ("py", "def go(x): pass\ndef f(xs, go):\n    for x in xs: go(x)\n", False),
        ("py", "class A:\n def go(self): pass\n def f(self, xs):\n  for x in xs: self.go()\n", True),
        ("py", "class A:\n def go(self): pass\n def f(self, xs):\n  for x in xs: x.go()\n", False),
    ],
)  # fmt: skip
def test_called_in_a_loop_of_the_same_file(suffix: str, source: str, looped: bool) -> None:
    functions = file(suffix, source).facts.functions_with(("go",))
    (go,) = [one for one in functions if one.declaration.name == "go"]
    assert (called_in_loop(go) is not None) is looped


@pytest.mark.parametrize(
    ("suffix", "source", "once"),
    [
        ("py", "def _go(): pass\nX = _go()\n", True),
        ("py", "def go(): pass\nX = go()\n", False),
        ("py", "def _go(): pass\ndef f(): _go()\n", False),
        ("py", "def _go(): pass\nX = _go\n", False),
        ("java", "class A { private static int go() { return 1; } static final int X = go(); }", True),
        ("java", "class A { static int go() { return 1; } static final int X = go(); }", False),
        ("java", "class A { private static int go() { return 1; } int f() { return go(); } }", False),
        ("rs", "static X: LazyLock<u8> = LazyLock::new(go); fn go() -> u8 { 1 }", True),
        ("rs", "static X: LazyLock<u8> = LazyLock::new(go); pub fn go() -> u8 { 1 }", False),
        ("rs", "fn main() { go(); } fn go() {}", True),
    ],
)
def test_called_once(suffix: str, source: str, once: bool) -> None:
    functions = file(suffix, source).facts.functions_with(("go", "_go"))
    (go,) = [one for one in functions if one.declaration.name in ("go", "_go")]
    assert (called_once(go) is not None) is once


@pytest.mark.parametrize(
    ("suffix", "body", "missing"),
    [
        ("java", "if (p == null) p = go();", True),
        ("java", "if (p != null) return; p = go();", True),
        ("java", "if (other == null) p = go();", False),
        ("java", "Object q = m.get(k); if (q == null) { q = go(); m.put(k, q); }", True),
        ("java", "if (p == null) return; p = go(p);", False),
        ("py", "if self.p is None: self.p = go()", True),
        ("py", "if not self.p: self.p = go()", True),
        ("py", "if k not in cache: cache[k] = go()", True),
        ("py", "if k in other: cache[k] = go()", False),
        ("py", "p = go()", False),
        ("rs", "if self.p.is_none() { self.p = Some(go()); }", True),
        ("rs", "if p > 1 { self.p = Some(go()); }", False),
    ],
)
def test_made_when_missing(suffix: str, body: str, missing: bool) -> None:
    around = {
        "java": f"class A {{ Object p, other; void f(java.util.Map<Object, Object> m) {{ {body} }} }}",
        "py": f"class A:\n    def f(self, k, cache, other):\n        {body}\n",
        "rs": f"impl A {{ fn f(&mut self, p: u8) {{ {body} }} }}",
    }
    (call,) = file(suffix, around[suffix]).facts.calls(("go",))
    assert is_made_when_missing(call) is missing


def test_names_of_constants() -> None:
    rust = file("rs", "static DATE_RE: u8 = 1; // TIME_RE\n")
    assert constant_name(rust, ["dateRe"]) == "DATE_RE_2"
    assert constant_name(rust, ["time"], "RE") == "TIME_RE"
    assert constant_name(rust, [None, "1", "a word"], "RE") == "A_WORD_RE"
    assert constant_name(rust, ["x"], "RE", taken=frozenset({"X_RE"})) == "X_RE_2"
    assert constant_name(file("py", ""), ["HTTPHeader"], "RE") == "_HTTP_HEADER_RE"
    assert (screaming("parseURLNow"), screaming("2nd place"), screaming("--")) == (
        "PARSE_URL_NOW",
        "PLACE",
        "",
    )


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\s+", "whitespace"), (r"^NAME=(.*)", "NAME"), (r"::", "colon colon"), (r"\d{4}-\d{2}", None),
        (r"\bfoo[a-z]+bar", "foo bar"), ("", None),
    ],
)  # fmt: skip
def test_words_of_a_pattern(pattern: str, words: str | None) -> None:
    assert words_of(pattern) == words
