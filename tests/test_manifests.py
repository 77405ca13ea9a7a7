"""
Manifests on the road of source files: found, read once, put together, and what is said of them suppressed,
ignored, silenced, numbered and sorted as anything else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

import alloclint
from alloclint import engine, rule
from alloclint.discover import Found, discover
from alloclint.examine import Plan, part_of
from alloclint.finding import Severity
from alloclint.languages import language_of
from alloclint.project import parts
from alloclint.project.comments import comment_finder, continued
from alloclint.project.kinds import KINDS, Kind, kind_of
from alloclint.project.manifest import ManifestFile
from alloclint.project.parts import Part, is_manifest, is_wanted
from alloclint.project.token import Source
from alloclint.rule import Rule
from alloclint.settings import Settings

ROOT = Path(alloclint.__file__).parents[1]

#: Reports what sets BAD, because of each package of the repository.
RULE = '''
"""A variable is bad."""
from collections.abc import Iterator
from dataclasses import replace
from alloclint.finding import Finding, Severity
from alloclint.project.repository import Repository

CODE = "XYZ601"
SEVERITY = Severity.warning
LANGUAGES = ("dockerfile", "cargo")


def check(repository: Repository) -> Iterator[Finding]:
    because = tuple(
        replace(package.manifest.name.place, text="in this package") for package in repository.packages
    )
    for unit in repository.units:
        for variable in unit.environment.variables:
            if variable.name == "BAD":
                yield Finding(variable.place, "BAD is set", because=because)
    for package in repository.packages:
        if package.name == "evil":
            yield Finding(package.manifest.name.place, "the name is evil")
    for crate in repository.crates:
        for static in crate.statics:
            yield Finding(static.place, "an allocator is set")
'''
DOCKERFILE = "FROM debian:12\nENV BAD=1\nCMD [\"/a\"]\n"
CARGO = '[package]\nname = "app"\nversion = "0.1.0"\n'
EVIL = CARGO.replace("app", "evil")
MAIN = "#[global_allocator]\nstatic A: std::alloc::System = std::alloc::System;\nfn main() {}\n"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def wanted(path: str) -> bool:
    return language_of(path) is not None or is_manifest(path)


def found(folder: Path, *paths: str, settings: Settings) -> Found:
    return discover([Path(path) for path in paths or (".",)], settings, wanted, folder)


@pytest.fixture
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[Rule]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "bad_variable.py").write_text(RULE)
    return [*(one for one in rule.builtin() if one.family == "linter"), *rule.load(folder)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def lines(folder: Path, rules: list[Rule], *paths: str, **changes: object) -> list[str]:
    settings = Settings(root=folder, **changes)  # type: ignore[arg-type]
    done = engine.run(found(folder, *paths, settings=settings).targets, settings, rules)
    assert not done.notes
    return [f"{one.path}:{one.place.start.line}:{one.code}" for one in done.findings]


# ---------------------------------------------------------------- names


NAMES = [
    ("Cargo.toml", "cargo"),
    ("a/Cargo.lock", "cargo-lock"),
    (".cargo/config.toml", "cargo-config"),
    ("a/.cargo/config", "cargo-config"),
    ("config.toml", None),
    ("Dockerfile", "dockerfile"),
    ("docker/Dockerfile.prod", "dockerfile"),
    ("Dockerfile-alpine", "dockerfile"),
    ("Containerfile", "dockerfile"),
    ("app.dockerfile", "dockerfile"),
    ("app.Dockerfile", "dockerfile"),
    ("Dockerfile.dockerignore", None),
    ("Dockerfile.md", None),
    ("Dockerfiles", None),
    ("docker-compose.yml", "compose"),
    ("compose.prod.yaml", "compose"),
    ("docker-compose-dev.yml", "compose"),
    ("composer.yml", "kubernetes"),
    ("k8s/app.yaml", "kubernetes"),
    (".github/workflows/ci.yml", "workflow"),
    ("a/.github/workflows/ci.yaml", "workflow"),
    (".github/dependabot.yml", "kubernetes"),
    ("app.service", "systemd"),
    ("app.service.d/override.conf", "systemd"),
    ("nginx.conf", None),
    ("bin/start.sh", "shell"),
    ("docker-entrypoint", "shell"),
    ("entrypoint", "shell"),
    ("start", None),
    ("jvm.options", "options"),
    ("config/jvm17-server.options", "options"),
    ("jvm.options.d/heap.options", "options"),
    ("idea64.vmoptions", "options"),
    (".mvn/jvm.config", "options"),
    ("docker/default/etc/jvm.config", "options"),
    ("jvm.config", None),
    ("pom.xml", "maven"),
    ("other.xml", None),
    ("build.gradle", "gradle"),
    ("app/build.gradle.kts", "gradle"),
    ("gradle/libs.versions.toml", "gradle-catalog"),
    ("pyproject.toml", "pyproject"),
    ("requirements.txt", "requirements"),
    ("requirements-dev.txt", "requirements"),
    ("requirements/base.txt", "requirements"),
    ("notes.txt", None),
    (".env", "env"),
    (".env.production", "env"),
    ("app.env", "env"),
    ("Makefile", "make"),
    ("rules.mk", "make"),
    ("Cross.toml", "cross"),
    ("src/main.rs", None),
    ("setup.py", None),
]


@pytest.mark.parametrize(("path", "kind"), NAMES)
def test_kind(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize(("path", "kind"), NAMES)
def test_the_hook_names_the_same_files(path: str, kind: str | None) -> None:
    hook, *_ = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert bool(re.search(hook["files"], path)) == (is_manifest(path) or language_of(path) is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_read_has_a_reader(kind: Kind) -> None:
    if kind != "requirements":
        assert parts.read(kind, Source("x", b"")).path == "x"


@pytest.mark.parametrize(
    ("kind", "text", "worth"),
    [
        ("kubernetes", "kind: Service\nspec: {}\n", False),
        ("kubernetes", "env:\n- name: MALLOC_ARENA_MAX\n", True),
        ("kubernetes", "containers:\n- image: app\n  resources: {limits: {cpu: 1}}\n", True),
        ("kubernetes", "containers:\n- image: app\n", False),
        ("compose", "services:\n  a:\n    image: app\n", False),
        ("compose", "services:\n  a:\n    build: .\n", True),
        ("compose", "environment:\n  JAVA_OPTS: -Xmx1g\n", True),
        ("cargo-lock", '[[package]]\nname = "serde"\n', False),
        ("cargo-lock", '[[package]]\nname = "mimalloc"\n', True),
        ("shell", "echo hello\n", False),
        ("shell", "export LD_PRELOAD=x\n", True),
        ("cargo", "[package]\n", True),
    ],
)
def test_words_before_reading(kind: Kind, text: str, worth: bool) -> None:
    assert is_wanted(kind, text.encode()) is worth


# ---------------------------------------------------------------- the road


def test_a_finding_has_places_in_two_files(project: Path, rules: list[Rule]) -> None:
    write(project, {"Dockerfile": DOCKERFILE, "Cargo.toml": CARGO})
    settings = Settings(root=project)
    done = engine.run(found(project, settings=settings).targets, settings, rules)
    (one,) = done.findings
    assert (one.path, one.place.start.line, one.severity) == ("Dockerfile", 2, Severity.warning)
    assert [(place.path, place.start.line, place.text) for place in one.because] == [
        ("Cargo.toml", 2, "in this package")
    ]
    assert (done.files, done.failed) == (2, False)


def test_sources_and_manifests_alike(project: Path, rules: list[Rule]) -> None:
    write(project, {"src/main.rs": MAIN, "Cargo.toml": EVIL, "Dockerfile": DOCKERFILE})
    assert lines(project, rules) == ["Cargo.toml:2:XYZ601", "Dockerfile:2:XYZ601", "src/main.rs:1:XYZ601"]


def test_several_processes_find_the_same(project: Path, rules: list[Rule]) -> None:
    write(project, {f"a{number}/Dockerfile": DOCKERFILE for number in range(60)})
    write(project, {f"a{number}/b.py": "x = []\n" for number in range(10)})
    write(project, {"Cargo.toml": CARGO, "src/main.rs": MAIN, "a7/Dockerfile": "FROM\n\x01 ENV"})
    write(project, {"a8/Dockerfile": DOCKERFILE.replace("ENV", "# alloclint: ignore[XYZ601]\nENV")})
    runs = []
    for jobs in (1, 2):
        settings = Settings(root=project, jobs=jobs)
        done = engine.run(found(project, settings=settings).targets, settings, rules)
        runs.append((done.findings, done.notes, done.files))
    assert runs[0] == runs[1]
    # All but the damaged and the silenced one.
    assert len([one for one in runs[0][0] if one.code == "XYZ601" and "Docker" in one.path]) == 58


def test_what_settings_leave_out(project: Path, rules: list[Rule]) -> None:
    folders = ("tests", "target", "ignored", "deploy")
    write(project, {f"{folder}/Dockerfile": DOCKERFILE for folder in folders})
    write(project, {".gitignore": "ignored/\n", "Dockerfile": DOCKERFILE})
    assert lines(project, rules) == ["Dockerfile:2:XYZ601", "deploy/Dockerfile:2:XYZ601"]
    assert "tests/Dockerfile:2:XYZ601" in lines(project, rules, tests=True)
    assert lines(project, rules, extend_exclude=("deploy",)) == ["Dockerfile:2:XYZ601"]
    ignores = (("deploy/*", ("XYZ601",)),)
    assert lines(project, rules, per_file_ignores=ignores) == ["Dockerfile:2:XYZ601"]
    assert lines(project, rules, ignore=("XYZ601",)) == []


def test_hidden_folders_with_manifests_are_searched(project: Path) -> None:
    write(project, dict.fromkeys((".cargo/config.toml", ".mvn/jvm.config", ".github/workflows/a.yml"), ""))
    shown = [target.shown for target in found(project, settings=Settings(root=project)).targets]
    assert shown == [".cargo/config.toml", ".github/workflows/a.yml", ".mvn/jvm.config"]


def test_fingerprints_stay_when_lines_are_added_above(project: Path, rules: list[Rule]) -> None:
    prints = []
    for text in (DOCKERFILE, "# syntax\n\n" + DOCKERFILE):
        write(project, {"Dockerfile": text})
        settings = Settings(root=project)
        (one,) = engine.run(found(project, settings=settings).targets, settings, rules).findings
        prints.append(one.fingerprint)
    assert prints[0] == prints[1]


def test_too_large_and_no_text(project: Path, rules: list[Rule]) -> None:
    write(project, {"Dockerfile": DOCKERFILE, "a/Dockerfile": DOCKERFILE + "#" * 900})
    (project / "b").mkdir()
    (project / "b" / "Dockerfile").write_bytes(b"FROM a\0")
    settings = Settings(root=project, max_file_bytes=500)
    done = engine.run(found(project, settings=settings).targets, settings, rules)
    assert [note.path for note in done.notes] == ["a/Dockerfile", "b/Dockerfile"]
    assert [one.path for one in done.findings] == ["Dockerfile"]


# ---------------------------------------------------------------- suppressions


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\n# alloclint: ignore[XYZ601] -- measured\nENV BAD=1\n",
        "FROM debian\n# alloclint: ignore-next-line[bad-variable]\n# and more\nENV BAD=1\n",
        "# alloclint: ignore-file[XYZ601]\nFROM debian\nENV BAD=1\n",
        "FROM debian\n# alloclint: ignore[XYZ601]\nENV A=1 \\\n    BAD=1\n",
        "FROM debian\nENV A=1 \\\n  # alloclint: ignore[XYZ601]\n    BAD=1\n",
    ],
)
def test_suppressed(project: Path, rules: list[Rule], text: str) -> None:
    write(project, {"Dockerfile": text + 'CMD ["a"]\n'})
    assert lines(project, rules) == []


def test_suppressions_in_toml(project: Path, rules: list[Rule]) -> None:
    write(project, {"Cargo.toml": EVIL.replace('"evil"', '"evil" # alloclint: ignore[XYZ601]')})
    assert lines(project, rules) == []


def test_what_is_not_known_makes_no_suppression_superfluous(project: Path, rules: list[Rule]) -> None:
    """The rest of the repository, which was not asked about, may be what the comment is for."""
    write(project, {"src/main.rs": "// alloclint: ignore-file[XYZ601]\nfn main() {}\n", "Cargo.toml": CARGO})
    assert lines(project, rules, "src") == []
    for path in (".", "src/main.rs"):
        assert lines(project, rules, path) == ["src/main.rs:1:ALC904"]


def test_suppressions_that_are_of_no_use(project: Path, rules: list[Rule]) -> None:
    text = "# alloclint: ignore[XYZ601]\nFROM debian\n# alloclint: ignore[XYZ999]\nENV BAD=1\n"
    write(project, {"Dockerfile": text, "pom.xml": "<!-- alloclint: ignore[XYZ601] -->\n<project/>\n"})
    script = "def a = '// alloclint: ignore[XYZ601]' // alloclint: ignore[bad-variable]\n"
    write(project, {"build.gradle": script})
    assert lines(project, rules) == [
        "Dockerfile:1:ALC904",
        "Dockerfile:3:ALC905",
        "Dockerfile:4:XYZ601",
        "build.gradle:1:ALC904",
        "pom.xml:1:ALC904",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "comment"),
    [
        ("cargo", 'a = "# x" # y', "# y"),
        ("cargo", 'a = """\n# x\n""" # y', "# y"),
        ("compose", "a: b#x # y", "# y"),
        ("kubernetes", "a: '# x' # y", "# y"),
        ("dockerfile", "RUN echo # x\n  # y", "# y"),
        ("systemd", "Environment=A=# x\n; y", "; y"),
        ("shell", 'echo "# x" $# # y', "# y"),
        ("maven", "<a><![CDATA[<!-- x -->]]></a><!-- y\ny -->", "<!-- y\ny -->"),
        ("gradle", "url 'http://x' // y", "// y"),
        ("gradle", "a = \"/* x\" /* y\n */", "/* y\n */"),
        ("options", "-XX:A=# x\n# y", "# y"),
        ("env", "A=b#x\n# y", "# y"),
    ],
)
def test_comments(kind: Kind, text: str, comment: str) -> None:
    source = text.encode()
    at = comment_finder(kind, source)
    spans = {at(offset) for offset in range(len(source))} - {None}
    assert [source[start:end].decode() for start, end in sorted(filter(None, spans))] == [comment]


