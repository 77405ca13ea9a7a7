"""Java: the JDK's collections, Guava's factories, and what their methods do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alloclint.languages.java_effects import EFFECTS
from alloclint.languages.vocabulary import Adaptor, Collection, Growing, Language, by_path, makers

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


def _in_package(package: str, *names: str) -> dict[str, tuple[str, ...]]:
    return {name: (*package.split("."), name) for name in names}


#: Types of the JDK that need no import, or that a glob may bring in.
LIBRARY = {
    **{name: collection.paths[0] for name, collection in COLLECTIONS.items()},
    **INTERFACES,
    **_in_package(
        "java.lang",
        "String",
        "CharSequence",
        "Object",
        "Integer",
        "Long",
        "Short",
        "Byte",
        "Character",
        "Double",
        "Float",
        "Boolean",
        "Number",
        "Math",
        "System",
        "Thread",
        "Iterable",
        "Comparable",
        "Class",
        "Enum",
        "ThreadLocal",
        "Runnable",
        "Throwable",
        "Exception",
        "RuntimeException",
        "IllegalArgumentException",
        "IllegalStateException",
    ),
    **_in_package(
        "java.util",
        "Optional",
        "Objects",
        "Collections",
        "Arrays",
        "Scanner",
        "StringTokenizer",
        "StringJoiner",
        "Date",
        "Calendar",
        "Formatter",
        "Locale",
        "Random",
        "UUID",
        "Iterator",
        "ListIterator",
        "Enumeration",
        "Comparator",
        "BitSet",
        "Properties",
        "Currency",
        "Base64",
    ),
    **_in_package("java.util.regex", "Pattern", "Matcher"),
    **_in_package("java.util.stream", "Stream", "IntStream", "LongStream", "DoubleStream", "Collectors"),
    **_in_package(
        "java.text",
        "SimpleDateFormat",
        "DateFormat",
        "DecimalFormat",
        "NumberFormat",
        "MessageFormat",
        "Collator",
    ),
    **_in_package("java.time.format", "DateTimeFormatter"),
    **_in_package("java.math", "BigInteger", "BigDecimal"),
    **_in_package("java.nio", "ByteBuffer"),
    **_in_package("java.util.logging", "Logger", "Level"),
    **_in_package("com.google.common.collect", "ComparisonChain", "Ordering"),
    **_in_package("com.google.common.base", "Preconditions", "Verify"),
}

_STRING = "java.lang.String"
MAKES = {
    **dict.fromkeys((f"{_STRING}.{name}" for name in ("valueOf", "format", "join", "copyValueOf")), _STRING),
    **{f"java.lang.{box}.toString": _STRING for box in ("Integer", "Long", "Double", "Float", "Boolean")},
    "java.util.Arrays.toString": _STRING,
    "java.util.Objects.toString": _STRING,
    "java.util.regex.Pattern.compile": "java.util.regex.Pattern",
    "java.util.regex.Pattern.quote": _STRING,
    "java.util.regex.Pattern.matcher": "java.util.regex.Matcher",
    **{f"java.util.regex.Matcher.{name}": _STRING for name in ("group", "replaceAll", "replaceFirst")},
    **{f"java.lang.Class.{name}": _STRING for name in ("getName", "getSimpleName")},
    **{f"java.lang.System.{name}": _STRING for name in ("getProperty", "lineSeparator")},
    "java.io.BufferedReader.readLine": _STRING,
    "java.util.Scanner.nextLine": _STRING,
    "java.util.Properties.getProperty": _STRING,
    "java.nio.file.FileSystems.getDefault": "java.nio.file.FileSystem",
    **{f"java.util.Optional.{name}": "java.util.Optional" for name in ("of", "ofNullable", "empty")},
    "java.util.Arrays.asList": "java.util.List",
    "java.util.List.of": "java.util.List",
    "java.util.Set.of": "java.util.Set",
    "java.util.Map.of": "java.util.Map",
    "org.slf4j.LoggerFactory.getLogger": "org.slf4j.Logger",
    "org.apache.logging.log4j.LogManager.getLogger": "org.apache.logging.log4j.Logger",
    "org.apache.commons.logging.LogFactory.getLog": "org.apache.commons.logging.Log",
    "java.util.logging.Logger.getLogger": "java.util.logging.Logger",
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
        # Methods of text.
        **dict.fromkeys(("trim", "strip", "stripLeading", "stripTrailing", "substring", "intern"), "String"),
        **dict.fromkeys(("toLowerCase", "toUpperCase", "replaceAll", "replaceFirst", "concat"), "String"),
        **dict.fromkeys(("indent", "repeat", "formatted", "translateEscapes"), "String"),
        "split": "String[]",
    },
    library=LIBRARY,
    prelude=frozenset({("java", "lang")}),
    makes=MAKES,
    effects=EFFECTS,
    makers=makers(MAKES, "."),
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
