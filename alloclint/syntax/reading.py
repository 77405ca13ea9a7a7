"""What every reader does alike with a grammar's tree, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

import tree_sitter as ts

# Deeper code is not modelled: recursing into it would exhaust the stack, here and in walks over the model.
DEEPEST = 200


#: Rust: what the tokens in these have to be is up to the macro, as long as their brackets match.
OPEN_TO_MACROS = frozenset({"macro_definition", "token_tree", "token_tree_pattern"})
_PUNCTUATION = re.compile(rb"[^\w()\[\]{}\"']*")


def damaged(root: ts.Node, tokens: Collection[str] = ()) -> tuple[tuple[int, int], ...]:
    """
    The spans of syntax errors in source order: the outermost ERROR nodes and what is MISSING. Inside `tokens`
    kinds punctuation is no error.
    """
    found = (node for node in faults(root) if not tokens or not _is_token(node, tokens))
    return tuple((node.start_byte, node.end_byte) for node in found)


def _is_token(fault: ts.Node, tokens: Collection[str]) -> bool:
    around = fault.parent
    is_inside = around is not None and around.type in tokens
    return is_inside and fault.is_error and _PUNCTUATION.fullmatch(fault.text or b"x") is not None


def faults(root: ts.Node, opaque: Collection[str] = ()) -> Iterator[ts.Node]:
    """The outermost ERROR and MISSING nodes of a subtree in source order, without entering `opaque` kinds."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(child for child in reversed(node.children) if child.type not in opaque)


def mentions(root: ts.Node, source: bytes, kinds: Collection[str]) -> tuple[str, ...]:
    """The distinct texts of all nodes of the given `kinds` in a subtree, in order, without recursion."""
    found: dict[str, None] = {}
    for node in descendants(root):
        if node.type in kinds:
            found[source[node.start_byte : node.end_byte].decode("utf-8", "replace")] = None
    return tuple(found)


def descendants(root: ts.Node) -> Iterator[ts.Node]:
    """The node and all below it in source order, without recursion."""
    cursor = root.walk()
    depth = 0
    while True:
        if cursor.node is not None:
            yield cursor.node
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if depth == 0:
                return
            cursor.goto_parent()
            depth -= 1


def comment_finder(root: ts.Node, kinds: Collection[str]) -> Callable[[int], tuple[int, int] | None]:
    """A function from an offset to the span of the comment (a node of one of `kinds`) that covers it."""

    def comment_at(offset: int) -> tuple[int, int] | None:
        node = root.descendant_for_byte_range(offset, offset + 1)
        if node is None or node.type not in kinds or not node.start_byte <= offset < node.end_byte:
            return None
        return node.start_byte, node.end_byte

    return comment_at
