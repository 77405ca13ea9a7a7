"""
Read a Java file: package, imports, types and members.

Of a declaration the name is read; what else there is to it when asked for, and its body by `java_code`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

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

# An import as everybody writes it: static, the path, a star.
_IMPORT = re.compile(rb"import\s+(static\s+)?([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)(\.\*)?;")
_FIELDS = frozenset({"field_declaration", "constant_declaration", "local_variable_declaration"})
_KINDS = {
    "class_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "record_declaration": "record",
    "annotation_type_declaration": "annotation",
}
_MODULE = re.compile(rb"import\s+module\s+([\w.]+)\s*;")
_PACKAGES_OF_BASE = (
    "java.io", "java.math", "java.net", "java.nio", "java.nio.charset", "java.nio.file", "java.text",
    "java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.function",
    "java.util.regex", "java.util.stream",
)  # fmt: skip


def read(tree: Tree, source: bytes) -> Unit:
    """The whole file. Never fails: what is not understood is Opaque, syntax errors are in `damaged`."""
    root = tree.root_node
    unit = Unit(0, len(source), damaged=damaged(root), comment_at=comment_finder(root, COMMENTS))
    nodes = _flattened(root)
    unit.package = next((_segments(node, source) for node in nodes if node.type == "package_declaration"), ())
    unit.imports = tuple(
        one for node in nodes if node.type == "import_declaration" for one in _imports(node, source)
    )
    top = TypeDecl(0, len(source), "class", "", unit.package)
    code = Code(source, unit.package, _declare)
    _members(top, code, nodes)
    _fields(top, code, nodes)
    unit.types, unit.functions = _flat(top)
    unit.fields = top.fields
    unit.is_test = bool(top.types) and all(declared.is_test for declared in top.types)
    for function in top.functions:
        function.owner = None
    return unit


def _flattened(node: Syntax | None) -> list[Syntax]:
    """The members of a body, those behind the `;` of an enum and those inside a syntax error included."""
    found: list[Syntax] = []
    for child in node.named_children if node is not None else ():
        if child.type in ("ERROR", "enum_body_declarations"):
            found.extend(_flattened(child))
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


def _imports(node: Syntax, source: bytes) -> Iterator[Import]:
    """What an import brings in; `import module java.base;` imports all packages of the module."""
    module = _MODULE.match(source, node.start_byte, node.end_byte)
    if module is None:
        yield _import(node, source)
    elif module[1] == b"java.base":
        for package in _PACKAGES_OF_BASE:
            yield Import("*", tuple(package.split(".")), False, *node.byte_range)


def _import(node: Syntax, source: bytes) -> Import:
    start, end = node.start_byte, node.end_byte
    plain = _IMPORT.fullmatch(source, start, end)
    if plain is not None:
        segments = tuple(plain[2].decode().split("."))
        return Import("*" if plain[3] else segments[-1], segments, plain[1] is not None, start, end)
    path = _segments(node, source)
    is_glob = any(child.type == "asterisk" for child in node.named_children)
    is_static = any(child.type == "static" for child in node.children)
    alias = "*" if is_glob or not path else path[-1]
    return Import(alias, path, is_static, start, end)


# ---------------------------------------------------------------- types


def _declare(around: Expressions, node: Syntax) -> TypeDecl:
    """A type declaration, or a class body that belongs to an anonymous class, within `around`."""
    name = node.child_by_field_name("name")
    called = around.text(name) if name is not None else "<anonymous>"
    nodes = _flattened(node if node.type == "class_body" else node.child_by_field_name("body"))
    is_test = around.is_test or _holds_tests(node, nodes, around)
    inner = Code(around.source, (*around.scope, called), _declare, is_test, around.nesting + 1)
    inner.depth = around.depth + _MEMBER_DEPTH
    declared = TypeDecl.later(partial(_read_type, inner, node, nodes))
    declared.start, declared.end = node.byte_range
    declared.kind = _KINDS.get(node.type, "class")  # type: ignore[assignment]
    declared.name, declared.qualname, declared.is_test = called, inner.scope, is_test
    declared.functions, declared.types = [], []
    _members(declared, inner, nodes)
    return declared


def _read_type(inner: Code, node: Syntax, nodes: Sequence[Syntax], declared: TypeDecl) -> None:
    """What a type is besides its name and its members that run."""
    declared.modifiers, declared.attributes = _modifiers(inner, node)
    declared.type_params = _type_params(node.child_by_field_name("type_parameters"), inner)
    declared.bases = tuple(read_type(base, inner.source) for base in _bases(node))
    declared.variants, declared.aliased = (), None
    declared.fields = _components(inner, node.child_by_field_name("parameters"))
    _fields(declared, inner, nodes)


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


@lru_cache(maxsize=4)
def _mentions_tests(source: bytes) -> bool:
    return any(word in source for word in (b"Test", b"Before", b"After", b"Benchmark"))


def _holds_tests(declared: Syntax, nodes: Sequence[Syntax], around: Expressions) -> bool:
    """Known before the members are read, because it holds for all that is nested in the type."""
    if not _mentions_tests(around.source):
        return False
    if any(read_type(base, around.source).last == "TestCase" for base in _bases(declared)):
        return True
    methods = (node for node in nodes if node.type == "method_declaration")
    return any(_is_test(_modifiers(around, method, names_only=True)[1]) for method in methods)


def _is_test(attributes: Sequence[Attribute]) -> bool:
    return any(attribute.last in _TESTS for attribute in attributes)


def _members(declared: TypeDecl, code: Code, nodes: Sequence[Syntax]) -> None:
    """The functions and the types in a type."""
    for node in nodes:
        member = _MEMBERS.get(node.type)
        if member is not None:
            member(declared, code, node)


def _fields(declared: TypeDecl, code: Code, nodes: Sequence[Syntax]) -> None:
    for node in nodes:
        kind = node.type
        if kind in _FIELDS:
            declared.fields.extend(_declarators(declared, code, node))
        elif kind == "enum_constant":
            declared.fields.append(_constant(declared, code, node))


def _nested_type(declared: TypeDecl, code: Code, node: Syntax) -> None:
    """A type nested too deep becomes an initialiser that mentions the names in it."""
    if code.nesting < MOST_NESTED:
        declared.types.append(_declare(code, node))
        return
    function = _function(declared, code, node, "<instance>", _read_initialiser)
    function.name_start, function.name_end = 0, 0
    value = code.opaque(node)
    function.read_body = partial(Block, *node.byte_range, [Eval(*node.byte_range, value)])


def _modifiers(
    code: Expressions, node: Syntax, names_only: bool = False
) -> tuple[frozenset[str], tuple[Attribute, ...]]:
    """The words before a declaration and its annotations, whose arguments are left out if `names_only`."""
    first = node.child(0) if node.child_count else node
    if first.type != "modifiers":
        return frozenset(), ()
    kinds = [(child.type, child) for child in first.children]
    words = frozenset([kind for kind, child in kinds if not child.is_named])
    annotations = [child for kind, child in kinds if kind in ANNOTATIONS]
    return words, tuple([_attribute(code, annotation, names_only) for annotation in annotations])


def _attribute(code: Expressions, node: Syntax, name_only: bool) -> Attribute:
    name = _segments(node.child_by_field_name("name"), code.source)
    args: tuple[Expr, ...] = () if name_only else code.items(node.child_by_field_name("arguments"))
    return Attribute(*node.byte_range, name, args, code.text(node))


# ---------------------------------------------------------------- fields


def _declarators(declared: TypeDecl, code: Code, node: Syntax) -> Iterator[FieldDecl]:
    """All declarators of a declaration. Those of an interface are constants without saying so."""
    constant = declared.kind in ("interface", "annotation")
    for declarator in node.children_by_field_name("declarator"):
        found = FieldDecl.later(partial(_read_declarator, code, node, declarator, constant))
        found.start, found.end = node.byte_range
        found.name = bound_name(declarator.child_by_field_name("name"), code.source) or ""
        found.qualname = (*declared.qualname, found.name)
        yield found


def _read_declarator(
    code: Code, node: Syntax, declarator: Syntax, constant: bool, declared: FieldDecl
) -> None:
    words, declared.attributes = _modifiers(code, node)
    declared.modifiers = words | {"static", "final"} if constant else words
    base = code.type(node.child_by_field_name("type"))
    let = code.declarator(declarator, base, mutable=False)
    declared.type = let.type
    declared.value = _with_lost(let.value, code.lost(declarator))


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


def _constant(declared: TypeDecl, code: Code, node: Syntax) -> FieldDecl:
    """An enum constant is a field whose value is a call of the enum's constructor."""
    name = node.child_by_field_name("name")
    found = FieldDecl.later(partial(_read_constant, declared.name, code, node, name))
    found.start, found.end = node.byte_range
    found.name = code.text(name) if name is not None else ""
    found.qualname = (*declared.qualname, found.name)
    return found


