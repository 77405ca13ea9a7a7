"""What an annotation is attached to, in each language, and which ones are bad or useless."""

from __future__ import annotations

import pytest
import tree_sitter
import tree_sitter_java
import tree_sitter_python
import tree_sitter_rust

from alloclint.facts.building.annotations import Annotations, read
from alloclint.file import File
from alloclint.settings import Limits
from alloclint.syntax import java, python, rust
from alloclint.syntax.model import Unit

READERS = {
    "rust": (tree_sitter_rust, rust.read, "src/a.rs"),
    "java": (tree_sitter_java, java.read, "A.java"),
    "python": (tree_sitter_python, python.read, "a.py"),
}


def unit_of(language: str, source: bytes) -> Unit:
    grammar, reader, _ = READERS[language]
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    return reader(parser.parse(source), source)


def annotated(language: str, text: str) -> Annotations:
    source = text.encode()
    return read(unit_of(language, source), source, READERS[language][2], language)


def said(language: str, text: str) -> set[str]:
    """Each annotation as `what=first line of the node`; expressions on a line as `line=…`."""
    source = text.encode()
    found = annotated(language, text)

    def first_line(start: int, end: int) -> str:
        return source[start:end].decode().strip().splitlines()[0].rstrip(" {:;,")

    sizes = {
        f"{size.expect or size.expression}={first_line(*node.span)}" for node, size in found.cardinalities
    }
    heats = {f"{mark[0]}={first_line(*node.span)}" for node, mark in found.heats}
    lines = {
        f"line {size.expect or size.expression}={first_line(start, end)}" for start, end, size in found.lines
    }
    problems = {f"{problem.kind}={first_line(problem.start, problem.end)}" for problem in found.problems}
    return sizes | heats | lines | problems


