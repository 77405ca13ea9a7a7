"""
A session with one editor: its folders, its open texts, and what is checked when.

Handlers of the protocol call in from the loop; all that costs time is given to the worker. An edit calls off
what is under way for the older text.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from lsprotocol import types as lsp

from alloclint.baseline import BaselineError
from alloclint.cardinality.sidecar import SidecarError
from alloclint.rule import RuleError
from alloclint.server import actions, diagnostics, growth, watching
from alloclint.server.checking import Checked, Checker
from alloclint.server.document import Document
from alloclint.server.folder import Folder, nearest
from alloclint.server.options import Options
from alloclint.server.text import Encoding
from alloclint.server.worker import Abandoned, Ticket, Worker
from alloclint.settings import SettingsError

#: So long the first answer waits for the other files of the folder to be known.
_PATIENCE_SECONDS = 0.5
#: So long the worker stays with a folder's files before it looks whether an editor's user waits.
_STEP_SECONDS = 0.03
_SUFFIXES = {"rust": ".rs", "java": ".java", "python": ".py", "dockerfile": ".dockerfile"}
_TROUBLE = (SettingsError, RuleError, SidecarError, BaselineError, OSError)


class Client(Protocol):
    """What a session tells its editor."""

    def publish(self, uri: str, version: int | None, found: list[lsp.Diagnostic]) -> None:
        """Show these instead of all earlier ones."""

    def refresh(self) -> None:
        """Ask for the diagnostics of all texts again."""

    def log(self, message: str) -> None:
        """Write a line to the editor's log."""

    def complain(self, message: str) -> None:
        """Tell the user."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How the editor wants to be spoken to."""

    encoding: Encoding = "utf-16"
    pulls: bool = False
    refreshes: bool = False
    edits: actions.Abilities = field(default_factory=actions.Abilities)


@dataclass(eq=False)
class Open:
    """An open text. `task` is what will be shown next, `shown` a digest of what is shown now."""

    document: Document
    path: Path
    tickets: set[Ticket] = field(default_factory=set)
    task: asyncio.Task[None] | None = None
    shown: str | None = None


