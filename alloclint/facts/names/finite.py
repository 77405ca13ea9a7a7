"""
Types that have few values: as a key of a map they bound it, whatever the code around does.

A truth value, an enum, a literal, and what a program declares rather than computes: classes, functions,
modules, locales, character sets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.types import Types

_FEW = {
    "java": {
        "Class", "Boolean", "boolean", "Byte", "byte", "Character", "char", "Short", "short", "Enum",
        "Locale", "Charset", "TimeZone", "ZoneId", "Currency", "Method", "Field", "Constructor", "Type",
        "ParameterizedType", "TypeToken", "JavaType", "TypeReference", "Module", "Package", "ClassLoader",
        "TimeUnit", "ChronoUnit", "DayOfWeek", "Month", "ByteOrder", "RoundingMode",
    },
    "rust": {"bool", "u8", "i8", "TypeId", "Ordering", "Level"},
    "python": {
        "bool", "type", "Type", "Literal", "ModuleType", "CodeType", "FunctionType", "MethodType", "Callable",
        "None",
    },
}  # fmt: skip
#: Types with few values where what they hold has few.
_OF_FEW = {
    "Tuple", "tuple", "Pair", "Entry", "Optional", "Union", "Option", "EnumSet", "ImmutableSet", "Set",
    "frozenset", "FrozenSet",
}  # fmt: skip
_ENUMS = {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"}
#: What variables of few values are called by custom: classes, functions and modules, and what a deployment
#: consists of.
_NAMED = {
    "cls", "klass", "typ", "class", "clazz", "type", "kind", "how", "mode", "style", "level", "func", "fn",
    "fun", "function", "callable", "module", "mod", "mods", "package", "model", "mapper", "dtype",
    "encoding", "charset", "codec", "locale", "lang", "language", "country", "timezone", "tz", "currency",
    "unit", "namespace", "prefix", "urlconf", "backend", "engine", "driver", "dialect", "alias", "using",
    "database", "db", "platform", "arch", "executable", "interpreter", "environment", "env", "region",
    "schema", "theme", "extension", "plugin", "setting", "settings", "config", "app", "version", "fmt",
    "format", "protocol", "scheme", "algorithm",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def has_few_values(type_: m.Type | None, types: Types) -> bool:
    """Whether a type is known to have few values: a union or tuple of such types counts."""
    type_ = types.plain(type_)
    if type_ is None:
        return False
    if type_.kind in ("union", "tuple"):
        return bool(type_.args) and all(has_few_values(one, types) for one in type_.args)
    if type_.last in _OF_FEW and type_.args:
        return all(has_few_values(one, types) for one in type_.args)
    if type_.last in _FEW[types.language.name] and type_.last not in types.declared:
        return True
    return is_enum(types.declaration(type_), types)


def is_enum(declared: m.TypeDecl | None, types: Types, depth: int = 0) -> bool:
    """Whether a declared type is an enum, of constants without content."""
    if declared is None or depth > 6:
        return False
    if declared.kind == "enum":
        return types.language.name == "java" or not any(members for _, members in declared.variants)
    if types.language.name != "python":
        return False
    bases = declared.bases
    return any(base.last in _ENUMS or is_enum(types.declaration(base), types, depth + 1) for base in bases)


def means_few(name: str) -> bool:
    """Whether a variable is by custom one of few: by its last word, `name`, `code`, `id` and `path` apart."""
    words = [word.lower() for word in _WORD.findall(name)]
    if len(words) > 1 and words[-1] in ("name", "code", "id", "path"):
        words.pop()
    return bool(words) and words[-1] in _NAMED
