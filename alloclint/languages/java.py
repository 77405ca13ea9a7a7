"""Java: the JDK's collections, Guava's factories, and what their methods do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alloclint.languages.vocabulary import Adaptor, Collection, Growing, Language, by_path

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.syntax.model import Unit


def _grammar() -> tree_sitter.Language:
    import tree_sitter
    import tree_sitter_java

    return tree_sitter.Language(tree_sitter_java.language())


def _read(tree: tree_sitter.Tree, source: bytes) -> Unit:
    from alloclint.syntax.java import read

    return read(tree, source)


def _util(
    name: str, kind: str, *, package: str = "java.util", argument: str = "elements", **more: object
) -> Collection:
    path = (*package.split("."), name)
    modelled = argument in ("elements", "slots") and name not in _UNMODELLED
    return Collection(name, kind, (path,), name if modelled else None, argument=argument, **more)  # type: ignore[arg-type]


_CONCURRENT = "java.util.concurrent"
_UNMODELLED = {"PriorityBlockingQueue", "EnumMap", "BitSet", "StringWriter", "ByteArrayOutputStream"}
_TABLE: dict[str, Any] = {"argument": "slots", "hashed": True, "least": 12, "eager": False}

COLLECTIONS = {
    collection.name: collection
    for collection in (
        _util("ArrayList", "list", least=10),
        _util("Vector", "list", least=10),
        _util("Stack", "list", argument="none"),
        _util("ArrayDeque", "deque", least=16),
        _util("PriorityQueue", "heap", least=11),
        _util("HashMap", "map", **_TABLE),
        _util("LinkedHashMap", "map", **_TABLE),
        _util("WeakHashMap", "map", **_TABLE),
        _util("HashSet", "set", **_TABLE),
        _util("LinkedHashSet", "set", **_TABLE),
        _util("Hashtable", "map", **{**_TABLE, "least": 8}),
        _util("IdentityHashMap", "map", hashed=True, least=21),
        _util("ConcurrentHashMap", "map", package=_CONCURRENT, hashed=True, least=11, eager=False),
        _util("StringBuilder", "string", package="java.lang", builtin=True, least=16),
        _util("StringBuffer", "string", package="java.lang", builtin=True, least=16),
        _util("TreeMap", "map", argument="none"),
        _util("TreeSet", "set", argument="none"),
        _util("LinkedList", "list", argument="none"),
        _util("CopyOnWriteArrayList", "list", package=_CONCURRENT, argument="none"),
        _util("ConcurrentLinkedQueue", "deque", package=_CONCURRENT, argument="none"),
        _util("LinkedBlockingQueue", "deque", package=_CONCURRENT, argument="bound"),
        _util("ArrayBlockingQueue", "deque", package=_CONCURRENT, argument="bound"),
        _util("EnumMap", "map", argument="none"),
    )
}

_ONE, _KEYED = Growing(), Growing(key=0)
_TRIP = Growing("trip")
_LIST = {
    "add": Growing(argument=-1),
    "addFirst": _ONE,
    "addLast": _ONE,
    "addElement": _ONE,
    "push": _ONE,
    "addAll": Growing("trip", -1),
    "offer": _ONE,
    "offerFirst": _ONE,
    "offerLast": _ONE,
}
_MAP = {
    **dict.fromkeys(("put", "putIfAbsent", "computeIfAbsent", "merge", "compute"), _KEYED),
    "putAll": Growing("trip", key=0),
}

_SAME = Adaptor()
_EACH = Adaptor(closure=0)

#: Types of java.util (and Guava's immutable ones) that count as evidence when they are imported, beside the
#: collections above.
INTERFACES = {
    name: ("java", "util", name)
    for name in [
        "Collection",
        "List",
        "Set",
        "Map",
        "SortedMap",
        "NavigableMap",
        "SortedSet",
        "NavigableSet",
        "Queue",
        "Deque",
        "AbstractList",
        "AbstractMap",
        "AbstractCollection",
        "AbstractSet",
        "EnumSet",
        "SequencedCollection",
    ]
} | {
    "ConcurrentMap": ("java", "util", "concurrent", "ConcurrentMap"),
    "ImmutableList": ("com", "google", "common", "collect", "ImmutableList"),
    "ImmutableSet": ("com", "google", "common", "collect", "ImmutableSet"),
    "ImmutableMap": ("com", "google", "common", "collect", "ImmutableMap"),
    "ImmutableCollection": ("com", "google", "common", "collect", "ImmutableCollection"),
    "Multiset": ("com", "google", "common", "collect", "Multiset"),
}

JAVA = Language(
    name="java",
    suffixes=(".java",),
    grammar=_grammar,
    read=_read,
    comment="//",
    separator=".",
    collections=COLLECTIONS,
    by_path=by_path(COLLECTIONS),
    growing={
        "list": _LIST,
        "deque": _LIST,
        "heap": {"add": _ONE, "offer": _ONE, "addAll": _TRIP},
        "map": _MAP,
        "set": {"add": _KEYED, "addAll": Growing("trip", key=0)},
        "string": {
            "append": Growing("text"),
            "insert": Growing("text", 1),
            "appendCodePoint": Growing("unknown"),
        },
    },
    reading=frozenset(
        [
            "size",
            "isEmpty",
            "get",
            "contains",
            "containsKey",
            "containsValue",
            "containsAll",
            "indexOf",
            "lastIndexOf",
            "iterator",
            "listIterator",
            "keySet",
            "values",
            "entrySet",
            "toString",
            "hashCode",
            "equals",
            "set",
            "getOrDefault",
            "replace",
            "sort",
            "stream",
            "parallelStream",
            "toArray",
            "forEach",
            "peek",
            "element",
            "peekFirst",
            "peekLast",
            "getFirst",
            "getLast",
            "first",
            "last",
            "length",
            "charAt",
            "substring",
            "toList",
            "subList",
            "clone",
            "replaceAll",
            "elementAt",
            "firstElement",
            "lastElement",
            "capacity",
            "spliterator",
            "setCharAt",
            "reverse",
            "compareTo",
            "isBlank",
        ]
    ),
    reserving=frozenset({"ensureCapacity"}),
    adaptors={
        **dict.fromkeys(
            (
                "keySet",
                "values",
                "entrySet",
                "descendingMap",
                "descendingKeySet",
                "navigableKeySet",
                "toCharArray",
                "stream",
                "parallelStream",
                "boxed",
                "sorted",
                "iterator",
                "descendingIterator",
                "elements",
                "clone",
            ),
            _SAME,
        ),
        "map": _EACH,
        "mapToObj": _EACH,
        "mapToInt": _EACH,
        "mapToLong": _EACH,
        "peek": _EACH,
        "filter": Adaptor("at_most", closure=0),
        "distinct": Adaptor("at_most"),
        "limit": Adaptor("take"),
        "skip": Adaptor("skip"),
        "flatMap": Adaptor("unknown", closure=0),
        "forEach": Adaptor(closure=0, lazy=False),
        "forEachOrdered": Adaptor(closure=0, lazy=False),
    },
    lengths={
        **dict.fromkeys(
            (
                *INTERFACES,
                "ArrayList",
                "Vector",
                "Stack",
                "ArrayDeque",
                "PriorityQueue",
                "HashMap",
                "LinkedHashMap",
                "WeakHashMap",
                "HashSet",
                "LinkedHashSet",
                "Hashtable",
                "IdentityHashMap",
                "ConcurrentHashMap",
                "TreeMap",
                "TreeSet",
                "LinkedList",
                "EnumMap",
                "CopyOnWriteArrayList",
            ),
            "size",
        ),
        "array": "length",
        "String": "length()",
        "CharSequence": "length()",
        "StringBuilder": "length()",
        "StringBuffer": "length()",
    },
    integers=frozenset({"int", "short", "byte", "char"}),
    words=(
        rb"\b(?:%s)\b" % "|".join(COLLECTIONS).encode(),
        rb"::\s*new\b|\bCollectors\b|\bensureCapacity\b|\b(?:Lists|Maps|Sets)\s*\.\s*new",
    ),
    returns={
        "size": "int",
        "length": "int",
        "toCharArray": "char[]",
        "charAt": "char",
        "getBytes": "byte[]",
        "toString": "String",
    },
)

#: Guava's factories: class and method -> the collection built, and the sized factory.
FACTORIES = {
    ("Lists", "newArrayList"): ("ArrayList", "Lists.newArrayListWithCapacity"),
    ("Maps", "newHashMap"): ("HashMap", "Maps.newHashMapWithExpectedSize"),
    ("Maps", "newLinkedHashMap"): ("LinkedHashMap", "Maps.newLinkedHashMapWithExpectedSize"),
    ("Sets", "newHashSet"): ("HashSet", "Sets.newHashSetWithExpectedSize"),
    ("Sets", "newLinkedHashSet"): ("LinkedHashSet", "Sets.newLinkedHashSetWithExpectedSize"),
}
FACTORY_PACKAGE = ("com", "google", "common", "collect")
