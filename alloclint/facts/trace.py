"""
One walk over a function body, in the order of evaluation: what happens to which name, when, and under what.

Everything behind this module asks the trace instead of the tree: which uses a binding has, what stands around
a use (loops, branches, closures), what is visible at a point, and what happens between two points. Points are
counted up during the walk ("order"), so that before and after are comparisons of numbers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


@dataclass(slots=True, eq=False)
class Frame:
    """
    Something that decides whether, when or how often its inside runs.

    kind: loop (a statement, a comprehension clause, a closure run once per element), arm (one way through a
    branch), closure (run who knows when), async, try, handler, test (the right side of && and ||).
    """

    kind: str
    node: m.Node
    up: Frame | None
    start: int
    end: int = 0
    loop: LoopFact | None = None
    arm: int = 0

    def within(self, outer: Frame | None) -> Iterator[Frame]:
        """The frames around this one, innermost first, up to but without `outer`."""
        frame: Frame | None = self
        while frame is not None and frame is not outer:
            yield frame
            frame = frame.up

    def is_inside(self, other: Frame) -> bool:
        return any(frame is other for frame in self.within(None))


@dataclass(slots=True, eq=False)
class LoopFact:
    """A loop of any kind, with what it iterates; `frame` is the loop's own frame."""

    kind: str  # each, count, while, do, endless, closure, comprehension
    node: m.Node
    pattern: m.Pattern | None
    iterable: m.Expr | None
    frame: Frame
    start: int
    end: int = 0
    scope: Scope | None = None
    body_start: int = 0


#: The way through a pattern to a name: the number of a tuple's member, or a constructor with the number of
#: its member.
Part = tuple["int | tuple[str, int]", ...]


@dataclass(slots=True, eq=False)
class Binding:
    """
    A name that holds a value. `kind`: local, param, self, field, static, loop, pattern, closure, import,
    global.
    """

    name: str
    kind: str
    node: m.Node
    order: int
    frame: Frame | None
    scope: Scope | None
    type: m.Type | None = None
    value: m.Expr | None = None
    mutable: bool = False
    loop: LoopFact | None = None
    assigned: list[int] = field(default_factory=list)
    #: where the name stands in a pattern: `b` of `(a, (b, c))` is at (1, 0), `x` of `Some(x)` at (("Some",
    #: 0),)
    part: Part = ()
    #: the point at which `value` was evaluated, before any name of the same declaration existed
    valued: int = 0


@dataclass(slots=True, eq=False)
class Scope:
    up: Scope | None
    names: dict[str, list[Binding]] = field(default_factory=dict)

    def lookup(self, name: str, at: int | None = None) -> Binding | None:
        """The binding that `name` means here, as seen at point `at` (default: now)."""
        scope: Scope | None = self
        while scope is not None:
            for binding in reversed(scope.names.get(name, ())):
                if at is None or binding.order <= at:
                    return binding
            scope = scope.up
        return None


@dataclass(slots=True, eq=False)
class Link:
    """The chain of nodes around a node, innermost first."""

    node: m.Node
    up: Link | None


@dataclass(slots=True, eq=False)
class Use:
    """One mention of a binding. `expr` is None where only a macro's text mentions it."""

    binding: Binding
    expr: m.Name | None
    order: int
    frame: Frame
    around: Link | None


@dataclass(slots=True, eq=False)
class Event:
    """A call, an exit, an assignment or a construction site: any node, with its point, frame and scope."""

    node: m.Node
    order: int
    frame: Frame
    scope: Scope
    around: Link | None


