"""
From one file to its findings: facts to rules, and the findings graded, named, numbered, filtered and sorted.

Nothing here reads a file or a clock: the same in a thread, a worker process, an editor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from alloclint import facts, overlap, selection, suppress
from alloclint.discover import Note
from alloclint.facts.building.annotations import is_annotated
from alloclint.facts.summary import Project
from alloclint.facts.testcode import file_reason, is_quiet, path_reason
from alloclint.file import File
from alloclint.finding import Finding, Place, Suggestion, grade
from alloclint.fingerprint import numbered
from alloclint.languages import Language
from alloclint.project.manifest import ManifestFile
from alloclint.project.token import Source
from alloclint.rule import BUILTIN_CODE, Rule, RuleError
from alloclint.scan import Wanted, has, has_any, worth_parsing
from alloclint.settings import Settings
from alloclint.suppress import Suppressions

if TYPE_CHECKING:
    from alloclint.cardinality.sidecar import Sidecar
    from alloclint.project.parts import Part

#: Rules about the linter itself: they apply to test code and damaged source as to any other.
LINTER = "linter"
_BAD_ANNOTATION = "bad-annotation"
_REASON = "add ` -- ` and why"


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one file."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    parsed: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """
    What is known of a file before it is examined: the findings that all manifests together have there, and
    what the reader of its kind could not read.
    """

    findings: tuple[Finding, ...] = ()
    damage: tuple[Place, ...] = ()


NOTHING = Given()


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
            if rule.looks_at not in (*facts.LOOKS_AT, Project, Suppressions) and not rule.is_about_repository:
                message = f"`check` looks at {rule.looks_at.__name__}, which is no kind of fact"
                raise RuleError(rule.path, rule.check.__code__.co_firstlineno, message)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the rules that run."""
        return frozenset(rule.code for rule in self.active)

    @cached_property
    def of_repositories(self) -> list[Rule]:
        """The rules that look at all manifests together."""
        return [rule for rule in self.active if rule.is_about_repository]

    def unsure(self, project: Project | None) -> frozenset[str]:
        """
        The codes of the rules that have not seen all they need: what they did not find may be there. Of those
        that follow calls, a suppression may keep something away from another place.
        """
        following = frozenset(rule.code for rule in self.active if rule.follows)
        if project is not None and project.has_builds:
            return following
        return following | frozenset(rule.code for rule in self.of_repositories)

    @property
    def reads_manifests(self) -> bool:
        """Whether any rule has something to say of a manifest."""
        return selection.needs_manifests(self.active)

    @cached_property
    def _by_kind(self) -> dict[str, dict[type, list[Rule]]]:
        return {}

    def kinds(self, language: Language) -> dict[type, list[Rule]]:
        """The rules for files in a language, by the facts they look at."""
        if language.name not in self._by_kind:
            table = self._by_kind.setdefault(language.name, {})
            for rule in self.active:
                if rule.speaks(language.name) and rule.looks_at in facts.LOOKS_AT:
                    table.setdefault(rule.looks_at, []).append(rule)
        return self._by_kind[language.name]

    def is_worth_parsing(self, file: File) -> bool:
        """Whether any rule could find something in a file, going by its words alone."""
        rules = [rule for some in self.kinds(file.language).values() for rule in some]
        wordless = any(not rule.words.get(file.language.name) for rule in rules)
        names = file.project.aliases if file.project is not None else ()
        if wordless and worth_parsing(file.language, file.source, names):
            return True
        return any(rule.words.get(file.language.name) and _may_find(rule, file) for rule in rules)

    def looking_at(self, kind: type) -> list[Rule]:
        """The rules that look at one kind of fact, in any language."""
        return [rule for rule in self.active if rule.looks_at is kind]


def lint_file(file: File, rules: Sequence[Rule], settings: Settings) -> list[Finding]:
    """
    The findings in one file, of every severity, sorted by place.

    Pure: nothing is read but the file's bytes. A rule that fails is left out silently; `examine` tells.
    """
    plan = Plan(rules, settings)
    found, _ = part_of(file, plan)
    given, _ = examine_repository([] if found is None else [found], [file.path], plan)
    return list(examine(file, plan, given.get(file.path, NOTHING)).findings)


