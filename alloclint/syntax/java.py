"""Read a Java file: package, imports, types and members. `java_code` reads the bodies when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tree_sitter import Node as Syntax
from tree_sitter import Tree

from alloclint.syntax.java_code import Code, is_final
from alloclint.syntax.java_expressions import MOST_NESTED, Expressions, declared_name
from alloclint.syntax.java_types import ANNOTATIONS, COMMENTS, TYPES, array, bound_name, dimensions, read_type
from alloclint.syntax.model import (
    Attribute,
    Block,
    Call,
    Eval,
    Expr,
    FieldDecl,
    Function,
    Import,
    Opaque,
    Param,
    Pattern,
    Type,
    TypeDecl,
    Unit,
)
from alloclint.syntax.reading import comment_finder, damaged

# JUnit 3 to 5, TestNG and JMH: methods with one of these annotations run only in tests and benchmarks.
_TESTS = frozenset(
    {
        *("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate", "Benchmark"),
        *("BeforeEach", "AfterEach", "BeforeAll", "AfterAll", "Before", "After", "BeforeClass", "AfterClass"),
    }
)

# Reading a member enters this many more Python frames than reading an expression does.
_MEMBER_DEPTH = 4

_KINDS = {
    "class_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "record_declaration": "record",
    "annotation_type_declaration": "annotation",
}


def read(tree: Tree, source: bytes) -> Unit:
    """The whole file. Never fails: what is not understood is Opaque, syntax errors are in `damaged`."""
    root = tree.root_node
    unit = Unit(0, len(source), damaged=damaged(root), comment_at=comment_finder(root, COMMENTS))
    nodes = _flattened(root)
    unit.package = next((_segments(node, source) for node in nodes if node.type == "package_declaration"), ())
    unit.imports = tuple(_import(node, source) for node in nodes if node.type == "import_declaration")
    top = TypeDecl(0, len(source), "class", "", unit.package)
    _members(top, Code(source, unit.package, _declare), nodes)
    unit.types, unit.functions = _flat(top)
    unit.fields = top.fields
    unit.is_test = bool(top.types) and all(declared.is_test for declared in top.types)
    for function in top.functions:
        function.owner = None
    return unit


def _flattened(node: Syntax | None) -> list[Syntax]:
    """The members of a body, those behind the `;` of an enum and those inside a syntax error included."""
    found: list[Syntax] = []
    waiting = node.named_children[::-1] if node is not None else []
    while waiting:
        child = waiting.pop()
        if child.type in ("ERROR", "enum_body_declarations"):
            waiting.extend(reversed(child.named_children))
        else:
            found.append(child)
    return found


def _flat(top: TypeDecl) -> tuple[list[TypeDecl], list[Function]]:
    """All types and all functions of the file in source order, without the enclosing pseudo-type itself."""
    types: list[TypeDecl] = []
    functions = list(top.functions)
    waiting = list(top.types)
    while waiting:
        declared = waiting.pop()
        types.append(declared)
        functions.extend(declared.functions)
        waiting.extend(declared.types)
    return sorted(types, key=_start), sorted(functions, key=_start)


def _start(declared: TypeDecl | Function) -> int:
    return declared.start


def _segments(node: Syntax | None, source: bytes) -> tuple[str, ...]:
    """The names of `a.b.c`, or of a declaration of it; from the right, because they nest to the left."""
    names: list[str] = []
    while node is not None:
        if node.type == "identifier":
            names.append(source[node.start_byte : node.end_byte].decode("utf-8", "replace"))
            break
        last = node.child_by_field_name("name") if node.type == "scoped_identifier" else None
        if last is not None:
            names.append(source[last.start_byte : last.end_byte].decode("utf-8", "replace"))
        kinds = ("identifier", "scoped_identifier")
        node = next((child for child in node.named_children if child.type in kinds), None)
    return tuple(reversed(names))


def _import(node: Syntax, source: bytes) -> Import:
    path = _segments(node, source)
    is_glob = any(child.type == "asterisk" for child in node.named_children)
    is_static = any(child.type == "static" for child in node.children)
    alias = "*" if is_glob or not path else path[-1]
    return Import(alias, path, is_static, node.start_byte, node.end_byte)


# ---------------------------------------------------------------- types


def _declare(around: Expressions, node: Syntax) -> TypeDecl:
    """A type declaration, or a class body that belongs to an anonymous class, within `around`."""
    name = node.child_by_field_name("name")
    called = around.text(name) if name is not None else "<anonymous>"
    body = node if node.type == "class_body" else node.child_by_field_name("body")
    declared = TypeDecl(*node.byte_range, "class", called, (*around.scope, called))
    declared.kind = _KINDS.get(node.type, "class")  # type: ignore[assignment]
    declared.modifiers, declared.attributes = _modifiers(around, node)
    declared.type_params = _type_params(node.child_by_field_name("type_parameters"), around)
    declared.bases = tuple(read_type(base, around.source) for base in _bases(node))
    nodes = _flattened(body)
    declared.is_test = around.is_test or _holds_tests(declared, nodes, around)
    inner = Code(around.source, declared.qualname, _declare, declared.is_test, around.nesting + 1)
    inner.depth = around.depth + _MEMBER_DEPTH
    declared.fields += _components(inner, node.child_by_field_name("parameters"))
    _members(declared, inner, nodes)
    return declared


def _bases(node: Syntax) -> list[Syntax]:
    """What stands after `extends` and `implements`, in order."""
    found: list[Syntax] = []
    for child in node.named_children:
        if child.type in ("superclass", "super_interfaces", "extends_interfaces"):
            lists = [part for part in child.named_children if part.type == "type_list"]
            holder = lists[0] if lists else child
            found.extend(part for part in holder.named_children if part.type in TYPES)
    return found


def _type_params(node: Syntax | None, around: Expressions) -> tuple[str, ...]:
    if node is None:
        return ()
    parameters = [child for child in node.named_children if child.type == "type_parameter"]
    names = [
        name
        for parameter in parameters
        for name in parameter.named_children
        if name.type == "type_identifier"
    ]
    return tuple(around.text(name) for name in names)


def _holds_tests(declared: TypeDecl, nodes: Sequence[Syntax], around: Expressions) -> bool:
    """Known before the members are read, because it holds for all that is nested in the type."""
    if any(base.last == "TestCase" for base in declared.bases):
        return True
    methods = (node for node in nodes if node.type == "method_declaration")
    return any(_is_test(_modifiers(around, method, names_only=True)[1]) for method in methods)


def _is_test(attributes: Sequence[Attribute]) -> bool:
    return any(attribute.last in _TESTS for attribute in attributes)


def _members(declared: TypeDecl, code: Code, nodes: Sequence[Syntax]) -> None:
    for node in nodes:
        member = _MEMBERS.get(node.type)
        if member is not None:
            member(declared, code, node)


def _nested_type(declared: TypeDecl, code: Code, node: Syntax) -> None:
    """A type nested too deep becomes an initialiser that mentions the names in it."""
    if code.nesting < MOST_NESTED:
        declared.types.append(_declare(code, node))
        return
    function = _function(declared, code, node, "<instance>", frozenset(), ())
    value = code.opaque(node)
    function.read_body = partial(Block, *node.byte_range, [Eval(*node.byte_range, value)])


def _modifiers(
    code: Expressions, node: Syntax, names_only: bool = False
) -> tuple[frozenset[str], tuple[Attribute, ...]]:
    """The words before a declaration and its annotations, whose arguments are left out if `names_only`."""
    first = node.children[0] if node.child_count else node
    if first.type != "modifiers":
        return frozenset(), ()
    words = frozenset(child.type for child in first.children if not child.is_named)
    annotations = [child for child in first.named_children if child.type in ANNOTATIONS]
    return words, tuple(_attribute(code, annotation, names_only) for annotation in annotations)


def _attribute(code: Expressions, node: Syntax, name_only: bool) -> Attribute:
    name = _segments(node.child_by_field_name("name"), code.source)
    args: tuple[Expr, ...] = () if name_only else code.items(node.child_by_field_name("arguments"))
    return Attribute(*node.byte_range, name, args, code.text(node))


# ---------------------------------------------------------------- fields


def _fields(declared: TypeDecl, code: Code, node: Syntax) -> None:
    """All declarators of a declaration. Those of an interface are constants without saying so."""
    words, attributes = _modifiers(code, node)
    if declared.kind in ("interface", "annotation"):
        words |= {"static", "final"}
    base = code.type(node.child_by_field_name("type"))
    for declarator in node.children_by_field_name("declarator"):
        let = code.declarator(declarator, base, "final" not in words)
        name = let.pattern.name or ""
        value = _with_lost(let.value, code.lost(declarator))
        qualname = (*declared.qualname, name)
        declared.fields.append(
            FieldDecl(*node.byte_range, name, let.type, value, words, attributes, qualname)
        )


def _with_lost(value: Expr | None, lost: tuple[str, ...]) -> Expr | None:
    """A damaged initialiser keeps the names of the damage."""
    if value is None or not lost:
        return value
    return Opaque(value.start, value.end, (value,), lost)


def _components(code: Code, node: Syntax | None) -> list[FieldDecl]:
    """The components of a record, which are its private final fields."""
    words = frozenset({"final", "component"})
    return [
        FieldDecl(
            param.start, param.end, param.pattern.name or "", param.type, None, words, param.attributes,
            (*code.scope, param.pattern.name or ""),
        )
        for param in _params(code, node)
    ]  # fmt: skip


def _constant(declared: TypeDecl, code: Code, node: Syntax) -> None:
    """An enum constant is a field whose value is a call of the enum's constructor."""
    name = node.child_by_field_name("name")
    arguments = node.child_by_field_name("arguments")
    called = code.text(name) if name is not None else ""
    kind = Type(*(name or node).byte_range, "named", (declared.name,))
    call = Call(*(name or node).byte_range, "new", kind.name, None, code.items(arguments), kind)
    call.end, (call.name_start, call.name_end) = node.end_byte, kind.span
    if arguments is not None:
        call.args_start, call.args_end = arguments.byte_range
    inside = Code(code.source, (*code.scope, called), _declare, code.is_test, code.nesting, code.depth)
    inside.anonymous(call, node.child_by_field_name("body"))
    words, attributes = _modifiers(code, node)
    words |= {"static", "final", "constant"}
    field = FieldDecl(*node.byte_range, called, kind, call, words, attributes, (*declared.qualname, called))
    declared.fields.append(field)


