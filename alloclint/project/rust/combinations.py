"""Which builds of a crate there can be: features and targets under which predicates hold together."""

from __future__ import annotations

from alloclint.project.cargo import cfg, features, targets
from alloclint.project.cargo.cfg import Atom, Case, Not, Predicate
from alloclint.project.rust.crates import Crate

#: What a build may turn on without being asked; any other `cfg` is set by hand or by a build script.
_USUAL = frozenset(
    {"feature", "debug_assertions", "overflow_checks", "panic", "target_feature", "target_has_atomic"}
)
#: What no ordinary build has on.
_OFF = frozenset({"test", "doc", "doctest", "docsrs", "miri", "fuzzing", "loom", "clippy", "proc_macro"})
#: The target that stands for all of a case if it is among them.
_PLAIN = "x86_64-unknown-linux-gnu"


def build_with(crate: Crate, *predicates: Predicate, trusting: bool = False) -> Case | None:
    """
    The plainest build of a crate in which all the predicates hold: one that Cargo can make, in which no
    `compile_error!` stands, outside of tests. None if there is none, or nobody knows: the crate's build
    script may set a `cfg` that is asked for. With `trusting` that is taken to be off, as one set by hand is.
    """
    asked = frozenset[Atom]().union(*map(cfg.atoms, predicates))
    refused = [Not(error) for error in _errors(crate) if cfg.atoms(error) & asked]
    required = [Atom("feature", name) for name in crate.target.required_features]
    asked = asked.union(*map(cfg.atoms, refused))
    off = [Not(atom) for atom in sorted(asked, key=str) if not _can_be(crate, atom)]
    if not trusting and any(_may_be_set(crate, one.part) for one in off if isinstance(one.part, Atom)):
        return None
    return cfg.case_of(*predicates, *refused, *required, *off, given=features.implications(crate.package))


def _errors(crate: Crate) -> list[Predicate]:
    return [error.predicate for error in crate.errors if error.predicate is not None]


def _can_be(crate: Crate, atom: Atom) -> bool:
    if atom.name == "feature":
        return atom.value in features.names(crate.package)
    return atom.name in _USUAL or targets.decides(atom.name, atom.value)


def _may_be_set(crate: Crate, atom: Atom) -> bool:
    scripted = any(one.kind == "build" for one in crate.package.targets)
    return scripted and atom.name != "feature" and atom.name not in _OFF


def by_default(crate: Crate, predicate: Predicate, trusting: bool = True) -> Case | None:
    """As `build_with`, with no feature but those that are on by default."""
    on = features.turned_on(crate.package, ["default"])
    asked = [atom for atom in sorted(cfg.atoms(predicate), key=str) if atom.name == "feature"]
    chosen = [atom if atom.value in on else Not(atom) for atom in asked]
    return build_with(crate, predicate, *chosen, trusting=trusting)


def listed(names: tuple[str, ...]) -> str:
    """Names in backquotes: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def target_of(case: Case) -> str | None:
    """A target that shows the case, or None where it is none of the target's doing."""
    return None if _PLAIN in case.triples else case.triples[0]
