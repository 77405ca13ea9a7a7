"""
Keys that come from outside: why a cache may be asked for any number of them.

A size of a cache that nobody bounds matters only where keys keep coming: with users, requests and texts, by
points in time, to functions that take apart what comes in. Most caches are asked for what a program or its
configuration consists of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alloclint.facts.names.finite import means_few
from alloclint.facts.names.strings import constant_string
from alloclint.facts.names.words import words_of
from alloclint.facts.often.recurring import is_per_input
from alloclint.facts.walk.nodes import descendants
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.file import File

#: What variables are called that hold something of which there is always another.
_COMING = {
    "user", "users", "account", "customer", "client", "visitor", "session", "request", "query",
    "message", "email", "address", "ip", "order", "transaction", "timestamp", "datetime", "text", "line",
    "word", "sentence", "phrase", "paragraph", "body", "content", "payload", "document", "record", "row",
    "username", "userid", "login",
}  # fmt: skip
#: Last words that only say which part of it is meant.
_PARTS = {"id", "name", "key", "number", "no", "hash", "string", "str", "value"}
#: What somebody has written down or configured.
_WRITTEN = {"spec", "specification", "option", "options", "opts"}
#: Types of points in time, identifiers and addresses.
_UNBOUNDED = {
    "datetime", "Decimal", "UUID", "Uuid", "Instant", "LocalDateTime", "ZonedDateTime", "InetAddress",
    "IpAddr", "SocketAddr", "IPv4Address", "IPv6Address", "Timestamp", "BigDecimal",
}  # fmt: skip
_ANY = {"String", "Long", "Integer", "u64", "i64", "u128", "u32", "Vec", "str"}
#: So many expected entries are worth a bound.
_MANY = 10_000


def comes_in(name: str) -> bool:
    """Whether a variable is called as what comes with users, requests or texts: `user_id`, `line`."""
    words = words_of(name)
    if len(words) > 1 and words[-1] in _PARTS:
        words.pop()
    return bool(words) and words[-1] in _COMING


def keeps_coming(params: Sequence[m.Param], function: m.Function, file: File) -> str | None:
    """Why arguments of a function are ever new ones, in words; None where nothing tells."""
    for param in params:
        name, type_ = param.pattern.name, param.type
        said = file.facts.annotations.cardinality_of(param)
        if said is not None and (said.needed or 0) >= _MANY:
            return f"`{name}` is expected to have that many values"
        if name is not None and comes_in(name):
            return f"there is always another `{name}`"
        if type_ is not None and type_.last in _UNBOUNDED:
            return f"there is always another `{type_.last}`"
    if any(_is_of_few(param.pattern.name) for param in params):
        return None
    return f"`{function.name}` runs for each input" if is_per_input(function.name) else None


def _is_of_few(name: str | None) -> bool:
    """Whether a parameter is called as what is configured, or as what there are few of."""
    return name is not None and (means_few(name) or bool(_WRITTEN & set(words_of(name)[-1:])))


def is_unbounded(type_: m.Type | None) -> bool:
    """Whether keys of a type can be anything: text, numbers, identifiers; nothing known is no reason."""
    return type_ is not None and type_.last in _UNBOUNDED | _ANY


def is_of_incoming(expression: m.Expr | None, call: Call) -> str | None:
    """Why an expression is made of something that comes in, by the names of parameters and turns in it."""
    nodes = descendants(expression) if expression is not None else ()
    for node in nodes:
        if isinstance(node, m.Name) and comes_in(node.id):
            binding = call.binding(node.id)
            if binding is not None and binding.kind in ("param", "loop", "closure", "pattern"):
                return f"there is always another `{node.id}`"
    return None


def are_fixed(function: m.Function, file: File) -> bool:
    """Whether a function that only its file calls is only called with constants, or look-ups in them."""
    if not function.name.startswith("_") or file.language.name != "python":
        return False
    calls = list(file.facts.calls((function.name,)))
    pattern = rb"(?<!\w)%s(?!\w)" % re.escape(function.name.encode())
    if not calls or len(re.findall(pattern, file.source)) != len(calls) + 1:
        return False
    return all(_is_fixed(argument, call) for call in calls for argument in call.args)


def _is_fixed(expression: m.Expr, call: Call) -> bool:
    if isinstance(expression, m.Literal) or constant_string(expression, call) is not None:
        return True
    if isinstance(expression, m.Index):
        return _is_fixed(expression.of, call)
    if isinstance(expression, m.Binary):
        return _is_fixed(expression.left, call) and _is_fixed(expression.right, call)
    if isinstance(expression, m.Call):
        table = expression.receiver
        return expression.last == "get" and table is not None and _is_fixed(table, call)
    if not isinstance(expression, m.Name):
        return False
    binding = call.binding(expression.id)
    return binding is None or binding.kind in ("static", "constant", "free", "import")
