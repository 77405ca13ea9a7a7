"""
Cold by name: code that a person runs, or that runs at a start, a stop, a login or a migration, going by what
the function, the types around it, or the file and its folder are called.

Whole words count, never parts of them, and a name only ever lowers: what is marked hot, or runs by contract
for each request or record, has been answered before anybody asks here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.names.words import words_of
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File

_BY_PERSON, _AT_START, _CONFIGURED, _BUILT, _INSPECTED = (
    "run by a person",
    "part of a start or a stop",
    "about what is configured",
    "part of a build",
    "for a person who looks for a fault",
)
#: Words of types, wherever they stand.
_TYPES = {
    **dict.fromkeys(("console", "cli", "tool", "tools", "admin", "nodetool", "demo", "wizard"), _BY_PERSON),
    **dict.fromkeys(
        (
            "startup", "bootstrap", "bootstrapper", "bootstrapping", "shutdown", "connectivity",
            "installer", "installation", "launcher", "migrations", "migrator", "purge",
            "upgrader", "discovery", "initializer", "initialiser", "setup",
        ),
        _AT_START,
    ),
    **dict.fromkeys(("mojo", "mojos", "gradle"), _BUILT),
    **dict.fromkeys(("debug", "debugging", "debugger"), _INSPECTED),
}  # fmt: skip
#: Words with which the name of a type ends whose constructors run once for each thing that is set up.
_CONFIGURATION = {
    "config",
    "configuration",
    "conf",
    "settings",
    "options",
    "prefs",
    "preferences",
    "flags",
    "spec",
    "properties",
}
#: What comes behind such a word in the name of what reads, checks or changes it, all of which is rare.
_OF_CONFIGURATION = {
    "loader", "reader", "parser", "builder", "factory", "resolver", "validator", "writer", "redactor",
    "helper", "provider", "manager", "source", "utils", "util", "handler", "converter", "factories",
}  # fmt: skip
#: First words of functions.
_FUNCTIONS = {
    **dict.fromkeys(
        (
            "init", "initialize", "initialise", "setup", "bootstrap", "startup", "shutdown", "install",
            "uninstall", "purge", "migrate", "upgrade", "login", "logout", "discover", "autodetect",
            "preload", "teardown",
        ),
        _AT_START,
    ),
    **dict.fromkeys(("demo", "debug"), _INSPECTED),
}  # fmt: skip
#: Words of a function, wherever they stand.
_IN_FUNCTIONS = {
    **dict.fromkeys(("startup", "bootstrap", "shutdown"), _AT_START),
    **dict.fromkeys(("debug", "demo"), _INSPECTED),
}
#: Folders next to the file, and words of the file's own name where the language has modules.
_FOLDERS = {
    **dict.fromkeys(
        (
            "cli", "console", "nodetool", "tool", "tools", "cmd", "demos", "examples",
            "shell", "help", "scripts", "bin",
        ),
        _BY_PERSON,
    ),
    **dict.fromkeys(
        (
            "startup", "bootstrap", "install", "installer", "installation", "setup", "migration",
            "migrations", "migrate", "discovery",
        ),
        _AT_START,
    ),
    "buildtools": _BUILT,
    **dict.fromkeys(("config", "conf", "cfg", "configuration", "settings"), _CONFIGURED),
}  # fmt: skip
#: Names of folders that say less of a file.
_ONLY_FOLDERS = {"shell", "help", "bin", "tool", "tools", "examples", "scripts"}
_FILES = {word: why for word, why in _FOLDERS.items() if word not in _ONLY_FOLDERS}
_NEAREST = 2


def cold_by_name(declaration: m.Function, file: File) -> str | None:
    """Why a function runs for a person or at a start, going by a name; None where no name says so."""
    name = declaration.name
    reason = _of_function(name) if name.isidentifier() and not name.startswith("__") else None
    if reason is not None:
        return f"`{name}`: {reason}"
    for owner in _types_around(declaration, file):
        reason = _of_type(owner, is_constructor=name in (owner, "<init>", "__init__", "new"))
        if reason is not None:
            return f"`{owner}`: {reason}"
    return _of_path(file)


def _of_function(name: str) -> str | None:
    words = words_of(name)
    first = _FUNCTIONS.get(words[0]) if words else None
    return first or next((_IN_FUNCTIONS[word] for word in words if word in _IN_FUNCTIONS), None)


def _types_around(declaration: m.Function, file: File) -> Iterator[str]:
    """The names of the types around a function, the nearest first."""
    if declaration.owner_type is not None and declaration.owner is None:
        yield declaration.owner_type.last
    for owner in file.facts.types.around(declaration.owner):
        yield owner.name


def _of_type(name: str, *, is_constructor: bool) -> str | None:
    words = words_of(name)
    if not words:
        return None
    found = next((_TYPES[word] for word in words if word in _TYPES), None)
    if found is not None:
        return found
    is_helper = len(words) > 1 and words[-1] in _OF_CONFIGURATION and words[-2] in _CONFIGURATION
    is_made = is_constructor and words[-1] in _CONFIGURATION
    return _CONFIGURED if is_made or is_helper else None


def _of_path(file: File) -> str | None:
    *folders, last = file.path.split("/")
    for folder in folders[: -_NEAREST - 1 : -1]:
        if folder.lower() in _FOLDERS:
            return f"`{folder}/`: {_FOLDERS[folder.lower()]}"
    stem = last.rsplit(".", 1)[0]
    words = words_of(stem) if file.language.name != "java" else []
    reason = next((_FILES[word] for word in words if word in _FILES), None)
    return f"`{last}`: {reason}" if reason is not None else None
