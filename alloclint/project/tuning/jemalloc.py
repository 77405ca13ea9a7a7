"""
jemalloc's configuration string, read as jemalloc reads it.

    pairs("narenas:2,tcache:false")     what arrives
    faults("narenas:2, tcache:false")   the second pair begins with a space: dropped, with all that follows
    corrected("narenas=2; tcache=no")   "narenas:2,tcache:false"

A key is letters, digits and `_` up to a colon; any other character there ends the reading. A value goes to
the next comma, whatever is in it, and a value that is refused leaves the default. Keys are in `known.toml`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from alloclint.project import known
from alloclint.project.known import Key, Version
from alloclint.project.tuning.fault import Fault

_KEY = re.compile(r"[A-Za-z0-9_]*")
_UNSIGNED_LIMIT = 2**64
#: Hexadecimal, octal, a single zero, decimal: the first that fits is what C's strtoumax reads.
_DIGITS = tuple(map(re.compile, (r"0[xX][0-9a-fA-F]+", r"0[0-7]+", r"0", r"[0-9]*")))
#: The words that people write for the two that jemalloc takes.
_BOOLS = {
    **dict.fromkeys(("1", "yes", "on", "y", "t", "enable", "enabled", "true"), "true"),
    **dict.fromkeys(("0", "no", "off", "n", "f", "disable", "disabled", "false"), "false"),
}
_SUFFIXED = re.compile(r"(\d+)\s*([A-Za-z]+)")
_BYTES = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MILLISECONDS = {"ms": 1, "s": 1000, "sec": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000}
#: How alike a name must be to the key that is meant, and by how much more than to the next.
_NEAR, _APART = 0.87, 0.04
#: Keys of which builds and versions have their own: an unknown one may be known to the jemalloc that is used.
_CHANGING = ("experimental_", "hpa_", "huge_arena_")


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that jemalloc takes apart; the value lies at `value_start`..`end` of the string."""

    key: str
    value: str
    start: int
    value_start: int
    end: int


def pairs(text: str) -> tuple[Pair, ...]:
    """The pairs up to the place where jemalloc stops reading; keys and values need not be valid."""
    return tuple(piece for piece in _pieces(text) if isinstance(piece, Pair))


def faults(
    text: str, version: Version | None = (5, 3, 0), *, profiling: bool | None = None
) -> tuple[Fault, ...]:
    """
    What a jemalloc of that version (None: of any that is known) does not take.

    `profiling` says whether it was built with heap profiles; None is unknown, and then nothing is said of
    their keys.
    """
    found = []
    for piece in _pieces(text):
        fault = piece if isinstance(piece, Fault) else _judge(piece, version, profiling)
        if fault is not None:
            found.append(fault)
    return tuple(found)


def corrected(text: str, version: Version | None = (5, 3, 0), *, profiling: bool | None = None) -> str | None:
    """The string with everything that can be meant, in jemalloc's grammar; None if nothing is left of it."""
    flat = re.sub(r"\s*([:=,;])\s*", r"\1", text.strip().strip("\"'").strip())
    mended = (_mended(part, version, profiling) for part in re.split(r"[,;\s]+", flat))
    return ",".join(part for part in mended if part) or None


def _pieces(text: str) -> Iterator[Pair | Fault]:
    at = 0
    while at < len(text):
        match = _KEY.match(text, at)
        end_of_key = match.end() if match else at
        if text[end_of_key : end_of_key + 1] != ":":
            yield _stopped(text, at, end_of_key)
            return
        comma = text.find(",", end_of_key)
        end = len(text) if comma < 0 else comma
        yield Pair(text[at:end_of_key], text[end_of_key + 1 : end], at, end_of_key + 1, end)
        if comma == len(text) - 1:
            reason = "jemalloc warns of a comma at the end, and aborts if `abort_conf:true` is set"
            yield Fault(comma, comma + 1, reason, "", "doubtful")
        at = end + 1


def _stopped(text: str, start: int, at: int) -> Fault:
    """jemalloc gives up inside the pair that begins at `start`."""
    rest = corrected(text[start:]) or ""
    if at == len(text):
        return Fault(start, at, "it has no value, so jemalloc drops it", rest)
    shown = {" ": "a space", "\n": "a line break", "\t": "a tab"}.get(text[at], f"`{text[at]}`")
    reason = f"jemalloc reads `key:value` pairs, and at {shown} it drops everything from here on"
    return Fault(start, len(text), reason, rest)


