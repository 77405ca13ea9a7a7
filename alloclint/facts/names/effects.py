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
