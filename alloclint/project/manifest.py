"""A manifest in the shape of a source file: comments and damage, but no code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, cast

from alloclint.file import File
from alloclint.languages import Language
from alloclint.project.comments import comment_finder, continued
from alloclint.project.kinds import Kind
from alloclint.settings import Limits
from alloclint.syntax import model

if TYPE_CHECKING:
    import tree_sitter


@dataclass(eq=False)
class ManifestFile(File):
    """A manifest, for what holds for every file: suppressions, damage, places."""

    @classmethod
    def written(cls, path: str, source: bytes, kind: Kind) -> ManifestFile:
        """The manifest; `path` is the one shown."""
        return cls(path, source, _language(kind), Limits())

    @property
    def kind(self) -> Kind:
        return cast(Kind, self.language.name)

    @cached_property
    def unit(self) -> model.Unit:
        # A statement is what one comment speaks for; here that is an instruction.
        instructions = [model.FieldDecl(start, end, "") for start, end in continued(self.kind, self.source)]
        return model.Unit(
            0,
            len(self.source),
            fields=instructions,
            damaged=tuple((place.start.offset, place.end.offset) for place in self.damage),
            comment_at=comment_finder(self.kind, self.source),
        )


@cache
def _language(kind: Kind) -> Language:
    """A language without collections, grammar and words: nothing but its name is ever asked."""
    return Language(
        name=kind,
        suffixes=(),
        grammar=cast("Callable[[], tree_sitter.Language]", _nothing),
        read=cast("Callable[[tree_sitter.Tree, bytes], model.Unit]", _nothing),
        comment="#",
        separator=".",
        collections={},
        growing={},
        reading=frozenset(),
        reserving=frozenset(),
        adaptors={},
        lengths={},
        integers=frozenset(),
        words=(),
    )


def _nothing(*_: object) -> None:
    raise AssertionError("a manifest has no grammar")
