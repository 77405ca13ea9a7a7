"""
Symbolic sizes: `5 + len(items) + 2*n`, what is known about them, and how each language writes them.

A `Size` is a polynomial with integer coefficients over atoms. An atom is the length of something, the value
of an integer variable, or a function of sizes that is not a polynomial (a minimum, a rounded-up division, a
difference that stops at zero). Sizes are values: two that are written alike are equal. All counts are entries
(or bytes of a string).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce


class Bound(IntEnum):
    """How a size relates to what really happens; combining two keeps the weaker."""

    exact = 0
    at_most = 1
    unknown = 2


@dataclass(frozen=True, slots=True)
class Atom:
    """
    One irreducible part of a size.

    length: how many entries `root` has (`text` is its source text, `form` how its length is asked: len, size,
    length, length()). value:  an integer variable; `form` is its type (`usize`, `int`, …). min, monus, div,
    divceil: of the two sizes in `parts`; monus(a, b) is a - b but not below zero. `root` identifies the
    binding (any hashable), so that shadowed names never meet.
    """

    kind: str
    text: str = ""
    form: str = ""
    root: object = None
    parts: tuple[Size, ...] = ()


Product = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """A sum of products; `terms` maps each product of atoms to its coefficient, `()` being the constant."""

    terms: tuple[tuple[Product, int], ...] = ()

    @property
    def constant(self) -> int | None:
        """The value of a size without atoms, else None."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and self.terms[0][0] == () else None

    def __add__(self, other: Size) -> Size:
        return _collect((*self.terms, *other.terms))

    def __mul__(self, other: Size) -> Size:
        return _collect(((*left, *right), a * b) for left, a in self.terms for right, b in other.terms)

    def atoms(self) -> Iterator[Atom]:
        """Every atom, those inside minima and divisions included."""
        for product, _ in self.terms:
            for atom in product:
                yield atom
                for part in atom.parts:
                    yield from part.atoms()

    def substitute(self, replace: Callable[[Atom], Size | None]) -> Size | None:
        """The size with every length and value atom replaced; None as soon as one replacement is None."""
        total = ZERO
        for product, coefficient in self.terms:
            term = const(coefficient)
            for atom in product:
                new = _replaced(atom, replace)
                if new is None:
                    return None
                term = term * new
            total = total + term
        return total


def const(n: int) -> Size:
    return Size((((), n),)) if n else Size()


ZERO = Size()


def of(atom: Atom) -> Size:
    return Size((((atom,), 1),))


def minimum(a: Size, b: Size) -> Size:
    if a == b:
        return a
    if a.constant is not None and b.constant is not None:
        return const(min(a.constant, b.constant))
    first, second = sorted((a, b), key=lambda size: size.constant is not None)
    return of(Atom("min", parts=(first, second)))


def monus(a: Size, b: Size) -> Size:
    """`a - b`, but zero where b is the larger."""
    return clamp(a + b * const(-1))


def clamp(difference: Size) -> Size:
    """The size itself, or zero where its negative terms outweigh the others."""
    if difference.constant is not None:
        return const(max(0, difference.constant))
    added = Size(tuple(term for term in difference.terms if term[1] > 0))
    taken = Size(
        tuple((product, -coefficient) for product, coefficient in difference.terms if coefficient < 0)
    )
    if not taken.terms:
        return difference
    return of(Atom("monus", parts=(added, taken))) if added.terms else ZERO


