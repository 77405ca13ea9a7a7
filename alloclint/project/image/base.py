"""What a base image is known to be: its distribution, its C library, the programs that it brings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Literal, cast

from alloclint.project import known

Libc = Literal["glibc", "musl"]
#: debian covers Ubuntu and what is made from either; rhel covers Fedora, UBI, Amazon, Rocky, Alma, Oracle.
Family = Literal["debian", "alpine", "rhel", "suse", "arch", "wolfi"]


@dataclass(frozen=True, slots=True)
class Base:
    """
    What an image reference tells. Unknown is None: nothing is concluded from it.

    `brings` are programs that the official image is made for: `java`, `python`, `rust`, `flink` …
    `official` says that nothing is known to be in it beyond what its publisher puts there.
    """

    libc: Libc | None = None
    family: Family | None = None
    brings: frozenset[str] = frozenset()
    official: bool = False


UNKNOWN = Base()

#: Hosts and folders under which Docker Hub's images are found; `library` are the official ones.
_HUB = re.compile(
    r"^(?:(?:index\.|registry-1\.|registry\.)?docker\.io/|public\.ecr\.aws/docker/|mirror\.gcr\.io/"
    r"|(?:[^/]+/)*?(?:docker\.io|dockerhub|docker-hub|dependency_proxy/containers)/)"
)
_LIBRARY = re.compile(r"^(?:[^/]+/)*library/")
#: What a word of a tag says of the system below it. A later word wins: `bookworm-slim`, `alpine3.20`.
_TAG_WORDS: tuple[tuple[re.Pattern[str], Libc | None, Family | None], ...] = (
    (re.compile(r"(?:linux)?musl|alpine[\d.]*"), "musl", "alpine"),
    (
        re.compile(
            r"slim|debian\d*|ubuntu[\d.]*|buster|bullseye|bookworm|trixie|stretch|bionic|focal|jammy|noble"
            r"|xenial|oracular|plucky|sid"
        ),
        "glibc",
        "debian",
    ),
    (
        re.compile(
            r"ubi\d*|centos\d*|fedora\d*|rockylinux[\d.]*|almalinux[\d.]*|oraclelinux\d*|oracle|ol\d+|al\d+"
            r"|amazonlinux\d*|el\d+"
        ),
        "glibc",
        "rhel",
    ),
    (re.compile(r"wolfi"), "glibc", "wolfi"),
)
_WINDOWS = re.compile(r"windowsservercore|nanoserver|windows")


@lru_cache(maxsize=4096)
def of(reference: str) -> Base:
    """
    What is known of an image by its reference: registry, name, tag, digest. `UNKNOWN` for names that are in
    no table, for `scratch`, whose programs bring their own C library or none, and for Windows.
    """
    name, tag = _split(reference)
    if "$" in name or not name:
        return UNKNOWN
    entry = next((one for one in known.tables().get("images", ()) if fnmatchcase(name, one["pattern"])), None)
    if entry is None or _WINDOWS.search(tag):
        return UNKNOWN
    brings = frozenset(entry.get("brings", ()))
    base = Base(entry.get("libc"), entry.get("family"), brings, entry.get("official", True))
    # A tag with a variable in it may be anything that the image comes as.
    return _tagged(base, tag, entry) if "$" not in tag else replace(base, libc=None, family=None)


def _tagged(base: Base, tag: str, entry: dict[str, Any]) -> Base:
    overrides: dict[str, str] = entry.get("tags", {})
    for word in re.split(r"[-_]", tag.lower()):
        override = next((value for key, value in overrides.items() if fnmatchcase(word, key)), None)
        if override is not None:
            base = replace(base, **_system(override))
            continue
        for pattern, libc, family in _TAG_WORDS:
            if pattern.fullmatch(word):
                base = replace(base, libc=libc, family=family)
    return base


def _system(family: str) -> dict[str, Any]:
    """The family, with its C library."""
    if family == "unknown":
        return {"libc": None, "family": None}
    return {"libc": "musl" if family == "alpine" else "glibc", "family": cast(Family, family)}


def _split(reference: str) -> tuple[str, str]:
    """Name and tag, without a registry that only hands on what Docker Hub has."""
    name, tag = name_and_tag(reference)
    return _LIBRARY.sub("", _HUB.sub("", name.lower())), tag


def name_and_tag(reference: str) -> tuple[str, str]:
    """`registry:5000/team/app` and `1.2` of `registry:5000/team/app:1.2@sha256:…`."""
    front, slash, last = reference.partition("@")[0].rpartition("/")
    last, _, tag = last.partition(":")
    return f"{front}{slash}{last}", tag
