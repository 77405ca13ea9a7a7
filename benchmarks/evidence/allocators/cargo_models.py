"""
Compares the model of Cargo packages with `cargo metadata --no-deps`, workspace by workspace.

    python benchmarks/evidence/allocators/cargo_models.py FOLDER …          # each has a Cargo.toml
    python benchmarks/evidence/allocators/cargo_models.py --cfg             # cfg answers, against rustc's
    python benchmarks/evidence/allocators/cargo_models.py --features CRATE …
    python benchmarks/evidence/allocators/cargo_models.py --assemble OUT CRATE …

A line per workspace tells how many facts agree and which differ: dependencies with kind, rename, target,
optional, default features and features; features and what they turn on; targets with kind, path and crate
types; edition and publish. `--features` asks for each feature of a crate alone and compares what is on with
Cargo's resolver, which needs the crate's dependencies at hand. `--assemble` puts published crates, with the
manifests that their authors wrote, into one new workspace: what they inherit is given by a root that is
made from the normalised manifests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from alloclint.project.cargo import cfg, features, lock, manifest, targets, workspace
from alloclint.project.cargo.workspace import Package
from alloclint.project.token import Source

Facts = set[tuple[Any, ...]]


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["--cfg"]:
        return _compare_cfg()
    if arguments[:1] == ["--features"]:
        return _compare_features([Path(one) for one in arguments[1:]])
    if arguments[:1] == ["--assemble"]:
        assemble(Path(arguments[1]), [Path(one) for one in arguments[2:]])
        return 0
    wrong = agreeing = number = members = 0
    for folder in map(Path, arguments):
        truth = metadata(folder)
        if truth is None:
            print(f"{folder.name}: cargo refuses this")
            continue
        same, differ = compare(folder, truth)
        number, agreeing, wrong = number + 1, agreeing + same, wrong + len(differ)
        members += len(truth)
        print(f"{folder.name}: {len(truth)} packages, {same} facts agree, {len(differ)} differ")
        for one in differ[:10]:
            print("   ", one)
    print(f"{number} workspaces, {members} packages, {agreeing} facts agree, {wrong} differ")
    return 1 if wrong else 0


def metadata(folder: Path) -> list[dict[str, Any]] | None:
    """The packages that Cargo sees from a folder; None where it cannot read them."""
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return json.loads(ran.stdout)["packages"] if ran.returncode == 0 else None


def compare(folder: Path, truth: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """The number of facts on which both agree, and the others."""
    ours = {one.manifest.path: one for one in model(folder)}
    same, differ = 0, []
    for package in truth:
        path = os.path.relpath(package["manifest_path"], folder)
        mine = ours.pop(path, None)
        found = set() if mine is None else facts_of_model(mine)
        found, wanted = _present(found, package), _present(facts_of_cargo(package), package)
        same += len(found & wanted)
        differ += [f"{path}: cargo {one}" for one in sorted(wanted - found, key=repr)]
        differ += [f"{path}: ours  {one}" for one in sorted(found - wanted, key=repr)]
    return same, differ


def model(folder: Path) -> tuple[Package, ...]:
    """The packages that our model sees below a folder."""
    found: dict[str, list[str]] = {"Cargo.toml": [], "Cargo.lock": [], ".rs": []}
    for directory, inner, names in os.walk(folder):
        inner[:] = [one for one in inner if one not in (".git", "target")]
        for name in names:
            key = name if name in found else ".rs" if name.endswith(".rs") else None
            if key is not None:
                found[key].append(os.path.relpath(os.path.join(directory, name), folder))
    manifests = [manifest.read(Source(one, (folder / one).read_bytes())) for one in found["Cargo.toml"]]
    locks = [lock.read(Source(one, (folder / one).read_bytes())) for one in found["Cargo.lock"]]
    return workspace.packages(manifests, locks, found[".rs"])


def facts_of_model(package: Package) -> Facts:
    facts: Facts = {("name", package.name), ("edition", str(package.edition)), ("publish", package.publish)}
    for one in package.dependencies:
        rename = one.key.text if one.key.text != one.package else None
        kind = {"dependencies": None, "dev-dependencies": "dev", "build-dependencies": "build"}[one.section]
        stated = one.requirement.text if one.requirement else "*"
        wanted = tuple(sorted({feature.text for feature in one.features}))
        dependency = (
            one.package,
            rename,
            kind,
            _target(one.target),
            one.optional,
            one.default_features,
            wanted,
        )
        facts.add(("dependency", *dependency, _requirement(stated)))
    facts |= {("feature", name, values) for name, values in _graph(package)}
    for target in package.targets:
        types = target.crate_types if target.kind == "lib" else ()
        name = target.name.text if target.name else None
        facts.add(("target", target.kind, name, target.path, tuple(sorted(types or ("lib",)))))
    return facts


def _graph(package: Package) -> Iterator[tuple[str, tuple[str, ...]]]:
    written = {one.name.text: one.enables for one in package.manifest.features}
    for name in features.names(package):
        values = [value.text for value in written[name]] if name in written else [f"dep:{name}"]
        yield name, tuple(sorted(set(values)))


def _present(facts: Facts, package: dict[str, Any]) -> Facts:
    """Facts without the targets whose file was not published: Cargo leaves out some of them, not all."""
    home = os.path.dirname(package["manifest_path"])
    return {one for one in facts if one[0] != "target" or os.path.exists(os.path.join(home, one[3]))}


def facts_of_cargo(package: dict[str, Any]) -> Facts:
    facts: Facts = {
        ("name", package["name"]),
        ("edition", package["edition"]),
        ("publish", package["publish"] != []),
    }
    for one in package["dependencies"]:
        # Cargo tells a `package = "…"` that says the same, too.
        rename = one["rename"] if one["rename"] != one["name"] else None
        dependency = (
            one["name"], rename, one["kind"], _target(one["target"]), one["optional"],
            one["uses_default_features"], tuple(sorted(set(one["features"]))), _requirement(one["req"]),
        )  # fmt: skip
        facts.add(("dependency", *dependency))
    facts |= {("feature", name, tuple(sorted(set(some)))) for name, some in package["features"].items()}
    root = os.path.dirname(package["manifest_path"])
    for target in package["targets"]:
        kinds = {
            "custom-build": "build",
            "bin": "bin",
            "test": "test",
            "bench": "bench",
            "example": "example",
        }
        kind = kinds.get(target["kind"][0], "lib")
        types = tuple(sorted(target["crate_types"])) if kind == "lib" else ("lib",)
        path = os.path.relpath(target["src_path"], root)
        facts.add(("target", kind, target["name"], path, types))
    return facts


def _target(text: str | None) -> str | None:
    """A target in one spelling: Cargo prints predicates anew."""
    parsed = cfg.parse(text) if text is not None and text.startswith("cfg") else None
    return text if parsed is None else cfg.text_of(parsed)


def _requirement(text: str) -> str:
    """A requirement in one spelling: Cargo prints `1.2` as `^1.2`."""
    parts = [re.sub(r"\s+", "", part) for part in text.split(",") if part.strip()]
    return ",".join(one if one[0] in "^~=<>*" or "*" in one else f"^{one}" for one in parts)


# ---------------------------------------------------------------- cfg


def _compare_cfg() -> int:
    """Every atom that rustc prints for a target, and some that it does not, against `cfg.evaluate`."""
    wrong = asked = 0
    for target in targets.known():
        ran = subprocess.run(
            ["rustc", "--print", "cfg", "--target", target.triple], capture_output=True, text=True, check=True
        )
        true = {one for line in ran.stdout.split("\n") if line and (one := cfg.parse(line)) is not None}
        facts = cfg.facts_of(target.triple) or frozenset()
        for atom in _questions():
            asked += 1
            wrong += cfg.evaluate(atom, facts) is not (atom in true)
    print(f"{len(targets.known())} targets, {asked} questions, {wrong} answered otherwise than rustc")
    return 1 if wrong else 0


def _questions() -> set[cfg.Atom]:
    keys = {cfg.Atom(key, value) for one in targets.known() for key, value in one.values.items()}
    families = {cfg.Atom("target_family", one) for target in targets.known() for one in target.families}
    return keys | families | {cfg.Atom("unix"), cfg.Atom("windows")}


# ---------------------------------------------------------------- features


def _compare_features(crates: Sequence[Path]) -> int:
    """What each feature turns on, and which optional dependencies, against Cargo's resolver."""
    wrong = asked = read = 0
    for crate in crates:
        with tempfile.TemporaryDirectory() as copied:
            shutil.copytree(crate, copied, dirs_exist_ok=True)
            (Path(copied) / "Cargo.lock").unlink(missing_ok=True)
            mine = next(one for one in model(Path(copied)) if one.manifest.path == "Cargo.toml")
            answers = [(name, _resolved(Path(copied), name)) for name in sorted(features.names(mine))[:40]]
        read += any(truth is not None for _, truth in answers)
        for name, truth in answers:
            if truth is None:
                continue
            asked += 1
            built = {one.package for one in features.active(mine, [name]) if one.section == "dependencies"}
            ours = (set(features.turned_on(mine, [name])), built)
            if ours != truth:
                wrong += 1
                print(f"{crate.name} {name}: {[sorted(a ^ b) for a, b in zip(ours, truth, strict=True)]}")
    print(f"{read} crates, {asked} features asked for, {wrong} answered otherwise than Cargo")
    return 1 if wrong else 0


