"""What a base image is known to be: its distribution, its C library, the programs that it brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Libc = Literal["glibc", "musl"]
#: debian covers Ubuntu and what is made from either; rhel covers Fedora, UBI, Amazon, Rocky, Alma, Oracle.
Family = Literal["debian", "alpine", "rhel", "suse", "arch", "wolfi"]


@dataclass(frozen=True, slots=True)
class Base:
    """
    What an image reference tells. Unknown is None: nothing is concluded from it.

    `brings` are programs that the official image is made for: `java`, `python`, `rust`, `flink`, `cassandra` …
    `official` says that nothing is known to be in it beyond what its publisher puts there.
    """

    libc: Libc | None = None
    family: Family | None = None
    brings: frozenset[str] = frozenset()
    official: bool = False


UNKNOWN = Base()
