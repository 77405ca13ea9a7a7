"""The Rust reader: what it makes of code, that it loses no name, and that no nesting is too deep for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import pytest
import tree_sitter
import tree_sitter_rust

from alloclint.syntax import model
from alloclint.syntax.model import (
    Assign,
    Binary,
    Block,
    Branch,
    Call,
    Cast,
    Closure,
    Display,
    Embedded,
    Eval,
    Exit,
    Expr,
    Field,
    Function,
    Index,
    Keyword,
    Let,
    Literal,
    Loop,
    MayReturn,
    Name,
    Nested,
    Opaque,
    Path,
    Pattern,
    Range,
    Stmt,
    StructLiteral,
    TypeDecl,
    Unary,
    Unit,
)
from alloclint.syntax.rust import read
from alloclint.syntax.rust_literals import captures, number, string

LANGUAGE = tree_sitter.Language(tree_sitter_rust.language())
T = TypeVar("T")


def parse(source: str | bytes) -> tuple[tree_sitter.Tree, bytes]:
    data = source.encode() if isinstance(source, str) else source
    return tree_sitter.Parser(LANGUAGE).parse(data), data


def unit(source: str | bytes) -> Unit:
    return read(*parse(source))


def statements(code: str) -> list[Stmt]:
    body = unit(f"fn f() {{ {code} }}").functions[0].body
    assert body is not None
    return body.statements


def one(kind: type[T], code: str) -> T:
    """The only statement of `code`, or its value, or the value of its tail."""
    (found,) = statements(code)
    value: object = found
    if not isinstance(value, kind) and isinstance(value, Eval):
        value = value.value
    if not isinstance(value, kind) and isinstance(value, Embedded):
        value = value.statement
    assert isinstance(value, kind), value
    return value


def show(node: object) -> str:
    """A compact spelling of an expression, for assertions."""
    spell = SPELLINGS.get(type(node))
    return spell(node) if spell else "" if node is None else type(node).__name__


def shows(nodes: Iterable[object]) -> str:
    return ", ".join(map(show, nodes))


def show_call(call: Call) -> str:
    receiver = f"{show(call.receiver)}." if call.receiver else ""
    return f"{receiver}{'::'.join(call.name)}{'!' if call.kind == 'macro' else ''}({shows(call.args)})"


def show_display(display: Display) -> str:
    return f"{display.kind}[{shows(display.items)}{f'; {show(display.repeat)}' if display.repeat else ''}]"


SPELLINGS: dict[type, Callable[[Any], str]] = {
    Name: lambda node: node.id,
    Path: lambda node: "::".join(node.name),
    Literal: lambda node: repr(node.value),
    Field: lambda node: f"{show(node.of)}.{node.name}",
    Unary: lambda node: f"({node.op} {show(node.operand)})",
    Binary: lambda node: f"({show(node.left)} {node.op} {show(node.right)})",
    Call: show_call,
    Display: show_display,
    Range: lambda node: f"{show(node.low)}..{'=' if node.inclusive else ''}{show(node.high)}",
    Index: lambda node: f"{show(node.of)}[{show(node.index)}]",
    Keyword: lambda node: f"{node.name}={show(node.value)}",
    MayReturn: lambda node: f"{show(node.value)}?",
    Opaque: lambda node: f"opaque({', '.join([*map(show, node.parts), *node.mentions])})",
}


def everything(root: object) -> Iterator[object]:
    """Each node of the model once, bodies included, without recursion."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend(node)
        elif isinstance(node, model.Node) and id(node) not in seen:
            seen.add(id(node))
            yield node
            if isinstance(node, Function):
                waiting.append(node.body)
            names = [each.name for each in dataclasses.fields(node)]
            waiting.extend(getattr(node, name) for name in names if name not in ("read_body", "owner"))


# ---------------------------------------------------------------- no name is lost

