"""The Java reader: what each construct becomes, that no use of a name is lost, that nothing makes it fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
import tree_sitter
import tree_sitter_java
from tree_sitter import Node as Syntax

from alloclint.syntax import java
from alloclint.syntax import model as m

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_java.language()))


def unit(source: str) -> m.Unit:
    encoded = source.encode()
    return java.read(PARSER.parse(encoded), encoded)


def body(statements: str) -> list[m.Stmt]:
    block = unit("class C { void m() { " + statements + " } }").functions[0].body
    assert block is not None
    return block.statements


def only(statements: str) -> Any:
    (statement,) = body(statements)
    return statement


def value(expression: str) -> Any:
    return only(f"x = {expression};").value


# ---------------------------------------------------------------- no use is lost


def every_node(root: object) -> Iterator[m.Node]:
    """All model nodes below `root`, bodies and anonymous classes included, each once."""
    waiting, seen = [root], set[int]()
    while waiting:
        item = waiting.pop()
        if isinstance(item, list | tuple):
            waiting.extend(item)
        elif isinstance(item, m.Node) and id(item) not in seen:
            seen.add(id(item))
            yield item
            waiting.extend(
                getattr(item, field.name) for field in dataclasses.fields(item) if field.name != "owner"
            )
            if isinstance(item, m.Function):
                waiting.append(item.body)


NOT_USES = {
    ("method_invocation", "name"), ("field_access", "field"), ("variable_declarator", "name"),
    ("formal_parameter", "name"), ("catch_formal_parameter", "name"), ("resource", "name"),
    ("enhanced_for_statement", "name"), ("instanceof_expression", "name"),
    ("lambda_expression", "parameters"),
    ("enum_constant", "name"), ("method_declaration", "name"), ("constructor_declaration", "name"),
    ("compact_constructor_declaration", "name"), ("class_declaration", "name"),
    ("record_declaration", "name"),
    ("interface_declaration", "name"), ("enum_declaration", "name"), ("annotation_type_declaration", "name"),
}  # fmt: skip
NOT_CODE = {
    "annotation", "marker_annotation", "import_declaration", "package_declaration", "module_declaration",
    "inferred_parameters", "type_pattern", "record_pattern", "record_pattern_component", "break_statement",
    "continue_statement", "annotation_type_element_declaration", "receiver_parameter",
}  # fmt: skip


def uses(root: Syntax) -> Iterator[Syntax]:
    """The identifiers in expression position, found without the reader's help."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in NOT_CODE:
            continue
        for index, child in enumerate(node.children):
            if child.type == "identifier" and child.end_byte > child.start_byte:
                named = (node.type, node.field_name_for_child(index)) in NOT_USES
                label = node.type == "labeled_statement" and index == 0
                member = node.type == "method_reference" and index > 0
                default = node.type == "switch_label" and child.text == b"default"
                if not (named or label or member or default):
                    yield child
            elif child.child_count:
                waiting.append(child)


def lost_uses(tree: tree_sitter.Tree, read: m.Unit, source: bytes) -> list[tuple[int, str]]:
    """The identifiers (row and text) of a tree that no Name and no mention covers."""
    names, mentioned = set[tuple[int, int]](), dict[str, list[tuple[int, int]]]()
    for node in every_node(read):
        if isinstance(node, m.Name):
            names.add(node.span)
        if isinstance(node, m.Opaque | m.Call):
            for name in node.mentions:
                mentioned.setdefault(name, []).append(node.span)
    lost = []
    for use in uses(tree.root_node):
        text = source[use.start_byte : use.end_byte].decode()
        covers = (start <= use.start_byte and use.end_byte <= end for start, end in mentioned.get(text, ()))
        if use.byte_range not in names and not any(covers):
            lost.append((use.start_point.row, text))
    return lost


