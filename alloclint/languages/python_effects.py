"""Python: what well-known functions and methods do, beside returning something."""

from __future__ import annotations

from alloclint.languages.vocabulary import Effect

_NONE = Effect()
_SCANS = Effect(cost="linear")
_TEXT = Effect("a str", cost="linear")
_LIST = Effect("a list", cost="linear")
_COMPILED = Effect("a compiled pattern", cost="heavy")


def _functions(owner: str, effect: Effect, *names: str) -> dict[str, Effect]:
    return {f"{owner}.{name}": effect for name in names}


EFFECTS: dict[str, Effect] = {
    **_functions(
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
    **_functions("builtins", _TEXT, "str", "repr", "format", "ascii", "hex", "oct", "bin", "chr"),
    **_functions("builtins", _NONE, "int", "float", "round", "min", "max", "sum", "any", "all"),
    **_functions("builtins", _LIST, "list", "tuple", "sorted"),
    **_functions("builtins", Effect("a set", cost="linear"), "set", "frozenset"),
    **_functions("builtins", Effect("a dict", cost="linear"), "dict"),
    **_functions("builtins", Effect("a copy", cost="linear"), "bytes", "bytearray"),
    **_functions("re", _COMPILED, "compile"),
    **_functions("re", Effect("a match", cost="linear"), "match", "search", "fullmatch"),
    **_functions("re", _TEXT, "sub", "subn", "escape"),
    **_functions("re", _LIST, "split", "findall"),
    **_functions("copy", Effect("a copy", cost="linear"), "copy"),
    **_functions("copy", Effect("a copy of everything inside", cost="heavy"), "deepcopy"),
    **_functions("json", Effect("a str", cost="heavy"), "dumps"),
    **_functions("json", Effect("everything inside", cost="heavy"), "loads"),
    **_functions("decimal", Effect("a Decimal"), "Decimal"),
    **_functions("os.path", _TEXT, "join", "basename", "dirname", "splitext", "normpath", "abspath"),
    **_functions(
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
    **_functions("str", _LIST, "split", "rsplit", "splitlines", "partition", "rpartition"),
    **_functions("str", Effect("bytes", cost="linear"), "encode"),
    **_functions("bytes", _TEXT, "decode"),
    **_functions(
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
    **_functions("dict", _NONE, "keys", "values", "items", "get"),
    **_functions("list", _SCANS, "index", "count"),
    **_functions("list", _LIST, "copy"),
    **_functions("dict", Effect("a dict", cost="linear"), "copy"),
}
