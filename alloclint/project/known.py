"""
What `known.toml` says: versions, keys and names of files that age, read once, with types.

Nothing here looks at a repository. Versions are triples of numbers, so that they compare.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Version = tuple[int, int, int]
State = Literal["maintained", "dormant", "abandoned"]
Allocator = Literal["jemalloc", "tcmalloc", "mimalloc"]

_FILE = Path(__file__).with_name("known.toml")


@cache
def tables() -> Mapping[str, Any]:
    """The file as it is; the functions below give it types."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def table(*keys: str) -> Any:
    """The value under nested keys; a key that is not there is a mistake in the table, and raises."""
    value: Any = tables()
    for key in keys:
        value = value[key]
    return value


def covering(allocator: str | None) -> tuple[str, ...]:
    """
    The features with which an allocator's crate serves `malloc`, too, and so C and C++: the usual one first.
    """
    keys = {"jemalloc": "unprefixing", "mimalloc": "overriding"}
    return tuple(table(allocator, keys[allocator])) if allocator in keys else ()


def version(text: str) -> Version:
    """`1.2`, `0.7.1+5.3.1` or `0.3.0-beta.1` as (major, minor, patch): what is missing is 0."""
    numbers = [int(number) for number in re.findall(r"\d+", re.split(r"[-+]", text)[0])[:3]]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


@dataclass(frozen=True, slots=True)
class Features:
    """What changed in the features of a crate with a version."""

    since: Version
    added: frozenset[str]
    removed: frozenset[str]


@dataclass(frozen=True, slots=True)
class AllocatorCrate:
    """
    A crate that is an allocator (`registers` is the type to make a static of), the C library behind one
    (`is_sys`), or a way to ask or steer it (`is_control`). `is_global` ones register themselves when linked,
    `is_debugging` ones count or trace. `requirement` is what to write in a manifest today.
    """

    name: str
    allocator: str
    state: State
    latest: Version | None
    requirement: str | None
    rust: Version | None
    successor: str | None
    sys: str | None
    links: str | None
    registers: str | None
    advisory: str | None
    is_sys: bool
    is_control: bool
    is_global: bool
    is_debugging: bool
    default: frozenset[str]
    changes: tuple[Features, ...]

    def features(self, at: Version | None = None) -> frozenset[str]:
        """The features of a version, or of any version; empty where they are not known."""
        found: set[str] = set()
        for change in self.changes:
            if at is None:
                found |= change.added
            elif change.since <= at:
                found = (found - change.removed) | change.added
        return frozenset(found)


@cache
def allocator_crates() -> Mapping[str, AllocatorCrate]:
    """The crates that are about allocators, by their real name."""
    crates = tables()["crates"]
    return {name: _crate(name, entry) for name, entry in crates.items() if isinstance(entry, dict)}


def _crate(name: str, entry: Mapping[str, Any]) -> AllocatorCrate:
    latest, rust = entry.get("latest"), entry.get("rust")
    return AllocatorCrate(
        name=name,
        allocator=entry["allocator"],
        state=entry["state"],
        latest=version(latest) if latest else None,
        requirement=entry.get("requirement"),
        rust=version(rust) if rust else None,
        successor=entry.get("successor"),
        sys=entry.get("sys"),
        links=entry.get("links"),
        registers=entry.get("registers"),
        advisory=entry.get("advisory"),
        is_sys=entry.get("is_sys", False),
        is_control=entry.get("is_control", False),
        is_global=entry.get("is_global", False),
        is_debugging=entry.get("is_debugging", False),
        default=frozenset(entry.get("default", ())),
        changes=tuple(_features(change) for change in entry.get("features", ())),
    )


def _features(change: Mapping[str, Any]) -> Features:
    return Features(
        version(change["since"]), frozenset(change.get("added", ())), frozenset(change.get("removed", ()))
    )


