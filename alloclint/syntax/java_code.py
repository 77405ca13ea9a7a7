"""Java statements: the bodies of methods, constructors, initialisers and lambdas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node as Syntax

from alloclint.syntax.java_expressions import MOST_NESTED, NAMES, Expressions, is_code
from alloclint.syntax.java_types import COMMENTS, array, bound_name, dimensions, read_pattern
from alloclint.syntax.model import (
    Arm,
    Block,
    Branch,
    Eval,
    Exit,
    Expr,
    Let,
    Literal,
    Loop,
    Nested,
    Opaque,
    Pattern,
    Stmt,
    Try,
    Type,
)
from alloclint.syntax.reading import DEEPEST, faults, mentions

# The label of a `break` that ends a switch and not a loop.
SWITCH = "<switch>"

# Joining groups that fall through repeats their statements in several arms. In code made to hurt that would
# grow without bound: no arm is joined from more groups than this, and none in a switch inside two others.
_MOST_JOINED = 24
_DEEPEST_JOINED = 2


@dataclass(slots=True)
class Code(Expressions):
    """Reads the statements of one body. `in_switch` tells what an unlabelled `break` leaves."""

    in_switch: bool = False
    switches: int = 0

    def body(self, node: Syntax | None) -> Block | None:
        """The body of a function, closed by the names in its syntax errors; None where there is none."""
        if node is None:
            return None
        block = self.block(node)
        lost = self.lost(node)
        if lost:
            end = node.end_byte
            block.statements.append(Eval(end, end, Opaque(end, end, (), lost)))
        return block

    def lost(self, node: Syntax) -> tuple[str, ...]:
        """The names in the syntax errors of a subtree, which can stand where no expression is looked for."""
        if not node.has_error:
            return ()
        names = (name for fault in faults(node) for name in mentions(fault, self.source, NAMES))
        return tuple(dict.fromkeys(names))

    def block(self, node: Syntax | None) -> Block:
        if node is None:
            return Block(0, 0)
        statements: list[Stmt] = []
        self.depth += 1
        if node.type in ("block", "constructor_body"):
            for child in node.named_children:
                self.statement(child, statements)
        else:
            self.statement(node, statements)
        self.depth -= 1
        return Block(node.start_byte, node.end_byte, statements)

    def statement(self, node: Syntax, into: list[Stmt]) -> None:
        """Append the statement to `into`: none for a comment or `;`, several for several declarators."""
        kind = node.type
        if kind in COMMENTS or kind == ";":
            return
        if self.depth >= DEEPEST:
            into.append(Eval(*node.byte_range, self.opaque(node)))
            return
        self.depth += 1
        if kind == "local_variable_declaration":
            into.extend(self.locals(node))
        elif kind == "ERROR":
            for child in node.named_children:
                self.statement(child, into)
        else:
            handler = _HANDLERS.get(kind)
            into.append(handler(self, node) if handler else self.effect(node))
        self.depth -= 1

    def effect(self, node: Syntax | None) -> Stmt:
        """An expression that stands as a statement."""
        if node is None:
            return Eval(0, 0, Opaque(0, 0))
        if node.type == "assignment_expression" and self.depth < DEEPEST:
            return self.assignment(node)
        return Eval(node.start_byte, node.end_byte, self.expr(node))

    def locals(self, node: Syntax) -> list[Let]:
        """One Let per declarator. It covers the whole statement if it is the only one."""
        mutable = not is_final(node)
        base = self.type(node.child_by_field_name("type"))
        declarators = node.children_by_field_name("declarator")
        lets = [self.declarator(declarator, base, mutable) for declarator in declarators]
        if len(lets) == 1:
            lets[0].start, lets[0].end = node.byte_range
        return lets

    def declarator(self, node: Syntax, base: Type, mutable: bool) -> Let:
        """`name[] = value` behind the type that all declarators share."""
        name = node.child_by_field_name("name")
        brackets = node.child_by_field_name("dimensions")
        value = node.child_by_field_name("value")
        let = Let(node.start_byte, node.end_byte, self._pattern(name, node), mutable=mutable)
        let.type = array(base, dimensions(brackets), brackets.end_byte) if brackets else base
        let.value = self.expr(value) if value else None
        return let

    def switch(self, node: Syntax, is_value: bool) -> Branch:
        subject = self.expr(node.child_by_field_name("condition"))
        outer, self.in_switch = self.in_switch, True
        self.switches += 1
        self.depth += 1
        body = node.child_by_field_name("body")
        cases = [child for child in body.named_children if child.type in _CASES] if body else []
        arms = self._arms(cases, is_value)
        if self.switches <= _DEEPEST_JOINED and cases and cases[0].type == _GROUP:
            _join(arms)
        for arm in arms:
            _drop_break(arm.body.statements)
        self.depth -= 1
        self.switches -= 1
        self.in_switch = outer
        total = is_value or any(map(_is_total, arms))
        return Branch(node.start_byte, node.end_byte, "match", tuple(arms), subject, total)

    def _arms(self, cases: Sequence[Syntax], is_value: bool) -> list[Arm]:
        """An arm per group `case …:` or rule `case … ->`; labels alone belong to the next arm."""
        arms: list[Arm] = []
        patterns: list[Pattern] = []
        tests: list[Expr] = []
        start = cases[0].start_byte if cases else 0
        for case in cases:
            start = start if patterns else case.start_byte
            statements = self._case(case, is_value, patterns, tests)
            if statements or case.type != _GROUP or case is cases[-1]:
                arms.append(_arm(start, case.end_byte, statements, patterns, tests))
                patterns, tests = [], []
        return arms

    def _case(self, node: Syntax, is_value: bool, patterns: list[Pattern], tests: list[Expr]) -> list[Stmt]:
        """The statements of a group or rule, whose labels are added to `patterns` and `tests`."""
        statements: list[Stmt] = []
        for child in node.named_children:
            if child.type == "switch_label":
                self._label(child, patterns, tests)
            elif is_value and node.type == "switch_rule" and child.type == "expression_statement":
                value = next(filter(is_code, child.named_children), None)
                statements.append(Eval(*child.byte_range, self.expr(value), True))
            else:
                self.statement(child, statements)
        return statements

    def _label(self, node: Syntax, patterns: list[Pattern], tests: list[Expr]) -> None:
        start, end = node.byte_range
        labels = [child for child in node.named_children if child.type not in COMMENTS]
        if not labels or node.children[0].type == "default":
            patterns.append(Pattern(start, end))
        for label in labels:
            if label.type == "pattern":
                patterns.append(read_pattern(label, self.source))
            elif label.type == "guard":
                tests.extend(self.items(label))
            elif self.text(label) == "default":
                patterns.append(Pattern(*label.byte_range))
            else:
                patterns.append(Pattern(*label.byte_range, refutable=True))
                self._named_constant(label, tests)

    def _named_constant(self, label: Syntax, tests: list[Expr]) -> None:
        """A literal tests nothing that could be a use of a name; `case LIMIT` and `case A.B` do."""
        value = self.expr(label)
        if not isinstance(value, Literal):
            tests.append(Opaque(value.start, value.end, (value,)))

    def _pattern(self, name: Syntax | None, around: Syntax) -> Pattern:
        return Pattern(*(name or around).byte_range, bound_name(name, self.source))

    def _block(self, node: Syntax) -> Stmt:
        return self.block(node)

    def _loop_body(self, node: Syntax) -> Block:
        outer, self.in_switch = self.in_switch, False
        block = self.block(node.child_by_field_name("body"))
        self.in_switch = outer
        return block

    def _expression(self, node: Syntax) -> Stmt:
        statement = self.effect(next(filter(is_code, node.named_children), None))
        statement.start, statement.end = node.byte_range
        return statement

    def _constructor_call(self, node: Syntax) -> Stmt:
        return Eval(*node.byte_range, self.constructor_call(node))

    def _if(self, node: Syntax) -> Stmt:
        """A chain of `else if` is one Branch, however long it is."""
        start, end = node.byte_range
        arms: list[Arm] = []
        current: Syntax | None = node
        while current is not None and current.type == "if_statement":
            test = self.expr(current.child_by_field_name("condition"))
            body = self.block(current.child_by_field_name("consequence"))
            arms.append(Arm(current.start_byte, body.end, body, (), test))
            current = current.child_by_field_name("alternative")
        if current is not None:
            arms.append(Arm(*current.byte_range, self.block(current)))
        return Branch(start, end, "if", tuple(arms), None, current is not None)

    def _while(self, node: Syntax) -> Stmt:
        test = self.expr(node.child_by_field_name("condition"))
        return Loop(*node.byte_range, "while", self._loop_body(node), test=test)

    def _do(self, node: Syntax) -> Stmt:
        body = self._loop_body(node)
        return Loop(*node.byte_range, "do", body, test=self.expr(node.child_by_field_name("condition")))

    def _for(self, node: Syntax) -> Stmt:
        setup: list[Stmt] = []
        for part in node.children_by_field_name("init"):
            if part.type == "local_variable_declaration":
                setup.extend(self.locals(part))
            elif part.is_named:
                setup.append(self.effect(part))
        condition = node.child_by_field_name("condition")
        test = self.expr(condition) if condition else None
        updates = [part for part in node.children_by_field_name("update") if part.is_named]
        loop = Loop(*node.byte_range, "count", self._loop_body(node), setup=tuple(setup), test=test)
        loop.update = tuple(self.effect(part) for part in updates)
        return loop

    def _for_each(self, node: Syntax) -> Stmt:
        name = node.child_by_field_name("name")
        brackets = node.child_by_field_name("dimensions")
        item = self.type(node.child_by_field_name("type"))
        iterable = self.expr(node.child_by_field_name("value"))
        loop = Loop(
            *node.byte_range, "each", self._loop_body(node), self._pattern(name, node), iterable=iterable
        )
        loop.item_type = array(item, dimensions(brackets), brackets.end_byte) if brackets else item
        return loop

    def _labeled(self, node: Syntax) -> Stmt:
        children = [child for child in node.children if child.type not in COMMENTS]
        statements: list[Stmt] = []
        for child in children[2:]:
            self.statement(child, statements)
        label = self.text(children[0])
        inner = statements[0] if len(statements) == 1 else None
        if isinstance(inner, Block | Loop) and inner.label is None:
            inner.label = label
            return inner
        return Block(*node.byte_range, statements, label=label)

    def _switch_statement(self, node: Syntax) -> Stmt:
        return self.switch(node, False)

    def _yield(self, node: Syntax) -> Stmt:
        value = next(filter(is_code, node.named_children), None)
        return Eval(*node.byte_range, self.expr(value), True)

    def _return(self, node: Syntax) -> Stmt:
        written = next(filter(is_code, node.named_children), None)
        value = self.expr(written) if written else None
        if node.type == "return_statement":
            return Exit(node.start_byte, node.end_byte, "return", value)
        return Exit(node.start_byte, node.end_byte, "throw", value)

    def _jump(self, node: Syntax) -> Stmt:
        label = next(filter(is_code, node.named_children), None)
        name = self.text(label) if label else None
        if node.type == "continue_statement":
            return Exit(node.start_byte, node.end_byte, "continue", None, name)
        if name is None and self.in_switch:
            name = SWITCH
        return Exit(node.start_byte, node.end_byte, "break", None, name)

    def _assert(self, node: Syntax) -> Stmt:
        return Eval(*node.byte_range, Opaque(*node.byte_range, self.items(node), kind="assert"))

    def _synchronized(self, node: Syntax) -> Stmt:
        lock = next(filter(is_code, node.named_children), None)
        value = self.expr(lock)
        block = self.block(node.child_by_field_name("body"))
        block.statements.insert(0, Eval(value.start, value.end, value))
        block.kind, block.start = "sync", node.start_byte
        return block

    def _try(self, node: Syntax) -> Stmt:
        resources = node.child_by_field_name("resources")
        opened = resources.named_children if resources else []
        setup = tuple(self._resource(child) for child in opened if child.type == "resource")
        result = Try(*node.byte_range, self.block(node.child_by_field_name("body")), setup=setup)
        clauses = [child for child in node.named_children if child.type in ("catch_clause", "finally_clause")]
        result.handlers = tuple(self._catch(clause) for clause in clauses if clause.type == "catch_clause")
        if clauses and clauses[-1].type == "finally_clause":
            result.final = self.block(next(filter(is_code, clauses[-1].named_children), None))
        return result

    def _resource(self, node: Syntax) -> Stmt:
        """A resource declared here, or a variable from outside that is closed as well."""
        name = node.child_by_field_name("name")
        if name is None:
            return Eval(*node.byte_range, self.expr(next(filter(is_code, node.named_children), None)))
        let = Let(*node.byte_range, self._pattern(name, node), self.type(node.child_by_field_name("type")))
        let.value = self.expr(node.child_by_field_name("value"))
        return let

    def _catch(self, node: Syntax) -> Block:
        """The handler's first statement declares the exception."""
        block = self.block(node.child_by_field_name("body"))
        for caught in node.named_children:
            if caught.type == "catch_formal_parameter":
                pattern = self._pattern(caught.child_by_field_name("name"), caught)
                kinds = next((child for child in caught.named_children if child.type == "catch_type"), None)
                let = Let(*caught.byte_range, pattern, self.type(kinds), mutable=not is_final(caught))
                block.statements.insert(0, let)
        return block

    def _nested(self, node: Syntax) -> Stmt:
        if self.nesting >= MOST_NESTED:
            return Eval(*node.byte_range, self.opaque(node))
        return Nested(*node.byte_range, type=self.declare(self, node))


