"""
Python: where a name is imported. The only edit that needs a real syntax tree, hence libcst: commas,
parentheses and comments of what is imported already have to be kept.
"""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from alloclint.finding import Edit

if TYPE_CHECKING:
    import libcst as cst


def importing(source: bytes, module: str, name: str) -> Edit | None:
    """
    The edit that adds `from module import name`, for a module of the standard library.

    The name joins an import from the same module, else the statement goes among the others of the standard
    library, below the docstring and `__future__`. None where the text is no UTF-8, or cannot be parsed.
    """
    import libcst as cst

    start = len(BOM_UTF8) if source.startswith(BOM_UTF8) else 0
    try:
        text = source[start:].decode()
        tree = cst.parse_module(text)
    except (UnicodeDecodeError, cst.ParserSyntaxError, RecursionError):
        return None
    after = _joined(tree, module, name) or _added(tree, module, name)
    return _difference(source, source[:start] + after.code.encode())


def _head(tree: cst.Module) -> tuple[int, list[cst.SimpleStatementLine]]:
    """The number of statements that must stay first, and the block of imports right behind them."""
    import libcst as cst

    lines = list(takewhile(lambda one: isinstance(one, cst.SimpleStatementLine), tree.body))
    simple = [one for one in lines if isinstance(one, cst.SimpleStatementLine)]
    first = int(tree.get_docstring(clean=False) is not None)
    while first < len(simple) and _module_of(simple[first]) == "__future__":
        first += 1
    return first, list(takewhile(lambda one: _module_of(one) is not None, simple[first:]))


def _module_of(line: cst.SimpleStatementLine) -> str | None:
    """What a line imports, or imports from: `os.path`, and `.` for the package itself; None if nothing."""
    import libcst as cst
    from libcst.helpers import get_full_name_for_node

    statement = line.body[0] if len(line.body) == 1 else None
    if isinstance(statement, cst.ImportFrom):
        named = statement.module and get_full_name_for_node(statement.module)
        return named if named and not statement.relative else "."
    if isinstance(statement, cst.Import):
        return get_full_name_for_node(statement.names[0].name)
    return None


def _joined(tree: cst.Module, module: str, name: str) -> cst.Module | None:
    """The module with the name in an import that is there already; None without one that can take it."""
    import libcst as cst

    for line in _head(tree)[1]:
        statement = line.body[0]
        if not isinstance(statement, cst.ImportFrom) or _module_of(line) != module:
            continue
        if isinstance(statement.names, cst.ImportStar):
            continue
        names = _with_name(tree, statement.names, name)
        if names is not None:
            changed = tree.with_deep_changes(statement, names=names)
            assert isinstance(changed, cst.Module)
            return changed
    return None


def _with_name(tree: cst.Module, names: Sequence[cst.ImportAlias], name: str) -> list[cst.ImportAlias] | None:
    """The names with one more, in order if they are; None where comments or line ends would be in the way."""
    import libcst as cst

    between = [one.comma for one in names[:-1] if isinstance(one.comma, cst.Comma)]
    last = names[-1].comma
    style = between[0] if between else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    alone = not between and isinstance(last, cst.Comma)
    if alone or any("#" in tree.code_for_node(comma) for comma in between):
        return None
    at = sum(one.evaluated_name.lower() < name.lower() for one in names)
    new = cst.ImportAlias(name=cst.Name(name), comma=style)
    if at < len(names):
        return [*names[:at], new, *names[at:]]
    return [*names[:-1], names[-1].with_changes(comma=style), new.with_changes(comma=last)]


def _added(tree: cst.Module, module: str, name: str) -> cst.Module:
    """The module with a statement of its own for the name."""
    import libcst as cst

    first, block = _head(tree)
    new = cst.ensure_type(cst.parse_statement(f"from {module} import {name}"), cst.SimpleStatementLine)
    ours = [index for index, line in enumerate(block) if _is_standard(_module_of(line))]
    before = [index for index in ours if _sorts_before(block[index], module)]
    body = list(tree.body)
    if before:
        return tree.with_changes(body=[*body[: first + before[-1] + 1], new, *body[first + before[-1] + 1 :]])
    # It begins a section: what stood above the line that did so goes above it.
    at = first + (ours[0] if ours else 0)
    blank = cst.EmptyLine(indent=False)
    below = body[at] if at < len(body) else None
    if at and not (isinstance(below, cst.SimpleStatementLine) and below.leading_lines):
        new = new.with_changes(leading_lines=[blank])
    elif isinstance(below, cst.SimpleStatementLine) and ours:
        new = new.with_changes(leading_lines=below.leading_lines)
        below = below.with_changes(leading_lines=())
    elif at:
        new = new.with_changes(leading_lines=[blank])
    if isinstance(below, cst.SimpleStatementLine) and not ours and not below.leading_lines:
        below = below.with_changes(leading_lines=[blank])
    elif isinstance(below, cst.FunctionDef | cst.ClassDef) and not below.leading_lines:
        below = below.with_changes(leading_lines=[blank, blank])
    rest = [] if below is None else [below, *body[at + 1 :]]
    return tree.with_changes(body=[*body[:at], new, *rest])


def _is_standard(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] in sys.stdlib_module_names


def _sorts_before(line: cst.SimpleStatementLine, module: str) -> bool:
    """As isort and ruff order a section: `import x` first, then `from x import y` by module."""
    import libcst as cst

    return isinstance(line.body[0], cst.Import) or (_module_of(line) or "") <= module


def _difference(before: bytes, after: bytes) -> Edit | None:
    """The one edit between two texts, which begins and ends at whole characters."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    if before == after:
        return None
    # Letters beyond ASCII may share their first bytes.
    while start and (before[start : start + 1] or b"a")[0] & 0xC0 == 0x80:
        start -= 1
    return Edit(start, len(before) - end, after[start : len(after) - end].decode())
