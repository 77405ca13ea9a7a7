"""Quantities as people write them, and the exact places of mistakes in them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alloclint.capacity.quantity import (
    QuantityError,
    group_digits,
    human_bytes,
    human_count,
    parse_bytes,
    parse_count,
    parse_headroom,
    parse_rate,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("58.7M", 58_700_000),
        ("58_700_000", 58_700_000),
        ("1_000", 1_000),
        ("2k", 2_000),
        ("2K", 2_000),
        ("1G", 10**9),
        (" 1.5 k ", 1_500),
        ("3.0", 3),
        ("0.000000001G", 1),
    ],
)
def test_counts(text: str, value: int) -> None:
    assert parse_count(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5M/day", Fraction(2_500_000)),
        ("2.5M/d", Fraction(2_500_000)),
        ("100/s", Fraction(8_640_000)),
        ("100 / sec", Fraction(8_640_000)),
        ("1/min", Fraction(1_440)),
        ("1/h", Fraction(24)),
        ("7k/w", Fraction(1_000)),
        ("365/year", Fraction(1)),
        ("73/month", Fraction(12, 5)),
        ("0/d", Fraction(0)),
        ("0.1/d", Fraction(1, 10)),
    ],
)
def test_rates(text: str, value: Fraction) -> None:
    assert parse_rate(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("24", 24),
        ("32B", 32),
        ("1KiB", 1_024),
        ("1kB", 1_000),
        ("1.5 GiB", 3 * 2**29),
        ("0", 0),
        ("2MB", 2 * 10**6),
    ],
)
def test_bytes(text: str, value: int) -> None:
    assert parse_bytes(text) == value


def test_headroom() -> None:
    assert parse_headroom("3") == 3
    assert parse_headroom("1.1") == Fraction(11, 10)
    assert parse_headroom(" 0.5 ") == Fraction(1, 2)


@pytest.mark.parametrize(
    ("parse", "text", "offset", "remedy"),
    [
        (parse_count, "", 0, "write 1_000"),
        (parse_count, "  ", 2, "write 1_000"),
        (parse_count, "many", 0, "write 1_000"),
        (parse_count, "-5", 0, "write 1_000"),
        (parse_count, "1.5", 0, "drop the fraction"),
        (parse_count, " 1.0005k", 1, "drop the fraction"),
        (parse_count, "5 m", 2, "write k, M or G"),
        (parse_count, "1__000", 1, "write k, M or G"),
        (parse_count, "1_", 1, "write k, M or G"),
        (parse_count, "1,000", 1, "write k, M or G"),
        (parse_count, "1.", 1, "write k, M or G"),
        (parse_count, "٣", 0, "write 1_000"),
        (parse_rate, "2.5M", 4, "write 2.5M/day"),
        (parse_rate, "2.5M/m", 5, "is not a period"),
        (parse_rate, "2.5M/ fortnight", 6, "is not a period"),
        (parse_rate, "2.5M/", 5, "is not a period"),
        (parse_rate, "/day", 0, "write 1_000"),
        (parse_rate, "2X/day", 1, "write k, M or G"),
        (parse_bytes, "32b", 2, "write B, KiB"),
        (parse_bytes, "1.5B", 0, "round it"),
        (parse_bytes, "B", 0, "write 1_000"),
        (parse_headroom, "0", 0, "write a factor"),
        (parse_headroom, "0.0", 0, "write a factor"),
        (parse_headroom, "-1", 0, "write 1_000"),
        (parse_headroom, "3x", 1, "write nothing"),
    ],
)
def test_faults(parse: Callable[[str], object], text: str, offset: int, remedy: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert caught.value.text == text
    assert remedy in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (24, "24 B"),
        (1_023, "1,023 B"),
        (1_024, "1 KiB"),
        (512 * 2**20, "512 MiB"),
        (7 * 2**28, "1.75 GiB"),
        (3_355_443_216, "3.13 GiB"),
        (2**20 - 1, "1 MiB"),
        (2**30 + 2**29, "1.5 GiB"),
        (-1_536, "-1.5 KiB"),
        (2**70, "1,024 EiB"),
    ],
)
def test_human_bytes(value: int, text: str) -> None:
    assert human_bytes(value) == text


def test_written_numbers() -> None:
    assert human_count(58_720_256) == "58,720,256"
    assert [group_digits(176_100_000, language) for language in ("rust", "java", "python")] == [
        "176_100_000"
    ] * 3
    assert group_digits(999, "rust") == "999"
    with pytest.raises(ValueError, match="pass rust, java or python"):
        group_digits(1, "go")


@given(st.integers(min_value=0, max_value=10**30))
def test_written_counts_are_read_back(value: int) -> None:
    assert parse_count(group_digits(value, "java")) == value
    assert parse_bytes(str(value)) == value


def offset_of_fault(parse: Callable[[str], object], text: str) -> int:
    try:
        parse(text)
    except QuantityError as fault:
        return fault.offset
    return 0


@given(st.text(max_size=12) | st.text("0123456789_.kM/dayB ", max_size=12))
def test_any_text_is_read_or_refused_inside_the_text(text: str) -> None:
    for parse in (parse_count, parse_rate, parse_bytes, parse_headroom):
        assert 0 <= offset_of_fault(parse, text) <= len(text)


@given(st.integers(min_value=1, max_value=2**60))
def test_human_bytes_is_within_half_a_hundredth(value: int) -> None:
    number, unit = human_bytes(value).split()
    size = 1024 ** ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB").index(unit)
    assert abs(Fraction(number.replace(",", "")) * size - value) <= Fraction(size, 200)
