"""
Rust: from the grammar's tree to `model.Unit`.

Here are the declarations. What there is to one besides its name is read on first use, and so are bodies.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal as OneOf
from typing import Self

import tree_sitter
from tree_sitter import Node

from alloclint.syntax.model import (
    Attribute,
    Block,
    Eval,
    Expr,
    FieldDecl,
    Function,
    Import,
    Nested,
    Param,
    Pattern,
    Stmt,
    Type,
    TypeDecl,
    Unit,
)  # fmt: skip
from alloclint.syntax.reading import DEEPEST, OPEN_TO_MACROS, damaged
from alloclint.syntax.rust_macros import MacroReader
from alloclint.syntax.rust_types import TRIVIA, solid

_COMMENTS = frozenset({"line_comment", "block_comment"})
_COMMENT_PARTS = frozenset({
    "doc_comment", "outer_doc_comment_marker", "inner_doc_comment_marker", "//", "/*", "*/", "/", "*", "!",
})  # fmt: skip
_TEST_ATTRIBUTES = frozenset({"test", "rstest", "bench", "quickcheck", "proptest"})
_TEST_MODULES = frozenset({"test", "tests", "bench", "benches"})
_LAZY_MACROS = frozenset({"thread_local", "lazy_static"})
# The arguments of these are no expressions, and they are most of the attributes there are.
_BUILT_IN = frozenset({
    "allow", "cfg", "cfg_attr", "deny", "derive", "doc", "expect", "feature", "forbid", "inline", "link",
    "must_use", "non_exhaustive", "repr", "serde", "target_feature", "warn",
})  # fmt: skip
# Looks ahead, so that the word in a comment does not swallow the import behind it.
_USE = re.compile(rb"use(?<!\w...)(?=\s[^;]{1,4000};)")


def read(tree: tree_sitter.Tree, source: bytes) -> Unit:
    """The file as a Unit. Never fails: what is damaged is listed in `damaged`, and Opaque inside bodies."""
    root = tree.root_node
    declared = _Declared()
    reader = _Reader(source)
    is_test = reader.inner_tests(root)
    reader.items(root.children, _Scope(test=is_test), declared)
    declared.link()
    return Unit(
        0,
        len(source),
        imports=(*declared.imports, *_local_imports(root, source, declared.functions)),
        types=declared.types,
        functions=declared.functions,
        fields=declared.fields,
        damaged=damaged(root, OPEN_TO_MACROS) if root.has_error else (),
        comment_at=partial(_comment_at, root, source),
        is_test=is_test,
    )


def _comment_at(root: Node, source: bytes, offset: int) -> tuple[int, int] | None:
    node = root.descendant_for_byte_range(offset, offset + 1)
    for _ in range(2):
        # Only the parts of a comment are worth a step up, which costs a walk from the root.
        if node is not None and node.type in _COMMENT_PARTS:
            node = node.parent
    if node is None or node.type not in _COMMENTS:
        return None
    # A line doc comment takes its newline with it.
    end = node.start_byte + len(source[node.start_byte : node.end_byte].rstrip(b"\r\n"))
    return (node.start_byte, end) if node.start_byte <= offset < end else None


def _local_imports(root: Node, source: bytes, functions: Sequence[Function]) -> Iterator[Import]:
    """The imports in the bodies of functions, found by the word, so that no body must be walked for them."""
    reader = _Reader(source)
    bodies = sorted((function.name_end, function.end) for function in functions)
    starts = [start for start, _ in bodies]
    for found in _USE.finditer(source):
        number = bisect_right(starts, found.start()) - 1
        if number < 0 or found.start() >= bodies[number][1]:
            continue
        node = root.descendant_for_byte_range(found.start(), source.index(b";", found.end()) + 1)
        if node is not None and node.type == "use_declaration":
            yield from reader.imports(node)


_Kind = OneOf["struct", "enum", "union", "trait", "alias"]


# ---------------------------------------------------------------- what declarations stand in


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a declaration stands: its qualified path, and what it belongs to."""

    path: tuple[str, ...] = ()
    test: bool = False
    self_type: Type | None = None
    trait: str | None = None
    owner: TypeDecl | None = None
    modifiers: frozenset[str] = frozenset()
    member: bool = False


