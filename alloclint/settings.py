"""
Settings: the defaults, then one settings file, then `--config KEY=VALUE` and the flags.

The nearest file wins and files are never merged, so that what applies to a run can be read in one place.
Names are spelled with hyphens in files and with underscores here. What `alloclint config` prints is the
metadata below.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from alloclint.finding import Severity
from alloclint.overlap import PEERS, Peer


class SettingsError(Exception):
    """
    A settings file or a `--config` value is wrong; the text names the file, the key and what was
    expected.
    """


@dataclass(frozen=True, slots=True)
class Shape:
    """
    How a setting is written: in words, as a TOML type, and how the value in use is made from it and
    shown again.
    """

    words: str
    wire: Any
    make: Callable[[Any], Any] = lambda value: value
    show: Callable[[Any], str] = str
    minimum: int | None = None


def _version(text: str) -> tuple[int, int]:
    major, minor = (int(part) for part in text.split(".")[:2])
    return major, minor


def _ignores(table: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((pattern, tuple(selectors)) for pattern, selectors in table.items())


def _texts(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _show_texts(values: Iterable[object]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _show_ignores(entries: Iterable[tuple[str, Iterable[str]]]) -> str:
    return "{" + ", ".join(f'"{pattern}" = {_show_texts(codes)}' for pattern, codes in entries) + "}"


def _show_path(path: Path) -> str:
    return f'"{path.as_posix()}"'


SWITCH = Shape("true or false", bool, show=lambda value: str(value).lower())
COUNT = Shape("a whole number, at least 0", int, show=lambda value: f"{value:_}", minimum=0)
POSITIVE = Shape("a whole number, at least 1", int, show=lambda value: f"{value:_}", minimum=1)
TEXTS = Shape("a list of strings", list[str], tuple, _show_texts)
FORMATS = Shape("a string or a list of strings", str | list[str], _texts, _show_texts)
LINTERS = Shape(f"one or a list of {', '.join(PEERS)}", Peer | list[Peer], _texts, _show_texts)
IGNORES = Shape("a table from glob to list of rules", dict[str, list[str]], _ignores, _show_ignores)
SEVERITY = Shape('"info", "warning" or "error"', str, Severity.__getitem__, lambda value: f'"{value.name}"')
FOLDERS = Shape("a list of folders", list[str], lambda value: tuple(map(Path, value)), _show_texts)
FILE = Shape("the path of a file", str, Path, _show_path)
VERSION = Shape('a version such as "3.11"', str, _version, lambda value: f'"{value[0]}.{value[1]}"')


def _setting(default: Any, shape: Shape, meaning: str) -> Any:
    return field(default=default, metadata={"shape": shape, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds that rules compare with, and the versions that decide what they may suggest."""

    min_constant: int = _setting(16, COUNT, "Constant sizes below this many entries are not worth a finding.")
    large_entries: int = _setting(
        1_000, COUNT, "Expected entries from which a collection must be given a capacity."
    )
    error_entries: int = _setting(100_000, COUNT, "Expected entries from which a finding is an error.")
    horizon_days: int = _setting(90, COUNT, "Growth that reaches a resize within this many days is reported.")
    cliff_bytes: int = _setting(
        256 * 2**20, COUNT, "Bytes that a single resize must allocate to be reported."
    )
    oversize_factor: int = _setting(8, POSITIVE, "A capacity this many times what is expected is too large.")
    oversize_bytes: int = _setting(
        2**20, COUNT, "Bytes that an oversized capacity must waste to be reported."
    )
    java_release: int | None = _setting(None, POSITIVE, "Java release; unset: from the nearest build file.")
    compressed_oops: bool = _setting(
        True, SWITCH, "Java references take 4 bytes (heaps below 32 GB), otherwise 8."
    )
    python_version: tuple[int, int] = _setting(
        (3, 11), VERSION, "Oldest Python; unset: from `requires-python`."
    )
    rust_version: tuple[int, int] | None = _setting(None, VERSION, "Oldest Rust; unset: from `rust-version`.")


