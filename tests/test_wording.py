"""Names that a suggestion declares, and code that it shows on one line."""

from __future__ import annotations

import pytest

from alloclint.facts.names.naming import constant_name, subject_of
from alloclint.facts.names.wording import on_one_line
from alloclint.file import File
from alloclint.settings import Limits


@pytest.mark.parametrize(
    ("language", "code", "shown"),
    [
        ("java", 'a.b("//x") // why "not"\n    .c();', 'a.b("//x").c();'),
        ("java", "f(\n  1, // one\n  2\n)", "f(1, 2)"),
        ("java", "f(1 /* one */, 'a')", "f(1, 'a')"),
        ("java", "f(a)", "f(a)"),
        ("rust", 'f(\n    r#"a // "b" "#, // why\n    &\'a x,\n)', 'f(r#"a // "b" "#, &\'a x,)'),
        ("rust", 'g("a\nb")', 'g("a\nb")'),
        ("python", "f(\n    'a # b',  # why\n    2)", "f('a # b', 2)"),
        ("python", "x = [\n    1,\n    2,\n]", "x = [1, 2,]"),
    ],
)
def test_code_on_one_line(language: str, code: str, shown: str) -> None:
    assert on_one_line(code, language) == shown


@pytest.mark.parametrize(
    ("function", "subject"),
    [
        ("toModuleName", "module_name"),
        ("getBestDowngradeVersion", "best_downgrade_version"),
        ("parse", "parse"),
        ("read", "read"),
        ("gather", "gather"),
    ],
)
def test_what_a_function_is_about(function: str, subject: str) -> None:
    assert subject_of(function) == subject


def test_a_name_that_is_free_comes_before_one_with_a_number() -> None:
    file = File.of("A.java", b"class A { int DATE_PATTERN; } // WORD_PATTERN", Limits(), None)
    assert constant_name(file, ("cn CN",), "PATTERN") == "CN_PATTERN"
    assert constant_name(file, ("date", "word"), "PATTERN") == "WORD_PATTERN"
    assert constant_name(file, ("date",), "PATTERN") == "DATE_PATTERN_2"
    assert constant_name(file, (None, ""), "PATTERN", "TEXT", frozenset({"TEXT_PATTERN"})) == "TEXT_PATTERN_2"
