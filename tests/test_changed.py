"""Which lines git says have changed, and which findings that makes new: with real repositories."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alloclint
from alloclint import cli, discover
from alloclint.changed import ALL, NONE, ChangedError, Lines, moved, since

ROOT = Path(alloclint.__file__).parents[1]
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

GUILTY = """\
pub fn {name}(items: &[u64]) -> Vec<u64> {{
    let mut out = Vec::new();
    for item in items {{
        out.push(item * 2);
    }}
    out
}}
"""
ONE, TWO = GUILTY.format(name="one"), GUILTY.format(name="two")


def git(folder: Path, *arguments: str, **environment: str) -> str:
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env={**os.environ, **names, "GIT_COMMITTER_EMAIL": "a@b", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder: Path, message: str = "more") -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "alloclint.toml").write_text("")
    (folder / "src/one.rs").write_text(ONE)
    commit(folder, "first")
    return folder


def check(folder: Path, *arguments: str, stdin: str = "", **environment: str) -> tuple[int, list[str], str]:
    """The exit code, `PATH:LINE` of each finding, and what is told aside."""
    out, aside = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(aside),
    ):
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        for name, value in environment.items():
            patch.setenv(name, value)
        discover._ignore_files.cache_clear()
        code = cli.main(["check", "--output-format", "json", *arguments])
    assert "internal error" not in aside.getvalue()
    found = json.loads(out.getvalue())["findings"] if out.getvalue() else []
    return code, [f"{one['path']}:{one['start']['line']}" for one in found], aside.getvalue()


def new(folder: Path, *arguments: str, revision: str = "HEAD", **more: str) -> list[str]:
    return check(folder, "--new-from-rev", revision, *arguments, **more)[1]


# ---------------------------------------------------------------- what has changed


def test_nothing_has_changed(project: Path) -> None:
    assert check(project)[:2] == (1, ["src/one.rs:2"])
    assert check(project, "--new-from-rev", "HEAD") == (0, [], "")


def test_an_appended_function_is_new_and_the_old_one_is_not(project: Path) -> None:
    (project / "src/one.rs").write_text(ONE + TWO)
    assert new(project) == ["src/one.rs:9"]
    (project / "src/one.rs").write_text(TWO + ONE)
    assert new(project) == ["src/one.rs:2"]


def test_staged_committed_and_neither(project: Path) -> None:
    (project / "src/one.rs").write_text(ONE + TWO)
    git(project, "add", "--all")
    assert new(project) == ["src/one.rs:9"]
    commit(project)
    assert new(project) == []
    assert new(project, revision="HEAD~1") == ["src/one.rs:9"]


def test_untracked_and_ignored_files_are_new(project: Path) -> None:
    (project / "src/two.rs").write_text(TWO)
    assert new(project) == ["src/two.rs:2"]
    (project / ".gitignore").write_text("two.rs\n")
    assert new(project) == []
    assert new(project, "src/two.rs") == ["src/two.rs:2"]


def test_a_file_is_not_new_for_a_new_name(project: Path) -> None:
    git(project, "mv", "src/one.rs", "src/uno.rs")
    assert new(project) == []
    (project / "src/uno.rs").write_text(ONE + TWO)
    assert new(project) == ["src/uno.rs:9"]


def test_a_file_that_is_gone(project: Path) -> None:
    (project / "src/one.rs").unlink()
    assert check(project, "--new-from-rev", "HEAD")[:2] == (0, [])


@pytest.mark.parametrize("name", ["a b.rs", "ä.rs", 'q"u\\o.rs', "tab\there.rs", "b/b.rs"])
def test_names_that_git_quotes(project: Path, name: str) -> None:
    path = project / "src" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(ONE)
    commit(project)
    path.write_text(ONE + TWO)
    assert new(project) == [f"src/{name}:9"]


def test_the_users_own_settings_change_nothing(project: Path) -> None:
    for key, value in {
        "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "color.ui": "always", "diff.renames": "false",
        "core.quotePath": "false", "diff.external": "/bin/false", "diff.context": "9",
        "diff.interHunkContext": "50", "diff.algorithm": "histogram", "diff.submodule": "log",
        "diff.relative": "true", "diff.srcPrefix": "x/", "diff.dstPrefix": "y/",
    }.items():  # fmt: skip
        git(project, "config", key, value)
    (project / "src/one.rs").write_text(TWO + ONE)
    assert new(project / "src", "..") == ["one.rs:2"]


def test_what_git_has_for_binary_has_changed_as_a_whole(project: Path) -> None:
    (project / ".gitattributes").write_text("*.rs -diff\n")
    commit(project)
    assert new(project) == []
    (project / "src/one.rs").write_text(ONE + TWO)
    assert new(project) == ["src/one.rs:2", "src/one.rs:9"]


def test_another_line_of_the_same_place_counts(project: Path) -> None:
    long = ONE.replace("Vec::new();", "\n        Vec::new();")
    (project / "src/one.rs").write_text(long)
    commit(project)
    (project / "src/one.rs").write_text(long.replace("let mut out", "let mut  out"))
    assert check(project)[1] == ["src/one.rs:3"]
    assert new(project) == []


def test_a_place_that_explains_it_counts(project: Path) -> None:
    (project / "size.rs").write_text(
        "use std::collections::HashMap;\n"
        "struct A {\n    // alloclint: expect=10M\n    map: HashMap<u64, u64>,\n}\n"
        "fn f() -> A {\n    A { map: HashMap::new() }\n}\n"
    )
    commit(project)
    assert new(project) == []
    text = (project / "size.rs").read_text()
    (project / "size.rs").write_text(text.replace("10M", "20M"))
    assert new(project) == ["size.rs:7"]


class TestRemoved:
    """A line that is gone may have been what kept a finding away."""

    def test_a_reserve_before_the_loop(self, project: Path) -> None:
        reserve = "    out.reserve(items.len());\n"
        loop = "    for item in items {\n        out.push(*item);\n    }\n"
        text = f"\nfn f(out: &mut Vec<u64>, items: &[u64]) {{\n{reserve}{loop}}}\n"
        (project / "src/one.rs").write_text(text)
        commit(project)
        (project / "src/one.rs").write_text(text.replace(reserve, ""))
        assert new(project, "--min-severity", "info") == ["src/one.rs:4"]

    def test_far_away_in_a_source(self, project: Path) -> None:
        gap = "\n" * 4
        (project / "src/one.rs").write_text(f"{ONE}{gap}// gone{gap}{TWO}")
        commit(project)
        (project / "src/one.rs").write_text(f"{ONE}{gap}{gap}{TWO}")
        assert new(project) == []

    def test_in_a_manifest(self, project: Path) -> None:
        cap = "ENV MALLOC_ARENA_MAX=2\n"
        copies = "".join(f"COPY {name} /{name}\n" for name in "abcdefg")
        end = 'CMD ["gunicorn", "-w", "4", "--threads=8", "app:app"]\n'
        (project / "Dockerfile").write_text(f"FROM python:3.13-slim\n{cap}{copies}{end}")
        commit(project)
        (project / "Dockerfile").write_text(f"FROM python:3.13-slim\n{copies}{end}")
        assert new(project, "--min-severity", "info") == ["Dockerfile:9"]


# ---------------------------------------------------------------- where from


def test_three_dots_are_where_the_branch_left(project: Path) -> None:
    git(project, "checkout", "--quiet", "-b", "work")
    (project / "src/mine.rs").write_text(ONE)
    commit(project)
    git(project, "checkout", "--quiet", "main")
    (project / "src/one.rs").write_text("\n")
    commit(project)
    git(project, "checkout", "--quiet", "work")
    # Against the tip of main, what main has taken away since then would be ours.
    assert new(project, revision="main") == ["src/mine.rs:2", "src/one.rs:2"]
    assert new(project, revision="main...") == ["src/mine.rs:2"]
    assert new(project, revision="main...HEAD") == ["src/mine.rs:2"]


def test_from_any_folder(project: Path) -> None:
    (project / "src/one.rs").write_text(ONE + TWO)
    (project / "other").mkdir()
    assert new(project / "src") == ["one.rs:9"]
    assert new(project / "other", "../src") == ["../src/one.rs:9"]
    assert new(project.parent, "project") == ["project/src/one.rs:9"]
    link = project.parent / "link"
    link.symlink_to(project)
    assert new(link) == ["src/one.rs:9"]


def test_a_submodule_is_left_to_its_own_repository(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    (other / "sub.rs").write_text(ONE)
    commit(other)
    git(project, "submodule", "--quiet", "add", str(other), "lib/sub")
    commit(project)
    (project / "lib/sub/sub.rs").write_text(ONE + TWO)
    assert len(check(project)[1]) == 3
    assert new(project) == []
    assert new(project / "lib/sub") == ["sub.rs:9"]


def test_in_a_hook_of_a_linked_worktree(project: Path, tmp_path: Path) -> None:
    """Git tells its hooks where the repository and the index are; `commit FILE` has an index of its own."""
    hook = project / ".git/hooks/pre-commit"
    hook.write_text(
        f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' -m alloclint check src "
        '--new-from-rev HEAD --output-format concise >> "$OUT" 2>&1\n'
    )
    hook.chmod(0o755)
    tree = tmp_path / "tree"
    git(project, "worktree", "add", "--quiet", "-b", "other", str(tree))
    for folder in (project, tree):
        out = tmp_path / "out"
        out.unlink(missing_ok=True)
        (folder / "src/one.rs").write_text(ONE + TWO)
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x", "src/one.rs"],
            cwd=folder,
            env={**os.environ, "OUT": str(out)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1
        lines = out.read_text().splitlines()
        assert [line.split(" ")[0] for line in lines[:-1]] == ["src/one.rs:9:19:"], out.read_text()


# ---------------------------------------------------------------- with other texts


def test_standard_input(project: Path) -> None:
    name = ("-", "--stdin-filename", "src/one.rs")
    assert new(project, *name, stdin=ONE) == []
    assert new(project, *name, stdin=TWO + ONE) == ["src/one.rs:2"]
    assert new(project, "-", "--stdin-filename", "src/new.rs", stdin=ONE) == ["src/new.rs:2"]


def test_only_what_is_new_is_fixed(project: Path) -> None:
    (project / "src/one.rs").write_text(ONE + TWO)
    assert check(project, "--new-from-rev", "HEAD", "--fix")[0] == 0
    text = (project / "src/one.rs").read_text()
    assert text.startswith(ONE)
    assert text.count("with_capacity(items.len())") == 1


def test_lines_move_with_an_edit() -> None:
    before = b"a\nb\nc\nd\ne\n"
    assert moved(Lines(((4, 5),)), before, b"new\n" + before) == Lines(((1, 1), (5, 6)))
    assert moved(Lines(((2, 4),)), before, b"a\nb\nd\ne\n") == Lines(((0, 5), (2, 2), (3, 3)))
    assert moved(Lines(((2, 2),)), before, before) == Lines(((2, 2),))
    assert moved(NONE, None, b"a") is ALL
    assert moved(ALL, b"a", b"b") is ALL


# ---------------------------------------------------------------- what cannot be asked


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("nowhere", "there is no such revision in"),
        ("nowhere...", "there is no such revision in"),
        ("main..HEAD", "a range has no end"),
        ("...", "a range has no end"),
        ("--output=x", "this is no revision"),
        ("", "there is no such revision in"),
    ],
)
def test_unknown_revisions(project: Path, revision: str, words: str) -> None:
    code, found, told = check(project, f"--new-from-rev={revision}")
    assert (code, found) == (2, [])
    assert words in told and told.startswith("alloclint: error: --new-from-rev")
    assert not (project / "x").exists()


def test_no_commit_in_common(project: Path) -> None:
    git(project, "checkout", "--quiet", "--orphan", "other")
    commit(project)
    assert "main and HEAD have no commit in common" in check(project, "--new-from-rev", "main...")[2]


def test_a_shallow_clone(project: Path, tmp_path: Path) -> None:
    commit(project)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", "shallow")
    code, _, told = check(tmp_path / "shallow", "--new-from-rev", "HEAD~1")
    assert code == 2 and "a shallow clone may not have it: fetch more" in told


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "a.rs").write_text(ONE)
    code, _, told = check(tmp_path, "--new-from-rev", "HEAD", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert code == 2 and "not a git repository" in told


def test_a_repository_without_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare")
    with pytest.raises(ChangedError, match=r"git in .*: this operation must be run in a work tree"):
        since("HEAD", tmp_path)


def test_no_git(project: Path) -> None:
    code, _, told = check(project, "--new-from-rev", "HEAD", PATH=str(project))
    assert (code, told) == (2, "alloclint: error: --new-from-rev needs git, which is not installed\n")
