"""From what a manifest writes to a command line: words split as a shell would, and what `sh -c` starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alloclint.finding import Place
from alloclint.project import bash
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.launchers import is_shell, launched, program
from alloclint.project.token import Source, Token
from alloclint.project.within import piece

_SCRIPT = re.compile(r"-[a-z]*c")
_WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\]|["'\\])+""", re.DOTALL)
_QUOTED = re.compile(r"""\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'""", re.DOTALL)
_BLOCK = re.compile(r"[|>][^\n]*\n")
#: What a shell runs beside the program: it asks, shows or waits.
_PASSING = {"tee", "cat", "wait", "trap", "true", ":", "sleep", "logger", "exit", "return", "done"}


@dataclass(frozen=True, slots=True)
class Line:
    """A command line, with the variables that its shell sets for what it starts."""

    command: Command
    variables: tuple[Variable, ...] = ()
    starts: tuple[Command, ...] = ()


def split(token: Token) -> tuple[Token, ...]:
    """The words of a text, quotes taken away; variables and a quote that nothing closes stay as written."""
    hits = _WORD.finditer(token.text)
    return tuple(piece(token, hit.start(), hit.end(), _QUOTED.sub(_unquoted, hit[0])) for hit in hits)


def line(source: Source, words: Sequence[Token], place: Place) -> Line | None:
    """What some words start: the words as they are, a script, or what the shell among them runs."""
    if not words:
        return None
    script = _script_of(words)
    if script is not None:
        return of_shell(source, script, place)
    text = " ".join(word.text for word in words)
    made, started = launched(words)
    started = started or tuple(words)
    name = started[0].text.rpartition("/")[2]
    is_script = name.endswith((".sh", ".bash")) or "entrypoint" in name
    is_script = is_script or (is_shell(name) and len(started) > 1)
    variables = tuple(map(_made, made))
    return Line(Command("script" if is_script else "exec", started, text, place), variables)


def is_flag(command: Command) -> bool:
    """Whether a command line is only what is handed to a program that is named elsewhere."""
    return command.form != "shell" and command.words[0].text.startswith("-")


def of_shell(source: Source, script: Token, place: Place, known: dict[str, str] | None = None) -> Line:
    """What a script that is written in a value runs: the program that it ends with, or that it `exec`s."""
    read = _read(source, script, known)
    starts = tuple(
        Command("shell", program(one.words), script.text, one.place)
        for one in read.commands
        if one.words and not one.inside
    )
    chosen = _chosen(read.commands)
    variables = tuple(_variable(one) for one in (*read.exports(), *(chosen.prefix if chosen else ())))
    words = program(chosen.words) if chosen else ()
    return Line(Command("shell", words, script.text, place), variables, starts)


def _script_of(words: Sequence[Token]) -> Token | None:
    """The script behind `sh -c`, also below `tini --` and its like."""
    for at, word in enumerate(words[:4]):
        if not is_shell(word.text):
            continue
        for flag, script in zip(words[at + 1 :], words[at + 2 :], strict=False):
            if _SCRIPT.fullmatch(flag.text):
                return script
            if not flag.text.startswith("-"):
                return None
    return None


def _read(source: Source, script: Token, known: dict[str, str] | None) -> bash.Script:
    """A script at its place where it stands there as the shell gets it; else with the place of its value."""
    start, written = script.place.start.offset, script.written
    if len(written.encode("utf-8", "replace")) != script.place.end.offset - start:
        return _moved(_bash(source, script.text, start, known, clipped=True), script.place)
    block = _BLOCK.match(written)
    if block is not None and block.end() < len(written) and _is_literal(script, written, block.end()):
        body = written[block.end() :]
        return _bash(source, body, start + len(written[: block.end()].encode()), known)
    at = written.find(script.text)
    if at >= 0:
        return _bash(source, script.text, start + len(written[:at].encode()), known)
    return _moved(_bash(source, script.text, start, known, clipped=True), script.place)


def _is_literal(script: Token, written: str, body: int) -> bool:
    """Whether the lines of a block are those of its value but for the indentation."""
    meant = [one.strip() for one in script.text.strip().split("\n")]
    return meant == [one.strip() for one in written[body:].strip().split("\n")]


def _bash(
    source: Source, text: str, start: int, known: dict[str, str] | None, clipped: bool = False
) -> bash.Script:
    content = text.encode("utf-8", "replace")
    if clipped:
        # Places are replaced afterwards; a source of its own keeps offsets inside of it.
        return bash.read(Source(source.path, content), content=content, known=known)
    return bash.read(source, content=content, start=start, known=known)


def _moved(script: bash.Script, place: Place) -> bash.Script:
    def word(one: Token) -> Token:
        return replace(one, place=place)

    def assignment(one: bash.Assignment) -> bash.Assignment:
        return replace(one, value=word(one.value), place=place)

    return bash.Script(
        tuple(assignment(one) for one in script.assignments),
        tuple(
            replace(
                one,
                words=tuple(map(word, one.words)),
                place=place,
                prefix=tuple(map(assignment, one.prefix)),
            )
            for one in script.commands
        ),
    )


def _chosen(commands: Sequence[bash.Simple]) -> bash.Simple | None:
    outside = [one for one in commands if one.words and not one.inside]
    replacing = [one for one in outside if one.name == "exec" and len(one.words) > 1]
    running = [one for one in outside if one.name not in _PASSING]
    found = replacing or running or outside
    return found[-1] if found else None


def _made(word: Token) -> Variable:
    """What `env NAME=value program` sets."""
    name, _, text = word.text.partition("=")
    value = piece(word, len(name) + 1, len(word.text))
    return Variable(name, value, word.place, "shell", known="$" not in text)


def _variable(one: bash.Assignment) -> Variable:
    return Variable(
        one.name, one.value, one.place, "shell", known=one.known, guarded=bool(one.guards) or one.decided
    )


def _unquoted(hit: re.Match[str]) -> str:
    if hit[1] is not None:
        return hit[1] if hit[1] != "\n" else ""
    if hit[2] is not None:
        return re.sub(r'\\([\\"$`])', r"\1", hit[2])
    return hit[3]