VALUE_FIELDS = {
    "let_declaration": {"value"},
    "if_expression": {"condition"},
    "while_expression": {"condition"},
    "for_expression": {"value"},
    "match_expression": {"value"},
    "match_arm": {"value"},
    "match_pattern": {"condition"},
    "let_condition": {"value"},
    "closure_expression": {"body"},
    "static_item": {"value"},
    "const_item": {"value"},
    "array_type": {"length"},
    "field_initializer": {"value"},
    "type_cast_expression": {"value"},
    "field_expression": {"value"},
    "call_expression": {"function"},
}
VALUE_PARENTS = frozenset({
    "block", "expression_statement", "arguments", "binary_expression", "unary_expression",
    "reference_expression", "index_expression", "try_expression", "await_expression",
    "range_expression", "assignment_expression",
    "compound_assignment_expr", "return_expression", "break_expression", "yield_expression",
    "parenthesized_expression", "tuple_expression", "array_expression", "shorthand_field_initializer",
    "base_field_initializer", "let_chain", "ERROR",
})  # fmt: skip


def values(tree: tree_sitter.Tree, source: bytes) -> Iterator[tuple[int, int]]:
    """The spans of all identifiers that stand for a value in bodies, initialisers and macros."""
    waiting = [(tree.root_node, False)]
    while waiting:
        node, inside = waiting.pop()
        kind = node.type
        if kind in ("macro_definition", "attribute_item", "inner_attribute_item"):
            continue
        inside = inside or kind == "block"
        if kind in ("static_item", "const_item", "closure_expression"):
            inside = True
        before = ""
        cursor = node.walk()
        more = cursor.goto_first_child()
        while more:
            child = cursor.node
            assert child is not None
            if child.type in ("identifier", "self"):
                # In tokens, a colon behind a name makes it a field's label or the module of a pattern.
                token = kind == "token_tree" and inside and before not in (".", "::")
                token = token and source[child.end_byte : child.end_byte + 1] != b":"
                value = kind in VALUE_PARENTS or cursor.field_name in VALUE_FIELDS.get(kind, ())
                if token or (inside and value):
                    yield child.start_byte, child.end_byte
            else:
                waiting.append((child, inside))
            before = child.type
            more = cursor.goto_next_sibling()


def lost(tree: tree_sitter.Tree, source: bytes, read_unit: Unit) -> list[str]:
    """The names in value position that the model does not know of, each with its offset."""
    exact: set[tuple[int, int]] = set()
    wide: list[tuple[int, int]] = []
    mentioning: list[tuple[int, int, frozenset[str]]] = []
    for node in everything(read_unit):
        if isinstance(node, (Name, Pattern)):
            exact.add(node.span)
        elif isinstance(node, (Path, model.Type)):
            wide.append(node.span)
        elif isinstance(node, Keyword):
            exact.add((node.start, node.start + len(node.name)))
        if isinstance(node, Call):
            exact.add((node.name_start, node.name_end))
            wide.append((node.start, node.name_end)) if node.kind in ("function", "macro") else None
        if isinstance(node, Display) and node.macro:
            exact.add((node.start, source.find(b"!", node.start)))
        if isinstance(node, (Call, Opaque)) and node.mentions:
            mentioning.append((*node.span, frozenset(node.mentions)))
    missing = [span for span in values(tree, source) if span not in exact]
    missing = [(start, end) for start, end in missing if not any(s <= start < e for s, e in wide)]
    texts = [(start, source[start:end].decode()) for start, end in missing]
    return [
        f"{text}@{start}"
        for start, text in texts
        if not any(s <= start < e and text in names for s, e, names in mentioning)
    ]


