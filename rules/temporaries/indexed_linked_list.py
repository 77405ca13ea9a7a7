"""
A loop asks a `LinkedList` for its entries by their number.

`list.get(i)` of a `LinkedList` walks from the nearer end to the entry, at each turn again: a loop over 1,000
entries takes 218 µs, with the list's iterator 2.6 µs, and with twice as many entries four times as long.
`set`, `remove` and `add` with an index do the same walk.

Go through the list with an enhanced `for`, or with a `ListIterator`, which also sets, removes and adds where
it stands. A list that is only filled at its end and asked by number is better an `ArrayList`; it takes less
memory, too.

Only lists that are declared, or built wherever they are assigned, as a `LinkedList` are reported. Where each
turn finds the number anew, it is `info`.

```java
import java.util.*;

class Totals {
    long total(LinkedList<Long> parts) {
        long total = 0;
        for (int i = 0; i < parts.size(); i++) {
            Long part = parts.get(i);
            total += part;
        }
        return total;
    }
}
```

```java
import java.util.*;

class Totals {
    long total(LinkedList<Long> parts) {
        long total = 0;
        for (Long part : parts) {
            total += part;
        }
        return total;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.sizes.byname import few_in
from alloclint.facts.sizes.counted import most_counted
from alloclint.facts.sizes.few import most_turns
from alloclint.facts.temporaries.walked import Indexed, as_walk, indexed, is_declared_as_list
from alloclint.finding import Applicability, Confidence, Finding, Severity, Suggestion

CODE = "ALC203"
SEVERITY = Severity.warning
LANGUAGES = ("java",)
WORDS = {"java": ("get", "set", "remove", "add")}
FILES = {"java": ("LinkedList",)}
LOOPS = True

_ARGUMENTS = {"get": 1, "remove": 1, "set": 2, "add": 2}


def check(call: Call) -> Iterator[Finding]:
    if len(call.args) != _ARGUMENTS[call.name]:
        return
    found = indexed(call)
    if found is None or found.held != "LinkedList" or _is_short(found):
        return
    heat = call.file.facts.heat(call)
    name, index = call.text(call.node.receiver or call.node), call.text(call.args[0])
    yield Finding(
        call.file.place(*call.span),
        f"`{name}` is a LinkedList: `{call.name}({index})` walks to the entry again at each turn",
        Confidence.exact if found.counted else Confidence.advice,
        "the work grows with the square of the length: 218 µs for 1,000 entries, 2.6 µs with an iterator",
        _suggestion(found, name),
        (call.file.place(found.loop.node.start, found.loop.node.start, "at each turn of this loop"),),
        heat=heat.hot,
        cold=heat.cold or few_in(call.node.receiver),
    )


def _is_short(found: Indexed) -> bool:
    """Whether the loop is known to make only a few turns."""
    function, few = found.call.function, found.call.file.limits.min_constant
    known = (most_turns(found.loop, function), most_counted(found.loop, function))
    return any(most is not None and most < few for most in known)


def _suggestion(found: Indexed, name: str) -> Suggestion:
    walk = as_walk(found)
    if walk is not None:
        applicability = Applicability.unsafe if walk.edits else Applicability.display
        return Suggestion(walk.text, None, applicability, walk.edits)
    is_list = is_declared_as_list(found)
    array = f", or `new ArrayList<>()` where `{name}` is built" if is_list else ""
    if not found.counted:
        return Suggestion(
            array.removeprefix(", or ") or f"`{name}.toArray()` before the loop, if it stays as it is"
        )
    if found.backwards and (is_list or found.call.name != "get"):
        return Suggestion(f"`{name}.listIterator({name}.size())` and its `previous()`{array}")
    if found.backwards:
        return Suggestion(f"a loop over `{name}.descendingIterator()`")
    if found.call.name != "get":
        return Suggestion(f"a loop over `{name}.listIterator()`, which does it where it stands")
    return Suggestion(f"a loop over `{name}` itself{array}")
