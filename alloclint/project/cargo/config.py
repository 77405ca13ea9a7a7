"""`.cargo/config.toml`: the environment, targets, flags and linkers that Cargo adds to builds below it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from alloclint.project import toml
from alloclint.project.token import Source, Token


@dataclass(frozen=True, slots=True)
class Variable:
    """An entry of `[env]`. `force` says that it replaces what the environment has."""

    name: Token
    value: Token
    force: bool = False


@dataclass(frozen=True, slots=True)
class Flags:
    """`rustflags` of `[build]` (`target` is None) or of one target, a triple or `cfg(…)`: word by word."""

    target: str | None
    words: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Linker:
    """The `linker` of one target."""

    target: str
    program: Token


@dataclass(frozen=True, slots=True)
class CargoConfig:
    """
    A `.cargo/config.toml`. `folder` is the one that it holds for, with all below: the parent of `.cargo`.
    `build_targets` are those of `build.target`.
    """

    path: str
    folder: str
    env: tuple[Variable, ...] = ()
    build_targets: tuple[Token, ...] = ()
    rustflags: tuple[Flags, ...] = ()
    linkers: tuple[Linker, ...] = ()


def read(source: Source) -> CargoConfig:
    """A `.cargo/config.toml`; what is damaged in it is taken down in `source.damage`, and left out."""
    table = toml.read(source)
    return CargoConfig(
        source.path,
        posixpath.dirname(posixpath.dirname(source.path)),
        tuple(_environment(table)),
        _words(source, table.get("build", "target")),
        tuple(_flags(source, table)),
        tuple(_linkers(table)),
    )


def _environment(table: toml.Table) -> Iterator[Variable]:
    for _, entry in table.walk("env"):
        value = entry.value
        if isinstance(value, toml.Scalar) and value.kind == "string":
            yield Variable(entry.key, value.token)
        elif isinstance(value, toml.Table) and (stated := value.string("value")) is not None:
            yield Variable(entry.key, stated, value.flag("force") is True)


def _flags(source: Source, table: toml.Table) -> Iterator[Flags]:
    words = _words(source, table.get("build", "rustflags"))
    if words:
        yield Flags(None, words)
    for target, entry in table.walk("target"):
        words = _words(source, entry.value.get("rustflags")) if isinstance(entry.value, toml.Table) else ()
        if words:
            yield Flags(target, words)


def _linkers(table: toml.Table) -> Iterator[Linker]:
    for target, _ in table.walk("target"):
        program = table.string("target", target, "linker")
        if program is not None:
            yield Linker(target, program)


def _words(source: Source, value: toml.Value | None) -> tuple[Token, ...]:
    """The words of a list, or of one string with blanks between them."""
    if isinstance(value, toml.Array):
        return tuple(
            one.token for one in value.items if isinstance(one, toml.Scalar) and one.kind == "string"
        )
    if not isinstance(value, toml.Scalar) or value.kind != "string":
        return ()
    return tuple(source.token(value.start, value.end, word) for word in value.text.split())
