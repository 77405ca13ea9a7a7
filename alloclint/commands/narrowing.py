"""What of a run is new: `--new-from-rev` and the baseline take away the rest before anything is reported."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from alloclint.commands import outputs
from alloclint.discover import Found, shown
from alloclint.engine import Run
from alloclint.finding import Finding
from alloclint.settings import Settings, common_folder

if TYPE_CHECKING:
    from alloclint.baseline import Baseline
    from alloclint.changed import Changed


def of(arguments: Namespace, settings: Settings, found: Found) -> Narrowed:
    """
    What was asked for. Git and the baseline are asked now, so that what is wrong is said before a long run.
    Raises ChangedError and BaselineError.
    """
    changed = baseline = None
    if arguments.new_from_rev is not None:
        from alloclint.changed import since

        paths = [arguments.stdin_filename if path == "-" else path for path in arguments.paths]
        folder = common_folder(Path.cwd(), paths)
        changed = since(arguments.new_from_rev, folder, outputs.reader(found.targets, {}))
    if settings.baseline is not None:
        from alloclint.baseline import load

        baseline = load(settings.baseline)
    return Narrowed(settings, found, changed, baseline, arguments.new_from_rev)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A function from a run to what is new of it; `texts` were linted instead of what is on disk."""

    settings: Settings
    found: Found
    changed: Changed | None = None
    baseline: Baseline | None = None
    revision: str = ""

    def __call__(self, run: Run, texts: Mapping[str, bytes]) -> Run:
        if self.changed is not None:
            kept = self.changed.among(run.findings, texts)
            run = self._without(run, kept, f"not changed since {self.revision}")
        if self.baseline is not None:
            new = self.baseline.split(run.findings, outputs.reader(self.found.targets, texts)).new
            run = self._without(run, new, f"in {shown(self.baseline.path, Path.cwd())}")
        return run

    def _without(self, run: Run, kept: tuple[Finding, ...], words: str) -> Run:
        """The run with the findings that are kept, and how many fewer would be shown."""
        least = self.settings.min_severity
        after = replace(run, findings=kept)
        fewer = len(run.shown(least)) - len(after.shown(least))
        return replace(after, left_out=(*run.left_out, f"{fewer:,} {words}")) if fewer else after
