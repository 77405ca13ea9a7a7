"""Where native objects of RocksDB are made, by what imports of `org.rocksdb` vouch for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.languages.rocksdb import CHECKPOINT, ITERATOR, OBJECTS, PACKAGE
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call, Site
    from alloclint.facts.names.types import Types
    from alloclint.facts.walk.scopes import Link


@dataclass(frozen=True, slots=True)
class Native:
    """
    A native object that a call makes. `whole` is the call with the setters that follow it and hand the same
    object on, `link` what stands around that; `noun` is the name of its class.
    """

    noun: str
    whole: m.Expr
    link: Link | None


def class_of(name: tuple[str, ...], types: Types) -> str | None:
    """The class of `org.rocksdb` that a written name means, or None."""
    if len(name) > 1:
        return name[-1] if name[:-1] == PACKAGE else None
    if not name or name[0] in types.declared:
        return None
    if name[0] in types.imports:
        return name[0] if types.imports[name[0]] == (*PACKAGE, name[0]) else None
    return name[0] if PACKAGE in types.globs else None


def native_type(type_: m.Type | None, site: Site) -> str | None:
    """The class of `org.rocksdb` that a type is."""
    plain = site.file.facts.types.plain(type_)
    return class_of(plain.name, site.file.facts.types) if plain is not None else None


def made_by(call: Call) -> Native | None:
    """The native object that a call makes; None for one that makes none, and where nothing vouches for it."""
    noun = _noun(call)
    if noun is None:
        return None
    whole, link = _chained(noun, call.node, call.event.around)
    return Native(noun, whole, link)


def _noun(call: Call) -> str | None:
    node, types = call.node, call.file.facts.types
    if node.kind == "new":
        found = class_of(node.name, types) if node.body is None else None
        return found if found in OBJECTS else None
    if node.kind != "method":
        return None
    if node.last == "newIterator":
        return ITERATOR if _gives_iterator(call) else None
    is_checkpoint = node.last == "create" and isinstance(node.receiver, m.Name)
    named = class_of((node.receiver.id,), types) if isinstance(node.receiver, m.Name) else None
    return CHECKPOINT if is_checkpoint and named == CHECKPOINT else None


def _gives_iterator(call: Call) -> bool:
    """By the type of what is asked, or of what the answer is declared as."""
    if native_type(call.receiver_type, call) is not None:
        return True
    parent = call.parent
    return isinstance(parent, m.Let) and native_type(parent.type, call) == ITERATOR


def is_fluent(call: m.Call, noun: str) -> bool:
    """Whether a method of an object hands the same object on, as those of options do."""
    return call.last.startswith("set") or noun.endswith("Options")


def _chained(noun: str, expression: m.Expr, link: Link | None) -> tuple[m.Expr, Link | None]:
    """`new ReadOptions().setFillCache(false)` is the object itself."""
    while link is not None:
        node = link.node
        is_next = isinstance(node, m.Call) and node.receiver is expression and is_fluent(node, noun)
        if node is not expression and not is_next and not isinstance(node, m.Cast):
            break
        assert isinstance(node, m.Expr)
        expression, link = node, link.up
    return expression, link
