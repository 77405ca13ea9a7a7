"""
From paths to the files to lint: without what .gitignore and the settings leave out, each once, in a
stable order.

Links to folders are not followed: what they lead to is either found in its own place or not ours, and so
no loop is possible. Links to files are, unless the file itself is found as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from alloclint.settings import Settings

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Target(NamedTuple):
    """
    A file to lint; `shown` is its path as printed: relative to the working directory, with slashes.

    One that is `context` was not asked about, but says something about those that were.
    """

    path: Path
    shown: str
    explicit: bool
    context: bool = False


class Note(NamedTuple):
    """
    Something about a path that is no finding; `failed` says that a file could not be linted as it
    should.
    """

    path: str
    message: str
    failed: bool = True


@dataclass
class Found:
    """What a search has found."""

    targets: list[Target] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def discover(
    paths: Iterable[Path], settings: Settings, wanted: Callable[[str], bool], directory: Path | None = None
) -> Found:
    """
    The files under `paths` whose path, with slashes, is `wanted`, as seen from `directory` (default: the
    working directory).

    A file that is named itself is taken even if it is excluded, unless the settings say `force_exclude`.
    """
    search = _Search(settings, wanted, directory or Path.cwd())
    for path in paths:
        search.start(path)
    return Found(_distinct(search.found.targets), sorted(set(search.found.notes)))


def excluded(path: Path, settings: Settings) -> bool:
    """
    Whether a path is left out by the settings or by .gitignore, itself or with a folder on the way to
    it.
    """
    return _Search(settings, lambda name: True, Path.cwd()).leaves_out(Path(os.path.abspath(path)))


def shown(path: str | Path, directory: str | Path) -> str:
    """The path as printed. Bytes that are no UTF-8 are escaped: a report must be printable everywhere."""
    try:
        relative = os.path.relpath(path, directory)
    except ValueError:
        # Another drive on Windows.
        relative = str(path)
    return os.fsencode(relative).decode("utf-8", "backslashreplace").replace(os.sep, "/")


def _distinct(targets: Sequence[Target]) -> list[Target]:
    """Each file once: named ones first, and a file rather than a link to it."""
    files: dict[str, Target] = {}
    for target in sorted(
        targets, key=lambda target: (not target.explicit, target.path.is_symlink(), target.shown)
    ):
        files.setdefault(os.path.realpath(target.path), target)
    return sorted(files.values(), key=lambda target: target.shown)


class _Excludes:
    """
    The patterns of the settings. Plain names, nearly all of them, are looked up without a regular
    expression.
    """

    def __init__(self, settings: Settings) -> None:
        patterns = [*settings.exclude, *settings.extend_exclude]
        plain = {pattern.removesuffix("/") for pattern in patterns if not set("*?[]!\\/") & set(pattern)}
        self.root = os.path.abspath(settings.root)
        self.names = frozenset(plain)
        self.spec = _spec(tuple(pattern for pattern in patterns if pattern not in plain))

    def __contains__(self, entry: tuple[str, bool]) -> bool:
        path, folder = entry
        if os.path.basename(path) in self.names:
            return True
        return bool(self.spec) and _verdict(self.spec, self.root, path, folder) is True


class _Search:
    def __init__(self, settings: Settings, wanted: Callable[[str], bool], directory: Path) -> None:
        self.settings = settings
        self.wanted = wanted
        self.directory = directory
        self.excludes = _Excludes(settings)
        self.found = Found()

    def start(self, path: Path) -> None:
        """Take one path of the command line."""
        # Not resolved: a link is shown under the name it was given.
        absolute = Path(os.path.abspath(self.directory / path))
        if self.settings.force_exclude and self.leaves_out(absolute):
            return
        if absolute.is_dir():
            self._walk(absolute)
        elif not os.path.lexists(absolute):
            self._note(absolute, "does not exist")
        elif not self.wanted(absolute.as_posix()):
            self._note(absolute, "is not in a language that alloclint reads; skipped", failed=False)
        else:
            self._take(absolute, explicit=True)

    def leaves_out(self, path: Path) -> bool:
        """Whether an absolute path or a folder on the way to it is excluded."""
        root = Path(self.excludes.root)
        way = [path, *path.parents]
        inside = way[: way.index(root)] if root in way else way[:-1]
        return any(self._excluded(str(part), part.is_dir()) for part in inside)

    def _excluded(self, path: str, folder: bool) -> bool:
        if (path, folder) in self.excludes:
            return True
        return self.settings.respect_gitignore and ignored_by_git(path, folder)

    def _walk(self, folder: Path) -> None:
        waiting = [str(folder)]
        while waiting:
            for entry in self._entries(waiting.pop()):
                path = entry.path
                if entry.is_dir(follow_symlinks=False):
                    if not self._excluded(path, folder=True):
                        waiting.append(path)
                elif self.wanted(path.replace(os.sep, "/")) and not self._excluded(path, folder=False):
                    self._take(Path(path), explicit=False)

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                yield from entries
        except OSError as error:
            self._note(folder, f"cannot be read: {error.strerror}")

    def _take(self, path: Path, explicit: bool) -> None:
        try:
            path.stat()
        except OSError as error:
            what = (
                "is a link to nothing"
                if isinstance(error, FileNotFoundError)
                else f"cannot be read: {error.strerror}"
            )
            self._note(path, what)
            return
        if path.is_file():
            self.found.targets.append(Target(path, shown(path, self.directory), explicit))
        elif explicit or not path.is_dir():
            # A pipe or a device would block the run for ever.
            self._note(path, "is not a regular file; skipped", failed=False)

    def _note(self, path: str | Path, message: str, failed: bool = True) -> None:
        self.found.notes.append(Note(shown(path, self.directory), message, failed))


def ignored_by_git(path: str, folder: bool) -> bool:
    """
    Whether the .gitignore files above an absolute path leave it out; the nearest one that has an opinion
    decides.
    """
    for directory, spec in _ignore_files(os.path.dirname(path)):
        verdict = _verdict(spec, directory, path, folder)
        if verdict is not None:
            return verdict
    return False


@lru_cache(maxsize=4096)
def _ignore_files(directory: str) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    """The .gitignore files that hold in a folder, nearest first, up to the root of the repository."""
    own = _patterns(os.path.join(directory, ".gitignore"))
    parent = os.path.dirname(directory)
    if os.path.lexists(os.path.join(directory, ".git")):
        local = _patterns(os.path.join(directory, ".git", "info", "exclude"))
        above: tuple[tuple[str, GitIgnoreSpec], ...] = ((directory, local),) if local else ()
    else:
        above = () if parent == directory else _ignore_files(parent)
    return ((directory, own), *above) if own else above


def forget() -> None:
    """Read the .gitignore files again: a process that lives long sees them change."""
    _ignore_files.cache_clear()


def _patterns(path: str) -> GitIgnoreSpec | None:
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            lines = tuple(file.read().splitlines())
    except OSError:
        return None
    return _spec(lines)


@lru_cache(maxsize=4096)
def _spec(lines: tuple[str, ...]) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec

    usable = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            # Git ignores a pattern that it cannot read, too.
            continue
        usable.append(line)
    return GitIgnoreSpec.from_lines(usable) if usable else None


def _verdict(spec: GitIgnoreSpec | None, root: str, path: str, folder: bool) -> bool | None:
    """True: left out · False: taken in again by a `!` pattern · None: no pattern matches."""
    if spec is None or not path.startswith(root.rstrip(os.sep) + os.sep):
        return None
    relative = path[len(root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
    return spec.check_file(relative + "/" if folder else relative).include