EVERYTHING = """
package a.b; import java.util.*; import static x.Y.z;
@interface A { int v() default 3; int K = L; }
public record R<T extends Comparable<T>>(@Size(max = 5) int a, String... s) implements I {
  R { if (a < 0) throw new X(a); } R(int z) { this(z, ""); } int m() { return q; } }
sealed interface S permits A1 { default void f() { use(u); } int C = d + e; }
enum E implements Q { A, B(k) { void f() { in(b1); } }, @X C(l); int x = y; E(int i) { super(i); } }
class C extends D<String>.E implements I<A>, J {
  static { f(a1); } { g(a2); } int x[] = {n1, n2[n3]}, y = n4;
  <T> C(T t) throws X { this(t, t2); }
  void m(C this, int a[], final String... b) {
    switch (x) { case 1: case LIMIT: f(p1); break; default: h(p2); case A.B: if (p3) break; }
    int y = switch (x) { case 1, M -> o1; case String s when s.length() > o2 -> { yield o3; }
      case Point(int q, var w) -> o4; case null, default -> throw o5; };
    if (o instanceof String s && p instanceof Point(int g, Point(var h, _))) {} else if (c) ; else r();
    outer.new Inner(v1) { int f = v2; void g() { v3.run(); } }; Outer.this.x = w1; Outer.super.m(w2);
    super.x++;
    int[][] z = new int[d1][d2][]; z = new int[]{d3}; t = (A & B) d4; k = int[]::new; l = d5::x;
    i = d6.e::<T>n;
    foo: for (int i = e1, j = e2; i < e3; i++, j += e4) continue foo; for (final var q : e5) for (;;) {}
    try (var r = open(r1); r2; this.r3) {} catch (final A | B e) { log(e); } finally { r4(r5); }
    synchronized (l1) { a[l2] = l3 = l4; } assert as1 : as2; do { b1--; } while (c1); while (c2) ;
    run(() -> { g1(); }, x -> x + g2, (u, v) -> u, (int u, final Foo v) -> v); bar: { break bar; }
    class Local { int h = h1; void f() { return h2; } } record LR(int a) {} enum LE { Z(h3) }
    String u = cond ? yes : no, w = STR."a \\{t1} b", k1 = "x \\{t2}"; throw -th1; } }
"""


def test_no_use_of_a_name_is_lost() -> None:
    source = EVERYTHING.encode()
    tree = PARSER.parse(source)
    assert not tree.root_node.has_error
    assert lost_uses(tree, java.read(tree, source), source) == []


def test_damage_never_stops_the_reader() -> None:
    """Whatever is cut out of the source, everything can still be read and the damage is listed."""
    for cut in range(0, len(EVERYTHING), 7):
        source = (EVERYTHING[:cut] + EVERYTHING[cut + 5 :]).encode()
        tree = PARSER.parse(source)
        read = java.read(tree, source)
        assert bool(read.damaged) == tree.root_node.has_error
        assert any(every_node(read))


def test_names_in_a_damaged_body_are_kept() -> None:
    source = (
        b"class C { void m() { before(x); foo(alpha beta, gamma); if (delta] { epsilon(); } } void n() {} }"
    )
    read = java.read(PARSER.parse(source), source)
    found = {node.id for node in every_node(read) if isinstance(node, m.Name)}
    found |= {name for node in every_node(read) if isinstance(node, m.Opaque) for name in node.mentions}
    assert {"x", "alpha", "beta", "gamma", "delta"} <= found
    assert read.damaged


# ---------------------------------------------------------------- size


DEEP = 20_000
MONSTERS = {
    "parentheses": "class C { int x = " + "(" * DEEP + "a" + ")" * DEEP + "; }",
    "blocks": "class C { void m() " + "{" * DEEP + "f(a);" + "}" * DEEP + " }",
    "sum": "class C { int x = " + "a + " * DEEP + "a; }",
    "calls": "class C { void m() { " + "f(" * 2_000 + "a" + ")" * 2_000 + "; } }",
    "chain": "class C { void m() { b" + ".append(a)" * DEEP + "; } }",
    "elses": "class C { void m() { " + "if (a) f(); else " * 5_000 + "g(); } }",
    "lambdas": "class C { void m() { " + "f(x -> { " * 2_000 + "a();" + "});" * 2_000 + "; } }",
    "whiles": "class C { void m() { " + "while (a) " * 2_000 + "f(); } }",
    "ifs": "class C { void m() { " + "if (a) { " * 2_000 + "f(); " + "}" * 2_000 + " } }",
    "tries": "class C { void m() { " + "try { " * 2_000 + "f(a); " + "} finally { }" * 2_000 + " } }",
    "switches": "class C { void m() { "
    + "switch (a) { case 1: " * 500
    + "f(a); case 2: g(); "
    + "}" * 500
    + " } }",
    "cases": "class C { void m() { switch (a) { " + "case 1: f(); " * DEEP + "} } }",
    "types": "class C { " * 2_000 + "int x = a;" + "}" * 2_000,
    "anonymous": "class C { void m() {" + "new A() { void m() {" * 2_000 + "f(a);" + "}};" * 2_000 + "} }",
    "anonymous fields": "class C { int f = " + "new A() { int f = " * 1_000 + "a" + ";}" * 1_000 + "; }",
    "generics": "class C { " + "A<" * 2_000 + "B" + ">" * 2_000 + " a; }",
    "dimensions": "class C { int x" + "[]" * DEEP + " = a; }",
    "items": "class C { int[] x = {" + "a, " * DEEP + "}; }",
}