RUST = {
    "field, above": (
        """\
struct I {
  // alloclint: expect=5
  // and more
  #[serde(skip)]
  pub map: HashMap<u8, u8>,
}""",
        {"5=pub map: HashMap<u8, u8>"},
    ),
    "field, behind": (
        """\
struct I {
  a: Vec<u8>, // alloclint: expect=5
  b: Vec<u8>,
}""",
        {"5=a: Vec<u8>"},
    ),
    "type": (
        """\
// alloclint: expect=5
#[derive(Debug)]
/// Doc.
struct C(Vec<u8>);""",
        {"5=struct C(Vec<u8>)"},
    ),
    "alias": (
        """\
// alloclint: expect=5
type A = Vec<u8>;""",
        {"5=type A = Vec<u8>"},
    ),
    "static": (
        """\
// alloclint: expect=5
static M: Vec<u8> = Vec::new();""",
        {"5=static M: Vec<u8> = Vec::new()"},
    ),
    "parameter": (
        """\
fn f(
  a: u8,
  // alloclint: expect=5
  b: Vec<u8>,
  c: Vec<u8>, // alloclint: expect=6
) {}""",
        {"5=b: Vec<u8>", "6=c: Vec<u8>"},
    ),
    "local": (
        """\
fn f() {
  let a = Vec::new(); // alloclint: expect=5
  // alloclint: expect=n
  let b = Vec::new();
}""",
        {"5=let a = Vec::new()", "n=let b = Vec::new()"},
    ),
    "local over several lines": (
        """\
fn f() {
  let a = g(
    1,
  ); // alloclint: expect=5
}""",
        {"5=let a = g("},
    ),
    "struct literal": (
        """\
fn f() -> I {
  I {
    a: Vec::new(), // alloclint: expect=5
    // alloclint: expect=6
    b: Vec::new(),
  }
}""",
        {"line 5=a: Vec::new()", "line 6=b: Vec::new()"},
    ),
    "argument": (
        """\
fn f() {
  g(
    1,
    Vec::new(), // alloclint: expect=5
  );
}""",
        {"line 5=Vec::new()"},
    ),
    "match arm": (
        """\
fn f() {
  let a = match b {
    1 => Vec::new(), // alloclint: expect=5
    _ => c,
  };
}""",
        {"5=Vec::new()"},
    ),
    "tail": (
        """\
fn f() -> Vec<u8> {
  // alloclint: expect=5
  Vec::new()
}""",
        {"5=Vec::new()"},
    ),
    "function on a line": ("fn f() -> V { Vec::new() } // alloclint: expect=5", {"5=Vec::new()"}),
    "block comment": (
        """\
fn f() {
  /* alloclint: expect=5 */ let a = Vec::new();
}""",
        {"5=let a = Vec::new()"},
    ),
    "another comment behind": (
        """\
fn f() {
  let a = Vec::new(); // alloclint: expect=5 // grows
}""",
        {"5=let a = Vec::new()"},
    ),
    "another comment before": (
        """\
fn f() {
  let a = Vec::new(); // grows // alloclint: expect=5
}""",
        {"5=let a = Vec::new()"},
    ),
    "heat": (
        """\
// alloclint: hot
#[inline]
fn f() { // alloclint: no-alloc
  // alloclint: cold
  'a: for x in y {}
}
// alloclint: hot
struct S;""",
        {
            "hot=fn f() { // alloclint: no-alloc",
            "no-alloc=fn f() { // alloclint: no-alloc",
            "cold='a: for x in y {}",
            "hot=struct S",
        },
    ),
    "closure": (
        """\
fn f() {
  // alloclint: hot
  xs.iter().for_each(|x| g(x));
}""",
        {"hot=xs.iter().for_each(|x| g(x))"},
    ),
    "prose, strings and examples": (
        "/// alloclint: a linter\n".replace("alloclint:", "see alloclint:") + "/// // alloclint: expect=5\n"
        'fn f() { g("alloclint: expect=5"); }\n// found by alloclint: see there',
        set(),
    ),
    "suppressions": (
        """\
fn f() {
  g(); // alloclint: ignore[ALC101] -- tiny
}""",
        set(),
    ),
    "expect on a function": (
        """\
// alloclint: expect=5
fn f() {}""",
        {"unused=alloclint: expect=5"},
    ),
    "expect on a branch": (
        """\
fn f() {
  if a { // alloclint: expect=5
    g();
  }
}""",
        {"unused=alloclint: expect=5"},
    ),
    "expect on a number": (
        """\
struct S {
  a: usize, // alloclint: expect=5
}""",
        {"unused=alloclint: expect=5"},
    ),
    "expect on a literal": (
        """\
fn f() {
  // alloclint: expect=5
  let n = 5;
}""",
        {"unused=alloclint: expect=5"},
    ),
    "hot on a field": (
        """\
struct S {
  a: Vec<u8>, // alloclint: hot
}""",
        {"unused=alloclint: hot"},
    ),
    "nothing follows": (
        """\
fn f() {}
// alloclint: hot""",
        {"unused=alloclint: hot"},
    ),
    "end of a block": (
        """\
fn f() {
  g();
  // alloclint: expect=5
}""",
        {"unused=alloclint: expect=5"},
    ),
    "bad": (
        """\
// alloclint: expct=5
fn f() {}""",
        {"bad=expct"},
    ),
    "not at the beginning": (
        """\
fn f() {
  let a = g(); // many; alloclint: expect=5
}""",
        {"bad=alloclint"},
    ),
    "twice": (
        """\
fn f() {
  // alloclint: expect=5
  // alloclint: expect=6
  let a = Vec::new();
}""",
        {"5=let a = Vec::new()", "bad=alloclint: expect=6"},
    ),
}

