"""
Fallbacks: the argument that a call takes for the case that something is missing, and hardly ever needs.

`unwrap_or(…)`, `orElse(…)`, `putIfAbsent(k, …)`, `d.get(k, …)`. Some of these names exist on `Option`,
`Optional` or maps only; the others count where the receiver's type is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.wrappers import wrapper_of
from alloclint.facts.often.failing import failing
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


@dataclass(frozen=True, slots=True)
class Fallback:
    """
    What a call falls back to. `lazy` is the method that takes a function instead, if there is one;
    `parameters` how that function begins (`||`, `|_|`, `() ->`), empty where that depends on an unknown type.
    `put` is the statement that puts it into the map it was missing in, which the lazy method does itself.
    """

    call: Call
    value: m.Expr
    lazy: str = ""
    parameters: str = ""
    put: m.Stmt | None = None


def fallback_of(call: Call) -> Fallback | None:
    """The fallback that a call is given; None for any other call, and where it is always needed."""
    if call.node.kind not in ("method", "function") or _is_own(call) or _is_failing(call):
        return None
    found = _IN[call.file.language.name](call)
    return found if found is not None and not _is_missing_for_sure(call) else None


def _is_failing(call: Call) -> bool:
    """Whether it belongs to what is thrown or told of a failure: nothing is hot there."""
    return failing(call.function, call.event) is not None


def _is_own(call: Call) -> bool:
    """Whether the file declares a method of that name, so that the name alone tells nothing."""
    is_unknown = call.receiver_type is None and not _is_found(call)
    return is_unknown and call.name in call.file.facts.types.functions


def _is_missing_for_sure(call: Call) -> bool:
    """Whether the code around has just found that nothing is there: `if (!map.containsKey(k))`."""
    text = call.file.source
    for frame in call.event.frame.within(None):
        branch = frame.node
        if frame.kind == "arm" and isinstance(branch, m.Branch):
            arms = branch.arms[: frame.arm + 1]
            tests = [arm.test for arm in arms if arm.test is not None]
            if any(word in text[test.start : test.end] for test in tests for word in _ABSENCE):
                return True
    return any(_is_after_search(node, call) for node in call.parents)


def _is_after_search(node: m.Node, call: Call) -> bool:
    """Python: whether a call stands in the `else` of a loop, which a hit would have left."""
    otherwise = node.otherwise if isinstance(node, m.Loop) else None
    return otherwise is not None and otherwise.start <= call.node.start < otherwise.end


_ABSENCE = (b"containsKey", b"contains_key", b"== null", b" is None", b" not in ", b"is_none()")


def is_from_environment(fallback: Fallback) -> bool:
    """Rust: whether it stands in for a variable of the environment or an argument of the program."""
    node = fallback.call.node.receiver
    while isinstance(node, m.Call):
        if _READS_ENVIRONMENT.fullmatch(node.last):
            return True
        node = node.receiver
    # `if let Ok(list) = env::var(…) { list.split_once(…) }`: what the environment has set is asked further.
    found = fallback.call.binding(node.id) if isinstance(node, m.Name) else None
    value = found.value if found is not None else None
    return isinstance(value, m.Call) and _READS_ENVIRONMENT.fullmatch(value.last) is not None


_READS_ENVIRONMENT = re.compile(r"var|var_os|args|args_os|(?:get_)?env(?:_var)?(?:_os)?")


def is_usually_new(fallback: Fallback) -> bool:
    """
    Whether what is missing is put there and not asked for: such a key is mostly new, so that what is made for
    it is mostly kept.
    """
    call, statement = fallback.call, fallback.call.statement
    if call.name not in ("or_insert", "putIfAbsent", "setdefault") or not isinstance(statement, m.Eval):
        return False
    return statement.value is call.node and not statement.tail and not _is_asked_for(call, statement)


def _is_asked_for(call: Call, statement: m.Stmt) -> bool:
    """Java: whether the map is asked for the same key right after."""
    following = next(iter(call.function.trace.following(statement)), None)
    map_ = call.node.receiver
    if following is None or map_ is None or call.name != "putIfAbsent":
        return False
    wanted = f"{call.text(map_)}.get({call.text(call.args[0])})"
    return wanted in call.text(following)


# ---------------------------------------------------------------- Rust


#: method -> the number of arguments, the method that takes a closure, whether only an Option has it
_RUST = {
    "unwrap_or": (1, "unwrap_or_else", False),
    "map_or": (2, "map_or_else", False),
    "ok_or": (1, "ok_or_else", True),
    "or_insert": (1, "or_insert_with", True),
    "get_or_insert": (1, "get_or_insert_with", True),
    "or": (1, "or_else", False),
}


def _in_rust(call: Call) -> Fallback | None:
    arity, lazy, of_option = _RUST.get(call.name, (0, "", False))
    if call.node.kind != "method" or len(call.args) != arity or not arity:
        return None
    wrapper = "Option" if of_option else wrapper_of(call.node.receiver, call)
    value = call.args[0]
    if call.name == "or" and wrapper is None:
        wrapper = _wrapped_by(value)
        if wrapper is None:
            return None
    if wrapper is None and call.receiver_type is not None and call.receiver_type.kind == "named":
        return None
    return Fallback(call, value, lazy, _RUST_PARAMETERS.get(wrapper or "", ""))


_RUST_PARAMETERS = {"Option": "||", "Result": "|_|"}


def _wrapped_by(value: m.Expr) -> str | None:
    made = value.last if isinstance(value, m.Call) and value.kind == "function" else ""
    return {"Some": "Option", "Ok": "Result", "Err": "Result"}.get(made)


# ---------------------------------------------------------------- Java


def _in_java(call: Call) -> Fallback | None:
    if call.name == "orElse" and len(call.args) == 1:
        known = call.receiver_type
        is_optional = known is None or known.last == "Optional" or _is_found(call)
        return Fallback(call, call.args[0], "orElseGet", "() ->") if is_optional else None
    if call.name not in ("putIfAbsent", "getOrDefault") or len(call.args) != 2 or not _is_map(call):
        return None
    if call.name == "getOrDefault":
        put = _put_back(call)
        lazy, parameters = ("computeIfAbsent", "->") if put is not None else ("", "")
        return Fallback(call, call.args[1], lazy, parameters, put)
    # `putIfAbsent` tells whether something was there, `computeIfAbsent` hands out what is there now.
    statement = call.statement
    is_unused = isinstance(statement, m.Eval) and statement.value is call.node and not statement.tail
    return Fallback(call, call.args[1], "computeIfAbsent", "->") if is_unused else None


def _is_found(call: Call) -> bool:
    """Java: whether it is called on what a stream found, if it did."""
    maker = call.node.receiver
    return isinstance(maker, m.Call) and maker.last in _FINDING and call.file.language.name == "java"


_FINDING = {"findFirst", "findAny", "max", "min", "reduce"}


def _put_back(call: Call) -> m.Stmt | None:
    """The `map.put(k, x)` that follows `x = map.getOrDefault(k, …)` in its block."""
    let = call.statement
    if not isinstance(let, m.Let) or let.value is not call.node or let.pattern.name is None:
        return None
    key, map_ = call.text(call.args[0]), call.node.receiver
    for statement in call.function.trace.following(let):
        put = statement.value if isinstance(statement, m.Eval) else None
        if not isinstance(put, m.Call) or put.last != "put" or len(put.args) != 2 or map_ is None:
            continue
        same = put.receiver is not None and call.text(put.receiver) == call.text(map_)
        value = put.args[1]
        if same and call.text(put.args[0]) == key and isinstance(value, m.Name):
            return statement if value.id == let.pattern.name else None
    return None


def _is_map(call: Call) -> bool:
    known = call.file.facts.types.known(call.receiver_type)
    return known is not None and known.endswith(("Map", "Hashtable"))


# ---------------------------------------------------------------- Python


def _in_python(call: Call) -> Fallback | None:
    positional = [one for one in call.args if not isinstance(one, m.Keyword)]
    if len(positional) != len(call.args):
        return None
    if call.path == "builtins.getattr":
        return Fallback(call, positional[2]) if len(positional) == 3 else None
    if call.node.kind != "method" or len(positional) != 2 or call.name not in ("get", "setdefault", "pop"):
        return None
    # Only mappings have a `setdefault`, or a `pop` with a default; clients of servers have a `get`, too.
    is_mapping = call.name != "get" or _is_mapping(call)
    return Fallback(call, positional[1]) if is_mapping and call.path in (None, "os.environ.get") else None


def _is_mapping(call: Call) -> bool:
    known = call.file.facts.types.known(call.receiver_type)
    return known in _MAPPINGS or call.path == "os.environ.get"


_MAPPINGS = {"dict", "defaultdict", "OrderedDict", "Counter", "mapping", "mutablemapping"}

_IN = {"rust": _in_rust, "java": _in_java, "python": _in_python}
