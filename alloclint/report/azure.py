"""Logging commands of Azure Pipelines, which become issues of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Severity
from alloclint.report.text import Sources
from alloclint.report.wording import gravest_first, lines

if TYPE_CHECKING:
    from alloclint.report import Context

#: There are no more than these two.
_TYPES = {Severity.error: "error", Severity.warning: "warning", Severity.info: "warning"}
#: In a message and, besides these, in a property. `%` must be first; it has a form of its own.
_MESSAGE = (("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_MESSAGE, ("]", "%5D"), (";", "%3B"))


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one command per finding, the gravest first: the page of a run shows but a few."""
    sources = Sources(context.sources)
    for finding in gravest_first(findings):
        start = finding.place.start
        pairs = {
            "type": _TYPES[finding.severity],
            "sourcepath": context.in_repository(finding.path),
            "linenumber": start.line,
            "columnnumber": sources.character_column(finding.path, start),
            "code": finding.code,
        }
        properties = "".join(f"{key}={_escaped(str(value), _PROPERTY)};" for key, value in pairs.items())
        message = _escaped("\n".join(lines(finding)), _MESSAGE)
        out.write(f"##vso[task.logissue {properties}]{message}\n")


def _escaped(text: str, table: Sequence[tuple[str, str]]) -> str:
    for plain, escaped in table:
        text = text.replace(plain, escaped)
    return text
