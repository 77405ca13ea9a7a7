"""
Dockerfiles: stages with what is installed, copied, set and started in each, inherited stages included.

Instructions are read in order as BuildKit does: arguments before the first `FROM` hold in `FROM` lines, and
in a stage that names them; `ENV` wins over `ARG`; an instruction sees what was set before it. A variable of
which nothing is known, because the image at the root may set it, stays in the value as `$NAME`. `ONBUILD` is
passed over: it is about other images.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from alloclint.finding import Place
from alloclint.project import bash
from alloclint.project.image import base as bases
from alloclint.project.image.lines import GAP, Instruction, instructions
from alloclint.project.image.packages import applied, changes
from alloclint.project.image.stage import Copy, Package, Run, Stage
from alloclint.project.image.starting import in_shell
from alloclint.project.image.words import Lookup, Value, decoded, expand, split
from alloclint.project.runtime import launchers
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.token import Source, Token

_PASSED_OVER = {
    "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=((?:\"[^\"]*\"|[^\s\0])*))?(?=[\s\0]|$)")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.S)
_NAMED = re.compile(r"[A-Za-z_]\w*=")
#: Lines of templates: they are passed over.
_TEMPLATE = re.compile(r"\s*(?:\{\{|\{%|<%|@|%)")
#: Commands after an export that make no use of the environment.
_IDLE = {"export", "unset", "true", ":", "set", "alias", "cd", "exit"}
#: In `$(…)` these tell of the machine, whatever the environment.
_TELLING = {"uname", "arch", "nproc", "dpkg", "dpkg-architecture", "date", "hostname", "id", "ls", "find"}


def read(source: Source) -> tuple[Stage, ...]:
    """The stages in order; the last is what a plain build makes. Damage is noted, the rest is read."""
    reader = _Reader(source)
    for one, escape in instructions(source.content):
        reader.instruction(one, escape)
    return reader.stages()


@dataclass
class _Draft:
    """A stage while it is read."""

    name: str
    place: Place
    reference: Token
    base: bases.Base
    platform: str | None = None
    ancestors: tuple[str, ...] = ()
    environment: list[Variable] = field(default_factory=list)
    arguments: dict[str, Value | None] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    copies: list[Copy] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    entrypoint: Command | None = None
    cmd: Command | None = None
    has_own_cmd: bool = False
    shell: str = "sh"

    def lookup(self, name: str) -> Value | None:
        """`ENV` wins over `ARG`."""
        held = next((one for one in reversed(self.environment) if one.name == name), None)
        if held is not None:
            return Value(held.value.text, held.known)
        return self.arguments.get(name)

    def values(self) -> dict[str, str]:
        """All that is known, for a shell."""
        found = {name: value.text for name, value in self.arguments.items() if value and value.known}
        found |= {one.name: one.value.text for one in self.environment if one.known}
        return found


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.globals: dict[str, Value | None] = {}
        self.drafts: list[_Draft] = []

    def stages(self) -> tuple[Stage, ...]:
        last = len(self.drafts) - 1
        return tuple(
            Stage(
                self.source.path, one.name, one.place, one.reference, one.base, at == last, one.platform,
                one.ancestors, Environment(tuple(one.environment)), one.packages, tuple(one.copies),
                tuple(one.runs), one.entrypoint, one.cmd,
            )
            for at, one in enumerate(self.drafts)
        )  # fmt: skip

    def instruction(self, one: Instruction, escape: str) -> None:
        keyword = one.keyword
        if keyword == "FROM":
            self._from(one, escape)
        elif keyword == "ARG":
            self._arg(one, escape)
        elif keyword in _PASSED_OVER:
            return
        elif not self.drafts or _TEMPLATE.match(one.text):
            # A piece that is put together with others, or lines that a program fills in.
            return
        elif keyword not in _HANDLERS:
            first = next(iter(decoded(one.text).split()), "")
            self._damaged(
                one,
                f"`{first[:24]}` is no instruction of a Dockerfile" if first else "nothing is continued here",
            )
        else:
            _HANDLERS[keyword](self, self.drafts[-1], one, escape)

    def _damaged(self, one: Instruction, reason: str) -> None:
        """A template is no Dockerfile yet: what its program fills in is not held against it."""
        if b"{{" not in self.source.content and b"{%" not in self.source.content:
            self.source.damaged(one.start, one.end, reason)

    # FROM and ARG

    def _from(self, one: Instruction, escape: str) -> None:
        flags, at = _flags(one)
        spans = split(one.text, at, escape)
        if not spans:
            self._damaged(one, "`FROM` names no image")
            return
        reference = self._token(one, spans[0], expand(one.text[slice(*spans[0])], self._global, escape).text)
        words = [one.text[slice(*span)] for span in spans]
        named = len(words) >= 3 and words[1].lower() == "as"
        name = decoded(words[2]) if named else str(len(self.drafts))
        platform = expand(flags["platform"], self._global, escape).text if "platform" in flags else None
        place = self.source.place(one.start, one.end)
        parent = next((d for d in self.drafts if d.name.lower() == reference.text.lower()), None)
        if parent is None:
            self.drafts.append(_Draft(name, place, reference, bases.of(reference.text), platform))
        else:
            self.drafts.append(_child(parent, name, place, platform))

    def _global(self, name: str) -> Value | None:
        return self.globals.get(name)

    def _arg(self, one: Instruction, escape: str) -> None:
        scope = self.drafts[-1].arguments if self.drafts else self.globals
        lookup = self.drafts[-1].lookup if self.drafts else self._global
        for span in split(one.text, one.rest, escape):
            name, equals, value = one.text[slice(*span)].replace(GAP, "").partition("=")
            if equals:
                scope[name] = expand(value, lookup, escape)
            elif name in self.globals:
                scope[name] = self.globals[name]
            else:
                # Its value comes from whoever builds.
                scope.setdefault(name, None)

    # Inside a stage

    def _env(self, draft: _Draft, one: Instruction, escape: str) -> None:
        spans = split(one.text, one.rest, escape)
        if not spans:
            return
        before = draft.lookup
        if not _NAMED.match(one.text[slice(*spans[0])].replace(GAP, "")):
            found = self._old_form(one, spans, before, escape)
        else:
            found = [self._pair(one, span, before, escape) for span in spans]
        draft.environment += [variable for variable in found if variable is not None]

    def _old_form(
        self, one: Instruction, spans: list[tuple[int, int]], lookup: Lookup, escape: str
    ) -> list[Variable | None]:
        """`ENV NAME the rest of the line`."""
        if len(spans) < 2:
            self._damaged(one, "`ENV` without a value")
            return []
        name = decoded(one.text[slice(*spans[0])])
        return [self._variable(one, name, spans[0][0], (spans[1][0], spans[-1][1]), lookup, escape)]

    def _pair(self, one: Instruction, span: tuple[int, int], lookup: Lookup, escape: str) -> Variable | None:
        text = one.text[slice(*span)]
        match = re.match(r"[\0]*([^=\0]+)[\0]*=", text)
        if match is None:
            self._damaged(one, f"`ENV` with `{decoded(text)[:24]}`, which has no `=`")
            return None
        value = (span[0] + match.end(), span[1])
        return self._variable(one, decoded(match[1]), span[0], value, lookup, escape)

    def _variable(
        self, one: Instruction, name: str, start: int, span: tuple[int, int], lookup: Lookup, escape: str
    ) -> Variable:
        value = expand(one.text[slice(*span)], lookup, escape)
        place = self.source.place(one.start + start, one.start + span[1])
        above = {bash.comment_above(self.source, at): None for at in (one.start, one.start + start)}
        token = self._token(one, span, value.text)
        return Variable(name, token, place, "image", value.known, comment=" ".join(above).strip())

    def _copy(self, draft: _Draft, one: Instruction, escape: str) -> None:
        flags, at = _flags(one)
        words = _strings(one.text, at)
        spans = [span for span, _ in words] if words is not None else split(one.text, at, escape)
        texts = [text for _, text in words] if words is not None else [one.text[slice(*s)] for s in spans]
        paths = [expand(text, draft.lookup, escape).text for text in texts]
        if len(paths) < 2:
            self._damaged(one, f"`{one.keyword}` needs a source and a target")
            return
        origin = expand(flags["from"], draft.lookup, escape).text if "from" in flags else None
        sources = tuple(path for path in paths[:-1] if not path.startswith("<<"))
        place = self.source.place(one.start, one.end)
        draft.copies.append(Copy(sources, paths[-1], self._origin(origin), place))

    def _origin(self, origin: str | None) -> str | None:
        """A stage may be called by its number."""
        if origin is not None and origin.isdigit() and int(origin) < len(self.drafts) - 1:
            return self.drafts[int(origin)].name
        return origin

    def _run(self, draft: _Draft, one: Instruction, escape: str) -> None:
        _, at = _flags(one)
        content, start = _script(self.source.content, one, at)
        place = self.source.place(one.start, one.whole_end)
        if _strings(one.text, at) is not None or not launchers.is_shell(draft.shell):
            draft.runs.append(Run(content.decode("utf-8", "replace"), place))
            return
        script = bash.read(self.source, content, start, draft.values())
        held = draft.values() | {one.name: one.value.text for one in script.assignments if one.known}
        steps = tuple(changes(script.commands, held.get))
        installs = tuple(package for step in steps for package in step.packages)
        text = content.decode("utf-8", "replace")
        draft.runs.append(Run(text, place, tuple(_exports(script)), installs))
        draft.packages = applied(draft.packages, steps)

    def _entrypoint(self, draft: _Draft, one: Instruction, escape: str) -> None:
        draft.entrypoint = self._command(one)
        if not draft.has_own_cmd:
            draft.cmd = None

    def _cmd(self, draft: _Draft, one: Instruction, escape: str) -> None:
        draft.cmd = self._command(one)
        draft.has_own_cmd = True

    def _command(self, one: Instruction) -> Command | None:
        strings = _strings(one.text, one.rest)
        if strings is None:
            content, start = _script(self.source.content, one, one.rest)
            text, place = decoded(one.text[one.rest :]).strip(), self.source.place(one.start, one.end)
            return in_shell(text, place, bash.read(self.source, content, start)) if text else None
        words = tuple(self._token(one, span, decoded(text)) for span, text in strings)
        text, place = decoded(one.text[one.rest :]).strip(), self.source.place(one.start, one.end)
        return Command("exec", words, text, place) if words else None

    def _shell(self, draft: _Draft, one: Instruction, escape: str) -> None:
        strings = _strings(one.text, one.rest)
        if not strings:
            self._damaged(one, "`SHELL` needs a list of strings")
            return
        draft.shell = strings[0][1].rpartition("\\")[2].rpartition("/")[2]

    def _token(self, one: Instruction, span: tuple[int, int], text: str) -> Token:
        return self.source.token(one.start + span[0], one.start + span[1], text)


_HANDLERS = {
    "ENV": _Reader._env,
    "COPY": _Reader._copy,
    "ADD": _Reader._copy,
    "RUN": _Reader._run,
    "ENTRYPOINT": _Reader._entrypoint,
    "CMD": _Reader._cmd,
    "SHELL": _Reader._shell,
}


def _child(parent: _Draft, name: str, place: Place, platform: str | None) -> _Draft:
    """A stage that is built on another begins with all of it."""
    return replace(
        parent,
        name=name,
        place=place,
        platform=platform or parent.platform,
        ancestors=(*parent.ancestors, parent.name),
        environment=list(parent.environment),
        arguments=dict(parent.arguments),
        copies=list(parent.copies),
        runs=list(parent.runs),
        has_own_cmd=False,
    )


def _flags(one: Instruction) -> tuple[dict[str, str], int]:
    """`--name=value` in front, and where the rest begins."""
    flags, at = {}, one.rest
    while match := _FLAG.match(one.text, at):
        flags[match[1]] = match[2] or ""
        at = match.end()
        while at < len(one.text) and (one.text[at].isspace() or one.text[at] == GAP):
            at += 1
    return flags, at


def _strings(text: str, at: int) -> list[tuple[tuple[int, int], str]] | None:
    """The spans and values of a JSON array of strings, or None if it is none: then it is for a shell."""
    rest = text[at:].replace(GAP, " ")
    if not rest.startswith("["):
        return None
    try:
        values = json.loads(rest, strict=False)
    except (ValueError, RecursionError):
        return None
    spans = [(at + match.start(), at + match.end()) for match in _STRING.finditer(rest)]
    if not isinstance(values, list) or len(spans) != len(values):
        return None
    texts = [value for value in values if isinstance(value, str)]
    # The bytes were read one by one: what JSON escaped beyond them is put in as UTF-8.
    fitting = [text if text.isascii() else _as_bytes(text) for text in texts]
    return list(zip(spans, fitting, strict=True)) if len(fitting) == len(spans) else None


def _as_bytes(text: str) -> str:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("latin-1")
    return text


def _script(content: bytes, one: Instruction, at: int) -> tuple[bytes, int]:
    """What a shell gets of an instruction, and at which byte that begins."""
    line = one.shell[at:]
    if not one.heredocs:
        return line, one.start + at
    if re.fullmatch(r"\s*\d*<<-?['\"]?\w+['\"]?\s*", one.text[at:]):
        body = one.heredocs[0]
        text = content[body.start : body.end]
        first = text.split(b"\n", 1)[0]
        # Another interpreter's text is no shell script.
        return (b"", body.start) if first.startswith(b"#!") and b"sh" not in first else (text, body.start)
    return line + content[one.end : one.whole_end], one.start + at


def _exports(script: bash.Script) -> Iterator[tuple[Variable, bool]]:
    """What a `RUN` exports, and whether anything comes after it that can see it."""
    for one in script.exports():
        guarded = bool(one.guards) or one.decided
        variable = Variable(one.name, one.value, one.place, "shell", one.known, guarded)
        end = one.place.end.offset
        later = (command for command in script.commands if command.place.start.offset >= end)
        used = any(_sees(command) for command in later)
        yield variable, used


def _sees(command: bash.Simple) -> bool:
    """Whether a command may make something of a variable that was exported before."""
    idle = _IDLE | _TELLING if command.inside else _IDLE
    return bool(command.words) and command.name not in idle
