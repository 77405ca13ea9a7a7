"""`cfg` predicates: as rustc reads them, and what rustc knows of targets."""

from __future__ import annotations

import pytest

from alloclint.project.cargo import cfg, targets
from alloclint.project.cargo.cfg import ALWAYS, NEVER, All, AnyOf, Atom, Not, Predicate


def p(text: str) -> Predicate:
    found = cfg.parse(text)
    assert found is not None, text
    return found


FD = (
    'all(not(windows), not(target_os = "android"), not(target_os = "macos"), not(target_os = "freebsd"), '
    'not(target_os = "openbsd"), not(all(target_env = "musl", target_pointer_width = "32")), '
    'not(target_arch = "riscv64"), feature = "use-jemalloc")'
)


class TestReading:
    @pytest.mark.parametrize(
        "text", ["unix", 'feature = "a-b"', "all()", "any()", "not(unix)", FD, 'all(unix, any(a, b = "c"))']
    )
    def test_there_and_back(self, text: str) -> None:
        assert cfg.text_of(p(text)) == text

    @pytest.mark.parametrize(
        ("text", "same"),
        [
            ("cfg(unix)", "unix"),
            ("cfg( all( unix , ) )", "all(unix)"),
            ('target_os="linux"', 'target_os = "linux"'),
            ("cfg(\n  any(\n    unix,\n    windows,\n  )\n)", "any(unix, windows)"),
            ("true", "all()"),
            ("cfg(false)", "any()"),
            ('feature = r"x"', 'feature = "x"'),
        ],
    )
    def test_other_spellings(self, text: str, same: str) -> None:
        assert cfg.text_of(p(text)) == same

    @pytest.mark.parametrize(
        "text",
        ["", "all(", "cfg(unix", "unix)", "not()", "not(a, b)", "a b", "a = b", '"a"', 'version("1.90")',
         'target(os = "linux")', "x86_64-unknown-linux-gnu", "not(" * 500 + "a" + ")" * 500],
    )  # fmt: skip
    def test_what_is_no_predicate(self, text: str) -> None:
        assert cfg.parse(text) is None

    def test_joining(self) -> None:
        assert cfg.both(p("unix"), ALWAYS) == Atom("unix")
        assert cfg.both(p("all(unix, a)"), p("unix")) == All((Atom("unix"), Atom("a")))
        assert cfg.both() == ALWAYS
        assert cfg.any_of([]) == NEVER
        assert cfg.any_of([Atom("a"), Atom("a")]) == Atom("a")

    def test_cargo_asks_before_features_are_chosen(self) -> None:
        found = cfg.for_manifest(p('all(unix, not(feature = "x"), any(test, windows))'))
        assert found == All((Atom("unix"), Not(NEVER), AnyOf((NEVER, Atom("windows")))))


class TestImplication:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ('target_env = "musl"', 'target_os = "linux"'),
            ('target_env = "msvc"', "windows"),
            ('target_os = "android"', "unix"),
            ('target_os = "macos"', "unix"),
            ('target_os = "macos"', 'target_vendor = "apple"'),
            ('target_os = "windows"', 'target_family = "windows"'),
            ('target_arch = "x86_64"', 'not(target_arch = "aarch64")'),
            ("windows", "not(unix)"),
            ("unix", 'target_family = "unix"'),
            (FD, 'not(target_os = "macos")'),
            ("all(a, b)", "a"),
            ("a", "any(a, b)"),
            ("any()", "a"),
            ("a", "all()"),
        ],
    )
    def test_holds(self, one: str, other: str) -> None:
        assert cfg.implies(p(one), p(other)) is True

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ('not(target_env = "msvc")', "unix"),
            ("unix", 'target_os = "linux"'),
            ('target_os = "linux"', 'target_env = "gnu"'),
            ('target_arch = "x86_64"', 'target_pointer_width = "64"'),  # the x32 ABI
            ("not(windows)", "unix"),
            ("any(a, b)", "a"),
            ("all()", "a"),
            ('feature = "a"', 'feature = "b"'),
        ],
    )
    def test_does_not_hold(self, one: str, other: str) -> None:
        assert cfg.implies(p(one), p(other)) is False

    def test_what_is_given(self) -> None:
        given = All((AnyOf((Not(p('feature = "a"')), p('feature = "b"'))), p('feature = "unrelated"')))
        assert cfg.implies(p('feature = "a"'), p('feature = "b"'), given) is True
        assert cfg.implies(p('feature = "b"'), p('feature = "a"'), given) is False
        assert cfg.compatible(p('feature = "a"'), p('not(feature = "b")'), given=given) is False

    def test_too_many_atoms(self) -> None:
        many = AnyOf(tuple(Atom("feature", str(number)) for number in range(cfg.MOST_ATOMS + 1)))
        assert cfg.implies(many, Atom("unix")) is None
        assert cfg.compatible(many) is None
        assert cfg.compatible(AnyOf(many.parts[:-1])) is True

    def test_one_way_to_panic(self) -> None:
        assert cfg.compatible(p('panic = "abort"'), p('panic = "unwind"')) is False


