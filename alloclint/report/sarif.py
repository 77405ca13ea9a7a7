"""
SARIF 2.1.0, as GitHub code scanning wants it.

It wants more than the standard: a description and a help text for every rule, no empty strings,
fingerprints, and paths from the top of the repository. An annotation shows up only if all lines of the region
are part of the change, so a region never exceeds one line. Other places are shown only where the message has
links to them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from alloclint.explain import readable
from alloclint.finding import Finding, Place, Severity
from alloclint.report.line_hash import line_hashes
from alloclint.report.text import Sources
from alloclint.report.wording import heat, on_one_line

if TYPE_CHECKING:
    from alloclint.finding import Suggestion
    from alloclint.report import Context
    from alloclint.rule import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "note"}
_PROBLEMS = {Severity.error: "error", Severity.warning: "warning", Severity.info: "recommendation"}
#: Longer descriptions are refused, and so is a file with more results or places than this.
_LONGEST = 1_024
_MOST_RESULTS = 25_000
_MOST_PLACES = 100
#: More links than this make a message unreadable.
_MOST_LINKS = 5
_ROOT = "%SRCROOT%"
_BRACKETS, _ESCAPED = r"([][\\])", r"\\\1"


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one run; if there are too many findings for a file, the gravest of them."""
    chosen = list(findings)
    if len(chosen) > _MOST_RESULTS:
        chosen = sorted(sorted(chosen, key=lambda one: -one.severity)[:_MOST_RESULTS], key=Finding.order)
    rules = sorted(context.rules, key=lambda rule: rule.code)
    driver = {
        "name": "alloclint",
        "version": context.version or "0",
        "semanticVersion": context.version or "0.0.0",
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(len(findings), len(chosen))],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "results": list(map(_Results(rules, context).result, chosen)),
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    # Nobody reads it as text, and indented it would take several times as long for thousands of findings.
    out.write(json.dumps(log, ensure_ascii=False) + "\n")


def _invocation(found: int, written: int) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if written < found:
        text = f"There are {found:,} findings; these are the gravest {written:,}, for more are refused."
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return invocation


def _rule(rule: Rule) -> dict[str, Any]:
    page = readable(rule.page) or rule.name
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary[:_LONGEST] or rule.name},
        "fullDescription": {"text": page.split("```", 1)[0].strip()[:_LONGEST] or rule.name},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["performance", rule.family],
            "precision": "high",
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }


class _Results:
    """Makes results; what is known of a file is kept for the next finding in it."""

    def __init__(self, rules: Sequence[Rule], context: Context) -> None:
        self.index = {rule.code: number for number, rule in enumerate(rules)}
        self.context = context
        self.sources = Sources(context.sources)
        self.hashed: tuple[str, list[str]] = ("", [])

    def result(self, finding: Finding) -> dict[str, Any]:
        """One finding."""
        result: dict[str, Any] = {"ruleId": finding.code}
        if finding.code in self.index:
            result["ruleIndex"] = self.index[finding.code]
        places = finding.because[:_MOST_PLACES]
        result |= {
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding, places)},
            "locations": [{"physicalLocation": self._physical(finding.place)}],
            "partialFingerprints": self._fingerprints(finding),
            "properties": {"confidence": finding.confidence.value},
        }
        if places:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "physicalLocation": self._physical(place),
                    "message": {"text": place.text or "because of this"},
                }
                for number, place in enumerate(places, 1)
            ]
        if finding.suggestion and finding.suggestion.edits:
            result["fixes"] = [self._fix(finding, finding.suggestion)]
        return result

    def _fingerprints(self, finding: Finding) -> dict[str, str]:
        found = {"alloclint/v1": finding.fingerprint or "0"}
        if finding.path != self.hashed[0]:
            source = self.sources[finding.path]
            self.hashed = finding.path, [] if source is None else line_hashes(source)
        number = finding.place.start.line - 1
        if number < len(self.hashed[1]):
            found["primaryLocationLineHash"] = self.hashed[1][number]
        return found

    def _physical(self, place: Place) -> dict[str, Any]:
        return {"artifactLocation": self._artifact(place.path), "region": self._region(place)}

    def _artifact(self, path: str) -> dict[str, str]:
        path = self.context.in_repository(path)
        if path.startswith("/") or re.match("[A-Za-z]:/", path):
            return {"uri": f"file:///{quote(path.lstrip('/'), safe='/~:')}"}
        return {"uri": quote(path, safe="/~"), "uriBaseId": _ROOT}

    def _region(self, place: Place) -> dict[str, int]:
        start, end = place.start, place.end
        region = {
            "startLine": start.line,
            "startColumn": self.sources.utf16_column(place.path, start),
            "endLine": start.line,
        }
        # Without an end column the region reaches to the end of its line.
        if end.line == start.line:
            region["endColumn"] = self.sources.utf16_column(place.path, end)
        return region

    def _fix(self, finding: Finding, suggestion: Suggestion) -> dict[str, Any]:
        replacements = [
            {
                "deletedRegion": self._deleted(edit.start, edit.end, finding.path),
                "insertedContent": {"text": edit.text},
            }
            for edit in suggestion.edits
        ]
        change = {"artifactLocation": self._artifact(finding.path), "replacements": replacements}
        text = f"{suggestion.text} ({suggestion.applicability.value})"
        return {"description": {"text": text}, "artifactChanges": [change]}

    def _deleted(self, start: int, end: int, path: str) -> dict[str, int]:
        first, last = self.sources.position(path, start), self.sources.position(path, end)
        return {
            "startLine": first.line,
            "startColumn": self.sources.utf16_column(path, first),
            "endLine": last.line,
            "endColumn": self.sources.utf16_column(path, last),
        }


def _message(finding: Finding, places: Sequence[Place]) -> str:
    parts = [finding.message]
    if finding.suggestion:
        parts.append(f"Write: {finding.suggestion.text}")
    parts += [text for text in (finding.evidence, heat(finding), finding.cost and finding.cost.text) if text]
    if links := [_link(number, place) for number, place in enumerate(places[:_MOST_LINKS], 1)]:
        parts.append(f"See: {', '.join(links)}")
    return "\n".join(parts)


def _link(number: int, place: Place) -> str:
    text = on_one_line(place.text) or f"line {place.start.line}"
    return f"[{re.sub(_BRACKETS, _ESCAPED, text)}]({number})"
