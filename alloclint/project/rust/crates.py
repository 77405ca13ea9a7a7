"""
The crates of a package, each with the allocator statics that are compiled into it.

A file belongs to a crate if a chain of `mod` leads to it from the crate's root; the `cfg`s on the way join
those inside. Where a file on the way was not read, what is below it belongs to the library, or to the only
program, under an unknown predicate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from posixpath import dirname, join, normpath

from alloclint.project.cargo import cfg
from alloclint.project.cargo.cfg import Predicate
from alloclint.project.cargo.manifest import Target
from alloclint.project.cargo.workspace import Package
from alloclint.project.rust.allocators import (
    CompileError,
    GlobalAllocator,
    MallocConf,
    Module,
    RustSource,
    both,
)


@dataclass(frozen=True, slots=True)
class Crate:
    """
    One target of a package as rustc compiles it. `files` are those of its sources that say something;
    `root` is the path of the first. Predicates are joined along the modules.
    """

    package: Package
    target: Target
    root: str
    statics: tuple[GlobalAllocator, ...] = ()
    errors: tuple[CompileError, ...] = ()
    confs: tuple[MallocConf, ...] = ()
    mentions: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    current_thread: bool = False
    no_std: bool = False
    files: tuple[str, ...] = ()

    @property
    def is_program(self) -> bool:
        return self.target.kind == "bin"


def crates(
    packages: Iterable[Package], sources: Iterable[RustSource], files: Collection[str]
) -> tuple[Crate, ...]:
    """Every target of every package whose root is among `files`, the paths of all Rust files known."""
    by_path = {source.path: source for source in sources}
    return tuple(crate for package in packages for crate in _of(package, by_path, files))


def _of(package: Package, sources: Mapping[str, RustSource], files: Collection[str]) -> Iterator[Crate]:
    found = []
    for target in package.targets:
        root = _root(package, target, files)
        if root is not None:
            found.append(_crate(package, target, root, sources, files))
    reached = {path for crate in found for path in crate.files}
    home = _home(found)
    for crate in found:
        yield _with(crate, _stray(crate, sources, reached)) if crate is home else crate


def _root(package: Package, target: Target, files: Collection[str]) -> str | None:
    """The file in which a target begins, if it is known."""
    path = normpath(package.shown(target))
    return path if path in files else None


def _home(found: Iterable[Crate]) -> Crate | None:
    """The crate that files belong to which no chain of `mod` reaches."""
    libraries = [crate for crate in found if crate.target.kind == "lib"]
    programs = [crate for crate in found if crate.target.kind == "bin"]
    if libraries:
        return libraries[0]
    return programs[0] if len(programs) == 1 else None


def _stray(
    crate: Crate, sources: Mapping[str, RustSource], reached: Collection[str]
) -> list[tuple[RustSource, Predicate | None]]:
    folder = dirname(crate.root) + "/"
    return [
        (source, None)
        for path, source in sorted(sources.items())
        if path.startswith(folder) and path not in reached and not path.startswith(folder + "bin/")
    ]


def _crate(
    package: Package,
    target: Target,
    root: str,
    sources: Mapping[str, RustSource],
    files: Collection[str],
) -> Crate:
    source = sources.get(root)
    crate = Crate(package, target, root, no_std=source is not None and source.no_std)
    if source is None:
        return crate
    return _with(crate, list(_reached(source, sources, files)))


def _reached(
    root: RustSource, sources: Mapping[str, RustSource], files: Collection[str]
) -> Iterator[tuple[RustSource, Predicate | None]]:
    waiting: list[tuple[RustSource, Predicate | None]] = [(root, cfg.ALWAYS)]
    seen = {root.path}
    while waiting:
        source, outer = waiting.pop()
        predicate = both(outer, source.predicate)
        yield source, predicate
        for module in source.modules:
            path = _file_of(module, source.path, files, is_root=source is root)
            if path is not None and path not in seen and path in sources:
                seen.add(path)
                waiting.append((sources[path], both(predicate, module.predicate)))


def _file_of(module: Module, path: str, files: Collection[str], *, is_root: bool) -> str | None:
    """Where `mod name;` leads to."""
    folder, stem = dirname(path), path.rpartition("/")[2].removesuffix(".rs")
    if module.path is not None:
        candidates = [join(folder, module.path)]
    else:
        inside = folder if is_root or stem == "mod" else join(folder, stem)
        candidates = [join(inside, f"{module.name}.rs"), join(inside, module.name, "mod.rs")]
    return next((one for one in map(normpath, candidates) if one in files), None)


def _with(crate: Crate, told: Iterable[tuple[RustSource, Predicate | None]]) -> Crate:
    """A crate with what some of its files tell, each under a predicate."""
    for source, predicate in told:
        crate = replace(
            crate,
            statics=(
                *crate.statics,
                *(replace(one, predicate=both(predicate, one.predicate)) for one in source.statics),
            ),
            errors=(
                *crate.errors,
                *(replace(one, predicate=both(predicate, one.predicate)) for one in source.errors),
            ),
            confs=(
                *crate.confs,
                *(replace(one, predicate=both(predicate, one.predicate)) for one in source.confs),
            ),
            mentions=crate.mentions | source.mentions,
            threads=crate.threads | source.threads,
            current_thread=crate.current_thread or source.current_thread,
            files=(*crate.files, source.path),
        )
    return crate
