"""Statements and definitions of Python, from tree-sitter nodes to the shapes of `model`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal as OneOf

import tree_sitter as ts

from .model import (
    Arm,
    Assign,
    Attribute,
    Block,
    Branch,
    Eval,
    Exit,
    Expr,
    Function,
    Let,
    Literal,
    Loop,
    Nested,
    Opaque,
    Param,
    Pattern,
    Stmt,
    Try,
    Type,
    TypeDecl,
)
from .python_expressions import Expressions, significant
from .python_imports import imported
from .python_members import add_members
from .python_types import attribute, attributes, read_type
from .reading import DEEPEST, faults

# A definition takes more of the stack than other levels, for its class is read with it.
_DEFINITION_DEPTH = 6


class Code(Expressions):
    """
    Reads the statements of one body: of the module, of a class (then `owner` is that class) or of a function.

    `scope` are the names around it, `testing` says that it is test code, `damaged` that the file has errors.
    """

    __slots__ = ("damaged", "owner", "scope", "testing")

    def __init__(
        self, source: bytes, *, depth: int = 0, scope: tuple[str, ...] = (), owner: TypeDecl | None = None,
        testing: bool = False, damaged: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(source, depth)
        self.scope = scope
        self.owner = owner
        self.testing = testing
        self.damaged = damaged

    def block(self, node: ts.Node | None) -> Block:
        """The statements of a block; an empty block where there is none."""
        if node is None:
            return Block(0, 0, scope=False)
        result = Block(node.start_byte, node.end_byte, scope=False)
        if self.depth >= DEEPEST:
            result.statements.append(self.effect(self.unread(node)))
            return result
        self.depth += 1
        for child in significant(node):
            self.statement(child, result.statements)
        self.depth -= 1
        return result

    def suite(self, node: ts.Node, name: str = "body") -> Block:
        return self.block(node.child_by_field_name(name))

    def statement(self, node: ts.Node, out: list[Stmt]) -> None:
        """Append what a statement becomes, which may be nothing (`pass`) or several (`a = b = c`)."""
        reader = _STATEMENTS.get(node.type)
        if reader is None or self.depth >= DEEPEST:
            out.append(self.effect(self.expr(node) if reader is None else self.unread(node)))
        else:
            self.depth += 1
            reader(self, node, out)
            self.depth -= 1
        if self.damaged and node.has_error and not node.is_error:
            self.faulty(node, out)

    def faulty(self, node: ts.Node, out: list[Stmt]) -> None:
        """The names in the broken parts of a statement, without its blocks: statements see to themselves."""
        opaque = () if node.type == "match_statement" else ("block",)
        out.extend([self.effect(self.unread(fault)) for fault in faults(node, opaque)])

    def effect(self, value: Expr) -> Eval:
        return Eval(value.start, value.end, value)

    def broken(self, node: ts.Node, out: list[Stmt]) -> None:
        for child in significant(node):
            self.statement(child, out)

    # ------------------------------------------------------------ simple statements

    def nothing(self, node: ts.Node, out: list[Stmt]) -> None:
        """`pass`."""

    def expression(self, node: ts.Node, out: list[Stmt]) -> None:
        parts = significant(node)
        reader = _STATEMENTS.get(parts[0].type) if len(parts) == 1 else None
        if reader is not None:
            reader(self, parts[0], out)
        else:
            out.append(self.effect(self.together(parts, comma=node.children[-1].type == ",")))

    def assignment(self, node: ts.Node, out: list[Stmt]) -> None:
        links = [node]
        right = node.child_by_field_name("right")
        while right is not None and right.type == "assignment":
            links.append(right)
            right = right.child_by_field_name("right")
        value = self.expr(right) if right else None
        for link in links:
            self.assign(link, value, out)

    def assign(self, node: ts.Node, value: Expr | None, out: list[Stmt]) -> None:
        """One `target: type = value`; a name that is only annotated is a Let without value."""
        start, end = node.start_byte, node.end_byte
        left, annotation = node.child_by_field_name("left"), node.child_by_field_name("type")
        kind = read_type(self, annotation) if annotation else None
        if left is None:
            out.append(self.effect(value or Opaque(start, end)))
        elif value is None and left.type == "identifier":
            out.append(Let(start, end, Pattern(left.start_byte, left.end_byte, self.text(left)), kind))
        else:
            out.append(Assign(start, end, self.expr(left), "=", value or Opaque(end, end), kind))

    def augmented(self, node: ts.Node, out: list[Stmt]) -> None:
        target, value = self.child(node, "left"), self.child(node, "right")
        operator = node.child_by_field_name("operator")
        if target is None or value is None or operator is None:
            out.append(self.effect(self.opaque(node)))
        else:
            out.append(Assign(node.start_byte, node.end_byte, target, operator.type, value))

    def yields(self, node: ts.Node, out: list[Stmt]) -> None:
        out.append(self.produced(node))

    def exit(self, node: ts.Node, out: list[Stmt]) -> None:
        values = significant(node)
        kind: OneOf["break", "continue", "return"] = _EXITS[node.type]
        out.append(Exit(node.start_byte, node.end_byte, kind, self.together(values) if values else None))

    def throw(self, node: ts.Node, out: list[Stmt]) -> None:
        """`raise value from cause`: the cause stands before, for the model has no place for it."""
        cause = node.child_by_field_name("cause")
        values = [
            child for child in significant(node) if cause is None or child.start_byte != cause.start_byte
        ]
        reason = self.expr(cause) if cause else None
        if reason is not None and not isinstance(reason, Literal):
            out.append(self.effect(reason))
        out.append(Exit(node.start_byte, node.end_byte, "throw", self.together(values) if values else None))

    def delete(self, node: ts.Node, out: list[Stmt]) -> None:
        targets = significant(node)
        if len(targets) == 1 and targets[0].type == "expression_list":
            targets = significant(targets[0])
        parts = tuple([self.expr(target) for target in targets])
        out.append(self.effect(Opaque(node.start_byte, node.end_byte, parts, kind="delete")))

    def outer(self, node: ts.Node, out: list[Stmt]) -> None:
        names = self.unread(node)
        names.kind = "outer"
        out.append(self.effect(names))

    def imports(self, node: ts.Node, out: list[Stmt]) -> None:
        for one in imported(node, self.source):
            name = None if one.alias == "*" else one.alias
            out.append(Let(one.start, one.end, Pattern(one.start, one.end, name)))

    # ------------------------------------------------------------ compound statements

    def branch(self, node: ts.Node, out: list[Stmt]) -> None:
        arms = [self.arm(node)]
        exhaustive = False
        for child in node.children_by_field_name("alternative"):
            exhaustive = child.type == "else_clause"
            arms.append(self.otherwise(child) if exhaustive else self.arm(child))
        out.append(Branch(node.start_byte, node.end_byte, "if", tuple(arms), exhaustive=exhaustive))

    def arm(self, node: ts.Node) -> Arm:
        test, body = self.child(node, "condition"), self.suite(node, "consequence")
        return Arm(node.start_byte, max(body.end, node.start_byte), body, test=test)

    def otherwise(self, node: ts.Node) -> Arm:
        return Arm(node.start_byte, node.end_byte, self.suite(node))

    def each(self, node: ts.Node, out: list[Stmt]) -> None:
        uses: list[Expr] = []
        left = node.child_by_field_name("left")
        iterable = self.child(node, "right")
        pattern = self.pattern(left, uses) if left else Pattern(node.start_byte, node.start_byte)
        body = self.suite(node)
        body.statements[:0] = self.stored(uses)
        loop = Loop(node.start_byte, node.end_byte, "each", body, pattern, iterable=iterable)
        loop.otherwise = self.alternative(node)
        loop.is_async = node.children[0].type == "async"
        out.append(loop)

    def stored(self, targets: list[Expr]) -> list[Stmt]:
        """Assignments of an unknown value to the targets of a `for` or `with` that no pattern can name."""
        return [
            Assign(target.start, target.end, target, "=", Opaque(target.start, target.start))
            for target in targets
        ]

    def loop(self, node: ts.Node, out: list[Stmt]) -> None:
        test = self.child(node, "condition")
        loop = Loop(node.start_byte, node.end_byte, "while", self.suite(node), test=test)
        loop.otherwise = self.alternative(node)
        out.append(loop)

    def alternative(self, node: ts.Node) -> Block | None:
        clause = node.child_by_field_name("alternative")
        return self.suite(clause) if clause else None

    def attempt(self, node: ts.Node, out: list[Stmt]) -> None:
        result = Try(node.start_byte, node.end_byte, self.suite(node))
        handlers: list[Block] = []
        for clause in significant(node):
            if clause.type == "except_clause":
                handlers.append(self.handler(clause))
            elif clause.type == "else_clause":
                result.otherwise = self.suite(clause)
            elif clause.type == "finally_clause":
                result.final = self.last_block(clause)
        result.handlers = tuple(handlers)
        out.append(result)

    def last_block(self, node: ts.Node) -> Block:
        return self.block(next((child for child in node.children if child.type == "block"), None))

    def handler(self, node: ts.Node) -> Block:
        """An `except` clause: a Let of its name, whose value holds the exception classes, then the rest."""
        result = self.last_block(node)
        caught = [child for child in significant(node) if child.type != "block"]
        if caught and caught[0].type == "as_pattern":
            caught = significant(caught[0])
        if caught:
            start, end = caught[0].start_byte, caught[-1].end_byte
            uses = [self.expr(caught[0])]
            pattern = self.pattern(caught[-1], uses) if len(caught) > 1 else Pattern(start, start)
            result.statements.insert(0, Let(start, end, pattern, value=Opaque(start, end, tuple(uses))))
        return result

    def managed(self, node: ts.Node, out: list[Stmt]) -> None:
        result = Block(node.start_byte, node.end_byte, kind="with", scope=False)
        for clause in significant(node):
            if clause.type == "with_clause":
                for item in significant(clause):
                    self.item(item, result.statements)
        result.statements.extend(self.suite(node).statements)
        out.append(result)

    def item(self, node: ts.Node, out: list[Stmt]) -> None:
        value = node.child_by_field_name("value") or node
        while value.type == "parenthesized_expression" and value.named_child_count == 1:
            value = value.named_children[0]
        if value.type == "tuple" and any(child.type == "as_pattern" for child in value.children):
            for child in significant(value):
                self.item(child, out)
            return
        alias = value.child_by_field_name("alias") if value.type == "as_pattern" else None
        uses: list[Expr] = []
        resource = self.expr(significant(value)[0] if alias else value)
        pattern = self.pattern(alias, uses) if alias else Pattern(value.end_byte, value.end_byte)
        out.append(Let(value.start_byte, value.end_byte, pattern, value=resource))
        out.extend(self.stored(uses))

    # ------------------------------------------------------------ match

    def match(self, node: ts.Node, out: list[Stmt]) -> None:
        subject = self.together(node.children_by_field_name("subject"))
        body = node.child_by_field_name("body")
        cases = [child for child in body.children if child.type == "case_clause"] if body else []
        arms = tuple([self.case(child) for child in cases])
        exhaustive = any(arm.test is None and not any(one.refutable for one in arm.patterns) for arm in arms)
        out.append(Branch(node.start_byte, node.end_byte, "match", arms, subject, exhaustive))

    def case(self, node: ts.Node) -> Arm:
        """One case; classes and constants its patterns compare with are evaluated first in its body."""
        uses: list[Expr] = []
        patterns = [self.matched(child, uses) for child in significant(node) if child.type == "case_pattern"]
        guard = node.child_by_field_name("guard")
        test = self.together(significant(guard)) if guard else None
        body = self.suite(node, "consequence")
        if uses:
            body.statements.insert(0, self.effect(Opaque(uses[0].start, uses[-1].end, tuple(uses))))
        if len(patterns) > 1:
            patterns = [Pattern(patterns[0].start, patterns[-1].end, items=tuple(patterns), refutable=True)]
        return Arm(node.start_byte, node.end_byte, body, tuple(patterns), test)

    def matched(self, node: ts.Node, uses: list[Expr]) -> Pattern:
        kind, result = node.type, Pattern(node.start_byte, node.end_byte, refutable=True)
        inner = significant(node)
        if self.depth >= DEEPEST:
            uses.append(self.unread(node))
            return result
        self.depth += 1
        if kind in ("case_pattern", "splat_pattern"):
            result = self.matched(inner[0], uses) if inner else Pattern(result.start, result.end)
        elif kind in ("dotted_name", "identifier") and len(inner) < 2:
            name = self.text(node)
            result.name, result.refutable = None if name == "_" else name, False
        elif kind == "dotted_name":
            uses.append(self.name(inner[0]))
        elif kind == "as_pattern" and len(inner) == 2:
            whole = self.matched(inner[0], uses)
            result.name, result.items, result.refutable = self.text(inner[1]), (whole,), whole.refutable
        elif kind in _COMPOSITE_PATTERNS:
            result.items = tuple(self.components(node, inner, uses))
        self.depth -= 1
        return result

    def components(self, node: ts.Node, inner: list[ts.Node], uses: list[Expr]) -> list[Pattern]:
        """The patterns inside a pattern, without the class or keyword name in front."""
        if node.type == "class_pattern":
            uses.extend([self.name(part) for part in significant(inner[0])[:1]])
        skipped = 1 if node.type in ("class_pattern", "keyword_pattern") else 0
        return [self.matched(child, uses) for child in inner[skipped:]]

    # ------------------------------------------------------------ definitions

    def decorated(self, node: ts.Node, out: list[Stmt]) -> None:
        decorators = [child for child in significant(node) if child.type == "decorator"]
        values = [self.expr(inner) for child in decorators for inner in significant(child)[:1]]
        found = tuple([attribute(value, self.source) for value in values])
        definition = node.child_by_field_name("definition")
        if definition is None:
            out.extend([self.effect(value) for value in values])
        elif definition.type == "class_definition":
            self.type(definition, out, found, node)
        else:
            self.function(definition, out, found, node)

    def function(
        self,
        node: ts.Node,
        out: list[Stmt],
        decorators: tuple[Attribute, ...] = (),
        whole: ts.Node | None = None,
    ) -> None:
        names, body, returns = (node.child_by_field_name(field) for field in ("name", "body", "return_type"))
        name = self.text(names) if names else ""
        words = {attribute.last for attribute in decorators}
        function = Function(
            node.start_byte, node.end_byte, name, (*self.scope, name), owner=self.owner, attributes=decorators
        )
        function.params = self.params(node.child_by_field_name("parameters"), "staticmethod" in words)
        function.returns = read_type(self, returns) if returns else None
        function.is_test = (
            self.testing or name.startswith("test_") or name.endswith("_test") or "fixture" in words
        )
        function.modifiers = frozenset(
            [_MODIFIERS[word] for word in words if word in _MODIFIERS]
            + ["async"] * (node.children[0].type == "async")
        )
        if names:
            function.name_start, function.name_end = names.start_byte, names.end_byte
        function.body_start = body.start_byte if body else function.end
        inner = self.inside(function.qualname, function.is_test)
        function.read_body = lambda: inner.block(body) if body else None
        whole = whole or node
        out.append(Nested(whole.start_byte, whole.end_byte, function=function))

    def inside(self, scope: tuple[str, ...], testing: bool, owner: TypeDecl | None = None) -> Code:
        depth = self.depth + _DEFINITION_DEPTH
        return Code(self.source, depth=depth, scope=scope, owner=owner, testing=testing, damaged=self.damaged)

    def params(self, node: ts.Node | None, static: bool) -> tuple[Param, ...]:
        found: list[Param] = []
        for child in significant(node) if node else ():
            param = self.param(child)
            if param is None:
                continue
            annotation = child.child_by_field_name("type")
            param.type = read_type(self, annotation) if annotation else None
            param.attributes = attributes(param.type, self.source)
            self.refine(param, first=not found and self.owner is not None and not static)
            found.append(param)
        return tuple(found)

    def refine(self, param: Param, first: bool) -> None:
        """`*args: T` is a tuple and `**kwargs: T` a dict of T; `self` has the type Self."""
        stars = self.source[param.start : param.start + 2]
        if stars.startswith(b"*"):
            name = "dict" if stars == b"**" else "tuple"
            arguments = [param.type] if param.type else []
            if arguments and name == "dict":
                arguments.insert(0, Type(param.start, param.start, "named", ("str",)))
            param.type = Type(param.start, param.end, "named", (name,), tuple(arguments))
        elif first and param.type is None and param.pattern.name == "self":
            param.type = Type(param.start, param.end, "named", ("Self",))

    def type(
        self,
        node: ts.Node,
        out: list[Stmt],
        decorators: tuple[Attribute, ...] = (),
        whole: ts.Node | None = None,
    ) -> None:
        names, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        name = self.text(names) if names else ""
        decl = TypeDecl(
            node.start_byte, node.end_byte, "class", name, (*self.scope, name), attributes=decorators
        )
        decl.type_params = self.type_params(node.child_by_field_name("type_parameters"))
        self.bases(decl, node.child_by_field_name("superclasses"), out)
        decl.is_test = (
            self.testing
            or (name.startswith("Test") and b"def test_" in self.source[node.start_byte : node.end_byte])
            or any(base.last.endswith("TestCase") for base in decl.bases)
        )
        statements = Function(
            node.start_byte, node.end_byte, "<class>", (*decl.qualname, "<class>"), owner=decl
        )
        statements.is_test = decl.is_test
        if names:
            statements.name_start, statements.name_end = names.start_byte, names.end_byte
        statements.body_start = body.start_byte if body else decl.end
        inner = self.inside(decl.qualname, decl.is_test, decl)
        statements.read_body = lambda: inner.block(body) if body else None
        add_members(decl, statements, self.source)
        whole = whole or node
        out.append(Nested(whole.start_byte, whole.end_byte, type=decl))

    def type_params(self, node: ts.Node | None) -> tuple[str, ...]:
        kinds = [read_type(self, child) for child in significant(node)] if node else []
        return tuple([kind.last for kind in kinds if kind.last])

    def bases(self, decl: TypeDecl, node: ts.Node | None, out: list[Stmt]) -> None:
        """The base classes; computed ones and keywords (`metaclass=…`) are evaluated before the class."""
        found: list[Type] = []
        for child in significant(node) if node else ():
            kind = (
                read_type(self, child)
                if child.type not in ("keyword_argument", "list_splat", "dictionary_splat")
                else None
            )
            if kind is None or kind.kind == "unknown":
                out.append(self.effect(self.expr(child)))
            if kind is not None:
                found.append(kind)
        decl.bases = tuple(found)

    def alias(self, node: ts.Node, out: list[Stmt]) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            out.append(self.effect(self.opaque(node)))
            return
        kind = read_type(self, left)
        parameters = tuple([argument.last for argument in kind.args])
        span = node.start_byte, node.end_byte
        decl = TypeDecl(
            *span, "alias", kind.last, (*self.scope, kind.last), parameters, aliased=read_type(self, right)
        )
        out.append(Nested(*span, type=decl))


_MODIFIERS = {"staticmethod": "static", "abstractmethod": "abstract"}
_EXITS: dict[str, OneOf["break", "continue", "return"]] = {
    "break_statement": "break", "continue_statement": "continue", "return_statement": "return",
}  # fmt: skip
_COMPOSITE_PATTERNS = frozenset({
    "class_pattern", "dict_pattern", "keyword_pattern", "list_pattern", "tuple_pattern", "union_pattern",
})  # fmt: skip
_STATEMENTS: dict[str, Callable[[Code, ts.Node, list[Stmt]], None]] = {
    "ERROR": Code.broken,
    "assignment": Code.assignment,
    "augmented_assignment": Code.augmented,
    "class_definition": Code.type,
    "decorated_definition": Code.decorated,
    "delete_statement": Code.delete,
    "expression_statement": Code.expression,
    "for_statement": Code.each,
    "function_definition": Code.function,
    "future_import_statement": Code.imports,
    "global_statement": Code.outer,
    "if_statement": Code.branch,
    "import_from_statement": Code.imports,
    "import_statement": Code.imports,
    "match_statement": Code.match,
    "nonlocal_statement": Code.outer,
    "pass_statement": Code.nothing,
    "raise_statement": Code.throw,
    "try_statement": Code.attempt,
    "type_alias_statement": Code.alias,
    "while_statement": Code.loop,
    "with_statement": Code.managed,
    "yield": Code.yields,
    **dict.fromkeys(_EXITS, Code.exit),
}
