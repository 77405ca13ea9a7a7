"""How a Python project is built, which may be by Cargo."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from alloclint.project import toml
from alloclint.project.token import Source, Token

#: Tools that compile a Rust library for Python to import, by the name of their package.
_FOR_RUST = frozenset({"maturin", "setuptools-rust"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class PythonBuild:
    """A pyproject.toml. `requires` are what its build needs, as written; `folder` is where it lies."""

    path: str
    folder: str
    requires: tuple[Token, ...] = ()

    @property
    def rust_tool(self) -> str | None:
        """What builds a Rust library into the project, or None."""
        hits = (_NAME.match(one.text) for one in self.requires)
        names = (re.sub(r"[-_.]+", "-", hit[0]).lower() for hit in hits if hit)
        return next((name for name in names if name in _FOR_RUST), None)


def read(source: Source) -> PythonBuild:
    """A pyproject.toml; what is damaged in it is taken down in `source.damage`."""
    table = toml.read(source)
    folder = posixpath.dirname(source.path)
    return PythonBuild(source.path, folder, table.strings("build-system", "requires"))
