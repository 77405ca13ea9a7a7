r"""
Patterns are built from values that vary, and compiled for each of them.

A pattern that is put together from a value costs a compilation per value: in Java 500 bytes and more, in
Rust microseconds to milliseconds, in Python 10 µs and 7 kB, forty times as much as one from the cache. That
cache of Python keeps 512 patterns: in a loop over more values, and for any other code that shares it,
nothing stays in it. A map of one's own without a bound keeps all of them for ever instead: as many as there
are values, a few kilobytes each.

Where the value is quoted, it is plain text: look for it with a method of strings. Several texts at once are
one pattern of alternatives, compiled before the loop; or match one general pattern and compare what it
found with the value. A cache needs a bound: an LRU map, `functools.lru_cache(maxsize=…)`.

`info` in Python where the value is a pattern itself, and for a cache in code of which nothing says that it
runs often. Silent: patterns that are kept by what was built with them, lists of values that the source
shows, configured patterns that are compiled as they are, and patterns that an inner loop uses.

```rust
use regex::Regex;

fn count(names: &[String], text: &str) -> usize {
    let mut found = 0;
    for name in names {
        let word = Regex::new(&format!(r"\b{}\b", regex::escape(name))).unwrap();
        found += word.find_iter(text).count();
    }
    found
}
```

```rust
use regex::Regex;

fn count(names: &[String], text: &str) -> usize {
    let any = names.iter().map(|name| regex::escape(name)).collect::<Vec<_>>().join("|");
    let words = Regex::new(&format!(r"\b(?:{any})\b")).unwrap();
    words.find_iter(text).count()
}
```

```java
import java.util.Map;

class Template {
    String fill(String text, Map<String, String> values) {
        for (Map.Entry<String, String> one : values.entrySet()) {
            text = text.replaceAll("\\$\\{" + one.getKey() + "\\}", one.getValue());
        }
        return text;
    }
}
```

```java
import java.util.Map;

class Template {
    String fill(String text, Map<String, String> values) {
        for (Map.Entry<String, String> one : values.entrySet()) {
            text = text.replace("${" + one.getKey() + "}", one.getValue());
        }
        return text;
    }
}
```

```python
import re

def without(names, text):
    for name in names:
        text = re.sub(r"\b%s\b" % re.escape(name), "", text)
    return text
```

```python
import re

def without(names, text):
    any_name = "|".join(map(re.escape, names))
    return re.sub(rf"\b(?:{any_name})\b", "", text)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.patterns.recompiled import line_of, place_of_loop, repeated_call
from alloclint.facts.patterns.regexes import Compilation, regexes_in
from alloclint.facts.patterns.varying import Store, Varying, store_of, varying
from alloclint.finding import Confidence, Finding, Severity, Suggestion
from alloclint.languages.regexes import COMPILING, USING

CODE = "ALC305"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {name: (*words, *USING.get(name, ())) for name, words in COMPILING.items()}

_BOUNDED = {
    "rust": "an LRU map with a size, such as `lru::LruCache`",
    "java": "a `LinkedHashMap` whose `removeEldestEntry` keeps a number of patterns",
    "python": "`@functools.lru_cache(maxsize=256)` on a function that compiles",
}


def check(function: Function) -> Iterator[Finding]:
    for compilation in regexes_in(function):
        varied = varying(compilation)
        if varied is not None:
            yield _per_value(compilation, varied)
        elif (store := store_of(compilation)) is not None and not _is_cold(compilation):
            yield _kept(compilation, store)


def _is_cold(compilation: Compilation) -> bool:
    return compilation.call.file.facts.heat(compilation.call).cold is not None


def _is_repeated(compilation: Compilation) -> bool:
    heat = compilation.call.file.facts.heat(compilation.call)
    return (heat.hot or heat.often or repeated_call(compilation.call)) is not None


def _per_value(compilation: Compilation, varied: Varying) -> Finding:
    call = compilation.call
    heat = call.file.facts.heat(call)
    names = ", ".join(f"`{name}`" for name in varied.names)
    line = line_of(call, varied.loop.node)
    return Finding(
        call.file.place(*compilation.span),
        f"`{compilation.name}` compiles another pattern at each turn of a loop",
        _confidence(compilation, varied),
        evidence=f"the pattern is built from {names}, set by the loop at line {line}",
        suggestion=_suggestion(varied),
        because=(place_of_loop(call, varied.loop),),
        heat=heat.hot,
        cold=heat.cold,
    )


def _confidence(compilation: Compilation, varied: Varying) -> Confidence:
    """Python keeps the patterns of a few values; where they are quoted, no pattern is needed at all."""
    is_waste = varied.quoted and not compilation.entry.compiles
    return Confidence.exact if is_waste or not compilation.entry.cached else Confidence.advice


def _suggestion(varied: Varying) -> Suggestion:
    if varied.quoted:
        return Suggestion("look for the plain text, or compile one pattern of all texts before the loop")
    return Suggestion("compile one pattern of all alternatives before the loop, or compare without a pattern")


def _kept(compilation: Compilation, store: Store) -> Finding:
    call = compilation.call
    heat = call.file.facts.heat(call)
    return Finding(
        call.file.place(*compilation.span),
        f"`{store.name}` keeps every pattern that is ever compiled",
        Confidence.exact if _is_repeated(compilation) else Confidence.advice,
        evidence="the pattern is no constant, and nothing in this file takes patterns out or counts them",
        suggestion=Suggestion(_BOUNDED[call.file.language.name]),
        because=(call.file.place(*store.field.span, "the cache without a bound"),),
        heat=heat.hot,
        cold=heat.cold,
    )
