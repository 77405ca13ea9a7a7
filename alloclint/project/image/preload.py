"""
Which allocator an environment preloads, and whether the image has the library that it names.

The loader prints one line about a library that it cannot open, and starts the program without it: with
another allocator than its authors believe, for years. What is not known of an image is taken to be all right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from alloclint.finding import Place
from alloclint.project import known
from alloclint.project.image.stage import Copy, Package, Run, Stage
from alloclint.project.runtime.environment import Environment, Variable

_LIBRARY = re.compile(r"lib(jemalloc|tcmalloc|mimalloc)[\w+-]*\.so(?:\.[\d.]+)?")
#: Which layout of a system's folders a path belongs to.
_MULTIARCH = re.compile(r"/(?:usr/)?lib/(x86_64|aarch64|i386|arm|powerpc64le|s390x|riscv64)-linux-gnu\w*/")
_LIB64 = re.compile(r"/(?:usr/)?lib64/")
_PLAIN = re.compile(r"/(?:usr/)?lib/[^/]+")
_LAYOUTS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (_MULTIARCH, frozenset({"debian"})),
    (_LIB64, frozenset({"rhel", "suse"})),
    (_PLAIN, frozenset({"alpine", "arch", "wolfi"})),
)
#: What else a name of an allocator's source or package may be written as.
_WORDS = {
    "jemalloc": re.compile(r"jemalloc", re.I),
    "tcmalloc": re.compile(r"tcmalloc|gperftools|google-perftools", re.I),
    "mimalloc": re.compile(r"mimalloc", re.I),
}
#: The name of one file; others may be folders, archives that are unpacked, or patterns.
_SINGLE = re.compile(
    r"[\w.-]+\.(?:sh|bash|py|rb|m?js|ts|[jw]ar|conf|cfg|ini|json|ya?ml|toml|txt|xml|properties|lock|env)"
)
#: Commands that may put anything anywhere: own scripts, build tools, package managers fed from a file.
_ANYTHING = re.compile(
    r"\bxargs\b|\.(?:sh|bash|py)\b|\|\s*(?:sudo\s+)?(?:ba)?sh\b|\bmake\b|\bansible|\bnix\b|\btar\b|\bunzip\b|\bdpkg\b"
    r"|\b(?:ba)?sh\s+[^-\s]|\$\(|<\s*\S+|\bdebootstrap\b|\bbrew\b|/lib/"
)


@dataclass(frozen=True, slots=True)
class Preload:
    """One library of an `LD_PRELOAD`: how it is written, and whose it is."""

    path: str
    allocator: str
    variable: Variable

    @property
    def library(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]

    @property
    def architecture(self) -> str | None:
        """The one architecture whose folder is named."""
        match = _MULTIARCH.match(self.path)
        return match[1] if match else None

    @property
    def families(self) -> frozenset[str] | None:
        """The distributions with such a folder, or None: any may have it."""
        return next((families for layout, families in _LAYOUTS if layout.match(self.path)), None)


@dataclass(frozen=True, slots=True)
class Missing:
    """
    Why a library is not there: `folder` is one of another distribution, `file` one that the package has under
    another name; it is installed in another `stage`, or `nowhere`. `package` has the library itself, whether
    it is there or would have to be; `installed` is what of the allocator is there.
    """

    kind: Literal["folder", "file", "stage", "nowhere"]
    package: known.LibraryPackage
    installed: Package | None = None
    elsewhere: Stage | None = None

    @property
    def soname(self) -> str:
        """The name of the library that programs load."""
        return self.package.paths[0].rpartition("/")[2]


def preloads(variable: Variable) -> Iterator[Preload]:
    """The allocators in an `LD_PRELOAD`, as far as their names are written out."""
    for entry in re.split(r"[:\s]+", variable.value.text):
        match = _LIBRARY.fullmatch(entry.rpartition("/")[2])
        if match and "$" not in entry and "`" not in entry:
            yield Preload(entry, match[1], variable)


def preloaded(environment: Environment) -> Preload | None:
    """The allocator that is preloaded in any case: under no condition, and by a name that is written out."""
    variable = environment.get("LD_PRELOAD")
    if variable is None or variable.guarded:
        return None
    return next(preloads(variable), None)


def missing(preload: Preload, stage: Stage, stages: Iterable[Stage]) -> Missing | None:
    """Why `stage` has no such library, or None: it has, or nobody knows. `stages` are the repository's."""
    family = stage.base.family
    if family is None or "/" not in preload.path or is_made(preload, stage):
        return None
    ours = [
        one for one in known.library_packages() if one.family == family and one.allocator == preload.allocator
    ]
    installed = [one for one in stage.packages if _is_one_of(ours, one)]
    main = _main(ours, installed)
    if main is None:
        return None
    if preload.families is not None and family not in preload.families:
        return Missing("folder", main, installed[0] if installed else None)
    if not stage.base.official or preload.families is None or preload.allocator in stage.base.brings:
        return None
    if installed:
        return Missing("file", main, installed[0]) if not _has(preload, ours, installed) else None
    if _may_hold_more(stage):
        return None
    others = (one for one in stages if one.path == stage.path)
    elsewhere = next((one for one in others if any(_is_one_of(ours, each) for each in one.packages)), None)
    return Missing("nowhere" if elsewhere is None else "stage", main, None, elsewhere)


