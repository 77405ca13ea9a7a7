"""
The findings for programs, one object per line, each as it stands in the list of the format `json`.

There is no summary: what goes through `grep` and `jq` line by line must be of one kind.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from alloclint.report.json import finding_object

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write a line per finding; in ASCII, for some readers end a line at more than a line feed."""
    out.writelines(json.dumps(finding_object(finding)) + "\n" for finding in findings)
