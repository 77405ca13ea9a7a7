"""The behaviour of the functions that can be reached from the promises of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.facts.allocation.callgraph import Behaviours, behaviours, merged

if TYPE_CHECKING:
    from alloclint.file import File


def reachable(file: File) -> Behaviours:
    """The functions of the file, and those of others that its project has followed calls into."""
    own = merged(behaviours(file))
    return {**(file.project.behaviours if file.project is not None else {}), **own}
