"""
A collection, buffer or formatter of constants is rebuilt at each turn.

It is the same at every turn, so it can be made once. `new byte[8192]` is 8 kB and 330 ns each time, a
buffer that is used again 5 ns; `new SimpleDateFormat("yyyy-MM-dd").format(d)` is 2,088 bytes and 556 ns
where a formatter made before takes 544 bytes and 198 ns. A Python dict of four entries takes 108 ns to
write out and look up, 15 ns to look up.

Make it before the loop, or a constant of the class or module. A `SimpleDateFormat` or `DecimalFormat` must
not be shared by threads: a local before the loop is right for it, a `DateTimeFormatter` may be static. In
Rust an array `["a", "b"]` needs no heap at all. A buffer that is read into may be made before the loop too;
only what was read is valid in it, as before.

Silent: what the turn changes, stores, returns or passes on; lists after `in` and in `for`, which Python
folds into constants; a few constants in Python, buffers of a few bytes, and loops of a few turns.

```rust
fn kinds(words: &[String]) -> usize {
    let mut found = 0;
    for word in words {
        let kinds = vec!["noun", "verb", "adverb"];
        found += kinds.contains(&word.as_str()) as usize;
    }
    found
}
```

```rust
fn kinds(words: &[String]) -> usize {
    let mut found = 0;
    for word in words {
        let kinds = ["noun", "verb", "adverb"];
        found += kinds.contains(&word.as_str()) as usize;
    }
    found
}
```

```java
import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.List;

class Report {
    void print(List<Date> dates) {
        for (Date date : dates) {
            System.out.println(new SimpleDateFormat("yyyy-MM-dd").format(date));
        }
    }
}
```

```java
import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.List;

class Report {
    void print(List<Date> dates) {
        SimpleDateFormat format = new SimpleDateFormat("yyyy-MM-dd");
        for (Date date : dates) {
            System.out.println(format.format(date));
        }
    }
}
```

```python
def seconds(durations):
    total = 0
    for number, unit in durations:
        total += number * {"s": 1, "min": 60, "h": 3600}[unit]
    return total
```

```python
_SECONDS = {"s": 1, "min": 60, "h": 3600}


def seconds(durations):
    total = 0
    for number, unit in durations:
        total += number * _SECONDS[unit]
    return total
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.names.naming import constant_name
from alloclint.facts.temporaries.rebuilt import Rebuilt, rebuilt_in
from alloclint.finding import Confidence, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC209"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("vec!",),
    "java": (
        "SimpleDateFormat", "DecimalFormat", "MessageFormat", "ChoiceFormat", "DateTimeFormatter",
        "Arrays.asList", "List.of(", "Set.of(", "Map.of(", "new byte[", "new char[", "new int[",
        "new long[", "new String[", "new Object[", "new double[",
    ),
    "python": (
        '{"', "{'", "= [", "= {", "Decimal", "Fraction", "TextWrapper", "JSONEncoder", "JSONDecoder",
        "Struct", "Template",
    ),
}  # fmt: skip
LOOPS = True
#: Java: what must not be used by two threads.
_ONE_THREAD = {"SimpleDateFormat", "DecimalFormat", "MessageFormat", "ChoiceFormat"}
_LONGEST = 60
#: Rust: so many `&str` take less than the 200 bytes up to which clippy wants an array.
_FEW = 12
_OF_SLICES = {
    "len", "is_empty", "contains", "iter", "get", "first", "last", "binary_search", "starts_with",
    "ends_with",
}  # fmt: skip


def check(function: Function) -> Iterator[Finding]:
    for found in rebuilt_in(function):
        heat = function.file.facts.heat(found.site)
        if heat.cold is None:
            yield _finding(found, heat.hot)


def _finding(found: Rebuilt, hot: str | None) -> Finding:
    file, loop = found.site.file, found.loop.node
    what = f"`{found.local.name}`" if found.local is not None else f"this {found.what}"
    return Finding(
        file.place(*found.site.span),
        f"{what} is made at each turn, always the same",
        Confidence.advice,
        "each turn reads into it anew" if found.filled else "it is made of constants, and no turn changes it",
        Suggestion(_suggestion(found)),
        (file.place(loop.start, loop.start, "at each turn of this loop"),),
        heat=hot,
        also=("clippy useless_vec",) if _is_slice_enough(found) else (),
    )


def _is_slice_enough(found: Rebuilt) -> bool:
    """Rust: whether a few literals are only asked what a slice knows, too, or gone through on the spot."""
    vec, site = found.site.expression, found.site
    if site.file.language.name != "rust" or not isinstance(vec, m.Display) or vec.repeat is not None:
        return False
    if len(vec.items) > _FEW or not all(isinstance(one, m.Literal) for one in vec.items):
        return False
    if found.local is None:
        loop = site.parent
        return _is_asked(vec, loop) or (isinstance(loop, m.Loop) and loop.iterable is vec)
    made, uses = found.local.node, site.function.trace.uses_of(found.local)
    is_plain = isinstance(made, m.Let) and made.type is None
    return is_plain and all(_is_asked(use.expr, use.around.node if use.around else None) for use in uses)


def _is_asked(vec: m.Expr | None, parent: m.Node | None) -> bool:
    if isinstance(parent, m.Index):
        return parent.of is vec and not isinstance(parent.index, m.Range)
    return isinstance(parent, m.Call) and parent.receiver is vec and parent.last in _OF_SLICES


def _on_one_line(text: str) -> str:
    """Code without its line breaks, and lists of numbers without the blanks and the comma at their ends."""
    text = " ".join(text.split())
    if text[:1] not in "[{" or '"' in text or "'" in text:
        return text
    return re.sub(r",? ([\]}])", r"\1", re.sub(r"([\[{]) ", r"\1", text))


def _suggestion(found: Rebuilt) -> str:
    file, expression = found.site.file, found.site.expression
    text = _on_one_line(file.text(*expression.span))
    is_code = not any(file.unit.comment_at(at) for at in range(*expression.span))
    shown = f"`{text}`" if len(text) <= _LONGEST and is_code else "it"
    language = file.language.name
    if found.filled:
        return f"{shown} before the loop: each turn reads into the same buffer"
    if language == "rust":
        is_written = isinstance(expression, m.Display) and expression.repeat is None
        return f"an array, {shown.replace('vec!', '', 1)}" if is_written else f"{shown} before the loop"
    if found.what in _ONE_THREAD:
        return f"{shown} before the loop, not static: a `{found.what}` is for one thread"
    if not found.shared:
        return f"{shown} before the loop"
    name = constant_name(file, (found.local.name,)) if found.local is not None else None
    if language == "java":
        return f"{shown} before the loop, or as `static final{f' {name}' if name else ''}`"
    if name is None:
        return f"{shown} before the loop, or in a constant of the module"
    constant = f"`{name} = {text}` in" if shown != "it" else f"`{name}`, a constant of"
    return f"{constant} the module, or before the loop"
