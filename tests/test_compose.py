"""Docker Compose files as units."""

from __future__ import annotations

from textwrap import dedent

from alloclint.finding import Place
from alloclint.project.runtime import compose
from alloclint.project.runtime.unit import Build, Unit
from alloclint.project.token import Source


def read(text: str, path: str = "deploy/docker-compose.yml") -> tuple[Source, dict[str, Unit]]:
    source = Source(path, dedent(text).encode())
    return source, {unit.name: unit for unit in compose.read(source)}


def one(text: str, path: str = "docker-compose.yml") -> Unit:
    """The unit of a service `app` with these keys."""
    body = "".join(f"    {line}\n" for line in dedent(text).strip().splitlines())
    return read(f"services:\n  app:\n{body}", path)[1]["app"]


def values(unit: Unit) -> dict[str, str]:
    return {variable.name: variable.value.text for variable in unit.environment.effective()}


def bytes_at(source: Source, place: Place) -> bytes:
    return source.content[place.start.offset : place.end.offset]


def test_environment_as_map_and_as_list() -> None:
    assert values(one("environment: {A: '1', B: x}")) == {"A": "1", "B": "x"}
    listed = one("""
        environment:
          - A=1
          - MALLOC_ARENA_MAX="2"
          - "B=c=d"
    """)
    assert values(listed) == {"A": "1", "MALLOC_ARENA_MAX": '"2"', "B": "c=d"}


def test_a_variable_has_the_place_of_its_line_and_of_its_value() -> None:
    source, units = read("services:\n  a:\n    environment:\n      - 'LD_PRELOAD=x.so'  # fast\n")
    (variable,) = units["a"].environment.variables
    assert bytes_at(source, variable.place) == b"'LD_PRELOAD=x.so'"
    assert bytes_at(source, variable.value.place) == b"x.so"
    assert variable.comment == "fast"


def test_the_comment_above_belongs_to_a_variable() -> None:
    unit = one("environment:\n  A: 1\n  # fallback\n  # only\n  B: 2\n")
    assert [variable.comment for variable in unit.environment.variables] == ["", "fallback only"]


def test_references_and_their_defaults() -> None:
    unit = one("""
        environment:
          A: ${X:-2g}
          B: ${X}
          C: $$HOME
          D: ${X:-a${Y-b}}
          E: ${X:?must be set}
          F:
    """)
    assert values(unit) == {
        "A": "2g",
        "B": "${X}",
        "C": "$HOME",
        "D": "ab",
        "E": "${X:?must be set}",
        "F": "",
    }
    known = {variable.name for variable in unit.environment.variables if variable.known}
    assert known == {"A", "C", "D"}


def test_anchors_merges_and_fragments() -> None:
    source, units = read("""
        x-env: &env
          A: fragment
          B: fragment
        services:
          a:
            environment:
              <<: *env
              B: own
          b:
            environment: *env
    """)
    assert values(units["a"]) == {"A": "fragment", "B": "own"}
    assert set(units) == {"a", "b"}
    shared = units["b"].environment.get("A")
    assert shared is not None
    assert bytes_at(source, shared.place) == b"A: fragment"


def test_extends_in_the_file_and_beyond() -> None:
    _, units = read("""
        services:
          base: {image: i, mem_limit: 1g, environment: {A: 1, B: 1}}
          a: {extends: base, environment: {B: 2}}
          b: {extends: {service: a}, image: j}
          c: {extends: {file: ../common.yml, service: base}}
          ring: {extends: ring}
    """)
    assert values(units["b"]) == {"A": "1", "B": "2"}
    assert units["a"].memory is not None and units["a"].memory.amount == 2**30
    assert units["b"].image is not None and units["b"].image.text == "j"
    assert units["c"].extends == ("common.yml", "base")
    assert units["a"].extends is None


def test_limits() -> None:
    unit = one("mem_limit: 512m\ncpus: 0.5")
    assert unit.memory is not None and unit.memory.amount == 512 * 2**20
    assert unit.cpus is not None and unit.cpus.amount == 0.5
    deployed = one("deploy: {resources: {limits: {memory: 2GB, cpus: '4'}, reservations: {memory: 1g}}}")
    assert deployed.memory is not None and deployed.memory.amount == 2 * 2**30
    assert deployed.cpus is not None and deployed.cpus.amount == 4
    assert one("mem_limit: ${LIMIT}").memory is None
    assert one("deploy: {resources: {reservations: {memory: 1g}}}").memory is None


def test_commands() -> None:
    unit = one('command: java -Xmx1g -jar "my app.jar"')
    assert unit.command is not None
    assert [word.text for word in unit.command.words] == ["java", "-Xmx1g", "-jar", "my app.jar"]
    both = one('entrypoint: [java]\ncommand: ["-Xmx1g", "-jar", "x.jar"]')
    assert both.command is not None and both.command.program == "java"
    assert both.arguments is not None and both.arguments.words[0].text == "-Xmx1g"
    assert one("command: --verbose").command is None
    script = one("entrypoint: ./start.sh").command
    assert script is not None and script.form == "script"


def test_a_shell_runs_what_its_script_ends_with() -> None:
    unit = one("""
        entrypoint: ["sh", "-c"]
        command:
          - |
            export MALLOC_ARENA_MAX=2
            exec java $$JAVA_OPTS -jar /app.jar
    """)
    assert unit.command is not None and unit.command.form == "shell"
    assert unit.command.program == "java"
    assert unit.command.mentions("JAVA_OPTS")
    assert values(unit) == {"MALLOC_ARENA_MAX": "2"}


def test_builds() -> None:
    assert one("build: ./svc", "deploy/compose.yml").build == Build("deploy/svc")
    assert one("build: .").build == Build("")
    long = one("build: {context: .., dockerfile: docker/Prod, target: app}", "deploy/compose.yml")
    assert long.build == Build("", "docker/Prod", "app")
    assert one("build: https://example.org/x.git").build is None
    assert one("build: {dockerfile_inline: FROM x}").build is None
    assert one("build: $WHERE").build is None


def test_platforms_are_what_an_image_is_built_for() -> None:
    unit = one("build: {context: ., platforms: [linux/amd64, linux/arm64]}")
    assert [(target.os, target.arch) for target in unit.builds] == [("linux", "x86_64"), ("linux", "aarch64")]


def test_files_with_variables() -> None:
    unit = one("env_file:\n  - .env\n  - path: ../b.env\n    required: false\n  - $X", "deploy/compose.yml")
    assert [entry.origin for entry in unit.imports] == ["file:deploy/.env", "file:b.env", "file:?"]


def test_purposes() -> None:
    assert one("image: x").purpose is None
    assert one("profiles: [debug]").purpose == "debug"
    assert one("image: x", "docker-compose.dev.yml").purpose == "dev"
    assert one("image: x", "docker-compose.override.yml").purpose == "dev"


def test_the_format_without_services() -> None:
    _, units = read("db:\n  image: postgres\n  environment: {A: 1}\n")
    assert values(units["db"]) == {"A": "1"}
    assert read("foo: {bar: 1}\n")[1] == {}


def test_what_is_no_service_is_passed_over() -> None:
    assert set(read("services:\n  a:\n  b: {image: x, environment: [1, {c: d}, null]}\n")[1]) == {"b"}
    assert read("- a\n")[1] == {}


def test_a_half_written_file_is_damage() -> None:
    source, units = read("services:\n  a:\n    image: 'x\n")
    assert not units
    assert len(source.damage) == 1
