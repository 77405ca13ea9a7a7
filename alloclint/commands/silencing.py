"""`--add-ignore` of `alloclint check`: comments for what is found, written into the files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass

from alloclint import selection
from alloclint.discover import Note, Target
from alloclint.engine import Run
from alloclint.finding import Finding
from alloclint.fix import files
from alloclint.report.wording import counted
from alloclint.settings import Settings, SettingsError
from alloclint.silence import Silenced, silenced

Lint = Callable[[Mapping[str, bytes]], Run]
#: A comment makes a finding new at most where the baseline knew its line without one.
_ROUNDS = 3
#: That a suppression hides nothing.
_UNUSED = "ALC904"


@dataclass(frozen=True, slots=True)
class Silences:
    """
    The run over the texts with their comments, those texts by path, and in words what was done. `notes` name
    the files that could not be written.
    """

    run: Run
    texts: Mapping[str, bytes]
    words: str
    notes: tuple[Note, ...] = ()


class Silencing:
    """Writes suppressions for what a run shows. Make one before anything is read. Raises SettingsError."""

    def __init__(self, targets: Iterable[Target], lint: Lint, settings: Settings, reason: str) -> None:
        if settings.require_reason and not reason.strip():
            raise SettingsError("`require-reason` is set, so --add-ignore needs one: --add-ignore='why'")
        if "\n" in reason.strip():
            raise SettingsError("--add-ignore: a reason has one line")
        self._targets = {target.shown: target for target in targets}
        self._stamps = {shown: files.stamp(target.path) for shown, target in self._targets.items()}
        self._lint = lint
        self._settings = settings
        self._reason = reason
        self._rules = selection.known(settings.rules)
        self._before: dict[str, bytes] = {}
        #: each once, although a file is asked for in every round
        self._stale: dict[Note, None] = {}

    @staticmethod
    def of_standard_input() -> SettingsError:
        """The error for a text that has no file to write to."""
        return SettingsError("--add-ignore writes into files, and standard input is none")

    def write(self) -> Silences:
        """Write each file in which something can be silenced."""
        run, texts, hidden = self._lint({}), dict[str, bytes](), dict[str, int]()
        for _ in range(_ROUNDS):
            more, after = self._round(run, texts)
            if not more:
                break
            run = after
            texts |= {path: done.source for path, done in more.items()}
            hidden |= {path: hidden.get(path, 0) + len(done.hidden) for path, done in more.items()}
        if run.interrupted:
            # What was silenced in the rounds before is not written either: nobody has seen what came of it.
            return Silences(run, {}, "Silenced nothing")
        notes = [note for path in sorted(texts) if (note := self._written(path, texts[path]))]
        failed = {note.path for note in notes}
        done = {path: text for path, text in texts.items() if path not in failed}
        if failed:
            run = self._lint(done)
        return Silences(run, done, self._words(hidden, done, run), (*self._stale, *notes))

    def _round(self, run: Run, texts: Mapping[str, bytes]) -> tuple[dict[str, Silenced], Run]:
        """
        The files in which something can be silenced, and the run over them.

        A comment may make another one superfluous: what a function allocates is then no matter of its
        callers. That one is not written.
        """
        needless = set[tuple[str, int, int, str, str]]()
        while not run.interrupted and (more := self._silenced(run, texts, needless)):
            after = self._lint({**texts, **{path: done.source for path, done in more.items()}})
            unused = [one for one in after.findings if one.code == _UNUSED and one.path in more]
            found = {gone.order() for one in unused for gone in more[one.path].commented(one)}
            if not found:
                return more, after
            needless |= found
        return {}, run

    def _silenced(
        self, run: Run, texts: Mapping[str, bytes], needless: Container[tuple[str, int, int, str, str]]
    ) -> dict[str, Silenced]:
        by_path: dict[str, list[Finding]] = {}
        for finding in run.shown(self._settings.min_severity):
            if finding.path in self._targets and finding.order() not in needless:
                by_path.setdefault(finding.path, []).append(finding)
        found = {}
        for path, findings in by_path.items():
            source = texts[path] if path in texts else self._read(path)
            if source is not None:
                done = silenced(source, path, findings, self._rules, self._reason)
                if done.hidden:
                    found[path] = done
        return found

    def _read(self, path: str) -> bytes | None:
        """What is on disk, if it is what was linted; otherwise None, with a note."""
        target = self._targets[path]
        try:
            source = target.path.read_bytes()
        except OSError as error:
            self._stale[Note(path, f"cannot be read: {error.strerror or error}; nothing was written")] = None
            return None
        if files.stamp(target.path) != self._stamps[path]:
            self._stale[Note(path, "has changed since it was read; nothing was written")] = None
            return None
        self._before[path] = source
        return source

    def _written(self, path: str, text: bytes) -> Note | None:
        try:
            files.replace(self._targets[path].path, self._before[path], text)
        except files.FixError as error:
            return Note(path, str(error).replace("not fixed", "nothing was written"))
        return None

    def _words(self, hidden: Mapping[str, int], done: Mapping[str, bytes], run: Run) -> str:
        """`Silenced 3 findings in 2 files; 1 left`."""
        left = len(run.shown(self._settings.min_severity))
        count = sum(number for path, number in hidden.items() if path in done)
        if not count and not left:
            return "Nothing to silence"
        return f"Silenced {counted(count, 'finding')} in {counted(len(done), 'file')}; {left:,} left"
