"""How `ENTRYPOINT` and `CMD` become one command line."""

from __future__ import annotations

from dataclasses import replace

from alloclint.project.runtime.command import Command


def started(entrypoint: Command | None, cmd: Command | None) -> Command | None:
    """
    The command line of a container. In shell form an entry point takes no arguments; an entry point of which
    nothing is known leaves the command unknown.
    """
    if entrypoint is None or not entrypoint.words:
        return cmd if entrypoint is None else entrypoint
    if entrypoint.form == "shell" or cmd is None:
        return entrypoint
    return replace(
        entrypoint, words=(*entrypoint.words, *cmd.words), text=f"{entrypoint.text} {cmd.text}"
    )