@dataclass(frozen=True, slots=True)
class Settings:
    """
    All that a run can be told.

    `root` is the folder that globs and paths of a settings file are relative to: the file's own, or the
    working directory. `pinned` names the limits that were set by hand, so that build files do not
    replace them. `noqa` says that a `# noqa` is ours to obey; flake8 does so itself.
    """

    select: tuple[str, ...] = _setting(
        (), TEXTS, "Rules to run, by code, name, prefix (`ALC1`), family or `ALL`; empty: all rules."
    )
    extend_select: tuple[str, ...] = _setting((), TEXTS, "Rules to run besides those of `select`.")
    ignore: tuple[str, ...] = _setting((), TEXTS, "Rules not to run; wins over `select`.")
    exclude: tuple[str, ...] = _setting(
        (
            ".git", ".hg", ".svn", ".jj", ".idea", ".vscode", ".gradle", ".nox", ".tox", ".venv",
            ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".direnv",
            "__pycache__", "__pypackages__", "venv", "site-packages", "node_modules",
            "bower_components", "target", "build", "dist", "_build",
            "vendor", "third_party", "third-party", "MavenWrapperDownloader.java",
        ),
        TEXTS,
        "Files and folders to leave out, as in a .gitignore.",
    )  # fmt: skip
    extend_exclude: tuple[str, ...] = _setting((), TEXTS, "Files and folders to leave out besides `exclude`.")
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), IGNORES, "Rules not to report in files that match a glob."
    )
    min_severity: Severity = _setting(
        Severity.warning, SEVERITY, "Findings below this are counted, not shown."
    )
    overlap: tuple[str, ...] = _setting(
        (), LINTERS, "Linters that run too: what they report by default is left to them."
    )
    rules: tuple[Path, ...] = _setting((), FOLDERS, "Folders with rules of your own.")
    cardinalities: Path | None = _setting(
        None, FILE, "File with expected sizes; unset: cardinalities.toml, if any."
    )
    baseline: Path | None = _setting(
        None, FILE, "File with findings that are known and not shown; `alloclint baseline` writes it."
    )
    require_reason: bool = _setting(
        False, SWITCH, "A suppression must say why, as in `ignore[ALC101] -- three at most`."
    )
    limits: Limits = field(default_factory=Limits)
    tests: bool = _setting(
        False, SWITCH, "Report in test, benchmark, example, generated and vendored code too."
    )
    respect_gitignore: bool = _setting(True, SWITCH, "Leave out what .gitignore files leave out.")
    force_exclude: bool = _setting(
        False, SWITCH, "Leave out excluded files even if they are named on the command line."
    )
    max_file_bytes: int = _setting(10 * 2**20, POSITIVE, "Larger files are skipped with a note.")
    jobs: int = _setting(0, COUNT, "Worker processes; 0: as many as are worth it.")
    output_format: tuple[str, ...] = _setting(
        ("full",), FORMATS, "Report formats, each `NAME` or `NAME:FILE`."
    )
    unsafe_fixes: bool = _setting(
        False, SWITCH, "Apply fixes that may change what the program does, too; for --fix and --diff."
    )
    exit_zero: bool = _setting(False, SWITCH, "Exit with 0 even if there are findings.")
    statistics: bool = _setting(False, SWITCH, "Print how often each rule reported instead of the findings.")
    root: Path = Path()
    source: Path | None = None
    pinned: frozenset[str] = frozenset()
    noqa: bool = True


@dataclass(frozen=True, slots=True)
class Described:
    """A setting as `alloclint config` prints it."""

    name: str
    default: str
    type: str
    meaning: str


def _written(fields_of: type[Settings] | type[Limits]) -> dict[str, Field[Any]]:
    """The fields that can be set, by the name they have in a file."""
    return {field.name.replace("_", "-"): field for field in fields(fields_of) if "shape" in field.metadata}