class Trace:
    """The walk of one function, and what it found, in order."""

    def __init__(self, function: m.Function, language: Language, outer: Scope | None = None) -> None:
        self.function = function
        self.language = language
        self.uses: list[Use] = []
        self.calls: list[Event] = []
        self.displays: list[Event] = []
        self.exits: list[Event] = []
        self.assigns: list[Event] = []
        self.lets: list[Event] = []
        self.structs: list[Event] = []
        self.loops: list[LoopFact] = []
        self.nested: list[m.Nested] = []
        self.bindings: list[Binding] = []
        self._uses_of: dict[int, list[Use]] | None = None
        self._events: dict[int, Event] | None = None
        self._bound: dict[int, list[Binding]] | None = None
        self._loops_of: dict[int, list[LoopFact]] | None = None
        #: What others derived from this trace, so that it is derived once.
        self.memo: dict[Hashable, Any] = {}
        #: id of a statement -> the list it stands in, and where
        self.siblings: dict[int, tuple[Sequence[m.Stmt], int]] = {}
        self._order = 0
        self._assigned_value: m.Expr | None = None
        self._around: Link | None = None
        self.root = Frame("function", function, None, 0)
        self._frame = self.root
        self.scope = Scope(outer)
        self._scope = self.scope
        #: Where the innermost function's own names begin: an assignment in Python goes no further out.
        self._base = self.scope
        self._declared_global: set[str] = set()
        self._walk()
        self.root.end = self._order

    # -- asking

    def uses_of(self, binding: Binding) -> Sequence[Use]:
        if self._uses_of is None:
            self._uses_of = {}
            for use in self.uses:
                self._uses_of.setdefault(id(use.binding), []).append(use)
        return self._uses_of.get(id(binding), ())

    def following(self, statement: m.Stmt) -> Iterator[m.Stmt]:
        """The statements after one in the same block."""
        statements, number = self.siblings.get(id(statement), ((), 0))
        return islice(statements, number + 1, None)

    def bindings_of(self, node: m.Node) -> Sequence[Binding]:
        """What a declaration binds."""
        if self._bound is None:
            self._bound = {}
            for binding in self.bindings:
                self._bound.setdefault(id(binding.node), []).append(binding)
        return self._bound.get(id(node), ())

    def loops_of(self, node: m.Node) -> Sequence[LoopFact]:
        """The loops that a statement or a call makes."""
        if self._loops_of is None:
            self._loops_of = {}
            for loop in self.loops:
                self._loops_of.setdefault(id(loop.node), []).append(loop)
        return self._loops_of.get(id(node), ())

    def exits_between(self, start: int, end: int) -> Iterator[Event]:
        """The exits after point `start`, up to and with point `end`."""
        first = bisect_right(self.exits, start, key=lambda exit_: exit_.order)
        return takewhile(lambda exit_: exit_.order <= end, islice(self.exits, first, None))

    def uses_within(self, binding: Binding, start: int, end: int) -> bool:
        """Whether a binding is used in the bytes `start` to `end`."""
        key = "starts", id(binding)
        if key not in self.memo:
            self.memo[key] = sorted(use.expr.start for use in self.uses_of(binding) if use.expr is not None)
        starts = self.memo[key]
        at = bisect_left(starts, start)
        return at < len(starts) and starts[at] < end

    def scope_of(self, node: m.Node) -> Scope | None:
        """The scope in which a call or an assignment stands."""
        event = self._event_of(node)
        return event.scope if event is not None else None

    def around_of(self, node: m.Node) -> Link | None:
        """The chain of nodes around a call or an assignment, which is its first link."""
        event = self._event_of(node)
        return event.around if event is not None else None

    def calls_upon(self, call: m.Call) -> Iterator[m.Call]:
        """The calls of a chain that follow one: `.b()` and `.c()` of `x.a().b().c()`."""
        around = self.around_of(call)
        link = around.up if around is not None else None
        while link is not None and isinstance(link.node, m.Call) and link.node.receiver is call:
            call, link = link.node, link.up
            yield call

    def done_at(self, node: m.Node) -> int | None:
        """The point at which a call or an assignment takes place, its arguments being evaluated."""
        event = self._event_of(node)
        return event.order if event is not None else None

    def _event_of(self, node: m.Node) -> Event | None:
        if self._events is None:
            self._events = {id(event.node): event for event in (*self.calls, *self.assigns)}
        return self._events.get(id(node))

    def assigned_at(self, assign: m.Assign, after: int) -> int | None:
        """The point at which an assignment takes place, whose value was evaluated at point `after`."""
        first = bisect_right(self.assigns, after, key=lambda event: event.order)
        return next((event.order for event in self.assigns[first:] if event.node is assign), None)

    def assignment_after(self, order: int) -> Event | None:
        """The assignment that takes place right after point `order`, at which its target was named."""
        first = bisect_right(self.assigns, order, key=lambda event: event.order)
        event = self.assigns[first] if first < len(self.assigns) else None
        return event if event is not None and event.order == order + 1 else None

    def calls_between(self, start: int, end: int) -> Iterator[Event]:
        first = bisect_right(self.calls, start, key=lambda call: call.order)
        for call in self.calls[first:]:
            if call.order > end:
                return
            yield call

    # -- walking

    def _walk(self) -> None:
        function = self.function
        for name, type_ in function.constants:
            self._bind(name, "constant", function, type_)
        for param in function.params:
            self._bind_param(param)
        body = function.body
        if body is not None:
            self._statements(body.statements)

    def _bind_param(self, param: m.Param) -> None:
        name = param.pattern.name
        if name in ("self", "cls") or (name is None and not param.pattern.items):
            self._bind(name or "self", "self", param, param.type)
            return
        if name is not None:
            self._bind(
                name, "param", param, param.type, mutable=param.mutable or self.language.name != "rust"
            )
        for item in param.pattern.items:
            for inner in item.names():
                self._bind(inner, "pattern", param, None)

    def _bind(
        self,
        name: str,
        kind: str,
        node: m.Node,
        type_: m.Type | None = None,
        value: m.Expr | None = None,
        mutable: bool = False,
        loop: LoopFact | None = None,
    ) -> Binding:
        self._order += 1
        binding = Binding(
            name,
            kind,
            node,
            self._order,
            self._frame,
            self._scope,
            type_,
            value,
            mutable,
            loop,
            valued=self._order - 1,
        )
        self._scope.names.setdefault(name, []).append(binding)
        self.bindings.append(binding)
        return binding

    def _event(self, node: m.Node) -> Event:
        self._order += 1
        return Event(node, self._order, self._frame, self._scope, self._around)

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

    def _bind_parts(
        self,
        pattern: m.Pattern,
        let: m.Let,
        type_: m.Type | None,
        value: m.Expr | None,
        part: Part,
        valued: int,
    ) -> None:
        """
        The names of `let (a, b) = …`, each with its own part of a written-out tuple, or its place in one.
        """
        if pattern.name is not None:
            kind = "local" if value is not None and not part else "pattern"
            binding = self._bind(pattern.name, kind, let, type_, value, pattern.mutable)
            binding.part, binding.valued = part, valued
        for number, item in enumerate(pattern.items):
            if pattern.refutable or (pattern.name is not None):
                self._bind_parts(item, let, None, None, (), valued)
                continue
            is_tuple = type_ is not None and type_.kind == "tuple" and number < len(type_.args)
            own_type = type_.args[number] if is_tuple and type_ is not None else None
            values = (
                value.items if isinstance(value, m.Display) and value.kind == "tuple" and not part else ()
            )
            if len(values) == len(pattern.items):
                self._bind_parts(item, let, own_type, values[number], (), valued)
            else:
                self._bind_parts(item, let, own_type, value, (*part, number), valued)

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

    def _assign_names_within(self, target: m.Expr, assign: m.Assign, value: m.Expr | None) -> None:
        """
        A Python tuple target binds, or assigns, each of its names, to a value of its own where there are as
        many.
        """
        for item, own in pairs(target, value):
            if isinstance(item, m.Name):
                binding = self._scope.lookup(item.id)
                if binding is None or not self._is_local(binding):
                    self._bind(item.id, "pattern", assign, value=own, mutable=True)
                else:
                    binding.assigned.append(self._order)
            else:
                self._assign_names_within(item, assign, own)

    def _is_local(self, binding: Binding) -> bool:
        if binding.kind == "free" and binding.name not in self._declared_global:
            return False
        scope: Scope | None = self._scope
        while scope is not None and scope is not self._base.up:
            if any(own is binding for own in scope.names.get(binding.name, ())):
                return True
            scope = scope.up
        return False

    @property
    def _own_kind(self) -> str:
        """
        What a plain assignment binds: a local, at the top level of a Python module or class something that
        lasts.
        """
        return _LASTING.get(self.function.name, "local") if self._base is self.scope else "local"

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

    def _bind_matched(
        self, pattern: m.Pattern, node: m.Node, value: m.Expr | None, part: Part, valued: int
    ) -> None:
        """The names that a matched pattern binds, each with its way through the pattern to it."""
        if pattern.name is not None:
            known = value if not isinstance(value, m.Binary) else None
            binding = self._bind(pattern.name, "pattern", node, None, known, pattern.mutable)
            binding.part, binding.valued = part, valued
        plain = not pattern.refutable and pattern.name is None
        for number, item in enumerate(pattern.items):
            step = (pattern.constructor[-1], number) if pattern.constructor else number
            self._bind_matched(
                item, node, value if plain or pattern.constructor else None, (*part, step), valued
            )

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

    def _bind_pattern(
        self,
        pattern: m.Pattern,
        kind: str,
        node: m.Node,
        loop: LoopFact | None,
        type_: m.Type | None = None,
        part: Part = (),
    ) -> None:
        if pattern.name is not None:
            known = self._scope.lookup(pattern.name) if self.language.name == "python" else None
            if known is not None and self._is_local(known):
                known.assigned.append(self._order)
            self._bind(pattern.name, kind, node, type_, mutable=pattern.mutable, loop=loop).part = part
        inside = None if pattern.refutable or pattern.name is not None else loop
        for number, item in enumerate(pattern.items):
            self._bind_pattern(item, kind, node, inside, part=(*part, number))

    def _exit(self, exit_: m.Exit) -> None:
        if exit_.value is not None:
            self._expression(exit_.value)
        self.exits.append(self._event(exit_))

    def _try(self, statement: m.Try) -> None:
        outer, self._scope = self._scope, Scope(self._scope) if statement.body.scope else self._scope
        self._statements(statement.setup)
        guarded = bool(statement.handlers)
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
        if inner is not None and self.function.name not in _LASTING:
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

    def free(self, name: str) -> Binding:
        """A name that the function does not declare: a field, a static, a class, a function, a builtin."""
        scope = self.scope
        binding = Binding(
            name, "self" if name in ("this", "self") else "free", self.function, 0, None, scope, mutable=True
        )
        scope.names.setdefault(name, []).insert(0, binding)
        return binding

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
            if adaptor is not None and adaptor.closure == number and isinstance(argument, m.Closure):
                self._closure_loop(call, argument)
            else:
                self._expression(argument)
        self._mentions(call.mentions)
        if call.body is not None:
            self._inner_type(call.body)
        self.calls.append(self._event(call))

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
        for part in opaque.parts:
            self._expression(part)
        self._mentions(opaque.mentions)

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


def pairs(target: m.Expr, value: m.Expr | None) -> Iterator[tuple[m.Expr, m.Expr | None]]:
    """
    The parts of a Python tuple target with the parts of the value, if they are as many; nothing for another
    target.
    """
    targets = target.items if isinstance(target, m.Display) else ()
    values = value.items if isinstance(value, m.Display) and value.kind != "dict" else ()
    starred = any(isinstance(item, m.Keyword) for item in (*targets, *values))
    same = len(targets) == len(values) and not starred
    for number, item in enumerate(targets):
        yield item, values[number] if same else None


#: What the assignments in a Python module's or class's own body bind.
_LASTING = {"<module>": "static", "<class>": "field"}
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
