"""
From paths to findings: `run` lints many files and puts the results together.

The findings are the same, in the same order, however many processes took part.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alloclint.context import context
from alloclint.discover import Note, Target
from alloclint.examine import Examined, Plan, examine, examine_project, examine_repository, lint_file
from alloclint.facts.summary import Project
from alloclint.finding import Finding, Severity
from alloclint.passes import Alone, First, Library, Unreadable, open_file, read, size_of
from alloclint.project.kinds import BUILDS
from alloclint.rule import Rule
from alloclint.settings import Settings

if TYPE_CHECKING:
    from alloclint.cardinality.sidecar import Sidecar

__all__ = [
    "Examined",
    "Plan",
    "Run",
    "Unreadable",
    "examine",
    "examine_project",
    "lint_file",
    "open_file",
    "read",
    "run",
]

Progress = Callable[[int, int], None]
#: Below both of these a worker takes longer to start than the work would.
_MANY_FILES = 40
_MANY_BYTES = 1_000_000


@dataclass(frozen=True)
class Run:
    """
    What came of all files. `findings` are of every severity; if `interrupted`, files are missing.

    `left_out` says in words what is not among the findings, such as those in a baseline.
    """

    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    files: int
    parsed: int
    seconds: float
    interrupted: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something was not linted as it should have been."""
        return self.interrupted or any(note.failed for note in self.notes)

    def shown(self, least: Severity) -> list[Finding]:
        """The findings at or above a severity."""
        return [finding for finding in self.findings if finding.severity >= least]

    def hidden(self, least: Severity) -> int:
        """How many findings are below a severity."""
        return len(self.findings) - len(self.shown(least))


def run(
    targets: Sequence[Target],
    settings: Settings,
    rules: Sequence[Rule],
    progress: Progress = lambda done, total: None,
    *,
    cardinalities: Sidecar | None = None,
    sources: Mapping[str, bytes] | None = None,
    only: Container[str] | None = None,
) -> Run:
    """
    Lint all files; Ctrl-C ends the run with what was found so far.

    `rules` are all that exist, not the selected ones only: a suppression may name any, and `settings` select
    here. `progress` is called with the number of files done and that of all. `cardinalities` is what the
    sidecar says. `sources` replace what is on disk, by the path shown: standard input, the text in an editor.
    With `only`, all files are known, but only those paths are linted: the others have no findings.

    Raises SettingsError for a selector that names no rule, RuleError for a rule that looks at no fact.
    """
    begun = time.perf_counter()
    plan = Plan(rules, settings, cardinalities)
    results: dict[str, Examined] = {}
    interrupted = False
    try:
        more = context(targets, plan, sources or {})
        with _team([*targets, *more], plan, sources or {}) as team:
            _work(plan, team, progress, results, only)
        if more:
            results = _asked_about({target.shown for target in targets}, results)
    except KeyboardInterrupt:
        interrupted = True
    return _together(results, len(targets), time.perf_counter() - begun, interrupted)


def updated(run: Run, later: Run, paths: Collection[str]) -> Run:
    """A run over all files, with what a later one over only some `paths` says of those."""
    kept = (one for one in run.findings if one.path and one.path not in paths)
    told = (note for note in run.notes if note.path not in paths)
    return replace(
        later,
        findings=tuple(sorted((*kept, *later.findings), key=Finding.order)),
        notes=tuple(sorted({*told, *later.notes})),
        parsed=run.parsed,
        seconds=run.seconds + later.seconds,
    )


def _work(
    plan: Plan,
    team: Alone,
    progress: Progress,
    results: dict[str, Examined],
    only: Container[str] | None,
) -> None:
    steps = 2 * len(team.targets)
    firsts: dict[str, First] = {}
    for done, (target, first) in enumerate(team.first(), 1):
        firsts[target.shown] = first
        results[target.shown] = Examined(notes=first.notes)
        progress(done, steps)
    # In the order of the targets, whatever the order in which workers are done.
    summaries = [firsts[target.shown].summary for target in team.targets]
    # Files that are named one by one, as a pre-commit hook does, are not the whole project.
    whole = not any(target.explicit for target in team.targets)
    project = Project.merge(
        [summary for summary in summaries if summary is not None],
        plan.sidecar,
        whole=whole,
        read=team.library.declaration,
    )
    if any(summary is not None and summary.promises for summary in summaries):
        from alloclint.following import following

        known = [summary for summary in summaries if summary is not None]
        project = following(project, known, team.targets, plan.settings, team.library.sources)
    parts = [part for target in team.targets if (part := firsts[target.shown].part) is not None]
    given, trouble = examine_repository(parts, [target.shown for target in team.targets], plan)
    project = replace(project, has_builds=any(part.kind in BUILDS for part in parts))
    asked = [target for target in team.targets if only is None or target.shown in only]
    left = [target for target in asked if _is_left(target, firsts[target.shown], given)]
    for done, (target, examined) in enumerate(team.second(left, project, given), steps - len(left) + 1):
        results[target.shown] = _with(examined, firsts[target.shown].notes)
        progress(done, steps)
    results[""] = _with(examine_project(project, plan), (*team.notes, *trouble))


def _is_left(target: Target, first: First, given: Container[str]) -> bool:
    """Whether there is anything to do for a file in the second pass: in most manifests there is not."""
    if target.shown in given:
        return True
    return first.summary is not None or (first.comments and not target.context)


def _asked_about(paths: Container[str], results: Mapping[str, Examined]) -> dict[str, Examined]:
    """Findings in files that nobody asked about stay where one of those asked about is a reason for them."""
    return {
        path: replace(
            examined,
            findings=tuple(
                finding
                for finding in examined.findings
                if finding.path in paths or any(place.path in paths for place in finding.because)
            ),
        )
        for path, examined in results.items()
    }


def _with(examined: Examined, notes: Iterable[Note]) -> Examined:
    return replace(examined, notes=(*examined.notes, *notes))


def _together(results: Mapping[str, Examined], files: int, seconds: float, interrupted: bool) -> Run:
    findings = sorted((finding for one in results.values() for finding in one.findings), key=Finding.order)
    notes = sorted({note for one in results.values() for note in one.notes})
    parsed = sum(one.parsed for one in results.values())
    return Run(tuple(findings), tuple(notes), files, parsed, seconds, interrupted)


def _team(
    targets: Sequence[Target], plan: Plan, sources: Mapping[str, bytes]
) -> AbstractContextManager[Alone]:
    """As many processes as the work is worth."""
    jobs = _jobs(targets, plan.settings)
    if jobs == 1:
        return nullcontext(Alone(targets, plan, Library(targets, plan.settings, sources)))
    from alloclint.workers import workers

    return workers(targets, plan, sources, jobs)


def _jobs(targets: Sequence[Target], settings: Settings) -> int:
    if settings.jobs == 1 or len(targets) < 2:
        return 1
    if len(targets) < _MANY_FILES and sum(size_of(target) for target in targets) < _MANY_BYTES:
        return 1
    # The number of processors that this process may use is not the number that the machine has.
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # Windows cannot wait for more than 61 processes.
    return min(settings.jobs or usable, len(targets), 60)
