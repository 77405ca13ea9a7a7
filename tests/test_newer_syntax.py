"""Valid code that the grammars do not know is read, and hides nothing around it; damage stays damage."""

from __future__ import annotations

import pytest

from alloclint.file import File
from alloclint.settings import Limits

RUST = (
    'fn f() { let x = str!["a"]; }',
    'fn f() { assert_data_eq!(p, str![[r#"a"#]]); let x = u8!(1); }',
    "fn f() { let x = try!(g()); }",
    "fn f() { let Pair::<S> { a, b } = source.into(); }",
    "fn f(v: V) { match v { bool @ V::Path(_) => {} _ => {} } }",
    "fn f(v: V) { let V { a, #[cfg(x)] b, .. } = v; }",
    "fn f() { let x = #[expect(clippy::unwrap_used)] // why\n g(1); }",
    "fn f() { g(a,\n // why\n #[allow(x)]\n b.c(), d); }",
    'unsafe extern "C" { pub safe fn g() -> u64; pub unsafe fn h(); safe static X: u8; }',
    'extern "C" { pub type X; type Named; type Of<T>; fn a(); }',
    "struct A where u8: Copy;",
    "fn f() { g::<>(x); let y: Option<raw> = z; match y { raw @ (A | B) => {} _ => {} } }",
    "fn f() where (): Copy, {}",
    "trait A: B<u8> + { fn f(); }",
    "fn f(x: Box<dyn 'static + Any>) {}",
    "fn f() { if a.b(c) as usize <= length {} }",
    "fn f() { let x: R<-5, 5> = R::<-5, 5>::new(); }",
    "fn f() { g(<&N as Into::<A, B>>::into(x)); }",
    "fn f() { ('\\u{2_FFFF}', \"\\u{2_FFFF}\") }",
    "macro_rules! a { ($ name : ty) => { 1 }; ([$]) => { $crate::x }; (~) => {} }",
    "fn f() { m!(~ $ a); }",
    "impl const A for B {} fn f<T: ~const A>() {} fn g<T: [const] A>() {}",
    "fn f() { let f = for<'a> |x: &'a u8| -> u8 { 1 }; }",
    'auto trait A {}\n#[cfg(test)]\nmod tests { fn f() { str!["a"]; } }',
    '#!/usr/bin/env cargo\n---cargo\n[package]\nedition = "2024"\n---\n\nfn f() {}',
    '----\ntext = """\n---\n"""\n----\nfn f() {}',
)
JAVA = (
    "import module java.base; class A {}",
    "class A { A(int x) { if (x < 0) throw new E(); super(x); } }",
    "class A { A() { int x = 1; this(x); } A(int x) {} }",
    "class A { void f() { for (When when = first; when != null; when = when.next) { g(when.x, when); } } }",
)
PYTHON = (
    "def f[T: int = str, *Ts, **P](x: T) -> T:\n    pass\n",
    "class A[T = list[int], U = dict[str, T]](B):\n    pass\n",
    "type A[T = int] = list[T]\n",
)
DAMAGED = (
    ("a.rs", "fn f() { values.push(1 +); }"),
    ("a.rs", "fn f() { let a = b + }; }"),
    ("a.rs", "#[test fn f() {}"),
    ("A.java", "class A { List<String> names( { return null; } }"),
    ("a.py", "def f()\n    return []\n"),
    ("a.py", "x = f[a = b]\n"),
)


def file(path: str, text: str) -> File:
    return File.of(path, text.encode(), Limits())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        *(("a.rs", text) for text in RUST),
        *(("A.java", text) for text in JAVA),
        *(("a.py", text) for text in PYTHON),
    ],
)
def test_valid_code_is_not_damaged(path: str, text: str) -> None:
    assert not file(path, text).damaged


@pytest.mark.parametrize(("path", "text"), DAMAGED)
def test_damage_stays_damage(path: str, text: str) -> None:
    assert file(path, text).damaged


def test_what_stands_beside_damage_is_still_mended() -> None:
    found = file("a.rs", 'fn f() { values.push(1 +); }\n\n\n\n\n\nfn g() { let x = str!["a"]; }\n').damaged
    assert len(found) == 1


def test_names_are_those_of_the_source() -> None:
    read = file("a.rs", 'fn f() { let x = str!["a"]; let P::<S> { rc } = y; }')
    calls = [event.node for event in read.facts.function_of(read.unit.functions[0]).trace.calls]
    assert [call.name for call in calls] == [("str",)]  # type: ignore[attr-defined]


def test_items_keep_their_attributes() -> None:
    read = file("a.rs", "#[test]\nfn f() { g(#[allow(x)] a, b); let x = #[allow(x)] y; }\n")
    assert not read.damaged
    assert read.unit.functions[0].is_test


def test_a_module_import_brings_in_its_packages() -> None:
    read = file("A.java", "import module java.base; class A { List<String> x = new ArrayList<>(); }")
    assert ("java", "util") in [one.path for one in read.unit.imports]
    assert read.facts.types.collection_named(("ArrayList",)) is not None
