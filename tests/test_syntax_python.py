"""The Python reader: what constructs become, that no use of a name is lost, that nothing makes it fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
import tree_sitter as ts
import tree_sitter_python

from alloclint.syntax import model as m
from alloclint.syntax.python import read
from alloclint.syntax.reading import descendants

PARSER = ts.Parser(ts.Language(tree_sitter_python.language()))
# What these lead to is reached as Nested statements or function bodies too, or has been passed on the way.
SECOND_WAYS = ("owner", "functions", "types", "fields", "_body")
NO_USE = frozenset({
    "as_pattern", "dotted_name", "global_statement", "import_from_statement", "keyword_pattern",
    "lambda_parameters", "nonlocal_statement", "parameters", "type", "type_parameter",
})  # fmt: skip


def unit_of(code: str) -> m.Unit:
    source = code.encode()
    return read(PARSER.parse(source), source)


def body_of(code: str) -> list[m.Stmt]:
    """The top-level statements of a file."""
    block = unit_of(code).functions[0].body
    assert block is not None
    return block.statements


def value_of(code: str) -> Any:
    """The value of the expression `code`."""
    (statement,) = body_of(code)
    assert isinstance(statement, m.Eval)
    return statement.value


def shape(node: object) -> Any:
    """A node as nested tuples without positions, to compare with."""
    if isinstance(node, list | tuple):
        return [shape(item) for item in node]
    if not isinstance(node, m.Node):
        return node
    fields = [field.name for field in dataclasses.fields(node) if not field.name.endswith(("start", "end"))]
    values = [(name, shape(getattr(node, name))) for name in fields]
    return (type(node).__name__, *[pair for pair in values if pair[1] not in (None, [], False)])


def everything(unit: m.Unit) -> Iterator[m.Node]:
    """All nodes of a unit, with all bodies, each once."""
    seen: set[int] = set()
    waiting: list[object] = [unit]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list | tuple):
            waiting.extend(node)
        elif isinstance(node, m.Node) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting.extend(getattr(node, field.name) for field in dataclasses.fields(node))
            waiting.append(node.body if isinstance(node, m.Function) else None)


def height(unit: m.Unit) -> int:
    """How deep a recursive walk over a unit gets."""
    highest = 0
    waiting: list[tuple[object, int]] = [(unit, 0)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, list | tuple):
            waiting.extend((item, level) for item in node)
        elif isinstance(node, m.Node):
            highest = max(highest, level)
            names = [field.name for field in dataclasses.fields(node) if field.name not in SECOND_WAYS]
            waiting.extend((getattr(node, name), level + 1) for name in names)
            if isinstance(node, m.Unit | m.TypeDecl):
                waiting.extend((function, level + 1) for function in node.functions[:1])
            if isinstance(node, m.Function):
                waiting.append((node.body, level + 1))
    return highest


def lost(source: bytes) -> list[str]:
    """The uses of names in a file that the model does not show."""
    root = PARSER.parse(source).root_node
    unit = read(PARSER.parse(source), source)
    starts: set[int] = set()
    mentioned: list[tuple[int, int, tuple[str, ...]]] = []
    for node in everything(unit):
        if isinstance(node, m.Name | m.Pattern | m.Type | m.Attribute):
            starts.add(node.start)
        elif isinstance(node, m.Call):
            starts.add(node.name_start)
        elif isinstance(node, m.Opaque) and node.mentions:
            mentioned.append((node.start, node.end, node.mentions))
    found = []
    for use in uses(root):
        at, text = use.start_byte, source[use.start_byte : use.end_byte].decode("utf-8", "replace")
        if at not in starts and not any(low <= at < high and text in names for low, high, names in mentioned):
            found.append(f"{text} at {at}")
    return found


def uses(root: ts.Node) -> Iterator[ts.Node]:
    """The identifiers of a tree that are evaluated or assigned, told from its structure alone."""
    waiting: list[tuple[ts.Node, bool]] = [(root, True)]
    while waiting:
        node, counts = waiting.pop()
        if node.type == "identifier" and counts and node.end_byte > node.start_byte:
            yield node
        cursor = node.walk()
        inside = counts and node.type not in ("type", "type_parameter", "type_alias_statement")
        more = cursor.goto_first_child()
        while more:
            child, field = cursor.node, cursor.field_name
            assert child is not None
            named = field in ("attribute", "name") and node.type not in ("named_expression", "aliased_import")
            bare = child.type == "identifier" and node.type in NO_USE
            if node.type == "as_pattern":  # The alias is no use, what stands before it is.
                bare = child.start_byte > node.start_byte
            waiting.append((child, inside and not named and not bare))
            more = cursor.goto_next_sibling()


def test_names_are_listed_in_source_order() -> None:
    unit = unit_of(
        "X = 1\nclass A:\n    def f(self): pass\n    class B:\n        def g(self): pass\n"
        "    def h(self): pass\nif X:\n    def k(): pass\ntry:\n    import z\nexcept E:\n    def k(): pass\n"
    )
    names = [".".join(function.qualname) for function in unit.functions]
    assert names == ["<module>", "A.<class>", "A.f", "A.B.<class>", "A.B.g", "A.h", "k", "k"]
    assert [decl.qualname for decl in unit.types] == [("A",), ("A", "B")]
    assert [function.name for function in unit.types[0].functions] == ["<class>", "f", "h"]
    assert unit.functions[2].owner is unit.types[0]
    assert unit.types[0].types == [unit.types[1]]


def test_nested_definitions_know_their_surroundings() -> None:
    (outer,) = body_of("def outer():\n    def inner(): pass\n    class C:\n        def m(self): pass\n")
    assert isinstance(outer, m.Nested) and outer.function and outer.function.body
    inner, decl = outer.function.body.statements
    assert isinstance(inner, m.Nested) and inner.function and inner.function.qualname == ("outer", "inner")
    assert isinstance(decl, m.Nested) and decl.type and decl.type.functions[1].qualname == ("outer", "C", "m")


def test_bodies_are_read_on_first_use() -> None:
    function = unit_of("def f(): x").functions[1]
    assert not function._read
    assert function.body is function.body


def test_module_fields() -> None:
    unit = unit_of(
        "A = 1\nB: dict[str, int] = {}\nC: int\nimport os\na, b = 1, 2\nc, d = f()\nA += 1\nA = 2\n"
    )
    assert [(one.name, one.type is not None) for one in unit.fields] == [
        ("A", False), ("B", True), ("C", True), ("a", False), ("b", False),
    ]  # fmt: skip
    assert unit.fields[0].modifiers == {"module"}
    assert shape(unit.fields[4].value) == shape(value_of("2"))


def test_class_and_instance_fields() -> None:
    unit = unit_of(
        "class A:\n    x: dict[str, int]\n    y = None\n    def __init__(self, n):\n        self.x = {}\n"
        "        if n:\n            self.y: list[int] = []\n        self.z = self.w = n\n"
        "        other.q = 1\n    def f(self):\n        self.late = 1\n"
    )
    fields = {one.name: one for one in unit.types[0].fields}
    assert list(fields) == ["x", "y", "z", "w"]
    assert fields["x"].modifiers == {"class"} and fields["y"].modifiers == {"instance"}
    assert fields["z"].qualname == ("A", "z")
    init = unit.types[0].functions[1].body
    assert init and isinstance(init.statements[-3], m.Assign)
    assert fields["z"].value is init.statements[-3].value


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("dict[str, int]", ("dict", ["str", "int"])),
        ("typing.Dict[str, t.Any]", ("typing.Dict", ["str", "t.Any"])),
        ("Optional[X]", ("Optional", ["X"])),
        ("X | None", ("union", ["X", "None"])),
        ("a.X | list[int] | None", ("union", ["a.X", ("list", ["int"]), "None"])),
        ('"X"', "X"),
        ('"dict[str, X] | None"', ("union", [("dict", ["str", "X"]), "None"])),
        ('list["X"]', ("list", ["X"])),
        ('Literal["X", 1]', "Literal"),
        ("Callable[[int], str]", ("Callable", [("tuple", ["int"]), "str"])),
        ('"not a type"', "unknown"),
        ("f(x)", "unknown"),
        ("tuple[int, ...]", ("tuple", ["int", "unknown"])),
    ],
)
def test_types(annotation: str, expected: object) -> None:
    def spelled(kind: m.Type) -> object:
        name = ".".join(kind.name) or kind.kind
        return (name, [spelled(argument) for argument in kind.args]) if kind.args else name

    for code in f"x: {annotation}", f"x: {annotation} = 1", f"def f(x: {annotation}): pass":
        (statement,) = body_of(code)
        found = statement.type if isinstance(statement, m.Let | m.Assign) else None
        if isinstance(statement, m.Nested) and statement.function:
            found = statement.function.params[0].type
        assert found is not None and spelled(found) == expected


def test_quoted_types_keep_their_place() -> None:
    code = 'x: "dict[str, Y]"'
    (statement,) = body_of(code)
    assert isinstance(statement, m.Let) and statement.type
    y = statement.type.args[1]
    assert code[y.start : y.end] == "Y"


def test_metadata_of_annotated() -> None:
    unit = unit_of(
        "class A:\n    x: Annotated[dict[str, int], 'doc', alloc.Cardinality(5, headroom=2)] | None = None\n"
        "def f(p: Annotated[list[int], Cardinality(7)]):\n    q: Annotated[list[int], Cardinality(9)] = []\n"
    )
    (field,) = unit.types[0].fields
    assert [one.name for one in field.attributes] == [(), ("alloc", "Cardinality")]
    assert len(field.attributes[1].args) == 2
    function = unit.functions[2]
    assert [(one.name, one.text) for one in function.params[0].attributes] == [
        (("Cardinality",), "Cardinality(7)")
    ]
    assert function.body and isinstance(assign := function.body.statements[0], m.Assign)
    assert assign.type and isinstance(assign.type.length, m.Call) and assign.type.length.last == "Cardinality"


def test_parameters() -> None:
    function = unit_of(
        "class A:\n    async def f(self, a, /, b: int = 1, *args: T, c=x, **kw): pass"
    ).functions[2]
    assert [param.pattern.name for param in function.params] == ["self", "a", "b", "args", "c", "kw"]
    kinds = [param.type.name if param.type else None for param in function.params]
    assert kinds == [("Self",), None, ("int",), ("tuple",), None, ("dict",)]
    assert function.modifiers == {"async"}
    assert isinstance(function.params[4].default, m.Name)


def test_imports() -> None:
    unit = unit_of(
        "import a.b as c, d.e\nfrom .x import y as z\nfrom . import w\nfrom ..p.q import *\n"
        "def f():\n    from g import (\n        h,  # why\n        i)\nfrom __future__ import annotations\n"
    )
    assert [(one.alias, one.path) for one in unit.imports] == [
        ("c", ("a", "b")), ("d", ("d",)), ("z", (".x", "y")), ("w", (".", "w")), ("*", ("..p", "q")),
        ("h", ("g", "h")), ("i", ("g", "i")), ("annotations", ("__future__", "annotations")),
    ]  # fmt: skip
    function = unit.functions[1].body
    assert function and [s.pattern.name for s in function.statements if isinstance(s, m.Let)] == ["h", "i"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1_000", 1000), ("0x1F", 31), ("0b11", 3), ("0o17", 15), ("0777", 511), ("10L", 10),
        ("1e3", 1000.0), ("1_0.5", 10.5),
        (r'"a\tb\x41\u00e9\N{BULLET}\101\q"', "a\tbA\u00e9\u2022A\\q"),
        (r'r"a\n"', r"a\n"), (r'b"\x00\101\u"', b"\0A\\u"),
        ('"""a"b"""', 'a"b'), ("'a\\\nb'", "ab"), ('f"a{{b}}"', "a{b}"), ('"a" "b"', "ab"),
        ('("a"  # x\n "b")', "ab"),
        ("True", True), ("None", None), (r'rb"\d"', b"\\d"), (r'"\U00110000"', r"\U00110000"), ('u"é"', "é"),
    ],
)  # fmt: skip
def test_literals(code: str, value: object) -> None:
    literal = value_of(code)
    assert isinstance(literal, m.Literal)
    assert literal.value == value and type(literal.value) is type(value)


