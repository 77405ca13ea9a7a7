"""One line per finding: `path:line:column: CODE severity message`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.report.text import Sources, printable

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write the lines; columns count characters, as editors that jump to them do."""
    sources = Sources(context.sources)
    for finding in findings:
        start = finding.place.start
        column = sources.character_column(finding.path, start)
        message = printable(finding.message)
        if finding.suggestion:
            message += f": {printable(_on_one_line(finding.suggestion.text))}"
        path = printable(finding.path)
        out.write(f"{path}:{start.line}:{column}: {finding.code} {finding.severity.name} {message}\n")


def _on_one_line(text: str) -> str:
    """What goes over several lines, joined by blanks: a line of the output is a finding."""
    return re.sub(r"\s*\n\s*", " ", text)
