"""
The findings for programs, version 1.

Other programs rely on the keys: they are added to, never renamed or removed, within a version. Lines and
columns are 1-based, columns count UTF-8 bytes, `end` is exclusive; what is absent is null.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.finding import Finding, Severity

if TYPE_CHECKING:
    from alloclint.finding import Cost, Place, Position, Suggestion
    from alloclint.report import Context

VERSION = 1


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one object."""
    report = {
        "version": VERSION,
        "tool": {"name": "alloclint", "version": context.version},
        "findings": [finding_object(finding) for finding in findings],
        "summary": {
            "files": context.files,
            "findings": len(findings),
            **{level.name: sum(one.severity is level for one in findings) for level in reversed(Severity)},
            "hidden": sum(context.hidden.values()),
        },
    }
    json.dump(report, out, indent=2, ensure_ascii=False)
    out.write("\n")


def finding_object(finding: Finding) -> dict[str, object]:
    """One finding as it stands in the report."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.name,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "path": finding.path,
        "start": _position(finding.place.start),
        "end": _position(finding.place.end),
        "because": [_place(place) for place in finding.because],
        "evidence": finding.evidence,
        "suggestion": _suggestion(finding.suggestion),
        "cost": _cost(finding.cost),
        "fingerprint": finding.fingerprint,
    }


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}


def _place(place: Place) -> dict[str, object]:
    return {
        "path": place.path,
        "start": _position(place.start),
        "end": _position(place.end),
        "text": place.text,
    }


def _suggestion(suggestion: Suggestion | None) -> dict[str, object] | None:
    if suggestion is None:
        return None
    capacity = suggestion.capacity
    return {
        "text": suggestion.text,
        "capacity": {"expression": capacity.expression, "value": capacity.value} if capacity else None,
        "applicability": suggestion.applicability.value,
        "edits": [{"start": edit.start, "end": edit.end, "text": edit.text} for edit in suggestion.edits],
    }


def _cost(cost: Cost | None) -> dict[str, object] | None:
    if cost is None:
        return None
    return {"reallocations": cost.reallocations, "bytes": cost.bytes, "text": cost.text}
