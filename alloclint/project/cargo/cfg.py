"""
`cfg(…)` predicates: parsed, evaluated, compared.

    parse('all(unix, not(feature = "system"))')
    implies(a, b)      whenever a holds, b holds
    compatible(a, b)   both can hold at once

What rustc knows of targets is taken into account: `unix` and `windows` exclude each other, a target has one
`target_os`, one `target_env` and one `target_arch`, musl and gnu are Linux … For a question, every target is
tried with every choice of the other atoms; beyond sixteen of those, and for what cannot be read, the answer
is None: unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from alloclint.project.cargo import targets


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
NEVER: Predicate = AnyOf(())

#: The most atoms that no target decides, in one question.
MOST_ATOMS = 16
_MOST_FEATURES = 6
_DEPTH = 40
_LEXEME = re.compile(r'\s*(?:r?#*"((?:[^"\\]|\\.)*)"#*|([A-Za-z_][A-Za-z0-9_]*)|([(),=]))')


# ---------------------------------------------------------------- reading and writing


def parse(text: str) -> Predicate | None:
    """What stands between the brackets of `cfg(…)`, with or without that; None if it is no predicate."""
    try:
        found = _Parser(text).all()
    except _UnreadableError:
        return None
    return found


class _UnreadableError(Exception):
    pass


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_lexemes(text))
        self.at = 0

    def all(self) -> Predicate:
        wrapped = [one for _, one in self.tokens[:2]] == ["cfg", "("]
        self.at = 2 if wrapped else 0
        found = self.predicate(0)
        if wrapped:
            self.expect(")")
        if self.at != len(self.tokens):
            raise _UnreadableError
        return found

    def predicate(self, depth: int) -> Predicate:
        kind, name = self.next()
        if kind != "word" or depth > _DEPTH:
            raise _UnreadableError
        follows = self.peek()
        if follows == ("sign", "("):
            return self.operator(name, depth)
        if follows == ("sign", "="):
            self.at += 1
            kind, value = self.next()
            if kind != "text":
                raise _UnreadableError
            return Atom(name, value)
        return {"true": ALWAYS, "false": NEVER}.get(name, Atom(name))

    def operator(self, name: str, depth: int) -> Predicate:
        self.expect("(")
        parts = []
        while self.peek() != ("sign", ")"):
            parts.append(self.predicate(depth + 1))
            if self.peek() != ("sign", ")"):
                self.expect(",")
        self.expect(")")
        if name == "all":
            return All(tuple(parts))
        if name == "any":
            return AnyOf(tuple(parts))
        if name == "not" and len(parts) == 1:
            return Not(parts[0])
        raise _UnreadableError

    def peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> tuple[str, str]:
        found = self.peek()
        if found is None:
            raise _UnreadableError
        self.at += 1
        return found

    def expect(self, sign: str) -> None:
        if self.next() != ("sign", sign):
            raise _UnreadableError


def _lexemes(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _LEXEME.match(text, at)
        if match is None:
            raise _UnreadableError
        value, word, sign = match.groups()
        yield ("word", word) if word else ("sign", sign) if sign else ("text", value)
        at = match.end()


def text_of(predicate: Predicate) -> str:
    """A predicate as it is written between the brackets of `cfg(…)`."""
    match predicate:
        case Atom(name, None):
            return name
        case Atom(name, value):
            return f'{name} = "{value}"'
        case Not(part):
            return f"not({text_of(part)})"
        case All(parts):
            return f"all({', '.join(map(text_of, parts))})"
        case AnyOf(parts):
            return f"any({', '.join(map(text_of, parts))})"


def both(*predicates: Predicate) -> Predicate:
    """The predicates joined by `all`, without brackets that say nothing."""
    parts: dict[Predicate, None] = {}
    for one in predicates:
        parts.update(dict.fromkeys(one.parts if isinstance(one, All) else (one,)))
    return next(iter(parts)) if len(parts) == 1 else All(tuple(parts))


def any_of(predicates: Iterable[Predicate]) -> Predicate:
    """The predicates joined by `any`, without brackets that say nothing; none of none."""
    parts = tuple(dict.fromkeys(predicates))
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def atoms(predicate: Predicate) -> frozenset[Atom]:
    """All atoms in a predicate."""
    return frozenset(_atoms(predicate))


def _atoms(predicate: Predicate) -> Iterator[Atom]:
    match predicate:
        case Atom():
            yield predicate
        case Not(part):
            yield from _atoms(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _atoms(part)


def for_manifest(predicate: Predicate) -> Predicate:
    """
    What Cargo makes of `[target.'cfg(…)']`: features, `test` and the like never hold there, for Cargo asks
    rustc what holds before it chooses them.
    """
    match predicate:
        case Atom("feature" | "test" | "doc" | "doctest" | "proc_macro" | "miri"):
            return NEVER
        case Atom():
            return predicate
        case Not(part):
            return Not(for_manifest(part))
        case All(parts):
            return All(tuple(map(for_manifest, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(for_manifest, parts)))


def substituted(predicate: Predicate, atom: Atom, value: bool) -> Predicate:
    """A predicate in which an atom is known to hold, or not to."""
    match predicate:
        case Atom():
            return predicate if predicate != atom else ALWAYS if value else NEVER
        case Not(part):
            return Not(substituted(part, atom, value))
        case All(parts):
            return All(tuple(substituted(part, atom, value) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(substituted(part, atom, value) for part in parts))


def with_some_features(predicate: Predicate) -> Predicate | None:
    """For which targets a predicate holds under some choice of features; None for too many of them."""
    asked = [atom for atom in sorted(atoms(predicate), key=_order) if atom.name == "feature"]
    if len(asked) > _MOST_FEATURES:
        return None
    for atom in asked:
        predicate = AnyOf((substituted(predicate, atom, True), substituted(predicate, atom, False)))
    return predicate


# ---------------------------------------------------------------- one target


def facts_of(triple: str) -> frozenset[Atom] | None:
    """What holds for a target; None for a triple that rustc does not know."""
    target = targets.named(triple)
    if target is None:
        return None
    keys = {Atom(key, value) for key, value in target.values.items()}
    families = {Atom("target_family", family) for family in target.families}
    return frozenset(keys | families | {Atom(one) for one in target.families & {"unix", "windows"}})


def of_triple(triple: str) -> Predicate | None:
    """
    `[target.x86_64-unknown-linux-gnu]` as one would write it by hand: architecture, system and environment,
    which some rare targets share. None for a triple that rustc does not know.
    """
    target = targets.named(triple)
    if target is None:
        return None
    return All(tuple(Atom(key, target.values[key]) for key in ("target_arch", "target_os", "target_env")))


def evaluate(
    predicate: Predicate, facts: frozenset[Atom], features: frozenset[str] | None = None
) -> bool | None:
    """
    Whether a predicate holds for what is true of a target (`facts_of`, and more where it is known).
    `features` are all that are on; None if that is not known.
    """
    match predicate:
        case Atom(name, value):
            if predicate in facts:
                return True
            if name == "feature" and features is not None:
                return value in features
            return False if targets.decides(name, value) else None
        case Not(part):
            held = evaluate(part, facts, features)
            return None if held is None else not held
        case All(parts):
            answers = {evaluate(part, facts, features) for part in parts}
            return False if False in answers else None if None in answers else True
        case AnyOf(parts):
            answers = {evaluate(part, facts, features) for part in parts}
            return True if True in answers else None if None in answers else False


# ---------------------------------------------------------------- all targets


@dataclass(frozen=True, slots=True)
class Case:
    """
    A way to make predicates true. `triples` are the targets for which it does, those of ordinary programs
    first; `usual` says that there are such. `true` and `false` are the other atoms, with as few true ones as
    there can be.
    """

    triples: tuple[str, ...]
    usual: bool
    true: frozenset[Atom]
    false: frozenset[Atom]

    @property
    def features(self) -> tuple[str, ...]:
        """The features that are on, sorted."""
        return tuple(
            sorted(one.value for one in self.true if one.name == "feature" and one.value is not None)
        )


def implies(a: Predicate, b: Predicate, given: Predicate = ALWAYS) -> bool | None:
    """
    Whether `b` holds wherever `a` does. `given` is what is known besides, such as features that turn on
    others.
    """
    held = compatible(a, Not(b), given=given)
    return None if held is None else not held


def compatible(*predicates: Predicate, given: Predicate = ALWAYS) -> bool | None:
    """Whether all the predicates can hold at once."""
    table = _Table.of(predicates, given)
    return None if table is None else bool(table.joined)


def case_of(*predicates: Predicate, given: Predicate = ALWAYS) -> Case | None:
    """The plainest case in which all the predicates hold; None if there is none, or too much to try."""
    table = _Table.of(predicates, given)
    return None if table is None or not table.joined else table.plainest()


@dataclass(frozen=True)
class _Table:
    """
    A truth table, one bit per case. A case is a group of targets of which the same atoms hold, and a choice
    of the free atoms: bit `group << len(free) | choice`.
    """

    groups: tuple[tuple[tuple[bool, ...], tuple[targets.RustTarget, ...]], ...]
    decided: tuple[Atom, ...]
    free: tuple[Atom, ...]
    joined: int = 0

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, predicates: tuple[Predicate, ...], given: Predicate) -> _Table | None:
        asked = frozenset().union(*map(atoms, predicates))
        decided = sorted((one for one in asked if targets.decides(one.name, one.value)), key=_order)
        free = sorted(asked.difference(decided), key=_order)
        if len(free) > MOST_ATOMS:
            return None
        table = cls(_grouped(tuple(decided)), tuple(decided), tuple(free))
        parts = given.parts if isinstance(given, All) else (given,)
        # What is known of other atoms says nothing about these.
        known = [part for part in parts if atoms(part) <= asked]
        joined = table.bits(All((*predicates, *known, *_exclusions(free))))
        return cls(table.groups, table.decided, table.free, joined)

    @property
    def everything(self) -> int:
        return (1 << (len(self.groups) << len(self.free))) - 1

    def bits(self, predicate: Predicate) -> int:
        """The cases in which a predicate holds."""
        match predicate:
            case Atom():
                return self._column(predicate)
            case Not(part):
                return self.everything ^ self.bits(part)
            case All(parts):
                bits = self.everything
                for part in parts:
                    bits &= self.bits(part)
                return bits
            case AnyOf(parts):
                bits = 0
                for part in parts:
                    bits |= self.bits(part)
                return bits

    def _column(self, atom: Atom) -> int:
        width = 1 << len(self.free)
        if atom in self.decided:
            at = self.decided.index(atom)
            block = (1 << width) - 1
            return sum(block << number * width for number, (held, _) in enumerate(self.groups) if held[at])
        half = 1 << self.free.index(atom)
        bits, length = ((1 << half) - 1) << half, 2 * half
        total = len(self.groups) * width
        while length < total:
            bits |= bits << length
            length *= 2
        return bits & self.everything

    def plainest(self) -> Case:
        """Ordinary targets first, then few features, then the order of the table."""
        width = 1 << len(self.free)
        best = min(self._cases(width), key=lambda case: case[0])
        _, group, choice = best
        triples = self.groups[group][1]
        true = frozenset(atom for at, atom in enumerate(self.free) if choice >> at & 1)
        usual = triples[0].usual
        return Case(tuple(one.triple for one in triples), usual, true, frozenset(self.free) - true)

    def _cases(self, width: int) -> Iterator[tuple[tuple[bool, int, int], int, int]]:
        for group, (_, triples) in enumerate(self.groups):
            chosen = self.joined >> group * width & (1 << width) - 1
            while chosen:
                lowest = chosen & -chosen
                choice = lowest.bit_length() - 1
                yield (not triples[0].usual, choice.bit_count(), group), group, choice
                chosen ^= lowest


@lru_cache(maxsize=1024)
def _grouped(
    decided: tuple[Atom, ...],
) -> tuple[tuple[tuple[bool, ...], tuple[targets.RustTarget, ...]], ...]:
    groups: dict[tuple[bool, ...], list[targets.RustTarget]] = {}
    for target in targets.known():
        held = tuple(target.says(atom.name, atom.value) for atom in decided)
        groups.setdefault(held, []).append(target)
    return tuple((held, tuple(some)) for held, some in groups.items())


def _exclusions(free: Iterable[Atom]) -> Iterator[Predicate]:
    """A program panics in one way only."""
    ways = [atom for atom in free if atom.name == "panic" and atom.value is not None]
    for at, one in enumerate(ways):
        yield from (Not(All((one, other))) for other in ways[at + 1 :])


def _order(atom: Atom) -> tuple[str, str]:
    return atom.name, atom.value or ""