@pytest.mark.parametrize("code", ["3j", "1.5j", "9" * 5000, "...", 'f"{x}"', '"a" f"{x}"', '"a" b"b"'])
def test_what_is_no_literal(code: str) -> None:
    assert isinstance(value_of(code), m.Opaque)


@pytest.mark.parametrize(
    ("code", "like"),
    [
        ("((a))", "a"), ("a if b else c", "a  if(b)else  c"), ("(f)(x)", "f(x)"), ("a[(1)]", "a[1]"),
        ("a[1, 2]", "a[(1, 2)]"), ("a[1,]", "a[(1,)]"),
        ("x, y", "(x, y)"), ("x,", "(x,)"), ("[*a]", "[ * a ]"),
    ],
)  # fmt: skip
def test_alike(code: str, like: str) -> None:
    assert shape(value_of(code)) == shape(value_of(like))


def test_calls() -> None:
    code = "a.b(x, *y, k=z, **w)"
    call = value_of(code)
    assert (call.kind, call.name, shape(call.receiver)) == ("method", ("b",), ("Name", ("id", "a")))
    assert [getattr(argument, "name", None) for argument in call.args] == [None, "*", "k", "**"]
    assert (code[call.name_start : call.name_end], code[call.args_start]) == ("b", "(")
    assert value_of("f(x for x in y)").args[0].kind == "generator"
    assert (value_of("f(x)").kind, value_of("f(x)").receiver) == ("function", None)
    assert (value_of("t[i](x)").kind, value_of("t[i](x)").name) == ("value", ())