def divide(a: Size, by: int, *, up: bool) -> Size:
    """`a / by` rounded down, or up."""
    if by == 1:
        return a
    if a.constant is not None:
        return const(-(-a.constant // by) if up else a.constant // by)
    if all(coefficient % by == 0 for _, coefficient in a.terms):
        return Size(tuple((product, coefficient // by) for product, coefficient in a.terms))
    return of(Atom("divceil" if up else "div", parts=(a, const(by))))


def total(sizes: Iterator[Size]) -> Size:
    return reduce(Size.__add__, sizes, ZERO)


def _collect(terms: Iterator[tuple[Product, int]] | tuple[tuple[Product, int], ...]) -> Size:
    # The same factors in another order are the same product; it is written in the order in which it was met
    # first.
    written: dict[Product, Product] = {}
    sums: dict[Product, int] = {}
    for product, coefficient in terms:
        first = written.setdefault(tuple(sorted(product, key=_order)), product)
        sums[first] = sums.get(first, 0) + coefficient
    kept = [(product, coefficient) for product, coefficient in sums.items() if coefficient]
    # Variables first, in the order in which they were met: people write `items.len() + 2`, not `2 +
    # items.len()`.
    return Size(tuple(sorted(kept, key=lambda term: term[0] == ())))


def _order(atom: Atom) -> tuple[str, str]:
    return atom.kind, atom.text


def _replaced(atom: Atom, replace: Callable[[Atom], Size | None]) -> Size | None:
    if not atom.parts:
        return replace(atom)
    parts = [part.substitute(replace) for part in atom.parts]
    if None in parts:
        return None
    first, second = (part for part in parts if part is not None)
    if atom.kind == "min":
        return minimum(first, second)
    if atom.kind == "monus":
        return monus(first, second)
    return divide(first, second.constant or 1, up=atom.kind == "divceil")


# ---------------------------------------------------------------- rendering


def render(size: Size, language: str) -> str:
    """The size as an expression of the language, of type `usize` in Rust and `int` in Java and Python."""
    return _sum(size, _WRITERS[language])


def group_digits(n: int) -> str:
    """176100000 -> `176_100_000`; numbers of up to four digits stay as they are."""
    return f"{n:_}" if abs(n) >= 10_000 else str(n)


def _sum(size: Size, writer: Mapping[str, str]) -> str:
    text = ""
    for product, coefficient in size.terms:
        sign, factor = (" - " if coefficient < 0 else " + "), abs(coefficient)
        text += (sign if text else sign.strip(" +")) + _product(product, factor, writer)
    return text or "0"


def _product(product: Product, factor: int, writer: Mapping[str, str]) -> str:
    factors = [_atom(atom, writer) for atom in product]
    if factor != 1 or not factors:
        factors.append(group_digits(factor))
    if len(factors) > 1:
        factors = [f"({text})" if _is_sum(text) else text for text in factors]
    return " * ".join(factors)


def _is_sum(text: str) -> bool:
    """Whether an operator outside of brackets keeps the expression from being a factor as it stands."""
    depth = 0
    for i, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if depth == 0 and char == " " and text.startswith(_LOOSE, i):
            return True
    return False


#: A quotient is rounded, so it is a factor only in parentheses.
_LOOSE = (" + ", " - ", " / ", " // ", " as ")


def _atom(atom: Atom, writer: Mapping[str, str]) -> str:
    if atom.kind == "length":
        return writer[atom.form].format(atom.text)
    if atom.kind == "value":
        return writer.get(atom.form, "{}").format(atom.text)
    if atom.kind == "divceil" and writer["operand"] == "rounding":
        by = atom.parts[1].constant or 1
        return f"({_sum(atom.parts[0] + const(by - 1), writer)}) / {group_digits(by)}"
    first, second = (_sum(part, writer) for part in atom.parts)
    if writer["operand"] == "first" or atom.kind in ("div", "divceil"):
        first = _wrapped(first)
    elif atom.kind == "monus":
        second = _wrapped(second)
    return writer[atom.kind].format(first, second)


def _wrapped(text: str) -> str:
    return f"({text})" if _is_sum(text) or " * " in text else text


_RUST = {
    # A minimum is a method of its first operand, which then needs parentheses when it is a sum.
    "operand": "first",
    "len": "{}.len()",
    "min": "{}.min({})",
    "monus": "{}.saturating_sub({})",
    "div": "{} / {}",
    "divceil": "{}.div_ceil({})",
    "usize": "{}",
    # A signed range that runs backwards is empty; the cast alone would ask for an impossible capacity.
    **dict.fromkeys(("i8", "i16", "i32", "i64", "isize"), "{}.max(0) as usize"),
    **dict.fromkeys(("u8", "u16", "u32", "u64"), "{} as usize"),
}
_JAVA = {
    # Math.ceilDiv came with Java 18.
    "operand": "rounding",
    "size": "{}.size()",
    "length": "{}.length",
    "length()": "{}.length()",
    "min": "Math.min({}, {})",
    "monus": "Math.max(0, {} - {})",
    "div": "{} / {}",
}
_PYTHON = {
    "operand": "",
    "len": "len({})",
    "min": "min({}, {})",
    "monus": "max(0, {} - {})",
    "div": "{} // {}",
    "divceil": "-(-{} // {})",
}
_WRITERS: dict[str, Mapping[str, str]] = {"rust": _RUST, "java": _JAVA, "python": _PYTHON}
