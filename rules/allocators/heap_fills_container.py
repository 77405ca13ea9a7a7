"""
The Java heap may become as large as its container.

A JVM needs more than its heap: metaspace, compiled code, a stack for each thread, the collector's own tables,
direct buffers, and what native libraries allocate. The kernel counts all of it, and kills the container when
it passes the limit. That happens under load, when the heap is full for the first time, and leaves no heap
dump and no stack trace.

Give the heap 70 to 75 percent of the limit, or say `-XX:MaxRAMPercentage=75.0` instead of a size: the JVM
reads the limit, and the two cannot part again. With large direct buffers, or with RocksDB, give it less.

Reported where the heap is 95 percent of the limit and more, where heap and `MaxDirectMemorySize` together are
more than the limit, and for a `MaxRAMPercentage` of 90 and more. With a library that is known to allocate
outside the heap, 80 percent are an `info`.

Silent without a limit, and for limits and flags that a variable or a template decides.

```yaml bad/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  template:
    spec:
      containers:
        - name: orders
          image: example.org/orders:1.4
          env:
            - name: JAVA_TOOL_OPTIONS
              value: "-Xmx2g"
          resources:
            limits:
              memory: 2Gi
```

```yaml good/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  template:
    spec:
      containers:
        - name: orders
          image: example.org/orders:1.4
          env:
            - name: JAVA_TOOL_OPTIONS
              value: "-XX:MaxRAMPercentage=75.0"
          resources:
            limits:
              memory: 2Gi
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project import known
from alloclint.project.distinct import distinct
from alloclint.project.jvm.module import Artifact
from alloclint.project.repository import Repository
from alloclint.project.runtime.jvm import Given, given, holding
from alloclint.project.runtime.unit import Limit, Unit
from alloclint.project.tuning import hotspot

CODE = "ALC612"
SEVERITY = Severity.warning
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd", "shell", "maven", "gradle")

#: From this share of the limit on there is no room for the rest of the JVM.
_FULL = 0.95
_FULL_PERCENTAGE = 90.0
#: Beside a library with memory of its own.
_BESIDE_NATIVE = 80.0
#: What a heap should have of the limit.
_SHARE = 0.75
_MEBIBYTE = 2**20


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if unit.memory is not None and unit.purpose != "test":
            yield from _in(unit, unit.memory, repository)


def _in(unit: Unit, limit: Limit, repository: Repository) -> Iterator[Finding]:
    flags = given(unit)
    heap, ratio = _heap(flags), holding(flags, "MaxRAMPercentage")
    if heap is not None:
        yield from _of_size(heap, holding(flags, "MaxDirectMemorySize"), limit)
    elif ratio is not None and holding(flags, "MaxHeapSize") is None:
        yield from _of_ratio(unit, ratio, limit, repository)


def _heap(flags: Sequence[Given]) -> Given | None:
    """The largest heap that is certain: of several variables that a script may take, the smallest."""
    sizes = [one for one in flags if one.flag.name == "MaxHeapSize"]
    if not sizes or any(hotspot.size(one.flag.value) is None for one in sizes):
        return None
    last: dict[str | None, Given] = {one.variable: one for one in sizes if one.rank == sizes[-1].rank}
    return min(last.values(), key=lambda one: hotspot.size(one.flag.value) or 0)


def _of_size(heap: Given, direct: Given | None, limit: Limit) -> Iterator[Finding]:
    size = hotspot.size(heap.flag.value) or 0
    beside = (hotspot.size(direct.flag.value) or 0) if direct is not None else 0
    if size >= _FULL * limit.amount:
        yield _finding(
            heap,
            f"a heap of {_text(size)} leaves no room in a container of {_text(limit.amount)}",
            _smaller(heap, limit),
            limit,
        )
    elif direct is not None and size + beside > limit.amount:
        found = _finding(
            heap,
            f"a heap of {_text(size)} and {_text(beside)} of direct buffers are more than the container's "
            f"{_text(limit.amount)}",
            Suggestion(f"lower `{heap.flag.written}` or `{direct.flag.written}`, or raise the limit"),
            limit,
        )
        yield replace(found, because=(*found.because, replace(direct.place, text="the direct buffers")))


def _of_ratio(unit: Unit, ratio: Given, limit: Limit, repository: Repository) -> Iterator[Finding]:
    share = hotspot.percentage(ratio.flag.value)
    if share is None or share < _BESIDE_NATIVE:
        return
    text = f"`{ratio.flag.written}` leaves {_text(limit.amount * (100 - share) / 100)} for all but the heap"
    if share >= _FULL_PERCENTAGE:
        yield _finding(ratio, text, _ratio_of(ratio, "75.0"), limit)
        return
    native = _native(unit, repository)
    if native is not None:
        artifact, what = native
        found = _finding(ratio, f"{text}, and {what} allocates there", _ratio_of(ratio, "70.0"), limit)
        because = (*found.because, replace(artifact.place, text=f"{what} comes from here"))
        yield replace(found, because=because, base=Severity.info)


def _native(unit: Unit, repository: Repository) -> tuple[Artifact, str] | None:
    """What the unit's program depends on that keeps much memory outside of the heap."""
    module = repository.module_in(unit)
    libraries = known.jvm_libraries()
    for artifact in module.dependencies if module is not None else ():
        library = libraries.get((artifact.group, artifact.name))
        if library is not None and library.heavy and artifact.scope in ("compile", "runtime"):
            return artifact, library.what
    return None


def _finding(one: Given, message: str, suggestion: Suggestion, limit: Limit) -> Finding:
    return Finding(
        one.place,
        message,
        evidence="the kernel counts metaspace, code, stacks and native memory too, and kills at the limit",
        suggestion=suggestion,
        because=(replace(limit.place, text=f"the limit, {_text(limit.amount)}"),),
    )


def _smaller(heap: Given, limit: Limit) -> Suggestion:
    """The same flag with three quarters of the limit."""
    value = f"{int(limit.amount * _SHARE) // _MEBIBYTE}m"
    written = heap.flag.written.removesuffix(heap.flag.value or "") + value
    return Suggestion(
        f"`{written}`, or `-XX:MaxRAMPercentage=75.0` instead of a size",
        applicability=Applicability.unsafe,
        edits=_edits(heap.value_place(), value),
    )


def _ratio_of(ratio: Given, value: str) -> Suggestion:
    return Suggestion(
        f"`-XX:MaxRAMPercentage={value}`",
        applicability=Applicability.unsafe,
        edits=_edits(ratio.value_place(), value),
    )


def _edits(place: Place | None, value: str) -> tuple[Edit, ...]:
    return (Edit(place.start.offset, place.end.offset, value),) if place is not None else ()


def _text(amount: float) -> str:
    """`1.5 GB`, `512 MB`, by 1024."""
    mebibytes = amount / _MEBIBYTE
    return f"{mebibytes / 1024:.3g} GB" if mebibytes >= 1024 else f"{mebibytes:.4g} MB"
