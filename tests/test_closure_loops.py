"""Which closures run once for each element: those of iterators and streams, not those of an option."""

from __future__ import annotations

import pytest

from alloclint.file import File
from alloclint.settings import Limits

RUST_LOOPS = (
    "fn f(v: &[u8]) { v.iter().map(|x| mark(x)); }",
    "fn f(v: Vec<u8>) { v.into_iter().filter(|x| mark(x)).map(g); }",
    "fn f(s: &str) { s.chars().rev().map(|c| mark(c)).collect::<String>(); }",
    "fn f(s: &str) { s.split(',').inspect(|c| mark(c)); }",
    "fn f() { (0..9).map(|i| mark(i)); }",
    "fn f() { [a, b].map(|i| mark(i)); }",
    "fn f(a: [u8; 4]) { a.map(|i| mark(i)); }",
    "fn f(it: impl Iterator<Item = u8>) { it.map(|i| mark(i)); }",
    "fn f(it: &mut dyn Iterator<Item = u8>) { it.map(|i| mark(i)); }",
    "fn f(it: Box<dyn Iterator<Item = u8>>) { it.map(|i| mark(i)); }",
    "fn f(v: &[u8]) { let it = v.iter(); it.map(|i| mark(i)); }",
    "fn f(v: &[u8]) { let it = v.iter(); let it = it.map(|i| mark(i)); }",
    "fn f(n: &Node) { n.children().map(|c| mark(c)).collect::<Vec<_>>(); }",
    "fn f(n: &Node) { for x in n.children().map(|c| mark(c)) {} }",
    "fn f(n: &Node, v: &mut Vec<u8>) { v.extend(n.children().map(|c| mark(c))); }",
    "fn f(n: &Node) -> impl Iterator<Item = u8> { n.children().map(|c| mark(c)) }",
    "fn f(n: &Node) { n.children().map(|c| mark(c)).filter(g).any(h); }",
    "fn f(n: &Node) { n.things().for_each(|c| mark(c)); }",
    "fn f(n: &Node) { n.things().filter_map(|c| mark(c)); }",
    "fn f(p: &Path) { fs::read_dir(p)?.map(|e| mark(e)); }",
    "fn f(v: &[u8]) { v.iter().take(3).map(|x| mark(x)); }",
    "fn f(n: &Node) { n.child_iter().map(|x| mark(x)); }",
)
RUST_OTHERS = (
    "fn f(o: Option<u8>) { o.map(|x| mark(x)); }",
    "fn f(r: Result<u8, E>) -> Result<u8, E> { r.map(|x| mark(x)) }",
    "fn f(v: &[u8]) { v.first().map(|x| mark(x)); }",
    "fn f(v: &[u8]) { v.iter().max().map(|x| mark(x)).unwrap_or_default(); }",
    "fn f(v: &[u8]) { v.iter().find(g).map(|x| mark(x)); }",
    "fn f(v: &[u8]) { v.iter().filter(g).next().map(|x| mark(x)); }",
    "fn f(v: &[u8]) { v.iter().position(g).map(|x| mark(x)); }",
    "fn f(s: &str) { s.parse::<u8>().map(|x| mark(x)).unwrap_or(0); }",
    'fn f() { env::var("A").ok().filter(|x| mark(x)); }',
    "fn f(t: &str) { StringFormatter::new(t).map(|v| mark(v)); }",
    "fn f(o: Option<u8>) { o.as_ref().map(|x| mark(x)); }",
    "fn f(m: &Map) { m.get(&k).map(|x| mark(x)).unwrap(); }",
    "fn f(m: &M) { m.lock().unwrap().map(|x| mark(x)); }",
    "fn f(o: Option<u8>) { let o = o.map(|x| mark(x)); }",
    "fn f(v: Vec<u8>) { v.into_iter().collect::<Result<Vec<_>, _>>().map(|x| mark(x)); }",
    "fn f(n: &Node) { n.child().map(|x| mark(x)); }",
    "fn f(n: &Node) -> Option<u8> { n.child().map(|x| mark(x)) }",
)
JAVA_LOOPS = (
    "xs.stream().map(x -> mark(x));",
    "Stream.of(a, b).filter(x -> mark(x));",
    "IntStream.range(0, 9).map(x -> mark(x));",
    "things.map(x -> mark(x)).collect(Collectors.toList());",
    "things.filter(x -> mark(x)).map(y -> y).toList();",
    "xs.forEach(x -> mark(x));",
    "Stream<String> s = made(); s.map(x -> mark(x));",
    "var s = xs.stream(); s.map(x -> mark(x));",
    "repository.entryStream().map(x -> mark(x));",
    "Flux<String> flux = made(); flux.map(x -> mark(x));",
)
JAVA_OTHERS = (
    "Optional<String> o = made(); o.map(x -> mark(x));",
    "Optional.ofNullable(a).map(x -> mark(x)).orElse(b);",
    "xs.stream().findFirst().map(x -> mark(x)).orElse(b);",
    "Mono<String> m = made(); m.flatMap(x -> mark(x));",
    "made().map(x -> mark(x)).orElseThrow();",
    "xs.stream().reduce(f).filter(x -> mark(x));",
)


def is_looped(path: str, text: str) -> bool:
    (call,) = File.of(path, text.encode(), Limits()).facts.calls(("mark",))
    return call.loop is not None


@pytest.mark.parametrize("text", RUST_LOOPS)
def test_rust_iterators_loop(text: str) -> None:
    assert is_looped("a.rs", text)


@pytest.mark.parametrize("text", RUST_OTHERS)
def test_rust_options_do_not_loop(text: str) -> None:
    assert not is_looped("a.rs", text)


@pytest.mark.parametrize("text", JAVA_LOOPS)
def test_java_streams_loop(text: str) -> None:
    assert is_looped("A.java", f"class A {{ void f() {{ {text} }} }}")


@pytest.mark.parametrize("text", JAVA_OTHERS)
def test_java_optionals_do_not_loop(text: str) -> None:
    assert not is_looped("A.java", f"class A {{ void f() {{ {text} }} }}")
