"""
For people: each finding with the lines it is about, what to write, and why.

    warning[ALC101] unsized-collection: `index` is built empty and then filled by a loop
      src/index.rs:12:21
         |
      12 |     let mut index = HashMap::new();
         |                     ^^^^^^^^^^^^^^
      13 |     for key in keys {
         |                ---- one entry per turn
         |
         > write    HashMap::with_capacity(keys.len())
         > because  `keys.len()` entries
         > saves    5 reallocations
         > also     clippy extend_with_drain

The guilty part has `^`, other places have `-`. `also` names rules of other linters that report the same.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Place, Severity
from alloclint.report.text import Sources, printable, width

if TYPE_CHECKING:
    from rich.console import Console

    from alloclint.report import Context

#: A line of code is cut to about this many bytes around what is underlined: generated code has lines of
#: megabytes.
_LINE = 160
_MARGIN = 60
_COLOURS = {Severity.error: "bold red", Severity.warning: "bold yellow", Severity.info: "bold cyan"}
#: A piece of a line and its style, "" for none.
Span = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place to underline, with `^` if it is the guilty one."""

    place: Place
    guilty: bool


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write a block per finding, with an empty line after each."""
    sources = Sources(context.sources)
    console = _console(out) if context.color else None
    for finding in findings:
        for line in (*_block(finding, sources), []):
            _print(line, out, console)


def _console(out: TextIO) -> Console:
    from rich.console import Console

    return Console(file=out, force_terminal=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def _print(line: list[Span], out: TextIO, console: Console | None) -> None:
    if console is None:
        out.write("".join(text for text, _ in line).rstrip() + "\n")
        return
    from rich.text import Text

    console.print(Text.assemble(*((text, style) for text, style in line)))


def _block(finding: Finding, sources: Sources) -> Iterator[list[Span]]:
    style = _COLOURS[finding.severity]
    message = (f" {finding.name}: " if finding.name else ": ") + printable(finding.message)
    yield [(f"{finding.severity.name}[{finding.code}]", style), (message, "bold")]
    marks = [_Mark(finding.place, True), *(_Mark(place, False) for place in finding.because)]
    gutter = len(str(max(mark.place.start.line for mark in marks))) + 2
    for path in dict.fromkeys(mark.place.path for mark in marks):
        here = [mark for mark in marks if mark.place.path == path]
        yield _heading(here[0].place, sources)
        yield from _frame(here, sources, gutter, style)
    yield from _notes(finding, gutter)


def _heading(place: Place, sources: Sources) -> list[Span]:
    column = sources.character_column(place.path, place.start)
    return [(f"  {printable(place.path)}:{place.start.line}:{column}", "blue")]


def _frame(marks: list[_Mark], sources: Sources, gutter: int, style: str) -> Iterator[list[Span]]:
    bar: list[Span] = [(" " * gutter + " |", "dim")]
    source = sources[marks[0].place.path]
    previous = None
    yield bar
    for line, group in groupby(sorted(marks, key=_line), _line):
        here = list(group)
        if previous is not None and line > previous + 1:
            yield _skipped(line - previous - 1, here[0].place, source, gutter)
        yield from _code(line, here, source, gutter, style)
        previous = line
    yield bar


def _skipped(lines: int, below: Place, source: bytes | None, gutter: int) -> list[Span]:
    """What stands for the lines above a place: dots, which would be a waste for a single short line."""
    first = below.start.offset - below.start.column + 1
    if source is not None and lines == 1 and 0 < first <= len(source):
        text = source[source.rfind(b"\n", 0, first - 1) + 1 : first - 1]
        if len(text) <= _LINE:
            return [(f"{below.start.line - 1:>{gutter}} | ", "dim"), (_shown(text), "")]
    return [(" " * (gutter - 2) + "...", "dim")]


def _line(mark: _Mark) -> int:
    return mark.place.start.line


def _code(
    line: int, marks: list[_Mark], source: bytes | None, gutter: int, style: str
) -> Iterator[list[Span]]:
    view = _View.of(source, marks) if source is not None else None
    if view is None:
        # The file is gone or has changed since: the words of the places are left.
        yield from ([(f"{line:>{gutter}} | ", "dim"), (printable(mark.place.text), "")] for mark in marks)
        return
    yield [(f"{line:>{gutter}} | ", "dim"), (view.text, "")]
    for mark in sorted(marks, key=lambda mark: (not mark.guilty, mark.place.start)):
        before, length = view.underline(mark.place)
        sign, colour = ("^", style) if mark.guilty else ("-", "blue")
        words = f" {printable(mark.place.text)}" if mark.place.text else ""
        yield [(" " * gutter + " | ", "dim"), (" " * before + sign * length + words, colour)]


@dataclass(frozen=True, slots=True)
class _View:
    """
    The part of a line that is shown: the bytes `start`..`end` of the file, with dots where something is cut
    off.
    """

    source: bytes
    start: int
    end: int
    head: str
    tail: str

    @classmethod
    def of(cls, source: bytes, marks: list[_Mark]) -> _View | None:
        """The line of the marks, cut around the first of them; None where the source does not have them."""
        first = marks[0].place
        start = first.start.offset - first.start.column + 1
        if start < 0 or first.start.offset > len(source) or (start and source[start - 1 : start] != b"\n"):
            return None
        newline = source.find(b"\n", start)
        stop = end = len(source) if newline < 0 else newline
        if end - start <= _LINE:
            return cls(source, start, end, "", "")
        begin = max(start, min(first.start.offset - _MARGIN, end - _LINE))
        end = min(end, begin + _LINE)
        return cls(source, begin, end, "… " if begin > start else "", " …" if end < stop else "")

    @property
    def text(self) -> str:
        return self.head + _shown(self.source[self.start : self.end]) + self.tail

    def underline(self, place: Place) -> tuple[int, int]:
        """The cells before a place and those it takes, at least 1."""
        first = min(max(place.start.offset, self.start), self.end)
        last = place.end.offset if place.end.line == place.start.line else self.end
        inside = self.source[first : min(max(last, first), self.end)]
        before = len(self.head) + width(_shown(self.source[self.start : first]))
        return before, max(1, width(_shown(inside.rstrip())))


def _shown(text: bytes) -> str:
    # What a cut leaves of a character at either end is no damage worth showing, and nor is a byte order mark.
    return printable(text.removeprefix(BOM_UTF8).decode(errors="replace").rstrip("\r").strip("\ufffd"))


def _notes(finding: Finding, gutter: int) -> Iterator[list[Span]]:
    notes = (
        ("write", finding.suggestion and finding.suggestion.text, "green"),
        ("because", finding.evidence, ""),
        ("hot", finding.heat, ""),
        ("cold", finding.cold, ""),
        ("saves", finding.cost and finding.cost.text, ""),
        ("also", ", ".join(finding.also), ""),
    )
    for label, text, style in notes:
        # A suggestion may have several lines; those after the first are set below it.
        for number, line in enumerate((text or "").splitlines()):
            lead = f"> {label:<8} " if number == 0 else " " * 11
            yield [(" " * gutter + " ", ""), (lead, "dim"), (printable(line), style)]
