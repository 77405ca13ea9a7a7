"""The action for GitHub and the template for GitLab: their scripts are run as the runners run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import alloclint

ROOT = Path(alloclint.__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "templates" / "alloclint.yml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "git"))), reason="bash or git is not installed"
)

#: ALC101 in line 2; `%s` is the name of the function.
GUILTY = """\
pub fn %s(items: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for item in items {
        out.push(item * 2);
    }
    out
}
"""


def run(
    script: str, cwd: Path, environment: dict[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    """A script in bash, with nothing of the variables of this process but what finds programs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", *options, "-c", script],
        cwd=cwd,
        env={**kept, "GIT_CONFIG_GLOBAL": os.devnull, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )


def git(*arguments: str, cwd: Path) -> str:
    identity = {
        f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = run(shlex.join(["git", *arguments]), cwd, identity)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(cwd: Path, path: str, text: str) -> str:
    """A commit that writes one file; its name."""
    (cwd / path).parent.mkdir(parents=True, exist_ok=True)
    (cwd / path).write_text(text, encoding="utf-8")
    git("add", "--all", cwd=cwd)
    git("commit", "--quiet", "--message", path, cwd=cwd)
    return git("rev-parse", "HEAD", cwd=cwd)


def program(path: Path) -> None:
    """A program that runs this checkout."""
    path.parent.mkdir(parents=True)
    path.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} "
        f'exec {shlex.quote(sys.executable)} -m alloclint "$@"\n'
    )
    path.chmod(0o755)


@dataclass
class Remote:
    """
    A repository on a server: `main`, whose `old.rs` is guilty, and a branch that adds `new.rs`, guilty too,
    after which `main` goes on. `merge` is what the server makes of both for a pull request.
    """

    folder: Path
    base: str
    head: str
    main: str
    merge: str

    def clone(self, to: Path, what: str, *options: str) -> Path:
        """What a checkout leaves: one commit, and the history that `options` ask for."""
        git("init", "--quiet", str(to), cwd=self.folder)
        git("remote", "add", "origin", self.folder.as_uri(), cwd=to)
        git("fetch", "--quiet", "--no-tags", *options, "origin", what, cwd=to)
        git("checkout", "--quiet", "FETCH_HEAD", cwd=to)
        return to


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    folder = tmp_path / "remote"
    folder.mkdir()
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=folder)
    (folder / "alloclint.toml").write_text("")
    base = commit(folder, "old.rs", GUILTY % "old")
    git("checkout", "--quiet", "-b", "topic", cwd=folder)
    head = commit(folder, "new.rs", GUILTY % "new")
    git("checkout", "--quiet", "main", cwd=folder)
    main = commit(folder, "later.rs", GUILTY % "later")
    git("checkout", "--quiet", "--detach", cwd=folder)
    git("merge", "--quiet", "--no-edit", "topic", cwd=folder)
    merge = git("rev-parse", "HEAD", cwd=folder)
    git("update-ref", "refs/pull/1/merge", merge, cwd=folder)
    git("checkout", "--quiet", "main", cwd=folder)
    return Remote(folder, base, head, main, merge)


# ---------------------------------------------------------------- GitHub


