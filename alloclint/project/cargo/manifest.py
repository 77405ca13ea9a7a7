"""One Cargo.toml as it is written, before its workspace is known."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast, get_args

from alloclint.finding import Place
from alloclint.project import toml
from alloclint.project.cargo import cfg
from alloclint.project.cargo.cfg import Predicate
from alloclint.project.token import Source, Token

Section = Literal["dependencies", "dev-dependencies", "build-dependencies"]
#: What a target is built as; a package may have one library and any number of the others.
TargetKind = Literal["lib", "bin", "test", "bench", "example", "build"]


@dataclass(frozen=True, slots=True)
class Dependency:
    """
    One entry of a table of dependencies.

    `key` is the name it is used by in the manifest (and, with `_` for `-`, in the code); `package` is the
    crate's own name, which `package = "…"` states. `predicate` is that of `[target.'cfg(…)'.…]`, or None;
    `target` is its text, also where it is a plain triple. `inherits` says `workspace = true`; then
    `default_features` counts only if `states_default` does.
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
    states_default: bool = False
    git: bool = False

    @property
    def ident(self) -> str:
        """The name by which Rust code says it."""
        return self.key.text.replace("-", "_")

    @property
    def condition(self) -> Predicate | None:
        """For which targets it is built: always, by its predicate, or None where that cannot be read."""
        return cfg.ALWAYS if self.target is None else self.predicate


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
    build: Token | None = None
    metadata: tuple[str, ...] = ()
    #: where an entry can be added: the byte offset just behind the last entry of `[dependencies]` etc.
    ends: tuple[tuple[str, int], ...] = ()
    #: the year of the edition, and whether `[workspace.package]` states it or `publish`
    edition: int | None = None
    inherits: frozenset[str] = frozenset()
    workspace_publish: bool | None = None
    workspace_edition: int | None = None
    #: `autobins`, `autotests` … as far as they are stated
    auto: tuple[tuple[str, bool], ...] = ()
    #: `build = false`
    no_build: bool = False
    place: Place | None = None
    #: the keys of `[package]`, inherited ones included
    stated: frozenset[str] = frozenset()
    #: the crates that `[patch]` or `[replace]` takes from elsewhere
    patched: frozenset[str] = frozenset()

    @property
    def is_package(self) -> bool:
        return self.name is not None


_SECTIONS: tuple[Section, ...] = get_args(Section)
#: Spellings of sections that Cargo still reads.
_OLD_SECTIONS: dict[str, Section] = {
    "dev_dependencies": "dev-dependencies",
    "build_dependencies": "build-dependencies",
}
_TARGETS: tuple[tuple[str, TargetKind], ...] = (
    ("bin", "bin"), ("test", "test"), ("bench", "bench"), ("example", "example"),
)  # fmt: skip
_AUTO = ("autolib", "autobins", "autotests", "autobenches", "autoexamples")


def read(source: Source) -> Manifest:
    """A Cargo.toml; what is damaged in it is taken down in `source.damage`, and left out."""
    table = toml.read(source)
    package = table.table("package") or table.table("project") or toml.Table(source, 0, 0)
    auto = tuple((key, on) for key in _AUTO if (on := package.flag(key)) is not None)
    build = package.get("build")
    return Manifest(
        path=source.path,
        folder=posixpath.dirname(source.path),
        name=package.string("name"),
        dependencies=tuple(_dependencies(table)),
        features=tuple(_features(table)),
        targets=tuple(_targets(table)),
        publish=_publishes(package) is not False,
        members=_globs(table, "members"),
        exclude=_globs(table, "exclude") or (),
        workspace_dependencies=tuple(_section(table.table("workspace"), "dependencies", None)),
        workspace=_text(package.string("workspace")),
        build=build.token if isinstance(build, toml.Scalar) and build.kind == "string" else None,
        metadata=tuple(key for key, _ in package.walk("metadata")),
        ends=tuple(_ends(table)),
        edition=_edition(package),
        inherits=frozenset(key for key, one in package.entries.items() if _inherited(one.value)),
        workspace_publish=_publishes(table.table("workspace", "package")),
        workspace_edition=_edition(table.table("workspace", "package")),
        auto=auto,
        no_build=package.flag("build") is False,
        place=package.place if package.entries else None,
        stated=frozenset(package.entries),
        patched=frozenset(_patched(table)),
    )


def _patched(table: toml.Table) -> Iterator[str]:
    for key, entry in table.walk("patch"):
        for name, _ in table.walk("patch", key) if isinstance(entry.value, toml.Table) else ():
            yield _text(table.string("patch", key, name, "package")) or name
    for name, _ in table.walk("replace"):
        yield name.partition(":")[0]


