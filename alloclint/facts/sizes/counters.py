"""Counters: how many turns a loop makes whose counter, or iterator, goes one visible step at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint import size as sizes
from alloclint.facts.sizes.integers import adds_to_signed, mixes_signs
from alloclint.facts.sizes.turns import Trip, unknown
from alloclint.facts.walk.changes import changes_between
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Link, LoopFact
from alloclint.size import Bound, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.sizes.trips import Trips


def counted(trips: Trips, loop: m.Loop, fact: LoopFact) -> Trip:
    """
    Java's `for (int i = a, n = b; i < n; i += s)`, up or down, and a loop that is driven by an iterator.
    """
    driven = _iterated(trips, loop, fact)
    if driven is not None:
        return driven
    steps = dict(_named_step(statement) for statement in loop.update)
    test, stepped = _stepped_test(loop.test)
    steps |= stepped
    for setup in loop.setup:
        name = setup.pattern.name if isinstance(setup, m.Let) else None
        if isinstance(setup, m.Let) and name in steps and len(steps) == len(loop.update) + len(stepped):
            if _moves(trips, name, fact) != 1:
                return unknown("the counter is changed in the loop as well")
            return _count(trips, name, setup.value, test, steps[name], fact)
    return unknown("the loop's header counts nothing that is known")


def counted_while(trips: Trips, loop: m.Loop, fact: LoopFact) -> Trip:
    """`while i < n` with one visible, unconditional step, `while (n-- > 0)`, or an iterator."""
    driven = _iterated(trips, loop, fact)
    if driven is not None:
        return driven
    test, stepped = _stepped_test(loop.test)
    name = next(iter(stepped), None) or _counter(test)
    scope = trips.scope_of(fact)
    binding = scope.lookup(name, fact.start) if name is not None else None
    if binding is None or name is None or loop.pattern is not None:
        return unknown("a while loop ends when it ends")
    first = m.Name(loop.start, loop.start, name) if binding.kind == "param" else binding.value
    if binding.frame is not fact.frame.up:
        return unknown("the counter goes on from one run of the loop to the next")
    in_body = (_step(statement, name) for statement in loop.body.statements)
    steps = [*stepped.values(), *(step for step in in_body if step is not None)]
    touched = [order for order in binding.assigned if order <= fact.end]
    lent = any(
        fact.start < use.order <= fact.end and _is_lent(use.around) for use in trips.trace.uses_of(binding)
    )
    if lent or len(steps) != 1 or len(touched) != 1 or _skips_before(trips, touched[0], fact):
        return unknown("the counter has no single visible step")
    return _count(trips, name, first, test, steps[0], fact)


def _count(
    trips: Trips, name: str, first: m.Expr | None, test: m.Expr | None, step: int | None, fact: LoopFact
) -> Trip:
    scope = trips.scope_of(fact)
    if not isinstance(test, m.Binary) or step is None or step == 0:
        return unknown("the loop's test or step is not a simple count")
    op, limit = _against(test, name)
    start, end = (
        trips.integers.signed(first, scope, fact.start),
        trips.integers.signed(limit, scope, fact.end),
    )
    if op is None or start is None or end is None or not _is_stable(trips, end, fact):
        return unknown("the loop's limits are not known sizes")
    low, high = (start, end) if step > 0 else (end, start)
    moved = op in ("<=", ">=") or sizes.ZERO not in (low, high)
    if moved and (trips.integers.stops_at_zero(low) or trips.integers.stops_at_zero(high)):
        return unknown("a limit may be the quotient of a negative number")
    if op in ("<=", ">="):
        high = high + sizes.const(1)
    elif (op == "!=" and abs(step) != 1) or ((op == "<") != (step > 0) and op != "!="):
        return unknown("the loop's test and step do not meet")
    difference = high + low * sizes.const(-1)
    is_rust = trips.language.name == "rust"
    if is_rust and mixes_signs(difference):
        return unknown("a limit of the loop may be negative")
    span = sizes.divide(sizes.clamp(difference), abs(step), up=True)
    weaker = Bound.at_most if is_rust and adds_to_signed(difference) else Bound.exact
    return Trip(span, weaker, unique=frozenset({name}), shape="unique")


def _is_stable(trips: Trips, size: Size, fact: LoopFact) -> bool:
    """The limit is asked at every turn, so it must not change inside the loop."""
    for atom in size.atoms():
        if isinstance(atom.root, Place) and changes_between(
            atom.root, fact.start, fact.end, trips.trace, trips.language, length=atom.kind == "length"
        ):
            return False
    return True


def _iterated(trips: Trips, loop: m.Loop, fact: LoopFact) -> Trip | None:
    """
    `while (it.hasNext())` with one `it.next()` at each turn: as many turns as there are elements behind
    the iterator.
    """
    test = loop.test
    if not isinstance(test, m.Call) or test.last not in ("hasNext", "hasMoreElements") or loop.update:
        return None
    place = place_of(test.receiver, trips.scope_of(fact), fact.start)
    if place is None or place.fields or place.binding.kind != "local" or place.binding.assigned:
        return None
    if place.binding.value is None or place.binding.frame is not fact.frame.up:
        return None
    around = trips.trace.uses_of(place.binding)
    uses = [use for use in around if use.around is not None and use.around.node is not test]
    steps = [use for use in uses if _calls(use.around, "next", "nextElement")]
    others = [use for use in uses if use not in steps and not _calls(use.around, "remove")]
    if (
        others
        or len(steps) != 1
        or steps[0].frame.loop is not fact
        or _skips_before(trips, steps[0].order, fact)
    ):
        return None
    found = trips.elements(place.binding.value, trips.scope_of(fact), place.binding.order)
    return found.but(shape="items") if found.size is not None else None


def _moves(trips: Trips, name: str, fact: LoopFact) -> int:
    """How often the loop's text assigns its counter."""
    binding = trips.scope_of(fact).lookup(name, fact.start)
    return sum(fact.start < order <= fact.end for order in binding.assigned) if binding is not None else 0


