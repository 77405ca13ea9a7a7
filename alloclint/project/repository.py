"""
Everything that the manifests and images of a repository say together: what the allocator rules look at.

`merge` is pure. It puts the parts of single files together; `alloclint/project/linking.py` says which
programs run in which images, `alloclint/project/contents.py` what of this repository is built into an image.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from alloclint.project import contents
from alloclint.project.cargo.builds import turned_on
from alloclint.project.cargo.config import CargoConfig
from alloclint.project.cargo.lock import Lock
from alloclint.project.cargo.manifest import Manifest
from alloclint.project.cargo.workspace import Package, packages
from alloclint.project.image.stage import Stage
from alloclint.project.jvm import builds
from alloclint.project.jvm.module import JvmModule
from alloclint.project.linking import linked
from alloclint.project.python.builds import PythonBuild
from alloclint.project.runtime import build_targets
from alloclint.project.runtime.build_targets import BuildTarget
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.allocators import RustSource
from alloclint.project.rust.crates import Crate, crates

if TYPE_CHECKING:
    from alloclint.project.parts import Part

T = TypeVar("T")


@dataclass(frozen=True)
class Repository:
    """
    All parts merged. `files` are the paths of every file of the run, `parts` those of the manifests by kind.

    What is built and what runs are linked as far as that is certain: `crate_in`, `module_in`.
    """

    packages: tuple[Package, ...] = ()
    crates: tuple[Crate, ...] = ()
    configs: tuple[CargoConfig, ...] = ()
    stages: tuple[Stage, ...] = ()
    units: tuple[Unit, ...] = ()
    modules: tuple[JvmModule, ...] = ()
    targets: tuple[BuildTarget, ...] = ()
    python_builds: tuple[PythonBuild, ...] = ()
    files: frozenset[str] = frozenset()
    parts: tuple[Part, ...] = field(default=(), repr=False)

    @cached_property
    def programs(self) -> tuple[Crate, ...]:
        """The crates that are programs."""
        return tuple(crate for crate in self.crates if crate.is_program)

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """What runs when images are built, and what units start, each text once."""
        texts = {run.script for stage in self.stages for run in stage.runs}
        texts.update(command.text for unit in self.units for command in unit.starts)
        return tuple(sorted(texts))

    @cached_property
    def features_on(self) -> Mapping[str, frozenset[str]]:
        """The features that builds turn on, by the name of the package."""
        return turned_on(self.packages, self.scripts)

    def crate_in(self, unit: Unit) -> Crate | None:
        """
        The program of this repository that a unit runs: by the name of what is started, copied or built, or
        because there is only one and the image builds with Cargo. `unit` is one of `units`.
        """
        return self._crates_in[id(unit)]

    @cached_property
    def _crates_in(self) -> dict[int, Crate | None]:
        # By identity, for a unit is compared and hashed with all that it holds.
        return {id(unit): contents.crate_in(unit, self.programs) for unit in self.units}

    def module_in(self, unit: Unit) -> JvmModule | None:
        """
        The Java module of this repository that a unit runs: the one whose folder the image copies from, the
        nearest one above the Dockerfile, or the only one that makes a program.
        """
        return contents.module_in(unit, self.modules)

    def units_of(self, crate: Crate) -> list[Unit]:
        """The units that run a crate."""
        return [unit for unit in self.units if self.crate_in(unit) is crate]


def merge(parts: Iterable[Part], files: Collection[str]) -> Repository:
    """The repository that some parts make up; `files` are the paths of all files, Rust sources included."""
    parts = tuple(sorted(parts, key=lambda part: part.path))
    everything = list(_values(parts))
    stages = _of(everything, Stage)
    cargo = packages(_of(everything, Manifest), _of(everything, Lock), files)
    return Repository(
        packages=tuple(cargo),
        crates=crates(cargo, _of(everything, RustSource), files),
        configs=tuple(_of(everything, CargoConfig)),
        stages=tuple(stages),
        units=tuple(linked(_of(everything, Unit), stages)),
        modules=builds.modules(parts),
        targets=tuple(build_targets.of(parts)),
        python_builds=tuple(_of(everything, PythonBuild)),
        files=frozenset(files),
        parts=parts,
    )


def _values(parts: Iterable[Part]) -> Iterator[object]:
    for part in parts:
        if isinstance(part.value, tuple):
            yield from part.value
        else:
            yield part.value


def _of(values: Iterable[object], kind: type[T]) -> list[T]:
    return [value for value in values if isinstance(value, kind)]