SAMPLE = """
use std::fmt::Write;
static TABLE: [u8; SIZE] = [fill; SIZE];
fn work(xs: &[u8], n: usize) -> Result<Vec<u8>, E> {
    let mut out = Vec::with_capacity(xs.len() + n);
    let total = { let a = n; a + offset };
    'outer: for (i, x) in xs.iter().enumerate().skip(n) {
        if let Some(y) = lookup(x) && y > limit || !done { continue 'outer; } else if i == n { break 'outer; }
        out.push(*x as usize + table[i..=n][0] + self_like.field.0);
        match kind { A if guard(n) => out.clear(), B { c, .. } => return Err(c), _ => { total += c2; } }
    }
    while let Some(z) = stack.pop() { rest -= z; }
    let Some(w) = opt else { return fallback(n); };
    let f = move |p: u8, (q, _)| { p + q + captured };
    let s = Struct { out, other: value, ..base };
    write!(out, "{shown:?} {}", arg + 1)?;
    let v = vec![vec![elem; count], more];
    custom!(token, other_token.field, "{inner}");
    assert!(matches!(subject, Pattern(_) if cond), "{message}");
    let fut = async move { awaited.call(n).await };
    unsafe { ptr.add(n).write(w) };
    loop { break (t1, [t2, t3], -t4, &mut t5, &t6); }
    for _ in 0..end { closure(n)(m); (object.function)(arg2); }
    lhs = rhs;
    [first, second][..last].iter().map(convert).collect::<Vec<_>>();
    yield_like(..=bound);
    Ok(out)
}
"""


def test_no_name_is_lost() -> None:
    tree, source = parse(SAMPLE)
    assert not tree.root_node.has_error
    assert len(list(values(tree, source))) > 80
    assert lost(tree, source, read(tree, source)) == []


@pytest.mark.parametrize("cut", range(0, len(SAMPLE), 7))
def test_damaged_code_is_read(cut: int) -> None:
    source = SAMPLE[:cut] + SAMPLE[cut + 5 :]
    tree, data = parse(source)
    found = read(tree, data)
    assert list(everything(found))
    assert bool(found.damaged) == tree.root_node.has_error


def test_names_in_an_error_are_kept() -> None:
    tree, source = parse("fn f() { first(a); let = b + ; second(c); }")
    found = read(tree, source)
    assert found.damaged
    assert lost(tree, source, found) == []


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("(a);", "a"),
        ("((a + b)) * c;", "((a + b) * c)"),
        ("self.items.len();", "self.items.len()"),
        ("a.0.1;", "a.0.1"),
        ("a[1..n];", "a[1..n]"),
        ("a[..=n];", "a[..=n]"),
        ("a[1..=n];", "a[1..=n]"),
        ("a[..];", "a[..]"),
        ("&mut *x;", "(&mut (* x))"),
        ("&raw const x;", "(& x)"),
        ("a && !b;", "(a && (! b))"),
        ("f(x)?;", "f(x)?"),
        ("f().await;", "opaque(f())"),
        ("Limits::MAX;", "Limits::MAX"),
        ("(1, a);", "tuple[1, a]"),
        ("();", "tuple[]"),
        ("[a, b];", "array[a, b]"),
        ("[a; n];", "array[a; n]"),
        ("vec![];", "list[]"),
        ("vec![a; n + 1];", "list[a; (n + 1)]"),
        ("vec![a, vec![b; 2],];", "list[a, list[b; 2]]"),
        ("std::vec!(a);", "list[a]"),
        ("vec![$x];", "list[$x]"),
        ('println!("{}", a + b);', "println!('{}', (a + b))"),
        ('format!("{x}", x = y);', "format!('{x}', x=y)"),
        ("matches!(f::<A, B>(x), Some(_));", "matches!(f(x))"),
        ("todo!();", "todo!()"),
        ("(self.f)(x);", "self.f.(x)"),
        ("make()(x);", "make().(x)"),
        ("x as u8;", "Cast"),
        ("r#type;", "r#type"),
    ],
)
def test_expressions(code: str, shown: str) -> None:
    assert show(one(Expr, code)) == shown


def test_spans_inside_macros() -> None:
    code = 'fn f() { /* é */ vec![alpha; vec![beta].len()]; println!("{}", gamma.delta); }'
    tree, source = parse(code)
    names = [node for node in everything(read(tree, source)) if isinstance(node, Name)]
    assert {name.id for name in names} == {"alpha", "beta", "gamma"}
    assert all(source[name.start : name.end].decode() == name.id for name in names)
    displays = [node for node in everything(read(tree, source)) if isinstance(node, Display)]
    assert {source[each.start : each.end] for each in displays} == {
        b"vec![alpha; vec![beta].len()]",
        b"vec![beta]",
    }
    assert all(each.macro and each.kind == "list" for each in displays)


