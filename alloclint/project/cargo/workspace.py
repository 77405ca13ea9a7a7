"""Packages with what they inherit from their workspace: what rules and the sources of a crate ask."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from alloclint.project.cargo.lock import Lock
from alloclint.project.cargo.manifest import Dependency, Manifest, Target, TargetKind
from alloclint.project.token import Token


@dataclass(frozen=True, slots=True)
class Package:
    """
    A package after inheritance. `root` is the folder of its workspace, or its own. `targets` are the declared
    ones and those found by custom (`src/main.rs`, `src/bin/*.rs` …), each with its name and its path. `lock`
    is the lock file that holds. `known` is False where it inherits from a workspace that was not found: then
    dependencies are missing details.
    """

    manifest: Manifest
    root: str
    dependencies: tuple[Dependency, ...]
    targets: tuple[Target, ...]
    lock: Lock | None = None
    publish: bool = True
    edition: int = 2015
    known: bool = True
    #: the crates that the workspace takes from elsewhere than the registry
    patched: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        assert self.manifest.name is not None
        return self.manifest.name.text

    @property
    def folder(self) -> str:
        return self.manifest.folder

    @property
    def library(self) -> Target | None:
        """Its library, if it has one."""
        return next((one for one in self.targets if one.kind == "lib"), None)

    def shown(self, target: Target) -> str:
        """The path of a target's first file, as shown."""
        return _join(self.folder, target.path or "")


def packages(
    manifests: Sequence[Manifest], locks: Iterable[Lock], files: Iterable[str]
) -> tuple[Package, ...]:
    """
    Every package among the manifests, in their order. `files` are the paths of the Rust files that are known:
    targets without an entry in the manifest are found among them.
    """
    roots = _Roots(manifests)
    locked = {lock.folder: lock for lock in locks}
    tree = _tree(files)
    return tuple(_package(one, roots.of(one), locked, tree) for one in manifests if one.is_package)


def _package(
    manifest: Manifest, root: Manifest | None, locked: dict[str, Lock], tree: dict[str, set[str]]
) -> Package:
    shared = {one.key.text: one for one in root.workspace_dependencies} if root is not None else {}
    dependencies, known = [], True
    for one in manifest.dependencies:
        source = shared.get(one.key.text) if one.inherits else None
        known = known and (source is not None or not one.inherits)
        dependencies.append(one if source is None or root is None else _inherit(one, source, root, manifest))
    folder = manifest.folder if root is None else root.folder
    stated = manifest.edition or ("edition" in manifest.inherits and root and root.workspace_edition) or 2015
    shared_publish = root.workspace_publish if root is not None and "publish" in manifest.inherits else None
    return Package(
        manifest,
        folder,
        tuple(dependencies),
        tuple(_targets(manifest, stated, tree)),
        locked.get(folder),
        manifest.publish and shared_publish is not False,
        stated,
        known,
        manifest.patched if root is None else root.patched,
    )


def _inherit(own: Dependency, shared: Dependency, root: Manifest, manifest: Manifest) -> Dependency:
    """
    An entry with `workspace = true`: features add up, and default features are the workspace's, unless the
    package turns them on.
    """
    path = shared.path
    if path is not None:
        path = posixpath.relpath(_join(root.folder, path) or ".", manifest.folder or ".")
    turned_on = own.states_default and own.default_features
    return replace(
        own,
        package=shared.package,
        requirement=shared.requirement,
        features=(*shared.features, *own.features),
        default_features=turned_on or shared.default_features,
        path=path,
        git=shared.git,
    )


def _join(folder: str, path: str) -> str:
    """A path inside a folder, without dots; empty for the working directory."""
    joined = posixpath.normpath(posixpath.join(folder, path)) if folder or path else ""
    return "" if joined == "." else joined


# ---------------------------------------------------------------- workspaces


