"""Where the reports of `alloclint check` go: to standard output and to files, in one format each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from alloclint import __version__, terminal
from alloclint.discover import Target
from alloclint.engine import Run
from alloclint.finding import Finding, Severity
from alloclint.report import FORMATS, Context, writer
from alloclint.rule import Rule
from alloclint.settings import Settings, SettingsError, nearest

#: Formats for people: a summary line after them does no harm.
_TEXT = ("full", "concise", "grouped")


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

    def context(self, colour: bool) -> Context:
        """What writers want to know besides the findings."""
        below = [finding for finding in self.run.findings if finding.severity < self.settings.min_severity]
        hidden = Counter(finding.severity for finding in below)
        return Context(self.sources, self.rules, colour, __version__, self.run.files, hidden)


def parse(texts: Iterable[str]) -> list[Output]:
    """`NAME` or `NAME:FILE`, at most one of them for standard output. Raises SettingsError."""
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
    if sum(output.path is None for output in outputs) > 1:
        raise SettingsError(
            "two output formats for standard output; write one to a file, as in sarif:out.sarif"
        )
    return outputs


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
    """Write every report: the files first, for standard output may be closed early."""
    for output in outputs:
        if output.path:
            # Whatever the platform, reports are compared and uploaded elsewhere.
            with output.path.open("w", encoding="utf-8", newline="\n") as file:
                writer(output.format)(report.findings, file, report.context(colour=False))
    for_people = all(output.path or output.format in _TEXT for output in outputs)
    to_output = terminal.write_aside if report.aside else terminal.write
    colours = not report.aside and terminal.colours(colour)
    for output in outputs:
        if output.path is None and not (report.settings.statistics and for_people):
            to_output(partial(_write, output.format, report, colours))
    if report.settings.statistics:
        (to_output if for_people else terminal.write_aside)(partial(_write_statistics, report))
    if for_people and not report.quiet:
        to_output(lambda out: out.write(f"{report.fixed or _summary(report)}\n"))
    elif report.fixed and not report.quiet:
        terminal.tell(report.fixed)


def _write(name: str, report: Report, colour: bool, out: TextIO) -> None:
    writer(name)(report.findings, out, report.context(colour))


def _write_statistics(report: Report, out: TextIO) -> None:
    counts = Counter((finding.code, finding.name) for finding in report.findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    out.writelines(f"{count:>7}  {code}  {name}\n" for (code, name), count in ordered)


def _summary(report: Report) -> str:
    """`Found 3 errors and 2 warnings in 120 files (5 hidden below --min-severity warning)`."""
    counts = Counter(finding.severity for finding in report.findings)
    parts = [_count(counts[severity], severity.name) for severity in reversed(Severity) if counts[severity]]
    found = (
        f"Found {' and '.join([', '.join(parts[:-1]), parts[-1]] if parts[1:] else parts)}"
        if parts
        else "No findings"
    )
    least = report.settings.min_severity
    hidden = report.run.hidden(least)
    rest = f" ({hidden} hidden below --min-severity {least.name})" if hidden else ""
    return f"{found} in {_count(report.run.files, 'file')}{rest}"


def _count(number: int, noun: str) -> str:
    # Three infos read odd, but so does any other plural of the word.
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
