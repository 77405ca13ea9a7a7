"""Rust's statements and expressions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any
from typing import Literal as OneOf

from tree_sitter import Node

from alloclint.syntax.model import (
    Arm,
    Assign,
    Binary,
    Block,
    Branch,
    Call,
    Cast,
    Closure,
    Display,
    Embedded,
    Eval,
    Exit,
    Expr,
    Field,
    Index,
    Let,
    Literal,
    Loop,
    MayReturn,
    Name,
    Opaque,
    Path,
    Pattern,
    Range,
    Stmt,
    StructLiteral,
    Type,
    Unary,
)  # fmt: skip
from alloclint.syntax.reading import DEEPEST
from alloclint.syntax.rust_literals import number, string, unescape
from alloclint.syntax.rust_patterns import PatternReader
from alloclint.syntax.rust_types import SCOPED, TRIVIA, solid

# A block takes more stack to read than an operator does.
_BLOCK_DEPTH = 2
# `a && b && …` is one node in the grammar and a nest of operators in the model.
_LONGEST_CHAIN = 50

ITEMS = frozenset({
    "function_item", "function_signature_item", "struct_item", "enum_item", "union_item", "trait_item",
    "impl_item", "type_item", "mod_item", "foreign_mod_item",
})  # fmt: skip
_SILENT = frozenset({"empty_statement", "use_declaration", "extern_crate_declaration", "macro_definition"})
# What a block's last expression may be worth; any other statement without semicolon is worth `()`.
_VALUED = frozenset({
    "if_expression", "match_expression", "loop_expression", "block", "unsafe_block", "async_block",
    "gen_block", "const_block",
})  # fmt: skip


class CodeReader(PatternReader, ABC):
    @abstractmethod
    def nested(self, node: Node, attributes: Sequence[Node]) -> list[Stmt]:
        """The declarations that an item inside a body makes."""

    @abstractmethod
    def macro(self, node: Node) -> Expr:
        """A macro's invocation."""

    # ------------------------------------------------------------ statements

    def block(self, node: Node, kind: OneOf["plain", "unsafe", "async"] = "plain") -> Block:
        """The block at `node`, or at the one inside `unsafe {}` and its like."""
        found = Block(*self.span(node), kind=kind)
        if self.depth >= DEEPEST:
            found.statements.append(Eval(*self.span(node), self.buried(node)))
            return found
        self.depth += _BLOCK_DEPTH
        attributes: list[Node] = []
        children = node.named_children
        last = next((child for child in reversed(children) if child.type not in TRIVIA), None)
        for child in children:
            if child.type == "attribute_item":
                attributes.append(child)
            elif child.type == "label":
                found.label = self.label(child)
            elif child.type not in TRIVIA:
                self._statement(child, attributes, child is last, found.statements)
                attributes = []
        self.depth -= _BLOCK_DEPTH
        return found

    def _statement(self, node: Node, attributes: list[Node], last: bool, into: list[Stmt]) -> None:
        kind = node.type
        if kind == "expression_statement":
            inner = solid(node)
            closed = not last or node.children[-1].type == ";"
            into.extend(self.effect(child, self.span(node), not closed) for child in inner)
        elif kind == "let_declaration":
            into.append(self._let(node))
        elif kind in ITEMS:
            into += self.nested(node, attributes)
        elif kind in ("const_item", "static_item"):
            into.append(self._constant_item(node))
        elif kind not in _SILENT:
            into.append(self.effect(node, self.span(node), last))

    def effect(self, node: Node, span: tuple[int, int], tail: bool) -> Stmt:
        """An expression as a statement; `tail` if it is the value of what encloses it."""
        read = STATEMENTS.get(node.type)
        if read is None:
            value = self.expr(node)
            if node.type != "assignment_expression" or not isinstance(value, Embedded):
                return Eval(*span, value, tail)
            statement = value.statement
        else:
            statement = read(self, node)
        # An `if` without `else` has no value, even as the last expression.
        worthless = isinstance(statement, Branch) and not statement.exhaustive
        if tail and node.type in _VALUED and not worthless:
            return Eval(*span, Embedded(*self.span(node), statement), tail)
        if isinstance(statement, (Assign, Exit)):
            statement.start, statement.end = span
        return statement

    def _let(self, node: Node) -> Let:
        pattern_node = node.child_by_field_name("pattern")
        pattern = Pattern(*self.span(node)) if pattern_node is None else self.pattern(pattern_node)
        mutable = any(child.type == "mutable_specifier" for child in node.named_children)
        pattern.mutable = pattern.mutable or mutable
        otherwise = node.child_by_field_name("alternative")
        return Let(
            *self.span(node),
            pattern,
            self.type_or_none(node.child_by_field_name("type")),
            self._optional(node, "value"),
            mutable,
            None if otherwise is None else self.block(otherwise),
        )

    def _constant_item(self, node: Node) -> Let:
        name = node.child_by_field_name("name")
        pattern = Pattern(*self.span(node)) if name is None else Pattern(*self.span(name), self.text(name))
        type_ = self.type_or_none(node.child_by_field_name("type"))
        return Let(*self.span(node), pattern, type_, self._optional(node, "value"))

    def _assign(self, node: Node) -> Stmt:
        left, right = self._part(node, "left"), self._part(node, "right")
        return Assign(*self.span(node), left, self._operator(node, "="), right)

    def _exit(self, node: Node) -> Exit:
        label, value = None, None
        for child in solid(node):
            if child.type == "label":
                label = self.label(child)
            else:
                value = self.expr(child)
        return Exit(*self.span(node), _EXITS[node.type], value, label)

    def _plain_block(self, node: Node) -> Block:
        if node.type == "block":
            return self.block(node)
        inner = next((child for child in node.named_children if child.type == "block"), node)
        kind = _BLOCKS.get(node.type, "plain")
        found = self.block(inner, kind)
        found.start = node.start_byte + self.base
        return found

    def _if(self, node: Node) -> Branch:
        """One Branch for the whole `else if` ladder, which leans to the right as deep as it is long."""
        start, end = self.span(node)
        arms: list[Arm] = []
        rung: Node | None = node
        while rung is not None and rung.type == "if_expression":
            arms.append(self._if_arm(rung))
            clause = rung.child_by_field_name("alternative")
            rung = None if clause is None else next(iter(solid(clause)), None)
        if rung is not None:
            arms.append(Arm(*self.span(rung), self.body(rung)))
        return Branch(start, end, "if", tuple(arms), exhaustive=rung is not None)

    def _if_arm(self, node: Node) -> Arm:
        patterns, test = self._condition(node.child_by_field_name("condition"))
        body = node.child_by_field_name("consequence")
        start, end = self.span(node)
        block = Block(end, end) if body is None else self.block(body)
        return Arm(start, block.end, block, patterns, test)

    def _condition(self, node: Node | None) -> tuple[tuple[Pattern, ...], Expr | None]:
        """What a condition binds, and what it looks at: `a && let P = e` binds P and tests `a && e`."""
        if node is None:
            return (), None
        if node.type == "let_condition":
            return self._let_condition(node)
        if node.type != "let_chain":
            return (), self.expr(node)
        patterns: list[Pattern] = []
        tests: list[Expr] = []
        for member in solid(node):
            if member.type == "let_condition":
                bound, test = self._let_condition(member)
                patterns += bound
                tests.append(test)
            else:
                tests.append(self.expr(member))
        return tuple(patterns), self._conjunction(node, tests)

    def _let_condition(self, node: Node) -> tuple[tuple[Pattern, ...], Expr]:
        pattern = node.child_by_field_name("pattern")
        return () if pattern is None else self.alternatives(pattern), self._part(node, "value")

    def _conjunction(self, node: Node, tests: list[Expr]) -> Expr:
        if not tests or len(tests) > _LONGEST_CHAIN:
            return Opaque(*self.span(node), tuple(tests))
        joined = tests[0]
        for test in tests[1:]:
            joined = Binary(joined.start, test.end, "&&", joined, test)
        return joined

    def _match(self, node: Node) -> Branch:
        subject = self._part(node, "value")
        body = node.child_by_field_name("body")
        arms = [] if body is None else [self._arm(child) for child in solid(body)]
        return Branch(*self.span(node), "match", tuple(arms), subject, exhaustive=True)

    def _arm(self, node: Node) -> Arm:
        value = node.child_by_field_name("value")
        if node.type != "match_arm" or value is None:
            lost = self.buried(node)
            return Arm(*self.span(node), Block(*self.span(node), [Eval(*self.span(node), lost)]))
        pattern = node.child_by_field_name("pattern")
        # `_` is no named node, so the first child of any kind is the pattern.
        shapes = [] if pattern is None else [child for child in pattern.children if child.type not in TRIVIA]
        patterns = self.alternatives(shapes[0]) if shapes else ()
        guard = None if pattern is None else pattern.child_by_field_name("condition")
        bound, test = self._condition(guard)
        return Arm(*self.span(node), self.body(value), patterns + bound, test)

    def body(self, node: Node) -> Block:
        """A block, or an expression that stands where a block might."""
        if node.type == "block":
            return self.block(node)
        if self.depth >= DEEPEST:
            return Block(*self.span(node), [Eval(*self.span(node), self.buried(node), True)])
        self.depth += _BLOCK_DEPTH
        statement = self.effect(node, self.span(node), True)
        self.depth -= _BLOCK_DEPTH
        return Block(*self.span(node), [statement])

    def _for(self, node: Node) -> Loop:
        loop = self._loop(node, "each")
        pattern = node.child_by_field_name("pattern")
        loop.pattern = None if pattern is None else self.pattern(pattern)
        loop.iterable = self._part(node, "value")
        return loop

    def _while(self, node: Node) -> Loop:
        patterns, test = self._condition(node.child_by_field_name("condition"))
        loop = self._loop(node, "while")
        loop.test = test
        if patterns:
            first = patterns[0]
            several = Pattern(first.start, patterns[-1].end, items=patterns, refutable=True)
            loop.pattern = first if len(patterns) == 1 else several
        return loop

    def _endless(self, node: Node) -> Loop:
        return self._loop(node, "endless")

    def _loop(self, node: Node, kind: OneOf["each", "while", "endless"]) -> Loop:
        body = node.child_by_field_name("body")
        start, end = self.span(node)
        label = next((self.label(child) for child in node.named_children[:1] if child.type == "label"), None)
        return Loop(start, end, kind, Block(end, end) if body is None else self.block(body), label=label)

    def label(self, node: Node) -> str:
        return self.text(node).lstrip("'")

    # ------------------------------------------------------------ expressions

    def expr(self, node: Node) -> Expr:
        """The expression at `node`; one that is too deep or unknown is Opaque."""
        if self.depth >= DEEPEST:
            return self.buried(node)
        self.depth += 1
        read = _EXPRESSIONS.get(node.type)
        if read is not None:
            found: Expr = read(self, node)
        elif statement := STATEMENTS.get(node.type):
            found = Embedded(*self.span(node), statement(self, node))
        else:
            found = self._unknown(node)
        self.depth -= 1
        return found

    def exprs(self, nodes: Sequence[Node]) -> tuple[Expr, ...]:
        # A loop, because a comprehension would be one more frame on each level of a deep nest.
        found: list[Expr] = []
        for node in nodes:
            if node.type not in TRIVIA:
                found.append(self.expr(node))
        return tuple(found)

    def buried(self, node: Node) -> Opaque:
        """What is not read: only its names are kept."""
        return Opaque(*self.span(node), mentions=self.mentions(node))

    def _unknown(self, node: Node) -> Opaque:
        """A node without a shape, above all an ERROR: what can be read is, of the rest the names are kept."""
        parts: list[Expr] = []
        lost: dict[str, None] = {}
        for child in solid(node):
            kind = child.type
            if kind in _EXPRESSIONS or kind in STATEMENTS:
                parts.append(self.expr(child))
            elif kind in ("let_declaration", "expression_statement"):
                statements: list[Stmt] = []
                self._statement(child, [], False, statements)
                parts += [Embedded(statement.start, statement.end, statement) for statement in statements]
            else:
                lost.update(dict.fromkeys(self.mentions(child)))
        return Opaque(*self.span(node), tuple(parts), tuple(lost))

    def _part(self, node: Node, name: str) -> Expr:
        child = node.child_by_field_name(name)
        return Opaque(*self.span(node)) if child is None else self.expr(child)

    def _optional(self, node: Node, name: str) -> Expr | None:
        child = node.child_by_field_name(name)
        return None if child is None else self.expr(child)

    def _operator(self, node: Node, default: str) -> str:
        operator = node.child_by_field_name("operator")
        return default if operator is None else operator.type

    def _name(self, node: Node) -> Name:
        return Name(*self.span(node), self.text(node))

    def _path(self, node: Node) -> Expr:
        name = self.path(node)
        if len(name) == 1 and node.type not in SCOPED:
            return Name(*self.span(node), name[0])
        return Path(*self.span(node), name)

    def _number(self, node: Node) -> Expr:
        value = number(self.text(node))
        if value is None:
            return Opaque(*self.span(node))
        return Literal(*self.span(node), "int" if isinstance(value, int) else "float", value)

    def _string(self, node: Node) -> Literal:
        value = string(self.text(node))
        return Literal(*self.span(node), "bytes" if isinstance(value, bytes) else "string", value)

    def _char(self, node: Node) -> Literal:
        """A byte literal `b'x'` is a number, as it is to the compiler."""
        text = self.text(node)
        value = unescape(text[text.find("'") + 1 : -1])
        if text.startswith("b"):
            return Literal(*self.span(node), "int", ord(value[:1] or "\0"))
        return Literal(*self.span(node), "char", value)

    def _bool(self, node: Node) -> Literal:
        return Literal(*self.span(node), "bool", self.text(node) == "true")

    def _parenthesized(self, node: Node) -> Expr:
        inner = solid(node)
        return self.expr(inner[0]) if len(inner) == 1 else self._unknown(node)

    def _call(self, node: Node) -> Expr:
        callee = node.child_by_field_name("function")
        if callee is None:
            return self._unknown(node)
        call = self._callee(node, callee)
        arguments = node.child_by_field_name("arguments")
        if arguments is not None:
            call.args_start, call.args_end = self.span(arguments)
            call.args = self.exprs(arguments.named_children)
        return call

    def _callee(self, node: Node, callee: Node) -> Call:
        """The call without its arguments."""
        start, end = self.span(node)
        type_args: tuple[Type, ...] = ()
        if callee.type == "generic_function":
            type_args = self.types(callee.child_by_field_name("type_arguments"))
            callee = callee.child_by_field_name("function") or callee
        if callee.type == "field_expression" and (name := callee.child_by_field_name("field")) is not None:
            call = Call(start, end, "method", (self.text(name),), self.expr(callee.children[0]))
        elif callee.type in SCOPED or callee.type == "identifier":
            name = callee.child_by_field_name("name") or callee
            call = Call(start, end, "function", self.path(callee), type=self.prefix(callee))
        else:
            return Call(start, end, "value", (), self.expr(callee), type_args=type_args)
        call.type_args = type_args
        call.name_start, call.name_end = self.span(name)
        return call

    def _field_access(self, node: Node) -> Expr:
        name = node.child_by_field_name("field")
        return Field(*self.span(node), self._part(node, "value"), "" if name is None else self.text(name))

    def _index(self, node: Node) -> Expr:
        parts = solid(node)
        if len(parts) != 2:
            return self._unknown(node)
        return Index(*self.span(node), self.expr(parts[0]), self.expr(parts[1]))

    def _binary(self, node: Node) -> Expr:
        left, right = self._part(node, "left"), self._part(node, "right")
        return Binary(*self.span(node), self._operator(node, "?"), left, right)

    def _let_chain(self, node: Node) -> Expr:
        _, test = self._condition(node)
        return test or Opaque(*self.span(node))

    def _unary(self, node: Node) -> Expr:
        operand = solid(node)
        if len(operand) != 1:
            return self._unknown(node)
        return Unary(*self.span(node), node.children[0].type, self.expr(operand[0]))

    def _reference(self, node: Node) -> Expr:
        """`&x`, `&mut x`, `&raw const x`, `&raw mut x`."""
        mutable = any(child.type == "mutable_specifier" for child in node.named_children)
        return Unary(*self.span(node), "&mut" if mutable else "&", self._part(node, "value"))

    def _cast(self, node: Node) -> Expr:
        type_ = node.child_by_field_name("type")
        value = self._part(node, "value")
        return value if type_ is None else Cast(*self.span(node), value, self.type(type_))

    def _question(self, node: Node) -> Expr:
        inner = solid(node)
        return MayReturn(*self.span(node), self.expr(inner[0])) if len(inner) == 1 else self._unknown(node)

    def _range(self, node: Node) -> Expr:
        low: Expr | None = None
        high: Expr | None = None
        operator = ""
        for child in node.children:
            if not child.is_named:
                operator = child.type
            elif child.type not in TRIVIA:
                low, high = (low, self.expr(child)) if operator else (self.expr(child), high)
        return Range(*self.span(node), low, high, operator == "..=")

    def _assignment(self, node: Node) -> Expr:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        # The grammar takes `..=x` for an assignment of `x` to `..`.
        open_range = left is not None and left.type == "range_expression" and left.named_child_count == 0
        if open_range and right is not None:
            return Range(*self.span(node), None, self.expr(right), inclusive=True)
        return Embedded(*self.span(node), self._assign(node))

    def _display(self, node: Node) -> Expr:
        kind: OneOf["array", "tuple"] = "array" if node.type == "array_expression" else "tuple"
        length = node.child_by_field_name("length") if kind == "array" else None
        items = self.exprs([child for child in node.named_children if child != length])
        return Display(*self.span(node), kind, items, None if length is None else self.expr(length))

    def _struct(self, node: Node) -> Expr:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return self._unknown(node)
        fields: list[tuple[str, Expr]] = []
        rest: Expr | None = None
        for child in solid(body):
            if child.type == "base_field_initializer":
                rest = self.exprs(child.named_children[:1])[0] if child.named_children else None
            else:
                fields.append(self._field_value(child))
        return StructLiteral(*self.span(node), self.type(name), tuple(fields), rest)

    def _field_value(self, node: Node) -> tuple[str, Expr]:
        name = node.child_by_field_name("field")
        inner = solid(node)
        if node.type == "field_initializer" and name is not None:
            return self.text(name), self.expr(inner[-1])
        if node.type == "shorthand_field_initializer" and inner:
            return self.text(inner[-1]), self._name(inner[-1])
        return "", self._unknown(node)

    def _closure(self, node: Node) -> Expr:
        params = node.child_by_field_name("parameters")
        patterns = [] if params is None else [self._closure_param(child) for child in params.children]
        body = node.child_by_field_name("body")
        start, end = self.span(node)
        moves = any(child.type == "move" for child in node.children)
        block = Block(end, end) if body is None else self._closure_body(body)
        return Closure(start, end, tuple([pattern for pattern in patterns if pattern]), block, moves)

    def _closure_param(self, node: Node) -> Pattern | None:
        if node.type == "parameter":
            pattern = node.child_by_field_name("pattern")
            mutable = any(child.type == "mutable_specifier" for child in node.named_children)
            found = None if pattern is None else self.pattern(pattern)
            if found is not None:
                found.mutable = found.mutable or mutable
            return found
        return self.pattern(node) if (node.is_named or node.type == "_") and node.type not in TRIVIA else None

    def _closure_body(self, node: Node) -> Block:
        if node.type == "block":
            return self.block(node)
        return Block(*self.span(node), [Eval(*self.span(node), self.expr(node), tail=True)])

    def _awaited(self, node: Node) -> Expr:
        return Opaque(*self.span(node), self.exprs(node.named_children))

    def _macro(self, node: Node) -> Expr:
        return self.macro(node)


