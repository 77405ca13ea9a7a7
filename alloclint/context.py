"""
What named files must be seen with: the manifests and the sources that decide over allocators.

A hook names single files. Nearly always they say nothing of allocators, and nothing else is read; when a
manifest is named, or a source that sets an allocator, the rest of its repository is looked at too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os.path import lexists, realpath
from pathlib import Path
from typing import TYPE_CHECKING

from alloclint.discover import Target, discover
from alloclint.scan import holds
from alloclint.suppress import is_mentioned

if TYPE_CHECKING:
    from alloclint.examine import Plan

#: The words with which a source decides for the whole program, by the suffix of its language.
_SETTING = {".rs": (b"global_allocator", b"malloc_conf"), ".py": (b"preload_app",)}


def context(targets: Sequence[Target], plan: Plan, sources: Mapping[str, bytes]) -> list[Target]:
    """The files besides the targets that must be known, if all targets were named one by one."""
    if not plan.of_repositories or not all(target.explicit for target in targets):
        return []
    roots = {_root(target.path) for target in targets if _decides(target, plan, sources)}
    if not roots:
        return []
    known = {realpath(target.path) for target in targets}
    found = discover(sorted(roots), plan.settings, _speaks_of_allocators).targets
    return [
        Target(one.path, one.shown, explicit=False, context=True)
        for one in found
        if realpath(one.path) not in known
    ]


def _decides(target: Target, plan: Plan, sources: Mapping[str, bytes]) -> bool:
    from alloclint.passes import read
    from alloclint.project.parts import is_manifest

    if is_manifest(target.path.as_posix()):
        return True
    words = _SETTING.get(target.path.suffix)
    if words is None:
        return False
    source = sources.get(target.shown)
    found = read(target, plan.settings) if source is None else source
    if not isinstance(found, bytes):
        return False
    # What is silenced must be known to be there, or the comment would look superfluous.
    names = (word.encode() for rule in plan.of_repositories for word in (rule.code, rule.name))
    return holds(found, words) or (is_mentioned(found) and holds(found, names))


def _root(path: Path) -> Path:
    """The repository around a file, or its folder where there is none."""
    folder = path.absolute().parent
    return next((one for one in (folder, *folder.parents) if lexists(one / ".git")), folder)


def _speaks_of_allocators(path: str) -> bool:
    from alloclint.project.parts import is_manifest

    return path.endswith(tuple(_SETTING)) or is_manifest(path)
