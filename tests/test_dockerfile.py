"""Dockerfiles: cut into instructions, expanded, put together to stages."""

from __future__ import annotations

import textwrap

import pytest

from alloclint.project.image import dockerfile
from alloclint.project.image.lines import instructions
from alloclint.project.image.stage import Stage
from alloclint.project.image.words import Value, expand
from alloclint.project.token import Source


def stages(text: str) -> tuple[Stage, ...]:
    return dockerfile.read(Source("Dockerfile", textwrap.dedent(text).encode()))


def last(text: str) -> Stage:
    return stages(text)[-1]


def environment(text: str) -> dict[str, str]:
    return {one.name: one.value.text for one in last(text).environment.variables}


def damage(text: str) -> list[str]:
    source = Source("Dockerfile", text.encode())
    dockerfile.read(source)
    return [f"{one.start.line}: {one.text}" for one in source.damage]


class TestInstructions:
    @pytest.mark.parametrize(
        ("text", "keywords"),
        [
            ("FROM a\nRUN b \\\n  c\nCMD d", ["FROM", "RUN", "CMD"]),
            ("from a\n  run b", ["FROM", "RUN"]),
            ("FROM a\nRUN b \\\n# comment\n\n  c\nCMD d", ["FROM", "RUN", "CMD"]),
            ("FROM a\nRUN b \\  \n  c\nCMD d", ["FROM", "RUN", "CMD"]),
            ("FROM a\nRUN b \\\\\nCMD d", ["FROM", "RUN", "CMD"]),
            ("FROM a\r\nRUN b \\\r\n  c\r\nCMD d\r\n", ["FROM", "RUN", "CMD"]),
            ("# escape=`\nFROM a\nRUN b `\n  c\nCMD c:\\", ["FROM", "RUN", "CMD"]),
            ("\ufeffFROM a\nCMD d", ["FROM", "CMD"]),
            ("FROM a\nRUN <<EOF\nENV b\nEOF\nCMD d", ["FROM", "RUN", "CMD"]),
            ("FROM a\nRUN <<-'EOF' cat\n\tCOPY b\n\tEOF\nCMD d", ["FROM", "RUN", "CMD"]),
            ("FROM a\nCOPY <<ONE <<TWO /x/\nRUN 1\nONE\nRUN 2\nTWO\nCMD d", ["FROM", "COPY", "CMD"]),
            ("FROM a\nRUN <<EOF\nnever closed", ["FROM", "RUN"]),
            ("FROM a\nRUN b \\", ["FROM", "RUN"]),
        ],
    )
    def test_cut(self, text: str, keywords: list[str]) -> None:
        assert [one.keyword for one, _ in instructions(text.encode())] == keywords

    def test_offsets_are_those_of_the_file(self) -> None:
        content = b"FROM a\nRUN b \\\n# comment\n  c\n"
        run = [one for one, _ in instructions(content)][1]
        assert run.text[run.text.index("c") - 2 :] == "  c"
        assert content[run.start + run.text.index("c")] == ord("c")
        assert b"comment" not in run.shell

    @pytest.mark.parametrize("end", range(0, 120, 7))
    def test_every_beginning_is_read(self, end: int) -> None:
        text = b'FROM a AS b\nENV A="x \\\n y" B=$A\nRUN <<EOF\nexport X=1\nEOF\nCOPY --from=b ["c", "d"]\n'
        dockerfile.read(Source("Dockerfile", text[:end]))


class TestWords:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("'$A'", "$A"),
            ('"$A b"', "1 b"),
            ("\\$A", "$A"),
            ('\\"2\\"', '"2"'),
            ("${A}b", "1b"),
            ("${B:-c}", "c"),
            ("${A:+c}", "c"),
            ("${B:+c}", ""),
            ("${EMPTY:-c}", "c"),
            ("${EMPTY-c}", ""),
            ("${B:-${A}}", "1"),
            ("$A$A", "11"),
            ("$1x", "x"),
            ("a\\ b", "a b"),
            ("a'b\"'c", 'ab"c'),
            ("grün", "grün"),
        ],
    )
    def test_known(self, text: str, value: str) -> None:
        held = {"A": Value("1"), "EMPTY": Value("")}
        assert expand(text.encode().decode("latin-1"), held.get, "\\") == Value(value)

    @pytest.mark.parametrize("text", ["$B", "${B}", "a:$B", "${A#x}"])
    def test_unknown(self, text: str) -> None:
        assert expand(text, {"A": Value("1")}.get, "\\") == Value(text, False)

    def test_deep_nesting_ends(self) -> None:
        held: dict[str, Value] = {}
        assert not expand("${A:-" * 3000 + "}" * 3000, held.get, "\\").known


