"""Native annotations count by what the file imports, never by their name alone."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Annotated, get_type_hints

import pytest
import tree_sitter
import tree_sitter_java
import tree_sitter_python

from alloclint.annotations import Cardinality as RuntimeCardinality
from alloclint.cardinality import Cardinality
from alloclint.facts.building.annotations import Annotations, read
from alloclint.syntax import java, python


def java_annotations(text: str) -> Annotations:
    source = text.encode()
    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_java.language())).parse(source)
    return read(java.read(tree, source), source, "A.java", "java")


def python_annotations(text: str) -> Annotations:
    source = text.encode()
    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language())).parse(source)
    return read(python.read(tree, source), source, "a.py", "python")


def first(found: Annotations) -> Cardinality | None:
    assert found.problems == []
    return found.cardinalities[0][1] if found.cardinalities else None


VALIDATION = "import jakarta.validation.constraints.Size;"
CHECKER = "import org.checkerframework.common.value.qual.*;"


@pytest.mark.parametrize(
    ("imports", "annotation", "expect", "maximum"),
    [
        ("", "@ExpectedSize(1_000_000)", 1_000_000, False),
        ("import com.acme.ExpectedSize;", "@ExpectedSize(value = 70)", 70, False),
        ("", "@com.acme.ExpectedSize(7)", 7, False),
        ("", '@ExpectedSize("2k")', 2_000, False),
        (VALIDATION, "@Size(max = 500)", 500, True),
        (VALIDATION, "@Size(min = 1, max = 0x10)", 16, True),
        ("import javax.validation.constraints.*;", "@Size(max = 5)", 5, True),
        ("", "@jakarta.validation.constraints.Size(max = 5)", 5, True),
        ("import androidx.annotation.Size;", "@Size(max = 5)", 5, True),
        ("import androidx.annotation.Size;", "@Size(5)", 5, False),
        (CHECKER, "@ArrayLenRange(from = 2, to = 9)", 9, True),
        (CHECKER, "@ArrayLen(9)", 9, False),
        (CHECKER, "@MinLen(3)", 3, False),
    ],
)
def test_java_sizes(imports: str, annotation: str, expect: int, maximum: bool) -> None:
    found = first(java_annotations(f"{imports}\nclass A {{\n  {annotation} List<V> a;\n}}"))
    assert found is not None
    assert (found.expect, found.maximum, found.source) == (expect, maximum, "annotation, A.java:3")


@pytest.mark.parametrize(
    ("imports", "annotation"),
    [
        ("", "@Size(max = 5)"),
        ("import com.acme.Size;", "@Size(max = 5)"),
        ("import com.acme.*;", "@Size(max = 5)"),
        ("import com.acme.Size; import jakarta.validation.constraints.*;", "@Size(max = 5)"),
        (VALIDATION, "@Size(min = 5)"),
        (VALIDATION, "@Size(max = Integer.MAX_VALUE)"),
        (VALIDATION, "@Size(max = 2147483647)"),
        (VALIDATION, "@Size"),
        ("", "@MinLen(3)"),
        ("import androidx.annotation.Size;", "@Size(multiple = 2)"),
    ],
)
def test_java_annotations_that_say_nothing(imports: str, annotation: str) -> None:
    assert first(java_annotations(f"{imports}\nclass A {{ {annotation} List<V> a; }}")) is None


def test_a_class_of_the_file_hides_a_glob() -> None:
    imports = "import jakarta.validation.constraints.*;"
    text = f"{imports}\nclass A {{ @Size(max = 5) List<V> a; }}\n@interface Size {{ int max(); }}"
    assert first(java_annotations(text)) is None


def test_java_parameters_and_locals() -> None:
    found = java_annotations(
        "class A {\n  void f(@ExpectedSize(1) List<V> a) {\n"
        "    @ExpectedSize(2) List<V> b = new ArrayList<>();\n"
        '    @ExpectedSize(value = 3, headroom = 1.5, growth = "2/day", entry = 4)\n'
        "    final List<V> c = new ArrayList<>();\n"
        '    g("@ExpectedSize(4)"); // @ExpectedSize(5)\n  }\n}'
    )
    assert found.problems == []
    sizes = {size.expect: size for _, size in found.cardinalities}
    assert set(sizes) == {1, 2, 3}
    assert (sizes[3].headroom, sizes[3].growth_per_day, sizes[3].entry_bytes) == (
        Fraction(3, 2),
        Fraction(2),
        4,
    )


def test_java_expressions() -> None:
    found = first(java_annotations("class A { @ExpectedSize(LIMIT * 2) List<V> a; }"))
    assert found is not None
    assert (found.expression, found.expression_needed) == ("LIMIT * 2", "LIMIT * 2")


@pytest.mark.parametrize(
    ("annotation", "fault", "message"),
    [
        ("@ExpectedSize(0)", "0", "at least 1"),
        ("@ExpectedSize(-5)", "-5", "at least 1"),
        ("@ExpectedSize", "@ExpectedSize", "missing"),
        ("@ExpectedSize(5, size = 4)", "4", "`size` is unknown"),
        ("@ExpectedSize(value = 5, headroom = 0.5)", "0.5", "at least 1"),
        ('@ExpectedSize(value = 5, growth = "often")', '"often"', "growth"),
        ("@ExpectedSize(value = 5, entry = SIZE)", "SIZE", "literal"),
    ],
)
def test_java_faults(annotation: str, fault: str, message: str) -> None:
    text = f"class A {{ {annotation} List<V> a; }}"
    (problem,) = java_annotations(text).problems
    assert problem.kind == "bad"
    assert message in problem.message
    assert text[problem.start : problem.end] == fault


@pytest.mark.parametrize(
    ("imports", "annotation", "heat"),
    [
        ("import com.google.errorprone.annotations.NoAllocation;", "@NoAllocation", "no-alloc"),
        ("import com.facebook.infer.annotation.*;", "@NoAllocation", "no-alloc"),
        ("import com.facebook.infer.annotation.PerformanceCritical;", "@PerformanceCritical", "hot"),
        ("", "@com.facebook.infer.annotation.PerformanceCritical", "hot"),
        ("", "@NoAllocation", None),
        ("import com.acme.PerformanceCritical;", "@PerformanceCritical", None),
    ],
)
def test_java_heat(imports: str, annotation: str, heat: str | None) -> None:
    found = java_annotations(f"{imports}\nclass A {{ {annotation} void f() {{}} }}")
    assert [mark[0] for _, mark in found.heats] == ([heat] if heat else [])


@pytest.mark.parametrize(
    ("imports", "annotation", "expect"),
    [
        ("from alloclint import Cardinality", "Annotated[dict[str, int], Cardinality(1_000_000)]", 1_000_000),
        ("from alloclint.annotations import Cardinality as C", "Annotated[dict, C(5)]", 5),
        ("import alloclint", "Annotated[dict, alloclint.Cardinality(5)]", 5),
        ("import alloclint.annotations", "Annotated[dict, alloclint.annotations.Cardinality(5)]", 5),
        ("from alloclint import Cardinality", "Annotated[dict, 'doc', Cardinality(expect='2k')]", 2_000),
        ("from alloclint import Cardinality", "Annotated[dict, Cardinality(5)] | None", 5),
        ("from alloclint import Cardinality", "'Annotated[dict, Cardinality(5)]'", 5),
        ("from other import Cardinality", "Annotated[dict, Cardinality(5)]", None),
        ("", "Annotated[dict, Cardinality(5)]", None),
        ("from alloclint import lint", "Annotated[dict, Cardinality(5)]", None),
    ],
)
@pytest.mark.parametrize(
    "place", ["x: {} = make()\n", "def f(a: {}):\n    pass\n", "def f():\n    x: {} = {{}}\n"]
)
def test_python_sizes(imports: str, annotation: str, expect: int | None, place: str) -> None:
    found = first(python_annotations(f"from typing import Annotated\n{imports}\n" + place.format(annotation)))
    assert (found.expect if found else None) == expect


def test_python_details_and_faults() -> None:
    start = "from typing import Annotated\nfrom alloclint import Cardinality\n"
    call = "Cardinality(5, 2, growth='3/day', entry='32B')"
    found = first(python_annotations(f"{start}x: Annotated[dict, {call}] = {{}}\n"))
    assert found is not None
    assert (found.needed, found.growth_per_day, found.entry_bytes) == (10, Fraction(3), 32)
    (problem,) = python_annotations(f"{start}x: Annotated[dict, Cardinality(0)] = {{}}\n").problems
    assert problem.kind == "bad"
    assert "at least 1" in problem.message


def test_a_comment_beats_a_native_annotation() -> None:
    found = java_annotations("class A {\n  // alloclint: expect=7\n  @ExpectedSize(5) List<V> a;\n}")
    node = found.cardinalities[0][0]
    size = found.cardinality_of(node)
    assert size is not None
    assert size.expect == 7


def test_the_runtime_class() -> None:
    class Index:
        docs: Annotated[dict[str, int], RuntimeCardinality(1_000, growth="2/day")]

    (value,) = get_type_hints(
        Index, {"Annotated": Annotated, "RuntimeCardinality": RuntimeCardinality}, None, True
    )["docs"].__metadata__
    assert value == RuntimeCardinality(1_000, growth="2/day")
    assert value != RuntimeCardinality(1_000)
    assert hash(value) == hash(RuntimeCardinality(1_000, growth="2/day"))
    assert repr(value) == "Cardinality(1000, 1, '2/day', None)"


def test_the_runtime_class_needs_nothing_else() -> None:
    program = (
        "import sys; from alloclint import Cardinality; Cardinality(5); "
        "roots = ('alloclint', 'tree_sitter', 'rich'); "
        "print([name for name in sys.modules if name.partition('.')[0] in roots])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert printed.strip() == "['alloclint', 'alloclint.annotations']"