def _is_one_of(ours: Sequence[known.LibraryPackage], package: Package) -> bool:
    return any(one.package == _named(package) for one in ours)


def _named(package: Package) -> str:
    """Debian 13 and Ubuntu 24.04 gave packages with another time_t new names."""
    return package.name.removesuffix("t64")


def _there(ours: Sequence[known.LibraryPackage], installed: Sequence[Package]) -> list[known.LibraryPackage]:
    """The packages that are installed, and those that they bring along."""
    names = {_named(one) for one in installed}
    names |= {name for one in ours if one.package in names for name in one.brings}
    return [one for one in ours if one.package in names]


def _main(ours: Sequence[known.LibraryPackage], installed: Sequence[Package]) -> known.LibraryPackage | None:
    """The package with the library itself: one that is there, before the first of all."""
    candidates = [*_there(ours, installed), *ours]
    return next((one for one in candidates if one.paths and not one.paths[0].endswith(".so")), None)


def _has(preload: Preload, ours: Sequence[known.LibraryPackage], installed: Sequence[Package]) -> bool:
    """Whether one of the packages, or one that comes with them, has a file of that name."""
    files = {path.rpartition("/")[2] for one in _there(ours, installed) for path in one.paths}
    # A full version such as `.so.4.5.6` is a file that nobody lists.
    return any(preload.library == file or preload.library.startswith(f"{file}.") for file in files)


def is_made(preload: Preload, stage: Stage) -> bool:
    """Whether something in the stage may make the file: a copy to its folder, a link, a build from source."""
    if any(_brings(copy, preload.path) for copy in stage.copies):
        return True
    return any(_WORDS[preload.allocator].search(_without_packages(run)) for run in stage.runs)


def _brings(copy: Copy, path: str) -> bool:
    """Whether a copy may make a file: a script that is copied to `/` makes no library somewhere below."""
    target = copy.target.rstrip("/")
    if path == target:
        return True
    if not path.startswith(f"{target}/"):
        return False
    names = [source.rstrip("/").rpartition("/")[2] for source in copy.sources]
    return any(_SINGLE.fullmatch(name) is None or path == f"{target}/{name}" for name in names) or not names


def _without_packages(run: Run) -> str:
    """The script of a `RUN` without the names of the packages that it installs."""
    names = "|".join(re.escape(package.name) for package in run.installs)
    return re.sub(rf"(?<![\w/.-])(?:{names})(?![\w/.])[^\s;&|]*", "", run.script) if names else run.script


def _may_hold_more(stage: Stage) -> bool:
    """Whether a `RUN` may have installed what is not seen: unknown names, own scripts, archives."""
    if any("$" in package.name for run in stage.runs for package in run.installs):
        return True
    return any(_ANYTHING.search(_without_quoted(run.script)) for run in stage.runs)


def _without_quoted(script: str) -> str:
    # Lists of packages are cleaned up by nearly everyone.
    return re.sub(r"rm\s+-\w+\s+[^;&|]*", "", script)


def place_of_base(stage: Stage, text: str) -> Place:
    """Where the image at the root of a stage is named, with a few words."""
    place = stage.reference.place
    return Place(place.path, place.start, place.end, text)
