"""
From files to findings: facts to rules, and the findings graded, named, numbered, filtered and sorted.

`examine` is pure and does one file. `run` reads files, does that for all of them, in worker processes where
there is enough to do, and puts the results together: the same findings in the same order, however many
processes took part.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from alloclint import facts, selection, suppress
from alloclint.discover import Note, Target
from alloclint.facts.summary import Project, Summary, summarize
from alloclint.facts.testcode import file_reason, is_quiet
from alloclint.file import File
from alloclint.finding import Finding, Severity, grade
from alloclint.languages import Language, language_of
from alloclint.project import limits_for
from alloclint.rule import Rule, RuleError
from alloclint.scan import worth_parsing
from alloclint.settings import Settings
from alloclint.suppress import Suppressions

if TYPE_CHECKING:
    from alloclint.cardinality.sidecar import Sidecar
    from alloclint.workers import Pool

#: Rules about the linter itself: they apply to test code and damaged source as to any other.
LINTER = "linter"
#: A NUL this early means that the file is no text, whatever its name says.
_HEAD = 8_192
Progress = Callable[[int, int], None]
#: (language, type), or (language, type, field): what one file may ask the others for.
Question = tuple[str, str] | tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one file."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    parsed: bool = False


@dataclass(frozen=True)
class Run:
    """
    What came of all files. `findings` are of every severity; `interrupted` says that some files are missing.
    """

    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    files: int
    parsed: int
    seconds: float
    interrupted: bool = False

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


@dataclass(frozen=True)
class Plan:
    """
    The rules that exist and those that run, arranged for the work. Raises RuleError for a fact nobody
    provides.
    """

    rules: Sequence[Rule]
    settings: Settings
    sidecar: Sidecar | None = None
    active: list[Rule] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "active", selection.selected(self.rules, self.settings))
        for rule in self.active:
            if rule.looks_at not in (*facts.LOOKS_AT, File, Project, Suppressions):
                message = f"`check` looks at {rule.looks_at.__name__}, which is no kind of fact"
                raise RuleError(rule.path, rule.check.__code__.co_firstlineno, message)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the rules that run."""
        return frozenset(rule.code for rule in self.active)

    @cached_property
    def _by_kind(self) -> dict[str, dict[type, list[Rule]]]:
        return {}

    def kinds(self, language: Language) -> dict[type, list[Rule]]:
        """The rules for files in a language, by the facts they look at."""
        if language.name not in self._by_kind:
            table = self._by_kind.setdefault(language.name, {})
            for rule in self.active:
                if language.name in rule.languages and rule.looks_at not in (Project, Suppressions):
                    table.setdefault(rule.looks_at, []).append(rule)
        return self._by_kind[language.name]

    def looking_at(self, kind: type) -> list[Rule]:
        """The rules that look at one kind of fact, in any language."""
        return [rule for rule in self.active if rule.looks_at is kind]


def lint_file(file: File, rules: Sequence[Rule], settings: Settings) -> list[Finding]:
    """
    The findings in one file, of every severity, sorted by place.

    Pure: nothing is read but the file's bytes. A rule that fails is left out silently; `examine` tells.
    """
    return list(examine(file, Plan(rules, settings)).findings)


def examine(file: File, plan: Plan) -> Examined:
    """The findings in one file and what went wrong on the way."""
    kinds = plan.kinds(file.language)
    if not suppress.MENTION.search(file.source) and not worth_parsing(file.language, file.source):
        # What a rule of the user's own makes of a whole file, nobody but itself knows the words for.
        own = [rule for rule in kinds.get(File, ()) if rule.family != LINTER]
        if not own:
            return Examined()
        kinds = {File: own}
    notes: list[Note] = []
    raw = [_named(finding, rule, plan) for rule, finding in _findings(file, kinds, notes)]
    findings = _numbered(_distinct(raw), file)
    found = suppress.find(file, plan.rules, plan.codes)
    kept, found = suppress.apply(findings, found, file, plan.rules)
    about = _about_suppressions(file, found, plan, notes)
    visible = [*_audible(kept, file, plan), *about]
    left_out = selection.ignored(file.path, plan.settings, plan.rules)
    return Examined(
        tuple(sorted((finding for finding in visible if finding.code not in left_out), key=Finding.order)),
        tuple(notes),
        parsed=True,
    )


def _findings(
    file: File, kinds: Mapping[type, Iterable[Rule]], notes: list[Note]
) -> Iterator[tuple[Rule, Finding]]:
    for kind, rules in kinds.items():
        subjects: list[object] = []
        try:
            subjects.extend([file] if kind is File else facts.LOOKS_AT[kind](file))
        except Exception as error:
            notes.append(_failure(f"finding each {kind.__name__}", file.path, error))
        for rule in rules:
            yield from _checked(rule, subjects, file.path, notes)