@pytest.mark.parametrize("name", MONSTERS)
def test_monsters_are_read(name: str) -> None:
    source = MONSTERS[name].encode()
    tree = PARSER.parse(source)
    read = java.read(tree, source)
    mentioned = {
        name for node in every_node(read) if isinstance(node, m.Opaque | m.Call) for name in node.mentions
    }
    mentioned |= {node.id for node in every_node(read) if isinstance(node, m.Name)}
    assert "a" in mentioned or name == "generics"


# ---------------------------------------------------------------- declarations


def test_names_of_types_and_functions() -> None:
    read = unit(
        "package a.b; class C { static {} C(int x) {} void m() {} {} "
        "class D { void n() {} } enum E { X { void o() {} }; int p() { return 1; } } "
        "interface F { int q(); } }"
    )
    assert [".".join(function.qualname) for function in read.functions] == [
        "a.b.C.<static>", "a.b.C.<init>", "a.b.C.m", "a.b.C.<instance>", "a.b.C.D.n",
        "a.b.C.E.p", "a.b.C.F.q",
    ]  # fmt: skip
    assert [declared.qualname[2:] for declared in read.types] == [("C",), ("C", "D"), ("C", "E"), ("C", "F")]
    assert [declared.kind for declared in read.types] == ["class", "class", "enum", "interface"]
    assert read.package == ("a", "b")
    constructor, method = read.functions[1], read.functions[2]
    assert "constructor" in constructor.modifiers
    assert constructor.returns is None
    assert method.returns is not None
    assert method.returns.name == ("void",)
    assert read.functions[6].body is None
    assert method.owner is read.types[0]


def test_imports() -> None:
    read = unit("import java.util.List; import java.util.*; import static a.B.c; import static a.B.*;")
    assert [(each.alias, each.path, each.static) for each in read.imports] == [
        ("List", ("java", "util", "List"), False),
        ("*", ("java", "util"), False),
        ("c", ("a", "B", "c"), True),
        ("*", ("a", "B"), True),
    ]


def test_records_have_components_and_compact_constructors() -> None:
    (record,) = unit("record R<T>(@Size(max = 5) int a, String... s) { R { f(a); } }").types
    first, second = record.fields
    assert record.kind == "record"
    assert record.type_params == ("T",)
    assert first.name == "a"
    assert first.modifiers == {"final", "component"}
    (size,) = first.attributes
    assert isinstance(size.args[0], m.Keyword)
    assert size.args[0].name == "max"
    assert isinstance(size.args[0].value, m.Literal)
    assert size.args[0].value.value == 5
    assert size.text == "@Size(max = 5)"
    assert second.type is not None
    assert second.type.kind == "array"
    assert [param.pattern.name for param in record.functions[0].params] == ["a", "s"]
    assert record.functions[0].name == "<init>"


def test_enum_constants_are_fields_that_construct() -> None:
    (enum,) = unit("enum E { A, B(1) { int f() { return n; } }; int x; }").types
    a, b, x = enum.fields
    assert a.modifiers == {"static", "final", "constant"}
    assert x.modifiers == frozenset()
    assert isinstance(b.value, m.Call)
    assert b.value.kind == "new"
    assert b.value.name == ("E",)
    assert b.value.body is not None
    assert b.value.body.functions[0].qualname == ("E", "B", "<anonymous>", "f")


def test_fields_keep_brackets_modifiers_and_annotations() -> None:
    (c,) = unit("class C { @A(3) private static final int a[] = {1}, b; } ").types
    a, b = c.fields
    assert a.type is not None
    assert a.type.kind == "array"
    assert a.type.args[0].name == ("int",)
    assert b.type is not None
    assert b.type.kind == "named"
    assert b.value is None
    assert a.modifiers == {"private", "static", "final"}
    assert a.attributes[0].last == "A"
    assert isinstance(a.value, m.Display)
    assert a.value.kind == "array"
    assert len(a.value.items) == 1
    assert a.span == b.span
    assert a.qualname == ("C", "a")


