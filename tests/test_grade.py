"""How evidence raises and lowers the severity of a finding."""

from __future__ import annotations

import pytest

from alloclint.finding import Confidence, Finding, Place, Position, Severity, grade

INFO, WARNING, ERROR = Severity.info, Severity.warning, Severity.error
_AT = Position(1, 1, 0)
LARGE = 100_000


def finding(
    confidence: Confidence = Confidence.exact,
    expected: int | None = None,
    heat: str | None = None,
    cold: str | None = None,
) -> Finding:
    return Finding(Place("a.rs", _AT, _AT), "m", confidence, expected=expected, heat=heat, cold=cold)


@pytest.mark.parametrize("base", list(Severity))
def test_without_evidence_the_base_holds(base: Severity) -> None:
    assert grade(base, finding(), LARGE) is base


@pytest.mark.parametrize("confidence", [Confidence.at_most, Confidence.advice])
@pytest.mark.parametrize(("base", "graded"), [(INFO, INFO), (WARNING, INFO), (ERROR, ERROR)])
def test_an_upper_bound_or_advice_is_info(confidence: Confidence, base: Severity, graded: Severity) -> None:
    assert grade(base, finding(confidence), LARGE) is graded


@pytest.mark.parametrize(
    ("base", "expected", "graded"),
    [
        (ERROR, LARGE, ERROR),
        (ERROR, LARGE - 1, WARNING),
        (WARNING, LARGE, WARNING),
        (WARNING, LARGE - 1, WARNING),
        (INFO, LARGE, INFO),
    ],
)
def test_an_expected_size_decides_between_error_and_warning(
    base: Severity, expected: int, graded: Severity
) -> None:
    assert grade(base, finding(expected=expected), LARGE) is graded


def test_an_annotated_size_counts_more_than_the_confidence() -> None:
    assert grade(ERROR, finding(Confidence.at_most, expected=LARGE), LARGE) is ERROR


@pytest.mark.parametrize(("base", "graded"), [(INFO, WARNING), (WARNING, ERROR), (ERROR, ERROR)])
def test_heat_raises_by_one_step(base: Severity, graded: Severity) -> None:
    assert grade(base, finding(heat="hot: 18 % of samples"), LARGE) is graded


@pytest.mark.parametrize(("base", "graded"), [(INFO, INFO), (WARNING, INFO), (ERROR, WARNING)])
def test_cold_code_lowers_by_one_step(base: Severity, graded: Severity) -> None:
    assert grade(base, finding(cold="runs once"), LARGE) is graded


def test_heat_raises_an_upper_bound_from_info() -> None:
    assert grade(WARNING, finding(Confidence.at_most, heat="hot"), LARGE) is WARNING


def test_heat_counts_more_than_cold() -> None:
    assert grade(WARNING, finding(heat="hot", cold="cold"), LARGE) is ERROR
