"""
Reports about real findings, read by those who read them: schemas, parsers and validators.

SARIF's schema is looked for in ALLOCLINT_SARIF_SCHEMA, a file as OASIS publishes it; npm's package
@microsoft/sarif-multitool brings it along.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from alloclint.report import FORMATS

ROOT = Path(__file__).parent.parent
SCHEMA = os.environ.get("ALLOCLINT_SARIF_SCHEMA", "")
#: What GitHub refuses a file for, or does not show.
_TEXTS = ("shortDescription", "fullDescription")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All formats of one run over the incidents: sources, manifests, findings with places in two files."""
    folder = tmp_path_factory.mktemp("reports")
    formats = [f"--output-format={name}:{folder / name}" for name in FORMATS]
    command = [sys.executable, "-m", "alloclint", "check", "--isolated", "--min-severity=info", *formats, "."]
    done = subprocess.run(
        command, cwd=ROOT / "fixtures" / "incidents", env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 1
    return {name: (folder / name).read_text(encoding="utf-8") for name in FORMATS}


@pytest.fixture(scope="module")
def findings(reports: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(reports["json"])["findings"]
    assert any(one["path"].endswith((".toml", ".yml", "Dockerfile")) for one in found)
    assert any(place["path"] != one["path"] for one in found for place in one["because"])
    return found


def _places(findings: list[dict[str, Any]], key: str = "code") -> Counter[tuple[str, int, str]]:
    return Counter((one["path"], one["start"]["line"], one[key]) for one in findings)


def _closed(required: dict[str, object], optional: dict[str, object] | None = None) -> dict[str, object]:
    """A schema of an object with just these keys."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _validate(document: object, schema: dict[str, object]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(schema).validate(document)


class TestSarif:
    @pytest.mark.skipif(
        not Path(SCHEMA).is_file(), reason="ALLOCLINT_SARIF_SCHEMA names no schema of SARIF 2.1.0"
    )
    def test_the_official_schema(self, reports: dict[str, str]) -> None:
        jsonschema = pytest.importorskip("jsonschema")
        schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8-sig"))
        validator = jsonschema.validators.validator_for(schema)(schema)
        assert [error.message for error in validator.iter_errors(json.loads(reports["sarif"]))] == []

    def test_what_github_wants(self, reports: dict[str, str], findings: list[dict[str, Any]]) -> None:
        (run,) = json.loads(reports["sarif"])["runs"]
        assert len(run["results"]) == len(findings)
        for rule in run["tool"]["driver"]["rules"]:
            assert all(0 < len(rule[key]["text"]) <= 1_024 for key in _TEXTS)
            assert rule["help"]["text"]
            assert rule["help"]["markdown"]
            assert len(rule["properties"]["tags"]) <= 20
        prints = [tuple(one["partialFingerprints"].values()) for one in run["results"]]
        assert all(re.fullmatch(r"[0-9a-f]{1,16}:\d+", text) for pair in prints for text in pair)
        assert {len(pair) for pair in prints} == {2}
        assert len({pair[0] for pair in prints}) == len(prints)

    def test_places_are_one_line_and_linked(self, reports: dict[str, str]) -> None:
        (run,) = json.loads(reports["sarif"])["runs"]
        for result in run["results"]:
            related = result.get("relatedLocations", [])
            for where in (*result["locations"], *related):
                region = where["physicalLocation"]["region"]
                assert region["startLine"] == region["endLine"]
                uri = where["physicalLocation"]["artifactLocation"]["uri"]
                assert uri.startswith("fixtures/incidents/") or not (ROOT / ".git").exists()
            linked = [int(number) for number in re.findall(r"\]\((\d+)\)", result["message"]["text"])]
            assert linked == [where["id"] for where in related][:5]


def test_gitlab(reports: dict[str, str], findings: list[dict[str, Any]]) -> None:
    lines = _closed({"begin": {"type": "integer", "minimum": 1}, "end": {"type": "integer"}})
    location = _closed({"path": {"type": "string", "pattern": r"^(?!\./|/)"}, "lines": lines})
    text = {"type": "string", "minLength": 1}
    entry = _closed(
        {
            "description": text,
            "check_name": text,
            "fingerprint": text,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": location,
            "type": {"const": "issue"},
            "categories": {"const": ["Performance"]},
        },
        {"other_locations": {"type": "array", "items": location}},
    )
    found = json.loads(reports["gitlab"])
    _validate(found, {"type": "array", "items": entry, "minItems": len(findings)})
    assert len({one["fingerprint"] for one in found}) == len(findings)
    assert not reports["gitlab"].startswith("\ufeff")


def test_rdjson(reports: dict[str, str], findings: list[dict[str, Any]]) -> None:
    number = {"type": "integer", "minimum": 1}
    position = _closed({"line": number, "column": number})
    stretch = _closed({"start": position, "end": position})
    text = {"type": "string", "minLength": 1}
    location = _closed({"path": text, "range": stretch})
    suggestion = _closed({"range": stretch, "text": {"type": "string"}})
    related = _closed({"message": text, "location": location})
    diagnostic: dict[str, object] = {
        "message": text,
        "location": location,
        "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
        "code": _closed({"value": text}),
    }
    more: dict[str, object] = {
        "suggestions": {"type": "array", "items": suggestion},
        "related_locations": {"type": "array", "items": related},
    }
    whole = json.loads(reports["rdjson"])
    _validate(whole, _closed({"source": {}, "diagnostics": {"items": _closed(diagnostic, more)}}))
    for line in reports["rdjsonl"].splitlines():
        _validate(json.loads(line), _closed({"source": _closed({"name": text}), **diagnostic}, more))
    flat = [
        {"path": one["location"]["path"], **one["location"]["range"], "code": one["code"]["value"]}
        for one in whole["diagnostics"]
    ]
    assert _places(flat) == _places(findings)


def test_suggestions_of_rdjson_are_the_edits(reports: dict[str, str]) -> None:
    for one in json.loads(reports["rdjson"])["diagnostics"]:
        for suggestion in one.get("suggestions", []):
            source = (ROOT / "fixtures" / "incidents" / one["location"]["path"]).read_bytes()
            stretch, lines = suggestion["range"], source.split(b"\n")
            assert stretch["end"]["column"] <= len(lines[stretch["end"]["line"] - 1]) + 1
            assert one["location"]["range"]["start"]["line"] <= stretch["start"]["line"]


def test_junit(reports: dict[str, str], findings: list[dict[str, Any]], tmp_path: Path) -> None:
    junitparser = pytest.importorskip("junitparser")
    (tmp_path / "junit.xml").write_text(reports["junit"], encoding="utf-8")
    report = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (report.tests, report.failures, report.errors) == (len(findings), len(findings), 0)
    cases = [case for suite in report for case in suite]
    assert len({(case.classname, case.name) for case in cases}) == len(findings)
    assert all(isinstance(case.result[0], junitparser.Failure) for case in cases)


def test_text_formats(reports: dict[str, str], findings: list[dict[str, Any]]) -> None:
    pylint = re.findall(r"^(.+?):(\d+): \[(ALC\d+)\(", reports["pylint"], re.MULTILINE)
    azure = re.findall(
        r"^##vso\[task\.logissue type=(?:error|warning);sourcepath=(?:fixtures/incidents/)?(.+?);"
        r"linenumber=(\d+);columnnumber=\d+;code=(.+?);\].+$",
        reports["azure"],
        re.MULTILINE,
    )
    github = re.findall(
        r"^::(?:error|warning|notice) file=(?:fixtures/incidents/)?(.+?),line=(\d+),"
        r".*,title=(ALC\d+) [^:]+::.+$",
        reports["github"],
        re.MULTILINE,
    )
    for found in (pylint, azure, github):
        assert Counter((path, int(line), code) for path, line, code in found) == _places(findings)
    levels = [line[2] for line in reports["github"].splitlines() if line.startswith("::")]
    assert levels == sorted(levels, key="ewn".index)
