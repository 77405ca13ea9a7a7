"""GitHub workflows as units, and what a repository is built for."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from alloclint.finding import Place
from alloclint.project.runtime import build_targets, workflow
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source


def read(text: str) -> tuple[Source, dict[str, Unit]]:
    source = Source(".github/workflows/ci.yml", dedent(text).encode())
    return source, {unit.name: unit for unit in workflow.read(source)}


def values(unit: Unit) -> dict[str, str]:
    return {variable.name: variable.value.text for variable in unit.environment.effective()}


def bytes_at(source: Source, place: Place) -> bytes:
    return source.content[place.start.offset : place.end.offset]


def named(unit: Unit) -> list[str]:
    return [target.evidence.text for target in unit.builds]


def test_variables_of_workflow_job_and_step() -> None:
    _, units = read("""
        env: {A: workflow, B: workflow, C: workflow}
        jobs:
          build:
            env: {B: job, C: job}
            steps:
            - name: make
              env: {C: step}
              run: |
                export D=script
                make
            - uses: actions/checkout@v4
    """)
    assert values(units["build"]) == {"A": "workflow", "B": "job", "C": "job"}
    assert values(units["build/make"]) == {"A": "workflow", "B": "job", "C": "step", "D": "script"}
    assert set(units) == {"build", "build/make"}
    assert all(unit.purpose == "ci" for unit in units.values())


def test_scripts_have_places_though_expressions_stand_in_them() -> None:
    source, units = read("""
        jobs:
          build:
            steps:
            - run: |
                cargo build --target ${{ matrix.target }} --release
    """)
    (command,) = units["build/1"].starts
    assert [word.text for word in command.words] == [
        "cargo", "build", "--target", "${{ matrix.target }}", "--release"
    ]  # fmt: skip
    assert [bytes_at(source, word.place).decode() for word in command.words] == [
        word.text for word in command.words
    ]


def test_other_shells_are_not_read() -> None:
    _, units = read("jobs:\n  a:\n    steps:\n    - {run: 'export A=1', shell: pwsh}\n")
    assert set(units) == {"a"}


def test_what_a_job_builds_for() -> None:
    source, units = read("""
        jobs:
          build:
            runs-on: ${{ matrix.os }}
            strategy:
              matrix:
                include:
                - {os: ubuntu-latest, target: x86_64-unknown-linux-musl}
                - {os: ubuntu-24.04-arm, target: aarch64-unknown-linux-gnu}
                - {os: windows-2022, target: x86_64-pc-windows-msvc}
            steps:
            - uses: docker/build-push-action@v6
              with: {platforms: "linux/amd64,linux/arm64"}
            - run: |
                # not aarch64-unknown-linux-musl
                cross build --target armv7-unknown-linux-gnueabihf
    """)
    job = units["build"]
    assert named(job) == [
        "ubuntu-latest", "x86_64-unknown-linux-musl", "ubuntu-24.04-arm", "aarch64-unknown-linux-gnu",
        "windows-2022", "x86_64-pc-windows-msvc", "linux/amd64", "linux/arm64",
        "armv7-unknown-linux-gnueabihf",
    ]  # fmt: skip
    facts = {target.evidence.text: (target.os, target.arch, target.libc) for target in job.builds}
    assert facts["x86_64-unknown-linux-musl"] == ("linux", "x86_64", "musl")
    assert facts["ubuntu-24.04-arm"] == ("linux", "aarch64", "gnu")
    assert facts["windows-2022"] == ("windows", "x86_64", "msvc")
    assert facts["linux/arm64"] == ("linux", "aarch64", None)
    assert facts["armv7-unknown-linux-gnueabihf"] == ("linux", "arm", "gnu")
    for target in job.builds:
        assert bytes_at(source, target.evidence.place).decode() == target.evidence.text


def test_makefiles_and_cross_name_targets_and_settings() -> None:
    source = Source(
        "Makefile",
        b"arm: # \xc3\xa4 x86_64-pc-windows-gnu\n"
        b"\tJEMALLOC_SYS_WITH_LG_PAGE=16 cargo build --target=aarch64-unknown-linux-gnu\n",
    )
    (unit,) = build_targets.read(source)
    assert named(unit) == ["aarch64-unknown-linux-gnu"]
    assert values(unit) == {"JEMALLOC_SYS_WITH_LG_PAGE": "16"}
    assert bytes_at(source, unit.builds[0].evidence.place) == b"aarch64-unknown-linux-gnu"
    cross = (
        b'[build.env]\npassthrough = ["JEMALLOC_SYS_WITH_LG_PAGE", "RUSTFLAGS=-Cx"]\n'
        b"[target.aarch64-apple-darwin]\n"
    )
    (unit,) = build_targets.read(Source("Cross.toml", cross))
    assert values(unit) == {"JEMALLOC_SYS_WITH_LG_PAGE": "", "RUSTFLAGS": "-Cx"}
    assert [(target.os, target.arch) for target in unit.builds] == [("macos", "aarch64")]
    assert build_targets.read(Source("Makefile", b"all:\n\tmake -C src\n")) == ()


def test_platforms_that_a_matrix_fills_in() -> None:
    _, units = read("""
        jobs:
          image:
            runs-on: ubuntu-latest
            strategy:
              matrix:
                arch: [amd64]
                include:
                - {arch: arm64}
                - {other: s390x}
            steps:
            - run: docker buildx build --platform linux/${{ matrix.arch }} .
    """)
    assert named(units["image"]) == ["ubuntu-latest", "linux/amd64", "linux/arm64"]


def test_paths_and_tools_are_no_targets() -> None:
    source = Source(
        "Makefile", b"x:\n\tapt install gcc-aarch64-linux-gnu; ls usr/linux/arm64/x my-x86_64-a-b\n"
    )
    assert build_targets.read(source) == ()


@dataclass(frozen=True)
class _Part:
    value: object


def test_evidence_of_all_parts() -> None:
    _, units = read("jobs:\n  a:\n    runs-on: windows-latest\n")
    (made,) = build_targets.read(Source("Makefile", b"x:\n\tcross b --target x86_64-unknown-linux-musl\n"))
    found = build_targets.of([_Part(tuple(units.values())), _Part((made,)), _Part(None)])
    assert [target.evidence.text for target in found] == ["windows-latest", "x86_64-unknown-linux-musl"]
