"""
Escape: whether a value that is made in a turn of a loop can outlive the turn.

It escapes when it is returned, stored, pushed, captured or given to a call that may keep it. Rust says so by
moving: what is only borrowed cannot be kept by a local's borrower. In Java and Python everything that is
given to a call of unknown effect escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.names.effects import is_pure
from alloclint.facts.walk.places import Place, roles
from alloclint.facts.walk.scopes import Binding, Link, LoopFact
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Site

#: What may be done to a local without anybody else getting hold of it.
_HARMLESS = {"read", "grows", "shrinks", "reserves"}


def stays_in_turn(site: Site, loop: LoopFact, kind: str = "list") -> bool:
    """
    Whether what a call makes is out of reach when the turn ends. `kind` is the kind of collection it is
    (list, map, set, string), which says what its methods do; of a plain value only reading is harmless.
    """
    local = local_of(site)
    if local is not None:
        return is_within(local, loop) and stays_local(local, site, kind)
    return is_consumed(site.expression, site.event.around, site)


def local_of(site: Site) -> Binding | None:
    """The local that is declared to hold what a call makes: `let x = call;`."""
    link = _above(site.expression, site.event.around)
    node = link.node if link is not None else None
    if not isinstance(node, m.Let | m.Assign) or _peeled(node.value) is not site.expression:
        return None
    bound = site.function.trace.bindings_of(node)
    return bound[0] if len(bound) == 1 and bound[0].kind == "local" and not bound[0].part else None


def is_within(binding: Binding, loop: LoopFact) -> bool:
    """Whether a loop's turn declares a binding anew."""
    return loop.start <= binding.order <= loop.end


def stays_local(binding: Binding, site: Site, kind: str) -> bool:
    """Whether nothing that the function does with a local lets its value out."""
    trace, language = site.function.trace, site.file.language
    for role in roles(Place(binding), trace, language, kind):
        if role.node is binding.node or role.kind in _HARMLESS:
            continue
        is_lent_in_rust = role.kind == "lent" and language.name == "rust"
        if is_lent_in_rust or (isinstance(role.node, m.Call) and is_pure(role.node, site)):
            continue
        return False
    return True


def is_consumed(expression: m.Expr, link: Link | None, site: Site) -> bool:
    """Whether a value that gets no name is used up in its own expression."""
    above = _above(expression, link)
    if above is None:
        return False
    node = above.node
    if isinstance(node, m.Binary) and node.op in ("or", "and"):
        # Either side may be what the whole is.
        return is_consumed(node, above, site)
    if isinstance(node, m.Binary | m.Index | m.Loop | m.Clause | m.Branch | m.Arm):
        return True
    if isinstance(node, m.Eval):
        return not node.tail
    if isinstance(node, m.Unary) and node.op in ("&", "&mut"):
        return site.file.language.name == "rust" and isinstance(_node_above(above), m.Call)
    if isinstance(node, m.Call):
        reads = node.receiver is expression and node.last in site.file.language.reading
        return reads or is_pure(node, site) or (node.kind == "macro" and node.last != "vec")
    return False


def _above(expression: m.Expr, link: Link | None) -> Link | None:
    """The link of the node around an expression, casts and `unwrap` looked through."""
    while link is not None and (link.node is expression or _peeled(link.node) is expression):
        link = link.up
    return link


def _node_above(link: Link) -> m.Node | None:
    return link.up.node if link.up is not None else None


def _peeled(node: m.Node | None) -> m.Node | None:
    """The value inside casts, `?`, `unwrap()` and `expect(…)`."""
    while True:
        if isinstance(node, m.Cast | m.MayReturn):
            node = node.value
        elif isinstance(node, m.Call) and node.last in ("unwrap", "expect") and node.receiver is not None:
            node = node.receiver
        else:
            return node