class TestEnvironment:
    def test_pairs_and_the_old_form(self) -> None:
        text = """\
            FROM a
            ENV A=1 B="x y" C=\\"2\\" \\
                # between
                D='$A'
            ENV E some  value
            """
        assert environment(text) == {"A": "1", "B": "x y", "C": '"2"', "D": "$A", "E": "some  value"}

    def test_an_instruction_sees_what_was_set_before_it(self) -> None:
        found = last("FROM a\nENV A=1\nENV A=2 B=$A\n").environment
        b = found.get("B")
        assert b is not None and b.value.text == "1"

    def test_environment_wins_over_arguments(self) -> None:
        assert environment("FROM a\nARG A=1\nENV A=2\nARG A=3\nENV B=$A\n")["B"] == "2"

    def test_arguments_before_from_hold_where_they_are_named(self) -> None:
        text = "ARG A=1\nFROM a:$A\nENV B=$A\nARG A\nENV C=$A\n"
        found = last(text)
        assert found.reference.text == "a:1"
        assert [(one.value.text, one.known) for one in found.environment.variables] == [
            ("$A", False),
            ("1", True),
        ]

    def test_an_argument_without_a_value_is_not_known(self) -> None:
        (one,) = last("FROM a\nARG A\nENV B=$A\n").environment.variables
        assert not one.known

    def test_a_stage_inherits(self) -> None:
        text = "FROM debian AS base\nENV A=1\nRUN apt-get install -y b\nFROM base AS x\nENV A=2\nFROM BASE\n"
        base, changed, final = stages(text)
        assert [one.value.text for one in changed.environment.effective()] == ["2"]
        assert [one.value.text for one in final.environment.effective()] == ["1"]
        assert (final.ancestors, final.final, base.final) == (("base",), True, False)
        assert (final.base.family, [one.name for one in final.packages]) == ("debian", ["b"])

    def test_places(self) -> None:
        (one,) = last('FROM a\nENV  A="x y"\n').environment.variables
        assert (one.place.start.line, one.place.start.column, one.place.end.column) == (2, 6, 13)
        assert (one.value.text, one.value.written) == ("x y", '"x y"')

    def test_comments(self) -> None:
        text = "FROM a\n# above\nENV A=1 \\\n    # between\n    B=2\n"
        assert [one.comment for one in last(text).environment.variables] == ["above", "above between"]


class TestRuns:
    def test_exports_that_nobody_sees(self) -> None:
        text = "FROM a\nRUN export A=1 && make\nRUN make && export B=2\nRUN export C=3 D=$(uname -m); true\n"
        found = [(one.name, used) for run in last(text).runs for one, used in run.exports]
        assert found == [("A", True), ("B", False), ("C", False), ("D", False)]

    def test_a_here_document_is_a_script(self) -> None:
        text = "FROM a\nRUN --mount=type=cache,target=/x <<EOF\napk add b\nexport A=1\nEOF\n"
        found = last(text)
        assert [one.name for one in found.packages] == ["b"]
        ((variable, used),) = found.runs[0].exports
        assert (variable.place.start.line, used) == (4, False)

    def test_another_interpreter_is_no_shell(self) -> None:
        assert not last("FROM a\nRUN <<EOF\n#!/usr/bin/python3\nexport A=1\nEOF\n").runs[0].exports

    @pytest.mark.parametrize(
        ("command", "names"),
        [
            (
                "apt-get update && apt-get install -y --no-install-recommends a=1.2 b:amd64 c/sid",
                ["a", "b", "c"],
            ),
            ("apt-get -o Dpkg::Use-Pty=0 -qq install -t sid a && rm -rf /var/lib/apt/lists/*", ["a"]),
            ("DEBIAN_FRONTEND=noninteractive sudo apt install a ./b.deb", ["a"]),
            ("apk add --no-cache -X http://x/edge 'a>1.2' b@edge c~=3", ["a", "b", "c"]),
            ("apk --no-cache add a", ["a"]),
            ("apk add --virtual .build a && apk add b && apk del .build", ["b"]),
            ("apt-get install -y a b && apt-get purge -y --auto-remove a", ["b"]),
            ("microdnf install -y --setopt=x=y a.x86_64", ["a"]),
            ("yum -y install epel-release && yum install -y jemalloc", ["epel-release", "jemalloc"]),
            ("pacman -Syu --noconfirm a b", ["a", "b"]),
            ("zypper --non-interactive in a", ["a"]),
            (
                "pip install --no-cache-dir -r r.txt 'Django>=4' uvicorn[standard]==0.2 ./x.whl",
                ["django", "uvicorn"],
            ),
            ("python3 -m pip install --index-url https://x/simple a", ["a"]),
            ("deps='a \\\n  b'; apt-get install -y $deps", ["a", "b"]),
            ("apt-get install -y $UNKNOWN openjdk-$V-jre", ["$UNKNOWN", "openjdk-17-jre"]),
            ("install_packages a b", ["a", "b"]),
            ("if true; then apk add a; fi", ["a"]),
            ("apt-get update", []),
            ("echo apt-get install a", []),
            ("pip --timeout", []),
        ],
    )
    def test_packages(self, command: str, names: list[str]) -> None:
        assert [one.name for one in last(f"FROM a\nARG V=17\nRUN {command}\n").packages] == names

    def test_a_group_goes_in_a_later_layer(self) -> None:
        assert not last("FROM a\nRUN apk add -t .b c\nRUN apk del .b\n").packages


