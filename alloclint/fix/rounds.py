"""
Fixes in rounds: apply what can be applied at once, lint the result, and go on until nothing changes.

All of it happens in memory; a file is written once, when its last round is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alloclint.finding import Finding
from alloclint.fix.apply import Fixed, fixed

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
    in, or None where that can no longer be told. A round must leave a file with so many findings of a rule
    fewer as were applied: a rule that does not is left alone in that file, and its edits are taken back.
    """
    outcome, findings = Outcome(), first
    failed: set[tuple[str, str]] = set()
    for _ in range(_ROUNDS):
        step = _step(findings, outcome, read, failed, unsafe=unsafe)
        if not step:
            break
        after = lint({**outcome.after, **{path: one.source for path, one in step.items()}})
        if blamed := _blamed(findings, step, after):
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
        if (one.path, one.code) not in failed:
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


def _blamed(
    before: Iterable[Finding], step: Mapping[str, Fixed], after: Iterable[Finding]
) -> set[tuple[str, str]]:
    """The files and rules of which too many findings are still there."""
    were, are = _counted(before), _counted(after)
    done = _counted(one for result in step.values() for one in result.applied)
    return {key for key, count in done.items() if are[key] > were[key] - count}


def _counted(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter((one.path, one.code) for one in findings)


def _take_over(outcome: Outcome, step: Mapping[str, Fixed]) -> None:
    for path, result in step.items():
        outcome.after[path] = result.source
        outcome.applied.setdefault(path, []).extend(result.applied)