def jemalloc_of(crate: str, at: Version) -> Version | None:
    """The version of jemalloc that a version of a `-sys` crate builds, or None."""
    entry = tables()["crates"].get(crate)
    found = None
    for step in entry.get("c_versions", ()) if isinstance(entry, dict) else ():
        if version(step["since"]) <= at:
            found = version(step["version"])
    return found


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key of `MALLOC_CONF`: what it takes, from which version of jemalloc to which, and what the build must
    have (`needs`). `words` are taken besides numbers; `partly` says that a beginning of one is enough.
    """

    name: str
    kind: Literal["bool", "unsigned", "signed", "words", "ratio", "ranges", "text"]
    words: tuple[str, ...]
    partly: bool
    least: int | None
    most: int | None
    since: Version
    until: Version
    needs: str | None

    def exists(self, at: Version) -> bool:
        """Whether a version of jemalloc has it, if built so."""
        return self.since <= at <= self.until


_NEVER: Version = (999, 0, 0)


@cache
def jemalloc_keys() -> Mapping[str, Key]:
    """Every key of the versions that were read, by name."""
    return {name: _key(name, entry) for name, entry in tables()["jemalloc"]["keys"].items()}


def _key(name: str, entry: Mapping[str, Any]) -> Key:
    return Key(
        name=name,
        kind=entry["kind"],
        words=tuple(entry.get("words", ())),
        partly=entry.get("partly", False),
        least=entry.get("min"),
        most=entry.get("max"),
        since=version(entry.get("since", "0")),
        until=version(entry["until"]) if "until" in entry else _NEVER,
        needs=entry.get("needs"),
    )


@dataclass(frozen=True, slots=True)
class NativeCrate:
    """A Rust crate with C or C++ that allocates by malloc; `jemalloc` is the feature that hands it over."""

    name: str
    what: str
    jemalloc: str | None


@cache
def native_crates() -> Mapping[str, NativeCrate]:
    """Crates that bring native code with much memory, by their real name."""
    crates = tables()["native"]["crates"]
    return {name: NativeCrate(name, entry["what"], entry.get("jemalloc")) for name, entry in crates.items()}


@dataclass(frozen=True, slots=True)
class JvmLibrary:
    """
    A Java library that loads native code. `heavy` ones keep much memory outside of the heap. `musl` is the
    first version with a library for musl, by architecture; empty where none is known. `needs_on_musl` are
    packages of Alpine that it needs there.
    """

    group: str
    name: str
    what: str
    heavy: bool
    brings: str | None
    musl: Mapping[str, Version]
    needs_on_musl: tuple[str, ...]


@cache
def jvm_libraries() -> Mapping[tuple[str, str], JvmLibrary]:
    """Java libraries with native code, by group and name."""
    return {(one.group, one.name): one for one in map(_library, tables()["jvm"]["libraries"])}


def _library(entry: Mapping[str, Any]) -> JvmLibrary:
    group, _, name = entry["artifact"].partition(":")
    # Maven's `1.3.4-9` is a release of its own, but no rule asks that finely.
    musl = {arch: version(since) for arch, since in entry.get("musl", {}).items()}
    needs = tuple(entry.get("needs_on_musl", ()))
    return JvmLibrary(group, name, entry["what"], entry.get("heavy", False), entry.get("brings"), musl, needs)


@dataclass(frozen=True, slots=True)
class LibraryPackage:
    """
    A package of a distribution that puts an allocator's library somewhere. `paths` may hold `{multiarch}`;
    `brings` are packages it pulls in; `verified` says that the package was opened to see them.
    """

    family: str
    package: str
    allocator: Allocator
    paths: tuple[str, ...]
    brings: tuple[str, ...]
    verified: bool

    def files(self, arch: str = "x86_64") -> tuple[str, ...]:
        """The paths on an architecture (`x86_64`, `aarch64`)."""
        return tuple(path.replace("{multiarch}", f"{arch}-linux-gnu") for path in self.paths)


@cache
def library_packages() -> tuple[LibraryPackage, ...]:
    """Packages with allocators, of every family."""
    return tuple(
        LibraryPackage(
            entry["family"],
            entry["package"],
            entry["allocator"],
            tuple(entry["paths"]),
            tuple(entry.get("brings", ())),
            entry.get("verified", False),
        )
        for entry in tables()["libraries"]["packages"]
    )


@dataclass(frozen=True, slots=True)
class GoneFlag:
    """A HotSpot flag that a release refuses to start with, and what came for it."""

    name: str
    gone: int
    instead: str | None


@cache
def gone_flags() -> Mapping[str, GoneFlag]:
    """Flags of older JVMs, by name."""
    flags = tables()["jvm"]["flags"]
    return {name: GoneFlag(name, entry["gone"], entry.get("instead")) for name, entry in flags.items()}
