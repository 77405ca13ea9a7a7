"""One line per finding: `path:line:column: CODE severity message`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.report.text import Sources, printable
from alloclint.report.wording import sentence

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write the lines; columns count characters, as editors that jump to them do."""
    sources = Sources(context.sources)
    for finding in findings:
        start = finding.place.start
        column = sources.character_column(finding.path, start)
        path, message = printable(finding.path), printable(sentence(finding))
        out.write(f"{path}:{start.line}:{column}: {finding.code} {finding.severity.name} {message}\n")
