"""
A pom.xml as it is written: what parents, properties and management decide is left to `builds`.

Of profiles only those count that are active by default; the others depend on who builds.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from alloclint.project import xml
from alloclint.project.jvm.module import Artifact, JvmModule, Parent
from alloclint.project.token import Source, Token
from alloclint.project.xml import Element

#: Plugins that are there to make or start a program.
_STARTING = frozenset(
    {
        "spring-boot-maven-plugin", "jib-maven-plugin", "quarkus-maven-plugin", "appassembler-maven-plugin",
        "micronaut-maven-plugin", "helidon-maven-plugin", "launch4j-maven-plugin", "native-maven-plugin",
    }
)  # fmt: skip
#: Plugins that make a program if they are told a main class.
_WITH_MAIN = frozenset(
    {"maven-shade-plugin", "maven-assembly-plugin", "maven-jar-plugin", "exec-maven-plugin",
     "maven-war-plugin", "onejar-maven-plugin"}
)  # fmt: skip
_MAIN = frozenset({"mainClass", "Main-Class"})
_PROGRAMS = frozenset({"war", "ear", "native-image", "quarkus"})
#: The properties that state the Java release, as the compiler plugin lets one win over the next.
RELEASES = ("maven.compiler.release", "maven.compiler.source", "maven.compiler.target", "java.version")


def read(source: Source) -> JvmModule | None:
    """A module, or None for XML that is no Maven project."""
    root = xml.read(source)
    if root is None or root.tag != "project":
        return None
    parent, name = _parent(root, source.path), root.value("artifactId")
    parts = [root, *_default_profiles(root)]
    used = [plugin for part in parts for plugin in part.all("build/plugins/plugin")]
    managed = [plugin for part in parts for plugin in part.all("build/pluginManagement/plugins/plugin")]
    packaging = root.string("packaging") or "jar"
    return JvmModule(
        path=source.path,
        folder=posixpath.dirname(source.path),
        name=name.text if name is not None else "",
        release=None,
        dependencies=tuple(_artifacts(parts, "dependencies/dependency")),
        plugins=frozenset(_id(plugin) for plugin in used if not _is_skipped(plugin)),
        runnable=True if packaging in _PROGRAMS or any(map(_starts, used)) else None,
        modules=tuple(one.content for part in parts for one in part.all("modules/module") if one.content),
        place=name.place if name is not None else root.place,
        group=root.string("groupId") or (parent.group if parent is not None else ""),
        version=root.string("version") or root.string("parent/version") or None,
        packaging=packaging,
        parent=parent,
        properties=tuple(_properties(parts, [*managed, *used])),
        managed=tuple(_artifacts(parts, "dependencyManagement/dependencies/dependency")),
        mains=frozenset(_id(plugin) for plugin in managed if _has_main(plugin)),
    )


def makes_program(plugins: frozenset[str], mains: frozenset[str]) -> bool:
    """Whether plugins that a module uses make a program, given those that its parents tell a main class."""
    return bool(plugins & (_STARTING | (mains & _WITH_MAIN)))


def _parent(root: Element, path: str) -> Parent | None:
    parent = root.one("parent")
    if parent is None:
        return None
    relative = parent.one("relativePath")
    # An empty path tells Maven to look in the repository only.
    stated = "../pom.xml" if relative is None else relative.content
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), stated)) if stated else None
    return Parent(parent.string("groupId"), parent.string("artifactId"), found)


def _default_profiles(root: Element) -> Iterator[Element]:
    for profile in root.all("profiles/profile"):
        if profile.string("activation/activeByDefault") == "true":
            yield profile


def _artifacts(parts: list[Element], path: str) -> Iterator[Artifact]:
    for part in parts:
        for entry in part.all(path):
            name = entry.value("artifactId")
            if name is not None:
                yield _artifact(entry, name)


def _artifact(entry: Element, name: Token) -> Artifact:
    return Artifact(
        group=entry.string("groupId"),
        name=name.text,
        version=entry.string("version") or None,
        # An unwritten scope may be managed; what stands for tests by its type has none of its own.
        scope="test" if entry.string("type") == "test-jar" else entry.string("scope"),
        place=name.place,
        excludes=tuple(
            f"{one.string('groupId') or '*'}:{one.string('artifactId') or '*'}"
            for one in entry.all("exclusions/exclusion")
        ),
        optional=entry.string("optional") == "true",
    )


def _properties(parts: list[Element], plugins: list[Element]) -> Iterator[tuple[str, Token]]:
    for part in parts:
        for entry in part.all("properties"):
            yield from ((one.tag, one.text) for one in entry.children if one.text is not None)
    for plugin in plugins:
        # What is told to the compiler itself wins over the properties.
        if _id(plugin) == "maven-compiler-plugin":
            for tag in ("target", "source", "release"):
                stated = plugin.value(f"configuration/{tag}")
                if stated is not None and not re.fullmatch(r"\$\{maven\.compiler\.\w+\}", stated.text):
                    yield f"maven.compiler.{tag}", stated


def _id(plugin: Element) -> str:
    return plugin.string("artifactId")


def _is_skipped(plugin: Element) -> bool:
    return plugin.string("configuration/skip") == "true"


def _starts(plugin: Element) -> bool:
    if _is_skipped(plugin):
        return False
    return _id(plugin) in _STARTING or (_id(plugin) in _WITH_MAIN and _has_main(plugin))


def _has_main(plugin: Element) -> bool:
    return any(one.tag in _MAIN and one.content for one in plugin.below())
