"""
A loop copies an array, a tuple, a list or a frame to add a part to it.

`np.append`, `np.concatenate`, `pd.concat` and `Arrays.copyOf` make a new array and copy everything into it;
so does `+` of lists and tuples, and each `add` of a `CopyOnWriteArrayList`. Done at each turn this grows
with the square of the length: 1,000 times `l = l + [x]` takes 456 ns and 4 kB each, `l.append(x)` 15 ns and
93 bytes; filling a `CopyOnWriteArrayList` with 1,000 entries allocates 2 MB, copying a filled list 4 kB.
`sum(lists, [])` is such a loop: 500 lists of ten entries take 1,865 ns each, a comprehension 86 ns.

Collect the parts in a list, which grows by doubling, and make the array or the frame once behind the loop.

Silent are loops of a few turns, lists that each turn hands on, which need the copy, arrays that a turn uses
otherwise, and what is begun anew in each turn. `info` are what only some turns copy, tuples of which nothing
says that they get long, and `sum`: below ten or twenty parts it is the faster one.

```python
import numpy as np


def squares(values):
    found = np.array([])
    for value in values:
        found = np.append(found, value * value)
    return found
```

```python
import numpy as np


def squares(values):
    found = []
    for value in values:
        found.append(value * value)
    return np.array(found)
```

```java
import java.util.Arrays;

class Primes {
    int[] upTo(int n) {
        int[] primes = new int[0];
        for (int i = 2; i <= n; i++) {
            primes = Arrays.copyOf(primes, primes.length + 1);
            primes[primes.length - 1] = i;
        }
        return primes;
    }
}
```

```java
import java.util.Arrays;

class Primes {
    int[] upTo(int n) {
        int[] primes = new int[16];
        int count = 0;
        for (int i = 2; i <= n; i++) {
            if (count == primes.length) {
                primes = Arrays.copyOf(primes, primes.length * 2);
            }
            primes[count++] = i;
        }
        return Arrays.copyOf(primes, count);
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.names.calls import Call, calls_in
from alloclint.facts.sizes.byname import few_in
from alloclint.facts.sizes.few import most_entries, most_turns
from alloclint.facts.temporaries.lengthy import is_lengthy
from alloclint.facts.temporaries.regrown import Regrown, regrown_in
from alloclint.file import File
from alloclint.finding import Applicability, Confidence, Edit, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC212"
SEVERITY = Severity.warning
LANGUAGES = ("java", "python")
WORDS = {
    "java": ("copyOf", "arraycopy", "CopyOnWriteArrayList", "ArrayUtils"),
    "python": (
        "np.append", "numpy.append", "concatenate", "vstack", "hstack", "dstack", "column_stack", "row_stack",
        "concat", "DataFrame", "sum(", "+ [", "] +", ",)",
    ),
}  # fmt: skip

_COSTS = {
    "list": "456 ns and 4 kB each for 1,000 entries, 15 ns and 93 bytes with `append`",
    "tuple": "436 ns and 4 kB each for 1,000 entries, 15 ns and 93 bytes with a list",
    "array": "all that is there is copied for each part",
    "frame": "every column is copied for each part",
    "concurrent": "1,000 entries allocate 2 MB on the way; from a filled list they take 4 kB",
}
_NAMES = {"list": "list", "tuple": "tuple", "array": "array", "frame": "frame", "concurrent": "list"}
_WIDTH = 60


def check(file: File) -> Iterator[Finding]:
    for function in _functions(file):
        for regrown in regrown_in(function):
            if not _is_short(regrown):
                yield _finding(regrown)
        if file.language.name == "python":
            yield from _sums(function)


def _functions(file: File) -> list[Function]:
    """Those with one of the words, and those that build a list or, in Java, add to a field of the file."""
    words = WORDS[file.language.name]
    if file.language.name == "java":
        more = ("add",) if b"CopyOnWriteArrayList" in file.source else ()
        return list(file.facts.functions_with((*words, *more)))
    found = {id(one): one for one in (*file.facts.functions, *file.facts.functions_with(words))}
    return list(found.values())


def _is_short(regrown: Regrown) -> bool:
    most = most_turns(regrown.loop, regrown.function)
    return most is not None and most < regrown.function.file.limits.min_constant


def _is_open(regrown: Regrown) -> bool:
    """
    Python: whether nothing speaks for many turns. Up a chain of parents it is a few times, and what is kept
    in a tuple, the parts of a version or the arguments of a call, is few as well.
    """
    if regrown.function.file.language.name != "python":
        return False
    if regrown.what == "tuple":
        return not is_lengthy(regrown.loop, regrown.function)
    return regrown.loop.kind == "while"


def _finding(regrown: Regrown) -> Finding:
    file = regrown.function.file
    heat = file.facts.heat(regrown.function)
    name = regrown.place.text()
    return Finding(
        file.place(*regrown.node.span),
        f"each turn of a loop copies the {_NAMES[regrown.what]} `{name}` with `{regrown.call}` to add to it",
        Confidence.advice if regrown.sometimes or _is_open(regrown) else Confidence.exact,
        f"the work grows with the square of the length: {_COSTS[regrown.what]}",
        _instead(regrown),
        (file.place(regrown.loop.node.start, regrown.loop.node.start, "at each turn of this loop"),),
        heat=heat.hot,
        cold=heat.cold or few_in(regrown.loop.iterable),
    )


def _instead(regrown: Regrown) -> Suggestion:
    name = regrown.place.text()
    adding = _adding(regrown)
    if regrown.what == "list":
        return _in_place(regrown)
    if regrown.what == "tuple":
        return Suggestion(f"`{name}` as a list to which the loop appends, and `tuple({name})` once behind it")
    if regrown.what == "concurrent":
        return Suggestion(
            f"{adding} to an `ArrayList` `parts`, and `{name}.addAll(parts)` once behind the loop"
        )
    if regrown.function.file.language.name == "java":
        return Suggestion(f"an `ArrayList`, or `Arrays.copyOf({name}, {name}.length * 2)` when it is full")
    join = regrown.call if regrown.what == "array" and not regrown.call.endswith("append") else None
    module = regrown.call.partition(".")[0] if "." in regrown.call else ""
    if regrown.what == "frame":
        join = regrown.call if regrown.call.endswith("concat") else "pandas.concat"
    elif join is None:
        join = f"{module}.concatenate" if module else "concatenate"
    return Suggestion(
        f"`parts = []` before the loop, {adding} in it, and `{name} = {join}([{name}, *parts])` after it"
    )


def _in_place(regrown: Regrown) -> Suggestion:
    """`r.append(x)` for `r = r + [x]`; somebody else's list of that name would be changed along."""
    name, added, node = regrown.place.text(), regrown.added, regrown.node
    value = node.value if isinstance(node, m.Assign) else None
    file = regrown.function.file
    if not isinstance(value, m.Binary) or added is None or added is not value.right:
        return Suggestion(
            f"`{name}.append` or `{name}.extend`, in an order that is turned round once if need be"
        )
    single = isinstance(added, m.Display) and added.kind == "list" and len(added.items) == 1
    first = added.items[0] if isinstance(added, m.Display) and single else None
    if first is not None and not isinstance(first, m.Keyword):
        text = f"{name}.append({file.text(*first.span)})"
    else:
        text = f"{name} += {file.text(*added.span)}"
    if isinstance(value.left, m.Binary):
        return Suggestion(f"`{name}.extend`, which adds to the list there is")
    return Suggestion(text, None, Applicability.unsafe, (Edit(node.start, node.end, text),))


