"""
Which rules run, and which of them are not reported where: the selectors of `select`, `ignore` and the
like.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from alloclint import rule
from alloclint.rule import Rule
from alloclint.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@lru_cache(maxsize=8)
def known(folders: tuple[Path, ...]) -> tuple[Rule, ...]:
    """The built-in rules and those of the user's own folders, loaded once. Raises RuleError."""
    return tuple(rule.load_all(folders))


def selected(rules: Sequence[Rule], settings: Settings) -> list[Rule]:
    """
    The rules to run.

    `ignore` wins over both selections, whatever the order, so that a line in a settings file is final.
    Raises SettingsError for a selector that no rule answers to.
    """
    wanted = codes(settings.select, rules, "select") if settings.select else {each.code for each in rules}
    wanted |= codes(settings.extend_select, rules, "extend-select")
    wanted -= codes(settings.ignore, rules, "ignore")
    for pattern, selectors in settings.per_file_ignores:
        codes(selectors, rules, f'per-file-ignores."{pattern}"')
    return [each for each in rules if each.code in wanted]


def needs_manifests(rules: Iterable[Rule]) -> bool:
    """Whether any of the rules has something to say of manifests."""
    return any(each.is_about_repository or each.manifests for each in rules)


def codes(selectors: Iterable[str], rules: Sequence[Rule], where: str) -> set[str]:
    """
    The codes that selectors stand for; `where` names the setting in the SettingsError for an unknown
    one.
    """
    found = set()
    for selector in selectors:
        named = {each.code for each in rules if each.answers(selector)}
        if not named:
            close = rule.nearest(selector, rules)
            hint = f"; did you mean `{close}`?" if close else ""
            raise SettingsError(f"{where}: no rule has the code, prefix, name or family `{selector}`{hint}")
        found |= named
    return found


def ignored(shown: str, settings: Settings, rules: Sequence[Rule]) -> set[str]:
    """The codes that are not reported in the file `shown` (relative to the working directory)."""
    if not settings.per_file_ignores:
        return set()
    try:
        path = os.path.relpath(shown, settings.root)
    except ValueError:
        # On Windows there is no way from one drive to another: only patterns for any folder can match.
        path = shown
    matching = [selectors for glob, selectors in settings.per_file_ignores if _glob(glob).match_file(path)]
    return {code for selectors in matching for code in codes(selectors, rules, "per-file-ignores")}


@lru_cache(maxsize=512)
def _glob(pattern: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([pattern])
