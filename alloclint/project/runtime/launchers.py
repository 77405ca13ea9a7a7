"""Programs that only start another one: `exec`, `tini`, `gosu app`, `env A=1`, `sh -c` …"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alloclint.project.token import Token

#: Of each launcher the options that take a word of their own, and how many words stand before the program.
_LAUNCHERS: dict[str, tuple[frozenset[str], int]] = {
    "exec": (frozenset({"-a"}), 0),
    "tini": (frozenset({"-p", "-e"}), 0),
    "tini-static": (frozenset({"-p", "-e"}), 0),
    "docker-init": (frozenset({"-p", "-e"}), 0),
    "dumb-init": (frozenset({"-r", "--rewrite"}), 0),
    "catatonit": (frozenset(), 0),
    "gosu": (frozenset(), 1),
    "su-exec": (frozenset(), 1),
    "s6-setuidgid": (frozenset(), 1),
    "chpst": (frozenset({"-u", "-U", "-b", "-e", "-n", "-l", "-L"}), 0),
    "setpriv": (frozenset(), 0),
    "env": (frozenset({"-u", "-C", "--unset", "--chdir"}), 0),
    "nice": (frozenset({"-n"}), 0),
    "ionice": (frozenset({"-c", "-n"}), 0),
    "nohup": (frozenset(), 0),
    "setsid": (frozenset(), 0),
    "time": (frozenset(), 0),
    "timeout": (frozenset({"-s", "-k"}), 1),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "numactl": (frozenset({"-N", "-m", "-C", "-i", "-p"}), 0),
    "taskset": (frozenset(), 1),
    "sudo": (frozenset({"-u", "-g", "-h", "-p"}), 0),
    "eatmydata": (frozenset(), 0),
    "command": (frozenset(), 0),
}
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.S)


def is_shell(word: str) -> bool:
    """Whether a word names a shell, with or without its folder."""
    return word.rpartition("/")[2] in _SHELLS


def is_launcher(text: str) -> bool:
    """Whether a text begins with a program that only starts another."""
    return text.split(" ", 1)[0].rpartition("/")[2] in _LAUNCHERS


def program(words: Sequence[Token]) -> tuple[Token, ...]:
    """The words from the program on that is started in the end; empty if there is none."""
    return launched(words)[1]


def launched(words: Sequence[Token]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """The assignments that `env` makes, and the words from the program on that is started in the end."""
    made: list[Token] = []
    at = 0
    while at < len(words):
        known = _LAUNCHERS.get(words[at].text.rpartition("/")[2])
        if known is None:
            break
        options, count = known
        at = _past_options(words, at + 1, options, made)
        at += count
    return tuple(made), tuple(words[at:])


def _past_options(words: Sequence[Token], at: int, options: frozenset[str], made: list[Token]) -> int:
    while at < len(words):
        text = words[at].text
        if text == "--":
            return at + 1
        if _ASSIGNMENT.match(text):
            made.append(words[at])
            at += 1
        elif text.startswith("-"):
            at += 2 if text in options else 1
        else:
            return at
    return at
