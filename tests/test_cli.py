"""The command line, run as users run it: arguments in, text and an exit code out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import alloclint
from alloclint import settings

ROOT = Path(alloclint.__file__).parents[1]

#: One finding: ALC101 in line 2.
GUILTY = """\
pub fn doubled(items: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for item in items {
        out.push(item * 2);
    }
    out
}
"""
INNOCENT = "pub fn nothing() {}\n"


def run(
    *arguments: str, cwd: Path, stdin: str | bytes = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the linter in a process of its own; every answer is text without a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "alloclint", *arguments],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(env or {})},
    )
    answer = subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode()
    )
    assert "Traceback" not in answer.stderr, answer.stderr
    assert "internal error" not in answer.stderr, answer.stderr
    return answer


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a guilty file, an innocent one, and settings that keep those above from being read."""
    (tmp_path / "alloclint.toml").write_text("")
    (tmp_path / "guilty.rs").write_text(GUILTY)
    (tmp_path / "innocent.rs").write_text(INNOCENT)
    return tmp_path


def check(project: Path, *arguments: str, **more: str | bytes) -> subprocess.CompletedProcess[str]:
    return run("check", *arguments, cwd=project, **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------- check


def test_findings(project: Path) -> None:
    done = check(project)
    assert done.returncode == 1
    assert "guilty.rs:2:" in done.stdout
    assert "Vec::with_capacity(items.len())" in done.stdout
    assert done.stdout.endswith("Found 1 warning in 2 files\n")
    assert done.stderr == ""


def test_clean(project: Path) -> None:
    done = check(project, "innocent.rs")
    assert (done.returncode, done.stdout, done.stderr) == (0, "No findings in 1 file\n", "")


def test_nothing_to_lint(project: Path) -> None:
    (project / "empty").mkdir()
    assert check(project, "empty").stdout == "No findings in 0 files\n"


def test_exit_zero(project: Path) -> None:
    assert check(project, "--exit-zero").returncode == 0
    assert check(project, "--exit-zero", "--select", "ALC999").returncode == 2
    assert check(project, "--exit-zero", "nowhere.rs").returncode == 2


def test_missing_path_does_not_stop_the_others(project: Path) -> None:
    done = check(project, "nowhere.rs", "guilty.rs")
    assert done.returncode == 2
    assert "guilty.rs:2:" in done.stdout
    assert done.stderr == "alloclint: error: nowhere.rs: does not exist\n"


def test_file_in_no_language_of_ours(project: Path) -> None:
    (project / "x.txt").write_text("")
    done = check(project, "x.txt")
    assert done.returncode == 0
    assert "note: x.txt: is not in a language that alloclint reads; skipped" in done.stderr
    assert check(project, "x.txt", "--quiet").stderr == ""


@pytest.mark.parametrize(
    "flags",
    [
        ["--ignore", "ALC101"],
        ["--ignore", "ALC1"],
        ["--ignore", "unsized-collection"],
        ["--select", "ALC90,linter"],
        ["--per-file-ignores", "guilty.rs:ALC101"],
        ["--per-file-ignores", "*.rs:capacity"],
        ["--exclude", "guilty.rs"],
        ["--extend-exclude", "guilty*"],
        ["--min-severity", "error"],
        ["--config", "ignore=['ALC101']"],
        ["--config", "exclude=['guilty.rs']"],
    ],
)
def test_flags_that_silence(project: Path, flags: list[str]) -> None:
    done = check(project, *flags)
    assert (done.returncode, done.stderr) == (0, "")
    assert "guilty" not in done.stdout


def test_hidden_findings_are_counted(project: Path) -> None:
    done = check(project, "--min-severity", "error")
    assert done.stdout == "No findings in 2 files (1 hidden by --min-severity error)\n"


def test_selections_add_up(project: Path) -> None:
    assert check(project, "--select", "ALC9", "--extend-select", "ALC101").returncode == 1
    # `ignore` is final.
    assert check(project, "--ignore", "capacity", "--extend-select", "ALC101").returncode == 0


def test_flags_win_over_the_file(project: Path) -> None:
    (project / "alloclint.toml").write_text('ignore = ["ALC101"]\noutput-format = ["concise"]\n')
    assert check(project).returncode == 0
    done = check(project, "--ignore", "ALC902")
    assert done.returncode == 1
    assert done.stdout.startswith("guilty.rs:2:")
    assert check(project, "--isolated").returncode == 1


def test_globs_of_flags_are_relative_to_the_working_directory(project: Path) -> None:
    below = project / "sub" / "gen"
    below.mkdir(parents=True)
    (below / "x.rs").write_text(GUILTY)
    assert check(project / "sub").returncode == 1
    assert check(project / "sub", "--extend-exclude", "gen/x.rs").returncode == 0
    assert check(project / "sub", "--per-file-ignores", "gen/*.rs:ALC101").returncode == 0
    assert check(project / "sub", "--extend-exclude", "sub/gen/x.rs").returncode == 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--select", "ALC10x"], "select: no rule has the code, prefix, name or family `ALC10x`"),
        (["--ignore", "unsized-colection"], "did you mean `unsized-collection`?"),
        (["--per-file-ignores", "*.rs"], "--per-file-ignores: expected GLOB:RULE, got `*.rs`"),
        (["--per-file-ignores", "*.rs:nope"], 'per-file-ignores."*.rs": no rule has'),
        (["--output-format", "jsn"], "there is no output format `jsn`; did you mean `json`?"),
        (["--output-format", "json:"], "names no file"),
        (["--output-format", "json", "--output-format", "full"], "two output formats for standard output"),
        (["--config", "jobs='x'"], '--config: jobs: expected a whole number, at least 0, got "x"'),
        (["--config", "missing.toml"], "missing.toml: cannot be read"),
        (["--jobs", "-1"], "argument -j/--jobs: -1 is not a number of processes"),
        (["--no-cache"], "unrecognized arguments: --no-cache"),
        (["--sel", "ALC101"], "unrecognized arguments: --sel; did you mean `--select`?"),
        (["--select", ""], "argument --select: no rule is named"),
        (["--min-severity", "loud"], "invalid choice: 'loud'"),
        (["--min-severity", "warn"], "did you mean `warning`?"),
        (["--stdin-filename", "x.rs"], "but no path is `-`"),
        (["-"], "`-` needs --stdin-filename"),
        (["-", "--stdin-filename", "x.txt"], "`-` needs --stdin-filename"),
        (["-", "guilty.rs", "--stdin-filename", "x.rs"], "no other path may stand beside it"),
        (["--output-format", "json:nowhere/out.json"], "nowhere"),
    ],
)
def test_wrong_usage(project: Path, flags: list[str], message: str) -> None:
    done = check(project, *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobs = 'x'", 'alloclint.toml: jobs: expected a whole number, at least 0, got "x"'),
        ("selct = []", "selct: there is no such setting; did you mean `select`?"),
        ("select = ['ALC77']", "select: no rule has the code"),
        ("rules = ['nowhere']", "nowhere"),
        ("cardinalities = 'nowhere.toml'", "nowhere.toml"),
        ("[", "is not valid TOML"),
    ],
)
def test_wrong_settings(project: Path, text: str, message: str) -> None:
    (project / "alloclint.toml").write_text(text)
    done = check(project, "--exit-zero")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_standard_input(project: Path) -> None:
    done = check(project, "-", "--stdin-filename", "sub/new.rs", stdin=GUILTY)
    assert done.returncode == 1
    assert "sub/new.rs:2:" in done.stdout
    # The code shown is that of the input, for there is no such file.
    assert "let mut out = Vec::new();" in done.stdout
    assert check(project, "-", "--stdin-filename", "guilty.rs", stdin=INNOCENT).returncode == 0


