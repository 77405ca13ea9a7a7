"""What of a repository is built into an image: the Cargo program or the Java module that a unit runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from posixpath import basename, dirname

from alloclint.project.jvm.module import JvmModule
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.crates import Crate

#: `cargo build --bin server`, `-p server`, `--package=server`
_BUILT = re.compile(r"\bcargo\s+(?:\S+\s+)*?(?:build|install|rustc|zigbuild)\b([^&|;\n]*)")
_NAMED = re.compile(r"(?:--bin|--package|-p)[ =]+([\w-]+)")
_RELEASED = re.compile(r"(?:^|/)(?:target(?:/[\w-]+)*|release|debug|cargo/bin)/([\w-]+)$")


def crate_in(unit: Unit, programs: Sequence[Crate]) -> Crate | None:
    """
    The program that a unit runs: by the name of what is started, copied or built, or the only one there is
    where the image builds with Cargo.
    """
    if not programs:
        return None
    names = _names_in(unit)
    named = [crate for crate in programs if _name(crate) in names]
    if len(named) == 1:
        return named[0]
    alone = len(programs) == 1 and not named
    return programs[0] if alone and _builds_with_cargo(unit) else None


def module_in(unit: Unit, modules: Sequence[JvmModule]) -> JvmModule | None:
    """
    The Java module that a unit runs: the one whose folder the image copies from, the one beside or above the
    Dockerfile, the only one, or the only one that makes a program.
    """
    copied = [module for module in modules if _copies_from(unit, module)]
    beside = [module for module in modules if _is_beside(unit, module) and not module.modules]
    runnable = [module for module in modules if module.runnable]
    for found in (copied, beside, modules, runnable):
        if len(found) == 1:
            return found[0]
    return None


def _name(crate: Crate) -> str:
    return crate.target.name.text if crate.target.name is not None else crate.package.name


def _names_in(unit: Unit) -> set[str]:
    """The names of programs that a unit starts, copies from a build, or builds."""
    names = {unit.command.program} if unit.command is not None else set()
    stage = unit.stage
    if stage is None:
        return names
    for copy in stage.copies:
        names.update(hit[1] for source in copy.sources if (hit := _RELEASED.search(source)))
    for run in stage.runs:
        for built in _BUILT.findall(run.script):
            names.update(_NAMED.findall(built))
    return names


def _builds_with_cargo(unit: Unit) -> bool:
    stage = unit.stage
    if stage is None:
        return False
    copied = any(_RELEASED.search(source) for copy in stage.copies for source in copy.sources)
    return copied or any(_BUILT.search(run.script) for run in stage.runs)


def _copies_from(unit: Unit, module: JvmModule) -> bool:
    if unit.stage is None or not module.folder:
        return False
    inside = basename(module.folder) + "/"
    return any(
        source.lstrip("./").startswith((inside, f"{module.folder}/"))
        and re.search(r"\.jar$|/target/|/build/", source)
        for copy in unit.stage.copies
        for source in copy.sources
    )


def _is_beside(unit: Unit, module: JvmModule) -> bool:
    path = unit.stage.path if unit.stage is not None else unit.path
    return dirname(path) == module.folder or dirname(dirname(path)) == module.folder
