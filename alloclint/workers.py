"""
Several processes for many files.

Workers load the rules themselves and get paths, not text: functions of files that were loaded by path cannot
be pickled, and the results are small. Whatever a dying worker leaves undone is done here.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from alloclint.cardinality.sidecar import Sidecar
from alloclint.discover import Note, Target
from alloclint.examine import Examined, Given, Plan
from alloclint.facts.summary import Project
from alloclint.passes import Alone, First, Library, collect_rarely, size_of
from alloclint.rule import load_file
from alloclint.settings import Settings

#: A task is about this many bytes: large enough to be worth the message, small enough to share out evenly.
_TASK_BYTES = 250_000
_TASK_FILES = 100
T = TypeVar("T")


class Workers(Alone):
    """The same by several processes."""

    def __init__(
        self,
        targets: Sequence[Target],
        plan: Plan,
        sources: Mapping[str, bytes],
        executors: Sequence[ProcessPoolExecutor],
    ) -> None:
        super().__init__(targets, plan, Library(targets, plan.settings, sources))
        self.executors = executors
        # The same process gets a file in both passes: it has kept the tree.
        self.home: dict[str, int] = {}
        for number, task in enumerate(_tasks(targets)):
            self.home.update((target.shown, number % len(executors)) for target in task)

    def first(self) -> Iterator[tuple[Target, First]]:
        return self._each(
            self.targets, _first, lambda task: list(Alone(task, self.plan, self.library).first())
        )

    def second(
        self, targets: Sequence[Target], project: Project, given: Mapping[str, Given]
    ) -> Iterator[tuple[Target, Examined]]:
        # Each process reads other files for itself.
        frozen = pickle.dumps(replace(project, read=None))
        return self._each(
            targets,
            _second,
            lambda task: list(super(Workers, self).second(task, project, given)),
            lambda task: (frozen, {one.shown: given[one.shown] for one in task if one.shown in given}),
        )

    def _each(
        self,
        targets: Sequence[Target],
        work: Callable[..., list[tuple[Target, T]]],
        here: Callable[[Sequence[Target]], list[tuple[Target, T]]],
        more: Callable[[Sequence[Target]], tuple[object, ...]] = lambda task: (),
    ) -> Iterator[tuple[Target, T]]:
        """Every target with its result as they come; what no worker could finish is done here."""
        left = dict(enumerate(self._shared_out(targets)))
        waiting: dict[Future[list[tuple[Target, T]]], int] = {}
        try:
            for number, task in left.items():
                executor = self.executors[self.home[task[0].shown]]
                waiting[executor.submit(work, task, *more(task))] = number
            for future in as_completed(waiting):
                result = future.result()
                del left[waiting[future]]
                yield from result
        except BrokenProcessPool:
            self._note()
        for task in left.values():
            yield from here(task)

    def _shared_out(self, targets: Sequence[Target]) -> list[tuple[Target, ...]]:
        """Tasks whose targets all have the same home, in turn for each process."""
        by_home: list[list[Target]] = [[] for _ in self.executors]
        for target in targets:
            by_home[self.home[target.shown]].append(target)
        rows = zip_longest(*(_tasks(mine) for mine in by_home))
        return [task for row in rows for task in row if task is not None]

    def _note(self) -> None:
        note = Note("", "a worker process died; its files were linted again without it", failed=False)
        if note not in self.notes:
            self.notes.append(note)


@contextmanager
def workers(
    targets: Sequence[Target], plan: Plan, sources: Mapping[str, bytes], jobs: int
) -> Iterator[Workers]:
    """The processes; they end with the block, at once if it is left by an exception."""
    before = set(multiprocessing.active_children())
    paths = tuple(rule.path for rule in plan.rules)
    executors = [
        ProcessPoolExecutor(
            1,
            # Not fork: a progress bar has a thread of its own, and a forked lock may never be released.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(paths, plan.settings, plan.sidecar, targets, sources),
        )
        for _ in range(jobs)
    ]
    try:
        yield Workers(targets, plan, sources, executors)
    except BaseException:
        _end(executors, before)
        raise
    for executor in executors:
        executor.shutdown()


def _end(executors: Sequence[ProcessPoolExecutor], before: set[Any]) -> None:
    for executor in executors:
        executor.shutdown(wait=False, cancel_futures=True)
    for process in set(multiprocessing.active_children()) - before:
        process.terminate()


def _tasks(targets: Sequence[Target]) -> Iterator[tuple[Target, ...]]:
    task: list[Target] = []
    size = 0
    for target in targets:
        task.append(target)
        size += size_of(target)
        if size >= _TASK_BYTES or len(task) >= _TASK_FILES:
            yield tuple(task)
            task, size = [], 0
    if task:
        yield tuple(task)


# ---------------------------------------------------------------- in a worker

_plan: Plan
_library: Library


def _start(
    paths: Sequence[Path],
    settings: Settings,
    sidecar: Sidecar | None,
    targets: Sequence[Target],
    sources: Mapping[str, bytes],
) -> None:
    global _plan, _library
    # Ctrl-C reaches the whole group; the first process ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_rarely()
    _plan = Plan([load_file(path) for path in paths], settings, sidecar)
    _library = Library(targets, settings, sources)


def _first(task: Sequence[Target]) -> list[tuple[Target, First]]:
    return list(Alone(task, _plan, _library).first())


def _second(
    task: Sequence[Target], project: bytes, given: Mapping[str, Given]
) -> list[tuple[Target, Examined]]:
    return list(Alone(task, _plan, _library).second(task, _project(project), given))


@lru_cache(maxsize=1)
def _project(frozen: bytes) -> Project:
    project = pickle.loads(frozen)
    assert isinstance(project, Project)
    return replace(project, read=_library.declaration)
