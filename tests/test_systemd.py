"""systemd services and drop-ins as units."""

from __future__ import annotations

from textwrap import dedent

from alloclint.finding import Place
from alloclint.project.runtime import systemd
from alloclint.project.runtime.imports import resolved
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source


def read(text: str, path: str = "deploy/app.service") -> tuple[Source, Unit]:
    source = Source(path, dedent(text).encode())
    (unit,) = systemd.read(source)
    return source, unit


def values(unit: Unit) -> dict[str, str]:
    return {variable.name: variable.value.text for variable in unit.environment.effective()}


def bytes_at(source: Source, place: Place) -> bytes:
    return source.content[place.start.offset : place.end.offset]


def test_assignments_and_quotes() -> None:
    source, unit = read(r"""
        [Service]
        Environment="JAVA_OPTS=-Xmx1g -Xms1g" MALLOC_ARENA_MAX=2 'Q=a "b"'
        Environment=P="x y" T=a\x20b "ü=no name" U=ü S=%i R=100%%
    """)
    assert values(unit) == {
        "JAVA_OPTS": "-Xmx1g -Xms1g", "MALLOC_ARENA_MAX": "2", "Q": 'a "b"', "P": "x y",
        "T": "a b", "U": "ü", "S": "%i", "R": "100%",
    }  # fmt: skip
    first = unit.environment.variables[0]
    assert bytes_at(source, first.place) == b'"JAVA_OPTS=-Xmx1g -Xms1g"'
    assert bytes_at(source, first.value.place) == b"-Xmx1g -Xms1g"
    assert [variable.name for variable in unit.environment.variables if not variable.known] == ["S"]


def test_an_empty_assignment_forgets() -> None:
    _, unit = read(
        "[Service]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\nExecStart=a\nExecStart=\nExecStart=b\n"
    )
    assert values(unit) == {"B": "2"}
    assert unit.command is not None and unit.command.program == "b"


def test_lines_go_on_and_comments_in_between_are_skipped() -> None:
    source, unit = read("""
        [Service]
        ExecStart=-/usr/bin/java -Xmx1g \\
        # inside
          -jar "/opt/a b.jar" $ARGS
        # Environment=NO=1
        MemoryMax=2G
    """)
    assert unit.command is not None
    assert [word.text for word in unit.command.words] == [
        "/usr/bin/java", "-Xmx1g", "-jar", "/opt/a b.jar", "$ARGS"
    ]  # fmt: skip
    assert bytes_at(source, unit.command.words[3].place) == b'"/opt/a b.jar"'
    assert values(unit) == {}
    assert unit.memory is not None and unit.memory.amount == 2 * 2**30


def test_what_a_shell_of_a_service_starts() -> None:
    _, unit = read("[Service]\nExecStart=/bin/sh -c 'exec java $JAVA_OPTS -jar a.jar'\n")
    assert unit.command is not None
    assert (unit.command.form, unit.command.program) == ("shell", "java")


def test_the_name_that_a_program_is_told_is_no_argument() -> None:
    _, unit = read("[Service]\nExecStart=@/usr/bin/java web -jar a.jar\n")
    assert unit.command is not None
    assert [word.text for word in unit.command.words] == ["/usr/bin/java", "-jar", "a.jar"]


def test_limits() -> None:
    _, unit = read("[Service]\nMemoryMax=512M\nCPUQuota=250%\n")
    assert unit.memory is not None and unit.memory.amount == 512 * 2**20
    assert unit.cpus is not None and unit.cpus.amount == 2.5
    assert read("[Service]\nMemoryMax=infinity\n")[1].memory is None
    assert read("[Service]\nMemoryMax=80%\n")[1].memory is None


def test_files_of_the_machine_are_unseen() -> None:
    assert read("[Service]\nEnvironmentFile=-/etc/default/app\n")[1].unseen
    assert not read("[Service]\nEnvironment=A=1\n")[1].unseen


def test_drop_ins_add_to_their_service() -> None:
    _, service = read("[Service]\nEnvironment=A=1 B=1\nExecStart=/usr/bin/java -jar a.jar\nMemoryMax=1G\n")
    path = "deploy/app.service.d/override.conf"
    _, addition = read("[Service]\nEnvironment=B=2\nMemoryMax=2G\n", path)
    assert addition.drop_in and addition.name == "app"
    (unit,) = resolved([addition, service])
    assert values(unit) == {"A": "1", "B": "2"}
    assert unit.memory is not None and unit.memory.amount == 2 * 2**30
    assert unit.command is not None and unit.path == "deploy/app.service"


def test_a_line_that_is_no_setting_is_damage() -> None:
    source, unit = read("[Service]\nEnvironment=A=1\nwhat is this\n")
    assert values(unit) == {"A": "1"}
    assert [(one.start.line, one.text) for one in source.damage] == [
        (3, "this is neither a section nor a setting")
    ]


def test_other_sections_are_no_service() -> None:
    assert systemd.read(Source("a.service", b"[Unit]\nEnvironment=A=1\n")) == ()
    assert systemd.read(Source("a.service", b"")) == ()
