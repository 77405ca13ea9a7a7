"""Which code only runs on the way to an error."""

from __future__ import annotations

import pytest

from alloclint.facts.often.failing import failing
from alloclint.file import File
from alloclint.settings import Limits

RUST_FAILING = (
    "fn f() -> R { if a { let m = mark(); return Err(m); } Ok(1) }",
    "fn f() -> R { if a { let m = || mark(); bail!(m()); } Ok(1) }",
    "fn f() -> R { if b { return Ok(2); } let m = mark(); bail!(m) }",
    "fn f() { let m = mark(); panic!(m); }",
    "fn f() -> R { match a { Ok(x) => Ok(x), Err(e) => Err(mark(e)) } }",
    "fn f() { match a() { Ok(x) => g(x), Err(e) => { h(mark(e)); } } }",
    "fn f() { if let Err(e) = a() { h(mark(e)); } }",
    "fn f() -> R { return Err(mark()); }",
    "fn f() -> R { g().map_err(|e| mark(e)) }",
    'fn f() -> R { g().with_context(|| format!("{}", mark())) }',
    "fn f() -> R { g().ok_or_else(|| mark()) }",
    "fn f() { g().unwrap_or_else(|e| { h(mark(e)); panic!() }); }",
    'fn f() { log::error!("{}", mark()); }',
    'fn f() { warn!("{}", mark()); }',
    'fn f() { panic!("{}", mark()); }',
    "fn f() { if a { let m = mark(); eprintln!(m); std::process::exit(1); } g(); }",
    "fn f() -> R { if a { let m = mark(); if b { return Err(m); } else { return Err(c); } } Ok(1) }",
    "fn made(x: u8) -> ParseError { ParseError { text: mark(x) } }",
    "impl ParseError { fn new(x: u8) -> Self { Self { text: mark(x) } } }",
    "fn report_error(x: u8) { g(mark(x)); }",
    "fn print_usage() { g(mark()); }",
    "fn diagnostic(x: u8) { g(mark(x)); }",
)
RUST_GOOD = (
    "fn f() -> R { let m = mark(); if a { return Err(m); } Ok(1) }",
    "fn f() -> R { let m = mark(); for x in m { if x { return Ok(x); } } Err(1) }",
    "fn f() -> R { g(mark()).map_err(|e| h(e)) }",
    "fn f() -> R { g().ok_or(mark()) }",
    "fn f() -> R { g().unwrap_or(Err(mark())) }",
    "fn f() { g().unwrap_or_else(|| mark()); }",
    'fn f() { info!("{}", mark()); }',
    "fn f() { match v.binary_search(&x) { Ok(_) => {} Err(i) => v.insert(i, mark(x)) } }",
    "fn f() { match s.parse::<u8>() { Ok(n) => g(n), Err(_) => g(mark(s)) } }",
    "fn f() { assert!(mark()); }",
    "fn f() { g(mark()); std::process::exit(0); }",
    "impl fmt::Display for ParseError { fn fmt(&self, f: &mut Formatter) -> fmt::Result { g(mark()) } }",
    "impl Debug for Thing { fn fmt(&self, f: &mut Formatter) -> fmt::Result { g(mark()) } }",
    "fn f() -> Result<u8, ParseError> { Ok(mark()) }",
    "fn memory_usage() -> u8 { mark() }",
    "fn handle_errors(x: u8) { g(mark(x)); }",
    "fn f() -> R { match a { Some(x) => Ok(mark(x)), None => Err(1) } }",
)
JAVA_FAILING = (
    "void f() { try { g(); } catch (IOException e) { h(mark(e)); } }",
    "void f() { if (a) { String m = mark(); throw new E(m); } }",
    "void f() { throw new E(mark()); }",
    "void f() { log.error(mark()); }",
    "void f() { this.logger.warn(mark()); }",
    "void f() { o.orElseThrow(() -> new E(mark())); }",
    "IOException f() { return new IOException(mark()); }",
    "void reportError() { h(mark()); }",
)
JAVA_GOOD = (
    "void f() { try { g(mark()); } catch (IOException e) { } }",
    "int f() { try { return g(); } catch (NumberFormatException e) { return h(mark(e)); } }",
    "void f() { log.info(mark()); }",
    "void f() { catalog.error(mark()); }",
    "int f() { String m = mark(); for (var x : m) { if (x) return 1; } throw new E(m); }",
    "void f() { String m = mark(); if (a) { throw new E(m); } }",
)
PYTHON_FAILING = (
    "def f():\n    try:\n        g()\n    except OSError as e:\n        h(mark(e))\n",
    "def f():\n    if a:\n        m = mark()\n        raise E(m)\n",
    "def f():\n    raise E(mark())\n",
    "def f():\n    logging.error(mark())\n",
    "def f():\n    self._logger.exception(mark())\n",
    "class E(ValueError):\n    def f(self):\n        g(mark())\n",
    "def f() -> ParseError:\n    return g(mark())\n",
)
PYTHON_GOOD = (
    "def f():\n    try:\n        return c[k]\n    except KeyError:\n        return h(mark(k))\n",
    "def f():\n    m = mark()\n    if a:\n        raise E(m)\n",
    "def f():\n    yield mark()\n    raise E\n",
    "def f():\n    log.debug(mark())\n",
)


def reason(path: str, text: str) -> str | None:
    (call,) = File.of(path, text.encode(), Limits()).facts.calls(("mark",))
    return failing(call.function, call.event)


@pytest.mark.parametrize("text", RUST_FAILING)
def test_rust_fails(text: str) -> None:
    assert reason("a.rs", text) == "it only runs on the way to an error"


@pytest.mark.parametrize("text", RUST_GOOD)
def test_rust_goes_well(text: str) -> None:
    assert reason("a.rs", text) is None


@pytest.mark.parametrize("text", JAVA_FAILING)
def test_java_fails(text: str) -> None:
    assert reason("A.java", f"class A {{ {text} }}") is not None


def test_a_java_exception_fails() -> None:
    assert reason("A.java", "class A extends IOException { void f() { g(mark()); } }") is not None


@pytest.mark.parametrize("text", JAVA_GOOD)
def test_java_goes_well(text: str) -> None:
    assert reason("A.java", f"class A {{ {text} }}") is None


@pytest.mark.parametrize("text", PYTHON_FAILING)
def test_python_fails(text: str) -> None:
    assert reason("a.py", text) is not None


@pytest.mark.parametrize("text", PYTHON_GOOD)
def test_python_goes_well(text: str) -> None:
    assert reason("a.py", text) is None
