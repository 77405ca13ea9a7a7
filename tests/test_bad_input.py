"""
Bad input: never a traceback, never a hang; the other files are linted all the same, and the exit code tells.

Everything but the prefixes goes through the command line in a process of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import alloclint

ROOT = Path(alloclint.__file__).parents[1]
FIXTURES = sorted((ROOT / "fixtures").glob("*/*.*"))
SUFFIXES = ("rs", "java", "py")

#: One finding, in line 2.
GUILTY = """\
pub fn doubled(items: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for item in items {
        out.push(item * 2);
    }
    out
}
"""
#: A rule that does `ACTION` for each file.
RULE = '''\
"""Something goes wrong while the files are linted."""
import os, time
from collections.abc import Iterator
from alloclint.file import File
from alloclint.finding import Finding, Severity
CODE = "X001"
SEVERITY = Severity.error
LANGUAGES = ("rust",)
def check(file: File) -> Iterator[Finding]:
    ACTION
    yield Finding(file.place(0, 3), "seen")
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one good file, whose finding must be reported whatever else lies there."""
    (tmp_path / "alloclint.toml").write_text("output-format = 'concise'\n")
    (tmp_path / "good.rs").write_text(GUILTY)
    return tmp_path


def start(
    project: Path,
    *arguments: str,
    stdout: int = subprocess.PIPE,
    program: Sequence[str] = ("-m", "alloclint", "check"),
) -> subprocess.Popen[str]:
    # Where tests run in the background of a shell, Ctrl-C is ignored, and programs inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=project,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )


def check(project: Path, *arguments: str, seconds: float = 60) -> tuple[int, str, str]:
    """The exit code and both texts of a run in `project`."""
    with start(project, *arguments) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            process.kill()
    assert "Traceback" not in err, err
    assert "internal error" not in err, err
    assert "please report" not in err, err
    return process.returncode, out, err


def check_beside_good(project: Path, *arguments: str, seconds: float = 60) -> tuple[int, str, str]:
    code, out, err = check(project, *arguments, seconds=seconds)
    assert "good.rs:2:" in out
    return code, out, err


# ---------------------------------------------------------------- bytes

BYTES = {
    "invalid-utf-8": b'fn f() { let s = "\xff\xfe\xc3\x28"; }\n' + GUILTY.encode(),
    "byte-order-mark": b"\xef\xbb\xbf" + GUILTY.encode(),
    "windows-lines": GUILTY.replace("\n", "\r\n").encode(),
    "old-mac-lines": GUILTY.replace("\n", "\r").encode(),
    "nul-bytes": GUILTY.encode().replace(b"item * 2", b"item\0* 2"),
    "utf-16": GUILTY.encode("utf-16"),
    "empty": b"",
    "one-byte": b"{",
    "only-spaces": b" \n" * 10_000,
    "binary": bytes(range(256)) * 400,
    "executable": b"\x7fELF\x02\x01\x01" + bytes(4_000),
}


@pytest.mark.parametrize("content", BYTES.values(), ids=list(BYTES))
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes(project: Path, suffix: str, content: bytes) -> None:
    (project / f"bad.{suffix}").write_bytes(content)
    code, _, _ = check_beside_good(project)
    assert code == 1


@pytest.mark.parametrize("name", ["byte-order-mark", "windows-lines"])
def test_what_is_no_damage_is_linted(project: Path, name: str) -> None:
    (project / "bad.rs").write_bytes(BYTES[name])
    _, out, _ = check_beside_good(project)
    assert "bad.rs:2:19: ALC101" in out


def test_findings_beside_invalid_utf_8(project: Path) -> None:
    (project / "bad.rs").write_bytes(BYTES["invalid-utf-8"])
    _, out, _ = check_beside_good(project)
    assert "bad.rs:3:" in out


