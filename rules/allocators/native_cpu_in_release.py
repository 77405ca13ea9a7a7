"""
A release is built for the processor of the machine that builds it.

`-C target-cpu=native`, and the feature `native-cpu` of snmalloc, use every instruction of the builder. On an
older machine the program ends with SIGILL, at once or the first time it takes that path, and which builder a
job gets is chance.

Name the oldest processor that must run it: `x86-64-v2` runs on nearly everything of the last fifteen years,
`x86-64-v3` has AVX2.

Silent in profiles, stages and workflows for tests, benches and development, and in scripts that people run on
their own machine.

```dockerfile bad/Dockerfile
FROM rust:1-bookworm AS build
ENV RUSTFLAGS="-C target-cpu=native"
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```

```dockerfile good/Dockerfile
FROM rust:1-bookworm AS build
ENV RUSTFLAGS="-C target-cpu=x86-64-v3"
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /target/release/server /usr/bin/server
CMD ["server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from alloclint.finding import Finding, Place, Severity, Suggestion
from alloclint.project.cargo import features
from alloclint.project.image.stage import Stage
from alloclint.project.repository import Repository
from alloclint.project.runtime import purpose
from alloclint.project.runtime.unit import Unit

CODE = "ALC629"
SEVERITY = Severity.warning
LANGUAGES = ("cargo", "dockerfile", "workflow")

_NATIVE = re.compile(r"target[-_]cpu=native\b|-march=native\b")
_RELEASES = re.compile(r"release|publish|deploy|dist\b|docker|image", re.IGNORECASE)
_FLAGS = ("RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS")


def check(repository: Repository) -> Iterator[Finding]:
    said: set[Place] = set()
    for place in (*_in_images(repository), *_in_workflows(repository)):
        if place not in said:
            said.add(place)
            yield _finding(place)
    yield from _features(repository)


def _in_images(repository: Repository) -> Iterator[Place]:
    for stage in repository.stages:
        if purpose.of(stage.path, stage.name) in (None, "build"):
            yield from _in_stage(stage)


def _in_stage(stage: Stage) -> Iterator[Place]:
    for variable in stage.environment.variables:
        if (
            variable.name in _FLAGS
            and _NATIVE.search(variable.value.text)
            and variable.place.path == stage.path
        ):
            yield variable.place
    for run in stage.runs:
        if "cargo" in run.script and _NATIVE.search(run.script):
            yield run.place


def _in_workflows(repository: Repository) -> Iterator[Place]:
    for unit in repository.units:
        if unit.kind == "workflow" and _releases(unit):
            for variable in unit.environment.variables:
                if variable.name in _FLAGS and _NATIVE.search(variable.value.text):
                    yield variable.place
            for command in unit.starts:
                if "cargo" in command.text and _NATIVE.search(command.text):
                    yield command.place


def _releases(unit: Unit) -> bool:
    """Whether a workflow makes what others run, going by its names."""
    file = basename(unit.path)
    is_made = _RELEASES.search(f"{file} {unit.name}") is not None
    return is_made and purpose.of(file, unit.name) in (None, "ci", "build")


def _finding(place: Place) -> Finding:
    return Finding(
        place,
        "this build only runs on processors like the builder's: older ones end it with SIGILL",
        evidence="`target-cpu=native` allows every instruction of the machine that builds",
        suggestion=Suggestion("`-C target-cpu=x86-64-v3` (or `x86-64-v2`) instead of `native`"),
    )


def _features(repository: Repository) -> Iterator[Finding]:
    for package in repository.packages:
        for one in package.dependencies:
            if one.package != "snmalloc-rs" or one.section != "dependencies":
                continue
            if "native-cpu" in features.dependency_features(package, one, always=True):
                place = next((name.place for name in one.features if name.text == "native-cpu"), one.place)
                yield Finding(
                    place,
                    "`native-cpu` builds snmalloc for the builder's processor: older ones end with SIGILL",
                    evidence="the feature compiles snmalloc with `-march=native`",
                    suggestion=Suggestion("leave out the feature `native-cpu`"),
                )
