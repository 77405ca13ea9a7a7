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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Place, Severity
from alloclint.report.text import Sources, Span, folded, printable, width
from alloclint.report.wording import heat

if TYPE_CHECKING:
    from alloclint.report import Context

#: A line of code is cut to about this many bytes around what is underlined: generated code has lines of
#: megabytes. On a terminal, to what it has room for, but never to less than can be read.
_LINE = 160
_LEAST = 40
COLOURS = {Severity.error: "bold red", Severity.warning: "bold yellow", Severity.info: "bold cyan"}
#: What leads on from the finding. Plain blue cannot be read on a dark terminal.
ASIDE = "bright_blue"


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place to underline, with `^` if it is the guilty one."""

    place: Place
    guilty: bool


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write a block per finding, with an empty line after each."""
    sources = Sources(context.sources)
    show = printer(out, context)
    for finding in findings:
        for line in (*_block(finding, sources, context.columns), []):
            show(line)


def printer(out: TextIO, context: Context) -> Callable[[Sequence[Span]], None]:
    """What prints a line of text and styles, with colours if they are wanted."""
    if not context.color:
        return lambda line: print("".join(text for text, _ in line).rstrip(), file=out)
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=out, force_terminal=True, highlight=False, markup=False, emoji=False, soft_wrap=True
    )
    return lambda line: console.print(Text.assemble(*line))


def _block(finding: Finding, sources: Sources, columns: int | None) -> Iterator[list[Span]]:
    style = COLOURS[finding.severity]
    message = (f" {finding.name}: " if finding.name else ": ") + printable(finding.message)
    yield from folded([(f"{finding.severity.name}[{finding.code}]", style), (message, "bold")], columns, 4)
    marks = [_Mark(finding.place, True), *(_Mark(place, False) for place in finding.because)]
    gutter = len(str(max(mark.place.start.line for mark in marks))) + 2
    room = columns and max(columns - gutter - len(" | "), _LEAST)
    for path in dict.fromkeys(mark.place.path for mark in marks):
        here = [mark for mark in marks if mark.place.path == path]
        yield _heading(here[0].place, sources)
        yield from _frame(here, sources, _Frame(gutter, room, style))
    yield from _notes(finding, gutter, columns)


@dataclass(frozen=True, slots=True)
class _Frame:
    """
    How lines of code are shown: the width of the line numbers, the cells behind them (None: as many as it
    takes), and the style of what is guilty.
    """

    gutter: int
    room: int | None
    style: str

    @property
    def bar(self) -> Span:
        return " " * self.gutter + " | ", "dim"

    def number(self, line: int) -> Span:
        return f"{line:>{self.gutter}} | ", "dim"


def _heading(place: Place, sources: Sources) -> list[Span]:
    column = sources.character_column(place.path, place.start)
    return [(f"  {printable(place.path)}:{place.start.line}:{column}", ASIDE)]


def _frame(marks: list[_Mark], sources: Sources, frame: _Frame) -> Iterator[list[Span]]:
    source = sources[marks[0].place.path]
    previous = None
    yield [frame.bar]
    for line, group in groupby(sorted(marks, key=_line), _line):
        here = list(group)
        if previous is not None and line > previous + 1:
            yield _skipped(line - previous - 1, here[0].place, source, frame)
        yield from _code(line, here, source, frame)
        previous = line
    yield [frame.bar]


def _skipped(lines: int, below: Place, source: bytes | None, frame: _Frame) -> list[Span]:
    """What stands for the lines above a place: dots, which would be a waste for a single short line."""
    first = below.start.offset - below.start.column + 1
    if source is not None and lines == 1 and 0 < first <= len(source):
        text = source[source.rfind(b"\n", 0, first - 1) + 1 : first - 1]
        if len(text) <= (frame.room or _LINE):
            return [frame.number(below.start.line - 1), (_shown(text), "")]
    return [(" " * (frame.gutter - 2) + "...", "dim")]


def _line(mark: _Mark) -> int:
    return mark.place.start.line


def _code(line: int, marks: list[_Mark], source: bytes | None, frame: _Frame) -> Iterator[list[Span]]:
    view = _View.of(source, marks, frame.room or _LINE) if source is not None else None
    if view is None:
        # The file is gone or has changed since: the words of the places are left.
        yield from ([frame.number(line), (printable(mark.place.text), "")] for mark in marks)
        return
    yield [frame.number(line), (view.text, "")]
    for mark in sorted(marks, key=lambda mark: (not mark.guilty, mark.place.start)):
        before, length = view.underline(mark.place)
        sign, style = ("^", frame.style) if mark.guilty else ("-", ASIDE)
        yield [frame.bar, (" " * before + sign * length, style), *_words(mark, before + length, frame, style)]


def _words(mark: _Mark, used: int, frame: _Frame, style: str) -> Iterator[Span]:
    """What a place is, behind its underline; as far right as it fits in the next row, if there is no room."""
    words = printable(mark.place.text)
    if not words:
        return
    if frame.room is None or used + 1 + width(words) <= frame.room:
        yield f" {words}", style
        return
    yield "\n", ""
    yield frame.bar
    yield " " * max(0, frame.room - width(words)) + words, style


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
    def of(cls, source: bytes, marks: list[_Mark], most: int) -> _View | None:
        """
        The line of the marks, cut to `most` bytes around the first of them; None where the source does not
        have them.
        """
        first = marks[0].place
        start = first.start.offset - first.start.column + 1
        if start < 0 or first.start.offset > len(source) or (start and source[start - 1 : start] != b"\n"):
            return None
        newline = source.find(b"\n", start)
        stop = end = len(source) if newline < 0 else newline
        if end - start <= most:
            return cls(source, start, end, "", "")
        # The dots at both ends take room, too.
        most -= 4
        begin = max(start, min(first.start.offset - most * 3 // 8, end - most))
        end = min(end, begin + most)
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


def _notes(finding: Finding, gutter: int, columns: int | None) -> Iterator[list[Span]]:
    suggestion = finding.suggestion
    notes = (
        ("write", suggestion and suggestion.text, "green"),
        ("because", finding.evidence, ""),
        ("hot", heat(finding), ""),
        ("cold", finding.cold, ""),
        ("saves", finding.cost and finding.cost.text, ""),
        ("also", ", ".join(finding.also), ""),
    )
    code = suggestion and (
        suggestion.capacity or any(edit.text.strip() == suggestion.text for edit in suggestion.edits)
    )
    for label, text, style in notes:
        # A suggestion may have several lines; those after the first are set below it.
        for number, line in enumerate((text or "").splitlines()):
            lead = f"> {label:<8} " if number == 0 else " " * 11
            spans = [(" " * gutter + " ", ""), (lead, "dim"), (printable(line), style)]
            # Code is there to be pasted: wherever the terminal breaks it, it stays one line.
            yield from folded(spans, None if label == "write" and code else columns, gutter + 12)