def test_operators() -> None:
    chain = value_of("a < b <= c")
    assert (chain.op, chain.left.op, chain.right.op) == ("and", "<", "<=")
    assert chain.left.right is chain.right.left
    codes = ("a not in b", "a is not b", "not a", "-a", "a or b", "a ** b")
    assert [value_of(code).op for code in codes] == [
        "not in", "is not", "not", "-", "or", "**",
    ]  # fmt: skip
    piece = value_of("a[::2]").index
    assert isinstance(piece, m.Range) and piece.low is piece.high is None and piece.step is not None


def test_comprehensions() -> None:
    found = value_of("{k: v for k, v in x if a if b for (p, *q) in k}")
    assert (found.kind, len(found.items), len(found.clauses)) == ("dict", 2, 2)
    assert [len(clause.conditions) for clause in found.clauses] == [2, 0]
    assert list(found.clauses[1].pattern.names()) == ["p", "q"]


def test_embedded_statements() -> None:
    assert isinstance(value_of("(a := f(x))").statement, m.Assign)
    assert isinstance(value_of("lambda x, *y: x"), m.Closure)
    assert isinstance(value_of("lambda x=z: x").parts[1], m.Closure)
    assert value_of("a if b else c").statement.exhaustive
    assert isinstance(value_of("await x"), m.Opaque)


