"""
The Java release that a file is compiled for, from the nearest Maven or Gradle build that states one.

Gradle scripts are programs and are not run: only the usual spellings with a literal are read, and what is not
understood is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from alloclint.project.versions import manifest

#: Maven's properties in the order in which the compiler plugin lets one win over the next; the last is
#: Spring Boot's.
_PROPERTIES = ("maven.compiler.release", "maven.compiler.source", "maven.compiler.target", "java.version")
_REFERENCE = re.compile(r"\$\{([^}]+)\}")
_VERSION = r"""["']?(?:JavaVersion\.)?(?:VERSION_)?["']?(1[._])?(\d{1,2})\b"""
#: The release wins over the source level, and that over the toolchain, as in Gradle.
_GRADLE = tuple(
    re.compile(spelling + _VERSION)
    for spelling in (
        r"\brelease(?:\s*=\s*|\.set\s*\(\s*)",
        r"\bsourceCompatibility\s*(?:=\s*|\(\s*|\s)",
        r"\bJavaLanguageVersion\.of\s*\(\s*",
        r"\bjvmToolchain\s*\(\s*",
    )
)
_GRADLE_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.S)
#: How deep parents and references may be nested before they are taken for a loop.
_DEPTH = 16


@lru_cache(maxsize=4096)
def release(folder: Path) -> int | None:
    """The Java release that holds in a folder, or None."""
    for directory in (folder, *folder.parents):
        stated = _stated_in(directory)
        if stated is not None:
            return stated
        if (directory / ".git").exists():
            return None
    return None


@lru_cache(maxsize=4096)
def _stated_in(directory: Path) -> int | None:
    stated = _maven(directory / "pom.xml")
    if stated is not None:
        return stated
    for name in ("build.gradle.kts", "build.gradle"):
        stated = _gradle(directory / name)
        if stated is not None:
            return stated
    return None


def _gradle(path: Path) -> int | None:
    script = _GRADLE_COMMENT.sub("", manifest.text(path) or "")
    for spelling in _GRADLE:
        match = spelling.search(script)
        if match:
            return int(match[2])
    return None


def _maven(path: Path) -> int | None:
    chain = list(_poms(path))
    properties = {}
    for pom in reversed(chain):
        properties.update(_properties(pom))
    for tag in ("release", "source"):
        for pom in chain:
            number = _number(_plugin_setting(pom, tag), properties)
            if number is not None:
                return number
    stated = (_number(properties.get(name), properties) for name in _PROPERTIES)
    return next((number for number in stated if number is not None), None)


def _poms(path: Path) -> Iterator[ElementTree.Element]:
    """A project and its parents, as far as they lie in the same tree."""
    for _ in range(_DEPTH):
        pom = _parse(path)
        if pom is None:
            return
        yield pom
        parent = pom.find("{*}parent")
        if parent is None:
            return
        # An empty relativePath tells Maven to look in the repository only.
        relative = parent.findtext("{*}relativePath", "../pom.xml").strip()
        if not relative:
            return
        path = path.parent / relative
        path = path / "pom.xml" if path.is_dir() else path


def _parse(path: Path) -> ElementTree.Element | None:
    text = manifest.text(path)
    # A document type can define entities that expand without end; no build needs one.
    if text is None or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def _properties(pom: ElementTree.Element) -> dict[str, str]:
    found = pom.find("{*}properties")
    if found is None:
        return {}
    return {_local(entry.tag): (entry.text or "").strip() for entry in found}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _plugin_setting(pom: ElementTree.Element, tag: str) -> str | None:
    """`<release>` or `<source>` as configured for the compiler plugin itself."""
    for management in ("{*}build/{*}plugins", "{*}build/{*}pluginManagement/{*}plugins"):
        for plugin in pom.iterfind(f"{management}/{{*}}plugin"):
            if plugin.findtext("{*}artifactId", "").strip() == "maven-compiler-plugin":
                value = plugin.findtext(f"{{*}}configuration/{{*}}{tag}")
                if value is not None:
                    return value.strip()
    return None


def _number(text: str | None, properties: dict[str, str]) -> int | None:
    """`17`, `1.8` or `${property}` as a release."""
    for _ in range(_DEPTH):
        reference = _REFERENCE.fullmatch(text or "")
        if reference is None:
            break
        text = properties.get(reference[1])
    match = re.fullmatch(r"(?:1\.)?(\d{1,2})", text or "")
    return int(match[1]) if match else None
