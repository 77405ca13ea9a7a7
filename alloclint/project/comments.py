"""
Comments and continued lines of manifests, by the syntax of their kind.

Only a manifest that names the linter is searched, so this may be plain: strings on one line are known, and
what looks like a comment in a text of several lines is taken for one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from alloclint.project.kinds import Kind

_TOML = re.compile(
    rb'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(?P<comment>#[^\n]*)', re.DOTALL
)
#: A `#` inside a word begins no comment.
_HASH = re.compile(rb'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(?P<comment>(?<!\S)#[^\n]*)')
#: A comment has its line to itself.
_LINE = re.compile(rb"^[ \t]*(?P<comment>#[^\n]*)", re.MULTILINE)
_SYSTEMD = re.compile(rb"^[ \t]*(?P<comment>[#;][^\n]*)", re.MULTILINE)
_XML = re.compile(rb"<!\[CDATA\[.*?\]\]>|(?P<comment><!--.*?-->)", re.DOTALL)
_GRADLE = re.compile(
    rb'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?P<comment>//[^\n]*|/\*.*?\*/)',
    re.DOTALL,
)
_SYNTAX: dict[Kind, re.Pattern[bytes]] = {
    "cargo": _TOML,
    "cargo-lock": _TOML,
    "cargo-config": _TOML,
    "cross": _TOML,
    "gradle-catalog": _TOML,
    "pyproject": _TOML,
    "dockerfile": _LINE,
    "options": _LINE,
    "systemd": _SYSTEMD,
    "maven": _XML,
    "gradle": _GRADLE,
}
#: Lines that end with a backslash, and comments between them.
_CONTINUED = re.compile(rb"^[^\n]*\\[ \t]*\r?\n(?:[^\n]*\\[ \t]*\r?\n|[ \t]*#[^\n]*\n)*[^\n]*", re.MULTILINE)
_YAML = ("compose", "kubernetes", "workflow")
_BLOCK_SCALAR = re.compile(
    rb"^(?P<indent> *(?:- +)*)(?:[^ #\n][^\n]*: +)?(?:[!&]\S+ +)*[|>][-+1-9]{0,2}[ \t]*(?:#[^\n]*)?\r?$",
    re.MULTILINE,
)
_LINES = re.compile(rb"(?<=\n)[^\n]*")
_CONTINUING = ("dockerfile", "shell", "systemd", "make")


def comment_finder(kind: Kind, source: bytes) -> Callable[[int], tuple[int, int] | None]:
    """A function from an offset to the bytes of the comment around it."""
    syntax = _SYNTAX.get(kind, _HASH)
    spans = [match.span("comment") for match in syntax.finditer(source) if match["comment"] is not None]
    starts = [start for start, _ in spans]

    def at(offset: int) -> tuple[int, int] | None:
        number = bisect_right(starts, offset) - 1
        return spans[number] if number >= 0 and offset < spans[number][1] else None

    return at


def continued(kind: Kind, source: bytes) -> Iterator[tuple[int, int]]:
    """The bytes of instructions that go over several lines: a comment above speaks for all of them."""
    if kind in _CONTINUING:
        yield from (match.span() for match in _CONTINUED.finditer(source))
    if kind in _YAML:
        yield from _block_scalars(source)


def _block_scalars(source: bytes) -> Iterator[tuple[int, int]]:
    """
    Entries of YAML whose text follows on lines of its own, where a comment would be part of the text. It goes
    on as long as lines are empty or further to the right than the entry, whose dashes count.
    """
    for head in _BLOCK_SCALAR.finditer(source):
        column, end = head.end("indent") - head.start(), head.end()
        for line in _LINES.finditer(source, end):
            text = line[0].strip()
            if text and len(line[0]) - len(line[0].lstrip(b" ")) <= column:
                break
            end = line.end() if text else end
        yield head.end("indent"), end
