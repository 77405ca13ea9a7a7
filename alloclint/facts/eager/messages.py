"""
Java: what other linters see in the text of a message, which is less than what it makes.

SonarQube's S2629 looks at arguments that are Strings: at parts that are joined, unless they are constants,
and at calls, unless they are named like getters. What such a getter is asked for, it does not look into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.strings import constant_string
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


def is_text_computed(call: Call) -> bool:
    """Whether one of the arguments of a call is certainly a String that has to be computed, by S2629."""
    return any(_is_string(one, call) and _is_computed(one, call) for one in call.args)


def _is_string(expression: m.Expr, call: Call) -> bool:
    types = call.file.facts.types
    if types.known(call.type_of(expression)) == "String":
        return True
    if not isinstance(expression, m.Call) or expression.last not in ("format", "join", "valueOf"):
        return False
    path = callee_path(expression, types, call.event.scope, call.event.order)
    return path is not None and path.startswith("java.lang.String.")


def _is_computed(expression: m.Expr, call: Call, *, joined: bool = False) -> bool:
    if isinstance(expression, m.Call):
        return expression.kind == "new" or not expression.last.startswith(("get", "is"))
    if isinstance(expression, m.Binary):
        return any(_is_computed(one, call, joined=True) for one in (expression.left, expression.right))
    # A name in capitals may be a constant of another class.
    is_variable = isinstance(expression, m.Name) and not expression.id.isupper()
    return joined and is_variable and constant_string(expression, call) is None


def joined_parts(expression: m.Expr) -> Iterator[m.Expr]:
    """The operands of nested `+`, from left to right; of anything else itself."""
    if isinstance(expression, m.Binary) and expression.op == "+":
        yield from joined_parts(expression.left)
        yield from joined_parts(expression.right)
    else:
        yield expression
