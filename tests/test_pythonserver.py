"""gunicorn and celery as they are started, gunicorn's configuration, and the JVM flags of a unit."""

from __future__ import annotations

import pytest

from alloclint.discover import discover
from alloclint.engine import run
from alloclint.file import File
from alloclint.finding import Severity
from alloclint.project.python import forking
from alloclint.project.runtime import compose
from alloclint.project.runtime.jvm import given, holding
from alloclint.project.runtime.pythonserver import server
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source
from alloclint.rule import builtin
from alloclint.settings import Limits, Settings


def unit(keys: str) -> Unit:
    (found,) = compose.read(Source("compose.yml", f"services:\n  a: {{image: i, {keys}}}\n".encode()))
    return found


@pytest.mark.parametrize(
    ("command", "option", "value"),
    [
        ("gunicorn --threads 8 app:app", "--threads", "8"),
        ("gunicorn --threads=8 app:app", "--threads", "8"),
        ("gunicorn -w4 app:app", "-w", "4"),
        ("poetry run gunicorn --threads 2 --threads 4 app", "--threads", "4"),
        ("python -m celery -A app worker -P threads", "-P", "threads"),
        ("tini -- /usr/bin/gunicorn -k gthread app", "-k", "gthread"),
        ("sh -c 'exec gunicorn --threads 3 app'", "--threads", "3"),
        ("gunicorn app --threads", "--threads", None),
        ("gunicorn app", "--threads", None),
    ],
)
def test_options_of_servers(command: str, option: str, value: str | None) -> None:
    found = server(unit(f'command: "{command}"'))
    assert found is not None
    token = found.option(option)
    assert (token.text if token is not None else None) == value


def test_what_the_variable_says_is_weaker_than_the_command_line() -> None:
    keys = 'command: gunicorn --threads 2 a, environment: {GUNICORN_CMD_ARGS: "--threads=9 --preload"}'
    found = server(unit(keys))
    assert found is not None
    threads = found.option("--threads")
    assert threads is not None and threads.text == "2"
    assert found.flag("--preload") is not None


def test_other_programs_are_no_servers() -> None:
    assert server(unit("command: run a b c d e gunicorn")) is None
    assert server(unit("command: nginx")) is None


def source(path: str, text: str) -> forking.PythonSource:
    return forking.read(File.of(path, text.encode(), Limits(), None))


def test_the_configuration_of_gunicorn() -> None:
    assert source("gunicorn.conf.py", "preload_app = True\n").preloads is not None
    assert source("conf.py", "bind = 'x'\npreload_app = True\n").preloads is not None
    assert source("conf.py", "preload_app = True\n").preloads is None
    assert source("gunicorn.conf.py", "preload_app = False\n").preloads is None
    assert source("gunicorn.conf.py", "workers = 1\npreload_app = True\n").preloads is None
    assert source("gunicorn.conf.py", "def f():\n    preload_app = True\n").preloads is None


def test_freezing() -> None:
    assert source("a.py", "import gc\ngc.freeze()\n").freezes
    assert source("a.py", "from gc import collect, freeze\n").freezes
    assert not source("a.py", "model.freeze()\n").freezes


def test_flags_of_variables_and_command_line_in_the_order_of_hotspot() -> None:
    flags = given(
        unit(
            'command: java -Xmx2g -jar a, environment: {JAVA_TOOL_OPTIONS: "-Xmx1g", _JAVA_OPTIONS: "-Xss1m"}'
        )
    )
    assert [one.flag.written for one in flags] == ["-Xmx1g", "-Xmx2g", "-Xss1m"]
    heap = holding(flags, "MaxHeapSize")
    assert heap is not None and heap.variable is None and heap.certain


def test_variables_that_nobody_reads_are_left_out() -> None:
    assert given(unit('command: java -jar a, environment: {JAVA_OPTS: "-Xmx1g"}')) == ()
    assert given(unit('environment: {MAVEN_OPTS: "-Xmx1g"}')) == ()
    expanded = given(unit("command: sh -c 'java $$JAVA_OPTS -jar a', environment: {JAVA_OPTS: '-Xmx1g'}"))
    assert [one.certain for one in expanded] == [True]
    unknown = given(unit('environment: {JAVA_OPTS: "-Xmx1g"}'))
    assert [one.certain for one in unknown] == [False]


def test_a_named_configuration_is_seen_with_the_sources_around(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".git").mkdir()
    named = folder / "gunicorn.conf.py"
    named.write_text("workers = 8\npreload_app = True\n")
    settings = Settings(root=folder, jobs=1, min_severity=Severity.info, select=("ALC632",))

    def codes() -> list[str]:
        found = discover([named], settings, lambda path: path.endswith(".py"), folder)
        return [one.code for one in run(found.targets, settings, builtin()).findings]

    assert codes() == ["ALC632"]
    (folder / "app.py").write_text("import gc\ngc.freeze()\n")
    assert codes() == []
