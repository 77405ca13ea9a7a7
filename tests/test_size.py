"""The algebra of sizes: what is folded, what is known to stop at zero, and how each language writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alloclint import size as sizes
from alloclint.size import Atom, Size, clamp, const, divide, minimum, monus, of, render


def length(name: str, form: str = "len") -> Size:
    return of(Atom("length", name, form, name))


def value(name: str, form: str = "int") -> Size:
    return of(Atom("value", name, form, name))


XS, YS, N = length("xs"), length("ys"), value("n", "usize")
K = value("k", "i32")

RENDERED = {
    "nothing": (sizes.ZERO, "0"),
    "a number": (const(9999), "9999"),
    "a large number": (const(176_100_000), "176_100_000"),
    "a length": (XS, "xs.len()"),
    "a sum, variables first": (const(2) + XS, "xs.len() + 2"),
    "a difference": (XS + const(-1), "xs.len() - 1"),
    "a product": (XS * YS, "xs.len() * ys.len()"),
    "a multiple": (XS * const(3), "xs.len() * 3"),
    "a product of a sum": ((XS + const(1)) * YS, "xs.len() * ys.len() + ys.len()"),
    "the same again": (XS + XS, "xs.len() * 2"),
    "a minimum": (minimum(XS, YS), "xs.len().min(ys.len())"),
    "a minimum of a sum": (minimum(XS + const(1), YS), "(xs.len() + 1).min(ys.len())"),
    "not below zero": (monus(XS, const(1)), "xs.len().saturating_sub(1)"),
    "a sum, not below zero": (monus(XS + YS, N), "(xs.len() + ys.len()).saturating_sub(n)"),
    "divided": (divide(XS, 2, up=False), "xs.len() / 2"),
    "divided upwards": (divide(XS, 2, up=True), "xs.len().div_ceil(2)"),
    "a sum divided": (divide(XS + const(1), 2, up=False), "(xs.len() + 1) / 2"),
    "a quotient times": (divide(XS, 2, up=False) * YS, "(xs.len() / 2) * ys.len()"),
    "a signed integer": (K, "k.max(0) as usize"),
    "a signed integer times": (K * XS, "(k.max(0) as usize) * xs.len()"),
}


@pytest.mark.parametrize(("size", "text"), [pytest.param(*row, id=name) for name, row in RENDERED.items()])
def test_rust(size: Size, text: str) -> None:
    assert render(size, "rust") == text


IN_JAVA = {
    "a list's": (length("xs", "size"), "xs.size()"),
    "an array's": (length("xs", "length"), "xs.length"),
    "a text's": (length("xs", "length()"), "xs.length()"),
    "a minimum": (minimum(length("xs", "size"), value("n")), "Math.min(xs.size(), n)"),
    "not below zero": (monus(value("n"), value("a") + const(1)), "Math.max(0, n - (a + 1))"),
    "divided upwards": (divide(value("n"), 4, up=True), "(n + 3) / 4"),
    "divided upwards, times": (divide(value("n"), 4, up=True) * value("m"), "((n + 3) / 4) * m"),
}


@pytest.mark.parametrize(("size", "text"), [pytest.param(*row, id=name) for name, row in IN_JAVA.items()])
def test_java(size: Size, text: str) -> None:
    assert render(size, "java") == text


IN_PYTHON = {
    "a minimum": (minimum(XS, YS), "min(len(xs), len(ys))"),
    "not below zero": (monus(XS, const(2)), "max(0, len(xs) - 2)"),
    "divided": (divide(XS + const(1), 2, up=False), "(len(xs) + 1) // 2"),
    "divided upwards": (divide(XS + const(1), 2, up=True), "-(-(len(xs) + 1) // 2)"),
}


@pytest.mark.parametrize(("size", "text"), [pytest.param(*row, id=name) for name, row in IN_PYTHON.items()])
def test_python(size: Size, text: str) -> None:
    assert render(size, "python") == text


def test_what_is_folded() -> None:
    assert minimum(const(3), const(5)) == const(3)
    assert minimum(XS, XS) == XS
    assert minimum(const(3), XS) == minimum(XS, const(3))
    assert monus(const(3), const(5)) == sizes.ZERO
    assert monus(XS + const(5), XS) == const(5)
    assert clamp(const(-3)) == sizes.ZERO
    assert clamp(XS * const(-1)) == sizes.ZERO
    assert clamp(XS) == XS
    assert divide(const(7), 2, up=True) == const(4)
    assert divide(const(7), 2, up=False) == const(3)
    assert divide(XS * const(4), 2, up=True) == XS * const(2)
    assert divide(XS, 1, up=True) == XS
    both_ways = XS * YS + YS * XS
    assert both_ways == XS * YS * const(2)
    assert XS + YS * const(0) == XS
    assert XS * sizes.ZERO == sizes.ZERO


def test_shadowed_names_never_meet() -> None:
    inner, outer = of(Atom("value", "n", "int", 1)), of(Atom("value", "n", "int", 2))
    assert inner + outer != inner * const(2)


def test_constants() -> None:
    assert sizes.ZERO.constant == 0
    assert const(7).constant == 7
    assert XS.constant is None
    assert (XS + const(1)).constant is None


def test_substitution_reaches_the_inside() -> None:
    whole = minimum(divide(XS + const(1), 2, up=True), monus(YS, N)) + XS

    def five_or_two(atom: Atom) -> Size:
        return const(5 if atom.text == "xs" else 9 if atom.text == "ys" else 2)

    assert whole.substitute(five_or_two) == const(8)
    assert whole.substitute(lambda atom: None) is None
    assert {atom.text for atom in whole.atoms()} == {"", "xs", "ys", "n"}


# ---------------------------------------------------------------- for all sizes

NAMES = ("a", "b", "c")


def _larger(inner: st.SearchStrategy[Size]) -> st.SearchStrategy[Size]:
    pairs = st.tuples(inner, inner)
    divisions = st.tuples(inner, st.integers(1, 7), st.booleans())
    return st.one_of(
        pairs.map(lambda two: two[0] + two[1]),
        pairs.map(lambda two: two[0] * two[1]),
        pairs.map(lambda two: minimum(*two)),
        pairs.map(lambda two: monus(*two)),
        divisions.map(lambda three: divide(clamp(three[0]), three[1], up=three[2])),
    )


SIZES = st.recursive(
    st.one_of(st.integers(0, 20_000).map(const), st.sampled_from(NAMES).map(length)), _larger, max_leaves=8
)
VALUES = st.fixed_dictionaries({name: st.integers(0, 50) for name in NAMES})


@given(SIZES, VALUES)
def test_python_says_what_is_meant(size: Size, values: dict[str, int]) -> None:
    meant = size.substitute(lambda atom: const(values[atom.text]))
    lists = {name: [None] * count for name, count in values.items()}
    written = eval(render(size, "python"), {"len": len, "min": min, "max": max, **lists})
    assert meant is not None and written == meant.constant


@given(SIZES, st.sampled_from(["rust", "java", "python"]))
def test_parentheses_match(size: Size, language: str) -> None:
    if language == "java":
        size = size.substitute(lambda atom: value(atom.text)) or size
    depth = 0
    for character in render(size, language):
        depth += (character == "(") - (character == ")")
        assert depth >= 0
    assert depth == 0


@given(SIZES, SIZES, VALUES)
def test_a_difference_is_never_negative(a: Size, b: Size, values: dict[str, int]) -> None:
    left = monus(a, b).substitute(lambda atom: const(values[atom.text]))
    assert left is not None and left.constant is not None and left.constant >= 0


@given(SIZES, SIZES, VALUES)
def test_order_does_not_matter(a: Size, b: Size, values: dict[str, int]) -> None:
    """Sums and products are written in the order in which they are met, and mean the same in any."""

    def meant(size: Size) -> Size | None:
        return size.substitute(lambda atom: const(values[atom.text]))

    assert meant(a + b) == meant(b + a)
    assert meant(a * b) == meant(b * a)
