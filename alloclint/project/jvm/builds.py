"""
The modules of a repository with all that its other files say of them.

Maven: properties, plugins, dependencies and management of parents that are in the repository. Gradle: version
catalogs, and what a build states for the modules below it. Both: what comes by the repository's own modules.
What only a remote repository knows, such as a BOM, is unknown.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from alloclint.project import known
from alloclint.project.jvm import gradle, maven
from alloclint.project.jvm.module import Artifact, Catalog, JvmModule, Reference

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
#: How deep parents and references may be nested before they are taken for a loop.
_DEPTH = 16


class Part(Protocol):
    """What one file contributes."""

    @property
    def value(self) -> object: ...


def modules(parts: Iterable[Part]) -> tuple[JvmModule, ...]:
    """Every module of the repository, in the order of the parts."""
    values = [part.value for part in parts]
    read = [one for one in values if isinstance(one, JvmModule)]
    poms = _Poms([one for one in read if one.tool == "maven"])
    scripts = _Scripts(
        [one for one in read if one.tool == "gradle"], [one for one in values if isinstance(one, Catalog)]
    )
    settled = [poms.settled(one) if one.tool == "maven" else scripts.settled(one) for one in read]
    return tuple(_with_own(settled))


# ---------------------------------------------------------------- Maven


class _Poms:
    """The poms of a repository, by their paths."""

    def __init__(self, poms: Sequence[JvmModule]) -> None:
        self.by_path = {one.path: one for one in poms}
        #: of each pom what it manages, by name as written; a parent's is asked for by all its children
        self._by_name: dict[str, dict[str, list[Artifact]]] = {}

    def settled(self, pom: JvmModule) -> JvmModule:
        chain = list(self._chain(pom))
        properties = self._properties(chain)
        # A child states a dependency anew to change it: the nearest wins.
        stated = {
            (entry.group, entry.name): entry
            for one in reversed(chain)
            for entry in (_filled(entry, properties) for entry in one.dependencies)
        }
        plugins = frozenset[str]().union(*(one.plugins for one in chain))
        mains = frozenset[str]().union(*(one.mains for one in chain))
        return replace(
            pom,
            dependencies=tuple(
                _managed(entry, self._management(entry, chain, properties)) for entry in stated.values()
            ),
            plugins=plugins,
            runnable=self._runnable(pom, plugins, mains),
            release=_release(properties),
            version=_settled(pom.version, properties),
        )

    def _management(
        self, entry: Artifact, chain: Sequence[JvmModule], properties: dict[str, str]
    ) -> Artifact | None:
        """What the nearest pom states for a dependency wherever it is used."""
        for one in chain:
            by_name = self._managed_by(one)
            for candidate in (*by_name.get(entry.name, ()), *by_name.get("", ())):
                filled = _filled(candidate, properties)
                if filled.key == entry.key:
                    return filled
        return None

    def _managed_by(self, pom: JvmModule) -> dict[str, list[Artifact]]:
        """By name; under the empty one those whose names are made of properties."""
        if pom.path not in self._by_name:
            found: dict[str, list[Artifact]] = {}
            for entry in pom.managed:
                found.setdefault("" if "${" in entry.name else entry.name, []).append(entry)
            self._by_name[pom.path] = found
        return self._by_name[pom.path]

    def _runnable(self, pom: JvmModule, plugins: frozenset[str], mains: frozenset[str]) -> bool | None:
        if pom.packaging == "pom":
            return None
        return pom.runnable or maven.makes_program(plugins, mains) or None

    def _chain(self, pom: JvmModule) -> Iterator[JvmModule]:
        """The pom and its parents in the repository, nearest first."""
        one: JvmModule | None = pom
        for _ in range(_DEPTH):
            if one is None:
                return
            yield one
            one = self._parent(one)

    def _parent(self, pom: JvmModule) -> JvmModule | None:
        if pom.parent is None or pom.parent.path is None:
            return None
        path = pom.parent.path
        found = self.by_path.get(path) or self.by_path.get(posixpath.normpath(f"{path}/pom.xml"))
        # What lies at the path counts only if it is what is named.
        return found if found is not None and found is not pom and found.name == pom.parent.name else None

    def _properties(self, chain: Sequence[JvmModule]) -> dict[str, str]:
        found = {name: token.text for one in reversed(chain) for name, token in one.properties}
        nearest = chain[0]
        for prefix in ("project.", "pom.", ""):
            found.setdefault(f"{prefix}version", nearest.version or "")
            found.setdefault(f"{prefix}groupId", nearest.group)
        if nearest.parent is not None and len(chain) > 1:
            found.setdefault("project.parent.version", chain[1].version or "")
            found.setdefault("project.parent.groupId", chain[1].group)
        return {name: text for name, text in found.items() if text}


def _filled(entry: Artifact, properties: dict[str, str]) -> Artifact:
    """With properties in place of their names; a version that has none is None."""
    group, name = (_settled(text, properties) or text for text in (entry.group, entry.name))
    scope = _settled(entry.scope, properties) or ""
    return replace(entry, group=group, name=name, version=_settled(entry.version, properties), scope=scope)


def _settled(text: str | None, properties: dict[str, str]) -> str | None:
    for _ in range(_DEPTH):
        if text is None or "${" not in text:
            return text
        found = _REFERENCE.search(text)
        value = properties.get(found[1]) if found is not None else None
        if found is None or value is None or len(text) > 500:
            return None
        text = text[: found.start()] + value + text[found.end() :]
    return None


def _managed(entry: Artifact, found: Artifact | None) -> Artifact:
    if found is None:
        return replace(entry, scope=entry.scope or "compile")
    return replace(
        entry,
        version=entry.version or found.version,
        scope=entry.scope or found.scope or "compile",
        excludes=(*entry.excludes, *found.excludes),
    )


def _release(properties: dict[str, str]) -> int | None:
    for name in maven.RELEASES:
        text = _settled(properties.get(name), properties)
        match = re.fullmatch(r"(?:1\.)?(\d{1,2})", text or "")
        if match is not None:
            return int(match[1])
    return None


# ---------------------------------------------------------------- Gradle


class _Scripts:
    """The Gradle scripts of a repository, and the catalogs that hold for them."""

    def __init__(self, scripts: Sequence[JvmModule], catalogs: Sequence[Catalog]) -> None:
        self.by_folder = {one.folder: one for one in scripts}
        self.catalogs = {posixpath.normpath(one.path): one for one in catalogs}

    def settled(self, script: JvmModule) -> JvmModule:
        catalog = self._catalog_of(script.folder)
        above = [self.by_folder[one] for one in _above(script.folder) if one in self.by_folder]
        entries = [*script.dependencies, *(entry for one in above for entry in one.below)]
        entries += script.references
        plugins = script.plugins.union(*(one.plugins_below for one in above))
        plugins |= {id_ for one in script.references if one.kind == "plugin" for id_ in _plugin(one, catalog)}
        return replace(
            script,
            dependencies=tuple(found for entry in entries for found in _resolved(entry, catalog)),
            plugins=frozenset(plugins),
            runnable=script.runnable or bool(plugins & gradle.STARTING) or None,
            references=tuple(one for one in script.references if one.kind == "project")
            + tuple(
                one
                for module in above
                for one in module.below
                if isinstance(one, Reference) and one.kind == "project"
            ),
        )

    def _catalog_of(self, folder: str) -> Catalog | None:
        """The catalog of the build that a folder belongs to: the nearest one above."""
        for above in (folder, *_above(folder)):
            path = posixpath.join(above, "gradle/libs.versions.toml")
            if path in self.catalogs:
                return self.catalogs[path]
        return None


def _above(folder: str) -> Iterator[str]:
    """The folders above one, nearest first; the working directory is the last."""
    while folder and folder != posixpath.dirname(folder):
        folder = posixpath.dirname(folder)
        yield folder


def _resolved(entry: Artifact | Reference, catalog: Catalog | None) -> Iterator[Artifact]:
    if isinstance(entry, Artifact):
        yield entry
        return
    if catalog is None or entry.kind not in ("catalog", "bundle"):
        return
    libraries = dict(catalog.libraries)
    names: tuple[str, ...] = (entry.name,)
    if entry.kind == "bundle":
        names = dict(catalog.bundles).get(_alias(entry.name), ())
    for name in names:
        # `libs.x.get()` is the same as `libs.x`.
        library = libraries.get(_alias(name))
        if library is not None:
            yield replace(library, scope=entry.scope, place=entry.place, excludes=entry.excludes)


def _alias(name: str) -> str:
    return re.sub("[-_]", ".", name).removesuffix(".get")


def _plugin(reference: Reference, catalog: Catalog | None) -> Iterator[str]:
    found = dict(catalog.plugins).get(_alias(reference.name)) if catalog is not None else None
    if found is not None:
        yield found


# ---------------------------------------------------------------- the repository's own modules


def _with_own(settled: Sequence[JvmModule]) -> Iterator[JvmModule]:
    """
    With the libraries that they get by other modules of the repository: those with native code, for nobody
    asks for more, and all of them would be very many.
    """
    brought = _Own(settled).brought()
    for module in settled:
        yield replace(module, dependencies=(*module.dependencies, *brought.get(module.path, {}).values()))


class _Own:
    """Which modules of the repository use which others."""

    def __init__(self, settled: Sequence[JvmModule]) -> None:
        self.settled = settled
        self.by_name = {(one.group, one.name): one for one in settled if one.tool == "maven"}
        self.by_folder = {one.folder: one for one in settled if one.tool == "gradle"}
        #: of each module, by path, those that ship with it, and what they leave out of it
        self.users: dict[str, list[tuple[JvmModule, tuple[str, ...]]]] = {}
        for module in settled:
            for used, excludes in self._used(module):
                self.users.setdefault(used.path, []).append((module, excludes))

    def brought(self) -> dict[str, dict[str, Artifact]]:
        """By path and artifact what comes by own modules, by the shortest way."""
        found: dict[str, dict[str, Artifact]] = {}
        libraries = known.jvm_libraries()
        for module in self.settled:
            for entry in module.shipped():
                if (entry.group, entry.name) in libraries and not entry.optional:
                    self._hand_on(entry, module, found)
        return found

    def _hand_on(self, entry: Artifact, source: JvmModule, found: dict[str, dict[str, Artifact]]) -> None:
        """Upwards to all that use a module, unless they leave the artifact out or state it themselves."""
        seen = {source.path}
        level = [(source, entry)]
        for _ in range(_DEPTH):
            following = []
            for module, held in level:
                for user, excludes in self.users.get(module.path, ()):
                    if user.path in seen or is_excluded(entry, excludes):
                        continue
                    seen.add(user.path)
                    way = (module.path, *held.through)
                    handed = replace(held, through=way, excludes=(*held.excludes, *excludes))
                    found.setdefault(user.path, {}).setdefault(entry.key, handed)
                    following.append((user, handed))
            level = following

    def _used(self, module: JvmModule) -> Iterator[tuple[JvmModule, tuple[str, ...]]]:
        for entry in module.shipped():
            used = self.by_name.get((entry.group, entry.name))
            if used is not None and not entry.optional:
                yield used, entry.excludes
        for reference in module.references:
            if reference.scope in ("compile", "runtime") and (used := self._project(reference.name, module)):
                yield used, reference.excludes

    def _project(self, name: str, module: JvmModule) -> JvmModule | None:
        """`:a:b` is the folder `a/b` of the build that the module belongs to, however it is spelled."""
        path = name.strip(":").replace(":", "/")
        for above in _above(module.folder):
            found = self.by_folder.get(posixpath.join(above, path))
            if found is not None:
                return found
        return None


def is_excluded(entry: Artifact, excludes: Iterable[str]) -> bool:
    """Whether one of `group:name`, with `*` for any, means an artifact."""
    for one in excludes:
        group, _, name = one.partition(":")
        if group in ("*", entry.group) and name in ("*", entry.name):
            return True
    return False