def is_final(node: Syntax) -> bool:
    """Whether `final` is among the modifiers of a declaration."""
    first = node.children[0]
    return first.type == "modifiers" and any(child.type == "final" for child in first.children)


def _arm(start: int, end: int, statements: list[Stmt], patterns: list[Pattern], tests: list[Expr]) -> Arm:
    """An arm whose test is its guard, together with the named constants in its labels if there are any."""
    body = Block(statements[0].start if statements else end, end, statements)
    test = tests[0] if len(tests) == 1 else Opaque(start, end, tuple(tests)) if tests else None
    return Arm(start, end, body, tuple(patterns), test)


def _is_total(arm: Arm) -> bool:
    """A default; or a pattern, since the language wants a switch over patterns to cover all values."""
    return any(not pattern.refutable or pattern.name or pattern.items for pattern in arm.patterns)


def _join(arms: Sequence[Arm]) -> None:
    """Let each arm that falls through go on with the statements of the next, from the last arm back."""
    joined = 1
    for arm, following in reversed(list(pairwise(arms))):
        if joined < _MOST_JOINED and _falls_through(arm.body.statements):
            arm.body.statements += following.body.statements
            joined += 1
        else:
            joined = 1


def _falls_through(statements: Sequence[Stmt], inside: bool = False) -> bool:
    """
    Whether the end of the statements is reached; loops are taken to end.

    `inside` another switch, which is the last statement, a `break` leads to that end.
    """
    last = statements[-1] if statements else None
    if isinstance(last, Exit):
        return inside and last.label == SWITCH
    if isinstance(last, Block) and last.label is None:
        return _falls_through(last.statements, inside)
    if isinstance(last, Branch) and last.exhaustive:
        inside = inside or last.kind == "match"
        return any(_falls_through(arm.body.statements, inside) for arm in last.arms)
    if isinstance(last, Try):
        return any(_falls_through(block.statements, inside) for block in (last.body, *last.handlers))
    return True


