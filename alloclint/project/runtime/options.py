"""
Files of JVM flags: `jvm.options`, `*.vmoptions`, `.mvn/jvm.config`.

Each is a unit whose command is `java` with these flags, so that whoever looks at command lines sees them.
"""

from __future__ import annotations

import re

from alloclint.project.runtime import purpose
from alloclint.project.runtime.command import Command
from alloclint.project.runtime.commandline import split
from alloclint.project.runtime.environment import Environment
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source, Token

_LINE = re.compile(rb"[^\r\n]+")
#: `8-13:` before a flag says for which releases of Java it is meant.
_RELEASES = re.compile(rb"\d+(?:-\d*)?:(?=-)")


def read(source: Source) -> tuple[Unit, ...]:
    """The flags of a file; what is no flag, as comments and names of files, is passed over."""
    flags = tuple(word for one in _LINE.finditer(source.content) for word in _flags(source, one))
    if not flags:
        return ()
    start, place = source.place(0, 0), source.place(0, len(source.content))
    words = (Token("java", start), *flags)
    command = Command("exec", words, " ".join(word.text for word in words), place)
    name = source.path.rpartition("/")[2]
    # Maven's own machine builds; it does not run what is built.
    meant = "build" if name == "jvm.config" and "/.mvn/" in f"/{source.path}" else purpose.of(source.path)
    return (Unit("options", name, source.path, start, Environment(), command, purpose=meant),)


def _flags(source: Source, line: re.Match[bytes]) -> tuple[Token, ...]:
    content = line[0]
    at = len(content) - len(content.lstrip())
    releases = _RELEASES.match(content, at)
    at = releases.end() if releases is not None else at
    if content[at : at + 1] != b"-":
        return ()
    whole = source.token(line.start() + at, line.start() + len(content.rstrip()))
    # A flag a line; `.mvn/jvm.config` may have several.
    return tuple(word for word in split(whole) if word.text.startswith("-")) or (whole,)