def part_of(file: File, plan: Plan) -> tuple[Part | None, tuple[Note, ...]]:
    """What a file says for the rules over all manifests together, and what went wrong on the way."""
    from alloclint.project import parts

    try:
        if isinstance(file, ManifestFile):
            wanted = plan.reads_manifests and parts.is_wanted(file.kind, file.source)
            return parts.read(file.kind, Source(file.path, file.source)) if wanted else None, ()
        return parts.read_source(file) if plan.of_repositories else None, ()
    except Exception as error:
        return None, (failure("reading it", file.path, error),)


def examine(file: File, plan: Plan, given: Given = NOTHING) -> Examined:
    """The findings in one file and what went wrong on the way."""
    kinds = plan.kinds(file.language)
    if isinstance(file, ManifestFile):
        file = replace(file, damage=given.damage)
    looked_at = given is not NOTHING or suppress.is_mentioned(file.source)
    if not looked_at and not plan.is_worth_parsing(file):
        # What a rule of the user's own makes of a whole file, nobody but itself knows the words for.
        own = [rule for rule in kinds.get(File, ()) if not BUILTIN_CODE.fullmatch(rule.code)]
        if not own:
            return Examined()
        kinds = {File: own}
    # What is found in tests is dropped, but for what it says of suppressions: they must not look superfluous.
    file.facts.leave_out_tests = not plan.settings.tests and not suppress.may_be_in(file)
    if file.facts.leave_out_tests and _is_left_alone(file, plan):
        kinds = {kind: [rule for rule in rules if rule.family == LINTER] for kind, rules in kinds.items()}
    notes: list[Note] = []
    named = (_named(finding, rule, plan) for rule, finding in _findings(file, kinds, notes))
    raw = [overlap.noted(finding, file.language.name) for finding in (*named, *given.findings)]
    findings = numbered(_distinct(raw), file.source)
    unsure, noqa = plan.unsure(file.project), plan.settings.noqa
    found = suppress.find(file, plan.rules, plan.codes, unsure, noqa=noqa)
    kept, found = suppress.apply(findings, found, file, plan.rules)
    about = _about_suppressions(file, found, plan, notes)
    visible = [*_audible(kept, file, plan), *about]
    shown = sorted(_not_left_out(visible, file, plan), key=Finding.order)
    return Examined(tuple(shown), tuple(notes), parsed=True)


def examine_within(file: File, plan: Plan, stretch: tuple[int, int]) -> Examined:
    """
    The findings that `examine` has in a function, the bytes `stretch`, without those of rules that look at
    whole files and those about suppressions: what an editor wants to know at once.
    """
    file.facts.focus = stretch
    file.facts.leave_out_tests = not plan.settings.tests and not suppress.may_be_in(file)
    if (not plan.settings.tests and _is_left_alone(file, plan)) or not plan.is_worth_parsing(file):
        return Examined()
    kinds = {kind: rules for kind, rules in plan.kinds(file.language).items() if kind is not File}
    notes: list[Note] = []
    named = (_named(finding, rule, plan) for rule, finding in _findings(file, kinds, notes))
    shown = _shown(named, file, plan)
    return Examined(shown, tuple(notes), parsed=True)


def examine_context(file: File, plan: Plan, given: Given) -> Examined:
    """Of a file that nobody asked about, the findings that were made elsewhere and belong there."""
    return Examined(_shown(given.findings, file, plan))


def _shown(raw: Iterable[Finding], file: File, plan: Plan) -> tuple[Finding, ...]:
    """Of the findings in a file those that neither a comment nor the settings hide, sorted."""
    noted = [overlap.noted(finding, file.language.name) for finding in raw]
    found = suppress.find(file, plan.rules, plan.codes)
    kept, _ = suppress.apply(numbered(_distinct(noted), file.source), found, file, plan.rules)
    return tuple(sorted(_not_left_out(_audible(kept, file, plan), file, plan), key=Finding.order))


def _not_left_out(findings: Iterable[Finding], file: File, plan: Plan) -> Iterator[Finding]:
    """
    The findings that the settings neither ignore in this file nor leave to another linter.

    After the suppressions, so that one for such a finding is not called superfluous.
    """
    left_out = selection.ignored(file.path, plan.settings, plan.rules)
    for finding in findings:
        if finding.code not in left_out and not overlap.is_left_to(finding, plan.settings.overlap):
            yield finding