@dataclass(slots=True)
class _Declared:
    imports: list[Import] = field(default_factory=list)
    types: list[TypeDecl] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    fields: list[FieldDecl] = field(default_factory=list)
    methods: list[Function] = field(default_factory=list)
    constants: list[FieldDecl] = field(default_factory=list)
    #: the constants of each type's impls, by the identity of the type
    shared: dict[int, list[FieldDecl]] = field(default_factory=dict)
    exact: dict[tuple[str, ...], TypeDecl] = field(default_factory=dict)
    named: dict[str, TypeDecl] = field(default_factory=dict)

    def add_type(self, decl: TypeDecl, constants: list[FieldDecl]) -> None:
        self.types.append(decl)
        self.shared[id(decl)] = constants
        self.exact.setdefault(decl.qualname, decl)
        self.named.setdefault(decl.name, decl)

    def link(self) -> None:
        """Give the methods and constants of impls to their types, which may stand before or behind them."""
        for method in self.methods:
            method.owner = self._owner(method.qualname)
            if method.owner is not None:
                method.owner.functions.append(method)
        for constant in self.constants:
            owner = self._owner(constant.qualname)
            (self.fields if owner is None else self.shared[id(owner)]).append(constant)
        self.methods, self.constants = [], []

    def _owner(self, member: tuple[str, ...]) -> TypeDecl | None:
        """The type a member belongs to: the one in the same module, or else the first of that name."""
        return self.exact.get(member[:-1]) or (self.named.get(member[-2]) if len(member) > 1 else None)


# ---------------------------------------------------------------- the reader


