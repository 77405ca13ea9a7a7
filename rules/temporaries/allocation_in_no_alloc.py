"""
A function that promises to allocate nothing allocates.

`alloclint: no-alloc` above a function, a loop or a type, or `@NoAllocation` of Error Prone or Infer, says
that the code is part of a path where an allocation is a fault: an audio callback, a market-data handler, a
per-frame loop. Everything in it that is known to allocate is reported, what the language does unasked
included: boxing, `+` on text, the iterator of an enhanced `for`, a lambda that captures. So is a call of a
function of the project that allocates, with the way to the place: `next → refill → Vec::push`.

What only allocates when it has to grow is reported too, and says so: room made beforehand is not visible
here.

Silent: errors on their way out (`throw`, `raise`, `panic!`, `Err`, handlers) and assertions; functions that
promise the same, which are checked by themselves; functions with `@IgnoreAllocations` or an `alloclint:
ignore` of this rule; calls of what is not known.

```rust
// alloclint: no-alloc
fn label(id: u32, out: &mut [u8]) -> usize {
    let text = id.to_string();
    out[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}
```

```rust
// alloclint: no-alloc
fn label(mut id: u32, out: &mut [u8; 10]) -> usize {
    let mut at = out.len();
    while id > 0 && at > 0 {
        at -= 1;
        out[at] = b'0' + (id % 10) as u8;
        id /= 10;
    }
    at
}
```

```java
import com.google.errorprone.annotations.NoAllocation;
import java.util.List;

class Mixer {
    @NoAllocation
    float mix(List<Float> voices) {
        float sum = 0;
        for (float voice : voices) {
            sum += voice;
        }
        return sum;
    }
}
```

```java
import com.google.errorprone.annotations.NoAllocation;

class Mixer {
    @NoAllocation
    float mix(float[] voices) {
        float sum = 0;
        for (float voice : voices) {
            sum += voice;
        }
        return sum;
    }
}
```

```python
# alloclint: no-alloc
def total(values):
    return sum([value * 2 for value in values])
```

```python
# alloclint: no-alloc
def total(values):
    result = 0
    for value in values:
        result += value * 2
    return result
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.allocation.allocating import Allocation, allocations_in
from alloclint.facts.allocation.callgraph import Chain, chains
from alloclint.facts.allocation.promises import Promise, promises
from alloclint.facts.allocation.reach import reachable
from alloclint.file import File
from alloclint.finding import Finding, Severity

CODE = "ALC210"
SEVERITY = Severity.error
LANGUAGES = ("rust", "java", "python")
FOLLOWS = True
WORDS = {
    "rust": ("no-alloc",),
    "java": ("no-alloc", "NoAllocation"),
    "python": ("no-alloc",),
}


def check(file: File) -> Iterator[Finding]:
    found = promises(file)
    if not found:
        return
    known = reachable(file)
    for promise in found:
        own = [one for one in allocations_in(promise.function) if promise.covers(one.start, one.end)]
        for allocation in own:
            yield _direct(file, promise, allocation)
        told = {(one.start, one.end) for one in own}
        for chain in chains(promise.function, known):
            start, end = chain.call.start.offset, chain.call.end.offset
            if promise.covers(start, end) and (start, end) not in told:
                yield _through(promise, chain)


def _direct(file: File, promise: Promise, allocation: Allocation) -> Finding:
    verb = "may allocate" if allocation.may else "allocates"
    when = ", when it has to grow" if allocation.may and allocation.what.startswith("room") else ""
    return Finding(
        file.place(allocation.start, allocation.end),
        f"{promise.name} promises to allocate nothing, but `{allocation.by}` {verb} {allocation.what}{when}",
        evidence=promise.reason,
        because=(promise.place,),
    )


def _through(promise: Promise, chain: Chain) -> Finding:
    way = " → ".join((promise.short, *chain.names, chain.made.by))
    verb = "may allocate" if chain.made.may else "allocates"
    return Finding(
        chain.call,
        f"{promise.name} promises to allocate nothing, "
        f"but `{chain.names[0]}` {verb} {chain.made.what}: `{way}`",
        evidence=promise.reason,
        because=(chain.made.place, promise.place),
    )
