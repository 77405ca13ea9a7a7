"""`alloclint version`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from alloclint import __version__, terminal

SUMMARY = "Print the version."
EXAMPLES = ""


def add(parser: ArgumentParser) -> None:
    """Declare nothing: the command has no arguments."""


def run(arguments: Namespace) -> int:
    """Print `alloclint` and the version."""
    terminal.show(f"alloclint {__version__}")
    return 0