def test_standard_input_can_be_excluded(project: Path) -> None:
    flags = ["-", "--stdin-filename", "target/x.rs"]
    assert check(project, *flags, stdin=GUILTY).returncode == 1
    assert check(project, *flags, "--force-exclude", stdin=GUILTY).returncode == 0


def test_force_exclude(project: Path) -> None:
    (project / "target").mkdir()
    (project / "target" / "x.rs").write_text(GUILTY)
    assert check(project, "target/x.rs").returncode == 1
    assert check(project, "target/x.rs", "--force-exclude").returncode == 0


def test_gitignore_can_be_disregarded(project: Path) -> None:
    (project / ".gitignore").write_text("guilty.rs\n")
    assert check(project).returncode == 0
    assert check(project, "--no-respect-gitignore").returncode == 1


def test_machine_formats_are_nothing_but_themselves(project: Path) -> None:
    done = check(project, "--output-format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["version"] == 1
    [finding] = report["findings"]
    assert (finding["code"], finding["path"]) == ("ALC101", "guilty.rs")
    sarif = json.loads(check(project, "--output-format", "sarif").stdout)
    assert sarif["version"] == "2.1.0"
    assert check(project, "--output-format", "github").stdout.count("\n") == 1


def test_reports_to_files(project: Path) -> None:
    done = check(project, "--output-format", "json:out.json", "--output-format", "sarif:out.sarif")
    assert (done.returncode, done.stdout) == (1, "Found 1 warning in 2 files\n")
    assert json.loads((project / "out.json").read_text())["findings"]
    assert json.loads((project / "out.sarif").read_text())["runs"]
    both = check(project, "--output-format", "json:out.json", "--output-format", "concise")
    assert both.stdout.startswith("guilty.rs:2:")


def test_statistics(project: Path) -> None:
    done = check(project, "--statistics")
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["      1  ALC101  unsized-collection", "Found 1 warning in 2 files"]
    machine = check(project, "--statistics", "--output-format", "json")
    assert json.loads(machine.stdout)["findings"]
    assert "unsized-collection" in machine.stderr


def test_quiet(project: Path) -> None:
    done = check(project, "--quiet", "--output-format", "concise")
    assert done.stdout.count("\n") == 1
    assert check(project, "--quiet", "innocent.rs").stdout == ""


def test_colours(project: Path) -> None:
    escape = "\x1b["
    assert escape not in check(project).stdout
    assert escape in check(project, "--color", "always").stdout
    assert escape not in check(project, "--color", "never").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("variable", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_on_a_terminal(project: Path, variable: dict[str, str], coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    env = {**plain, "PYTHONPATH": str(ROOT), "TERM": "xterm", **variable}
    command = [sys.executable, "-m", "alloclint", "check"]
    with subprocess.Popen(command, cwd=project, stdout=theirs, env=env) as process:
        os.close(theirs)
        output = b""
        try:
            while block := os.read(ours, 4096):
                output += block
        except OSError:
            # What Linux says at the end of a pseudo-terminal.
            pass
    os.close(ours)
    assert process.returncode == 1
    assert (b"\x1b[" in output) is coloured


def test_show_files_and_settings(project: Path) -> None:
    assert check(project, "--show-files").stdout == "guilty.rs\ninnocent.rs\n"
    shown = check(project, "--show-settings", "--jobs", "3")
    assert shown.returncode == 0
    assert "jobs = 3\n" in shown.stdout
    assert str(project / "alloclint.toml") in shown.stdout


def test_own_rules(project: Path) -> None:
    rules = project / "tools"
    rules.mkdir()
    (rules / "no_files.py").write_text(
        '"""No files at all."""\n'
        "from collections.abc import Iterator\n"
        "from alloclint.file import File\n"
        "from alloclint.finding import Finding, Severity\n"
        "CODE = 'X001'\n"
        "SEVERITY = Severity.error\n"
        "LANGUAGES = ('rust',)\n"
        "def check(file: File) -> Iterator[Finding]:\n"
        "    yield Finding(file.place(0, 3), 'here is a file')\n"
    )
    (project / "alloclint.toml").write_text('rules = ["tools"]\n')
    done = check(project, "innocent.rs", "--output-format", "concise")
    assert done.returncode == 1
    assert "innocent.rs:1:1: X001 error here is a file" in done.stdout
    assert check(project, "innocent.rs", "--ignore", "no-files").returncode == 0
    assert "No files at all." in run("rule", "X001", cwd=project).stdout


def test_broken_rule_of_ones_own(project: Path) -> None:
    (project / "tools").mkdir()
    (project / "tools" / "broken.py").write_text("x = 1\ny = (\n")
    done = check(project, "--config", "rules=['tools']")
    assert done.returncode == 2
    assert "broken.py:2: SyntaxError" in done.stderr


def test_serial_and_parallel_print_the_same(project: Path) -> None:
    for number in range(60):
        (project / f"m{number}.rs").write_text(GUILTY)
    serial = check(project, "--jobs", "1")
    assert serial.stdout.endswith("Found 61 warnings in 62 files\n")
    assert check(project, "--jobs", "2").stdout == serial.stdout


# ---------------------------------------------------------------- the other commands


def test_version(tmp_path: Path) -> None:
    for arguments in (["version"], ["--version"], ["-V"]):
        done = run(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"alloclint {alloclint.__version__}\n")


def test_start_is_cheap(tmp_path: Path) -> None:
    """What is heavy is not even imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "alloclint", "version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert not imported & {
        "rich",
        "msgspec",
        "tree_sitter",
        "pathspec",
        "multiprocessing",
        "dataclasses",
        "json",
    }


@pytest.mark.parametrize("command", ["check", "rule", "explain", "capacity", "facts", "config", "version"])
def test_help_of_each_command(tmp_path: Path, command: str) -> None:
    done = run(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: alloclint ")


def test_help_and_no_command(tmp_path: Path) -> None:
    assert "exit codes:" in run("--help", cwd=tmp_path).stdout
    for arguments in ([], ["chekc"]):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "usage: alloclint" in done.stderr


def test_rule(tmp_path: Path) -> None:
    by_name = run("rule", "unsized-collection", cwd=tmp_path)
    assert by_name.returncode == 0
    assert "ALC101" in by_name.stdout
    assert run("explain", "alc101", cwd=tmp_path).stdout == by_name.stdout
    found = json.loads(run("rule", "ALC101", "--output-format", "json", cwd=tmp_path).stdout)
    assert (found["code"], found["name"], found["family"]) == ("ALC101", "unsized-collection", "capacity")


def test_all_rules(tmp_path: Path) -> None:
    found = json.loads(run("rule", "--all", "--output-format", "json", cwd=tmp_path).stdout)
    codes = [rule["code"] for rule in found]
    assert codes == sorted(codes)
    text = run("rule", "--all", cwd=tmp_path).stdout
    assert all(rule["name"] in text for rule in found)


def test_unknown_rule(tmp_path: Path) -> None:
    done = run("rule", "unsized-colection", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "alloclint: error: there is no rule `unsized-colection`; did you mean `unsized-collection`?\n"
    )


FISHDB = [
    "rust",
    "HashMap",
    "--entries",
    "58_700_000",
    "--entry-bytes",
    "32",
    "--growth",
    "2.5M/day",
    "--headroom",
    "3",
]


def test_capacity(tmp_path: Path) -> None:
    done = run("capacity", *FISHDB, cwd=tmp_path)
    assert done.returncode == 0
    for figure in ("58,720,256", "117,440,512", "HashMap::with_capacity(176_100_000)"):
        assert figure in done.stdout


def test_capacity_as_json(tmp_path: Path) -> None:
    found = json.loads(run("capacity", *FISHDB, "--output-format", "json", cwd=tmp_path).stdout)
    assert list(found) == [
        "language", "type", "entries", "entry_bytes", "capacity", "bytes", "next_growth_at", "next_capacity",
        "next_bytes", "transient_peak_bytes", "reallocations", "days_left", "suggestion",
    ]  # fmt: skip
    assert found["capacity"] == 58_720_256
    assert found["next_capacity"] == 117_440_512


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rust", "HashMapp", "--entries", "1"], "HashMap"),
        (["cobol", "TABLE", "--entries", "1"], "no language 'cobol'"),
        (["rust", "Vec", "--entries", "many"], "argument --entries: 'many' does not start with a number"),
        (["rust", "Vec", "--entries", "1", "--growth", "3"], "3 has no period"),
        (["rust", "Vec"], "the following arguments are required: --entries"),
        (["python", "dict", "--entries", "1", "--python-version", "3"], "3 is not a version such as 3.11"),
        (["rust", "Vec", "--entries", "1", "--headroom", "0.5"], "0.5 is below 1"),
    ],
)
def test_wrong_questions_about_capacity(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run("capacity", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_unknown_command(tmp_path: Path) -> None:
    done = run("chek", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `check`?" in done.stderr


def test_config(tmp_path: Path) -> None:
    done = run("config", cwd=tmp_path)
    assert done.returncode == 0
    for setting in settings.described():
        assert f"\n{setting.name} = {setting.default}\n" in "\n" + done.stdout
    one = run("config", "limits.horizon-days", cwd=tmp_path)
    assert one.stdout.startswith("limits.horizon-days = 90\n")
    assert run("config", "limits", cwd=tmp_path).stdout.count("limits.") >= 10
    wrong = run("config", "horizon-days", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean `limits.horizon-days`?" in wrong.stderr


def test_facts(project: Path) -> None:
    done = run("facts", "guilty.rs", cwd=project)
    assert done.returncode == 0
    assert "2:" in done.stdout
    missing = run("facts", "nowhere.rs", cwd=project)
    assert missing.returncode == 2
    assert run("facts", "alloclint.toml", cwd=project).returncode == 2


# ---------------------------------------------------------------- the Python interface


def test_lint() -> None:
    [finding] = alloclint.lint(GUILTY.encode(), "guilty.rs")
    assert (finding.code, finding.place.start.line) == ("ALC101", 2)
    assert alloclint.lint(GUILTY.encode(), Path("a") / "guilty.rs")[0].path == "a/guilty.rs"
    assert alloclint.lint(INNOCENT.encode(), "innocent.rs") == []
    assert alloclint.lint(GUILTY.encode(), "guilty.rs", settings.Settings(ignore=("ALC101",))) == []


def test_lint_of_another_language() -> None:
    with pytest.raises(ValueError, match=r"x\.txt: the suffix is not one of a language that alloclint reads"):
        alloclint.lint(b"", "x.txt")
