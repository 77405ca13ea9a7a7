"""Workspaces: who belongs to whom, what is inherited, which targets there are, what features turn on."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from alloclint.project.cargo import cfg, features, lock, manifest, workspace
from alloclint.project.cargo.cfg import Atom
from alloclint.project.cargo.workspace import Package
from alloclint.project.token import Source


def packages(files: Mapping[str, str]) -> dict[str, Package]:
    """The packages of a repository, by name."""
    sources = {path: Source(path, text.encode()) for path, text in files.items()}
    manifests = [manifest.read(one) for path, one in sources.items() if path.endswith("Cargo.toml")]
    locks = [lock.read(one) for path, one in sources.items() if path.endswith("Cargo.lock")]
    rust = [path for path in files if path.endswith(".rs")]
    return {one.name: one for one in workspace.packages(manifests, locks, rust)}


def package(name: str, more: str = "") -> str:
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{more}'


class TestMembers:
    def test_globs_paths_and_excludes(self) -> None:
        found = packages(
            {
                "Cargo.toml": package(
                    "root",
                    '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n'
                    '[dependencies]\nreached = { path = "tools/reached" }\n',
                ),
                "Cargo.lock": "version = 4\n",
                "crates/a/Cargo.toml": package("a"),
                "crates/a/inner/Cargo.toml": package("inner"),
                "crates/old/Cargo.toml": package("old"),
                "tools/reached/Cargo.toml": package("reached"),
                "tools/stray/Cargo.toml": package("stray"),
                "elsewhere/Cargo.toml": package("elsewhere", "[workspace]\n"),
            }
        )  # fmt: skip
        roots = {name: one.root for name, one in found.items()}
        assert roots == {
            "root": "", "a": "", "inner": "crates/a/inner", "old": "crates/old", "reached": "",
            "stray": "tools/stray", "elsewhere": "elsewhere",
        }  # fmt: skip
        assert found["a"].lock is not None
        assert found["stray"].lock is None

    def test_a_member_below_an_excluded_folder(self) -> None:
        found = packages(
            {
                "Cargo.toml": '[workspace]\nmembers = ["x/in"]\nexclude = ["x"]\n',
                "x/in/Cargo.toml": package("in"),
                "x/out/Cargo.toml": package("out"),
            }
        )
        assert (found["in"].root, found["out"].root) == ("", "x/out")

    def test_absolute_paths_end_at_the_top(self) -> None:
        found = packages({"/x/Cargo.toml": "[workspace]\nmembers = ['a']\n", "/x/a/Cargo.toml": package("a")})
        assert found["a"].root == "/x"
        assert packages({"/x/a/Cargo.toml": package("a")})["a"].root == "/x/a"

    def test_a_workspace_that_is_named(self) -> None:
        found = packages(
            {
                "one/Cargo.toml": '[workspace]\nmembers = ["../two"]\n',
                "two/Cargo.toml": '[package]\nname = "two"\nworkspace = "../one"\n',
            }
        )
        assert found["two"].root == "one"


class TestInheritance:
    ROOT = """
