"""
Whether a key such as `fishdb::index::DocRefIndex.map` means a certain symbol of a certain file.

A key is a suffix of the symbol's full path, at least `Type.field` or `function.local` long. What only the
build knows is not compared: the name of a Rust crate, and folders above the ones that the given path shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_SEPARATOR = re.compile(r"::|\.")
_SEGMENT = re.compile(r"\w+")
_RUST_ROOTS = ("src", "tests", "benches", "examples")


@dataclass(frozen=True, slots=True)
class Symbol:
    """
    Something with a name in a file: a field, static, parameter, local or type.

    `own` are its names inside the file: type and field, function (with its type) and local, or a static.
    `package` is what the file itself says (Java); `path` is relative, with `/`.
    """

    path: str
    language: str
    own: tuple[str, ...]
    package: tuple[str, ...] = ()


def segments(key: str) -> tuple[str, ...] | None:
    """The names of a key, or None where it is not made of names."""
    names = tuple(_SEPARATOR.split(key.strip()))
    return names if all(_SEGMENT.fullmatch(name) for name in names) else None


def matches(key: tuple[str, ...], symbol: Symbol) -> bool:
    """Whether the key's names lead to the symbol, as far as the file and its path can tell."""
    if not symbol.own or len(key) < min(2, len(symbol.own)):
        return False
    around, complete = _surroundings(symbol)
    full = (*around, *symbol.own)
    if len(key) <= len(full):
        return full[len(full) - len(key) :] == key or _is_crate_root(key, full, symbol)
    beyond = len(key) - len(full)
    if key[beyond:] != full:
        return False
    return not complete or (symbol.language == "rust" and beyond == 1)


def _is_crate_root(key: tuple[str, ...], full: tuple[str, ...], symbol: Symbol) -> bool:
    """Outside `src` a Rust file may be a crate's root: the first name may be the crate's."""
    outside = symbol.language == "rust" and "src" not in PurePosixPath(symbol.path).parts
    names = len(key) - 1
    return outside and names > len(symbol.own) and full[len(full) - names :] == key[1:]


def _surroundings(symbol: Symbol) -> tuple[tuple[str, ...], bool]:
    """The names around the file's own ones, and whether nothing but a crate's name can stand before them."""
    if symbol.language == "java":
        return symbol.package, True
    path = PurePosixPath(symbol.path)
    folders = tuple(part for part in path.parts[:-1] if part not in ("/", ".", ".."))
    stem = path.name.partition(".")[0]
    if symbol.language == "python":
        return (folders if stem == "__init__" else (*folders, stem)), False
    return _rust_modules(folders, stem)


def _rust_modules(folders: tuple[str, ...], stem: str) -> tuple[tuple[str, ...], bool]:
    roots = [index for index, folder in enumerate(folders) if folder in _RUST_ROOTS]
    inside = folders[roots[-1] + 1 :] if roots else folders
    if inside[:1] == ("bin",) and roots:
        inside = inside[1:]
        return (inside if stem == "main" else (*inside, stem)), True
    modules = inside if stem in ("lib", "main", "mod") else (*inside, stem)
    return tuple(name.replace("-", "_") for name in modules), bool(roots)
