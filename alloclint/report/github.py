"""
GitHub workflow commands, which become annotations of a pull request.

GitHub keeps the first ten of each level in a step and drops the rest without a word: the gravest come first,
and a last line says how many there are. The job summary has room for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Severity
from alloclint.report.text import Sources
from alloclint.report.wording import gravest_first, lines

if TYPE_CHECKING:
    from alloclint.report import Context

_LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "notice"}
#: Of each level, in one step of a job.
_MOST = 10
#: In a message and, besides these, in a property. `%` must be first.
_MESSAGE = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_MESSAGE, (":", "%3A"), (",", "%2C"))


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one command per finding."""
    sources = Sources(context.sources)
    for finding in gravest_first(findings):
        pairs = _properties(finding, sources, context)
        properties = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in pairs)
        message = _escaped("\n".join(lines(finding)), _MESSAGE)
        out.write(f"::{_LEVELS[finding.severity]} {properties}::{message}\n")
    counts = Counter(_LEVELS[finding.severity] for finding in findings)
    if dropped := [f"{count:,} {level}s" for level, count in counts.items() if count > _MOST]:
        out.write(f"GitHub annotates the first {_MOST} of {' and of '.join(dropped)}; all are in this log.\n")


def _properties(finding: Finding, sources: Sources, context: Context) -> list[tuple[str, object]]:
    start, end = finding.place.start, finding.place.end
    file = context.in_repository(finding.path)
    found: list[tuple[str, object]] = [("file", file), ("line", start.line), ("endLine", end.line)]
    # GitHub takes columns only within one line.
    if start.line == end.line:
        found.append(("col", sources.utf16_column(finding.path, start)))
        found.append(("endColumn", sources.utf16_column(finding.path, end)))
    return [*found, ("title", f"{finding.code} {finding.name}".strip())]


def _escaped(text: str, table: Sequence[tuple[str, str]]) -> str:
    for plain, escaped in table:
        text = text.replace(plain, escaped)
    return text