JAVA = {
    "field": (
        """\
class A {
  // alloclint: expect=5
  @Inject
  private final Map<K, V> a = new HashMap<>();
  List<V> b; // alloclint: expect=6
}""",
        {"5=@Inject", "6=List<V> b"},
    ),
    "between annotation and field": (
        """\
class A {
  @Inject
  // alloclint: expect=5
  Map<K, V> a = new HashMap<>();
}""",
        {"5=@Inject"},
    ),
    "value on the next line": (
        """\
class A {
  Map<K, V> a =
    new HashMap<>(); // alloclint: expect=5
}""",
        {"5=Map<K, V> a =", "line 5=new HashMap<>()"},
    ),
    "record": (
        """\
record R(
  // alloclint: expect=5
  List<V> a,
  List<V> b // alloclint: expect=6
) {}""",
        {"5=List<V> a", "6=List<V> b"},
    ),
    "local": (
        """\
class A {
  void f() {
    // alloclint: expect=5
    final Map<K, V> a = new HashMap<>();
    this.b = new HashMap<>(); // alloclint: expect=6
  }
}""",
        {"5=final Map<K, V> a = new HashMap<>()", "6=this.b = new HashMap<>()"},
    ),
    "argument": (
        """\
class A {
  A f() {
    return new A(
      new HashMap<>(), // alloclint: expect=5
      1);
  }
}""",
        {"line 5=new HashMap<>()"},
    ),
    "return": (
        """\
class A {
  A f() {
    return new HashMap<>(); // alloclint: expect=5
  }
}""",
        {"5=return new HashMap<>()"},
    ),
    "heat": (
        """\
// alloclint: hot
@Foo(x = ")")
class A {
  @Override
  void f() { // alloclint: cold
    for (X x : xs) { // alloclint: hot
    }
  }
}""",
        {'hot=@Foo(x = ")")', "cold=@Override", "hot=for (X x : xs) { // alloclint: hot"},
    ),
    "javadoc": (
        """\
class A {
  /**
   * Filled once.
   * alloclint: expect=5
   */
  List<V> a;
}""",
        {"5=List<V> a"},
    ),
}

PYTHON = {
    "module": (
        """\
# alloclint: expect=5
CACHE = {}
""",
        {"5=CACHE = {}"},
    ),
    "class": (
        """\
class A:
    seen = set()  # alloclint: expect=5  # noqa: X1
""",
        {"5=seen = set()"},
    ),
    "instance": (
        """\
class A:
    def __init__(self):
        # alloclint: expect=5
        self.a = {}
""",
        {"5=self.a = {}"},
    ),
    "parameter": (
        """\
def f(
    a,  # alloclint: expect=5
    b=None,
):
    pass
""",
        {"5=a"},
    ),
    "local": (
        """\
def f():
    a = []  # alloclint: expect=5
""",
        {"5=a = []"},
    ),
    "argument": (
        """\
def f():
    g(
        1,
        [],  # alloclint: expect=5
    )
""",
        {"line 5=[]"},
    ),
    "heat": (
        """\
# alloclint: hot
@dec(1)
# and more
class A:
    async def f(self):  # alloclint: cold
        # alloclint: hot
        while True:
            pass
""",
        {"hot=class A", "cold=async def f(self):  # alloclint: cold", "hot=while True"},
    ),
    "string": ('a = """\n# alloclint: hot\n"""\n', set()),
    "pass": (
        """\
def f():
    # alloclint: expect=5
    pass
""",
        {"unused=alloclint: expect=5"},
    ),
}

CASES = [
    pytest.param(language, text, wanted, id=f"{language}: {name}")
    for language, cases in (("rust", RUST), ("java", JAVA), ("python", PYTHON))
    for name, (text, wanted) in cases.items()
]


@pytest.mark.parametrize(("language", "text", "wanted"), CASES)
def test_attachment(language: str, text: str, wanted: set[str]) -> None:
    found = said(language, text)
    # A decorated class may or may not begin at its decorator.
    assert {item.replace("@dec(1)", "class A") for item in found} == wanted


@pytest.mark.parametrize(("language", "text", "wanted"), CASES)
def test_line_ends_do_not_matter(language: str, text: str, wanted: set[str]) -> None:
    found = said(language, text.replace("\n", "\r\n"))
    assert {item.replace("@dec(1)", "class A") for item in found} == wanted


