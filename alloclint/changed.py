"""
Which lines have changed since a revision, by git, and which findings have to do with them.

Lines are those of the files as they are on disk, committed or not, staged or not: that is what is linted, and
in a pre-commit hook it is what will be committed. A finding counts if its own lines have changed or one of
the places that explain it. Where lines were only taken away, those that a diff shows around the gap count as
changed, for what was removed may have been what kept a finding away, as a `reserve` before a loop does. In a
manifest the whole file counts then: its lines mean nothing alone, and a preload that is taken out of an image
is missed by all of it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path

from alloclint.finding import Finding, Place
from alloclint.project.kinds import kind_of

#: Whatever the user has set for reading diffs, these make one for programs.
_DIFF = (
    "--unified=0", "--inter-hunk-context=0", "--find-renames", "--no-ext-diff", "--no-textconv",
    "--no-color", "--no-relative", "--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(rb'\\([abfnrtv"\\]|[0-7]{3})')
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_SUBMODULE = b"160000"
#: How many lines around removed ones a diff shows.
_AROUND = 3
#: What a hook is told by git, as seen from the folder that the hook runs in.
_GIVEN_PATHS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")


class ChangedError(Exception):
    """Git cannot say what has changed; the text says why."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Changed lines as first and last, counted from 1, in order; `every` says all, whatever they are."""

    ranges: tuple[tuple[int, int], ...] = ()
    every: bool = False

    def touches(self, first: int, last: int) -> bool:
        """Whether any line from `first` to `last` has changed."""
        return self.every or any(start <= last and first <= end for start, end in self.ranges)


NONE = Lines()
ALL = Lines(every=True)


def _touches(lines: Lines, place: Place) -> bool:
    # `end` is exclusive: at the beginning of a line nothing of that line is meant.
    last = place.end.line - (place.end.column == 1)
    return lines.touches(place.start.line, max(place.start.line, last))


@dataclass(frozen=True)
class Changed:
    """
    The changed lines of the files of a repository.

    `top` is its folder, and paths are those in it, as git has them. `tracked` are the files that git knows,
    `submodules` the folders that it leaves to another repository. `read` gives what is on disk.
    """

    top: str
    lines: Mapping[str, Lines] = field(default_factory=dict)
    tracked: frozenset[str] = frozenset()
    submodules: frozenset[str] = frozenset()
    read: Callable[[str], bytes | None] = lambda path: None

    def among(self, findings: Iterable[Finding], texts: Mapping[str, bytes]) -> tuple[Finding, ...]:
        """
        The findings that are about something that has changed. `texts` are linted instead of what is on disk,
        by the path in a finding: what differs there has changed as well.
        """
        lines = cache(lambda path: self._lines(path, texts))
        return tuple(
            one
            for one in findings
            if any(_touches(lines(place.path), place) for place in (one.place, *one.because))
        )

    def _lines(self, path: str, texts: Mapping[str, bytes]) -> Lines:
        lines = self.of(path)
        return lines if path not in texts or lines is ALL else moved(lines, self.read(path), texts[path])

    def of(self, shown: str) -> Lines:
        """The changed lines of a file by the path in a finding; all of one that git does not know."""
        path = self._inside(shown)
        if path is None:
            return ALL
        if path in self.tracked:
            return self.lines.get(path, NONE)
        parents = path.split("/")[:-1]
        foreign = any("/".join(parents[:count]) in self.submodules for count in range(1, len(parents) + 1))
        return NONE if foreign else ALL

    def _inside(self, shown: str) -> str | None:
        """The path as git has it; a link is a file of its own there. None outside of the repository."""
        folder, name = os.path.split(os.path.abspath(shown))
        try:
            path = os.path.relpath(os.path.join(_real(folder), name), self.top)
        except ValueError:  # on two drives
            return None
        path = path.replace(os.sep, "/")
        return None if path.startswith("../") else path


