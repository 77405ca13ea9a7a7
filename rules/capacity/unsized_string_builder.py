r"""
Text is appended to a string builder that has too little room for it.

A builder grows like a list, and each step copies all the text. Two cases can be read off the code: a
loop of known length that appends at most so much per turn (where the total is exact,
`unsized-collection` reports it), and appends of constants whose sum is more than the builder has room
for: 16 chars in Java unless told otherwise, nothing in Rust. Of an `if` with an `else`, or a `switch`,
the longest way counts, and what may be skipped does not. Text of unknown length comes on top, so that
the printed number is the least to ask for.

It matters where many texts are built; a message that is built once is not worth the line. That is why
this is only `info`. Constants in loops of unknown length and builders that are emptied or shortened on
the way are silent.

```rust
fn header() -> String {
    let mut header = String::new();
    header.push_str("content-type: text/plain\r\n");
    header.push_str("cache-control: no-store\r\n");
    header
}
```

```rust
fn header() -> String {
    let mut header = String::with_capacity(51);
    header.push_str("content-type: text/plain\r\n");
    header.push_str("cache-control: no-store\r\n");
    header
}
```

```java
class Header {
    String header(String type) {
        StringBuilder header = new StringBuilder(20);
        header.append("cache-control: no-store\r\n").append("content-type: ").append(type);
        return header.toString();
    }
}
```

```java
class Header {
    String header(String type) {
        StringBuilder header = new StringBuilder(64);
        header.append("cache-control: no-store\r\n").append("content-type: ").append(type);
        return header.toString();
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Construction
from alloclint.facts.building.evidence import confidence_of, counted, saving_of, unsized
from alloclint.facts.building.text import Constants, constants_of
from alloclint.facts.walk.places import roles
from alloclint.finding import Applicability, Capacity, Confidence, Finding, Severity, Suggestion

CODE = "ALC109"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java")

#: Fewer bytes fit the first one or two allocations of a Rust string.
_LEAST_IN_RUST = 32


def check(built: Construction) -> Iterator[Finding]:
    if built.collection.kind != "string" or built.source is not None or built.cardinality is not None:
        return
    known = built.empty and bool(built.fill.loops) and built.fill.size is not None
    yield from _of_loops(built) if known else _of_constants(built)


def _of_loops(built: Construction) -> Iterator[Finding]:
    """A loop whose total is an upper bound."""
    size, confidence = built.fill.size, confidence_of(built.fill)
    if size is None or confidence is Confidence.exact:
        return
    if size.constant is not None and size.constant < max(_LEAST_IN_RUST, built.collection.least + 1):
        return
    yield from unsized(built, "text is appended in a loop of known length", size, confidence)


def _of_constants(built: Construction) -> Iterator[Finding]:
    """Constants on the longest way that exceed the room there is."""
    room = built.collection.least if built.empty else built.capacity_value
    found = constants_of(built)
    if (
        room is None
        or found is None
        or found.total <= room
        or (built.empty and found.looped)
        or _is_little(built, found, room)
        or _is_for_show(built)
        or _is_passed_on(built)
    ):
        return
    number = str(found.total)
    sized = built.sized(number, entries=found.total)
    if sized is None:
        return
    unit, heat = counted(built), built.file.facts.heat(built)
    yield Finding(
        built.file.place(*built.span),
        f"`{built.name}` has room for {room} {unit}, but constants of {number} {unit} are appended",
        evidence=_evidence(found, unit),
        suggestion=Suggestion(
            sized.text, Capacity(sized.argument, found.total), Applicability.unsafe, (sized.edit,)
        ),
        because=tuple(built.file.place(*growth.node.span, "appended here") for growth in found.growths[:3]),
        cost=saving_of(built, found.total) if built.empty else None,
        heat=heat.hot,
        cold=heat.cold,
    )


def _evidence(found: Constants, unit: str) -> str:
    appends = "append" if found.parts == 1 else "appends"
    others = f", and {found.others} more of unknown length" if found.others else ""
    amount = "at least" if found.on_every_way else "on the longest way"
    return f"{amount} {found.total} {unit} are appended, by {found.parts} {appends} of constants{others}"


def _is_little(built: Construction, found: Constants, room: int) -> bool:
    """Whether the number saves no step, or only the first of several: what is not constant comes on top."""
    if built.file.language.name == "rust" and (found.parts < 2 or found.total < _LEAST_IN_RUST):
        return True
    return 2 * found.others > found.parts or 2 * found.total < 3 * room


def _is_for_show(built: Construction) -> bool:
    """Texts that somebody reads: of an object, of what failed, of what is only made when debugging."""
    is_shown = built.function.declaration.name in ("toString", "fmt")
    return is_shown or built.file.facts.heat(built).cold is not None


def _is_passed_on(built: Construction) -> bool:
    """Whether others append to it as well."""
    if built.place is None:
        return True
    uses = roles(built.place, built.function.trace, built.file.language, built.collection.kind)
    return any(role.kind in ("lent", "aliased") for role in uses if role.use.order > built.event.order)
