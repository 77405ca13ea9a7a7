"""Functions and methods that are given a regular expression as text, in the three languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What is given a pattern: which argument that is, and which one holds the flags.

    `compiles` tells that it returns the compiled pattern; anything else compiles it, uses it and throws it
    away. `literal` patterns stand for their own text. `cached` ones are looked up in a cache of the library
    before anything is compiled.
    """

    pattern: int = 0
    flags: int | None = None
    compiles: bool = False
    literal: bool = False
    cached: bool = False
    #: what the text is called where it is no regular expression
    what: str = "pattern"


_STRING = "java.lang.String"
_LANG3 = "org.apache.commons.lang3"
#: Static methods of Commons Lang whose second argument is a pattern: what is searched comes first.
_REPLACING = (
    "replaceAll", "replaceFirst", "replacePattern", "removeAll", "removeFirst", "removePattern",
)  # fmt: skip

_JAVA = {
    "java.util.regex.Pattern.compile": Entry(flags=1, compiles=True),
    "com.google.re2j.Pattern.compile": Entry(flags=1, compiles=True),
    "java.util.regex.Pattern.matches": Entry(),
    **{
        f"{_STRING}.{name}": Entry()
        for name in ("matches", "replaceAll", "replaceFirst", "split", "splitWithDelimiters")
    },
    f"{_STRING}.replace": Entry(literal=True),
    "java.util.Scanner.useDelimiter": Entry(),
    "java.nio.file.FileSystem.getPathMatcher": Entry(compiles=True, what="glob"),
    **{f"{_LANG3}.RegExUtils.{name}": Entry(1) for name in _REPLACING},
    **{f"{_LANG3}.StringUtils.{name}": Entry(1) for name in _REPLACING},
}

_PYTHON = {
    f"{module}.{name}": Entry(flags=flags, compiles=name == "compile", cached=True)
    for module in ("re", "regex")
    for name, flags in (
        ("compile", 1),
        ("search", 2),
        ("match", 2),
        ("fullmatch", 2),
        ("findall", 2),
        ("finditer", 2),
        ("split", 3),
        ("sub", 4),
        ("subn", 4),
    )
}

#: Modules of Rust libraries, and the types in them that compile what they are given.
_RUST_MODULES = {
    "regex": ("Regex", "RegexSet", "RegexBuilder", "RegexSetBuilder"),
    "regex::bytes": ("Regex", "RegexSet", "RegexBuilder", "RegexSetBuilder"),
    "fancy_regex": ("Regex", "RegexBuilder"),
    "regex_lite": ("Regex", "RegexBuilder"),
    "regex_automata::meta": ("Regex",),
    "regex_automata::dfa::regex": ("Regex",),
    "regex_automata::hybrid::regex": ("Regex",),
    "pcre2::bytes": ("Regex",),
    "onig": ("Regex",),
}
_RUST = {
    f"{module}::{kind}::new": Entry(compiles=True)
    for module, kinds in _RUST_MODULES.items()
    for kind in kinds
}

#: language -> full path of a function, or type and method -> what it does with its pattern
ENTRIES: Mapping[str, Mapping[str, Entry]] = {"rust": _RUST, "java": _JAVA, "python": _PYTHON}

#: language -> the last segments of all of them
NAMES: Mapping[str, frozenset[str]] = {
    "rust": frozenset({"new"}),
    "java": frozenset(path.rsplit(".", 1)[-1] for path in _JAVA),
    "python": frozenset(path.rsplit(".", 1)[-1] for path in _PYTHON),
}

#: language -> the words without which a function compiles nothing by calling one that says so
COMPILING = {
    "rust": ("Regex::new", "RegexSet::new", "RegexBuilder::new", "RegexSetBuilder::new"),
    "java": ("compile", "getPathMatcher"),
    "python": ("compile",),
}
#: language -> the words without which a function is given no pattern to use at once
USING = {
    "java": (
        "matches", "replace", "replaceAll", "replaceFirst", "split", "splitWithDelimiters", "useDelimiter",
        "replacePattern", "removeAll", "removeFirst", "removePattern",
    ),
    "python": tuple(
        f"{module}.{name}("
        for module in ("re", "regex")
        for name in ("search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn")
    ),
}  # fmt: skip

#: Methods of a builder after which the pattern is compiled.
BUILDS = frozenset({"build", "build_many"})

#: language -> functions that turn a text into a pattern for just that text
QUOTING = {
    "rust": frozenset({"regex::escape", "regex::bytes::escape", "fancy_regex::escape", "regex_lite::escape"}),
    "java": frozenset({"java.util.regex.Pattern.quote", "com.google.re2j.Pattern.quote"}),
    "python": frozenset({"re.escape", "regex.escape"}),
}
