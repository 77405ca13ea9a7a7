"""Which files the editor is asked to watch, and which of them change more than themselves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types as lsp

from alloclint.project.kinds import BUILDS, kind_of
from alloclint.server.folder import Folder

#: Sources, settings, and manifests by the names and endings that they nearly always have.
GLOBS = (
    "**/*.{rs,java,py,pyi}",
    "**/*.{toml,lock,xml,gradle,kts,yml,yaml}",
    "**/*.{sh,bash,service,env,mk,options,vmoptions}",
    "**/{Dockerfile,Containerfile,Makefile}*",
    "**/*.{Dockerfile,dockerfile}",
    "**/{.gitignore,.env,entrypoint}",
)
_SETTINGS = frozenset({".alloclint.toml", "alloclint.toml", "pyproject.toml", "Cargo.toml", ".gitignore"})


def registrations() -> list[lsp.Registration]:
    """What a client that can watch files is asked to do."""
    watchers = [lsp.FileSystemWatcher(glob) for glob in GLOBS]
    options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
    return [lsp.Registration("alloclint-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]


def changes_settings(paths: Iterable[Path], folder: Folder) -> bool:
    """Whether one of some files says what holds for all others: settings, versions, sizes, rules."""
    return any(_is_setting(path, folder) for path in paths)


def _is_setting(path: Path, folder: Folder) -> bool:
    settings = folder.settings
    named = (settings.source, folder.sidecar_path, settings.baseline)
    if path.name in _SETTINGS or any(one is not None and one.absolute() == path for one in named):
        return True
    if any(path.is_relative_to(rules.absolute()) for rules in settings.rules):
        return True
    return kind_of(path.as_posix()) in BUILDS