def test_continued_lines() -> None:
    source = b"FROM a\nENV A=1 \\\n# c\n  B=2\nRUN x\n"
    spans = [source[start:end] for start, end in continued("dockerfile", source)]
    assert spans == [b"ENV A=1 \\\n# c\n  B=2"]
    assert list(continued("cargo", source)) == []


# ---------------------------------------------------------------- damage


def test_damage_is_told_and_the_rest_is_checked(project: Path, rules: list[Rule]) -> None:
    write(project, {"Cargo.toml": EVIL + "[dependencies\n", "Dockerfile": DOCKERFILE})
    settings = Settings(root=project)
    done = engine.run(found(project, settings=settings).targets, settings, rules)
    told = [(one.path, one.place.start.line, one.code) for one in done.findings]
    assert ("Dockerfile", 2, "XYZ601") in told
    assert ("Cargo.toml", 2, "XYZ601") in told
    assert ("Cargo.toml", 4, "ALC901") in told
    assert not done.notes


def test_reader_that_fails(project: Path, rules: list[Rule], monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, {"Cargo.toml": CARGO, "Dockerfile": DOCKERFILE})
    read = parts.read

    def fails(kind: Kind, source: Source) -> Part:
        if kind == "cargo":
            raise AttributeError("nothing")
        return read(kind, source)

    monkeypatch.setattr(parts, "read", fails)
    settings = Settings(root=project)
    done = engine.run(found(project, settings=settings).targets, settings, rules)
    (note,) = done.notes
    assert note.path == "Cargo.toml"
    assert note.failed
    assert "AttributeError" in note.message
    assert [one.path for one in done.findings] == ["Dockerfile"]


