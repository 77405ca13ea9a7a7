"""What to write into a Cargo.toml: entries of dependencies, with the edit where it is simple."""

from __future__ import annotations

import re
from collections.abc import Collection

from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.project.cargo.manifest import Dependency

#: Nothing but a version, which needs no braces.
_PLAIN = re.compile(r'version = ("[^"]*")')


def with_feature(dependency: Dependency, feature: str) -> Suggestion:
    """
    The entry of a dependency with one feature more. The edit belongs into the file of `dependency.place`; an
    entry of another form than `x = "1"` or one with a list of features has none.
    """
    return Suggestion(
        f"`{entry(dependency, feature)}`",
        applicability=Applicability.unsafe,
        edits=_edits(dependency, feature),
    )


def entry(
    dependency: Dependency,
    *more: str,
    without: Collection[str] = (),
    requirement: str | None = None,
    package: str | None = None,
) -> str:
    """
    The line of a dependency, with features added and left out. With another version, and maybe another crate,
    it is the line of the workspace where the dependency is inherited from there.
    """
    inherits = dependency.inherits and requirement is None
    moved = requirement is not None and dependency.requirement is not None
    path = (dependency.requirement if moved and dependency.requirement else dependency).place.path
    own = [one.text for one in dependency.features if one.place.path == path]
    listed = ", ".join(f'"{one}"' for one in dict.fromkeys([*own, *more]) if one not in without)
    parts = ["workspace = true"] if inherits else _source(dependency, requirement, package)
    if dependency.optional and path == dependency.place.path:
        parts.append("optional = true")
    if not dependency.default_features and not inherits:
        parts.append("default-features = false")
    if listed:
        parts.append(f"features = [{listed}]")
    joined = ", ".join(parts)
    plain = _PLAIN.fullmatch(joined)
    return f"{dependency.key.text} = {plain[1] if plain else f'{{ {joined} }}'}"


def _source(dependency: Dependency, requirement: str | None, package: str | None) -> list[str]:
    parts = []
    package = package or dependency.package
    if package != dependency.key.text:
        parts.append(f'package = "{package}"')
    if requirement is None and dependency.requirement is not None:
        requirement = dependency.requirement.text
    if requirement is not None:
        parts.append(f'version = "{requirement}"')
    if dependency.path is not None:
        parts.append(f'path = "{dependency.path}"')
    return parts


def _edits(dependency: Dependency, feature: str) -> tuple[Edit, ...]:
    own = [one for one in dependency.features if one.place.path == dependency.place.path]
    if own:
        at = own[0].place.start.offset
        return (Edit(at, at, f'"{feature}", '),)
    stated = dependency.requirement
    if stated is not None and not dependency.inherits and stated.place.end == dependency.place.end:
        # `x = "1"`: the version is the whole entry.
        text = f'{{ version = "{stated.text}", features = ["{feature}"] }}'
        return (Edit(stated.place.start.offset, stated.place.end.offset, text),)
    return ()