def test_assignments() -> None:
    first, second = body_of("a = b.c = f()")
    assert isinstance(first, m.Assign) and isinstance(second, m.Assign)
    assert first.value is second.value
    (several,) = body_of("a, *b = c, d")
    assert isinstance(several, m.Assign) and isinstance(several.target, m.Display)
    assert several.target.kind == "tuple"
    (augmented,) = body_of("a //= 2")
    assert isinstance(augmented, m.Assign) and augmented.op == "//="


def test_compound_statements() -> None:
    loop, attempt, managed, branch = body_of(
        "for i, (a, b) in x:\n    pass\nelse:\n    c\n"
        "try:\n    a\nexcept (E, F) as e:\n    b\nexcept G:\n    c\nelse:\n    d\nfinally:\n    f\n"
        "with p as q, r(), s as t.u:\n    v\n"
        "if a: b\nelif c: d\nelse: e\n"
    )
    assert isinstance(loop, m.Loop) and loop.otherwise and loop.pattern
    assert list(loop.pattern.names()) == ["i", "a", "b"]
    assert isinstance(attempt, m.Try) and attempt.otherwise and attempt.final and len(attempt.handlers) == 2
    caught = attempt.handlers[0].statements[0]
    assert isinstance(caught, m.Let) and caught.pattern.name == "e"
    assert isinstance(managed, m.Block) and managed.kind == "with" and not managed.scope
    assert [type(statement) for statement in managed.statements] == [m.Let, m.Let, m.Let, m.Assign, m.Eval]
    assert isinstance(branch, m.Branch) and len(branch.arms) == 3 and branch.exhaustive


