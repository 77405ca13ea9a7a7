"""Files of JVM flags, files of variables, and what names say a file is for."""

from __future__ import annotations

import pytest

from alloclint.finding import Place
from alloclint.project.runtime import compose, dotenv, options, purpose
from alloclint.project.runtime.imports import resolved
from alloclint.project.token import Source


def bytes_at(source: Source, place: Place) -> bytes:
    return source.content[place.start.offset : place.end.offset]


def test_flags_line_by_line() -> None:
    source = Source(
        "config/jvm.options",
        b"## heap\n-Xms1g\r\n8-13:-XX:+UseConcMarkSweepGC\n14-:-XX:MaxRAMPercentage=0.8\n  -Xmx1g\n@other\n",
    )
    (unit,) = options.read(source)
    assert unit.command is not None
    flags = ["-Xms1g", "-XX:+UseConcMarkSweepGC", "-XX:MaxRAMPercentage=0.8", "-Xmx1g"]
    assert [word.text for word in unit.command.words] == ["java", *flags]
    assert [bytes_at(source, word.place).decode() for word in unit.command.words[1:]] == flags
    assert unit.purpose is None


def test_mavens_own_machine_builds() -> None:
    (unit,) = options.read(Source(".mvn/jvm.config", b"-Xmx1g -XX:+UseG1GC\n"))
    assert unit.command is not None
    assert [word.text for word in unit.command.words] == ["java", "-Xmx1g", "-XX:+UseG1GC"]
    assert unit.purpose == "build"


def test_a_file_without_flags() -> None:
    assert options.read(Source("jvm.options", b"# none\n")) == ()


def test_variables_of_a_dotenv_file() -> None:
    source = Source(
        "app.env",
        b"# c\nexport A=1 # x\nB=\"a b\"\nC='$x'\nD=$A\nJAVA_OPTS=-Xmx1g -Xms1g\n\nE=\nF: y\n",
    )
    (unit,) = dotenv.read(source)
    found = {one.name: one.value.text for one in unit.environment.variables}
    assert found == {
        "A": "1", "B": "a b", "C": "$x", "D": "$A", "JAVA_OPTS": "-Xmx1g -Xms1g", "E": "", "F": "y"
    }  # fmt: skip
    assert [one.name for one in unit.environment.variables if not one.known] == ["D"]
    assert bytes_at(source, unit.environment.variables[4].place) == b"JAVA_OPTS=-Xmx1g -Xms1g"


def test_a_service_gets_the_variables_of_its_file_before_its_own() -> None:
    (file,) = dotenv.read(Source("deploy/.env", b"A=file\nB=file\n"))
    services = compose.read(
        Source(
            "deploy/compose.yml",
            b"services:\n  a: {image: i, env_file: .env, environment: {B: own}}\n  b: {env_file: no.env}\n",
        )
    )
    first, second = resolved([file, *services])
    assert {one.name: one.value.text for one in first.environment.effective()} == {"A": "file", "B": "own"}
    assert (first.unseen, second.unseen) == (False, True)


def test_a_service_extends_one_of_another_file() -> None:
    base = compose.read(Source("common.yml", b"services:\n  base: {image: i, environment: {A: 1}}\n"))
    text = b"services:\n  a: {extends: {file: ../common.yml, service: base}, environment: {B: 2}}\n"
    upper = compose.read(Source("deploy/compose.yml", text))
    unit = next(one for one in resolved([*base, *upper]) if one.name == "a")
    assert [one.name for one in unit.environment.variables] == ["A", "B"]
    assert unit.image is not None and unit.path == "deploy/compose.yml"
    assert resolved(upper)[0].unseen


def test_services_that_extend_each_other_end() -> None:
    text = "services:\n  a: {extends: {file: %s.yml, service: a}}\n"
    units = [*compose.read(Source("x.yml", (text % "y").encode())),
             *compose.read(Source("y.yml", (text % "x").encode()))]  # fmt: skip
    assert all(unit.unseen for unit in resolved(units))


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("Dockerfile", None),
        ("docker/Dockerfile.dev", "dev"),
        ("tests/docker/Dockerfile", "test"),
        ("docker-compose-e2e.yml", "test"),
        ("benches/compose.yml", "bench"),
        ("build/Dockerfile", None),
        ("Dockerfile.build", "build"),
        ("src/latest/Dockerfile", None),
        ("/tmp/test/Dockerfile", None),
        ("contest/device.yml", None),
    ],
)
def test_purposes(path: str, meant: str | None) -> None:
    assert purpose.of(path) == meant


def test_a_stage_may_say_what_it_is_for() -> None:
    assert purpose.of("Dockerfile", "debug-image") == "debug"
    assert purpose.of("Dockerfile", None) is None
