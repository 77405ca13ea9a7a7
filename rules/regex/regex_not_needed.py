"""
A plain text is a pattern where a method of strings would do.

Java compiles a pattern to replace `quick`: 1,520 bytes and 158 ns, where `replace` takes 88 bytes and 27
ns, and nothing at all if the text does not occur. `split` by a class of one character, such as `[|]`,
compiles one too, while the escaped character takes a faster path. Python looks the pattern up and runs a
program of its own for what `in`, `startswith`, `replace` and `split` do at once. Rust compiles automata for
`contains`.

Silent where the two differ: a replacement with `$` or a backslash, flags, groups, anchors that know of
lines, a match whose position is asked for. Where a Java replacement is not a constant, look whether it may
hold `$` or a backslash: `replace` takes them as they are.

`info`, and in Java a warning where it is done at each turn of a loop.

```rust
use regex::Regex;

fn is_comment(line: &str) -> bool {
    Regex::new("^//").unwrap().is_match(line)
}
```

```rust
fn is_comment(line: &str) -> bool {
    line.starts_with("//")
}
```

```java
class Paths {
    String unix(String path) {
        return path.replaceAll("::", "/");
    }
}
```

```java
class Paths {
    String unix(String path) {
        return path.replace("::", "/");
    }
}
```

```python
import re

def is_comment(line):
    return bool(re.match("//", line))
```

```python
def is_comment(line):
    return line.startswith("//")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.patterns.recompiled import (
    is_rare,
    is_unnoticed,
    line_of,
    place_of_loop,
    repeated_by,
    runs_once,
)
from alloclint.facts.patterns.regexes import Compilation, regexes_in
from alloclint.facts.patterns.unregexed import Unregexed, unregexed
from alloclint.finding import Finding, Severity
from alloclint.languages.regexes import COMPILING, USING

CODE = "ALC304"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
WORDS = {"rust": COMPILING["rust"], **USING}


def check(function: Function) -> Iterator[Finding]:
    for compilation in regexes_in(function):
        written = unregexed(compilation)
        if written is not None and not _is_of_others(compilation):
            yield _finding(compilation, written)


def _is_of_others(compilation: Compilation) -> bool:
    """Whether it runs once, or (Rust) is compiled in a loop, which is worse than being compiled."""
    compiles = compilation.entry.compiles
    return (compiles and repeated_by(compilation) is not None) or runs_once(compilation.call)


def _finding(compilation: Compilation, written: Unregexed) -> Finding:
    call = compilation.call
    loop = repeated_by(compilation) if not compilation.entry.cached else None
    heat = call.file.facts.heat(call)
    looped = f"at each turn of the loop at line {line_of(call, loop.node)}" if loop is not None else None
    rare = heat.cold is not None or loop is None or is_unnoticed(loop, call) or is_rare(call)
    quoted = "what is quoted is plain text" if compilation.text is None else "the pattern is plain text"
    return Finding(
        call.file.place(*compilation.span),
        f"`{compilation.name}` is given plain text, for which no pattern is needed",
        evidence=f"{quoted}, {looped}" if looped is not None else quoted,
        suggestion=written.suggestion(),
        because=(place_of_loop(call, loop),) if loop is not None else (),
        heat=heat.hot or (looped if not rare else None),
        also=("sonar S5361",) if _is_plain_replacement(compilation) else (),
    )


def _is_plain_replacement(compilation: Compilation) -> bool:
    """Java: `replaceAll` of a literal without any escape, which others report as well."""
    constant, call = compilation.constant, compilation.call
    is_literal = constant is not None and constant.stands and call.file.language.name == "java"
    return is_literal and call.name == "replaceAll" and (compilation.text or "").isalnum()