@pytest.mark.parametrize(
    ("code", "mentions"),
    [
        ("custom!(a, b => c.d);", ("a", "b", "c", "d")),
        ('println!("{a} {b:?} {c:>w$.p$} {{d}} {0} {}", e);', ("a", "b", "c", "w", "p")),
        ('info!(target: "t", "{a}", b);', ("target", "a", "b")),
        ("matches!(x, Some(y) if y > z);", ("Some", "y", "z")),
        ("vec![a, for];", ("a",)),
    ],
)
def test_mentions_of_macros(code: str, mentions: tuple[str, ...]) -> None:
    call = one(Call, code)
    assert call.kind == "macro"
    assert set(mentions) <= set(call.mentions)
    assert "d" not in call.mentions or "custom" in call.name


@pytest.mark.parametrize(
    ("code", "name", "written", "args"),
    [
        ("Vec::<u8>::with_capacity(10);", ("Vec", "with_capacity"), ("Vec",), 1),
        ("HashMap::new();", ("HashMap", "new"), ("HashMap",), 0),
        (
            "std::collections::HashMap::<K, V>::new();",
            ("std", "collections", "HashMap", "new"),
            ("std", "collections", "HashMap"),
            2,
        ),
        ("<Vec<u8>>::new();", ("Vec", "new"), ("Vec",), 1),
        ("<T as Default>::default();", ("T", "default"), ("T",), 0),
        ("Self::new();", ("Self", "new"), ("Self",), 0),
    ],
)
def test_path_calls(code: str, name: tuple[str, ...], written: tuple[str, ...], args: int) -> None:
    call = one(Call, code)
    assert (call.kind, call.name) == ("function", name)
    assert call.type is not None
    assert (call.type.kind, call.type.name, len(call.type.args)) == ("named", written, args)


