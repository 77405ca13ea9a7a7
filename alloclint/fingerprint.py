"""
What a finding is known by when the lines around it move: its rule, and its line without white space.

Reports carry it together with the path and a number; a baseline keeps the parts apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from alloclint.finding import Finding

#: A line that is longer may hold a whole program: its digest stands for it.
_LONG = 1_000


def numbered(findings: Iterable[Finding], source: bytes | None) -> list[Finding]:
    """
    The findings with fingerprints, which stay the same when lines above are added or the code is indented.

    Equal lines with equal findings are told apart by their number; `findings` must be sorted. Without a
    `source` the message stands for the line.
    """
    seen: dict[str, int] = {}
    lines: dict[int, bytes] = {}
    found = []
    for finding in findings:
        start = finding.place.start
        if source is not None and start.line not in lines:
            lines[start.line] = squeezed(line_at(source, start.offset))
        line = lines[start.line] if source is not None else squeezed(finding.message.encode())
        key = digest(finding.path.encode(), finding.code.encode(), line)
        seen[key] = seen.get(key, 0) + 1
        found.append(replace(finding, fingerprint=f"{key}:{seen[key]}"))
    return found


def digest(*parts: bytes) -> str:
    """Sixteen hexadecimal digits that stand for some texts."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def squeezed(line: bytes) -> bytes:
    """A line without white space; only the digest of a long one, which may hold many findings."""
    text = b"".join(line.split())
    return text if len(text) <= _LONG else hashlib.sha256(text).digest()


def line_at(source: bytes, offset: int) -> bytes:
    """The line around an offset, without its end."""
    end = source.find(b"\n", offset)
    return source[source.rfind(b"\n", 0, offset) + 1 : end if end >= 0 else len(source)]