def _read_constant(enum: str, code: Code, node: Syntax, name: Syntax | None, declared: FieldDecl) -> None:
    arguments = node.child_by_field_name("arguments")
    kind = Type(*(name or node).byte_range, "named", (enum,))
    call = Call(*(name or node).byte_range, "new", kind.name, None, code.items(arguments), kind)
    call.end, (call.name_start, call.name_end) = node.end_byte, kind.span
    if arguments is not None:
        call.args_start, call.args_end = arguments.byte_range
    scope = (*code.scope, declared.name)
    inside = Code(code.source, scope, _declare, code.is_test, code.nesting, code.depth)
    inside.anonymous(call, node.child_by_field_name("body"))
    words, declared.attributes = _modifiers(code, node)
    declared.type, declared.value = kind, call
    declared.modifiers = words | {"static", "final", "constant"}


# ---------------------------------------------------------------- functions


def _function(
    declared: TypeDecl,
    code: Code,
    node: Syntax,
    name: str,
    read: Callable[[Code, Syntax, Function], None],
) -> Function:
    """Add a function to the type; its body, if there is one, is read later with a stack of its own."""
    function = Function.later(partial(read, code, node))
    function.start, function.end = node.byte_range
    function.name, function.qualname, function.owner = name, (*code.scope, name), declared
    function.owner_type = function.trait = None
    function.constants = ()
    function.body_start = 0
    function.read_body = partial(_read_body, code, node, function)
    function._body, function._read = None, False
    declared.functions.append(function)
    return function


