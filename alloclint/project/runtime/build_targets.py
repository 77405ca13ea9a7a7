"""
What a repository is built for: target triples and platforms, wherever its manifests name them.

`read` is for files that only build, as Cross.toml and Makefiles: a unit of kind `build` with the platforms
they name, and with what they set of the variables that the builds of allocators read. `of` gathers the
evidence of all parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from alloclint.project.cargo.config import CargoConfig
from alloclint.project.image.stage import Stage
from alloclint.project.runtime.comments import comment_at
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.platforms import mentioned, platform, without_comments
from alloclint.project.runtime.unit import BuildTarget, Unit
from alloclint.project.token import Source, Token

__all__ = ["BuildTarget", "of", "read"]

#: Variables that are read when an allocator is built, or by jemalloc when it starts.
_SETTING = re.compile(
    r"""\b(JEMALLOC_\w+|(?:_RJEM_)?MALLOC_CONF|RUSTFLAGS|CARGO_TARGET_\w+|MIMALLOC_\w+|SNMALLOC_\w+)"""
    r"""(?:[ \t]*(?::|\?|\+)?=[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s"',\]]*)|(?=["']?[ \t]*[,\]]))"""
)


class _Part(Protocol):
    @property
    def value(self) -> object: ...


def read(source: Source) -> tuple[Unit, ...]:
    """What a file that builds names and sets; nothing where it does neither."""
    text = source.text
    if len(text.encode("utf-8", "replace")) != len(source.content):
        return ()
    bare = without_comments(text)
    whole = Token(bare, source.place(0, len(source.content)))
    builds = tuple(mentioned(whole))
    variables = tuple(_variables(source, bare))
    if not builds and not variables:
        return ()
    name = source.path.rpartition("/")[2]
    environment = Environment(variables)
    return (
        Unit("build", name, source.path, source.place(0, 0), environment, purpose="build", builds=builds),
    )


def of(parts: Iterable[_Part]) -> Iterator[BuildTarget]:
    """All platforms that parts name, in their order: of units, stages of images, Cargo's configuration."""
    for part in parts:
        values = part.value if isinstance(part.value, tuple) else (part.value,)
        for value in values:
            if isinstance(value, Unit):
                yield from value.builds
            elif isinstance(value, Stage):
                yield from _of_stage(value)
            elif isinstance(value, CargoConfig):
                yield from _of_config(value)


def _variables(source: Source, text: str) -> Iterator[Variable]:
    """Without a value the variable is passed on from outside."""
    for hit in _SETTING.finditer(text):
        start = len(text[: hit.start()].encode())
        end = start + len(hit[0].encode())
        place = source.place(start, end)
        if hit[2] is None:
            value, known = source.token(end, end), False
        else:
            first = start + len(text[hit.start() : hit.start(2)].encode())
            value = source.token(first, end, hit[2].strip("\"'"))
            known = "$" not in hit[2]
        yield Variable(hit[1], value, place, "shell", known=known, comment=comment_at(source, place))


def _of_stage(stage: Stage) -> Iterator[BuildTarget]:
    if stage.platform is not None:
        found = platform(Token(stage.platform, stage.reference.place))
        if found is not None:
            yield found
    for run in stage.runs:
        yield from mentioned(Token(without_comments(run.script), run.place))
    for variable in stage.environment.variables:
        yield from mentioned(variable.value)


def _of_config(config: CargoConfig) -> Iterator[BuildTarget]:
    """The targets that are built by default, and those that are given flags or a linker."""
    given = [Token(one.target, one.words[0].place) for one in config.rustflags if one.target is not None]
    linked = [Token(one.target, one.program.place) for one in config.linkers]
    for token in (*config.build_targets, *given, *linked):
        yield from mentioned(token)
