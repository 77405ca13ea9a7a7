"""
A baseline: the findings that a project knows of and does not want to hear of again, in a file.

Each is known by its file, its rule and its line without white space, never by a number of a line, so that
code may move. Of equal lines only their number counts: if there is one more than the baseline has, the last
one is shown. Where a file is gone, what was known of it is looked for in files that the baseline does not
have: if exactly one of them has all of it, or one of the same name, the file was renamed. The file is written
for people and for `git diff`: sorted, one finding a line, with the code as it stands.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from alloclint.atomic import replacing
from alloclint.finding import Finding
from alloclint.fingerprint import digest, line_at, squeezed

#: Where it stands if nobody says otherwise.
NAME = "alloclint-baseline.json"
VERSION = 1
#: As much of a line as people need to see which one is meant.
_SHOWN = 120

Read = Callable[[str], bytes | None]


class BaselineError(Exception):
    """A baseline cannot be read or written; the text names the file."""


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """
    A finding without its place in the file. `path` is relative to the baseline's folder; `line` is the code
    for people, and `print` what it is recognized by.
    """

    path: str
    code: str
    line: str
    print: str


@dataclass(frozen=True)
class Baseline:
    """Known findings, each with how often it occurs."""

    path: Path
    counts: Mapping[Known, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def known(self, finding: Finding, read: Read) -> Known:
        """A finding as the baseline has it; `read` gives the source by the path in a finding."""
        source = read(finding.path)
        line = finding.message.encode() if source is None else line_at(source, finding.place.start.offset)
        text = " ".join(line.decode(errors="replace").split())
        shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
        code = finding.code
        return Known(self._inside(finding.path), code, shown, digest(code.encode(), squeezed(line)))

    def _inside(self, shown: str) -> str:
        try:
            return os.path.relpath(shown, self.path.parent).replace(os.sep, "/")
        except ValueError:  # on two drives
            return shown

    def split(self, findings: Iterable[Finding], read: Read) -> Split:
        """Which of the findings, sorted by place, the baseline has, and what it has besides."""
        # They are sorted by place: all of a file come one after the other, and it is read once.
        once = lru_cache(maxsize=1)(read)
        given = [(finding, self.known(finding, once)) for finding in findings]
        followed = self._followed([known for _, known in given])
        left = Counter[_Key]()
        for known, count in followed.counts.items():
            left[_key(known)] += count
        new: list[Finding] = []
        hidden: list[Finding] = []
        for finding, known in given:
            (hidden if left[_key(known)] > 0 else new).append(finding)
            left[_key(known)] -= 1
        return Split(tuple(new), tuple(hidden), followed, followed._besides(+left))

    def _followed(self, found: Sequence[Known]) -> Baseline:
        """The same baseline, with renamed files by the names that they have now."""
        names = self._renamed(found)
        if not names:
            return self
        counts = Counter[Known]()
        for known, count in self.counts.items():
            counts[replace(known, path=names.get(known.path, known.path))] += count
        return replace(self, counts=dict(counts))

    def _renamed(self, found: Iterable[Known]) -> dict[str, str]:
        """
        The new paths of files that are gone and whose findings all are in one other file, by the old ones.
        """
        mine, here = {known.path for known in self.counts}, {known.path for known in found}
        strangers = {path: Counter[str]() for path in sorted(here - mine)}
        if not strangers:
            return {}
        gone = sorted(path for path in mine - here if not (self.path.parent / path).exists())
        prints = {path: Counter[str]() for path in gone}
        for known in found:
            if known.path in strangers:
                strangers[known.path][known.print] += 1
        for known, count in self.counts.items():
            if known.path in prints:
                prints[known.path][known.print] += count
        pairs = {
            old: _likely(old, [new for new, has in strangers.items() if wanted <= has])
            for old, wanted in prints.items()
        }
        taken = Counter(new for news in pairs.values() for new in news)
        return {old: news[0] for old, news in pairs.items() if len(news) == 1 and taken[news[0]] == 1}

    def _besides(self, left: Mapping[_Key, int]) -> tuple[tuple[Known, int], ...]:
        """The entries that stand for what nobody found, with how many of each."""
        gone = []
        remaining = dict(left)
        for known, count in sorted(self.counts.items()):
            missing = min(count, remaining.get(_key(known), 0))
            if missing:
                remaining[_key(known)] -= missing
                gone.append((known, missing))
        return tuple(gone)

    def without(self, entries: Iterable[tuple[Known, int]]) -> Baseline:
        """The baseline with fewer of some entries."""
        counts = Counter(self.counts)
        counts.subtract(dict(entries))
        return replace(self, counts=dict(+counts))


def _likely(old: str, news: list[str]) -> list[str]:
    """Those with the same name, if there are any: folders are moved more often than files are renamed."""
    name = old.rpartition("/")[2]
    return [new for new in news if new.rpartition("/")[2] == name] or news


_Key = tuple[str, str]


def _key(known: Known) -> _Key:
    return known.path, known.print


@dataclass(frozen=True, slots=True)
class Split:
    """
    Findings that a baseline does not have, those that it has, and entries, with their number, that nothing
    was found for. `followed` is the baseline with renamed files by their new names.
    """

    new: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    followed: Baseline
    gone: tuple[tuple[Known, int], ...]


def of(path: Path, findings: Iterable[Finding], read: Read) -> Baseline:
    """The baseline, to be written to `path`, that has exactly these findings."""
    empty = Baseline(path)
    return replace(empty, counts=dict(Counter(empty.known(finding, read) for finding in findings)))


# ---------------------------------------------------------------- the file


def load(path: Path) -> Baseline:
    """The baseline in a file. Raises BaselineError."""
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise BaselineError(
            f"{path}: there is no such baseline; `alloclint baseline write` makes it"
        ) from None
    except OSError as error:
        raise BaselineError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}: is not valid JSON: {error}") from None
    if not isinstance(content, dict) or not isinstance(version := content.get("version"), int):
        raise BaselineError(f"{path}: is no baseline of alloclint: it has no version")
    if version != VERSION:
        raise BaselineError(
            f"{path}: has version {version}, and this alloclint reads version {VERSION}; "
            "update alloclint, or write the baseline anew"
        )
    return Baseline(path, dict(_entries(content.get("findings"), path)))


def _entries(files: object, path: Path) -> Iterator[tuple[Known, int]]:
    if not isinstance(files, dict):
        raise BaselineError(f"{path}: findings: expected a table from files to findings")
    for name, entries in files.items():
        if not isinstance(entries, list):
            raise BaselineError(f"{path}: findings of {name}: expected a list")
        for entry in entries:
            yield _entry(name, entry, path)


def _entry(name: str, entry: object, path: Path) -> tuple[Known, int]:
    if isinstance(entry, dict):
        code, line, key, count = (entry.get(word) for word in ("code", "line", "print", "count"))
        texts = isinstance(code, str) and isinstance(line, str) and isinstance(key, str)
        if texts and isinstance(count, int) and count > 0:
            return Known(name, str(code), str(line), str(key)), count
    shown = json.dumps(entry)
    raise BaselineError(
        f"{path}: findings of {name}: expected code, line, print and a count of at least 1, got {shown[:80]}"
    )


def dump(baseline: Baseline) -> bytes:
    """The text of a baseline: UTF-8, one finding a line, in the order of files, rules and lines."""
    files: dict[str, list[str]] = {}
    for known, count in sorted(baseline.counts.items()):
        entry = {"code": known.code, "count": count, "print": known.print, "line": known.line}
        files.setdefault(known.path, []).append("      " + json.dumps(entry, ensure_ascii=False))
    parts = [
        f"    {json.dumps(path, ensure_ascii=False)}: [\n" + ",\n".join(entries) + "\n    ]"
        for path, entries in files.items()
    ]
    findings = "{\n" + ",\n".join(parts) + "\n  }" if parts else "{}"
    text = f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'
    # A path or line with half a character of UTF-16 has no UTF-8; nothing can be found in such a file anyway.
    return text.encode(errors="backslashreplace")


def save(baseline: Baseline) -> bool:
    """
    Write the file in one step: whoever reads it sees the old text or the new one. False if it was the same
    already. Raises BaselineError.
    """
    text = dump(baseline)
    try:
        if baseline.path.is_file() and baseline.path.read_bytes() == text:
            return False
        with replacing(baseline.path) as file:
            file.write(text)
    except OSError as error:
        raise BaselineError(f"{baseline.path}: cannot be written: {error.strerror or error}") from None
    return True
