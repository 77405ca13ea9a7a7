"""
YAML with the place of every value: documents as nodes, read from PyYAML's events.

Nodes are built here and not by PyYAML's composer, because a manifest may be half-written, nested without end
or made of aliases of aliases: events come one by one, a document counts when it is complete, and an alias is
the very node of its anchor, so nothing is expanded. A file that is a template (`{{ … }}`) and therefore no
YAML is left without damage; a value that is one is `Unknown`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from alloclint.finding import Place
from alloclint.project.token import Source, Token

if TYPE_CHECKING:
    from yaml.error import YAMLError
    from yaml.events import Event

#: Manifests are not nested as deep as this; readers and rules may descend without counting.
_DEEPEST = 100
#: How many pairs all `<<` of a file may bring together; files of people have hundreds.
_MERGED = 20_000
#: What a template leaves in a file before it is rendered; `${{ … }}` is an expression of GitHub, and YAML.
_TEMPLATE = re.compile(r"(?<!\$)\{\{|\{%|<%|#\{")
_PROPERTIES = re.compile(rb"(?:[&!]\S*\s+)+")

Style = Literal["plain", "single", "double", "literal", "folded"]
_STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or text. `null` says that it is plain and means nothing: empty, `~` or `null`."""

    token: Token
    style: Style = "plain"

    @property
    def place(self) -> Place:
        return self.token.place

    @property
    def null(self) -> bool:
        return self.style == "plain" and self.token.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map, merged with what its `<<` name; of equal keys the last one holds. The own keys come first."""

    pairs: tuple[tuple[Token, Node], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that a template makes, that is nested in itself, or whose anchor is not there."""

    place: Place


Node = Scalar | Sequence | Mapping | Unknown


def documents(source: Source) -> tuple[Node, ...]:
    """The documents of a file up to its first fault, which becomes damage. Empty documents are left out."""
    import yaml

    loader: Any = getattr(yaml, "CLoader", yaml.Loader)
    reader = _Reader(source)
    try:
        for event in yaml.parse(reader.text, Loader=loader):
            reader.take(event)
    except yaml.YAMLError as fault:
        if not is_template(reader.text):
            reader.fault(fault)
    except _TooDeepError as fault:
        source.damaged(fault.offset, fault.offset + 1, f"nested deeper than {_DEEPEST} levels")
    return tuple(reader.documents)


def is_template(text: str) -> bool:
    """Whether something has to be filled in before the text is what it stands for."""
    return _TEMPLATE.search(text) is not None


def get(node: Node | None, *keys: str) -> Node | None:
    """What a path of keys leads to, None where it ends before."""
    for key in keys:
        if not isinstance(node, Mapping):
            return None
        node = next((value for name, value in node.pairs if name.text == key), None)
    return node


def pairs(node: Node | None) -> tuple[tuple[Token, Node], ...]:
    """The entries of a map; none of anything else."""
    return node.pairs if isinstance(node, Mapping) else ()


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; none of anything else."""
    return node.items if isinstance(node, Sequence) else ()


def word(node: Node | None) -> Token | None:
    """The text of a scalar that says something; None of null and of anything else."""
    return node.token if isinstance(node, Scalar) and not node.null else None


def words(node: Node | None) -> tuple[Token, ...]:
    """One scalar or a list of them, as many keys of many formats admit both."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(token for one in nodes if (token := word(one)) is not None)


