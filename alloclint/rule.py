"""
A rule: one file that is loaded by its path.

The file's name is the rule's name, its folder the family, its docstring the page; `CODE`, `SEVERITY` and
`LANGUAGES` are constants, and the annotation of the first parameter of `check` says which facts the rule
looks at. Built-in rules and a user's own take the same road, so there is nothing to register. Nothing may
import a rule: tests go through `load` too.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import inspect
import re
import sys
import traceback
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from alloclint.finding import Finding, Severity
from alloclint.project.kinds import KINDS, kind_of, tongue_of
from alloclint.scan import Wanted, Word, wanted

_PACKAGE = Path(__file__).parent
BUILTIN_CODE = re.compile(r"ALC\d{3}")
OWN_CODE = re.compile(r"[A-Z]{1,3}\d{3}")
_FENCE = re.compile(r"^```(\w+)[ \t]*([^\n]*)\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)
#: The folders that the files of a page with repositories are in.
_FOLDERS = ("bad", "good")
#: The longest summary that stands on one line of a list.
SUMMARY_WIDTH = 72


class RuleError(Exception):
    """A rule file that cannot be used; the text is `file:line: what is wrong`, ready to be printed."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What a rule file says of itself.

    `looks_at` is the type of fact that `check` is called with, once per fact; `words` are, by language, the
    names that a call must have, or words without which a function is not looked at; if `loops`, they count
    only inside a loop. A file without any of `files` is not looked at, nor, if `marks`, one without a mark.
    What `manifests` looks at stands in manifests of every kind, too. What is ignored at one place is, if it
    `follows` calls, not reported where these lead there, either.
    `severity` is the base that evidence raises or lowers. `page` is the whole docstring, `summary` its first
    sentence.
    """

    code: str
    name: str
    family: str
    languages: tuple[str, ...]
    severity: Severity
    summary: str
    page: str
    looks_at: type
    words: Mapping[str, tuple[Word, ...]]
    check: Callable[[Any], Iterator[Finding]]
    path: Path
    files: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)
    loops: bool = False
    marks: bool = False
    manifests: bool = False
    follows: bool = False

    @property
    def is_about_repository(self) -> bool:
        """Whether `check` is called once, with all manifests together."""
        # By its name: to import the class is to load all that puts manifests together.
        return self.looks_at.__name__ == "Repository"

    def speaks(self, language: str) -> bool:
        """Whether the rule looks at files in a language or of a kind of manifest."""
        return language in self.languages or (self.manifests and language in KINDS)

    def wanted(self, language: str) -> Wanted:
        """What must stand in a function, or a file, in a language for the rule to look at it."""
        words, called = self.words.get(language, ()), self.looks_at.__name__ == "Call"
        return wanted(words, called=called, looped=self.loops)

    def answers(self, selector: str) -> bool:
        """
        Whether a selector (`ALL`, `ALC1`, `ALC101`, `unsized-collection`, `capacity`) names this rule, in
        any case.
        """
        upper, lower = selector.upper(), selector.lower()
        return (
            upper == "ALL"
            or lower in (self.name, self.family)
            or (upper != "" and self.code.startswith(upper))
        )

    def examples(self, language: str) -> list[str]:
        """The page's code blocks in a language, in order: bad, good, bad, good …"""
        return [code for tongue, _, code in _FENCE.findall(self.page) if tongue == language]

    def repositories(self) -> dict[str, dict[str, str]]:
        """
        The small repositories of a page, `bad` and `good`: the texts of their files by path. A code block
        names its file after the language: "```toml bad/Cargo.toml".
        """
        found: dict[str, dict[str, str]] = {}
        for _, name, code in _FENCE.findall(self.page):
            folder, slash, path = name.strip().partition("/")
            if slash:
                found.setdefault(folder, {})[path] = code
        return found


def builtin() -> list[Rule]:
    """The rules that come with the linter, sorted by code."""
    rules = load(builtin_folder())
    for rule in rules:
        if not BUILTIN_CODE.fullmatch(rule.code):
            raise RuleError(rule.path, 1, f"the code {rule.code} is not ALC and three digits")
    return rules


def builtin_folder() -> Path:
    """Inside the package in a wheel, beside it in a checkout."""
    # An editable install leaves a copy beside site-packages that nobody reads; the package's own comes first.
    return next(folder for folder in (_PACKAGE / "rules", _PACKAGE.parent / "rules") if folder.is_dir())


def load_all(folders: Iterable[Path]) -> list[Rule]:
    """
    The built-in rules and those of the user's own folders; a code or name that occurs twice is an error.
    """
    rules = builtin()
    for folder in folders:
        rules += load(folder)
    return _unique(rules)


def load(directory: Path) -> list[Rule]:
    """
    All rules of a folder, flat or nested, sorted by code. Files and folders that begin with `_` or `.` are
    left out.

    RuleError for a folder that does not exist and for the first rule that cannot be used.
    """
    if not directory.is_dir():
        raise RuleError(directory, 0, "this folder of rules does not exist")
    return _unique([load_file(path) for path in sorted(directory.rglob("*.py")) if _is_rule(path, directory)])


