"""
One walk over a function body, in the order of evaluation: what happens to which name, when, and under what.

Points are counted up during the walk ("order"). What is asked of a walk afterwards, its record answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alloclint.facts.walk.bindings import LASTING, Binder
from alloclint.facts.walk.iterating import runs_for_each
from alloclint.facts.walk.scopes import Event, Frame, Link, LoopFact, Scope, Use
from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


class Trace(Binder):
    """The walk of one function, and what it found, in order."""

    def __init__(self, function: m.Function, language: Language, outer: Scope | None = None) -> None:
        super().__init__(function, language, outer)
        self._assigned_value: m.Expr | None = None
        self._walk()
        self.root.end = self._order

    def _walk(self) -> None:
        function = self.function
        for name, type_ in function.constants:
            self._bind(name, "constant", function, type_)
        for param in function.params:
            self._bind_param(param)
        body = function.body
        if body is not None:
            self._statements(body.statements)

    def _event(self, node: m.Node) -> Event:
        self._order += 1
        return Event(node, self._order, self._frame, self._scope, self._around)

    # -- statements

    def _statements(self, statements: Sequence[m.Stmt]) -> None:
        for number, statement in enumerate(statements):
            self.siblings[id(statement)] = statements, number
            self._statement(statement)

    def _statement(self, statement: m.Stmt) -> None:
        outer, self._around = self._around, Link(statement, self._around)
        _STATEMENTS[type(statement)](self, statement)
        self._around = outer

    def _block(self, block: m.Block) -> None:
        if not block.scope:
            self._statements(block.statements)
            return
        outer, self._scope = self._scope, Scope(self._scope)
        if block.kind == "async":
            self._framed("async", block, lambda: self._statements(block.statements))
        else:
            self._statements(block.statements)
        self._scope = outer

    def _framed(
        self, kind: str, node: m.Node, inside: object, arm: int = 0, loop: LoopFact | None = None
    ) -> Frame:
        frame = Frame(kind, node, self._frame, self._order, loop=loop, arm=arm)
        outer, self._frame = self._frame, frame
        if loop is not None:
            loop.frame = frame
        inside()  # type: ignore[operator]
        self._frame = outer
        frame.end = self._order
        return frame

    def _let(self, let: m.Let) -> None:
        if let.value is not None:
            self._expression(let.value)
        if let.otherwise is not None:
            otherwise = let.otherwise
            self._framed("arm", let, lambda: self._block(otherwise), arm=1)
        event = self._event(let)
        self.lets.append(event)
        if let.pattern.name is not None and not let.pattern.items:
            self._bind(let.pattern.name, "local", let, let.type, let.value, let.mutable)
        else:
            if let.pattern.refutable:
                self._bind_matched(let.pattern, let, let.value, (), self._order)
            else:
                self._bind_parts(let.pattern, let, let.type, let.value, (), self._order)

    def _assign(self, assign: m.Assign) -> None:
        # `a = b = []` is two assignments of one value, which is evaluated once.
        if assign.value is not self._assigned_value:
            self._expression(assign.value)
        self._assigned_value = assign.value
        target = assign.target
        if isinstance(target, m.Name):
            self._assign_name(assign, target)
        else:
            self._expression(target)
            self._assign_names_within(target, assign, assign.value)
        self.assigns.append(self._event(assign))

    def _assign_name(self, assign: m.Assign, target: m.Name) -> None:
        binding = self._scope.lookup(target.id)
        if self.language.name == "python" and (binding is None or not self._is_local(binding)):
            binding = self._bind(target.id, self._own_kind, assign, assign.type, assign.value, mutable=True)
        self._expression(target)
        if binding is not None and binding.node is not assign:
            binding.assigned.append(self._order)

    def _eval(self, statement: m.Eval) -> None:
        self._expression(statement.value)

    def _branch(self, branch: m.Branch) -> None:
        if branch.subject is not None:
            self._expression(branch.subject)
        for number, arm in enumerate(branch.arms):
            outer, self._scope = self._scope, Scope(self._scope) if arm.body.scope else self._scope
            # The first test always runs; each further one only when those before it failed.
            if arm.test is not None and number == 0:
                self._expression(arm.test)
            self._framed("arm", branch, lambda: self._arm(arm, number, branch), arm=number)  # noqa: B023
            self._scope = outer

    def _arm(self, arm: m.Arm, number: int, branch: m.Branch) -> None:
        if arm.test is not None and number > 0:
            self._expression(arm.test)
        value = branch.subject if branch.kind == "match" else arm.test
        before = self._order
        for pattern in arm.patterns:
            self._bind_matched(pattern, arm, value if len(arm.patterns) == 1 else None, (), before)
        self._block(arm.body)

    def _loop(self, loop: m.Loop) -> None:
        outer, self._scope = self._scope, Scope(self._scope) if loop.body.scope else self._scope
        self._statements(loop.setup)
        if loop.iterable is not None:
            self._expression(loop.iterable)
        self._order += 1
        fact = LoopFact(
            loop.kind, loop, loop.pattern, loop.iterable, self._frame, self._order, scope=self._scope
        )
        self.loops.append(fact)
        self._framed("loop", loop, lambda: self._turn(loop, fact), loop=fact)
        fact.end = self._order
        self._scope = outer
        if loop.otherwise is not None:
            self._block(loop.otherwise)

    def _turn(self, loop: m.Loop, fact: LoopFact) -> None:
        if loop.test is not None:
            self._expression(loop.test)
        if loop.pattern is not None:
            self._bind_pattern(loop.pattern, "loop", loop, fact, loop.item_type)
        fact.body_start = self._order
        self._block(loop.body)
        self._statements(loop.update)

    def _exit(self, exit_: m.Exit) -> None:
        if exit_.value is not None:
            self._expression(exit_.value)
        self.exits.append(self._event(exit_))

    def _try(self, statement: m.Try) -> None:
        outer, self._scope = self._scope, Scope(self._scope) if statement.body.scope else self._scope
        self._statements(statement.setup)
        # A `finally` that returns swallows whatever was thrown: what is in the block may have been cut short.
        guarded = bool(statement.handlers) or _leaves_last(statement.final)
        if guarded:
            self._framed("try", statement, lambda: self._block(statement.body))
        else:
            self._block(statement.body)
        self._scope = outer
        for number, handler in enumerate(statement.handlers):
            self._framed("handler", statement, lambda: self._block(handler), arm=number)  # noqa: B023
        for block in (statement.otherwise, statement.final):
            if block is not None:
                self._block(block)

    def _nested(self, nested: m.Nested) -> None:
        self.nested.append(nested)
        if self.language.name == "python":
            self._definition(nested)
        elif nested.function is not None:
            self._inner_function(nested.function)
        elif nested.type is not None:
            self._inner_type(nested.type)

    def _definition(self, nested: m.Nested) -> None:
        """
        A Python `def` or `class`: what it evaluates on the spot, its name, and its body where no other trace
        has it.
        """
        for declared in (nested.function, nested.type):
            for attribute in declared.attributes if declared is not None else ():
                for argument in attribute.args:
                    self._expression(argument)
        for param in nested.function.params if nested.function is not None else ():
            self._default(param)
        inner = nested.function
        if nested.type is not None:
            inner = nested.type.functions[0] if nested.type.functions else None
            self._bind(nested.type.name, "local", nested.type)
        elif inner is not None:
            self._bind(inner.name, "local", inner)
        # The functions of a module or class are traced on their own.
        if inner is not None and self.function.name not in LASTING:
            self._inner_function(inner)

    def _default(self, param: m.Param) -> None:
        if param.default is not None:
            outer, self._around = self._around, Link(param, self._around)
            self._expression(param.default)
            self._around = outer

    def _inner_type(self, type_: m.TypeDecl) -> None:
        """The methods of a local or anonymous class see the names around them."""
        for field_ in type_.fields:
            if field_.value is not None:
                self._expression(field_.value)
        for function in type_.functions:
            self._inner_function(function)

    def _inner_function(self, function: m.Function) -> None:
        """A nested function is a closure: its uses of outer names count, its own names are its own."""
        if self.language.name == "rust":
            return
        outer, base = self._scope, self._base
        self._scope = self._base = Scope(outer)
        body = function.body
        for param in function.params:
            for name in param.pattern.names():
                self._bind(name, "closure", param, param.type)
        if body is not None:
            self._framed("closure", function, lambda: self._block(body))
        self._scope, self._base = outer, base

    # -- expressions

    def _expression(self, expression: m.Expr) -> None:
        if isinstance(expression, m.Name):
            self._use(expression)
            return
        outer, self._around = self._around, Link(expression, self._around)
        walk = _EXPRESSIONS.get(type(expression))
        if walk is not None:
            walk(self, expression)
        self._around = outer

    def _use(self, name: m.Name) -> None:
        self._order += 1
        binding = self._scope.lookup(name.id)
        if binding is None:
            binding = self.free(name.id)
        self.uses.append(Use(binding, name, self._order, self._frame, self._around))

    def _mentions(self, names: Sequence[str]) -> None:
        for name in names:
            binding = self._scope.lookup(name)
            if binding is not None:
                self._order += 1
                self.uses.append(Use(binding, None, self._order, self._frame, self._around))

    def _call(self, call: m.Call) -> None:
        if call.receiver is not None:
            self._expression(call.receiver)
        elif call.kind == "function" and len(call.name) == 1:
            binding = self._scope.lookup(call.name[0])
            if binding is not None and binding.kind != "free":
                self._order += 1
                self.uses.append(Use(binding, None, self._order, self._frame, self._around))
        adaptor = self.language.adaptors.get(call.last) if call.kind == "method" else None
        for number, argument in enumerate(call.args):
            is_step = adaptor is not None and adaptor.closure == number
            if is_step and isinstance(argument, m.Closure) and self._runs_for_each(call):
                self._closure_loop(call, argument)
            else:
                self._expression(argument)
        self._mentions(call.mentions)
        if call.body is not None:
            self._inner_type(call.body)
        self.calls.append(self._event(call))

    def _runs_for_each(self, call: m.Call) -> bool:
        return runs_for_each(call, self.language, self._scope.lookup, self._around, self.function)

    def _closure_loop(self, call: m.Call, closure: m.Closure) -> None:
        outer, self._scope = self._scope, Scope(self._scope)
        self._order += 1
        pattern = closure.params[-1] if closure.params else None
        if pattern is not None and self.language.name == "java" and len(closure.params) == 2:
            # A map's `forEach((key, value) -> …)`.
            pattern = m.Pattern(closure.start, pattern.end, items=closure.params)
        fact = LoopFact("closure", call, pattern, call.receiver, self._frame, self._order, scope=self._scope)
        self.loops.append(fact)
        self._framed("loop", closure, lambda: self._closure_body(closure, fact), loop=fact)
        fact.end = self._order
        self._scope = outer

    def _closure_body(self, closure: m.Closure, loop: LoopFact | None) -> None:
        for param in closure.params:
            self._bind_pattern(param, "loop" if loop is not None else "closure", closure, loop)
        if loop is not None:
            loop.body_start = self._order
        self._block(closure.body)

    def _closure(self, closure: m.Closure) -> None:
        outer, self._scope = self._scope, Scope(self._scope)
        self._framed("closure", closure, lambda: self._closure_body(closure, None))
        self._scope = outer

    def _comprehension(self, comprehension: m.Comprehension) -> None:
        outer, self._scope = self._scope, Scope(self._scope)
        self._clauses(comprehension, 0)
        self._scope = outer

    def _clauses(self, comprehension: m.Comprehension, number: int) -> None:
        if number == len(comprehension.clauses):
            for item in comprehension.items:
                self._expression(item)
            return
        clause = comprehension.clauses[number]
        self._expression(clause.iterable)
        self._order += 1
        fact = LoopFact(
            "comprehension",
            clause,
            clause.pattern,
            clause.iterable,
            self._frame,
            self._order,
            scope=self._scope,
        )
        self.loops.append(fact)

        def inside() -> None:
            self._bind_pattern(clause.pattern, "loop", clause, fact)
            fact.body_start = self._order
            for condition in clause.conditions:
                self._expression(condition)
            self._clauses(comprehension, number + 1)

        self._framed("loop", clause, inside, loop=fact)
        fact.end = self._order

    def _binary(self, binary: m.Binary) -> None:
        self._expression(binary.left)
        if binary.op in ("&&", "||", "and", "or"):
            self._framed("test", binary, lambda: self._expression(binary.right))
        else:
            self._expression(binary.right)

    def _display(self, display: m.Display) -> None:
        for item in display.items:
            self._expression(item)
        if display.repeat is not None:
            self._expression(display.repeat)
        self.displays.append(self._event(display))

    def _struct(self, literal: m.StructLiteral) -> None:
        for _, value, *_ in literal.fields:
            self._expression(value)
        if literal.rest is not None:
            self._expression(literal.rest)
        self.structs.append(self._event(literal))

    def _range(self, range_: m.Range) -> None:
        for end in (range_.low, range_.high, range_.step):
            if end is not None:
                self._expression(end)

    def _index(self, index: m.Index) -> None:
        self._expression(index.of)
        self._expression(index.index)

    def _opaque(self, opaque: m.Opaque) -> None:
        if opaque.kind == "outer":
            for name in opaque.mentions:
                outer = self._base.up.lookup(name) if self._base.up is not None else None
                self._base.names.setdefault(name, []).append(outer or self.free(name))
                self._declared_global.add(name)
            return
        if opaque.kind == "assert":
            self._framed("test", opaque, lambda: self._unlived(opaque))
            return
        for part in opaque.parts:
            self._expression(part)
        self._mentions(opaque.mentions)

    def _unlived(self, opaque: m.Opaque) -> None:
        """What only runs where somebody asked for it uses names; what it calls and makes is no event."""
        recorded: tuple[list[Event] | list[LoopFact], ...] = (
            self.calls,
            self.displays,
            self.structs,
            self.loops,
        )
        before = [len(one) for one in recorded]
        for part in opaque.parts:
            self._expression(part)
        for events, number in zip(recorded, before, strict=True):
            del events[number:]

    def _may_return(self, early: m.MayReturn) -> None:
        self._expression(early.value)
        self.exits.append(self._event(early))

    def _method_ref(self, reference: m.MethodRef) -> None:
        self._expression(reference.of)
        self.calls.append(self._event(reference))

    def _of(self, expression: m.Field) -> None:
        self._expression(expression.of)

    def _value(self, expression: m.Keyword | m.Cast) -> None:
        self._expression(expression.value)

    def _operand(self, expression: m.Unary) -> None:
        self._expression(expression.operand)
        if expression.op in ("++", "--") and isinstance(expression.operand, m.Name):
            binding = self._scope.lookup(expression.operand.id)
            if binding is not None:
                binding.assigned.append(self._order)

    def _embedded(self, expression: m.Embedded) -> None:
        self._statement(expression.statement)

    def _path(self, expression: m.Path) -> None:
        pass


_STATEMENTS: dict[type[m.Stmt], Callable[..., None]] = {
    m.Block: Trace._block,
    m.Let: Trace._let,
    m.Assign: Trace._assign,
    m.Eval: Trace._eval,
    m.Branch: Trace._branch,
    m.Loop: Trace._loop,
    m.Exit: Trace._exit,
    m.Try: Trace._try,
    m.Nested: Trace._nested,
}
_EXPRESSIONS: dict[type[m.Expr], Callable[..., None]] = {
    m.Call: Trace._call,
    m.Closure: Trace._closure,
    m.Comprehension: Trace._comprehension,
    m.Binary: Trace._binary,
    m.Display: Trace._display,
    m.StructLiteral: Trace._struct,
    m.Range: Trace._range,
    m.Index: Trace._index,
    m.Opaque: Trace._opaque,
    m.MayReturn: Trace._may_return,
    m.MethodRef: Trace._method_ref,
    m.Field: Trace._of,
    m.Keyword: Trace._value,
    m.Cast: Trace._value,
    m.Unary: Trace._operand,
    m.Embedded: Trace._embedded,
    m.Path: Trace._path,
}


def _leaves_last(block: m.Block | None) -> bool:
    """Whether a block ends by jumping, out of the function or of a loop."""
    last = block.statements[-1] if block is not None and block.statements else None
    return isinstance(last, m.Exit)
