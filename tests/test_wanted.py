"""What a rule can ask for before a function is read: words, calls, loops."""

import re

import pytest

from alloclint.file import File
from alloclint.scan import Word, has, occurrences, wanted
from alloclint.settings import Limits


def functions(
    suffix: str, source: str, *words: Word, called: bool = False, looped: bool = False
) -> list[str]:
    file = File.of(f"a.{suffix}", source.encode(), Limits())
    found = file.facts.functions_with(wanted(words, called=called, looped=looped))
    return [one.declaration.name for one in found]


LOOPED = {
    "py": """
def plain():
    '''Neither for the first nor for the last.'''
    return copy(x)
def looped(xs):
    while xs:
        copy(xs.pop())
def comprehended(xs):
    return [copy(x) for x in xs]
def both(xs):
    for x in xs:
        pass
    return copy(xs)
""",
    "java": """
class A {
    void plain() { copy(); /* for each */ }
    void looped() { do copy(); while (true); }
    void comprehended(List<String> xs) { xs.forEach(x -> copy(x)); }
    void both() { for (;;) { } copy(); }
}
""",
    "rust": """
fn plain() { copy(); }
fn looped() { loop { copy(); } }
fn comprehended(xs: &[u8]) { xs.iter().map(|x| copy(x)).for_each(drop); }
fn both() { for x in 0..3 { } copy(); }
""",
}


@pytest.mark.parametrize("suffix", LOOPED)
def test_words_in_loops(suffix: str) -> None:
    source = LOOPED[suffix]
    ending = "rs" if suffix == "rust" else suffix
    assert functions(ending, source, "copy", looped=True) == ["looped", "comprehended"]


def test_a_macro_may_hold_a_loop() -> None:
    source = "fn macros() { select! { x = y => { for z in x { copy(z) } } } }"
    assert functions("rs", source, "copy", looped=True) == ["macros"]


@pytest.mark.parametrize(
    "text", ["copy(x)", "copy (x)", "copy!(x)", "copy::<T>(x)", "new copy<A<B>, C[]>(x)", "copy /* */ (x)"]
)
def test_called(text: str) -> None:
    assert has(text.encode(), wanted(("copy",), called=True))


@pytest.mark.parametrize("text", ["copy x", "List<copy> x", "copy<T> x = y", "copying(x)", "copy.of(x)"])
def test_not_called(text: str) -> None:
    assert not has(text.encode(), wanted(("copy",), called=True))


def test_words_are_names_texts_and_patterns() -> None:
    some = wanted(("add", "+=", re.compile(rb"x\s*=")))
    assert occurrences(b"add adder x += y; x  = 1", some).offsets == (0, 12, 18)


def test_words_of_a_function_are_not_those_of_the_module() -> None:
    source = "class A:\n    def f(self, a=copy(1)):\n        merge(a)\n    copy = 2\n"
    assert functions("py", source, "merge") == ["f"]
    assert functions("py", source, "copy") == ["<class>", "f"]