def _text(token: Token | None) -> str | None:
    return None if token is None else token.text


def _inherited(value: toml.Value) -> bool:
    return isinstance(value, toml.Table) and value.flag("workspace") is True


def _globs(table: toml.Table, key: str) -> tuple[str, ...] | None:
    if table.table("workspace") is None:
        return None
    return tuple(one.text for one in table.strings("workspace", key))


def _publishes(package: toml.Table | None) -> bool | None:
    """What `publish` says: an empty list of registries forbids it, too."""
    value = None if package is None else package.get("publish")
    if isinstance(value, toml.Array):
        return bool(value.items)
    return value.text == "true" if isinstance(value, toml.Scalar) and value.kind == "boolean" else None


def _edition(package: toml.Table | None) -> int | None:
    stated = None if package is None else package.string("edition")
    return int(stated.text) if stated is not None and stated.text.isdecimal() else None


def _ends(table: toml.Table, prefix: str = "") -> Iterator[tuple[str, int]]:
    """The tables with a header of their own, by dotted name, with the offset behind their last entry."""
    for key, entry in table.entries.items():
        inner = entry.value
        if isinstance(inner, toml.Table):
            name = f"{prefix}{key}"
            if inner.source.content[inner.start : inner.start + 1] == b"[" and inner.opened:
                yield name, inner.end
            if key in ("target", "workspace") or prefix.startswith("target."):
                yield from _ends(inner, f"{name}.")


# ---------------------------------------------------------------- dependencies and features


def _dependencies(table: toml.Table) -> Iterator[Dependency]:
    yield from _sections(table, None)
    for target, entry in table.walk("target"):
        if isinstance(entry.value, toml.Table):
            yield from _sections(entry.value, target)


def _sections(table: toml.Table, target: str | None) -> Iterator[Dependency]:
    for section in _SECTIONS:
        yield from _section(table, section, target)
    for old, section in _OLD_SECTIONS.items():
        if section not in table.entries:
            yield from _section(table, old, target, section)


def _section(
    table: toml.Table | None, name: str, target: str | None, section: Section | None = None
) -> Iterator[Dependency]:
    kind = section or cast("Section", name)
    for _, entry in table.walk(name) if table is not None else ():
        yield _dependency(entry, kind, target)


def _dependency(entry: toml.Entry, section: Section, target: str | None) -> Dependency:
    value, key = entry.value, entry.key
    predicate = None if target is None else predicate_of(target)
    if not isinstance(value, toml.Table):
        requirement = value.token if isinstance(value, toml.Scalar) and value.kind == "string" else None
        place = entry.place
        return Dependency(key, key.text, requirement, (), True, False, section, place, predicate, target)
    default = value.flag("default-features")
    default = value.flag("default_features") if default is None else default
    return Dependency(
        key=key,
        package=_text(value.string("package")) or key.text,
        requirement=value.string("version"),
        features=value.strings("features"),
        default_features=default is not False,
        optional=value.flag("optional") is True,
        section=section,
        place=value.source.place(entry.start, max(entry.end, value.end)),
        predicate=predicate,
        target=target,
        inherits=value.flag("workspace") is True,
        path=_text(value.string("path")),
        states_default=default is not None,
        git=value.string("git") is not None,
    )


def predicate_of(target: str) -> Predicate | None:
    """What `[target.…]` asks for: a `cfg(…)`, or a triple that rustc knows. None if it is neither."""
    text = target.strip()
    if text.startswith("cfg"):
        parsed = cfg.parse(text)
        return None if parsed is None else cfg.for_manifest(parsed)
    return cfg.of_triple(text)


def _features(table: toml.Table) -> Iterator[Feature]:
    for key, entry in table.walk("features"):
        yield Feature(entry.key, table.strings("features", key))


# ---------------------------------------------------------------- targets


def _targets(table: toml.Table) -> Iterator[Target]:
    library = table.table("lib")
    if library is not None:
        yield _target(library, "lib")
    for key, kind in _TARGETS:
        for one in table.tables(key):
            yield _target(one, kind)


def _target(table: toml.Table, kind: TargetKind) -> Target:
    types = table.strings("crate-type") or table.strings("crate_type")
    macro = table.flag("proc-macro") or table.flag("proc_macro")
    return Target(
        kind,
        table.string("name"),
        _text(table.string("path")),
        ("proc-macro",) if macro else tuple(one.text for one in types),
        tuple(one.text for one in table.strings("required-features")),
    )
