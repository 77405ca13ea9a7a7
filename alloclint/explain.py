"""A rule's docstring as a page, and all pages as RULES.md."""

from __future__ import annotations

from collections.abc import Iterable

from alloclint.rule import Rule

_HEAD = """\
# Rules

This file is written by `alloclint rule --all`.

| code | name | severity | reports |
|---|---|---|---|
"""
_TITLES = {"rust": "Rust", "java": "Java", "python": "Python", "toml": "TOML"}


def page(rule: Rule) -> str:
    """One rule's page in Markdown."""
    tongues = ", ".join(_TITLES.get(language, language) for language in rule.languages)
    return (
        f"## {rule.name}\n\n"
        f"`{rule.code}` · {rule.family} · {tongues} · {rule.severity.name}\n\n"
        f"{rule.page.strip()}\n\n"
        f'Silence a line with `alloclint: ignore[{rule.name}]`, all with `ignore = ["{rule.code}"]`.\n'
    )


def catalogue(rules: Iterable[Rule]) -> str:
    """All pages with a table in front, which is RULES.md."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    rows = "\n".join(map(_row, ordered))
    return _HEAD + rows + "\n\n" + "\n".join(page(rule) for rule in ordered)


def _row(rule: Rule) -> str:
    summary = rule.summary.replace("|", "\\|")
    return f"| {rule.code} | [{rule.name}](#{rule.name}) | {rule.severity.name} | {summary} |"
