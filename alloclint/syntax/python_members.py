"""What the statements of a module or of a class declare: functions, classes and fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import (
    Assign,
    Block,
    Branch,
    Display,
    Expr,
    Field,
    FieldDecl,
    Function,
    Keyword,
    Let,
    Loop,
    Name,
    Nested,
    Stmt,
    Try,
    Type,
    TypeDecl,
)
from .python_types import attributes

_INITIALISERS = frozenset({"__init__", "__post_init__", "__new__", "setUp", "asyncSetUp"})
_Declared = tuple[str, Type | None, Expr | None]


def declarations(block: Block | None) -> Iterator[Nested | Assign | Let]:
    """The declaring statements of a block and of the blocks in it (`if`, `try`, loops), in source order."""
    for statement in block.statements if block else ():
        if isinstance(statement, Nested | Assign | Let):
            yield statement
        else:
            for inner in _blocks(statement):
                yield from declarations(inner)


def _blocks(statement: Stmt) -> Iterator[Block | None]:
    if isinstance(statement, Block):
        yield statement
    elif isinstance(statement, Branch):
        yield from (arm.body for arm in statement.arms)
    elif isinstance(statement, Loop):
        yield from (statement.body, statement.otherwise)
    elif isinstance(statement, Try):
        yield from (statement.body, *statement.handlers, statement.otherwise, statement.final)


def add_members(decl: TypeDecl, body: Function, source: bytes) -> None:
    """Give a class the functions, classes and fields that its body and its initialisers declare."""
    decl.functions.append(body)
    for statement in declarations(body.body):
        if isinstance(statement, Nested):
            decl.functions.extend([statement.function] if statement.function else ())
            decl.types.extend([statement.type] if statement.type else ())
    found = list(_class_fields(decl, body, source))
    for function in decl.functions:
        if function.name in _INITIALISERS:
            found.extend(_instance_fields(decl, function, source))
    decl.fields = _distinct(found)


def module_fields(block: Block | None, source: bytes) -> list[FieldDecl]:
    """The names a module assigns at its top level."""
    found: list[FieldDecl] = []
    for statement in declarations(block):
        found.extend([_field(statement, one, "module", (), source) for one in _declared(statement, None)])
    return _distinct(found)


def _class_fields(decl: TypeDecl, body: Function, source: bytes) -> Iterator[FieldDecl]:
    for statement in declarations(body.body):
        for declared in _declared(statement, None):
            yield _field(statement, declared, "class", decl.qualname, source)


def _instance_fields(decl: TypeDecl, function: Function, source: bytes) -> Iterator[FieldDecl]:
    first = function.params[0].pattern.name if function.params else None
    receiver = "self" if function.name == "__new__" or first is None else first
    for statement in declarations(function.body):
        for declared in _declared(statement, receiver):
            yield _field(statement, declared, "instance", decl.qualname, source)


def _declared(statement: Nested | Assign | Let, receiver: str | None) -> Iterator[_Declared]:
    """The names a statement gives a type or a value; with a `receiver`, the attributes of that variable."""
    if isinstance(statement, Let):
        # Imports and `with … as x` have no type; only `x: T` has one.
        if receiver is None and statement.type is not None and statement.pattern.name:
            yield statement.pattern.name, statement.type, None
    elif isinstance(statement, Assign) and statement.op == "=":
        for target, value in _pairs(statement.target, statement.value):
            if receiver is None and isinstance(target, Name):
                yield target.id, statement.type, value
            elif isinstance(target, Field) and isinstance(target.of, Name) and target.of.id == receiver:
                yield target.name, statement.type, value


def _pairs(target: Expr, value: Expr) -> Iterable[tuple[Expr, Expr]]:
    """`a, b = 1, 2` is two assignments if neither side has a star."""
    if not isinstance(target, Display):
        return ((target, value),)
    if not isinstance(value, Display) or value.kind == "dict" or len(value.items) != len(target.items):
        return ()
    if any(isinstance(item, Keyword) for item in (*target.items, *value.items)):
        return ()
    return zip(target.items, value.items, strict=True)


def _field(
    statement: Stmt, declared: _Declared, modifier: str, owner: tuple[str, ...], source: bytes
) -> FieldDecl:
    name, kind, value = declared
    decl = FieldDecl(statement.start, statement.end, name, kind, value, frozenset({modifier}))
    decl.attributes, decl.qualname = attributes(kind, source), (*owner, name)
    return decl


def _distinct(found: list[FieldDecl]) -> list[FieldDecl]:
    """Each name once, in source order: its first declaration that has an annotation, else its first."""
    chosen: dict[str, FieldDecl] = {}
    for decl in found:
        known = chosen.get(decl.name)
        if known is None or (known.type is None and decl.type is not None):
            chosen[decl.name] = decl
    return sorted(chosen.values(), key=lambda decl: decl.start)