def described() -> Iterator[Described]:
    """Every setting, in the order of declaration; limits are named `limits.NAME`."""
    for prefix, fields_of in (("", Settings), ("limits.", Limits)):
        for name, known in _written(fields_of).items():
            shape: Shape = known.metadata["shape"]
            yield Described(
                prefix + name, shown(known, known.default), shape.words, known.metadata["meaning"]
            )


def shown(known: Field[Any], value: Any) -> str:
    """The value of a setting as TOML, or `unset`."""
    return "unset" if value is None else str(known.metadata["shape"].show(value))


def values(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each setting's name and the value in use, as TOML."""
    for prefix, part in (("", settings), ("limits.", settings.limits)):
        for name, known in _written(type(part)).items():
            yield prefix + name, shown(known, getattr(part, known.name))


def nearest(name: str, valid: Iterable[str]) -> str:
    """`; did you mean `x`?` for the most similar valid name, or nothing."""
    close = get_close_matches(name, list(valid), 1, 0.6) or get_close_matches(
        name.replace("_", "-").lower(), list(valid), 1, 0.6
    )
    return f"; did you mean `{close[0]}`?" if close else ""


def load(
    directory: Path, config: Sequence[str] = (), isolated: bool = False, paths: Sequence[str] = ()
) -> Settings:
    """
    The settings of a run started in `directory` over `paths`.

    The file is looked for in the folder that holds all paths, and upwards from there. `config` are values of
    `--config`: the path of a settings file, which replaces the one that would be found, or `KEY=VALUE` in
    TOML, which wins over the file. Paths and globs in both are relative to `directory`, those in a file that
    was found to the file's folder. Raises SettingsError.
    """
    named = [Path(text) for text in config if not _is_assignment(text)]
    if len(named) > 1:
        raise SettingsError(f"--config names two files, {named[0]} and {named[1]}; only one is read")
    if isolated and named:
        raise SettingsError("--config FILE and --isolated exclude each other")
    settings = Settings(root=directory)
    if named:
        path, table = _read_named(directory / named[0])
        settings = apply(replace(settings, source=path), table, str(named[0]), directory)
    elif not isolated and (found := find(common_folder(directory, paths))):
        path, table = found
        settings = apply(Settings(root=path.parent, source=path), table, str(path), path.parent)
    for text in config:
        if _is_assignment(text):
            settings = apply(settings, _assignment(text), "--config", directory)
    return settings


def common_folder(directory: Path, paths: Sequence[str]) -> Path:
    """The innermost folder that holds all paths; the working directory where that is no folder."""
    folders = [
        str(path if path.is_dir() else path.parent)
        for path in (directory / text for text in paths if text != "-")
    ]
    try:
        common = Path(os.path.abspath(os.path.commonpath(folders))) if folders else directory
    except ValueError:  # on two drives
        return directory
    return common if common.is_dir() else directory


def _is_assignment(text: str) -> bool:
    return "=" in text and not Path(text).is_file()


def _assignment(text: str) -> dict[str, Any]:
    key, _, value = text.partition("=")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        pass
    try:
        # A bare word is what one types in a shell, where quotes are lost.
        return tomllib.loads(f"{key} = '''{value.strip()}'''")
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"--config {text}: not KEY=VALUE in TOML: {error}") from None


def find(directory: Path) -> tuple[Path, dict[str, Any]] | None:
    """The nearest file with settings, in `directory` or above, and its settings."""
    for folder in (directory, *directory.parents):
        for name in (".alloclint.toml", "alloclint.toml", "pyproject.toml", "Cargo.toml"):
            path = folder / name
            if os.path.isfile(path) and (table := _section(path, _read(path))) is not None:
                return path, table
    return None