_EXITS: dict[str, OneOf["break", "continue", "return", "yield"]] = {
    "break_expression": "break",
    "continue_expression": "continue",
    "return_expression": "return",
    "yield_expression": "yield",
}
# A generator block runs later, as an async one does.
_BLOCKS: dict[str, OneOf["plain", "unsafe", "async"]] = {
    "unsafe_block": "unsafe",
    "async_block": "async",
    "gen_block": "async",
}

STATEMENTS: dict[str, Callable[[Any, Node], Stmt]] = {
    "compound_assignment_expr": CodeReader._assign,
    **dict.fromkeys(_EXITS, CodeReader._exit),
    **dict.fromkeys(("block", "const_block", *_BLOCKS), CodeReader._plain_block),
    "if_expression": CodeReader._if,
    "match_expression": CodeReader._match,
    "for_expression": CodeReader._for,
    "while_expression": CodeReader._while,
    "loop_expression": CodeReader._endless,
}
_EXPRESSIONS: dict[str, Callable[[Any, Node], Expr]] = {
    **dict.fromkeys(("identifier", "self", "super", "crate", "metavariable"), CodeReader._name),
    "scoped_identifier": CodeReader._path,
    "generic_function": CodeReader._path,
    "integer_literal": CodeReader._number,
    "float_literal": CodeReader._number,
    "string_literal": CodeReader._string,
    "raw_string_literal": CodeReader._string,
    "char_literal": CodeReader._char,
    "boolean_literal": CodeReader._bool,
    "parenthesized_expression": CodeReader._parenthesized,
    "call_expression": CodeReader._call,
    "field_expression": CodeReader._field_access,
    "index_expression": CodeReader._index,
    "binary_expression": CodeReader._binary,
    "let_chain": CodeReader._let_chain,
    "unary_expression": CodeReader._unary,
    "negative_literal": CodeReader._unary,
    "reference_expression": CodeReader._reference,
    "type_cast_expression": CodeReader._cast,
    "try_expression": CodeReader._question,
    "range_expression": CodeReader._range,
    "assignment_expression": CodeReader._assignment,
    "array_expression": CodeReader._display,
    "tuple_expression": CodeReader._display,
    "unit_expression": CodeReader._display,
    "struct_expression": CodeReader._struct,
    "closure_expression": CodeReader._closure,
    "await_expression": CodeReader._awaited,
    "macro_invocation": CodeReader._macro,
}
