"""
A setting of glibc's malloc that glibc does not read.

glibc looks for exact names, and some end in an underscore: `MALLOC_TRIM_THRESHOLD_`, `MALLOC_TOP_PAD_`,
`MALLOC_MMAP_THRESHOLD_`, but `MALLOC_ARENA_MAX`. A name that is one character off is a variable of nobody.

Numbers are plain. glibc stops at the first character that is no digit, so `128k` is 128 bytes, and a value
that begins with a quote is no number at all. Quotes get into a value where a Dockerfile escapes them, or
where YAML has them in the middle of an item: `- MALLOC_ARENA_MAX="2"`.

In `GLIBC_TUNABLES` each name has its whole path, `glibc.malloc.arena_max=2`, and a colon between two.

There is no warning in any of these cases. The program runs as if nothing had been set, and whoever measures
that the setting does not help draws the wrong conclusion.

Silent in tests, for values that a variable or a command decides, and for names that a start script of the
same program reads.

```dockerfile bad/Dockerfile
FROM debian:bookworm-slim
COPY server /usr/local/bin/
ENV MALLOC_TRIM_THRESHOLD=131072
CMD ["server"]
```

```dockerfile good/Dockerfile
FROM debian:bookworm-slim
COPY server /usr/local/bin/
ENV MALLOC_TRIM_THRESHOLD_=131072
CMD ["server"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.image.preload import place_of_base
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.unit import Unit
from alloclint.project.tuning import glibc
from alloclint.project.tuning.fault import Fault
from alloclint.project.within import part

CODE = "ALC603"
SEVERITY = Severity.error
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd", "shell", "workflow")


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if unit.purpose != "test":
            for variable in unit.environment.effective():
                yield from _in(unit, variable)


def _in(unit: Unit, variable: Variable) -> Iterator[Finding]:
    if not glibc.concerns(variable.name) or _is_handed_on(unit, variable.name):
        return
    for fault in glibc.faults(variable.name, variable.value.text):
        if variable.known or fault.part == "name":
            yield _finding(unit, variable, fault)


def _is_handed_on(unit: Unit, name: str) -> bool:
    """Whether a command, or another variable, takes the value: then it is a variable of the authors'."""
    if any(name in _references(command.text) for command in unit.commands):
        return True
    return any(name in _references(one.value.written) for one in unit.environment.variables)


def _references(text: str) -> set[str]:
    """The names behind `$` in a text."""
    found = set()
    for piece in text.split("$")[1:]:
        name = piece.lstrip("{(")
        end = next((at for at, char in enumerate(name) if not (char.isalnum() or char == "_")), len(name))
        found.add(name[:end])
    return found


def _finding(unit: Unit, variable: Variable, fault: Fault) -> Finding:
    what = f"`{variable.name}`" if fault.part == "name" else f"`{variable.name}={variable.value.text}`"
    is_musl = unit.stage is not None and unit.stage.base.libc == "musl"
    because: tuple[Place, ...] = ()
    if is_musl and unit.stage is not None:
        because = (place_of_base(unit.stage, "and this image has musl, which reads none of these"),)
    return Finding(
        _place(variable, fault),
        f"{what} has no effect: {fault.reason}" if fault.part == "name" else f"{what}: {fault.reason}",
        suggestion=Suggestion("remove it") if is_musl else _suggestion(variable, fault),
        because=because,
        base=None if fault.weight == "dead" else Severity.info,
    )


def _place(variable: Variable, fault: Fault) -> Place:
    if fault.part == "name":
        return variable.place
    return part(variable.value, fault.start, fault.end)


def _suggestion(variable: Variable, fault: Fault) -> Suggestion | None:
    right = glibc.corrected(variable.name, variable.value.text)
    if right is None:
        return None
    edits = tuple(_edits(variable, fault, right[0]))
    applicability = Applicability.unsafe if edits else Applicability.display
    return Suggestion(f"`{line(variable.origin, *right)}`", applicability=applicability, edits=edits)


def _edits(variable: Variable, fault: Fault, name: str) -> Iterator[Edit]:
    """The name alone, where the assignment begins with it and its value is all right."""
    start = variable.place.start.offset
    is_plain = variable.origin in ("image", "shell") and variable.value.place.start.offset > start
    is_name = fault.part == "name" and name != glibc.TUNABLES
    if is_name and is_plain and not glibc.faults(name, variable.value.text):
        yield Edit(start, start + len(variable.name), name)
