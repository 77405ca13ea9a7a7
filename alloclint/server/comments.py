"""The comment that says how many entries a collection will have, and where it goes."""

from __future__ import annotations

from alloclint.facts.building.constructions import Construction
from alloclint.finding import Edit
from alloclint.server.text import Lines
from alloclint.syntax import model

#: What to write for the reader of a snippet to replace.
PLACEHOLDER = "100k"
_DECLARING = (model.Let, model.Assign, model.FieldDecl)


def expecting(built: Construction, lines: Lines) -> Edit:
    """The edit that puts an expected size above the declaration of a collection."""
    statement = built.statement
    is_own = isinstance(statement, _DECLARING) and built.argument_of is None
    at = statement.start if is_own and statement is not None else built.node.start
    comment = f"{built.file.language.comment} alloclint: expect={PLACEHOLDER}"
    return _above(lines, lines.line_of(at), comment)


def _above(lines: Lines, line: int, comment: str) -> Edit:
    start = lines.start(line)
    text = lines.source[start : lines.end(line)]
    blank = text[: len(text) - len(text.lstrip())].decode()
    end = "\r\n" if lines.source[start:].partition(b"\n")[0].endswith(b"\r") else "\n"
    return Edit(start, start, f"{blank}{comment}{end}")
