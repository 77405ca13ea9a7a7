"""How `ENTRYPOINT` and `CMD` become one command line, and which program that starts in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alloclint.finding import Place
from alloclint.project import bash
from alloclint.project.runtime import launchers
from alloclint.project.runtime.command import Command
from alloclint.project.token import Source, Token


def started(entrypoint: Command | None, cmd: Command | None) -> Command | None:
    """
    The command line of a container, with launchers such as `tini --` and `sh -c` looked through.

    In shell form an entry point takes no arguments; one of which nothing is known leaves the command unknown.
    Arguments in shell form are `/bin/sh -c` and a text: behind a launcher they are what runs.
    """
    if entrypoint is None or cmd is None:
        alone = cmd if entrypoint is None else entrypoint
        return understood(alone) if alone is not None else None
    if entrypoint.form == "shell":
        return understood(entrypoint)
    if cmd.form == "shell":
        return cmd if not launchers.program(entrypoint.words) else understood(entrypoint)
    return understood(
        replace(entrypoint, words=(*entrypoint.words, *cmd.words), text=f"{entrypoint.text} {cmd.text}")
    )


def understood(command: Command) -> Command:
    """
    The same command line with the program first: without launchers; `sh -c text` in shell form, the words
    those of what the text ends with; `bash start.sh` and `start.sh` in script form.
    """
    if command.form == "shell":
        return command
    words = launchers.program(command.words)
    if words and launchers.is_shell(words[0].text):
        return _in_shell(command, words)
    is_script = bool(words) and words[0].text.endswith((".sh", ".bash"))
    return replace(command, words=words, form="script" if is_script else command.form)


def in_shell(text: str, place: Place, script: bash.Script) -> Command:
    """A command line that a shell reads: the words are those of the program it ends with."""
    return Command("shell", last_program(script.commands), text, place)


def last_program(commands: Sequence[bash.Simple]) -> tuple[Token, ...]:
    """What a script ends with: its last `exec`, or else its last command that is not asked for output."""
    main = [one for one in commands if not one.inside and one.function is None and one.words]
    last = next((one for one in reversed(main) if one.name == "exec" and len(one.words) > 1), None)
    if last is None and main:
        last = main[-1]
    return launchers.program(last.words) if last is not None else ()


def _in_shell(command: Command, words: tuple[Token, ...]) -> Command:
    at = 1
    while at < len(words) and words[at].text.startswith(("-", "+")):
        flag = words[at].text
        at += 2 if flag in ("-o", "+o") else 1
        if flag.startswith("-") and not flag.startswith("--") and "c" in flag:
            # `-ec text`; in `-c -e text` more flags may stand between, which nobody writes.
            return _of_text(command, words[at]) if at < len(words) else replace(command, words=())
    return replace(command, words=words[at:], form="script")


def _of_text(command: Command, text: Token) -> Command:
    found = bash.read(Source(text.place.path, text.text.encode("utf-8", "surrogatepass")))
    # Escapes in the JSON string may have moved everything: each word stands where the string does.
    words = tuple(replace(word, place=text.place) for word in last_program(found.commands))
    return replace(command, form="shell", words=words)
