"""gunicorn and celery as a unit starts them: which of the two, and with which options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alloclint.project.runtime.commandline import split
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Token
from alloclint.project.within import piece

_PROGRAMS = {"gunicorn", "celery"}
#: How far in front of the program something may stand that only starts it: `poetry run`, `python -m`.
_BEFORE = 4


@dataclass(frozen=True, slots=True)
class Server:
    """The program and the words behind it; before them those of `GUNICORN_CMD_ARGS`, which are weaker."""

    program: str
    words: tuple[Token, ...]

    def option(self, *names: str) -> Token | None:
        """The value of an option, by any of its names: of several the last."""
        found = None
        for word, following in zip(self.words, (*self.words[1:], None), strict=True):
            name, equals, value = word.text.partition("=")
            if name not in names:
                continue
            if equals:
                found = piece(word, len(name) + 1, len(name) + 1 + len(value))
            elif following is not None:
                found = following
        return found

    def flag(self, name: str) -> Token | None:
        """An option without a value."""
        return next((word for word in self.words if word.text == name), None)


def server(unit: Unit) -> Server | None:
    """The server that a unit runs, or None."""
    return next(_servers(unit), None)


def _servers(unit: Unit) -> Iterator[Server]:
    for command in (unit.command, *reversed(unit.starts)):
        words = command.words if command is not None else ()
        for at, word in enumerate(words[:_BEFORE]):
            name = word.text.rpartition("/")[2]
            if name in _PROGRAMS:
                yield Server(name, (*_arguments(unit, name), *_rest(words[at + 1 :])))
                break


def _arguments(unit: Unit, name: str) -> tuple[Token, ...]:
    variable = unit.environment.get("GUNICORN_CMD_ARGS") if name == "gunicorn" else None
    return split(variable.value) if variable is not None else ()


def _rest(words: Sequence[Token]) -> tuple[Token, ...]:
    """Short options with their value in one word are taken apart: `-w4`."""
    found: list[Token] = []
    for word in words:
        text = word.text
        if len(text) > 2 and text[0] == "-" and text[1].isalpha() and text[2] != "=":
            found += (piece(word, 0, 2), piece(word, 2, len(text)))
        else:
            found.append(word)
    return tuple(found)
