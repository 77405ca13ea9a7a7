"""
Values that are computed again and again, written as constants: how one is declared, and where it may stand.

A Rust static stands at the head of the function that uses it, a Java constant at the head of the outermost
class, so that it exists before everything that may use it, and a Python name above the function or class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.building.sequences import inserted_before
from alloclint.finding import Edit
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File

#: From which Rust on the standard library has what initialises a static at its first use.
_LAZY_LOCK, _ONCE_LOCK = (1, 80), (1, 70)


def rust_static(file: File, name: str, type_: str, value: str) -> tuple[str, str]:
    """
    The declaration of a static that is computed at its first use, and the expression that refers to it.

    What the file uses already comes first, then what the Rust version has; without a known version, the
    newest.
    """
    imports, version = file.facts.types.imports, file.limits.rust_version
    paths = set(imports.values())
    lock = _spelled(imports, ("std", "sync", "LazyLock"))
    if ("std", "sync", "LazyLock") not in paths:
        lazy = next((path for path in paths if path[:1] == ("once_cell",) and path[-1] == "Lazy"), None)
        if lazy is not None:
            lock = _spelled(imports, lazy)
        elif b"lazy_static!" in file.source:
            return f"lazy_static! {{ static ref {name}: {type_} = {value}; }}", name
        elif version is not None and _ONCE_LOCK <= version < _LAZY_LOCK:
            once = _spelled(imports, ("std", "sync", "OnceLock"))
            return f"static {name}: {once}<{type_}> = {once}::new();", f"{name}.get_or_init(|| {value})"
        elif version is not None and version < _ONCE_LOCK:
            lock = "once_cell::sync::Lazy"
    return f"static {name}: {lock}<{type_}> = {lock}::new(|| {value});", name


def in_function(function: Function, declaration: str) -> tuple[Edit, ...]:
    """The edit that puts a declaration at the head of a function's body; none where there is no room."""
    body = function.declaration.body
    if body is None or not body.statements:
        return ()
    edit = inserted_before(function.file, body.statements[0], declaration)
    return (edit,) if edit is not None else ()


def in_class(function: Function, declaration: str, imported: tuple[str, ...]) -> tuple[Edit, ...]:
    """
    Java: the edits that put a constant at the head of the outermost class, and import its type; none where
    the outermost type is no class.
    """
    file = function.file
    outermost = _outermost(function)
    if outermost is None or outermost.kind != "class":
        return ()
    after = max([outermost.start, *(one.end for one in (*outermost.attributes, *outermost.bases))])
    brace = file.source.find(b"{", after)
    if brace < 0 or file.unit.comment_at(brace) is not None:
        return ()
    members = sorted(one.start for one in (*outermost.fields, *outermost.functions, *outermost.types))
    indent = _indent(file, members[0]) if members else "    "
    newline = _newline(file)
    inserted = Edit(brace + 1, brace + 1, f"{newline}{indent or '    '}{declaration}")
    return (*_import(file, imported), inserted)


def _import(file: File, path: tuple[str, ...]) -> tuple[Edit, ...]:
    """Java: the edit that imports a class behind the imports that sort before it; none where it is known."""
    if not path or is_imported(file, path):
        return ()
    ours = ".".join(path)
    plain = [one for one in file.unit.imports if not one.static]
    before = [one for one in plain if ".".join(one.path) < ours] or plain[:1]
    if not before:
        return ()
    end = before[-1].end
    return (Edit(end, end, f"{_newline(file)}import {ours};"),)


def is_imported(file: File, path: tuple[str, ...]) -> bool:
    """Whether the last name of a path means it in a file, by an import or a glob."""
    types = file.facts.types
    own = types.imports.get(path[-1])
    return own == path if own is not None else path[:-1] in types.globs and path[-1] not in types.declared


def may_be_imported(file: File, path: tuple[str, ...]) -> bool:
    """Whether the last name of a path is free for an import, and the file has imports to put it beside."""
    types = file.facts.types
    taken = path[-1] in types.imports or path[-1] in types.declared
    return not taken and any(not one.static for one in file.unit.imports)


def in_module(function: Function, declaration: str, module: str) -> tuple[Edit, ...]:
    """
    Python: the edit that puts a declaration above the outermost function or class, where the module it uses
    is imported by then; none otherwise.
    """
    file = function.file
    outermost = _outermost(function)
    at = _head(file, outermost if outermost is not None else function.declaration)
    imported = any(one.alias == module and _is_at_top(file, one.start, at) for one in file.unit.imports)
    if at is None or not imported:
        return ()
    newline = _newline(file)
    return (Edit(at, at, f"{declaration}{newline * 3}"),)


def _head(file: File, declaration: m.Function | m.TypeDecl) -> int | None:
    """Where a top-level definition begins, its decorators and the comments right above included."""
    start = min([declaration.start, *(one.start for one in declaration.attributes)])
    at = file.source.rfind(b"\n", 0, start) + 1
    if file.source[at:start].strip(b"@ async"):
        return None
    if file.source[at : at + 1] in (b" ", b"\t"):
        return None
    while at > 0:
        above = file.source.rfind(b"\n", 0, at - 1) + 1
        if file.source[above : above + 1] != b"#":
            break
        at = above
    return at


def _is_at_top(file: File, start: int, before: int | None) -> bool:
    """Whether an import stands at the beginning of a line, and before a point."""
    line = file.source.rfind(b"\n", 0, start) + 1
    return before is not None and start < before and file.source[line : line + 6] in (b"import", b"from r")


def _outermost(function: Function) -> m.TypeDecl | None:
    start, end = function.declaration.span
    around = [one for one in function.file.unit.types if one.start <= start and end <= one.end]
    return min(around, key=lambda one: one.start, default=None)


def _spelled(imports: dict[str, tuple[str, ...]], path: tuple[str, ...]) -> str:
    """How a file writes a path: by the name that it imports it under, or in full."""
    return next((alias for alias, own in imports.items() if own == path), "::".join(path))


def _indent(file: File, at: int) -> str:
    line = file.source.rfind(b"\n", 0, at) + 1
    indent = file.text(line, at)
    return indent if not indent.strip() else ""


def _newline(file: File) -> str:
    return "\r\n" if b"\r\n" in file.source[:4096] else "\n"