def test_interface_fields_are_constants() -> None:
    (i,) = unit("interface I extends A<B>, C.D { int K = 1; }").types
    assert i.fields[0].modifiers == {"static", "final"}
    assert [base.name for base in i.bases] == [("A",), ("C", "D")]


def test_parameters() -> None:
    (function,) = unit(
        "class C { void m(C this, @NonNull final int a[], Map.Entry<K, ?> e, String... s) {} }"
    ).functions
    a, e, s = function.params
    assert (a.pattern.name, a.mutable, a.attributes[0].name) == ("a", False, ("NonNull",))
    assert a.type is not None
    assert a.type.kind == "array"
    assert e.type is not None
    assert e.type.name == ("Map", "Entry")
    assert e.mutable
    assert [argument.kind for argument in e.type.args] == ["named", "unknown"]
    assert s.type is not None
    assert s.type.kind == "array"
    assert s.type.args[0].name == ("String",)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class C { @Test void a() {} void b() {} class D { void c() {} } }", [True, True, True]),
        ("class C { void a() {} class D { @org.junit.Test void b() {} } }", [False, True]),
        ("class C extends TestCase { void a() {} }", [True]),
        ("class C { @Benchmark void a() {} }", [True]),
        ("class C { @Override void a() {} }", [False]),
    ],
)
def test_tests_are_known_by_annotations_and_base(source: str, expected: list[bool]) -> None:
    assert [function.is_test for function in unit(source).functions] == expected


def test_comments_are_found() -> None:
    read = unit("class C { /* one */ int x; // two\n }")
    assert read.comment_at(12) == (10, 19)
    assert read.comment_at(30) == (27, 33)
    assert read.comment_at(20) is None


def test_unnamed_classes_have_functions_and_fields() -> None:
    read = unit("int limit = 3; void main() { f(limit); }")
    assert [function.name for function in read.functions] == ["main"]
    assert read.functions[0].owner is None
    assert read.fields[0].name == "limit"


# ---------------------------------------------------------------- statements


def test_locals() -> None:
    first, second, third = body("final int a = 1, b[] = null; var c = f();")
    assert isinstance(first, m.Let)
    assert isinstance(second, m.Let)
    assert isinstance(third, m.Let)
    assert (first.pattern.name, first.mutable, third.mutable) == ("a", False, True)
    assert second.type is not None
    assert second.type.kind == "array"
    assert third.type is not None
    assert third.type.kind == "infer"


def test_loops() -> None:
    loop = only("foo: for (int i = 0, j = 1; i < n; i++, j += 2) { continue foo; }")
    assert (loop.kind, loop.label, len(loop.setup), len(loop.update)) == ("count", "foo", 2, 2)
    assert isinstance(loop.update[0], m.Eval)
    assert isinstance(loop.update[1], m.Assign)
    assert loop.body.statements[0].label == "foo"
    each = only("for (final Map.Entry<K, V> e : m.entrySet()) f(e);")
    assert (each.kind, each.pattern.name, each.item_type.last) == ("each", "e", "Entry")
    assert only("while (a) ;").body.statements == []
    assert only("do { } while (a);").kind == "do"
    assert only("foo: { break foo; }").label == "foo"


def test_else_if_is_one_branch() -> None:
    branch = only("if (a) f(); else if (b) { g(); } else h();")
    assert len(branch.arms) == 3
    assert branch.exhaustive
    assert branch.arms[2].test is None
    assert not only("if (a) f();").exhaustive


def calls(arm: m.Arm) -> list[str]:
    return [statement.value.name[0] for statement in arm.body.statements]  # type: ignore[attr-defined]


def test_switch_groups_that_fall_through_are_joined() -> None:
    branch = only(
        "switch (x) { case 1: case 2: a(); case 3: b(); break; case 4: { c(); break; } default: d(); }"
    )
    assert [calls(arm) for arm in branch.arms[:2]] == [["a", "b"], ["b"]]
    assert [len(arm.patterns) for arm in branch.arms] == [2, 1, 1, 1]
    assert len(branch.arms[2].body.statements[0].statements) == 1
    assert branch.exhaustive
    assert branch.subject.id == "x"


