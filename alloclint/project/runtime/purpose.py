"""What something is for, going by its name: tests, development, builds …; production where none says it."""

from __future__ import annotations

import re

_WORDS = {
    "test": "test", "tests": "test", "testing": "test", "tester": "test", "e2e": "test", "it": "test",
    "testdata": "test", "fixtures": "test", "qa": "test", "loadtest": "test", "smoke": "test", "mock": "test",
    "dev": "dev", "develop": "dev", "development": "dev", "devel": "dev", "local": "dev",
    "localhost": "dev", "devcontainer": "dev", "sandbox": "dev", "minikube": "dev",
    "ci": "ci", "github": "ci", "gitlab": "ci", "buildkite": "ci", "circleci": "ci", "jenkins": "ci",
    "debug": "debug", "debugging": "debug", "profile": "debug", "profiling": "debug", "valgrind": "debug",
    "bench": "bench", "benches": "bench", "benchmark": "bench", "benchmarks": "bench", "perf": "bench",
    "build": "build", "builder": "build", "buildenv": "build",
}  # fmt: skip
#: Folders that hold what is shipped, whatever their name says elsewhere.
_FOLDERS_OF_PRODUCTION = {"build", "builder", "it", "profile", "jenkins", "local"}
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")


def of(path: str, *names: str | None) -> str | None:
    """
    `test`, `dev`, `ci`, `debug`, `bench` or `build`, if a folder or the name of a file, or one of the other
    names (a stage, a profile, a namespace), has such a word; None otherwise: production. Folders of an
    absolute path are not asked: above the repository they are named for other reasons.
    """
    folders, _, last = path.rpartition("/")
    for name in (*(one for one in reversed(names) if one), last):
        found = next((_WORDS[word] for word in _words(name) if word in _WORDS), None)
        if found is not None:
            return found
    if path.startswith("/"):
        return None
    inner = (word for folder in reversed(folders.split("/")) for word in _words(folder))
    return next((_WORDS[one] for one in inner if one in _WORDS and one not in _FOLDERS_OF_PRODUCTION), None)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _SPLIT.split(name) if word]
