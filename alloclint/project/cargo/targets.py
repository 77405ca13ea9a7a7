"""The targets that rustc knows, and what is true of each: the table behind every question about `cfg`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: The keys of `cfg` that a target decides.
KEYS = ("arch", "os", "env", "abi", "vendor", "pointer_width", "endian")
_TABLE = Path(__file__).with_name("targets.txt")


@dataclass(frozen=True, slots=True)
class RustTarget:
    """A target: `values` has one value per key (`target_os` …), `families` those of `target_family`."""

    triple: str
    values: dict[str, str]
    families: frozenset[str]
    #: rustup ships a standard library for it, so that ordinary programs are built for it
    usual: bool
    #: a reader has it in mind, for most programs are built for one of these
    familiar: bool

    def says(self, name: str, value: str | None) -> bool:
        """Whether `name` or `name = "value"` holds."""
        if value is None:
            return name in ("unix", "windows") and name in self.families
        if name == "target_family":
            return value in self.families
        return self.values.get(name) == value


def decides(name: str, value: str | None) -> bool:
    """Whether a target alone decides an atom of `cfg`."""
    if value is None:
        return name in ("unix", "windows")
    return name == "target_family" or (name.removeprefix("target_") in KEYS and name.startswith("target_"))


@cache
def known() -> tuple[RustTarget, ...]:
    """Every target, those that rustup ships first."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    targets = [_target(line.split()) for line in lines if not line.startswith("#")]
    return tuple(sorted(targets, key=lambda one: (not one.usual, _rank(one.triple), one.triple)))


@cache
def named(triple: str) -> RustTarget | None:
    """The target of a triple; None for one that rustc does not know."""
    return next((one for one in known() if one.triple == triple), None)


def _target(columns: list[str]) -> RustTarget:
    shipped, triple, *values, families = ("" if one == "-" else one for one in columns)
    keyed = {f"target_{key}": value for key, value in zip(KEYS, values, strict=True)}
    known_families = frozenset(filter(None, families.split(",")))
    return RustTarget(triple, keyed, known_families, shipped == "+", triple in _FAMILIAR)


#: Where a reader has one target in mind, it is one of these.
_FAMILIAR = (
    "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu", "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl", "x86_64-unknown-freebsd",
    "aarch64-linux-android", "wasm32-wasip1", "wasm32-unknown-unknown",
)  # fmt: skip


def _rank(triple: str) -> int:
    return _FAMILIAR.index(triple) if triple in _FAMILIAR else len(_FAMILIAR)
