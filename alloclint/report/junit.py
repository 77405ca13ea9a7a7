"""
JUnit's XML: each finding is a test that failed, and each file a suite of them.

Servers take a report without any test for a broken one, so that a clean run is a test that passed. Attributes
that not all of them know, such as a line, are left out: some refuse the file for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from alloclint.report.wording import lines, on_one_line
from alloclint.report.xml import HEAD, attributes, content

if TYPE_CHECKING:
    from alloclint.finding import Finding
    from alloclint.report import Context


def write(findings: Sequence[Finding], out: TextIO, context: Context) -> None:
    """Write one suite per file with findings."""
    total = {"name": "alloclint", **_counts(max(1, len(findings)), len(findings))}
    out.write(f"{HEAD}<testsuites{attributes(total)}>\n")
    for path, group in groupby(findings, lambda finding: finding.path):
        _suite(path, list(group), out)
    if not findings:
        out.write(f"  <testsuite{attributes({'name': 'alloclint', **_counts(1, 0)})}>\n")
        out.write(f"    <testcase{attributes(_case('alloclint', 'no findings'))}/>\n  </testsuite>\n")
    out.write("</testsuites>\n")


def _suite(path: str, findings: Sequence[Finding], out: TextIO) -> None:
    out.write(f"  <testsuite{attributes({'name': path, **_counts(len(findings), len(findings))})}>\n")
    for finding in findings:
        out.write(_failed(finding))
    out.write("  </testsuite>\n")


def _failed(finding: Finding) -> str:
    start = finding.place.start
    # The line is part of the name: servers take two tests of one name for one that ran twice.
    case = _case(finding.path, f"{finding.code} {finding.name} {start.line}:{start.column}")
    failure = {"message": on_one_line(finding.message), "type": finding.severity.name}
    return (
        f"    <testcase{attributes(case)}>\n"
        f"      <failure{attributes(failure)}>{content(_body(finding))}</failure>\n"
        f"    </testcase>\n"
    )


def _body(finding: Finding) -> str:
    start = finding.place.start
    found = [f"{finding.path}:{start.line}:{start.column}: {finding.code} {finding.name}", *lines(finding)]
    for place in finding.because:
        found.append(f"{place.path}:{place.start.line}: {place.text or 'because of this'}")
    return "\n".join(found)


def _case(group: str, name: str) -> dict[str, object]:
    # A linter takes no time for a finding, but readers want a number.
    return {"classname": group, "name": name, "time": 0}


def _counts(tests: int, failures: int) -> dict[str, object]:
    return {"tests": tests, "failures": failures, "errors": 0, "time": 0}
