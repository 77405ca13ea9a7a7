"""Which program runs in which image, with which environment, and what of the repository is built into it."""

from __future__ import annotations

from pathlib import PurePosixPath

from alloclint.file import File
from alloclint.project import parts
from alloclint.project.kinds import kind_of
from alloclint.project.repository import Repository, merge
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source
from alloclint.settings import Limits


def repository(**files: str) -> Repository:
    """A repository of files; in their names `__` is a slash, and `_` a dot."""
    found = []
    paths = []
    for name, text in files.items():
        path = name.replace("__", "/").replace("_", ".")
        paths.append(path)
        kind = kind_of(path)
        if kind is not None:
            found.append(parts.read(kind, Source(path, text.encode())))
        elif PurePosixPath(path).suffix == ".rs":
            part = parts.read_rust(File.of(path, text.encode(), Limits()))
            found += [part] if part is not None else []
    return merge(found, paths)


def the_unit(found: Repository, kind: str) -> Unit:
    (unit,) = (unit for unit in found.units if unit.kind == kind)
    return unit


def values(unit: Unit) -> dict[str, str]:
    return {one.name: one.value.text for one in unit.environment.effective()}


IMAGE = 'FROM debian:12\nENV A=image B=image\nENTRYPOINT ["server"]\nCMD ["--port", "80"]\n'
SERVICE = "services:\n  web:\n    build: .\n    environment:\n      B: compose\n"


def test_an_image_alone_is_a_unit() -> None:
    unit = the_unit(repository(Dockerfile=IMAGE), "image")
    assert values(unit) == {"A": "image", "B": "image"}
    assert unit.command is not None
    assert [word.text for word in unit.command.words] == ["server", "--port", "80"]


def test_a_service_has_the_environment_of_its_image_and_its_own() -> None:
    found = repository(Dockerfile=IMAGE, compose_yaml=SERVICE)
    assert [unit.kind for unit in found.units] == ["compose"]
    assert values(found.units[0]) == {"A": "image", "B": "compose"}


def test_stages_that_start_something_for_themselves_are_images() -> None:
    text = (
        'FROM debian:12 AS base\nCMD ["never"]\n'
        'FROM base AS web\nCMD ["web"]\n'
        'FROM debian:12 AS made\nCMD ["make"]\n'
        "FROM debian:12 AS tools\nRUN true\n"
        'FROM base\nCOPY --from=2 /made /made\nCMD ["worker"]\n'
    )
    units = [unit for unit in repository(Dockerfile=text).units if unit.kind == "image"]
    assert [unit.command.words[0].text for unit in units if unit.command] == ["web", "worker"]


def test_an_image_that_only_tests_run_stays_a_unit() -> None:
    found = repository(Dockerfile=IMAGE, compose_test_yaml=SERVICE)
    assert sorted(unit.kind for unit in found.units) == ["compose", "image"]


def words(found: Repository) -> list[str]:
    (unit,) = found.units
    return [word.text for word in unit.command.words] if unit.command is not None else []


def test_arguments_replace_the_default_ones() -> None:
    found = repository(Dockerfile=IMAGE, compose_yaml=SERVICE + "    command: [--port, '81']\n")
    assert words(found) == ["server", "--port", "81"]


def test_another_entry_point_has_no_default_arguments() -> None:
    found = repository(Dockerfile=IMAGE, compose_yaml=SERVICE + "    entrypoint: [debug]\n")
    assert words(found) == ["debug"]


def test_a_pod_runs_the_image_that_a_service_names() -> None:
    pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {name: c, image: 'team/app:1'}\n"
    found = repository(Dockerfile=IMAGE, compose_yaml=SERVICE + "    image: team/app:0\n", pod_yaml=pod)
    assert values(the_unit(found, "kubernetes"))["A"] == "image"


def test_a_start_script_adds_what_it_exports() -> None:
    image = 'FROM debian:12\nCOPY start.sh /\nENTRYPOINT ["/start.sh"]\n'
    found = repository(Dockerfile=image, start_sh="#!/bin/sh\nexport A=script\nexec java -jar app.jar\n")
    unit = the_unit(found, "image")
    assert values(unit) == {"A": "script"}
    assert unit.command is not None and unit.command.program == "java"
    assert len(found.units) == 1


def test_a_script_that_ends_in_its_arguments_starts_these() -> None:
    image = (
        'FROM debian:12\nCOPY entrypoint.sh /\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["java", "-jar", "a.jar"]\n'
    )
    found = repository(Dockerfile=image, entrypoint_sh='#!/bin/sh\nexport A=1\nexec "$@"\n')
    assert words(found) == ["java", "-jar", "a.jar"]


CARGO = '[package]\nname = "server"\nversion = "0.1.0"\nedition = "2021"\n'
BUILT = "FROM rust:1 AS build\nCOPY . .\nRUN cargo build --release\nFROM debian:12\n"


def test_the_only_program_is_in_the_image_that_builds_it() -> None:
    found = repository(
        Cargo_toml=CARGO,
        src__main_rs="fn main() {}",
        Dockerfile=BUILT + 'COPY --from=build /target/release/server /bin/s\nCMD ["s"]\n',
    )
    crate = found.crate_in(the_unit(found, "image"))
    assert crate is not None and crate.root == "src/main.rs"


def test_one_of_several_programs_is_found_by_its_name() -> None:
    found = repository(
        Cargo_toml=CARGO,
        src__main_rs="fn main() {}",
        src__bin__tool_rs="fn main() {}",
        Dockerfile=BUILT + 'COPY --from=build /target/release/tool /bin/tool\nCMD ["tool"]\n',
    )
    crate = found.crate_in(the_unit(found, "image"))
    assert crate is not None and crate.root == "src/bin/tool.rs"


def test_an_image_of_something_else_runs_no_program() -> None:
    found = repository(Cargo_toml=CARGO, src__main_rs="fn main() {}", Dockerfile="FROM nginx\n")
    assert found.crate_in(the_unit(found, "image")) is None
