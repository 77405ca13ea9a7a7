"""
The report formats, one module each with one function `write(findings, out, context)`.

A writer prints the findings it is given, in their order, and nothing about files that could not be read:
that is the command line's to tell.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TextIO

from alloclint.finding import Finding, Severity
from alloclint.rule import Rule

#: The names of the formats for people, then of those for programs; each is a module of this package.
FOR_PEOPLE = ("full", "concise", "grouped")
FORMATS = (
    *FOR_PEOPLE,
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "rdjson",
    "rdjsonl",
    "junit",
    "checkstyle",
    "azure",
    "pylint",
)


@dataclass(frozen=True)
class Context:
    """
    What a report says besides the findings.

    `sources` gives the bytes of a file by the path in a finding, None where it is gone. `rules` are those
    that ran.
    `hidden` counts findings by severity that are below the threshold; `files` is the number of files linted.
    `folder` is the working directory as seen from the top of its repository, "" at the top or outside of one.
    `columns` is how wide lines for people should be, None where nobody knows.
    """

    sources: Callable[[str], bytes | None]
    rules: Sequence[Rule] = ()
    color: bool = False
    version: str = ""
    files: int = 0
    hidden: Mapping[Severity, int] = field(default_factory=dict)
    folder: str = ""
    columns: int | None = None

    def in_repository(self, path: str) -> str:
        """A finding's path as a code host has it, which does not know where a job was when it linted."""
        return posixpath.normpath(posixpath.join(self.folder, path))


Writer = Callable[[Sequence[Finding], TextIO, Context], None]


def writer(name: str) -> Writer:
    """The writer of a format, imported on first use. ValueError for a name that is not in FORMATS."""
    if name not in FORMATS:
        raise ValueError(f"there is no format `{name}`")
    write: Writer = import_module(f"alloclint.report.{name.replace('-', '_')}").write
    return write