def _findings(
    file: File, kinds: Mapping[type, Iterable[Rule]], notes: list[Note]
) -> Iterator[tuple[Rule, Finding]]:
    for kind, rules in kinds.items():
        for rule in rules:
            if _may_find(rule, file):
                subjects = _subjects(file, kind, rule.wanted(file.language.name), notes)
                yield from _checked(rule, subjects, file.path, notes)


def _may_find(rule: Rule, file: File) -> bool:
    """Whether a file has what a rule needs at least, going by its words alone."""
    files = rule.files.get(file.language.name, ())
    if files and not has_any(file.source, files):
        return False
    if rule.marks and not is_annotated(file.source, file.language.name):
        return False
    return not rule.words or has(file.source, rule.wanted(file.language.name))


def _subjects(file: File, kind: type, wanted: Wanted, notes: list[Note]) -> list[object]:
    subjects: list[object] = []
    try:
        subjects.extend(facts.LOOKS_AT[kind](file, wanted))
    except Exception as error:
        note = failure(f"finding each {kind.__name__}", file.path, error)
        if note not in notes:
            notes.append(note)
    return subjects


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
                notes.append(failure(f"rule {rule.code} ({rule.name})", path, error))
            failed = True


def failure(what: str, path: str, error: Exception) -> Note:
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


def _about_suppressions(file: File, found: Suppressions, plan: Plan, notes: list[Note]) -> list[Finding]:
    rules = [rule for rule in plan.looking_at(Suppressions) if rule.speaks(file.language.name)]
    raw = [
        _named(finding, rule, plan)
        for one in rules
        for rule, finding in _checked(one, [found], file.path, notes)
    ]
    raw += _unexplained(found, plan)
    kept, _ = suppress.apply(numbered(_distinct(raw), file.source), found, file, plan.rules)
    return kept


def _unexplained(found: Suppressions, plan: Plan) -> Iterator[Finding]:
    """
    The suppressions without a reason, where the settings require one. A rule sees no settings, so this is
    said in the name of the one about comments that do not say what they should.
    """
    rule = next((rule for rule in plan.active if rule.name == _BAD_ANNOTATION), None)
    if rule is None or not plan.settings.require_reason:
        return
    for entry in found.entries:
        if entry.must_explain and entry.reason is None:
            message = "this suppression gives no reason, and the setting `require-reason` demands one"
            yield _named(Finding(entry.place, message, suggestion=Suggestion(_REASON)), rule, plan)


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
    if _is_left_alone(file, plan):
        return loud
    return loud + [finding for finding in others if not is_quiet(file, _span(finding))]


def _is_left_alone(file: File, plan: Plan) -> bool:
    """Whether nothing is reported in a file for what it is: test code, an example, generated."""
    path = _below_root(file.path, plan.settings)
    # That Cargo writes its lock file does not make a choice of versions nobody's own.
    locked = file.language.name == "cargo-lock"
    return (path_reason(path) if locked else file_reason(path, file.source)) is not None


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
    return Examined(tuple(numbered(_distinct(raw), None)), tuple(notes))


def examine_repository(
    parts: Sequence[Part], files: Collection[str], plan: Plan
) -> tuple[dict[str, Given], list[Note]]:
    """
    What all manifests together say of each file, by its path; `files` are the paths of all files of the run.
    """
    notes: list[Note] = []
    found: dict[str, list[Finding]] = {}
    for finding in _about_repository(parts, files, plan, notes) if parts else ():
        found.setdefault(finding.path, []).append(finding)
    damage = {part.path: part.damage for part in parts if part.damage}
    paths = dict.fromkeys((*found, *damage))
    return {path: Given(tuple(found.get(path, ())), damage.get(path, ())) for path in paths}, notes


def _about_repository(
    parts: Sequence[Part], files: Collection[str], plan: Plan, notes: list[Note]
) -> Iterator[Finding]:
    if not plan.of_repositories:
        return
    try:
        from alloclint.project.repository import merge

        repository = merge(parts, files)
    except Exception as error:
        notes.append(failure("putting all manifests together", "", error))
        return
    for one in plan.of_repositories:
        for rule, finding in _checked(one, [repository], "", notes):
            yield _named(finding, rule, plan)