class TestCases:
    def test_the_plainest(self) -> None:
        case = cfg.case_of(p('any(feature = "a", all(feature = "b", feature = "c"))'), p("not(windows)"))
        assert case is not None
        assert case.features == ("a",)
        assert case.triples[0] == "x86_64-unknown-linux-gnu"
        assert case.usual

    def test_a_target_that_nobody_builds_for(self) -> None:
        case = cfg.case_of(p('target_os = "aix"'))
        assert case is not None and not case.usual

    def test_none(self) -> None:
        assert cfg.case_of(p("all(unix, windows)")) is None


class TestEvaluation:
    @pytest.mark.parametrize(
        ("triple", "text", "held"),
        [
            ("x86_64-unknown-linux-musl", 'all(target_env = "musl", target_pointer_width = "64")', True),
            ("i686-unknown-linux-musl", 'all(target_env = "musl", target_pointer_width = "64")', False),
            ("aarch64-apple-darwin", 'any(windows, target_vendor = "apple")', True),
            ("x86_64-pc-windows-msvc", 'all(unix, feature = "a")', False),
            ("x86_64-pc-windows-msvc", 'any(windows, feature = "a")', True),
            ("x86_64-pc-windows-msvc", 'all(windows, feature = "a")', None),
            ("wasm32-unknown-unknown", "any(unix, windows)", False),
            ("x86_64-unknown-linux-gnu", "not(profiled)", None),
        ],
    )
    def test_for_a_target(self, triple: str, text: str, held: bool | None) -> None:
        facts = cfg.facts_of(triple)
        assert facts is not None
        assert cfg.evaluate(p(text), facts) is held

    def test_with_features(self) -> None:
        facts = cfg.facts_of("x86_64-unknown-linux-gnu")
        assert facts is not None
        assert cfg.evaluate(p('feature = "a"'), facts, frozenset({"a"})) is True
        assert cfg.evaluate(p('feature = "b"'), facts, frozenset({"a"})) is False

    def test_triples(self) -> None:
        assert cfg.facts_of("x86_64-unknown-plan9") is None
        assert cfg.of_triple("x86_64-unknown-plan9") is None
        musl = cfg.of_triple("x86_64-unknown-linux-musl")
        assert musl is not None
        assert cfg.implies(musl, p('target_env = "musl"')) is True

    def test_every_target_by_every_way(self) -> None:
        """The truth table and the evaluation of one target agree."""
        text = 'any(all(unix, not(target_env = "gnu")), target_arch = "wasm32", target_endian = "big")'
        for target in targets.known():
            facts, predicate = cfg.facts_of(target.triple), p(text)
            assert facts is not None
            exact = All(tuple(sorted(facts, key=str)))
            assert cfg.compatible(predicate, exact) is cfg.evaluate(predicate, facts)

    def test_features_left_open(self) -> None:
        found = cfg.with_some_features(p('all(unix, feature = "a", not(feature = "b"))'))
        assert found is not None
        assert cfg.implies(p("unix"), found) is True
        assert cfg.compatible(p("windows"), found) is False
