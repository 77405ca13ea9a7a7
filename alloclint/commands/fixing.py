"""`--fix` and `--diff` of `alloclint check`: what is written, what is shown, and what is left to report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alloclint import terminal
from alloclint.discover import Note, Target
from alloclint.engine import Run
from alloclint.finding import Finding
from alloclint.fix import diff, files, fixable
from alloclint.fix.rounds import Outcome, in_rounds
from alloclint.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alloclint.settings import Settings

Lint = Callable[[Mapping[str, bytes]], Run]


@dataclass(frozen=True, slots=True)
class Fixes:
    """
    The run over the fixed texts, those texts by path, and in words what was done.

    `notes` name the files that could not be written. `changes` says whether there was anything to fix.
    """

    run: Run
    texts: Mapping[str, bytes]
    changes: bool
    words: str
    notes: tuple[Note, ...] = ()


class Fixing:
    """
    Fixes the files of a run. Make one before anything is read: what is written to a file from then on keeps
    it from being fixed.
    """

    def __init__(
        self, targets: Iterable[Target], sources: Mapping[str, bytes], lint: Lint, settings: Settings
    ) -> None:
        self._targets = {target.shown: target for target in targets}
        self._stamps = {target.shown: files.stamp(target.path) for target in self._targets.values()}
        self._sources = sources
        self._lint = lint
        self._settings = settings
        #: each once, although a file is asked for in every round
        self._stale: dict[Note, None] = {}

    def fix(self) -> Fixes:
        """Write each file that can be fixed; the text of standard input goes to standard output."""
        outcome, first, last = self._rounds()
        notes = list(self._stale)
        for path in sorted(outcome.after):
            if path not in self._sources:
                notes += self._written(path, outcome)
        for path in self._sources:
            text = outcome.after.get(path, self._sources[path])
            terminal.write_bytes(text)
        failed = {note.path for note in notes}
        run = replace(last, findings=_left(first, last, failed)) if failed else last
        texts = {path: text for path, text in outcome.after.items() if path not in failed}
        return Fixes(run, texts, bool(texts), self._words("Fixed", outcome, failed, run), tuple(notes))

    def show(self, colour: str) -> Fixes:
        """Print what `fix` would change, and change nothing."""
        outcome, _, last = self._rounds()
        diffs = [
            diff.unified(path, outcome.before[path], outcome.after[path]) for path in sorted(outcome.after)
        ]
        whole = b"".join(diffs)
        if whole and terminal.colours(colour):
            terminal.show("\n".join(diff.coloured(whole.decode(errors="replace"))))
        else:
            terminal.write_bytes(whole)
        words = self._words("Would fix", outcome, set(), last)
        return Fixes(last, outcome.after, bool(outcome.after), words, tuple(self._stale))

    def _rounds(self) -> tuple[Outcome, Run, Run]:
        """What came of it, with the first run and the one over the fixed texts."""
        first = self._lint(self._sources)
        if first.interrupted:
            return Outcome(), first, first

        runs: list[tuple[Mapping[str, bytes], Run]] = []

        def lint(texts: Mapping[str, bytes]) -> Sequence[Finding]:
            done = self._lint({**self._sources, **texts})
            if done.interrupted:
                raise KeyboardInterrupt
            runs[:] = [(texts, done)]
            return self._shown(done)

        unsafe = self._settings.unsafe_fixes
        outcome = in_rounds(self._shown(first), lint, self._read, unsafe=unsafe)
        if not outcome.after:
            return outcome, first, first
        if runs[-1][0] != outcome.after:
            # The last round was taken back.
            lint(outcome.after)
        return outcome, first, runs[-1][1]

    def _shown(self, done: Run) -> list[Finding]:
        return done.shown(self._settings.min_severity)

    def _read(self, path: str) -> bytes | None:
        """The text in which findings were found; None, with a note, where it has changed since."""
        if path in self._sources:
            return self._sources[path]
        target = self._targets.get(path)
        if target is None:
            return None
        try:
            source = target.path.read_bytes()
        except OSError as error:
            self._stale[Note(path, f"cannot be read: {error.strerror or error}; not fixed")] = None
            return None
        if files.stamp(target.path) != self._stamps[path]:
            self._stale[Note(path, "has changed since it was read; not fixed")] = None
            return None
        return source

    def _written(self, path: str, outcome: Outcome) -> Iterator[Note]:
        try:
            files.replace(self._targets[path].path, outcome.before[path], outcome.after[path])
        except files.FixError as error:
            yield Note(path, str(error))

    def _words(self, done: str, outcome: Outcome, failed: set[str], run: Run) -> str:
        """`Fixed 3 findings in 2 files; 4 left (1 fixable with --unsafe-fixes)`."""
        counts = [len(found) for path, found in outcome.applied.items() if path not in failed]
        left = self._shown(run)
        more = [one for one in left if fixable(one, unsafe=True) and not fixable(one, unsafe=False)]
        unsafe = 0 if self._settings.unsafe_fixes else len(more)
        if not counts and not left:
            return "Nothing to fix"
        begin = f"{done} {counted(sum(counts), 'finding')} in {counted(len(counts), 'file')}"
        rest = f" ({unsafe:,} fixable with --unsafe-fixes)" if unsafe else ""
        return f"{begin}; {len(left):,} left{rest}"


def _left(first: Run, last: Run, failed: set[str]) -> tuple[Finding, ...]:
    """The findings of the last run, but those of the first in files that stayed as they were."""
    kept = [one for one in last.findings if one.path not in failed]
    kept += [one for one in first.findings if one.path in failed]
    return tuple(sorted(kept, key=Finding.order))
