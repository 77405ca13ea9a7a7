"""A piece of text with the place where it is written: what every reader of manifests hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from alloclint.finding import Place, Position
from alloclint.lines import line_starts, position


@dataclass(frozen=True, slots=True)
class Token:
    """
    What a stretch of a file means, and where it stands.

    `text` is the value after quotes, escapes and line breaks were taken away; `place` are the bytes as they
    are written, with their quotes. `raw` is how it is written where that differs from `text`.
    """

    text: str
    place: Place
    raw: str | None = None

    @property
    def written(self) -> str:
        """As it stands in the file."""
        return self.text if self.raw is None else self.raw

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Source:
    """A manifest's bytes under the path shown; it turns byte offsets into places."""

    path: str
    content: bytes
    #: Stretches that could not be read, with the reason as their text.
    damage: list[Place] = field(default_factory=list)

    def place(self, start: int, end: int, text: str = "") -> Place:
        """The bytes `start`..`end` (exclusive) as a place."""
        return Place(self.path, self.position(start), self.position(end), text)

    def position(self, offset: int) -> Position:
        """The 1-based line and column (columns count bytes) of a byte offset."""
        return position(self._line_starts, offset)

    def token(self, start: int, end: int, text: str | None = None) -> Token:
        """The bytes as a token; `text` is what they mean where that is not what is written."""
        raw = self.content[start:end].decode("utf-8", "replace")
        if text is None or text == raw:
            return Token(raw, self.place(start, end))
        return Token(text, self.place(start, end), raw)

    def damaged(self, start: int, end: int, reason: str) -> None:
        """Take down that a stretch could not be read."""
        self.damage.append(self.place(start, end, reason))

    @cached_property
    def text(self) -> str:
        """The file as text; a byte order mark and bytes that are no UTF-8 are replaced one by one."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def _line_starts(self) -> list[int]:
        return line_starts(self.content)