@pytest.mark.parametrize("cookie", ["latin-1", "utf-8", "no-such-encoding", "utf-16"])
def test_python_coding_cookie(project: Path, cookie: str) -> None:
    text = f"# -*- coding: {cookie} -*-\n# caf\xe9\nout = []\nfor x in range(100):\n    out.append('\xe9')\n"
    (project / "bad.py").write_bytes(text.encode("latin-1"))
    code, _, _ = check_beside_good(project)
    assert code == 1


# ---------------------------------------------------------------- size


def test_huge_file_is_skipped_with_a_note(project: Path) -> None:
    with (project / "huge.rs").open("wb") as file:
        file.truncate(100 * 2**20)
    code, _, err = check_beside_good(project)
    assert code == 1
    assert "note: huge.rs: has 104_857_600 bytes" in err
    assert "max-file-bytes = 10_485_760" in err


def test_limit_can_be_raised(project: Path) -> None:
    (project / "large.rs").write_text(GUILTY + "// " + "x" * 11 * 2**20)
    _, out, _ = check_beside_good(project)
    assert "large.rs" not in out
    _, out, _ = check_beside_good(project, "--config", "max-file-bytes=20_000_000")
    assert "large.rs:2:" in out


LONG = {
    "rs": "pub fn f(items: &[u64]) { let a = vec![" + "12345678, " * 500_000 + "]; }",
    "java": "class A { int[] a = {"
    + "12345678, " * 500_000
    + "}; void f() { new java.util.ArrayList<Integer>(); } }",
    "py": "import re; a = [" + "12345678, " * 500_000 + "]; b = list(); [b.append(x) for x in a]",
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_line_of_five_megabytes(project: Path, suffix: str) -> None:
    (project / f"long.{suffix}").write_text(LONG[suffix])
    code, _, _ = check_beside_good(project, "--output-format", "full", seconds=120)
    assert code == 1


def test_finding_in_a_line_of_five_megabytes(project: Path) -> None:
    """What is printed of such a line is a piece."""
    (project / "long.rs").write_text(GUILTY.replace("\n", " " * 500_000 + " "))
    _, out, _ = check_beside_good(project, "--output-format", "full")
    assert "long.rs:1:" in out
    assert len(out) < 10_000


DEEP = 20_000
RUST = "pub fn f() { let mut v = Vec::new(); "
JAVA = "class A { void f() { java.util.List<Integer> v = new java.util.ArrayList<>(); "
NESTED = {
    "parentheses.rs": RUST + "let x = " + "(" * DEEP + "1" + ")" * DEEP + "; v.push(x); }",
    "parentheses.java": JAVA + "int x = " + "(" * DEEP + "1" + ")" * DEEP + "; v.add(x); } }",
    "parentheses.py": "v = []\nx = " + "(" * DEEP + "1" + ")" * DEEP + "\nfor i in range(100): v.append(x)\n",
    "blocks.rs": RUST + "{" * DEEP + "v.push(1);" + "}" * DEEP + "}",
    "blocks.java": JAVA + "{" * DEEP + "v.add(1);" + "}" * DEEP + " } }",
    # Each level is indented by one more, so twenty thousand of them would be 200 MB; Python allows 100.
    "blocks.py": "v = []\n" + "".join(" " * depth + "if v:\n" for depth in range(999)) + " " * 999 + "v()\n",
    "loops.rs": RUST + "for i in 0..9 {" * DEEP + "v.push(1);" + "}" * DEEP + "}",
    "loops.java": JAVA + "for (int x : a) {" * DEEP + "v.add(1);" + "}" * DEEP + " } }",
    "lists.py": "v = " + "[" * DEEP + "]" * DEEP + "\nfor i in range(100): v.append(i)\n",
    "closures.rs": RUST + "x.map(|y| " * DEEP + "v.push(1)" + ")" * DEEP + " }",
    "calls.py": "v = []\nv.append(" + "f(" * DEEP + ")" * DEEP + ")\n",
    "chain.rs": RUST + "for i in x" + ".iter()" * DEEP + " { v.push(i); } }",
    "chain.java": "class A { void f() { var s = new StringBuilder(); s" + ".append(1)" * DEEP + "; } }",
    "sum.py": "v = []\nfor i in range(1" + " + 1" * DEEP + "): v.append(i)\n",
    "else.rs": RUST + "if a { v.push(1); } else " * DEEP + "{} }",
    "else.java": JAVA + "if (a) v.add(1); else " * DEEP + "; } }",
    "types.rs": "pub struct A { a: " + "Vec<" * DEEP + "u8" + ">" * DEEP + " } " + RUST + "}",
    "unclosed.rs": RUST + "(" * DEEP,
    "unclosed.java": JAVA + "{" * DEEP,
    "unclosed.py": "v = list(" + "[" * DEEP,
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_nested_twenty_thousand_deep(project: Path, name: str) -> None:
    (project / f"deep_{name}").write_text(NESTED[name])
    code, _, _ = check_beside_good(project)
    assert code == 1


LOOP = "for x in xs { v.push(*x); }\n"
JAVA_METHOD = (
    "List<String> m(List<String> l) { List<String> v = new ArrayList<>(); for (String x : l) v.add(x); }\n"
)
WIDE = {
    "functions.rs": GUILTY * 4_000,
    "one_line.rs": GUILTY.replace("\n", " ") * 4_000,
    "loops.rs": "fn f(xs: &[u8]) { let mut v = Vec::new();\n" + LOOP * 8_000 + "}",
    "vectors.rs": "fn f(xs: &[u8]) {\n" + ("let mut v = Vec::new();\n" + LOOP) * 5_000 + "}",
    "pushes.rs": "fn f() { let mut v = Vec::new();\n" + "v.push(1);\n" * 20_000 + "}",
    "fields.rs": "struct S {\n" + "".join(f"f{i}: Vec<u8>,\n" for i in range(10_000)) + "}\n"
    "fn f() -> S { S {\n" + "".join(f"f{i}: Vec::new(),\n" for i in range(10_000)) + "} }",
    "ignores.rs": (GUILTY.rstrip("\n") + " // alloclint: ignore[ALC101]\n") * 3_000,
    "Methods.java": "import java.util.*;\nclass A {\n" + JAVA_METHOD * 4_000 + "}",
    "annotated.py": "".join(f"# alloclint: expect=5M\nd{i} = {{}}\n" for i in range(3_000)),
    "attributes.py": "class A:\n    def __init__(self):\n"
    + "".join(f"        self.x{i} = {{}}\n" for i in range(10_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDE)
def test_thousands_of_one_thing(project: Path, name: str) -> None:
    """What takes quadratic time does not end within the time that a run is given here."""
    (project / f"wide_{name}").write_text(WIDE[name])
    code, _, _ = check_beside_good(project)
    assert code == 1


# ---------------------------------------------------------------- damage

SMALL = {
    "a.rs": (
        "use std::collections::HashMap as Map;\n// alloclint: expect=58.7M headroom=3\nstatic N: usize = 3;\n"
        "impl Index {\n    fn new(keys: &[String], n: usize) -> Self {\n"
        "        let mut m = Map::<_, u32>::new();\n"
        "        for (i, k) in keys.iter().enumerate() { m.insert(k.clone(), i as u32); }\n"
        "        let v: Vec<u8> = vec![Vec::with_capacity(n); 4]; // alloclint: ignore[ALC113] -- why\n"
        "        Self { m, s: format!(\"{n:?}\\u{e9}\"), r: r#\"x\"# }\n    }\n}\n"
    ),
    "A.java": (
        "import java.util.*;\nclass A<T extends Comparable<T>> {\n  @SuppressWarnings(\"alloclint.ALC101\")\n"
        "  private final Map<String, List<T>> m = new HashMap<>(100); // alloclint: expect=1_000_000\n"
        "  void f(List<T> in) {\n    var out = new ArrayList<T>();\n    for (T t : in) { out.add(t); }\n"
        "    in.forEach(t -> m.computeIfAbsent(\"\\u00e9\" + t, ArrayList::new).add(t));\n"
        "    String s = \"\"\"\n      text\"\"\";\n  }\n}\n"
    ),
    "a.py": (
        "from __future__ import annotations\nimport re as _re\n\nclass A:\n"
        "    cache: dict[str, int] = {}  # alloclint: expect=2M growth=1k/day\n\n"
        "    async def f(self, *xs: int, **kw: str) -> list[int]:\n        out = []\n"
        "        for i, x in enumerate(xs):\n            if x: out.append(f'{x!r:>{i}}' + r'\\d' b'')\n"
        "        return [y for y in out if (z := y)]  # noqa: ALC110\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_every_prefix(name: str) -> None:
    source = SMALL[name].encode()
    for end in range(len(source) + 1):
        alloclint.lint(source[:end], name)


@pytest.mark.parametrize("name", SMALL)
def test_every_byte_left_out(name: str) -> None:
    source = SMALL[name].encode()
    for at in range(len(source)):
        alloclint.lint(source[:at] + source[at + 1 :], name)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_prefixes_of_fixtures(fixture: Path) -> None:
    source = fixture.read_bytes()
    # A prime, so that cuts fall on every column.
    for end in range(0, len(source), 211):
        alloclint.lint(source[:end], fixture.name)


# ---------------------------------------------------------------- files


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(project: Path) -> None:
    (project / "bad.rs").write_text(GUILTY)
    (project / "bad.rs").chmod(0)
    code, _, err = check_beside_good(project)
    assert code == 2
    assert "error: bad.rs: cannot be read: Permission denied" in err


@pytest.mark.parametrize("named", [False, True])
def test_dangling_link_and_link_loop(project: Path, named: bool) -> None:
    (project / "gone.rs").symlink_to("nowhere.rs")
    (project / "loop.rs").symlink_to("loop.rs")
    (project / "folder").symlink_to(".", target_is_directory=True)
    code, out, err = check_beside_good(project, *(("good.rs", "gone.rs", "loop.rs") if named else ()))
    assert code == 2
    assert "error: gone.rs: is a link to nothing" in err
    assert "error: loop.rs: cannot be read" in err
    assert out.count("ALC101") == 1


def test_directory_with_the_name_of_a_file(project: Path) -> None:
    (project / "x.py").mkdir()
    (project / "y.rs").mkdir()
    (project / "y.rs" / "z.rs").write_text(GUILTY)
    for paths in ((), ("x.py", "y.rs", "good.rs")):
        code, out, err = check_beside_good(project, *paths)
        assert (code, err) == (1, "")
        assert "y.rs/z.rs:2:" in out


def test_file_deleted_between_discovery_and_reading(project: Path) -> None:
    (project / "z.rs").write_text(GUILTY)
    # The first file to be read takes the last one with it.
    (project / "run.py").write_text(
        "import os, sys\n"
        "from alloclint import cli, passes\n"
        "read = passes.read\n"
        "passes.read = lambda *them: (os.path.exists('z.rs') and os.remove('z.rs'), read(*them))[1]\n"
        "sys.exit(cli.main(['check', '--extend-exclude', 'run.py']))\n"
    )
    with start(project, program=["run.py"]) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "good.rs:2:" in out
    assert "error: z.rs: cannot be read: No such file or directory" in err
    assert "z.rs:" not in out


def test_rule_that_fails(project: Path) -> None:
    """A fault in a rule of one's own is told, and is not ours to report as an internal error."""
    (project / "tools").mkdir()
    (project / "tools" / "fails.py").write_text(RULE.replace("ACTION", "raise RuntimeError('oh')"))
    with start(project, "--config", "rules=['tools']") as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "good.rs:2:" in out
    assert "RuntimeError: oh" in err
    assert "Traceback" not in err


def test_path_that_does_not_exist(project: Path) -> None:
    code, _, err = check_beside_good(project, "nowhere", "good.rs", "")
    assert code == 2
    assert "error: nowhere: does not exist" in err


def test_settings_with_a_wrong_type(project: Path) -> None:
    (project / "alloclint.toml").write_text("select = 'ALC101'\n")
    code, out, err = check(project)
    assert (code, out) == (2, "")
    assert 'select: expected a list of strings, got "ALC101"' in err


def test_damaged_sidecar(project: Path) -> None:
    (project / "cardinalities.toml").write_text('"a.b" = { expect = "lots" }\n')
    code, _, err = check(project)
    assert code == 2
    assert "cardinalities.toml:1:" in err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_file_name_that_is_no_text(project: Path) -> None:
    (project / os.fsdecode(b"caf\xe9.rs")).write_text(GUILTY)
    code, out, _ = check_beside_good(project, "--output-format", "full")
    assert code == 1
    assert "caf\\xe9.rs:2:" in out
    for name in ("concise", "json", "sarif", "github"):
        assert check(project, "--output-format", name)[0] == 1


def test_file_name_with_odd_characters(project: Path) -> None:
    (project / "a b%:,\u202e\n.rs").write_text(GUILTY)
    for name in ("full", "concise", "json", "sarif", "github"):
        assert check(project, "--output-format", name)[0] == 1


# ---------------------------------------------------------------- the terminal


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end differently there")
@pytest.mark.parametrize("name", ["full", "json"])
def test_closed_output_pipe(project: Path, name: str) -> None:
    (project / "many.rs").write_text(GUILTY * 2_000)
    with start(project, "--output-format", name) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(60)
    # As if somebody had read it all.
    assert (process.returncode, err) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell to close it")
def test_no_output_at_all(project: Path) -> None:
    command = f'"{sys.executable}" -m alloclint check >&- 2>&-'
    done = subprocess.run(
        command, shell=True, cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert done.returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell to close it")
def test_closed_error_pipe(project: Path) -> None:
    """The exit code tells of the missing file, though nobody reads the message."""
    with start(project, "missing.rs", stdout=subprocess.DEVNULL) as process:
        assert process.stderr
        process.stderr.close()
        assert process.wait(60) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell to close it")
def test_closed_input(project: Path) -> None:
    command = f'"{sys.executable}" -m alloclint check - --stdin-filename x.rs <&-'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, shell=True, cwd=project, env=environment, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "alloclint: error: `-` is standard input, but that is closed\n"


def test_many_suppressions_take_linear_time(project: Path) -> None:
    ignored = GUILTY.replace("Vec::new();", "Vec::new(); // alloclint: ignore[ALC101]")
    (project / "many.rs").write_text(ignored * 2_000)
    code, _, _ = check_beside_good(project, seconds=30)
    assert code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_full_disk(project: Path) -> None:
    with open("/dev/full", "w") as full, start(project, stdout=full.fileno()) as process:
        assert process.stderr
        err = process.stderr.read()
        process.wait(60)
    assert process.returncode == 2
    assert "No space left on device" in err
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interruption(project: Path, jobs: str) -> None:
    """What was found so far is printed, and the run ends at once."""
    (project / "tools").mkdir()
    (project / "tools" / "slow.py").write_text(
        RULE.replace("ACTION", "open('started', 'w').close(); time.sleep(0.2)")
    )
    for number in range(400):
        (project / f"m{number}.rs").write_text(GUILTY)
    command = ["--config", "rules=['tools']", "--jobs", jobs]
    with start(project, *command) as process:
        deadline = time.monotonic() + 60
        while not (project / "started").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "interrupted" in err
    assert "Traceback" not in err
