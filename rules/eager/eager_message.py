"""
The message of a check is made although the check passes.

`checkArgument(ok, "bad " + x)`, `requireNonNull(x, "no " + y)` and `.expect(&format!(…))` make their
message before the check is made, each time, and throw it away each time but the last. A joined text takes
24 bytes and more, a formatted one 300 to 2,000; both call `toString` of whatever is in them, which may print
a whole tree.

Java: Guava's and commons-lang's checks take a template and its arguments, `requireNonNull` and Spring's
`Assert` a supplier. Rust: `unwrap_or_else(|| panic!(…))` instead of `expect`, `with_context(|| …)`
instead of `context`. A function of your own that takes a condition and a message is best replaced by an
`if` with a `raise` or `throw` in it; `assert` in Python and Java, and Rust's `assert!`, make their message
only when they fail, and are never reported. `info` where nothing says that the code runs often and the text
is merely joined, or the only other form is an `if`; and beside a file or a request. Silent: what runs once,
and errors that have been raised already.

```rust
fn open(shards: &[u32], number: usize) -> u32 {
    *shards.get(number).expect(&format!("there is no shard {number}"))
}
```

```rust
fn open(shards: &[u32], number: usize) -> u32 {
    *shards.get(number).unwrap_or_else(|| panic!("there is no shard {number}"))
}
```

```java
import static com.google.common.base.Preconditions.checkArgument;

class Shards {
    void open(int number, int count) {
        checkArgument(number < count, "there is no shard " + number);
    }
}
```

```java
import static com.google.common.base.Preconditions.checkArgument;

class Shards {
    void open(int number, int count) {
        checkArgument(number < count, "there is no shard %s", number);
    }
}
```

```python
def ensure(condition, message):
    if not condition:
        raise ValueError(message)

def add(shard, numbers):
    for number in numbers:
        ensure(number >= 0, f"{number} is no document of {shard}")
        shard.add(number)
```

```python
def add(shard, numbers):
    for number in numbers:
        if number < 0:
            raise ValueError(f"{number} is no document of {shard}")
        shard.add(number)
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.eager.eagerness import Eager, eager_part, is_array_text
from alloclint.facts.eager.messages import is_text_computed, joined_parts
from alloclint.facts.eager.preconditions import Message, message_of
from alloclint.facts.eager.unspoken import unspoken
from alloclint.facts.names.strings import constant_string
from alloclint.facts.often.dwarfed import dwarfed_at
from alloclint.facts.often.recurring import recurs
from alloclint.finding import Confidence, Finding, Severity
from alloclint.syntax import model as m

CODE = "ALC402"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
WORDS = {
    "rust": ("expect", "context", "wrap_err"),
    "java": (
        "checkArgument", "checkState", "checkNotNull", "verify", "verifyNotNull", "requireNonNull", "isTrue",
        "state", "notNull", "isNull", "notEmpty", "notBlank", "hasText", "hasLength", "noNullElements",
        "validState", "check", "ensure", "require", "assertTrue", "assertThat",
    ),
    "python": ("check", "ensure", "require", "expect", "verify", "validate", "assert_", "_check"),
}  # fmt: skip
#: What `String.format` fills, and Guava's templates do not.
_OTHER_HOLE = re.compile("%[^%s]")


def check(call: Call) -> Iterator[Finding]:
    message = message_of(call)
    eager = _made(message) if message is not None else None
    if message is None or eager is None:
        return
    heat, why = call.file.facts.heat(call), recurs(call)
    if why is None and heat.cold is not None and heat.place is None:
        return
    yield Finding(
        call.file.place(call.node.name_start, call.node.end),
        f"the message of `{call.name}` makes {eager.makes} at each call, although it is hardly ever shown",
        _confidence(message, eager, why),
        why or f"`{call.name}` needs it only when it fails",
        unspoken(message),
        heat=heat.hot,
        cold=heat.cold or dwarfed_at(call.event, call.function),
        also=_peers_in_java(message) if call.file.language.name == "java" else _peers_in_rust(message, eager),
    )


def _peers_in_rust(message: Message, eager: Eager) -> tuple[str, ...]:
    """Any call and `format!` in the message of `expect`, but no other macro."""
    node = eager.node
    is_seen = isinstance(node, m.Call) and (node.kind != "macro" or node.last == "format")
    is_theirs = message.lazy == "panic" and message.wrapper is not None and is_seen
    return ("clippy expect_fun_call",) if is_theirs else ()


def _peers_in_java(message: Message) -> tuple[str, ...]:
    """Guava's checks: a message that is joined, or a format that their own templates could hold."""
    call = message.call
    if not (call.path or "").startswith("com.google.common.base."):
        return ()
    found = []
    if _is_joined(message):
        found.append("errorprone FormatStringShouldUsePlaceholders")
    if _is_lenient(message):
        found.append("errorprone ExpensiveLenientFormatString")
    if call.path == "com.google.common.base.Preconditions.checkState" and is_text_computed(call):
        found.append("sonar S2629")
    return tuple(found)


def _is_joined(message: Message) -> bool:
    """A `+` whose parts can become `%s` one for one: none has a `%s` of its own, nor more than one value."""
    call, value = message.call, message.value
    if not isinstance(value, m.Binary) or value.op != "+" or len(call.args) != 2:
        return False
    return all(
        "%s" not in call.text(one) if _is_text(one) else "," not in call.text(one)
        for one in joined_parts(value)
    )


def _is_text(expression: m.Expr) -> bool:
    return isinstance(expression, m.Literal) and expression.kind == "string"


def _is_lenient(message: Message) -> bool:
    """`String.format` with a constant format that has `%s` only."""
    call, value = message.call, message.value
    if not isinstance(value, m.Call) or value.last != "format" or not value.args:
        return False
    is_string = isinstance(value.receiver, m.Name) and value.receiver.id == "String"
    text = constant_string(value.args[0], call)
    is_plain = text is not None and isinstance(text.value, str) and not _OTHER_HOLE.search(text.value)
    return is_string and is_plain


def _made(message: Message) -> Eager | None:
    """What the message makes, or one of the arguments of its template."""
    call = message.call
    later = (message.value, *message.values)
    wanted = (one for one in later if not isinstance(one, m.Closure) and not is_array_text(one, call))
    made = (eager_part(one, call) for one in wanted)
    return next((one for one in made if one is not None), None)


def _confidence(message: Message, eager: Eager, why: str | None) -> Confidence:
    """
    Where the library has no other form, only what is called again and again is worth a branch; and a joined
    text alone is so little that only there is it worth another form, too. A format is worth one anywhere.
    """
    is_known = message.lazy != "panic" or message.wrapper is not None
    is_worth_it = why is not None or (message.lazy and eager.heavy)
    return Confidence.exact if is_known and is_worth_it and not eager.guessed else Confidence.advice
