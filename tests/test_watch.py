"""`--watch`: what makes it check again, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from alloclint.watch import watch
from tests.test_cli import GUILTY, INNOCENT, ROOT, project

__all__ = ["project"]


class Clock:
    """A clock that runs `then` at its n-th pause, and interrupts the watch at the last."""

    def __init__(self, *then: Callable[[], object]) -> None:
        self.then = list(then)

    def __call__(self, seconds: float) -> None:
        if not self.then:
            raise KeyboardInterrupt
        self.then.pop(0)()


def nothing() -> None:
    """Time passes."""


def checks(paths: list[Path], codes: list[int], *then: Callable[[], object]) -> int:
    """The exit code of a watch over some paths whose checks have these codes, and none more."""
    left = list(codes)
    code = watch(lambda: left.pop(0), lambda: paths, Clock(*then))
    assert left == []
    return code


def test_checks_again_when_a_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    path.write_text("a")
    change = lambda: path.write_text("longer")  # noqa: E731
    assert checks([path], [1, 0], change, nothing, nothing, nothing) == 0


def test_several_changes_at_once_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    later = [lambda size=size: path.write_text("a" * size) for size in range(5)]
    assert checks([path], [1, 0], *later, nothing, nothing, nothing) == 0


def test_nothing_changes(tmp_path: Path) -> None:
    assert checks([tmp_path / "a.rs"], [1], nothing, nothing) == 1


def test_file_that_appears_or_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.rs"
    assert checks([path], [0, 1], path.touch, nothing, nothing) == 1
    assert checks([path], [1, 0], path.unlink, nothing, nothing) == 0


def test_check_that_is_cut_short() -> None:
    def cut() -> int:
        raise KeyboardInterrupt

    assert watch(cut, list) == 2


def _waits_for(words: bytes, stream: Path) -> bytes:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if words in (text := stream.read_bytes()):
            return text
        time.sleep(0.05)
    raise AssertionError(stream.read_bytes())


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_as_a_user(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    told = tmp_path_factory.mktemp("out") / "told"
    with told.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "alloclint", "check", "--watch"],
            cwd=project,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )
    try:
        first = _waits_for(b"Ctrl-C ends", told)
        assert b"Found 1 warning in 2 files" in first
        assert b"\x1b" not in first
        (project / "alloclint.toml").write_text("selecd = 1\n")
        _waits_for(b"did you mean `select`?", told)
        (project / "alloclint.toml").write_text("")
        (project / "guilty.rs").write_text(INNOCENT)
        _waits_for(b"No findings in 2 files", told)
        (project / "new.rs").write_text(GUILTY)
        _waits_for(b"Found 1 warning in 3 files", told)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 1
    finally:
        process.kill()
        process.wait()
