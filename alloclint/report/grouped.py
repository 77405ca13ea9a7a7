"""
For people: findings by file, the path once, then a line for each, with places in columns.

    src/index.rs
      12:21  error    ALC101  `index` is built empty and then filled: HashMap::with_capacity(keys.len())
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from alloclint.report.full import ASIDE, COLOURS, printer
from alloclint.report.text import Sources, Span, folded, printable
from alloclint.report.wording import on_one_line

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write a block per file, with an empty line after each; columns count characters."""
    sources = Sources(context.sources)
    show = printer(out, context)
    for path, group in groupby(findings, lambda finding: finding.path):
        show([(printable(path), ASIDE)])
        rows = [(_place(finding, sources), finding) for finding in group]
        widest = max(len(place) for place, _ in rows)
        for place, finding in rows:
            for line in folded(_row(f"{place:>{widest}}", finding), context.columns, widest + 21):
                show(line)
        show([])


def _place(finding: Finding, sources: Sources) -> str:
    start = finding.place.start
    return f"{start.line}:{sources.character_column(finding.path, start)}"


def _row(place: str, finding: Finding) -> list[Span]:
    spans = [
        (f"  {place}  ", "dim"),
        (f"{finding.severity.name:<7}", COLOURS[finding.severity]),
        (f"  {finding.code}  ", ""),
        (printable(on_one_line(finding.message)), ""),
    ]
    if finding.suggestion:
        spans += [(":", ""), (f" {printable(on_one_line(finding.suggestion.text))}", "green")]
    return spans
