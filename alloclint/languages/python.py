"""Python: the built-in collections and what their methods do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.languages.python_effects import EFFECTS
from alloclint.languages.vocabulary import Adaptor, Collection, Growing, Language, by_path, makers

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.syntax.model import Unit


def _grammar() -> tree_sitter.Language:
    import tree_sitter
    import tree_sitter_python

    return tree_sitter.Language(tree_sitter_python.language())


def _read(tree: tree_sitter.Tree, source: bytes) -> Unit:
    from alloclint.syntax.python import read

    return read(tree, source)


def _builtin(name: str, kind: str) -> Collection:
    paths: tuple[tuple[str, ...], ...] = (("builtins", name),)
    if name in ("list", "dict", "set"):
        paths += (("typing", name.capitalize()),)
    argument = "elements" if name == "bytearray" else "none"
    return Collection(name, kind, paths, name, builtin=True, argument=argument, hashed=kind in ("map", "set"))


COLLECTIONS = {
    "list": _builtin("list", "list"),
    "dict": _builtin("dict", "map"),
    "set": _builtin("set", "set"),
    "bytearray": _builtin("bytearray", "string"),
    "defaultdict": Collection(
        "defaultdict", "map", (("collections", "defaultdict"),), "dict", argument="none", hashed=True
    ),
    "OrderedDict": Collection(
        "OrderedDict", "map", (("collections", "OrderedDict"),), None, argument="none", hashed=True
    ),
    "Counter": Collection(
        "Counter", "map", (("collections", "Counter"),), "dict", argument="none", hashed=True
    ),
    "deque": Collection("deque", "deque", (("collections", "deque"),), None, argument="none"),
}

_ONE, _KEYED = Growing(), Growing(key=0)
_TRIP = Growing("trip")

_SAME = Adaptor()

#: Python's own types.
LIBRARY = {
    name: (name,)
    for name in (
        "str",
        "bytes",
        "bytearray",
        "int",
        "float",
        "bool",
        "list",
        "dict",
        "set",
        "tuple",
        "frozenset",
        "object",
    )
}

MAKES = {
    "re.compile": "re.Pattern",
    "regex.compile": "regex.Pattern",
    **dict.fromkeys(("re.sub", "re.escape"), "str"),
    **dict.fromkeys(("re.split", "re.findall"), "list"),
    "logging.getLogger": "logging.Logger",
}

PYTHON = Language(
    name="python",
    suffixes=(".py", ".pyi"),
    grammar=_grammar,
    read=_read,
    comment="#",
    separator=".",
    collections=COLLECTIONS,
    by_path=by_path(COLLECTIONS),
    growing={
        "list": {"append": _ONE, "insert": Growing(argument=1), "extend": _TRIP},
        "deque": {"append": _ONE, "appendleft": _ONE, "extend": _TRIP, "extendleft": _TRIP},
        "map": {"setdefault": _KEYED, "update": Growing("trip", key=0)},
        "set": {"add": _KEYED, "update": Growing("trip", key=0)},
        "string": {"append": _ONE, "extend": _TRIP},
    },
    reading=frozenset(
        [
            "count",
            "index",
            "sort",
            "reverse",
            "copy",
            "get",
            "keys",
            "values",
            "items",
            "issubset",
            "issuperset",
            "isdisjoint",
            "union",
            "intersection",
            "difference",
            "startswith",
            "endswith",
            "find",
            "decode",
            "hex",
            "most_common",
            "elements",
            "total",
            "symmetric_difference",
        ]
    ),
    reserving=frozenset(),
    adaptors={
        **dict.fromkeys(("items", "keys", "values", "copy"), _SAME),
        # Functions of an iterable; the reader sees them as calls with the iterable as their first argument.
        **dict.fromkeys(("enumerate", "reversed", "sorted", "list", "tuple", "iter"), _SAME),
        "set": Adaptor("at_most"),
        "frozenset": Adaptor("at_most"),
        "map": _SAME,
        "zip": Adaptor("zip"),
        "filter": Adaptor("at_most"),
    },
    lengths=dict.fromkeys(
        [
            "list",
            "dict",
            "set",
            "tuple",
            "str",
            "bytes",
            "bytearray",
            "frozenset",
            "defaultdict",
            "OrderedDict",
            "Counter",
            "deque",
            "sequence",
            "mutablesequence",
            "mapping",
            "mutablemapping",
            "abstractset",
            "mutableset",
            "collection",
            "keysview",
            "valuesview",
            "itemsview",
        ],
        "len",
    ),
    returns={
        # Builtin functions.
        **dict.fromkeys(("len", "ord", "int"), "int"),
        **dict.fromkeys(("str", "repr"), "str"),
        "tuple": "tuple",
        "frozenset": "frozenset",
        "bytes": "bytes",
        "sorted": "list",
        # Methods of text, and copies.
        **dict.fromkeys(("split", "rsplit", "splitlines"), "list"),
        **dict.fromkeys(("strip", "lstrip", "rstrip", "lower", "upper"), "str"),
        **dict.fromkeys(("replace", "join", "format", "decode"), "str"),
        **dict.fromkeys(("count", "index"), "int"),
        "encode": "bytes",
        "copy": "?same",
    },
    integers=frozenset({"int"}),
    words=(
        rb"\[\s*\]|\{\s*\}",
        rb"\b(?:%s)\(" % "|".join(COLLECTIONS).encode(),
        rb"factory\s*=|\bCardinality\b",
    ),
    library=LIBRARY,
    prelude=frozenset({()}),
    makes=MAKES,
    effects=EFFECTS,
    makers=makers(MAKES, "."),
)