def _judge(pair: Pair, version: Version | None, profiling: bool | None) -> Fault | None:
    key = _key(pair.key)
    if key is None or (version is not None and not key.exists(version)):
        return _unknown(pair, key, version, profiling)
    if key.needs == "profiling" and profiling is False:
        reason = f"this jemalloc is built without profiling and does not know `{key.name}`"
        return Fault(pair.start, pair.end, reason, "")
    if key.needs not in (None, "profiling"):
        reason = f"only a jemalloc that was built with {key.needs} knows `{key.name}`"
        return Fault(pair.start, pair.end, reason, None, "doubtful")
    return _judge_value(pair, key, version, profiling)


def _judge_value(pair: Pair, key: Key, version: Version | None, profiling: bool | None) -> Fault | None:
    reason = _refusal(key, pair.value)
    if reason is None:
        return None
    if re.search(r"[;\s]", pair.value.strip()):
        reason = "pairs are joined by `,` alone, so jemalloc takes all of this for one value"
        mended = corrected(f"{pair.key}:{pair.value}", version, profiling=profiling)
        return Fault(pair.start, pair.end, reason, mended or "")
    return Fault(pair.value_start, pair.end, reason, _mended_value(key, pair.value) or None)


def _is_taken(key: Key, value: str, version: Version | None, profiling: bool | None) -> bool:
    exists = version is None or key.exists(version)
    is_built = key.needs != "profiling" or profiling is not False
    return exists and is_built and _refusal(key, value) is None


def _key(name: str) -> Key | None:
    """jemalloc compares these few by the beginning that is written, in this order."""
    for partly in ("metadata_thp", "dss", "percpu_arena"):
        if partly.startswith(name):
            return known.jemalloc_keys()[partly]
    return known.jemalloc_keys().get(name)


def _unknown(pair: Pair, key: Key | None, version: Version | None, profiling: bool | None) -> Fault:
    mended = _mended(f"{pair.key}:{pair.value}", version, profiling)
    dead = known.tables()["jemalloc"]["dead"]
    if key is not None and version is not None:
        reason = f"jemalloc {'.'.join(map(str, version))} does not know `{pair.key}` and leaves it out"
        return Fault(pair.start, pair.end, reason, "", "dead")
    if pair.key in dead:
        reason = f"`{pair.key}` is a key of jemalloc 4 and older; 5 does not know it and leaves it out"
        return Fault(pair.start, pair.end, reason, mended, "dead")
    weight: Any = "doubtful" if pair.key.startswith(_CHANGING) else "dead"
    shown = f"the key `{pair.key}`" if pair.key else "a pair without a key"
    return Fault(pair.start, pair.end, f"jemalloc does not know {shown} and leaves it out", mended, weight)


def _refusal(key: Key, value: str) -> str | None:
    """Why jemalloc does not take a value, or None."""
    if value in key.words or (key.partly and any(word.startswith(value) for word in key.words)):
        return None
    if key.kind == "bool":
        return None if value in ("true", "false") else "jemalloc takes `true` or `false` here, nothing else"
    if key.kind == "words":
        return f"jemalloc takes {_listed(key.words)} here, nothing else"
    if key.kind == "ratio":
        return _refused_ratio(key, value)
    if key.kind == "ranges":
        return None if _are_ranges(value) else "jemalloc takes `from-to:count` here, joined by `|`"
    return None if key.kind == "text" else _refused_number(key, value)


def _listed(words: tuple[str, ...]) -> str:
    shown = [f"`{word}`" for word in words]
    return ", ".join(shown[:-1]) + f" or {shown[-1]}"


def _refused_ratio(key: Key, value: str) -> str | None:
    match = re.fullmatch(r"(\d*)(?:\.\d+)?", value, re.ASCII)
    if not value or match is None or int(match[1] or 0) >= 2**16:
        return "jemalloc takes a number such as `0.25` here"
    if key.most is not None and float(value) > key.most:
        return f"jemalloc takes at most {key.most} here"
    return None


