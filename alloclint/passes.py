"""
The two passes over many files.

The first takes down what others may ask of a file, which for most files are but the names of their types; the
second lints each file with all of that at hand, and reads another file when a fact asks for a type in it.
What was read or parsed once is kept, as far as memory allows.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint import suppress
from alloclint.discover import Note, Target
from alloclint.examine import NOTHING, Examined, Given, Plan, examine, examine_context, failure, part_of
from alloclint.facts.summary import Project, Summary, declaration_in, summarize
from alloclint.file import File
from alloclint.languages import language_of
from alloclint.project.kinds import kind_of
from alloclint.project.manifest import ManifestFile
from alloclint.project.versions import limits_for
from alloclint.settings import Settings
from alloclint.syntax.model import TypeDecl

if TYPE_CHECKING:
    from alloclint.project.parts import Part

#: A NUL this early means that the file is no text, whatever its name says.
_HEAD = 8_192
#: Bytes of source that are kept, in each process, and as many of which the trees are kept as well; a tree
#: takes some ten times as much.
_KEPT_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class First:
    """
    What the first pass over a file gives; a file that cannot be read has notes and no summary.

    `part` is what it says for the rules that look at all manifests together. A manifest has no summary;
    `comments` says that something in it is meant for us.
    """

    summary: Summary | None = None
    notes: tuple[Note, ...] = ()
    part: Part | None = None
    comments: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be linted, and what to say about it."""

    note: Note


def read(target: Target, settings: Settings) -> bytes | Unreadable:
    """The only place where a file to lint is read."""
    try:
        size = target.path.stat().st_size
        if size > settings.max_file_bytes:
            limit = f"max-file-bytes = {settings.max_file_bytes:_}"
            return Unreadable(Note(target.shown, f"has {size:_} bytes ({limit}); skipped", failed=False))
        source = target.path.read_bytes()
    except OSError as error:
        return Unreadable(Note(target.shown, f"cannot be read: {error.strerror or error}"))
    if b"\0" in source[:_HEAD]:
        return Unreadable(Note(target.shown, "is not a text file; skipped", failed=False))
    return source


def size_of(target: Target) -> int:
    """The bytes of a file; 0 where it is gone."""
    try:
        return target.path.stat().st_size
    except OSError:
        return 0


def collect_rarely() -> None:
    """
    Make the garbage collector of this process look less often: a run makes millions of small objects that
    live until its end, and looking through them again and again takes a third of the time.
    """
    gc.freeze()
    # The youngest are looked at while they are still in the processor's cache, the others hardly ever.
    gc.set_threshold(20_000, 100, 20)


class Kept:
    """Files by the path shown, up to a number of bytes."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._room = _KEPT_BYTES

    def keep(self, file: File) -> None:
        if len(file.source) <= self._room and file.path not in self._files:
            self._files[file.path] = file
            self._room -= len(file.source)

    def look(self, path: str) -> File | None:
        return self._files.get(path)

    def take(self, path: str) -> File | None:
        """The file, which is then given up."""
        file = self._files.pop(path, None)
        if file is not None:
            self._room += len(file.source)
        return file


class Library:
    """
    All files of a run, for the facts that ask for a type of another file.

    The answers are those of a file by itself, so they do not depend on what was asked, or linted, before.
    """

    def __init__(self, targets: Iterable[Target], settings: Settings, sources: Mapping[str, bytes]) -> None:
        self._targets = {target.shown: target for target in targets}
        self._settings = settings
        self.sources = sources
        #: read in the first pass, and not linted yet
        self.waiting = Kept()
        #: parsed, whether linted or not
        self._parsed = Kept()

    def file(self, path: str) -> File | Note:
        """A file as it is by itself."""
        file = self._parsed.look(path) or self.waiting.take(path)
        return file or _opened(self._targets[path], self._settings, self.sources.get(path))

    def parsed(self, file: File) -> None:
        """Another file may ask for this one again."""
        self._parsed.keep(file)

    def forget(self, path: str) -> None:
        """The file has changed: what was read of it no longer holds."""
        self.waiting.take(path)
        self._parsed.take(path)

    def declaration(self, path: str, name: str) -> TypeDecl | None:
        """What a file says of a type; None where it declares none of that name, or cannot be read."""
        file = self.file(path)
        if isinstance(file, Note):
            return None
        self.parsed(file)
        return declaration_in(file, name)


def first_pass(target: Target, plan: Plan, library: Library) -> First:
    """What others may ask of a file."""
    file = library.file(target.shown)
    if isinstance(file, Note):
        # Whether something nobody asked about can be read is not worth a word.
        return First(notes=() if target.context else (file,))
    part, notes = part_of(file, plan)
    if isinstance(file, ManifestFile):
        return First(notes=notes, part=part, comments=suppress.is_mentioned(file.source))
    if target.context:
        return First(notes=notes, part=part)
    try:
        summary = summarize(file, plan.sidecar)
    except Exception as error:
        return First(notes=(*notes, failure("alloclint", target.shown, error)))
    library.waiting.keep(file)
    return First(summary, notes, part)


def second_pass(
    target: Target, plan: Plan, project: Project, library: Library, given: Given = NOTHING
) -> Examined:
    """The findings in a file with all others known."""
    file = library.file(target.shown)
    if isinstance(file, Note):
        return Examined(notes=(file,))
    try:
        if target.context:
            return examine_context(file, plan, given)
        examined = examine(file.within(project), plan, given)
    except Exception as error:
        # Not a rule's fault but ours; the other files are linted all the same.
        return Examined(notes=(failure("alloclint", target.shown, error),), parsed=True)
    if examined.parsed and not isinstance(file, ManifestFile):
        library.parsed(file)
    return examined


def _opened(target: Target, settings: Settings, source: bytes | None) -> File | Note:
    content = read(target, settings) if source is None else source
    if isinstance(content, Unreadable):
        return content.note
    file = open_file(target, content, settings, None)
    if file is None:
        return Note(target.shown, "is not in a language that alloclint reads; skipped", failed=False)
    return file


def open_file(target: Target, source: bytes, settings: Settings, project: Project | None) -> File | None:
    """The file as rules see it, with the limits that its build files imply."""
    language = language_of(target.shown)
    if language is None:
        kind = kind_of(target.path.as_posix())
        return None if kind is None else ManifestFile.written(target.shown, source, kind)
    limits = limits_for(settings.limits, settings.pinned, language.name, target.path)
    return File.of(target.shown, source, limits, project)


class Alone:
    """Does both passes over the targets in this process; `notes` tell of trouble on the way."""

    def __init__(self, targets: Sequence[Target], plan: Plan, library: Library) -> None:
        self.targets = targets
        self.plan = plan
        self.library = library
        self.notes: list[Note] = []

    def first(self) -> Iterator[tuple[Target, First]]:
        """The first pass, in any order."""
        for target in self.targets:
            yield target, first_pass(target, self.plan, self.library)

    def second(
        self, targets: Sequence[Target], project: Project, given: Mapping[str, Given]
    ) -> Iterator[tuple[Target, Examined]]:
        """The second pass over some of the targets, in any order, with what is `given` for them by path."""
        for target in targets:
            known = given.get(target.shown, NOTHING)
            yield target, second_pass(target, self.plan, project, self.library, known)
