"""`alloclint rule`: what a rule reports, why, and what to write instead."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alloclint import terminal
from alloclint.commands.options import add_config, settings_of

if TYPE_CHECKING:
    from alloclint.rule import Rule

SUMMARY = "Explain a rule: what it reports, why that costs, and what to write instead."
EXAMPLES = """\
  alloclint rule unsized-collection          by name
  alloclint rule ALC101                      by code
  alloclint rule --all                       every rule, one page after the other
  alloclint rule --all --output-format json  for programs"""


def add(parser: ArgumentParser) -> None:
    """Declare the name, `--all` and the format."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("rule", nargs="?", metavar="NAME|CODE", help="the rule to explain")
    which.add_argument("--all", action="store_true", help="explain every rule")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="default: text")
    add_config(parser)


def run(arguments: Namespace) -> int:
    """Print the pages of the rules asked for."""
    import json

    from alloclint import explain, selection

    rules = selection.known(settings_of(arguments).rules)
    chosen = rules if arguments.all else [_named(arguments.rule, rules)]
    if arguments.output_format == "json":
        found = [_fields(rule) for rule in chosen]
        terminal.show(json.dumps(found if arguments.all else found[0], indent=2, ensure_ascii=False))
    else:
        text = explain.catalogue(chosen) if arguments.all else explain.page(chosen[0])
        terminal.show(text.rstrip("\n"))
    return 0


def _named(name: str, rules: Sequence[Rule]) -> Rule:
    from alloclint.rule import nearest
    from alloclint.settings import SettingsError

    for rule in rules:
        if name.lower() in (rule.name, rule.code.lower()):
            return rule
    close = nearest(name, rules)
    hint = f"; did you mean `{close}`?" if close else ""
    raise SettingsError(f"there is no rule `{name}`{hint}")


def _fields(rule: Rule) -> dict[str, object]:
    from alloclint import explain

    return {
        "code": rule.code,
        "name": rule.name,
        "family": rule.family,
        "languages": list(rule.languages),
        "severity": rule.severity.name,
        "summary": rule.summary,
        "explanation": explain.readable(rule.page),
    }
