"""
A Dockerfile cut into instructions, as BuildKit does it: the escape directive, continued lines with comments
and empty lines in between, and here-documents.

What an instruction says is kept at the length at which it is written, so that an offset in it is an offset in
the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Stands for bytes that are no part of an instruction: a line's end that is escaped, a comment in between.
GAP = "\0"

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_KEYWORD = re.compile(r"[ \t]*([A-Za-z]+)(?=[\s\0]|$)")
_HEREDOC = re.compile(r"(?:^|(?<=[\s\0]))\d*<<(-?)(['\"]?)([A-Za-z_][\w.]*)\2(?=[\s\0;|&>)]|$)")
_WITH_HEREDOCS = ("RUN", "COPY", "ADD")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document: its name, and the bytes of its body."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """
    One instruction. `keyword` is in upper case and empty where there is none. Byte `start + i` of the file
    is `text[i]`: one character per byte, gaps as `GAP`. `rest` is where the words behind the keyword begin in
    `text`. `shell` is the same stretch as a shell gets it. `heredocs` come behind `end`; `whole_end` is
    behind them. `open` says that the file ends before the instruction does.
    """

    keyword: str
    start: int
    end: int
    text: str
    rest: int
    shell: bytes
    heredocs: tuple[Heredoc, ...] = ()
    whole_end: int = 0
    open: bool = False


def instructions(content: bytes) -> Iterator[tuple[Instruction, str]]:
    """Each instruction with the escape character that holds; a byte order mark is passed over."""
    text = content.decode("latin-1")
    at = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    escape = _escape(text, at)
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end].strip()
        if not line or line.startswith("#"):
            at = end + 1
            continue
        one = _instruction(text, at, escape)
        yield one, escape
        at = one.whole_end + 1


def _escape(text: str, at: int) -> str:
    """Directives stand before everything else."""
    for line in text[at : at + 4096].splitlines():
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None:
            break
        if match[1].lower() == "escape" and match[2] in ("`", "\\"):
            return match[2]
    return "\\"


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _instruction(text: str, start: int, escape: str) -> Instruction:
    continued = re.compile(rf"(?:^|(?<=[^{re.escape(escape)}])){re.escape(escape)}[ \t]*\r?$")
    said: list[str] = []
    shell: list[str] = []
    at, is_open = start, True
    while at < len(text) and is_open:
        end = _line_end(text, at)
        line, newline = text[at:end], text[end : end + 1]
        stripped = line.strip()
        match = continued.search(line)
        if at > start and (not stripped or stripped.startswith("#")):
            said.append(GAP * (len(line) + len(newline)))
            shell.append(" " * (len(line) + len(newline)))
        elif match is not None:
            said.append(line[: match.start()] + GAP * (len(line) - match.start() + len(newline)))
            # Docker joins the lines before a shell sees them: in quotes, too, nothing is left of the break.
            shell.append(line[: match.start()] + " " * (len(line) - match.start() + len(newline)))
        else:
            is_open = False
            said.append(line)
            shell.append(line)
        at = end if not is_open else end + 1
    whole = "".join(said)
    at = min(at, len(text))
    return _with_heredocs(text, start, at, whole, "".join(shell).encode("latin-1"), is_open)


def _with_heredocs(text: str, start: int, end: int, said: str, shell: bytes, is_open: bool) -> Instruction:
    match = _KEYWORD.match(said)
    keyword = match[1].upper() if match else ""
    rest = re.compile(r"[\s\0]*").match(said, match.end() if match else 0)
    begin = rest.end() if rest else 0
    heredocs, at = [], end
    if keyword in _WITH_HEREDOCS and not said[begin:].startswith("["):
        for found in _HEREDOC.finditer(said, begin):
            body = _line_end(text, at) + 1
            stop, at = _terminator(text, body, found[3], found[1] == "-")
            if stop < 0:
                break
            heredocs.append(Heredoc(found[3], min(body, len(text)), stop))
    return Instruction(
        keyword, start, end, said, begin, shell, tuple(heredocs), at if heredocs else end, is_open
    )


def _terminator(text: str, at: int, name: str, dashed: bool) -> tuple[int, int]:
    """Where a body ends, and where its closing line does; a body without one ends with the file."""
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end].rstrip("\r")
        if (line.lstrip("\t") if dashed else line) == name:
            return at, end
        at = end + 1
    return len(text), len(text)
