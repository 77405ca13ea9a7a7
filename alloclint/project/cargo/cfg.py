"""
`cfg(…)` predicates: parsed, evaluated, compared.

    parse('all(unix, not(feature = "system"))')
    implies(a, b)      whenever a holds, b holds
    compatible(a, b)   both can hold at once

What rustc knows of targets is taken into account: `unix` and `windows` exclude each other, a target has one
`target_os`, one `target_env` and one `target_arch`, musl and gnu are Linux … Beyond sixteen atoms, and for what
cannot be read, the answer is None: unknown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Atom:
    """`unix`, or `feature = "jemalloc"`: a name with or without a value."""

    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    """All of the parts hold; `all()` always does."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the parts holds; `any()` never does."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Predicate


Predicate = Atom | All | AnyOf | Not
ALWAYS: Predicate = All(())