class TestCopies:
    def test_origins(self) -> None:
        text = """\
            FROM a AS one
            FROM b
            COPY --from=0 --chown=x:y /c /d /e/
            COPY --from=one ["f g", "h"]
            COPY --link --from=golang:1 / /
            ADD https://x/y.tgz /opt/
            """
        found = [(one.sources, one.target, one.origin) for one in last(text).copies]
        assert found == [
            (("/c", "/d"), "/e/", "one"),
            (("f g",), "h", "one"),
            (("/",), "/", "golang:1"),
            (("https://x/y.tgz",), "/opt/", None),
        ]


class TestStart:
    @pytest.mark.parametrize(
        ("text", "form", "words"),
        [
            ('CMD ["java", "-jar", "a b.jar"]', "exec", ["java", "-jar", "a b.jar"]),
            ("CMD exec java $OPTS -jar a.jar", "shell", ["java", "$OPTS", "-jar", "a.jar"]),
            ('ENTRYPOINT ["java"]\nCMD ["-version"]', "exec", ["java", "-version"]),
            ('CMD ["x"]\nENTRYPOINT ["java"]', "exec", ["java", "x"]),
            ('ENTRYPOINT ["/sbin/tini", "-g", "--", "java"]', "exec", ["java"]),
            ('ENTRYPOINT ["tini", "--"]\nCMD java $A', "shell", ["java", "$A"]),
            ('ENTRYPOINT ["dumb-init"]\nCMD ["gosu", "app", "java"]', "exec", ["java"]),
            ('ENTRYPOINT ["env", "A=1", "java"]', "exec", ["java"]),
            ('ENTRYPOINT ["sh", "-c", "cd /x && exec java $A"]', "shell", ["java", "$A"]),
            ('ENTRYPOINT ["/bin/bash", "-o", "pipefail", "-c", "java"]', "shell", ["java"]),
            ('ENTRYPOINT ["sh", "-c"]\nCMD ["exec java"]', "shell", ["java"]),
            ('ENTRYPOINT ["bash", "/start.sh", "x"]', "script", ["/start.sh", "x"]),
            (
                'ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["java"]',
                "script",
                ["/docker-entrypoint.sh", "java"],
            ),
            ("ENTRYPOINT java -jar a.jar\nCMD x", "shell", ["java", "-jar", "a.jar"]),
            ("CMD ['java']", "shell", []),
        ],
    )
    def test_command(self, text: str, form: str, words: list[str]) -> None:
        found = last(f"FROM a\n{text}\n").started
        assert found is not None
        assert (found.form, [word.text for word in found.words]) == (form, words)

    def test_an_entry_point_drops_inherited_arguments(self) -> None:
        found = last('FROM a AS b\nCMD ["x"]\nFROM b\nENTRYPOINT ["java"]\n').started
        assert found is not None and [word.text for word in found.words] == ["java"]

    def test_inherited(self) -> None:
        found = last('FROM a AS b\nENTRYPOINT ["java"]\nCMD ["x"]\nFROM b\nCMD ["y"]\n').started
        assert found is not None and [word.text for word in found.words] == ["java", "y"]

    def test_nothing(self) -> None:
        assert last("FROM a\n").started is None


class TestDamage:
    def test_named(self) -> None:
        found = damage("FROM a\nRUNN b\nENV A\nCOPY b\nENV A=1 B\nCMD c\n")
        assert found == [
            "2: `RUNN` is no instruction of a Dockerfile",
            "3: `ENV` without a value",
            "4: `COPY` needs a source and a target",
            "5: `ENV` with `B`, which has no `=`",
        ]

    def test_the_rest_is_read(self) -> None:
        assert environment("FROM a\nRUNN b\nENV A=1\n") == {"A": "1"}

    @pytest.mark.parametrize(
        "text",
        [
            "RUN a\nFOO b\n",
            "FROM a\n{{ if b }}\nRUN c\n{{ end }}\n",
            "FROM a\nONBUILD RUN b\nHEALTHCHECK CMD c\nSTOPSIGNAL 9\nMAINTAINER d\n",
            "",
        ],
    )
    def test_fragments_templates_and_old_words_are_no_damage(self, text: str) -> None:
        assert not damage(text)
