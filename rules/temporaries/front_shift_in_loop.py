"""
Each turn of a loop takes or puts an entry at the front of a list.

A list is one block of memory: whatever happens at its front moves all entries behind it. Taking 5,000
entries from the front of a Python list one by one costs 219 ns each, from a `deque` 19 ns; of 10,000 in a
Rust `Vec` 338 ns each and 1.6 ns in a `VecDeque`; of 1,000 in an `ArrayList` 20 ns each and 1.7 ns in an
`ArrayDeque`. With twice as many entries each of them costs twice as much again.

Use a deque, or put the entries in at the end and turn the order round once after the loop. An index that
moves on does the same for a list that is only read.

Lists of a few entries are silent, and so are loops that end at once. Where only some turns do it, or nothing
tells how often the loop turns, it is `info`.

```python
def visit(root):
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        waiting.extend(node.children)
```

```python
from collections import deque


def visit(root):
    waiting = deque([root])
    while waiting:
        node = waiting.popleft()
        waiting.extend(node.children)
```

```java
import java.util.*;

class Walk {
    void visit(Node root) {
        List<Node> waiting = new ArrayList<>();
        waiting.add(root);
        while (!waiting.isEmpty()) {
            Node node = waiting.remove(0);
            waiting.addAll(node.children());
        }
    }
}
```

```java
import java.util.*;

class Walk {
    void visit(Node root) {
        Deque<Node> waiting = new ArrayDeque<>();
        waiting.add(root);
        while (!waiting.isEmpty()) {
            Node node = waiting.poll();
            waiting.addAll(node.children());
        }
    }
}
```

```rust
fn drain(mut jobs: Vec<Job>) {
    while !jobs.is_empty() {
        run(jobs.remove(0));
    }
}
```

```rust
use std::collections::VecDeque;

fn drain(mut jobs: VecDeque<Job>) {
    while let Some(job) = jobs.pop_front() {
        run(job);
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.temporaries.shifting import (
    Shift,
    is_compiled,
    is_emptied,
    is_only_built,
    is_short,
    is_sliced,
    is_sorted_in_loop,
    shifts_in,
)
from alloclint.finding import Confidence, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC211"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("remove(0)", "insert(0,", "insert_str(0,", "drain(..1)", "drain(0..1)"),
    "java": ("remove(0)", "add(0,", "removeFirst", "addFirst", "removeElementAt", "insertElementAt"),
    "python": ("pop(0)", "insert", "del "),
}

_COSTS = {
    ("python", True): "219 ns each for 5,000 entries, 19 ns in a deque",
    ("python", False): "177 ns each for 2,000 entries, 19 ns in a deque",
    ("rust", True): "338 ns each for 10,000 entries, 1.6 ns in a VecDeque",
    ("rust", False): "247 ns each for 10,000 entries, 1.2 ns in a VecDeque",
    ("java", True): "20 ns each for 1,000 entries, 1.7 ns in an ArrayDeque",
    ("java", False): "each entry moves all that are there already",
}


def check(function: Function) -> Iterator[Finding]:
    # One finding tells of all that a loop does at the front of a list.
    told: set[tuple[int, str]] = set()
    for shift in shifts_in(function):
        key = id(shift.loop), shift.place.text()
        if key not in told and not (is_short(shift) or is_emptied(shift) or is_compiled(shift)):
            told.add(key)
            yield _finding(shift)


def _finding(shift: Shift) -> Finding:
    file = shift.function.file
    heat = file.facts.heat(shift.function)
    what = "takes the first entry from" if shift.takes else "puts an entry at the front of"
    return Finding(
        file.place(*shift.node.span),
        f"each turn of a loop {what} `{shift.place.text()}`, which moves all others",
        _confidence(shift),
        f"the work grows with the square of the length: {_COSTS[file.language.name, shift.takes]}",
        Suggestion(_instead(shift)),
        (file.place(shift.loop.node.start, shift.loop.node.start, "at each turn of this loop"),),
        heat=heat.hot,
        cold=heat.cold,
    )


def _confidence(shift: Shift) -> Confidence:
    if is_sorted_in_loop(shift):
        return Confidence.advice
    if shift.takes:
        sure = shift.drains or not shift.conditional
    else:
        sure = not shift.conditional and shift.loop.kind in ("each", "count", "closure")
    return Confidence.exact if sure else Confidence.advice


def _instead(shift: Shift) -> str:
    name, language = shift.place.text(), shift.function.file.language.name
    if is_sorted_in_loop(shift):
        return f"a heap, or an order in which the last entry of `{name}` is the next"
    if is_sliced(shift):
        return (
            f"an index into `{name}` that moves on" if shift.takes else f"one slice put in front of `{name}`"
        )
    if shift.takes and shift.held == "String":
        return f"a slice of `{name}` that begins further on"
    if shift.takes:
        elsewhere = "" if shift.place.is_local else "; or from the end, where the order does not matter"
        return _taken(name, language) + elsewhere
    value = _value(shift)
    if shift.held == "String" or is_only_built(shift):
        return _reversed(name, value, language)
    return {
        "python": f"`{name}.appendleft({value})`, with `{name}` a `collections.deque`",
        "java": f"`{name}.addFirst({value})`, with `{name}` an `ArrayDeque`",
        "rust": f"`{name}.push_front({value})`, with `{name}` a `VecDeque`",
    }[language]


def _taken(name: str, language: str) -> str:
    return {
        "python": f"`{name}.popleft()`, with `{name}` a `collections.deque`",
        "java": f"`{name}.poll()`, with `{name}` an `ArrayDeque`",
        "rust": f"`{name}.pop_front()`, with `{name}` a `VecDeque`",
    }[language]


def _value(shift: Shift) -> str:
    node = shift.node
    if not isinstance(node, m.Call):
        return ""
    value = node.args[0 if node.last in ("addFirst", "insertElementAt") else 1]
    text = shift.function.file.text(*value.span)
    return text if len(text) <= 60 and "\n" not in text else "…"


def _reversed(name: str, value: str, language: str) -> str:
    if language == "python":
        return f"`{name}.append({value})`, and `{name}.reverse()` after the loop"
    if language == "java":
        return f"`{name}.add({value})`, and `Collections.reverse({name})` after the loop"
    return f"`{name}.push({value})`, and the order turned round once after the loop"
