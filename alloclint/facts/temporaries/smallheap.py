"""
Rust: values of a few bytes that are put on the heap one by one.

The size of a value is only taken from a type that is known to the last byte. What must be behind a pointer,
as a part of a type that contains itself, and what an error carries, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.building.layout import rust_layout
from alloclint.facts.names.calls import Site
from alloclint.facts.often.repetition import is_in_handler
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function

#: One line of the processor's cache: what is larger is worth a block of its own.
_SMALL = 64
_OWNERS = {"Box", "Arc", "Rc"}
_ERRORS = {"Err", "map_err", "ok_or", "ok_or_else", "expect", "panic", "bail", "anyhow"}
#: The most bytes that a number takes whose type is not written.
_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Small:
    """A `Box`, `Arc`, `Rc` or `Vec` that holds `size` bytes: `owner` names it, `value` is what goes in."""

    site: Site
    owner: str
    size: int
    value: m.Expr


def small_in(function: Function) -> Iterator[Small]:
    """Every small heap object that a function makes."""
    for event in (*function.trace.calls, *function.trace.displays):
        if isinstance(event.node, m.Call | m.Display):
            found = _small(Site(function, event))
            if found is not None and not is_in_handler(event) and not _is_needed(found.site):
                yield found


def _small(site: Site) -> Small | None:
    node = site.expression
    if isinstance(node, m.Call) and node.kind == "function" and node.last == "new" and len(node.args) == 1:
        owner = node.name[-2] if len(node.name) > 1 else ""
        if owner not in _OWNERS or owner in site.file.facts.types.declared:
            return None
        size = _size(node.args[0], site)
        least = 1 if owner == "Box" else 0
        return (
            Small(site, owner, size, node.args[0]) if size is not None and least <= size <= _SMALL else None
        )
    if isinstance(node, m.Display) and node.macro and node.items and node.repeat is None:
        sizes = [_size(item, site) for item in node.items]
        known = [size for size in sizes if size is not None]
        total = sum(known)
        return Small(site, "Vec", total, node) if len(known) == len(sizes) and 0 < total <= _SMALL else None
    return None


def _size(value: m.Expr, site: Site) -> int | None:
    """The bytes of a value; None where its type is not known exactly."""
    if isinstance(value, m.Literal):
        return _NUMBER if value.kind in ("int", "float") else 1 if value.kind in ("bool", "char") else None
    types = site.file.facts.types
    type_ = site.type_of(value)
    found = rust_layout(type_, types.declaration_named) if type_ is not None else None
    return found.size if found is not None else None


def _is_needed(site: Site) -> bool:
    """Whether it belongs to an error, or to a type that contains itself."""
    for node in site.parents:
        if isinstance(node, m.Call) and (node.last in _ERRORS or _contains_itself(node.name, site)):
            return True
        if isinstance(node, m.StructLiteral) and _contains_itself(node.type.name, site):
            return True
        if isinstance(node, m.Exit) and node.kind == "throw":
            return True
    return False


def _contains_itself(name: tuple[str, ...], site: Site) -> bool:
    types = site.file.facts.types
    for segment in name[-2:]:
        own = site.function.declaration.owner if segment == "Self" else None
        declared = own or types.declaration_named(segment)
        if declared is not None and any(part.last == declared.name for part in _parts(declared)):
            return True
    return False


def _parts(declared: m.TypeDecl) -> Iterator[m.Type]:
    """The types inside pointers that a declaration has among its members."""
    waiting = [field.type for field in declared.fields if field.type is not None]
    waiting += [member for _, members in declared.variants for member in members]
    while waiting:
        type_ = waiting.pop()
        yield type_
        waiting.extend(type_.args)


def is_returned_behind_trait(small: Small) -> bool:
    """Whether the function returns something behind `dyn`, so that the value may be of any type."""
    returns = small.site.function.declaration.returns
    waiting = [returns] if returns is not None else []
    while waiting:
        type_ = waiting.pop()
        if type_.kind == "dyn":
            return True
        waiting.extend(type_.args)
    return False
