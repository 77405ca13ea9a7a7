"""
From findings to a changed file: the edits that findings carry, applied.

`fixed` is pure: bytes in, bytes out, for the command line, the editor and hooks alike. `rounds` repeats it
until nothing changes, `files` puts the result in a file's place, and `diff` shows it. Edits are made in the
bytes, whatever the language: what no edit names stays as it is, line ends, marks and all.
"""

from __future__ import annotations

from alloclint.fix.apply import Fixed, fixable, fixed

__all__ = ["Fixed", "fixable", "fixed"]
