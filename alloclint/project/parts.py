"""
From one file to its part of the repository: a cheap look at its words, then the reader of its kind.

Readers are loaded when the first file of their kind is read: a run over Python sources needs none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from alloclint.finding import Place
from alloclint.project.kinds import Kind, kind_of
from alloclint.project.token import Source

if TYPE_CHECKING:
    from alloclint.file import File

#: The modules whose `read(source)` knows a kind. A kind without a reader is no manifest to anybody.
_READERS: dict[Kind, str] = {
    "cargo": "cargo.manifest",
    "cargo-lock": "cargo.lock",
    "cargo-config": "cargo.config",
    "cross": "runtime.build_targets",
    "dockerfile": "image.dockerfile",
    "compose": "runtime.compose",
    "kubernetes": "runtime.kubernetes",
    "workflow": "runtime.workflow",
    "systemd": "runtime.systemd",
    "shell": "runtime.shell",
    "env": "runtime.dotenv",
    "make": "runtime.build_targets",
    "options": "runtime.options",
    "maven": "jvm.maven",
    "gradle": "jvm.gradle",
    "gradle-catalog": "jvm.catalog",
    "pyproject": "python.builds",
}

#: What settings of allocators and runtimes are written with, wherever they are set.
_SETTING = (
    rb"[Mm][Aa][Ll][Ll][Oo][Cc]|LD_PRELOAD|GLIBC|JAVA|JVM|JDK|CATALINA|-X[mXs]|\bjava\b|PYTHON|gunicorn|celery"
    rb"|RAMPercentage"
)
#: What tells for which platforms something is built.
_PLATFORM = rb"musl|aarch64|arm|windows|macos|darwin|platform|target-cpu|LG_PAGE"
#: A file of these kinds in which none of the words stands says nothing that a rule could use.
_WORDS: dict[Kind, re.Pattern[bytes]] = {
    "cargo-lock": re.compile(rb"malloc|dhat|wee_alloc|stats_alloc|rocksdb"),
    "cargo-config": re.compile(rb"(?i)malloc|target|rustflags"),
    "compose": re.compile(_SETTING + rb"|^\s*build\s*:", re.MULTILINE),
    "kubernetes": re.compile(_SETTING),
    "workflow": re.compile(_SETTING + b"|" + _PLATFORM + rb"|cargo|docker"),
    "systemd": re.compile(_SETTING + rb"|Environment"),
    "shell": re.compile(_SETTING + b"|" + _PLATFORM + rb"|\bexec\b"),
    "env": re.compile(_SETTING),
    "make": re.compile(_SETTING + b"|" + _PLATFORM),
    "pyproject": re.compile(rb"maturin|setuptools[-_]rust"),
}
#: A container that says nothing of its allocator has limits that those of its image are compared with.
_IMAGE = re.compile(rb"^\s*(?:-\s+)?[\"']?image[\"']?\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """
    What one file contributes to a repository. `value` is what the reader of its kind returns; the `damage`
    are the stretches that it could not read, with the reasons as their texts. `rust` and `python` are the
    kinds of sources.
    """

    path: str
    kind: Kind | str
    value: object
    damage: tuple[Place, ...] = ()


def is_manifest(path: str) -> bool:
    """Whether a file with this path, with slashes, is a manifest of which anything can be made."""
    return kind_of(path) in _READERS


def is_wanted(kind: Kind, source: bytes) -> bool:
    """Whether a manifest may hold anything that a rule could use, going by its words alone."""
    words = _WORDS.get(kind)
    if words is None or words.search(source) is not None:
        return True
    return kind in ("compose", "kubernetes") and b"limits" in source and _IMAGE.search(source) is not None


def read(kind: Kind, source: Source) -> Part:
    """A manifest's part; whatever its reader raises comes through."""
    value = _reader(_READERS[kind])(source)
    return Part(source.path, kind, value, tuple(source.damage))


def read_source(file: File) -> Part | None:
    """What a source file says for the rules over manifests, where it says anything."""
    if file.language.name == "rust":
        return read_rust(file)
    return read_python(file) if file.language.name == "python" else None


def read_python(file: File) -> Part | None:
    """What a Python source says of forks and what is frozen before them, where it says anything."""
    from alloclint.project.python import forking

    return Part(file.path, "python", forking.read(file)) if forking.is_wanted(file.source) else None


def read_rust(file: File) -> Part | None:
    """What a Rust source says of allocators, where it says anything."""
    from alloclint.project.rust import allocators

    if not allocators.is_wanted(file.path, file.source):
        return None
    return Part(file.path, "rust", allocators.read(file))


def _reader(module: str) -> Callable[[Source], object]:
    found = import_module(f"alloclint.project.{module}")
    return cast(Callable[[Source], object], found.read)