class Session:
    """Everything between `initialize` and `exit`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.capabilities = Capabilities()
        self.options = Options()
        self._worker = Worker()
        self._checker = Checker()
        self._folders: list[Folder] = []
        self._loose: dict[Path, Folder] = {}
        self._open: dict[str, Open] = {}
        self._surveys: dict[Folder, asyncio.Task[None]] = {}
        self._told: set[str] = set()

    # -- folders

    def enter(self, roots: Sequence[Path]) -> None:
        """Take the folders that the editor was opened with; findings name files as seen from the first."""
        if roots and roots[0].is_dir():
            os.chdir(roots[0])
        self._folders = [Folder(root, self.options, self._worker) for root in roots]

    def start(self) -> None:
        """Begin to read the folders."""
        for folder in self._folders:
            self._read(folder)

    def change_roots(self, added: Iterable[Path], removed: Iterable[Path]) -> None:
        """Folders were added to the workspace, or taken out of it."""
        gone = set(removed)
        for folder in [one for one in self._folders if one.root in gone]:
            self._folders.remove(folder)
            self._stop(folder)
        for root in added:
            self._folders.append(Folder(root, self.options, self._worker))
            self._read(self._folders[-1])
        self._again()

    def configure(self, options: Options) -> None:
        """Other settings: everything is read and checked again."""
        if options == self.options:
            return
        self.options = options
        for folder in (*self._folders, *self._loose.values()):
            folder.options = options
            self._read(folder)

    async def files_changed(self, paths: Sequence[Path]) -> None:
        """Files were made, changed or deleted on disk."""
        for folder in (*self._folders, *self._loose.values()):
            await self._read_so_far(folder)
            ours = [path for path in paths if path.is_relative_to(folder.root)]
            # Settings may stand above the folder that they hold for.
            if watching.changes_settings(ours or paths, folder):
                self._read(folder)
            elif ours:
                before = folder.generation
                await self._worker.run(partial(_take, folder, ours))
                if folder.generation != before:
                    self._again(folder)

    def _read(self, folder: Folder) -> None:
        self._stop(folder)
        self._surveys[folder] = asyncio.create_task(self._surveying(folder))

    def _stop(self, folder: Folder) -> None:
        task = self._surveys.pop(folder, None)
        if task is not None:
            task.cancel()

    async def _surveying(self, folder: Folder) -> None:
        try:
            await self._worker.run(folder.load)
        except _TROUBLE as error:
            self.client.complain(f"alloclint: {error}")
        steps = folder.survey()
        while not await self._worker.run(partial(_advance, steps)):
            pass
        self._again(folder)

    async def _read_so_far(self, folder: Folder) -> None:
        """Wait until a folder can be asked, and a little for all of its files to be known."""
        task = self._surveys.get(folder)
        if task is not None and not task.done():
            await asyncio.wait([task], timeout=_PATIENCE_SECONDS)
        while not folder.is_loaded:
            await asyncio.sleep(_STEP_SECONDS)

    def _folder_of(self, one: Open) -> Folder:
        folder = nearest(self._folders, one.path)
        if folder is not None:
            return folder
        parent = one.path.parent
        if parent not in self._loose:
            self._loose[parent] = Folder(parent, self.options, self._worker, whole=False)
            self._read(self._loose[parent])
        return self._loose[parent]

    # -- texts

    def open(self, uri: str, language_id: str, version: int, text: str, path: Path | None) -> None:
        """A text was opened; `path` is None for one that is in no file."""
        document = Document(uri, language_id, version, text, self.capabilities.encoding)
        self._open[uri] = Open(document, path or self._place_for(uri, language_id))
        self._show(self._open[uri], 0, whole=True)

    def _place_for(self, uri: str, language_id: str) -> Path:
        """Where a text without a file would lie: in the first folder, named for its language."""
        root = self._folders[0].root if self._folders else Path.cwd()
        return root / f"{re.sub(r'[^A-Za-z0-9]+', '-', uri)}{_SUFFIXES.get(language_id, '')}"

    def change(self, uri: str, version: int, events: Sequence[Any]) -> None:
        """A text was edited."""
        one = self._open.get(uri)
        if one is None:
            return
        one.document.change(version, events)
        for other in self._open.values():
            # What settles another text may wait as well: the user looks at this one.
            if other is one or other.task is not None:
                for ticket in other.tickets:
                    ticket.call_off()
        self._show(one, self.options.debounce, whole=False)

    def close(self, uri: str) -> None:
        """A text was closed: nothing is shown of it, and its file holds again."""
        one = self._open.pop(uri, None)
        if one is None:
            return
        if one.task is not None:
            one.task.cancel()
        self._spawn(self._closing(one, uri))
        if not self.capabilities.pulls:
            self.client.publish(uri, None, [])

    async def _closing(self, one: Open, uri: str) -> None:
        folder = self._folder_of(one)
        await self._read_so_far(folder)
        await self._worker.run(partial(folder.close, one.path))
        if uri not in self._open:
            await self._worker.run(partial(self._checker.forget, uri))

    # -- answers

    async def pull(self, uri: str) -> list[lsp.Diagnostic]:
        """The diagnostics of a text, as the editor asks for them."""
        one = self._open.get(uri)
        if one is None:
            return []
        checked = await self._latest(one, whole=not self.capabilities.refreshes)
        found = await self._worker.run(partial(diagnostics.diagnostics, checked))
        one.shown = digest(found)
        if not checked.whole:
            self._show(one, 0, whole=False)
        return found

    async def actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """What can be done about a stretch of a text."""
        one = self._open.get(params.text_document.uri)
        if one is None:
            return []
        checked = await self._latest(one, whole=False)
        make = partial(actions.actions, checked, params.range, params.context, self.capabilities.edits)
        return await self._worker.run(make)

    async def hover(self, uri: str, position: lsp.Position) -> lsp.Hover | None:
        """How the collection under the cursor grows."""
        one = self._open.get(uri)
        if one is None:
            return None
        checked = await self._latest(one, whole=False)
        return await self._worker.run(partial(_hover, checked, position))

    # -- checking

    async def _latest(self, one: Open, *, whole: bool) -> Checked:
        """What is known of the text as it is now; an edit meanwhile makes it begin anew."""
        while True:
            try:
                return await self._checked(one, whole=whole)
            except Abandoned:
                continue

    async def _checked(self, one: Open, *, whole: bool) -> Checked:
        folder = self._folder_of(one)
        await self._read_so_far(folder)
        ticket, snapshot = Ticket(), one.document.now
        one.tickets.add(ticket)
        before = folder.generation
        try:
            work = partial(self._checker.check, snapshot, one.path, folder, whole=whole)
            checked = await self._worker.run(work, ticket)
        finally:
            one.tickets.discard(ticket)
        one.document.settled(snapshot.number)
        self._tell(checked)
        if folder.generation != before:
            self._again(folder, but=one)
        return checked

    def _tell(self, checked: Checked) -> None:
        for note in checked.notes:
            message = f"{note.path}: {note.message}" if note.path else note.message
            if message not in self._told:
                self._told.add(message)
                self.client.log(message)

    def _again(self, folder: Folder | None = None, but: Open | None = None) -> None:
        """What is known of other files has changed: check the open texts of a folder, or all."""
        concerned = [
            one
            for one in self._open.values()
            if one is not but and (folder is None or self._folder_of(one) is folder)
        ]
        delay = 0 if but is None else self.options.settle
        for one in concerned:
            if one.task is None or one.task.done():
                self._show(one, delay, whole=True)

    def _show(self, one: Open, delay: float, *, whole: bool) -> None:
        """Show what is found in a text, after some seconds without another edit."""
        if one.task is not None:
            one.task.cancel()
        one.task = self._spawn(
            self._pulled(one, delay) if self.capabilities.pulls else self._pushed(one, delay, whole)
        )

    async def _pushed(self, one: Open, delay: float, whole: bool) -> None:
        await asyncio.sleep(delay)
        if not whole:
            checked = await self._latest(one, whole=False)
            await self._publish(one, checked)
            if checked.whole:
                return
            await asyncio.sleep(self.options.settle)
        await self._publish(one, await self._latest(one, whole=True))

    async def _publish(self, one: Open, checked: Checked) -> None:
        found = await self._worker.run(partial(diagnostics.diagnostics, checked))
        snapshot = checked.snapshot
        if self._open.get(snapshot.uri) is one and digest(found) != one.shown:
            one.shown = digest(found)
            self.client.publish(snapshot.uri, snapshot.version, found)

    async def _pulled(self, one: Open, delay: float) -> None:
        """The editor asks by itself after an edit; it is told when the answer has become another one."""
        await asyncio.sleep(delay + self.options.settle)
        if one.shown is None or not self.capabilities.refreshes:
            return
        checked = await self._latest(one, whole=True)
        found = await self._worker.run(partial(diagnostics.diagnostics, checked))
        if digest(found) != one.shown:
            self.client.refresh()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Abandoned):
            self.client.log(f"alloclint: {type(error).__name__}: {error}; please report this")

    def stop(self) -> None:
        """End all work, and wait for what cannot be interrupted."""
        for one in self._open.values():
            if one.task is not None:
                one.task.cancel()
        for folder in list(self._surveys):
            self._stop(folder)
        self._worker.stop()


def digest(found: Iterable[lsp.Diagnostic]) -> str:
    """The same for the same diagnostics."""
    return hashlib.sha256("\0".join(map(repr, found)).encode()).hexdigest()[:16]


def _advance(steps: Iterator[None]) -> bool:
    """Some steps of a survey; whether that was the last."""
    end = time.monotonic() + _STEP_SECONDS
    while time.monotonic() < end:
        try:
            next(steps)
        except StopIteration:
            return True
    return False


def _take(folder: Folder, paths: Iterable[Path]) -> None:
    """Take down what changed on disk."""
    for path in paths:
        folder.changed_on_disk(path)


def _hover(checked: Checked, position: lsp.Position) -> lsp.Hover | None:
    if checked.file is None:
        return None
    built = growth.collection_at(checked.file, checked.snapshot.lines.offset(position))
    table = growth.growth_table(built) if built is not None else None
    if built is None or table is None:
        return None
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, table)
    return lsp.Hover(content)