def test_questions() -> None:
    text = (
        "struct I {\n    map: HashMap<u64, u64>, // alloclint: expect=58.7M headroom=3\n}\n"
        "// alloclint: hot\n// alloclint: no-alloc\nfn f() -> I {\n"
        "    I { map: HashMap::new(),\n        b: Vec::new(), // alloclint: expect=9\n    }\n}\n"
    )
    source = text.encode()
    unit = unit_of("rust", source)
    found = read(unit, source, "src/a.rs", "rust")
    size = found.cardinality_of(unit.types[0].fields[0])
    assert size is not None
    assert (size.needed, size.source, size.path) == (176_100_000, "annotation, src/a.rs:2", "src/a.rs")
    assert source[size.start : size.end] == b"alloclint: expect=58.7M headroom=3"
    at = source.index(b"Vec::new()")
    on_line = found.cardinality_at(at, at + 10)
    assert on_line is not None
    assert on_line.expect == 9
    assert found.cardinality_at(source.index(b"HashMap::new"), at - 20) is None
    heat, promise = found.heat_of(unit.functions[0]), found.no_alloc_of(unit.functions[0])
    assert heat is not None
    assert heat[:2] == ("hot", "marked `hot` in line 4")
    assert promise is not None
    assert promise[0] == "no-alloc"
    assert found.cardinality_of(unit.functions[0]) is None
    assert found.heat_of(unit.types[0]) is None
    assert found.problems == []


def test_only_annotated_bodies_are_read() -> None:
    source = b"fn a() { b(); }\nfn c() {\n    // alloclint: expect=5\n    let v = Vec::new();\n}\n"
    unit = unit_of("rust", source)
    read(unit, source, "a.rs", "rust")
    assert [function._read for function in unit.functions] == [False, True]


@pytest.mark.parametrize("language", READERS)
def test_many_annotations_are_quick(language: str) -> None:
    line, head, tail = {
        "rust": ("    let a = Vec::new(); // alloclint: expect=5\n", "fn f{n}() {{\n", "}\n"),
        "java": ("    A a = new A(); // alloclint: expect=5\n", "  void f{n}() {{\n", "  }\n"),
        "python": ("    a = []  # alloclint: expect=5\n", "def f{n}():\n", ""),
    }[language]
    text = "".join(head.format(n=number) + line * 4 + tail for number in range(1_500))
    text = f"class A {{\n{text}}}\n" if language == "java" else text
    source = text.encode()
    unit = unit_of(language, source)
    found = read(unit, source, "a", language)
    assert len(found.cardinalities) == 6_000


@pytest.mark.parametrize("language", READERS)
@pytest.mark.parametrize(
    "text", ["", "// alloclint:", "# alloclint: ", "// alloclint: expect=5", "\xff// alloclint: hot\n{"]
)
def test_nothing_fails(language: str, text: str) -> None:
    annotated(language, text)


def test_many_useless_annotations_are_quick() -> None:
    body = "    if a {\n        g(\n            1,\n        )\n    } // alloclint: expect=5\n" * 4_000
    found = annotated("rust", f"fn f() {{\n{body}}}\n")
    assert len(found.problems) == 4_000


def test_a_loop_that_gives_a_value() -> None:
    found = said("rust", "fn f() {\n    // alloclint: hot\n    let v = loop { break 1 };\n}")
    assert found == {"hot=loop { break 1 }"}


@pytest.mark.parametrize("language", ["rust", "python"])
def test_an_annotation_in_the_first_line_after_a_byte_order_mark(language: str) -> None:
    code = {"rust": "static IDS: Vec<u64> = Vec::new();", "python": "ids = {}"}[language]
    mark = {"rust": "//", "python": "#"}[language]
    text = f"\ufeff{mark} alloclint: expect=2M\n{code}\n"
    suffix = {"rust": "rs", "python": "py"}[language]
    file = File.of(f"first.{suffix}", text.encode(), Limits())
    assert file.facts.annotations.problems == []
    assert {one.expect for _, one in file.facts.annotations.cardinalities} == {2_000_000}
