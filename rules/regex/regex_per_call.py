r"""
A constant pattern is compiled anew by each call of a function.

The pattern never changes, yet each call parses it and builds its program again: in Java some 500 bytes for a
short pattern and more than the match itself costs, in Rust microseconds to milliseconds. In Python
`re.compile` finds it in a cache of 512 patterns, as long as no more are in use: 0.3 µs instead of 10, but a
name of the module costs nothing and says what the pattern is for.

`info`, as a function may be called rarely; a warning where it is marked hot, handles requests or records,
or is called in a loop of the same file. Whatever runs once is silent: lazy cells, static initialisers,
`main`, cached functions, `@PostConstruct`, what is made only where it is missing, and what is only needed
for an error.

```rust
use regex::Regex;

fn is_date(text: &str) -> bool {
    Regex::new(r"^\d{4}-\d{2}$").unwrap().is_match(text)
}
```

```rust
use regex::Regex;
use std::sync::LazyLock;

fn is_date(text: &str) -> bool {
    static DATE_RE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\d{4}-\d{2}$").unwrap());
    DATE_RE.is_match(text)
}
```

```java
import java.util.regex.Pattern;

class Dates {
    boolean isDate(String text) {
        return Pattern.compile("\\d{4}-\\d{2}").matcher(text).matches();
    }
}
```

```java
import java.util.regex.Pattern;

class Dates {
    private static final Pattern DATE_PATTERN = Pattern.compile("\\d{4}-\\d{2}");

    boolean isDate(String text) {
        return DATE_PATTERN.matcher(text).matches();
    }
}
```

```python
import re

def is_date(text):
    date = re.compile(r"\d{4}-\d{2}")
    return date.fullmatch(text) is not None
```

```python
import re

_DATE_RE = re.compile(r"\d{4}-\d{2}")

def is_date(text):
    return _DATE_RE.fullmatch(text) is not None
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.patterns.precompiled import precompiled
from alloclint.facts.patterns.recompiled import repeated_call, runs_once, subject_of
from alloclint.facts.patterns.regexes import Compilation, regexes_in
from alloclint.facts.patterns.unregexed import unregexed
from alloclint.finding import Finding, Severity
from alloclint.languages.regexes import COMPILING

CODE = "ALC302"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
WORDS = COMPILING


def check(function: Function) -> Iterator[Finding]:
    found = [one for one in regexes_in(function) if _is_per_call(one)]
    if found:
        yield _finding(found[0], found[1:])


def _is_per_call(compilation: Compilation) -> bool:
    if not compilation.entry.compiles or not compilation.fixed or compilation.call.loop is not None:
        return False
    return not runs_once(compilation.call) and unregexed(compilation) is None


def _finding(compilation: Compilation, others: list[Compilation]) -> Finding:
    """One for a function: whoever moves one of its patterns out moves all of them."""
    call, cached = compilation.call, compilation.entry.cached
    heat = call.file.facts.heat(call)
    caller = repeated_call(call)
    looped = f"it is called in a loop at line {call.file.position(caller.span[0]).line}" if caller else None
    # A look-up in a cache is worth a warning only where somebody says that the code is hot.
    often = None if cached else heat.often or looped
    constant = precompiled(compilation)
    reasons = ("the pattern is a constant", heat.hot or often, _counted(others))
    because = () if caller is None else (call.file.place(*caller.span, "called in a loop here"),)
    return Finding(
        call.file.place(*call.span),
        f"`{compilation.name}` {'looks up' if cached else 'compiles'} a constant pattern {subject_of(call)}",
        evidence="; ".join(one for one in reasons if one),
        suggestion=constant.suggestion() if constant is not None else None,
        because=(*because, *(call.file.place(*one.call.span, "so does this") for one in others)),
        heat=heat.hot or often,
    )


def _counted(others: list[Compilation]) -> str | None:
    if not others:
        return None
    return "another one follows" if len(others) == 1 else f"{len(others)} others follow in this function"
