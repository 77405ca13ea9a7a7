"""What to write into a Cargo.toml: entries of dependencies, with the edit where it is simple."""

from __future__ import annotations

from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.project.cargo.manifest import Dependency


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


def entry(dependency: Dependency, *more: str) -> str:
    """The line of a dependency, with features added."""
    own = [one.text for one in dependency.features if one.place.path == dependency.place.path]
    listed = ", ".join(f'"{one}"' for one in dict.fromkeys([*own, *more]))
    parts = ["workspace = true"] if dependency.inherits else _source(dependency)
    if dependency.optional:
        parts.append("optional = true")
    if not dependency.default_features and not dependency.inherits:
        parts.append("default-features = false")
    if listed:
        parts.append(f"features = [{listed}]")
    return f"{dependency.key.text} = {{ {', '.join(parts)} }}"


def _source(dependency: Dependency) -> list[str]:
    parts = []
    if dependency.package != dependency.key.text:
        parts.append(f'package = "{dependency.package}"')
    if dependency.requirement is not None:
        parts.append(f'version = "{dependency.requirement.text}"')
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
