"""What the edits of the regex rules make of a source: the whole text, so that nothing else has changed."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from alloclint import rule
from alloclint.engine import Plan, examine
from alloclint.facts.summary import Project, summarize
from alloclint.file import File
from alloclint.finding import Applicability, Finding, Severity
from alloclint.settings import Limits, Settings

RULES = rule.builtin()
JAVA = "import java.util.regex.Pattern;\n\nclass A {\n"


def found(suffix: str, source: str) -> Finding:
    """The one finding of the family in a source."""
    path, text = f"a.{suffix}", dedent(source).encode()
    project = Project.merge([summarize(File.of(path, text, Limits(), None))], None)
    settings = replace(Settings(), min_severity=Severity.info, select=("regex",))
    (only,) = examine(File.of(path, text, Limits(), project), Plan(RULES, settings)).findings
    return only


def edited(suffix: str, source: str) -> str:
    text = dedent(source).encode()
    suggestion = found(suffix, source).suggestion
    assert suggestion is not None
    for edit in sorted(suggestion.edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text.encode() + text[edit.end :]
    return text.decode()


def test_rust_declares_a_static_at_the_head_of_the_function() -> None:
    source = """
    use regex::Regex;
    use std::sync::LazyLock;
    fn f(text: &str) -> bool {
        let size = text.len();
        let re = Regex::new("a+").expect("valid");
        size > 1 && re.is_match(text)
    }
    """
    assert edited("rs", source) == dedent(
        """
    use regex::Regex;
    use std::sync::LazyLock;
    fn f(text: &str) -> bool {
        static F_RE: LazyLock<Regex> = LazyLock::new(|| Regex::new("a+").expect("valid"));
        let size = text.len();
        let re = &*F_RE;
        size > 1 && re.is_match(text)
    }
    """
    )


@pytest.mark.parametrize(
    ("body", "applicability"),
    [
        ('Regex::new("a+").unwrap().is_match(s);', Applicability.safe),
        ('Regex::new("a+")?.is_match(s);', Applicability.unsafe),
        ('let re = Regex::new("a+").unwrap(); re.is_match(s);', Applicability.safe),
        ('let re = Regex::new("a+").unwrap(); keep(re);', Applicability.display),
        ('let re: Regex = Regex::new("a+").unwrap(); re.is_match(s);', Applicability.display),
        ('let re = Regex::new("a+"); keep(re);', Applicability.display),
        ('match Regex::new("a+") { Ok(re) => keep(re), Err(_) => {} }', Applicability.display),
    ],
)
def test_rust_edits_only_what_is_handled_on_the_spot(body: str, applicability: Applicability) -> None:
    suggestion = found("rs", f"use regex::Regex;\nfn f(s: &str) {{\n    {body}\n}}\n").suggestion
    assert suggestion is not None
    assert suggestion.applicability is applicability


def test_java_declares_a_constant_and_imports_its_type() -> None:
    source = """
    package a;

    import java.util.List;
    import java.util.zip.CRC32;

    @Deprecated
    class A<T> implements B {
        class Inner {
            String[] f(String text) {
                return text.trim().split("[,;]", 2);
            }
        }
    }
    """
    assert edited("java", source) == dedent(
        """
    package a;

    import java.util.List;
    import java.util.regex.Pattern;
    import java.util.zip.CRC32;

    @Deprecated
    class A<T> implements B {
        private static final Pattern F_PATTERN = Pattern.compile("[,;]");
        class Inner {
            String[] f(String text) {
                return F_PATTERN.split(text.trim(), 2);
            }
        }
    }
    """
    )


@pytest.mark.parametrize(
    ("member", "wanted"),
    [
        (
            'private final Pattern p = Pattern.compile("a+");',
            'private static final Pattern p = Pattern.compile("a+");',
        ),
        (
            'String f(String s) { return s.replaceAll("a::", ""); }',
            'String f(String s) { return s.replace("a::", ""); }',
        ),
    ],
)
def test_java_edits_in_place(member: str, wanted: str) -> None:
    assert edited("java", f"{JAVA}    {member}\n}}\n") == f"{JAVA}    {wanted}\n}}\n"


def test_python_declares_a_name_above_the_class_with_its_comment() -> None:
    source = """
    import re

    X = 1

    # What it is for.
    @deco
    class A:
        @deco
        def f(self, texts):
            return [re.sub("a+", "", text, flags=re.I) for text in texts]
    """
    assert edited("py", source) == dedent(
        """
    import re

    X = 1

    _F_RE = re.compile("a+", re.I)


    # What it is for.
    @deco
    class A:
        @deco
        def f(self, texts):
            return [_F_RE.sub("", text) for text in texts]
    """
    )


@pytest.mark.parametrize(
    "source",
    [
        "def f(texts):\n    import re\n    return [re.sub('a+', '', text) for text in texts]\n",
        "import re\nif X:\n    def f(texts):\n        return [re.sub('a+', '', text) for text in texts]\n",
        "import re\nP = 'a+'\ndef f(texts):\n    return [re.sub(P, '', text) for text in texts]\n",
    ],
)
def test_python_does_not_edit_where_a_name_is_missing_above(source: str) -> None:
    suggestion = found("py", source).suggestion
    assert suggestion is not None
    assert suggestion.edits == ()
