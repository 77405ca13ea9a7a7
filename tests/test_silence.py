"""Suppressions written into sources and manifests: where they stand, and that they hide what they should."""

# ruff: noqa: E501 -- before and after are easier to compare on one line

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

import alloclint
from alloclint import cli, engine, rule
from alloclint.discover import Target
from alloclint.finding import Finding
from alloclint.project.kinds import kind_of
from alloclint.rule import Rule
from alloclint.settings import Settings
from alloclint.silence import silenced

ROOT = Path(alloclint.__file__).parents[1]
#: Blames every `BAD` and `WORSE` outside of comments, in sources and in manifests.
BLAME = '''
"""Something is {word}."""
import re
from collections.abc import Iterator
from alloclint.{module} import {subject}
from alloclint.finding import Finding, Severity

CODE = "{code}"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "java", "python")
MANIFESTS = True


def check(file: {subject}) -> Iterator[Finding]:
    for hit in re.finditer(rb"\\b{word}\\b", file.source):
        if not file.unit.comment_at(hit.start()):
            yield Finding(file.place(hit.start(), hit.end()), "this is {word}")
'''


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[Rule]:
    folder = tmp_path_factory.mktemp("own") / "blaming"
    folder.mkdir()
    for word, code in (("BAD", "XYZ101"), ("WORSE", "XYZ102")):
        text = BLAME.replace("{word}", word).replace("{code}", code)
        text = text.replace("{module}", "file").replace("{subject}", "File")
        (folder / f"{word.lower()}_thing.py").write_text(text, encoding="utf-8")
    return rule.load_all([folder])


def findings(path: str, source: bytes, rules: list[Rule], *select: str) -> list[Finding]:
    """What the two rules blame and what is said of suppressions."""
    settings = replace(Settings(), select=select or ("XYZ", "ALC904", "ALC905", "ALC902"), tests=True)
    target = Target(Path(path), path, explicit=True)
    return list(engine.run([target], settings, rules, sources={path: source}).findings)


def written(path: str, text: str, rules: list[Rule], reason: str = "") -> str:
    """The text with suppressions; nothing is found in it, and nothing is written a second time."""
    source = text.encode()
    done = silenced(source, path, findings(path, source, rules), rules, reason)
    assert not done.left
    assert not findings(path, done.source, rules), done.source.decode()
    assert silenced(done.source, path, [], rules).source == done.source
    return done.source.decode()


IGNORE = "alloclint: ignore[XYZ101]"
LONG = "x" * 90