def _resolved(folder: Path, feature: str) -> tuple[set[str], set[str]] | None:
    """The features that are on and the crates that are built for one feature; None if a crate is missing."""
    command = ["cargo", "tree", "--offline", "--no-default-features", "--features", feature]
    command += [
        "--edges",
        "normal",
        "--depth",
        "1",
        "--target",
        "all",
        "--prefix",
        "depth",
        "--format",
        "|{p}|{f}",
    ]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if ran.returncode:
        return None
    rows = [line.split("|") for line in ran.stdout.splitlines() if "|" in line]
    own = {one for row in rows if row[0] == "0" for one in row[2].split(" ")[0].split(",") if one}
    return own, {row[1].split(" ")[0] for row in rows if row[0] == "1"}


# ---------------------------------------------------------------- workspaces of published crates


def assemble(out: Path, crates: Sequence[Path]) -> None:
    """A workspace of crates as their authors wrote them, in `crates/*`."""
    shared: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    normalised = {crate: tomllib.loads((crate / "Cargo.toml").read_text()) for crate in crates}
    for crate, normal in normalised.items():
        place = out / "crates" / normal["package"]["name"]
        shutil.copytree(crate, place, dirs_exist_ok=True)
        (place / "Cargo.lock").unlink(missing_ok=True)
        original = (crate / "Cargo.toml.orig").read_text()
        (place / "Cargo.toml").write_text(original)
        (place / "Cargo.toml.orig").unlink()
        written = tomllib.loads(original)
        _collect(written, normal, shared)
        for key, value in written.get("package", {}).items():
            if isinstance(value, dict) and value.get("workspace") is True:
                fields.setdefault(key, normal["package"].get(key, value))
    for manifest_path in sorted(out.glob("crates/*/Cargo.toml")):
        _stand_in(manifest_path.parent, tomllib.loads(manifest_path.read_text()))
    # A glob, unless it would find folders that are no packages.
    strange = [one for one in (out / "crates").iterdir() if not (one / "Cargo.toml").exists()]
    names = sorted(normal["package"]["name"] for normal in normalised.values())
    members = [f"crates/{name}" for name in names] if strange else ["crates/*"]
    (out / "Cargo.toml").write_text(_root(members, shared, fields))


