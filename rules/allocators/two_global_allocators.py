"""
Features of one crate register two global allocators together.

A program has one `#[global_allocator]`. Two in a crate are an error of the compiler, "cannot define
multiple global allocators", as soon as the `cfg`s of both hold.

That a feature excludes another is nothing Cargo knows: features only add up. `--all-features` in CI, `cargo
doc`, or a second crate of the workspace that asks for the other feature turn on both. A feature that is on
by default is on whenever somebody adds one and does not write `default-features = false`.

Give one of them precedence by its `cfg`, so that every combination compiles. If none may win, refuse the
pair by a `compile_error!` that says what to do.

Silent where a `compile_error!` refuses the pair, where the `cfg`s exclude each other, for tests, and for
`cfg`s that are set by hand or by a build script.

```toml bad/Cargo.toml
[package]
name = "mixer"
version = "0.1.0"
edition = "2021"

[features]
default = ["jemalloc"]
jemalloc = ["dep:tikv-jemallocator"]
mimalloc = ["dep:mimalloc"]

[dependencies]
tikv-jemallocator = { version = "0.7", optional = true }
mimalloc = { version = "0.1", optional = true }
```

```rust bad/src/main.rs
#[cfg(feature = "jemalloc")]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static GLOBAL_MI: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {}
```

```toml good/Cargo.toml
[package]
name = "mixer"
version = "0.1.0"
edition = "2021"

[features]
default = ["jemalloc"]
jemalloc = ["dep:tikv-jemallocator"]
mimalloc = ["dep:mimalloc"]

[dependencies]
tikv-jemallocator = { version = "0.7", optional = true }
mimalloc = { version = "0.1", optional = true }
```

```rust good/src/main.rs
#[cfg(all(feature = "jemalloc", not(feature = "mimalloc")))]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static GLOBAL_MI: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project.cargo import cfg, features
from alloclint.project.cargo.cfg import Case, Not, Predicate
from alloclint.project.repository import Repository
from alloclint.project.rust.combinations import build_with, listed, target_of
from alloclint.project.rust.crates import Crate

CODE = "ALC606"
SEVERITY = Severity.warning
LANGUAGES = ("rust", "cargo")

_Static = tuple[Place, Predicate]


def check(repository: Repository) -> Iterator[Finding]:
    told: set[Place] = set()
    for crate in repository.crates:
        statics = list(_statics(crate))
        if any(error.predicate is None for error in crate.errors):
            continue
        for at, (place, predicate) in enumerate(statics):
            # A file that is a module of several crates is told once.
            found = list(_conflicts(crate, predicate, statics[:at]))
            if found and place not in told:
                told.add(place)
                yield _finding(crate, place, predicate, found)


def _statics(crate: Crate) -> Iterator[tuple[Place, Predicate]]:
    """Each static once, with all the ways in which it is there, where each of its `cfg`s can be read."""
    ways: dict[Place, list[Predicate | None]] = {}
    for static in crate.statics:
        ways.setdefault(static.place, []).append(static.predicate)
    for place, predicates in sorted(ways.items(), key=lambda way: (way[0].path, way[0].start)):
        known = [one for one in predicates if one is not None]
        if len(known) == len(predicates):
            yield place, cfg.any_of(known)


def _conflicts(crate: Crate, predicate: Predicate, others: list[_Static]) -> Iterator[tuple[_Static, Case]]:
    """The statics before one that can be there together with it, each with a build in which they are."""
    for other in others:
        case = build_with(crate, other[1], predicate)
        if case is not None and case.usual:
            yield other, case


def _finding(crate: Crate, place: Place, predicate: Predicate, found: list[tuple[_Static, Case]]) -> Finding:
    (first, _), case = found[0]
    # Only excluding all of them leaves nothing to tell the next time.
    other = cfg.any_of(one for (_, one), _ in found)
    default = features.turned_on(crate.package, ["default"])
    usual = tuple(name for name in case.features if name in default)
    evidence = "rustc: cannot define multiple global allocators"
    if len(case.features) > 1:
        evidence += "; `--all-features`, or two dependents that ask for one each, turn on both"
    if usual and len(usual) < len(case.features):
        evidence += f"; {listed(usual)} {'is' if len(usual) == 1 else 'are'} on by default"
    winning = cfg.text_of(cfg.both(predicate, Not(other)))
    both = cfg.text_of(cfg.both(other, predicate))
    plain = any(one == cfg.ALWAYS for (_, one), _ in found)
    start = place.start.offset
    return Finding(
        place,
        f"{_subject(case)}: this is a second global allocator",
        evidence=evidence,
        suggestion=Suggestion(
            f"give the other{'s' if len(found) > 1 else ''} precedence, `#[cfg({winning})]`, or refuse the "
            f'{"others" if len(found) > 1 else "pair"}: `#[cfg({both})] compile_error!("choose one '
            'allocator");`',
            applicability=Applicability.unsafe,
            edits=() if plain else (Edit(start, start, f"#[cfg({cfg.text_of(Not(other))})]\n"),),
        ),
        because=(
            replace(first, text="the first global allocator"),
            *(replace(one, text="another") for (one, _), _ in found[1:]),
        ),
    )


def _subject(case: Case) -> str:
    target = target_of(case)
    where = f" for {target}" if target else ""
    if len(case.features) > 1:
        return f"features {listed(case.features)} do not compile together{where}"
    if case.features:
        return f"feature {listed(case.features)} does not compile{where}"
    return f"the crate does not compile{where or ' without features'}"
