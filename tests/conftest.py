"""What holds for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import settings

# The same examples in every run: a change must not fail by a mistake that was there before. Run with
# `--hypothesis-profile=default` to look for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

#: Seconds after which a test counts as hanging, on however slow a machine.
_PATIENCE = 300


@pytest.fixture(autouse=True)
def no_test_hangs() -> Iterator[None]:
    """Ends a test that hangs; where there are no alarms (Windows), the run as a whole has to be watched."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"hangs: not done after {_PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
