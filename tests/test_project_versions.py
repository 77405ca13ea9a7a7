"""The language versions that build files state."""

from __future__ import annotations

from pathlib import Path

import pytest

from alloclint.project.versions import cargo, jvm, limits_for, python
from alloclint.settings import Limits


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def pom(content: str) -> str:
    return f'<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0">{content}</project>'


def properties(**values: str) -> str:
    entries = "".join(
        f"<{name.replace('_', '.')}>{value}</{name.replace('_', '.')}>" for name, value in values.items()
    )
    return f"<properties>{entries}</properties>"


def plugin(configuration: str) -> str:
    return (
        "<build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId>"
        f"<configuration>{configuration}</configuration></plugin></plugins></build>"
    )


@pytest.mark.parametrize(
    ("content", "release"),
    [
        (properties(maven_compiler_release="21"), 21),
        (properties(maven_compiler_source="1.8"), 8),
        (properties(maven_compiler_source="11", maven_compiler_release="17"), 17),
        (properties(java_version="17"), 17),
        (properties(java_version="19", maven_compiler_release="${java.version}"), 19),
        (properties(jdk="${base}", base="11", maven_compiler_source="${jdk}"), 11),
        (properties(maven_compiler_release="${unknown}"), None),
        (properties(a="${b}", b="${a}", maven_compiler_release="${a}"), None),
        (properties(maven_compiler_release="seventeen"), None),
        (plugin("<release>17</release>"), 17),
        (plugin("<source>1.8</source><target>1.8</target>"), 8),
        (properties(jdk="21") + plugin("<release>${jdk}</release>"), 21),
        ("<build/>", None),
        ("<!-- <properties><java.version>9</java.version></properties> -->", None),
    ],
)
def test_maven(tmp_path: Path, content: str, release: int | None) -> None:
    write(tmp_path / "pom.xml", pom(content))
    assert jvm.release(tmp_path) == release


def test_maven_parent_in_the_same_tree(tmp_path: Path) -> None:
    write(tmp_path / "pom.xml", pom(properties(java_version="17", maven_compiler_release="${java.version}")))
    write(tmp_path / "module" / "pom.xml", pom("<parent><artifactId>x</artifactId></parent>"))
    write(tmp_path / "old" / "pom.xml", pom("<parent/>" + properties(java_version="11")))
    assert jvm.release(tmp_path / "module" / "src" / "main" / "java") == 17
    # The child's property replaces the parent's before it is looked up.
    assert jvm.release(tmp_path / "old") == 11


def test_maven_parent_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "parent" / "pom.xml", pom(properties(java_version="21")))
    reference = "<parent><relativePath>../parent</relativePath></parent>"
    write(tmp_path / "module" / "pom.xml", pom(reference))
    assert jvm.release(tmp_path / "module") == 21


def test_maven_parent_that_is_its_own(tmp_path: Path) -> None:
    write(tmp_path / "pom.xml", pom("<parent><relativePath>pom.xml</relativePath></parent>"))
    assert jvm.release(tmp_path) is None


@pytest.mark.parametrize("text", ["<project", "", "\0\0", '<!DOCTYPE x [<!ENTITY a "b">]><project/>'])
def test_damaged_pom_says_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path / "pom.xml", text)
    assert jvm.release(tmp_path) is None


@pytest.mark.parametrize(
    ("script", "release"),
    [
        ("sourceCompatibility = 1.8", 8),
        ("sourceCompatibility = '11'", 11),
        ('sourceCompatibility "17"', 17),
        ("sourceCompatibility = JavaVersion.VERSION_17", 17),
        ("sourceCompatibility = JavaVersion.VERSION_1_8", 8),
        ("java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }", 21),
        ("java { toolchain { languageVersion.set(JavaLanguageVersion.of(21)) } }", 21),
        ("tasks.withType<JavaCompile> { options.release.set(11) }", 11),
        ("compileJava { options.release = 11 }\nsourceCompatibility = 17", 11),
        ("kotlin { jvmToolchain(17) }", 17),
        ("// sourceCompatibility = 8\nsourceCompatibility = 17", 17),
        ("/* sourceCompatibility = 8 */", None),
        ("sourceCompatibility = rootProject.javaVersion", None),
        ("repositories { maven { url 'https://x' } }", None),
    ],
)
@pytest.mark.parametrize("name", ["build.gradle", "build.gradle.kts"])
def test_gradle(tmp_path: Path, name: str, script: str, release: int | None) -> None:
    write(tmp_path / name, script)
    assert jvm.release(tmp_path) == release


