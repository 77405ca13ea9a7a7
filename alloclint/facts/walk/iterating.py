"""
Whether a closure runs once for each element: `xs.iter().map(|x| …)` does, `option.map(|x| …)` does not.

Options, results, futures and types of a project's own have methods of the same names, and the walk knows no
types. So the spelling decides: a chain that begins with, or goes on with, what only iterators and streams
have, a range, a list written out, or the declared type of the variable that it begins with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from alloclint.facts.walk.scopes import Binding, Link
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.languages.vocabulary import Language

#: Steps that options, results, futures and the like have as well: they say nothing.
_SHARED = {
    "rust": {"map", "inspect", "filter", "cloned", "copied", "flatten", "zip", "clone", "fuse", "by_ref"},
    "java": {"map", "filter", "flatMap", "peek"},
}
#: What only iterators, streams and collections have, and what makes one of them.
_OF_MANY = {
    "rust": frozenset({
        "all", "ancestors", "any", "args", "args_os", "bytes", "chain", "char_indices", "chars", "chunk_by",
        "chunks", "chunks_exact", "chunks_exact_mut", "chunks_mut", "collect", "collect_vec", "components",
        "count", "cycle", "dedup", "drain", "enumerate", "extract_if", "filter_map", "flat_map", "fold",
        "for_each", "group_by", "into_keys", "into_values", "keys", "lines", "map_while", "match_indices",
        "matches", "max_by", "max_by_key", "min_by", "min_by_key", "partition", "partition_map", "peekable",
        "position", "product", "range", "range_mut", "rchunks", "read_dir", "repeat_n", "rev", "rsplit",
        "rsplitn", "scan", "skip", "skip_while", "sorted", "sorted_by", "sorted_by_key", "split",
        "split_ascii_whitespace", "split_inclusive", "split_terminator", "split_whitespace", "splitn",
        "step_by", "successors", "sum", "symmetric_difference", "take_while", "trim_matches", "try_fold",
        "try_for_each", "tuple_windows", "unique", "values", "values_mut", "vars", "vars_os", "windows",
    }),
    "java": frozenset({
        "allMatch", "anyMatch", "asDoubleStream", "asLongStream", "average", "boxed", "chars", "codePoints",
        "collect", "distinct", "findAny", "findFirst", "forEach", "forEachOrdered", "iterate", "limit",
        "lines", "mapMulti", "mapToDouble", "mapToInt", "mapToLong", "mapToObj", "noneMatch", "parallel",
        "range", "rangeClosed", "reduce", "results", "skip", "sorted", "splitAsStream", "stream", "sum",
        "takeWhile", "dropWhile", "toArray", "toList", "toSet",
    }),
}  # fmt: skip
_NAMED_SO = re.compile(r"(?:^|_)(?:par_)?iter(?:_mut)?(?:_|$)|[sS]tream$")
#: Calls that take an iterator to its end.
_TAKING = {"extend", "from_iter", "try_extend", "par_extend", "concat", "join_all", "select_all"}
#: Steps that an option has without an argument, an iterator with one.
_COUNTED = {"take", "nth", "max", "min"}
_UNWRAPPING = {"unwrap", "expect", "into", "as_mut", "as_ref"}
_TYPES_OF_MANY = re.compile(
    r"(?:\w*Iterator|\w*Iter|IntoIter|Stream\w*|\w+Stream|Chars|CharIndices|Bytes|Lines|Split\w*|Range\w*|Drain"
    r"|Keys|Values|Windows|Chunks\w*|Enumerate|Peekable|Map|Flux|Observable|Flowable|FluentIterable)"
)
_DEEPEST = 40


def runs_for_each(
    call: m.Call, language: Language, lookup: Callable[[str], Binding | None], around: Link | None,
    function: m.Function,
) -> bool:  # fmt: skip
    """Whether the closure that a step of a chain is given runs once for each element of something."""
    shared = _SHARED.get(language.name, set())
    if call.last not in shared:
        return True
    return _is_of_many(call.receiver, language.name, lookup) or _goes_on(
        call, language.name, around, function
    )


def _is_of_many(
    receiver: m.Expr | None, language: str, lookup: Callable[[str], Binding | None], depth: int = 0
) -> bool:
    """Whether what a chain begins with, down from a step, is an iterator, a stream or a list."""
    while depth < _DEEPEST:
        depth += 1
        if isinstance(receiver, m.Range | m.Comprehension):
            return True
        if isinstance(receiver, m.Display):
            return receiver.kind in ("list", "array")
        if isinstance(receiver, m.Name):
            binding = lookup(receiver.id)
            return binding is not None and _is_bound_to_many(binding, language, lookup, depth)
        if isinstance(receiver, m.MayReturn):
            receiver = receiver.value
            continue
        if not isinstance(receiver, m.Call):
            return False
        if _is_step_of_many(receiver, language):
            return True
        if receiver.last not in _SHARED[language] | _UNWRAPPING:
            return False
        receiver = receiver.receiver
    return False


def _is_step_of_many(call: m.Call, language: str) -> bool:
    if language == "rust" and call.kind == "function":
        of_iter = len(call.name) > 1 and call.name[-2] == "iter"
        return of_iter or call.last in ("read_dir", "args", "vars")
    if language == "rust" and (call.last in _ENDING or (call.last in _COUNTED and not call.args)):
        return False
    if language == "java" and isinstance(call.receiver, m.Name) and _is_stream(call.receiver.id):
        return True
    return (
        call.last in _OF_MANY[language] - _WORTH_ONE
        or _NAMED_SO.search(call.last) is not None
        or (call.last in _COUNTED and bool(call.args))
    )


#: Steps that go over many and hand out one, or an option: what follows them is about that one.
_WORTH_ONE = frozenset({
    "all", "any", "collect", "collect_vec", "count", "fold", "for_each", "max_by", "max_by_key", "min_by",
    "min_by_key", "partition", "position", "product", "sum", "try_fold", "try_for_each", "trim_matches",
    "allMatch", "anyMatch", "average", "findAny", "findFirst", "forEach", "forEachOrdered", "noneMatch",
    "reduce", "toArray", "toList", "toSet",
})  # fmt: skip
_ENDING = {"next", "next_back", "last", "find", "find_map", "nth", "peek", "first", "get", "pop", "ok", "err"}


def _is_stream(name: str) -> bool:
    return name in ("Stream", "IntStream", "LongStream", "DoubleStream", "StreamSupport", "Flux")


def _is_bound_to_many(
    binding: Binding, language: str, lookup: Callable[[str], Binding | None], depth: int
) -> bool:
    if binding.type is not None and binding.type.kind != "infer" and binding.type.last != "var":
        return _is_type_of_many(binding.type)
    if binding.value is None or binding.part:
        return False

    def earlier(name: str) -> Binding | None:
        # `let it = it.map(…)`: the name meant another one there.
        return lookup(name) if name != binding.name else None

    return _is_of_many(binding.value, language, earlier, depth)


def _is_type_of_many(type_: m.Type) -> bool:
    if type_.kind in ("ref", "mutref", "impl", "dyn") or type_.last in ("Box", "Pin"):
        return any(_is_type_of_many(one) for one in type_.args)
    if type_.kind == "array":
        return True
    return type_.kind == "named" and _TYPES_OF_MANY.fullmatch(type_.last) is not None


def _goes_on(call: m.Call, language: str, around: Link | None, function: m.Function) -> bool:
    """Whether what follows upon a step, or takes what it makes, is for iterators and streams only."""
    inner: m.Node = call
    link = around.up if around is not None and around.node is call else around
    while link is not None:
        node = link.node
        if isinstance(node, m.Call):
            if node.receiver is not inner:
                return node.last in _TAKING and inner in node.args
            if node.last in _OF_MANY[language] or (
                node.last in ("find", "find_map", "next") and language == "rust"
            ):
                return True
            if node.last in _COUNTED:
                return bool(node.args) == (node.last in ("take", "nth"))
            if node.last not in _SHARED[language]:
                return False
        elif isinstance(node, m.Loop | m.Clause):
            return node.iterable is inner
        elif isinstance(node, m.Eval | m.Exit):
            return _is_result(link) and function.returns is not None and _is_type_of_many(function.returns)
        elif not isinstance(node, m.MayReturn | m.Unary):
            return False
        inner, link = node, link.up
    return False


def _is_result(link: Link) -> bool:
    """Whether a statement is what the function itself, no closure in it, is worth."""
    node = link.node
    is_tail = (isinstance(node, m.Eval) and node.tail) or (isinstance(node, m.Exit) and node.kind == "return")
    up = link.up
    while up is not None:
        if isinstance(up.node, m.Closure):
            return False
        up = up.up
    return is_tail
