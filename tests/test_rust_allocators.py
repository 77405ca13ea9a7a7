"""Which allocator a Rust file registers, under which cfgs, and which crate that file belongs to."""

from __future__ import annotations

import pytest

from alloclint.file import File
from alloclint.project.cargo import cfg, manifest
from alloclint.project.cargo.workspace import packages
from alloclint.project.rust import allocators
from alloclint.project.rust.allocators import RustSource
from alloclint.project.rust.crates import Crate, crates
from alloclint.project.token import Source
from alloclint.settings import Limits


def read(text: str, path: str = "src/main.rs") -> RustSource:
    return allocators.read(File.of(path, text.encode(), Limits()))


def told(source: RustSource | Crate) -> list[tuple[str, str | None]]:
    """Each static as its type and its predicate."""
    return [
        (one.type_path, cfg.text_of(one.predicate) if one.predicate is not None else None)
        for one in source.statics
    ]


CASES = {
    "plain": (
        "#[global_allocator]\nstatic A: mimalloc::MiMalloc = mimalloc::MiMalloc;",
        [("mimalloc::MiMalloc", "all()")],
    ),
    "imported": (
        "use tikv_jemallocator::Jemalloc;\n#[global_allocator]\nstatic A: Jemalloc = Jemalloc;",
        [("tikv_jemallocator::Jemalloc", "all()")],
    ),
    "renamed": (
        "use {mimalloc::{MiMalloc as Fast}, std::io};\n#[global_allocator]\nstatic A: Fast = Fast;",
        [("mimalloc::MiMalloc", "all()")],
    ),
    "its own type": (
        "struct Counting;\n#[global_allocator]\nstatic A: Counting = Counting;",
        [("self::Counting", "all()")],
    ),
    "generic": (
        "use stats_alloc::StatsAlloc;\n#[global_allocator]\nstatic A: &StatsAlloc<System> = &X;",
        [("stats_alloc::StatsAlloc", "all()")],
    ),
    "alias by cfg": (
        """#[cfg(unix)] type A = j::J;
        #[cfg(not(unix))] type A = std::alloc::System;
        #[global_allocator] static G: A = A;""",
        [("j::J", "unix"), ("std::alloc::System", "not(unix)")],
    ),
    "cfgs join": (
        '#[cfg(unix)]\nmod inner {\n#[cfg(feature = "je")]\n#[global_allocator]\nstatic A: j::J = j::J;\n}',
        [("j::J", 'all(unix, feature = "je")')],
    ),
    "cfg_attr": (
        '#[cfg_attr(feature = "mi", global_allocator)]\nstatic A: mimalloc::MiMalloc = mimalloc::MiMalloc;',
        [("mimalloc::MiMalloc", 'feature = "mi"')],
    ),
    "a cfg that cannot be read": (
        "#[cfg(unix and more)]\n#[global_allocator]\nstatic A: mimalloc::MiMalloc = mimalloc::MiMalloc;",
        [("mimalloc::MiMalloc", None)],
    ),
    "arms of cfg_if": (
        """cfg_if::cfg_if! {
            if #[cfg(unix)] { #[global_allocator] static A: a::A = a::A; }
            else if #[cfg(windows)] { #[global_allocator] static A: b::B = b::B; }
            else { #[global_allocator] static A: c::C = c::C; }
        }""",
        [
            ("a::A", "unix"),
            ("b::B", "all(not(unix), windows)"),
            ("c::C", "all(not(unix), not(windows))"),
        ],
    ),
    "in another macro": ("choose! { #[global_allocator] static A: a::A = a::A; }", [("", None)]),
    "a plain static": ("static A: mimalloc::MiMalloc = mimalloc::MiMalloc;", []),
    "a comment": ("// #[global_allocator]\n/* static A: B = B; */ fn main() {}", []),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES)
def test_statics(text: str, wanted: list[tuple[str, str | None]]) -> None:
    assert told(read(text)) == wanted


def test_the_place_is_that_of_the_static_with_its_attributes() -> None:
    (static,) = read("fn f() {}\n#[cfg(unix)]\n#[global_allocator]\nstatic A: m::M =\n    m::M;\n").statics
    assert (static.place.start.line, static.place.end.line) == (2, 5)


def test_the_place_in_an_arm_is_that_in_the_file() -> None:
    text = (
        "cfg_if! {\n    if #[cfg(unix)] {\n        #[global_allocator]\n        static A: m::M = m::M;\n}}\n"
    )
    (static,) = read(text).statics
    assert text.encode()[static.place.start.offset :].startswith(b"#[global_allocator]")
    assert static.place.start.line == 3


