"""
Each turn of a loop takes or puts an entry at the front of a list.

A list is one block of memory: whatever happens at its front moves all entries behind it. Taking 5,000
entries from the front of a Python list one by one costs 219 ns each, from a `deque` 19 ns; of 10,000 in a
Rust `Vec` 338 ns each and 1.6 ns in a `VecDeque`; of 1,000 in an `ArrayList` 20 ns each and 1.7 ns in an
`ArrayDeque`. With twice as many entries each of them costs twice as much again.

Use a deque, or put the entries in at the end and turn the order round once after the loop. An index that
moves on does the same for a list that is only read.

Lists of a few entries are silent, and so are loops that end at once, and Java's lists whose entries are also
reached by their number, which no deque can. It is a warning where something tells
that the list may be long: it holds lines or records, the loop adds to it as well, work waits in it. Else, and
where only some turns do it, it is `info`.

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

from collections.abc import Iterator, Sequence

from alloclint.facts import Function
from alloclint.facts.temporaries.shifting import (
    Shift,
    is_asked_by_number,
    is_compiled,
    is_emptied,
    is_only_built,
    is_short,
    is_sliced,
    is_used_as_list,
    is_work_that_waits,
    limit_of,
    shifts_in,
    why_many,
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
LOOPS = True

_COSTS = {
    ("python", True): "219 ns each for 5,000 entries, 19 ns in a deque",
    ("python", False): "177 ns each for 2,000 entries, 19 ns in a deque",
    ("rust", True): "338 ns each for 10,000 entries, 1.6 ns in a VecDeque",
    ("rust", False): "247 ns each for 10,000 entries, 1.2 ns in a VecDeque",
    ("java", True): "20 ns each for 1,000 entries, 1.7 ns in an ArrayDeque",
    ("java", False): "each entry moves all that are there already",
}


def check(function: Function) -> Iterator[Finding]:
    # One finding tells of all that a function does at the front of a list: one change mends it.
    found: dict[tuple[int, str], list[Shift]] = {}
    for shift in shifts_in(function):
        if not (is_short(shift) or is_emptied(shift) or is_compiled(shift) or is_asked_by_number(shift)):
            key = id(shift.place.binding), shift.place.text()
            found.setdefault(key, []).append(shift)
    for shifts in found.values():
        yield _finding(min(shifts, key=lambda shift: _confidence(shift) is not Confidence.exact), shifts)


def _finding(shift: Shift, shifts: Sequence[Shift]) -> Finding:
    file = shift.function.file
    heat = file.facts.heat(shift.function)
    entry = "character" if shift.held == "String" else "entry"
    what = f"takes the first {entry} from" if shift.takes else f"puts {_an(entry)} at the front of"
    others = (one for one in shifts if one is not shift)
    why = why_many(shift)
    cost = f"the work grows with the square of the length: {_COSTS[file.language.name, shift.takes]}"
    return Finding(
        file.place(*shift.node.span),
        f"each turn of a loop {what} `{shift.place.text()}`, which moves all others",
        _confidence(shift),
        f"{cost}; {why}" if why is not None else cost,
        Suggestion(_instead(shift)),
        (
            file.place(shift.loop.node.start, shift.loop.node.start, "at each turn of this loop"),
            *(file.place(*one.node.span, "and here") for one in others),
        ),
        heat=heat.hot,
        cold=heat.cold,
    )


def _an(entry: str) -> str:
    return f"an {entry}" if entry == "entry" else f"a {entry}"


def _confidence(shift: Shift) -> Confidence:
    if is_used_as_list(shift) or why_many(shift) is None:
        return Confidence.advice
    if shift.function.file.language.name == "python" and shift.takes and is_work_that_waits(shift):
        return Confidence.advice
    if shift.takes:
        sure = shift.drains or not shift.conditional
    else:
        sure = not shift.conditional and shift.loop.kind in ("each", "count", "closure")
    return Confidence.exact if sure else Confidence.advice


def _instead(shift: Shift) -> str:
    name, language = shift.place.text(), shift.function.file.language.name
    limit = limit_of(shift) if language == "python" else None
    if is_used_as_list(shift):
        return f"a heap, or an order in which the last entry of `{name}` is the next"
    if limit is not None:
        return f"`{name} = deque(maxlen={shift.function.file.text(*limit.span)})`, which forgets by itself"
    if is_sliced(shift):
        return (
            f"an index into `{name}` that moves on" if shift.takes else f"one slice put in front of `{name}`"
        )
    if shift.takes and shift.held == "String":
        return f"count what goes, and take it out at once: `{name}.drain(..n)`"
    if shift.takes:
        return _taken(shift, name, language)
    return _put(shift, name, language)


def _put(shift: Shift, name: str, language: str) -> str:
    value = _value(shift)
    if is_only_built(shift):
        return _reversed(name, value, language)
    if language == "rust" and shift.held == "String":
        return f"one `{name}.insert_str(0, …)` with all of it"
    if language == "rust":
        return f"one `{name}.splice(0..0, …)` with all of them"
    return {
        "python": f"`{name}.appendleft({value})`, with `{name}` a `collections.deque`",
        "java": f"`{name}.addFirst({value})`, with `{name}` an `ArrayDeque`",
    }[language]


def _taken(shift: Shift, name: str, language: str) -> str:
    if language == "python":
        return f"`{name}.popleft()` everywhere, with {_as_deque(shift, name)}"
    if language == "java":
        return f"`{name}.poll()`, with `{name}` an `ArrayDeque`"
    if shift.drains:
        return f"`while let Some(entry) = {name}.pop_front()`, with `{name}` a `VecDeque`"
    return f"`{name}.pop_front().unwrap()`, with `{name}` a `VecDeque`"


def _as_deque(shift: Shift, name: str) -> str:
    """Python: how the list becomes a deque, by what it is made from."""
    file, value = shift.function.file, shift.place.binding.value
    imported = file.facts.types.imports.get("deque") == ("collections", "deque")
    origin = "" if imported else " from `collections`"
    if shift.place.binding.assigned and not shift.place.fields:
        return f"`{name}` a `deque`{origin} wherever it is given a value"
    if shift.place.fields or shift.place.binding.kind != "local" or value is None:
        return f"`{name}` a `deque`{origin}"
    if isinstance(value, m.Call) and value.last == "list" and len(value.args) == 1:
        value = value.args[0]
    text = file.text(*value.span).removesuffix("[:]")
    is_plain = isinstance(value, m.Call | m.Name | m.Field | m.Display) or "[" not in text
    if not is_plain or "\n" in text or len(text) > 60:
        return f"`{name}` a `deque`{origin}"
    return f"`{name} = deque({text})`{origin}"


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
    if language == "rust" and value == "…":
        return f"`push`, and `{name}.reverse()` after the loop"
    return f"`{name}.push({value})`, and `{name}.reverse()` after the loop"
