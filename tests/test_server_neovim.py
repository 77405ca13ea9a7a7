"""The language server in a real editor: Neovim without windows opens a file, applies the fix and saves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="pip install 'alloclint[server]'")

DRIVER = Path(__file__).parent / "data" / "server" / "drive.lua"
ROOT = Path(__file__).parents[1]
NEOVIM = shutil.which("nvim")

RUST = """\
// Größe: 😀
pub fn doubled(items: &[u64]) -> Vec<u64> {
    /* 😀 */ let mut out = Vec::new();
    for item in items {
        out.push(item * 2);
    }
    out
}
"""
JAVA = """\
import java.util.*;

class Index {
    static List<String> of(List<String> names) {
        List<String> out = new ArrayList<>();
        for (String name : names) {
            out.add(name.trim());
        }
        return out;
    }
}
"""


@pytest.mark.skipif(NEOVIM is None, reason="nvim is missing: apt-get install neovim")
@pytest.mark.parametrize(
    ("name", "text", "empty", "sized"),
    [
        ("lib.rs", RUST, "Vec::new()", "Vec::with_capacity(items.len())"),
        ("Index.java", JAVA, "new ArrayList<>()", "new ArrayList<>(names.size())"),
    ],
)
def test_neovim_shows_fixes_and_saves(tmp_path: Path, name: str, text: str, empty: str, sized: str) -> None:
    assert NEOVIM is not None
    project = tmp_path / "project"
    project.mkdir()
    file, report = project / name, tmp_path / "report.json"
    file.write_text(text, encoding="utf-8")
    environment = os.environ | {
        "ALLOCLINT_FILE": str(file),
        "ALLOCLINT_ROOT": str(project),
        "ALLOCLINT_REPORT": str(report),
        "ALLOCLINT_SERVER": json.dumps([sys.executable, "-m", "alloclint", "server"]),
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    command = [NEOVIM, "--headless", "-i", "NONE", "-u", str(DRIVER)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, check=False, cwd=project
    )
    assert report.is_file(), done.stderr
    seen = json.loads(report.read_text(encoding="utf-8"))
    assert [one["code"] for one in seen["found"]] == ["ALC101"]
    assert f"Write `{sized}`" in seen["titles"]
    assert seen["left"] == []
    assert seen["exit_code"] == 0
    assert file.read_text(encoding="utf-8") == text.replace(empty, sized)
