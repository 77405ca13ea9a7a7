"""Which files are manifests, by their names alone: what builds, images and start scripts are written in."""

from __future__ import annotations

import re
from typing import Literal, get_args

Kind = Literal[
    "cargo",
    "cargo-lock",
    "cargo-config",
    "cross",
    "dockerfile",
    "compose",
    "kubernetes",
    "workflow",
    "systemd",
    "shell",
    "env",
    "make",
    "options",
    "maven",
    "gradle",
    "gradle-catalog",
    "pyproject",
    "requirements",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: The kinds that say what a repository builds.
BUILDS: tuple[Kind, ...] = ("cargo", "maven", "gradle")
#: What a rule's `LANGUAGES` and its page call the kinds that are only parts of something.
TONGUES: dict[Kind, str] = {
    "cargo-lock": "cargo",
    "cargo-config": "cargo",
    "cross": "cargo",
    "env": "shell",
    "make": "shell",
    "gradle-catalog": "gradle",
    "pyproject": "python",
    "requirements": "python",
}

_NAMES: dict[str, Kind] = {
    "Cargo.toml": "cargo",
    "Cargo.lock": "cargo-lock",
    "Cross.toml": "cross",
    "Makefile": "make",
    "makefile": "make",
    "GNUmakefile": "make",
    "pom.xml": "maven",
    "build.gradle": "gradle",
    "build.gradle.kts": "gradle",
    "libs.versions.toml": "gradle-catalog",
    "pyproject.toml": "pyproject",
    ".env": "env",
}
#: Names that mean something in one folder only.
_BELOW: dict[tuple[str, str], Kind] = {
    (".cargo", "config.toml"): "cargo-config",
    (".cargo", "config"): "cargo-config",
    (".mvn", "jvm.config"): "options",
    ("etc", "jvm.config"): "options",
}
_SUFFIXES: dict[str, Kind] = {
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "service": "systemd",
    "sh": "shell",
    "bash": "shell",
    "env": "env",
    "mk": "make",
    "vmoptions": "options",
}
#: `Dockerfile`, `Dockerfile.prod`, `Containerfile-alpine`; what describes one or is filled in first is none.
_DOCKERFILE = re.compile(
    r"(?:docker|container)file(?:[._-](?!(?:.*\.)?(?:dockerignore|go|j2|java|json|js|md|py|rb|rs|rst|tmpl|ts)$).+)?",
    re.IGNORECASE,
)
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[._-].+)?")
_ENTRYPOINT = re.compile(r"(?:.+[-_])?entrypoint")
_OPTIONS = re.compile(r"(?:.+-)?jvm[\w-]*\.options")
_REQUIREMENTS = re.compile(r"(?:.+[-_.])?requirements(?:[-_.].+)?\.txt")


def kind_of(path: str) -> Kind | None:
    """What a file with this path (with `/`) is as a manifest, or None; its content is not asked."""
    folders, _, name = path.rpartition("/")
    folder = folders.rpartition("/")[2]
    known = _NAMES.get(name) or _BELOW.get((folder, name))
    if known is not None:
        return known
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return _without_suffix(name)
    suffix = suffix.lower()
    if suffix in ("yml", "yaml"):
        return _yaml(folders, stem)
    return _SUFFIXES.get(suffix) or _with_suffix(folder, name, suffix)


def tongue_of(kind: Kind) -> str:
    """The word for a kind in a rule's `LANGUAGES`."""
    return TONGUES.get(kind, kind)


def _without_suffix(name: str) -> Kind | None:
    if _DOCKERFILE.fullmatch(name):
        return "dockerfile"
    return "shell" if _ENTRYPOINT.fullmatch(name) else None


def _with_suffix(folder: str, name: str, suffix: str) -> Kind | None:
    if suffix == "conf":
        return "systemd" if folder.endswith(".service.d") else None
    if suffix == "options":
        return "options" if folder == "jvm.options.d" or _OPTIONS.fullmatch(name) else None
    if suffix == "txt":
        return "requirements" if folder == "requirements" or _REQUIREMENTS.fullmatch(name) else None
    if name.startswith(".env."):
        return "env"
    return "dockerfile" if _DOCKERFILE.fullmatch(name) else None


def _yaml(folders: str, stem: str) -> Kind:
    if folders == ".github/workflows" or folders.endswith("/.github/workflows"):
        return "workflow"
    return "compose" if _COMPOSE.fullmatch(stem) else "kubernetes"
