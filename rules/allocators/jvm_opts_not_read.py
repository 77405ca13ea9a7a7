r"""
Options for the JVM in a variable that nobody reads.

The JVM reads `JAVA_TOOL_OPTIONS`; the `java` launcher reads `JDK_JAVA_OPTIONS` as well, since Java 9.
`JAVA_OPTS`, `JVM_OPTS`, `JAVA_ARGS` and `JAVA_OPTIONS` are a custom of start scripts: they work where a shell
puts them into the command line, as Tomcat's `catalina.sh` does. An entry point in exec form,
`["java", "-jar", …]`, has no shell.

So `-Xmx` never arrives, and the heap is a quarter of the container's memory, whatever was intended. There is
no warning.

Writing the variable into the exec form makes it worse: nothing expands it, `java` takes `$JAVA_OPTS` for the
name of the main class, and the container does not start.

In the shell form a line that is `java -jar …` and has no `$` in it hands on nothing either. A unit of systemd
has no shell at all: `ExecStart=` expands what is written there as `$JAVA_OPTS`, and nothing else.

Silent where a shell expands something, for start scripts and launchers of other programs, for argument
files, for images whose entry point is not known, and for variables that another variable or the command
takes up.

```dockerfile bad/Dockerfile
FROM eclipse-temurin:21-jre
COPY app.jar /app.jar
ENV JAVA_OPTS="-Xmx512m"
ENTRYPOINT ["java", "-jar", "/app.jar"]
```

```dockerfile good/Dockerfile
FROM eclipse-temurin:21-jre
COPY app.jar /app.jar
ENV JAVA_TOOL_OPTIONS="-Xmx512m"
ENTRYPOINT ["java", "-jar", "/app.jar"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.image.stage import Stage
from alloclint.project.repository import Repository
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Token
from alloclint.project.tuning import hotspot

CODE = "ALC610"
SEVERITY = Severity.warning
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd")

_OPTION = re.compile(r"(?:^|\s)-(?:X\S+|javaagent:\S+|D\S+=)")
_MEMORY = re.compile(r"-Xm[xs]\S+|-XX:\w*(?:HeapSize|RAMPercentage|RAMFraction)=\S+")
_LITERAL = re.compile(r"\$\{?(" + "|".join(hotspot.UNREAD) + r")\}?")
#: Images of which the entry point hands its arguments on, or that have none.
_PLAIN = {"java", "maven", "gradle"}
_OPENJDK = re.compile(r"(?:openjdk|java-|temurin-|zulu|jdk|jre|.*-jdk|.*-jre|amazon-corretto).*")
_KINDS = ("image", "compose", "kubernetes", "systemd")
#: A shell that does nothing but start `java`, and expands nothing that could hold options.
_BARE = re.compile(r"(?:exec\s+)?(?:[\w./-]*/)?java\s[^$`;&|\n]*")


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        command = unit.command
        if unit.kind not in _KINDS or command is None or not _is_plain(unit, command):
            continue
        yield from (_literal(word) for word in command.words if _is_literal(unit, word))
        if not _is_known(unit, command):
            continue
        for variable in unit.environment.effective():
            if variable.name in hotspot.UNREAD and _is_lost(unit, command, variable):
                yield _finding(unit, command, variable)


def _is_plain(unit: Unit, command: Command) -> bool:
    """Whether `java` gets the words as they stand: without a shell, or from a line that adds nothing."""
    if command.program != "java" or command.form == "exec":
        return command.program == "java"
    is_own = unit.stage is not None and command.place.path == unit.stage.path
    return is_own and command.form == "shell" and _BARE.fullmatch(command.text.strip()) is not None


def _is_literal(unit: Unit, word: Token) -> bool:
    """A word of a Dockerfile's exec form; compose and Kubernetes have a syntax of their own."""
    is_image = unit.stage is not None and word.place.path == unit.stage.path
    return is_image and _LITERAL.fullmatch(word.text) is not None


def _literal(word: Token) -> Finding:
    return Finding(
        word.place,
        f"`{word.text}` is not expanded in exec form: `java` takes it for the name of the main class",
        suggestion=Suggestion("remove it and set `JAVA_TOOL_OPTIONS`, or start through `sh -c` with `exec`"),
        base=Severity.error,
    )


def _is_known(unit: Unit, command: Command) -> bool:
    """Whether nothing of the image's own stands between the container's start and `java`."""
    stage = unit.stage
    if any(word.text.startswith("@") for word in command.words):
        return False
    if unit.kind == "systemd" or stage is None:
        return unit.kind == "systemd"
    if stage.entrypoint is not None or unit.entrypoint is not None:
        return True
    if "java" in stage.base.brings:
        return stage.base.brings <= _PLAIN
    return stage.base.official and any(_OPENJDK.fullmatch(one.name) for one in stage.packages)


def _is_lost(unit: Unit, command: Command, variable: Variable) -> bool:
    if variable.guarded or not _OPTION.search(variable.value.text) or variable.name in command.text:
        return False
    texts = [one.value.written for one in unit.environment.variables if one is not variable]
    texts += [one.text for one in _commands(unit.stage)]
    return not any(variable.name in text for text in texts)


def _commands(stage: Stage | None) -> Iterator[Command]:
    if stage is not None:
        yield from (one for one in (stage.entrypoint, stage.cmd) if one is not None)


def _finding(unit: Unit, command: Command, variable: Variable) -> Finding:
    memory = _MEMORY.search(variable.value.text)
    memory = re.search(r"-Xmx\S+", variable.value.text) or memory
    lost = f"`{memory[0]}` never arrives" if memory else "it is lost"
    if memory and not any(_MEMORY.search(text) for text in _read(unit, command)):
        lost += ", and the heap stays at 25% of the memory"
    return Finding(
        variable.place,
        f"the JVM does not read `{variable.name}`, and no shell puts it into the command: {lost}",
        suggestion=_suggestion(variable),
        because=(replace(_start(unit, command), text="`java` is started here, and no shell adds to it"),),
    )


def _read(unit: Unit, command: Command) -> Iterator[str]:
    """What does arrive: the command line, and the variables that the JVM reads."""
    yield from (word.text for word in command.words)
    yield from (one.value.text for one in unit.environment.variables if one.name in hotspot.READ)


def _start(unit: Unit, command: Command) -> Place:
    return command.words[0].place if command.words else unit.place


def _suggestion(variable: Variable) -> Suggestion:
    text = line(variable.origin, "JAVA_TOOL_OPTIONS", variable.value.text)
    start = variable.place.start.offset
    is_plain = variable.origin == "image" and variable.value.place.start.offset > start
    edits = (Edit(start, start + len(variable.name), "JAVA_TOOL_OPTIONS"),) if is_plain else ()
    applicability = Applicability.unsafe if edits else Applicability.display
    return Suggestion(f"`{text}`", applicability=applicability, edits=edits)