def _read_named(path: Path) -> tuple[Path, dict[str, Any]]:
    table = _section(path, _read(path))
    if table is None:
        raise SettingsError(f"{path}: has no settings for alloclint")
    return path, table


def _read(path: Path) -> dict[str, Any]:
    # A manifest that belongs to other programs must not stop a run: it is only an error where it speaks
    # of us.
    ours = path.name not in ("pyproject.toml", "Cargo.toml")
    try:
        content = path.read_bytes()
        if not ours and b"alloclint" not in content:
            return {}
        return tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 (byte {error.start})") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None


def _section(path: Path, content: dict[str, Any]) -> dict[str, Any] | None:
    sections = {
        "pyproject.toml": (("tool", "alloclint"),),
        "Cargo.toml": (("package", "metadata", "alloclint"), ("workspace", "metadata", "alloclint")),
    }
    for keys in sections.get(path.name, ((),)):
        table: Any = content
        for key in keys:
            table = table.get(key) if isinstance(table, dict) else None
        if table is not None:
            if not isinstance(table, dict):
                raise SettingsError(f"{path}: {'.'.join(keys)}: expected a table, got {_kind(table)}")
            return table
    return None


def apply(settings: Settings, table: Mapping[str, Any], where: str, folder: Path) -> Settings:
    """
    `settings` with the values of a TOML table; relative paths are taken from `folder`. Raises
    SettingsError.
    """
    rest = {key: value for key, value in table.items() if key != "limits"}
    changes = _convert(_written(Settings), rest, where, "", ("limits",))
    for name in changes.keys() & {"rules", "cardinalities", "baseline"}:
        changes[name] = _rebased(changes[name], folder)
    limits = table.get("limits", {})
    if not isinstance(limits, dict):
        raise SettingsError(f"{where}: limits: expected a table, got {_kind(limits)}")
    limited = _convert(_written(Limits), limits, where, "limits.")
    return replace(
        settings,
        **changes,
        limits=replace(settings.limits, **limited),
        pinned=settings.pinned | limited.keys(),
    )


def _rebased(paths: Any, folder: Path) -> Any:
    return folder / paths if isinstance(paths, Path) else tuple(folder / path for path in paths)


def _convert(
    known: Mapping[str, Field[Any]],
    table: Mapping[str, Any],
    where: str,
    prefix: str,
    also: Iterable[str] = (),
) -> dict[str, Any]:
    changes = {}
    for key, value in table.items():
        if key not in known:
            every = [described_as.name for described_as in described()]
            here = [prefix + name for name in (*known, *also)]
            hint = nearest(prefix + key, here) or nearest(key, every) or nearest(f"limits.{key}", every)
            raise SettingsError(f"{where}: {prefix}{key}: there is no such setting{hint}")
        changes[known[key].name] = _value(known[key].metadata["shape"], value, f"{where}: {prefix}{key}")
    return changes


def _value(shape: Shape, value: Any, where: str) -> Any:
    import msgspec

    wire = shape.wire if shape.minimum is None else Annotated[shape.wire, msgspec.Meta(ge=shape.minimum)]
    try:
        return shape.make(msgspec.convert(value, wire))
    except msgspec.ValidationError:
        raise SettingsError(f"{where}: expected {shape.words}, got {_kind(value)}") from None
    except (ValueError, KeyError):
        raise SettingsError(f"{where}: expected {shape.words}, got {_kind(value)}") from None


def _kind(value: object) -> str:
    """A value as the reader of a message wants it: short ones as they are, others by their type."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else "a string"
    if isinstance(value, list):
        return _short("[" + ", ".join(map(_kind, value)) + "]", "a list")
    if isinstance(value, dict):
        entries = (f'"{key}" = {_kind(entry)}' for key, entry in value.items())
        return _short("{" + ", ".join(entries) + "}", "a table")
    return f"a {type(value).__name__}"


def _short(text: str, kind: str) -> str:
    return text if len(text) <= 60 else kind
