"""
How long a repository full of manifests takes, as a ratio to nothing but reading the bytes of its files.

    python benchmarks/manifests.py --files 5000

Writes a repository of services, each a crate or a Java module with its Dockerfile, start script, Kubernetes
and compose files, into a temporary folder (or `--folder`, which is kept), and checks it three times: with one
process, as a user would, and one source file in it alone, which must read none of the others.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from alloclint import engine, rule
from alloclint.discover import Found, discover
from alloclint.languages import language_of
from alloclint.passes import collect_rarely
from alloclint.project.parts import is_manifest
from alloclint.settings import Settings

_CARGO = """\
[package]
name = "service-{number}"
version = "0.1.0"
edition = "2021"

[features]
default = ["jemalloc"]
jemalloc = ["dep:tikv-jemallocator"]

[dependencies]
serde = {{ version = "1", features = ["derive"] }}
tokio = {{ version = "1", features = ["rt-multi-thread", "macros"] }}

[target.'cfg(not(target_env = "msvc"))'.dependencies]
tikv-jemallocator = {{ version = "0.6", optional = true }}
"""
_DOCKERFILE = """\
FROM rust:1.90-slim AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \\
    cargo build --release --bin service-{number} && \\
    cp target/release/service-{number} /service

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \\
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /service /usr/local/bin/service-{number}
COPY entrypoint.sh /entrypoint.sh
ENV RUST_LOG=info \\
    PORT=80{number}
ENTRYPOINT ["/entrypoint.sh"]
CMD ["service-{number}"]
"""
_SCRIPT = """\
#!/bin/sh
set -e
if [ -f /etc/service.env ]; then
    . /etc/service.env
fi
export MALLOC_ARENA_MAX="${{MALLOC_ARENA_MAX:-2}}"
exec "$@"
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{number}
  labels: {{app: service-{number}}}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: service-{number}
  template:
    metadata:
      labels:
        app: service-{number}
    spec:
      containers:
        - name: service
          image: registry.example.com/service-{number}:1.4.2
          ports:
            - containerPort: 8080
          env:
            - name: JAVA_TOOL_OPTIONS
              value: "-XX:MaxRAMPercentage=70.0"
          resources:
            requests: {{cpu: 500m, memory: 512Mi}}
            limits:
              cpu: "2"
              memory: 2Gi
          readinessProbe:
            httpGet: {{path: /ready, port: 8080}}
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: service-{number}
spec:
  selector:
    app: service-{number}
  ports:
    - port: 80
      targetPort: 8080
"""
_COMPOSE = """\
services:
  service:
    build: .
    environment:
      RUST_LOG: debug
    ports:
      - "8080:8080"
"""
_POM = """\
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>module-{number}</artifactId>
  <version>1.0.0</version>
  <dependencies>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-api</artifactId>
      <version>2.0.16</version>
    </dependency>
  </dependencies>
</project>
"""
_MAIN = """\
#[cfg(feature = "jemalloc")]
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {{}}
"""
#: The files of one service, and how often a service has each.
_FILES = (
    ("Cargo.toml", _CARGO, 0.5),
    ("src/main.rs", _MAIN, 0.1),
    ("Dockerfile", _DOCKERFILE, 1.0),
    ("entrypoint.sh", _SCRIPT, 0.7),
    ("k8s/deployment.yaml", _DEPLOYMENT, 1.0),
    ("k8s/service.yaml", _SERVICE, 1.0),
    ("docker-compose.yml", _COMPOSE, 0.7),
    ("pom.xml", _POM, 0.5),
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    collect_rarely()
    if arguments.folder is not None:
        return _measured(arguments.folder, arguments.files)
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), arguments.files)


def _measured(folder: Path, files: int) -> int:
    _write(folder, files)
    alone = Settings(root=folder, jobs=1)
    reading, size = _seconds(lambda: _read(folder))
    print(f"{files} files, {size / 1e6:.1f} MB")
    print(f"reading only      {reading:6.2f} s")
    for title, settings, path in (
        ("one process", alone, folder),
        ("as many as worth", replace(alone, jobs=0), folder),
        ("one source file", alone, folder / "lib.py"),
    ):
        seconds, done = _seconds(lambda path=path, settings=settings: _check(path, settings))  # type: ignore[misc]
        print(f"{title:<17} {seconds:6.2f} s  {seconds / reading:6.1f} x reading  {done} findings")
    return 0


def _write(folder: Path, files: int) -> None:
    """Always the same files: a measurement must be comparable with one of another day."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    (folder / "lib.py").write_text("items = []\n")
    for path, text in _texts(files):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _texts(files: int) -> Iterator[tuple[str, str]]:
    chance = random.Random(5)
    number = made = 0
    while made < files:
        number += 1
        for name, template, share in _FILES:
            if made < files and chance.random() < share:
                made += 1
                yield f"team-{number % 20}/service-{number}/{name}", template.format(number=number)


def _read(folder: Path) -> int:
    return sum(len(path.read_bytes()) for path in folder.rglob("*") if path.is_file())


def _check(path: Path, settings: Settings) -> int:
    def wanted(name: str) -> bool:
        return language_of(name) is not None or is_manifest(name)

    found: Found = discover([path], settings, wanted)
    return len(engine.run(found.targets, settings, rule.builtin()).findings)


def _seconds(work: Callable[[], int]) -> tuple[float, int]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    sys.exit(main())
