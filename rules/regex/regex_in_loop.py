r"""
The same regular expression is compiled at each turn of a loop.

Compiling parses the pattern and builds a program from it, which costs far more than matching a line. In
Java a short pattern takes 632 bytes and 51 ns a turn, against 128 bytes and 19 ns for one that was compiled
before; Rust builds automata, microseconds to milliseconds of work and kilobytes of memory for each.
Closures that an iterator or a stream runs for each element are loops as well.

Python keeps the last 512 patterns, so `re.compile` of the same text is a look-up: three times the cost of
the match, and `info`.

Declare the pattern once: a static that is computed at its first use in Rust, a constant of the class in Java,
a name of the module in Python. Where it is made of parts, compile it before the loop. A pattern that is only
needed when something fails belongs in a lazy static rather than before the loop, where it would always be
compiled. Code that leaves the loop right after, and code that runs once, is silent.

```rust
use regex::Regex;

fn dates(lines: &[String]) -> usize {
    let mut found = 0;
    for line in lines {
        let date = Regex::new(r"\d{4}-\d{2}-\d{2}").unwrap();
        found += usize::from(date.is_match(line));
    }
    found
}
```

```rust
use regex::Regex;
use std::sync::LazyLock;

static DATE_RE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d{4}-\d{2}-\d{2}").unwrap());

fn dates(lines: &[String]) -> usize {
    lines.iter().filter(|line| DATE_RE.is_match(line)).count()
}
```

```java
import java.util.List;
import java.util.regex.Pattern;

class Dates {
    int count(List<String> lines) {
        int found = 0;
        for (String line : lines) {
            if (Pattern.compile("\\d{4}-\\d{2}").matcher(line).find()) found++;
        }
        return found;
    }
}
```

```java
import java.util.List;
import java.util.regex.Pattern;

class Dates {
    private static final Pattern DATE_PATTERN = Pattern.compile("\\d{4}-\\d{2}");

    int count(List<String> lines) {
        int found = 0;
        for (String line : lines) {
            if (DATE_PATTERN.matcher(line).find()) found++;
        }
        return found;
    }
}
```

```python
import re

def dates(lines):
    return [line for line in lines if re.compile(r"\d{4}-\d{2}").match(line)]
```

```python
import re

_DATE_RE = re.compile(r"\d{4}-\d{2}")

def dates(lines):
    return [line for line in lines if _DATE_RE.match(line)]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.patterns.precompiled import precompiled
from alloclint.facts.patterns.recompiled import is_rare, is_unnoticed, line_of, place_of_loop, repeated_by
from alloclint.facts.patterns.regexes import Compilation, regexes_in
from alloclint.facts.walk.scopes import LoopFact
from alloclint.finding import Confidence, Finding, Severity, Suggestion
from alloclint.languages.regexes import COMPILING

CODE = "ALC301"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = COMPILING


def check(function: Function) -> Iterator[Finding]:
    for compilation in regexes_in(function):
        if compilation.entry.compiles and (loop := repeated_by(compilation)) is not None:
            yield _finding(compilation, loop)


def _finding(compilation: Compilation, loop: LoopFact) -> Finding:
    call, cached = compilation.call, compilation.entry.cached
    heat = call.file.facts.heat(call)
    line = line_of(call, loop.node)
    does = "looks up" if cached else "compiles"
    same = "is a constant" if compilation.fixed else "does not change in it"
    cost = "; a look-up in a cache of 512 patterns, three times the cost of the match" if cached else ""
    return Finding(
        call.file.place(*call.span),
        f"`{compilation.name}` {does} the same pattern at each turn of a loop",
        Confidence.advice if cached or is_rare(call) or is_unnoticed(loop, call) else Confidence.exact,
        f"in the loop at line {line}, the pattern {same}{cost}",
        _suggestion(compilation),
        (place_of_loop(call, loop),),
        heat=heat.hot,
        cold=heat.cold,
        also=_peers(compilation, loop),
    )


def _peers(compilation: Compilation, loop: LoopFact) -> tuple[str, ...]:
    """Who else says so: of one constant argument of the crate `regex` in a loop that is a statement."""
    path, constant = compilation.call.path or "", compilation.constant
    is_theirs = path.startswith("regex::") and constant is not None and not constant.local
    is_theirs = is_theirs and len(compilation.call.args) == 1 and loop.kind != "closure"
    return ("clippy regex_creation_in_loops",) if is_theirs else ()


def _suggestion(compilation: Compilation) -> Suggestion:
    constant = precompiled(compilation)
    if constant is not None:
        return constant.suggestion()
    return Suggestion(f"compile it before the loop: `{compilation.call.text(compilation.whole)}`")
