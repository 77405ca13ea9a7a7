"""Java: what well-known methods and constructors do, beside returning something."""

from __future__ import annotations

from alloclint.languages.vocabulary import Effect, effects

_NONE = Effect()
_SCANS = Effect(cost="linear")
_TEXT = Effect("a String", cost="linear")
_BOXED = Effect("a boxed number", cost="constant")
_FORMATTED = Effect("a formatter and a String", cost="heavy")
_COMPILED = Effect("a compiled Pattern", cost="heavy")


_STRING = "java.lang.String"
_BOXES = ("Integer", "Long", "Short", "Byte", "Character", "Double", "Float", "Boolean")

EFFECTS: dict[str, Effect] = {
    **effects(
        _STRING,
        _NONE,
        "length",
        "charAt",
        "isEmpty",
        "codePointAt",
        "hashCode",
    ),
    **effects(
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
    **effects(
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
    **effects(_STRING, _FORMATTED, "format", "formatted"),
    **effects(_STRING, Effect("a compiled Pattern and a String", cost="heavy"), "replaceAll", "replaceFirst"),
    **effects(_STRING, Effect("a compiled Pattern", cost="heavy"), "matches"),
    **effects(_STRING, Effect("an array of parts", cost="linear"), "split", "toCharArray", "getBytes"),
    **effects(_STRING, Effect("a stream", cost="linear"), "chars", "lines"),
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
    **effects(
        "java.lang.Math", _NONE, "max", "min", "abs", "ceil", "floor", "round", "sqrt", "pow", "signum"
    ),
    **effects("java.util.Objects", _NONE, "equals", "isNull", "nonNull", "requireNonNullElse"),
    **effects("java.util.Objects", Effect("an array of arguments"), "hash"),
    **effects("java.util.Arrays", Effect("an array", cost="linear"), "copyOf", "copyOfRange"),
    **effects("java.util.Arrays", _TEXT, "toString", "deepToString"),
    **effects("java.util.Arrays", Effect("a list"), "asList"),
    **effects("java.util.Collections", _NONE, "emptyList", "emptyMap", "emptySet"),
    **effects(
        "java.util.Collections",
        Effect("a collection"),
        "singletonList",
        "singleton",
        "singletonMap",
        "nCopies",
    ),
    **effects(
        "java.util.Collections", Effect("a wrapper"), "unmodifiableList", "unmodifiableSet", "unmodifiableMap"
    ),
    **effects("java.util.List", Effect("a list"), "of", "copyOf"),
    **effects("java.util.Set", Effect("a set"), "of", "copyOf"),
    **effects("java.util.Map", Effect("a map"), "of", "copyOf", "entry"),
    **effects("java.util.Optional", Effect("an Optional"), "of", "ofNullable"),
    **effects("java.util.Optional", _NONE, "empty", "isPresent", "isEmpty", "get"),
    "java.util.Locale.getDefault": _NONE,
    **{f"*.{name}": _NONE for name in ("size", "isEmpty", "getClass", "ordinal", "name", "length")},
    # Of all methods of values, only those of text have these names.
    **{f"*.{name}": _TEXT for name in ("toLowerCase", "toUpperCase")},
}
