"""
GitHub workflow commands, which become annotations of a pull request.

GitHub keeps the first ten of each severity and drops the rest without a word: the gravest come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Severity
from alloclint.report.text import Sources

if TYPE_CHECKING:
    from alloclint.report import Context

_LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "notice"}
#: In a message and, besides these, in a property. `%` must be first.
_MESSAGE = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_MESSAGE, (":", "%3A"), (",", "%2C"))


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one command per finding."""
    sources = Sources(context.sources)
    for finding in sorted(findings, key=lambda finding: (-finding.severity, finding.order())):
        pairs = _properties(finding, sources)
        properties = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in pairs)
        out.write(f"::{_LEVELS[finding.severity]} {properties}::{_escaped(_message(finding), _MESSAGE)}\n")


def _properties(finding: Finding, sources: Sources) -> list[tuple[str, object]]:
    start, end = finding.place.start, finding.place.end
    found: list[tuple[str, object]] = [("file", finding.path), ("line", start.line), ("endLine", end.line)]
    # GitHub takes columns only within one line.
    if start.line == end.line:
        found.append(("col", sources.utf16_column(finding.path, start)))
        found.append(("endColumn", sources.utf16_column(finding.path, end)))
    return [*found, ("title", f"{finding.code} {finding.name}")]


def _message(finding: Finding) -> str:
    lines = [finding.message]
    if finding.suggestion:
        lines.append(f"write: {finding.suggestion.text}")
    lines += [text for text in (finding.evidence, finding.heat, finding.cost and finding.cost.text) if text]
    return "\n".join(lines)


def _escaped(text: str, table: Sequence[tuple[str, str]]) -> str:
    for plain, escaped in table:
        text = text.replace(plain, escaped)
    return text