def test_match() -> None:
    (branch,) = body_of(
        "match x:\n    case 1 | -2: a\n    case P(q, r=s) as t if u: b\n    case C.D: c\n"
        "    case {'k': v, **w}: d\n    case [y, *z]: e\n    case _: f\n"
    )
    assert isinstance(branch, m.Branch) and branch.kind == "match" and branch.exhaustive
    names = [[name for pattern in arm.patterns for name in pattern.names()] for arm in branch.arms]
    assert names == [[], ["t", "q", "s"], [], ["v", "w"], ["y", "z"], []]
    assert branch.arms[1].test is not None
    assert [pattern.refutable for arm in branch.arms for pattern in arm.patterns] == [True] * 5 + [False]


def test_exits() -> None:
    statements = body_of("def f():\n    yield x\n    yield from y\n    raise E(m) from e\n    return a, b\n")
    assert isinstance(statements[0], m.Nested) and statements[0].function and statements[0].function.body
    exits = [one for one in statements[0].function.body.statements if isinstance(one, m.Exit)]
    assert [one.kind for one in exits] == ["yield", "yield", "throw", "return"]
    assert isinstance(exits[2].value, m.Call)


def test_what_is_a_test() -> None:
    unit = unit_of(
        "import pytest\ndef test_a(): pass\ndef b_test(): pass\ndef helper(): pass\n"
        "@pytest.fixture(scope='session')\ndef big(): pass\n"
        "class TestX:\n    def setup(self): pass\n    def test_it(self): pass\n"
        "class Y(django.test.TestCase):\n    def z(self): pass\n"
    )
    assert unit.is_test
    tests = {function.name: function.is_test for function in unit.functions}
    assert not tests.pop("helper")
    assert all(tests.values()) and all(decl.is_test for decl in unit.types)
    assert not unit_of("def f(): pass").is_test
    # A class that is named after tests, but has none, is what tests are made of.
    assert not unit_of("import pytest\nclass TestResult:\n    def tests(self): pass\n").types[0].is_test


def test_decorators() -> None:
    function = unit_of("@a.b(x)\n@c\n@staticmethod\n@d[0]\ndef f(): pass").functions[1]
    assert [one.name for one in function.attributes] == [("a", "b"), ("c",), ("staticmethod",), ()]
    assert function.modifiers == {"static"}
    assert [len(one.args) for one in function.attributes] == [1, 0, 0, 1]


def test_comments() -> None:
    code = "x = 1  # why\ny = '# no'\n"
    comment_at = unit_of(code).comment_at
    start = code.index("# why")
    assert comment_at(start) == comment_at(start + 4) == (start, start + 5)
    assert comment_at(start - 1) is comment_at(start + 5) is comment_at(code.index("# no")) is None


