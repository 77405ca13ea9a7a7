"""Counts, rates, sizes and factors as people write them, read exactly; and sizes written for people."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?", re.ASCII)

_COUNT_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}

_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_BYTE_UNITS = {
    "": 1,
    **{unit: 1024**power for power, unit in enumerate(_BINARY_UNITS)},
    **{unit: 1000**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB", "EB"))},
    "KB": 1000,
}

_YEAR = Fraction(365)
# Lengths in days. A month is a twelfth of a year, so that twelve of them make one.
_PERIODS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), Fraction(1, 86_400)),
    **dict.fromkeys(("min", "minute", "minutes"), Fraction(1, 1_440)),
    **dict.fromkeys(("h", "hour", "hours"), Fraction(1, 24)),
    **dict.fromkeys(("d", "day", "days"), Fraction(1)),
    **dict.fromkeys(("w", "week", "weeks"), Fraction(7)),
    **dict.fromkeys(("month", "months"), _YEAR / 12),
    **dict.fromkeys(("y", "year", "years"), _YEAR),
}


class QuantityError(ValueError):
    """A quantity that cannot be read.

    ``offset`` is the index in ``text`` of the first character that is wrong (its length when something is
    missing at the end); the message says what to write instead.
    """

    def __init__(self, text: str, offset: int, message: str) -> None:
        super().__init__(message)
        self.text = text
        self.offset = offset


def parse_count(text: str) -> int:
    """A number of entries, at least 0: ``58_700_000``, ``58.7M``, ``2k``, ``1G`` (decimal multiples)."""
    value = _scaled(text, text, _COUNT_UNITS, "k, M or G")
    if value.denominator != 1:
        raise QuantityError(text, _start(text), f"{text.strip()} is not a whole number; drop the fraction")
    return int(value)


def parse_rate(text: str) -> Fraction:
    """Entries per day, at least 0: ``2.5M/day``, ``100/s``.

    Periods are s, min, h, d, w, month, y or their English names; a year has 365 days.
    """
    slash = text.find("/")
    if slash < 0:
        raise QuantityError(text, len(text), f"{text.strip()} has no period; write 2.5M/day or 100/s")
    value = _scaled(text, text[:slash], _COUNT_UNITS, "k, M or G")
    period = text[slash + 1 :].strip()
    if period not in _PERIODS:
        offset = slash + 1 + _start(text[slash + 1 :])
        message = f"{_shown(period)} is not a period; write s, min, h, d, w, month or y"
        raise QuantityError(text, offset, message)
    return value / _PERIODS[period]


def parse_bytes(text: str) -> int:
    """A size in whole bytes, at least 0: ``24``, ``32B``, ``1KiB`` (1024), ``1kB`` (1000), up to E."""
    value = _scaled(text, text, _BYTE_UNITS, "B, KiB, MiB, GiB or kB, MB, GB")
    if value.denominator != 1:
        raise QuantityError(text, _start(text), f"{text.strip()} is not a whole number of bytes; round it")
    return int(value)


def parse_headroom(text: str) -> Fraction:
    """A factor above 0 on the number of entries: ``3``, ``1.5``."""
    value = _scaled(text, text, {"": 1}, "nothing")
    if value == 0:
        raise QuantityError(text, _start(text), "headroom 0 leaves no room; write a factor such as 1.5")
    return value


def _scaled(text: str, part: str, units: dict[str, int], known: str) -> Fraction:
    """The number with its unit in ``part``, which is ``text`` or its beginning."""
    start = _start(part)
    number = _NUMBER.match(part, start)
    if number is None:
        shown = _shown(part.strip())
        raise QuantityError(text, start, f"{shown} does not start with a number; write 1_000 or 2.5")
    rest = part[number.end() :]
    unit = rest.strip()
    if unit not in units:
        offset = number.end() + _start(rest)
        raise QuantityError(text, offset, f"{_shown(unit)} does not belong after a number; write {known}")
    return Fraction(number.group().replace("_", "")) * units[unit]


def _start(text: str) -> int:
    return len(text) - len(text.lstrip())


def _shown(text: str) -> str:
    return repr(text) if text else "an empty text"


def group_digits(value: int, language: str) -> str:
    """``value`` as an integer literal of ``language`` ("rust", "java", "python") with grouped digits."""
    if language not in ("rust", "java", "python"):
        raise ValueError(f"no integer literals are known for {language!r}; pass rust, java or python")
    # All three separate groups with underscores; 58.7 million has to be readable at a glance.
    return f"{value:_}"


def human_count(value: int) -> str:
    """``58,720,256``."""
    return f"{value:,}"


def human_bytes(value: int) -> str:
    """``512 MiB``, ``1.75 GiB``: the largest binary unit, at most two decimals, rounded half up."""
    sign, size = ("-", -value) if value < 0 else ("", value)
    power = min(max(0, size.bit_length() - 1) // 10, len(_BINARY_UNITS) - 1)
    hundredths = _hundredths(size, power)
    if hundredths == 102_400 and power < len(_BINARY_UNITS) - 1:
        power += 1
        hundredths = _hundredths(size, power)
    whole, part = divmod(hundredths, 100)
    decimals = f".{part:02}".rstrip("0") if part else ""
    return f"{sign}{whole:,}{decimals} {_BINARY_UNITS[power]}"


def _hundredths(size: int, power: int) -> int:
    unit: int = 1024**power
    return (200 * size + unit) // (2 * unit)
