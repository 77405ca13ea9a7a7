"""
Expected sizes in a file beside the code, for code that is not to be touched.

    "fishdb::index::DocRefIndex.map" = { expect = 58_700_000, growth = "2.5M/day", headroom = 3 }
    "fishdb::shard::Stats.by_term" = { metric = "TermCount", headroom = 2 }

An entry whose only number is a metric's has no `expect`; whoever can ask for the metric fills it in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from alloclint.capacity.quantity import QuantityError, parse_bytes, parse_count, parse_headroom, parse_rate
from alloclint.cardinality import Cardinality
from alloclint.cardinality.symbol import Symbol, matches, segments
from alloclint.discover import shown

if TYPE_CHECKING:
    from alloclint.settings import Settings

T = TypeVar("T")

_KEYS = ("expect", "headroom", "growth", "entry", "metric")
_EXPECTED = {
    "expect": 'a number of entries of at least 1, such as 58_700_000 or "58.7M"',
    "headroom": "a factor of at least 1, such as 3 or 1.5",
    "growth": 'a rate, such as "2.5M/day"',
    "entry": 'a number of bytes of at least 1, such as 32 or "32B"',
    "metric": "the name of a metric",
}


class SidecarError(ValueError):
    """A sidecar that cannot be used: `path`, 1-based `line`, `key` (empty for bad TOML), what is expected."""

    def __init__(self, path: str, line: int, key: str, message: str) -> None:
        super().__init__(f"{path}:{line}: {key}: {message}" if key else f"{path}:{line}: {message}")
        self.path, self.line, self.key, self.message = path, line, key, message


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the file: `key` as written, its names, and what it says."""

    key: str
    names: tuple[str, ...]
    cardinality: Cardinality
    line: int


@dataclass(frozen=True, slots=True)
class Sidecar:
    """All entries of a file, in its order."""

    path: str = ""
    entries: tuple[Entry, ...] = ()
    _by_name: dict[str, list[Entry]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self._by_name.setdefault(entry.names[-1], []).append(entry)

    def find(self, symbol: Symbol) -> Entry | None:
        """The entry for a symbol; the longest key wins where several match."""
        found = [entry for entry in self._by_name.get(symbol.own[-1], ()) if matches(entry.names, symbol)]
        return max(found, key=lambda entry: len(entry.names), default=None)


def beside(settings: Settings) -> Sidecar | None:
    """
    What is said beside the code: in the file of the settings, else in `cardinalities.toml` if there is one.
    Raises as `load` does.
    """
    path = settings.cardinalities or settings.root / "cardinalities.toml"
    if settings.cardinalities is None and not path.is_file():
        return None
    return load(Path(shown(path, Path.cwd())))


def load(path: Path) -> Sidecar:
    """Read the file; a `SidecarError` says what is wrong in it, an `OSError` that it cannot be read."""
    shown = path.as_posix()
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SidecarError(shown, line, "", "this is not UTF-8 text") from None
    return parse(text, shown)


def parse(text: str, path: str) -> Sidecar:
    """The same for a text; `path` is only shown."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SidecarError(path, _line_of(error, text), "", f"this is not TOML: {error}") from None
    lines = text.splitlines()
    entries = []
    for key, values in _entries(table, ()):
        reader = _Reader(path, key, values, lines)
        entries.append(reader.entry())
    return Sidecar(path, tuple(entries))


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    found = re.search(r"line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


def _entries(table: dict[str, object], above: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """A key written without quotes makes nested tables: their names are joined again."""
    for name, value in table.items():
        if isinstance(value, dict) and value and all(isinstance(below, dict) for below in value.values()):
            yield from _entries(value, (*above, name))
        else:
            yield ".".join((*above, name)), value


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    key: str
    values: object
    lines: list[str]

    def entry(self) -> Entry:
        names = segments(self.key)
        if names is None:
            raise self._error('expected a symbol, such as "fishdb::index::DocRefIndex.map"')
        if not isinstance(self.values, dict):
            raise self._error("expected a table, such as { expect = 58_700_000 }")
        self._check_keys(self.values)
        line = self._line()
        cardinality = Cardinality(
            expect=self._quantity("expect", parse_count, 1),
            headroom=self._quantity("headroom", parse_headroom, Fraction(1)) or Fraction(1),
            growth_per_day=self._quantity("growth", parse_rate, Fraction(0)),
            entry_bytes=self._quantity("entry", parse_bytes, 1),
            metric=self._metric(),
            source=f"{self.path}:{line}",
            path=self.path,
        )
        return Entry(self.key, names, cardinality, line)

    def _check_keys(self, values: dict[str, object]) -> None:
        from difflib import get_close_matches

        for name in values:
            if name not in _KEYS:
                near = get_close_matches(name, _KEYS, n=1, cutoff=0.5)
                remedy = f"did you mean `{near[0]}`?" if near else f"expected one of {', '.join(_KEYS)}"
                raise self._error(f"unknown `{name}`; {remedy}", name)
        if "expect" not in values and "metric" not in values:
            raise self._error("expected `expect` or `metric`")

    def _quantity(self, name: str, parser: Callable[[str], T], least: T) -> T | None:
        value = self._get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self._error(f"`{name}`: expected {_EXPECTED[name]}", name)
        try:
            quantity = parser(str(value))
        except QuantityError as error:
            raise self._error(f"`{name}`: {error}; expected {_EXPECTED[name]}", name) from None
        if quantity < least:  # type: ignore[operator]
            raise self._error(f"`{name}`: expected {_EXPECTED[name]}", name)
        return quantity

    def _metric(self) -> str | None:
        value = self._get("metric")
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        raise self._error(f"`metric`: expected {_EXPECTED['metric']}", "metric")

    def _get(self, name: str) -> object:
        return self.values.get(name) if isinstance(self.values, dict) else None

    def _error(self, message: str, name: str = "") -> SidecarError:
        return SidecarError(self.path, self._line(name), self.key, message)

    def _line(self, name: str = "") -> int:
        """The line of the key, or of a name below its table header; TOML parsers do not tell positions."""
        last = re.split(r"::|\.", self.key)[-1]
        for written in (self.key, last):
            for number, line in enumerate(self.lines, 1):
                code = line.partition("#")[0]
                if re.search(rf"(?<!\w){re.escape(written)}(?!\w)", code) and re.search(r"[=\]]", code):
                    return self._below(number, name) if name else number
        return 1

    def _below(self, number: int, name: str) -> int:
        if not self.lines[number - 1].lstrip().startswith("["):
            return number
        for below in range(number, len(self.lines)):
            if self.lines[below].lstrip().startswith("["):
                break
            if re.match(rf"\s*\"?{re.escape(name)}\"?\s*=", self.lines[below]):
                return below + 1
        return number