def _drop_break(statements: list[Stmt]) -> None:
    """Take away the `break` that closes an arm, which is no more than its punctuation."""
    while statements:
        last = statements[-1]
        if isinstance(last, Exit) and last.label == SWITCH:
            del statements[-1]
            return
        if not isinstance(last, Block) or last.label is not None:
            return
        statements = last.statements


_GROUP = "switch_block_statement_group"
_CASES = frozenset({_GROUP, "switch_rule"})

_HANDLERS: dict[str, Callable[[Code, Syntax], Stmt]] = {
    "block": Code._block,
    "constructor_body": Code._block,
    "expression_statement": Code._expression,
    "explicit_constructor_invocation": Code._constructor_call,
    "if_statement": Code._if,
    "while_statement": Code._while,
    "do_statement": Code._do,
    "for_statement": Code._for,
    "enhanced_for_statement": Code._for_each,
    "labeled_statement": Code._labeled,
    "switch_expression": Code._switch_statement,
    "yield_statement": Code._yield,
    "return_statement": Code._return,
    "throw_statement": Code._return,
    "break_statement": Code._jump,
    "continue_statement": Code._jump,
    "assert_statement": Code._assert,
    "synchronized_statement": Code._synchronized,
    "try_statement": Code._try,
    "try_with_resources_statement": Code._try,
    "class_declaration": Code._nested,
    "interface_declaration": Code._nested,
    "enum_declaration": Code._nested,
    "record_declaration": Code._nested,
    "annotation_type_declaration": Code._nested,
}
