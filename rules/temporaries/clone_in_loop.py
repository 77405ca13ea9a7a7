"""
A loop copies the same value at each turn, and only looks at the copies.

Every copy allocates and is dropped at the end of the turn: 8 kB for a clone of a thousand numbers, one
allocation for each String in a list of them, 10 µs for a small `copy.deepcopy`. The value is the same at
each turn, so that the original, or one copy made before the loop, does as well.

Silent for copies that are kept, changed, handed on by value or moved into a closure; for values that the
loop changes, or somebody in it might; for shared pointers, numbers and types of which nothing tells what a
copy costs; for copies that are iterated over, which may guard against changes meanwhile; for a few entries
that are written out. It is `info` where only some turns make the copy and it has to be made before the loop
instead, and where each turn goes through all of a set or a list of it anyway.

```rust
fn count(names: &[String], own: &String) -> usize {
    let mut found = 0;
    for name in names {
        let own = own.clone();
        found += usize::from(name.ends_with(&own));
    }
    found
}
```

```rust
fn count(names: &[String], own: &String) -> usize {
    let mut found = 0;
    for name in names {
        found += usize::from(name.ends_with(own));
    }
    found
}
```

```java
import java.util.*;

class Filter {
    int count(List<String> names, List<String> known) {
        int found = 0;
        for (String name : names) {
            Set<String> all = new HashSet<>(known);
            found += all.contains(name) ? 1 : 0;
        }
        return found;
    }
}
```

```java
import java.util.*;

class Filter {
    int count(List<String> names, List<String> known) {
        int found = 0;
        Set<String> all = new HashSet<>(known);
        for (String name : names) {
            found += all.contains(name) ? 1 : 0;
        }
        return found;
    }
}
```

```python
def count(names: list[str], known: list[str]):
    return sum(name in set(known) for name in names)
```

```python
def count(names: list[str], known: list[str]):
    all_known = set(known)
    return sum(name in all_known for name in names)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.temporaries.copies import Repeated, repeated
from alloclint.facts.temporaries.preloop import before_loop
from alloclint.finding import Applicability, Confidence, Edit, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC205"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("clone", "to_string", "to_owned", "to_vec", "to_path_buf"),
    "java": (
        "String",
        "ArrayList",
        "LinkedList",
        "ArrayDeque",
        "HashMap",
        "LinkedHashMap",
        "TreeMap",
        "HashSet",
        "LinkedHashSet",
        "TreeSet",
        "PriorityQueue",
        "clone",
    ),
    "python": ("deepcopy", "copy", "dict", "list", "set", "frozenset", "tuple"),
}
LOOPS = True


def check(call: Call) -> Iterator[Finding]:
    found = repeated(call)
    if found is not None:
        yield _finding(call, found)


def _finding(call: Call, found: Repeated) -> Finding:
    heat = call.file.facts.heat(call)
    original = _original(call, found)
    sure = original is not None or not (found.conditional or found.gone_through)
    source = _short(call, found.copy.source)
    return Finding(
        call.file.place(*call.span),
        _message(call, found, source),
        Confidence.exact if sure else Confidence.advice,
        f"`{source}` is the same at each turn: each {found.copy.made} is made only to be dropped again",
        original or _hoisted(call, found),
        (call.file.place(found.loop.node.start, found.loop.node.start, "at each turn of this loop"),),
        heat=heat.hot if sure else None,
        cold=heat.cold,
    )


def _message(call: Call, found: Repeated, source: str) -> str:
    if found.copy.same or found.copy.made == "String":
        return f"`{source}` is copied at each turn of the loop, and the copy is only looked at"
    return f"a {found.copy.made} of `{source}` is made at each turn of the loop, and only looked at"


def _short(call: Call, expression: m.Expr) -> str:
    text = call.text(expression)
    return text if len(text) <= 60 and "\n" not in text else "the value"


def _original(call: Call, found: Repeated) -> Suggestion | None:
    """The original where the copy stood, if it does the same there."""
    if found.local is not None or not (found.copy.same or _is_searched(call, found)):
        return None
    text = call.text(found.copy.source)
    if call.file.language.name != "rust":
        edit = Edit(call.node.start, call.node.end, text)
        return Suggestion(text, None, Applicability.unsafe, (edit,))
    above = call.parent
    is_borrowed = isinstance(above, m.Unary) and above.op == "&" and above.operand is call.node
    type_ = call.type_of(found.copy.source)
    if is_borrowed and isinstance(above, m.Unary) and (type_ is not None and type_.kind == "ref"):
        return Suggestion(text, None, Applicability.unsafe, (Edit(above.start, above.end, text),))
    return Suggestion(text, None, Applicability.unsafe, (Edit(call.node.start, call.node.end, text),))


def _is_searched(call: Call, found: Repeated) -> bool:
    """Python: `x in list(xs)`, where whatever was copied can be asked itself."""
    above = call.parent
    searches = isinstance(above, m.Binary) and above.op in ("in", "not in") and above.right is call.node
    return searches and found.copy.made in ("list", "tuple")


def _name_of(found: Repeated) -> str:
    """A name for a copy: that of what is copied and its own type, `names_set`."""
    source, made = found.copy.source, found.copy.made.lower().replace(" ", "_")
    if isinstance(source, m.Call) and source.receiver is not None:
        source = source.receiver
    stem = source.id if isinstance(source, m.Name) else source.name if isinstance(source, m.Field) else "as"
    return f"{stem.strip('_').lower()}_{made}" if stem.isupper() else f"{stem}_{made}"


def _hoisted(call: Call, found: Repeated) -> Suggestion:
    text, edits = before_loop(call, found.loop, found.local, _name_of(found))
    return Suggestion(text, None, Applicability.unsafe if edits else Applicability.display, edits)
