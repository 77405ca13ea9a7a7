"""What is started: the words of a program's command line, as far as they can be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project.token import Token

#: exec: the words are handed to the program as they are · shell: a shell expands them first · script: a file
#: of the repository, or another, that is not read any further.
Form = Literal["exec", "shell", "script"]


@dataclass(frozen=True, slots=True)
class Command:
    """
    A command line. `words` begin with the program; for a shell they are those of the command that ends the
    script (`exec java …`), with variables left as written. `text` is the whole line or script.
    """

    form: Form
    words: tuple[Token, ...]
    text: str
    place: Place

    @property
    def program(self) -> str:
        """The name of the program without its folder; empty where it is unknown."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""

    def mentions(self, variable: str) -> bool:
        """Whether the text expands or names a variable."""
        return variable in self.text