@lru_cache(maxsize=4096)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def since(revision: str, folder: Path, read: Callable[[str], bytes | None] = lambda path: None) -> Changed:
    """
    What has changed since a revision in the repository around a folder; `read` gives the bytes on disk by the
    path in a finding.

    `REV` is compared itself; `REV...` stands for the commit at which the current branch left REV. Raises
    ChangedError where there is no git, no repository or no such revision.
    """
    git = _Git(folder)
    top = os.fsdecode(git("rev-parse", "--show-toplevel").rstrip(b"\r\n"))
    if not top:
        raise ChangedError(f"{folder}: this repository has no files of its own, only git's")
    git.folder = Path(top)
    diff = git("-c", "core.quotePath=true", "diff", *_DIFF, _commit(git, revision), "--")
    tracked, submodules = _known(git("ls-files", "--stage", "-z"))
    lines = {path: _with_gaps(path, hunks) for path, hunks in _files(diff)}
    return Changed(os.path.realpath(top), lines, tracked, submodules, read)


def _commit(git: _Git, revision: str) -> str:
    start, dots, end = revision.partition("..")
    if dots and (end not in (".", ".HEAD") or not start):
        raise ChangedError(
            f"--new-from-rev {revision}: what is checked are the files as they are, so a range has no end; "
            "write REV, or REV... for where this branch left REV"
        )
    if start.startswith("-"):
        raise ChangedError(f"--new-from-rev {revision}: this is no revision")
    commit = git("rev-parse", "--verify", "--quiet", f"{start}^{{commit}}", fails=b"").decode().strip()
    if not commit:
        hint = "; a shallow clone may not have it: fetch more" if _is_shallow(git) else ""
        raise ChangedError(f"--new-from-rev {revision}: there is no such revision in {git.folder}{hint}")
    if not dots:
        return commit
    base = git("merge-base", commit, "HEAD", fails=b"").decode().strip()
    if not base:
        hint = "; this clone is shallow: fetch more" if _is_shallow(git) else ""
        raise ChangedError(f"--new-from-rev {revision}: {start} and HEAD have no commit in common{hint}")
    return base


def _is_shallow(git: _Git) -> bool:
    return git("rev-parse", "--is-shallow-repository", fails=b"").strip() == b"true"