def scalars(node: Node | None) -> Iterator[Scalar]:
    """All scalars below a node but keys, each once, however often aliases name it."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Scalar):
            yield one
        elif isinstance(one, Sequence):
            waiting += reversed(one.items)
        elif isinstance(one, Mapping):
            waiting += [value for _, value in reversed(one.pairs)]


class _TooDeepError(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(slots=True)
class _Open:
    """A collection whose end was not seen yet; the nodes of a map are keys and values in turn."""

    start: int
    mapping: bool
    flow: bool
    anchor: str | None
    nodes: list[Node] = field(default_factory=list)


class _Reader:
    """Events in, documents out."""

    def __init__(self, source: Source) -> None:
        from yaml import events

        self._kinds = events
        self.source = source
        self.documents: list[Node] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._merged = 0
        # A byte that is no UTF-8 becomes one character, so that offsets can be told again.
        text = source.content.decode("utf-8", "surrogateescape")
        self._skipped = 1 if text.startswith("\ufeff") else 0
        text = text[self._skipped :]
        self._offsets = None if source.content.isascii() else _byte_offsets(text, 3 * self._skipped)
        self.text = text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)

    def take(self, event: Event) -> None:
        events = self._kinds
        if isinstance(event, events.ScalarEvent):
            self._add(self._scalar(event), event.anchor)
        elif isinstance(event, (events.MappingStartEvent, events.SequenceStartEvent)):
            self._start(event, isinstance(event, events.MappingStartEvent))
        elif isinstance(event, events.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, events.AliasEvent):
            self._add(self._alias(event), None)
        elif isinstance(event, events.DocumentStartEvent):
            self._open, self._anchors = [], {}

    def fault(self, error: YAMLError) -> None:
        """The fault as damage, from where the parser noticed it to the end of the line."""
        mark: Any = getattr(error, "problem_mark", None)
        at = mark.index if mark is not None else getattr(error, "position", 0)
        reason: Any = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is no YAML"
        start = min(self._offset(at), max(len(self.source.content) - 1, 0))
        end = self.source.content.find(b"\n", start)
        end = len(self.source.content) if end < 0 else max(end, min(start + 1, len(self.source.content)))
        self.source.damaged(start, end, str(reason))

    def _start(self, event: Any, mapping: bool) -> None:
        start = self._written_from(event)
        if len(self._open) >= _DEEPEST:
            raise _TooDeepError(start)
        self._open.append(_Open(start, mapping, bool(event.flow_style), event.anchor))

    def _end(self, event: Event) -> None:
        opened = self._open.pop()
        mark: Any = event.end_mark
        end = self._offset(mark.index)
        if not opened.flow:
            end = opened.start + len(self.source.content[opened.start : end].rstrip())
        place = self.source.place(opened.start, max(end, opened.start))
        node = self._mapping(opened, place) if opened.mapping else Sequence(tuple(opened.nodes), place)
        self._add(node, opened.anchor)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if self._open:
            self._open[-1].nodes.append(node)
        elif not (isinstance(node, Scalar) and node.null):
            self.documents.append(node)

    def _mapping(self, opened: _Open, place: Place) -> Node:
        keys, values = opened.nodes[::2], opened.nodes[1::2]
        if opened.flow and len(keys) == 1 and isinstance(keys[0], (Mapping, Unknown)):
            return Unknown(place)
        own: dict[str, tuple[Token, Node]] = {}
        merged: list[Node] = []
        for key, value in zip(keys, values, strict=False):
            if isinstance(key, Scalar) and key.token.text == "<<" and key.style == "plain":
                merged += value.items if isinstance(value, Sequence) else (value,)
            elif isinstance(key, Scalar):
                own.pop(key.token.text, None)
                own[key.token.text] = key.token, value
        for other in merged:
            self._merge(own, other)
        return Mapping(tuple(own.values()), place)

    def _merge(self, own: dict[str, tuple[Token, Node]], other: Node) -> None:
        for key, value in pairs(other):
            self._merged += 1
            if self._merged > _MERGED:
                return
            own.setdefault(key.text, (key, value))

    def _scalar(self, event: Any) -> Scalar:
        start, end = self._written_from(event), self._offset(event.end_mark.index)
        style = _STYLES.get(event.style, "plain")
        if style in ("literal", "folded"):
            end = start + len(self.source.content[start:end].rstrip())
        return Scalar(self.source.token(start, max(start, end), event.value), style)

    def _alias(self, event: Any) -> Node:
        place = self.source.place(self._offset(event.start_mark.index), self._offset(event.end_mark.index))
        return self._anchors.get(event.anchor) or Unknown(place)

    def _written_from(self, event: Any) -> int:
        """Where the value begins, behind its anchor and tag."""
        start, end = self._offset(event.start_mark.index), self._offset(event.end_mark.index)
        if event.anchor is None and event.tag is None:
            return start
        properties = _PROPERTIES.match(self.source.content, start)
        return min(properties.end(), max(end, start)) if properties and end > start else start

    def _offset(self, index: int) -> int:
        if self._offsets is None:
            return index
        return self._offsets[min(index, len(self._offsets) - 1)]


def _byte_offsets(text: str, first: int) -> list[int]:
    """The byte offset of each character of a text, and of its end."""
    return list(accumulate(map(_width, text), initial=first))


#: Up to which code point a character takes one, two or three bytes.
_WIDTHS = (0x7F, 0x7FF, 0xFFFF)


def _width(character: str) -> int:
    """A surrogate stands for one byte that is no UTF-8."""
    return 1 if "\ud800" <= character <= "\udfff" else 1 + bisect_left(_WIDTHS, ord(character))
