"""A module of a Java build: its dependencies, release and what it is packaged as."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.finding import Place


@dataclass(frozen=True, slots=True)
class Artifact:
    """
    A dependency, `group:name`. `scope` is Maven's word for it, also for Gradle (`compile`, `runtime`, `test`,
    `provided`). `version` is None where it is not written as a literal.
    """

    group: str
    name: str
    version: str | None
    scope: str
    place: Place


@dataclass(frozen=True, slots=True)
class JvmModule:
    """
    A pom.xml, build.gradle or build.gradle.kts with what it has from parents inside the repository.

    `runnable` is evidence that it makes a program (a main class, `application`, Spring Boot, shade with a main
    class, jib), None without any. `plugins` are the ids of build plugins.
    """

    path: str
    folder: str
    name: str
    release: int | None
    dependencies: tuple[Artifact, ...] = ()
    plugins: frozenset[str] = frozenset()
    runnable: bool | None = None
    modules: tuple[str, ...] = ()
    place: Place | None = None
