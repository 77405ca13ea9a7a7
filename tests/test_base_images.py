"""Base images by their reference: C library, family, what they bring; and libraries that they do not have."""

from __future__ import annotations

import pytest

from alloclint.project import known
from alloclint.project.image import base, dockerfile
from alloclint.project.image.preload import missing, preloads
from alloclint.project.token import Source

_DEBIAN = "/usr/lib/x86_64-linux-gnu"


class TestOf:
    @pytest.mark.parametrize(
        ("reference", "libc", "family"),
        [
            ("alpine", "musl", "alpine"),
            ("alpine:3.20@sha256:00", "musl", "alpine"),
            ("docker.io/library/alpine:3", "musl", "alpine"),
            ("index.docker.io/library/python:3.12-slim", "glibc", "debian"),
            ("public.ecr.aws/docker/library/python:3.12-alpine3.20", "musl", "alpine"),
            ("mirror.gcr.io/library/debian:bookworm", "glibc", "debian"),
            ("registry.example:5000/hub/library/rust:1-alpine", "musl", "alpine"),
            ("gitlab.example/group/dependency_proxy/containers/node:20-alpine", "musl", "alpine"),
            ("eclipse-temurin:21-jre", "glibc", "debian"),
            ("eclipse-temurin:21-jre-alpine", "musl", "alpine"),
            ("eclipse-temurin:21-jre-ubi9-minimal", "glibc", "rhel"),
            ("eclipse-temurin:21-jre-noble", "glibc", "debian"),
            ("openjdk:8-jre-alpine", "musl", "alpine"),
            ("openjdk:17", "glibc", None),
            ("openjdk:17-jdk-slim", "glibc", "debian"),
            ("amazoncorretto:21", "glibc", "rhel"),
            ("amazoncorretto:21-alpine3.19", "musl", "alpine"),
            ("azul/zulu-openjdk-alpine:21", "musl", "alpine"),
            ("azul/zulu-openjdk:21", "glibc", "debian"),
            ("bellsoft/liberica-openjdk-alpine-musl:21", "musl", "alpine"),
            ("registry.access.redhat.com/ubi9/openjdk-21-runtime:1.20", "glibc", "rhel"),
            ("registry.access.redhat.com/ubi9-minimal", "glibc", "rhel"),
            ("gcr.io/distroless/cc-debian12", "glibc", "debian"),
            ("gcr.io/distroless/java21-debian12:nonroot", "glibc", "debian"),
            ("cgr.dev/chainguard/jre:latest", "glibc", "wolfi"),
            ("maven:3.9-amazoncorretto-21", "glibc", "rhel"),
            ("maven:3.9-eclipse-temurin-21-alpine", "musl", "alpine"),
            ("rust:1.80-slim-bookworm", "glibc", "debian"),
            ("rust:1-alpine", "musl", "alpine"),
            ("clux/muslrust:stable", "glibc", "debian"),
            ("debian:bookworm-slim", "glibc", "debian"),
            ("ubuntu", "glibc", "debian"),
            ("fedora:40", "glibc", "rhel"),
            ("busybox:musl", "musl", "alpine"),
            ("nvidia/cuda:12.4.1-runtime-ubuntu22.04", "glibc", "debian"),
            ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine", "musl", "alpine"),
        ],
    )
    def test_known(self, reference: str, libc: str, family: str | None) -> None:
        found = base.of(reference)
        assert (found.libc, found.family) == (libc, family)

    @pytest.mark.parametrize(
        "reference",
        [
            "scratch",
            "registry.example/team/base:1-alpine",
            "someone/python:3-alpine",
            "gcr.io/distroless/static-debian12",
            "busybox",
            "$IMAGE",
            "python:${TAG}",
            "mcr.microsoft.com/windows/servercore:ltsc2022",
            "python:3.12-windowsservercore",
            "",
            "@sha256:00",
        ],
    )
    def test_unknown(self, reference: str) -> None:
        assert base.of(reference).libc is None

    def test_what_they_bring(self) -> None:
        assert base.of("flink:1.20").brings == {"java", "flink", "jemalloc"}
        assert base.of("eclipse-temurin:21").brings == {"java"}

    def test_images_that_others_build_on_are_not_official(self) -> None:
        assert base.of("python:3").official
        assert not base.of("ghcr.io/linuxserver/baseimage-alpine:3.20").official

    def test_the_table(self) -> None:
        for entry in known.tables()["images"]:
            assert set(entry) <= {"pattern", "libc", "family", "brings", "tags", "official"}
            assert entry.get("libc") in (None, "glibc", "musl")
            assert entry.get("family") in (None, "debian", "alpine", "rhel", "suse", "arch", "wolfi")
            assert (entry.get("libc") == "musl") == (entry.get("family") == "alpine") or "musl" in entry[
                "pattern"
            ]
        patterns = [entry["pattern"] for entry in known.tables()["images"]]
        assert len(patterns) == len(set(patterns))


class TestMissing:
    @pytest.mark.parametrize(
        ("image", "run", "path", "kind"),
        [
            ("debian:12", "apt install -y libjemalloc2", "/usr/lib64/libjemalloc.so.2", "folder"),
            ("alpine", "apk add jemalloc", f"{_DEBIAN}/libjemalloc.so.2", "folder"),
            ("alpine", "apk add jemalloc", "/usr/lib/libjemalloc.so.2", None),
            ("debian:12", "apt install -y libjemalloc2", f"{_DEBIAN}/libjemalloc.so", "file"),
            ("debian:12", "apt install -y libjemalloc-dev", f"{_DEBIAN}/libjemalloc.so", None),
            ("debian:12", "apt install -y libjemalloc-dev", f"{_DEBIAN}/libjemalloc.so.2", None),
            (
                "ubuntu:24.04",
                "apt install -y libtcmalloc-minimal4t64",
                f"{_DEBIAN}/libtcmalloc_minimal.so.4.5",
                None,
            ),
            ("debian:12", "apt install -y google-perftools", f"{_DEBIAN}/libtcmalloc.so.4", None),
            ("debian:12", "true", f"{_DEBIAN}/libmimalloc.so.2", "nowhere"),
            ("debian:12", "true", "/opt/lib/libjemalloc.so.2", None),
            ("debian:12", "true", "/usr/local/lib/libjemalloc.so.2", None),
            ("someone/debian", "true", "/usr/lib64/libjemalloc.so.2", None),
            ("mariadb:11", "true", f"{_DEBIAN}/libjemalloc.so.2", None),
        ],
    )
    def test_missing(self, image: str, run: str, path: str, kind: str | None) -> None:
        text = f"FROM {image}\nRUN {run}\nENV LD_PRELOAD={path}\n"
        (stage,) = dockerfile.read(Source("Dockerfile", text.encode()))
        (variable,) = stage.environment.variables
        (preload,) = preloads(variable)
        found = missing(preload, stage, ())
        assert (found.kind if found else None) == kind

    def test_names(self) -> None:
        value = "/a/libfaketime.so.1:/b/libjemalloc.so.2 libmimalloc-secure.so $LIB/libtcmalloc.so"
        source = Source("Dockerfile", f'FROM a\nENV LD_PRELOAD="{value}"\n'.encode())
        (variable,) = dockerfile.read(source)[0].environment.variables
        assert [(one.library, one.allocator) for one in preloads(variable)] == [
            ("libjemalloc.so.2", "jemalloc"),
            ("libmimalloc-secure.so", "mimalloc"),
        ]
