"""
The flags that the JVM of a unit gets, each with its place, in the order in which HotSpot reads them.

`JAVA_TOOL_OPTIONS` comes first, then `JDK_JAVA_OPTIONS` and the command line, then `_JAVA_OPTIONS`; of one
flag the last holds. Other variables with flags, as `JAVA_OPTS`, count like the command line, for a script
that puts them there, unless it is known that `java` is started without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alloclint.finding import Place
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Token
from alloclint.project.tuning import hotspot
from alloclint.project.tuning.hotspot import Flag
from alloclint.project.within import part

_JAVA = {"java", "javaw"}
#: `$NAME` and `${NAME…}` in a value.
_REFERENCE = re.compile(r"\$\{?(\w+)")
#: In which order the variables that the JVM reads by itself count, around the command line at 2.
_RANKS = {"JAVA_TOOL_OPTIONS": 0, "JDK_JAVA_OPTIONS": 1, "_JAVA_OPTIONS": 3}
_COMMAND_LINE = 2
#: Variables for JVMs that build.
_OTHERS = {"MAVEN_OPTS", "GRADLE_OPTS", "SBT_OPTS", "ANT_OPTS", "MAVEN_ARGS", "LEIN_JVM_OPTS"}


@dataclass(frozen=True, slots=True)
class Given:
    """
    A flag as it is given: by a variable of this name, or by the command line (None). `certain` says that the
    JVM which the unit runs is known to get it. `word` is what is written around it.
    """

    flag: Flag
    word: Token
    variable: str | None
    rank: int
    certain: bool

    @property
    def place(self) -> Place:
        """The flag with its value."""
        return part(self.word, self.flag.start, self.flag.end)

    def value_place(self) -> Place | None:
        """What stands behind `=`, or `-Xmx`; None where the bytes cannot be told."""
        value = self.flag.value or ""
        place = part(self.word, self.flag.end - len(value), self.flag.end)
        size = place.end.offset - place.start.offset
        is_exact = self.flag.written.endswith(value) and size == len(value.encode())
        return place if value and is_exact else None


def given(unit: Unit) -> tuple[Given, ...]:
    """The flags of a unit, weakest first; variables that a script might still change are left out."""
    commands = [command for command in _commands(unit) if command.program in _JAVA]
    found = [one for command in commands for one in _of_command(command)]
    for variable in _effective(unit.environment):
        found += _of_variable(variable, unit, commands)
    return tuple(sorted(found, key=lambda one: one.rank))


def _effective(environment: Environment) -> Iterator[Variable]:
    """The assignments that hold: also those to which a later one only adds, `X="$X -Xmx2g"`."""
    growing: dict[str, list[Variable]] = {}
    for one in environment.variables:
        is_added = one.name in _REFERENCE.findall(one.value.text)
        growing[one.name] = [*growing.get(one.name, ()), one] if is_added else [one]
    held = {id(one) for chain in growing.values() for one in chain}
    return (one for one in environment.variables if id(one) in held)


def holding(flags: Iterable[Given], name: str) -> Given | None:
    """The flag that holds."""
    return next((one for one in reversed(tuple(flags)) if one.flag.name == name), None)


def _commands(unit: Unit) -> Iterator[Command]:
    """The unit's command, and the others that its script starts, each once."""
    seen: set[Place] = set()
    for command in (unit.command, *unit.starts):
        place = command.words[0].place if command is not None and command.words else None
        if command is not None and place is not None and place not in seen:
            seen.add(place)
            yield command


def _of_command(command: Command) -> Iterator[Given]:
    for flag in hotspot.flags([word.text for word in command.words]):
        yield Given(flag, command.words[flag.word], None, _COMMAND_LINE, True)


def _of_variable(variable: Variable, unit: Unit, commands: Sequence[Command]) -> Iterator[Given]:
    text = variable.value.text
    if variable.name in _OTHERS or ("-X" not in text and "RAM" not in text):
        return
    rank = _RANKS.get(variable.name, _COMMAND_LINE)
    is_expanded = any(command.mentions(variable.name) for command in _commands(unit))
    is_read = variable.name in _RANKS or is_expanded
    if commands and not is_read and all(command.form == "exec" for command in commands):
        # `java` is started without it: a variable of nobody.
        return
    for flag in hotspot.flags(text):
        yield Given(flag, variable.value, variable.name, rank, is_read and variable.known)
