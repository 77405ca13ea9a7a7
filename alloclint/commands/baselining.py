"""What `alloclint baseline` does: a run compared with what is known."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from alloclint import baseline, selection, terminal
from alloclint.baseline import Baseline, Known, Read, Split
from alloclint.commands import check, flags, outputs
from alloclint.commands.outputs import Report
from alloclint.discover import shown
from alloclint.engine import Run
from alloclint.report import writer
from alloclint.report.wording import counted
from alloclint.rule import Rule
from alloclint.settings import Settings

#: Damage in a file, which hides what else is found there.
_DAMAGE = "ALC901"


def run(arguments: Namespace) -> int:
    """Lint, and write, check or prune the baseline, as `arguments.act` says."""
    settings = flags.settings_from(arguments)
    path = settings.baseline or settings.root / baseline.NAME
    is_new = arguments.act == "write" and not path.exists()
    done = _Done.of(arguments, settings, Baseline(path) if is_new else baseline.load(path), is_new)
    if done.run.failed:
        terminal.tell("error: not everything could be linted; the baseline is as it was")
        return 2
    return _ACTIONS[arguments.act](done)


@dataclass(frozen=True)
class _Done:
    """A run, and what can be told by it. `before` is the baseline as it was, empty if it `is_new`."""

    arguments: Namespace
    settings: Settings
    active: list[Rule]
    run: Run
    read: Read
    before: Baseline
    is_new: bool

    @classmethod
    def of(cls, arguments: Namespace, settings: Settings, before: Baseline, is_new: bool) -> _Done:
        rules = selection.known(settings.rules)
        active = selection.selected(rules, settings)
        found = check.find_files(arguments, settings, selection.needs_manifests(active))
        done = check.lint_all(found, settings, rules, {}, arguments.quiet)
        check.tell(done.notes, arguments.quiet)
        return cls(arguments, settings, active, done, outputs.reader(found.targets, {}), before, is_new)

    def judges(self, entries: Baseline) -> Callable[[Known], bool]:
        """
        Whether this run would have found what an entry stands for: its rule ran, its file is one of those
        that were asked for, and could be read in full. Rules that look at many files must have seen them all.
        """
        folder = os.path.abspath(entries.path.parent)
        roots = [os.path.abspath(path) for path in self.arguments.paths or ["."]]
        whole = _is_below(folder, roots)
        codes = {rule.code for rule in self.active if whole or not _needs_many_files(rule)}
        damaged = {entries.known(one, self.read).path for one in self.run.findings if one.code == _DAMAGE}

        def judged(known: Known) -> bool:
            is_below = _is_below(os.path.join(folder, known.path), roots)
            return known.code in codes and known.path not in damaged and is_below

        return judged

    @property
    def name(self) -> str:
        """The baseline's file as printed."""
        return shown(self.before.path, Path.cwd())

    def compared(self) -> tuple[Split, list[tuple[Known, int]]]:
        """The findings beside the baseline, and the entries that are certainly gone."""
        split = self.before.split(self.run.findings, self.read)
        judged = self.judges(split.followed)
        return split, [(known, count) for known, count in split.gone if judged(known)]

    def tell(self, text: str) -> None:
        if not self.arguments.quiet:
            terminal.show(text)


def _needs_many_files(rule: Rule) -> bool:
    return rule.is_about_repository or rule.looks_at.__name__ == "Project"


def _is_below(path: str, roots: list[str]) -> bool:
    path = os.path.normpath(path)
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _write(done: _Done) -> int:
    before = done.before
    found = baseline.of(before.path, done.run.shown(done.settings.min_severity), done.read)
    judged = done.judges(before)
    kept = {known: count for known, count in before.counts.items() if not judged(known)}
    now = replace(found, counts={**kept, **found.counts})
    if not baseline.save(now):
        done.tell(f"{done.name} has {counted(len(now), 'finding')}, as before")
        return 0
    more, fewer = _above(now.counts, before.counts), _above(before.counts, now.counts)
    changes = "" if done.is_new else f": {more:,} more and {fewer:,} fewer than before"
    done.tell(f"Wrote {counted(len(now), 'finding')} to {done.name}{changes}")
    if done.settings.baseline is None:
        done.tell(f'Put `baseline = "{before.path.name}"` into the settings, and `alloclint check` uses it')
    return 0


def _above(counts: Mapping[Known, int], others: Mapping[Known, int]) -> int:
    return sum(max(0, count - others.get(known, 0)) for known, count in counts.items())


def _prune(done: _Done) -> int:
    split, gone = done.compared()
    now = split.followed.without(gone)
    baseline.save(now)
    removed = sum(count for _, count in gone)
    done.tell(f"Removed {counted(removed, 'finding')} from {done.name}; {len(now):,} left")
    return 0


def _check(done: _Done) -> int:
    split, gone = done.compared()
    new = replace(done.run, findings=split.new)
    report = Report(new, done.settings, done.active, done.read, done.arguments.quiet)
    terminal.write(lambda out: writer("concise")(report.findings, out, report.context(colour=False)))
    for known, count in gone:
        times = f" ({count:,} times)" if count > 1 else ""
        terminal.show(f"{known.path}: {known.code} is known, but no longer found{times}: {known.line}")
    missing = sum(count for _, count in gone)
    if not report.findings and not missing:
        done.tell(f"The baseline is exact: {counted(len(done.before), 'finding')}")
        return 0
    done.tell(f"{counted(len(report.findings), 'finding')} not in the baseline, {missing:,} to be pruned")
    return 1


_ACTIONS = {"write": _write, "check": _check, "prune": _prune}
