"""Reports from the command line: to files, to programs, to the pages of code hosts."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from alloclint.atomic import replacing
from alloclint.commands import flags, outputs
from alloclint.report import FOR_PEOPLE, FORMATS
from alloclint.settings import SettingsError

ROOT = Path(__file__).parent.parent
#: The name has letters that some code pages do not have.
GUILTY = """\
pub fn größe(items: &[u64]) -> Vec<u64> {
    let mut größen = Vec::new();
    for item in items {
        größen.push(item * 2);
    }
    größen
}
"""


def check(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    env = {name: value for name, value in os.environ.items() if name != "GITHUB_STEP_SUMMARY"}
    env |= {"PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "alloclint", "check", "--isolated", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False, timeout=60)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "guilty.rs").write_text(GUILTY, encoding="utf-8")
    return tmp_path


def test_all_formats_at_once(project: Path) -> None:
    done = check(project, *(f"--output-format={name}:out.{name}" for name in FORMATS))
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout == b"Found 1 warning in 1 file\n"
    for name in FORMATS:
        # Findings are named by their rule in GitLab's, by code in all others.
        assert "ALC101" in (project / f"out.{name}").read_text(encoding="utf-8"), name
    assert sorted(path.name for path in project.iterdir()) == sorted(
        ["guilty.rs", *(f"out.{name}" for name in FORMATS)]
    )


def test_each_format_for_programs_is_nothing_else_and_utf8(project: Path) -> None:
    for name in FORMATS:
        if name in FOR_PEOPLE:
            continue
        done = check(
            project, f"--output-format={name}:out", "--output-format", name, PYTHONIOENCODING="latin-1"
        )
        assert done.returncode == 1
        assert done.stdout == (project / "out").read_bytes(), name


def test_help_names_every_format() -> None:
    import argparse

    parser = argparse.ArgumentParser()
    flags.add(parser)
    # Lines are broken at hyphens, too.
    text = re.sub(r"-\s+", "-", parser.format_help())
    assert set(FORMATS) <= set(re.findall(r"[\w-]+", text))


class TestFiles:
    def test_a_file_keeps_its_permissions_and_a_link_stays_one(self, project: Path) -> None:
        (project / "kept").write_text("old")
        (project / "kept").chmod(0o604)
        (project / "link").symlink_to("kept")
        assert check(project, "--output-format=json:link").returncode == 1
        assert (project / "link").is_symlink()
        assert stat.S_IMODE((project / "kept").stat().st_mode) == 0o604
        assert json.loads((project / "kept").read_bytes())["findings"]

    def test_what_fails_leaves_the_old_file(self, tmp_path: Path) -> None:
        path = tmp_path / "report"
        path.write_text("old")
        with pytest.raises(TypeError), replacing(path) as file:
            file.writelines([b"half of the n", None])  # type: ignore[list-item]
        assert path.read_text() == "old"
        assert [one.name for one in tmp_path.iterdir()] == ["report"]

    @pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there are no such devices")
    def test_a_device_is_written_to(self, project: Path) -> None:
        done = check(project, "--output-format=pylint:/dev/stdout", "--quiet")
        assert done.stdout.startswith(b"guilty.rs:2: [ALC101(")

    @pytest.mark.parametrize(
        ("formats", "message"),
        [
            (["json:nowhere/out.json"], "there is no folder nowhere to write the report out.json to"),
            (["json:guilty.rs/out.json"], "there is no folder guilty.rs to write the report out.json to"),
            (["json:."], "is a folder; a report needs a file"),
            (["json:out", "sarif:out"], "two output formats for out; each needs a file of its own"),
            (["json:", "sarif:out"], "names no file"),
        ],
    )
    def test_what_cannot_be_written_is_said_before_linting(
        self, project: Path, formats: list[str], message: str
    ) -> None:
        done = check(project, *(f"--output-format={one}" for one in formats))
        assert (done.returncode, done.stdout) == (2, b"")
        assert message in done.stderr.decode()
        assert b"internal" not in done.stderr

    def test_a_file_that_may_not_be_written_to(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # Root may write anything, and tests may be run by root.
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(
            SettingsError, match=r"the report .*out.json cannot be written: permission denied"
        ):
            outputs.parse([f"json:{tmp_path / 'out.json'}"])

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
    def test_a_full_disk_is_told_after_what_was_found(self, project: Path) -> None:
        done = check(project, "--output-format=json:/dev/full", "--output-format=concise")
        assert done.returncode == 2
        assert done.stdout.startswith(b"guilty.rs:2:")
        assert done.stderr == b"alloclint: error: /dev/full: No space left on device\n"


class TestGithub:
    def test_the_job_has_a_summary(self, project: Path) -> None:
        page = project / "page"
        page.write_text("before\n")
        done = check(project, "--output-format=github", GITHUB_STEP_SUMMARY=str(page))
        assert done.stdout.startswith(b"::warning file=guilty.rs,line=2,")
        assert page.read_text(encoding="utf-8").startswith(
            "before\n### alloclint\n\n1 finding in 1 file.\n"
        )

    def test_other_formats_leave_the_page_alone(self, project: Path) -> None:
        check(project, "--output-format=concise", GITHUB_STEP_SUMMARY=str(project / "page"))
        assert not (project / "page").exists()

    def test_a_page_that_cannot_be_written_changes_nothing(self, project: Path) -> None:
        done = check(project, "--output-format=github", GITHUB_STEP_SUMMARY=str(project / "no" / "page"))
        assert done.returncode == 1
        assert b"could not be written" in done.stderr

    @pytest.mark.parametrize("marker", ["file", "folder"])
    def test_a_job_in_a_folder_of_the_repository(self, project: Path, marker: str) -> None:
        # In a worktree, .git is a file.
        (project / ".git").write_text("gitdir: x") if marker == "file" else (project / ".git").mkdir()
        folder = project / "services" / "feed"
        folder.mkdir(parents=True)
        (project / "guilty.rs").rename(folder / "guilty.rs")
        assert b"file=services/feed/guilty.rs," in check(folder, "--output-format=github").stdout
        assert check(folder, "--output-format=concise").stdout.startswith(b"guilty.rs:2:")
        sarif = json.loads(check(folder, "--output-format=sarif").stdout)
        (result,) = sarif["runs"][0]["results"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "services/feed/guilty.rs", "uriBaseId": "%SRCROOT%"}


def test_nothing_found(tmp_path: Path) -> None:
    empty = {"github": b"", "azure": b"", "pylint": b"", "json-lines": b"", "rdjsonl": b"", "gitlab": b"[]\n"}
    for name, expected in empty.items():
        done = check(tmp_path, "--output-format", name)
        assert (done.returncode, done.stdout) == (0, expected), name
    for name in ("junit", "checkstyle"):
        assert ElementTree.fromstring(check(tmp_path, "--output-format", name).stdout).tag


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_odd_names_of_files(project: Path) -> None:
    (project / os.fsdecode(b"caf\xe9.rs")).write_text(GUILTY, encoding="utf-8")
    (project / "a b%:,;]|\u202e\n<&>.rs").write_text(GUILTY, encoding="utf-8")
    done = check(project, *(f"--output-format={name}:out.{name}" for name in FORMATS))
    assert (done.returncode, done.stderr) == (1, b"")
    for name in ("junit", "checkstyle"):
        root = ElementTree.fromstring((project / f"out.{name}").read_bytes())
        assert [one.get("name") for one in root] == ["a b%:,;]|\u202e\n<&>.rs", r"caf\xe9.rs", "guilty.rs"]
    for name in ("github", "azure", "pylint", "json-lines", "rdjsonl", "concise"):
        assert len((project / f"out.{name}").read_text(encoding="utf-8").splitlines()) == 3, name
