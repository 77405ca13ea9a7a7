"""
What glibc's malloc makes of its environment variables.

    faults("MALLOC_TRIM_THRESHOLD", "131072")    nothing reads that name; the real one ends in `_`
    faults("MALLOC_TRIM_THRESHOLD_", "128k")     128 bytes
    faults("GLIBC_TUNABLES", "malloc.arena_max=2")

A value is read as C reads a number, and what follows the digits is passed over without a word. Names and
tunables are in `known.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.project import known
from alloclint.project.tuning.fault import Fault

_NUMBER = re.compile(r"[ \t]*[-+]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_UNIT = re.compile(r"\s*([kKmMgGtT])(?:i?[bB])?")
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
TUNABLES = "GLIBC_TUNABLES"
_PREFIX = "glibc.malloc."


def concerns(name: str) -> bool:
    """Whether a variable is, or is meant to be, one of glibc's malloc."""
    glibc = known.tables()["glibc"]
    return name == TUNABLES or name in glibc["variables"] or name in glibc["dead"]


def is_read(name: str) -> bool:
    """Whether glibc reads a variable of this name for its malloc."""
    return name == TUNABLES or name in known.tables()["glibc"]["variables"]


def faults(name: str, value: str) -> tuple[Fault, ...]:
    """What is wrong with `name=value`; nothing for variables that are not about glibc's malloc."""
    dead = known.tables()["glibc"]["dead"].get(name)
    if dead is not None:
        return (Fault(0, len(name), _unread(dead), dead, part="name"),)
    if name == TUNABLES:
        return tuple(_of_tunables(value))
    if not is_read(name):
        return ()
    fault = _of_number(name, value, 0)
    return (fault,) if fault else ()


def corrected(name: str, value: str) -> tuple[str, str] | None:
    """The name and value that do what is meant, or None where that is not known."""
    right = known.tables()["glibc"]["dead"].get(name, name)
    if right == TUNABLES:
        return _corrected_tunables(value)
    number = _meant(value)
    if number is None or not (is_read(right) or "=" in right):
        return None
    if "=" in right:
        right, _, tunable = right.partition("=")
        return right, f"{tunable}={number}"
    return right, number


def _unread(right: str) -> str:
    if "=" in right:
        return f"glibc does not read it; it is a tunable, `{right}=…`"
    return f"glibc does not read it; the name is `{right}`"


def _of_number(shown: str, value: str, offset: int) -> Fault | None:
    """What is wrong with a number that stands at `offset`."""
    end = offset + len(value)
    match = _NUMBER.match(value)
    meant = _meant(value)
    if match is None:
        quoted = value[:1] in ("'", '"')
        why = (
            "the quotes are part of the value, so glibc reads no number"
            if quoted
            else "glibc reads no number"
        )
        return Fault(offset, end, f"{why} and keeps the default", meant) if value.strip() else None
    rest = value[match.end() :]
    if rest.strip():
        read = int(match[1], 16 if match[1][:2].lower() == "0x" else 8 if match[1][0] == "0" else 10)
        if "ARENA" not in shown.upper():
            unit = "byte" if read == 1 else "bytes"
            reason = f"glibc reads it as {read} {unit}: what follows the digits is not looked at"
        else:
            reason = f"glibc reads it as {read}: what follows the digits is not looked at"
        return Fault(offset, end, reason, meant)
    if (
        shown.upper().endswith(("ARENA_MAX", "ARENA_TEST"))
        and int(match[1], 0 if match[1] == "0" else 10) == 0
    ):
        return Fault(offset, end, "0 is out of range, so glibc keeps the default", None)
    return None


def _meant(value: str) -> str | None:
    """The plain number of `128k`, `"2"` or `1_000`; None for what has none."""
    bare = value.strip().strip("\"'").strip().replace("_", "")
    if re.fullmatch(r"[-+]?(?:\d+|0[xX][0-9a-fA-F]+)", bare):
        return bare
    match = re.fullmatch(r"(\d+)", bare) or re.match(r"\d+", bare)
    unit = _UNIT.fullmatch(bare[match.end() :]) if match else None
    if match is None or unit is None:
        return None
    return str(int(match[0]) * 1024 ** _POWERS[unit[1].lower()])


def _of_tunables(value: str) -> Iterator[Fault]:
    """The settings are joined by `:`; glibc passes over those that it does not know."""
    if value[:1] in ("'", '"'):
        reason = "the quotes are part of the value, so glibc knows none of the names"
        yield Fault(0, len(value), reason, value.strip("\"'"))
        return
    at = 0
    for setting in value.split(":"):
        if setting:
            yield from _of_setting(setting, at)
        at += len(setting) + 1


def _of_setting(setting: str, at: int) -> Iterator[Fault]:
    name, equals, number = setting.partition("=")
    end = at + len(setting)
    tunables = known.tables()["glibc"]["tunables"]
    tail = name.rpartition(".")[2]
    if not equals:
        yield Fault(at, end, "it has no `=` and a value, so glibc passes over it", None)
    elif re.search(r"[,;\s]+\S*=", number):
        reason = "settings are joined by `:`; glibc takes all of this for the value of the first"
        yield Fault(at, end, reason, re.sub(r"[,;\s]+", ":", setting.strip()))
    elif name.startswith(_PREFIX) and tail in tunables:
        fault = _of_number(tail, number, at + len(name) + 1)
        if fault:
            yield fault
    elif tail in tunables and name.strip() in (tail, f"malloc.{tail}", f"{_PREFIX}{tail}"):
        reason = f"glibc does not know that name; it is `{_PREFIX}{tail}`"
        yield Fault(at, at + len(name), reason, f"{_PREFIX}{tail}")
    elif name.startswith(_PREFIX):
        yield Fault(at, at + len(name), "glibc 2.36 has no tunable of that name", None, "doubtful")


def _corrected_tunables(value: str) -> tuple[str, str] | None:
    settings = [one for one in re.split(r"[:,;\s]+", value.strip("\"' \t\n")) if one]
    mended = []
    for setting in settings:
        name, equals, number = setting.partition("=")
        tail = name.rpartition(".")[2]
        is_malloc = tail in known.tables()["glibc"]["tunables"]
        meant = _meant(number) if is_malloc else number
        if not equals or meant is None:
            return None
        mended.append(f"{_PREFIX}{tail}={meant}" if is_malloc else setting)
    return (TUNABLES, ":".join(mended)) if mended else None
