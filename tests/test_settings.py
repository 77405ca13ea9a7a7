"""Settings: where they are found, what they may hold, and what is said when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from alloclint import settings
from alloclint.finding import Severity
from alloclint.settings import Limits, Settings, SettingsError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def error(directory: Path, *config: str) -> str:
    with pytest.raises(SettingsError) as raised:
        settings.load(directory, config)
    return str(raised.value)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == Settings(root=tmp_path)


def test_defaults_are_those_of_the_design() -> None:
    assert Limits() == Limits(
        min_constant=16,
        large_entries=1_000,
        error_entries=100_000,
        horizon_days=90,
        cliff_bytes=268_435_456,
        oversize_factor=8,
        oversize_bytes=1_048_576,
        java_release=None,
        compressed_oops=True,
        python_version=(3, 11),
        rust_version=None,
    )
    assert Settings().min_severity is Severity.warning


@pytest.mark.parametrize(
    ("name", "section"),
    [
        (".alloclint.toml", ""),
        ("alloclint.toml", ""),
        ("pyproject.toml", "[tool.alloclint]"),
        ("Cargo.toml", "[package.metadata.alloclint]"),
        ("Cargo.toml", "[workspace.metadata.alloclint]"),
    ],
)
def test_each_file_is_found_from_below(tmp_path: Path, name: str, section: str) -> None:
    path = write(tmp_path / name, f'{section}\nignore = ["ALC101"]\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    found = settings.load(below)
    assert (found.ignore, found.root, found.source) == (("ALC101",), tmp_path, path)


def test_order_of_files_in_one_folder(tmp_path: Path) -> None:
    files = [
        (".alloclint.toml", ""),
        ("alloclint.toml", ""),
        ("pyproject.toml", "[tool.alloclint]\n"),
        ("Cargo.toml", "[package.metadata.alloclint]\n"),
    ]
    for name, section in files:
        write(tmp_path / name, f'{section}select = ["{name}"]\n')
    for name, _ in files:
        assert settings.load(tmp_path).select == (name,)
        (tmp_path / name).unlink()


def test_nearest_file_wins_and_is_not_merged(tmp_path: Path) -> None:
    write(tmp_path / "alloclint.toml", 'ignore = ["ALC101"]\n')
    write(tmp_path / "sub" / "alloclint.toml", 'select = ["ALC102"]\n')
    found = settings.load(tmp_path / "sub")
    assert (found.select, found.ignore) == (("ALC102",), ())


def test_manifest_without_our_section_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "alloclint.toml", "jobs = 3\n")
    write(tmp_path / "sub" / "pyproject.toml", "[project]\nname = 'x'\n")
    write(tmp_path / "sub" / "Cargo.toml", "this is not TOML at all")
    assert settings.load(tmp_path / "sub").jobs == 3


def test_isolated_reads_no_file(tmp_path: Path) -> None:
    write(tmp_path / "alloclint.toml", "jobs = 3\n")
    assert settings.load(tmp_path, isolated=True).jobs == 0


def test_every_kind_of_value(tmp_path: Path) -> None:
    write(
        tmp_path / "alloclint.toml",
        """
        select = ["capacity", "ALC9"]
        min-severity = "info"
        rules = ["tools/rules"]
        cardinalities = "sizes.toml"
        output-format = "concise"
        tests = true
        per-file-ignores = { "gen/**" = ["ALL"] }
        limits.python-version = "3.13"
        limits.rust-version = "1.80.1"
        limits.cliff-bytes = 1_000
        """,
    )
    found = settings.load(tmp_path)
    assert found.select == ("capacity", "ALC9")
    assert found.min_severity is Severity.info
    assert found.rules == (tmp_path / "tools/rules",)
    assert found.cardinalities == tmp_path / "sizes.toml"
    assert found.output_format == ("concise",)
    assert found.tests
    assert found.per_file_ignores == (("gen/**", ("ALL",)),)
    assert (found.limits.python_version, found.limits.rust_version) == ((3, 13), (1, 80))
    assert found.limits.cliff_bytes == 1_000
    assert found.pinned == {"python_version", "rust_version", "cliff_bytes"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobs = 'many'", 'jobs: expected a whole number, at least 0, got "many"'),
        ("jobs = -1", "jobs: expected a whole number, at least 0, got -1"),
        ("jobs = true", "jobs: expected a whole number, at least 0, got true"),
        ("select = 'ALC101'", 'select: expected a list of strings, got "ALC101"'),
        ("select = [1]", "select: expected a list of strings, got [1]"),
        ("tests = 1", "tests: expected true or false, got 1"),
        ("min-severity = 'loud'", 'min-severity: expected "info", "warning" or "error", got "loud"'),
        (
            "per-file-ignores = []",
            "per-file-ignores: expected a table from glob to list of rules, got []",
        ),
        ("limits = 3", "limits: expected a table, got 3"),
        ("limits.python-version = '3'", 'limits.python-version: expected a version such as "3.11", got "3"'),
        ("limits.java-release = 0", "limits.java-release: expected a whole number, at least 1, got 0"),
        ("selct = []", "selct: there is no such setting; did you mean `select`?"),
        ("min_severity = 'info'", "min_severity: there is no such setting; did you mean `min-severity`?"),
        (
            "limits.horizon-day = 1",
            "limits.horizon-day: there is no such setting; did you mean `limits.horizon-days`?",
        ),
        ("horizon-days = 1", "horizon-days: there is no such setting; did you mean `limits.horizon-days`?"),
        ("xyzzy = 1", "xyzzy: there is no such setting"),
        ("root = '/'", "root: there is no such setting"),
        ("jobs = ", "is not valid TOML"),
        ("x = " + "[" * 5_000, "is not valid TOML"),
    ],
)
def test_wrong_values_name_file_key_and_expectation(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "alloclint.toml", text)
    said = error(tmp_path)
    assert said.startswith(f"{path}: ")
    assert message in said


def test_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "alloclint.toml").write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 (byte 0)" in error(tmp_path)


def test_section_that_is_no_table(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool]\nalloclint = 3\n")
    assert error(tmp_path).endswith("pyproject.toml: tool.alloclint: expected a table, got 3")


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    (tmp_path / "alloclint.toml").write_bytes(b"\xef\xbb\xbfjobs = 3\r\ntests = true\r\n")
    assert settings.load(tmp_path).jobs == 3


def test_override_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path / "alloclint.toml", "jobs = 3\ntests = true\n")
    found = settings.load(
        tmp_path, ["jobs=4", "limits.horizon-days = 30", "min-severity=info", "rules=['x']"]
    )
    assert (found.jobs, found.tests, found.limits.horizon_days) == (4, True, 30)
    assert found.min_severity is Severity.info
    assert found.rules == (tmp_path / "x",)


def test_overrides_are_judged_like_a_file(tmp_path: Path) -> None:
    assert error(tmp_path, "jobs=many") == '--config: jobs: expected a whole number, at least 0, got "many"'
    assert "--config: jbs: there is no such setting; did you mean `jobs`?" in error(tmp_path, "jbs=4")
    assert "not KEY=VALUE in TOML" in error(tmp_path, "a b=4")


def test_named_file_replaces_the_one_found(tmp_path: Path) -> None:
    write(tmp_path / "alloclint.toml", "jobs = 3\n")
    write(tmp_path / "other" / "ci.toml", "tests = true\nrules = ['x']\n")
    found = settings.load(tmp_path, ["other/ci.toml"])
    assert (found.jobs, found.tests, found.root) == (0, True, tmp_path)
    # As with ruff: what is named in the shell is relative to where the shell is.
    assert found.rules == (tmp_path / "x",)


def test_named_file_must_exist_and_speak_of_us(tmp_path: Path) -> None:
    assert "missing.toml: cannot be read" in error(tmp_path, "missing.toml")
    write(tmp_path / "pyproject.toml", "[project]\n")
    assert "has no settings for alloclint" in error(tmp_path, "pyproject.toml")
    assert "only one is read" in error(tmp_path, "a.toml", "b.toml")


def test_every_setting_is_described() -> None:
    names = [setting.name for setting in settings.described()]
    assert "limits.java-release" in names
    assert "min-severity" in names
    for setting in settings.described():
        assert setting.meaning.endswith(".")
        assert setting.type
        assert setting.default


def test_values_in_use_are_toml(tmp_path: Path) -> None:
    """What `--show-settings` prints can be written into a file and means the same."""
    before = settings.load(
        tmp_path, ["jobs=4", "per-file-ignores={'a/*'=['ALC101']}", "limits.rust-version='1.80'"]
    )
    lines = [f"{name} = {value}" for name, value in settings.values(before) if value != "unset"]
    write(tmp_path / "alloclint.toml", "\n".join(lines))
    after = settings.load(tmp_path)
    assert dict(settings.values(after)) == dict(settings.values(before))
