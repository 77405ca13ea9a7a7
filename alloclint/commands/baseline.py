"""`alloclint baseline`: keep the findings of today in a file, so that only new ones are reported."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

from alloclint.commands import flags

SUMMARY = "Keep known findings in a file, so that `alloclint check` reports only new ones."
EXAMPLES = """\
  alloclint baseline write      all that is found now becomes known
  alloclint baseline check      is anything found that is not known, or known but no longer there?
  alloclint baseline prune      forget what is no longer there

`alloclint check` uses the baseline that the setting names: baseline = "alloclint-baseline.json".
Findings are recognized by their rule and the text of their line, so other lines may move; a file that was
renamed is recognized where its findings are in exactly one new file. With PATHS, what the baseline has of
other files stays as it is, and so does what it has of rules that do not run."""
_ACTIONS = {
    "write": "Write the baseline: all that is found now becomes known.",
    "check": "Exit with 1 if something is found that is not known, or known but no longer found.",
    "prune": "Take what is no longer found out of the baseline.",
}


def add(parser: ArgumentParser) -> None:
    """Declare what can be done and the flags that decide what is found."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, summary in _ACTIONS.items():
        one = actions.add_parser(
            name,
            help=summary,
            description=summary,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        flags.add_for_baseline(one)
        one.set_defaults(act=name, command=one, stdin_filename=None)


def run(arguments: Namespace) -> int:
    """Lint, and do with the baseline what was asked for."""
    from alloclint.commands import baselining

    return baselining.run(arguments)
