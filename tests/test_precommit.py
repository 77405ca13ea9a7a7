"""The hooks for pre-commit: which files reach them, and what the real pre-commit makes of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import alloclint
from alloclint.languages import language_of
from alloclint.project.parts import is_manifest

ROOT = Path(alloclint.__file__).parents[1]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

RUST = """\
pub fn doubled(items: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for item in items {
        out.push(item * 2);
    }
    out
}
"""
JAVA = """\
import java.util.*;

class Copies {
    List<Integer> lengths(List<String> words) {
        List<Integer> out = new ArrayList<>();
        for (String word : words) {
            out.add(word.length());
        }
        return out;
    }
}
"""
PYTHON = """\
import re

# alloclint: hot
def matches(words):
    for word in words:
        yield re.compile("a+[0-9]").match(word)
"""
DOCKERFILE = """\
FROM debian:12
ENV MALLOC_ARENA_MAX_=2
ENV LD_PRELOAD=/usr/lib/aarch64-linux-gnu/libjemalloc.so.2
CMD ["/app"]
"""
#: A file of each kind that alloclint reads.
SOURCES = {
    "src/lib.rs": RUST,
    "src/Copies.java": JAVA,
    "tool.py": PYTHON,
    "deploy/Dockerfile": DOCKERFILE,
}

#: Names that differ in what counts: folder, stem, suffix, case, what stands around them.
STEMS = (
    "a", "A", "Cargo", "Cross", "Makefile", "makefile", "GNUmakefile", "pom", "build", "build.gradle",
    "settings", "libs.versions", "pyproject", "requirements", "Dockerfile", "dockerfile", "DOCKERFILE",
    "Dockerfile.prod", "Dockerfile-alpine", "Dockerfile_ci", "Containerfile", "api.Dockerfile",
    "Dockerfiles", "mydockerfile", ".env", ".env.local", "prod", "entrypoint", "docker-entrypoint",
    "docker_entrypoint", "myentrypoint", "a.b-entrypoint", "jvm", "es-jvm", "jvm-prod", "myjvm", "config",
    "compose", "docker-compose", "override", "jvm.config",
)  # fmt: skip
SUFFIXES = (
    "", "toml", "lock", "xml", "gradle", "kts", "gradle.kts", "rs", "RS", "java", "py", "pyi", "pyw",
    "ipynb", "yml", "yaml", "YAML", "sh", "bash", "zsh", "service", "timer", "conf", "CONF", "mk", "env",
    "vmoptions", "options", "OPTIONS", "txt", "md", "rst", "j2", "go", "json", "tmpl", "js", "ts", "rb",
    "dockerignore", "prod", "local", "dockerfile", "Dockerfile", "containerfile", "config", "c", "sh.md",
)  # fmt: skip
FOLDERS = (
    "", "src", ".cargo", "x.cargo", ".mvn", "gradle", "nginx.service.d", "service.d", "jvm.options.d",
    ".github/workflows", "etc", "requirements",
)  # fmt: skip


# ---------------------------------------------------------------- the manifest


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_exactly_the_files_that_are_read_reach_a_hook(hook: dict[str, Any]) -> None:
    files = re.compile(hook["files"])
    read, others = 0, 0
    for folder in FOLDERS:
        for stem in STEMS:
            for suffix in SUFFIXES:
                name = f"{stem}.{suffix}" if suffix else stem
                path = f"{folder}/{name}" if folder else name
                wanted = language_of(path) is not None or is_manifest(path)
                assert (files.search(path) is not None) == wanted, path
                read, others = read + wanted, others + (not wanted)
    assert read > 5_000
    assert others > 5_000


def test_both_hooks_respect_excludes_and_see_all_files_at_once() -> None:
    assert [hook["id"] for hook in HOOKS] == ["alloclint", "alloclint-fix"]
    for hook in HOOKS:
        assert hook["entry"].startswith("alloclint check --force-exclude")
        assert hook["require_serial"]
        assert hook.get("pass_filenames", True)


# ---------------------------------------------------------------- the real pre-commit


needs_precommit = pytest.mark.skipif(
    find_spec("pre_commit") is None or shutil.which("git") is None,
    reason="pre-commit or git is not installed",
)


def command(*arguments: str, cwd: Path, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One run of a program, with an identity for git and nothing of the user's own configuration."""
    names = {
        f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHONPATH"))
    }
    environment |= {**names, "GIT_CONFIG_GLOBAL": os.devnull, "PYTHONUTF8": "1"}
    if home:
        environment["PRE_COMMIT_HOME"] = str(home)
    return subprocess.run(
        arguments, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=280, check=False
    )


def git(*arguments: str, cwd: Path) -> None:
    done = command("git", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr


@cache
def packages_can_be_had() -> bool:
    """Whether pip reaches an index, as it must to build the environment of a hook."""
    done = command(
        sys.executable,
        "-m",
        "pip",
        "index",
        "versions",
        "hatchling",
        "--retries",
        "0",
        "--timeout",
        "10",
        cwd=ROOT,
    )
    return done.returncode == 0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps environments, once for all tests."""
    if not packages_can_be_had():
        pytest.skip("the environment of a hook is built from a package index, and none can be reached")
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what this checkout has, committed or not; pre-commit clones it."""
    folder = tmp_path_factory.mktemp("hooks") / "alloclint"
    folder.mkdir()
    for name in ("alloclint", "rules"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    git("init", "-q", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "-q", "-m", "all", cwd=folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with guilty files of all kinds, a guilty one that is excluded, and some of no concern."""
    folder = tmp_path / "project"
    for path, text in {
        **SOURCES,
        "alloclint.toml": 'extend-exclude = ["generated"]\n',
        "generated/lib.rs": RUST,
        "notes.md": "`Vec::new()`\n",
        "data.toml": "a = 1\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git("init", "-q", cwd=folder)
    git("add", "--all", cwd=folder)
    return folder


def try_repo(hooks: Path, hook: str, project: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return command(
        sys.executable, "-m", "pre_commit", "try-repo", str(hooks), hook, "--all-files", "--verbose",
        "--color=never", cwd=project, home=home,
    )  # fmt: skip


@needs_precommit
def test_the_manifest_is_valid() -> None:
    done = command(
        sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT
    )
    assert done.returncode == 0, done.stdout


@needs_precommit
def test_the_hook_reports_what_is_not_excluded(hooks: Path, project: Path, home: Path) -> None:
    done = try_repo(hooks, "alloclint", project, home)
    assert done.returncode == 1, done.stdout + done.stderr
    for path in SOURCES:
        assert f"{path}:" in done.stdout, done.stdout
    assert "generated" not in done.stdout
    assert f"in {len(SOURCES)} files" in done.stdout


@needs_precommit
def test_the_fixing_hook_changes_what_is_safe(hooks: Path, project: Path, home: Path) -> None:
    done = try_repo(hooks, "alloclint-fix", project, home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "files were modified by this hook" in done.stdout
    assert "Vec::with_capacity(items.len())" in (project / "src/lib.rs").read_text(encoding="utf-8")
    assert "new ArrayList<>(words.size())" in (project / "src/Copies.java").read_text(encoding="utf-8")
    assert (project / "generated/lib.rs").read_text(encoding="utf-8") == RUST


@needs_precommit
def test_a_clean_commit_passes(hooks: Path, project: Path, home: Path) -> None:
    for path in SOURCES:
        (project / path).unlink()
    git("add", "--all", cwd=project)
    (project / "src" / "lib.rs").write_text("pub fn nothing() {}\n")
    git("add", "--all", cwd=project)
    done = try_repo(hooks, "alloclint", project, home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