[workspace]
members = ["a"]
[workspace.package]
edition = "2021"
publish = false
[workspace.dependencies]
je = { package = "tikv-jemallocator", version = "0.7", features = ["stats"], default-features = false }
mi = { path = "vendor/mi" }
"""

    def inherited(self, entry: str) -> Package:
        own = '[package]\nname = "a"\nedition.workspace = true\npublish.workspace = true\n'
        text = f"{own}[dependencies]\n{entry}\n"
        return packages({"Cargo.toml": self.ROOT, "a/Cargo.toml": text})["a"]

    def test_a_dependency(self) -> None:
        found = self.inherited('je = { workspace = true, optional = true, features = ["profiling"] }')
        (one,) = found.dependencies
        assert (one.package, one.requirement and one.requirement.text) == ("tikv-jemallocator", "0.7")
        assert [feature.text for feature in one.features] == ["stats", "profiling"]
        assert (one.optional, one.default_features) == (True, False)
        assert one.requirement is not None and one.requirement.place.path == "Cargo.toml"
        assert one.place.path == "a/Cargo.toml"
        assert (found.edition, found.publish, found.known) == (2021, False, True)

    @pytest.mark.parametrize(
        ("entry", "default"),
        [
            ("je.workspace = true", False),
            ("je = { workspace = true, default-features = true }", True),
            ("mi = { workspace = true, default-features = false }", True),  # Cargo ignores it, with a warning
        ],
    )
    def test_default_features(self, entry: str, default: bool) -> None:
        (one,) = self.inherited(entry).dependencies
        assert one.default_features is default

    def test_a_path_is_the_workspaces(self) -> None:
        (one,) = self.inherited("mi.workspace = true").dependencies
        assert one.path == "../vendor/mi"

    def test_what_is_not_there(self) -> None:
        assert not self.inherited("other.workspace = true").known
        alone = packages({"a/Cargo.toml": package("a", "[dependencies]\nx.workspace = true\n")})["a"]
        assert not alone.known


class TestTargets:
    def targets(self, text: str, *files: str) -> list[tuple[str, str, str | None]]:
        found = packages({"a/Cargo.toml": text, **{f"a/{one}": "" for one in files}})["app"]
        return [(one.kind, one.name.text if one.name else "", one.path) for one in found.targets]

    def test_by_custom(self) -> None:
        found = self.targets(
            package("app"),
            *("src/lib.rs", "src/main.rs", "src/bin/x.rs", "src/bin/y/main.rs", "src/bin/y/z.rs"),
            *("tests/t.rs", "tests/common/mod.rs", "examples/e/main.rs", "benches/b.rs", "build.rs"),
        )  # fmt: skip
        assert found == [
            ("lib", "app", "src/lib.rs"), ("bin", "app", "src/main.rs"), ("bin", "x", "src/bin/x.rs"),
            ("bin", "y", "src/bin/y/main.rs"), ("test", "t", "tests/t.rs"), ("bench", "b", "benches/b.rs"),
            ("example", "e", "examples/e/main.rs"), ("build", "build-script-build", "build.rs"),
        ]  # fmt: skip

    def test_declared_ones_take_their_place(self) -> None:
        text = package("app", '[[bin]]\nname = "x"\ntest = false\n[[bin]]\nname = "app"\n')
        found = self.targets(text, "src/main.rs", "src/bin/x.rs", "src/bin/y.rs")
        assert found == [
            ("bin", "x", "src/bin/x.rs"),
            ("bin", "app", "src/main.rs"),
            ("bin", "y", "src/bin/y.rs"),
        ]

    def test_one_renamed(self) -> None:
        text = package("app", '[[bin]]\nname = "tool"\npath = "src/main.rs"\n')
        assert self.targets(text, "src/main.rs") == [("bin", "tool", "src/main.rs")]

    def test_nothing_by_custom(self) -> None:
        text = package("app", "autobins = false\nautolib = false\nbuild = false\n")
        assert self.targets(text, "src/lib.rs", "src/main.rs", "build.rs") == []

    def test_the_edition_of_2015(self) -> None:
        text = '[package]\nname = "app"\n[[bin]]\nname = "x"\npath = "x.rs"\n'
        assert self.targets(text, "x.rs", "src/main.rs") == [("bin", "x", "x.rs")]


FEATURES = """
[features]
default = ["fast"]
fast = ["jemalloc", "parking"]
jemalloc = ["dep:je", "je/stats"]
profiling = ["je?/profiling"]
parking = []
weak = ["mi?/secure"]
strong = ["mi/secure"]
[dependencies]
je = { package = "tikv-jemallocator", version = "0.7", optional = true }
mi = { package = "mimalloc", version = "0.1", optional = true, default-features = false }
sn = { package = "snmalloc-rs", version = "0.7" }
"""


class TestFeatures:
    @pytest.fixture
    def app(self) -> Package:
        return packages({"Cargo.toml": package("app", FEATURES)})["app"]

    def test_names(self, app: Package) -> None:
        named = {"default", "fast", "jemalloc", "profiling", "parking", "weak", "strong", "mi"}
        assert features.names(app) == named

    @pytest.mark.parametrize(
        ("asked", "on"),
        [
            ("default", {"default", "fast", "jemalloc", "parking"}),
            ("weak", {"weak"}),
            ("strong", {"strong", "mi"}),
            ("unknown", set()),
        ],
    )
    def test_turned_on(self, app: Package, asked: str, on: set[str]) -> None:
        assert features.turned_on(app, [asked]) == on

    @pytest.mark.parametrize(
        ("asked", "built"),
        [
            ("default", ["je", "sn"]),
            ("profiling", ["sn"]),
            ("strong", ["mi", "sn"]),
            ("mi", ["mi", "sn"]),
        ],
    )
    def test_active(self, app: Package, asked: str, built: list[str]) -> None:
        assert [one.key.text for one in features.active(app, [asked])] == built

    def test_enabling(self, app: Package) -> None:
        je, mi, sn = app.dependencies
        assert features.enablers(app, je) == ("jemalloc",)
        assert features.enablers(app, mi) == ("strong", "mi")
        enabled = features.enabling(app, je)
        assert cfg.implies(Atom("feature", "default"), enabled) is True
        assert cfg.compatible(Atom("feature", "profiling"), cfg.Not(enabled)) is True
        assert features.enabling(app, sn) == cfg.ALWAYS

    @pytest.mark.parametrize(("listed", "names"), [('"dep:a"', ("x",)), ("", ("a",))])
    def test_a_name_of_its_own(self, listed: str, names: tuple[str, ...]) -> None:
        entry = 'a = { version = "1", optional = true }'
        text = package("app", f"[features]\nx = [{listed}]\n[dependencies]\n{entry}\n")
        app = packages({"Cargo.toml": text})["app"]
        assert features.enablers(app, app.dependencies[0]) == names

    def test_implications(self, app: Package) -> None:
        given = features.implications(app)
        assert cfg.implies(Atom("feature", "default"), Atom("feature", "jemalloc"), given) is True
        assert cfg.implies(Atom("feature", "jemalloc"), Atom("feature", "default"), given) is False

    def test_of_a_crate_in_a_workspace(self, app: Package) -> None:
        other = packages({"Cargo.toml": package("b", '[dependencies]\ntikv-jemallocator = { version = "0.7", '
                                                'features = ["debug"] }\n')})["b"]  # fmt: skip
        both = [app, other]
        assert features.crate_features(both, "tikv-jemallocator") == {
            "default",
            "stats",
            "profiling",
            "debug",
        }
        assert features.crate_features(both, "tikv-jemallocator", always=True) == {
            "default",
            "stats",
            "debug",
        }
        assert features.crate_features(both, "mimalloc") == {"secure"}
        assert features.crate_features(both, "mimalloc", always=True) == set()

    def test_circles_end(self) -> None:
        app = packages({"Cargo.toml": package("app", '[features]\na = ["b"]\nb = ["a"]\n')})["app"]
        assert features.turned_on(app, ["a"]) == {"a", "b"}
