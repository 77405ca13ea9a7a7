"""
Where the loops of a file are, found from the words that begin them, without reading a function.

A closure that is given to an iterator is in a loop as well, as far as its method is known for that. What is
inside a Rust macro was not parsed: all of the brackets around such a word is taken for the loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import tree_sitter as ts

_KEYWORDS = {"rust": ("for", "while", "loop"), "java": ("for", "while", "do"), "python": ("for", "while")}
_LOOPS = frozenset(
    {
        *("for_expression", "while_expression", "loop_expression", "call_expression", "token_tree"),
        *("for_statement", "enhanced_for_statement", "while_statement", "do_statement", "method_invocation"),
        *("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"),
    }
)
#: So far above its word a loop is: `xs.iter().map::<T>(…)` is four nodes above `map`.
_HEIGHT = 4


class Loops:
    """The loops of one file; `closures` are the methods that run what they are given for each element."""

    def __init__(self, root: ts.Node, source: bytes, language_name: str, closures: Iterable[str]) -> None:
        self._root = root
        self._source = source
        keywords, methods = "|".join(_KEYWORDS[language_name]), "|".join(sorted(closures))
        given = rf"|\.\s*(?:{methods})\b" if methods else ""
        self._word = re.compile(rf"\b(?:{keywords})\b{given}".encode())

    def between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The loops that begin in a stretch of the file, and a few things that are none, in order."""
        covered = start
        for word in self._word.finditer(self._source, start, end):
            # What is inside a loop already need not be looked at.
            if word.start() >= covered:
                span = self._around(word.end() - 1)
                if span is not None:
                    covered = span[1]
                    yield span

    def _around(self, at: int) -> tuple[int, int] | None:
        node = self._root.descendant_for_byte_range(at, at + 1)
        for _ in range(_HEIGHT):
            node = node.parent if node is not None else None
            if node is not None and node.type in _LOOPS:
                return node.byte_range
        return None
