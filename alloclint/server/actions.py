"""What an editor offers to do: quick fixes, all safe fixes at once, and comments for alloclint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types as lsp

from alloclint.facts.building.constructions import Construction
from alloclint.file import File
from alloclint.finding import Applicability, Edit, Finding
from alloclint.fix import fixable, fixed
from alloclint.server.checking import Checked
from alloclint.server.comments import PLACEHOLDER, expecting
from alloclint.server.diagnostics import key
from alloclint.server.growth import constructions_near
from alloclint.server.text import difference
from alloclint.silence import silenced

FIX_ALL = "source.fixAll.alloclint"
KINDS = (lsp.CodeActionKind.QuickFix, FIX_ALL, lsp.CodeActionKind.RefactorRewrite)
#: What stands for a reason, where the settings require one.
_REASON = "why this may stay"
#: The longest code that a menu shows.
_TITLE = 60


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the editor can do with an edit: check it against a version, jump to a placeholder."""

    versions: bool = False
    snippets: bool = False


def actions(
    checked: Checked, wanted: lsp.Range, context: lsp.CodeActionContext, abilities: Abilities
) -> list[lsp.CodeAction]:
    """The actions for a stretch of a text, of the kinds that the editor asks for."""
    if checked.file is None:
        return []
    maker = _Maker(checked, checked.file, abilities, context.diagnostics)
    only = context.only
    found: list[lsp.CodeAction] = []
    if _is_asked(only, lsp.CodeActionKind.QuickFix):
        here = _findings(checked, wanted)
        found += [*maker.fixes(here), *maker.ignores(here)]
    if _is_asked(only, lsp.CodeActionKind.RefactorRewrite):
        found += maker.annotations(wanted)
    if _is_asked(only, FIX_ALL):
        found += maker.all_fixes()
    return found


def _is_asked(only: Sequence[lsp.CodeActionKind | str] | None, kind: str) -> bool:
    """Whether a kind is asked for; a kind stands for all those below it."""
    if only is None:
        return True
    asked = [one.value if isinstance(one, lsp.CodeActionKind) else one for one in only]
    return any(one in ("", kind) or kind.startswith(f"{one}.") for one in asked)


def _findings(checked: Checked, wanted: lsp.Range) -> list[Finding]:
    """The findings shown on the lines of a stretch."""
    lines = checked.snapshot.lines
    first, last = lines.start(wanted.start.line), lines.end(wanted.end.line)
    return [
        finding
        for finding in checked.shown
        if finding.place.start.offset <= last and finding.place.end.offset >= first
    ]


class _Maker:
    def __init__(
        self, checked: Checked, file: File, abilities: Abilities, shown: Sequence[lsp.Diagnostic]
    ) -> None:
        self._checked, self._file, self._abilities = checked, file, abilities
        self._shown = {one.data: one for one in shown if isinstance(one.data, str)}
        self._lines = checked.snapshot.lines

    def fixes(self, findings: Iterable[Finding]) -> Iterator[lsp.CodeAction]:
        """What the findings suggest, the safe ones first."""
        offered = [one for one in findings if fixable(one, unsafe=True)]
        for finding in sorted(offered, key=lambda one: not fixable(one, unsafe=False)):
            suggestion = finding.suggestion
            if suggestion is not None:
                is_safe = suggestion.applicability is Applicability.safe
                yield lsp.CodeAction(
                    title=f"{_written(suggestion.text)}{'' if is_safe else ' (unsafe)'}",
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=self._diagnostics(finding),
                    is_preferred=True if is_safe else None,
                    edit=self._edit(suggestion.edits),
                )

    def ignores(self, findings: Iterable[Finding]) -> Iterator[lsp.CodeAction]:
        """A comment for each finding that says that it is known."""
        plan = self._checked.folder.plan
        reason = _REASON if plan.settings.require_reason else ""
        for finding in findings:
            done = silenced(self._file.source, self._file.path, [finding], plan.rules, reason)
            if done.hidden:
                yield lsp.CodeAction(
                    title=f"Ignore {finding.code} ({finding.name}) on this line",
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=self._diagnostics(finding),
                    edit=self._edit(done.edits),
                )

    def annotations(self, wanted: lsp.Range) -> Iterator[lsp.CodeAction]:
        """An expected size for each collection that is built here and has none."""
        for built in self._built(wanted):
            name = built.name or built.field_name
            yield lsp.CodeAction(
                title=f"Annotate expected size of `{name}`…" if name else "Annotate expected size…",
                kind=lsp.CodeActionKind.RefactorRewrite,
                edit=self._edit([expecting(built, self._lines)], PLACEHOLDER),
            )

    def _built(self, wanted: lsp.Range) -> list[Construction]:
        first = self._lines.start(wanted.start.line)
        last = self._lines.end(wanted.end.line)
        return [
            built
            for built in constructions_near(self._file, first)
            if first <= built.node.start <= last and built.cardinality is None
        ]

    def all_fixes(self) -> Iterator[lsp.CodeAction]:
        """Everything that is safe, in one edit."""
        findings = self._checked.shown
        if not any(fixable(one, unsafe=False) for one in findings):
            return
        source = self._file.source
        done = fixed(source, findings, unsafe=False)
        if done.applied:
            start, end, stop = difference(source, done.source)
            yield lsp.CodeAction(
                title="Apply all safe fixes of alloclint",
                kind=FIX_ALL,
                edit=self._edit([Edit(start, end, done.source[start:stop].decode("utf-8", "replace"))]),
            )

    def _diagnostics(self, finding: Finding) -> list[lsp.Diagnostic] | None:
        shown = self._shown.get(key(finding))
        return [shown] if shown is not None else None

    def _edit(self, edits: Iterable[Edit], placeholder: str | None = None) -> lsp.WorkspaceEdit:
        snapshot = self._checked.snapshot
        changes = [
            lsp.TextEdit(self._lines.range(edit.start, edit.end), edit.text) for edit in dict.fromkeys(edits)
        ]
        if not self._abilities.versions:
            return lsp.WorkspaceEdit(changes={snapshot.uri: changes})
        document = lsp.OptionalVersionedTextDocumentIdentifier(snapshot.uri, snapshot.version)
        snippets = self._abilities.snippets and placeholder is not None
        written = [_snippet(one, placeholder) if snippets and placeholder else one for one in changes]
        return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(document, written)])


def _snippet(edit: lsp.TextEdit, placeholder: str) -> lsp.SnippetTextEdit:
    """The same edit with the cursor on its placeholder."""
    text = edit.new_text.replace("\\", "\\\\").replace("$", "\\$")
    value = text.replace(placeholder, f"${{1:{placeholder}}}", 1)
    return lsp.SnippetTextEdit(edit.range, lsp.StringValue(value))


def _written(text: str) -> str:
    first, *more = text.strip().split("\n")
    short = first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"
    return f"Write `{short}`" if not more else f"Write `{short}` …"
