"""How often code runs: once, hardly ever, or for all that is known often."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts.often.callers import called_once, only_asserted
from alloclint.facts.often.dwarfed import dwarfed_at, dwarfed_in
from alloclint.facts.often.guarded import guarded
from alloclint.facts.often.missing import filled_once
from alloclint.facts.often.named import cold_by_name
from alloclint.facts.often.starting import starting
from alloclint.file import File
from alloclint.settings import Limits


def file(suffix: str, source: str) -> File:
    return File.of(f"src/a.{suffix}", dedent(source).encode(), Limits(), None)


def test_what_an_assert_calls_is_no_call() -> None:
    source = (
        "class C { void f(String a) { assert go(a); go(a); assert all.stream().map(x -> go(x)) == null; } }"
    )
    (call,) = file("java", source).facts.calls(("go",))
    assert call.span[0] == source.index("go(a);", source.index("assert") + 14)


def test_an_assert_still_uses_its_names() -> None:
    (function,) = file("java", "class C { void f(String a) { assert go(a); } }").facts.functions_with(("f",))
    assert [use.binding.name for use in function.trace.uses if use.expr is not None] == ["a"]


CALLED = """
    class C {
        public static void main(String[] args) { first(); }
        private static void first() { second(); }
        private static void second() { for (String one : all()) each(one); }
        private static void each(String one) {}
        private static void itself() { itself(); }
        private static boolean invariant() { return true; }
        void used() { assert invariant(); }
        private C() {}
        static final C ONE = new C();
    }
