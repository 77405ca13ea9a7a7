"""
`--watch`: check again whenever a file has changed.

Files are looked at every now and then instead of waiting for the system to tell: that needs no further
package, and it works on shares, in containers and on mounted folders of another system, where no such events
arrive. A look at a file takes a few microseconds; the pauses grow with the number of files, so that watching
takes no more than a few percent of one processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from alloclint.fix.files import Stamp, stamp

#: Seconds between two looks at the known files, and between two searches for new ones, at least.
_LOOK, _SEARCH = 0.25, 2.0
#: A pause is this many times as long as what it follows, at least.
_REST = 20

State = Mapping[Path, Stamp | None]


def watch(
    check: Callable[[], int],
    watched: Callable[[], Collection[Path]],
    sleep: Callable[[float], object] = time.sleep,
) -> int:
    """
    Check, wait until one of the `watched` files is another one, appears or is gone, and check again.

    `check` returns an exit code. Ctrl-C ends it, with the code of the last check that was not cut short; 2 if
    there was none.
    """
    code = 2
    try:
        while True:
            # Taken before the check: what changes meanwhile is checked again.
            state = _state(watched())
            code = check()
            _wait(state, watched, sleep)
    except KeyboardInterrupt:
        return code


def _wait(state: State, watched: Callable[[], Collection[Path]], sleep: Callable[[float], object]) -> None:
    """Return when something has changed, and then nothing any more for a moment."""
    new = _changed(state, watched, sleep)
    while True:
        # Who checks out another branch changes many files, one after the other.
        sleep(_LOOK)
        if (newer := _state(new)) == new:
            return
        new = newer


def _changed(
    state: State, watched: Callable[[], Collection[Path]], sleep: Callable[[float], object]
) -> State:
    """The first state that differs from `state`."""
    search_at = time.monotonic() + _SEARCH
    while True:
        sleep(_LOOK)
        begun = time.monotonic()
        is_due = begun >= search_at
        new = _state(watched() if is_due else state)
        if new != state:
            return new
        taken = time.monotonic() - begun
        if is_due:
            search_at = begun + max(_SEARCH, _REST * taken)
        sleep(max(0, (_REST * taken if not is_due else 0) - _LOOK))


def _state(paths: Collection[Path]) -> State:
    return {path: stamp(path) for path in paths}
