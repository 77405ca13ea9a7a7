"""
GitLab's code quality report.

Of several entries with one fingerprint GitLab shows the first, and it shows no name of a check: the
description has to say all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Place, Severity
from alloclint.report.wording import sentence

if TYPE_CHECKING:
    from alloclint.report import Context

_SEVERITIES = {Severity.error: "major", Severity.warning: "minor", Severity.info: "info"}


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one list."""
    seen: dict[str, int] = {}
    entries = []
    for finding in findings:
        key = finding.fingerprint or finding.code
        seen[key] = seen.get(key, 0) + 1
        entries.append(_entry(finding, key if seen[key] == 1 else f"{key}:{seen[key]}", context))
    json.dump(entries, out, indent=2, ensure_ascii=False)
    out.write("\n")


def _entry(finding: Finding, fingerprint: str, context: Context) -> dict[str, object]:
    entry: dict[str, object] = {
        "type": "issue",
        "check_name": finding.name or finding.code,
        "description": f"{finding.code} {sentence(finding)}",
        "categories": ["Performance"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": _location(finding.place, context),
    }
    if finding.because:
        entry["other_locations"] = [_location(place, context) for place in finding.because]
    return entry


def _location(place: Place, context: Context) -> dict[str, object]:
    lines = {"begin": place.start.line, "end": place.end.line}
    return {"path": context.in_repository(place.path), "lines": lines}
