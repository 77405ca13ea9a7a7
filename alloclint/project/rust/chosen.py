"""
Which features the builds of a repository turn on: those that are on by default, those that a command names,
and those that one package asks of another. A feature that nobody is seen to ask for is taken to be off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import All, AnyOf, Atom, Not, Predicate
from alloclint.project.cargo.workspace import Package
from alloclint.project.repository import Repository
from alloclint.project.rust.crates import Crate
from alloclint.project.rust.registered import Registered

#: Where images run. Some programs register an allocator for these two alone; for others hardly one is built.
IMAGES = All(
    (
        Atom("target_os", "linux"),
        AnyOf((Atom("target_arch", "x86_64"), Atom("target_arch", "aarch64"))),
    )
)
#: `cargo build … --features a,b`: what is built to be used, not tested or linted.
_ASKED = re.compile(
    r"\b(?:z?build|zigbuild|install|cook|deb|rustc)\b[^\n;&|]*?(?<!\S)(?:--features|-F)[ =]+"
    r"""("[^"\n]*"|'[^'\n]*'|[^\s;&|]+)"""
)


def is_on(one: Registered, program: Crate, repository: Repository, condition: Predicate) -> bool | None:
    """
    Whether an allocator of a program is there where a condition holds, with the features that builds of the
    repository turn on. None if that is not known.
    """
    if one.predicate is None:
        return None
    return cfg.compatible(one.predicate, condition, *_chosen(one.predicate, one, program, repository))


def is_certain(one: Registered, program: Crate, repository: Repository, condition: Predicate) -> bool:
    """Whether an allocator of a program is there wherever a condition holds, and no build leaves it out."""
    if one.predicate is None:
        return False
    chosen = tuple(_chosen(one.predicate, one, program, repository))
    if chosen and any("--no-default-features" in script for script in _scripts(repository)):
        return False
    return cfg.implies(All((condition, *chosen)), one.predicate) is True


def _chosen(
    predicate: Predicate, one: Registered, program: Crate, repository: Repository
) -> Iterator[Predicate]:
    """Of each feature in a predicate whether it is on."""
    every = turned_on(repository)
    on = every.get(one.crate.package.name, frozenset()) | every.get(program.package.name, frozenset())
    for atom in sorted(cfg.atoms(predicate), key=str):
        if atom.name == "feature":
            yield atom if atom.value in on else Not(atom)


def turned_on(repository: Repository) -> dict[str, frozenset[str]]:
    """The features of each package, by its name."""
    named = {name.rpartition("/")[::2] for name in _named(repository)}
    packages = {package.name: package for package in repository.packages}
    on = {name: features.turned_on(package, _first(package, named)) for name, package in packages.items()}
    pending = list(packages)
    while pending:
        package = packages[pending.pop()]
        for other, asked in _asked_of_others(package, on[package.name], packages):
            more = on[other] | features.turned_on(packages[other], asked)
            if more != on[other]:
                on[other] = more
                pending.append(other)
    return on


def _named(repository: Repository) -> Iterator[str]:
    """What commands name behind `--features`: `a`, or `package/a`."""
    for script in _scripts(repository):
        for hit in _ASKED.finditer(script.replace("\\\n", " ")):
            yield from re.split(r"[\s,]+", hit[1].strip("\"'"))


def _scripts(repository: Repository) -> list[str]:
    scripts = {run.script for stage in repository.stages for run in stage.runs}
    scripts.update(command.text for unit in repository.units for command in unit.starts)
    return sorted(scripts)


def _first(package: Package, named: set[tuple[str, str]]) -> Iterator[str]:
    yield "default"
    yield from (feature for owner, feature in sorted(named) if owner in ("", package.name))


def _asked_of_others(
    package: Package, on: frozenset[str], packages: dict[str, Package]
) -> Iterator[tuple[str, frozenset[str]]]:
    """What a package with some features asks of those of the repository under it."""
    for one in package.dependencies:
        if one.package in packages and one.section == "dependencies":
            yield one.package, features.asked(package, one, on)