def _checked(
    rule: Rule, subjects: Iterable[object], path: str, notes: list[Note]
) -> Iterator[tuple[Rule, Finding]]:
    """What a rule says; the first failure is noted, and the other subjects are checked all the same."""
    failed = False
    for subject in subjects:
        try:
            for finding in rule.check(subject):
                yield rule, finding
        except Exception as error:
            if not failed:
                notes.append(_failure(f"rule {rule.code} ({rule.name})", path, error))
            failed = True


def _failure(what: str, path: str, error: Exception) -> Note:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" ({trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})" if trace else ""
    return Note(path, f"{what} failed: {type(error).__name__}: {error}{where}; please report this")


def _named(finding: Finding, rule: Rule, plan: Plan) -> Finding:
    severity = grade(rule.severity, finding, plan.settings.limits.error_entries)
    return replace(finding, code=rule.code, name=rule.name, severity=severity)


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted; of several with the same place, code and message the first."""
    return list({finding.order(): finding for finding in sorted(findings, key=Finding.order)}.values())


def _numbered(findings: Iterable[Finding], file: File | None) -> list[Finding]:
    """
    The findings with fingerprints, which stay the same when lines above are added or the code is indented.

    Equal lines with equal findings are told apart by their number; `findings` must be sorted.
    """
    seen: dict[str, int] = {}
    numbered = []
    for finding in findings:
        line = _line(file.source, finding.place.start.offset) if file else finding.message.encode()
        key = b"\0".join((finding.path.encode(), finding.code.encode(), b"".join(line.split())))
        digest = hashlib.sha256(key).hexdigest()[:16]
        seen[digest] = seen.get(digest, 0) + 1
        numbered.append(replace(finding, fingerprint=f"{digest}:{seen[digest]}"))
    return numbered


def _line(source: bytes, offset: int) -> bytes:
    end = source.find(b"\n", offset)
    return source[source.rfind(b"\n", 0, offset) + 1 : end if end >= 0 else len(source)]


def _about_suppressions(file: File, found: Suppressions, plan: Plan, notes: list[Note]) -> list[Finding]:
    rules = [rule for rule in plan.looking_at(Suppressions) if file.language.name in rule.languages]
    raw = [
        _named(finding, rule, plan)
        for one in rules
        for rule, finding in _checked(one, [found], file.path, notes)
    ]
    kept, _ = suppress.apply(_numbered(_distinct(raw), file), found, file, plan.rules)
    return kept


def _audible(findings: Sequence[Finding], file: File, plan: Plan) -> list[Finding]:
    """
    The findings without those in test code and the like, and in damaged source.

    After the suppressions, so that one in a test is not called superfluous.
    """
    families = {rule.code: rule.family for rule in plan.rules}
    loud = [finding for finding in findings if families[finding.code] == LINTER]
    others = [
        finding for finding in findings if families[finding.code] != LINTER and not _is_damaged(finding, file)
    ]
    if not others or plan.settings.tests:
        return loud + others
    if file_reason(_below_root(file.path, plan.settings), file.source):
        return loud
    return loud + [finding for finding in others if not is_quiet(file, _span(finding))]


def _below_root(path: str, settings: Settings) -> str:
    """
    An absolute path lies outside of the working directory: folders above the project say nothing about it.
    """
    root = settings.root.as_posix().rstrip("/") + "/"
    return path.removeprefix(root).lstrip("/") if path.startswith(root) else path


def _is_damaged(finding: Finding, file: File) -> bool:
    first, last = _span(finding)
    return any(first < end and start < last for start, end in file.damaged)


def _span(finding: Finding) -> tuple[int, int]:
    return finding.place.start.offset, finding.place.end.offset


def examine_project(project: Project, plan: Plan) -> Examined:
    """The findings that no single file shows, such as expected sizes of symbols that are gone."""
    notes: list[Note] = []
    raw = [
        _named(finding, rule, plan)
        for one in plan.looking_at(Project)
        for rule, finding in _checked(one, [project], "", notes)
    ]
    return Examined(tuple(_numbered(_distinct(raw), None)), tuple(notes))


# ---------------------------------------------------------------- many files


class Inquiry(Project):
    """What a file sees of the others while they are not known yet: nothing. It remembers what was `asked`."""

    asked: set[Question]

    def __init__(self, sidecar: Sidecar | None) -> None:
        # Nothing but the sidecar, which is known from the start.
        empty = Project.merge([], sidecar)
        super().__init__(sidecar=empty.sidecar)
        object.__setattr__(self, "asked", set())

    def declaration(self, language: str, name: str) -> None:
        self.asked.add((language, name))

    def cardinality(self, language: str, owner: str, name: str) -> None:
        self.asked.add((language, owner, name))


@dataclass(frozen=True, slots=True)
class First:
    """What the first pass over a file gives: results that hold unless something `asked` has an answer."""

    examined: Examined
    summary: Summary | None = None
    asked: frozenset[Question] = frozenset()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be linted, and what to say about it."""

    note: Note


