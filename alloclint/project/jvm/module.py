"""A module of a Java build: its dependencies, release and what it is packaged as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project.token import Token


@dataclass(frozen=True, slots=True)
class Artifact:
    """
    A dependency, `group:name`. `scope` is Maven's word for it, also for Gradle (`compile`, `runtime`, `test`,
    `provided`). `version` is None where it is not written as a literal.

    `excludes` are what it must not bring, as `group:name` with `*` for any. `through` are the paths of the
    build files of the repository's own modules by which it comes, nearest first: of what comes so, only what
    has native code is listed.
    """

    group: str
    name: str
    version: str | None
    scope: str
    place: Place
    excludes: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    optional: bool = False

    @property
    def key(self) -> str:
        return f"{self.group}:{self.name}"

    @property
    def is_shipped(self) -> bool:
        """Whether it is there when the program runs, as far as the build says."""
        return self.scope in ("compile", "runtime")


@dataclass(frozen=True, slots=True)
class Parent:
    """Maven's `<parent>`; `path` is the file it is looked for, None where only a repository may have it."""

    group: str
    name: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """
    A dependency that another file explains: `catalog` an alias of a version catalog (`rocksdb.jni` of
    `libs.rocksdb.jni`), `bundle` one of its bundles, `plugin` one of its plugins, `project` a module of the
    same build (`:store:api`).
    """

    kind: Literal["catalog", "bundle", "plugin", "project"]
    name: str
    scope: str
    place: Place
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """
    A `libs.versions.toml`, with aliases as build files say them (`rocksdb.jni` for `rocksdb-jni`): libraries,
    bundles of aliases, and ids of plugins.
    """

    path: str
    libraries: tuple[tuple[str, Artifact], ...] = ()
    bundles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    plugins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class JvmModule:
    """
    A pom.xml, build.gradle or build.gradle.kts with what it has from parents inside the repository.

    `runnable` is evidence that it makes a program (a main class, `application`, Spring Boot, shade with a
    main class, jib), None without any. `plugins` are the ids of build plugins.

    The readers leave what other files decide as it is written, `builds.modules` settles it: `parent`,
    `properties`, `managed` (versions, scopes and exclusions that are stated for others), `references`,
    `below` (what a Gradle build states for the modules under it), `mains` (plugins that are configured with a
    main class where they are only managed).
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
    tool: Literal["maven", "gradle"] = "maven"
    group: str = ""
    version: str | None = None
    packaging: str = "jar"
    parent: Parent | None = None
    properties: tuple[tuple[str, Token], ...] = ()
    managed: tuple[Artifact, ...] = ()
    references: tuple[Reference, ...] = ()
    below: tuple[Artifact | Reference, ...] = ()
    plugins_below: frozenset[str] = frozenset()
    mains: frozenset[str] = frozenset()

    def shipped(self) -> Iterator[Artifact]:
        """The dependencies that are there when the program runs."""
        return (one for one in self.dependencies if one.is_shipped)
