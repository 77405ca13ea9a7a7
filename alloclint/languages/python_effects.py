"""Python: what well-known functions and methods do, beside returning something."""

from __future__ import annotations

from alloclint.languages.vocabulary import Effect, effects

_NONE = Effect()
_SCANS = Effect(cost="linear")
_TEXT = Effect("a str", cost="linear")
_LIST = Effect("a list", cost="linear")
_COMPILED = Effect("a compiled pattern", cost="heavy")


EFFECTS: dict[str, Effect] = {
    **effects(
        "builtins",
        _NONE,
        "len",
        "isinstance",
        "issubclass",
        "id",
        "ord",
        "abs",
        "bool",
        "callable",
        "hash",
        "type",
        "range",
        "enumerate",
        "zip",
        "reversed",
    ),
    **effects("builtins", _TEXT, "str", "repr", "format", "ascii", "hex", "oct", "bin", "chr"),
    **effects("builtins", _NONE, "int", "float", "round", "min", "max", "sum", "any", "all"),
    **effects("builtins", _LIST, "list", "tuple", "sorted"),
    **effects("builtins", Effect("a set", cost="linear"), "set", "frozenset"),
    **effects("builtins", Effect("a dict", cost="linear"), "dict"),
    **effects("builtins", Effect("a copy", cost="linear"), "bytes", "bytearray"),
    **effects("re", _COMPILED, "compile"),
    **effects("re", Effect("a match", cost="linear"), "match", "search", "fullmatch"),
    **effects("re", _TEXT, "sub", "subn", "escape"),
    **effects("re", _LIST, "split", "findall"),
    **effects("copy", Effect("a copy", cost="linear"), "copy"),
    **effects("copy", Effect("a copy of everything inside", cost="heavy"), "deepcopy"),
    **effects("json", Effect("a str", cost="heavy"), "dumps"),
    **effects("json", Effect("everything inside", cost="heavy"), "loads"),
    **effects("decimal", Effect("a Decimal"), "Decimal"),
    **effects("os.path", _TEXT, "join", "basename", "dirname", "splitext", "normpath", "abspath"),
    **effects(
        "str",
        _TEXT,
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "title",
        "capitalize",
        "casefold",
        "join",
        "format",
        "center",
        "ljust",
        "rjust",
        "zfill",
        "translate",
        "removeprefix",
        "removesuffix",
    ),
    **effects("str", _LIST, "split", "rsplit", "splitlines", "partition", "rpartition"),
    **effects("str", Effect("bytes", cost="linear"), "encode"),
    **effects("bytes", _TEXT, "decode"),
    **effects(
        "str",
        _SCANS,
        "startswith",
        "endswith",
        "find",
        "rfind",
        "index",
        "count",
        "isdigit",
        "isalpha",
        "isupper",
        "islower",
        "isspace",
        "isidentifier",
    ),
    **effects("dict", _NONE, "keys", "values", "items", "get"),
    **effects("list", _SCANS, "index", "count"),
    **effects("list", _LIST, "copy"),
    **effects("dict", Effect("a dict", cost="linear"), "copy"),
}
