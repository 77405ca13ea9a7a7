"""A runtime unit: one program as it is started, with everything that decides which allocator it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project.image.stage import Stage
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.environment import Environment
from alloclint.project.token import Token

Kind = Literal["image", "compose", "kubernetes", "systemd", "shell", "workflow"]


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
