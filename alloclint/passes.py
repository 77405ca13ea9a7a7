"""
The two passes over many files.

Nearly all files are done after the first: it lints each as if it were alone, notes what it asked of the
others, and takes down what the others may ask of it. Only a file whose question has an answer is linted
again, so that nearly everything is parsed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alloclint.discover import Note, Target
from alloclint.examine import Examined, Plan, examine, failure
from alloclint.facts.summary import Project, Summary, summarize
from alloclint.file import File
from alloclint.languages import language_of
from alloclint.project import limits_for
from alloclint.settings import Settings

if TYPE_CHECKING:
    from alloclint.cardinality.sidecar import Sidecar

#: A NUL this early means that the file is no text, whatever its name says.
_HEAD = 8_192
#: (language, type), or (language, type, field): what one file may ask the others for.
Question = tuple[str, str] | tuple[str, str, str]


class Inquiry(Project):
    """What a file sees of the others while they are not known yet: nothing. It remembers what was `asked`."""

    asked: set[Question]

    def __init__(self, sidecar: Sidecar | None) -> None:
        # Nothing but the sidecar, which is known from the start.
        empty = Project.merge([], sidecar)
        super().__init__(sidecar=empty.sidecar)
        object.__setattr__(self, "asked", set())

    def declaration(self, language: str, name: str) -> None:
        self.asked.add((language, name))

    def cardinality(self, language: str, owner: str, name: str) -> None:
        self.asked.add((language, owner, name))


@dataclass(frozen=True, slots=True)
class First:
    """What the first pass over a file gives: results that hold unless something `asked` has an answer."""

    examined: Examined
    summary: Summary | None = None
    asked: frozenset[Question] = frozenset()


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


def first_pass(target: Target, plan: Plan, source: bytes | None = None) -> First:
    """
    What comes of a file on disk, or of `source` in its place, as long as nothing is known of the others.

    It is parsed once for both results. Only where another file answers what was asked here in vain has it to
    be linted again.
    """
    inquiry = Inquiry(plan.sidecar)
    examined, file = _attempt(target, plan, inquiry, source)
    if file is None:
        return First(examined)
    try:
        summary = summarize(file, plan.sidecar)
    except Exception as error:
        note = failure("alloclint", target.shown, error)
        return First(replace(examined, notes=(*examined.notes, note)), None, frozenset(inquiry.asked))
    return First(examined, summary, frozenset(inquiry.asked))


def second_pass(target: Target, plan: Plan, project: Project, source: bytes | None = None) -> Examined:
    """The findings in a file once all others are known."""
    return _attempt(target, plan, project, source)[0]


def _attempt(
    target: Target, plan: Plan, project: Project, source: bytes | None
) -> tuple[Examined, File | None]:
    content = read(target, plan.settings) if source is None else source
    if isinstance(content, Unreadable):
        return Examined(notes=(content.note,)), None
    file = open_file(target, content, plan.settings, project)
    if file is None:
        note = Note(target.shown, "is not in a language that alloclint reads; skipped", failed=False)
        return Examined(notes=(note,)), None
    try:
        return examine(file, plan), file
    except Exception as error:
        # Not a rule's fault but ours; the other files are linted all the same.
        return Examined(notes=(failure("alloclint", target.shown, error),), parsed=True), file


def open_file(target: Target, source: bytes, settings: Settings, project: Project | None) -> File | None:
    """The file as rules see it, with the limits that its build files imply."""
    language = language_of(target.shown)
    if language is None:
        return None
    limits = limits_for(settings.limits, settings.pinned, language.name, target.path)
    return File.of(target.shown, source, limits, project)


class Alone:
    """Does both passes over the targets in this process; `notes` tell of trouble on the way."""

    def __init__(self, targets: Sequence[Target], plan: Plan, sources: Mapping[str, bytes]) -> None:
        self.targets = targets
        self.plan = plan
        self.sources = sources
        self.notes: list[Note] = []

    def first(self) -> Iterator[tuple[Target, First]]:
        """The first pass, in any order."""
        for target in self.targets:
            yield target, first_pass(target, self.plan, self.sources.get(target.shown))

    def second(self, targets: Sequence[Target], project: Project) -> Iterator[tuple[Target, Examined]]:
        """The second pass over some of the targets, in any order."""
        for target in targets:
            yield target, second_pass(target, self.plan, project, self.sources.get(target.shown))
