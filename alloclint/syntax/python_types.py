"""
Python annotations as `Type`s.

`Annotated[T, metadata…]` is a type named "Annotated" with the one argument T. Its metadata, which is no type,
is in `length`: the expression itself, or a tuple Display of several. `attributes` lists it by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import tree_sitter as ts
import tree_sitter_python

from .model import Attribute, Call, Display, Expr, Field, Name, Type
from .python_expressions import Expressions, significant
from .reading import DEEPEST

LANGUAGE = ts.Language(tree_sitter_python.language())
_UNIONS = frozenset({"union_type", "binary_operator"})
_DOTTED = re.compile(r"\w+(\.\w+)*", re.ASCII)
# Metadata inside the argument of one of these is about the annotated thing itself, not about its elements.
_TRANSPARENT = frozenset(
    [
        "Annotated",
        "ClassVar",
        "Final",
        "InitVar",
        "Mapped",
        "NotRequired",
        "Optional",
        "ReadOnly",
        "Required",
        "Union",
    ]
)


def read_type(reader: Expressions, node: ts.Node) -> Type:
    """The type an annotation spells; `unknown` where it is computed, broken or nested too deeply."""
    while node.type in ("type", "parenthesized_expression", "constrained_type"):
        inner = significant(node)
        if not inner:
            break
        node = inner[0]
    if reader.depth >= DEEPEST:
        return Type(node.start_byte, node.end_byte, "unknown")
    reader.depth += 2
    result = _read(reader, node)
    reader.depth -= 2
    return result


def _read(reader: Expressions, node: ts.Node) -> Type:
    kind, start, end = node.type, node.start_byte, node.end_byte
    if kind in ("identifier", "none", "attribute", "member_type"):
        return _named(reader, node, node, [])
    if kind == "generic_type":
        name, parameters = significant(node)[0], significant(node)[-1]
        return _named(reader, node, name, significant(parameters))
    if kind == "subscript":
        name, *arguments = significant(node)
        return _named(reader, node, name, arguments)
    if kind in _UNIONS and (members := _members(node)):
        return Type(start, end, "union", (), tuple([read_type(reader, member) for member in members]))
    if kind in ("list", "tuple"):
        return Type(start, end, "tuple", (), tuple([read_type(reader, child) for child in significant(node)]))
    return _quoted(reader, node) if kind == "string" else Type(start, end, "unknown")


def _named(reader: Expressions, node: ts.Node, name: ts.Node, arguments: list[ts.Node]) -> Type:
    segments = _segments(reader, name)
    result = Type(node.start_byte, node.end_byte, "named" if segments else "unknown", segments)
    if result.last == "Annotated":
        result.args = tuple([read_type(reader, argument) for argument in arguments[:1]])
        result.length = reader.together(map(_expression, arguments[1:])) if len(arguments) > 1 else None
    elif result.last != "Literal":  # Its arguments are values.
        result.args = tuple([read_type(reader, argument) for argument in arguments])
    return result


def _expression(node: ts.Node) -> ts.Node:
    inner = significant(node)
    return inner[0] if node.type == "type" and len(inner) == 1 else node


def _segments(reader: Expressions, node: ts.Node) -> tuple[str, ...]:
    """The segments of a dotted name; empty if it is anything else."""
    text = reader.text(node)
    if node.type in ("identifier", "none"):
        return (text,)
    segments = tuple(segment.strip() for segment in text.split("."))
    return segments if all(segment.isidentifier() for segment in segments) else ()


def _members(node: ts.Node) -> list[ts.Node]:
    """The members of `A | B | …` from left to right, without recursion; empty if another operator is used."""
    members: list[ts.Node] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        while node.type == "type" and node.named_child_count == 1:
            node = node.named_children[0]
        if node.type not in _UNIONS:
            members.append(node)
        elif any(child.type == "|" for child in node.children):
            waiting.extend(reversed(significant(node)))
        else:
            return []
    return members


def _quoted(reader: Expressions, node: ts.Node) -> Type:
    content = [child for child in node.children if child.type == "string_content"]
    unknown = Type(node.start_byte, node.end_byte, "unknown")
    if len(content) != 1:
        return unknown
    text = reader.text(content[0])
    if _DOTTED.fullmatch(text):
        return Type(content[0].start_byte, content[0].end_byte, "named", tuple(text.split(".")))
    expression = _parsed(reader, content[0])
    return read_type(reader, expression) if expression else unknown


def _parsed(reader: Expressions, content: ts.Node) -> ts.Node | None:
    """The expression inside a string, parsed in place so that its offsets are those of the file."""
    place = ts.Range(content.start_point, content.end_point, content.start_byte, content.end_byte)
    root = ts.Parser(LANGUAGE, included_ranges=[place]).parse(reader.source).root_node
    node = root
    while node.type in ("module", "expression_statement") and node.named_child_count == 1:
        node = node.named_children[0]
    return None if root.has_error or node is root else node


def attributes(kind: Type | None, source: bytes) -> tuple[Attribute, ...]:
    """The metadata that is about the annotated thing, in order: `Cardinality(5)` has the name of the call."""
    if kind is None:
        return ()
    return tuple([attribute(value, source) for value in _metadata(kind)])


def _metadata(kind: Type) -> Iterator[Expr]:
    if kind.length is not None:
        yield from kind.length.items if isinstance(kind.length, Display) else (kind.length,)
    if kind.kind == "union" or kind.last in _TRANSPARENT:
        for argument in kind.args:
            yield from _metadata(argument)


def attribute(value: Expr, source: bytes) -> Attribute:
    """A decorator or metadata; what is neither a name nor a call of one is its own nameless argument."""
    text = source[value.start : value.end].decode("utf-8", "replace")
    if isinstance(value, Call) and value.kind != "value":
        name = (*_dotted(value.receiver), *value.name) if value.receiver else value.name
        if value.receiver is None or len(name) > 1:
            return Attribute(value.start, value.end, name, value.args, text)
    name = _dotted(value)
    return Attribute(value.start, value.end, name, () if name else (value,), text)


def _dotted(value: Expr | None) -> tuple[str, ...]:
    segments: list[str] = []
    while isinstance(value, Field):
        segments.append(value.name)
        value = value.of
    return (value.id, *reversed(segments)) if isinstance(value, Name) else ()
