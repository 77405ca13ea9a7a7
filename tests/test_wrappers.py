"""Which Rust expressions are an `Option` or a `Result`."""

from __future__ import annotations

import pytest

from alloclint.facts.names.wrappers import wrapper_of
from alloclint.file import File
from alloclint.settings import Limits

CASES = (
    ("fn f(o: Option<u8>) { o.mark(); }", "Option"),
    ("fn f(p: &Path) { p.canonicalize().mark(); }", "Result"),
    ("fn f(x: u8) { (match x { 1 => Some(2), 2 => None, _ => return }).mark(); }", "Option"),
    ("fn f(x: u8) { (if x > 1 { Ok(2) } else { Err(x) }).mark(); }", "Result"),
    ("fn f(x: u8) { (if x > 1 { Ok(2) } else { g(x) }).mark(); }", "Result"),
    ("fn f(x: u8) { (match x { 1 => Some(2), _ => Ok(3) }).mark(); }", None),
    ("fn f(x: X) { x.name().mark(); } impl X { fn name(&self) -> Option<&str> { g() } }", "Option"),
    ("fn f(x: X) { x.name().mark(); } impl X { fn name(&self) -> &str { g() } }", None),
    ("fn f(x: X) { x.unknown().mark(); }", None),
)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_wrapper(text: str, expected: str | None) -> None:
    (call,) = File.of("a.rs", text.encode(), Limits()).facts.calls(("mark",))
    assert wrapper_of(call.node.receiver, call) == expected
