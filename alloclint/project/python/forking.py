"""gunicorn's configuration, which is Python, and whether any source freezes its objects before it forks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.finding import Place

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.file import File

_WORDS = re.compile(rb"\bpreload_app\b|\bfreeze\b")
_FREEZES = re.compile(rb"\bgc\s*\.\s*freeze\b|\bfrom\s+gc\s+import\b[^\n]*\bfreeze\b")
#: Settings of gunicorn. Beside one of these `preload_app` is its own.
_SETTINGS = {"bind", "workers", "worker_class", "threads", "timeout", "wsgi_app", "max_requests", "chdir"}


@dataclass(frozen=True, slots=True)
class PythonSource:
    """
    `preloads` is where the configuration of a gunicorn with several workers says `preload_app = True`;
    `freezes` that `gc.freeze` is mentioned.
    """

    path: str
    preloads: Place | None
    freezes: bool


def is_wanted(source: bytes) -> bool:
    """Whether a source may say anything of this, going by its words alone."""
    return _WORDS.search(source) is not None


def read(file: File) -> PythonSource:
    """What one file says."""
    preloads = _preloads(file) if b"preload_app" in file.source else None
    return PythonSource(file.path, preloads, _FREEZES.search(file.source) is not None)


def _preloads(file: File) -> Place | None:
    values = dict(_assigned(file))
    value = values.get("preload_app")
    is_gunicorns = "gunicorn" in file.path.rpartition("/")[2] or not _SETTINGS.isdisjoint(values)
    if value is None or not is_gunicorns or _text(file, value) != "True":
        return None
    workers = values.get("workers")
    if workers is not None and _text(file, workers) == "1":
        return None
    statement = value.parent or value
    return file.place(statement.start_byte, statement.end_byte)


def _assigned(file: File) -> Iterator[tuple[str, tree_sitter.Node]]:
    """The names that are assigned at the top of a file, with their values."""
    for statement in file.tree.root_node.named_children:
        for node in statement.named_children:
            if node.type != "assignment":
                continue
            name, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if name is not None and value is not None and name.type == "identifier":
                yield _text(file, name), value


def _text(file: File, node: tree_sitter.Node) -> str:
    return file.text(node.start_byte, node.end_byte)
