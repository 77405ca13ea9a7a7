"""
A log message is made although its level may be off.

`log.debug("user " + user)` and `logger.debug(f"user {user}")` make their text before the logger is asked:
24 bytes and more, thrown away, at each call of a program that runs at `info` or `warning`. Whatever is in
the text is printed as well, be it a whole tree.

A template and its arguments cost nothing: `log.debug("user {}", user)`, `logger.debug("user %s", user)`;
`java.util.logging` and log4j 2 take a supplier. What a template cannot help with, such as a call that joins
a list, needs a test of the level around it.

Loggers are known by their type. Levels from `warning` on are left alone, and so is what stands under a test
of the level or in a handler of exceptions, and what costs nothing: constants, variables, getters.

```java
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class Users {
    private static final Logger LOG = LoggerFactory.getLogger(Users.class);

    void add(String user) {
        LOG.debug("adding " + user);
    }
}
```

```java
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class Users {
    private static final Logger LOG = LoggerFactory.getLogger(Users.class);

    void add(String user) {
        LOG.debug("adding {}", user);
    }
}
```

```python
import logging

logger = logging.getLogger(__name__)

def add(user):
    logger.debug(f"adding {user}")
```

```python
import logging

logger = logging.getLogger(__name__)

def add(user):
    logger.debug("adding %s", user)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Call
from alloclint.facts.eager.eagerness import eager_part
from alloclint.facts.eager.logging import LogCall, log_call
from alloclint.facts.eager.messages import is_text_computed
from alloclint.facts.eager.unwritten import unwritten
from alloclint.facts.names.callees import dotted
from alloclint.facts.often.recurring import recurs
from alloclint.finding import Finding, Severity
from alloclint.syntax import model as m

CODE = "ALC404"
SEVERITY = Severity.info
LANGUAGES = ("java", "python")
WORDS = {
    "java": ("trace", "debug", "info", "fine", "finer", "finest", "config", "log"),
    "python": ("debug", "info", "log"),
}
_LEVEL = "java.util.logging.Level"
_SEEN_BY_PMD = {"trace", "debug", "info", "finest", "finer", "fine"}


def check(call: Call) -> Iterator[Finding]:
    log = log_call(call)
    if log is None:
        return
    for argument in log.told():
        eager = eager_part(argument, call) if not isinstance(argument, m.Closure) else None
        if eager is None or isinstance(eager.node, m.Display):
            # A list of variables costs less than a test of the level reads.
            continue
        heat = call.file.facts.heat(call)
        if heat.cold is not None and heat.place is None and recurs(call) is None:
            return
        yield Finding(
            call.file.place(call.node.name_start, call.node.end),
            f"`{call.name}` is given {eager.makes}, made even where its level is off",
            evidence=recurs(call) or f"`{log.api.name}` looks at the level only when it is called",
            suggestion=unwritten(log, argument),
            heat=heat.hot,
            cold=heat.cold,
            also=_peers(log) if call.file.language.name == "java" else (),
        )
        return


def _peers(log: LogCall) -> tuple[str, ...]:
    """PMD goes by the method's name and sees statements only, SonarQube by the type that has the method."""
    call = log.call
    is_statement = isinstance(call.parent, m.Eval) and not call.parent.tail
    named = call.name in _SEEN_BY_PMD or (call.name == "log" and _jul_level(call) in _SEEN_BY_PMD)
    by_pmd = ("pmd GuardLogStatement",) if is_statement and named else ()
    return (*by_pmd, "sonar S2629") if _is_seen_by_sonar(log) and is_text_computed(call) else by_pmd


def _jul_level(call: Call) -> str:
    """The level that `log` of `java.util.logging` is given by its name, in small letters."""
    level, types = call.args[0], call.file.facts.types
    if isinstance(level, m.Name):
        return level.id.lower() if types.library(call.type_of(level)) == _LEVEL else ""
    is_level = isinstance(level, m.Field) and isinstance(level.of, m.Name)
    if not is_level or not isinstance(level, m.Field):
        return ""
    return level.name.lower() if types.library_path(dotted(level.of)) == tuple(_LEVEL.split(".")) else ""


def _is_seen_by_sonar(log: LogCall) -> bool:
    call = log.call
    if log.api.name == "java.util.logging":
        # Only the methods without parameters and exceptions.
        return call.receiver is not None and call.name != "logp" and len(call.args) == log.first + 1
    is_logger = (call.receiver or "").endswith("Logger")
    if log.api.name == "slf4j":
        return is_logger and call.name != "log"
    return log.api.name == "log4j 2" and is_logger
