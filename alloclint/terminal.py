"""What is written to the terminal, and how: nothing else prints."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: Shorter runs end before anybody wonders.
_PATIENCE_SECONDS = 1.0


def prepare() -> None:
    """Make both streams take any text: an old code page must not end a run."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def only_utf8() -> None:
    """
    Make standard output UTF-8 with line feeds, wherever it goes: programs that read a report take it for
    that.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def columns() -> int | None:
    """How many cells a line of the terminal has; None where standard output is none, or does not say."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size((0, 0)).columns or None


def write(writer: Callable[[TextIO], object]) -> None:
    """
    Let `writer` write to standard output. If nobody reads it any longer, as behind `head`, that is no
    error.
    """
    if sys.stdout is None:
        return
    try:
        writer(sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)


def write_aside(writer: Callable[[TextIO], object]) -> None:
    """
    Let `writer` write to standard error. Where nobody reads that, the exit code still tells: it must not
    become another one.
    """
    if sys.stderr is None:
        return
    try:
        writer(sys.stderr)
        sys.stderr.flush()
    except BrokenPipeError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    # What is still buffered would be written, and fail, when the interpreter ends.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def write_bytes(content: bytes) -> None:
    """Write to standard output what must arrive as it is, whatever the encoding and line ends there."""

    def put(out: TextIO) -> None:
        out.flush()
        out.buffer.write(content)
        out.buffer.flush()

    write(put)


def clear() -> None:
    """Begin a new screen, if standard output is one."""
    if sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        write(lambda out: out.write("\x1b[2J\x1b[3J\x1b[H"))


def show(text: str) -> None:
    """Write a text and a line end to standard output."""
    write(lambda out: out.write(text + "\n"))


def tell(text: str) -> None:
    """Write a line to standard error."""
    write_aside(lambda err: err.write(f"alloclint: {text}\n"))


def colours(choice: str) -> bool:
    """
    Whether standard output takes colours: `always`, `never`, or `auto` (a terminal, and NO_COLOR is
    unset).
    """
    if choice != "auto":
        return choice == "always"
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout is not None and sys.stdout.isatty()


class Bar:
    """A progress bar on standard error that shows up once a run takes long, and only on a terminal."""

    def __init__(self, quiet: bool) -> None:
        self.visible = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self.begun = time.monotonic()
        self.bar: tuple[Progress, TaskID] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` steps are done."""
        if self.bar:
            progress, task = self.bar
            progress.update(task, completed=done, total=total)
        elif self.visible and time.monotonic() - self.begun > _PATIENCE_SECONDS:
            self.bar = self._start(total)

    def _start(self, total: int) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        # Not the number of steps: a file counts twice, once for each pass.
        columns = (TextColumn("Linting"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task("Linting", total=total)

    def close(self) -> None:
        """Take the bar away."""
        if self.bar:
            self.bar[0].stop()
