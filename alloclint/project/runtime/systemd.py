"""
systemd services and their drop-ins: each file as a unit.

Values are read as systemd reads them: lines go on behind a backslash, words may be quoted, an empty
assignment forgets what was before. An `EnvironmentFile` is a file of the machine and unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from alloclint.finding import Place
from alloclint.project.runtime import purpose, quantity
from alloclint.project.runtime.commandline import Line, line
from alloclint.project.runtime.comments import comment_at
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.unit import Limit, Unit
from alloclint.project.token import Source, Token

_ASSIGNMENT = re.compile(rb"[ \t]*([A-Za-z0-9-]+)[ \t]*=[ \t]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PREFIXES = "-@:+!"
_SPECIFIER = re.compile(r"%(.)")
_WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'\\]|["'\\])+""", re.DOTALL)
_PIECE = re.compile(r"""\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}


def read(source: Source) -> tuple[Unit, ...]:
    """The service of a file, if it has a section `[Service]`; a line that is no setting is damage."""
    entries = [entry for entry in _entries(source) if entry.section == "Service"]
    if not entries:
        return ()
    folder, _, name = source.path.rpartition("/")
    is_drop_in = name.endswith(".conf")
    title = (folder.rpartition("/")[2].removesuffix(".d") if is_drop_in else name).removesuffix(".service")
    service = _Service(source, entries)
    started = service.line()
    variables = (*service.variables(), *(started.variables if started else ()))
    return (
        Unit(
            kind="systemd",
            name=title,
            path=source.path,
            place=entries[0].place(source),
            environment=Environment(variables),
            command=started.command if started else None,
            memory=service.memory(),
            cpus=quantity.percent_of_cpus(service.last("CPUQuota")),
            purpose=purpose.of("" if is_drop_in else source.path, title),
            starts=started.starts if started else (),
            unseen=service.has("EnvironmentFile") or service.has("PassEnvironment"),
            drop_in=is_drop_in,
            pinned=service.has("CPUAffinity") or service.has("AllowedCPUs"),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """`key=value` of a section. `masked` is the value byte for byte, with blanks where lines go on."""

    section: str
    key: str
    start: int
    value: int
    masked: bytes

    def place(self, source: Source) -> Place:
        return source.place(self.start, self.value + len(self.masked))

    def token(self, source: Source, start: int = 0, end: int | None = None, text: str | None = None) -> Token:
        """A part of the value, by its bytes."""
        last = len(self.masked) if end is None else end
        meant = self.masked[start:last].decode("utf-8", "replace") if text is None else text
        return source.token(self.value + start, self.value + last, meant)


def _entries(source: Source) -> Iterator[_Entry]:
    section, at = "", 0
    while at < len(source.content):
        start, end = at, _logical_end(source.content, at)
        at = end + 1
        content = source.content[start:end]
        bare = content.strip()
        if not bare or bare[:1] in b"#;":
            continue
        if bare.startswith(b"[") and bare.endswith(b"]"):
            section = bare[1:-1].decode("utf-8", "replace")
            continue
        hit = _ASSIGNMENT.match(content)
        if hit is None:
            source.damaged(start, start + len(content.rstrip()), "this is neither a section nor a setting")
            continue
        masked = _masked(content[hit.end() :]).rstrip()
        yield _Entry(section, hit[1].decode(), start, start + hit.end(), masked)


def _logical_end(content: bytes, at: int) -> int:
    """The end of a line with those it goes on in; comments in between do not end it."""
    end = _line_end(content, at)
    if content[at:end].lstrip()[:1] in (b"#", b";"):
        return end
    while content[at:end].endswith(b"\\") and end < len(content):
        following = _line_end(content, end + 1)
        while content[end + 1 : following].lstrip()[:1] in (b"#", b";") and following < len(content):
            end, following = following, _line_end(content, following + 1)
        at, end = end + 1, following
    return end


def _line_end(content: bytes, at: int) -> int:
    end = content.find(b"\n", at)
    return len(content) if end < 0 else end


def _masked(value: bytes) -> bytes:
    """Blanks for the ends of lines that go on, and for comments in between."""
    lines = value.split(b"\n")
    kept = [lines[0]]
    for one in lines[1:]:
        kept.append(b" " * len(one) if one.lstrip()[:1] in (b"#", b";") else one)
    return b" ".join(one[:-1] + b" " if one.endswith(b"\\") else one for one in kept)


@dataclass(frozen=True, slots=True)
class _Service:
    source: Source
    entries: list[_Entry]

    def last(self, *keys: str) -> Token | None:
        found = [entry for entry in self.entries if entry.key in keys and entry.masked]
        return found[-1].token(self.source) if found else None

    def has(self, key: str) -> bool:
        return any(entry.key == key and entry.masked for entry in self.entries)

    def memory(self) -> Limit | None:
        return quantity.systemd_memory(self.last("MemoryMax") or self.last("MemoryLimit"))

    def variables(self) -> tuple[Variable, ...]:
        found: list[Variable] = []
        for entry in self.entries:
            if entry.key != "Environment":
                continue
            if not entry.masked:
                found.clear()
            comment = comment_at(self.source, entry.place(self.source))
            for token in _words(self.source, entry):
                found += self._assigned(token, comment)
        return tuple(found)

    def _assigned(self, token: Token, comment: str) -> Iterator[Variable]:
        name, equals, text = token.text.partition("=")
        if equals and _NAME.fullmatch(name):
            known = _SPECIFIER.search(text.replace("%%", "")) is None
            value = _value(self.source, token, name, text)
            yield Variable(name, value, token.place, "systemd", known=known, comment=comment)

    def line(self) -> Line | None:
        """The last `ExecStart` since one was empty."""
        lines: list[Line] = []
        for entry in self.entries:
            if entry.key == "ExecStart":
                started = self._started(entry) if entry.masked else None
                lines = [*lines, started] if started is not None else []
        return lines[-1] if lines else None

    def _started(self, entry: _Entry) -> Line | None:
        words = list(_words(self.source, entry))
        if not words:
            return None
        program = words[0].text.lstrip(_PREFIXES)
        prefixes = words[0].text[: len(words[0].text) - len(program)]
        words[0] = Token(program, words[0].place, words[0].written)
        if "@" in prefixes and len(words) > 1:
            # With `@` the second word is only what the program is told to be its name.
            del words[1]
        return line(self.source, words, entry.place(self.source)) if program else None


def _value(source: Source, token: Token, name: str, text: str) -> Token:
    """The value behind `NAME=`, at its place where it stands there as it is."""
    start, end = token.place.start.offset, token.place.end.offset
    written = source.content[start:end]
    at = written.find(name.encode() + b"=")
    if at < 0:
        return replace(token, text=text, raw=token.written)
    last = end - (1 if at and written[:1] == written[-1:] and written[:1] in (b'"', b"'") else 0)
    return source.token(start + at + len(name) + 1, last, text)


def _words(source: Source, entry: _Entry) -> Iterator[Token]:
    """The words of a value, quotes and escapes taken away."""
    # As Latin-1 a character is a byte, so that offsets are those of the file.
    for hit in _WORD.finditer(entry.masked.decode("latin-1")):
        text = _PIECE.sub(_unquoted, hit[0]).encode("latin-1", "replace").decode("utf-8", "replace")
        yield entry.token(source, hit.start(), hit.end(), text.replace("%%", "%"))


def _unquoted(hit: re.Match[str]) -> str:
    if hit[1] is not None:
        return _unescaped(hit)
    return _ESCAPE.sub(_unescaped, hit[2] if hit[2] is not None else hit[3])


def _unescaped(hit: re.Match[str]) -> str:
    code = hit[1]
    if len(code) == 3:
        return chr(int(code[1:], 16) if code[0] == "x" else int(code, 8) & 0xFF)
    return _ESCAPES.get(code, code)
