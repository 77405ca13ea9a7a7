"""One Cargo.toml as it is written, before its workspace is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project.cargo.cfg import Predicate
from alloclint.project.token import Token

Section = Literal["dependencies", "dev-dependencies", "build-dependencies"]
#: What a target is built as; a package may have one library and any number of the others.
TargetKind = Literal["lib", "bin", "test", "bench", "example", "build"]


@dataclass(frozen=True, slots=True)
class Dependency:
    """
    One entry of a table of dependencies.

    `key` is the name it is used by in the manifest (and, with `_` for `-`, in the code); `package` is the
    crate's own name, which `package = "…"` states. `predicate` is that of `[target.'cfg(…)'.…]`, or None;
    `target` is its text, also where it is a plain triple. `inherits` says `workspace = true`.
    """

    key: Token
    package: str
    requirement: Token | None
    features: tuple[Token, ...]
    default_features: bool
    optional: bool
    section: Section
    place: Place
    predicate: Predicate | None = None
    target: str | None = None
    inherits: bool = False
    path: str | None = None

    @property
    def ident(self) -> str:
        """The name by which Rust code says it."""
        return self.key.text.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Feature:
    """An entry of `[features]`: its name and what it turns on, as written."""

    name: Token
    enables: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """
    A target that a manifest declares. `path` is relative to the manifest's folder, None for the usual place.
    `crate_types` are those of `[lib]`, empty for the default `lib`.
    """

    kind: TargetKind
    name: Token | None
    path: str | None
    crate_types: tuple[str, ...] = ()
    required_features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    A Cargo.toml. `path` is as shown, `folder` the folder it is in (empty for the working directory).

    `name` is None for a virtual workspace. `members` and `exclude` are the globs of `[workspace]`, None where
    there is none; `workspace_dependencies` are those of `[workspace.dependencies]`. `publish` is False where
    publishing is forbidden. `has_build_script` is also True for a `build.rs` that is there by custom: whoever
    knows the files sets it.
    """

    path: str
    folder: str
    name: Token | None
    dependencies: tuple[Dependency, ...] = ()
    features: tuple[Feature, ...] = ()
    targets: tuple[Target, ...] = ()
    publish: bool = True
    members: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    workspace_dependencies: tuple[Dependency, ...] = ()
    workspace: str | None = None
    autobins: bool = True
    build: Token | None = None
    metadata: tuple[str, ...] = ()
    #: where an entry can be added: the byte offset just behind the last entry of `[dependencies]` etc.
    ends: tuple[tuple[str, int], ...] = ()

    @property
    def is_package(self) -> bool:
        return self.name is not None
