"""
An allocator is preloaded from a path where it is not.

The loader of glibc prints one line, "cannot be preloaded: ignored", that of musl nothing at all. Both start
the program, which runs with the malloc of its C library and ends with 0 as always: the memory that jemalloc
was to save is lost without a sign.

What goes wrong:

- The path is that of another distribution. Debian has `/usr/lib/x86_64-linux-gnu/`, Red Hat `/usr/lib64/`,
  Alpine `/usr/lib/`.
- The path holds an architecture, and the image is built for another one as well. This is an error where the
  repository builds images for it, otherwise `info`.
- The package has the file under another name. `libjemalloc2` ships `libjemalloc.so.2` only; `.so` comes with
  `libjemalloc-dev`, `.so.1` was jemalloc 3.
- The package is installed in another stage, or in none. An official base image does not bring it.

`LD_PRELOAD=libjemalloc.so.2`, without a folder, is found by the loader on every distribution and
architecture, as long as the package is installed.

Silent for a name without a folder, where a file is copied, linked or built into the image, behind a test such
as `-f` or a path made of `uname -m`, and for base images that are not known.

```dockerfile bad/Dockerfile
FROM eclipse-temurin:21-jre
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2
ENV LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so
ENTRYPOINT ["java", "-jar", "/app.jar"]
```

```dockerfile good/Dockerfile
FROM eclipse-temurin:21-jre
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2
ENV LD_PRELOAD=libjemalloc.so.2
ENTRYPOINT ["java", "-jar", "/app.jar"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from alloclint.finding import Applicability, Edit, Finding, Place, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.image.preload import Missing, Preload, is_made, missing, place_of_base, preloads
from alloclint.project.image.stage import Stage
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.lines import line
from alloclint.project.runtime.unit import BuildTarget, Unit
from alloclint.project.within import part

CODE = "ALC605"
SEVERITY = Severity.error
LANGUAGES = ("dockerfile", "compose", "kubernetes", "systemd", "shell")

#: Conditions that look whether the file is there, or which machine this is.
_LOOKS = re.compile(
    r"(?:^|[\s\[(!])-[efrsL]\s|uname|\barch\b|ldconfig|dpkg|\bfind\b|\bls\b|HOSTTYPE|MACHTYPE", re.I
)
_NAMES = {
    "alpine": "Alpine",
    "debian": "Debian or Ubuntu",
    "rhel": "of Red Hat's family",
    "suse": "SUSE",
    "arch": "Arch",
    "wolfi": "Wolfi",
}
#: What a failed preload looks like.
_SIGN = {
    "glibc": "ld.so prints one line, and the exit status is that of the program",
    "musl": "musl's loader says nothing, and the exit status is that of the program",
}
_INSTALLS = {
    "debian": "RUN apt-get update && apt-get install -y --no-install-recommends {}",
    "alpine": "RUN apk add --no-cache {}",
    "rhel": "RUN dnf install -y {}",
}
#: Evidence of images: a platform of Docker's, or a runner; a target triple may be of any program.
_OF_IMAGES = re.compile(r"linux/.*|[\w.-]+-arm(?:64)?")


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        variable = unit.environment.get("LD_PRELOAD")
        if variable is None or _is_looked_for(variable):
            continue
        for preload in preloads(variable):
            finding = _missing(unit, preload, repository) or _elsewhere(unit, preload, repository)
            if finding is not None:
                yield finding


def _is_looked_for(variable: Variable) -> bool:
    """Whether the path is found out, or its file tested; a switch that is on by default is no such test."""
    if variable.guarded and not variable.conditions:
        return True
    return any(_LOOKS.search(condition) or condition == "?" for condition in variable.conditions)


def _missing(unit: Unit, preload: Preload, repository: Repository) -> Finding | None:
    if unit.stage is None or preload.variable.guarded:
        return None
    why = missing(preload, unit.stage, repository.stages)
    return _of_image(unit.stage, preload, why) if why is not None else None


def _of_image(stage: Stage, preload: Preload, why: Missing) -> Finding:
    is_sure = why.kind == "folder" or why.package.verified
    return Finding(
        _place(preload),
        f"{_what(stage, preload, why)}; the program starts with the malloc of its libc",
        evidence=_SIGN.get(stage.base.libc or ""),
        suggestion=_suggestion(stage, preload, why),
        because=tuple(_because(stage, why)),
        base=Severity.warning if why.kind == "nowhere" or not is_sure else None,
    )


def _what(stage: Stage, preload: Preload, why: Missing) -> str:
    if why.kind == "folder":
        return f"`{preload.path}` does not exist: this image is {_NAMES[stage.base.family or 'debian']}"
    if why.kind == "file" and why.installed is not None:
        return f"`{preload.library}` does not exist: `{why.installed.name}` brings `{why.soname}`"
    if why.kind == "stage" and why.elsewhere is not None:
        return f"`{preload.library}` is not in this image, only stage `{why.elsewhere.name}` installs it"
    return f"`{preload.library}` is not in this image: nothing installs {preload.allocator}"


def _because(stage: Stage, why: Missing) -> Iterator[Place]:
    if why.installed is not None:
        yield replace(why.installed.place, text=f"`{why.soname}` comes with this")
    if why.kind != "file":
        yield place_of_base(stage, "the image is built on this")
    if why.elsewhere is not None:
        names = [one for one in why.elsewhere.packages if one.name.startswith(why.package.package)]
        yield from (replace(one.place, text="installed here, in another stage") for one in names[:1])


def _suggestion(stage: Stage, preload: Preload, why: Missing) -> Suggestion:
    variable = preload.variable
    value = _without_folder(preload, why.soname)
    text = f"`{line(variable.origin, variable.name, value)}`"
    if why.installed is not None:
        edits = tuple(_edits(preload, why.soname))
        applicability = Applicability.unsafe if edits else Applicability.display
        return Suggestion(text, applicability=applicability, edits=edits)
    install = _INSTALLS.get(stage.base.family or "", "install `{}`").format(why.package.package)
    return Suggestion(f"`{install}` in this stage, and {text}")


def _without_folder(preload: Preload, soname: str) -> str:
    text = preload.variable.value.text
    at = text.find(preload.path)
    return text[:at] + soname + text[at + len(preload.path) :]


def _place(preload: Preload) -> Place:
    value = preload.variable.value
    at = value.text.find(preload.path)
    return part(value, at, at + len(preload.path))


def _edits(preload: Preload, soname: str) -> Iterator[Edit]:
    """The path alone, where it stands in the file as it is."""
    place = _place(preload)
    if place.end.offset - place.start.offset == len(preload.path.encode()):
        yield Edit(place.start.offset, place.end.offset, soname)


# ---------------------------------------------------------------- another architecture


def _elsewhere(unit: Unit, preload: Preload, repository: Repository) -> Finding | None:
    """The folder of one architecture, in a repository that makes images for another."""
    arch = preload.architecture
    if arch not in ("x86_64", "aarch64") or unit.kind == "systemd" or _is_pinned(unit, preload):
        return None
    other = "aarch64" if arch == "x86_64" else "x86_64"
    built = _built_for(repository, other, unit)
    value = _without_folder(preload, preload.library)
    return Finding(
        _place(preload),
        f"`{preload.path}` is there on {arch} only: on {other} the program keeps the malloc of its libc",
        evidence=None if built is not None else "nothing here tells that images are built for it",
        suggestion=Suggestion(f"`{line(preload.variable.origin, preload.variable.name, value)}`"),
        because=(replace(built.evidence.place, text=f"built for {other} here"),) if built is not None else (),
        base=None if built is not None else Severity.info,
    )


def _is_pinned(unit: Unit, preload: Preload) -> bool:
    """
    `FROM --platform=linux/amd64` runs nothing else, and neither does an image whose name says so; and a file
    that the image makes is where its authors want it.
    """
    if unit.stage is None:
        return False
    if is_made(preload, unit.stage):
        return True
    platform = unit.stage.platform or ""
    path = unit.stage.path.rpartition("/")[2]
    return platform.startswith("linux/") or re.search(r"(?:amd|arm|x86_|aarch)64", path) is not None


def _built_for(repository: Repository, arch: str, unit: Unit) -> BuildTarget | None:
    """Evidence of images for an architecture; another Dockerfile's platform speaks for itself only."""
    dockerfiles = {stage.path for stage in repository.stages}
    own = unit.stage.path if unit.stage is not None else None
    for one in repository.targets:
        path = one.evidence.place.path
        is_image = one.os == "linux" and _OF_IMAGES.fullmatch(one.evidence.text) is not None
        if is_image and one.arch == arch and (path not in dockerfiles or path == own):
            return one
    return None
