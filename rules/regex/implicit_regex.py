r"""
A method of strings compiles its constant pattern anew each time.

Java's `matches`, `replaceAll`, `replaceFirst`, `Pattern.matches` and, for most patterns, `split` compile
what they are given at each call: `split("\\s+")` of nine words takes 1,200 bytes, 696 with a compiled
pattern, `replaceAll` 1,864 and 1,080. No release has a cache. `split` by one plain character, or by an
escaped one, compiles nothing and is silent: a `Pattern` would make it slower. Up to Java 8 `replace`
compiled a pattern too.

Python's `re.search` and the like keep the last 512 patterns; the look-up takes 0.2 µs, twice as long as the
match of a compiled pattern. That is `info`, and only where it is done per turn of a loop, or the code is
marked hot.

Java: a warning in a loop, `info` elsewhere unless the code is marked hot.

```java
class Words {
    int count(Iterable<String> lines) {
        int words = 0;
        for (String line : lines) {
            words += line.split("\\s+").length;
        }
        return words;
    }
}
```

```java
import java.util.regex.Pattern;

class Words {
    private static final Pattern WHITESPACE_PATTERN = Pattern.compile("\\s+");

    int count(Iterable<String> lines) {
        int words = 0;
        for (String line : lines) {
            words += WHITESPACE_PATTERN.split(line).length;
        }
        return words;
    }
}
```

```python
import re

def names(lines):
    return [line for line in lines if re.match(r"NAME=(\w+)", line)]
```

```python
import re

_NAME_RE = re.compile(r"NAME=(\w+)")

def names(lines):
    return [line for line in lines if _NAME_RE.match(line)]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.patterns.precompiled import precompiled
from alloclint.facts.patterns.recompiled import (
    is_rare,
    is_unnoticed,
    line_of,
    place_of_loop,
    repeated_by,
    repeated_call,
    runs_once,
)
from alloclint.facts.patterns.regexes import Compilation, regexes_in
from alloclint.facts.patterns.unregexed import unregexed
from alloclint.facts.walk.scopes import LoopFact
from alloclint.finding import Confidence, Finding, Severity
from alloclint.languages.regexes import USING

CODE = "ALC303"
SEVERITY = Severity.warning
LANGUAGES = ("java", "python")
WORDS = USING


def check(function: Function) -> Iterator[Finding]:
    for compilation in regexes_in(function):
        if compilation.entry.compiles or not compilation.fixed or unregexed(compilation) is not None:
            continue
        loop = repeated_by(compilation)
        if loop is not None:
            yield _per_turn(compilation, loop)
        elif compilation.call.loop is None and not runs_once(compilation.call):
            yield from _per_call(compilation)


def _per_turn(compilation: Compilation, loop: LoopFact) -> Finding:
    call, cached = compilation.call, compilation.entry.cached
    does = "looks up its constant pattern" if cached else "compiles its constant pattern"
    heat = call.file.facts.heat(call)
    constant = precompiled(compilation)
    return Finding(
        call.file.place(*compilation.span),
        f"`{compilation.name}` {does} at each turn of a loop",
        Confidence.advice if cached or is_rare(call) or is_unnoticed(loop, call) else Confidence.exact,
        f"the loop at line {line_of(call, loop.node)}; {_cost(compilation)}",
        constant.suggestion() if constant is not None else None,
        (place_of_loop(call, loop),),
        heat=heat.hot,
        cold=heat.cold,
    )


def _per_call(compilation: Compilation) -> Iterator[Finding]:
    call, cached = compilation.call, compilation.entry.cached
    heat = call.file.facts.heat(call)
    caller = repeated_call(call)
    looped = f"it is called in a loop at line {line_of(call, caller.node)}" if caller is not None else None
    if (cached or compilation.entry.literal) and heat.hot is None:
        return
    often = heat.hot or heat.often or looped
    constant = precompiled(compilation)
    yield Finding(
        call.file.place(*compilation.span),
        f"`{compilation.name}` {'looks up' if cached else 'compiles'} its constant pattern at each call",
        Confidence.advice,
        "; ".join(one for one in (often, _cost(compilation)) if one),
        constant.suggestion() if constant is not None else None,
        () if caller is None else (call.file.place(*caller.span, "called in a loop here"),),
        heat=heat.hot,
    )


def _cost(compilation: Compilation) -> str:
    if compilation.entry.cached:
        return "a look-up in a cache of 512 patterns, twice the cost of the match"
    if compilation.entry.literal:
        return "up to Java 8 it compiles a pattern of the text"
    return "nothing keeps the compiled pattern"
