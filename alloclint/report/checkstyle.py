"""Checkstyle's XML, which many reviewers and dashboards read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from alloclint.report.text import Sources
from alloclint.report.wording import sentence
from alloclint.report.xml import HEAD, attributes

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context

#: Of the format, not of a program.
_VERSION = "5.0"


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one element per file with findings; columns count characters, as Checkstyle's do."""
    sources = Sources(context.sources)
    out.write(f"{HEAD}<checkstyle{attributes({'version': _VERSION})}>\n")
    for path, group in groupby(findings, lambda finding: finding.path):
        out.write(f"  <file{attributes({'name': path})}>\n")
        out.writelines(f"    <error{attributes(_error(finding, sources))}/>\n" for finding in group)
        out.write("  </file>\n")
    out.write("</checkstyle>\n")


def _error(finding: Finding, sources: Sources) -> dict[str, object]:
    start = finding.place.start
    return {
        "line": start.line,
        "column": sources.character_column(finding.path, start),
        "severity": finding.severity.name,
        "message": sentence(finding),
        "source": f"alloclint.{finding.code}",
    }
