"""The plugin of flake8, run by flake8 as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import alloclint
from alloclint.flake8_plugin import Plugin

ROOT = Path(alloclint.__file__).parents[1]

pytestmark = pytest.mark.skipif(find_spec("flake8") is None, reason="flake8 is not installed")

#: ALC301, in line 5.
REGEX = """\
import re

def matches(words):
    for word in words:
        yield re.compile("a+[0-9]").match(word)
"""
#: What must not be loaded before a file is checked.
HEAVY = (
    "tree_sitter", "rich", "msgspec", "pathspec", "libcst", "yaml", "alloclint.engine", "alloclint.settings",
)  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for `sys.path` that makes this checkout look installed, with the entry points it declares."""
    folder = tmp_path_factory.mktemp("installed")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    info = folder / f"alloclint-{alloclint.__version__}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: alloclint\nVersion: {alloclint.__version__}\n"
    (info / "METADATA").write_text(metadata)
    points = "\n".join(f"{name} = {value}" for name, value in declared["flake8.extension"].items())
    (info / "entry_points.txt").write_text(f"[flake8.extension]\n{points}\n")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one guilty file, and settings that keep those above from being read."""
    (tmp_path / "alloclint.toml").write_text("")
    (tmp_path / "regex.py").write_text(REGEX, encoding="utf-8")
    return tmp_path


def flake8(
    project: Path, installed: Path, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """What flake8 says at the lowest severity, of this linter alone."""
    return subprocess.run(
        [sys.executable, "-m", "flake8", "--select=ALC", "--alloclint-min-severity=info", *arguments],
        cwd=project,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)]), "PYTHONUTF8": "1"},
    )


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    """`PATH:LINE:COLUMN CODE` of each line; nothing else may be printed."""
    assert done.stderr == ""
    return [
        f"{place} {rest.split()[0]}"
        for place, rest in (line.split(": ", 1) for line in done.stdout.splitlines())
    ]


# ---------------------------------------------------------------- what is found


def test_it_is_an_extension_of_flake8(project: Path, installed: Path) -> None:
    assert f"alloclint: {alloclint.__version__}" in flake8(project, installed, "--version").stdout


def test_findings_come_with_what_to_write(project: Path, installed: Path) -> None:
    done = flake8(project, installed)
    assert done.returncode == 1
    assert codes(done) == ["./regex.py:5:15 ALC301"]
    assert 'outside of the function, `_MATCHES_RE = re.compile("a+[0-9]")`' in done.stdout


def test_a_clean_file_is_silent(project: Path, installed: Path) -> None:
    (project / "regex.py").write_text("x = 1\n")
    done = flake8(project, installed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_columns_count_characters(project: Path, installed: Path) -> None:
    (project / "regex.py").write_text(REGEX.replace("yield re", 'yield "äöü😀", re'), encoding="utf-8")
    assert codes(flake8(project, installed)) == ["./regex.py:5:23 ALC301"]


def test_a_byte_order_mark_and_other_encodings_move_nothing(project: Path, installed: Path) -> None:
    (project / "regex.py").write_text(REGEX, encoding="utf-8-sig")
    assert codes(flake8(project, installed)) == ["./regex.py:5:15 ALC301"]
    latin = "# -*- coding: latin-1 -*-\n" + REGEX.replace("yield re", 'yield "ä", re')
    (project / "regex.py").write_bytes(latin.encode("latin-1"))
    assert codes(flake8(project, installed)) == ["./regex.py:6:20 ALC301"]


def test_ends_of_lines_do_not_matter(project: Path, installed: Path) -> None:
    (project / "regex.py").write_bytes(REGEX.replace("\n", "\r\n").encode())
    assert codes(flake8(project, installed)) == ["./regex.py:5:15 ALC301"]
    done = flake8(project, installed, "-", stdin=REGEX.replace("\n", "\r\n"))
    assert codes(done) == ["stdin:5:15 ALC301"]


def test_the_command_line_says_the_same(project: Path, installed: Path) -> None:
    for fixture in (ROOT / "fixtures" / "regex").glob("*.py"):
        (project / fixture.name).write_bytes(fixture.read_bytes())
    flags = ("--output-format", "concise", "--min-severity", "info", "--quiet")
    alone = subprocess.run(
        [sys.executable, "-m", "alloclint", "check", *flags],
        cwd=project,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    said = [f"./{line.split(': ')[0]} {line.split()[1]}" for line in alone.stdout.splitlines()]
    assert len(said) > 20
    assert sorted(codes(flake8(project, installed))) == sorted(said)


# ---------------------------------------------------------------- where it is read


def test_standard_input(project: Path, installed: Path) -> None:
    assert codes(flake8(project, installed, "-", stdin=REGEX)) == ["stdin:5:15 ALC301"]
    done = flake8(project, installed, "--stdin-display-name=src/a.py", "-", stdin=REGEX)
    assert codes(done) == ["src/a.py:5:15 ALC301"]


def test_a_script_without_a_suffix(project: Path, installed: Path) -> None:
    (project / "tool").write_text(REGEX)
    assert codes(flake8(project, installed, "tool")) == ["tool:5:15 ALC301"]


def test_notebooks_are_not_read() -> None:
    text = '{"cells": ["for w in x:\\n", "re.compile(w)"]}\n'
    assert list(Plugin(None, "a.ipynb", [text]).run()) == []  # type: ignore[arg-type]


def test_several_processes_say_the_same(project: Path, installed: Path) -> None:
    for number in range(12):
        (project / f"more{number}.py").write_text(REGEX)
    alone, together = (codes(flake8(project, installed, jobs)) for jobs in ("-j1", "-j2"))
    assert len(alone) == 13
    assert sorted(alone) == sorted(together)


def test_processes_that_start_anew(project: Path, installed: Path) -> None:
    """Where processes are spawned, as on macOS, each loads the plugin and its options again."""
    program = (
        "import multiprocessing, sys\n"
        "from flake8.main.cli import main\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    raise SystemExit(main(sys.argv[1:]))\n"
    )
    (project / "start.py").write_text(program)
    (project / "more.py").write_text(REGEX)
    done = subprocess.run(
        [sys.executable, "start.py", "-j2", "--select=ALC", "--alloclint-min-severity=info"],
        cwd=project,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])},
    )
    assert sorted(codes(done)) == ["./more.py:5:15 ALC301", "./regex.py:5:15 ALC301"]


# ---------------------------------------------------------------- options, noqa


def test_options_come_from_the_configuration_of_flake8(project: Path, installed: Path) -> None:
    (project / "other.toml").write_text('ignore = ["regex-in-loop"]\n')
    (project / "setup.cfg").write_text("[flake8]\nalloclint-config = other.toml\n")
    assert codes(flake8(project, installed)) == []
    (project / "setup.cfg").write_text("[flake8]\nextend-ignore = ALC3\n")
    assert codes(flake8(project, installed)) == []
    (project / "setup.cfg").write_text("[flake8]\nper-file-ignores = regex.py: ALC301\n")
    assert codes(flake8(project, installed)) == []


def test_the_least_severity(project: Path, installed: Path) -> None:
    assert codes(flake8(project, installed, "--alloclint-min-severity=error")) == []
    done = flake8(project, installed, "--alloclint-min-severity=much")
    assert done.returncode != 0
    assert "invalid choice: 'much'" in done.stderr


def test_excludes_of_the_settings_hold(project: Path, installed: Path) -> None:
    (project / "alloclint.toml").write_text('extend-exclude = ["regex.py"]\n')
    assert codes(flake8(project, installed, "regex.py")) == []


def test_expected_sizes_beside_the_code(project: Path, installed: Path) -> None:
    (project / "sized.py").write_text("def f():\n    table = {}\n    return table\n")
    (project / "cardinalities.toml").write_text('"sized.f.table" = { expect = 5_000_000 }\n')
    assert codes(flake8(project, installed, "sized.py")) == ["sized.py:2:13 ALC102"]


def test_what_the_baseline_has_is_not_told_again(project: Path, installed: Path) -> None:
    (project / "alloclint.toml").write_text('baseline = "known.json"\nmin-severity = "info"\n')
    subprocess.run(
        [sys.executable, "-m", "alloclint", "baseline", "write"],
        cwd=project,
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert codes(flake8(project, installed)) == []
    (project / "regex.py").write_text(f"# moved\n{REGEX}\n{REGEX[9:].replace('a+', 'b+')}")
    assert codes(flake8(project, installed)) == ["./regex.py:12:15 ALC301"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("alloclint.toml", "sellect = []\n", "there is no such setting; did you mean `select`?"),
        ("alloclint.toml", 'select = ["ALC999"]\n', "no rule has the code, prefix, name or family `ALC999`"),
        ("cardinalities.toml", '"a.b" = 1\n', "cardinalities.toml"),
        ("alloclint.toml", 'baseline = "gone.json"\n', "gone.json"),
    ],
)
def test_wrong_settings_end_the_run_with_a_sentence(
    name: str, text: str, words: str, project: Path, installed: Path
) -> None:
    (project / name).write_text(text)
    (project / "more.py").write_text(REGEX)
    for jobs in ("-j1", "-j2"):
        done = flake8(project, installed, jobs)
        assert done.returncode == 1
        assert "critical error" in done.stdout
        assert words in done.stdout
        assert "Traceback" not in done.stdout + done.stderr


def test_noqa_is_flake8s(project: Path, installed: Path) -> None:
    hidden = REGEX.replace(".match(word)", ".match(word)  # noqa: ALC301")
    (project / "regex.py").write_text(hidden)
    assert codes(flake8(project, installed)) == []
    assert codes(flake8(project, installed, "--disable-noqa")) == ["./regex.py:5:15 ALC301"]
    (project / "regex.py").write_text(f"# flake8: noqa: ALC301\n{REGEX}")
    assert codes(flake8(project, installed)) == []


def test_a_noqa_that_hides_nothing_of_ours_is_no_finding(project: Path, installed: Path) -> None:
    (project / "regex.py").write_text("x = 1  # noqa: ALC301\ny = 2  # noqa: ALC999\nz = 3  # noqa\n")
    assert codes(flake8(project, installed)) == []


def test_our_own_comments_hide_and_are_judged(project: Path, installed: Path) -> None:
    ignored = REGEX.replace(".match(word)", ".match(word)  # alloclint: ignore[ALC301] -- tiny")
    (project / "regex.py").write_text(f"{ignored}\n\nx = 1  # alloclint: ignore[ALC301]\n")
    assert [code.rpartition(" ")[2] for code in codes(flake8(project, installed))] == ["ALC904"]


# ---------------------------------------------------------------- cost and company


def test_loading_it_loads_nothing_heavy() -> None:
    program = f"import sys, alloclint.flake8_plugin; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == "[]\n"


def test_flake8_loads_nothing_heavy_before_a_file(project: Path, installed: Path) -> None:
    program = (
        "import sys\nfrom flake8.main.cli import main\n"
        "main(['--select=ALC', 'empty'])\n"
        f"print([m for m in {HEAVY} if m in sys.modules], 'alloclint.flake8_plugin' in sys.modules)\n"
    )
    (project / "empty").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])},
    )
    assert done.stdout == "[] True\n"


@pytest.mark.skipif(
    not all(map(find_spec, ("bugbear", "flake8_comprehensions", "pep8ext_naming"))),
    reason="flake8-bugbear, flake8-comprehensions and pep8-naming are not all installed",
)
def test_beside_other_plugins(project: Path, installed: Path) -> None:
    (project / "mixed.py").write_text(
        f"{REGEX}\n\ndef Wrong(xs=[]):\n    return list([x for x in xs])\n", encoding="utf-8"
    )
    done = flake8(project, installed, "--select=ALC,B,C4,N,E,F", "mixed.py")
    found = {code.rpartition(" ")[2] for code in codes(done)}
    assert {"ALC301", "B006", "C411", "N802"} <= found
    alone = flake8(project, installed, "mixed.py")
    assert codes(alone) == [code for code in codes(done) if " ALC" in code]
