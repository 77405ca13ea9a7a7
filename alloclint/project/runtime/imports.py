"""
Units with what other files add to them: dotenv files, ConfigMaps, services extended over files, drop-ins.

`resolved` is pure and comes before images are linked: all of this is stronger than what an image sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.unit import Unit

#: How far `extends` is followed from file to file; a ring of files ends here.
_FURTHEST = 8


def resolved(units: Sequence[Unit]) -> list[Unit]:
    """
    The units that run something, with their imports replaced by assignments. What is not found in these files
    leaves a unit `unseen`.
    """
    known = _Known(units)
    services = [unit for unit in units if unit.kind != "variables" and not unit.drop_in]
    titles = {unit.name for unit in services if unit.kind == "systemd"}
    alone = [unit for unit in units if unit.drop_in and unit.name not in titles]
    return [_complete(unit, known) for unit in (*services, *alone)]


def _complete(unit: Unit, known: _Known) -> Unit:
    unit = known.extended(unit)
    if unit.kind == "systemd" and not unit.drop_in:
        for addition in known.drop_ins(unit):
            unit = _over(unit, addition)
    before: list[Variable] = []
    after: list[Variable] = []
    unseen = unit.unseen
    for one in unit.imports:
        found = known.variables(one.origin)
        unseen = unseen or found is None
        if one.key is None:
            before += found or ()
        else:
            after += (
                replace(entry, name=one.variable or "", place=one.place)
                for entry in found or ()
                if entry.name == one.key
            )
    return replace(
        unit,
        environment=Environment((*before, *unit.environment.variables, *after)),
        imports=(),
        unseen=unseen,
    )


def _over(base: Unit, upper: Unit) -> Unit:
    """`upper` on top of what it extends."""
    return replace(
        base,
        name=upper.name if not upper.drop_in else base.name,
        path=upper.path if not upper.drop_in else base.path,
        place=upper.place if not upper.drop_in else base.place,
        environment=base.environment.then(*upper.environment.variables),
        command=upper.command or base.command,
        entrypoint=upper.entrypoint or base.entrypoint,
        arguments=upper.arguments or base.arguments,
        starts=upper.starts or base.starts,
        image=upper.image or base.image,
        build=upper.build or base.build,
        memory=upper.memory or base.memory,
        cpus=upper.cpus or base.cpus,
        purpose=upper.purpose,
        builds=upper.builds or base.builds,
        imports=(*base.imports, *upper.imports),
        unseen=base.unseen or upper.unseen,
        pinned=base.pinned or upper.pinned,
        extends=None,
    )


class _Known:
    """What units may ask for, by its name; a name that stands in two files answers nothing."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._variables: dict[str, tuple[Variable, ...] | None] = {}
        self._services: dict[tuple[str, str], Unit] = {}
        self._drop_ins: dict[str, list[Unit]] = {}
        for unit in units:
            if unit.kind == "variables":
                twice = unit.name in self._variables
                self._variables[unit.name] = None if twice else unit.environment.variables
            elif unit.kind == "compose":
                self._services[unit.path, unit.name] = unit
            elif unit.drop_in:
                self._drop_ins.setdefault(unit.name, []).append(unit)

    def variables(self, origin: str) -> tuple[Variable, ...] | None:
        return self._variables.get(origin)

    def drop_ins(self, unit: Unit) -> Iterator[Unit]:
        """Those beside the service, in the order in which systemd reads them."""
        folder = f"{unit.path}.d/"
        beside = [one for one in self._drop_ins.get(unit.name, ()) if one.path.startswith(folder)]
        yield from sorted(beside, key=lambda one: one.path)

    def extended(self, unit: Unit) -> Unit:
        """A compose service on top of those of other files."""
        chain = [unit]
        while chain[-1].extends is not None and len(chain) < _FURTHEST:
            path, service = chain[-1].extends
            base = self._services.get((path or chain[-1].path, service))
            if base is None or base in chain:
                return replace(_folded(chain), unseen=True)
            chain.append(base)
        return _folded(chain)


def _folded(chain: list[Unit]) -> Unit:
    whole = chain[-1]
    for upper in reversed(chain[:-1]):
        whole = _over(whole, upper)
    return whole
