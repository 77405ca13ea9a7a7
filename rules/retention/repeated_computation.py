"""
Text or a list is computed again from inputs that have not changed.

`data.lower()` in the test of a loop over the lines of `data` copies the whole file once per line; the same
call twice in one turn makes two equal objects. Give the first one a name and use it again, before the loop
where nothing in it depends on the turn.

Reported are only functions that are known to allocate and to do nothing else, whose inputs are the same
variables and cannot have been changed in between; cheap ones such as a length or a trimmed line are silent,
so are copies, compiled patterns and values of constants alone, for which there are rules of their own.
Always `info`, unless the code is marked as hot.

```rust
fn count(lines: &[String], wanted: &str) -> usize {
    let mut found = 0;
    for line in lines {
        if line.contains(&wanted.to_lowercase()) {
            found += 1;
        }
    }
    found
}
```

```rust
fn count(lines: &[String], wanted: &str) -> usize {
    let mut found = 0;
    let lowered = wanted.to_lowercase();
    for line in lines {
        if line.contains(&lowered) {
            found += 1;
        }
    }
    found
}
```

```java
import java.util.List;

class Filter {
    int count(List<String> lines, String wanted) {
        int found = 0;
        for (String line : lines) {
            if (line.contains(wanted.toLowerCase())) {
                found++;
            }
        }
        return found;
    }
}
```

```java
import java.util.List;

class Filter {
    int count(List<String> lines, String wanted) {
        int found = 0;
        String lowered = wanted.toLowerCase();
        for (String line : lines) {
            if (line.contains(lowered)) {
                found++;
            }
        }
        return found;
    }
}
```

```python
def releases(data: str):
    found = []
    for line in data.splitlines():
        if "open" in data.lower():
            found.append(line)
    return found
```

```python
def releases(data: str):
    found = []
    lowered = data.lower()
    for line in data.splitlines():
        if "open" in lowered:
            found.append(line)
    return found
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.building.sequences import inserted_before
from alloclint.facts.names.calls import Call
from alloclint.facts.names.naming import untaken
from alloclint.facts.retention.repeated import Repetition, is_part_of_other, repetition_of
from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.syntax import model as m

CODE = "ALC505"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
#: Calls that allocate, by what a variable for their result may be called.
_RESULTS = {
    "rust": {
        "to_lowercase": "lowered", "to_uppercase": "uppered", "to_ascii_lowercase": "lowered",
        "to_ascii_uppercase": "uppered", "replace": "replaced", "replacen": "replaced", "repeat": "repeated",
        "join": "joined", "concat": "joined", "format": "text", "collect": "collected",
    },
    "java": {
        "toLowerCase": "lowered", "toUpperCase": "uppered", "substring": "part", "replace": "replaced",
        "concat": "joined", "repeat": "repeated", "toCharArray": "characters", "getBytes": "encoded",
        "join": "joined", "format": "text", "formatted": "text",
    },
    "python": {
        "lower": "lowered", "upper": "uppered", "casefold": "folded", "title": "titled",
        "replace": "replaced", "split": "parts", "rsplit": "parts", "splitlines": "lines", "join": "joined",
        "format": "text", "encode": "encoded", "decode": "decoded", "translate": "translated",
        "sorted": "ordered", "dumps": "dumped", "abspath": "absolute", "normpath": "normal",
    },
}  # fmt: skip
WORDS = {language: tuple(results) for language, results in _RESULTS.items()}
_NAMES = {language: frozenset(words) for language, words in WORDS.items()}


def check(call: Call) -> Iterator[Finding]:
    repeated = repetition_of(call, _NAMES[call.file.language.name])
    names = _NAMES[call.file.language.name]
    if repeated is None or "\n" in call.text(call.node) or is_part_of_other(call, names):
        return
    yield _in_loop(repeated) if repeated.loop is not None else _again(repeated)


def _in_loop(repeated: Repetition) -> Finding:
    call, file, loop = repeated.call, repeated.call.file, repeated.loop
    assert loop is not None
    line = file.position(loop.node.start).line
    return Finding(
        file.place(*call.span),
        f"`{call.text(call.node)}` is computed at each turn of a loop in which nothing in it changes",
        evidence=f"each makes {repeated.makes}; the loop begins in line {line}",
        suggestion=_before(call, loop.node),
        because=(file.place(loop.node.start, loop.node.start + 1, "the loop"),),
        heat=file.facts.heat(call).hot,
        cold=file.facts.heat(call).cold,
    )


def _before(call: Call, loop: m.Node) -> Suggestion:
    if isinstance(call.parent, m.Let) and call.file.language.name != "python":
        statement = call.file.text(*call.parent.span).rstrip(";")
        return Suggestion(f"move `{statement};` before the loop")
    name = _name(call)
    declared = f"{_declaring(call)}{name} = {call.text(call.node)}{_end(call)}"
    put = (
        inserted_before(call.file, loop, declared)
        if isinstance(loop, m.Loop) and loop.label is None
        else None
    )
    if put is None:
        return Suggestion(f"`{declared}` before the loop")
    # The loop may have no turn at all, or leave before it comes to this.
    edits = (put, Edit(*call.span, name))
    return Suggestion(f"`{declared}` before the loop", None, Applicability.unsafe, edits)


def _again(repeated: Repetition) -> Finding:
    call, file, earlier = repeated.call, repeated.call.file, repeated.earlier
    assert earlier is not None
    line = file.position(earlier.node.start).line
    return Finding(
        file.place(*call.span),
        f"`{call.text(call.node)}` was computed before, in line {line}",
        evidence=f"each makes {repeated.makes}, and nothing in it changes in between",
        suggestion=Suggestion(f"`{_declaring(call)}{_name(call)} = {call.text(call.node)}{_end(call)}` once"),
        because=(file.place(*earlier.span, "computed here already"),),
        heat=file.facts.heat(call).hot,
        cold=file.facts.heat(call).cold,
    )


def _name(call: Call) -> str:
    return untaken(call.file, _RESULTS[call.file.language.name][call.name])


def _declaring(call: Call) -> str:
    if call.file.language.name == "java":
        type_ = {"toCharArray": "char[]", "getBytes": "byte[]"}.get(call.name, "String")
        return f"{type_} "
    return "let " if call.file.language.name == "rust" else ""


def _end(call: Call) -> str:
    return "" if call.file.language.name == "python" else ";"