def _read_body(code: Code, node: Syntax, function: Function) -> Block | None:
    blocks = (child for child in node.named_children if child.type in ("block", "constructor_body"))
    body = node if node.type == "block" else next(blocks, None)
    return Code(code.source, function.qualname, _declare, function.is_test, code.nesting).body(body)


def _method(declared: TypeDecl, code: Code, node: Syntax) -> None:
    name = node.child_by_field_name("name")
    called = code.text(name) if name is not None else ""
    function = _function(declared, code, node, called, _read_method)
    function.name_start, function.name_end = (name or node).byte_range


def _read_method(code: Code, node: Syntax, function: Function) -> None:
    _read_head(code, node, function)
    brackets = node.child_by_field_name("dimensions")
    returns = code.type(node.child_by_field_name("type"))
    function.returns = array(returns, dimensions(brackets), brackets.end_byte) if brackets else returns


def _read_head(code: Code, node: Syntax, function: Function) -> None:
    function.modifiers, function.attributes = _modifiers(code, node)
    function.is_test = code.is_test or _is_test(function.attributes)
    function.params = _params(code, node.child_by_field_name("parameters"))
    function.returns = None


def _constructor(declared: TypeDecl, code: Code, node: Syntax) -> None:
    name = node.child_by_field_name("name")
    function = _function(declared, code, node, "<init>", _read_constructor)
    function.name_start, function.name_end = (name or node).byte_range


def _read_constructor(code: Code, node: Syntax, function: Function) -> None:
    _read_head(code, node, function)
    function.modifiers |= {"constructor"}
    if node.type == "compact_constructor_declaration" and function.owner is not None:
        function.params = tuple(
            Param(
                field.start, field.end, Pattern(field.start, field.end, field.name), field.type, mutable=True
            )
            for field in function.owner.fields
            if "component" in field.modifiers
        )


def _initialiser(declared: TypeDecl, code: Code, node: Syntax) -> None:
    """`static { … }` or an instance's `{ … }`; the place of its name is the word or brace it starts with."""
    name = "<static>" if node.type == "static_initializer" else "<instance>"
    function = _function(declared, code, node, name, _read_initialiser)
    function.name_start, function.name_end = node.children[0].byte_range


def _read_initialiser(code: Code, node: Syntax, function: Function) -> None:
    function.modifiers = frozenset({"static"} if function.name == "<static>" else ())
    function.attributes, function.params, function.returns = (), (), None
    function.is_test = code.is_test


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
    "method_declaration": _method,
    "annotation_type_element_declaration": _method,
    "constructor_declaration": _constructor,
    "compact_constructor_declaration": _constructor,
    "static_initializer": _initialiser,
    "block": _initialiser,
}
