"""Findings about settings that several programs share: one is enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alloclint.finding import Finding, Place


def distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Of the findings at one place the first: an image's variable is in every unit that runs it."""
    seen: set[Place] = set()
    for finding in findings:
        if finding.place not in seen:
            seen.add(finding.place)
            yield finding
