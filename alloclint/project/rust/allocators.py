"""The allocator statics, configuration strings and mentions of allocator crates in one Rust file."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.finding import Place
from alloclint.project.cargo.cfg import Predicate
from alloclint.project.token import Token


@dataclass(frozen=True, slots=True)
class GlobalAllocator:
    """
    A `#[global_allocator]` static. `predicate` joins all `cfg`s around it inside the file: its own, those of
    enclosing modules, the arm of a `cfg_if!`; None where one cannot be read. `type_path` is the type's full path
    after `use`, `tikv_jemallocator::Jemalloc`, `std::alloc::System`, `self::Counting` for one of the crate's own.
    """

    predicate: Predicate | None
    type_path: str
    place: Place
    in_macro: bool = False


@dataclass(frozen=True, slots=True)
class CompileError:
    """A `compile_error!` with the `cfg`s around it: a combination that is refused on purpose."""

    predicate: Predicate | None
    place: Place


@dataclass(frozen=True, slots=True)
class MallocConf:
    """
    A static that jemalloc reads: `malloc_conf` or `_rjem_malloc_conf`, by `export_name` or `no_mangle`.
    `text` is its value without the closing NUL; `closed` tells whether that was there.
    """

    symbol: str
    text: Token
    closed: bool
    place: Place
    predicate: Predicate | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """`mod name;`, with the `cfg`s around it: another file of the same crate. `path` is that of `#[path]`."""

    name: str
    predicate: Predicate | None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class RustSource:
    """
    What one file tells. `mentions` are the identifiers of known allocator crates that occur outside of comments
    and strings; `threads` names what starts threads (`tokio` multi-thread runtime, `rayon`, `std::thread`).
    """

    path: str
    statics: tuple[GlobalAllocator, ...] = ()
    errors: tuple[CompileError, ...] = ()
    confs: tuple[MallocConf, ...] = ()
    modules: tuple[Module, ...] = ()
    mentions: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    no_std: bool = False
    current_thread: bool = False
