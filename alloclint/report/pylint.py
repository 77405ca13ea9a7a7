"""
One line per finding as pylint's format `parseable` has it: `path:line: [CODE(name), ] message`.

Jenkins, SonarQube and many scripts read that; it has no column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.report.text import printable
from alloclint.report.wording import sentence

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write the lines."""
    for finding in findings:
        name = f"({finding.name})" if finding.name else ""
        place = f"{printable(finding.path)}:{finding.place.start.line}"
        out.write(f"{place}: [{finding.code}{name}, ] {printable(sentence(finding))}\n")
