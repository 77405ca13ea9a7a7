"""
SARIF 2.1.0, as GitHub code scanning wants it.

It wants more than the standard: a description and a help text for every rule, no empty strings, and
fingerprints. An annotation shows up only if all lines of the region are part of the change, so a region
never exceeds one line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from alloclint.explain import readable
from alloclint.finding import Finding, Place, Severity
from alloclint.report.text import Sources

if TYPE_CHECKING:
    from alloclint.report import Context
    from alloclint.rule import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "note"}
_PROBLEMS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "recommendation"}
#: Longer descriptions are refused, and so is a file with more results or places than this.
_LONGEST = 1_024
_MOST_RESULTS = 25_000
_MOST_PLACES = 100


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one run; if there are too many findings for a file, the gravest of them."""
    chosen = list(findings)
    if len(chosen) > _MOST_RESULTS:
        chosen = sorted(sorted(chosen, key=lambda one: -one.severity)[:_MOST_RESULTS], key=Finding.order)
    rules = sorted(context.rules, key=lambda rule: rule.code)
    index = {rule.code: number for number, rule in enumerate(rules)}
    sources = Sources(context.sources)
    driver = {
        "name": "alloclint",
        "version": context.version or "0",
        "semanticVersion": context.version or "0.0.0",
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "results": [_result(finding, index, sources) for finding in chosen],
    }
    json.dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, out, indent=2, ensure_ascii=False)
    out.write("\n")


def _rule(rule: Rule) -> dict[str, Any]:
    page = readable(rule.page) or rule.name
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary[:_LONGEST] or rule.name},
        "fullDescription": {"text": page.split("```", 1)[0].strip()[:_LONGEST] or rule.name},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["performance", rule.family], "problem.severity": _PROBLEMS[rule.severity]},
    }


def _result(finding: Finding, index: dict[str, int], sources: Sources) -> dict[str, Any]:
    result: dict[str, Any] = {"ruleId": finding.code}
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    result |= {
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _physical(finding.place, sources)}],
        "partialFingerprints": {"alloclint/v1": finding.fingerprint or "0"},
        "properties": {"confidence": finding.confidence.value},
    }
    if finding.because:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _physical(place, sources),
                "message": {"text": place.text or "because of this"},
            }
            for number, place in enumerate(finding.because[:_MOST_PLACES], 1)
        ]
    if finding.suggestion and finding.suggestion.edits:
        result["fixes"] = [_fix(finding, sources)]
    return result


def _message(finding: Finding) -> str:
    parts = [finding.message]
    if finding.suggestion:
        parts.append(f"Write: {finding.suggestion.text}")
    parts += [text for text in (finding.evidence, finding.heat, finding.cost and finding.cost.text) if text]
    return "\n".join(parts)


def _physical(place: Place, sources: Sources) -> dict[str, Any]:
    return {"artifactLocation": _artifact(place.path), "region": _region(place, sources)}


def _artifact(path: str) -> dict[str, Any]:
    return {"uri": quote(path, safe="/~"), "uriBaseId": "%SRCROOT%"}


def _region(place: Place, sources: Sources) -> dict[str, int]:
    start, end = place.start, place.end
    region = {
        "startLine": start.line,
        "startColumn": sources.utf16_column(place.path, start),
        "endLine": start.line,
    }
    # Without an end column the region reaches to the end of its line.
    if end.line == start.line:
        region["endColumn"] = sources.utf16_column(place.path, end)
    return region


def _fix(finding: Finding, sources: Sources) -> dict[str, Any]:
    suggestion = finding.suggestion
    assert suggestion is not None
    replacements = [
        {
            "deletedRegion": _deleted(edit.start, edit.end, finding.path, sources),
            "insertedContent": {"text": edit.text},
        }
        for edit in suggestion.edits
    ]
    return {
        "description": {"text": f"{suggestion.text} ({suggestion.applicability.value})"},
        "artifactChanges": [{"artifactLocation": _artifact(finding.path), "replacements": replacements}],
    }


def _deleted(start: int, end: int, path: str, sources: Sources) -> dict[str, int]:
    first, last = sources.position(path, start), sources.position(path, end)
    return {
        "startLine": first.line,
        "startColumn": sources.utf16_column(path, first),
        "endLine": last.line,
        "endColumn": sources.utf16_column(path, last),
    }