def load_file(path: Path) -> Rule:
    """The rule in a file; RuleError if it cannot be used."""
    module = _execute(path)
    check = getattr(module, "check", None)
    if not inspect.isfunction(check):
        raise RuleError(path, 1, "a rule needs a function `check`")
    page = inspect.getdoc(module) or ""
    return Rule(
        code=_constant(
            module, path, "CODE", str, OWN_CODE.fullmatch, "one to three capital letters and three digits"
        ),
        name=path.stem.replace("_", "-"),
        family=path.parent.name,
        languages=tuple(_constant(module, path, "LANGUAGES", tuple, bool, "a tuple of names of languages")),
        severity=_constant(module, path, "SEVERITY", Severity, lambda _: True, "a Severity"),
        summary=" ".join(page.split("\n\n", 1)[0].split()),
        page=page,
        looks_at=_subject(check, path),
        words=_words(module, path, "WORDS"),
        check=check,
        path=path,
        files=_words(module, path, "FILES"),
        loops=_flag(module, path, "LOOPS"),
        marks=_flag(module, path, "MARKS"),
        manifests=_flag(module, path, "MANIFESTS"),
        follows=_flag(module, path, "FOLLOWS"),
    )


def complaints(rule: Rule) -> list[str]:
    """What is missing for a rule to be published, a sentence each."""
    found = []
    if not rule.summary:
        found.append("the file has no docstring")
    if len(rule.summary) > SUMMARY_WIDTH:
        found.append(f"the summary has {len(rule.summary)} characters; at most {SUMMARY_WIDTH} fit on a line")
    if len(rule.page) <= len(rule.summary):
        found.append("the page is only a summary: say why it costs and what to write instead")
    if rule.is_about_repository:
        return found + list(_about_repositories(rule))
    for language in rule.languages:
        if len(rule.examples(language)) < 2:
            found.append(f"the page has no bad and good example in {language}")
    return found


def _about_repositories(rule: Rule) -> Iterator[str]:
    from alloclint.languages import language_of

    tongues = {"rust", *map(tongue_of, KINDS)}
    for language in rule.languages:
        if language not in tongues:
            yield f"{language} is no kind of manifest; those are {', '.join(sorted(tongues))}"
    repositories = rule.repositories()
    for folder in _FOLDERS:
        if folder not in repositories:
            yield f"no code block of the page names a file in {folder}/"
    for folder, files in repositories.items():
        if folder not in _FOLDERS:
            yield f"{folder}/ is neither bad/ nor good/"
        for path in files:
            if kind_of(path) is None and language_of(path) is None:
                yield f"{folder}/{path} is neither a manifest nor a source"


# ---------------------------------------------------------------- selectors


def nearest(selector: str, rules: Iterable[Rule]) -> str | None:
    """The valid selector (code, name or family) that an unknown one was most likely meant to be."""
    valid = {word for rule in rules for word in (rule.code, rule.name, rule.family)}
    # A code is told from a name by its digits: `ALC110` must not be answered with a name that happens to be
    # short.
    numbered = any(map(str.isdigit, selector))
    pool = (word for word in valid if word[-1].isdigit() == numbered)
    return closest(selector.upper() if numbered else selector.lower().replace("_", "-"), pool)


def closest(text: str, valid: Iterable[str]) -> str | None:
    """The most similar of some valid words, if any is similar at all."""
    return next(iter(difflib.get_close_matches(text, sorted(valid), 1, 0.5)), None)


# ---------------------------------------------------------------- loading


def _is_rule(path: Path, directory: Path) -> bool:
    return not any(part[0] in "_." for part in path.relative_to(directory).parts)


def _unique(rules: list[Rule]) -> list[Rule]:
    taken: dict[str, Rule] = {}
    for rule in rules:
        for key in (rule.code, rule.name):
            if (other := taken.setdefault(key, rule)) is not rule:
                raise RuleError(rule.path, 1, f"{key} is already taken by {other.path}")
    return sorted(rules, key=lambda rule: rule.code)


def _execute(path: Path) -> ModuleType:
    # The digest keeps rules of the same name in two folders apart; dataclasses look their module up in
    # sys.modules.
    name = f"_alloclint_rule_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RuleError(path, 1, "this is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise RuleError(path, _line_of(error, path), f"{type(error).__name__}: {error}") from error
    return module


def _line_of(error: BaseException, path: Path) -> int:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return (frames[-1].lineno or 1) if frames else 1


def _constant(
    module: ModuleType, path: Path, name: str, kind: type[Any], accept: Callable[[Any], object], wanted: str
) -> Any:
    value = getattr(module, name, None)
    if not isinstance(value, kind) or not accept(value):
        raise RuleError(path, 1, f"{name} must be {wanted}" + ("" if value is None else f", not {value!r}"))
    return value


def _words(module: ModuleType, path: Path, name: str) -> Mapping[str, tuple[Word, ...]]:
    words = getattr(module, name, {})
    good = isinstance(words, dict) and all(
        isinstance(some, tuple) and all(isinstance(word, str | re.Pattern) and word for word in some)
        for some in words.values()
    )
    if not good:
        raise RuleError(path, 1, f"{name} must be a dict from a language to a tuple of words")
    return words


def _flag(module: ModuleType, path: Path, name: str) -> bool:
    flag = getattr(module, name, False)
    if not isinstance(flag, bool):
        raise RuleError(path, 1, f"{name} must be True or False, not {flag!r}")
    return flag


def _subject(check: Callable[..., object], path: Path) -> type:
    line = check.__code__.co_firstlineno
    first = next(iter(inspect.signature(check).parameters), None)
    try:
        subject = typing.get_type_hints(check).get(first or "")
    except NameError as error:
        raise RuleError(path, line, f"{error}; `check` needs it at run time, import it plainly") from error
    if not isinstance(subject, type):
        raise RuleError(
            path, line, "annotate the first parameter of `check` with the kind of fact it looks at"
        )
    return subject
