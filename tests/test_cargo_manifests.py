"""Cargo.toml, Cargo.lock and .cargo/config.toml as Cargo reads them."""

from __future__ import annotations

import pytest

from alloclint.project.cargo import cfg, config, lock, manifest, requirement
from alloclint.project.cargo.manifest import Dependency, Manifest
from alloclint.project.token import Source


def read(text: str, path: str = "app/Cargo.toml") -> Manifest:
    return manifest.read(Source(path, text.encode()))


def only(text: str) -> Dependency:
    (found,) = read(text).dependencies
    return found


class TestManifest:
    def test_a_package(self) -> None:
        found = read(
            '[package]\nname = "app"\nedition = "2021"\npublish = ["internal"]\nautotests = false\n'
            'license.workspace = true\nbuild = "make.rs"\n[package.metadata.deb]\n'
        )
        assert found.name is not None and found.name.text == "app"
        assert (found.folder, found.edition, found.publish) == ("app", 2021, True)
        assert found.auto == (("autotests", False),)
        assert found.inherits == {"license"}
        assert "license" in found.stated
        assert found.build is not None and found.build.text == "make.rs"
        assert found.metadata == ("deb",)

    @pytest.mark.parametrize(
        ("stated", "allowed"), [("false", False), ("true", True), ("[]", False), ('["x"]', True)]
    )
    def test_publish(self, stated: str, allowed: bool) -> None:
        assert read(f'[package]\nname = "a"\npublish = {stated}\n').publish is allowed

    def test_a_virtual_workspace(self) -> None:
        found = read('[workspace]\nmembers = ["a", "crates/*"]\nexclude = ["b"]\n')
        assert not found.is_package
        assert (found.members, found.exclude) == (("a", "crates/*"), ("b",))

    def test_targets(self) -> None:
        found = read(
            '[lib]\ncrate-type = ["cdylib", "rlib"]\n[[bin]]\nname = "x"\npath = "x.rs"\n'
            'required-features = ["f"]\n[[bin]]\nname = "y"\n[[bench]]\nname = "z"\n'
        )
        kinds = [(one.kind, one.name.text if one.name else None, one.path) for one in found.targets]
        assert kinds == [
            ("lib", None, None), ("bin", "x", "x.rs"), ("bin", "y", None), ("bench", "z", None)
        ]  # fmt: skip
        assert found.targets[0].crate_types == ("cdylib", "rlib")
        assert found.targets[1].required_features == ("f",)

    def test_where_entries_can_be_added(self) -> None:
        text = '[dependencies]\na = "1"\n\n[target.\'cfg(unix)\'.dependencies]\nb = "1"\n'
        ends = dict(read(text).ends)
        assert text[: ends["dependencies"]].endswith('a = "1"')
        assert ends["target.cfg(unix).dependencies"] == len(text) - 1

    def test_patches(self) -> None:
        found = read('[patch.crates-io]\na = { path = "x" }\nb = { package = "c", git = "y" }\n')
        assert found.patched == {"a", "c"}


class TestDependencies:
    def test_the_short_form(self) -> None:
        one = only('[dependencies]\nmimalloc = "0.1"\n')
        assert (one.package, one.requirement and one.requirement.text) == ("mimalloc", "0.1")
        assert (one.optional, one.default_features, one.section) == (False, True, "dependencies")
        assert one.condition == cfg.ALWAYS

    def test_the_long_form(self) -> None:
        one = only(
            '[dependencies]\nje = { package = "tikv-jemallocator", version = "0.7", optional = true, '
            'default-features = false, features = ["stats", "profiling"] }\n'
        )
        assert (one.key.text, one.ident, one.package) == ("je", "je", "tikv-jemallocator")
        assert (one.optional, one.default_features) == (True, False)
        assert [feature.text for feature in one.features] == ["stats", "profiling"]

    @pytest.mark.parametrize(
        "text",
        [
            '[dependencies.snmalloc-rs]\nversion = "0.7"\nfeatures = ["lto"]\n',
            '[dependencies]\nsnmalloc-rs.version = "0.7"\nsnmalloc-rs.features = ["lto"]\n',
            'dependencies.snmalloc-rs = { version = "0.7", features = ["lto"] }\n',
        ],
    )
    def test_three_spellings(self, text: str) -> None:
        one = only(text)
        assert (one.package, one.ident) == ("snmalloc-rs", "snmalloc_rs")
        assert [feature.text for feature in one.features] == ["lto"]
        assert text[one.place.start.offset :].startswith(("[dep", "snmalloc-rs", "dep"))
        assert one.place.end.offset == len(text) - 1 or text.startswith("dependencies.")

    def test_old_spellings(self) -> None:
        one = only('[dev_dependencies]\na = { version = "1", default_features = false }\n')
        assert (one.section, one.default_features) == ("dev-dependencies", False)

    def test_targets(self) -> None:
        found = read(
            "[target.'cfg(unix)'.dependencies]\na = '1'\n[target.x86_64-pc-windows-msvc.build-dependencies]\n"
            'b = "1"\n[target."cfg(target(os))".dependencies]\nc = "1"\n'
            '[target.my-board.dependencies]\nd = "1"\n'
        ).dependencies
        a, b, c, d = found
        assert a.condition == cfg.Atom("unix")
        assert b.condition is not None and cfg.implies(b.condition, cfg.Atom("windows"))
        assert b.section == "build-dependencies"
        assert (c.condition, c.target) == (None, "cfg(target(os))")
        assert (d.condition, d.target) == (None, "my-board")

    def test_features_never_hold_in_a_target(self) -> None:
        one = only("[target.'cfg(feature = \"x\")'.dependencies]\na = '1'\n")
        assert one.condition == cfg.NEVER

    def test_half_written(self) -> None:
        source = Source(
            "Cargo.toml", b'[package]\nname = "a"\n[dependencies]\nmimalloc = { version = "0.1", f'
        )
        found = manifest.read(source)
        assert found.name is not None
        assert found.dependencies == ()
        assert source.damage


