"""
XML with the bytes where everything stands: a tree of elements, as far as the document can be read.

Documents that declare a document type are refused, for it can define entities that expand without end. What a
half-written document says before it breaks off is kept, and the rest is damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from alloclint.finding import Place
from alloclint.project.token import Source, Token


@dataclass(slots=True, eq=False)
class Element:
    """
    An element: `tag` without its prefix, `content` what stands in it outside of its children, stripped, at
    the bytes `span`. `start`..`end` (exclusive) are its own bytes, those of its tags included.
    """

    tag: str
    source: Source
    start: int
    end: int
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    content: str = ""
    span: tuple[int, int] = (0, 0)

    @property
    def text(self) -> Token | None:
        """The content as a token, or None where there is none."""
        return self.source.token(*self.span, self.content) if self.content else None

    @property
    def place(self) -> Place:
        return self.source.place(self.start, self.end)

    def all(self, path: str) -> Iterator[Element]:
        """The elements below it by a path of tags: `build/plugins/plugin`."""
        found = [self]
        for tag in path.split("/"):
            found = [child for one in found for child in one.children if child.tag == tag]
        return iter(found)

    def one(self, path: str) -> Element | None:
        """The first element of a path, or None."""
        return next(self.all(path), None)

    def value(self, path: str) -> Token | None:
        """The text of the first element of a path, or None."""
        found = self.one(path)
        return found.text if found is not None else None

    def string(self, path: str) -> str:
        """The content of the first element of a path, empty where there is none."""
        found = self.one(path)
        return found.content if found is not None else ""

    def below(self) -> Iterator[Element]:
        """It and everything in it, in the order of the document, however deep."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.children))


def read(source: Source) -> Element | None:
    """The root of a document, or None where not even its tag can be read; what is broken becomes damage."""
    reader = _Reader(source)
    try:
        reader.parser.Parse(source.content, True)
    except _RefusedError:
        source.damaged(
            max(source.content.rfind(b"<", 0, reader.at + 1), 0),
            len(source.content),
            "XML with a document type is not read",
        )
        return None
    except (expat.ExpatError, LookupError, ValueError) as error:
        reader.cut_off(error)
    return reader.root


class _RefusedError(Exception):
    pass


class _Reader:
    """Builds the tree while expat goes through the bytes."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Element | None = None
        self.open: list[Element] = []
        #: per open element: its text so far, and where that begins and ends
        self.texts: list[tuple[list[str], list[int]]] = []
        #: where the text that is being read begins
        self.from_: int | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._finish
        self.parser.CharacterDataHandler = self._add
        self.parser.CommentHandler = self.parser.StartCdataSectionHandler = self._interrupt
        self.parser.ProcessingInstructionHandler = self.parser.EndCdataSectionHandler = self._interrupt

    @property
    def at(self) -> int:
        return max(self.parser.CurrentByteIndex, 0)

    def cut_off(self, error: Exception) -> None:
        """The document ends here: what is open is as it stands."""
        content, at = self.source.content, max(self.parser.ErrorByteIndex, 0)
        reason = expat.errors.messages.get(getattr(error, "code", 0), str(error))
        self.source.damaged(min(at, len(content)), len(content), f"this XML cannot be read: {reason}")
        self._interrupt()
        while self.open:
            self._end(min(at, len(content)))

    def _refuse(self, *_: object) -> None:
        raise _RefusedError

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._interrupt()
        element = Element(tag.rpartition(":")[2], self.source, self.at, self.at, attributes)
        if self.open:
            self.open[-1].children.append(element)
        elif self.root is None:
            self.root = element
        self.open.append(element)
        self.texts.append(([], []))

    def _finish(self, _: str) -> None:
        self._interrupt()
        content, at = self.source.content, self.at
        # For `<a/>` expat is behind it already.
        self._end(content.find(b">", at) + 1 if content.startswith(b"</", at) else at)

    def _add(self, text: str) -> None:
        self._interrupt()
        if self.texts:
            self.texts[-1][0].append(text)
            self.from_ = self.at if text.strip() else None

    def _interrupt(self, *_: object) -> None:
        """The text before this point is complete: its bytes are known."""
        if self.from_ is not None and self.texts:
            raw = self.source.content[self.from_ : self.at]
            start = self.from_ + len(raw) - len(raw.lstrip())
            self.texts[-1][1].extend((start, start + len(raw.strip())))
        self.from_ = None

    def _end(self, end: int) -> None:
        element, (texts, spans) = self.open.pop(), self.texts.pop()
        element.end = end
        if spans:
            element.content, element.span = "".join(texts).strip(), (spans[0], spans[-1])