def test_calls() -> None:
    prefix = len("fn f() { ")
    call = one(Call, "xs.collect::<Vec<u8>>(a, /* b */ c);")
    assert (call.kind, call.name, show(call.receiver)) == ("method", ("collect",), "xs")
    assert (call.type_args[0].last, [show(arg) for arg in call.args]) == ("Vec", ["a", "c"])
    assert (call.name_start - prefix, call.name_end - prefix) == (3, 10)
    assert (call.args_start - prefix, call.args_end - prefix) == (21, 35)
    assert one(Call, "size_of::<u8>();").type_args[0].last == "u8"
    assert one(Call, "Some(x);").type is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10usize", 10), ("1_000", 1000), ("0x1F", 31), ("0xFFu8", 255), ("0b1010_1010u8", 170), ("0o17", 15),
        ("1.5f32", 1.5), ("1e3", 1000.0), ("2f64", 2.0), ("9" * 5000, None), ("0x", None),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\n\x41\u{1F600}\"\\"', 'a\nA\U0001f600"\\'),
        ('"a\\\n   b"', "ab"),
        ('r#"a\\n"#', "a\\n"),
        (r'b"a\xff"', b"a\xff"),
        ('br"x"', b"x"),
        ('c"foo"', "foo"),
        (r'"\u{110000}"', "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_strings(text: str, value: str | bytes) -> None:
    assert string(text) == value


def test_captures() -> None:
    assert captures("{a} {b:?} {{c}} {0} {} {d:>e$} {f.g} {h:.i$}") == ["a", "b", "d", "e", "h", "i"]


def test_character_literals() -> None:
    assert one(Literal, r"'\n';").value == "\n"
    assert one(Literal, "b'x';").value == 120
    assert one(Literal, "true;").value is True


def test_struct_literals() -> None:
    literal = one(StructLiteral, "index::Index::<K> { map: HashMap::new(), a, 0: b, ..rest() };")
    assert [(name, show(value)) for name, value in literal.fields] == [
        ("map", "HashMap::new()"),
        ("a", "a"),
        ("0", "b"),
    ]
    assert literal.type.name == ("index", "Index")
    assert show(literal.rest) == "rest()"


def test_closures() -> None:
    closure = one(Closure, "move |a: u8, &mut b, (c, _)| a + b;")
    assert [list(param.names()) for param in closure.params] == [["a"], ["b"], ["c"]]
    (value,) = closure.body.statements
    assert isinstance(value, Eval)
    assert (closure.moves, value.tail, show(value.value)) == (True, True, "(a + b)")
    assert len(one(Closure, "|| { a; b };").body.statements) == 2


def test_casts() -> None:
    cast = one(Cast, "x as *const [u8; N];")
    assert (cast.type.kind, cast.type.args[0].kind) == ("pointer", "array")
    assert show(cast.type.args[0].length) == "N"


# ---------------------------------------------------------------- statements


def test_let() -> None:
    let = one(Let, "let mut x: Vec<u8> = Vec::new();")
    assert let.type is not None
    assert (let.pattern.name, let.mutable, let.type.args[0].last, show(let.value)) == (
        "x",
        True,
        "u8",
        "Vec::new()",
    )
    refused = one(Let, "let Some(x) = y else { return };")
    assert refused.otherwise is not None
    assert isinstance(refused.otherwise.statements[0], Exit)
    assert refused.pattern.refutable
    assert one(Let, "let (a, .., ref mut b) = y;").pattern.refutable is False


def test_conditions() -> None:
    branch = one(Branch, "if a && let Some(p) = e && b { 1; } else if c { 2; } else { 3; }")
    assert [show(arm.test) for arm in branch.arms] == ["((a && e) && b)", "c", ""]
    assert [list(pattern.names()) for pattern in branch.arms[0].patterns] == [["p"]]
    assert branch.exhaustive
    assert not one(Branch, "if a { }").exhaustive


def test_match() -> None:
    branch = one(Branch, "match x { A | Some(b) if let Q(c) = d => 1, [e, rest @ ..] => { 2 } _ => x = 3 };")
    assert (show(branch.subject), branch.exhaustive) == ("x", True)
    assert [show(arm.test) for arm in branch.arms] == ["d", "", ""]
    assert [[*pattern.names()] for pattern in branch.arms[0].patterns] == [[], ["b"], ["c"]]
    assert [*branch.arms[1].patterns[0].names()] == ["e", "rest"]
    assert isinstance(branch.arms[2].body.statements[0], Assign)


def test_loops() -> None:
    loop = one(Loop, "'outer: for (i, mut x) in &xs { break 'outer; }")
    assert (loop.kind, loop.label, show(loop.iterable)) == ("each", "outer", "(& xs)")
    assert loop.pattern is not None
    assert loop.pattern.items[1].mutable
    assert isinstance(exit_ := loop.body.statements[0], Exit)
    assert (exit_.kind, exit_.label) == ("break", "outer")
    loop = one(Loop, "while let Some(x) = it.next() { }")
    assert loop.pattern is not None
    assert (loop.kind, show(loop.test), list(loop.pattern.names())) == ("while", "it.next()", ["x"])
    assert one(Loop, "loop { };").kind == "endless"


def test_blocks_and_tails() -> None:
    assert one(Block, "async move { a };").kind == "async"
    assert one(Block, "unsafe { a };").kind == "unsafe"
    labelled = one(Block, "'a: { break 'a };")
    assert (labelled.label, len(labelled.statements)) == ("a", 1)
    first, last = statements("if a { b } if c { d } else { e }")
    assert isinstance(first, Branch)
    assert isinstance(last, Eval)
    assert last.tail
    assert isinstance(last.value, Embedded)
    (only,) = statements("if a { b }")
    assert isinstance(only, Branch)


def test_values_of_statements() -> None:
    let = one(Let, "let x = if a { return 1 } else { y = 2 };")
    assert isinstance(let.value, Embedded)
    assert isinstance(branch := let.value.statement, Branch)
    assert isinstance(branch.arms[0].body.statements[0], Exit)
    assert isinstance(branch.arms[1].body.statements[0], Assign)
    assert one(Assign, "x += 1;").op == "+="


def test_nested_declarations() -> None:
    found = statements(
        "const N: usize = 4; struct S { x: u8 } impl S { fn g(&self) { inner() } } use a::b; fn h() {}"
    )
    assert [type(each) for each in found] == [Let, Nested, Nested, Nested]
    nested = [each for each in found if isinstance(each, Nested)]
    assert nested[0].type is not None
    assert nested[0].type.functions == [nested[1].function]
    assert nested[2].function is not None
    assert nested[2].function.qualname == ("f", "h")


# ---------------------------------------------------------------- declarations

FILE = """//! about
use std::{io::{self, Read as R}, fmt::*, collections::HashMap as Map};
extern crate alloc as heap;
/// The index.
#[derive(Debug)] #[limit(max = 5, b)]
pub struct Index<'a, K: Hash, const N: usize> {
    #[size(3)] pub map: Map<K, &'a mut [u8; 4]>, pub(crate) names: Vec<String>
}
struct Pair(pub u8, Vec<u8>);
pub enum Kind { A, B(u8, Vec<u8>), C { x: u8 } }
type Alias<T> = Vec<T>;
pub static mut COUNT: usize = 10;
const LIMIT: usize = 1 << 4;
thread_local! { static CACHE: RefCell<Vec<u8>> = RefCell::new(vec![1]) }
lazy_static! { pub static ref WORDS: Vec<u8> = Vec::new(); }
impl<'a, K: Hash> Index<'a, K, 3> {
    pub const SIZE: usize = 8;
    type Hidden = u8;
    pub async unsafe fn new(self: Box<Self>, mut n: usize, #[a] (x, y): (u8, u8))
    -> Box<dyn Fn(u8) -> u8 + Send> { n }
    fn borrow(&mut self) { use local::Thing; }
}
impl Drop for &Index<'_, u8, 1> { fn drop(&mut self) {} }
impl fmt::Display for Elsewhere {
    const K: u8 = 1;
    fn fmt(&self, f: &mut Formatter) -> fmt::Result { Ok(()) }
}
pub trait Shape: Clone + Send {
    const SIDES: u8 = 1;
    fn area(&self) -> u8; fn twice(self) -> u8 { self.area() }
}
extern "C" { fn foreign(x: u8, ...); static OUTSIDE: u8; }
macro_rules! hidden { () => { fn no() {} } }
cfg_if! { if #[cfg(x)] { fn neither() {} } }
mod inner { impl super::Pair { fn a() {} } pub mod deeper { fn b() {} } }
#[cfg(all(test, feature = "x"))] mod checks { fn c() {} }
#[cfg(any(test, feature = "x"))] fn d() {}
#[cfg(not(test))] fn e() {}
#[tokio::test] async fn g() {}
mod tests { use super::*; struct T; fn h() {} }
"""


@pytest.fixture(scope="module")
def file() -> Unit:
    return unit(FILE)


def function(file: Unit, name: str) -> Function:
    (found,) = [each for each in file.functions if each.name == name]
    return found


def declared(file: Unit, name: str) -> TypeDecl:
    (found,) = [each for each in file.types if each.name == name]
    return found


def test_imports(file: Unit) -> None:
    assert [(each.alias, each.path) for each in file.imports] == [
        ("io", ("std", "io")),
        ("R", ("std", "io", "Read")),
        ("*", ("std", "fmt")),
        ("Map", ("std", "collections", "HashMap")),
        ("heap", ("alloc",)),
        ("*", ("super",)),
        ("Thing", ("local", "Thing")),
    ]
    assert FILE.encode()[file.imports[-1].start : file.imports[-1].end] == b"use local::Thing;"


def test_functions_in_source_order(file: Unit) -> None:
    assert [each.qualname for each in file.functions] == [
        ("Index", "new"), ("Index", "borrow"), ("Index", "drop"), ("Elsewhere", "fmt"), ("Shape", "area"),
        ("Shape", "twice"), ("foreign",), ("inner", "Pair", "a"), ("inner", "deeper", "b"), ("checks", "c"),
        ("d",), ("e",), ("g",), ("tests", "h"),
    ]  # fmt: skip


def test_methods(file: Unit) -> None:
    new = function(file, "new")
    assert new.modifiers == {"pub", "async", "unsafe"}
    assert new.returns is not None
    assert [each.kind for each in new.returns.args[0].args] == ["function", "named"]
    assert [param.pattern.name for param in new.params] == ["self", "n", None]
    assert [list(param.pattern.names()) for param in new.params][2] == ["x", "y"]
    assert (new.params[1].mutable, new.params[2].attributes[0].last) == (True, "a")
    assert (new.owner, new.trait) == (declared(file, "Index"), None)
    assert new.owner_type is not None
    assert show(new.owner_type.args[1].length) == "3"
    receiver = function(file, "borrow").params[0]
    assert receiver.type is not None
    assert (receiver.pattern.name, receiver.type.kind, receiver.type.name) == ("self", "mutref", ("Self",))
    assert function(file, "drop").trait == "Drop"
    assert [each.name for each in declared(file, "Index").functions] == ["new", "borrow", "drop"]
    assert function(file, "fmt").owner is None
    assert function(file, "a").owner is declared(file, "Pair")
    assert function(file, "foreign").modifiers == {"extern"}


def test_traits(file: Unit) -> None:
    shape = declared(file, "Shape")
    assert [base.last for base in shape.bases] == ["Clone", "Send"]
    assert [each.name for each in shape.fields] == ["SIDES"]
    assert function(file, "area").body is None
    assert function(file, "twice").body is not None
    assert function(file, "twice").owner is shape


def test_types(file: Unit) -> None:
    index = declared(file, "Index")
    assert (index.type_params, set(index.modifiers)) == (("K", "N"), {"pub"})
    assert [(each.name, set(each.modifiers)) for each in index.fields] == [
        ("map", {"pub"}),
        ("names", {"pub(crate)"}),
        ("SIZE", {"pub", "const"}),
    ]
    assert index.fields[0].qualname == ("Index", "map")
    assert index.fields[0].attributes[0].last == "size"
    assert [show(arg) for arg in index.fields[0].attributes[0].args] == ["3"]
    assert index.attributes[1].text == "#[limit(max = 5, b)]"
    assert index.fields[0].type is not None
    assert [each.kind for each in index.fields[0].type.args] == ["named", "mutref"]
    assert [each.name for each in declared(file, "Pair").fields] == ["0", "1"]
    variants = [(name, [each.last for each in types]) for name, types in declared(file, "Kind").variants]
    assert variants == [("A", []), ("B", ["u8", "Vec"]), ("C", ["u8"])]
    aliased = declared(file, "Alias").aliased
    assert aliased is not None
    assert aliased.last == "Vec"
    assert "Hidden" not in [each.name for each in file.types]


def test_statics(file: Unit) -> None:
    assert [(each.name, set(each.modifiers), show(each.value)) for each in file.fields] == [
        ("COUNT", {"pub", "static", "mut"}, "10"),
        ("LIMIT", {"const"}, "(1 << 4)"),
        ("CACHE", {"static", "lazy"}, "RefCell::new(list[1])"),
        ("WORDS", {"pub", "static", "lazy"}, "Vec::new()"),
        ("OUTSIDE", {"static", "extern"}, ""),
        ("K", {"const"}, "1"),
    ]
    cache = file.fields[2]
    assert FILE.encode()[cache.start : cache.end].startswith(b"static CACHE: RefCell<Vec<u8>> = RefCell")


def test_test_code(file: Unit) -> None:
    assert [each.name for each in file.functions if each.is_test] == ["c", "g", "h"]
    assert declared(file, "T").is_test
    assert not file.is_test
    whole = unit("#![cfg(test)] fn f() {}")
    assert whole.is_test
    assert whole.functions[0].is_test
    assert unit("mod a { #![cfg(test)] fn f() {} }").functions[0].is_test


def test_type_shapes() -> None:
    (found,) = unit(
        "fn f(a: impl A + B + 'a, b: &dyn C, c: (u8), d: (u8, [T]), e: !, g: <T as I>::Item, h: m!()) {}"
    ).functions
    types = [param.type for param in found.params if param.type]
    assert [each.kind for each in types] == ["impl", "ref", "named", "tuple", "never", "named", "unknown"]
    assert [each.last for each in types[0].args] == ["A", "B"]
    assert types[1].args[0].kind == "dyn"
    assert types[3].args[1].kind == "slice"
    assert types[5].name == ("T", "Item")


def test_comments() -> None:
    source = b"/// doc\r\n// line\n/** block */ fn f() { a /* in */ ; m!(/* tokens */); }"
    found = unit(source)
    comments = [b"/// doc", b"// line", b"/** block */", b"/* in */", b"/* tokens */"]
    for comment in comments:
        start = source.index(comment)
        span = (start, start + len(comment))
        assert {found.comment_at(offset) for offset in range(*span)} == {span}
        assert found.comment_at(span[1]) is None
    assert found.comment_at(source.index(b"fn")) is None
    assert found.comment_at(len(source) + 10) is None


# ---------------------------------------------------------------- nothing is too deep

DEEP = 20_000
NESTS = {
    "parentheses": "fn f() { x = " + "(" * DEEP + "a" + ")" * DEEP + "; }",
    "blocks": "fn f() {" + "{" * DEEP + "a" + "}" * DEEP + "}",
    "sum": "fn f() { x = " + "b + " * DEEP + "a; }",
    "calls": "fn f() {" + "f(" * DEEP + "a" + ")" * DEEP + "}",
    "methods": "fn f() { a" + ".b(c)" * DEEP + "; }",
    "structs": "fn f() { x = " + "S { a: " * DEEP + "a" + "}" * DEEP + "; }",
    "closures": "fn f() {" + "|x| " * DEEP + "a }",
    "ifs": "fn f() {" + "if b {" * DEEP + "a" + "}" * DEEP + "}",
    "ladder": "fn f() {" + "if b {} else " * DEEP + "{ a } }",
    "matches": "fn f() {" + "match b { c => " * DEEP + "a" + "}" * DEEP + "}",
    "loops": "fn f() {" + "for x in b {" * DEEP + "a" + "}" * DEEP + "}",
    "let else": "fn f() {" + "let A = b else {" * DEEP + "a" + "};" * DEEP + "}",
    "vec": "fn f() { x = " + "vec![" * DEEP + "a" + "]" * DEEP + "; }",
    "format": "fn f() {" + 'format!("{}",' * DEEP + "a" + ")" * DEEP + "; }",
    "conditions": "fn f() { if " + "b && let C = c && " * DEEP + "a {} }",
    "functions": "fn f() {" * DEEP + "a" + "}" * DEEP,
}
SHAPES = {
    "patterns": "fn f() { let " + "Some(" * DEEP + "a" + ")" * DEEP + " = b; }",
    "alternatives": "fn f() { match x { " + "(A | " * DEEP + "B" + ")" * DEEP + " => 1 } }",
    "types": "fn f(x: " + "Vec<" * DEEP + "u8" + ">" * DEEP + ") {}",
    "arrays": "fn f(x: " + "[" * DEEP + "u8" + "; n]" * DEEP + ") {}",
    "bounds": "fn f(x: impl A" + " + B" * DEEP + ") {}",
    "modules": "mod a {" * DEEP + "}" * DEEP,
    "imports": "use " + "a::{b, " * DEEP + "c" + "}" * DEEP + ";",
    "predicates": "#[cfg(" + "all(" * DEEP + ")" * DEEP + ")] fn f() {}",
    "open": "fn f() { x = " + "vec![" * DEEP,
    "methods of one type": "struct S; " + "impl S { fn a() {} } " * 5000,
    "words": 'const X: &str = "' + "\nuse a" * DEEP + '"; fn f() { "' + "\nuse a" * DEEP + '" }',
}


def named(found: Unit) -> set[str]:
    names: set[str] = set()
    for node in everything(found):
        names |= {node.id} if isinstance(node, Name) else set()
        names |= set(node.mentions) if isinstance(node, (Call, Opaque)) else set()
    return names


@pytest.mark.parametrize("nest", NESTS)
def test_deep_code_keeps_its_names(nest: str) -> None:
    tree, source = parse(NESTS[nest])
    found = read(tree, source)
    assert "a" in named(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_deep_declarations(shape: str) -> None:
    tree, source = parse(SHAPES[shape])
    assert list(everything(read(tree, source)))