SAMPLE = """
import os
@deco(a0, k=a1)
def f(p, q=a2, *r, s: T = a3, **t) -> U:
    global g1
    for a4[a5], (b1, c.d) in a6: a7
    else: a8
    while (w := a9): del b2, b3[b4]
    with b5 as b6[b7], (b8) as (b9, c1): c2
    async with c3: pass
    try: c4
    except (c5, c6) as c7: raise c8 from c9
    finally: assert d1, d2
    print >>d3, d4
    exec d5 in d6
    return [d7 async for d8.x[d9] in e1, e2 if e3 if e4], {e5: e6, **e7}, {*e8}, (yield e9)
class A(f1, f2(f3), metaclass=f4, **f5):
    f6 = f7 = lambda f8, f9=g1: (g2, f8)
    g3: g4[g5] = f"{g6!r:>{g7}}" "x" f'{g8=}'
    match g9, h1:
        case h2.X | [1, h3] if h4: h5
        case h6(h7, x=h8.Y) as h9: i1
        case {i2.K: i3, **i4}: i5
x.y[i6:i7, i8::i9] @= j1 if j2 else j3 < j4 < j5 not in j6
j7(*j8, j9=await_(k1))(k2).k3(k4 for k4 in k5)[k6]
k7 = k8, *k9 = yield l1
self.l2: l3 = l4
with (open(l5) as l6, l7): l8
"""


def test_no_use_is_lost() -> None:
    assert lost(SAMPLE.encode()) == []


@pytest.mark.parametrize("step", range(7))
def test_no_use_is_lost_in_broken_code(step: int) -> None:
    source = SAMPLE.encode()
    for cut in range(step, len(source), 7):
        broken = source[:cut] + source[cut + 2 :]
        assert lost(broken) == [], broken.decode("utf-8", "replace")


def test_damage_is_told() -> None:
    unit = unit_of("def f(:\n    x = g(y\n")
    assert unit.damaged
    assert not unit_of("def f():\n    pass\n").damaged


N = 20_000
DEEP = {
    "parentheses": "x = " + "(" * N + "a" + ")" * N,
    "lists": "x = " + "[" * N + "a" + "]" * N,
    "calls": "x = " + "f(" * N + "a" + ")" * N,
    "sum": "x = a" + " + a" * N,
    "comparison": "x = a" + " < a" * N,
    "negation": "x = " + "not " * N + "a",
    "attributes": "x = a" + ".b" * N,
    "method chain": "x = a" + ".b()" * N,
    "subscripts": "x = a" + "[0]" * N,
    "targets": "a = " * N + "a",
    "ternary": "x = " + "a if b else " * N + "a",
    "lambda": "x = " + "lambda: " * N + "a",
    "union": "x: a" + " | a" * N,
    "generic": "x: " + "a[" * 3000 + "b" + "]" * 3000,
    "elif": "if a: b\n" + "elif a: b\n" * N,
    "comprehensions": "x = " + "[a for a in " * 2000 + "a" + "]" * 2000,
    "f-strings": "x = " + "f'{" * 500 + "a" + "}'" * 500,
    "blocks": "".join(" " * level + "if a:\n" for level in range(400)) + " " * 400 + "b\n",
    "functions": "".join(" " * level + "def f(a=b):\n" for level in range(400)) + " " * 400 + "b\n",
    "classes": "".join(" " * level + "class f(b):\n" for level in range(400)) + " " * 400 + "b\n",
    "tuple targets": "for " + "(" * N + "a,"+ ")" * N + " in b: c",
    "open": "(" * N,
    "open calls": "f(" * N,
    "closed": ")" * N,
    "decorators": "@a\n" * N + "def f(): pass",
    "statements": "a = f(b)\n" * N,
}  # fmt: skip


@pytest.mark.parametrize("code", DEEP.values(), ids=DEEP)
def test_deep_and_long_code(code: str) -> None:
    """Reading is linear, never exhausts the stack, and what is read is not too deep for recursive walks."""
    tree = PARSER.parse(code.encode())
    unit = read(tree, code.encode())
    assert height(unit) < 350


def test_descendants_are_those_of_the_node() -> None:
    root = PARSER.parse(b"a\nb + c\nd").root_node
    assert [node.type for node in descendants(root.children[1])] == [
        "expression_statement", "binary_operator", "identifier", "+", "identifier",
    ]  # fmt: skip
