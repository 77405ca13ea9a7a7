"""Findings as an editor shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lsprotocol import types as lsp

from alloclint.finding import Applicability, Finding, Place, Severity
from alloclint.rule import Rule
from alloclint.server.checking import Checked
from alloclint.server.text import Lines

SOURCE = "alloclint"
_SEVERITIES = {
    Severity.error: lsp.DiagnosticSeverity.Error,
    Severity.warning: lsp.DiagnosticSeverity.Warning,
    Severity.info: lsp.DiagnosticSeverity.Information,
}
#: What these rules report has no effect, and is shown faded.
_UNNECESSARY = frozenset({"unused-suppression", "unused-annotation"})


def diagnostics(checked: Checked) -> list[lsp.Diagnostic]:
    """What an editor shows of a text."""
    rules = {rule.code: rule for rule in checked.folder.plan.rules}
    writer = _Writer(checked, rules)
    return [writer.diagnostic(finding) for finding in checked.shown]


def key(finding: Finding) -> str:
    """What a diagnostic is recognised by when the editor hands it back."""
    start, end = finding.place.start.offset, finding.place.end.offset
    return f"{finding.code}:{start}:{end}"


def message(finding: Finding) -> str:
    """What is wrong, what to write and why, a line each."""
    return "\n".join([finding.message, *_reasons(finding)])


def _reasons(finding: Finding) -> Iterator[str]:
    suggestion = finding.suggestion
    if suggestion is not None:
        unsafe = " (may change what the program does)" * (suggestion.applicability is Applicability.unsafe)
        yield f"write: {suggestion.text}{unsafe}"
    if finding.evidence:
        yield f"because: {finding.evidence}"
    if finding.cost is not None:
        yield f"saves: {finding.cost.text}"
    if finding.heat:
        yield f"hot: {finding.heat}"


class _Writer:
    def __init__(self, checked: Checked, rules: Mapping[str, Rule]) -> None:
        self._checked, self._rules = checked, rules
        self._others: dict[str, Lines | None] = {}

    def diagnostic(self, finding: Finding) -> lsp.Diagnostic:
        place = finding.place
        rule = self._rules.get(finding.code)
        return lsp.Diagnostic(
            range=self._checked.snapshot.lines.range(place.start.offset, place.end.offset),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            # The page of a rule is the head of its file.
            code_description=lsp.CodeDescription(rule.path.absolute().as_uri()) if rule else None,
            source=SOURCE,
            message=message(finding),
            tags=[lsp.DiagnosticTag.Unnecessary] if finding.name in _UNNECESSARY else None,
            related_information=list(self._related(finding)) or None,
            data=key(finding),
        )

    def _related(self, finding: Finding) -> Iterator[lsp.DiagnosticRelatedInformation]:
        for place in finding.because:
            lines = self._lines(place)
            if lines is not None:
                where = lines.range(place.start.offset, place.end.offset)
                location = lsp.Location(self._uri(place), where)
                yield lsp.DiagnosticRelatedInformation(location, place.text or "see here")

    def _is_here(self, place: Place) -> bool:
        return self._checked.file is not None and place.path == self._checked.file.path

    def _uri(self, place: Place) -> str:
        return self._checked.snapshot.uri if self._is_here(place) else Path(place.path).absolute().as_uri()

    def _lines(self, place: Place) -> Lines | None:
        """The lines of the file that a place is in; None if it cannot be read."""
        snapshot = self._checked.snapshot
        if self._is_here(place):
            return snapshot.lines
        if place.path not in self._others:
            source = self._checked.folder.source(place.path)
            self._others[place.path] = None if source is None else Lines(source, snapshot.encoding)
        return self._others[place.path]
