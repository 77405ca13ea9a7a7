"""
Which features the builds of a repository turn on: those that are on by default, those that a command names,
and those that one package asks of another. A feature that nobody is seen to ask for is taken to be off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alloclint.project.cargo import features
from alloclint.project.cargo.workspace import Package

#: `cargo build … --features a,b`: what is built to be used, not tested or linted.
_ASKED = re.compile(
    r"\b(?:z?build|zigbuild|install|cook|deb|rustc)\b[^\n;&|]*?(?<!\S)(?:--features|-F)[ =]+"
    r"""("[^"\n]*"|'[^'\n]*'|[^\s;&|]+)"""
)


def turned_on(packages: Iterable[Package], scripts: Iterable[str]) -> dict[str, frozenset[str]]:
    """The features of each package, by its name; `scripts` are the commands that build, among others."""
    named = {name.rpartition("/")[::2] for name in _named(scripts)}
    by_name = {package.name: package for package in packages}
    on = {name: features.turned_on(package, _first(package, named)) for name, package in by_name.items()}
    pending = list(by_name)
    while pending:
        package = by_name[pending.pop()]
        for other, asked in _asked_of_others(package, on[package.name], by_name):
            more = on[other] | features.turned_on(by_name[other], asked)
            if more != on[other]:
                on[other] = more
                pending.append(other)
    return on


def _named(scripts: Iterable[str]) -> Iterator[str]:
    """What commands name behind `--features`: `a`, or `package/a`."""
    for script in scripts:
        for hit in _ASKED.finditer(script.replace("\\\n", " ")):
            yield from re.split(r"[\s,]+", hit[1].strip("\"'"))


def _first(package: Package, named: set[tuple[str, str]]) -> Iterator[str]:
    yield "default"
    yield from (feature for owner, feature in sorted(named) if owner in ("", package.name))


def _asked_of_others(
    package: Package, on: frozenset[str], packages: dict[str, Package]
) -> Iterator[tuple[str, frozenset[str]]]:
    """What a package with some features asks of those of the repository under it."""
    for one in package.dependencies:
        if one.package in packages and one.section == "dependencies":
            yield one.package, features.asked(package, one, on)
