"""The environment variables of a program, each with the file and line that sets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project.token import Token

Origin = Literal["image", "compose", "kubernetes", "systemd", "shell", "workflow", "cargo", "options"]


@dataclass(frozen=True, slots=True)
class Variable:
    """
    One assignment.

    `value` is what the program sees, quotes that stay in it included; its text is None-free but may hold
    `$NAME` where a reference could not be resolved: then `known` is False. `guarded` says that the
    assignment stands under a condition, or that its value is decided by a command; `conditions` are those,
    as a script writes them. `comment` is what is written beside or above it.
    """

    name: str
    value: Token
    place: Place
    origin: Origin
    known: bool = True
    guarded: bool = False
    comment: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """Assignments in the order in which they take effect: a later one wins over an earlier one."""

    variables: tuple[Variable, ...] = ()

    def get(self, name: str) -> Variable | None:
        """The assignment that holds at the start of the program, or None."""
        return next((one for one in reversed(self.variables) if one.name == name), None)

    def effective(self) -> Iterator[Variable]:
        """Of each name the assignment that holds, in the order of the files."""
        last = {one.name: one for one in self.variables}
        return (one for one in self.variables if last[one.name] is one)

    def then(self, *later: Variable) -> Environment:
        """With more assignments after these."""
        return Environment((*self.variables, *later))