def _stand_in(place: Path, written: dict[str, Any]) -> None:
    """Makes empty packages where a manifest has paths to crates that are not here: Cargo looks for them."""
    tables = [written, *written.get("target", {}).values()]
    sections = ("dependencies", "dev-dependencies", "build-dependencies")
    for key, value in [pair for one in tables for name in sections for pair in one.get(name, {}).items()]:
        if not isinstance(value, dict) or "path" not in value:
            continue
        folder = place / value["path"]
        if not (folder / "Cargo.toml").exists():
            (folder / "src").mkdir(parents=True, exist_ok=True)
            (folder / "src" / "lib.rs").touch()
            name = value.get("package", key)
            (folder / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "1.0.0"\n')


def _collect(written: dict[str, Any], normal: dict[str, Any], shared: dict[str, Any]) -> None:
    """What the tables of dependencies inherit, with its details from the normalised manifest."""
    tables = [(written, normal)]
    tables += [
        (table, normal.get("target", {}).get(key, {})) for key, table in written.get("target", {}).items()
    ]
    for table, plain in tables:
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            for key, value in table.get(section, {}).items():
                if isinstance(value, dict) and value.get("workspace") is True:
                    shared.setdefault(key, _shared(plain.get(section, {}).get(key), value))


def _shared(details: Any, own: dict[str, Any]) -> dict[str, Any]:
    details = {"version": details} if isinstance(details, str) else dict(details or {})
    details.pop("optional", None)
    details["features"] = [one for one in details.get("features", []) if one not in own.get("features", [])]
    if own.get("default-features") is True:
        details["default-features"] = False
    return {"version": "*", **details}


def _root(members: list[str], shared: dict[str, Any], fields: dict[str, Any]) -> str:
    lines = [f'[workspace]\nresolver = "2"\nmembers = {json.dumps(members)}\n', "[workspace.package]"]
    plain = ((key, value) for key, value in fields.items() if isinstance(value, str | bool | list))
    lines += [f"{key} = {json.dumps(value)}" for key, value in plain]
    lines += ["\n[workspace.lints]", "\n[workspace.dependencies]"]
    for key, details in shared.items():
        inner = ", ".join(f"{name} = {json.dumps(value)}" for name, value in details.items())
        lines.append(f"{key} = {{ {inner} }}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
