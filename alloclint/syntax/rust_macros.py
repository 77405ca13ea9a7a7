"""
The insides of Rust's macros, where the grammar sees only tokens: the arguments are parsed again, as code.

A macro whose arguments are expressions becomes a call with these arguments, `vec!` a Display; of any other
macro, and of arguments that do not parse, the names are kept.
"""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Self

import tree_sitter
import tree_sitter_rust
from tree_sitter import Node

from alloclint.syntax.model import Call, Display, Embedded, Exit, Expr, Keyword, Literal
from alloclint.syntax.reading import DEEPEST
from alloclint.syntax.rust_code import CodeReader
from alloclint.syntax.rust_literals import captures
from alloclint.syntax.rust_types import solid

_LANGUAGE = tree_sitter.Language(tree_sitter_rust.language())


class _Local(threading.local):
    """One parser a thread: making one takes longer than parsing the arguments of a macro."""

    def __init__(self) -> None:
        self.parser = tree_sitter.Parser(_LANGUAGE)


_LOCAL = _Local()

_EXPRESSION_LIKE = frozenset({
    "format", "format_args", "print", "println", "eprint", "eprintln", "write", "writeln", "panic", "todo",
    "unreachable", "unimplemented", "dbg", "assert", "assert_eq", "assert_ne", "debug_assert",
    "debug_assert_eq", "debug_assert_ne", "log", "trace", "debug", "info", "warn", "error",
})  # fmt: skip
# An expression, a comma, and then a pattern.
_MATCHING = frozenset({"matches", "assert_matches", "debug_assert_matches"})

_JUMP = re.compile(rb"\b(?:break|continue)\b")
_RULES = re.compile(rb"\bmacro_rules!\s*(\w+)\s*[({\[]")
_BRACKET = re.compile(rb"[][(){}]")

# Arguments are parsed once for each macro they are nested in, so that few levels are affordable.
_MACRO_DEPTH = 24
# `matches!(f::<A, B>(x), …)`: the commas that may end the first argument.
_MOST_COMMAS = 4


class MacroReader(CodeReader, ABC):
    @abstractmethod
    def shifted(self, base: int, depth: int) -> Self:
        """A reader for a tree of its own whose byte 0 stands at `base` of the same source."""

    def parsed(self, before: bytes, start: int, end: int, after: bytes) -> tuple[Node, Self] | None:
        """The source between two offsets as a file of its own, and its reader; None if it is not sound."""
        text = before + self.source[start:end] + after
        root = _LOCAL.parser.parse(text).root_node
        if root.has_error:
            return None
        return root, self.shifted(start - len(before), self.depth + _MACRO_DEPTH)

    def macro(self, node: Node) -> Expr:
        """`vec!` as a Display, any other macro as a Call."""
        tokens = _tokens(node)
        start, end = (0, 0) if tokens is None else self.span(tokens)
        name = node.child_by_field_name("macro")
        path = self.path(name)
        last = path[-1] if path else ""
        readable = tokens is not None and not tokens.has_error and self.depth + _MACRO_DEPTH < DEEPEST
        if readable and last == "vec" and (display := self._vec(node, start, end)):
            return display
        call = Call(*self.span(node), "macro", path, args_start=start, args_end=end)
        if name is not None:
            call.name_start, call.name_end = self.span(name.child_by_field_name("name") or name)
        if tokens is not None and not (readable and self._fill(call, tokens, last)):
            call.mentions = self.mentions(tokens)
            if _JUMP.search(self.source, start, end) or last in _jumping(self.source):
                jump = Exit(*call.span, "break")
                call.args = (Embedded(*call.span, jump),)
        return call

    def _vec(self, node: Node, start: int, end: int) -> Display | None:
        if (found := self.parsed(b"[", start + 1, end - 1, b"];")) is None:
            return None
        root, reader = found
        array = _only(root, "array_expression")
        display = None if array is None else reader.expr(array)
        if not isinstance(display, Display):
            return None
        return Display(*self.span(node), "list", display.items, display.repeat, macro=True)

    def _fill(self, call: Call, tokens: Node, last: str) -> bool:
        """Whether the arguments could be read into the call."""
        if last in _MATCHING:
            return self._fill_first(call, tokens)
        if last not in _EXPRESSION_LIKE:
            return False
        args = self.expressions(call.args_start + 1, call.args_end - 1)
        if args is None:
            return False
        call.args = args
        call.mentions = _captured(args)
        return True

    def _fill_first(self, call: Call, tokens: Node) -> bool:
        commas = [child for child in tokens.children if child.type == ","][:_MOST_COMMAS]
        for comma in commas:
            args = self.expressions(call.args_start + 1, comma.start_byte + self.base)
            if args is not None and len(args) == 1:
                rest: dict[str, None] = {}
                for child in tokens.children:
                    if child.start_byte > comma.start_byte:
                        rest.update(dict.fromkeys(self.mentions(child)))
                call.args, call.mentions = args, tuple(rest)
                return True
        return False

    def expressions(self, start: int, end: int) -> tuple[Expr, ...] | None:
        """The arguments between two offsets of the source; None if they are no expressions."""
        if (found := self.parsed(b"f(", start, end, b");")) is None:
            return None
        root, reader = found
        call = _only(root, "call_expression")
        arguments = None if call is None else call.child_by_field_name("arguments")
        if arguments is None:
            return None
        return tuple([reader.argument(child) for child in solid(arguments)])

    def argument(self, node: Node) -> Expr:
        """An argument of a macro, where `name = value` names it and assigns nothing."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "assignment_expression" or left is None or right is None or left.type != "identifier":
            return self.expr(node)
        return Keyword(*self.span(node), self.text(left), self.expr(right))


@lru_cache(maxsize=2)
def _jumping(source: bytes) -> frozenset[str]:
    """The macros of a file that may leave the loop in which they are invoked, or its turn."""
    found = set[str]()
    for rules in _RULES.finditer(source):
        end = _closing(source, rules.end() - 1)
        if _JUMP.search(source, rules.end(), end):
            found.add(rules[1].decode("utf-8", "replace"))
    return frozenset(found)


def _closing(source: bytes, at: int) -> int:
    """The end of what the bracket at `at` opens; brackets in strings are counted, too."""
    depth = 0
    for bracket in _BRACKET.finditer(source, at):
        depth += 1 if bracket[0] in b"([{" else -1
        if depth == 0:
            return bracket.end()
    return len(source)


def _tokens(node: Node) -> Node | None:
    return next((child for child in reversed(node.named_children) if child.type == "token_tree"), None)


def _only(root: Node, kind: str) -> Node | None:
    """The one expression of the given kind that a file consists of."""
    statements = solid(root)
    inner = solid(statements[0]) if len(statements) == 1 else []
    return inner[0] if len(inner) == 1 and inner[0].type == kind else None


def _captured(args: tuple[Expr, ...]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for arg in args:
        if isinstance(arg, Literal) and isinstance(arg.value, str) and arg.kind == "string":
            names.update(dict.fromkeys(captures(arg.value)))
    return tuple(names)
