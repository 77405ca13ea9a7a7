"""
A native library of a Java program that Alpine cannot load.

JVMs for musl run on Alpine, but the native code in jars is most often built for glibc. Some libraries bring
a second build, and that may need packages: RocksDB's asks for `libstdc++.so.6`, which Alpine does not have
until it is installed. The program starts and works, until the library is used for the first time: then comes
an `UnsatisfiedLinkError`. `gcompat` stands in for some of glibc's functions only; with RocksDB it crashed.

Start from an image with glibc, or install what the library needs.

`info` for a package on images of which nobody knows whether they come with it: JDKs, and other vendors' JREs.
Silent: images whose C library is not known, versions that are not known, images with a compiler or with
Alpine's own OpenJDK, which bring `libstdc++` along, and images that put glibc on top of musl.

```xml bad/pom.xml
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>store</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.rocksdb</groupId>
      <artifactId>rocksdbjni</artifactId>
      <version>8.10.0</version>
    </dependency>
  </dependencies>
</project>
```

```dockerfile bad/Dockerfile
FROM eclipse-temurin:17-jre-alpine
COPY target/store.jar /srv/store.jar
ENTRYPOINT ["java", "-jar", "/srv/store.jar"]
```

```xml good/pom.xml
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>store</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.rocksdb</groupId>
      <artifactId>rocksdbjni</artifactId>
      <version>8.10.0</version>
    </dependency>
  </dependencies>
</project>
```

```dockerfile good/Dockerfile
FROM eclipse-temurin:17-jre-alpine
RUN apk add --no-cache libstdc++
COPY target/store.jar /srv/store.jar
ENTRYPOINT ["java", "-jar", "/srv/store.jar"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from alloclint.finding import Finding, Severity, Suggestion
from alloclint.project import known
from alloclint.project.distinct import distinct
from alloclint.project.image.preload import place_of_base
from alloclint.project.image.stage import Stage
from alloclint.project.jvm.natives import Native, java_command, natives
from alloclint.project.repository import Repository
from alloclint.project.runtime.unit import Unit

CODE = "ALC628"
SEVERITY = Severity.warning
LANGUAGES = ("maven", "gradle", "dockerfile", "compose", "kubernetes")

#: Packages of Alpine that have libstdc++ come along.
_BRINGS_CXX = re.compile(r"libstdc\+\+|g\+\+|gcc|build-base|clang.*|openjdk.*|nodejs.*|icu-libs|\$.*")
#: Images that are known to have none; others may come with it.
_WITHOUT_CXX = re.compile(
    r"(?:^|/)(?:eclipse-temurin|openjdk):[^@]*\bjre\b[^@]*\balpine|(?:^|/)alpine(?::|$)"
)
_GLIBC = re.compile(r"(?<![\w-])glibc\b|ld-linux", re.I)
_REBASE = "build on an image with glibc, such as `eclipse-temurin:17-jre`"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a library lacks on musl, and what to write."""

    reason: str
    remedy: str
    certain: bool = True


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for unit in repository.units:
        stage = unit.stage
        is_musl = stage is not None and stage.base.libc == "musl" and not _has_glibc(stage)
        module = repository.module_in(unit) if is_musl and unit.purpose is None else None
        if stage is None or module is None or java_command(unit, module) is None:
            continue
        for native in natives(module):
            trouble = _trouble(native, stage)
            if trouble is not None:
                yield _finding(unit, stage, native, trouble)
                break


def _has_glibc(stage: Stage) -> bool:
    names = [one.name for one in stage.packages]
    texts = [run.script for run in stage.runs] + [path for copy in stage.copies for path in copy.sources]
    return any(_GLIBC.search(one) for one in (*names, *texts))


def _trouble(native: Native, stage: Stage) -> Trouble | None:
    library, version = native.library, native.artifact.version
    if library.needs_on_musl:
        return None if _has_packages(stage) else _needs(native, stage)
    if native.is_glibc_only:
        return Trouble("has no build for musl", _REBASE)
    first, since = library.musl.get("x86_64"), native.since_on_musl
    if first is None or version is None or known.version(version) >= first:
        return None
    return Trouble(f"has no build for musl before {since}", f"use {since} or later, or {_REBASE}")


def _has_packages(stage: Stage) -> bool:
    return any(_BRINGS_CXX.fullmatch(one.name) for one in stage.packages)


def _needs(native: Native, stage: Stage) -> Trouble:
    packages = " ".join(native.library.needs_on_musl)
    line = f"RUN apk add --no-cache {packages}"
    is_bare = _WITHOUT_CXX.search(stage.reference.text) is not None
    return Trouble(
        f"needs `{packages}` on Alpine, which is not installed", f"`{line}`, or {_REBASE}", is_bare
    )


def _finding(unit: Unit, stage: Stage, native: Native, trouble: Trouble) -> Finding:
    artifact = native.artifact
    has_gcompat = any(one.name == "gcompat" for one in stage.packages)
    more = "; gcompat is not enough, RocksDB crashed with it" if has_gcompat else ""
    return Finding(
        place_of_base(stage, ""),
        f"the native library of `{artifact.name}` {trouble.reason}: it fails when it is first used",
        evidence=f"the JVM starts; loading the library throws an UnsatisfiedLinkError{more}",
        suggestion=Suggestion(trouble.remedy),
        base=None if trouble.certain else Severity.info,
        because=(replace(artifact.place, text=f"{native.library.what} comes with `{artifact.name}`"),),
    )