# ---------------------------------------------------------------- functions


def _function(
    declared: TypeDecl,
    code: Code,
    node: Syntax,
    name: str,
    words: frozenset[str],
    attributes: tuple[Attribute, ...],
) -> Function:
    """Add a function to the type; its body, if there is one, is read later with a stack of its own."""
    function = Function(*node.byte_range, name, (*declared.qualname, name), owner=declared)
    function.modifiers, function.attributes = words, attributes
    function.is_test = code.is_test or _is_test(attributes)
    inside = partial(Code, code.source, function.qualname, _declare, function.is_test, code.nesting)
    body = node if node.type == "block" else _body(node)
    function.read_body = partial(_read_body, inside, body)
    declared.functions.append(function)
    return function


def _body(node: Syntax) -> Syntax | None:
    blocks = (child for child in node.named_children if child.type in ("block", "constructor_body"))
    return next(blocks, None)


def _read_body(inside: Callable[[], Code], body: Syntax | None) -> Block | None:
    return inside().body(body)


def _method(declared: TypeDecl, code: Code, node: Syntax) -> None:
    name = node.child_by_field_name("name")
    words, attributes = _modifiers(code, node)
    function = _function(declared, code, node, code.text(name) if name is not None else "", words, attributes)
    function.name_start, function.name_end = (name or node).byte_range
    function.params = _params(code, node.child_by_field_name("parameters"))
    brackets = node.child_by_field_name("dimensions")
    returns = code.type(node.child_by_field_name("type"))
    function.returns = array(returns, dimensions(brackets), brackets.end_byte) if brackets else returns


