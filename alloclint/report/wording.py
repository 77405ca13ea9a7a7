"""What a finding says, in one text: for the formats that have room for a message and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alloclint.finding import Finding


def sentence(finding: Finding) -> str:
    """The message and what to write, on one line."""
    if finding.suggestion is None:
        return on_one_line(finding.message)
    return f"{on_one_line(finding.message)}: {on_one_line(finding.suggestion.text)}"


def lines(finding: Finding) -> list[str]:
    """The message, what to write, and the evidence for it, a line each or more."""
    write = finding.suggestion and f"write: {finding.suggestion.text}"
    cost = finding.cost and finding.cost.text
    texts = (finding.message, write, finding.evidence, heat(finding), cost)
    return [text for text in texts if text]


def heat(finding: Finding) -> str | None:
    """Why the code is hot, unless the evidence says so already."""
    return None if finding.heat and finding.heat in (finding.evidence or "") else finding.heat


def counted(number: int, noun: str) -> str:
    """`1 file`, `1,200 files`; three infos read odd, but so does any other plural of the word."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """By severity, and by place among equals: readers and services stop somewhere."""
    return sorted(findings, key=lambda finding: (-finding.severity, finding.order()))


def on_one_line(text: str) -> str:
    """What goes over several lines, joined by blanks."""
    return re.sub(r"\s*[\n\r]\s*", " ", text)
