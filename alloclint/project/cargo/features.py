"""
The features of packages: what turns on what.

A feature lists other features, `dep:x` (the optional dependency x), `x/y` (x, and its feature y) and `x?/y`
(y, if something else turns x on). An optional dependency that no `dep:` names is a feature of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from alloclint.project.cargo import cfg
from alloclint.project.cargo.cfg import ALWAYS, All, AnyOf, Atom, Not, Predicate
from alloclint.project.cargo.manifest import Dependency
from alloclint.project.cargo.workspace import Package


@dataclass(frozen=True, slots=True)
class _Value:
    """One entry of a feature's list, taken apart. `dependency` and `feature` are None where it names none."""

    feature: str | None = None
    dependency: str | None = None
    inner: str | None = None
    weak: bool = False

    @classmethod
    def of(cls, text: str) -> _Value:
        if text.startswith("dep:"):
            return cls(dependency=text[4:])
        name, slash, inner = text.partition("/")
        if not slash:
            return cls(feature=text)
        return cls(dependency=name.removesuffix("?"), inner=inner, weak=name.endswith("?"))


def names(package: Package) -> frozenset[str]:
    """All features of a package, `default` and those that optional dependencies are by themselves."""
    return frozenset(_graph(package))


def turned_on(package: Package, features: Iterable[str]) -> frozenset[str]:
    """The features that are on when some are asked for; these themselves included as far as they exist."""
    return _closure(_graph(package), features)


def active(package: Package, features: Iterable[str]) -> tuple[Dependency, ...]:
    """The dependencies that are built when some features are asked for, whatever the target is."""
    on = _dependencies_on(package, turned_on(package, features))
    return tuple(one for one in package.dependencies if not one.optional or one.key.text in on)


def enabling(package: Package, dependency: Dependency) -> Predicate:
    """Under which features a dependency is built: always, by one of those that turn it on, or never."""
    if not dependency.optional:
        return ALWAYS
    turned_on = _closed(package, enablers(package, dependency))
    return cfg.any_of(Atom("feature", one) for one in turned_on)


def enablers(package: Package, dependency: Dependency) -> tuple[str, ...]:
    """The features that name an optional dependency themselves, in the order of the manifest."""
    key = dependency.key.text
    return tuple(
        name
        for name, values in _graph(package).items()
        if any(one.dependency == key and not one.weak for one in values)
    )


def implications(package: Package) -> Predicate:
    """What is known of any choice of features: that each turns on what it lists, directly or by others."""
    graph = _graph(package)
    return All(
        tuple(
            AnyOf((Not(Atom("feature", name)), Atom("feature", other)))
            for name in graph
            for other in sorted(_closure(graph, [name]) - {name})
        )
    )


def crate_features(packages: Iterable[Package], crate: str, always: bool = False) -> frozenset[str]:
    """
    The features of a crate that the packages of a workspace ask for together, in dependencies of programs and
    libraries; `default` is among them where one leaves default features on.

    Features that some feature of a package would add count, too, as does an optional dependency; with
    `always` only what is asked for by a plain build does.
    """
    found: set[str] = set()
    for package in packages:
        for one in package.dependencies:
            if one.package == crate and one.section == "dependencies":
                found.update(dependency_features(package, one, always))
    return frozenset(found)


def dependency_features(package: Package, dependency: Dependency, always: bool = False) -> frozenset[str]:
    """As `crate_features`, for one dependency of one package."""
    return asked(package, dependency, turned_on(package, ["default"]) if always else names(package), always)


def asked(
    package: Package, dependency: Dependency, on: frozenset[str], always: bool = True
) -> frozenset[str]:
    """
    The features of a dependency that a package asks for when some of its own are on; none where the
    dependency is optional and off, unless `always` is not set.
    """
    key = dependency.key.text
    if always and dependency.optional and key not in _dependencies_on(package, on):
        return frozenset()
    found = {one.text for one in dependency.features}
    if dependency.default_features:
        found.add("default")
    graph = _graph(package)
    found.update(
        one.inner for name in on for one in graph[name] if one.dependency == key and one.inner is not None
    )
    return frozenset(found)


# ---------------------------------------------------------------- the graph


def _graph(package: Package) -> dict[str, tuple[_Value, ...]]:
    """Every feature with its list; an optional dependency that no `dep:` names lists itself."""
    graph = {
        one.name.text: tuple(_Value.of(value.text) for value in one.enables)
        for one in package.manifest.features
    }
    listed = [value for values in graph.values() for value in values]
    explicit = {one.dependency for one in listed if one.inner is None and one.feature is None}
    for one in package.dependencies:
        key = one.key.text
        if one.optional and key not in explicit and key not in graph:
            graph[key] = (_Value(dependency=key),)
    return graph


def _closure(graph: Mapping[str, tuple[_Value, ...]], features: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    pending = [one for one in features if one in graph]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += [inner for inner in _follows(graph[one]) if inner in graph]
    return frozenset(found)


def _follows(values: tuple[_Value, ...]) -> Iterator[str]:
    for one in values:
        if one.feature is not None:
            yield one.feature
        elif one.inner is not None and one.dependency is not None and not one.weak:
            # `x/y` turns on the feature x, too, where an optional x is one.
            yield one.dependency


def _dependencies_on(package: Package, on: frozenset[str]) -> set[str]:
    graph = _graph(package)
    values = (one for name in on for one in graph.get(name, ()))
    return {one.dependency for one in values if one.dependency is not None and not one.weak}


def _closed(package: Package, direct: tuple[str, ...]) -> list[str]:
    """Some features and all that turn one of them on, those of the manifest first."""
    graph = _graph(package)
    others = [one for one in graph if one not in direct]
    return [*direct, *(one for one in others if not _closure(graph, [one]).isdisjoint(direct))]