def read(target: Target, settings: Settings) -> bytes | Unreadable:
    """The only place where a file to lint is read."""
    try:
        size = target.path.stat().st_size
        if size > settings.max_file_bytes:
            limit = f"max-file-bytes = {settings.max_file_bytes:_}"
            return Unreadable(Note(target.shown, f"has {size:_} bytes ({limit}); skipped", failed=False))
        source = target.path.read_bytes()
    except OSError as error:
        return Unreadable(Note(target.shown, f"cannot be read: {error.strerror or error}"))
    if b"\0" in source[:_HEAD]:
        return Unreadable(Note(target.shown, "is not a text file; skipped", failed=False))
    return source


def first_pass(target: Target, plan: Plan, source: bytes | None = None) -> First:
    """
    What comes of a file on disk, or of `source` in its place, as long as nothing is known of the others.

    It is parsed once for both results. Only where another file answers what was asked here in vain has it to
    be linted again.
    """
    inquiry = Inquiry(plan.sidecar)
    examined, file = _attempt(target, plan, inquiry, source)
    if file is None:
        return First(examined)
    try:
        summary = summarize(file, plan.sidecar)
    except Exception as error:
        note = _failure("alloclint", target.shown, error)
        return First(replace(examined, notes=(*examined.notes, note)), None, frozenset(inquiry.asked))
    return First(examined, summary, frozenset(inquiry.asked))


def second_pass(target: Target, plan: Plan, project: Project, source: bytes | None = None) -> Examined:
    """The findings in a file once all others are known."""
    return _attempt(target, plan, project, source)[0]


def _attempt(
    target: Target, plan: Plan, project: Project, source: bytes | None
) -> tuple[Examined, File | None]:
    content = read(target, plan.settings) if source is None else source
    if isinstance(content, Unreadable):
        return Examined(notes=(content.note,)), None
    file = open_file(target, content, plan.settings, project)
    if file is None:
        note = Note(target.shown, "is not in a language that alloclint reads; skipped", failed=False)
        return Examined(notes=(note,)), None
    try:
        return examine(file, plan), file
    except Exception as error:
        # Not a rule's fault but ours; the other files are linted all the same.
        return Examined(notes=(_failure("alloclint", target.shown, error),), parsed=True), file


def open_file(target: Target, source: bytes, settings: Settings, project: Project | None) -> File | None:
    """The file as rules see it, with the limits that its build files imply."""
    language = language_of(target.shown)
    if language is None:
        return None
    limits = limits_for(settings.limits, settings.pinned, language.name, target.path)
    return File.of(target.shown, source, limits, project)


def run(
    targets: Sequence[Target],
    settings: Settings,
    rules: Sequence[Rule],
    progress: Progress = lambda done, total: None,
    *,
    cardinalities: Sidecar | None = None,
    sources: Mapping[str, bytes] | None = None,
) -> Run:
    """
    Lint all files.

    `rules` are all that exist, not the selected ones only: a suppression may name any, and the settings
    select here.
    `progress` is called with the number of files done and the number of all. `cardinalities` is what the
    sidecar says.
    `sources` replace what is on disk, by the path shown: standard input, or the text in an editor.
    Ctrl-C ends the run with what was found so far.
    """
    begun = time.perf_counter()
    plan = Plan(rules, settings, cardinalities)
    results: dict[str, Examined] = {}
    interrupted = False
    from alloclint.workers import pool

    try:
        with pool(targets, plan, sources or {}) as workers:
            _work(plan, workers, progress, results)
    except KeyboardInterrupt:
        interrupted = True
    return _together(results, len(targets), time.perf_counter() - begun, interrupted)


def _work(plan: Plan, workers: Pool, progress: Progress, results: dict[str, Examined]) -> None:
    firsts: dict[str, First] = {}
    for done, (target, first) in enumerate(workers.first(), 1):
        firsts[target.shown] = first
        results[target.shown] = first.examined
        progress(done, len(workers.targets))
    # In the order of the targets, whatever the order in which workers are done.
    summaries = [firsts[target.shown].summary for target in workers.targets]
    project = Project.merge([summary for summary in summaries if summary is not None], plan.sidecar)
    again = [target for target in workers.targets if _answers(project, firsts[target.shown].asked)]
    results.update((target.shown, examined) for target, examined in workers.second(again, project))
    results[""] = _with(examine_project(project, plan), workers.notes)


def _answers(project: Project, asked: Iterable[Question]) -> bool:
    return any(
        (project.declaration(*one) if len(one) == 2 else project.cardinality(*one)) is not None
        for one in asked
    )


def _with(examined: Examined, notes: Iterable[Note]) -> Examined:
    return replace(examined, notes=(*examined.notes, *notes))


def _together(results: Mapping[str, Examined], files: int, seconds: float, interrupted: bool) -> Run:
    findings = sorted((finding for one in results.values() for finding in one.findings), key=Finding.order)
    notes = sorted({note for one in results.values() for note in one.notes})
    parsed = sum(one.parsed for one in results.values())
    return Run(tuple(findings), tuple(notes), files, parsed, seconds, interrupted)
