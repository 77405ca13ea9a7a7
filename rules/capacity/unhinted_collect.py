"""
A hot `collect` cannot know how many elements will come.

`collect` reserves what the iterator promises. After `filter`, `filter_map`, `flat_map` or `take_while` that
is nothing, and a `Result<Vec<_>, _>` or `Option<Vec<_>>` promises nothing either, since any element may end
it: 1,000 elements end in room for 1,024, reached by doubling, which asks for 16 bytes an element of 8
bytes.

Where the source knows its length, that is an upper bound: `Vec::with_capacity(xs.len())` and `extend`
allocate once, 8 bytes an element, a fifth faster. Where few elements pass, the bound wastes memory;
measure, or leave it.

Only code is reported that is marked or known to be hot, or whose result is annotated as large. A vector that
is consumed lends its memory to the result and is silent.

```rust
// alloclint: hot
fn valid(items: &[Item]) -> Vec<&Item> {
    items.iter().filter(|item| item.valid).collect::<Vec<_>>()
}
```

```rust
// alloclint: hot
fn valid(items: &[Item]) -> Vec<&Item> {
    let mut found = Vec::with_capacity(items.len());
    found.extend(items.iter().filter(|item| item.valid));
    found
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.building.unhinted import Unhinted, unhinted
from alloclint.finding import Capacity, Confidence, Finding, Severity, Suggestion
from alloclint.size import render
from alloclint.syntax import model as m

CODE = "ALC112"
SEVERITY = Severity.info
LANGUAGES = ("rust",)
WORDS = {"rust": ("collect",)}
MARKS = True

_WIDTH = 80


def check(call: Call) -> Iterator[Finding]:
    heat = call.file.facts.heat(call)
    expected = _expected(call)
    if heat.cold is not None or (heat.hot is None and expected is None):
        return
    found = unhinted(call)
    if found is None:
        return
    yield Finding(
        call.file.place(call.node.name_start, call.node.end),
        _message(found),
        Confidence.at_most,
        _evidence(found, heat.hot, expected),
        _suggestion(found, call),
        (heat.place,) if heat.place is not None else (),
        heat=heat.hot,
    )


def _expected(call: Call) -> str | None:
    """What the authors say of the statement around, where they expect much."""
    marks, statement = call.file.facts.annotations, call.statement
    said = marks.cardinality_of(statement) if statement is not None else None
    said = said or marks.cardinality_at(*call.span)
    if said is None or said.maximum or (said.expect or 0) < call.file.limits.large_entries:
        return None
    return f"{said.expect:,} entries expected"


def _message(found: Unhinted) -> str:
    why = f"after `{found.step.last}`" if found.step is not None else f"inside a `{found.outcome}`"
    return f"`collect` grows the {found.into} step by step: {why} the least number of elements is 0"


def _evidence(found: Unhinted, hot: str | None, expected: str | None) -> str:
    saves = "8 bytes an element and a fifth of the time with room for all, 16 bytes without"
    return f"{hot or expected}; {saves}" if found.into == "Vec" else hot or expected or saves


def _suggestion(found: Unhinted, call: Call) -> Suggestion:
    name = _name(call)
    if found.upper is None:
        return Suggestion(
            f"`{found.into}::with_capacity` of what is usual, then `extend`; no bound is known here"
        )
    size = render(found.upper, "rust")
    built = f"let mut {name} = {found.into}::with_capacity({size});"
    chain = call.text(call.node.receiver or call.node)
    if found.outcome is not None:
        text = f"{built} and a loop that pushes `value?`"
    elif len(chain) <= _WIDTH and "\n" not in chain:
        text = f"{built} {name}.extend({chain});"
    else:
        text = f"{built} {name}.extend(…);"
    return Suggestion(text, Capacity(size, found.upper.constant))


def _name(call: Call) -> str:
    """The name that the result has already, or `found`."""
    statement = call.statement
    name = statement.pattern.name if isinstance(statement, m.Let) else None
    return name if name is not None else "found"
