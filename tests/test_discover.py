"""Discovery: what is found, what is left out, in which order, and what is said about the rest."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from alloclint.discover import Found, discover, shown
from alloclint.settings import Settings


def wanted(name: str) -> bool:
    return name.endswith((".rs", ".java", ".py"))


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def search(root: Path, *paths: str, **settings: object) -> Found:
    base = replace(Settings(root=root), **settings)  # type: ignore[arg-type]
    return discover([Path(path) for path in paths or (".",)], base, wanted, root)


def names(found: Found) -> list[str]:
    return [target.shown for target in found.targets]


def test_files_of_our_languages_in_a_stable_order(tmp_path: Path) -> None:
    write(tmp_path, "b/x.rs", "b/a.java", "a.py", "c.txt", "B.py", "b.py")
    found = search(tmp_path)
    assert names(found) == ["B.py", "a.py", "b.py", "b/a.java", "b/x.rs"]
    assert not found.notes
    assert not any(target.explicit for target in found.targets)


def test_each_file_once(tmp_path: Path) -> None:
    write(tmp_path, "a/x.rs")
    assert names(search(tmp_path, "a", "a/x.rs", ".", "./a/../a/x.rs")) == ["a/x.rs"]


def test_default_excludes(tmp_path: Path) -> None:
    write(
        tmp_path,
        "target/x.rs",
        "node_modules/a/x.py",
        ".venv/x.py",
        "vendor/x.rs",
        "src/build/x.py",
        "src/x.py",
    )
    assert names(search(tmp_path)) == ["src/x.py"]


def test_excludes_do_not_look_above_what_is_searched(tmp_path: Path) -> None:
    """A checkout below a folder called `build` is no build output."""
    root = tmp_path / "build" / "checkout"
    write(root, "x.py")
    assert names(search(root)) == ["x.py"]
    assert names(search(tmp_path, "build")) == ["build/checkout/x.py"]


def test_exclude_replaces_and_extend_exclude_adds(tmp_path: Path) -> None:
    write(tmp_path, "target/x.rs", "gen/x.rs", "gen2/x.rs", "src/x.rs")
    assert names(search(tmp_path, exclude=("gen",))) == ["gen2/x.rs", "src/x.rs", "target/x.rs"]
    assert names(search(tmp_path, extend_exclude=("gen*/",))) == ["src/x.rs"]


def test_excludes_with_slashes_are_relative_to_the_settings(tmp_path: Path) -> None:
    write(tmp_path, "a/gen/x.rs", "gen/x.rs", "a/keep.rs")
    assert names(search(tmp_path, extend_exclude=("/gen",))) == ["a/gen/x.rs", "a/keep.rs"]
    assert names(search(tmp_path, extend_exclude=("a/gen/**", "!a/gen/none"))) == ["a/keep.rs", "gen/x.rs"]


def test_named_file_is_taken_even_if_excluded(tmp_path: Path) -> None:
    write(tmp_path, "vendor/a/x.rs")
    found = search(tmp_path, "vendor/a/x.rs")
    assert names(found) == ["vendor/a/x.rs"]
    assert found.targets[0].explicit
    assert names(search(tmp_path, "vendor/a/x.rs", force_exclude=True)) == []
    assert names(search(tmp_path, "vendor", force_exclude=True)) == []


def test_gitignore(tmp_path: Path) -> None:
    write(tmp_path, "a.rs", "b.rs", "out/x.rs", "deep/out/x.rs", "deep/b.rs", "deep/c.rs", "deep/keep/c.rs")
    (tmp_path / ".gitignore").write_text("# comment\n\nb.rs\n/out/\n")
    (tmp_path / "deep" / ".gitignore").write_text("!b.rs\nc.rs\n!keep/c.rs\n")
    assert names(search(tmp_path)) == ["a.rs", "deep/b.rs", "deep/keep/c.rs", "deep/out/x.rs"]
    assert len(search(tmp_path, respect_gitignore=False).targets) == 7


def test_gitignore_of_the_repository_above(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("local.rs\n")
    (tmp_path / ".gitignore").write_text("/sub/gen/\n")
    write(tmp_path, "sub/gen/x.rs", "sub/local.rs", "sub/x.rs")
    assert names(search(tmp_path / "sub")) == ["x.rs"]


def test_gitignore_outside_the_repository_does_not_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.rs\n")
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    write(tmp_path / "clone", "x.rs")
    assert names(search(tmp_path / "clone")) == ["x.rs"]


def test_gitignored_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("gen/\n")
    write(tmp_path, "gen/x.rs")
    assert names(search(tmp_path, "gen/x.rs")) == ["gen/x.rs"]
    assert names(search(tmp_path, "gen/x.rs", force_exclude=True)) == []


def test_damaged_gitignore(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\n!\n[\na***z\na.rs\n")
    write(tmp_path, "a.rs", "b.rs")
    assert names(search(tmp_path)) == ["b.rs"]


def test_directory_with_the_name_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, "x.py/y.py")
    assert names(search(tmp_path)) == ["x.py/y.py"]
    assert names(search(tmp_path, "x.py")) == ["x.py/y.py"]


def test_paths_outside_of_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, "other/x.py")
    (tmp_path / "here").mkdir()
    assert names(search(tmp_path / "here", "../other")) == ["../other/x.py"]
    assert names(search(tmp_path / "here", str(tmp_path / "other"))) == ["../other/x.py"]


def test_missing_path_and_other_language_are_noted(tmp_path: Path) -> None:
    write(tmp_path, "x.txt", "y.py")
    found = search(tmp_path, "nowhere", "x.txt", "y.py")
    assert names(found) == ["y.py"]
    assert [(note.path, note.failed) for note in found.notes] == [("nowhere", True), ("x.txt", False)]


def test_links(tmp_path: Path) -> None:
    write(tmp_path, "real/x.py", "z.py")
    (tmp_path / "a_link").symlink_to("real", target_is_directory=True)
    (tmp_path / "real" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "a.py").symlink_to("z.py")
    found = search(tmp_path)
    assert names(found) == ["real/x.py", "z.py"]
    assert not found.notes
    # A link that is named is followed, and shown under its name.
    assert names(search(tmp_path, "a_link")) == ["a_link/x.py"]
    assert names(search(tmp_path, "a.py")) == ["a.py"]


def test_link_to_a_file_elsewhere_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/x.py")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "y.py").symlink_to("../outside/x.py")
    assert names(search(tmp_path / "here")) == ["y.py"]


def test_dangling_link_and_link_loop(tmp_path: Path) -> None:
    write(tmp_path, "x.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "not-ours").symlink_to("nowhere")
    for paths in ((), ("gone.py", "loop.py", "x.py")):
        found = search(tmp_path, *paths)
        assert names(found) == ["x.py"]
        assert [note.path for note in found.notes] == ["gone.py", "loop.py"]
        assert all(note.failed for note in found.notes)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.py")
    found = search(tmp_path)
    assert (names(found), [note.path for note in found.notes]) == ([], ["x.py"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_directory(tmp_path: Path) -> None:
    write(tmp_path, "secret/x.py", "y.py")
    (tmp_path / "secret").chmod(0)
    found = search(tmp_path)
    (tmp_path / "secret").chmod(0o700)
    assert names(found) == ["y.py"]
    assert [(note.path, note.failed) for note in found.notes] == [("secret", True)]


def test_names_that_are_no_text_can_be_printed(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    assert shown(tmp_path / name, tmp_path) == "caf\\xe9.py"


def test_deep_tree(tmp_path: Path) -> None:
    """Deeper than Python's recursion."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(os.open("x.py", os.O_CREAT, dir_fd=here))
    os.close(here)
    assert len(search(tmp_path).targets) == 1
