"""A runtime unit: one program as it is started, with everything that decides which allocator it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project.image import base as bases
from alloclint.project.image.base import Base
from alloclint.project.image.stage import Stage
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Environment
from alloclint.project.token import Token

#: build: what a Makefile, Cross.toml and the like make · options: a file of JVM flags · variables: a dotenv
#: file or a ConfigMap, which runs nothing by itself.
Kind = Literal[
    "image", "compose", "kubernetes", "systemd", "shell", "workflow", "build", "options", "variables"
]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a container: bytes of memory, or CPUs."""

    amount: float
    place: Place


@dataclass(frozen=True, slots=True)
class Build:
    """
    Which Dockerfile of this repository an image is built from. Paths are as shown; `dockerfile` and `target`
    are None for the usual ones.
    """

    context: str
    dockerfile: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class BuildTarget:
    """
    A platform that something is built for, with the evidence: a target triple, `linux/arm64` of an image, or
    the label of a runner. What the evidence does not tell is None. `libc` is `musl`, `gnu` or `msvc`.
    """

    evidence: Token
    os: str | None = None
    arch: str | None = None
    libc: str | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """
    Variables that are written elsewhere: `file:deploy/app.env` is a dotenv file as shown, `configmap:app` a
    ConfigMap of that name. With `variable`, only its entry `key` is taken, under that name.
    """

    origin: str
    place: Place
    key: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """
    One program as it runs: the final stage of an image, a compose service, a container of a pod, a systemd
    service, a start script, a job of a workflow.

    `environment` has what the image sets first, then what the unit adds. `stage` is the final stage of the
    image where it is built in this repository: found by `build`, or by the name in `image`. `command` is
    what is started after all overrides; None if it is not known. `purpose` is `test`, `dev`, `ci`, `debug`,
    `bench` or `build` where file, stage or profile are named so; None means production.
    """

    kind: Kind
    name: str
    path: str
    place: Place
    environment: Environment
    command: Command | None = None
    stage: Stage | None = None
    image: Token | None = None
    memory: Limit | None = None
    cpus: Limit | None = None
    purpose: str | None = None
    build: Build | None = None
    #: for a shell script: the programs it starts, in order; `command` is the last
    starts: tuple[Command, ...] = ()
    #: what overrides the entry point and the arguments of the image; `command` has both where they are known
    entrypoint: Command | None = None
    arguments: Command | None = None
    #: what a workflow, a Makefile, a cross configuration builds for
    builds: tuple[BuildTarget, ...] = ()
    #: variables from other files, which come before the unit's own; linking replaces them by assignments
    imports: tuple[Import, ...] = ()
    #: variables may be set where nobody can look: a secret, a file on the machine, a key that is not known
    unseen: bool = False
    #: the compose file (None: the same) and service whose settings hold where this unit says nothing
    extends: tuple[str | None, str] | None = None
    #: a systemd drop-in, which adds to the service of the same name
    drop_in: bool = False
    #: a container that runs to its end before the others start
    init: bool = False
    #: it has CPUs of its own (`cpuset`), which is what a program sees, unlike a limit of their time
    pinned: bool = False

    @property
    def commands(self) -> tuple[Command, ...]:
        """What a script starts on the way, and then the command itself."""
        return self.starts if self.command is None else (*self.starts, self.command)

    @property
    def base(self) -> Base | None:
        """What is known of the image that it runs in, built here or not; None where it names none."""
        if self.stage is not None:
            return self.stage.base
        return bases.of(self.image.text) if self.image is not None else None
