"""
Everything that the manifests and images of a repository say together: what the allocator rules look at.

`merge` is pure. It puts the parts of single files together, and links programs to the images they run in.
"""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.project.cargo.workspace import Package
from alloclint.project.image.stage import Stage
from alloclint.project.jvm.module import JvmModule
from alloclint.project.runtime.unit import Unit
from alloclint.project.rust.allocators import RustSource


@dataclass(frozen=True)
class Repository:
    """
    All parts merged. Findings are about `shown` files only where that is not None: what a hook was not asked
    about is context.
    """

    packages: tuple[Package, ...] = ()
    sources: tuple[RustSource, ...] = ()
    stages: tuple[Stage, ...] = ()
    units: tuple[Unit, ...] = ()
    modules: tuple[JvmModule, ...] = ()
