"""Expressions and binding targets of Python, from tree-sitter nodes to the shapes of `model`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal as OneOf

import tree_sitter as ts

from . import python_literals as literals
from .model import (
    Arm,
    Assign,
    Binary,
    Block,
    Branch,
    Call,
    Clause,
    Closure,
    Comprehension,
    Display,
    Embedded,
    Eval,
    Exit,
    Expr,
    Field,
    Index,
    Keyword,
    Literal,
    Name,
    Opaque,
    Param,
    Pattern,
    Range,
    Unary,
)
from .reading import DEEPEST, mentions

EXTRAS = frozenset({"comment", "line_continuation"})
# A conditional expression or a lambda is as deep in the model as several other expressions.
_EMBEDDED_DEPTH = 3
_SPLATS = {
    "list_splat": "*",
    "list_splat_pattern": "*",
    "dictionary_splat": "**",
    "dictionary_splat_pattern": "**",
}
_TUPLES = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list"})


def significant(node: ts.Node) -> list[ts.Node]:
    """The named children without comments and line continuations, which may stand between any two tokens."""
    return [child for child in node.named_children if child.type not in EXTRAS]


def unwrapped(node: ts.Node) -> ts.Node:
    """The expression inside any number of parentheses."""
    while node.type == "parenthesized_expression":
        inner = significant(node)
        if len(inner) != 1:
            break
        node = inner[0]
    return node


class Expressions:
    """
    Reads expressions of one file.

    `depth` counts the levels being read, also those around this code; from `DEEPEST` on, code is `Opaque`.
    """

    __slots__ = ("depth", "source")

    def __init__(self, source: bytes, depth: int) -> None:
        self.source = source
        self.depth = depth

    def text(self, node: ts.Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def expr(self, node: ts.Node) -> Expr:
        """Any node as an expression; what is not one becomes an `Opaque` of what is inside."""
        kind = node.type
        if kind == "parenthesized_expression":
            node = unwrapped(node)
            kind = node.type
        if kind == "identifier":
            return self.name(node)
        if self.depth >= DEEPEST:
            return self.unread(node)
        self.depth += 1
        result = _READERS.get(kind, Expressions.opaque)(self, node)
        self.depth -= 1
        return result

    def name(self, node: ts.Node) -> Expr:
        start, end = node.start_byte, node.end_byte
        if start == end:  # The parser inserted it to repair the code.
            return Opaque(start, end)
        return Name(start, end, self.source[start:end].decode("utf-8", "replace"))

    def unread(self, node: ts.Node) -> Opaque:
        """What is too deep or too broken to read: only the identifiers in it, in order."""
        return Opaque(node.start_byte, node.end_byte, (), mentions(node, self.source, ("identifier",)))

    def opaque(self, node: ts.Node) -> Opaque:
        return self.parts(node, significant(node))

    def parts(self, node: ts.Node, parts: list[ts.Node]) -> Opaque:
        return Opaque(node.start_byte, node.end_byte, tuple([self.expr(part) for part in parts]))

    def child(self, node: ts.Node, name: str) -> Expr | None:
        """The expression in a field of a node; None where the field is absent."""
        child = node.child_by_field_name(name)
        return self.expr(child) if child else None

    def together(self, nodes: Iterable[ts.Node], comma: bool = False) -> Expr:
        """Expressions between commas: one stands for itself unless a `comma` follows, others are a tuple."""
        items = tuple([self.expr(node) for node in nodes])
        return items[0] if len(items) == 1 and not comma else _tuple(items)

    # ------------------------------------------------------------ operators

    def binary(self, node: ts.Node) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return self.opaque(node)
        return Binary(node.start_byte, node.end_byte, operator.type, self.expr(left), self.expr(right))

    def unary(self, node: ts.Node) -> Expr:
        operand, operator = node.child_by_field_name("argument"), node.child_by_field_name("operator")
        if operand is None:
            return self.opaque(node)
        return Unary(node.start_byte, node.end_byte, operator.type if operator else "not", self.expr(operand))

    def comparison(self, node: ts.Node) -> Expr:
        operators = node.children_by_field_name("operators")
        operands = [self.expr(child) for child in significant(node)]
        if len(operands) != len(operators) + 1 or len(operators) > DEEPEST // 2:
            return Opaque(node.start_byte, node.end_byte, tuple(operands))
        result: Expr | None = None
        for operator, left, right in zip(operators, operands, operands[1:], strict=False):
            one = Binary(left.start, right.end, operator.type, left, right)
            result = one if result is None else Binary(result.start, one.end, "and", result, one)
        return result or operands[0]

    def conditional(self, node: ts.Node) -> Expr:
        parts = significant(node)
        if len(parts) != 3:
            return self.opaque(node)
        chosen, test, otherwise = parts
        self.depth += _EMBEDDED_DEPTH
        condition = self.expr(test)
        arms = (
            Arm(chosen.start_byte, test.end_byte, self.tail(chosen), test=condition),
            Arm(otherwise.start_byte, otherwise.end_byte, self.tail(otherwise)),
        )
        self.depth -= _EMBEDDED_DEPTH
        span = node.start_byte, node.end_byte
        return Embedded(*span, Branch(*span, "ternary", arms, exhaustive=True))

    def tail(self, node: ts.Node) -> Block:
        """A block whose value is the expression."""
        value = self.expr(node)
        return Block(value.start, value.end, [Eval(value.start, value.end, value, tail=True)], scope=False)

    def walrus(self, node: ts.Node) -> Expr:
        target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if target is None or value is None:
            return self.opaque(node)
        span = node.start_byte, node.end_byte
        self.depth += 1
        result = Embedded(*span, Assign(*span, self.expr(target), "=", self.expr(value)))
        self.depth -= 1
        return result

    def produced(self, node: ts.Node) -> Exit:
        """A `yield`; the value of `yield from x` is in an Opaque, for it is x's items that are yielded."""
        values = significant(node)
        value = self.together(values) if values else None
        if value is not None and any(child.type == "from" for child in node.children):
            value = Opaque(value.start, value.end, (value,))
        return Exit(node.start_byte, node.end_byte, "yield", value)

    def yielded(self, node: ts.Node) -> Expr:
        return Embedded(node.start_byte, node.end_byte, self.produced(node))

    # ------------------------------------------------------------ access and calls

    def attribute(self, node: ts.Node) -> Expr:
        of, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if of is None or name is None:
            return self.opaque(node)
        return Field(node.start_byte, node.end_byte, self.expr(of), self.text(name))

    def subscript(self, node: ts.Node) -> Expr:
        of, *indices = significant(node)
        if not indices:
            return self.opaque(node)
        value = self.expr(of)
        index = self.together(indices, comma=node.children[-2].type == ",")
        return Index(node.start_byte, node.end_byte, value, index)

    def slice(self, node: ts.Node) -> Expr:
        ends: list[ts.Node | None] = [None, None, None]
        position = 0
        for child in node.children:
            if child.type == ":":
                position = min(position + 1, 2)
            elif child.is_named and child.type not in EXTRAS:
                if ends[position] is not None:  # Two expressions side by side are broken code.
                    return self.opaque(node)
                ends[position] = child
        low, high, step = [self.expr(child) if child else None for child in ends]
        return Range(node.start_byte, node.end_byte, low, high, step=step)

    def call(self, node: ts.Node) -> Expr:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return self.opaque(node)
        result = Call(node.start_byte, node.end_byte, "value", ())
        result.args_start, result.args_end = arguments.start_byte, arguments.end_byte
        self.callee(result, unwrapped(function))
        if arguments.type == "argument_list":
            result.args = tuple([self.expr(argument) for argument in significant(arguments)])
        else:
            result.args = (self.expr(arguments),)
        return result

    def callee(self, call: Call, node: ts.Node) -> None:
        called: ts.Node | None = None
        if node.type == "identifier":
            call.kind, called = "function", node
        elif node.type == "attribute" and (of := node.child_by_field_name("object")) is not None:
            call.kind, called = "method", node.child_by_field_name("attribute")
            call.receiver = self.expr(of)
        if called is None:
            call.kind, call.receiver = "value", self.expr(node)
            return
        call.name, call.name_start, call.name_end = (self.text(called),), called.start_byte, called.end_byte

    def keyword(self, node: ts.Node) -> Expr:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return self.opaque(node)
        return Keyword(node.start_byte, node.end_byte, self.text(name), self.expr(value))

    def splat(self, node: ts.Node) -> Expr:
        values = significant(node)
        if len(values) != 1:
            return self.opaque(node)
        return Keyword(node.start_byte, node.end_byte, _SPLATS[node.type], self.expr(values[0]))

    # ------------------------------------------------------------ literals and collections

    def integer(self, node: ts.Node) -> Expr:
        value = literals.integer(self.text(node))
        return Opaque(node.start_byte, node.end_byte) if value is None else self.literal(node, value)

    def decimal(self, node: ts.Node) -> Expr:
        value = literals.decimal(self.text(node))
        return Opaque(node.start_byte, node.end_byte) if value is None else self.literal(node, value)

    def constant(self, node: ts.Node) -> Expr:
        return self.literal(node, {"true": True, "false": False}.get(node.type))

    def literal(self, node: ts.Node, value: float | str | bytes | bool | None) -> Literal:
        return Literal(node.start_byte, node.end_byte, _LITERALS[type(value)], value)

    def string(self, node: ts.Node) -> Expr:
        text = self.source[node.start_byte : node.end_byte]
        letters = literals.prefix(text)
        if "f" in letters or "t" in letters:
            holes = [child for child in node.children if child.type == "interpolation"]
            if holes:
                pieces = self.parts(node, holes)
                pieces.kind = "text"
                return pieces
        return self.literal(node, literals.string(text))

    def interpolation(self, node: ts.Node) -> Expr:
        """One `{…}` of an f-string, with what its format specification evaluates."""
        parts = [child for child in significant(node) if child.type != "type_conversion"]
        return self.expr(parts[0]) if len(parts) == 1 else self.parts(node, parts)

    def adjacent(self, node: ts.Node) -> Expr:
        pieces = [self.expr(child) for child in significant(node)]
        values = [piece.value for piece in pieces if isinstance(piece, Literal)]
        if len(values) == len(pieces):
            if all(isinstance(value, str) for value in values):
                return self.literal(node, "".join(map(str, values)))
            if all(isinstance(value, bytes) for value in values):
                return self.literal(node, b"".join(value for value in values if isinstance(value, bytes)))
        return Opaque(node.start_byte, node.end_byte, tuple(pieces))

    def display(self, node: ts.Node) -> Expr:
        items: list[Expr] = []
        for child in significant(node):
            if child.type == "pair":
                items.extend([self.expr(half) for half in significant(child)])
            else:
                items.append(self.expr(child))
        return Display(node.start_byte, node.end_byte, _DISPLAYS[node.type], tuple(items))

    def comprehension(self, node: ts.Node) -> Expr:
        body, *rest = significant(node)
        if not all(child.type in ("for_in_clause", "if_clause") for child in rest):
            return self.opaque(node)
        self.depth += 1  # Twice as deep as other expressions in the stack.
        clauses = self.clauses(rest)
        items = [self.expr(half) for half in (significant(body) if body.type == "pair" else (body,))]
        self.depth -= 1
        kind = _COMPREHENSIONS[node.type]
        return Comprehension(node.start_byte, node.end_byte, kind, tuple(items), tuple(clauses))

    def clauses(self, nodes: list[ts.Node]) -> list[Clause]:
        found: list[Clause] = []
        for node in nodes:
            if node.type == "for_in_clause":
                found.append(self.clause(node))
            elif found:
                found[-1].conditions += tuple([self.expr(child) for child in significant(node)])
                found[-1].end = node.end_byte
        return found

    def clause(self, node: ts.Node) -> Clause:
        # A target such as `x[i]` is no pattern; its parts stand with the conditions, lest they get lost.
        uses: list[Expr] = []
        left = node.child_by_field_name("left")
        sources = [child for child in node.children_by_field_name("right") if child.is_named]
        pattern = self.pattern(left, uses) if left else Pattern(node.start_byte, node.start_byte)
        conditions = (Opaque(pattern.start, pattern.end, tuple(uses)),) if uses else ()
        return Clause(node.start_byte, node.end_byte, pattern, self.together(sources), conditions)

    # ------------------------------------------------------------ functions and targets

    def closure(self, node: ts.Node) -> Expr:
        """A lambda; the defaults of its parameters are evaluated around it, so that an Opaque holds both."""
        body, parameters = node.child_by_field_name("body"), node.child_by_field_name("parameters")
        if body is None:
            return self.opaque(node)
        self.depth += _EMBEDDED_DEPTH
        read = [self.param(child) for child in significant(parameters)] if parameters else []
        params = [param for param in read if param is not None]
        patterns = tuple([param.pattern for param in params])
        result = Closure(node.start_byte, node.end_byte, patterns, self.tail(body))
        self.depth -= _EMBEDDED_DEPTH
        defaults = tuple([param.default for param in params if param.default is not None])
        return Opaque(node.start_byte, node.end_byte, (*defaults, result)) if defaults else result

    def param(self, node: ts.Node) -> Param | None:
        """A parameter without its type; None for the separators `*` and `/`."""
        if node.type in ("positional_separator", "keyword_separator", "ERROR"):
            return None
        default = node.child_by_field_name("value")
        target = node.child_by_field_name("name") or node
        if target.type == "typed_parameter":
            target = significant(target)[0]
        uses: list[Expr] = []
        pattern = self.pattern(target, uses)
        value = self.expr(default) if default else None
        if uses:  # Only broken code has parameters that are no names.
            value = Opaque(node.start_byte, node.end_byte, (*uses, value) if value else tuple(uses))
        return Param(node.start_byte, node.end_byte, pattern, default=value)

    def pattern(self, node: ts.Node, uses: list[Expr]) -> Pattern:
        """What a `for`, `with` or parameter binds; targets that are no names (`x[i]`) are added to `uses`."""
        kind, start, end = node.type, node.start_byte, node.end_byte
        if kind == "identifier":
            return Pattern(start, end, self.text(node))
        if self.depth >= DEEPEST:
            uses.append(self.unread(node))
            return Pattern(start, end)
        self.depth += 1
        result = Pattern(start, end)
        if kind in _TUPLES:
            result.items = tuple([self.pattern(child, uses) for child in significant(node)])
        elif kind in _SPLATS or kind in ("parenthesized_expression", "as_pattern_target"):
            inner = [self.pattern(child, uses) for child in significant(node)]
            result = inner[0] if len(inner) == 1 else Pattern(start, end, items=tuple(inner))
        else:
            uses.append(self.expr(node))
        self.depth -= 1
        return result


