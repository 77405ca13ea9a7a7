"""
TOML as nested values that know their places.

    table = read(source)
    table.string("package", "name")        Token or None
    table.table("dependencies")            Table or None; dotted keys and headers are the same thing here

Half a file is read as far as it goes: a line that is no TOML is taken down in `source.damage`, and reading
goes on behind it. A table whose own header is damaged is left out up to the next header, for its entries
would else land in the table before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from alloclint.finding import Place
from alloclint.project.token import Source, Token

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Kind = Literal["string", "integer", "float", "boolean", "datetime"]
_KINDS: dict[str, Kind] = {
    "string": "string", "integer": "integer", "float": "float", "boolean": "boolean",
    "offset_date_time": "datetime", "local_date_time": "datetime", "local_date": "datetime",
    "local_time": "datetime",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|[ \t]*(\r?\n)\s*|(.))", re.DOTALL
)
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
_HEADED = ("table", "table_array_element")
#: After so many damaged lines the rest is named once: what follows is hardly TOML.
_PATIENCE = 40
_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number, truth value or date. `text` is a string's value, else what is written."""

    source: Source = field(repr=False)
    start: int
    end: int
    text: str
    kind: Kind

    @property
    def token(self) -> Token:
        return self.source.token(self.start, self.end, self.text)


