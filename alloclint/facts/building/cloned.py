"""Rust: where one collection is handed to something that fills places with its clones."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.facts.building.constructions import Construction
from alloclint.facts.walk.scopes import Link, Use
from alloclint.file import File
from alloclint.syntax import model as m

_REPEATS = ("repeat", "repeat_n")


@dataclass(frozen=True, slots=True)
class Cloned:
    """
    An expression that clones `element`. `by` is what clones: vec!, resize, repeat or repeat_n; `copies`
    how many there are to be, where that is a number; `start`..`end` is what would be written otherwise.
    `nested` tells whether the result is cloned in turn, so that rewriting it alone does not help.
    """

    file: File
    node: m.Display | m.Call
    by: str
    count: m.Expr | None
    copies: int | None
    nested: bool

    @property
    def spelling(self) -> str:
        """What clones, as a reader would say it."""
        return {
            "vec!": "vec![…; n]",
            "resize": "resize",
            "repeat": "iter::repeat",
            "repeat_n": "iter::repeat_n",
        }[self.by]

    @property
    def start(self) -> int:
        """For a method only its name and arguments are written anew."""
        return (
            self.node.name_start if isinstance(self.node, m.Call) and self.by == "resize" else self.node.start
        )

    @property
    def end(self) -> int:
        return self.node.end

    def rewritten(self, element: str) -> str:
        """The expression with every element built by `element`."""
        count = self.file.text(*self.count.span) if self.count is not None else ""
        if self.by == "vec!":
            return f"(0..{count}).map(|_| {element}).collect::<Vec<_>>()"
        if self.by == "resize":
            return f"resize_with({count}, || {element})"
        taken = f".take({count})" if self.by == "repeat_n" else ""
        return f"{self._path()}repeat_with(|| {element}){taken}"

    def _path(self) -> str:
        """
        The path before the name as it is written; a name that was imported alone brings no other with
        it.
        """
        call = self.node
        return (
            self.file.text(call.start, call.name_start)
            if isinstance(call, m.Call) and len(call.name) > 1
            else "std::iter::"
        )


def cloned_empty(built: Construction) -> Cloned | None:
    """What clones a collection right where it is built, or a local before anything is put into it."""
    around = built.event.around.up if built.event.around is not None else None
    if built.binding in ("element", "argument") and not built.wrapped:
        return _cloner(built, built.node, around)
    if built.binding != "local" or built.place is None or built.place.fields or built.wrapped:
        return None
    uses = built.function.trace.uses_of(built.place.binding)
    return _of_use(built, uses[0]) if uses else None


def _of_use(built: Construction, use: Use) -> Cloned | None:
    """`vec![row; m]` or `vec![row.clone(); m]`, as the first thing that is done with `row`."""
    if use.expr is None or use.around is None:
        return None
    node, around = use.around.node, use.around
    if isinstance(node, m.Call) and node.last == "clone" and node.receiver is use.expr:
        return _cloner(built, node, around.up)
    return _cloner(built, use.expr, around)


def _cloner(built: Construction, element: m.Expr, around: Link | None) -> Cloned | None:
    node = around.node if around is not None else None
    if isinstance(node, m.Display):
        is_repeat = node.macro and node.repeat is not None and node.items[:1] == (element,)
        return _made(built, around, "vec!", node.repeat) if is_repeat else None
    if not isinstance(node, m.Call):
        return None
    if node.kind == "method" and node.last == "resize" and len(node.args) == 2 and node.args[1] is element:
        return _made(built, around, "resize", node.args[0])
    by = repetition(built.file, node)
    if by is None or not node.args or node.args[0] is not element:
        return None
    return _made(built, around, by, node.args[1] if by == "repeat_n" and len(node.args) == 2 else None)


def repetition(file: File, call: m.Call) -> str | None:
    """Which of the standard library's repetitions a call is: the endless `repeat`, or `repeat_n`."""
    path = file.facts.types.full_path(call.name) if call.kind == "function" else None
    is_std = path is not None and path[:-1] in (("std", "iter"), ("core", "iter"))
    return path[-1] if path is not None and is_std and path[-1] in _REPEATS else None


def _made(built: Construction, around: Link | None, by: str, count: m.Expr | None) -> Cloned | None:
    node = around.node if around is not None else None
    if around is None or not isinstance(node, m.Display | m.Call):
        return None
    outer = around.up.node if around.up is not None else None
    nested = isinstance(outer, m.Display) and outer.repeat is not None
    size = (
        built.function.trips.integers.value(count, built.event.scope, built.event.order)
        if count is not None
        else None
    )
    return Cloned(built.file, node, by, count, size.constant if size is not None else None, nested)
