"""Start scripts as units: what they export, what they start."""

from __future__ import annotations

import pytest

from alloclint.project.runtime import launchers, shell
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source, Token


def unit(text: str, path: str = "bin/start.sh") -> Unit:
    (found,) = shell.read(Source(path, text.encode()))
    return found


def words(text: str) -> list[str]:
    command = unit(text).command
    assert command is not None
    return [word.text for word in command.words]


class TestCommand:
    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("exec java -jar a.jar", ["java", "-jar", "a.jar"]),
            ("exec java a &\nexec python b", ["python", "b"]),
            ("exec tini -- java a", ["java", "a"]),
            ("exec gosu app java a", ["java", "a"]),
            ("mkdir -p /x\njava a\necho done", ["java", "a"]),
            ('main() { exec java "$@"; }\nmain "$@"', ["java", "$@"]),
            ('if [ "$JAVA_HOME" ]; then J=$JAVA_HOME/bin/java; else J=java; fi\nexec "$J" a', ["java", "a"]),
            ('if which numactl; then N="numactl -i all"; else N=""; fi\nexec $N java a', ["java", "a"]),
            ("V=$(java -version)\nexec server", ["server"]),
            ('exec "$@"', ["$@"]),
        ],
    )
    def test_what_is_started(self, script: str, expected: list[str]) -> None:
        assert words(script) == expected

    def test_another_script(self) -> None:
        command = unit("exec /opt/bin/run.sh a").command
        assert command is not None and command.form == "script"

    def test_all_starts(self) -> None:
        found = unit("migrate up\nif x; then worker & fi\nexec server")
        assert [one.program for one in found.starts] == ["migrate", "x", "worker", "server"]

    def test_nothing(self) -> None:
        assert not shell.read(Source("lib.sh", b"f() { echo a; }\nX=1\n"))


class TestEnvironment:
    def test_exports_and_prefix(self) -> None:
        found = unit("export A=1\nB=2 C=$(nproc) exec java a").environment.variables
        assert [(one.name, one.value.text, one.guarded) for one in found] == [
            ("A", "1", False),
            ("B", "2", False),
            ("C", "$(nproc)", True),
        ]

    def test_given_by_env(self) -> None:
        (found,) = unit("exec env -i A=1 java a").environment.variables
        assert (found.name, found.value.text) == ("A", "1")

    def test_conditions(self) -> None:
        (found,) = unit("if [ -f /l.so ]; then export LD_PRELOAD=/l.so; fi\nexec a").environment.variables
        assert (found.guarded, found.conditions) == (True, ("[ -f /l.so ];",))

    @pytest.mark.parametrize(("call", "guarded"), [("f", False), ("[ $1 ] && f", True), ("g", True)])
    def test_in_a_function(self, call: str, guarded: bool) -> None:
        (found,) = unit(f"f() {{ export A=1; }}\n{call}\nexec a").environment.variables
        assert found.guarded is guarded

    def test_purpose(self) -> None:
        assert unit("exec a", "test/run.sh").purpose == "test"
        assert unit("exec a").purpose is None


class TestLaunchers:
    @pytest.mark.parametrize(
        ("line", "rest"),
        [
            ("tini -s -p SIGTERM -- a b", "a b"),
            ("dumb-init -c -- a", "a"),
            ("/usr/bin/env A=1 B=2 a", "a"),
            ("env -u X a", "a"),
            ("timeout -k 5 30 a", "a"),
            ("nice -n 5 ionice -c 3 a", "a"),
            ("su-exec app:app a", "a"),
            ("sudo -E -u app a", "a"),
            ("a tini", "a tini"),
            ("tini --", ""),
            ("exec", ""),
        ],
    )
    def test_looked_through(self, line: str, rest: str) -> None:
        source = Source("x", line.encode())
        tokens = [Token(word, source.place(0, 0)) for word in line.split()]
        assert " ".join(word.text for word in launchers.program(tokens)) == rest
