"""What a finding says, in one text: for the formats that have room for a message and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


def on_one_line(text: str) -> str:
    """What goes over several lines, joined by blanks."""
    return re.sub(r"\s*[\n\r]\s*", " ", text)