class _Reader(MacroReader):
    """`inside` is the scope of the body being read; functions declared in it are named after it."""

    def __init__(self, source: bytes, base: int = 0, depth: int = 0, inside: _Scope | None = None) -> None:
        super().__init__(source, base, depth)
        self.inside = inside or _Scope()
        self.local = _Declared()

    def shifted(self, base: int, depth: int) -> Self:
        return type(self)(self.source, base, depth, self.inside)

    def nested(self, node: Node, attributes: Sequence[Node]) -> list[Stmt]:
        if self.depth >= DEEPEST:
            return [Eval(*self.span(node), self.buried(node))]
        found = self.local
        functions, types = len(found.functions), len(found.types)
        self.items([*attributes, node], self.inside, found)
        found.link()
        statements: list[Stmt] = [Nested(*decl.span, type=decl) for decl in found.types[types:]]
        statements += [Nested(*function.span, function) for function in found.functions[functions:]]
        return statements

    def items(self, nodes: Iterable[Node], scope: _Scope, into: _Declared) -> None:
        """Read the declarations among `nodes`, each with the attributes before it."""
        if self.depth >= DEEPEST:
            return
        self.depth += 1
        attributes: list[Node] = []
        for node in nodes:
            if node.type == "attribute_item":
                attributes.append(node)
            elif node.type not in TRIVIA:
                if declare := _ITEMS.get(node.type):
                    declare(self, node, attributes, scope, into)
                attributes = []
        self.depth -= 1

    # ------------------------------------------------------------ attributes

    def attributes(self, nodes: Sequence[Node]) -> tuple[Attribute, ...]:
        return tuple([self._attribute(item, inner) for item in nodes for inner in solid(item)[:1]])

    def _attribute(self, item: Node, node: Node) -> Attribute:
        path = next(iter(solid(node)), None)
        name = self.path(path)
        value = node.child_by_field_name("value")
        args = self._attribute_args(node, name) if value is None else (self.expr(value),)
        return Attribute(*self.span(item), name, args, self.text(item))

    def _attribute_args(self, node: Node, name: tuple[str, ...]) -> tuple[Expr, ...]:
        tokens = node.child_by_field_name("arguments")
        if tokens is None or not name or name[-1] in _BUILT_IN:
            return ()
        start, end = self.span(tokens)
        return self.expressions(start + 1, end - 1) or ()

    def _is_test(self, nodes: Sequence[Node], scope: _Scope) -> bool:
        return scope.test or any(self.tests(node) for node in nodes)

    def tests(self, item: Node) -> bool:
        """Whether an attribute marks test code: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, …"""
        for node in solid(item)[:1]:
            name = self.path(next(iter(solid(node)), None))
            if name[-1:] == ("cfg",):
                tokens = node.child_by_field_name("arguments")
                return tokens is not None and any(self._demands_test(tokens))
            return bool(name) and name[-1] in _TEST_ATTRIBUTES
        return False

    def inner_tests(self, node: Node) -> bool:
        """Whether a file or module says `#![cfg(test)]` of itself."""
        if b"#![" not in self.source:
            return False
        inner = [child for child in node.named_children if child.type == "inner_attribute_item"]
        return any(self.tests(child) for child in inner)

    def _demands_test(self, tokens: Node) -> list[bool]:
        """Of each predicate in a list whether it holds only in tests."""
        if self.depth >= DEEPEST:
            return []
        self.depth += 1
        found: list[bool] = []
        word = ""
        for child in tokens.named_children:
            if child.type == "token_tree":
                inner = self._demands_test(child)
                demands = any(inner) if word == "all" else word == "any" and bool(inner) and all(inner)
                found[-1:] = [demands]
            else:
                word = self.text(child)
                found.append(word == "test")
        self.depth -= 1
        return found

    def _modifiers(self, node: Node, scope: _Scope) -> frozenset[str]:
        """The words before a declaration; `pub(crate)` is another word than `pub`, for it is not public."""
        words = set(scope.modifiers)
        for child in node.children:
            kind = child.type
            if kind == "visibility_modifier":
                words.add("".join(self.text(child).split()))
            elif kind == "mutable_specifier":
                words.add("mut")
            elif kind == "function_modifiers":
                words |= {word.type.removesuffix("_modifier") for word in child.children}
            elif kind in ("unsafe", "static", "const", "default"):
                words.add(kind)
        return frozenset(words - _COMMENTS)

    # ------------------------------------------------------------ modules and imports

    def _module(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        body, name = node.child_by_field_name("body"), node.child_by_field_name("name")
        if body is None or name is None:
            return
        test = self._is_test(attributes, scope) or self.text(name) in _TEST_MODULES
        test = test or self.inner_tests(body)
        self.items(body.children, replace(scope, path=(*scope.path, self.text(name)), test=test), into)

    def _foreign(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        if (body := node.child_by_field_name("body")) is not None:
            test = self._is_test(attributes, scope)
            self.items(body.children, replace(scope, test=test, modifiers=scope.modifiers | {"extern"}), into)

    def _damaged(self, node: Node, _attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        self.items(node.children, scope, into)

    def _use(self, node: Node, _attributes: Sequence[Node], _scope: _Scope, into: _Declared) -> None:
        into.imports += self.imports(node)

    def imports(self, node: Node) -> Iterator[Import]:
        """What a `use` brings in, each with the span of the whole declaration."""
        start, end = self.span(node)
        argument = node.child_by_field_name("argument")
        waiting: list[tuple[Node, tuple[str, ...]]] = [] if argument is None else [(argument, ())]
        while waiting:
            leaf, prefix = waiting.pop()
            if len(prefix) >= DEEPEST:
                continue
            if leaf.type in ("use_list", "scoped_use_list"):
                if leaf.type == "scoped_use_list":
                    prefix += self.path(leaf.child_by_field_name("path"))
                lists = leaf.child_by_field_name("list") if leaf.type == "scoped_use_list" else leaf
                waiting += [(child, prefix) for child in reversed(solid(lists) if lists is not None else [])]
            elif (alias_and_path := self._imported(leaf, prefix)) is not None:
                yield Import(*alias_and_path, start=start, end=end)

    def _imported(self, leaf: Node, prefix: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        if leaf.type == "use_wildcard":
            return "*", prefix + self.path(next(iter(solid(leaf)), None))
        alias: Node | None = None
        named: Node | None = leaf
        if leaf.type == "use_as_clause":
            alias, named = leaf.child_by_field_name("alias"), leaf.child_by_field_name("path")
        path = prefix + self.path(named)
        if path[-1:] == ("self",) and len(path) > 1:
            path = path[:-1]
        if not path:
            return None
        return (path[-1] if alias is None else self.text(alias)), path

    def _crate(self, node: Node, _attributes: Sequence[Node], _scope: _Scope, into: _Declared) -> None:
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        if name is not None:
            into.imports.append(Import(self.text(alias or name), (self.text(name),), False, *self.span(node)))

    # ------------------------------------------------------------ types

    def _type_decl(
        self,
        node: Node,
        attributes: Sequence[Node],
        scope: _Scope,
        kind: _Kind,
        into: _Declared,
        rest: Callable[[Node, TypeDecl], None],
    ) -> TypeDecl:
        """A type whose name alone is read; `rest` reads what is special about its kind, such as fields."""
        name = node.child_by_field_name("name")
        constants: list[FieldDecl] = []

        def read(decl: TypeDecl) -> None:
            params = node.child_by_field_name("type_parameters")
            decl.type_params = () if params is None else self._type_params(params)
            decl.modifiers = self._modifiers(node, scope)
            decl.attributes = self.attributes(attributes)
            decl.is_test = self._is_test(attributes, scope)
            decl.fields, decl.variants, decl.bases, decl.aliased = [], (), (), None
            rest(node, decl)
            decl.fields += constants

        decl = TypeDecl.later(read)
        decl.start, decl.end = self.span(node)
        decl.kind = kind
        decl.name = "" if name is None else self.text(name)
        decl.qualname = (*scope.path, decl.name)
        decl.functions, decl.types = [], []
        into.add_type(decl, constants)
        return decl

    def _type_params(self, node: Node) -> tuple[str, ...]:
        """The names of type and constant parameters; lifetimes hold nothing."""
        params = [child for child in solid(node) if child.type != "lifetime_parameter"]
        named = [child.child_by_field_name("name") for child in params]
        return tuple([self.text(name) for name in named if name is not None])

    def _constants(self, params: Node | None) -> tuple[tuple[str, Type], ...]:
        """The constant parameters, with their types."""
        found = []
        for child in () if params is None else solid(params):
            name, type_ = child.child_by_field_name("name"), child.child_by_field_name("type")
            if child.type == "const_parameter" and name is not None and type_ is not None:
                found.append((self.text(name), self.type(type_)))
        return tuple(found)

    def _struct_item(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        kind: _Kind = "union" if node.type == "union_item" else "struct"
        self._type_decl(node, attributes, scope, kind, into, self._read_struct)

    def _read_struct(self, node: Node, decl: TypeDecl) -> None:
        body = node.child_by_field_name("body")
        decl.fields = [] if body is None else list(self._fields(body, decl.qualname))

    def _enum_item(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        self._type_decl(node, attributes, scope, "enum", into, self._read_enum)

    def _read_enum(self, node: Node, decl: TypeDecl) -> None:
        body = node.child_by_field_name("body")
        variants = [] if body is None else solid(body)
        decl.variants = tuple([self._variant(child) for child in variants if child.type == "enum_variant"])

    def _variant(self, node: Node) -> tuple[str, tuple[Type, ...]]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        fields = () if body is None else self._fields(body, ())
        return "" if name is None else self.text(name), tuple([field.type for field in fields if field.type])

    def _fields(self, body: Node, owner: tuple[str, ...]) -> Iterator[FieldDecl]:
        """The fields of a struct; those of a tuple struct are named 0, 1, …"""
        attributes: list[Node] = []
        words: frozenset[str] = frozenset()
        position = 0
        for child in body.named_children:
            if child.type == "attribute_item":
                attributes.append(child)
            elif child.type == "visibility_modifier":
                words = frozenset({"".join(self.text(child).split())})
            elif child.type not in TRIVIA and child.type != "ERROR":
                yield self._field_decl(child, str(position), words, attributes, owner)
                attributes, words, position = [], frozenset(), position + 1

    def _field_decl(
        self, node: Node, name: str, words: frozenset[str], attributes: Sequence[Node], owner: tuple[str, ...]
    ) -> FieldDecl:
        type_node = node
        if node.type == "field_declaration":
            name_node, words = node.child_by_field_name("name"), self._modifiers(node, _Scope())
            name = name if name_node is None else self.text(name_node)
            type_node = node.child_by_field_name("type") or node
        type_ = self.type(type_node)
        read = self.attributes(attributes)
        return FieldDecl(*self.span(node), name, type_, None, words, read, (*owner, name))

    def _alias(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        if not scope.member:
            self._type_decl(node, attributes, scope, "alias", into, self._read_alias)

    def _read_alias(self, node: Node, decl: TypeDecl) -> None:
        decl.aliased = self.type_or_none(node.child_by_field_name("type"))

    def _trait(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        decl = self._type_decl(node, attributes, scope, "trait", into, self._read_trait)
        if (body := node.child_by_field_name("body")) is not None:
            inner = _Scope(decl.qualname, self._is_test(attributes, scope), owner=decl, member=True)
            self.items(body.children, inner, into)

    def _read_trait(self, node: Node, decl: TypeDecl) -> None:
        decl.bases = self.types(node.child_by_field_name("bounds"))

    def _impl(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        body, target = node.child_by_field_name("body"), node.child_by_field_name("type")
        if body is None or target is None:
            return
        self_type = self.type(target)
        trait = self.path(node.child_by_field_name("trait"))
        name = _type_name(self_type)
        path = (*scope.path, name) if name else scope.path
        test = self._is_test(attributes, scope)
        inner = _Scope(path, test, self_type, trait[-1] if trait else None, member=True)
        self.items(body.children, inner, into)

    # ------------------------------------------------------------ fields and functions

    def _static(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        name = node.child_by_field_name("name")

        def read(found: FieldDecl) -> None:
            value = node.child_by_field_name("value")
            found.type = self.type_or_none(node.child_by_field_name("type"))
            found.value = None if value is None else self.expr(value)
            found.modifiers = self._modifiers(node, scope)
            found.attributes = self.attributes(attributes)

        found = FieldDecl.later(read)
        found.start, found.end = self.span(node)
        found.name = "" if name is None else self.text(name)
        found.qualname = (*scope.path, found.name)
        if scope.owner is not None:
            into.shared[id(scope.owner)].append(found)
        else:
            (into.constants if scope.member else into.fields).append(found)

    def _macro_item(self, node: Node, _attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        """`thread_local!` and `lazy_static!` hold statics; every other macro may hold anything."""
        if node.type == "expression_statement":
            inner = [child for child in solid(node) if child.type == "macro_invocation"]
        else:
            inner = [node]
        for macro in inner:
            name = self.path(macro.child_by_field_name("macro"))
            tokens = macro.named_children[-1]
            if name and name[-1] in _LAZY_MACROS and tokens.type == "token_tree":
                start, end = self.span(tokens)
                self._lazy(start + 1, end - 1, scope, into)

    def _lazy(self, start: int, end: int, scope: _Scope, into: _Declared) -> None:
        # The last static in `thread_local!` may go without its semicolon.
        if (found := self.parsed(b"", start, end, b";")) is not None:
            root, reader = found
            reader.items(root.children, replace(scope, modifiers=scope.modifiers | {"lazy"}), into)

    def _function(self, node: Node, attributes: Sequence[Node], scope: _Scope, into: _Declared) -> None:
        name = node.child_by_field_name("name")

        def read(function: Function) -> None:
            function.params = self._params(node.child_by_field_name("parameters"))
            function.returns = self.type_or_none(node.child_by_field_name("return_type"))
            function.modifiers = self._modifiers(node, scope)
            function.attributes = self.attributes(attributes)
            function.is_test = self._is_test(attributes, scope)
            function.constants = self._constants(node.child_by_field_name("type_parameters"))

        function = Function.later(read)
        function.start, function.end = self.span(node)
        function.name = "" if name is None else self.text(name)
        function.qualname = (*scope.path, function.name)
        function.owner, function.owner_type, function.trait = scope.owner, scope.self_type, scope.trait
        function.read_body, function._body, function._read = self._body(node, function), None, False
        function.body_start = 0
        function.name_start, function.name_end = (0, 0) if name is None else self.span(name)
        into.functions.append(function)
        if scope.owner is not None:
            scope.owner.functions.append(function)
        elif scope.member:
            into.methods.append(function)

    def _body(self, node: Node, function: Function) -> Callable[[], Block | None]:
        """Reads the body when called. The depth goes along, for functions nest as deep as anything."""
        source, base, depth = self.source, self.base, self.depth

        def read() -> Block | None:
            body = node.child_by_field_name("body")
            inside = _Scope(function.qualname, function.is_test)
            return None if body is None else _Reader(source, base, depth, inside).block(body)

        return read

    def _params(self, node: Node | None) -> tuple[Param, ...]:
        found: list[Param] = []
        attributes: list[Node] = []
        for child in () if node is None else node.children:
            if child.type == "attribute_item":
                attributes.append(child)
            elif (child.is_named or child.type == "_") and child.type not in TRIVIA:
                param = self._param(child)
                param.attributes = self.attributes(attributes)
                found.append(param)
                attributes = []
        return tuple(found)

    def _param(self, node: Node) -> Param:
        start, end = self.span(node)
        words = {child.type for child in node.children}
        mutable = "mutable_specifier" in words
        if node.type == "self_parameter":
            pattern = Pattern(start, end, "self", mutable=mutable and "&" not in words)
            return Param(start, end, pattern, self._self_type(node, words), mutable=pattern.mutable)
        pattern_node = node.child_by_field_name("pattern")
        if node.type != "parameter" or pattern_node is None:
            # A variadic `...`, or a bare type as old traits have it.
            return Param(start, end, Pattern(start, end), self.type(node))
        pattern = self.pattern(pattern_node)
        pattern.mutable = pattern.mutable or mutable
        type_ = self.type_or_none(node.child_by_field_name("type"))
        return Param(start, end, pattern, type_, mutable=pattern.mutable)

    def _self_type(self, node: Node, words: set[str]) -> Type:
        start, end = self.span(node)
        itself = Type(start, end, "named", ("Self",))
        if "&" not in words:
            return itself
        return Type(start, end, "mutref" if "mutable_specifier" in words else "ref", ("Self",), (itself,))


def _type_name(found: Type) -> str:
    """The name that an impl's functions are filed under: `Foo` of `&mut Foo<T>` and of `dyn Foo`."""
    while not found.name and found.args and found.kind in ("ref", "mutref", "pointer", "dyn"):
        found = found.args[0]
    return found.last


_ITEMS: dict[str, Callable[[_Reader, Node, Sequence[Node], _Scope, _Declared], None]] = {
    "mod_item": _Reader._module,
    "foreign_mod_item": _Reader._foreign,
    "ERROR": _Reader._damaged,
    "use_declaration": _Reader._use,
    "extern_crate_declaration": _Reader._crate,
    "struct_item": _Reader._struct_item,
    "union_item": _Reader._struct_item,
    "enum_item": _Reader._enum_item,
    "type_item": _Reader._alias,
    "trait_item": _Reader._trait,
    "impl_item": _Reader._impl,
    "static_item": _Reader._static,
    "const_item": _Reader._static,
    "macro_invocation": _Reader._macro_item,
    "expression_statement": _Reader._macro_item,
    "function_item": _Reader._function,
    "function_signature_item": _Reader._function,
}
