"""What copying costs, whether a loop needs the copies, and what grows by being joined with itself."""

from __future__ import annotations

from textwrap import dedent

import pytest

from alloclint.facts.building.constructions import Function
from alloclint.facts.temporaries.boxing import boxed_in
from alloclint.facts.temporaries.copies import copy_of, repeated
from alloclint.facts.temporaries.joining import joinings_in
from alloclint.file import File
from alloclint.settings import Limits


def file(suffix: str, source: str) -> File:
    return File.of(f"a.{suffix}", dedent(source).encode(), Limits(), None)


def function(suffix: str, source: str, word: str) -> Function:
    found = file(suffix, source).facts.functions_with((word,))
    return next(one for one in found if one.declaration.name == "f")


@pytest.mark.parametrize(
    ("type_", "made"),
    [
        ("String", "String"),
        ("&String", "String"),
        ("&Vec<u8>", "Vec"),
        ("&[u8]", "Vec"),
        ("Option<String>", "Option"),
        ("std::collections::HashMap<u8, u8>", "HashMap"),
        ("std::path::PathBuf", "PathBuf"),
        ("Own", "Own"),
        ("Names", "Names"),
        ("Box<String>", "Box"),
        ("u64", None),
        ("Option<u64>", None),
        ("std::rc::Rc<String>", None),
        ("&std::sync::Arc<Vec<u8>>", None),
        ("std::borrow::Cow<'static, str>", None),
        ("Pointers", None),
        ("ByHand", None),
        ("Texts", None),
        ("impl Clone", None),
        ("T", None),
        ("Unknown", None),
    ],
)
def test_only_what_holds_something_on_the_heap_costs_a_copy(type_: str, made: str | None) -> None:
    source = f"""
        #[derive(Clone)] struct Own {{ name: String, number: u8 }}
        #[derive(Clone)] struct Pointers {{ name: std::sync::Arc<str>, other: &'static str }}
        struct ByHand {{ name: String }}
        type Names = Vec<String>;
        type Texts = std::sync::Arc<Vec<String>>;
        fn f<T>(x: {type_}) {{ go(x.clone()); }}
    """
    (call,) = file("rs", source).facts.calls(("clone",))
    found = copy_of(call)
    assert (found.made if found is not None else None) == made


@pytest.mark.parametrize(
    ("body", "needless"),
    [
        ("c = dict(d); print(c['a'])", True),
        ("c = dict(d); print(len(c), 'a' in c, c.get('b'))", True),
        ("c = dict(d); c['a'] = 1", False),
        ("c = dict(d); del c['a']", False),
        ("c = dict(d); c.update(x)", False),
        ("c = dict(d); keep(c)", False),
        ("c = dict(d); c = other(c)", False),
        ("c = dict(d); yield c", False),
        ("c = dict(d); d['a'] = x; print(len(c))", False),
        ("c = dict(d); d.clear(); print(len(c))", False),
        ("c = dict(d); change(d); print(len(c))", False),
        ("c = dict(x); print(len(c))", False),
    ],
)
def test_a_copy_that_is_only_looked_at_is_needless(body: str, needless: bool) -> None:
    source = f"def f(xs, d: dict):\n    for x in xs:\n        {body}\n"
    calls = file("py", source).facts.calls(("dict",))
    assert (repeated(calls[0]) is not None) is needless


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ("s += x", ["append"]),
        ("s = s + x", ["append"]),
        ("s = s + x + ','", ["chain"]),
        ("s = x + s", ["prepend"]),
        ("s = f'{s}{x}'", ["formatted"]),
        ("s = f'{x}{s}'", ["prepend"]),
        ("s = f'({s})'", []),
        ("s = '%s,%s' % (s, x)", ["formatted"]),
        ("s = '%s,%s' % (x, s)", ["prepend"]),
        ("s = '{},{}'.format(s, x)", ["formatted"]),
        ("s = ','.join([s, x])", ["formatted"]),
        ("s = x", []),
        ("s += x; print(s)", []),
        ("s += x; print(len(s))", ["append"]),
        ("s += x; s = ''", []),
        ("s = s.strip() + x", []),
    ],
)
def test_how_text_grows_in_a_loop(body: str, how: list[str]) -> None:
    source = f"def f(xs):\n    s = ''\n    for x in xs:\n        {body}\n    return s\n"
    found = joinings_in(function("py", source, "f"))
    assert [one.how for joining in found for one in joining.joins] == how


def test_a_sum_with_itself_keeps_the_type_of_text() -> None:
    source = "def f(xs):\n    s = ''\n    for x in xs:\n        s = s + x\n    return go(s)\n"
    (call,) = file("py", source).facts.calls(("go",))
    assert call.file.facts.types.known(call.type_of(call.args[0])) == "str"


def test_a_sum_with_itself_may_change_the_type_of_a_number() -> None:
    source = "def f(xs):\n    n = 0\n    for x in xs:\n        n = n + x\n    return go(n)\n"
    (call,) = file("py", source).facts.calls(("go",))
    assert call.file.facts.types.integer(call.type_of(call.args[0])) is None


@pytest.mark.parametrize(
    ("body", "boxed"),
    [
        ("Long n = 0L; for (int x : xs) { n += x; }", True),
        ("Long n = 0L; for (int x : xs) { n++; }", True),
        ("Long n = null; for (int x : xs) { n += x; }", False),
        ("Long n = other; for (int x : xs) { n += x; }", False),
        ("Long n = 0L; for (int x : xs) { n += x; keep(n); }", False),
        ("Long n = 0L; n += 1;", False),
        ("long n = 0L; for (int x : xs) { n += x; }", False),
        ("Own n = 0L; for (int x : xs) { n += x; }", False),
    ],
)
def test_a_boxed_sum_is_never_null_and_never_wanted_boxed(body: str, boxed: bool) -> None:
    source = f"class A {{ void f(int[] xs, Long other) {{ {body} }} }}"
    assert bool(list(boxed_in(function("java", source, "xs")))) is boxed