def test_gradle_root_project_holds_for_modules(tmp_path: Path) -> None:
    write(tmp_path / "build.gradle", "subprojects { sourceCompatibility = 17 }")
    write(tmp_path / "module" / "build.gradle", "dependencies { }")
    assert jvm.release(tmp_path / "module" / "src") == 17


def test_java_is_not_looked_for_outside_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "build.gradle", "sourceCompatibility = 17")
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    assert jvm.release(tmp_path / "clone") is None


@pytest.mark.parametrize(
    ("manifest", "version"),
    [
        ('[package]\nrust-version = "1.70"', (1, 70)),
        ('[package]\nrust-version = "1.70.1"', (1, 70)),
        ('[package]\nname = "x"', None),
        ("[package]\nrust-version = 3", None),
        ("[package", None),
    ],
)
def test_cargo(tmp_path: Path, manifest: str, version: tuple[int, int] | None) -> None:
    write(tmp_path / "Cargo.toml", manifest)
    assert cargo.rust_version(tmp_path / "src") == version


@pytest.mark.parametrize("spelling", ["rust-version.workspace = true", "rust-version = { workspace = true }"])
def test_cargo_workspace_inheritance(tmp_path: Path, spelling: str) -> None:
    write(tmp_path / "Cargo.toml", '[workspace]\nmembers = ["a"]\n[workspace.package]\nrust-version = "1.80"')
    write(tmp_path / "a" / "Cargo.toml", f"[package]\n{spelling}")
    assert cargo.rust_version(tmp_path / "a" / "src") == (1, 80)


def test_cargo_workspace_named_by_the_crate(tmp_path: Path) -> None:
    write(tmp_path / "root" / "Cargo.toml", '[workspace.package]\nrust-version = "1.80"')
    write(tmp_path / "a" / "Cargo.toml", '[package]\nworkspace = "../root"\nrust-version.workspace = true')
    assert cargo.rust_version(tmp_path / "a") == (1, 80)


def test_cargo_crate_does_not_inherit_unasked(tmp_path: Path) -> None:
    write(tmp_path / "Cargo.toml", '[workspace.package]\nrust-version = "1.80"')
    write(tmp_path / "a" / "Cargo.toml", '[package]\nname = "a"')
    assert cargo.rust_version(tmp_path / "a") is None


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        (">=3.11", (3, 11)),
        (">= 3.9, <4", (3, 9)),
        ("<3.13,>=3.10.2", (3, 10)),
        ("~=3.12", (3, 12)),
        ("^3.10", (3, 10)),
        ("==3.11.*", (3, 11)),
        ("!=3.9,<4", None),
        (">=3", (3, 0)),
        ("", None),
    ],
)
def test_requires_python(requirement: str, version: tuple[int, int] | None) -> None:
    assert python.lower_bound(requirement) == version


def test_nearest_pyproject_that_states_a_version(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[project]\nrequires-python = ">=3.12"')
    write(tmp_path / "tools" / "pyproject.toml", "[tool.x]")
    write(tmp_path / "poetry" / "pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.10"')
    assert python.python_version(tmp_path / "tools") == (3, 12)
    assert python.python_version(tmp_path / "poetry") == (3, 10)


def test_limits_take_versions_unless_they_are_pinned(tmp_path: Path) -> None:
    write(tmp_path / "pom.xml", pom(properties(java_version="21")))
    path = tmp_path / "A.java"
    assert limits_for(Limits(), frozenset(), "java", path).java_release == 21
    set_by_hand = Limits(java_release=8)
    assert limits_for(set_by_hand, frozenset({"java_release"}), "java", path) is set_by_hand
    assert limits_for(Limits(), frozenset(), "python", tmp_path / "a.py") == Limits()
