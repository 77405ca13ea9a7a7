"""Rust's patterns: what `let`, `for`, `match` and parameters bind."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import Any

import tree_sitter

from alloclint.syntax.model import Pattern
from alloclint.syntax.reading import DEEPEST, descendants
from alloclint.syntax.rust_types import TRIVIA, TypeReader, solid

_BINDING = frozenset({"identifier", "shorthand_field_identifier", "self", "metavariable"})
_IRREFUTABLE = frozenset({"_", "remaining_field_pattern"})
_WRAPPER_WORDS = frozenset({"&", "ref", "mutable_specifier"})


class PatternReader(TypeReader, ABC):
    def pattern(self, node: tree_sitter.Node) -> Pattern:
        """The pattern at `node`. One that is too deep to read still lists every name below it."""
        if self.depth >= DEEPEST:
            return self._buried_pattern(node)
        self.depth += 1
        found = _PATTERNS.get(node.type, PatternReader._constant_pattern)(self, node)
        self.depth -= 1
        return found

    def alternatives(self, node: tree_sitter.Node) -> tuple[Pattern, ...]:
        """The patterns joined by `|`, which lean to the left, or the one pattern."""
        found: list[tree_sitter.Node] = []
        while node.type == "or_pattern" and (sides := _sides(node)):
            found += reversed(sides[1:])
            node = sides[0]
        found.append(node)
        patterns: list[Pattern] = []
        for side in reversed(found):
            patterns.append(self.pattern(side))
        return tuple(patterns)

    def _buried_pattern(self, node: tree_sitter.Node) -> Pattern:
        leaves = [leaf for leaf in descendants(node) if leaf.type in _BINDING]
        names = [Pattern(*self.span(leaf), self.text(leaf)) for leaf in leaves]
        return Pattern(*self.span(node), items=tuple(names), refutable=True)

    def _constant_pattern(self, node: tree_sitter.Node) -> Pattern:
        return Pattern(*self.span(node), refutable=node.type not in _IRREFUTABLE)

    def _name_pattern(self, node: tree_sitter.Node) -> Pattern:
        name = self.text(node)
        if name[:1].isupper():
            # `None` and `MAX` look like new names; only the convention tells that they are constants.
            return self._constant_pattern(node)
        return Pattern(*self.span(node), name)

    def _wrapper(self, node: tree_sitter.Node) -> Pattern:
        """`mut x`, `ref x`, `&x`, `&mut x`: the pattern inside."""
        children = [child for child in node.children if child.type not in TRIVIA]
        if not children or children[-1].type in _WRAPPER_WORDS:
            return self._constant_pattern(node)
        inner = self.pattern(children[-1])
        inner.mutable = inner.mutable or node.type == "mut_pattern"
        return inner

    def _sequence(self, node: tree_sitter.Node) -> Pattern:
        """A tuple may fail where a member may, and a slice wherever it has a length."""
        items = tuple([self.pattern(child) for child in _sides(node)])
        if node.type == "tuple_pattern":
            if len(items) == 1 and not any(child.type == "," for child in node.children):
                return items[0]
            return Pattern(*self.span(node), items=items, refutable=any(item.refutable for item in items))
        return Pattern(*self.span(node), items=items, refutable=True)

    def _constructor(self, node: tree_sitter.Node) -> Pattern:
        type_node = node.child_by_field_name("type")
        members = [child for child in _sides(node) if child != type_node]
        items = tuple([self.pattern(child) for child in members])
        whole = node.type == "tuple_struct_pattern" and not any(
            child.type == "remaining_field_pattern" for child in members
        )
        path = tuple(self.text(type_node).split("::")) if whole and type_node is not None else ()
        return Pattern(*self.span(node), items=items, refutable=True, constructor=path)

    def _field_pattern(self, node: tree_sitter.Node) -> Pattern:
        inner = node.child_by_field_name("pattern")
        if inner is not None:
            return self.pattern(inner)
        children = solid(node)
        if not children:
            return self._constant_pattern(node)
        mutable = any(child.type == "mutable_specifier" for child in children)
        return Pattern(*self.span(children[-1]), self.text(children[-1]), mutable=mutable)

    def _captured(self, node: tree_sitter.Node) -> Pattern:
        """`name @ inner`."""
        sides = _sides(node)
        if len(sides) < 2:
            return self._buried_pattern(node)
        inner = self.pattern(sides[-1])
        name = self.pattern(sides[0])
        return Pattern(*self.span(node), name.name, (inner,), inner.refutable, name.mutable)

    def _either(self, node: tree_sitter.Node) -> Pattern:
        return Pattern(*self.span(node), items=self.alternatives(node), refutable=True)


def _sides(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """The patterns among the children; `_` is a pattern without being a named node."""
    children = [child for child in node.children if child.type not in TRIVIA]
    return [child for child in children if child.is_named or child.type == "_"]


_PATTERNS: dict[str, Callable[[Any, tree_sitter.Node], Pattern]] = {
    "identifier": PatternReader._name_pattern,
    "self": PatternReader._name_pattern,
    "metavariable": PatternReader._name_pattern,
    "shorthand_field_identifier": PatternReader._name_pattern,
    "mut_pattern": PatternReader._wrapper,
    "ref_pattern": PatternReader._wrapper,
    "reference_pattern": PatternReader._wrapper,
    "tuple_pattern": PatternReader._sequence,
    "slice_pattern": PatternReader._sequence,
    "tuple_struct_pattern": PatternReader._constructor,
    "struct_pattern": PatternReader._constructor,
    "field_pattern": PatternReader._field_pattern,
    "captured_pattern": PatternReader._captured,
    "or_pattern": PatternReader._either,
    "ERROR": PatternReader._buried_pattern,
}
