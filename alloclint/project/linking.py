"""
Which programs run in which images: every unit with the environment that it really starts with.

An image that another unit runs, and a script that an image starts, are no units of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from posixpath import basename, join, normpath

from alloclint.project.image.base import name_and_tag
from alloclint.project.image.stage import Stage
from alloclint.project.image.starting import started
from alloclint.project.runtime import purpose
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.imports import resolved
from alloclint.project.runtime.unit import Unit


def linked(units: Sequence[Unit], stages: Sequence[Stage]) -> Iterator[Unit]:
    """Every program once: with what its image sets, and with what its start script exports."""
    units = resolved(units)
    linker = _Linker(units, stages)
    others = [linker.in_image(unit) for unit in units if unit.kind != "shell"]
    taken = {(unit.stage.path, unit.stage.name) for unit in others if unit.stage and not unit.purpose}
    images = [_image(one) for one in _targets(stages) if (one.path, one.name) not in taken]
    used: set[str] = set()
    for unit in (*others, *images):
        script = linker.script_of(unit)
        if script is not None:
            used.add(script.path)
        yield unit if script is None else _with_script(unit, script)
    yield from (unit for unit in units if unit.kind == "shell" and unit.path not in used)


def _targets(stages: Sequence[Stage]) -> Iterator[Stage]:
    """The stages that are images: the last of a file, and those that start something and feed no other."""
    used: set[tuple[str, str]] = set()
    for stage in stages:
        used.update((stage.path, name.lower()) for name in stage.ancestors)
        used.update((stage.path, copy.origin.lower()) for copy in stage.copies if copy.origin is not None)
    numbers: dict[str, int] = {}
    for stage in stages:
        number = numbers[stage.path] = numbers.get(stage.path, -1) + 1
        is_used = (stage.path, stage.name.lower()) in used or (stage.path, str(number)) in used
        if stage.final or (stage.started is not None and not is_used):
            yield stage


def _image(stage: Stage) -> Unit:
    return Unit(
        kind="image",
        name=stage.name,
        path=stage.path,
        place=stage.place,
        environment=stage.environment,
        command=stage.started,
        stage=stage,
        purpose=purpose.of(stage.path, stage.name),
    )


def _command(unit: Unit, stage: Stage) -> Command | None:
    """What runs when a unit overrides the entry point of its image, its arguments, or neither."""
    if unit.entrypoint is not None:
        # The default arguments belong to the entry point that is gone.
        return started(unit.entrypoint, unit.arguments)
    if unit.arguments is not None:
        return started(stage.entrypoint, unit.arguments)
    return unit.command or stage.started


def _with_script(unit: Unit, script: Unit) -> Unit:
    environment = unit.environment.then(*script.environment.variables)
    return replace(unit, environment=environment, command=_scripted(unit, script), starts=script.starts)


def _scripted(unit: Unit, script: Unit) -> Command | None:
    """What a script starts in the end; `exec "$@"` is what the unit says behind the script."""
    last, given = script.command, unit.command
    if last is None or given is None or not last.words or last.words[0].text != "$@":
        return last or given
    names = [basename(word.text) for word in given.words]
    at = names.index(basename(script.path)) + 1 if basename(script.path) in names else len(names)
    return replace(given, form="shell", words=given.words[at:]) if given.words[at:] else None


class _Linker:
    """Stages, scripts and names of images, each looked up at once: a repository may have thousands."""

    def __init__(self, units: Sequence[Unit], stages: Sequence[Stage]) -> None:
        self.units = units
        self.stages: dict[str, list[Stage]] = {}
        for stage in stages:
            self.stages.setdefault(stage.path, []).append(stage)
        self.scripts: dict[str, list[Unit]] = {}
        for unit in units:
            if unit.kind == "shell":
                self.scripts.setdefault(basename(unit.path), []).append(unit)

    def in_image(self, unit: Unit) -> Unit:
        """A unit with all that the image brings which it is built from."""
        stage = self._built(unit) if unit.build is not None else self._named(unit)
        if stage is None:
            return unit
        environment = stage.environment.then(*unit.environment.variables)
        return replace(unit, stage=stage, environment=environment, command=_command(unit, stage))

    def script_of(self, unit: Unit) -> Unit | None:
        """The start script of this repository that a unit runs, if only one has its name."""
        if unit.command is None:
            return None
        words = [word.text for word in unit.command.words[:3]]
        names = {basename(word) for word in words if word.endswith((".sh", ".bash")) or "entrypoint" in word}
        if unit.command.form == "script" and words:
            names.add(basename(words[0]))
        found = [script for name in sorted(names) for script in self.scripts.get(name, ())]
        return found[0] if len(found) == 1 else None

    def _built(self, unit: Unit) -> Stage | None:
        if unit.build is None:
            return None
        path = normpath(join(unit.build.context, unit.build.dockerfile or "Dockerfile"))
        target = unit.build.target
        fitting = (
            one for one in self.stages.get(path, ()) if (one.final if target is None else one.name == target)
        )
        return next(fitting, None)

    def _named(self, unit: Unit) -> Stage | None:
        """The image is built by another unit, which gives it the name that is used here."""
        found = self._makers.get(name_and_tag(unit.image.text)[0], []) if unit.image is not None else []
        return found[0] if len(found) == 1 else None

    @cached_property
    def _makers(self) -> dict[str, list[Stage]]:
        made: dict[str, dict[tuple[str, str], Stage]] = {}
        for unit in self.units:
            stage = self._built(unit) if unit.image is not None else None
            if unit.image is not None and stage is not None:
                made.setdefault(name_and_tag(unit.image.text)[0], {})[stage.path, stage.name] = stage
        return {name: list(stages.values()) for name, stages in made.items()}
