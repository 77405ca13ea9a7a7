"""
Clones of an empty collection do not keep its capacity.

`vec![Vec::with_capacity(n); m]` clones the element m - 1 times, and a clone of a `Vec`, `String`,
`VecDeque` or `BinaryHeap` has room for what is in it: nothing. Only the last one, which is moved instead
of cloned, has the room that was asked for. The same holds for `resize` and `repeat_n`; `iter::repeat`
only ever hands out clones.

Build each one anew. Where few of them are ever filled, leave the capacity out instead: then nothing is
allocated for the others. Clones of a `HashMap` or `HashSet` do keep their table and are silent.

```rust
fn rows(height: usize, width: usize) -> Vec<Vec<u8>> {
    vec![Vec::with_capacity(width); height]
}
```

```rust
fn rows(height: usize, width: usize) -> Vec<Vec<u8>> {
    (0..height).map(|_| Vec::with_capacity(width)).collect::<Vec<_>>()
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Construction
from alloclint.facts.building.cloned import Cloned, cloned_empty
from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC113"
SEVERITY = Severity.warning
LANGUAGES = ("rust",)

#: Collections whose clones have room for their entries and no more.
_LOSE = {"Vec", "String", "VecDeque", "BinaryHeap", "BytesMut"}


def check(built: Construction) -> Iterator[Finding]:
    if built.how != "with_capacity" or built.collection.name not in _LOSE or built.capacity_value == 0:
        return
    cloned = cloned_empty(built)
    if cloned is None or (cloned.copies is not None and cloned.copies < 2):
        return
    heat = built.file.facts.heat(built)
    keeps = "" if cloned.by == "repeat" else " but the last"
    yield Finding(
        built.file.place(*cloned.node.span),
        f"`{cloned.spelling}` clones an empty {built.collection.name}: no clone{keeps} keeps its capacity",
        evidence=f"`{built.file.text(*built.span)}` is cloned empty; a clone has room for its entries only",
        suggestion=_suggestion(built, cloned),
        because=() if built.place is None else (built.file.place(*built.span, "the capacity is given here"),),
        heat=heat.hot,
        cold=heat.cold,
        also=("clippy repeat_vec_with_capacity",) if _is_plain(built, cloned) else (),
    )


def _is_plain(built: Construction, cloned: Cloned) -> bool:
    """Whether a `Vec` that is built on the spot is cloned without end, or a constant number of times."""
    if built.collection.name != "Vec" or built.place is not None:
        return False
    is_counted = cloned.copies is not None and _is_constant(cloned.count)
    return cloned.by == "repeat" or (cloned.by == "vec!" and is_counted)


def _is_constant(count: m.Expr | None) -> bool:
    if isinstance(count, m.Binary):
        return _is_constant(count.left) and _is_constant(count.right)
    return isinstance(count, m.Literal | m.Name)


def _suggestion(built: Construction, cloned: Cloned) -> Suggestion:
    text = cloned.rewritten(built.file.text(*built.span))
    if built.place is not None or cloned.nested:
        # The local may have other uses and would be left over; what is cloned again loses the capacity again.
        return Suggestion(text)
    safe = cloned.by in ("vec!", "resize") and _is_pure(built.capacity)
    applicability = Applicability.safe if safe else Applicability.unsafe
    return Suggestion(text, None, applicability, (Edit(cloned.start, cloned.end, text),))


def _is_pure(expression: m.Expr | None) -> bool:
    """Whether an expression may be evaluated again and again: of names, fields, numbers and lengths."""
    if isinstance(expression, m.Call):
        return (
            expression.last in ("len", "min", "max")
            and _is_pure(expression.receiver)
            and all(map(_is_pure, expression.args))
        )
    if isinstance(expression, m.Binary):
        return _is_pure(expression.left) and _is_pure(expression.right)
    if isinstance(expression, m.Field | m.Cast):
        return _is_pure(expression.of if isinstance(expression, m.Field) else expression.value)
    return isinstance(expression, m.Name | m.Path | m.Literal)
