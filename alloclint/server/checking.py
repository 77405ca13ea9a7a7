"""
A text to its findings, with as much of the work for its last version as still holds.

The tree is always grown from the last one. After an edit inside one function that function is checked at
once, with everything that the file and the project know; the findings elsewhere are moved along with their
code, and after an edit outside of functions all of them. The whole file is checked when the editor's user
pauses, so what stays on the screen is what `alloclint check` prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from alloclint.discover import Note
from alloclint.examine import NOTHING, Examined, examine, examine_within
from alloclint.facts import LOOKS_AT
from alloclint.file import File
from alloclint.finding import Finding
from alloclint.passes import open_file
from alloclint.project.manifest import ManifestFile
from alloclint.server.document import Snapshot, Stretch
from alloclint.server.folder import Folder, shown
from alloclint.server.shifting import shifted

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.syntax.model import Function


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What is known of a text. `findings` are all of them, `shown` those that the settings want to be seen;
    unless `whole`, those outside of the function that was edited are from before. `file` is None for a text
    that is not in a language that is read.
    """

    snapshot: Snapshot
    folder: Folder
    generation: int
    file: File | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    whole: bool = True
    shown: tuple[Finding, ...] = ()


class Checker:
    """Checks texts; used by the worker only."""

    def __init__(self) -> None:
        self._trees: dict[str, tuple[int, tree_sitter.Tree]] = {}
        self._last: dict[str, Checked] = {}

    def check(self, snapshot: Snapshot, path: Path, folder: Folder, *, whole: bool) -> Checked:
        """The findings of a text; of the `whole` of it, or as fast as possible."""
        last = self._last.get(snapshot.uri)
        if last is not None and _is_current(last, snapshot, folder) and (last.whole or not whole):
            return last
        checked = None
        file = self._opened(snapshot, path, folder)
        if isinstance(file, File):
            if not whole and last is not None:
                checked = _edited(last, snapshot, file, folder)
            checked = checked or _whole(snapshot, file, path, folder)
        elif path == folder.sidecar_path:
            checked = Checked(snapshot, folder, folder.generation, findings=folder.about_project(path))
        else:
            notes = () if file is None else (file,)
            checked = Checked(snapshot, folder, folder.generation, notes=notes)
        checked = replace(checked, shown=folder.shown(checked.findings))
        self._last[snapshot.uri] = checked
        return checked

    def last(self, uri: str) -> Checked | None:
        """What is known of a text, which may have been edited since."""
        return self._last.get(uri)

    def forget(self, uri: str) -> None:
        self._trees.pop(uri, None)
        self._last.pop(uri, None)

    def _opened(self, snapshot: Snapshot, path: Path, folder: Folder) -> File | Note | None:
        if not folder.is_wanted(path):
            return None
        if len(snapshot.source) > folder.settings.max_file_bytes:
            return Note(shown(path), f"is larger than max-file-bytes = {folder.settings.max_file_bytes:_}")
        file = open_file(folder.target(path), snapshot.source, folder.settings, None)
        if file is not None and not isinstance(file, ManifestFile):
            self._grow(file, snapshot)
        return file

    def _grow(self, file: File, snapshot: Snapshot) -> None:
        """Parse what was edited since the last time, and take over the rest of the tree."""
        number, before = self._trees.get(snapshot.uri, (0, None))
        changes = snapshot.since(number)
        if before is not None:
            # The last version may still be asked about, and its tree must not change under it.
            before = before.copy() if changes is not None else None
            for change in changes or ():
                if before is not None:
                    change.tell(before)
        self._trees[snapshot.uri] = snapshot.number, file.grown_from(before)


def _is_current(last: Checked, snapshot: Snapshot, folder: Folder) -> bool:
    return (
        last.snapshot.number == snapshot.number
        and last.snapshot.source == snapshot.source
        and last.folder is folder
        and last.generation == folder.generation
    )


def _whole(snapshot: Snapshot, file: File, path: Path, folder: Folder) -> Checked:
    folder.put(file, path)
    project = folder.project
    given = folder.given(file.path) or NOTHING
    generation = folder.generation
    if not isinstance(file, ManifestFile):
        file = file.within(project)
    examined = examine(file, folder.plan, given)
    notes = (*examined.notes, *folder.trouble)
    return Checked(snapshot, folder, generation, file, examined.findings, notes)


def _edited(last: Checked, snapshot: Snapshot, file: File, folder: Folder) -> Checked | None:
    """The findings after edits inside one function, or in none; None where several may have changed."""
    changes = snapshot.since(last.snapshot.number)
    if not changes or last.file is None or last.folder is not folder or isinstance(file, ManifestFile):
        return None
    edited = reduce(Stretch.then, (change.stretch for change in changes))
    touched = _touched(file.unit.functions, edited)
    if touched is not None and not (touched.start < edited.start and edited.new_end <= touched.end):
        return None
    examined = Examined()
    kept = shifted(last.findings, edited, file)
    if touched is not None:
        file = file.within(folder.project)
        examined = examine_within(file, folder.plan, touched.span)
        kept = [one for one in kept if not _is_inside(one, touched) or not _is_told(one, folder)]
    findings = {one.order(): one for one in (*kept, *examined.findings)}
    ordered = tuple(sorted(findings.values(), key=Finding.order))
    return Checked(snapshot, folder, last.generation, file, ordered, examined.notes, whole=False)


def _touched(functions: Sequence[Function], edited: Stretch) -> Function | None:
    """The largest function that an edit has to do with; what runs when a module is loaded is none."""
    touched = [one for one in functions if _meet(one, edited) and not one.name.startswith("<")]
    return max(touched, key=lambda one: one.end - one.start, default=None)


def _meet(function: Function, edited: Stretch) -> bool:
    """Whether an edit has to do with a function: it changed some of it, or took something from its end."""
    is_cut = edited.start == edited.new_end == function.end
    return is_cut or (function.start < edited.new_end and edited.start < function.end)


def _is_inside(finding: Finding, function: Function) -> bool:
    return function.start <= finding.place.start.offset < function.end


def _is_told(finding: Finding, folder: Folder) -> bool:
    """Whether a finding comes from a rule that was asked again about the function."""
    for rule in folder.plan.active:
        if rule.code == finding.code:
            return rule.looks_at in LOOKS_AT and rule.looks_at is not File
    return False
