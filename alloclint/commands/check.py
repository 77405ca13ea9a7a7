"""`alloclint check`: lint files."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Container, Mapping, Sequence
from typing import TYPE_CHECKING

from alloclint import terminal
from alloclint.commands import flags

if TYPE_CHECKING:
    from pathlib import Path

    from alloclint.discover import Found, Note
    from alloclint.engine import Run
    from alloclint.rule import Rule
    from alloclint.settings import Settings

SUMMARY = "Lint files and folders: find allocation mistakes and print what to write instead."
EXAMPLES = """\
  alloclint check                                       this folder
  alloclint check src --select capacity                 one family of rules, in one folder
  alloclint check --output-format concise --min-severity info
  alloclint check --output-format sarif:out.sarif       a file for the code host, and a summary here
  alloclint check - --stdin-filename src/index.rs       from standard input
  alloclint check --diff                                what --fix would change
  alloclint check --fix --unsafe-fixes                  apply the fixes, safe or not
  alloclint check --config limits.horizon-days=30

Rules are named by code (ALC101), prefix (ALC1), name (unsized-collection), family (capacity) or ALL.
`alloclint config` explains the settings; flags win over them."""


def add(parser: ArgumentParser) -> None:
    """Declare the paths and all flags."""
    flags.add(parser)


def run(arguments: Namespace) -> int:
    """Lint, report, and return the exit code."""
    if not arguments.watch:
        return _check(arguments)
    from alloclint import watch

    if "-" in arguments.paths:
        from alloclint.settings import SettingsError

        raise SettingsError("--watch waits for files to change, and standard input does not")
    return watch.watch(lambda: _check_again(arguments), lambda: _watched(arguments))


def _check(arguments: Namespace) -> int:
    from alloclint import engine, selection
    from alloclint.commands import narrowing, outputs

    settings = flags.settings_from(arguments)
    rules = selection.known(settings.rules)
    active = selection.selected(rules, settings)
    wanted = outputs.parse(settings.output_format)
    if arguments.show_settings:
        return _show_settings(settings)
    sources: dict[str, bytes] = {}
    found = (
        _standard_input(arguments, settings, sources)
        if "-" in arguments.paths
        else find_files(arguments, settings, selection.needs_manifests(active))
    )
    if arguments.show_files:
        return _show_files(found)

    narrowed = narrowing.of(arguments, settings, found)

    whole: list[Run] = []

    def lint(texts: Mapping[str, bytes]) -> Run:
        # All files once, and then only those that are changed: the others say what they said.
        changed = {path for path, text in texts.items() if text is not sources.get(path)} if whole else None
        done = lint_all(found, settings, rules, texts, arguments.quiet, only=changed)
        if changed is not None:
            done = engine.updated(whole[0], done, changed)
        else:
            whole.append(done)
        return narrowed(done, texts)

    if arguments.fix or arguments.diff:
        return _fix(arguments, settings, active, found, sources, lint)
    if arguments.add_ignore is not None:
        return _ignore(arguments, settings, active, found, lint)
    done = lint(sources)
    tell(done.notes, arguments.quiet)
    report = outputs.Report(done, settings, active, outputs.reader(found.targets, sources), arguments.quiet)
    outputs.write(report, wanted, arguments.color)
    if done.interrupted:
        terminal.tell("interrupted; what was found so far is above")
        if arguments.watch:
            raise KeyboardInterrupt
    return _exit_code(done, settings)


def _fix(
    arguments: Namespace,
    settings: Settings,
    active: Sequence[Rule],
    found: Found,
    sources: Mapping[str, bytes],
    lint: Callable[[Mapping[str, bytes]], Run],
) -> int:
    """Change the files, or show how, and report what is left."""
    from dataclasses import replace

    from alloclint.commands import outputs
    from alloclint.commands.fixing import Fixing

    fixing = Fixing(found.targets, sources, lint, settings)
    fixes = fixing.show(arguments.color) if arguments.diff else fixing.fix()
    done = replace(fixes.run, notes=(*fixes.run.notes, *fixes.notes))
    tell(done.notes, arguments.quiet)
    if arguments.diff:
        if not arguments.quiet:
            terminal.tell(fixes.words)
        return 2 if done.failed else int(fixes.changes and not settings.exit_zero)
    read = outputs.reader(found.targets, {**sources, **fixes.texts})
    report = outputs.Report(done, settings, active, read, arguments.quiet, fixes.words, aside=bool(sources))
    outputs.write(report, outputs.parse(settings.output_format), arguments.color)
    return _exit_code(done, settings)


def _ignore(
    arguments: Namespace,
    settings: Settings,
    active: Sequence[Rule],
    found: Found,
    lint: Callable[[Mapping[str, bytes]], Run],
) -> int:
    """Write suppressions for what is found, and report what is left."""
    from dataclasses import replace

    from alloclint.commands import outputs
    from alloclint.commands.silencing import Silencing

    silencing = Silencing(found.targets, lint, settings, arguments.add_ignore)
    if "-" in arguments.paths:
        raise silencing.of_standard_input()
    silenced = silencing.write()
    done = replace(silenced.run, notes=(*silenced.run.notes, *silenced.notes))
    tell(done.notes, arguments.quiet)
    read = outputs.reader(found.targets, silenced.texts)
    report = outputs.Report(done, settings, active, read, arguments.quiet, silenced.words)
    outputs.write(report, outputs.parse(settings.output_format), arguments.color)
    return _exit_code(done, settings)


def _check_again(arguments: Namespace) -> int:
    """A check whose errors do not end the watch: a settings file is broken while it is being written."""
    from alloclint.cli import explained

    terminal.clear()
    try:
        code = _check(arguments)
    except Exception as error:
        terminal.tell(f"error: {explained(error)}")
        code = 2
    if not arguments.quiet:
        terminal.tell("waiting for files to change; Ctrl-C ends")
    return code


def _watched(arguments: Namespace) -> set[Path]:
    """All files that what is reported depends on; those that can be told while the settings are broken."""
    from pathlib import Path

    from alloclint.settings import SettingsError

    try:
        settings = flags.settings_from(arguments)
        found = find_files(arguments, settings, manifests=True)
    except SettingsError:
        return {Path(path) for path in arguments.paths or ["."]}
    paths = {target.path for target in found.targets}
    paths |= {path for folder in settings.rules for path in folder.rglob("*.py")}
    paths.add(settings.cardinalities or settings.root / "cardinalities.toml")
    return paths | {path for path in (settings.source, settings.baseline) if path is not None}


def _show_settings(settings: Settings) -> int:
    from alloclint.settings import values

    source = settings.source.as_posix() if settings.source else "none: the defaults and the command line"
    terminal.show(
        "\n".join([f"# settings file: {source}", *(f"{name} = {value}" for name, value in values(settings))])
    )
    return 0


def _show_files(found: Found) -> int:
    if found.targets:
        terminal.show("\n".join(target.shown for target in found.targets))
    tell(found.notes, quiet=False)
    return 2 if any(note.failed for note in found.notes) else 0


def find_files(arguments: Namespace, settings: Settings, manifests: bool) -> Found:
    """The files to lint; with `manifests`, those among them that are."""
    from pathlib import Path

    from alloclint.discover import discover
    from alloclint.languages import language_of
    from alloclint.project.parts import is_manifest
    from alloclint.settings import SettingsError

    if arguments.stdin_filename is not None:
        raise SettingsError("--stdin-filename names the text from standard input, but no path is `-`")

    def wanted(path: str) -> bool:
        return language_of(path) is not None or (manifests and is_manifest(path))

    return discover(map(Path, arguments.paths or ["."]), settings, wanted)


def _standard_input(arguments: Namespace, settings: Settings, sources: dict[str, bytes]) -> Found:
    """The one target that standard input is, with its text put into `sources`."""
    from pathlib import Path

    from alloclint.discover import Found, Target, excluded, shown
    from alloclint.languages import language_of
    from alloclint.project.parts import is_manifest
    from alloclint.settings import SettingsError

    if len(arguments.paths) > 1:
        raise SettingsError("`-` is standard input, and no other path may stand beside it")
    name: str | None = arguments.stdin_filename
    path = Path.cwd() / (name or "")
    if name is None or not (language_of(name) or is_manifest(path.as_posix())):
        raise SettingsError(
            "`-` needs --stdin-filename with a suffix that tells the language, .rs, .java, .py or .pyi, "
            "or with the name of a manifest, such as Dockerfile"
        )
    if settings.force_exclude and excluded(path, settings):
        return Found()
    if sys.stdin is None:
        raise SettingsError("`-` is standard input, but that is closed")
    target = Target(path, shown(path, Path.cwd()), explicit=True)
    sources[target.shown] = sys.stdin.buffer.read()
    return Found([target])


def lint_all(
    found: Found,
    settings: Settings,
    rules: Sequence[Rule],
    sources: Mapping[str, bytes],
    quiet: bool,
    only: Container[str] | None = None,
) -> Run:
    """Lint the files that were found, or `only` some of them, with a progress bar where that takes long."""
    from dataclasses import replace

    from alloclint import engine
    from alloclint.cardinality.sidecar import beside
    from alloclint.passes import collect_rarely

    collect_rarely()
    sidecar = beside(settings)
    bar = terminal.Bar(quiet)
    try:
        done = engine.run(
            found.targets, settings, rules, bar, cardinalities=sidecar, sources=sources, only=only
        )
    finally:
        bar.close()
    return replace(done, notes=(*found.notes, *done.notes))


def tell(notes: Sequence[Note], quiet: bool) -> None:
    """Each note once: what happened alike in many files is told for the first and counted for the others."""
    alike: dict[tuple[bool, str], list[str]] = {}
    for note in notes:
        alike.setdefault((note.failed, note.message), []).append(note.path)
    for (failed, message), paths in alike.items():
        if failed or not quiet:
            first = f"{paths[0]}: " if paths[0] else ""
            others = f" (and in {len(paths) - 1} more files)" if len(paths) > 1 else ""
            terminal.tell(f"{'error' if failed else 'note'}: {first}{message}{others}")


def _exit_code(done: Run, settings: Settings) -> int:
    if done.failed:
        return 2
    return 1 if done.shown(settings.min_severity) and not settings.exit_zero else 0