def test_refusals() -> None:
    (error,) = read('#[cfg(all(feature = "a", feature = "b"))]\ncompile_error!("choose one");').errors
    assert error.predicate is not None
    assert cfg.text_of(error.predicate) == 'all(feature = "a", feature = "b")'


CONFS = {
    "export_name": (
        '#[export_name = "malloc_conf"]\npub static C: &[u8] = b"prof:true\\0";',
        "malloc_conf",
        "prof:true",
        True,
    ),
    "no_mangle": (
        '#[no_mangle]\npub static _rjem_malloc_conf: &[u8] = b"a:1";',
        "_rjem_malloc_conf",
        "a:1",
        False,
    ),
    "of edition 2024": (
        '#[unsafe(export_name = "malloc_conf")]\nstatic C: &[u8] = b"a:1\\0";',
        "malloc_conf",
        "a:1",
        True,
    ),
    "C string": ('#[unsafe(no_mangle)]\nstatic malloc_conf: &CStr = c"a:1";', "malloc_conf", "a:1", True),
    "inside a call": (
        '#[no_mangle]\nstatic malloc_conf: Option<&P> = Some(unsafe { &*(b"a:1\\0".as_ptr().cast()) });',
        "malloc_conf",
        "a:1",
        True,
    ),
}


@pytest.mark.parametrize(("text", "symbol", "value", "closed"), CONFS.values(), ids=CONFS)
def test_configuration_strings(text: str, symbol: str, value: str, closed: bool) -> None:
    (conf,) = read(text).confs
    assert (conf.symbol, conf.text.text, conf.closed) == (symbol, value, closed)


def test_other_exported_statics_are_none() -> None:
    assert read('#[no_mangle]\npub static version: &[u8] = b"1\\0";').confs == ()


def test_mentions_are_code() -> None:
    source = read('// jemallocator\nuse mimalloc as _;\nfn f() { let s = "snmalloc_rs"; x!(rpmalloc::A); }')
    assert source.mentions == {"mimalloc", "rpmalloc"}


@pytest.mark.parametrize(
    ("text", "threads", "alone"),
    [
        ("#[tokio::main]\nasync fn main() {}", {"tokio"}, False),
        ('#[tokio::main(flavor = "current_thread")]\nasync fn main() {}', {"tokio"}, True),
        ("fn main() { std::thread::spawn(|| ()); }", {"threads"}, False),
        ("fn main() { rayon::join(a, b); }", {"rayon"}, False),
        ("fn main() { // rayon::join\n }", set(), False),
    ],
)
def test_threads(text: str, threads: set[str], alone: bool) -> None:
    source = read(text)
    assert (set(source.threads), source.current_thread) == (threads, alone)


# ---------------------------------------------------------------- crates

STATIC = "#[global_allocator]\nstatic A: mimalloc::MiMalloc = mimalloc::MiMalloc;"


def built(files: dict[str, str], cargo: str = '[package]\nname = "app"') -> dict[str, Crate]:
    """The crates of a package with some files, by kind and name."""
    own = manifest.read(Source("Cargo.toml", cargo.encode()))
    sources = [read(text, path) for path, text in files.items() if allocators.is_wanted(path, text.encode())]
    found = crates(packages([own], [], files), sources, files.keys())
    return {f"{one.target.kind} {one.target.name}": one for one in found}


def test_modules_lead_to_files() -> None:
    found = built({"src/main.rs": "#[cfg(unix)]\nmod alloc;", "src/alloc.rs": STATIC})
    assert told(found["bin app"]) == [("mimalloc::MiMalloc", "unix")]


def test_a_path_attribute_leads_elsewhere() -> None:
    found = built({"src/main.rs": '#[path = "sys/heap.rs"]\nmod alloc;', "src/sys/heap.rs": STATIC})
    assert told(found["bin app"]) == [("mimalloc::MiMalloc", "all()")]


def test_what_no_module_leads_to_is_unknown() -> None:
    # src/a.rs says nothing of allocators and is not read, so the way to src/a/b.rs is not known.
    found = built({"src/lib.rs": "mod a;", "src/a.rs": "mod b;", "src/a/b.rs": STATIC})
    assert told(found["lib app"]) == [("mimalloc::MiMalloc", None)]


def test_programs_tests_and_benches_are_crates_of_their_own() -> None:
    found = built(
        {
            "src/lib.rs": "",
            "src/main.rs": STATIC,
            "src/bin/tool.rs": STATIC,
            "benches/speed.rs": STATIC,
        }
    )
    assert {name for name, crate in found.items() if crate.statics} == {"bin app", "bin tool", "bench speed"}
    assert not found["lib app"].statics
