"""Reviewdog's diagnostics, one per line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.report.rdjson import SOURCE, diagnostic
from alloclint.report.text import Sources

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write a line per finding; in ASCII, for some readers end a line at more than a line feed."""
    sources = Sources(context.sources)
    out.writelines(
        json.dumps({"source": SOURCE, **diagnostic(finding, sources)}) + "\n" for finding in findings
    )
