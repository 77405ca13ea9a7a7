"""Rust's paths and types, as they are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import tree_sitter

from alloclint.syntax.model import Expr, Type
from alloclint.syntax.reading import DEEPEST, descendants
from alloclint.syntax.rust_literals import captures

TRIVIA = frozenset({"line_comment", "block_comment", "attribute_item", "inner_attribute_item"})
WORDS = frozenset({
    "identifier", "type_identifier", "primitive_type", "self", "super", "crate", "metavariable",
    "field_identifier", "shorthand_field_identifier",
})  # fmt: skip
SCOPED = frozenset({"scoped_identifier", "scoped_type_identifier"})
_GENERIC = frozenset({"generic_type", "generic_type_with_turbofish", "generic_function", "generic_pattern"})
_MENTIONED = frozenset({
    "identifier", "self", "metavariable", "shorthand_field_identifier", "type_identifier", "string_content",
})  # fmt: skip
_NO_TYPE = TRIVIA | {"lifetime", "use_bounds", "type_binding", "for_lifetimes"}


def solid(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """The named children but for comments and attributes."""
    return [child for child in node.named_children if child.type not in TRIVIA]


class TypeReader(ABC):
    """
    Reads nodes of a tree whose byte 0 stands at `base` in `source`: macro arguments have a tree of their own.

    `depth` counts the levels above the node being read; nothing is read below level `DEEPEST`.
    """

    def __init__(self, source: bytes, base: int = 0, depth: int = 0) -> None:
        self.source = source
        self.base = base
        self.depth = depth

    @abstractmethod
    def expr(self, node: tree_sitter.Node) -> Expr:
        """The expression at `node`."""

    def span(self, node: tree_sitter.Node) -> tuple[int, int]:
        return node.start_byte + self.base, node.end_byte + self.base

    def text(self, node: tree_sitter.Node) -> str:
        return self.source[node.start_byte + self.base : node.end_byte + self.base].decode(errors="replace")

    def mentions(self, node: tree_sitter.Node) -> tuple[str, ...]:
        """Every name at or below `node`, and those that its format strings capture, once each."""
        found: dict[str, None] = {}
        for leaf in descendants(node):
            if leaf.type in _MENTIONED:
                text = self.text(leaf)
                found.update(dict.fromkeys(captures(text)) if leaf.type == "string_content" else {text: None})
        return tuple(found)

    def path(self, node: tree_sitter.Node | None) -> tuple[str, ...]:
        """The segments of a path without its generic arguments; empty for a type that has no name."""
        segments: list[str] = []
        while node is not None:
            kind = node.type
            if kind in WORDS:
                segments.append(self.text(node))
                break
            if kind in SCOPED:
                name = node.child_by_field_name("name")
                segments += [self.text(name)] if name is not None else []
                node = node.child_by_field_name("path")
            else:
                node = _bare(node)
        return tuple(reversed(segments))

    def type_or_none(self, node: tree_sitter.Node | None) -> Type | None:
        return None if node is None else self.type(node)

    def type(self, node: tree_sitter.Node) -> Type:
        """The type at `node`; one of a kind without a shape here is `unknown`."""
        read = _TYPES.get(node.type)
        if read is None or self.depth >= DEEPEST:
            return Type(*self.span(node), "unknown")
        self.depth += 1
        found = read(self, node)
        self.depth -= 1
        return found

    def types(self, node: tree_sitter.Node | None) -> tuple[Type, ...]:
        """The types among the children of `node`; lifetimes and bindings such as `Item = T` are left out."""
        if node is None:
            return ()
        found: list[Type] = []
        # A loop, because a comprehension would be one more frame on each level of a deep nest.
        for child in node.named_children:
            if child.type not in _NO_TYPE:
                found.append(self.type(child))
        return tuple(found)

    def prefix(self, node: tree_sitter.Node) -> Type | None:
        """What a path names before its last segment, as a type: `Vec<u8>` of `Vec::<u8>::new`."""
        return self.type_or_none(node.child_by_field_name("path")) if node.type in SCOPED else None

    def _named(self, node: tree_sitter.Node) -> Type:
        name = self.path(node)
        if name == ("_",):
            return Type(*self.span(node), "infer")
        return Type(*self.span(node), "named" if name else "unknown", name)

    def _generic(self, node: tree_sitter.Node) -> Type:
        args = self.types(node.child_by_field_name("type_arguments"))
        return Type(*self.span(node), "named", self.path(node), args)

    def _constant(self, node: tree_sitter.Node) -> Type:
        # The `16` of `ArrayVec<u8, 16>` is no type, and yet the number that matters.
        return Type(*self.span(node), "unknown", length=self.expr(node))

    def _reference_type(self, node: tree_sitter.Node) -> Type:
        mutable = any(child.type == "mutable_specifier" for child in node.named_children)
        return Type(*self.span(node), "mutref" if mutable else "ref", (), self._field(node, "type"))

    def _pointer(self, node: tree_sitter.Node) -> Type:
        return Type(*self.span(node), "pointer", (), self._field(node, "type"))

    def _array(self, node: tree_sitter.Node) -> Type:
        length = node.child_by_field_name("length")
        element = self._field(node, "element")
        if length is None:
            return Type(*self.span(node), "slice", (), element)
        return Type(*self.span(node), "array", (), element, self.expr(length))

    def _tuple(self, node: tree_sitter.Node) -> Type:
        members = self.types(node)
        if len(members) == 1 and not any(child.type == "," for child in node.children):
            return members[0]
        return Type(*self.span(node), "tuple", (), members)

    def _impl_type(self, node: tree_sitter.Node) -> Type:
        return Type(*self.span(node), "impl", (), self._field(node, "trait"))

    def _dyn(self, node: tree_sitter.Node) -> Type:
        return Type(*self.span(node), "dyn", (), self._field(node, "trait"))

    def _bounded(self, node: tree_sitter.Node) -> Type:
        """`impl A + B + C` leans to the left with the `impl` at the bottom."""
        start, end = self.span(node)
        bounds: list[tree_sitter.Node] = []
        while node.type == "bounded_type" and (members := solid(node)):
            bounds += reversed(members[1:])
            node = members[0]
        head = self.type(node)
        rest = tuple([self.type(bound) for bound in reversed(bounds) if bound.type not in _NO_TYPE])
        if head.kind in ("impl", "dyn"):
            return Type(start, end, head.kind, (), head.args + rest)
        return Type(start, end, "dyn", (), (head, *rest))

    def _function_type(self, node: tree_sitter.Node) -> Type:
        return Type(*self.span(node), "function", self.path(node.child_by_field_name("trait")))

    def _never(self, node: tree_sitter.Node) -> Type:
        return Type(*self.span(node), "never")

    def _inner(self, node: tree_sitter.Node) -> Type:
        inner = _bare(node)
        return Type(*self.span(node), "unknown") if inner is None else self.type(inner)

    def _field(self, node: tree_sitter.Node, name: str) -> tuple[Type, ...]:
        child = node.child_by_field_name(name)
        return () if child is None else (self.type(child),)


def _bare(node: tree_sitter.Node) -> tree_sitter.Node | None:
    """What a path goes on with below a node that only adds generics, brackets or `as Trait`."""
    kind = node.type
    if kind == "generic_function":
        return node.child_by_field_name("function")
    if kind in _GENERIC or kind in ("qualified_type", "higher_ranked_trait_bound"):
        return node.child_by_field_name("type") or next(iter(solid(node)), None)
    if kind == "bracketed_type":
        return next(iter(solid(node)), None)
    return None


_TYPES: dict[str, Callable[[Any, tree_sitter.Node], Type]] = {
    **dict.fromkeys(WORDS | SCOPED, TypeReader._named),
    **dict.fromkeys(_GENERIC, TypeReader._generic),
    **dict.fromkeys(
        ("integer_literal", "negative_literal", "boolean_literal", "char_literal", "string_literal", "block"),
        TypeReader._constant,
    ),
    "reference_type": TypeReader._reference_type,
    "pointer_type": TypeReader._pointer,
    "array_type": TypeReader._array,
    "tuple_type": TypeReader._tuple,
    "unit_type": TypeReader._tuple,
    "abstract_type": TypeReader._impl_type,
    "dynamic_type": TypeReader._dyn,
    "bounded_type": TypeReader._bounded,
    "function_type": TypeReader._function_type,
    "never_type": TypeReader._never,
    "bracketed_type": TypeReader._inner,
    "qualified_type": TypeReader._inner,
    "higher_ranked_trait_bound": TypeReader._inner,
}