def _constructor(declared: TypeDecl, code: Code, node: Syntax) -> None:
    name = node.child_by_field_name("name")
    words, attributes = _modifiers(code, node)
    function = _function(declared, code, node, "<init>", words | {"constructor"}, attributes)
    function.name_start, function.name_end = (name or node).byte_range
    function.params = _params(code, node.child_by_field_name("parameters"))
    if node.type == "compact_constructor_declaration":
        function.params = tuple(
            Param(
                field.start, field.end, Pattern(field.start, field.end, field.name), field.type, mutable=True
            )
            for field in declared.fields
            if "component" in field.modifiers
        )


def _initialiser(declared: TypeDecl, code: Code, node: Syntax) -> None:
    """`static { … }` or an instance's `{ … }`; the place of its name is the word or brace it starts with."""
    is_static = node.type == "static_initializer"
    name, words = ("<static>", frozenset({"static"})) if is_static else ("<instance>", frozenset[str]())
    function = _function(declared, code, node, name, words, ())
    function.name_start, function.name_end = node.children[0].byte_range


def _params(code: Code, node: Syntax | None) -> tuple[Param, ...]:
    """The parameters but for the receiver `T this`, which is none."""
    kinds = ("formal_parameter", "spread_parameter")
    children = node.named_children if node is not None else []
    return tuple(_param(code, child) for child in children if child.type in kinds)


def _param(code: Code, node: Syntax) -> Param:
    name = declared_name(node)
    written = next((child for child in node.named_children if child.type in TYPES), None)
    holder = next((child for child in node.named_children if child.type == "variable_declarator"), node)
    brackets = holder.child_by_field_name("dimensions")
    count = dimensions(brackets) + (node.type == "spread_parameter")
    kind = array(code.type(written), count, (brackets or written or node).end_byte)
    pattern = Pattern(*(name or node).byte_range, bound_name(name, code.source))
    attributes = _modifiers(code, node)[1]
    return Param(*node.byte_range, pattern, kind, mutable=not is_final(node), attributes=attributes)


_MEMBERS: dict[str, Callable[[TypeDecl, Code, Syntax], None]] = {
    **dict.fromkeys(_KINDS, _nested_type),
    "field_declaration": _fields,
    "constant_declaration": _fields,
    "local_variable_declaration": _fields,
    "enum_constant": _constant,
    "method_declaration": _method,
    "annotation_type_element_declaration": _method,
    "constructor_declaration": _constructor,
    "compact_constructor_declaration": _constructor,
    "static_initializer": _initialiser,
    "block": _initialiser,
}
