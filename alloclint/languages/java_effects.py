"""Java: what well-known methods and constructors do, beside returning something."""

from __future__ import annotations

from alloclint.languages.vocabulary import Effect

_NONE = Effect()
_SCANS = Effect(cost="linear")
_TEXT = Effect("a String", cost="linear")
_BOXED = Effect("a boxed number", cost="constant")
_FORMATTED = Effect("a formatter and a String", cost="heavy")
_COMPILED = Effect("a compiled Pattern", cost="heavy")


def _methods(owner: str, effect: Effect, *names: str) -> dict[str, Effect]:
    return {f"{owner}.{name}": effect for name in names}


_STRING = "java.lang.String"
_BOXES = ("Integer", "Long", "Short", "Byte", "Character", "Double", "Float", "Boolean")

EFFECTS: dict[str, Effect] = {
    **_methods(
        _STRING,
        _NONE,
        "length",
        "charAt",
        "isEmpty",
        "codePointAt",
        "hashCode",
    ),
    **_methods(
        _STRING,
        _SCANS,
        "equals",
        "equalsIgnoreCase",
        "startsWith",
        "endsWith",
        "contains",
        "indexOf",
        "lastIndexOf",
        "compareTo",
        "compareToIgnoreCase",
        "contentEquals",
        "regionMatches",
        "isBlank",
    ),
    **_methods(
        _STRING,
        _TEXT,
        "substring",
        "trim",
        "strip",
        "stripLeading",
        "stripTrailing",
        "toLowerCase",
        "toUpperCase",
        "replace",
        "concat",
        "repeat",
        "valueOf",
        "join",
        "copyValueOf",
        "indent",
        "subSequence",
    ),
    **_methods(_STRING, _FORMATTED, "format", "formatted"),
    **_methods(
        _STRING, Effect("a compiled Pattern and a String", cost="heavy"), "replaceAll", "replaceFirst"
    ),
    **_methods(_STRING, Effect("a compiled Pattern", cost="heavy"), "matches"),
    **_methods(_STRING, Effect("an array of parts", cost="linear"), "split", "toCharArray", "getBytes"),
    **_methods(_STRING, Effect("a stream", cost="linear"), "chars", "lines"),
    "java.util.regex.Pattern.compile": _COMPILED,
    "java.util.regex.Pattern.matches": _COMPILED,
    "java.util.regex.Pattern.quote": _TEXT,
    "java.util.regex.Pattern.matcher": Effect("a Matcher"),
    **{f"java.lang.{box}.valueOf": _BOXED for box in _BOXES},
    **{f"java.lang.{box}.toString": _TEXT for box in _BOXES},
    **{
        f"java.lang.{box}.{name}": _SCANS
        for box in _BOXES
        for name in ("parseInt", "parseLong", "parseDouble", "compare", "hashCode")
    },
    **_methods(
        "java.lang.Math", _NONE, "max", "min", "abs", "ceil", "floor", "round", "sqrt", "pow", "signum"
    ),
    **_methods("java.util.Objects", _NONE, "equals", "isNull", "nonNull", "requireNonNullElse"),
    **_methods("java.util.Objects", Effect("an array of arguments"), "hash"),
    **_methods("java.util.Arrays", Effect("an array", cost="linear"), "copyOf", "copyOfRange"),
    **_methods("java.util.Arrays", _TEXT, "toString", "deepToString"),
    **_methods("java.util.Arrays", Effect("a list"), "asList"),
    **_methods("java.util.Collections", _NONE, "emptyList", "emptyMap", "emptySet"),
    **_methods(
        "java.util.Collections",
        Effect("a collection"),
        "singletonList",
        "singleton",
        "singletonMap",
        "nCopies",
    ),
    **_methods(
        "java.util.Collections", Effect("a wrapper"), "unmodifiableList", "unmodifiableSet", "unmodifiableMap"
    ),
    **_methods("java.util.List", Effect("a list"), "of", "copyOf"),
    **_methods("java.util.Set", Effect("a set"), "of", "copyOf"),
    **_methods("java.util.Map", Effect("a map"), "of", "copyOf", "entry"),
    **_methods("java.util.Optional", Effect("an Optional"), "of", "ofNullable"),
    **_methods("java.util.Optional", _NONE, "empty", "isPresent", "isEmpty", "get"),
    "java.util.Locale.getDefault": _NONE,
    **{f"*.{name}": _NONE for name in ("size", "isEmpty", "getClass", "ordinal", "name", "length")},
    # Of all methods of values, only those of text have these names.
    **{f"*.{name}": _TEXT for name in ("toLowerCase", "toUpperCase")},
}