class _Roots:
    """Which workspace a manifest belongs to, as Cargo looks for it: upwards, the first that admits it."""

    def __init__(self, manifests: Sequence[Manifest]) -> None:
        self.by_folder = {one.folder: one for one in manifests}
        self.members = {one.folder: self._members(one) for one in manifests if one.members is not None}

    def of(self, manifest: Manifest) -> Manifest | None:
        if manifest.members is not None:
            return manifest
        if manifest.workspace is not None:
            return self.by_folder.get(_join(manifest.folder, manifest.workspace))
        for folder in _above(manifest.folder):
            root = self.by_folder.get(folder)
            if root is None or root.members is None:
                continue
            if _excludes(root, manifest.folder):
                return None
            inherits = manifest.inherits or any(one.inherits for one in manifest.dependencies)
            return root if inherits or manifest.folder in self.members[folder] else None
        return None

    def _members(self, root: Manifest) -> set[str]:
        """The folders that globs name, and those that members reach by `path`, below the root."""
        globs = [_glob(_join(root.folder, one)) for one in root.members or ()]
        inside = f"{root.folder}/" if root.folder else ""
        below = self.by_folder if globs else ()
        pending = [root.folder, *(one for one in below if one.startswith(inside) and _matches(one, globs))]
        found: set[str] = set()
        while pending:
            folder = pending.pop()
            manifest = self.by_folder.get(folder)
            if manifest is None or folder in found or not f"{folder}/".startswith(inside):
                continue
            if folder != root.folder and _excludes(root, folder):
                continue
            found.add(folder)
            pending.extend(_paths(manifest, root))
        return found


def _paths(manifest: Manifest, root: Manifest) -> Iterator[str]:
    """The folders of path dependencies, those of the workspace included where they are inherited."""
    shared = {one.key.text: one.path for one in root.workspace_dependencies}
    for one in manifest.dependencies:
        inherited = shared.get(one.key.text) if one.inherits else None
        if inherited is not None:
            yield _join(root.folder, inherited)
        elif one.path is not None:
            yield _join(manifest.folder, one.path)


def _above(folder: str) -> Iterator[str]:
    above = posixpath.dirname(folder)
    while above != folder:
        yield above
        folder, above = above, posixpath.dirname(above)


def _excludes(root: Manifest, folder: str) -> bool:
    """A member that is named outright is not excluded by a folder above it."""
    named = any(_below(folder, _join(root.folder, one)) for one in root.members or () if "*" not in one)
    return not named and any(_below(folder, _join(root.folder, one)) for one in root.exclude)


def _below(folder: str, other: str) -> bool:
    return folder == other or folder.startswith(f"{other}/") or not other


def _matches(folder: str, globs: list[re.Pattern[str]]) -> bool:
    return any(glob.fullmatch(folder) for glob in globs)


@lru_cache(maxsize=1024)
def _glob(text: str) -> re.Pattern[str]:
    """A glob of members: `*` and `?` stay within one folder, `**` goes below."""
    parts = re.split(r"(\*\*/?|\*|\?|\[[^]]*\])", text)
    return re.compile("".join(_piece(one) for one in parts))


