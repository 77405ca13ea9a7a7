"""
A stream pipeline is built anew each time in hot code.

The pipeline itself is 192 to 224 bytes, whatever it goes through, and no compiler removes it: the sum of
three numbers takes 14 ns by a stream and 2 ns by a loop. A search by `anyMatch` is 112 to 160 bytes. That is
nothing in code that runs now and then, so it is only said where code is marked hot or as allocating nothing,
or runs for each frame, record, element or comparison.

Write a loop there. Streams that are handed out are silent: whoever gets them decides how they are run.

```java
import java.util.List;

class Basket {
    // alloclint: hot
    int total(List<Item> items) {
        return items.stream().mapToInt(Item::price).sum();
    }
}
```

```java
import java.util.List;

class Basket {
    // alloclint: hot
    int total(List<Item> items) {
        int total = 0;
        for (int i = 0, n = items.size(); i < n; i++) {
            total += items.get(i).price();
        }
        return total;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.often.repetition import is_in_handler, is_in_throw
from alloclint.facts.often.warm import warmth
from alloclint.facts.temporaries.pipelines import is_run_here, source_of_stream
from alloclint.finding import Confidence, Finding, Severity, Suggestion

CODE = "ALC208"
SEVERITY = Severity.info
LANGUAGES = ("java",)
WORDS = {"java": ("stream", "range", "rangeClosed")}


def check(call: Call) -> Iterator[Finding]:
    source = source_of_stream(call)
    if source is None or not is_run_here(call):
        return
    heat = warmth(call)
    if heat is None or is_in_handler(call.event) or is_in_throw(call.event):
        return
    yield Finding(
        call.file.place(*call.span),
        "a stream pipeline is built here each time",
        Confidence.advice,
        f"192 to 224 bytes per pipeline, where a loop takes none; {heat.hot or heat.often}",
        Suggestion(f"a loop over `{source}`" if len(source) < 60 else "a loop"),
        (heat.place,) if heat.place is not None else (),
        heat=heat.hot,
    )
