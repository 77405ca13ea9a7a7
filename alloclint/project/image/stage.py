"""One stage of a Dockerfile, with what it inherits from the stages it is built on."""

from __future__ import annotations

from dataclasses import dataclass, field

from alloclint.finding import Place
from alloclint.project.image.base import Base
from alloclint.project.image.starting import started
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.token import Token


@dataclass(frozen=True, slots=True)
class Package:
    """
    A package that a `RUN` installs: `apt`, `apk`, `dnf`, `pip` …, its name without a version; `$NAME` where
    that is not known. `group` is apk's name for packages that are removed together.
    """

    manager: str
    name: str
    place: Place
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """`COPY` or `ADD`. `origin` is the stage or image after `--from=`, None for the build context."""

    sources: tuple[str, ...]
    target: str
    origin: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Run:
    """
    A `RUN` instruction. `script` is its text as the shell gets it: without comments between its lines, with
    the body of its here-document. `exports` are the variables that it exports; the second item says whether
    anything after the export in the same `RUN` can see it: where that is False, it is lost. `installs` are
    packages that may have been removed since.
    """

    script: str
    place: Place
    exports: tuple[tuple[Variable, bool], ...] = ()
    installs: tuple[Package, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """
    A stage of a Dockerfile as it ends up: everything of the stages it is built on comes first.

    `base` is what is known of the image at the root of its chain; `reference` that image's name after `ARG`s.
    `ancestors` are the names of the stages it is built on. `environment` has `ENV` in order; `environment`
    never has `ARG`s. `final` says that this is what a plain build makes.
    """

    path: str
    name: str
    place: Place
    reference: Token
    base: Base
    final: bool
    platform: str | None = None
    ancestors: tuple[str, ...] = ()
    environment: Environment = field(default_factory=Environment)
    packages: tuple[Package, ...] = ()
    copies: tuple[Copy, ...] = ()
    runs: tuple[Run, ...] = ()
    entrypoint: Command | None = None
    cmd: Command | None = None

    @property
    def started(self) -> Command | None:
        """What a container of this image runs: the entry point with the default arguments, or None."""
        return started(self.entrypoint, self.cmd)
