"""
Hot code puts a few bytes on the heap for each event.

Each `Box`, `Arc` or small `Vec` is a call of the allocator, a block of at least 16 or 32 bytes, and a free
later on, often by another thread: 1,000 boxed `u64` take 18 ns and 16 bytes each, plain ones 0.3 ns and 8
bytes. A server that made 300,000 such payloads a second grew from 4 to 160 GiB in 40 minutes under one
allocator, for they lay scattered over all its pages.

Keep small values where they are used: by value, in an enum, in an array or an `ArrayVec`, in a buffer that is
cleared and filled again, or in a slab with numbers instead of pointers.

Only code is reported that is marked as hot, and only values whose size is known, up to 64 bytes. Errors, and
types that contain themselves, need their `Box` and are silent.

```rust
struct Hit { id: u32, score: f32 }

// alloclint: hot
fn dispatch(queue: &mut Vec<Box<Hit>>, id: u32, score: f32) {
    queue.push(Box::new(Hit { id, score }));
}
```

```rust
struct Hit { id: u32, score: f32 }

// alloclint: hot
fn dispatch(queue: &mut Vec<Hit>, id: u32, score: f32) {
    queue.push(Hit { id, score });
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.often.heat import heat_at
from alloclint.facts.temporaries.smallheap import Small, is_returned_behind_trait, small_in
from alloclint.finding import Confidence, Finding, Severity, Suggestion

CODE = "ALC213"
SEVERITY = Severity.info
LANGUAGES = ("rust",)
WORDS = {"rust": ("Box::new", "Arc::new", "Rc::new", "vec!")}
MARKS = True

_COUNTERS = {"Arc": 16, "Rc": 16}


def check(function: Function) -> Iterator[Finding]:
    marks = function.file.facts.annotations
    if not marks.heats:
        return
    for small in small_in(function):
        heat = heat_at(function.file, small.site)
        if heat.hot is not None:
            block = small.size + _COUNTERS.get(small.owner, 0)
            counters = " with its counters" if small.owner in _COUNTERS else ""
            yield Finding(
                function.file.place(*small.site.span),
                f"hot code allocates a `{small.owner}` for {small.size} bytes",
                Confidence.advice,
                f"{heat.hot}; {block} bytes{counters} and a call of the allocator: 18 ns, not 0.3",
                Suggestion(_instead(small)),
                (heat.place,) if heat.place is not None else (),
                heat=heat.hot,
            )


def _instead(small: Small) -> str:
    value = small.site.text(small.value)
    shown = value if len(value) <= 60 and "\n" not in value else "…"
    if small.owner == "Vec":
        return f"`{shown.removeprefix('vec!')}`, an array on the stack, or an `ArrayVec`"
    if is_returned_behind_trait(small):
        return "an enum of the types that occur, by value"
    if small.owner == "Box":
        return f"`{shown}` by value"
    return f"`{shown}` by value, or one `{small.owner}` around all that belongs together"