def _tuple(items: tuple[Expr, ...]) -> Display:
    start, end = (items[0].start, items[-1].end) if items else (0, 0)
    return Display(start, end, "tuple", items)


_LITERALS: dict[type, OneOf["int", "float", "string", "bytes", "bool", "null"]] = {
    int: "int", float: "float", str: "string", bytes: "bytes", bool: "bool", type(None): "null",
}  # fmt: skip
_DISPLAYS: dict[str, OneOf["list", "tuple", "set", "dict"]] = {
    "list": "list", "set": "set", "dictionary": "dict", "tuple": "tuple", "expression_list": "tuple",
    "pattern_list": "tuple", "tuple_pattern": "tuple", "list_pattern": "tuple",
}  # fmt: skip
_COMPREHENSIONS: dict[str, OneOf["list", "set", "dict", "generator"]] = {
    "list_comprehension": "list", "set_comprehension": "set", "dictionary_comprehension": "dict",
    "generator_expression": "generator",
}  # fmt: skip
_READERS: dict[str, Callable[[Expressions, ts.Node], Expr]] = {
    "attribute": Expressions.attribute,
    "await": Expressions.opaque,
    "binary_operator": Expressions.binary,
    "boolean_operator": Expressions.binary,
    "call": Expressions.call,
    "comparison_operator": Expressions.comparison,
    "concatenated_string": Expressions.adjacent,
    "conditional_expression": Expressions.conditional,
    "float": Expressions.decimal,
    "integer": Expressions.integer,
    "interpolation": Expressions.interpolation,
    "keyword_argument": Expressions.keyword,
    "lambda": Expressions.closure,
    "named_expression": Expressions.walrus,
    "none": Expressions.constant,
    "true": Expressions.constant,
    "false": Expressions.constant,
    "not_operator": Expressions.unary,
    "slice": Expressions.slice,
    "string": Expressions.string,
    "subscript": Expressions.subscript,
    "unary_operator": Expressions.unary,
    "yield": Expressions.yielded,
    **dict.fromkeys(_SPLATS, Expressions.splat),
    **dict.fromkeys(_DISPLAYS, Expressions.display),
    **dict.fromkeys(_COMPREHENSIONS, Expressions.comprehension),
}
