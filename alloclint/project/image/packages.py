"""What a shell script installs: `apt-get install`, `apk add`, `dnf install`, `pip install` …"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from alloclint.project.bash import Simple
from alloclint.project.image.stage import Package
from alloclint.project.runtime import launchers
from alloclint.project.token import Token


@dataclass(frozen=True, slots=True)
class Manager:
    """
    How a package manager is spoken to: the verbs that install and that remove, its options that take a word,
    and what is no part of a package's name.
    """

    name: str
    installs: frozenset[str]
    removes: frozenset[str]
    options: frozenset[str]
    version: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Change:
    """Packages that come, or names of packages and groups that go."""

    packages: tuple[Package, ...]
    removed: frozenset[str] = frozenset()


def _manager(name: str, installs: str, removes: str, options: str, version: str) -> Manager:
    return Manager(
        name,
        frozenset(installs.split()),
        frozenset(removes.split()),
        frozenset(options.split()),
        re.compile(version, re.S),
    )


_APT = _manager(
    "apt",
    "install satisfy",
    "remove purge autoremove",
    "-o -t -c -a --option --target-release --default-release --config-file",
    r"[=:/].*|[-+]$",
)
_RPM = _manager(
    "dnf",
    "install localinstall reinstall groupinstall",
    "remove erase autoremove",
    "-c --config -x --exclude --repo --repoid --enablerepo --disablerepo --setopt --releasever --installroot",
    r"[<>=].*|\.(?:x86_64|aarch64|noarch|i686)$",
)
_PIP = _manager(
    "pip",
    "install add",
    "uninstall",
    "-r -c -i -f -e -t --requirement --constraint --index-url --extra-index-url --find-links --editable"
    " --target --prefix --root --python --platform --trusted-host --no-binary --only-binary --cache-dir"
    " --index --timeout --retries --progress-bar --config-settings",
    r"[\[<>=!~;@ ].*",
)
_CONDA = _manager(
    "conda", "install", "remove uninstall", "-c -n -p --channel --name --prefix --file", r"[<>=!~\[ ].*"
)
_MANAGERS: dict[str, Manager] = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": _APT,
    "apk": _manager(
        "apk",
        "add",
        "del",
        "-t --virtual -X --repository -p --root --arch --keys-dir --repositories-file --cache-dir",
        r"[<>=~@].*",
    ),
    "dnf": _RPM,
    "yum": _RPM,
    "microdnf": _RPM,
    "tdnf": _RPM,
    "zypper": _manager(
        "zypper", "install in", "remove rm", "-r --repo -t --type -R --root", r"[<>=].*|\.(?:x86_64|aarch64)$"
    ),
    "pip": _PIP,
    "pip3": _PIP,
    "uv": _PIP,
    "conda": _CONDA,
    "mamba": _CONDA,
    "micromamba": _CONDA,
}
#: Scripts of some base images that install all their arguments.
_SHORT = {"install_packages": _APT, "clean-install": _APT}
_PACMAN = re.compile(r"-(?:S|U)[a-z]*")
_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
#: Words that are files or addresses: they say no package's name.
_FILE = re.compile(r"^[./~]|://|\.(?:deb|rpm|whl|apk|tar\.\w+|zip)$")


def changes(commands: Sequence[Simple], lookup: Callable[[str], str | None]) -> Iterator[Change]:
    """
    What comes and goes, in order. `lookup` tells variables; a name with one that it does not know is kept as
    it is written, `$DEPS`: something is installed there that is not known.
    """
    for command in commands:
        words = launchers.program(command.words)
        if words:
            yield from _change(words, lookup)


def applied(packages: Sequence[Package], steps: Iterable[Change]) -> tuple[Package, ...]:
    """What is installed after some steps."""
    held = list(packages)
    for step in steps:
        held = [one for one in held if one.name not in step.removed and one.group not in step.removed]
        held += step.packages
    return tuple(held)


def _change(words: tuple[Token, ...], lookup: Callable[[str], str | None]) -> Iterator[Change]:
    program = words[0].text.rpartition("/")[2]
    if program in _SHORT:
        yield Change(tuple(_packages(_SHORT[program], words[1:], lookup)))
    elif program == "pacman":
        if any(_PACMAN.fullmatch(word.text) for word in words[1:]):
            yield Change(tuple(_packages(_manager("pacman", "", "", "", "[<>=].*"), words[1:], lookup)))
    elif re.fullmatch(r"python[\d.]*", program) and [word.text for word in words[1:3]] == ["-m", "pip"]:
        yield from _managed(_PIP, words[3:], lookup)
    elif re.fullmatch(r"pip[\d.]+", program):
        yield from _managed(_PIP, words[1:], lookup)
    elif program in _MANAGERS:
        yield from _managed(_MANAGERS[program], words[1:], lookup)


def _managed(
    manager: Manager, words: tuple[Token, ...], lookup: Callable[[str], str | None]
) -> Iterator[Change]:
    at = 0
    verbs = manager.installs | manager.removes
    while at < len(words) and words[at].text not in verbs:
        at += 2 if words[at].text in manager.options else 1
    if at >= len(words):
        return
    found = tuple(_packages(manager, words[:at] + words[at + 1 :], lookup))
    if words[at].text in manager.removes:
        # Groups are called `.build-deps` by custom, which is no package's name.
        yield Change((), frozenset(one.name for one in found) | {word.text for word in words[at + 1 :]})
    else:
        group = _group(words) if manager.name == "apk" else None
        yield Change(tuple(replace(one, group=group) for one in found))


def _group(words: tuple[Token, ...]) -> str | None:
    for at, word in enumerate(words):
        if word.text in ("-t", "--virtual") and at + 1 < len(words):
            return words[at + 1].text
        if word.text.startswith("--virtual="):
            return word.text.partition("=")[2]
    return None


def _packages(
    manager: Manager, words: Sequence[Token], lookup: Callable[[str], str | None]
) -> Iterator[Package]:
    at = 0
    while at < len(words):
        word = words[at]
        at += 2 if word.text in manager.options else 1
        if word.text.startswith("-") or word.text in manager.options or word.text == "pip":
            continue
        for text in _resolved(word.text, lookup).split():
            name = text if "$" in text else manager.version.sub("", text, count=1)
            if name and not _FILE.search(text):
                yield Package(manager.name, name.lower() if manager is _PIP else name, word.place)


def _resolved(text: str, lookup: Callable[[str], str | None]) -> str:
    def replaced(match: re.Match[str]) -> str:
        held = lookup(match[1] or match[2])
        return match[0] if held is None else held

    return _REFERENCE.sub(replaced, text)
