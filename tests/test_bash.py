"""Shell scripts: values, conditions, commands, places."""

from __future__ import annotations

import pytest

from alloclint.project import bash
from alloclint.project.bash import Assignment, Script
from alloclint.project.token import Source


def read(text: str) -> Script:
    return bash.read(Source("start.sh", text.encode()))


def exports(text: str) -> dict[str, str]:
    return {one.name: one.value.text for one in read(text).exports()}


def one(text: str) -> Assignment:
    (found,) = read(text).exports()
    return found


class TestValues:
    @pytest.mark.parametrize(
        ("script", "value"),
        [
            ("export X=2", "2"),
            ("export X='a b'", "a b"),
            ('export X="a b"', "a b"),
            ("export X=a\\ b", "a b"),
            ('export X=\\"2\\"', '"2"'),
            ('export X="\\$HOME"', "$HOME"),
            ('export "X=a b"', "a b"),
            ("export X=a'b'\"c\"", "abc"),
            ("export X=", ""),
            ("A=1\nexport X=$A${A}", "11"),
            ("export X=${NOT_SET:-2}", "2"),
            ('export X=${NOT_SET:-"a b"}', "a b"),
            ('export X="${X:+$X:}/lib/libjemalloc.so.2"', "/lib/libjemalloc.so.2"),
            ("A=1 B=2\nexport X=$B", "2"),
            ("X=-Xmx1g\nX+=' -Xms1g'\nexport X", "-Xmx1g -Xms1g"),
            ("declare -x X=3", "3"),
            ("set -a\nX=1\nset +a", "1"),
            ("X=1; export X", "1"),
        ],
    )
    def test_known(self, script: str, value: str) -> None:
        found = [each for each in read(script).exports() if each.name == "X"][-1]
        assert (found.value.text, found.known) == (value, True)

    @pytest.mark.parametrize(
        "value", ["$A", "a:$A", "${A%%/*}", "$(nproc)", "`nproc`", "$((2 * 2))", "${A:?}"]
    )
    def test_unknown_values_stay_as_written(self, value: str) -> None:
        found = one(f"export X={value}")
        assert (found.value.text, found.known) == (value, False)

    def test_what_a_command_decides(self) -> None:
        assert one("export X=/usr/lib/$(uname -m)/l.so").decided
        assert not one("export X=$A").decided

    def test_a_variable_that_is_set_under_a_condition_is_not_known(self) -> None:
        assert not one("A=1\nif foo; then A=2; fi\nexport X=$A").known

    @pytest.mark.parametrize("script", ["X=1", "export -n X", "readonly X=1", "set +a\nX=1", "local X=1"])
    def test_what_is_not_exported(self, script: str) -> None:
        assert not exports(script)

    def test_options_behind_two_dashes_export_nothing(self) -> None:
        assert not exports("set -- -jar\nX=1")

    def test_a_place_is_that_of_the_assignment(self) -> None:
        found = one("#!/bin/sh\nexport X='a b'\n")
        assert (found.place.start.line, found.place.start.column) == (2, 8)
        assert found.value.place.start.column == 10
        assert found.value.written == "'a b'"

    def test_a_stretch_of_a_file_keeps_its_places(self) -> None:
        source = Source("Dockerfile", b"FROM x\nRUN export X=1\n")
        script = bash.read(source, content=b"export X=$Y", start=11, known={"Y": "7"})
        (found,) = script.exports()
        assert (found.value.text, found.place.start.line, found.place.start.column) == ("7", 2, 12)


class TestConditions:
    @pytest.mark.parametrize(
        "script",
        [
            "if [ -f x ]; then export X=1; fi",
            "if foo; then :; else export X=1; fi",
            "[ -f x ] && export X=1",
            "test -f x && export X=1",
            "command -v java && export X=1",
            "foo || export X=1",
            "[ -f x ] && foo && export X=1",
            "[ -f x ] && foo || export X=1",
            "java -version | grep -q 17 && export X=1",
            "case $1 in a) export X=1 ;; esac",
            "for a in 1 2; do export X=$a; done",
            "while read a; do export X=1; done",
        ],
    )
    def test_guarded(self, script: str) -> None:
        assert one(script).guards

    @pytest.mark.parametrize(
        "script",
        ["set -x && export X=1", "apt-get update && export X=1", "{ export X=1; }", "a || b && export X=1"],
    )
    def test_a_command_that_asks_nothing_is_no_condition(self, script: str) -> None:
        assert not one(script).guards

    def test_the_condition_is_kept(self) -> None:
        assert one("if [ -f /lib/x.so ]; then export X=1; fi").guards == ("[ -f /lib/x.so ];",)

    def test_functions_are_told(self) -> None:
        script = read("f() { export X=1; }\nf")
        assert [each.function for each in script.exports()] == ["f"]
        assert script.functions == {"f"}


class TestCommands:
    def test_words_and_prefix(self) -> None:
        (command,) = read("LD_PRELOAD=/l.so exec java $OPTS \"-jar\" 'a b'.jar >log 2>&1 &").commands
        assert [word.text for word in command.words] == ["exec", "java", "$OPTS", "-jar", "a b.jar"]
        assert [(each.name, each.value.text) for each in command.prefix] == [("LD_PRELOAD", "/l.so")]

    def test_a_line_of_assignments_is_no_prefix_of_the_next(self) -> None:
        script = read('A=1 B=2\nexec "$@"')
        assert [command.prefix for command in script.commands] == [()]
        assert [each.name for each in script.assignments] == ["A", "B"]

    def test_what_runs_for_its_output(self) -> None:
        script = read("version=$(java -version | head)\njava -jar app.jar")
        assert [(each.name, each.inside) for each in script.commands] == [
            ("java", True),
            ("head", True),
            ("java", False),
        ]

    def test_here_documents_are_text(self) -> None:
        assert [each.name for each in read("cat <<EOF >x\nexport X=1\nEOF\nfoo").commands] == ["cat", "foo"]

    @pytest.mark.parametrize("script", ["if then", "foo $(", "'", "case", "\0\xff", "f() {"])
    def test_half_written_scripts_are_read(self, script: str) -> None:
        assert isinstance(read(f"export X=1\n{script}"), Script)

    @pytest.mark.parametrize(
        ("left", "right"), [("(", ")"), ("${A:-", "}"), ('"$(echo ', ')"'), ("{ ", "; }")]
    )
    def test_deep_nesting_ends(self, left: str, right: str) -> None:
        found = read(f"export X=1\necho {left * 2000}foo{right * 2000}")
        assert [each.name for each in found.exports()] == ["X"]

    def test_long_chains_are_read_whole(self) -> None:
        assert len(read(" && ".join(f"c{number}" for number in range(500))).commands) == 500


class TestComments:
    def test_above_and_beside(self) -> None:
        text = b"# Two arenas\n# are enough.\nexport X=2  # measured\n"
        source = Source("start.sh", text)
        assert bash.comment_above(source, 30) == "Two arenas are enough."
        assert bash.comment_beside(source, 38) == "Two arenas are enough. measured"

    def test_a_hash_in_a_word_is_none(self) -> None:
        assert bash.comment_beside(Source("start.sh", b"export X=2#3"), 8) == ""
