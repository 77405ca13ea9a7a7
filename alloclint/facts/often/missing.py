"""What is made only where it is missing: lazy fields, variables filled at first use, caches by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.walk.nodes import descendants
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.walk.scopes import Event

#: Methods that put their last argument into what they are called on.
_PUTTING = frozenset(
    {"put", "putIfAbsent", "insert", "set", "setdefault", "replace", "get_or_insert", "store"}
)


def is_made_when_missing(call: Call) -> bool:
    """
    Whether what a call makes goes to a variable, field or map that a test around it, or an `if` just above,
    asks first: `if (pattern == null) pattern = …`.
    """
    targets = set(_targets(call))
    return bool(targets) and not targets.isdisjoint(_asked(call))


def filled_once(event: Event) -> str | None:
    """
    The field that a block around an event fills in where it is missing: what stands in
    `if (helper == null) { … helper = …; }` runs once for each object. None in any other block.
    """
    for frame in event.frame.within(None):
        if frame.kind != "arm" or not isinstance(frame.node, m.Branch):
            continue
        arm = frame.node.arms[frame.arm]
        asked = set(_missing_in(arm.test)) if arm.test is not None and _is_missing(arm.test) else set()
        for node in descendants(arm.body) if asked else ():
            if isinstance(node, m.Assign) and _is_field(node.target, event):
                found = asked & set(_last_names(node.target))
                if found:
                    return found.pop()
    return None


def _is_missing(test: m.Expr) -> bool:
    """`x == null`, `x is None`, `!x`, `x.is_none()`: nothing else is asked."""
    if isinstance(test, m.Binary):
        return test.op in ("==", "is") and _is_null(test)
    if isinstance(test, m.Unary):
        return test.op in ("not", "!") and isinstance(test.operand, m.Name | m.Field)
    return isinstance(test, m.Call) and test.last == "is_none"


def _is_field(target: m.Expr, event: Event) -> bool:
    """Whether something assigned belongs to an object, a class or a module, not to the function alone."""
    if isinstance(target, m.Field):
        return True
    binding = event.scope.lookup(target.id, event.order) if isinstance(target, m.Name) else None
    return isinstance(target, m.Name) and (binding is None or binding.kind in _LASTING)


#: Kinds of bindings that are there after the function.
_LASTING = {"field", "static", "global", "free", "self"}


def _targets(call: Call) -> Iterator[str]:
    """The names of what takes the value."""
    for node in call.parents:
        if isinstance(node, m.Assign):
            # What is made of the old value is no replacement for a missing one.
            names = set(_last_names(node.target))
            yield from (name for name in names if not _mentions(node.value, name))
        elif isinstance(node, m.Let) and node.pattern.name is not None:
            yield node.pattern.name
            yield from _put_into(call, node)
        elif isinstance(node, m.Call) and node.last in _PUTTING and node.receiver is not None:
            yield from _last_names(node.receiver)
        if isinstance(node, m.Stmt) and not isinstance(node, m.Eval):
            return


def _put_into(call: Call, let: m.Let) -> Iterator[str]:
    """What a local is put into right after it was made."""
    for statement in call.function.trace.following(let):
        node = statement.value if isinstance(statement, m.Eval | m.Assign) else None
        if isinstance(statement, m.Assign) and _mentions(statement.value, let.pattern.name):
            yield from _last_names(statement.target)
        elif isinstance(node, m.Call) and node.last in _PUTTING and _mentions(node, let.pattern.name):
            yield from _last_names(node.receiver)


def _mentions(expression: m.Expr, name: str | None) -> bool:
    return name in _names(expression)


def _names(expression: m.Expr) -> set[str]:
    nodes = list(descendants(expression))
    names = {node.id for node in nodes if isinstance(node, m.Name)}
    return names | {node.name for node in nodes if isinstance(node, m.Field)}


def _last_names(target: m.Expr | None) -> Iterator[str]:
    """`map` of `self.map`, of `cache[key]` and of `CACHE.lock()`."""
    while isinstance(target, m.Index | m.Call | m.Unary | m.MayReturn):
        if isinstance(target, m.Index):
            target = target.of
        elif isinstance(target, m.Call):
            target = target.receiver
        else:
            target = target.operand if isinstance(target, m.Unary) else target.value
    if isinstance(target, m.Field):
        yield target.name
    elif isinstance(target, m.Name):
        yield target.id


def _asked(call: Call) -> Iterator[str]:
    """The names that the tests which lead to a call, or end the block before it, ask to be there."""
    for frame in call.event.frame.within(None):
        if isinstance(frame.node, m.Branch):
            yield from _tested(frame.node, frame.arm + 1)
        elif isinstance(frame.node, m.Try):
            yield from _looked_up(frame.node.body)
    for node in call.parents:
        if isinstance(node, m.Stmt):
            statements, at = call.function.trace.siblings.get(id(node), ((), 0))
            for earlier in statements[:at]:
                if isinstance(earlier, m.Branch):
                    yield from _tested(earlier, len(earlier.arms))


def _tested(branch: m.Branch, arms: int) -> Iterator[str]:
    """What the tests of the first arms of a branch, or a match on an `Option`, ask to be there."""
    for arm in branch.arms[:arms]:
        if arm.test is not None:
            yield from _missing_in(arm.test)
        is_option = any(
            one.constructor[-1:] in (("Some",), ("Ok",)) or one.name == "None" for one in arm.patterns
        )
        if is_option and branch.subject is not None:
            yield from _last_names(branch.subject)


def _missing_in(test: m.Expr) -> Iterator[str]:
    """The variables, fields and maps that a test compares with nothing, or asks for what they hold."""
    for node in descendants(test):
        if isinstance(node, m.Binary) and node.op in ("==", "!=", "is", "is not") and _is_null(node):
            yield from _last_names(node.left)
            yield from _last_names(node.right)
        elif isinstance(node, m.Binary) and node.op in ("in", "not in"):
            yield from _last_names(node.right)
        elif isinstance(node, m.Unary) and node.op in ("not", "!"):
            yield from _last_names(node.operand)
        elif isinstance(node, m.Call) and node.last in _ASKING:
            yield from _last_names(node.receiver)
    if isinstance(test, m.Name | m.Field):
        yield from _last_names(test)


#: Methods that tell whether something is there.
_ASKING = frozenset(
    {
        "is_none", "is_some", "isPresent", "isEmpty", "contains_key", "containsKey", "contains", "get",
        "get_mut", "has",
    }
)  # fmt: skip


def _is_null(comparison: m.Binary) -> bool:
    return any(
        isinstance(one, m.Literal) and one.kind == "null" for one in (comparison.left, comparison.right)
    )


def _looked_up(block: m.Block) -> Iterator[str]:
    """Python's `try: return cache[key]`."""
    for statement in block.statements:
        value = statement.value if isinstance(statement, m.Exit | m.Eval | m.Assign) else None
        if isinstance(value, m.Index | m.Name | m.Field):
            yield from _last_names(value)
