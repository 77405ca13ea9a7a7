"""What a call of a well-known function does: what it allocates, and whether it has any other effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.callees import callee_path
from alloclint.languages.vocabulary import Effect
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Site


def effect_of(node: m.Call, seen_from: Site) -> Effect | None:
    """
    The effect of a call that stands where another one does, or is it; None for what is not known.

    A function is known by its full path, a method by its receiver's type, and a few by their name alone.
    """
    file = seen_from.file
    effects, separator = file.language.effects, file.language.separator
    if node.kind == "macro":
        return effects.get(f"{node.last}!")
    scope, at = seen_from.event.scope, seen_from.event.order
    path = callee_path(node, file.facts.types, scope, at)
    if path is not None:
        return effects.get(path)
    if node.kind != "method":
        return None
    receiver = file.facts.types.library(seen_from.type_of(node.receiver))
    known = effects.get(f"{receiver}{separator}{node.last}") if receiver is not None else None
    return known or effects.get(f"*{separator}{node.last}")


def is_pure(node: m.Call, seen_from: Site) -> bool:
    """Whether a call is known to do nothing but to return a value, the same for the same arguments."""
    effect = effect_of(node, seen_from)
    return effect is not None and effect.pure


def allocation_in(expression: m.Expr | None, seen_from: Site) -> tuple[m.Expr, str] | None:
    """
    The first part of an expression, in order of evaluation, that is known to allocate, and what it makes.

    What a closure inside it would allocate does not count: it may never run.
    """
    for node in _evaluated(expression):
        made = _made(node, seen_from)
        if made is not None:
            return node, made
    return None


def _made(node: m.Expr, seen_from: Site) -> str | None:
    """What an expression itself makes on the heap, its parts left aside."""
    language = seen_from.file.language.name
    if isinstance(node, m.Call):
        if node.kind == "new":
            return f"a new {node.last}"
        effect = effect_of(node, seen_from)
        return effect.allocates or None if effect is not None else None
    if isinstance(node, m.Display):
        return _display(node, language)
    if isinstance(node, m.Comprehension):
        return f"a {node.kind}" if node.kind != "generator" else None
    if isinstance(node, m.Opaque):
        return "a str" if node.kind == "text" and node.parts else None
    if isinstance(node, m.Binary) and node.op in ("+", "%"):
        return _joined(node, seen_from)
    return None


def _display(node: m.Display, language: str) -> str | None:
    if language == "rust":
        return "a Vec" if node.macro and (node.items or node.repeat is not None) else None
    if language == "java":
        return "an array"
    return f"a {node.kind}" if node.kind != "tuple" else None


def _joined(node: m.Binary, seen_from: Site) -> str | None:
    """`+` on text, unless both sides are literals, which a compiler joins."""
    if isinstance(node.left, m.Literal) and isinstance(node.right, m.Literal):
        return None
    known = seen_from.file.facts.types.known(seen_from.type_of(node))
    return f"a {known}" if known in ("String", "str") else None


def _evaluated(expression: m.Expr | None) -> list[m.Expr]:
    """An expression and its parts, those of closures left out, innermost first."""
    found: list[m.Expr] = []
    waiting: list[m.Node] = [expression] if expression is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, m.Closure | m.Function | m.TypeDecl | m.Type):
            continue
        if isinstance(node, m.Expr):
            found.append(node)
        for name in node.__dataclass_fields__:
            value = getattr(node, name)
            several = value if isinstance(value, tuple | list) else (value,)
            waiting.extend(one for one in several if isinstance(one, m.Node))
    return found[::-1]
