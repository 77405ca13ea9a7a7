"""Calls are followed from a promise to allocate nothing, within a file and across the files of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from alloclint import rule
from alloclint.discover import Target
from alloclint.engine import run
from alloclint.facts import Function
from alloclint.facts.allocation.allocating import allocations_in
from alloclint.facts.allocation.callgraph import called
from alloclint.file import File
from alloclint.settings import Limits, Settings

RULES = rule.builtin()


def function(suffix: str, source: str, name: str = "f") -> Function:
    file = File.of(f"a.{suffix}", source.encode(), Limits())
    (declaration,) = [one for one in file.unit.functions if one.name == name]
    return file.facts.function_of(declaration)


@pytest.mark.parametrize(
    ("suffix", "source", "owners"),
    [
        ("rs", "fn f() { g(1); } fn g(x: u8) {}", [("", "g", 1)]),
        ("rs", "struct A; impl A { fn f(&self) { self.g(); Self::h(1); } fn g(&self) {} fn h(x: u8) {} }",
         [("A", "g", 0), ("A", "h", 1)]),
        ("rs", "fn f(x: Other) { x.g(); unknown::g(); std::mem::take(x); }", []),
        ("rs", "fn f(g: fn()) { g(); }", []),
        ("java", "class A { void f() { g(1); this.g(1); A.g(1); } static void g(int x) {} }",
         [("A", "g", 1)] * 3),
        ("java", "class A { void f(B b) { b.g(); throw new E(h()); } } class B { void g() {} }",
         [("B", "g", 0)]),
        ("java", "class A extends B { void f() { g(); } } class B { void g() {} }", [("B", "g", 0)]),
        ("py", "def g(x): ...\ndef f(g2):\n    g(1)\n    g2(1)\n", [("", "g", 0)]),
        ("py", "class A:\n    def f(self):\n        self.g()\n    def g(self): ...\n", [("A", "g", 0)]),
    ],
)  # fmt: skip
def test_what_is_called(suffix: str, source: str, owners: list[tuple[str, str, int]]) -> None:
    found = called(function(suffix, source))
    assert [(key.owner, key.name, key.arity) for key, _ in found] == owners


@pytest.mark.parametrize(
    ("suffix", "body", "made"),
    [
        ("rs", "fn f(x: &str) -> String { x.to_string() }", ["to_string"]),
        ("rs", "use std::sync::Arc; fn f(x: Arc<String>) { x.clone(); }", []),
        ("rs", "fn f(c: char) { c.to_lowercase(); }", []),
        ("rs", "fn f(x: Option<u8>) -> Result<u8, String> { x.ok_or_else(|| format!(\"no\")) }", []),
        ("java", "class A { String f(int a) { return \"a\" + a + \"b\"; } }", ["String +"]),
        ("java", "class A { Integer f(int a) { return a; } }", ["boxing"]),
        ("java", "class A { Integer f() { return 100; } }", []),
        ("java", "class A { void f(int[] xs) { for (int x : xs) {} } }", []),
        ("py", "def f(a, b):\n    a, b = b, a\n    return a\n", []),
        ("py", "def f(x):\n    return [x for x in x]\n", ["a comprehension"]),
    ],
)  # fmt: skip
def test_what_is_allocated(suffix: str, body: str, made: list[str]) -> None:
    assert [one.by for one in allocations_in(function(suffix, body))] == made


@pytest.mark.parametrize("jobs", [1, 2])
def test_chains_go_through_other_files(tmp_path: Path, jobs: int) -> None:
    sources = {
        "a.rs": "use crate::b::Pool;\nstruct R { pool: Pool }\nimpl R {\n    // alloclint: no-alloc\n"
        "    fn next(&mut self) -> u8 { self.pool.take() }\n}\n",
        "b.rs": "pub struct Pool { items: Vec<u8> }\nimpl Pool {\n"
        "    pub fn take(&mut self) -> u8 { self.refill(); 1 }\n"
        "    fn refill(&mut self) { self.items.push(1); }\n}\n",
    }
    targets = []
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
        targets.append(Target(tmp_path / name, name, explicit=False))
    found = run(targets, Settings(select=("ALC210",), jobs=jobs), RULES).findings
    assert [one.place.start.line for one in found] == [5]
    assert "`next → take → refill → Vec::push`" in found[0].message
    assert found[0].because[0].path == "b.rs"


def test_a_name_that_two_files_declare_is_not_followed(tmp_path: Path) -> None:
    texts = {
        "a.rs": "// alloclint: no-alloc\nfn f() { crate::b::g(1); }\n",
        "b.rs": "pub fn g(n: usize) { vec![0u8; n]; }\n",
        "c.rs": "pub fn g(n: usize) {}\n",
    }
    targets = []
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        targets.append(Target(tmp_path / name, name, explicit=False))
    assert run(targets, Settings(select=("ALC210",), jobs=1), RULES).findings == ()
