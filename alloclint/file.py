"""One file: its bytes, its tree, its shape and its facts, each computed on first use, once."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from alloclint.finding import Place, Position
from alloclint.languages import Language, language_of
from alloclint.lines import line_starts, position

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.facts import Facts
    from alloclint.facts.summary import Project
    from alloclint.settings import Limits
    from alloclint.syntax.model import Unit

# Readers stop at 200 levels of nesting; the walks behind them need several Python frames a level.
_FRAMES = 20_000
_BINARY_HEAD = 8192
_BOM = b"\xef\xbb\xbf"


@dataclass(eq=False)
class File:
    """
    `path` is relative to the working directory, with `/`; `limits` are what the rules assume about the
    target.
    """

    path: str
    source: bytes
    language: Language
    limits: Limits
    project: Project | None = None
    #: the same file without the project around it, whose tree this one shares
    alone: File | None = None
    #: the stretches of a manifest that could not be read, with reasons
    damage: tuple[Place, ...] = ()

    @classmethod
    def of(cls, path: str, source: bytes, limits: Limits, project: Project | None = None) -> File:
        """The file, by its suffix; ValueError for a suffix that is none of ours."""
        language = language_of(path)
        if language is None:
            raise ValueError(f"{path}: not a Rust, Java or Python file")
        return cls(path, source, language, limits, project)

    @cached_property
    def is_binary(self) -> bool:
        return b"\0" in self.source[:_BINARY_HEAD]

    @cached_property
    def tree(self) -> tree_sitter.Tree:
        if self.alone is not None:
            return self.alone.tree
        self.grown_from(None)
        return self.tree

    def grown_from(self, old: tree_sitter.Tree | None) -> tree_sitter.Tree:
        """
        Parse the file, with the tree of an earlier text if there is one, which has been told of all edits
        since then. What is returned is for the next time: the parser's own tree, without anything mended.
        """
        import tree_sitter

        text = _parseable(self.source, binary=self.is_binary)
        parser = tree_sitter.Parser(self.language.grammar())
        tree = parser.parse(text, old) if old is not None else parser.parse(text)
        self.__dict__["tree"] = tree
        if tree.root_node.has_error:
            from alloclint.syntax.newer import mended

            self.__dict__["tree"] = mended(tree, text, self.language.name)
        return tree

    @cached_property
    def unit(self) -> Unit:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
        return self.language.read(self.tree, self.source)

    def within(self, project: Project) -> File:
        """The same file with a project around it; it is not parsed again, its facts are new."""
        other = replace(self, project=project, alone=self.alone or self)
        if "unit" in self.__dict__:
            other.__dict__["unit"] = self.unit
        return other

    @cached_property
    def facts(self) -> Facts:
        from alloclint.facts import Facts

        return Facts(self)

    @property
    def damaged(self) -> tuple[tuple[int, int], ...]:
        """The spans that could not be parsed."""
        return ((0, len(self.source)),) if self.is_binary else self.unit.damaged

    def text(self, start: int, end: int) -> str:
        return self.source[start:end].decode("utf-8", "replace")

    @cached_property
    def _line_starts(self) -> list[int]:
        return line_starts(self.source)

    def position(self, offset: int) -> Position:
        return position(self._line_starts, offset)

    def place(self, start: int, end: int, text: str = "") -> Place:
        return Place(self.path, self.position(start), self.position(end), text)


def _parseable(source: bytes, *, binary: bool) -> bytes:
    """The same bytes at the same offsets, without what the parsers stumble over."""
    if binary:
        return b""
    if source.startswith(_BOM):
        source = b"   " + source[3:]
    if b"\0" in source:
        source = source.replace(b"\0", b" ")
    if not source.isascii():
        try:
            source.decode("utf-8")
        except UnicodeDecodeError:
            # Another encoding: letters beyond ASCII only occur in comments, strings and names, where any
            # letter will do.
            source = bytes(byte if byte < 128 else 0x78 for byte in source)
    return source