SMALL = {
    "Cargo.toml": (
        '[package]\nname = "a"\n[target.\'cfg(all(unix, not(target_env = "musl")))\'.dependencies]\n'
        'mimalloc = { version = "0.1", optional = true, features = [\n  "v2", # c\n] }\n'
        '[features]\nx = ["dep:mimalloc", "b?/c"]\n[[bin]]\nname = "b"\npath = """\nx"""\n'
    ),
    "Cargo.lock": '[[package]]\nname = "mimalloc"\nversion = "0.1.49"\ndependencies = [\n "a",\n]\n',
    ".cargo/config.toml": '[env]\nMALLOC_CONF = { value = "a:b" }\n[target.x]\nrustflags = ["-C", "a"]\n',
    "Dockerfile": (
        "# escape=\\\nARG V=12\nFROM --platform=$BUILDPLATFORM debian:${V:-11} AS a\n"
        "ENV A=\"b c\" \\\n  # c\n  LD_PRELOAD='/x.so'\nRUN <<EOF\nexport X=$(uname -m)\nEOF\n"
        'COPY --from=a /x /y\nENTRYPOINT ["/bin/sh", "-c", "exec java $JAVA_OPTS"]\n'
    ),
    "compose.yml": (
        "x: &e {MALLOC_CONF: 'a'}\nservices:\n  a:\n    build: {context: ., target: b}\n"
        "    environment:\n      <<: *e\n      B: \"c\"\n    deploy: {resources: {limits: {memory: 1G}}}\n"
        "    command: [java, \"-Xmx1g\"]\n    env_file: [.env]\n"
    ),
    "a.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n"
        "  - name: a\n    image: a:1 # c\n    env:\n    - name: MALLOC_CONF\n      value: >-\n"
        "        x\n    resources:\n      limits: {cpu: 500m, memory: 1Gi}\n---\nkind: Job\n"
    ),
    ".github/workflows/a.yml": (
        "on: push\nenv: {MALLOC_CONF: x}\njobs:\n  a:\n"
        "    strategy: {matrix: {t: [aarch64-unknown-linux-musl]}}\n    steps:\n"
        "    - run: |\n        export A=${{ matrix.t }}\n        cargo build\n"
    ),
    "a.service": (
        '[Service]\nEnvironment="A=b c" LD_PRELOAD=/x\nEnvironmentFile=-/etc/a\n'
        "ExecStart=/usr/bin/java \\\n -Xmx1g\n"
    ),
    "run.sh": (
        "#!/bin/sh\nif [ -f /x ]; then export LD_PRELOAD=/x; fi\ncase $(uname -m) in a) B=1;; esac\n"
        "cat <<'E'\nexec\nE\nA=1 exec java ${JAVA_OPTS:-\"-Xmx1g\"} \"$@\"\n"
    ),
    ".env": "# c\nexport MALLOC_CONF='a'\nJAVA_OPTS=\"-Xmx1g $A\"\n",
    "Makefile": (
        "T ?= aarch64-unknown-linux-musl\nall:\n"
        "\tJEMALLOC_SYS_WITH_LG_PAGE=16 cargo build \\\n\t--target $(T)\n"
    ),
    "Cross.toml": '[target.aarch64-unknown-linux-gnu]\npassthrough = ["JEMALLOC_SYS_WITH_LG_PAGE"]\n',
    "jvm.options": "# c\n8-:-XX:+UseG1GC\n-Xmx1g\n@file\n",
    "pom.xml": (
        '<?xml version="1.0"?><!-- c --><project><parent><artifactId>p</artifactId></parent>'
        "<artifactId>a</artifactId><properties><v>1</v></properties><dependencies><dependency>"
        "<groupId>org.rocksdb</groupId><artifactId>rocksdbjni</artifactId><version>${v}</version>"
        "</dependency></dependencies></project>"
    ),
    "build.gradle.kts": (
        'plugins { application; id("x") version "1" }\ndependencies {\n'
        '  implementation("org.rocksdb:rocksdbjni:$v") // c\n'
        "  api(libs.rocks.jni)\n}\n/* c */ application { mainClass.set(\"a.B\") }\n"
    ),
    "gradle/libs.versions.toml": (
        '[versions]\nr = "1"\n[libraries]\na = { module = "b:c", version.ref = "r" }\n'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_half_of_a_manifest_and_one_byte_less(name: str) -> None:
    source, kind = SMALL[name].encode(), kind_of(name)
    assert kind is not None
    plan = Plan(rule.builtin(), Settings())
    halves = [source[:end] for end in range(0, len(source) + 1, 2)]
    holes = [source[:at] + source[at + 1 :] for at in range(0, len(source), 3)]
    odd = [source + b"\xff\xfe", b"\xef\xbb\xbf" + source, source.replace(b"\n", b"\r\n")]
    for text in (*halves, *holes, *odd):
        file = ManifestFile.written(name, text, kind)
        assert part_of(file, plan)[1] == (), text


@pytest.mark.parametrize("name", SMALL)
def test_a_whole_manifest_is_not_damaged(name: str) -> None:
    file = ManifestFile.written(name, SMALL[name].encode(), kind_of(name) or "cargo")
    part, notes = part_of(file, Plan(rule.builtin(), Settings()))
    assert part is not None
    assert (part.value not in (None, ()), part.damage, notes) == (True, (), ())


# ---------------------------------------------------------------- single files


def test_only_findings_about_named_files(project: Path, rules: list[Rule]) -> None:
    write(project, {"Cargo.toml": CARGO, "Dockerfile": DOCKERFILE, "src/main.rs": MAIN, "a.service": ""})
    write(project, {"b/Cargo.toml": EVIL, "b/Dockerfile": "# alloclint: ignore[XYZ601]\n"})
    assert lines(project, rules, "Dockerfile") == ["Dockerfile:2:XYZ601"]
    assert lines(project, rules, "Cargo.toml") == ["Dockerfile:2:XYZ601"]
    assert lines(project, rules, "src/main.rs") == ["src/main.rs:1:XYZ601"]
    assert lines(project, rules, "a.service") == []
    assert lines(project, rules, "b/Cargo.toml") == ["Dockerfile:2:XYZ601", "b/Cargo.toml:2:XYZ601"]


def test_suppressions_hold_in_files_that_were_not_named(project: Path, rules: list[Rule]) -> None:
    hidden = DOCKERFILE.replace("ENV", "# alloclint: ignore\nENV")
    write(project, {"Cargo.toml": CARGO, "Dockerfile": hidden})
    assert lines(project, rules, "Cargo.toml") == []


def opened(project: Path, *arguments: str) -> tuple[set[str], str]:
    """The files below the project that a run opens, in whichever way, and what it says."""
    program = (
        "import os, sys\n"
        "seen = set()\n"
        "sys.addaudithook(lambda event, about: event == 'open' and seen.add(str(about[0])))\n"
        "from alloclint import cli\n"
        "code = cli.main(['check', '--jobs=1', '--output-format=concise', *sys.argv[1:]])\n"
        "here = os.getcwd() + os.sep\n"
        "paths = {os.path.relpath(path) for path in seen if os.path.abspath(path).startswith(here)}\n"
        "print('opened', *sorted(paths), sep='\\n')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    said, _, paths = done.stdout.partition("opened\n")
    return {path.replace(os.sep, "/") for path in paths.splitlines() if "gitignore" not in path}, said


@pytest.fixture
def many(project: Path) -> Path:
    write(project, {f"deploy/{number}.yaml": "image: a\nlimits: 1\n" for number in range(50)})
    write(project, {f"crates/{number}/Cargo.toml": CARGO for number in range(50)})
    write(project, {f"crates/{number}/src/lib.rs": "pub fn f() {}\n" for number in range(50)})
    write(project, {"src/a.rs": "fn f() {}\n", "A.java": "class A {}\n", "a.py": "a = []\n"})
    write(project, {"src/main.rs": MAIN, "Cargo.toml": CARGO, "Dockerfile": DOCKERFILE})
    return project


@pytest.mark.parametrize("name", ["src/a.rs", "A.java", "a.py"])
def test_a_changed_source_file_opens_no_manifest(many: Path, name: str) -> None:
    seen, _ = opened(many, name)
    assert name in seen
    # The build files above a source file tell the version of its language.
    assert not {path for path in seen if path.startswith(("deploy/", "crates/", "Dockerfile"))}


def test_a_changed_manifest_opens_the_others(many: Path) -> None:
    for name in ("Dockerfile", "src/main.rs"):
        seen, _ = opened(many, name)
        assert len({path for path in seen if path.startswith(("deploy/", "crates/"))}) == 150


def test_rules_that_need_no_manifest_open_none(many: Path) -> None:
    seen, said = opened(many, "--select", "ALC101")
    assert not {path for path in seen if path.startswith(("deploy/", "Dockerfile"))}
    assert "in 54 files" in said


# ---------------------------------------------------------------- other ways in


def test_one_text(rules: list[Rule]) -> None:
    broken = b"[package\nname = 1\n"
    settings = Settings(min_severity=Severity.info)
    assert [one.code for one in alloclint.lint(broken, "Cargo.toml", settings)] == ["ALC901"]
    unused = b"# alloclint: ignore[ALC999]\nFROM a\n"
    assert [one.code for one in alloclint.lint(unused, Path("x/Dockerfile"))] == ["ALC905"]
    with pytest.raises(ValueError, match=r"notes\.txt: the suffix is not one of a language"):
        alloclint.lint(b"", "notes.txt")


def command(project: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "alloclint", "check", *arguments],
        cwd=project,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_standard_input(project: Path) -> None:
    text = "# alloclint: ignore[ALC999]\nFROM debian\n"
    done = command(project, "-", "--stdin-filename", "Dockerfile", "--output-format", "concise", text=text)
    assert done.returncode == 1
    assert done.stdout.startswith("Dockerfile:1:")
    done = command(project, "-", "--stdin-filename", "notes.txt", text=text)
    assert "or with the name of a manifest, such as Dockerfile" in done.stderr


def test_show_files(project: Path) -> None:
    write(project, {"Dockerfile": "", "a.py": "", "notes.txt": "", "target/Cargo.toml": "", "Cargo.toml": ""})
    assert command(project, "--show-files").stdout.split() == ["Cargo.toml", "Dockerfile", "a.py"]
    assert command(project, "--show-files", "--select", "capacity").stdout.split() == ["a.py"]


@pytest.mark.parametrize("name", ["full", "concise", "json", "sarif", "github"])
def test_reports_of_places_in_two_files(project: Path, rules: list[Rule], name: str) -> None:
    own = next(one.path for one in rules if one.code == "XYZ601").parent
    write(project, {"Dockerfile": DOCKERFILE, "Cargo.toml": CARGO})
    flags = ["--config", f"rules=['{own.as_posix()}']", "--select", "XYZ601"]
    done = command(project, *flags, "--output-format", name)
    assert (done.returncode, done.stderr) == (1, "")
    if name == "full":
        assert done.stdout.splitlines()[1:-3] == [
            "  Dockerfile:2:5",
            "    |",
            "  2 | ENV BAD=1",
            "    |     ^^^^^",
            "    |",
            "  Cargo.toml:2:8",
            "    |",
            '  2 | name = "app"',
            "    |        ----- in this package",
        ]
    elif name == "json":
        (one,) = json.loads(done.stdout)["findings"]
        assert (one["path"], one["because"][0]["path"]) == ("Dockerfile", "Cargo.toml")
    elif name == "sarif":
        (one,) = json.loads(done.stdout)["runs"][0]["results"]
        related = one["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert related == "Cargo.toml"
    else:
        assert "Dockerfile" in done.stdout
