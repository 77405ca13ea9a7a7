"""
A share of memory for the Java heap is written in the wrong unit.

`MaxRAMPercentage` is a percentage from 0 to 100. `-XX:MaxRAMPercentage=0.8` is no 80 but 0.8 percent: on 8 GB
the JVM takes its smallest heap, 126 MB, without a warning. `InitialRAMPercentage` and `MinRAMPercentage` are
read in the same way.

With a sign, `=75%`, the JVM does not start.

`-XX:MaxRAMFraction=1` is the other end: the heap may become as large as the memory, and nothing is left for
metaspace, code, stacks and direct buffers. Java 25 refuses the flag; `-XX:MaxRAMPercentage=75.0` came for it
in Java 10 and in 8u191.

Beside `-Xmx` a `MaxRAMPercentage` for the same JVM does nothing, wherever the two stand: HotSpot takes the
fixed size. One of them is a leftover. This is only `info`.

Silent in tests, for values that a variable or a template decides, and for `InitialRAMPercentage=1`, which may
be meant.

```dockerfile bad/Dockerfile
FROM eclipse-temurin:21-jre
COPY app.jar /app.jar
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=0.8"
CMD ["java", "-jar", "/app.jar"]
```

```dockerfile good/Dockerfile
FROM eclipse-temurin:21-jre
COPY app.jar /app.jar
ENV JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75.0"
CMD ["java", "-jar", "/app.jar"]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.repository import Repository
from alloclint.project.runtime.jvm import Given, given, holding
from alloclint.project.runtime.unit import Unit
from alloclint.project.tuning import hotspot

CODE = "ALC611"
SEVERITY = Severity.warning
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd", "shell", "workflow", "options")

#: Above this the heap leaves too little for the rest of the JVM.
_MOST = 80.0


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if unit.purpose != "test":
            yield from _in(unit)


def _in(unit: Unit) -> Iterator[Finding]:
    flags = given(unit)
    for one in flags:
        if one.flag.name in hotspot.RATIOS:
            yield from _ratio(one)
        elif one.flag.name == "MaxRAMFraction" and one.flag.value == "1":
            yield _fraction(one)
    ratio, size = holding(flags, "MaxRAMPercentage"), holding(flags, "MaxHeapSize")
    if ratio is not None and size is not None and _meet(ratio, size):
        yield _overruled(ratio, size)


def _ratio(one: Given) -> Iterator[Finding]:
    name, value = one.flag.name, one.flag.value or ""
    bare = value.removesuffix("%")
    share = hotspot.percentage(bare)
    if share is None or share == 0:
        return
    if bare != value:
        yield Finding(
            one.place,
            f"the JVM does not start with `{one.flag.written}`: a percentage is written without its sign",
            evidence="HotSpot says: Improperly specified VM option",
            suggestion=_suggestion(one, bare if share > 1 else _meant(share)),
            base=Severity.error,
        )
    elif share < 1 or (share == 1 and name == "MaxRAMPercentage"):
        yield Finding(
            one.place,
            f"`{one.flag.written}` is {value} percent of the memory, not {share * 100:g}",
            evidence="HotSpot reads 0 to 100: MaxRAMPercentage=0.8 gives a heap of 126 MB on 8 GB",
            suggestion=_suggestion(one, _meant(share)),
        )


def _meant(share: float) -> str:
    """As a percentage; the whole memory cannot have been meant."""
    percent = share * 100
    return f"{percent:.1f}" if percent <= _MOST else "75.0"


def _fraction(one: Given) -> Finding:
    place = one.place
    edit = Edit(place.start.offset, place.end.offset, "-XX:MaxRAMPercentage=75.0")
    is_exact = place.end.offset - place.start.offset == len(one.flag.written)
    return Finding(
        place,
        "`-XX:MaxRAMFraction=1` lets the heap take all memory, and leaves nothing for the rest of the JVM",
        evidence="metaspace, code, stacks and direct buffers are not in the heap; Java 25 refuses the flag",
        suggestion=Suggestion(
            "`-XX:MaxRAMPercentage=75.0`",
            applicability=Applicability.unsafe,
            edits=(edit,) if is_exact else (),
        ),
    )


def _meet(ratio: Given, size: Given) -> bool:
    """Whether one JVM gets both: in one variable, or each where that JVM is known to look."""
    in_one = ratio.variable is not None and ratio.variable == size.variable
    return in_one or (ratio.certain and size.certain)


def _overruled(ratio: Given, size: Given) -> Finding:
    return Finding(
        ratio.place,
        f"`{ratio.flag.written}` does nothing beside `{size.flag.written}`",
        evidence="HotSpot takes the fixed size, wherever the two stand",
        suggestion=Suggestion(f"remove `{size.flag.written}`, or `{ratio.flag.written}`"),
        because=(replace(size.place, text="the size that holds"),),
        base=Severity.info,
    )


def _suggestion(one: Given, value: str) -> Suggestion:
    place = one.value_place()
    edits = (Edit(place.start.offset, place.end.offset, value),) if place is not None else ()
    return Suggestion(f"`-XX:{one.flag.name}={value}`", applicability=Applicability.unsafe, edits=edits)
