"""
Fixes in rounds: apply what can be applied at once, lint the result, and go on until nothing changes.

All of it happens in memory; a file is written once, when its last round is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from alloclint.finding import Edit, Finding
from alloclint.fix.apply import Fixed, edits_in, fixable, fixed

#: Findings that meet are told apart within a few rounds; more would be fixes that undo each other.
_ROUNDS = 12

Lint = Callable[[Mapping[str, bytes]], Sequence[Finding]]


@dataclass
class Outcome:
    """
    What came of all rounds, by path: the text of each changed file in `after` and the findings applied to it;
    `before` are the texts of all files that were looked at.
    """

    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    applied: dict[str, list[Finding]] = field(default_factory=dict)


def in_rounds(
    first: Sequence[Finding], lint: Lint, read: Callable[[str], bytes | None], *, unsafe: bool
) -> Outcome:
    """
    Fix the files of the findings of a `first` run, in memory.

    `lint` gives the findings of all files with some texts replaced, `read` the text that a finding was found
    in, or None where that can no longer be told. A finding that is still there when its edits are made is
    left alone: its edits are taken back.
    """
    outcome, findings = Outcome(), first
    failed: set[tuple[str, str]] = set()
    for _ in range(_ROUNDS):
        step = _step(findings, outcome, read, failed, unsafe=unsafe)
        if not step:
            break
        after = lint({**outcome.after, **{path: one.source for path, one in step.items()}})
        if blamed := _blamed(step, outcome, after):
            failed |= blamed
            continue
        _take_over(outcome, step)
        findings = after
    return outcome


def _step(
    findings: Iterable[Finding],
    outcome: Outcome,
    read: Callable[[str], bytes | None],
    failed: set[tuple[str, str]],
    *,
    unsafe: bool,
) -> dict[str, Fixed]:
    """What one round makes of each file that it changes."""
    by_path: dict[str, list[Finding]] = {}
    for one in findings:
        if (one.path, one.fingerprint) not in failed:
            by_path.setdefault(one.path, []).append(one)
    step = {}
    for path, own in by_path.items():
        source = outcome.after.get(path)
        if source is None:
            source = read(path)
        if source is not None:
            result = fixed(source, own, unsafe=unsafe)
            if result.applied and result.source != source:
                outcome.before.setdefault(path, source)
                step[path] = result
    return step


def _blamed(step: Mapping[str, Fixed], outcome: Outcome, after: Iterable[Finding]) -> set[tuple[str, str]]:
    """The fixed findings that are found again, by path and fingerprint."""
    again: dict[str, list[Finding]] = {}
    for one in after:
        again.setdefault(one.path, []).append(one)
    blamed = set()
    for path, result in step.items():
        source = outcome.after.get(path, outcome.before[path])
        for one in _still_there(source, result.applied, again.get(path, ())):
            blamed.add((path, one.fingerprint))
    return blamed


def _still_there(source: bytes, fixes: Iterable[Finding], again: Iterable[Finding]) -> Iterator[Finding]:
    """
    The fixed findings whose rule reports at the same place, or in what it wrote itself. What it reports
    elsewhere was hidden behind them: of several alike a rule may tell the first.
    """
    fixes = tuple(fixes)
    owners: dict[Edit, list[Finding]] = {}
    for one in fixes:
        for edit in edits_in(source, one):
            owners.setdefault(edit, []).append(one)
    ordered = sorted(owners, key=lambda edit: (edit.start, edit.end))
    for found in again:
        writer, before = _origin(ordered, found.place.start.offset)
        suspects = [one for one in fixes if one.place.start.offset == before]
        if writer is not None:
            suspects = owners[writer]
        yield from (one for one in suspects if one.code == found.code and _is_same(one, found))


def _is_same(fix: Finding, found: Finding) -> bool:
    """Whether a fix has changed nothing; where a rule has something else to say by now, it has."""
    return found.message == fix.message or fixable(found, unsafe=True)


def _origin(edits: Sequence[Edit], at: int) -> tuple[Edit | None, int]:
    """
    Where an offset in an edited text comes from: the edit whose text it is in, and where it was before all
    edits.
    """
    shift = 0
    for edit in edits:
        length = len(edit.text.encode())
        if at < edit.start + shift:
            break
        if at < edit.start + shift + length:
            return edit, edit.start
        shift += length - (edit.end - edit.start)
    return None, at - shift


def _take_over(outcome: Outcome, step: Mapping[str, Fixed]) -> None:
    for path, result in step.items():
        outcome.after[path] = result.source
        outcome.applied.setdefault(path, []).extend(result.applied)