def _piece(part: str) -> str:
    if part.startswith("**"):
        return "(?:.*/)?" if part.endswith("/") else ".*"
    if part.startswith("[") and len(part) > 2:
        return (
            "["
            + ("^" if part[1] == "!" else "")
            + re.escape(part[1:-1].lstrip("!")).replace(r"\-", "-")
            + "]"
        )
    return {"*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))


# ---------------------------------------------------------------- targets

#: Where Cargo looks for targets that no manifest names: folder, and the key that switches it off.
_CUSTOM: tuple[tuple[TargetKind, str, str], ...] = (
    ("bin", "src/bin", "autobins"), ("test", "tests", "autotests"),
    ("bench", "benches", "autobenches"), ("example", "examples", "autoexamples"),
)  # fmt: skip


def _tree(files: Iterable[str]) -> dict[str, set[str]]:
    """The Rust files by folder. A folder with a `main.rs` stands in the folder above as `name/`."""
    tree: dict[str, set[str]] = {}
    for path in files:
        folder, name = posixpath.split(posixpath.normpath(path))
        tree.setdefault(folder, set()).add(name)
        if name == "main.rs" and folder:
            above, inner = posixpath.split(folder)
            tree.setdefault(above, set()).add(f"{inner}/")
    return tree


def _targets(manifest: Manifest, edition: int, tree: dict[str, set[str]]) -> Iterator[Target]:
    auto = dict(manifest.auto)
    yield from _library(manifest, auto, tree)
    for kind, folder, key in _CUSTOM:
        declared = [_placed(one, folder, manifest, tree) for one in manifest.targets if one.kind == kind]
        yield from declared
        # Up to 2015 one entry is taken for all of its kind.
        if auto.get(key, edition > 2015 or not declared):
            taken = {one.name.text for one in declared if one.name} | {one.path for one in declared}
            custom = _custom(kind, folder, manifest, tree)
            yield from (
                one for one in custom if one.path not in taken and one.name and one.name.text not in taken
            )
    yield from _script(manifest, tree)


def _library(manifest: Manifest, auto: dict[str, bool], tree: dict[str, set[str]]) -> Iterator[Target]:
    there = "lib.rs" in tree.get(_join(manifest.folder, "src"), ())
    declared = next((one for one in manifest.targets if one.kind == "lib"), None)
    name = _named(manifest, (manifest.name.text if manifest.name else "").replace("-", "_"))
    if declared is not None:
        # Before 2018 Cargo took `src/<name>.rs`, too; where nothing is known of files the usual place it is.
        yield replace(declared, name=declared.name or name, path=_clean(declared.path) or "src/lib.rs")
    elif there and auto.get("autolib", True):
        yield Target("lib", name, "src/lib.rs")


def _script(manifest: Manifest, tree: dict[str, set[str]]) -> Iterator[Target]:
    path = _clean(manifest.build.text) if manifest.build else None
    if path is None and not manifest.no_build and "build.rs" in tree.get(manifest.folder, ()):
        path = "build.rs"
    if path is not None:
        stem = posixpath.splitext(posixpath.basename(path))[0]
        yield Target("build", _named(manifest, f"build-script-{stem}"), path)


def _clean(path: str | None) -> str | None:
    return None if path is None else posixpath.normpath(path)


def _placed(target: Target, folder: str, manifest: Manifest, tree: dict[str, set[str]]) -> Target:
    """A declared target with its path: of a binary with the package's name it is `src/main.rs`."""
    if target.path is not None or target.name is None:
        return replace(target, path=_clean(target.path))
    name = target.name.text
    there = tree.get(_join(manifest.folder, folder), set())
    main = "main.rs" in tree.get(_join(manifest.folder, "src"), ())
    if f"{name}.rs" in there:
        return replace(target, path=f"{folder}/{name}.rs")
    if f"{name}/" in there:
        return replace(target, path=f"{folder}/{name}/main.rs")
    own = manifest.name is not None and name == manifest.name.text
    if target.kind == "bin" and (main or own):
        return replace(target, path="src/main.rs")
    return replace(target, path=f"{folder}/{name}.rs")


def _custom(kind: TargetKind, folder: str, manifest: Manifest, tree: dict[str, set[str]]) -> Iterator[Target]:
    if kind == "bin" and "main.rs" in tree.get(_join(manifest.folder, "src"), ()):
        yield Target(kind, manifest.name, "src/main.rs")
    for name in sorted(tree.get(_join(manifest.folder, folder), ())):
        if name.endswith("/"):
            yield Target(kind, _named(manifest, name[:-1]), f"{folder}/{name}main.rs")
        elif name.endswith(".rs"):
            yield Target(kind, _named(manifest, name[:-3]), f"{folder}/{name}")


def _named(manifest: Manifest, name: str) -> Token | None:
    """A name that is written nowhere: it stands for the package's."""
    return None if manifest.name is None else Token(name, manifest.name.place, manifest.name.written)