"""


@pytest.mark.parametrize(
    ("name", "once"),
    [("first", True), ("second", True), ("each", False), ("itself", False), ("used", False), ("C", True)],
)
def test_what_is_called_once_is_so_by_way_of_others(name: str, once: bool) -> None:
    facts = file("java", CALLED).facts
    called = "<init>" if name == "C" else name
    function = next(one for one in facts.functions_with((name,)) if one.declaration.name == called)
    assert (called_once(function) is not None) is once


def test_what_only_asserts_call_never_runs() -> None:
    facts = file("java", CALLED).facts
    found = {
        one.declaration.name: only_asserted(one) is not None
        for one in facts.functions_with(("boolean", "void"))
    }
    assert found["invariant"]
    assert not found["first"]


@pytest.mark.parametrize(
    ("test", "rare"),
    [
        ("log.isDebugEnabled()", True),
        ("logger.isLoggable(Level.FINE)", True),
        ("Assertions.ENABLED", True),
        ("debug", True),
        ("this.isVerbose()", True),
        ("a && profile", True),
        ("a || profile", False),
        ("!debug", False),
        ("debugger.finds(a)", False),
        ("service.isEnabled()", False),
    ],
)
def test_behind_a_switch_for_debugging(test: str, rare: bool) -> None:
    (call,) = file("java", f"class C {{ void f(boolean a) {{ if ({test}) {{ go(); }} }} }}").facts.calls(
        ("go",)
    )
    assert (guarded(call.function, call.event) is not None) is rare


@pytest.mark.parametrize(
    ("suffix", "source", "begins"),
    [
        ("java", "class ThreadPool { ThreadPool() {} }", True),
        ("java", "class Point { Point() {} }", False),
        ("java", "class Node { void doStop() {} }", True),
        ("java", "class Node { void stopped() {} }", False),
        ("java", "class HealthcheckTool { void run() {} }", True),
        ("rs", "fn parse_args(given: &[String]) {}", True),
        ("rs", "fn parse_line(given: &str) {}", False),
        ("rs", "fn exec(matches: &ArgMatches) {}", True),
        ("rs", "impl Command for Get { fn run(&self) {} }", True),
        ("py", "def load_settings(path):\n    pass\n", True),
        ("py", "def load_rows(path):\n    pass\n", False),
    ],
)
def test_what_belongs_to_a_start_or_a_stop(suffix: str, source: str, begins: bool) -> None:
    found = file(suffix, source)
    assert (starting(found.unit.functions[-1], found) is not None) is begins


@pytest.mark.parametrize(("comment", "cold"), [("// alloclint: expect=100_000", False), ("// many", True)])
def test_what_is_expected_is_expected_in_main_as_well(comment: str, cold: bool) -> None:
    source = (
        f"fn main() {{\n    {comment}\n    let mut all: Vec<u64> = Vec::new();\n    fill(&mut all);\n}}\n"
    )
    found = file("rs", source)
    (built,) = found.facts.constructions
    assert (found.facts.heat(built).cold is not None) is cold


@pytest.mark.parametrize(
    ("path", "source", "cold"),
    [
        ("a.java", "class ClientConsoleApp { void put() {} }", True),
        ("a.java", "class Consoles { void put() {} }", False),
        ("a.java", "class AdminServer { static class Page { void show() {} } }", True),
        ("a.java", "class Administrator { void show() {} }", False),
        ("a.java", "class StoreOptions { StoreOptions() {} }", True),
        ("a.java", "class StoreOptions { void combine() {} }", False),
        ("a.java", "class ConfigRedactor { void redact() {} }", True),
        ("a.java", "class UserRedactor { void redact() {} }", False),
        ("a.java", "class Store { void purgeLogs() {} }", True),
        ("a.java", "class Store { void logPurge() {} }", False),
        ("org/app/nodetool/a.java", "class Profile { void show() {} }", True),
        ("cli/org/app/core/a.java", "class Profile { void show() {} }", False),
        ("com/example/app/a.java", "class Profile { void show() {} }", False),
        ("src/migrations/a.py", "def users():\n    pass\n", True),
        ("src/setup_users.py", "def users():\n    pass\n", True),
        ("src/setups.py", "def users():\n    pass\n", False),
        ("src/a.py", "class Users:\n    def __init__(self):\n        pass\n", False),
        ("src/a.rs", "impl DebugView { fn show(&self) {} }", True),
        ("src/a.rs", "fn login_user() {}", True),
        ("src/a.rs", "fn user_logins() {}", False),
    ],
)
def test_cold_by_name(path: str, source: str, cold: bool) -> None:
    found = File.of(path, source.encode(), Limits(), None)
    assert (cold_by_name(found.unit.functions[-1], found) is not None) is cold


def test_a_mark_beats_a_name() -> None:
    source = "class AdminConsole {\n    // alloclint: hot\n    void put() { go(); }\n}\n"
    (call,) = file("java", source).facts.calls(("go",))
    heat = call.file.facts.heat(call)
    assert heat.hot is not None
    assert heat.cold is None


@pytest.mark.parametrize(
    ("test", "filled"),
    [("all == null", "all"), ("this.all == null", "all"), ("all != null", None), ("other == null", None)],
)
def test_a_block_that_fills_in_a_field(test: str, filled: str | None) -> None:
    source = f"class C {{ List all; List other; void f() {{ if ({test}) {{ go(); all = new X(); }} }} }}"
    (call,) = file("java", source).facts.calls(("go",))
    assert filled_once(call.event) == filled


def test_a_local_is_filled_in_at_each_call() -> None:
    source = "class C { void f() { List all = null; if (all == null) { go(); all = new X(); } } }"
    (call,) = file("java", source).facts.calls(("go",))
    assert filled_once(call.event) is None


@pytest.mark.parametrize(
    ("turn", "dwarfed"),
    [
        ("Files.delete(p);", True),
        ("LOG.info(p);", True),
        ("this.logger.warn(p);", True),
        ("Pattern.compile(p);", True),
        ("if (odd(p)) { LOG.info(p); }", False),
        ("try { use(p); } catch (E e) { LOG.error(p); }", False),
        ("LOG.debug(p);", False),
        ("catalog.info(p);", False),
        ("use(p);", False),
    ],
)
def test_what_each_turn_waits_for(turn: str, dwarfed: bool) -> None:
    source = f"class C {{ void f(List<P> all) {{ for (P p : all) {{ go(p); {turn} }} }} }}"
    (call,) = file("java", source).facts.calls(("go",))
    assert call.loop is not None
    assert (dwarfed_in(call.loop, call.function) is not None) is dwarfed
    assert (dwarfed_at(call.event, call.function) is not None) is dwarfed


def test_a_pattern_is_not_dwarfed_by_itself() -> None:
    source = "class C { void f(List<P> all) { for (P p : all) { Pattern.compile(p); } } }"
    (call,) = file("java", source).facts.calls(("compile",))
    assert call.loop is not None
    assert dwarfed_in(call.loop, call.function, compiling=False) is None