SOURCES = {
    "rust": ("a.rs", "fn f() {\n    BAD();\n}\n", f"fn f() {{\n    BAD(); // {IGNORE}\n}}\n"),
    "java": ("A.java", "class A {\n  int x = BAD();\n}\n", f"class A {{\n  int x = BAD(); // {IGNORE}\n}}\n"),
    "python": ("a.py", "x = BAD()\n", f"x = BAD()  # {IGNORE}\n"),
    "blanks at the end": ("a.py", "x = BAD()   \n", f"x = BAD()  # {IGNORE}\n"),
    "no end of line": ("a.py", "x = BAD()", f"x = BAD()  # {IGNORE}"),
    "carriage returns": ("a.py", "x = BAD()\r\ny = 1\r\n", f"x = BAD()  # {IGNORE}\r\ny = 1\r\n"),
    "carriage returns, above": (
        "a.py", f"if y:\r\n    x = BAD({LONG})\r\n", f"if y:\r\n    # {IGNORE}\r\n    x = BAD({LONG})\r\n",
    ),
    "a mark of the encoding": ("a.py", f"\ufeffx = BAD({LONG})\n", f"\ufeff# {IGNORE}\nx = BAD({LONG})\n"),
    "a long line": ("a.rs", f"fn f() {{\n\tBAD({LONG});\n}}\n", f"fn f() {{\n\t// {IGNORE}\n\tBAD({LONG});\n}}\n"),
    "a comment is there": ("a.py", "x = BAD()  # type: ignore\n", f"# {IGNORE}\nx = BAD()  # type: ignore\n"),
    "two on a line": ("a.py", "x = WORSE() + BAD()\n", "x = WORSE() + BAD()  # alloclint: ignore[XYZ101, XYZ102]\n"),
    "the same twice on a line": ("a.py", "x = BAD() + BAD()\n", f"x = BAD() + BAD()  # {IGNORE}\n"),
    "one is there behind": (
        "a.py", "x = WORSE() + BAD()  # alloclint: ignore[worse-thing] -- why\n",
        "x = WORSE() + BAD()  # alloclint: ignore[worse-thing, XYZ101] -- why\n",
    ),
    "one is there above": (
        "a.rs", "fn f() {\n    // alloclint: ignore-next-line[XYZ102]\n    g(WORSE, BAD);\n}\n",
        "fn f() {\n    // alloclint: ignore-next-line[XYZ102, XYZ101]\n    g(WORSE, BAD);\n}\n",
    ),
    "one for flake8": ("a.py", "x = WORSE(BAD)  # noqa: E501,XYZ102\n", "x = WORSE(BAD)  # noqa: E501,XYZ102, XYZ101\n"),
    "one for others": ("a.py", "x = BAD  # noqa: E501\n", f"# {IGNORE}\nx = BAD  # noqa: E501\n"),
    "in the middle of a call": ("a.py", "x = f(\n    1,\n    BAD,\n)\n", f"x = f(\n    1,\n    BAD,  # {IGNORE}\n)\n"),
    "behind a text of several lines": (
        "a.py", f'x = f("""\n{LONG}""", BAD)\n', f'# {IGNORE}\nx = f("""\n{LONG}""", BAD)\n',
    ),
    "before a text of several lines": ("a.py", 'x = f(BAD, """\n""")\n', f'# {IGNORE}\nx = f(BAD, """\n""")\n'),
    "a line goes on": ("a.py", "x = 1 + \\\n    BAD + \\\n    2\n", f"# {IGNORE}\nx = 1 + \\\n    BAD + \\\n    2\n"),
    "a text of Java": (
        "A.java", 'class A {\n  String s = f("""\n  a""", BAD);\n}\n',
        f'class A {{\n  String s = f("""\n  a""", BAD); // {IGNORE}\n}}\n',
    ),
    "a raw string of Rust": (
        "a.rs", 'fn f() {\n    g(BAD, r#"\n"#);\n}\n', f'fn f() {{\n    // {IGNORE}\n    g(BAD, r#"\n"#);\n}}\n',
    ),
    "a block comment": (
        "a.rs", "fn f() {\n    g(WORSE, BAD); /* alloclint: ignore[XYZ102] */\n}\n",
        "fn f() {\n    g(WORSE, BAD); /* alloclint: ignore[XYZ102, XYZ101] */\n}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), SOURCES.values(), ids=SOURCES.keys())
def test_in_sources(path: str, before: str, after: str, rules: list[Rule]) -> None:
    assert written(path, before, rules) == after


MANIFESTS = {
    "cargo": ("Cargo.toml", "[package]\nname = 'BAD'\n", f"[package]\nname = 'BAD'  # {IGNORE}\n"),
    "a list in TOML": (
        "Cargo.toml", "[features]\nx = [\n    'BAD',\n]\n", f"[features]\nx = [\n    'BAD',  # {IGNORE}\n]\n",
    ),
    "a text in TOML": (
        "Cargo.toml", "[package]\ndescription = '''\nBAD\n'''\nname = 'a'\n", None,
    ),
    "dockerfile": ("Dockerfile", "FROM a\nENV A=BAD\n", f"FROM a\n# {IGNORE}\nENV A=BAD\n"),
    "an instruction over lines": (
        "Dockerfile", "FROM a\nRUN a && \\\n    b BAD && \\\n    c\n", f"FROM a\n# {IGNORE}\nRUN a && \\\n    b BAD && \\\n    c\n",
    ),
    "systemd": ("a.service", "[Service]\nExecStart=/a BAD\n", f"[Service]\n# {IGNORE}\nExecStart=/a BAD\n"),
    "shell": ("a.sh", "#!/bin/sh\nexport A=BAD\n", f"#!/bin/sh\nexport A=BAD  # {IGNORE}\n"),
    "shell that goes on": ("a.sh", "exec a \\\n  BAD \\\n  c\n", f"# {IGNORE}\nexec a \\\n  BAD \\\n  c\n"),
    "env": (".env", "A=BAD\n", f"# {IGNORE}\nA=BAD\n"),
    "make": ("Makefile", "a:\n\texport A=BAD\n", f"a:\n# {IGNORE}\n\texport A=BAD\n"),
    "jvm options": ("jvm.options", "-Xmx1g\n-DBAD\n", f"-Xmx1g\n# {IGNORE}\n-DBAD\n"),
    "maven": (
        "pom.xml", "<project>\n  <name>BAD</name>\n</project>\n",
        f"<project>\n  <!-- {IGNORE} -->\n  <name>BAD</name>\n</project>\n",
    ),
    "gradle": ("build.gradle", "def a = 'BAD'\n", f"def a = 'BAD' // {IGNORE}\n"),
    "catalog": ("gradle/libs.versions.toml", "[versions]\na = 'BAD'\n", f"[versions]\na = 'BAD'  # {IGNORE}\n"),
    "compose": (
        "compose.yaml", "services:\n  a:\n    command: BAD\n", f"services:\n  a:\n    command: BAD  # {IGNORE}\n",
    ),
    "folded text": (
        "compose.yaml", "services:\n  a:\n    command: >\n      x\n      BAD\n    image: b\n",
        f"services:\n  a:\n    # {IGNORE}\n    command: >\n      x\n      BAD\n    image: b\n",
    ),
    "script in YAML": (
        ".github/workflows/a.yml", "on: push\njobs:\n  a:\n    steps:\n    - run: |\n        BAD\n        c\n      env: {}\n",
        f"on: push\njobs:\n  a:\n    steps:\n    # {IGNORE}\n    - run: |\n        BAD\n        c\n      env: {{}}\n",
    ),
    "kubernetes": (
        "deploy.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  a: ['BAD', 'b']\n",
        f"apiVersion: v1\nkind: Pod\nspec:\n  a: ['BAD', 'b']  # {IGNORE}\n",
    ),
    "cargo's own": ("Cargo.lock", "[[package]]\nname = 'BAD'\n", None),
    "words for Maven": (".mvn/jvm.config", "-DBAD\n", None),
}  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_in_manifests(path: str, before: str, after: str | None, rules: list[Rule]) -> None:
    assert kind_of(path) is not None
    found = findings_in_manifest(path, before)
    assert found
    done = silenced(before.encode(), path, found, rules)
    if after is None:
        assert (done.source.decode(), done.edits, done.hidden) == (before, (), ())
        assert done.left == tuple(found)
        return
    assert done.source.decode() == after
    assert not done.left
    again = findings_in_manifest(path, after)
    assert silenced(after.encode(), path, [], rules).source == done.source
    assert [one.place.start.line for one in again] != []


def findings_in_manifest(path: str, text: str) -> list[Finding]:
    """What a rule about repositories would have found: the word, wherever it stands."""
    from alloclint.project.manifest import ManifestFile

    kind = kind_of(path)
    assert kind is not None
    file = ManifestFile.written(path, text.encode(), kind)
    return [
        Finding(file.place(hit.start(), hit.end()), "this is BAD", code="XYZ101", name="bad-thing")
        for hit in re.finditer(rb"BAD", file.source)
    ]


class TestReasons:
    def test_behind_the_list(self, rules: list[Rule]) -> None:
        assert (
            written("a.py", "x = BAD()\n", rules, " three \n at most ")
            == f"x = BAD()  # {IGNORE} -- three at most\n"
        )

    def test_one_that_is_there_stays(self, rules: list[Rule]) -> None:
        before = "x = WORSE(BAD)  # alloclint: ignore[XYZ102] -- old\n"
        assert written("a.py", before, rules, "new").endswith("ignore[XYZ102, XYZ101] -- old\n")

    def test_one_that_is_missing_is_added(self, rules: list[Rule]) -> None:
        before = "g(WORSE, BAD); /* alloclint: ignore[XYZ102] */"
        after = written("a.rs", f"fn f() {{\n    {before}\n}}\n", rules, "it */ ends")
        assert "/* alloclint: ignore[XYZ102, XYZ101] -- it * / ends */" in after
        assert written("a.py", "x = WORSE(BAD)  # noqa: XYZ102\n", rules, "why").endswith(
            "XYZ102, XYZ101 -- why\n"
        )

    def test_xml_has_one_hyphen(self, rules: list[Rule]) -> None:
        source = "<project>\n<name>BAD</name>\n</project>\n"
        done = silenced(
            source.encode(), "pom.xml", findings_in_manifest("pom.xml", source), rules, "a -- b--"
        )
        assert b"<!-- alloclint: ignore[XYZ101] - a - b -->" in done.source


def test_what_is_said_of_comments_is_left(rules: list[Rule]) -> None:
    source = b"x = 1  # alloclint: ignore[XYZ101]\ny = BAD()\n"
    done = silenced(source, "a.py", findings("a.py", source, rules), rules)
    assert [one.code for one in done.left] == ["ALC904"]
    assert [one.code for one in done.hidden] == ["XYZ101"]


def test_edits_make_the_text(rules: list[Rule]) -> None:
    source = b"x = BAD()\ny = WORSE()\n"
    done = silenced(source, "a.py", findings("a.py", source, rules), rules)
    text = source
    for edit in reversed(done.edits):
        text = text[: edit.start] + edit.text.encode() + text[edit.end :]
    assert text == done.source


@pytest.mark.parametrize("suffix", [".rs", ".java", ".py"])
def test_all_fixtures_can_be_silenced(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything that is found in the fixtures, at any severity, is hidden by what is written."""
    (tmp_path / "alloclint.toml").write_text('tests = true\nmin-severity = "info"\n')
    for path in sorted((ROOT / "fixtures").glob(f"[!il]*/*{suffix}")):
        copy = tmp_path / path.relative_to(ROOT / "fixtures")
        copy.parent.mkdir(exist_ok=True)
        # The marks of fixtures are comments, which would stand in the way of others.
        copy.write_bytes(re.sub(rb"[ \t]*(?://|#) expect:.*", b"", path.read_bytes()))
    with contextlib.chdir(tmp_path):
        cli.main(["check", "--add-ignore=a fixture", "--output-format", "concise"])
        assert " 0 left" in capsys.readouterr().out
        assert cli.main(["check", "--output-format", "concise"]) == 0
        assert "No findings" in capsys.readouterr().out
        assert cli.main(["check", "--config", "require-reason=true"]) == 0


class TestCommand:
    """`--add-ignore`, from the command line."""

    GUILTY = (
        "pub fn one(items: &[u64]) -> Vec<u64> {\n    let mut out = Vec::new();\n"
        "    for item in items {\n        out.push(item * 2);\n    }\n    out\n}\n"
    )

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "alloclint.toml").write_text("")
        (tmp_path / "a.rs").write_bytes(self.GUILTY.replace("\n", "\r\n").encode())
        (tmp_path / "Dockerfile").write_text('FROM debian:12\nENV MALLOC_ARENA_MAX="2k"\nCMD ["/app"]\n')
        return tmp_path

    def run(self, project: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
        with contextlib.chdir(project):
            code = cli.main(["check", "--output-format", "concise", *arguments])
        told = capsys.readouterr()
        assert "internal error" not in told.err
        return code, told.out, told.err

    def test_all_files(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "a.rs").chmod(0o755)
        code, out, err = self.run(project, capsys, "--add-ignore")
        assert (code, out, err) == (0, "Silenced 2 findings in 2 files; 0 left\n", "")
        assert b"Vec::new(); // alloclint: ignore[ALC101]\r\n" in (project / "a.rs").read_bytes()
        assert "\n# alloclint: ignore[ALC603]\nENV" in (project / "Dockerfile").read_text()
        assert (project / "a.rs").stat().st_mode & 0o777 == 0o755
        before = {path: path.read_bytes() for path in project.iterdir()}
        assert self.run(project, capsys, "--add-ignore") == (0, "Nothing to silence\n", "")
        assert {path: path.read_bytes() for path in project.iterdir()} == before
        assert self.run(project, capsys)[0] == 0

    def test_a_path_behind_it_is_no_reason(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(project, capsys, "--add-ignore", "a.rs")[0] == 0
        assert b"ignore[ALC101]\r\n" in (project / "a.rs").read_bytes()
        assert "ignore" not in (project / "Dockerfile").read_text()

    def test_a_reason(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        required = ("--config", "require-reason=true")
        code, _, err = self.run(project, capsys, "--add-ignore", *required)
        assert code == 2 and "--add-ignore needs one" in err
        assert self.run(project, capsys, "--add-ignore=three at most", *required)[0] == 0
        assert b"ignore[ALC101] -- three at most\r\n" in (project / "a.rs").read_bytes()
        assert self.run(project, capsys, "--add-ignore=a\nb")[0] == 2

    def test_only_what_is_shown(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.run(project, capsys, "--add-ignore", "--ignore", "ALC603")[0] == 0
        assert "ignore" not in (project / "Dockerfile").read_text()

    def test_a_file_that_is_read_only_is_left(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (project / "a.rs").chmod(0o444)
        code, out, err = self.run(project, capsys, "--add-ignore")
        assert code == 2 and "a.rs: is read-only; nothing was written" in err
        assert out.endswith("Silenced 1 finding in 1 file; 1 left\n") and "a.rs:2:" in out

    @pytest.mark.parametrize("flag", ["--fix", "--diff", "--watch"])
    def test_it_stands_alone(self, project: Path, capsys: pytest.CaptureFixture[str], flag: str) -> None:
        with pytest.raises(SystemExit) as ended:
            self.run(project, capsys, "--add-ignore", flag)
        assert ended.value.code == 2

    def test_standard_input_is_no_file(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(self.GUILTY.encode())))
            code, _, err = self.run(project, capsys, "-", "--stdin-filename", "b.rs", "--add-ignore")
        assert code == 2 and "standard input is none" in err
