"""Files of `NAME=value`, which compose files and start scripts take variables from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.project.runtime import purpose
from alloclint.project.runtime.comments import comment_at
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.interpolation import interpolated
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source

_LINE = re.compile(
    rb"""(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*"""
    rb"""("(?:\\.|[^"\\])*"|'[^']*'|[^\r\n]*)"""
)
_COMMENT = re.compile(rb"(?:^|[ \t])#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def read(source: Source) -> tuple[Unit, ...]:
    """The variables of a file, as a unit that runs nothing; its name is `file:` and the path."""
    environment = Environment(tuple(_variables(source)))
    name = f"file:{source.path}"
    return (
        Unit(
            "variables", name, source.path, source.place(0, 0), environment, purpose=purpose.of(source.path)
        ),
    )


def _variables(source: Source) -> Iterator[Variable]:
    for hit in _LINE.finditer(source.content):
        start, end = hit.span(2)
        quote = source.content[start : start + 1]
        if quote in (b'"', b"'") and end - start > 1 and source.content[end - 1 : end] == quote:
            text = source.content[start + 1 : end - 1].decode("utf-8", "replace")
            text = _ESCAPE.sub(r"\1", text) if quote == b'"' else text
        else:
            comment = _COMMENT.search(source.content, start, end)
            end = comment.start() if comment is not None else end
            end = start + len(source.content[start:end].rstrip())
            text = source.content[start:end].decode("utf-8", "replace")
        token = source.token(start, end, text)
        value, known = interpolated(token) if quote != b"'" else (token, True)
        place = source.place(hit.start(1), end)
        yield Variable(
            hit[1].decode(), value, place, "compose", known=known, comment=comment_at(source, place)
        )
