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
only when they fail, and are never reported.

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

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.eagerness import Eager, eager_part
from alloclint.facts.preconditions import Message, message_of
from alloclint.facts.recurring import recurs
from alloclint.facts.unspoken import unspoken
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


def check(call: Call) -> Iterator[Finding]:
    message = message_of(call)
    eager = _made(message) if message is not None else None
    if message is None or eager is None:
        return
    heat, why = call.file.facts.heat(call), recurs(call)
    yield Finding(
        call.file.place(call.node.name_start, call.node.end),
        f"the message of `{call.name}` makes {eager.makes} at each call, although it is hardly ever shown",
        _confidence(message, eager, why),
        why or f"`{call.name}` needs it only when it fails",
        unspoken(message),
        heat=heat.hot,
        cold=heat.cold,
    )


def _made(message: Message) -> Eager | None:
    """What the message makes, or one of the arguments of its template."""
    call = message.call
    number = call.args.index(message.value) if message.value in call.args else 0
    later = call.args[number:] if call.file.language.name == "java" else (message.value,)
    made = (eager_part(one, call) for one in later if not isinstance(one, m.Closure))
    return next((one for one in made if one is not None), None)


def _confidence(message: Message, eager: Eager, why: str | None) -> Confidence:
    """Where the library has no other form, only what is called again and again is worth a branch."""
    is_sure = message.lazy or why is not None
    return Confidence.exact if is_sure and not eager.guessed else Confidence.advice
