"""
A debugging aid of the allocator runs in production.

`PYTHONTRACEMALLOC=1` records a traceback for every block: a loop that fills dictionaries took 7.8 times as
long. `PYTHONMALLOC=debug` and `PYTHONDEVMODE` fill and check every block, 1.4 times in the same loop;
`PYTHONDEVMODE=0` turns the mode on as well, for only the empty value is off.

`MALLOC_PERTURB_` overwrites each block that is allocated or freed. `MALLOC_CHECK_` checks them; since glibc
2.34 it does nothing without `libc_malloc_debug.so`. `-XX:NativeMemoryTracking=detail` keeps a stack for each
place that allocates and a header for each block; `summary` is enough to watch a trend.

In Rust, `dhat` and `stats_alloc` as the global allocator count every call, `dhat` under one lock. The feature
`debug` of an allocator's crate builds it with its assertions.

They are for a profile that is turned on when it is needed: another stage, a compose profile or override, a
feature of the crate.

Silent in what is named as a test, for development, CI, debugging or benchmarks, where a later line turns it
off, where a condition decides, and in Rust behind a `cfg`.

```dockerfile bad/Dockerfile
FROM python:3.13-slim
COPY app.py /app.py
ENV PYTHONTRACEMALLOC=1
CMD ["python", "/app.py"]
```

```dockerfile good/Dockerfile
FROM python:3.13-slim AS debug
COPY app.py /app.py
ENV PYTHONTRACEMALLOC=1
CMD ["python", "/app.py"]

FROM python:3.13-slim
COPY app.py /app.py
CMD ["python", "/app.py"]
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project import known
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.workspace import Package
from alloclint.project.distinct import distinct
from alloclint.project.repository import Repository
from alloclint.project.runtime import purpose
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.jvm import Given, given, holding
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.allocators import GlobalAllocator
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.registered import dependency_of

CODE = "ALC615"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo", "dockerfile", "compose", "kubernetes", "systemd", "shell", "options")

_RUNNING = {"image", "compose", "kubernetes", "systemd", "shell", "options"}
_OFF = {"", "0"}
_LOOP = "measured in a loop that fills dictionaries"


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        if _is_production(unit):
            yield from _in_unit(unit)
    for crate in repository.crates:
        if crate.target.kind in ("bin", "lib") and purpose.of(crate.root, crate.package.name) is None:
            yield from _in_crate(crate)
    for package in repository.packages:
        if purpose.of(package.manifest.path, package.name) is None:
            yield from _in_package(package)


def _is_production(unit: Unit) -> bool:
    if unit.kind not in _RUNNING or unit.purpose is not None:
        return False
    return unit.stage is None or purpose.of(unit.stage.path, unit.stage.name) is None


# Programs


def _in_unit(unit: Unit) -> Iterator[Finding]:
    for variable in unit.environment.effective():
        said = _cost(variable.name, variable.value.text)
        if said is not None and variable.known and not variable.guarded:
            yield _setting(variable, *said)
    tracking = holding(given(unit), "NativeMemoryTracking")
    if tracking is not None and tracking.flag.value == "detail":
        yield _tracking(tracking)


def _cost(name: str, value: str) -> tuple[str, str | None] | None:
    """What a variable costs, and by which evidence; None where it turns nothing on."""
    if name == "PYTHONDEVMODE" and value:
        also = ", though the value is 0" if value == "0" else ""
        return (
            f"turns on Python's development mode{also}: every block is filled and checked",
            f"1.4x, {_LOOP}",
        )
    if value in _OFF:
        return None
    if name == "PYTHONTRACEMALLOC":
        return "records a traceback for every block", f"7.8x, {_LOOP}"
    if name == "PYTHONMALLOC" and value.endswith("debug"):
        return "fills and checks every block", f"1.4x, {_LOOP}"
    if name == "MALLOC_PERTURB_":
        return "overwrites every block that is allocated or freed", None
    if name == "MALLOC_CHECK_":
        return "checks every block", "since glibc 2.34 only with libc_malloc_debug.so, else it does nothing"
    return None


def _setting(variable: Variable, cost: str, evidence: str | None) -> Finding:
    return Finding(
        variable.place,
        f"`{variable.name}={variable.value.text}` {cost}, in production",
        evidence=evidence,
        suggestion=Suggestion(
            f"remove `{variable.name}` here, and set it in a stage or profile that is for debugging"
        ),
    )


def _tracking(tracking: Given) -> Finding:
    place = tracking.value_place()
    edits = (Edit(place.start.offset, place.end.offset, "summary"),) if place is not None else ()
    return Finding(
        tracking.place,
        f"`{tracking.flag.written}` keeps a stack for every native allocation, in production",
        evidence="`summary` has the sums by kind, which is what a trend is read from",
        suggestion=Suggestion(
            "`-XX:NativeMemoryTracking=summary`", applicability=Applicability.unsafe, edits=edits
        ),
    )


# Crates


def _in_crate(crate: Crate) -> Iterator[Finding]:
    for static in crate.statics:
        dependency = dependency_of(crate.package, static)
        counted = known.allocator_crates().get(dependency.package) if dependency is not None else None
        if dependency is None or counted is None or not counted.is_debugging:
            continue
        if static.predicate == cfg.ALWAYS and dependency.section == "dependencies":
            yield _counting(static, dependency)


def _counting(static: GlobalAllocator, dependency: Dependency) -> Finding:
    name = dependency.package
    return Finding(
        static.place,
        f"every allocation of the program goes through `{name}`, in every build",
        evidence="the static stands under no `cfg`",
        suggestion=Suggestion(
            f'`#[cfg(feature = "{name}")]` above the static, `{name}` as an optional dependency'
        ),
        because=(replace(dependency.place, text="the dependency"),),
    )


def _in_package(package: Package) -> Iterator[Finding]:
    for dependency in package.dependencies:
        crate = known.allocator_crates().get(dependency.package)
        if crate is None or crate.is_debugging or dependency.section != "dependencies":
            continue
        if "debug" in features.dependency_features(package, dependency, always=True):
            yield _debug_build(package, dependency)


def _debug_build(package: Package, dependency: Dependency) -> Finding:
    return Finding(
        _asked(package, dependency),
        f"`{dependency.package}` is built with its assertions, in release builds as well",
        evidence="the feature `debug` is on by default",
        suggestion=Suggestion(
            f'remove it, or put `"{dependency.key.text}/debug"` into a feature of your own'
        ),
    )


def _asked(package: Package, dependency: Dependency) -> Place:
    """Where the feature is asked for: at the dependency, or in a feature of the package."""
    for one in dependency.features:
        if one.text == "debug":
            return one.place
    wanted = {f"{dependency.key.text}/debug", f"{dependency.key.text}?/debug"}
    places = (
        token.place for one in package.manifest.features for token in one.enables if token.text in wanted
    )
    return next(places, dependency.place)
