"""Whether an allocator is there where something holds, with the features that builds turn on."""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.project.cargo import cfg
from alloclint.project.cargo.cfg import All, AnyOf, Atom, Not, Predicate
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
    if chosen and any("--no-default-features" in script for script in repository.scripts):
        return False
    return cfg.implies(All((condition, *chosen)), one.predicate) is True


def _chosen(
    predicate: Predicate, one: Registered, program: Crate, repository: Repository
) -> Iterator[Predicate]:
    """Of each feature in a predicate whether it is on."""
    every = repository.features_on
    on = every.get(one.crate.package.name, frozenset()) | every.get(program.package.name, frozenset())
    for atom in sorted(cfg.atoms(predicate), key=str):
        if atom.name == "feature":
            yield atom if atom.value in on else Not(atom)