def _skips_before(trips: Trips, order: int, fact: LoopFact) -> bool:
    """Whether a turn may go on to the next one before the step at `order` is taken."""
    return any(
        isinstance(exit_.node, m.Exit) and exit_.node.kind == "continue" and exit_.order < order
        for exit_ in trips.trace.exits_between(fact.start, order)
    )


def _step(statement: m.Stmt, name: str) -> int | None:
    """By how much a statement moves a counter: `i++`, `i += 2`, `i -= 1`, `i = i + 1`."""
    if (
        isinstance(statement, m.Eval)
        and isinstance(statement.value, m.Unary)
        and statement.value.op in ("++", "--")
    ):
        operand = statement.value.operand
        return (
            (1 if statement.value.op == "++" else -1)
            if isinstance(operand, m.Name) and operand.id == name
            else None
        )
    if (
        not isinstance(statement, m.Assign)
        or not isinstance(statement.target, m.Name)
        or statement.target.id != name
    ):
        return None
    value, op = statement.value, statement.op
    if op == "=" and isinstance(value, m.Binary) and isinstance(value.left, m.Name) and value.left.id == name:
        op, value = value.op + "=", value.right
    if op not in ("+=", "-=") or not isinstance(value, m.Literal) or type(value.value) is not int:
        return None
    return value.value if op == "+=" else -value.value


def _named_step(statement: m.Stmt) -> tuple[str, int | None]:
    """The counter that a loop's update moves, and by how much."""
    if (
        isinstance(statement, m.Eval)
        and isinstance(statement.value, m.Unary)
        and isinstance(statement.value.operand, m.Name)
    ):
        name = statement.value.operand.id
    else:
        name = (
            statement.target.id
            if isinstance(statement, m.Assign) and isinstance(statement.target, m.Name)
            else ""
        )
    return name, _step(statement, name)


def _stepped_test(test: m.Expr | None) -> tuple[m.Expr | None, dict[str, int | None]]:
    """
    A test that moves its counter, as a plain test and a step: `--i >= 0` and `i-- > 0` make the turns of `i >
    0; i--`.
    """
    counter = test.left if isinstance(test, m.Binary) else None
    if not isinstance(test, m.Binary) or not isinstance(counter, m.Unary) or counter.op != "--":
        return test, {}
    if not isinstance(counter.operand, m.Name) or not isinstance(test.right, m.Literal):
        return test, {}
    first = counter.operand.start > counter.start
    if (test.op, test.right.value) != ((">=", 0) if first else (">", 0)):
        return test, {}
    zero = m.Literal(test.right.start, test.right.end, "int", 0)
    return m.Binary(test.start, test.end, ">", counter.operand, zero), {counter.operand.id: -1}


def _counter(test: m.Expr | None) -> str | None:
    return test.left.id if isinstance(test, m.Binary) and isinstance(test.left, m.Name) else None


def _against(test: m.Binary, name: str) -> tuple[str | None, m.Expr | None]:
    """The comparison read with the counter on its left."""
    if isinstance(test.left, m.Name) and test.left.id == name:
        return test.op, test.right
    if isinstance(test.right, m.Name) and test.right.id == name:
        flipped = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}
        return flipped.get(test.op), test.left
    return None, None


def _calls(around: Link | None, *names: str) -> bool:
    return (
        around is not None
        and isinstance(around.node, m.Call)
        and around.node.kind == "method"
        and around.node.last in names
    )


def _is_lent(around: Link | None) -> bool:
    """Rust: `&mut i`."""
    return around is not None and isinstance(around.node, m.Unary) and around.node.op == "&mut"