@dataclass
class Job:
    """A job that uses the action, in a clone."""

    clone: Path
    temp: Path
    event: dict[str, Any]
    name: str = "pull_request"
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def expression(self, text: str) -> str:
        """The value of a `${{ … }}` of the action; anything that is not expected in one is an error."""
        for term in text.split(" || "):
            scope, _, path = term.partition(".")
            value: Any = {
                "inputs": {name: one["default"] for name, one in ACTION["inputs"].items()} | self.inputs,
                "github": {"event": self.event},
            }[scope]
            for key in path.split("."):
                value = value.get(key, {})
            if value:
                return str(value)
        return ""

    def step(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run one step of the action."""
        (step,) = (one for one in ACTION["runs"]["steps"] if one["name"] == name)
        files = {key: self.temp / key for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_NAME": self.name,
            "GITHUB_SHA": git("rev-parse", "HEAD", cwd=self.clone),
            "GITHUB_WORKSPACE": str(self.clone),
            "RUNNER_TEMP": str(self.temp),
            **{key: str(path) for key, path in files.items()},
            **{
                key: re.sub(r"\$\{\{ (.*?) \}\}", lambda hit: self.expression(hit[1]), value)
                for key, value in step["env"].items()
            },
        }
        done = run(step["run"], self.clone, environment, "-e", "-o", "pipefail")
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        self.outputs = dict(line.split("=", 1) for line in lines)
        return done

    def check(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run alloclint as the action does, with some of its inputs."""
        self.inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        return self.step("Run alloclint")


def files(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The files that are annotated."""
    return re.findall(r"^::(?:error|warning|notice) file=([^,]*),", done.stdout, re.MULTILINE)


@pytest.fixture
def job(remote: Remote, tmp_path: Path) -> Job:
    """A job for a pull request, in what actions/checkout leaves: the merge, and nothing before it."""
    temp = tmp_path / "temp"
    program(temp / "alloclint" / "bin" / "alloclint")
    clone = remote.clone(tmp_path / "clone", "refs/pull/1/merge", "--depth=1")
    return Job(clone, temp, {"pull_request": {"base": {"sha": remote.base}}})


def test_a_pull_request_is_told_what_it_changes(job: Job) -> None:
    done = job.check()
    assert done.returncode == 1, done.stderr
    assert files(done) == ["new.rs"]
    assert job.outputs == {"result": "findings"}
    assert "with_capacity(items.len())" in (job.temp / "GITHUB_STEP_SUMMARY").read_text()


def test_a_checkout_of_the_branch_goes_back_to_where_it_began(
    job: Job, remote: Remote, tmp_path: Path
) -> None:
    job.clone = remote.clone(tmp_path / "branch", "topic", "--depth=1")
    # The base has gone on since; only what the branch did counts.
    job.event = {"pull_request": {"base": {"sha": remote.main}}}
    done = job.check()
    assert (done.returncode, files(done)) == (1, ["new.rs"]), done.stderr


def test_a_merge_queue(job: Job, remote: Remote) -> None:
    job.name, job.event = "merge_group", {"merge_group": {"base_sha": remote.main}}
    assert files(job.check()) == ["new.rs"]


def test_other_events_are_told_everything(job: Job) -> None:
    job.name, job.event = "push", {}
    assert sorted(files(job.check())) == ["later.rs", "new.rs", "old.rs"]


def test_everything_if_asked_for(job: Job) -> None:
    assert sorted(files(job.check(only_changed="false"))) == ["later.rs", "new.rs", "old.rs"]


@pytest.mark.parametrize("base", ["main", "{base}", "HEAD^"])
def test_a_base_of_ones_own(base: str, job: Job, remote: Remote, tmp_path: Path) -> None:
    # What is said of HEAD must be there; names and commits are fetched.
    depth = "2" if base == "HEAD^" else "1"
    job.clone = remote.clone(tmp_path / "branch", "topic", f"--depth={depth}")
    job.name, job.event = "push", {}
    assert files(job.check(base=base.format(base=remote.base))) == ["new.rs"]


def test_a_base_that_cannot_be_had_is_an_error_with_the_way_out(job: Job) -> None:
    done = job.check(base="nowhere")
    assert done.returncode == 2
    assert "::error title=alloclint::cannot fetch nowhere" in done.stdout
    assert "fetch-depth: 0" in done.stdout
    assert job.outputs == {"result": "error"}


def test_sarif_goes_to_a_file(job: Job) -> None:
    done = job.check(sarif="reports/alloclint.sarif")
    assert files(done) == ["new.rs"]
    assert job.outputs == {"result": "findings", "sarif": "reports/alloclint.sarif"}
    results = json.loads((job.clone / "reports" / "alloclint.sarif").read_text(encoding="utf-8"))["runs"][0][
        "results"
    ]
    assert [one["ruleId"] for one in results] == ["ALC101"]


def test_a_clean_run(job: Job) -> None:
    done = job.check(paths="alloclint.toml\n", args="--quiet")
    assert (done.returncode, job.outputs) == (0, {"result": "clean"}), done.stderr


def test_paths_and_arguments_stand_on_lines(job: Job) -> None:
    (job.clone / "a folder").mkdir()
    (job.clone / "a folder" / "-x.rs").write_text(GUILTY % "x")
    (job.clone / "-y.rs").write_text(GUILTY % "y")
    done = job.check(paths="a folder\n-y.rs\r\n\n", args="--min-severity=info\n--config=jobs=1\n")
    assert files(done) == ["-y.rs", "a folder/-x.rs"]


def test_wrong_arguments_are_an_error(job: Job) -> None:
    done = job.check(args="--no-such-flag")
    assert (done.returncode, job.outputs) == (2, {"result": "error"})


def test_the_log_alone(job: Job) -> None:
    (job.clone / "new.rs").write_text(GUILTY.replace("Vec::new();", "Vec::new(); //\n::error::no") % "new")
    done = job.check(annotations="false")
    assert done.returncode == 1
    first, *_, last = (line for line in done.stdout.splitlines() if line.startswith("::"))
    token = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", first)
    assert token is not None
    assert last == f"::{token[1]}::"
    assert done.stdout.index("with_capacity") < done.stdout.index(last)


@pytest.mark.parametrize(
    "text", ["$(touch pwned)", "`touch pwned`", "; touch pwned", '" && touch pwned "', "${IFS}"]
)
def test_inputs_are_never_run(text: str, job: Job) -> None:
    for name in ("paths", "args", "base", "sarif"):
        job.check(**{name: text})
    job.inputs = {"version": text}
    assert job.step("Install alloclint").returncode == 2
    assert not (job.clone / "pwned").exists()


def test_no_expression_stands_in_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    for script in (ROOT / "action").glob("*.sh"):
        assert "${{" not in script.read_text(encoding="utf-8")


def test_an_output_cannot_be_smuggled_in(job: Job) -> None:
    done = job.check(sarif="a.sarif\nresult=clean")
    assert (done.returncode, job.outputs) == (2, {"result": "error"})


def test_every_input_is_described_and_used() -> None:
    used = " ".join(value for step in ACTION["runs"]["steps"] for value in step["env"].values())
    for name, one in ACTION["inputs"].items():
        assert one["description"]
        assert isinstance(one["default"], str)
        assert f"inputs.{name} " in used


def test_installation_into_an_environment_of_its_own(job: Job, tmp_path: Path) -> None:
    index = [
        sys.executable,
        "-m",
        "pip",
        "index",
        "versions",
        "hatchling",
        "--retries",
        "0",
        "--timeout",
        "10",
    ]
    if subprocess.run(index, capture_output=True, check=False).returncode:
        pytest.skip("no package index can be reached")
    job.temp = tmp_path / "fresh"
    job.temp.mkdir()
    job.inputs = {"python": sys.executable}
    done = job.step("Install alloclint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith(alloclint.__version__)
    assert files(job.check()) == ["new.rs"]


def test_a_python_that_is_too_old_or_missing_is_named(job: Job) -> None:
    job.inputs = {"python": "no-such-python"}
    done = job.step("Install alloclint")
    assert done.returncode == 2
    assert "::error title=alloclint::Python 3.11 or later is needed" in done.stdout


# ---------------------------------------------------------------- GitLab


def gitlab(clone: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script of the job, as a runner with a shell runs it; what it installs stands for this checkout."""
    job = TEMPLATE["alloclint"]
    stand_ins = clone.parent / "programs"
    if not stand_ins.exists():
        program(stand_ins / "alloclint")
        python = stand_ins / "python3"
        # Stands for `python3 -m venv FOLDER`.
        python.write_text(
            '#!/bin/sh\nmkdir -p "$3/bin"\n'
            f'cp {shlex.quote(str(stand_ins / "alloclint"))} "$3/bin/"\n'
            'printf "#!/bin/sh\\necho pip \\"\\$@\\"" >"$3/bin/pip"\nchmod +x "$3/bin/pip"\n'
        )
        python.chmod(0o755)
    path = f"{stand_ins}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "CI_PROJECT_DIR": str(clone), "ALLOCLINT_INSTALL": "alloclint==1.0", **variables}
    environment = {**job["variables"], **given}
    return run("\n".join(job["script"]), clone, environment, "-e", "-o", "pipefail")


def report(clone: Path) -> list[str]:
    entries = json.loads((clone / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    return sorted(entry["location"]["path"] for entry in entries)


def test_a_merge_request_fails_by_what_it_changes(remote: Remote, tmp_path: Path) -> None:
    clone = remote.clone(tmp_path / "clone", "topic", "--depth=1")
    done = gitlab(clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=remote.base)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "pip install --quiet --disable-pip-version-check alloclint==1.0" in done.stdout
    assert "new.rs:2:" in done.stdout
    assert "old.rs" not in done.stdout
    # The report has all of it, for GitLab takes what is missing for fixed.
    assert report(clone) == ["new.rs", "old.rs"]


def test_a_merged_result_is_compared_with_its_target(remote: Remote, tmp_path: Path) -> None:
    clone = remote.clone(tmp_path / "clone", "refs/pull/1/merge", "--depth=1")
    done = gitlab(
        clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=remote.base, CI_MERGE_REQUEST_TARGET_BRANCH_SHA=remote.main
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "new.rs:2:" in done.stdout
    assert "later.rs" not in done.stdout


def test_the_default_branch_is_only_reported(remote: Remote, tmp_path: Path) -> None:
    clone = remote.clone(tmp_path / "clone", "main", "--depth=1")
    done = gitlab(clone, ALLOCLINT_PATHS="old.rs later.rs", ALLOCLINT_ARGS="--min-severity info")
    assert done.returncode == 0, done.stdout + done.stderr
    assert report(clone) == ["later.rs", "old.rs"]


def test_wrong_arguments_fail_the_job(remote: Remote, tmp_path: Path) -> None:
    clone = remote.clone(tmp_path / "clone", "main", "--depth=1")
    assert gitlab(clone, ALLOCLINT_ARGS="--no-such-flag").returncode == 2


def test_what_to_install_must_be_said(remote: Remote, tmp_path: Path) -> None:
    # A name that anybody could take in a package index is no good default.
    done = gitlab(remote.clone(tmp_path / "clone", "main", "--depth=1"), ALLOCLINT_INSTALL="")
    assert done.returncode != 0
    assert "ALLOCLINT_INSTALL: is not set" in done.stderr


# ---------------------------------------------------------------- schemas


def check_schema(schema: str, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="check-jsonschema is not installed")
@pytest.mark.parametrize(
    ("schema", "path"),
    [("vendor.github-actions", "action.yml"), ("vendor.gitlab-ci", "templates/alloclint.yml")],
)
def test_schemas(schema: str, path: str) -> None:
    check_schema(schema, ROOT / path)


def test_shellcheck() -> None:
    # An environment need not be activated to run these tests.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which("shellcheck", path=path)
    if program is None:
        pytest.skip("shellcheck is not installed")
    scripts = sorted(map(str, (ROOT / "action").glob("*.sh")))
    done = subprocess.run([program, *scripts], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


# ---------------------------------------------------------------- what is written about it

GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def table(head: str) -> dict[str, str]:
    """The first two columns of a table in the guide, by what heads the first."""
    rows = GUIDE.partition(f"\n| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = ([cell.strip().strip("`") for cell in row.split("|")] for row in rows)
    return {name: second for _, name, second, *_ in cells}


def test_the_guide_has_every_input_and_variable() -> None:
    assert table("input") == {name: one["default"] for name, one in ACTION["inputs"].items()}
    assert table("variable") == TEMPLATE["alloclint"]["variables"]


def test_the_guide_has_every_option_of_the_plugin() -> None:
    source = (ROOT / "alloclint" / "flake8_plugin.py").read_text(encoding="utf-8")
    assert set(table("option")) == set(re.findall(r'"--(alloclint-[a-z-]+)"', source))


@pytest.mark.skipif(find_spec("check_jsonschema") is None, reason="check-jsonschema is not installed")
def test_workflows_in_the_guide_are_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    schemas = {".github": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}
    checked = 0
    for name, text in blocks:
        schema = schemas.get(name.partition("/")[0])
        if schema is None:
            continue
        path = tmp_path / "block.yml"
        path.write_text(text, encoding="utf-8")
        check_schema(schema, path)
        checked += 1
    assert checked == 3
