"""
Text grows in a loop by being copied into a longer one at each turn.

A Java String cannot be changed: `s += x` copies what is there. A thousand appends of ten characters allocate
5 MB, and 47 kB in a StringBuilder. The work grows with the square of the length.

CPython does append in place, but only to a plain local: `s += x` and `s = s + x` are `info`. The text is
copied where it is an attribute, an entry, a global or a variable that an inner function sees, where it is
put in front (`x + s`) or into a format (`f"{s}…"`), where the sum has three parts (`s = s + x + y`; `s += x
+ y` has not), and for `bytes`: 440 ns for each append to 100 kB, where a local takes 24 ns.

Rust's `s = s + &x` moves the buffer and costs nothing; `s = format!("{s}{x}")` and `s = s.clone() + x` copy
it: 15 MB for 1,000 appends, instead of 20 kB. `push_str(&format!(…))` makes a String only to copy it; in a
loop `write!` without it is an `info` (11 ns instead of 28). Outside of loops it is left alone.

Silent where each turn needs the whole text, where a turn starts it anew, where the loop is left right after,
and where the code shows fewer than 16 turns: a list that is written out, `*args`, a slice. It is `info` where
a loop climbs from a leaf to its root or fills up to a width, where only some turns add to the text, and in
Python where `__init__` makes it of its parameters, or nothing speaks for many turns, as reading a file does:
those are short, mostly.

```java
class Csv {
    String line(java.util.List<String> cells) {
        String line = "";
        for (String cell : cells) {
            line += cell + ",";
        }
        return line;
    }
}
```

```java
class Csv {
    String line(java.util.List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (String cell : cells) {
            line.append(cell).append(",");
        }
        return line.toString();
    }
}
```

```python
def comment(items):
    text = ""
    for item in items:
        text = f"{text} {item}"
    return text
```

```python
def comment(items):
    return "".join([f" {item}" for item in items])
```

```rust
fn line(cells: &[String]) -> String {
    let mut line = String::new();
    for cell in cells {
        line = format!("{line}{cell},");
    }
    line
}
```

```rust
fn line(cells: &[String]) -> String {
    let mut line = String::new();
    for cell in cells {
        line.push_str(cell);
        line.push(',');
    }
    line
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.names.calls import Site
from alloclint.facts.sizes.byname import few_in
from alloclint.facts.temporaries.formatting import Appended, appended_in, imports_write, written_directly
from alloclint.facts.temporaries.joining import Joining, joinings_in
from alloclint.facts.temporaries.lengthy import is_lengthy, is_of_a_mapping
from alloclint.facts.temporaries.rejoining import rejoined
from alloclint.finding import Applicability, Confidence, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC206"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("format!", ".clone() +", "+ &"),
    "java": ("+=", " + ", "concat"),
    "python": ("+=", " + ", '= f"', "= f'", '" % ', "' % ", ".format(", "join(["),
}
LOOPS = True
_COPIES = {
    "chain": "the first `+` copies all that is there: only `s += …` appends in place",
    "prepend": "what is put in front moves all that is there into a new text",
    "formatted": "formatting copies all that is there",
}


def check(function: Function) -> Iterator[Finding]:
    for joining in joinings_in(function):
        # What is appended to in place and compared meanwhile could not be a list of parts.
        if not (_is_in_place(joining) and joining.is_looked_at):
            yield _joined(joining)
    if function.file.language.name == "rust":
        for found in appended_in(function):
            yield _formatted(found)


def _joined(joining: Joining) -> Finding:
    file = joining.function.file
    first = joining.joins[0]
    heat = file.facts.heat(Site(joining.function, first.event))
    in_place = _is_in_place(joining)
    confidence = (
        Confidence.advice if in_place or not joining.certain or _is_rare(joining) else Confidence.exact
    )
    suggestion = rejoined(joining)
    return Finding(
        file.place(*first.assign.span),
        f"`{joining.text}` is copied into a longer {_noun(joining)} at each turn of the loop"
        if not in_place
        else f"`{joining.text}` grows piece by piece in a loop",
        confidence,
        _evidence(joining, in_place=in_place),
        suggestion,
        (
            file.place(joining.loop.node.start, joining.loop.node.start, "at each turn of this loop"),
            *(file.place(*one.assign.span, "and here") for one in joining.joins[1:3]),
        ),
        heat=None if in_place else heat.hot,
        cold=heat.cold,
        also=_peers(joining),
    )


def _is_in_place(joining: Joining) -> bool:
    return joining.function.file.language.name == "python" and joining.is_in_place


def _is_rare(joining: Joining) -> bool:
    """
    Text that only some turns add to; in Python also what a constructor makes of its settings, and of which
    nothing says that it gets long.
    """
    if few_in(joining.loop.iterable) is not None:
        return True
    if joining.kind == "bytes" and (is_of_a_mapping(joining.loop) or _is_received(joining)):
        return True
    if joining.function.file.language.name != "python":
        return joining.kind == "String" and joining.conditional
    few = joining.is_set_up or joining.conditional
    return few or not is_lengthy(joining.loop, joining.function)


def _is_received(joining: Joining) -> bool:
    """Whether a loop puts together what comes over a connection, which mostly is there at the first turn."""
    events = joining.function.trace.calls_between(joining.loop.start, joining.loop.end)
    return any(isinstance(one.node, m.Call) and one.node.last.startswith("recv") for one in events)


def _noun(joining: Joining) -> str:
    return {"String": "String", "str": "text", "bytes": "bytes object"}[joining.kind]


def _evidence(joining: Joining, *, in_place: bool) -> str:
    if in_place:
        return "CPython appends in place as long as no other name holds the text; other Pythons copy it"
    how = next((one.how for one in joining.joins if one.how != "append"), "append")
    if joining.kind == "bytes":
        return "bytes cannot be changed: each join copies all that is there"
    if joining.function.file.language.name == "python" and how == "append":
        return (
            f"only a plain local is appended to in place, and this is {joining.shared}: the work is quadratic"
        )
    if joining.function.file.language.name == "java":
        return "a String cannot be changed: each join copies all that is there, and the work is quadratic"
    return f"{_COPIES[how]}: the work grows with the square of the length"


def _peers(joining: Joining) -> tuple[str, ...]:
    if joining.function.file.language.name != "java" or not isinstance(joining.loop.node, m.Loop):
        return ()
    plain = isinstance(joining.joins[0].assign.value, m.Binary) or joining.joins[0].assign.op == "+="
    return ("sonar S1643",) if plain and joining.joins[0].how in ("append", "chain") else ()


def _formatted(found: Appended) -> Finding:
    file = found.function.file
    text, edits = written_directly(found)
    heat = file.facts.heat(found.function)
    more = "" if imports_write(found) else ", with `use std::fmt::Write as _;`"
    arms = "" if found.direct else ", in each branch that formats"
    return Finding(
        file.place(*found.node.span),
        "a String is formatted at each turn only to be copied to the end of another",
        Confidence.advice,
        "`write!` formats into the buffer itself: 11 ns for each number instead of 28, and no allocation",
        Suggestion(
            f"{text}{arms}{more}", None, Applicability.unsafe if edits else Applicability.display, edits
        ),
        heat=heat.hot,
        cold=heat.cold,
    )