class _Git:
    """Runs git in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = _environment()

    def __call__(self, *arguments: str, fails: bytes | None = None) -> bytes:
        """What git prints; where it fails `fails`, or else ChangedError with its own words."""
        try:
            done = subprocess.run(
                ("git", *arguments),
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise ChangedError("--new-from-rev needs git, which is not installed") from None
        except OSError as error:
            raise ChangedError(f"--new-from-rev: git cannot be run: {error.strerror or error}") from None
        if done.returncode == 0:
            return done.stdout
        if fails is not None:
            return fails
        words = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise ChangedError(f"--new-from-rev: git in {self.folder}: {words[0].removeprefix('fatal: ')}")


def _environment() -> dict[str, str]:
    """
    The environment for git, with the paths that a hook is given made absolute: git is run elsewhere. Optional
    locks are not taken, for the user may be at work in the same repository.
    """
    found = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    found.update({name: os.path.abspath(found[name]) for name in _GIVEN_PATHS if found.get(name)})
    if found.get("GIT_DIR") and not found.get("GIT_WORK_TREE"):
        # Otherwise git takes any folder it is run in for the top.
        found["GIT_WORK_TREE"] = os.getcwd()
    # Diffs with options of the user's are for the user.
    found.pop("GIT_DIFF_OPTS", None)
    return found


def _known(listing: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """The files that git knows, and the folders of submodules."""
    files: set[str] = set()
    submodules: set[str] = set()
    for entry in listing.split(b"\0"):
        about, tab, path = entry.partition(b"\t")
        if tab:
            (submodules if about.startswith(_SUBMODULE) else files).add(_decoded(path))
    return frozenset(files), frozenset(submodules)


def _files(diff: bytes) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """
    The files of a diff with their hunks: the first line in the new text and how many there are of it, none
    where lines were only removed.
    """
    for part in re.split(rb"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition(b"\n@@")
        path = _new_path(head)
        if path is not None:
            hunks = _HUNK.finditer(_without_text(b"@@" + body)) if body else ()
            yield path, [(int(hunk[1]), int(hunk[2] or 1)) for hunk in hunks]
        elif binary := re.search(rb"^Binary files .* and (?!/dev/null)(.*) differ$", head, re.MULTILINE):
            # Without lines to compare, all of it has changed.
            yield _path(binary[1]), [(1, _NO_END)]


#: A number of lines that no file has.
_NO_END = 2**62


def _without_text(body: bytes) -> bytes:
    """The lines of a diff that begin hunks; in the others another character comes first."""
    return b"\n".join(line for line in body.split(b"\n") if line.startswith(b"@@"))


def _new_path(head: bytes) -> str | None:
    """The name of the new file in the head of a diff; None for a file that is gone or has no lines."""
    for line in head.split(b"\n"):
        if line.startswith(b"+++ "):
            name = line[4:].rstrip(b"\t")
            return None if name == b"/dev/null" else _path(name)
    return None


def _path(name: bytes) -> str:
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _QUOTED.sub(_unquoted, name[1:-1])
    return _decoded(name.removeprefix(b"b/"))


def _unquoted(escape: re.Match[bytes]) -> bytes:
    if escape[1].isdigit():
        return bytes([int(escape[1], 8)])
    return _ESCAPES.get(escape[1], escape[1])


def _decoded(path: bytes) -> str:
    # As `discover.shown` writes paths: bytes that are no UTF-8 are escaped.
    return path.decode("utf-8", "backslashreplace")


def _with_gaps(path: str, hunks: Iterable[tuple[int, int]]) -> Lines:
    """The lines of hunks, with those around the gaps that removed lines leave."""
    ranges: list[tuple[int, int]] = []
    for start, count in hunks:
        if count:
            ranges.append((start, start + count - 1))
        elif kind_of(path) is not None:
            return ALL
        else:
            ranges.append((start - _AROUND + 1, start + _AROUND))
    return Lines(tuple(ranges))


def moved(lines: Lines, before: bytes | None, after: bytes) -> Lines:
    """
    The changed lines of a text where it was edited once more, from `before` to `after`: those from before,
    where they stand now, and those that were edited. All of a file that was not there.
    """
    if before is None:
        return ALL
    if before == after or lines.every:
        return lines
    old, new = before.split(b"\n"), after.split(b"\n")
    ranges: list[tuple[int, int]] = []
    for tag, first, last, begin, end in _opcodes(old, new):
        if tag == "equal":
            ranges += _shifted(lines.ranges, first + 1, last, begin - first)
        else:
            ranges.append((begin + 1, end) if begin < end else (begin - _AROUND + 1, begin + _AROUND))
    return Lines(tuple(sorted(ranges)))


def _opcodes(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[str, int, int, int, int]]:
    """How one list of lines becomes another; what they begin and end with is quickly told to be equal."""
    most = min(len(old), len(new))
    head = next((count for count in range(most) if old[count] != new[count]), most)
    most -= head
    tail = next((count for count in range(most) if old[-1 - count] != new[-1 - count]), most)
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    yield "equal", 0, head, 0, head
    for tag, first, last, begin, end in middle.get_opcodes():
        yield tag, head + first, head + last, head + begin, head + end
    yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def _shifted(ranges: Iterable[tuple[int, int]], first: int, last: int, by: int) -> Iterator[tuple[int, int]]:
    """The parts of ranges between two lines, moved by a number of lines."""
    for start, end in ranges:
        if start <= last and first <= end:
            yield max(start, first) + by, min(end, last) + by
