"""
From the command line to an exit code.

0: clean · 1: findings · 2: wrong usage, a file that could not be linted, an interruption or a fault of
alloclint. A reader that closes the pipe early, such as `head`, changes nothing in that.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from alloclint import __version__, terminal
from alloclint.commands import baseline, capacity, check, config, facts, rule, server, version

_COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "rule": rule,
    "capacity": capacity,
    "facts": facts,
    "config": config,
    "baseline": baseline,
    "server": server,
    "version": version,
}
_ALIASES = {"rule": ["explain"]}
_EPILOG = """\
examples:
  alloclint check                       lint what is in this folder
  alloclint rule unsized-collection     explain a finding
  alloclint capacity rust HashMap --entries 58.7M --entry-bytes 32 --growth 2.5M/day

exit codes:
  0  nothing found
  1  findings at or above --min-severity
  2  wrong usage or settings, a path that does not exist, a file that could not be read,
     Ctrl-C, an internal error

`alloclint COMMAND --help` tells more."""


class _Parser(ArgumentParser):
    """Names the nearest flag or word for one that does not exist."""

    def error(self, message: str) -> NoReturn:
        from alloclint.settings import nearest

        hint = ""
        if flag := re.match(r"unrecognized arguments: (--[\w-]+)", message):
            hint = nearest(flag[1], re.findall(r"--[a-z-]+", self.format_usage()))
        elif choice := re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message):
            hint = nearest(choice[1], re.findall(r"[\w-]+", choice[2]))
        super().error(message + hint)


def parser() -> ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="alloclint",
        description="Find allocation mistakes in Rust, Java and Python, and print the number to type.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("-V", "--version", action="version", version=f"alloclint {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module in _COMMANDS.items():
        command = commands.add_parser(
            name,
            aliases=_ALIASES.get(name, []),
            help=module.SUMMARY,
            description=module.SUMMARY,
            epilog=f"examples:\n{module.EXAMPLES}" if module.EXAMPLES else None,
            formatter_class=RawDescriptionHelpFormatter,
            # A prefix of an option that works today is ambiguous when an option is added.
            allow_abbrev=False,
        )
        module.add(command)
        command.set_defaults(run=module.run, command=command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run one command; returns the exit code. Only `--help`, `--version` and a wrong usage raise
    SystemExit.
    """
    terminal.prepare()
    words = sys.argv[1:] if argv is None else argv
    # Without `=` the flag has no value: what follows it is a path.
    words = ["--add-ignore=" if word == "--add-ignore" else word for word in words]
    arguments, unknown = parser().parse_known_args(words)
    if unknown:
        # Said by the command's own parser, because it is that one's flags which are near.
        arguments.command.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        terminal.tell("interrupted")
    except Exception as error:
        terminal.tell(f"error: {explained(error)}")
    return 2


def explained(error: Exception) -> str:
    """An expected error in its own words; a fault of ours with the place, for a report."""
    from alloclint.baseline import BaselineError
    from alloclint.capacity import CapacityError
    from alloclint.cardinality.sidecar import SidecarError
    from alloclint.changed import ChangedError
    from alloclint.rule import RuleError
    from alloclint.settings import SettingsError

    expected = (SettingsError, RuleError, CapacityError, SidecarError, BaselineError, ChangedError)
    if isinstance(error, expected):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    if os.environ.get("ALLOCLINT_TRACEBACK"):
        sys.excepthook(type(error), error, error.__traceback__)
    fault = f"{type(error).__name__}: {error}{_place(error)}"
    return f"internal error: {fault}; ALLOCLINT_TRACEBACK=1 shows the way there"


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""
