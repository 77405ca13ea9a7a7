"""A file replaced by its new text in one step, or left as it was."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from alloclint.atomic import replacing

#: Enough of a file's state to see that somebody has written to it.
Stamp = tuple[int, int, int]


class FixError(Exception):
    """A file could not be replaced; it is as it was. The text says why, without the file's name."""


def stamp(path: Path) -> Stamp | None:
    """What changes when a file is written to; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def replace(path: Path, before: bytes, after: bytes) -> None:
    """
    Put `after` in the place of a file that holds `before`, with the same permissions and, where we may, the
    same owner.

    A reader sees either the old text or the new one, whatever happens in between. A link stays one: what it
    leads to is replaced. Raises FixError if the file holds something else by now, must not be written to, or
    cannot be replaced.
    """
    try:
        _replace(Path(os.path.realpath(path)), before, after)
    except OSError as error:
        raise FixError(f"cannot be written: {error.strerror or error}") from error


def _replace(path: Path, before: bytes, after: bytes) -> None:
    mode = path.stat().st_mode
    # Root may write anything: what the author has protected is protected from us all the same.
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise FixError("is read-only; not fixed")
    with replacing(path) as file:
        _keep_attributes(path, file.fileno())
        file.write(after)
        file.flush()
        os.fsync(file.fileno())
        # As late as possible: an editor may have saved while we were linting.
        if path.read_bytes() != before:
            raise FixError("has changed since it was read; not fixed")
    _sync_folder(path.parent)


def _keep_attributes(path: Path, new: int) -> None:
    """Give a new file the owner, permissions and access lists of an old one, but not its times."""
    old = path.stat()
    if hasattr(os, "fchown"):
        # Who is not root may not give files away; the content counts more than the owner.
        with contextlib.suppress(OSError):
            os.fchown(new, old.st_uid, old.st_gid)
    if hasattr(os, "fchmod"):
        # After the owner, which takes some permissions away, and before there is anything to be read.
        os.fchmod(new, stat.S_IMODE(old.st_mode))
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for key in os.listxattr(path):
                os.setxattr(new, key, os.getxattr(path, key))


def _sync_folder(folder: Path) -> None:
    """The new name is on disk only when the folder is; not every system lets a folder be opened for that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