def _refused_number(key: Key, value: str) -> str | None:
    number, rest = _number(value)
    if number is None:
        return "jemalloc takes a number here"
    if rest:
        return "jemalloc takes a plain number here, without anything behind it"
    if key.kind == "unsigned":
        # A minus sign wraps round to a huge number, as in C.
        number %= _UNSIGNED_LIMIT
    if key.least is not None and number < key.least:
        return f"jemalloc takes no less than {key.least} here"
    if key.most is not None and number > key.most:
        return f"jemalloc takes no more than {key.most} here"
    return None


def _number(value: str) -> tuple[int | None, str]:
    """The number that C's strtoumax reads with any base, and what it leaves; None if it reads nothing."""
    match = re.match(r"[\t\n\v\f\r ]*(-|\+|-\+)?(.*)", value, re.DOTALL)
    assert match is not None
    digits = next(found for found in (pattern.match(match[2]) for pattern in _DIGITS) if found is not None)
    if not digits[0]:
        return None, value
    base = 16 if digits[0][:2] in ("0x", "0X") else 8 if digits[0][0] == "0" else 10
    number = int(digits[0], base)
    if number >= _UNSIGNED_LIMIT:
        return None, value
    return (-number if (match[1] or "").startswith("-") else number), match[2][digits.end() :]


def _are_ranges(value: str) -> bool:
    return all(re.fullmatch(r"\d+-\d+:\d+", part) for part in value.removesuffix("|").split("|"))


def _mended(part: str, version: Version | None, profiling: bool | None) -> str:
    """One pair in jemalloc's grammar; empty where there is nothing that can be meant."""
    match = re.fullmatch(r"""["']?(?:opt\.)?([A-Za-z0-9_]+)["']?[:=](.*)""", part.strip("\"'"))
    if match is None:
        return ""
    key, value = _renamed(match[1], match[2].strip("\"'"))
    if key is None:
        return ""
    value = _mended_value(key, value)
    return f"{key.name}:{value}" if value and _is_taken(key, value, version, profiling) else ""


def _renamed(name: str, value: str) -> tuple[Key | None, str]:
    """The key that is meant by a name: itself, its successor, or the only one that is spelled nearly so."""
    keys = known.jemalloc_keys()
    lower = name.lower()
    exact = _key(name) if name else None
    if exact is not None or lower in keys:
        return exact or keys[lower], value
    dead = known.tables()["jemalloc"]["dead"].get(lower)
    if dead is not None:
        number, rest = _number(value)
        if "instead" not in dead or number is None or rest:
            return None, value
        seconds = dead.get("seconds", False) and number > 0
        return keys[dead["instead"]], str(number * 1000 if seconds else number)
    near = sorted(((difflib.SequenceMatcher(None, lower, key).ratio(), key) for key in keys), reverse=True)
    is_clear = near[0][0] >= _NEAR and near[0][0] - near[1][0] >= _APART
    return (keys[near[0][1]] if is_clear else None), value


def _mended_value(key: Key, value: str) -> str:
    """A value that jemalloc takes and that says the same; empty if there is none."""
    stripped = value.strip(" \t\r\n\"';")
    if _refusal(key, stripped) is None:
        return stripped
    if key.kind == "bool" or "true" in key.words:
        word = _BOOLS.get(stripped.lower(), "")
        return word if _refusal(key, word) is None else ""
    if stripped.lower() in key.words:
        return stripped.lower()
    plain = _plain(key, stripped) if key.kind in ("signed", "unsigned") else None
    return str(plain) if plain is not None and _refusal(key, str(plain)) is None else ""


def _plain(key: Key, value: str) -> int | None:
    """`64k` as bytes, `10s` as milliseconds, `1_000` as it is meant."""
    bare = value.replace("_", "")
    if bare.isascii() and bare.isdigit():
        return int(bare)
    match = _SUFFIXED.fullmatch(value)
    if match is None:
        return None
    number, unit = int(match[1]), match[2].lower()
    if key.name.endswith("_ms"):
        return number * _MILLISECONDS[unit] if unit in _MILLISECONDS else None
    power = _BYTES.get(re.sub(r"i?b$", "", unit))
    return None if power is None or key.name.startswith("lg_") else number * 1024**power
