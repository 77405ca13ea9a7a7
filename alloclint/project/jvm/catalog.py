"""gradle/libs.versions.toml: the names under which Gradle builds know libraries, bundles and plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.project import toml
from alloclint.project.jvm.module import Artifact, Catalog
from alloclint.project.token import Source
from alloclint.project.toml import Entry, Scalar, Table


def read(source: Source) -> Catalog:
    """The catalog in a file, as far as it can be read."""
    table = toml.read(source)
    libraries = ((_alias(name), _library(entry, table)) for name, entry in table.walk("libraries"))
    return Catalog(
        path=source.path,
        libraries=tuple((alias, library) for alias, library in libraries if library is not None),
        bundles=tuple(
            (_alias(name), tuple(_alias(one.text) for one in table.strings("bundles", name)))
            for name, _ in table.walk("bundles")
        ),
        plugins=tuple(_plugins(table)),
    )


def _alias(name: str) -> str:
    """`rocksdb-jni` is said `rocksdb.jni`."""
    return re.sub("[-_]", ".", name)


def _library(entry: Entry, catalog: Table) -> Artifact | None:
    value = entry.value
    if isinstance(value, Scalar):
        group, name, version = (*value.text.split(":"), "", "")[:3]
    elif isinstance(value, Table):
        module = value.string("module")
        stated = module.text.split(":") if module is not None else []
        group = stated[0] if stated else _text(value, "group")
        name = stated[1] if len(stated) > 1 else _text(value, "name")
        version = _version(value, catalog)
    else:
        return None
    return Artifact(group, name, version or None, "", entry.place) if group and name else None


def _version(value: Table, catalog: Table) -> str:
    """`version = "1"`, `version.ref = "v"`, or what a rich version demands."""
    reference = value.string("version", "ref")
    if reference is not None:
        return _stated(catalog, "versions", reference.text)
    return _stated(value, "version")


def _stated(table: Table, *keys: str) -> str:
    found = (table.string(*keys, *more) for more in ((), ("strictly",), ("require",), ("prefer",)))
    return next((one.text for one in found if one is not None), "")


def _text(table: Table, key: str) -> str:
    found = table.string(key)
    return found.text if found is not None else ""


def _plugins(table: Table) -> Iterator[tuple[str, str]]:
    for name, entry in table.walk("plugins"):
        value = entry.value
        text = value.text.partition(":")[0] if isinstance(value, Scalar) else ""
        found = _text(value, "id") if isinstance(value, Table) else text
        if found:
            yield _alias(name), found
