"""Target triples, platforms of images and labels of runners: what they say something is built for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.project.runtime.unit import BuildTarget
from alloclint.project.token import Token
from alloclint.project.within import piece

_ARCHITECTURES = {
    "x86_64": "x86_64", "amd64": "x86_64", "x64": "x86_64", "i686": "x86", "i586": "x86", "386": "x86",
    "aarch64": "aarch64", "arm64": "aarch64", "arm64e": "aarch64", "arm64ec": "aarch64",
    "arm": "arm", "armv5te": "arm", "armv6": "arm", "armv7": "arm", "thumbv7neon": "arm",
    "powerpc64le": "powerpc64", "powerpc64": "powerpc64", "powerpc": "powerpc", "ppc64le": "powerpc64",
    "riscv64gc": "riscv64", "riscv64": "riscv64", "s390x": "s390x", "loongarch64": "loongarch64",
    "mips64el": "mips64", "mips64le": "mips64", "mipsel": "mips", "mips64": "mips64", "mips": "mips",
    "wasm32": "wasm32", "sparc64": "sparc64", "sparcv9": "sparc64",
}  # fmt: skip
_SYSTEMS = {
    "darwin": "macos", "ios": "ios", "windows": "windows", "linux": "linux",
    "android": "android", "androideabi": "android",
}  # fmt: skip
_TRIPLE = re.compile(
    r"(?<![\w-])(x86_64|i[56]86|aarch64|arm64ec|arm(?:v[567]\w*)?|powerpc(?:64(?:le)?)?|riscv64(?:gc)?|s390x"
    r"|loongarch64|mips(?:64)?(?:el)?|wasm32|sparc64|sparcv9)"
    r"-([a-z0-9_]+)-([a-z0-9_]+)(?:-([a-z0-9_]+))?(?:\.\d+(?:\.\d+)?)?(?![\w-])"
)
_PLATFORM = re.compile(r"(?<![\w/])(linux|windows|darwin)/([a-z0-9_]+)(?:/v\d+)?(?![\w/-])")
_RUNNER = re.compile(r"(ubuntu|windows|macos)-(?:latest|\d[\w.]*)(-arm|-arm64)?(?:-[\w-]+)?")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
_LIBCS = (("musl", "musl"), ("msvc", "msvc"), ("gnu", "gnu"))


def mentioned(token: Token) -> Iterator[BuildTarget]:
    """The triples and platforms in a text, in order."""
    for hit in _TRIPLE.finditer(token.text):
        yield _triple(piece(token, hit.start(), hit.end()), hit)
    for hit in _PLATFORM.finditer(token.text):
        found = platform(piece(token, hit.start(), hit.end()))
        if found is not None:
            yield found


def platform(token: Token) -> BuildTarget | None:
    """`linux/arm64`, as image builders write it."""
    hit = _PLATFORM.fullmatch(token.text.strip())
    if hit is None or hit[2] not in _ARCHITECTURES:
        return None
    return BuildTarget(token, _SYSTEMS[hit[1]], _ARCHITECTURES[hit[2]])


def runner(token: Token) -> BuildTarget | None:
    """`windows-latest`, `ubuntu-24.04-arm`: the machine of a job, whose own platform it builds for."""
    hit = _RUNNER.fullmatch(token.text.strip())
    if hit is None:
        return None
    system = {"ubuntu": "linux"}.get(hit[1], hit[1])
    libc = {"linux": "gnu", "windows": "msvc"}.get(system)
    arch = "aarch64" if hit[2] else None if system == "macos" else "x86_64"
    return BuildTarget(token, system, arch, libc)


def without_comments(text: str) -> str:
    """A script with blanks for its comments; all else stays where it is, in characters and in bytes."""

    def blank(hit: re.Match[str]) -> str:
        return "".join(" " if letter.isascii() else letter for letter in hit[0])

    return _COMMENT.sub(blank, text)


def _triple(token: Token, hit: re.Match[str]) -> BuildTarget:
    last = hit[4] or hit[3]
    system = next((_SYSTEMS[part] for part in (hit[3], hit[2]) if part in _SYSTEMS), hit[3])
    libc = next((name for start, name in _LIBCS if last.startswith(start)), None)
    arch = next((one for name, one in _ARCHITECTURES.items() if name == hit[1]), "arm")
    return BuildTarget(token, system, arch, libc)
