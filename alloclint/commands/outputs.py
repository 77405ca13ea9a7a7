"""Where the reports of `alloclint check` go: to standard output and to files, in one format each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from alloclint import __version__, terminal
from alloclint.atomic import replacing
from alloclint.discover import Target
from alloclint.engine import Run
from alloclint.finding import Finding, Severity
from alloclint.report import FOR_PEOPLE, FORMATS, Context, job_summary, writer
from alloclint.report.wording import counted
from alloclint.rule import Rule
from alloclint.settings import Settings, SettingsError, nearest


@dataclass(frozen=True, slots=True)
class Output:
    """A format and the file that it is written to; None is standard output."""

    format: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Report:
    """
    What is to be reported, and what it takes to do so.

    `fixed` says what was fixed, in place of the summary; with `aside` standard output belongs to a fixed
    text, and what would go there goes to standard error.
    """

    run: Run
    settings: Settings
    rules: Sequence[Rule]
    sources: Callable[[str], bytes | None]
    quiet: bool
    fixed: str = ""
    aside: bool = False

    @property
    def findings(self) -> list[Finding]:
        """The findings that are shown."""
        return self.run.shown(self.settings.min_severity)

    def context(self, colour: bool = False, columns: int | None = None) -> Context:
        """What writers want to know besides the findings."""
        below = [finding for finding in self.run.findings if finding.severity < self.settings.min_severity]
        hidden = Counter(finding.severity for finding in below)
        files = self.run.files
        return Context(self.sources, self.rules, colour, __version__, files, hidden, _folder(), columns)


def parse(texts: Iterable[str]) -> list[Output]:
    """
    `NAME` or `NAME:FILE`, at most one of them for standard output. Raises SettingsError, also for a file that
    cannot be written: that is better said before a long run than after it.
    """
    outputs = []
    for text in texts:
        name, colon, path = text.partition(":")
        if name not in FORMATS:
            known = ", ".join(FORMATS)
            raise SettingsError(
                f"there is no output format `{name}`{nearest(name, FORMATS)} (known: {known})"
            )
        if colon and not path:
            raise SettingsError(f"the output format `{text}` names no file")
        outputs.append(Output(name, Path(path) if path else None))
    files = [output.path for output in outputs if output.path]
    for file in files:
        _check(file, files.count(file))
    if sum(output.path is None for output in outputs) > 1:
        raise SettingsError(
            "two output formats for standard output; write one to a file, as in sarif:out.sarif"
        )
    return outputs


def _check(path: Path, times: int) -> None:
    folder = path.parent
    if times > 1:
        raise SettingsError(f"two output formats for {path}; each needs a file of its own")
    if path.is_dir():
        raise SettingsError(f"{path} is a folder; a report needs a file")
    if not folder.is_dir():
        raise SettingsError(f"there is no folder {folder} to write the report {path.name} to")
    # What is there and may not be written to is not replaced either, though its folder may allow that.
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise SettingsError(f"the report {path} cannot be written: permission denied")


def _folder() -> str:
    """The working directory as seen from the top of its repository, "" outside of one."""
    here = Path.cwd()
    top = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return "" if top == here else here.relative_to(top).as_posix()


def reader(targets: Iterable[Target], sources: Mapping[str, bytes]) -> Callable[[str], bytes | None]:
    """A function from a path in a finding to the text there."""
    paths = {target.shown: target.path for target in targets}

    def read(shown: str) -> bytes | None:
        if shown in sources:
            return sources[shown]
        try:
            return paths.get(shown, Path(shown)).read_bytes()
        except (OSError, ValueError):
            return None

    return read


def write(report: Report, outputs: Sequence[Output], colour: str) -> None:
    """
    Write every report: the files first, for standard output may be closed early. Raises OSError for the
    first file that could not be written, at the end: what was found is shown all the same.
    """
    faults = [fault for output in outputs if output.path and (fault := _to_file(output, output.path, report))]
    for_people = all(output.path or output.format in FOR_PEOPLE for output in outputs)
    to_output = terminal.write_aside if report.aside else terminal.write
    for output in outputs:
        if output.path is None and not (report.settings.statistics and for_people):
            _to_terminal(output.format, report, colour, to_output)
    if report.settings.statistics:
        (to_output if for_people else terminal.write_aside)(partial(_write_statistics, report))
    if for_people and not report.quiet:
        to_output(lambda out: out.write(f"{report.fixed or _summary(report)}\n"))
    elif report.fixed and not report.quiet:
        terminal.tell(report.fixed)
    if faults:
        raise faults[0]


def _to_file(output: Output, path: Path, report: Report) -> OSError | None:
    try:
        # Whatever the platform, reports are compared and uploaded elsewhere.
        with (
            replacing(path) as file,
            TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="\n") as text,
        ):
            writer(output.format)(report.findings, text, report.context())
    except OSError as error:
        return OSError(error.errno, error.strerror, str(path))
    return None


def _to_terminal(
    name: str, report: Report, colour: str, to_output: Callable[[Callable[[TextIO], object]], None]
) -> None:
    if name not in FOR_PEOPLE:
        terminal.only_utf8()
    context = report.context(not report.aside and terminal.colours(colour), terminal.columns())
    to_output(lambda out: writer(name)(report.findings, out, context))
    # There is no other place where a job can leave more than ten findings of a kind.
    page = os.environ.get("GITHUB_STEP_SUMMARY") if name == "github" else None
    if page:
        _add_to_page(page, report)


def _add_to_page(page: str, report: Report) -> None:
    try:
        with open(page, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            job_summary.write(report.findings, file, report.context())
    except OSError as error:
        terminal.tell(f"note: the job summary {page} could not be written: {error.strerror}")


def _write_statistics(report: Report, out: TextIO) -> None:
    counts = Counter((finding.code, finding.name) for finding in report.findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    out.writelines(f"{count:>7}  {code}  {name}\n" for (code, name), count in ordered)


def _summary(report: Report) -> str:
    """`Found 3 errors and 2 warnings in 120 files (5 hidden by --min-severity warning)`."""
    counts = Counter(finding.severity for finding in report.findings)
    parts = [counted(counts[severity], severity.name) for severity in reversed(Severity) if counts[severity]]
    found = (
        f"Found {' and '.join([', '.join(parts[:-1]), parts[-1]] if parts[1:] else parts)}"
        if parts
        else "No findings"
    )
    least = report.settings.min_severity
    hidden = report.run.hidden(least)
    left_out = list(report.run.left_out)
    if hidden:
        left_out.insert(0, f"{hidden} hidden by --min-severity {least.name}")
    rest = f" ({'; '.join(left_out)})" if left_out else ""
    return f"{found} in {counted(report.run.files, 'file')}{rest}"
