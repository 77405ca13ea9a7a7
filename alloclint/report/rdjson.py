"""
Reviewdog's diagnostics, all in one object. Lines and columns are those of the findings: from 1, in UTF-8
bytes, the end exclusive. Paths are relative to the working directory, from which reviewdog is run, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Place, Position, Severity
from alloclint.report.text import Sources
from alloclint.report.wording import lines

if TYPE_CHECKING:
    from alloclint.report import Context

SOURCE = {"name": "alloclint"}
_SEVERITIES = {Severity.error: "ERROR", Severity.warning: "WARNING", Severity.info: "INFO"}


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one object."""
    sources = Sources(context.sources)
    report = {"source": SOURCE, "diagnostics": [diagnostic(finding, sources) for finding in findings]}
    json.dump(report, out, indent=2, ensure_ascii=False)
    out.write("\n")


def diagnostic(finding: Finding, sources: Sources) -> dict[str, object]:
    """One finding as it stands in the report."""
    found: dict[str, object] = {
        "message": "\n".join(lines(finding)),
        "location": _location(finding.place),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    if suggestion := _suggestion(finding, sources):
        found["suggestions"] = [suggestion]
    if finding.because:
        found["related_locations"] = [
            {"message": place.text or "because of this", "location": _location(place)}
            for place in finding.because
        ]
    return found


def _suggestion(finding: Finding, sources: Sources) -> dict[str, object] | None:
    """
    All edits as one, if they are where the finding is: reviewers apply a suggestion with a click, alone, so
    that half of a change, without its import, would break their code.
    """
    source = sources[finding.path]
    edits = sorted(finding.suggestion.edits, key=lambda edit: edit.start) if finding.suggestion else []
    if not edits or source is None or edits[-1].end > len(source):
        return None
    first = sources.position(finding.path, edits[0].start)
    last = sources.position(finding.path, max(edit.end for edit in edits))
    if first.line < finding.place.start.line or last.line > finding.place.end.line:
        return None
    text, at = b"", first.offset
    for edit in edits:
        if edit.start < at:
            return None
        text += source[at : edit.start] + edit.text.encode()
        at = edit.end
    return {"range": _range(first, last), "text": text.decode(errors="replace")}


def _location(place: Place) -> dict[str, object]:
    return {"path": place.path, "range": _range(place.start, place.end)}


def _range(start: Position, end: Position) -> dict[str, object]:
    return {
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }
