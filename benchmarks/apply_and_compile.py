"""
Proof that what a rule prints can be typed: fixes copies of sources, as `--fix` does, and compiles them.

    apply_and_compile.py --work proof --host path/to/project --vendor path/to/vendor regex-syntax image

Every SOURCE is copied into the work folder, fixed and compiled; where that fails, it is compiled as it was,
too. Only exact and safe fixes are applied unless `--all` asks for the upper bounds and `--unsafe` for the
unsafe ones as well. A message of the compiler on a line that was fixed counts against that fix; any other new
message is reported as standing elsewhere.

For Rust a SOURCE is the name of a crate under `--vendor`, which also holds its dependencies (as `cargo
vendor` lays them out); `--host` is a cargo project that depends on them all, and is copied too. Without
`--host` a SOURCE is a folder of Java sources under `--vendor`, such as an unpacked sources jar; its
dependencies are the jars of `--classpath`. Nothing is downloaded.

The exit code is 0 when everything compiles, 1 when an edit does not, and 2 when a source does not compile
even untouched.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from alloclint import engine, selection
from alloclint.discover import discover
from alloclint.finding import Confidence, Finding, Severity
from alloclint.fix import files
from alloclint.fix.rounds import in_rounds
from alloclint.languages import language_of
from alloclint.settings import Settings


@dataclass(frozen=True)
class Message:
    """An error of a compiler; `path` is relative to the source's root."""

    path: str
    line: int
    text: str


@dataclass
class Outcome:
    """What became of one source: the findings fixed, those that a message stands on, and other messages."""

    applied: list[Finding] = field(default_factory=list)
    failed: list[tuple[Finding, Message]] = field(default_factory=list)
    unattributed: list[Message] = field(default_factory=list)


class Compiler(Protocol):
    """A way to compile copies of sources of one language."""

    def copy(self, source: str) -> Path:
        """Copies a source into the work folder, ready to be compiled; the folder that is linted."""
        ...

    def check(self, root: Path) -> list[Message]:
        """Compiles what `copy` returned; the errors."""
        ...