def test_breaks_of_a_switch_leave_no_loop() -> None:
    loop = only(
        "while (a) { switch (x) { case 1: if (b) break; f(); break; case 2: while (c) break; } break; }"
    )
    switch, last = loop.body.statements
    assert switch.arms[0].body.statements[0].arms[0].body.statements[0].label == "<switch>"
    assert calls(
        dataclasses.replace(switch.arms[0], body=m.Block(0, 0, switch.arms[0].body.statements[1:2]))
    ) == ["f"]
    assert switch.arms[1].body.statements[0].body.statements[0].label is None
    assert last.kind == "break"
    assert last.label is None


def test_switch_falls_out_of_an_inner_switch() -> None:
    branch = only("switch (x) { case 1: switch (y) { case 1: a(); break; default: return; } case 2: b(); }")
    assert len(branch.arms[0].body.statements) == 2
    branch = only("switch (x) { case 1: if (y) return; else throw e; case 2: b(); }")
    assert len(branch.arms[0].body.statements) == 1


def test_switch_expressions() -> None:
    embedded = value("switch (y) { case 1, 2 -> 3; case LIMIT -> { yield 4; } default -> throw e; }")
    branch = embedded.statement
    assert branch.kind == "match"
    assert branch.exhaustive
    assert branch.arms[0].body.statements[0].tail
    assert branch.arms[0].test is None
    assert isinstance(branch.arms[1].test, m.Opaque)
    assert branch.arms[1].body.statements[0].statements[0].tail
    assert branch.arms[2].body.statements[0].kind == "throw"


def test_switch_patterns() -> None:
    branch = only(
        "switch (o) { case String s when s.isEmpty() -> f(); case P(int a, Q(var b, _)) -> g(); "
        "case null, default -> h(); }"
    )
    first, second, third = branch.arms
    assert first.patterns[0].name == "s"
    assert isinstance(first.test, m.Call)
    assert list(second.patterns[0].names()) == ["a", "b"]
    assert [pattern.refutable for pattern in third.patterns] == [True, False]


def test_try_with_resources() -> None:
    statement = only(
        "try (var r = open(); s) { f(); } catch (A | B e) { g(); } catch (C e) {} finally { h(); }"
    )
    let, other = statement.setup
    assert let.pattern.name == "r"
    assert not let.mutable
    assert isinstance(other, m.Eval)
    declared = statement.handlers[0].statements[0]
    assert declared.pattern.name == "e"
    assert declared.type.kind == "union"
    assert statement.handlers[1].statements[0].type.name == ("C",)
    assert len(statement.final.statements) == 1


def test_synchronized_evaluates_its_lock_first() -> None:
    block = only("synchronized (lock) { f(); }")
    assert block.kind == "sync"
    assert block.statements[0].value.id == "lock"
    assert len(block.statements) == 2


def test_assert_is_opaque() -> None:
    assert [part.id for part in only("assert a : b;").value.parts] == ["a", "b"]


def test_local_types_are_nested() -> None:
    nested = only("record Point(int x) { int twice() { return x + x; } }")
    assert nested.type.kind == "record"
    assert nested.type.qualname == ("C", "m", "Point")
    assert len(nested.type.functions[0].body.statements) == 1


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("1_000", "int", 1000), ("0x1F", "int", 31), ("0b101", "int", 5), ("017", "int", 15), ("0", "int", 0),
        ("10L", "int", 10), ("0xFFFFFFFF", "int", -1), ("0xFFFFFFFFL", "int", 0xFFFFFFFF),
        ("0x7fff_ffff", "int", 2**31 - 1),
        ("1e3", "float", 1000.0), ("1.5f", "float", 1.5), ("2d", "float", 2.0),
        ("0x1p3", "float", 8.0), (".5", "float", 0.5),
        ("true", "bool", True), ("null", "null", None), ("'a'", "char", "a"), (r"'\n'", "char", "\n"),
        (r"'\u0041'", "char", "A"), (r"'\101'", "char", "A"), (r"'\\'", "char", "\\"), ("'é'", "char", "é"),
        (r'"a\tb\"\0\u0041"', "string", 'a\tb"\0A'),
        (r'"\ud83d\ude00"', "string", "\U0001f600"), (r'"\\u0041"', "string", "\\u0041"),
        (r'"\ud800"', "string", "\ufffd"), ('"""\n    a\n      b \n    """', "string", "a\n  b\n"),
        ('"""\n    a \\\n    b\\s"""', "string", "a b "), ('"""\n  a\n """', "string", " a\n"),
    ],
)  # fmt: skip
def test_literals(text: str, kind: str, expected: object) -> None:
    literal = value(text)
    assert isinstance(literal, m.Literal)
    assert literal.kind == kind
    assert literal.value == expected
    assert type(literal.value) is type(expected)


