"""
The page that GitHub shows for a job, in Markdown, written beside the format `github`.

Annotations are ten of each level; here is the whole picture: what was found by rule, then finding by finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.report.text import printable
from alloclint.report.wording import counted, gravest_first, on_one_line

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context

#: A summary may have a megabyte for all steps together, and nobody reads further.
_MOST = 200
_LONGEST = 300


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write a heading, and tables if there is anything to tell."""
    files = counted(context.files, "file")
    out.write("### alloclint\n\n")
    if not findings:
        out.write(f"No findings in {files}.\n\n")
        return
    ordered = gravest_first(findings)
    out.write(f"{counted(len(ordered), 'finding')} in {files}.\n\n")
    out.write("| severity | where | rule | what | write |\n|---|---|---|---|---|\n")
    out.writelines(_row(finding, context) for finding in ordered[:_MOST])
    if len(ordered) > _MOST:
        out.write(f"\nThe other {len(ordered) - _MOST:,} by rule:\n\n| rule | findings |\n|---|---|\n")
        counts = Counter(f"{finding.code} {finding.name}" for finding in ordered[_MOST:])
        out.writelines(f"| {_plain(rule)} | {count:,} |\n" for rule, count in counts.most_common())
    out.write("\n")


def _row(finding: Finding, context: Context) -> str:
    cells = (
        finding.severity.name,
        _code(f"{context.in_repository(finding.path)}:{finding.place.start.line}"),
        _plain(f"{finding.code} {finding.name}"),
        _plain(finding.message),
        _code(finding.suggestion.text) if finding.suggestion else "",
    )
    return f"| {' | '.join(cells)} |\n"


def _plain(text: str) -> str:
    """Text for a cell. Backticks keep their meaning, for messages quote code with them."""
    # What is between brackets of a pattern is at odd places.
    parts = re.split(r"`([^`]*)`", _cut(text))
    return "".join(_code(part) if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~&@])", r"\\\1", text)


def _code(text: str) -> str:
    """Code for a cell, between more backticks than it has; a bar would end the cell even there."""
    text = _cut(text).replace("|", "\\|")
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}" if text else ""


def _cut(text: str) -> str:
    text = printable(on_one_line(text))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
