"""Start scripts: what they export, and which programs they start with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from alloclint.project import bash
from alloclint.project.image.starting import understood
from alloclint.project.runtime import launchers, purpose
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source, Token

#: What a shell does by itself, and what only asks, moves or shows something: nobody means these by a program.
_AIDS = frozenset({
    ".", ":", "[", "alias", "awk", "basename", "bg", "break", "cat", "cd", "chmod", "chown", "clear",
    "continue", "cp", "cut", "date", "declare", "dirname", "echo", "eval", "exit", "export", "expr",
    "false", "fg", "find", "getopts", "grep", "head", "hostname", "id", "kill", "let", "ln", "local",
    "logger", "ls", "mkdir", "mktemp", "mv", "printf", "pushd", "popd", "pwd", "read", "readlink",
    "realpath", "return", "rm", "rmdir", "sed", "set", "shift", "shopt", "sleep", "sort", "source", "stat",
    "tail", "tee", "test", "touch", "tr", "trap", "true", "type", "ulimit", "umask", "unalias", "uname",
    "unset", "wait", "wc", "which", "whoami", "xargs",
})  # fmt: skip

#: Names of variables that hold the options of a program.
_OPTIONS = re.compile(r"\w*(?:OPTS|OPTIONS|ARGS|FLAGS)\w*")
_REFERENCE = re.compile(r"\$\{?(\w+)")
_WHOLE_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]*")


def read(source: Source) -> tuple[Unit, ...]:
    """
    The script as a unit, or none if it neither exports nor starts anything.

    What stands before the last command is part of its environment: `LD_PRELOAD=… exec java …`. An assignment
    in a function counts as one under a condition, unless the script calls the function in any case.
    """
    script = _with_programs(bash.read(source))
    starting = [one for one in script.commands if _is_start(one, script)]
    last = _last(starting)
    options = _options_of_java(starting)
    counting = (one for one in script.assignments if one.exported or one.name in options)
    variables = [_variable(source, one, script) for one in counting]
    if last is not None:
        variables += [_variable(source, one, script) for one in last.prefix]
        variables += _given_by_env(source, last)
    starts = tuple(_command(source, one) for one in starting)
    if not variables and not starts:
        return ()
    name = source.path.rpartition("/")[2]
    return (
        Unit(
            kind="shell",
            name=name,
            path=source.path,
            place=source.place(0, len(source.content)),
            environment=Environment(tuple(variables)),
            command=_command(source, last) if last is not None else None,
            purpose=purpose.of(source.path),
            starts=starts,
        ),
    )


def _with_programs(script: bash.Script) -> bash.Script:
    """
    The script with `"$JAVA" …` as `java …`, where every assignment of the variable is a program of that name,
    and without `$NUMACTL` in front, where that is always empty or a launcher.
    """
    values: dict[str, list[str]] = {}
    for one in script.assignments:
        values.setdefault(one.name, []).append(one.value.text)
    if not values:
        return script
    commands = tuple(replace(one, words=_named(one.words, values)) for one in script.commands)
    return replace(script, commands=commands)


def _named(words: tuple[Token, ...], values: dict[str, list[str]]) -> tuple[Token, ...]:
    found = list(words)
    at = 1 if words and words[0].text in ("exec", "nohup") else 0
    while at < len(found):
        match = _WHOLE_VARIABLE.fullmatch(found[at].text)
        held = values.get(match[1], []) if match else []
        if held and all(not text or launchers.is_launcher(text) for text in held):
            del found[at]
            continue
        names = {text.rpartition("/")[2] for text in held}
        names = {name for name in names if not name.startswith("$")} or names
        if len(names) == 1 and _PROGRAM.fullmatch(name := names.pop()):
            found[at] = replace(found[at], text=name, raw=found[at].written)
        break
    return tuple(found)


def _is_start(one: bash.Simple, script: bash.Script) -> bool:
    words = launchers.program(one.words)
    if not words or one.inside:
        return False
    return words[0].text.rpartition("/")[2] not in _AIDS and words[0].text not in script.functions


def _last(starting: list[bash.Simple]) -> bash.Simple | None:
    """
    The last `exec`, one outside of functions before those inside; or else the last program outside of them.
    """
    outside = [one for one in starting if one.function is None]
    for group in (outside, starting):
        replacing = [one for one in group if one.name == "exec"]
        if replacing:
            return replacing[-1]
    return (outside or starting)[-1] if starting else None


def _command(source: Source, one: bash.Simple) -> Command:
    """The words without launchers; `bash other.sh` is a script of its own."""
    place = one.place
    text = source.content[place.start.offset : place.end.offset].decode("utf-8", "replace")
    found = understood(Command("exec", one.words, text, place))
    return found if found.form == "script" else Command("shell", found.words, text, place)


def _variable(source: Source, one: bash.Assignment, script: bash.Script) -> Variable:
    guarded = bool(one.guards) or one.decided or (one.function is not None and not _is_called(one, script))
    comment = bash.comment_beside(source, one.place.end.offset)
    return Variable(one.name, one.value, one.place, "shell", one.known, guarded, comment, one.guards)


def _options_of_java(starting: list[bash.Simple]) -> set[str]:
    """The variables with options that `java` is started with: it gets them though nothing exports them."""
    words = (
        word.written
        for command in starting
        if any(one.text.rpartition("/")[2] == "java" for one in launchers.program(command.words)[:1])
        for word in command.words
    )
    return {name for word in words for name in _REFERENCE.findall(word) if _OPTIONS.fullmatch(name)}


def _is_called(one: bash.Assignment, script: bash.Script) -> bool:
    """Whether the function around an assignment is called at the top of the script."""
    return any(
        command.words and command.words[0].text == one.function and not command.guards
        for command in script.commands
        if command.function is None
    )


def _given_by_env(source: Source, one: bash.Simple) -> Iterator[Variable]:
    """`env NAME=value program`."""
    for word in launchers.launched(one.words)[0]:
        name, _, value = word.text.partition("=")
        token = Token(value, word.place, word.written)
        decided = "$(" in value or "`" in value
        yield Variable(name, token, word.place, "shell", "$" not in value, decided or bool(one.guards))