def _adding(regrown: Regrown) -> str:
    """The line that adds a part to a list; in words where it takes more than a line."""
    method = "add" if regrown.function.file.language.name == "java" else "append"
    text = regrown.function.file.text(*regrown.added.span) if regrown.added is not None else ""
    if text and len(text) <= _WIDTH and "\n" not in text:
        part = f"[{text}]" if _is_number(regrown) else text
        return f"`parts.{method}({part})`"
    return f"{method} each part"


def _is_number(regrown: Regrown) -> bool:
    """`np.append` takes a single number, of which `np.concatenate` wants a list."""
    return isinstance(regrown.added, m.Literal) and regrown.what == "array"


# ---------------------------------------------------------------- sum(lists, [])


def _sums(function: Function) -> Iterator[Finding]:
    for call in calls_in(function):
        if call.name == "sum" and call.path == "builtins.sum":
            start = call.argument(1, "start")
            if start is not None and _is_empty(start, call) and not _is_small(call):
                yield _of_sum(call)


def _is_empty(start: m.Expr, call: Call) -> bool:
    """`[]`, `list()`, `()` or `tuple()`."""
    if isinstance(start, m.Display):
        return start.kind in ("list", "tuple") and not start.items
    is_call = isinstance(start, m.Call) and start.name in (("list",), ("tuple",)) and not start.args
    return is_call and call.binding(call.text(start).rstrip("()")) is None


def _is_small(call: Call) -> bool:
    """Whether few lists are added up."""
    first = call.argument(0)
    most = most_entries(first, call.event.scope, call.event.order, call.function)
    return most is not None and most < call.file.limits.min_constant


def _of_sum(call: Call) -> Finding:
    heat = call.file.facts.heat(call)
    first, start = call.args[0], call.argument(1, "start")
    is_list = call.text(start if start is not None else first) in ("[]", "list()")
    text = call.text(first)
    fits = len(text) <= _WIDTH and "\n" not in text
    joined = f"[item for part in {text} for item in part]"
    written = joined if is_list else f"tuple({joined[1:-1]})"
    edits: tuple[Edit, ...] = ()
    if fits and not isinstance(first, m.Opaque | m.Embedded | m.Comprehension):
        edits = (Edit(*call.span, written),)
    elif not fits:
        written = "a comprehension with two `for`, over the parts and over the items of each"
    return Finding(
        call.file.place(*call.span),
        f"`sum` joins {'lists' if is_list else 'tuples'} by copying all that came before for each of them",
        # Below ten or twenty parts `sum` is the faster one, and how many there are nobody can see.
        Confidence.advice,
        "the work grows with the square of the length: 1,865 ns for each of 500 lists of ten, not 86",
        Suggestion(written, None, Applicability.unsafe if edits else Applicability.display, edits),
        heat=heat.hot,
        cold=heat.cold,
        also=("ruff RUF017",) if is_list else (),
    )
