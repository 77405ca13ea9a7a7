"""Rust: the collections of std and of the crates that replace them, and what their methods do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.languages.rust_effects import EFFECTS
from alloclint.languages.vocabulary import Adaptor, Collection, Growing, Language, by_path, makers

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.syntax.model import Unit


def _grammar() -> tree_sitter.Language:
    import tree_sitter
    import tree_sitter_rust

    return tree_sitter.Language(tree_sitter_rust.language())


def _read(tree: tree_sitter.Tree, source: bytes) -> Unit:
    from alloclint.syntax.rust import read

    return read(tree, source)


def _std(module: str, name: str) -> tuple[tuple[str, ...], ...]:
    roots = ("std", "alloc") if module != "hash_map" else ("std",)
    return tuple((root, *module.split("::"), name) for root in roots)


def _hashed(name: str, kind: str, *paths: tuple[str, ...], model: str | None, hasher: bool) -> Collection:
    return Collection(name, kind, paths, model, hashed=True, hasher=hasher, least=3)


COLLECTIONS = {
    "Vec": Collection("Vec", "list", _std("vec", "Vec"), "Vec", builtin=True),
    "String": Collection("String", "string", _std("string", "String"), "String", builtin=True),
    "VecDeque": Collection(
        "VecDeque",
        "deque",
        (*_std("collections", "VecDeque"), *_std("collections::vec_deque", "VecDeque")),
        "VecDeque",
    ),
    "BinaryHeap": Collection(
        "BinaryHeap",
        "heap",
        (*_std("collections", "BinaryHeap"), *_std("collections::binary_heap", "BinaryHeap")),
        "BinaryHeap",
    ),
    "HashMap": _hashed(
        "HashMap",
        "map",
        ("std", "collections", "HashMap"),
        ("std", "collections", "hash_map", "HashMap"),
        ("hashbrown", "HashMap"),
        ("hashbrown", "hash_map", "HashMap"),
        model="HashMap",
        hasher=False,
    ),
    "HashSet": _hashed(
        "HashSet",
        "set",
        ("std", "collections", "HashSet"),
        ("std", "collections", "hash_set", "HashSet"),
        ("hashbrown", "HashSet"),
        ("hashbrown", "hash_set", "HashSet"),
        model="HashSet",
        hasher=False,
    ),
    "FxHashMap": _hashed(
        "FxHashMap",
        "map",
        ("rustc_hash", "FxHashMap"),
        ("fxhash", "FxHashMap"),
        ("rustc_data_structures", "fx", "FxHashMap"),
        model="HashMap",
        hasher=True,
    ),
    "FxHashSet": _hashed(
        "FxHashSet",
        "set",
        ("rustc_hash", "FxHashSet"),
        ("fxhash", "FxHashSet"),
        ("rustc_data_structures", "fx", "FxHashSet"),
        model="HashSet",
        hasher=True,
    ),
    "AHashMap": _hashed(
        "AHashMap", "map", ("ahash", "AHashMap"), ("ahash", "HashMap"), model="HashMap", hasher=True
    ),
    "AHashSet": _hashed(
        "AHashSet", "set", ("ahash", "AHashSet"), ("ahash", "HashSet"), model="HashSet", hasher=True
    ),
    "IndexMap": _hashed(
        "IndexMap", "map", ("indexmap", "IndexMap"), ("indexmap", "map", "IndexMap"), model=None, hasher=False
    ),
    "IndexSet": _hashed(
        "IndexSet", "set", ("indexmap", "IndexSet"), ("indexmap", "set", "IndexSet"), model=None, hasher=False
    ),
    "DashMap": _hashed("DashMap", "map", ("dashmap", "DashMap"), model=None, hasher=False),
    "DashSet": _hashed("DashSet", "set", ("dashmap", "DashSet"), model=None, hasher=False),
    "SmallVec": Collection("SmallVec", "list", (("smallvec", "SmallVec"),)),
    "BytesMut": Collection("BytesMut", "string", (("bytes", "BytesMut"),)),
}

_ONE, _KEYED = Growing(), Growing(key=0)
_TRIP = Growing("trip")
_TEXT = Growing("text")
_LIST = {
    "push": _ONE,
    "insert": Growing(argument=1),
    "extend": _TRIP,
    "extend_from_slice": Growing("length"),
    "append": Growing("length"),
    "push_back": _ONE,
    "push_front": _ONE,
}

_SAME = Adaptor()
_EACH = Adaptor(closure=0)
_LOSES = Adaptor("at_most")
_FILTERS = Adaptor("at_most", closure=0)
_UNKNOWN = Adaptor("unknown")


def _in_module(module: str, *names: str) -> dict[str, tuple[str, ...]]:
    return {name: (*module.split("::"), name) for name in names}


#: Types of the standard library that need no import, or that a glob may bring in.
LIBRARY = {
    **{name: (name,) for name in ("str", "char", "bool")},
    "String": ("std", "string", "String"),
    "Vec": ("std", "vec", "Vec"),
    "Box": ("std", "boxed", "Box"),
    "Option": ("std", "option", "Option"),
    "Result": ("std", "result", "Result"),
    **_in_module(
        "std::collections",
        "HashMap",
        "HashSet",
        "BTreeMap",
        "BTreeSet",
        "VecDeque",
        "BinaryHeap",
        "LinkedList",
    ),
    **_in_module("regex", "Regex", "RegexBuilder", "RegexSet", "RegexSetBuilder"),
}

_REGEX = {
    f"{module}::{kind}::new": f"Result<{module}::{kind}>"
    for module in ("regex", "regex::bytes", "fancy_regex", "regex_lite")
    for kind in ("Regex", "RegexSet")
}
MAKES = {
    **_REGEX,
    **dict.fromkeys(("std::string::String::from", "std::string::String::from_utf8_lossy"), "String"),
    "std::string::String::from_utf8": "Result<String>",
    "std::fs::read_to_string": "Result<String>",
}

RUST = Language(
    name="rust",
    suffixes=(".rs",),
    grammar=_grammar,
    read=_read,
    comment="//",
    separator="::",
    collections=COLLECTIONS,
    by_path=by_path(COLLECTIONS),
    growing={
        "list": _LIST,
        "deque": _LIST,
        "heap": {"push": _ONE, "extend": _TRIP, "append": Growing("length")},
        "map": {"insert": _KEYED, "entry": _KEYED, "extend": Growing("trip", key=0)},
        "set": {"insert": _KEYED, "replace": _KEYED, "extend": Growing("trip", key=0)},
        "string": {
            "push": _TEXT,
            "push_str": _TEXT,
            "put_slice": _TEXT,
            "put_u8": _ONE,
            "extend_from_slice": _TEXT,
            "insert": Growing("text", 1),
            "insert_str": Growing("text", 1),
            "extend": Growing("unknown"),
            "write_str": _TEXT,
            "write_char": _TEXT,
            "write_fmt": Growing("unknown"),
        },
    },
    reading=frozenset(
        [
            "len",
            "is_empty",
            "capacity",
            "iter",
            "iter_mut",
            "get",
            "get_mut",
            "first",
            "last",
            "first_mut",
            "last_mut",
            "contains",
            "contains_key",
            "as_slice",
            "as_mut_slice",
            "as_str",
            "as_bytes",
            "as_ref",
            "borrow",
            "keys",
            "values",
            "values_mut",
            "peek",
            "front",
            "back",
            "get_key_value",
            "get_or_insert_with",
            "sort",
            "sort_by",
            "sort_by_key",
            "sort_unstable",
            "sort_unstable_by",
            "sort_unstable_by_key",
            "sort_by_cached_key",
            "reverse",
            "swap",
            "fill",
            "binary_search",
            "binary_search_by",
            "binary_search_by_key",
            "partition_point",
            "starts_with",
            "ends_with",
            "chunks",
            "windows",
            "split_at",
            "to_vec",
            "to_owned",
            "to_string",
            "clone",
            "concat",
            "join",
            "cmp",
            "eq",
            "ne",
            "partial_cmp",
            "hash",
            "fmt",
            "is_char_boundary",
            "chars",
            "bytes",
            "lines",
            "find",
            "rfind",
            "copy_from_slice",
            "clone_from_slice",
            "rotate_left",
            "rotate_right",
            "select_nth_unstable",
            "as_ptr",
            "as_mut_ptr",
            "is_sorted",
            "swap_with_slice",
            "iter_mut_unordered",
            "get_index",
            "get_full",
            "hasher",
            "is_subset",
            "is_superset",
            "is_disjoint",
            "union",
            "intersection",
            "difference",
            "split",
            "trim",
            "chunks_exact",
            "last_entry",
            "get_many_mut",
            "chunks_mut",
            "split_at_mut",
        ]
    ),
    reserving=frozenset({"reserve", "reserve_exact", "try_reserve", "try_reserve_exact"}),
    adaptors={
        **dict.fromkeys(
            (
                "iter",
                "iter_mut",
                "into_iter",
                "rev",
                "enumerate",
                "cloned",
                "copied",
                "peekable",
                "fuse",
                "by_ref",
                "keys",
                "values",
                "values_mut",
                "into_keys",
                "into_values",
                "drain",
                "bytes",
                "as_slice",
                "as_mut_slice",
                "as_ref",
                "as_mut",
                "as_bytes",
                "to_vec",
                "to_owned",
                "clone",
                "par_iter",
                "into_par_iter",
                "as_str",
                "to_string",
                "into_boxed_slice",
                "into_bytes",
                "deref",
                "borrow",
                "as_deref",
            ),
            _SAME,
        ),
        "map": _EACH,
        "inspect": _EACH,
        "zip": Adaptor("zip"),
        "chain": Adaptor("chain"),
        "take": Adaptor("take"),
        "skip": Adaptor("skip"),
        "step_by": Adaptor("step"),
        "chunks": Adaptor("chunks"),
        "chunks_mut": Adaptor("chunks"),
        "rchunks": Adaptor("chunks"),
        "chunks_exact": Adaptor("chunks_exact"),
        "chunks_exact_mut": Adaptor("chunks_exact"),
        "windows": Adaptor("windows"),
        "filter": _FILTERS,
        "filter_map": _FILTERS,
        "take_while": _FILTERS,
        "skip_while": _FILTERS,
        "map_while": _FILTERS,
        "chars": _LOSES,
        "char_indices": _LOSES,
        "flat_map": Adaptor("unknown", closure=0),
        "flatten": _UNKNOWN,
        "scan": Adaptor("unknown", closure=1),
        "for_each": Adaptor(closure=0, lazy=False),
        "try_for_each": Adaptor(closure=0, lazy=False),
        "fold": Adaptor(closure=1, lazy=False),
    },
    lengths=dict.fromkeys(
        (
            "Vec",
            "String",
            "VecDeque",
            "BinaryHeap",
            "HashMap",
            "HashSet",
            "FxHashMap",
            "FxHashSet",
            "AHashMap",
            "AHashSet",
            "IndexMap",
            "IndexSet",
            "SmallVec",
            "BytesMut",
            "Bytes",
            "slice",
            "array",
            "str",
            "BTreeMap",
            "BTreeSet",
            "LinkedList",
        ),
        "len",
    ),
    integers=frozenset(["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"]),
    words=(
        rb"\b(?:%s)\b" % "|".join(name for name in COLLECTIONS if name != "String").encode(),
        # `String` stands in too many signatures.
        rb"\bString(?:::|>|\b *=)|&mut String",
        rb"vec!|::default\(|with_capacity|\brepeat(?:_n)?\(|\.(?:try_)?reserve",
    ),
    returns={
        "len": "usize",
        "count": "usize",
        "capacity": "usize",
        "to_vec": "Vec<_>",
        "to_string": "String",
        "to_owned": "?owned",
        "clone": "?same",
        "as_bytes": "[u8]",
        "as_str": "str",
        "as_slice": "?same",
        "into_bytes": "Vec<u8>",
        "trim": "str",
        "to_lowercase": "String",
        "to_uppercase": "String",
        "as_ref": "?same",
        "as_mut": "?same",
        "borrow": "?same",
        "borrow_mut": "?same",
    },
    library=LIBRARY,
    prelude=frozenset({(), *(LIBRARY[name][:-1] for name in ("String", "Vec", "Box", "Option", "Result"))}),
    makes=MAKES,
    effects=EFFECTS,
    makers=makers(MAKES, "::"),
)