class Cargo:
    """Compiles a vendored crate as a patched dependency of the host project."""

    def __init__(self, work: Path, host: Path, vendor: Path) -> None:
        self._host = work / "host"
        self._vendor = vendor.resolve()
        self._sources = work / "sources"
        shutil.copytree(host, self._host, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target"))

    def copy(self, source: str) -> Path:
        root = self._sources / source
        if root.exists():
            shutil.rmtree(root)
        shutil.copytree(self._vendor / source, root)
        return root

    def check(self, root: Path) -> list[Message]:
        self._configure(root)
        name, version = _package(root)
        command = [
            "cargo",
            "check",
            "--offline",
            "--quiet",
            "--message-format=json",
            "-p",
            f"{name}@{version}",
        ]
        environment = {"CARGO_BUILD_JOBS": "1", **os.environ}
        done = subprocess.run(
            command, cwd=self._host, env=environment, capture_output=True, text=True, check=False
        )
        errors = list(_cargo_errors(done.stdout, root))
        if done.returncode and not errors:
            errors.append(Message("", 0, done.stderr.strip()[-2000:]))
        return errors

    def _configure(self, root: Path) -> None:
        folder = self._host / ".cargo"
        folder.mkdir(exist_ok=True)
        name, _ = _package(root)
        lines = (
            "[source.crates-io]",
            'replace-with = "vendored"',
            "[source.vendored]",
            f"directory = {json.dumps(str(self._vendor))}",
            "[patch.crates-io]",
            f"{name} = {{ path = {json.dumps(str(root.resolve()))} }}",
        )
        (folder / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _package(root: Path) -> tuple[str, str]:
    import tomllib

    package = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    return package["name"], package["version"]


def _cargo_errors(output: str, root: Path) -> Iterator[Message]:
    for line in output.splitlines():
        message = json.loads(line).get("message") if line.startswith("{") else None
        if not isinstance(message, dict) or message.get("level") != "error":
            continue
        for span in [span for span in message["spans"] if span["is_primary"]] or [None]:
            if span is None:
                yield Message("", 0, message["message"])
                continue
            path = Path(span["file_name"])
            inside = path.relative_to(root.resolve()) if path.is_relative_to(root.resolve()) else path
            yield Message(inside.as_posix(), span["line_start"], message["message"])


class Javac:
    """
    Compiles all Java sources of a folder in one run, without module declarations: packages are all it takes.
    """

    def __init__(self, work: Path, vendor: Path, classpath: str) -> None:
        self._work = work
        self._vendor = vendor.resolve()
        self._classpath = classpath

    def copy(self, source: str) -> Path:
        root = self._work / "sources" / source
        if root.exists():
            shutil.rmtree(root)
        shutil.copytree(
            self._vendor / source, root, ignore=shutil.ignore_patterns("META-INF", "module-info.java")
        )
        return root

    def check(self, root: Path) -> list[Message]:
        files = self._work / f"{root.name}.files"
        files.write_text(
            "\n".join(f'"{path.as_posix()}"' for path in sorted(root.rglob("*.java"))), encoding="utf-8"
        )
        command = [
            "javac", "-nowarn", "-proc:none", "-encoding", "UTF-8", "-Xmaxerrs", "1000",
            "-cp", self._classpath or ".",
            "-d", str(self._work / f"{root.name}.classes"), f"@{files}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        errors = list(_javac_errors(done.stderr, root))
        if done.returncode and not errors:
            errors.append(Message("", 0, done.stderr.strip()[-2000:]))
        return errors


def _javac_errors(output: str, root: Path) -> Iterator[Message]:
    for path, line, text in re.findall(r"^(.+\.java):(\d+): error: (.*)$", output, re.MULTILINE):
        yield Message(Path(path).relative_to(root).as_posix(), int(line), text)


# ---------------------------------------------------------------- linting and fixing


def fix(rule: str, root: Path, *, bounds: bool, unsafe: bool) -> list[Finding]:
    """
    Fixes the files below a folder as `alloclint check --fix` does, what one rule reports; the findings that
    were fixed. Only exact ones, unless `bounds`; also what may change behaviour, if `unsafe`.
    """
    rules = selection.known(())
    settings = Settings(
        root=root, select=(rule,), exclude=(".git",), respect_gitignore=False, min_severity=Severity.info
    )
    found = discover([root], settings, lambda path: language_of(path) is not None, root)

    def lint(texts: Mapping[str, bytes]) -> list[Finding]:
        done = engine.run(found.targets, settings, rules, sources=texts)
        return [one for one in done.findings if bounds or one.confidence is Confidence.exact]

    paths = {target.shown: target.path for target in found.targets}
    outcome = in_rounds(lint({}), lint, lambda path: paths[path].read_bytes(), unsafe=unsafe)
    for path, text in outcome.after.items():
        files.replace(paths[path], outcome.before[path], text)
    return [one for applied in outcome.applied.values() for one in applied]


def judge(applied: list[Finding], messages: Sequence[Message]) -> Outcome:
    """Puts each message to the finding whose lines it stands on."""
    outcome = Outcome(applied)
    for message in messages:
        near = [
            finding
            for finding in applied
            if finding.path == message.path
            and finding.place.start.line <= message.line <= finding.place.end.line
        ]
        if near:
            outcome.failed.append((near[0], message))
        else:
            outcome.unattributed.append(message)
    return outcome


def report(source: str, outcome: Outcome) -> bool:
    """Prints the outcome of one source; whether all of it compiles."""
    failed = len({id(finding) for finding, _ in outcome.failed})
    elsewhere = len(outcome.unattributed)
    print(f"{source}: {len(outcome.applied)} applied, {failed} failed, {elsewhere} messages elsewhere")
    for finding, message in outcome.failed:
        where = f"{finding.path}:{finding.place.start.line}"
        text = finding.suggestion.text if finding.suggestion is not None else ""
        print(f"  {where}: {text}\n    {_first_line(message.text)}")
    for message in outcome.unattributed:
        print(f"  {message.path}:{message.line}: {_first_line(message.text)}")
    return not outcome.failed and not outcome.unattributed


def _first_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:300]


def prove(compiler: Compiler, source: str, rule: str, *, bounds: bool, unsafe: bool) -> int:
    """Copies, fixes and compiles one source; 0, 1 or 2 as the exit code of the program."""
    root = compiler.copy(source)
    applied = fix(rule, root, bounds=bounds, unsafe=unsafe)
    if not applied:
        print(f"{source}: nothing to apply")
        return 0
    after = compiler.check(root)
    if not after:
        return 0 if report(source, Outcome(applied)) else 1
    # Whose fault it is shows when the same source is compiled as it was.
    before = compiler.check(compiler.copy(source))
    if before:
        print(f"{source}: does not compile as it is: {_first_line(before[0].text)}")
        return 2
    fix(rule, root, bounds=bounds, unsafe=unsafe)
    return 0 if report(source, judge(applied, after)) else 1


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--rule", default="ALC101", help="the rule, or family, whose fixes are applied")
    parser.add_argument(
        "--work", type=Path, required=True, help="a folder for the copies; kept, to be looked at"
    )
    parser.add_argument("--host", type=Path, help="Rust: a cargo project that depends on the crates")
    parser.add_argument(
        "--vendor", type=Path, required=True, help="the folder of vendored crates, or of Java source folders"
    )
    parser.add_argument("--classpath", default="", help="Java: jars that the sources need, as for javac")
    parser.add_argument("--all", action="store_true", help="apply upper bounds, too")
    parser.add_argument("--unsafe", action="store_true", help="apply unsafe fixes, too")
    parser.add_argument("sources", nargs="+", metavar="SOURCE")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    compiler: Compiler = Javac(work, options.vendor, options.classpath)
    if options.host is not None:
        compiler = Cargo(work, options.host, options.vendor)
    return max(
        prove(compiler, source, options.rule, bounds=options.all, unsafe=options.unsafe)
        for source in options.sources
    )


if __name__ == "__main__":
    sys.exit(main())
