"""Native libraries in Java programs: which dependencies load one, and which units start the JVM that does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename
from typing import Any

from alloclint.project import known
from alloclint.project.jvm.builds import is_excluded
from alloclint.project.jvm.module import Artifact, JvmModule
from alloclint.project.known import JvmLibrary
from alloclint.project.runtime import launchers
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.unit import Unit

_ROCKSDB = frozenset({"org.rocksdb:rocksdbjni", "com.ververica:frocksdbjni"})


@dataclass(frozen=True, slots=True)
class Native:
    """A dependency that ships with a program, and the native library that it loads."""

    library: JvmLibrary
    artifact: Artifact

    @property
    def is_rocksdb(self) -> bool:
        return not _ROCKSDB.isdisjoint({self.key, self.library.brings})

    @property
    def key(self) -> str:
        return f"{self.library.group}:{self.library.name}"

    @property
    def is_glibc_only(self) -> bool:
        """Whether no release has a library for musl, as far as jars were opened."""
        return bool(self._entry.get("glibc_only", False))

    @property
    def since_on_musl(self) -> str | None:
        """The first version with a library for musl on amd64, as it is written."""
        since: str | None = self._entry.get("musl", {}).get("x86_64")
        return since

    @property
    def _entry(self) -> dict[str, Any]:
        entries: list[dict[str, Any]] = known.table("jvm", "libraries")
        return next(one for one in entries if one["artifact"] == self.key)


def natives(module: JvmModule) -> Iterator[Native]:
    """
    The native libraries among what a module ships, those that it excludes apart; a dependency on the library
    itself comes before one that brings it.
    """
    found = []
    for artifact in module.shipped():
        library = known.jvm_libraries().get((artifact.group, artifact.name))
        if library is not None and not artifact.optional and not _is_left_out(library, artifact):
            found.append(Native(library, artifact))
    yield from sorted(found, key=lambda one: one.library.brings is not None)


def _is_left_out(library: JvmLibrary, artifact: Artifact) -> bool:
    if library.brings is None:
        return False
    group, _, name = library.brings.partition(":")
    return is_excluded(Artifact(group, name, None, "", artifact.place), artifact.excludes)


def java_command(unit: Unit, module: JvmModule) -> Command | None:
    """
    The command of a unit that starts the JVM: `java` itself, also at the end of its start script, or the
    start script that Gradle's `application` makes for the module.
    """
    return next(
        (one for one in reversed(unit.commands) if _is_java(one) or _is_script(one, unit, module)), None
    )


def _is_java(command: Command) -> bool:
    words = launchers.program(command.words)
    return bool(words) and basename(words[0].text) in ("java", "${JAVA_HOME}/bin/java")


def _is_script(command: Command, unit: Unit, module: JvmModule) -> bool:
    words = launchers.program(command.words)
    is_there = unit.stage is not None and "java" in unit.stage.base.brings
    is_made = "application" in module.plugins or "appassembler-maven-plugin" in module.plugins
    return is_there and is_made and bool(words) and words[0].text.endswith(f"bin/{module.name}")


def jvm_flag(unit: Unit, name: str) -> bool:
    """Whether a unit passes a flag to its JVM, by its command, a script's, or any variable."""
    texts = [one.text for one in unit.commands]
    texts += [variable.value.text for variable in unit.environment.variables]
    return any(name in text for text in texts)