V1 = """\
[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "mimalloc 0.1.43 (registry+https://github.com/rust-lang/crates.io-index)",
]

[[package]]
name = "mimalloc"
version = "0.1.43"
source = "registry+https://github.com/rust-lang/crates.io-index"

[metadata]
"checksum mimalloc 0.1.43 (registry+https://github.com/rust-lang/crates.io-index)" = "00"
"""
V4 = """\
# This file is automatically @generated by Cargo.
version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "mimalloc 0.1.43",
]

[[package]]
name = "mimalloc"
version = "0.1.43"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "00"

[[package]]
name = "tikv-jemalloc-sys"
version = "0.7.1+5.3.1-0-g81034ce1f1373e37dc865038e1bc8eeecf559ce8"
"""


class TestLock:
    @pytest.mark.parametrize("text", [V1, V4, V4.replace("\n", "\r\n"), V4.replace("= 4", "= 3")])
    def test_versions(self, text: str) -> None:
        found = lock.read(Source("x/Cargo.lock", text.encode()))
        assert found.folder == "x"
        (one,) = found.of("mimalloc")
        assert one.version == (0, 1, 43)
        assert one.source is not None
        (app,) = found.of("app")
        assert app.dependencies == ("mimalloc",)

    def test_build_numbers_and_several_versions(self) -> None:
        more = V4 + '\n[[package]]\nname = "mimalloc"\nversion = "0.1.9"\n'
        found = lock.read(Source("Cargo.lock", more.encode()))
        assert [one.version for one in found.of("tikv-jemalloc-sys")] == [(0, 7, 1)]
        assert [one.version for one in found.of("mimalloc")] == [(0, 1, 9), (0, 1, 43)]

    def test_a_conflict(self) -> None:
        text = (
            '<<<<<<< HEAD\n[[package]]\nname = "a"\n=======\n[[package]]\nname = "b"\n'
            'version = "1.0.0"\n>>>>>>>\n'
        )
        source = Source("Cargo.lock", text.encode())
        assert [one.name for one in lock.read(source).packages] == ["b"]
        assert [one.start.line for one in source.damage] == [2]


class TestConfig:
    def test_all(self) -> None:
        text = (
            '[env]\nA = "1"\nB = { value = "2", force = true }\n[build]\n'
            'target = ["x86_64-unknown-linux-musl"]\nrustflags = "-C target-cpu=native"\n'
            "[target.'cfg(unix)']\nrustflags = ['-C', 'x']\nlinker = 'clang'\n"
        )
        found = config.read(Source("app/.cargo/config.toml", text.encode()))
        assert found.folder == "app"
        assert [(one.name.text, one.value.text, one.force) for one in found.env] == [
            ("A", "1", False), ("B", "2", True)
        ]  # fmt: skip
        assert [one.text for one in found.build_targets] == ["x86_64-unknown-linux-musl"]
        assert [(one.target, [word.text for word in one.words]) for one in found.rustflags] == [
            (None, ["-C", "target-cpu=native"]),
            ("cfg(unix)", ["-C", "x"]),
        ]
        assert [(one.target, one.program.text) for one in found.linkers] == [("cfg(unix)", "clang")]

    def test_one_target_as_a_string(self) -> None:
        found = config.read(Source(".cargo/config", b'build.target = "wasm32-wasip1"'))
        assert (found.folder, [one.text for one in found.build_targets]) == ("", ["wasm32-wasip1"])


class TestRequirement:
    @pytest.mark.parametrize(
        ("text", "version", "admitted"),
        [
            ("0.1", (0, 1, 49), True), ("0.1.43", (0, 1, 42), False), ("^0.1.49", (0, 1, 48), False),
            ("0.1", (0, 2, 0), False), ("1", (1, 9, 9), True), ("1.2", (2, 0, 0), False),
            ("0", (0, 9, 0), True),
            ("0.0.3", (0, 0, 4), False), ("0.0", (0, 0, 5), True), ("~0.1.2", (0, 1, 9), True),
            ("~1", (1, 9, 9), True), ("=0.1.48", (0, 1, 49), False), ("=0.1", (0, 1, 7), True),
            ("0.1.*", (0, 1, 9), True), ("*", (3, 2, 1), True), (">=0.1, <0.1.49", (0, 1, 49), False),
            (">=0.1, <0.1.49", (0, 1, 48), True), ("<=0.1.48", (0, 1, 48), True),
            (">0.1.48", (0, 1, 48), False), ("<=0.1", (0, 1, 9), True), ("0.5.4+5.3.0", (0, 5, 4), True),
        ],
    )  # fmt: skip
    def test_admits(self, text: str, version: tuple[int, int, int], admitted: bool) -> None:
        found = requirement.read(text)
        assert found is not None
        assert found.admits(version) is admitted

    @pytest.mark.parametrize("text", ["", "latest", "1.0.0-rc.1", "1.x.y.z", "1 2"])
    def test_what_is_none(self, text: str) -> None:
        assert requirement.read(text) is None

    def test_pinned(self) -> None:
        pinned = [(one := requirement.read(text)) and one.pinned for text in ("=1.2.3", "=1.2", "1.2.3")]
        assert pinned == [True, False, False]