@dataclass(frozen=True, slots=True)
class Array:
    """An array, or the tables under one `[[name]]`."""

    source: Source = field(repr=False)
    start: int
    end: int
    items: list[Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value. `start`..`end` are the bytes of both; for a table with a header, of that."""

    name: Scalar
    value: Value
    start: int
    end: int

    @property
    def key(self) -> Token:
        return self.name.token

    @property
    def place(self) -> Place:
        return self.value.source.place(self.start, self.end)


@dataclass(slots=True)
class Table:
    """
    A table, inline or not. `start`..`end` are the bytes it takes, from its header to its last entry; `opened`
    tells whether a header, or braces, name it: else it is made of dotted keys only.
    """

    source: Source = field(repr=False)
    start: int
    end: int
    entries: dict[str, Entry] = field(default_factory=dict)
    opened: bool = False

    def get(self, *keys: str) -> Value | None:
        """The value under nested keys."""
        value: Value | None = self
        for key in keys:
            entry = value.entries.get(key) if isinstance(value, Table) else None
            value = None if entry is None else entry.value
        return value

    def table(self, *keys: str) -> Table | None:
        value = self.get(*keys)
        return value if isinstance(value, Table) else None

    def string(self, *keys: str) -> Token | None:
        value = self.get(*keys)
        return value.token if isinstance(value, Scalar) and value.kind == "string" else None

    def flag(self, *keys: str) -> bool | None:
        """A truth value; None where there is none."""
        value = self.get(*keys)
        return value.text == "true" if isinstance(value, Scalar) and value.kind == "boolean" else None

    def strings(self, *keys: str) -> tuple[Token, ...]:
        """The strings of an array; empty where there is no array."""
        value = self.get(*keys)
        items = value.items if isinstance(value, Array) else ()
        return tuple(one.token for one in items if isinstance(one, Scalar) and one.kind == "string")

    def tables(self, *keys: str) -> tuple[Table, ...]:
        """The tables of an array."""
        value = self.get(*keys)
        return tuple(one for one in value.items if isinstance(one, Table)) if isinstance(value, Array) else ()

    def walk(self, *keys: str) -> Iterator[tuple[str, Entry]]:
        """The entries of a table inside; none where there is no table."""
        inner = self.table(*keys)
        if inner is not None:
            yield from inner.entries.items()

    @property
    def place(self) -> Place:
        return self.source.place(self.start, self.end)


Value = Scalar | Array | Table


def read(source: Source) -> Table:
    """All of a file as one table."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        # Offsets stay what they are when a byte order mark becomes three spaces.
        content = source.content
        self.content = b"   " + content[3:] if content.startswith(b"\xef\xbb\xbf") else content
        self.root = Table(source, 0, len(content), opened=True)
        #: where entries go; None under a header that could not be read
        self.current: Table | None = self.root

    def read(self) -> Table:
        start = 0
        for _ in range(_PATIENCE):
            following = self._document(start)
            if following is None:
                return self.root
            start = following
        self.source.damaged(start, len(self.content), "the rest is no TOML")
        return self.root

    def _document(self, start: int) -> int | None:
        """Reads from `start` up to the first damage; where to go on, or None at the end."""
        top = _parser().parse(self.content[start:] if start else self.content).root_node
        damage = _first_damage(top)
        limit = None if damage is None else start + self._statement(top, damage, start)
        for node in top.named_children:
            if node.type != "comment" and not self._statement_at(node, start, limit):
                break
        if limit is None:
            return None
        return self._skip(limit)

    def _statement(self, top: Node, damage: Node, base: int) -> int:
        """Where the statement that is damaged begins, as an offset in what was parsed."""
        offset = damage.start_byte
        node = top
        while True:
            inside = (
                one for one in node.children if one.start_byte <= offset <= one.end_byte and one.has_error
            )
            inner = next(inside, None)
            if inner is None or inner.is_error:
                return offset
            in_header = b"\n" not in self.content[base + inner.start_byte : base + offset]
            if inner.type == "pair" or (inner.type in _HEADED and in_header):
                return inner.start_byte
            node = inner

    def _skip(self, start: int) -> int | None:
        """Takes the line at an offset down as damaged; the next line's offset, or None at the end."""
        end = self.content.find(b"\n", start)
        end = len(self.content) if end < 0 else end
        line = self.content[start:end]
        if line.lstrip().startswith(b"["):
            self.current = None
        self.source.damaged(start, start + len(line.rstrip()), "this is no TOML")
        return end + 1 if end < len(self.content) else None

    # ------------------------------------------------------------ statements

    def _statement_at(self, node: Node, base: int, limit: int | None) -> bool:
        """Reads a statement; False for one that begins behind the damage."""
        if limit is not None and base + node.start_byte >= limit:
            return False
        if node.type == "pair":
            self._pair(node, base, self.current)
            return True
        if node.type not in _HEADED:
            return True
        children = node.named_children
        header = next((child for child in children if child.type != "comment"), None)
        if header is None or header.has_error:
            return True
        self.current = self._open(node, header, base)
        return self._pairs(children, header, base, limit)

    def _pairs(self, children: list[Node], header: Node, base: int, limit: int | None) -> bool:
        for child in children:
            if limit is not None and base + child.start_byte >= limit:
                return False
            if child.type == "pair" and child.start_byte > header.start_byte:
                self._pair(child, base, self.current)
        return True

    def _open(self, node: Node, header: Node, base: int) -> Table | None:
        keys = self._keys(header, base)
        start, end = base + node.start_byte, self._line_end(base + header.end_byte)
        holder = self._reach(self.root, keys[:-1], start, end)
        if holder is None:
            return None
        last = keys[-1]
        if node.type == "table_array_element":
            return self._appended(holder, last, start, end)
        entry = holder.entries.get(last.text)
        if entry is None:
            table = Table(self.source, start, end, opened=True)
            holder.entries[last.text] = Entry(last, table, start, end)
            return table
        if isinstance(entry.value, Table) and not entry.value.opened:
            entry.value.opened, entry.value.start = True, start
            holder.entries[last.text] = Entry(last, entry.value, start, end)
            return entry.value
        self.source.damaged(start, end, f"`{last.text}` is defined twice")
        return None

    def _appended(self, holder: Table, key: Scalar, start: int, end: int) -> Table | None:
        entry = holder.entries.get(key.text)
        table = Table(self.source, start, end, opened=True)
        if entry is None:
            array = Array(self.source, start, end, [table])
            holder.entries[key.text] = Entry(key, array, start, end)
        elif isinstance(entry.value, Array):
            entry.value.items.append(table)
        else:
            self.source.damaged(start, end, f"`{key.text}` is defined twice")
            return None
        return table

    def _reach(self, table: Table, keys: list[Scalar], start: int, end: int) -> Table | None:
        """The table under some keys, made where it is missing; of `[[tables]]` the last."""
        for key in keys:
            entry = table.entries.get(key.text)
            if entry is None:
                inner: Value = Table(self.source, start, end)
                table.entries[key.text] = Entry(key, inner, start, end)
            else:
                inner = entry.value
                inner = inner.items[-1] if isinstance(inner, Array) and inner.items else inner
            if not isinstance(inner, Table):
                self.source.damaged(start, end, f"`{key.text}` is defined twice")
                return None
            inner.end = max(inner.end, end)
            table = inner
        return table

    def _pair(self, node: Node, base: int, table: Table | None, depth: int = 0) -> None:
        if table is None:
            return
        children = [child for child in node.named_children if child.type != "comment"]
        if len(children) != 2:
            return
        # Up to the value: in the grammar a comment behind it belongs to the pair.
        start, end = base + node.start_byte, base + children[1].end_byte
        keys = self._keys(children[0], base)
        holder = self._reach(table, keys[:-1], start, end)
        value = self._value(children[1], base, depth)
        if holder is None or value is None:
            return
        last = keys[-1]
        if last.text in holder.entries:
            self.source.damaged(start, end, f"`{last.text}` is defined twice")
            return
        holder.entries[last.text] = Entry(last, value, start, end)
        holder.end = table.end = max(table.end, end)

    # ------------------------------------------------------------ keys and values

    def _keys(self, node: Node, base: int) -> list[Scalar]:
        if node.type == "dotted_key":
            return [key for child in node.named_children for key in self._keys(child, base)]
        start, end = base + node.start_byte, base + node.end_byte
        written = self.content[start:end].decode("utf-8", "replace")
        text = _unquoted(written) if node.type == "quoted_key" else written
        return [Scalar(self.source, start, end, text, "string")]

    def _value(self, node: Node, base: int, depth: int) -> Value | None:
        start, end = base + node.start_byte, base + node.end_byte
        kind = _KINDS.get(node.type)
        if start == end:
            # The parser makes up a value at the end of a file.
            self.source.damaged(start, end, "a value is missing")
            return None
        if kind is not None:
            written = self.content[start:end].decode("utf-8", "replace")
            return Scalar(self.source, start, end, _unquoted(written) if kind == "string" else written, kind)
        if depth > _DEPTH:
            self.source.damaged(start, end, "this is nested too deeply")
            return None
        if node.type == "array":
            values = [
                self._value(one, base, depth + 1) for one in node.named_children if one.type != "comment"
            ]
            return Array(self.source, start, end, [value for value in values if value is not None])
        if node.type != "inline_table":
            return None
        table = Table(self.source, start, end, opened=True)
        for child in node.named_children:
            if child.type == "pair":
                self._pair(child, base, table, depth + 1)
        return table

    def _line_end(self, offset: int) -> int:
        """Behind the brackets that close a header."""
        end = self.content.find(b"\n", offset)
        closing = self.content.rfind(b"]", offset, len(self.content) if end < 0 else end)
        return max(offset, closing + 1)


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_toml

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))


def _first_damage(node: Node) -> Node | None:
    """The first node, in the order of the text, that is an error or was made up by the parser."""
    if not node.has_error:
        return None
    pending = [node]
    while pending:
        one = pending.pop()
        if one.is_error or one.is_missing:
            return one
        pending.extend(child for child in reversed(one.children) if child.has_error or child.is_missing)
    return None


def _unquoted(written: str) -> str:
    """What a string with its quotes means."""
    width = 3 if written.startswith(('"""', "'''")) and len(written) >= 6 else 1
    inner = written[width:-width]
    if width == 3:
        inner = inner.removeprefix("\r").removeprefix("\n")
    return _ESCAPE.sub(_unescaped, inner) if written.startswith('"') and "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        number = int(digits, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
    return "" if match[4] else _PLAIN.get(match[5], match[5])
