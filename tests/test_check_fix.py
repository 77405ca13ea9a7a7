"""`alloclint check --fix` and `--diff`, run as users run them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from alloclint.fix import files
from tests.test_cli import GUILTY, INNOCENT, check, project

__all__ = ["project"]

FIXED = GUILTY.replace("Vec::new()", "Vec::with_capacity(items.len())")
#: A size that is an upper bound: its fix is not safe.
UNSAFE = """\
pub fn distinct(items: &[u64]) -> std::collections::HashSet<u64> {
    let mut out = std::collections::HashSet::new();
    for item in items {
        out.insert(item * 2);
    }
    out
}
"""
MANIFEST = """\
[package]
name = "resolver"
version = "0.1.0"

[dependencies]
jemallocator = "0.5"
"""


def test_fix(project: Path) -> None:
    done = check(project, "--fix")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Fixed 1 finding in 1 file; 0 left\n"
    assert (project / "guilty.rs").read_text() == FIXED
    assert (project / "innocent.rs").read_text() == INNOCENT
    again = check(project, "--fix")
    assert (again.returncode, again.stdout) == (0, "Nothing to fix\n")


def test_unsafe_fixes_are_asked_for(project: Path) -> None:
    (project / "guilty.rs").write_text(UNSAFE)
    (project / "more.rs").write_text(GUILTY)
    done = check(project, "--fix", "--min-severity", "info")
    assert done.returncode == 1
    assert done.stdout.endswith("Fixed 1 finding in 1 file; 1 left (1 fixable with --unsafe-fixes)\n")
    assert (project / "guilty.rs").read_text() == UNSAFE
    (project / "alloclint.toml").write_text("unsafe-fixes = true\n")
    assert check(project, "--fix", "--min-severity", "info", "--no-unsafe-fixes").returncode == 1
    assert check(project, "--fix", "--min-severity", "info").returncode == 0
    assert "HashSet::with_capacity(items.len())" in (project / "guilty.rs").read_text()


def test_what_is_hidden_is_not_fixed(project: Path) -> None:
    assert check(project, "--fix", "--min-severity", "error").returncode == 0
    assert check(project, "--fix", "--ignore", "ALC101").returncode == 0
    assert (project / "guilty.rs").read_text() == GUILTY


def test_diff_changes_nothing(project: Path) -> None:
    done = check(project, "--diff")
    assert done.returncode == 1
    assert done.stdout.startswith("--- a/guilty.rs\n+++ b/guilty.rs\n@@ ")
    assert (
        "\n-    let mut out = Vec::new();\n+    let mut out = Vec::with_capacity(items.len());\n"
        in done.stdout
    )
    assert done.stderr == "alloclint: Would fix 1 finding in 1 file; 0 left\n"
    assert (project / "guilty.rs").read_text() == GUILTY
    assert check(project, "--diff", "--exit-zero").returncode == 0
    clean = check(project, "--diff", "innocent.rs")
    assert (clean.returncode, clean.stdout) == (0, "")
    assert "\x1b[32m+" in check(project, "--diff", "--color", "always").stdout


def test_patch_takes_the_diff(project: Path) -> None:
    (project / "guilty.rs").write_bytes(GUILTY.replace("\n", "\r\n").rstrip().encode())
    patch = subprocess.run(
        [sys.executable, "-m", "alloclint", "check", "--diff", "-q"],
        cwd=project,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(files.__file__).parents[2])},
    ).stdout
    subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=project, input=patch, check=True)
    assert (project / "guilty.rs").read_bytes() == FIXED.replace("\n", "\r\n").rstrip().encode()


def test_standard_input(project: Path) -> None:
    arguments = ("-", "--stdin-filename", "guilty.rs", "--fix")
    done = check(project, *arguments, stdin=GUILTY)
    assert (done.returncode, done.stdout) == (0, FIXED)
    assert done.stderr == "Fixed 1 finding in 1 file; 0 left\n"
    assert (project / "guilty.rs").read_text() == GUILTY
    done = check(project, *arguments, "--min-severity", "info", stdin=UNSAFE)
    assert (done.returncode, done.stdout) == (1, UNSAFE)
    assert "guilty.rs:2:" in done.stderr
    done = check(project, "-", "--stdin-filename", "guilty.rs", "--diff", stdin=GUILTY)
    assert (done.returncode, done.stdout[:15]) == (1, "--- a/guilty.rs")


def test_json_of_what_is_left(project: Path) -> None:
    (project / "more.rs").write_text(UNSAFE)
    done = check(project, "--fix", "--min-severity", "info", "--output-format", "json")
    report = json.loads(done.stdout)
    assert [one["path"] for one in report["findings"]] == ["more.rs"]
    assert "Fixed 1 finding in 1 file; 1 left" in done.stderr


def test_reports_show_the_fixed_text(project: Path) -> None:
    (project / "guilty.rs").write_text(GUILTY + UNSAFE)
    done = check(project, "--fix", "--min-severity", "info")
    assert "guilty.rs:9:" in done.stdout
    assert "9 |     let mut out = std::collections::HashSet::new();" in done.stdout


def test_manifest(project: Path) -> None:
    (project / "Cargo.toml").write_text(MANIFEST)
    done = check(
        project, "--fix", "--unsafe-fixes", "--min-severity", "info", "Cargo.toml", "--select", "ALC625"
    )
    assert done.returncode == 0
    assert (project / "Cargo.toml").read_text() == MANIFEST.replace(
        '"0.5"', '{ version = "0.7", package = "tikv-jemallocator" }'
    )


@pytest.mark.skipif(os.name == "nt", reason="permissions are another thing there")
def test_permissions_and_links_stay(project: Path) -> None:
    real = project / "real" / "there.rs"
    real.parent.mkdir()
    (project / "guilty.rs").rename(real)
    real.chmod(0o750)
    (project / "guilty.rs").symlink_to("real/there.rs")
    assert check(project, "--fix", "guilty.rs").returncode == 0
    assert (project / "guilty.rs").is_symlink()
    assert real.read_text() == FIXED
    assert stat.S_IMODE(real.stat().st_mode) == 0o750
    assert sorted(path.name for path in real.parent.iterdir()) == ["there.rs"]


def test_read_only_file_is_left(project: Path) -> None:
    (project / "more.rs").write_text(GUILTY)
    (project / "guilty.rs").chmod(0o444)
    done = check(project, "--fix")
    assert done.returncode == 2
    assert done.stderr == "alloclint: error: guilty.rs: is read-only; not fixed\n"
    assert "guilty.rs:2:" in done.stdout
    assert done.stdout.endswith("Fixed 1 finding in 1 file; 1 left\n")
    assert (project / "guilty.rs").read_text() == GUILTY
    assert (project / "more.rs").read_text() == FIXED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix", "--diff"], "not allowed with argument"),
        (["--fix", "--watch"], "not allowed with argument"),
        (["--watch", "-", "--stdin-filename", "a.rs"], "standard input does not"),
    ],
)
def test_wrong_usage(project: Path, arguments: list[str], message: str) -> None:
    done = check(project, *arguments)
    assert done.returncode == 2
    assert message in done.stderr


# ---------------------------------------------------------------- files


def test_file_that_has_changed_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"newer\n")
    with pytest.raises(files.FixError, match="has changed since it was read; not fixed"):
        files.replace(path, b"older\n", b"fixed\n")
    assert path.read_bytes() == b"newer\n"
    assert list(tmp_path.iterdir()) == [path]


def test_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(files.FixError, match="cannot be written"):
        files.replace(tmp_path / "a.rs", b"a", b"b")


def test_full_disk_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.rs"
    path.write_bytes(b"a")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(files.FixError, match="cannot be written: No space left on device"):
        files.replace(path, b"a", b"b")
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"a", [path])


def test_written_to_while_it_was_linted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alloclint import cli, engine

    monkeypatch.chdir(project)
    run = engine.run

    def slow(*arguments: object, **more: object) -> engine.Run:
        done = run(*arguments, **more)  # type: ignore[arg-type]
        (project / "guilty.rs").write_text("// newer\n" + GUILTY)
        return done

    monkeypatch.setattr(engine, "run", slow)
    assert cli.main(["check", "--fix"]) == 2
    assert (project / "guilty.rs").read_text() == "// newer\n" + GUILTY
