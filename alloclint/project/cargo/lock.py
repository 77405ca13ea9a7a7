"""Cargo.lock: which version of each crate is built."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from alloclint.finding import Place
from alloclint.project.token import Source


@dataclass(frozen=True, slots=True)
class Locked:
    """One `[[package]]` of a lock. `version` is (major, minor, patch); `dependencies` are crate names."""

    name: str
    version: tuple[int, int, int]
    place: Place
    source: str | None = None
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A Cargo.lock."""

    path: str
    folder: str
    packages: tuple[Locked, ...]

    def of(self, name: str) -> tuple[Locked, ...]:
        """Every locked version of a crate, oldest first."""
        return tuple(sorted((one for one in self.packages if one.name == name), key=lambda one: one.version))


_BLOCK = re.compile(rb"^\[\[?(\w+)[\].]", re.MULTILINE)
_STRING = re.compile(rb'^(name|version|source)\s*=\s*"([^"\n]*)"', re.MULTILINE)
_DEPENDENCIES = re.compile(rb"^dependencies\s*=\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
_NAMES = re.compile(rb'"([^"\s]+)[^"]*"')
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def read(source: Source) -> Lock:
    """
    A Cargo.lock of any version. Cargo writes them all in one layout, so that a search finds what is in it; an
    entry without a name or a version, as a conflict of two branches leaves it, is taken down as damage.
    """
    content = source.content
    heads = list(_BLOCK.finditer(content))
    ends = [head.start() for head in heads[1:]] + [len(content)]
    packages = []
    for head, end in zip(heads, ends, strict=False):
        if head[1] in (b"package", b"root"):
            one = _locked(source, head.start(), end)
            if one is not None:
                packages.append(one)
    return Lock(source.path, posixpath.dirname(source.path), tuple(packages))


def _locked(source: Source, start: int, end: int) -> Locked | None:
    block = source.content[start:end]
    stated = {key: value.decode("utf-8", "replace") for key, value in _STRING.findall(block)}
    version = _VERSION.match(stated.get(b"version", ""))
    stop = start + len(block.rstrip())
    if version is None or b"name" not in stated:
        source.damaged(start, stop, "this entry has no name or no version")
        return None
    listed = _DEPENDENCIES.search(block)
    names = _NAMES.findall(listed[1]) if listed else []
    return Locked(
        stated[b"name"],
        (int(version[1]), int(version[2]), int(version[3])),
        source.place(start, stop),
        stated.get(b"source"),
        tuple(name.decode("utf-8", "replace") for name in names),
    )
