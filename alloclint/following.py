"""
Follows calls from functions that promise to allocate nothing into the other files of a run.

This is only done when a file of the run makes such a promise, and only files are parsed that have the name
of a function that is called. What comes of it is small, and goes to the second pass with the rest of the
project.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from alloclint.facts.allocation.callgraph import Behaviour, Behaviours, Key, behaviours, called, merged
from alloclint.facts.allocation.promises import promises
from alloclint.facts.testcode import file_reason
from alloclint.passes import open_file, read

if TYPE_CHECKING:
    from alloclint.discover import Target
    from alloclint.facts.summary import Project, Summary
    from alloclint.file import File
    from alloclint.settings import Settings

#: A chain of more calls than this tells nobody anything.
_ROUNDS = 8


def following(
    project: Project,
    summaries: Iterable[Summary],
    targets: Collection[Target],
    settings: Settings,
    sources: Mapping[str, bytes],
) -> Project:
    """The project with the functions that promises reach, as far as the names of their calls are clear."""
    promising = {summary.path for summary in summaries if summary.promises}
    if not promising:
        return project
    files = _Files(project, targets, settings, sources)
    try:
        return replace(project, behaviours=files.reached(promising))
    except Exception:
        # A chain that cannot be followed is none; the files themselves are linted all the same.
        return project


class _Files:
    def __init__(
        self,
        project: Project,
        targets: Collection[Target],
        settings: Settings,
        sources: Mapping[str, bytes],
    ) -> None:
        self.project, self.targets, self.settings, self.sources = project, targets, settings, sources

    def reached(self, promising: Collection[str]) -> Behaviours:
        wanted: set[Key] = set()
        for target in self.targets:
            file = self._opened(target) if target.shown in promising else None
            for promise in promises(file) if file is not None else ():
                wanted.update(key for key, _ in called(promise.function, ignored=True))
        known: Behaviours = {}
        for _ in range(_ROUNDS):
            missing = wanted - known.keys()
            if not missing:
                break
            found = merged(self._declared(missing))
            known.update({key: found.get(key) for key in missing})
            wanted.update(key for one in found.values() if one is not None for key, _ in one.calls)
        return {key: one for key, one in known.items() if one is not None}

    def _declared(self, keys: set[Key]) -> list[Behaviour]:
        """The functions with some keys, in all files that have their names and are no tests."""
        names = sorted({key.name for key in keys})
        pattern = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in names))
        found = []
        for target in self.targets:
            file = self._opened(target, pattern)
            if file is not None and not file_reason(file.path, file.source):
                found += [one for one in behaviours(file, names) if one.key in keys]
        return found

    def _opened(self, target: Target, pattern: re.Pattern[bytes] | None = None) -> File | None:
        source = self.sources.get(target.shown) or read(target, self.settings)
        if not isinstance(source, bytes) or (pattern is not None and pattern.search(source) is None):
            return None
        return open_file(target, source, self.settings, self.project)
