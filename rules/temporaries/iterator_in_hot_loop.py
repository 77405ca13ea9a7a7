"""
An enhanced `for` makes an iterator where an index would do.

The compiler of the JVM often removes it: 0 bytes per loop, as long as one type of list comes by and the loop
is compiled to the end. Where a second type comes by, or the code is not compiled to the end, it is 32 bytes
each time, however short the list. So this is only said where that may matter: in code that is marked hot or
as allocating nothing, or that runs for each frame, record, element or comparison.

Go through lists of random access by index there. Arrays need no iterator and are silent; so are linked lists,
where `get(i)` walks, sets, maps, and a `List` whose kind nobody tells.

```java
import java.util.ArrayList;

class Shape {
    private final ArrayList<Point> points = new ArrayList<>();

    // alloclint: hot
    int sum() {
        int sum = 0;
        for (Point point : points) {
            sum += point.x;
        }
        return sum;
    }
}
```

```java
import java.util.ArrayList;

class Shape {
    private final ArrayList<Point> points = new ArrayList<>();

    // alloclint: hot
    int sum() {
        int sum = 0;
        for (int i = 0, n = points.size(); i < n; i++) {
            Point point = points.get(i);
            sum += point.x;
        }
        return sum;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.often.heat import Heat
from alloclint.facts.often.repetition import is_in_handler, is_leaving
from alloclint.facts.often.warm import warm_functions, warmth
from alloclint.facts.temporaries.iterated import Iterated, iterated_lists
from alloclint.file import File
from alloclint.finding import Confidence, Finding, Severity, Suggestion

CODE = "ALC202"
SEVERITY = Severity.info
LANGUAGES = ("java",)
WORDS = {"java": ("ArrayList", "List", "Vector", "ImmutableList")}


def check(file: File) -> Iterator[Finding]:
    for function in warm_functions(file):
        for found in iterated_lists(function):
            heat = warmth(found.site)
            event = found.site.event
            if heat is not None and not is_in_handler(event) and not is_leaving(event):
                yield _finding(found, heat)


def _finding(found: Iterated, heat: Heat) -> Finding:
    file = found.site.file
    return Finding(
        file.place(*found.site.span),
        f"each `for` over the list `{found.name}` makes an iterator",
        Confidence.advice,
        f"32 bytes per loop where the JVM cannot remove it; {heat.hot or heat.often}",
        Suggestion(found.indexed),
        (heat.place,) if heat.place is not None else (),
        heat=heat.hot,
    )