def test_calls() -> None:
    source = "class C { void m() { a.<T>b(c, 1); } }"
    (function,) = unit(source).functions
    assert function.body is not None
    call = function.body.statements[0].value  # type: ignore[attr-defined]
    assert (call.kind, call.name, call.receiver.id, len(call.args)) == ("method", ("b",), "a", 2)
    assert call.type_args[0].name == ("T",)
    assert source[call.name_start : call.name_end] == "b"
    assert source[call.args_start : call.args_end] == "(c, 1)"
    assert only("f(x);").value.kind == "function"
    assert only("super.f();").value.receiver.id == "super"
    assert only("java.util.List.of();").value.receiver.of.of.id == "java"


def test_constructor_calls() -> None:
    (function,) = unit("class C { C() { this(1); } }").functions
    assert function.body is not None
    call = function.body.statements[0].value  # type: ignore[attr-defined]
    assert (call.kind, call.name, len(call.args)) == ("function", ("this",), 1)
    assert unit("class C { C() { super(); } }").functions[0].body.statements[0].value.name == ("super",)  # type: ignore[union-attr]


def test_new() -> None:
    call = value("new java.util.HashMap<K, List<V>>(16)")
    assert (call.kind, call.name, call.type.args[1].name) == ("new", ("java", "util", "HashMap"), ("List",))
    assert call.name_end - call.name_start == len("HashMap")
    inner = value("outer.new Inner()")
    assert inner.receiver.id == "outer"
    assert inner.name == ("Inner",)
    anonymous = value("new A(b) { int f = c; void g() { d(); } }")
    assert anonymous.body.bases[0].name == ("A",)
    assert anonymous.body.fields[0].value.id == "c"
    assert anonymous.body.functions[0].qualname == ("C", "m", "<anonymous>", "g")
    assert anonymous.body.functions[0].body is not None


def test_arrays() -> None:
    sized = value("new int[n][k][]")
    assert (sized.kind, sized.repeat.id, sized.items[0].parts[0].id) == ("array", "n", "k")
    assert sized.type.args[0].args[0].args[0].name == ("int",)
    listed = value("new int[] {1, 2}")
    assert listed.repeat is None
    assert [item.value for item in listed.items] == [1, 2]
    assert value("new int[n]").items == ()


def test_operators() -> None:
    assert value('"a" + (b)').right.id == "b"
    assert value("!a").op == "!"
    assert only("i++;").value.op == "++"
    assert only("--i;").value.op == "--"
    assert only("a[i] += 2;").op == "+="
    assert value("b = c").statement.target.id == "b"
    assert value("(int) y").type.name == ("int",)
    ternary = value("a ? b : c").statement
    assert ternary.kind == "ternary"
    assert ternary.exhaustive
    assert ternary.arms[1].body.statements[0].tail
    check = value("o instanceof String s")
    assert check.op == "instanceof"
    assert check.right.mentions == ("s",)


def test_lambdas_and_method_references() -> None:
    closure = value("(a, _) -> a + 1")
    assert [param.name for param in closure.params] == ["a", None]
    assert closure.body.statements[0].tail
    assert [param.name for param in value("(int a, String... b) -> { return a; }").params] == ["a", "b"]
    assert not value("() -> { f(); }").body.statements[0].tail
    assert (value("ArrayList::new").of.id, value("ArrayList::new").name) == ("ArrayList", "new")
    assert value("this::visit").of.id == "this"
    assert value("List<String>::size").type.name == ("List",)
    assert value("int[]::new").type.kind == "array"


def test_outer_instances_are_not_exact() -> None:
    assert isinstance(value("Outer.this.x").of, m.Opaque)
    assert isinstance(value("Outer.super.x").of, m.Opaque)
    assert value("this.x").of.id == "this"


def test_string_templates_are_no_literals() -> None:
    template = value('"a \\{b + c}"')
    assert isinstance(template, m.Opaque)
    assert len(template.parts) == 1
