"""A rule's docstring as a page, and all pages as RULES.md."""

from __future__ import annotations

import re
from collections.abc import Iterable

from alloclint.rule import Rule

_HEAD = """\
# Rules

This file is written by `alloclint rule --all`.

| code | name | severity | reports |
|---|---|---|---|
"""
#: How languages and kinds of manifests are called in tables.
TITLES = {
    "rust": "Rust",
    "java": "Java",
    "python": "Python",
    "toml": "TOML",
    "cargo": "Cargo",
    "dockerfile": "Dockerfiles",
    "compose": "Compose",
    "kubernetes": "Kubernetes",
    "workflow": "GitHub workflows",
    "shell": "shell scripts",
    "options": "JVM option files",
    "maven": "Maven",
    "gradle": "Gradle",
}
#: A code block that names its file: of that line Markdown shows nothing but the colours.
_NAMED = re.compile(r"^```(\w+)[ \t]+(bad|good)/(\S+)[ \t]*$", re.MULTILINE)


def page(rule: Rule) -> str:
    """One rule's page in Markdown."""
    tongues = ", ".join(TITLES.get(language, language) for language in rule.languages)
    return (
        f"## {rule.name}\n\n"
        f"`{rule.code}` · {rule.family} · {tongues} · {rule.severity.name}\n\n"
        f"{readable(rule.page)}\n\n"
        f'Silence a line with `alloclint: ignore[{rule.name}]`, all with `ignore = ["{rule.code}"]`.\n'
    )


def readable(text: str) -> str:
    """The text of a rule's page with the names of files where Markdown shows them."""
    return _NAMED.sub(_heading, text.strip())


def _heading(block: re.Match[str]) -> str:
    """What stands above a code block, for its file's name to be seen."""
    return f"{block[2].capitalize()}, in `{block[3]}`:\n\n```{block[1]}"


def catalogue(rules: Iterable[Rule]) -> str:
    """All pages with a table in front, which is RULES.md."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    rows = "\n".join(map(_row, ordered))
    return _HEAD + rows + "\n\n" + "\n".join(page(rule) for rule in ordered)


def _row(rule: Rule) -> str:
    summary = rule.summary.replace("|", "\\|")
    return f"| {rule.code} | [{rule.name}](#{rule.name}) | {rule.severity.name} | {summary} |"
