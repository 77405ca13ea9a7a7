"""The grammar of `alloclint:` comments, word by word and fault by fault."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alloclint.cardinality import Cardinality, is_operand
from alloclint.cardinality.comment import Expectation, Heat, Problem, Suppression, parse


def expected(text: str) -> Cardinality:
    found = parse(text)
    assert isinstance(found, Expectation), found
    return found.cardinality


def test_everything_at_once() -> None:
    found = expected(" expect=58.7M headroom=3 growth=2.5M/day entry=32B ")
    assert found == Cardinality(58_700_000, None, Fraction(3), Fraction(2_500_000), 32)
    assert found.needed == 176_100_000


@pytest.mark.parametrize(
    ("text", "expect", "expression"),
    [
        ("expect=1", 1, None),
        ("expect=58_700_000", 58_700_000, None),
        ("expect=2k", 2_000, None),
        ("expect=1G", 10**9, None),
        ("headroom=2 expect=5", 5, None),
        ("expect=base_index_size", None, "base_index_size"),
        ("expect=Self::LIMIT", None, "Self::LIMIT"),
        ("expect=items.len()", None, "items.len()"),
        ("expect=self.count(a, b)", None, "self.count(a, b)"),
        ("expect=(a + b)", None, "a + b"),
        ("expect=((a + b))", None, "a + b"),
        ("expect=(a)+(b)", None, "(a)+(b)"),
        ("expect=2*n", None, "2*n"),
        ("expect=n//2", None, "n//2"),
        ('expect=sizes["a b"]', None, 'sizes["a b"]'),
        ('expect=count(")")', None, 'count(")")'),
        ("expect=f(limit=3)", None, "f(limit=3)"),
        ("expect=größe", None, "größe"),
    ],
)
def test_counts_and_expressions(text: str, expect: int | None, expression: str | None) -> None:
    found = expected(text)
    assert (found.expect, found.expression) == (expect, expression)


@pytest.mark.parametrize("word", ["hot", "cold", "no-alloc"])
def test_heat(word: str) -> None:
    assert parse(f" {word} ") == Heat(word)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "ignore[ALC101]",
        "ignore[ALC101, regex-in-loop]",
        "ignore-next-line[ALC101] -- the map is tiny",
        "ignore-file[ALC3xx] --",
    ],
)
def test_suppressions_are_recognised(text: str) -> None:
    assert isinstance(parse(text), Suppression)


@pytest.mark.parametrize(
    ("text", "fault", "message"),
    [
        ("expct=5", "expct", "did you mean `expect=`?"),
        ("Expect=5", "Expect", "did you mean `expect=`?"),
        ("expect=5 hedroom=2", "hedroom", "did you mean `headroom=`?"),
        ("expect=5 size=4", "size", "unknown word `size`"),
        ("hott", "hott", "did you mean `hot`?"),
        ("noalloc", "noalloc", "did you mean `no-alloc`?"),
        ("ignor[ALC101]", "ignor[ALC101]", "did you mean `ignore[…]`?"),
        ("ignores[ALC101]", "ignores", "did you mean `ignore[…]`?"),
        ("ignore[]", "ignore[]", "names no rule"),
        ("ignore[ALC101", "ignore[ALC101", "is not closed"),
        ("ignore[ALC101] because", "because", "write it after ` -- `"),
        ("expect=", "expect=", "has no value"),
        ("expect = 5", "expect", "without blanks around `=`"),
        ("expect: 5", "expect:", "write `expect=58.7M`"),
        ("expect=0", "0", "at least 1"),
        ("expect=-5", "-5", "number"),
        ("expect=58.7X", "X", "write k, M or G"),
        ("expect=1.5", "1.5", "whole number"),
        ("expect=58,700", ",700", "write k, M or G"),
        ("expect=1M,headroom=3", ",", "separated by blanks"),
        ("expect=a + b", "+", "`expect=(a + b)`"),
        ("expect=a+", "a+", "whole expression"),
        ("expect=a=b", "=", "does not belong here"),
        ("expect=a;b", ";", "does not belong here"),
        ("expect=(a", "(", "is not closed"),
        ("expect=a)", ")", "closes nothing"),
        ("expect=5 expect=6", "expect", "given twice"),
        ("expect=5 headroom=0.5", "0.5", "at least 1"),
        ("expect=5 headroom=0", "0", "headroom"),
        ("expect=5 headroom=-2", "-2", "number"),
        ("expect=5 growth=3", "3", "no period"),
        ("expect=5 growth=3/fortnight", "fortnight", "period"),
        ("expect=5 growth=0/day", "0/day", "forecasts nothing"),
        ("expect=5 entry=0", "0", "at least 1"),
        ("expect=5 entry=3q", "q", "KiB"),
        ("headroom=3", "headroom=3", "add `expect="),
        ("growth=3/day", "growth=3/day", "add `expect="),
        ("entry=32B", "entry=32B", "add `expect="),
        ("hot expect=5", "expect=5", "stands alone"),
        ("expect=5 hot", "hot", "stands alone"),
        ("expect=5 ignore[ALC101]", "ignore[ALC101]", "stands alone"),
        ("expect=5 -- reason", "--", "only `ignore[…]` takes a reason"),
    ],
)
def test_faults(text: str, fault: str, message: str) -> None:
    found = parse(text)
    assert isinstance(found, Problem), found
    assert message in found.message
    assert text[found.start : found.end] == fault


def test_nothing_is_a_fault_as_well() -> None:
    found = parse("  ", 40)
    assert isinstance(found, Problem)
    assert 40 <= found.start < found.end <= 42


def test_positions_are_bytes_of_the_file() -> None:
    found = parse(" expect=größe size=4", 100)
    assert isinstance(found, Problem)
    assert (found.start, found.end) == (116, 120)


@pytest.mark.parametrize(
    ("expression", "headroom", "language", "needed"),
    [
        ("base_index_size", Fraction(3), "rust", "base_index_size * 3"),
        ("base_index_size", Fraction(1), "rust", "base_index_size"),
        ("a + b", Fraction(3), "java", "(a + b) * 3"),
        ("a + b", Fraction(1), "java", "a + b"),
        ("n", Fraction(3, 2), "rust", "n * 3 / 2"),
        ("n", Fraction(3, 2), "python", "n * 3 // 2"),
        ("items.len()", Fraction(5, 4), "java", "items.len() * 5 / 4"),
        ("n as usize", Fraction(2), "rust", "(n as usize) * 2"),
    ],
)
def test_the_expression_with_headroom(
    expression: str, headroom: Fraction, language: str, needed: str
) -> None:
    found = Cardinality(expression=expression, headroom=headroom, language=language)
    assert found.expression_needed == needed
    assert found.needed is None


def test_the_number_with_headroom_is_rounded_up() -> None:
    assert Cardinality(5, headroom=Fraction(3, 2)).needed == 8
    assert Cardinality(10**18, headroom=Fraction(11, 10)).needed == 11 * 10**17
    assert Cardinality(5).expression_needed is None


@pytest.mark.parametrize("expression", ["a", "a.b", "A::B", "f(a + b)", "x[i + 1]", "a.b(c, d).e", "42"])
def test_operands(expression: str) -> None:
    assert is_operand(expression)


@pytest.mark.parametrize("expression", ["a + b", "a*b", "-a", "*a", "n as usize", "a if b else c", "a<<2"])
def test_no_operands(expression: str) -> None:
    assert not is_operand(expression)
