"""
A folder of the workspace: its settings, and what its files say of each other.

Everything here is done by the worker. Files are read from disk, one small step after the other, when the
folder is opened, and again when the editor says that they have changed; open texts stand in for their files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from alloclint import discover, selection
from alloclint.discover import Note, Target
from alloclint.examine import Given, Plan, examine_project, examine_repository
from alloclint.facts.summary import Project
from alloclint.file import File
from alloclint.finding import Finding
from alloclint.languages import language_of
from alloclint.passes import First, Library, first_pass, read
from alloclint.project import versions
from alloclint.project.kinds import BUILDS
from alloclint.project.parts import is_manifest
from alloclint.server.options import Options
from alloclint.settings import Settings

if TYPE_CHECKING:
    from alloclint.baseline import Baseline
    from alloclint.cardinality.sidecar import Sidecar
    from alloclint.server.worker import Worker


class Folder:
    """
    What is known of one folder.

    `load` must succeed before anything else is asked. `generation` counts how often something changed that
    may matter to more than one file. A folder that is not `whole` holds nothing but open texts: it is where a
    file lies that belongs to no folder of the workspace.
    """

    def __init__(self, root: Path, options: Options, worker: Worker, *, whole: bool = True) -> None:
        self.root, self.options, self.whole = root, options, whole
        self.generation = 0
        self.surveyed = not whole
        self._worker = worker
        self._plan: Plan | None = None
        self._baseline: Baseline | None = None
        self._targets: dict[str, Target] = {}
        self._firsts: dict[str, First] = {}
        self._open: dict[str, File] = {}
        self._project: Project | None = None
        self._given: dict[str, Given] | None = None
        #: what went wrong when all manifests were put together
        self.trouble: Sequence[Note] = ()

    # -- settings

    def load(self) -> None:
        """
        Read the settings, the rules, the sidecar and the baseline. Raises SettingsError, RuleError,
        SidecarError, BaselineError or OSError; then those from before hold, or the defaults.
        """
        versions.forget()
        discover.forget()
        selection.known.cache_clear()
        try:
            self._use(self.options.settings(self.root))
        except Exception:
            if self._plan is None:
                self._use(Settings(root=self.root), beside=False)
            raise

    def _use(self, settings: Settings, *, beside: bool = True) -> None:
        rules = [self._worker.interruptible(rule) for rule in selection.known(settings.rules)]
        expected = _read_sidecar(settings) if beside else None
        known = _read_baseline(settings) if beside else None
        self._plan, self._baseline = Plan(rules, settings, expected), known
        self._targets.update({path: self.target(Path(path)) for path in self._open})
        self._firsts.clear()
        self._library = self._new_library()
        self.surveyed = not self.whole
        self._changed()

    @property
    def plan(self) -> Plan:
        if self._plan is None:
            raise RuntimeError(f"{self.root} is not loaded")
        return self._plan

    @property
    def is_loaded(self) -> bool:
        """Whether there are settings, and so anything can be asked."""
        return self._plan is not None

    @property
    def settings(self) -> Settings:
        return self.plan.settings

    @property
    def sidecar_path(self) -> Path:
        """Where expected sizes stand beside the code, whether there is such a file or not."""
        return _sidecar_path(self.settings)

    # -- files

    def target(self, path: Path) -> Target:
        """A file as a run names it."""
        return Target(path, shown(path), explicit=False)

    def is_wanted(self, path: Path) -> bool:
        """Whether a file is one to check: in a language that is read, and left out by nothing."""
        name = path.as_posix()
        if language_of(name) is None and not (self.plan.reads_manifests and is_manifest(name)):
            return False
        return not discover.excluded(path, self.settings)

    def survey(self) -> Iterator[None]:
        """Take down what every file says, a file at each step."""
        found = discover.discover([self.root], self.settings, self._is_ours).targets if self.whole else ()
        targets = {one.shown: one for one in (self.target(target.path) for target in found)}
        self._targets = targets | {path: self._targets[path] for path in self._open if path in self._targets}
        self._library = self._new_library()
        self._firsts = {path: first for path, first in self._firsts.items() if path in self._targets}
        yield
        for path in targets:
            if path not in self._open:
                self._take_down(path)
                yield
        self.surveyed = True
        self._changed()

    def _is_ours(self, path: str) -> bool:
        return language_of(path) is not None or (self.plan.reads_manifests and is_manifest(path))

    def _new_library(self) -> Library:
        library = Library(self._targets.values(), self.settings, {})
        for file in self._open.values():
            library.parsed(file)
        return library

    def _take_down(self, path: str) -> bool:
        """What a file says to others; whether that is something new."""
        first = first_pass(self._targets[path], self.plan, self._library)
        # Text and tree are read again if somebody asks: most files of a workspace are never asked about.
        self._library.waiting.take(path)
        is_new = self._firsts.get(path) != first
        self._firsts[path] = first
        return is_new

    def changed_on_disk(self, path: Path) -> None:
        """A file was made, changed or deleted by somebody else than the editor's user."""
        name = shown(path)
        if name in self._open:
            return
        self._library.forget(name)
        if not path.is_file() or not self.is_wanted(path):
            if self._targets.pop(name, None) is not None:
                self._firsts.pop(name, None)
                self._changed()
            return
        if name not in self._targets:
            self._targets[name] = self.target(path)
            self._library = self._new_library()
        if self._take_down(name):
            self._changed()

    def put(self, file: File, path: Path) -> None:
        """An open text, which from now on stands for its file."""
        known = self._open.get(file.path)
        if known is not None and known.source == file.source and file.path in self._firsts:
            return
        self._open[file.path] = file
        if file.path not in self._targets:
            self._targets[file.path] = self.target(path)
            self._library = self._new_library()
        self._library.forget(file.path)
        self._library.parsed(file)
        if self._take_down(file.path):
            self._changed()
        elif self._project is not None:
            # Types of this file may have been asked for, and were answered from its text as it was.
            self._project = replace(self._project)

    def close(self, path: Path) -> None:
        """The editor has closed a text: what is on disk holds again."""
        name = shown(path)
        if self._open.pop(name, None) is not None:
            self._firsts.pop(name, None)
            self.changed_on_disk(path)

    def source(self, path: str) -> bytes | None:
        """The text of a file by the path shown, as the editor has it or as it is on disk."""
        if path in self._open:
            return self._open[path].source
        content = read(Target(Path(path), path, explicit=False), self.settings)
        return content if isinstance(content, bytes) else None

    def shown(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings that are severe enough, and that no baseline has."""
        found = [one for one in findings if one.severity >= self.settings.min_severity]
        return tuple(found) if self._baseline is None else self._baseline.split(found, self.source).new

    # -- all files together

    def _changed(self) -> None:
        self.generation += 1
        self._project = self._given = None

    @property
    def project(self) -> Project:
        """What all files say of each other."""
        if self._project is None:
            self._project = self._merged()
        return self._project

    def _merged(self) -> Project:
        firsts = [self._firsts[path] for path in sorted(self._firsts)]
        summaries = [first.summary for first in firsts if first.summary is not None]
        project = Project.merge(
            summaries, self.plan.sidecar, whole=self.whole and self.surveyed, read=self._library.declaration
        )
        if any(summary.promises for summary in summaries):
            from alloclint.following import following

            sources = {path: file.source for path, file in self._open.items()}
            project = following(project, summaries, list(self._targets.values()), self.settings, sources)
        has_builds = any(first.part is not None and first.part.kind in BUILDS for first in firsts)
        return replace(project, has_builds=has_builds)

    def given(self, path: str) -> Given | None:
        """What all manifests together say of a file."""
        if self._given is None:
            parts = [first.part for _, first in sorted(self._firsts.items()) if first.part is not None]
            self._given, self.trouble = examine_repository(parts, list(self._targets), self.plan)
        return self._given.get(path)

    def about_project(self, path: Path) -> tuple[Finding, ...]:
        """What is said of the sidecar, which is no file of any language."""
        found = examine_project(self.project, self.plan).findings
        return tuple(finding for finding in found if Path(finding.path).absolute() == path)


def _sidecar_path(settings: Settings) -> Path:
    return (settings.cardinalities or settings.root / "cardinalities.toml").absolute()


def _read_sidecar(settings: Settings) -> Sidecar | None:
    from alloclint.cardinality import sidecar

    path = _sidecar_path(settings)
    if settings.cardinalities is None and not path.is_file():
        return None
    return sidecar.load(Path(shown(path)))


def _read_baseline(settings: Settings) -> Baseline | None:
    from alloclint import baseline

    path = settings.baseline
    return baseline.load(path) if path is not None and path.is_file() else None


def shown(path: Path) -> str:
    """A path as findings name it: below the working directory relative to it, elsewhere as it is."""
    below = Path.cwd()
    return discover.shown(path, below) if path.is_relative_to(below) else path.as_posix()


def nearest(folders: Iterable[Folder], path: Path) -> Folder | None:
    """The innermost of some folders that a path lies in."""
    around = [folder for folder in folders if path.is_relative_to(folder.root)]
    return max(around, key=lambda folder: len(folder.root.parts), default=None)
