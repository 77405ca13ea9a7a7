"""
HotSpot's flags, taken out of a command line or a variable as the JVM does.

    flags("-Xmx4g -XX:MaxRAMPercentage=75")
    size("4g")          4294967296
    percentage("0.8")   0.8, which is 0.8 percent

A name stands for the flag whatever its spelling: `-Xmx4g` and `-XX:MaxHeapSize=4g` are both `MaxHeapSize`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alloclint.project import known
from alloclint.project.known import GoneFlag

#: The short spellings of flags that are about the heap.
_SHORT = {"-Xmx": "MaxHeapSize", "-Xms": "InitialHeapSize", "-Xmn": "NewSize", "-Xss": "ThreadStackSize"}
#: Options of the launcher that take the next word.
_WITH_WORD = {
    "-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path", "--add-modules",
    "--add-exports", "--add-opens", "--add-reads", "--enable-native-access", "--patch-module",
    "--limit-modules", "-d", "--describe-module", "--source",
}  # fmt: skip
_SIZE = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([kKmMgGtT]?)")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
RATIOS = ("MaxRAMPercentage", "InitialRAMPercentage", "MinRAMPercentage")
#: Variables that the JVM or its launcher reads, weakest first; the command line comes before the last.
READ = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
#: Variables that only a script expands.
UNREAD = ("JAVA_OPTS", "JVM_OPTS", "JAVA_ARGS", "JAVA_OPTIONS", "JVM_ARGS")


@dataclass(frozen=True, slots=True)
class Flag:
    """
    A flag. `value` is what follows `=`, or `true` and `false` for `+` and `-`; None where nothing does. The
    offsets are those of its word in the text; `word` is that word, or its number among words.
    """

    name: str
    value: str | None
    start: int
    end: int
    written: str
    word: int = 0


def flags(text: str | Sequence[str]) -> tuple[Flag, ...]:
    """
    The flags in the value of a variable, or in the words of a command line, where they end at the class.

    Of words, the offsets are within the word; a leading `java` is passed over.
    """
    if isinstance(text, str):
        words = list(_split(text))
        return tuple(_flags(words))
    return tuple(_flags([(word, 0, len(word)) for word in _options(text)]))


def of(found: Sequence[Flag], name: str) -> Flag | None:
    """The flag that holds: HotSpot takes the last."""
    return next((flag for flag in reversed(found) if flag.name == name), None)


def size(value: str | None) -> int | None:
    """`4g`, `512M` or `1024` in bytes; None for what the JVM refuses (`4gb`, `0.5g`)."""
    match = _SIZE.fullmatch(value or "")
    return (
        int(match[1], 0 if match[1][:2].lower() == "0x" else 10) * 1024 ** _POWERS[match[2].lower()]
        if match
        else None
    )


def percentage(value: str | None) -> float | None:
    """The number of a percentage, 0 to 100; None for what the JVM refuses (`75%`, `101`)."""
    match = re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", value or "")
    number = float(match[0]) if match else -1.0
    return number if 0 <= number <= 100 else None


def gone(flag: Flag, release: int) -> GoneFlag | None:
    """That the JVM of a release does not start with a flag, or None where that is not known."""
    known_flag = known.gone_flags().get(flag.name)
    return known_flag if known_flag is not None and known_flag.gone <= release else None


def _split(text: str) -> Iterator[tuple[str, int, int]]:
    """Words with their offsets; quotes hold a word together and are taken away, as the JVM does."""
    for match in re.finditer(r"""(?:[^\s"']|"[^"]*"?|'[^']*'?)+""", text):
        yield re.sub(r"""["']""", "", match[0]), match.start(), match.end()


def _options(words: Sequence[str]) -> list[str]:
    """The words of a `java` command that are options; the others are blanked, so that numbers stay."""
    found = list(words)
    index = 1 if words and not words[0].startswith(("-", "$", "@")) else 0
    found[:index] = [""] * index
    while index < len(words):
        word = words[index]
        if word in ("-jar", "-m", "--module") or not word.startswith(("-", "@", "$")):
            found[index:] = [""] * (len(words) - index)
        elif word in _WITH_WORD:
            found[index + 1 : index + 2] = [""] * len(words[index + 1 : index + 2])
            index += 1
        index += 1
    return found


def _flags(words: Sequence[tuple[str, int, int]]) -> Iterator[Flag]:
    for number, (word, start, end) in enumerate(words):
        short = _SHORT.get(word[:4])
        if short is not None:
            yield Flag(short, word[4:], start, end, word, number)
            continue
        match = re.fullmatch(r"-XX:([+-]?)([A-Za-z]\w*)(?:=(.*))?", word, re.DOTALL)
        if match is not None:
            value = {"+": "true", "-": "false"}.get(match[1], match[3])
            yield Flag(match[2], value, start, end, word, number)
