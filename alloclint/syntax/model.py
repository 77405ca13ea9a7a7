"""
The shape of a program, the same for Rust, Java and Python.

A reader per language (`rust.py`, `java.py`, `python.py`) turns a grammar's tree into these statements,
expressions and declarations; nothing behind the readers spells a node kind. Positions are byte offsets
into the source, `end` exclusive. What a reader does not understand becomes `Opaque`, which keeps the
expressions inside it, so that no use of a name is ever lost.

Most of what is declared is never asked about: a declaration knows its name and its place, and may leave the
rest of its attributes out until one of them is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from typing import Literal as OneOf


@dataclass(slots=True, eq=False)
class Node:
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


# ---------------------------------------------------------------- types


@dataclass(slots=True, eq=False)
class Type(Node):
    """
    A type as it is written.

    `name` holds the segments as written (`("std", "collections", "HashMap")`, `("Map", "Entry")`); it is
    empty where there is none (tuples, slices, references). `kind` says how to read `args`:
    named: generic arguments · ref, mutref, pointer: the one referent · slice, array: the one element
    (an array's `length` is its length expression) · tuple: the members · impl, dyn: the bounds · function,
    never, infer, unknown: nothing to rely on. Java `T[]` and `T...` are `array` without length, Python `X |
    None` is `union`.
    """

    kind: OneOf[
        "named",
        "ref",
        "mutref",
        "pointer",
        "slice",
        "array",
        "tuple",
        "impl",
        "dyn",
        "union",
        "function",
        "never",
        "infer",
        "unknown",
    ]
    name: tuple[str, ...] = ()
    args: tuple[Type, ...] = ()
    length: Expr | None = None

    @property
    def last(self) -> str:
        return self.name[-1] if self.name else ""


# ---------------------------------------------------------------- patterns


@dataclass(slots=True, eq=False)
class Pattern(Node):
    """
    What a value is bound to: one `name`, or a tuple-like list of `items`, or neither (a literal, `_`).

    `refutable` patterns may fail to match (`Some(x)`); their items are still listed in order. `&x` and `ref
    x` and `mut x` are the pattern `x` itself; `mutable` tells `mut x`. `constructor` is the path of a
    tuple-like pattern whose items are all its members in order: `Some(x)`, `Expr::Pair(a, b)`.
    """

    name: str | None = None
    items: tuple[Pattern, ...] = ()
    refutable: bool = False
    mutable: bool = False
    constructor: tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        if self.name is not None:
            yield self.name
        for item in self.items:
            yield from item.names()


# ---------------------------------------------------------------- expressions


@dataclass(slots=True, eq=False)
class Expr(Node):
    pass


@dataclass(slots=True, eq=False)
class Name(Expr):
    """A bare name: a variable, `self`, `this`, a constant, or (Java) a class."""

    id: str


@dataclass(slots=True, eq=False)
class Path(Expr):
    """
    A Rust path used as a value: `Limits::MAX`, `Vec::new` not being called, `None`-like constants with `::`.
    """

    name: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Field(Expr):
    """`of.name`; a Rust tuple field is `.0`."""

    of: Expr
    name: str


@dataclass(slots=True, eq=False)
class Literal(Expr):
    """
    A constant. `value` is decoded: int, float, str (escapes resolved), bytes, bool or None.
    `kind` char is a Rust or Java character literal, whose value is a one-character str.
    """

    kind: OneOf["int", "float", "string", "bytes", "char", "bool", "null"]
    value: int | float | str | bytes | bool | None


@dataclass(slots=True, eq=False)
class Call(Expr):
    """
    Anything that is called.

    method:   `receiver.name(args)`; `name` has one segment.
    function: `f(x)`, `Vec::<u8>::new()` with name ("Vec", "new"); Java's unqualified `f(x)` too. A Java
              static call `Arrays.asList(x)` is a *method* call on the Name `Arrays`; facts decide that it is
              a class. A Python call `a.b(x)` is a method call with receiver `a`, `f(x)` a function call.
    new:      Java `new T(args)`; `name` are the segments of T (`type` has the generics), `body` tells an
              anonymous class.
    macro:    Rust `name!(…)`. Arguments of expression-like macros (`vec!` excepted, see Display; `format!
              print! println! eprint! eprintln! write! writeln! panic! assert* debug_assert* todo!
              unreachable! matches! dbg!` and log macros) are parsed into `args` where possible; of any other
              macro `args` is empty and `mentions` has every identifier. Names inside a format string
              (`"{x}"`) are in `mentions` as well.
    value:    the callee is another expression (`(self.f)(x)`, `table[i](x)`), found in `receiver`; `name` is
              empty.

    `type_args` are turbofish or Java method type arguments; `type` the written type a constructor belongs to:
    `HashMap::<K, V>::new()`, `<Vec<u8>>::new()`, `new HashMap<K, V>()`. `name_start`/`name_end` cover the
    last name segment, `args_start`/`args_end` the argument list with its parentheses (0, 0 where there is
    none).
    """

    kind: OneOf["method", "function", "new", "macro", "value"]
    name: tuple[str, ...]
    receiver: Expr | None = None
    args: tuple[Expr, ...] = ()
    type: Type | None = None
    type_args: tuple[Type, ...] = ()
    mentions: tuple[str, ...] = ()
    body: TypeDecl | None = None
    name_start: int = 0
    name_end: int = 0
    args_start: int = 0
    args_end: int = 0

    @property
    def last(self) -> str:
        return self.name[-1] if self.name else ""


@dataclass(slots=True, eq=False)
class Keyword(Expr):
    """A named argument of a Python call: `name=value`; `*x` has the name "*", `**x` the name "**"."""

    name: str
    value: Expr


@dataclass(slots=True, eq=False)
class Display(Expr):
    """
    A collection written out: Rust `[a, b]`, `[x; n]`, `vec![…]` (kind list, macro True), tuples; Java `{a,
    b}` and `new T[]{…}` and `new T[n]` (kind array); Python `[] {} () {…}`. A dict's items alternate key,
    value (`**x` is Keyword). `repeat` is the count of `[x; n]`, `vec![x; n]` and `new T[n]` (no items in the
    last).
    """

    kind: OneOf["list", "array", "tuple", "set", "dict"]
    items: tuple[Expr, ...] = ()
    repeat: Expr | None = None
    macro: bool = False
    type: Type | None = None


@dataclass(slots=True, eq=False)
class StructLiteral(Expr):
    """
    Rust `Index { map: HashMap::new(), ..rest }`: `fields` are (name, value, start, end) with the span of the
    initialiser.
    """

    type: Type
    fields: tuple[tuple[str, Expr], ...] = ()
    rest: Expr | None = None


@dataclass(slots=True, eq=False)
class Range(Expr):
    """`low..high`, `low..=high`; a Python slice `a[low:high:step]`. A missing end is None."""

    low: Expr | None
    high: Expr | None
    inclusive: bool = False
    step: Expr | None = None


@dataclass(slots=True, eq=False)
class Index(Expr):
    of: Expr
    index: Expr


@dataclass(slots=True, eq=False)
class Binary(Expr):
    """
    `op` as written: + - * / // % << >> & | ^ == != < <= > >= && || and or in is instanceof …; a Python chain
    is nested.
    """

    op: str
    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class Unary(Expr):
    """`op` is one of - ! ~ not + & &mut * (dereference), `++` `--` before or after an operand."""

    op: str
    operand: Expr


@dataclass(slots=True, eq=False)
class Cast(Expr):
    """Rust `x as T`, Java `(T) x`."""

    value: Expr
    type: Type


@dataclass(slots=True, eq=False)
class MayReturn(Expr):
    """Rust `e?`: leaves the function with the error of `value`."""

    value: Expr


@dataclass(slots=True, eq=False)
class Closure(Expr):
    """A lambda or closure; an expression body is a Block whose one statement is an `Eval` with `tail`."""

    params: tuple[Pattern, ...]
    body: Block
    moves: bool = False


@dataclass(slots=True, eq=False)
class MethodRef(Expr):
    """Java `ArrayList::new`, `this::visit`; `of` is the expression or class name before `::`."""

    of: Expr
    name: str
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Comprehension(Expr):
    """
    Python `[e for p in it if c]`. `items` is one element, or key and value; a generator has kind generator.
    """

    kind: OneOf["list", "set", "dict", "generator"]
    items: tuple[Expr, ...]
    clauses: tuple[Clause, ...]


@dataclass(slots=True, eq=False)
class Clause(Node):
    pattern: Pattern
    iterable: Expr
    conditions: tuple[Expr, ...] = ()


@dataclass(slots=True, eq=False)
class Embedded(Expr):
    """
    A statement used as a value: `if`, `match`, `loop`, a block, a ternary, a switch expression, an
    assignment, a walrus.
    """

    statement: Stmt


@dataclass(slots=True, eq=False)
class Opaque(Expr):
    """
    Something not modelled. Whatever it evaluates is in `parts`; names that only its text shows are in
    `mentions`.

    kind delete: Python `del`, of its parts; outer: `global` and `nonlocal`, of the names in `mentions`; text:
    an f-string; assert: a Java `assert`, which does not run unless it is asked for.
    """

    parts: tuple[Expr, ...] = ()
    mentions: tuple[str, ...] = ()
    kind: OneOf["", "delete", "outer", "text", "assert"] = ""


# ---------------------------------------------------------------- statements


@dataclass(slots=True, eq=False)
class Stmt(Node):
    pass


@dataclass(slots=True, eq=False)
class Block(Stmt):
    """
    Statements in order. `scope` is False where the language opens no scope (a Python block).
    kind async: an async block, which runs later; sync: Java synchronized; unsafe; with: Python `with` (items
    come first as Lets).
    """

    statements: list[Stmt] = field(default_factory=list)
    kind: OneOf["plain", "unsafe", "async", "sync", "with"] = "plain"
    label: str | None = None
    scope: bool = True


@dataclass(slots=True, eq=False)
class Let(Stmt):
    """
    The declaration of names: Rust `let`, a Java local (one Let per declarator), Rust/Java local constants.
    `mutable` is Rust `let mut`; a Java local is mutable unless `final`; Python has no Let but for `with … as
    x` and imports: its assignments are Assign, and `x: T = v` is an Assign with `type`.
    """

    pattern: Pattern
    type: Type | None = None
    value: Expr | None = None
    mutable: bool = False
    otherwise: Block | None = None


@dataclass(slots=True, eq=False)
class Assign(Stmt):
    """
    `target op value`; op is "=" or a compound operator such as "+=". A Python tuple target is a Display of
    kind tuple.
    """

    target: Expr
    op: str
    value: Expr
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Eval(Stmt):
    """
    An expression for its effect; `tail` marks a Rust block's value (no semicolon) and an expression body.
    """

    value: Expr
    tail: bool = False


@dataclass(slots=True, eq=False)
class Arm(Node):
    """
    One way through a Branch. `patterns` are those of a match arm or `if let`; `test` the condition or guard
    that leads here.
    """

    body: Block
    patterns: tuple[Pattern, ...] = ()
    test: Expr | None = None


@dataclass(slots=True, eq=False)
class Branch(Stmt):
    """
    if/elif/else, match, switch, ternary, Python match. Tests stand in the arms in order; `subject` is what a
    match looks at. `exhaustive`: one arm is always taken (there is an else, a default, a Rust match).
    Java switch groups that fall through into the next are joined: their statements appear in both arms.
    """

    kind: OneOf["if", "match", "ternary"]
    arms: tuple[Arm, ...]
    subject: Expr | None = None
    exhaustive: bool = False


@dataclass(slots=True, eq=False)
class Loop(Stmt):
    """
    each:  `for pattern in iterable`, Java enhanced for (`item_type` is the declared type).
    count: Java `for (setup; test; update)`.
    while: `while test` (Rust `while let` has `pattern` and puts the matched value in `test`); do: Java
           do-while; endless: Rust `loop`.
    Python's `else` block is `otherwise`.
    """

    kind: OneOf["each", "count", "while", "do", "endless"]
    body: Block
    pattern: Pattern | None = None
    item_type: Type | None = None
    iterable: Expr | None = None
    setup: tuple[Stmt, ...] = ()
    test: Expr | None = None
    update: tuple[Stmt, ...] = ()
    label: str | None = None
    otherwise: Block | None = None
    is_async: bool = False


@dataclass(slots=True, eq=False)
class Exit(Stmt):
    """break, continue (with `label`), return, throw/raise, yield (which does come back). `value` if any."""

    kind: OneOf["break", "continue", "return", "throw", "yield"]
    value: Expr | None = None
    label: str | None = None


@dataclass(slots=True, eq=False)
class Try(Stmt):
    """`setup` are the resources of Java's try-with-resources."""

    body: Block
    handlers: tuple[Block, ...] = ()
    otherwise: Block | None = None
    final: Block | None = None
    setup: tuple[Stmt, ...] = ()


@dataclass(slots=True, eq=False)
class Nested(Stmt):
    """A function or type declared inside a function body."""

    function: Function | None = None
    type: TypeDecl | None = None


# ---------------------------------------------------------------- declarations


@dataclass(slots=True, eq=False)
class Declaration(Node):
    """Something declared, whose attributes may be left out until one of them is asked for."""

    _read_rest: Callable[[Any], None] | None = field(init=False, default=None, repr=False)

    @classmethod
    def later(cls, read: Callable[[Any], None]) -> Self:
        """An empty declaration: its reader sets some attributes, `read` all others once one is asked for."""
        made = cls.__new__(cls)
        made._read_rest = read
        return made

    if not TYPE_CHECKING:
        # A type checker must not believe that there is an attribute of any name.
        def __getattr__(self, name: str) -> object:
            if name[:2] == "__" or name == "_read_rest" or (read := self._read_rest) is None:
                raise AttributeError(name)
            self._read_rest = None
            read(self)
            return getattr(self, name)


@dataclass(slots=True, eq=False)
class Param(Node):
    """
    `self`, `&self`, `&mut self` are Params named "self" whose type kind is named/ref/mutref with name
    ("Self",).
    """

    pattern: Pattern
    type: Type | None = None
    default: Expr | None = None
    mutable: bool = False
    attributes: tuple[Attribute, ...] = ()


@dataclass(slots=True, eq=False)
class Attribute(Node):
    """
    Rust `#[name(args)]`, Java `@Name(args)`, a Python decorator. `name` are the segments; `args` the parsed
    arguments (Java `max = 5` is a Keyword) where they are expressions; `text` is the whole source text.
    """

    name: tuple[str, ...]
    args: tuple[Expr, ...] = ()
    text: str = ""

    @property
    def last(self) -> str:
        return self.name[-1] if self.name else ""


@dataclass(slots=True, eq=False)
class Function(Declaration):
    """
    A function, method, constructor, or an initialiser block (`static {}` is named "<static>", an instance
    block "<init>", a Python module's top level "<module>", a class body's statements "<class>").

    `body` is read on first use. `owner` is the type it belongs to (Rust: the impl's Self type).
    `modifiers` are the words before it: pub const async unsafe extern static final abstract synchronized
    default.
    """

    name: str
    qualname: tuple[str, ...]
    params: tuple[Param, ...] = ()
    returns: Type | None = None
    owner: TypeDecl | None = None
    owner_type: Type | None = None
    trait: str | None = None
    modifiers: frozenset[str] = frozenset()
    attributes: tuple[Attribute, ...] = ()
    is_test: bool = False
    name_start: int = 0
    name_end: int = 0
    #: Python: where the body begins, whose words are not those of the module or class around; 0 elsewhere
    body_start: int = 0
    #: Rust's `const N: usize` among the generic parameters
    constants: tuple[tuple[str, Type], ...] = ()
    read_body: Callable[[], Block | None] = lambda: None
    _body: Block | None = None
    _read: bool = False

    @property
    def body(self) -> Block | None:
        if not self._read:
            self._read, self._body = True, self.read_body()
        return self._body


@dataclass(slots=True, eq=False)
class FieldDecl(Declaration):
    """
    A field of a type, a static, or a module-level constant. `start`..`end` cover the whole declaration.
    A Python instance field (`self.x = …` in `__init__`) is a FieldDecl of its class too, placed at that
    assignment.
    """

    name: str
    type: Type | None = None
    value: Expr | None = None
    modifiers: frozenset[str] = frozenset()
    attributes: tuple[Attribute, ...] = ()
    qualname: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class TypeDecl(Declaration):
    """
    struct, enum, union, trait, class, interface, record, annotation, alias (Rust `type A = B;`: `aliased`).
    """

    kind: OneOf["struct", "enum", "union", "trait", "class", "interface", "record", "annotation", "alias"]
    name: str
    qualname: tuple[str, ...]
    type_params: tuple[str, ...] = ()
    fields: list[FieldDecl] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    types: list[TypeDecl] = field(default_factory=list)
    variants: tuple[tuple[str, tuple[Type, ...]], ...] = ()
    bases: tuple[Type, ...] = ()
    aliased: Type | None = None
    modifiers: frozenset[str] = frozenset()
    attributes: tuple[Attribute, ...] = ()
    is_test: bool = False


@dataclass(slots=True, frozen=True)
class Import:
    """`alias` is the name it has here; `path` the full path in segments. A glob has the alias "*"."""

    alias: str
    path: tuple[str, ...]
    static: bool = False
    start: int = 0
    end: int = 0


@dataclass(slots=True, eq=False)
class Unit(Node):
    """
    One file. `functions` are all functions of the file in source order, methods and those of nested modules
    included (functions nested in bodies are not: they are `Nested` statements); `types` all types; `fields`
    module-level constants and statics. `damaged` are the spans of syntax errors. `comments(offset)` gives the
    span of the comment that covers an offset.
    """

    package: tuple[str, ...] = ()
    imports: tuple[Import, ...] = ()
    types: list[TypeDecl] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    fields: list[FieldDecl] = field(default_factory=list)
    damaged: tuple[tuple[int, int], ...] = ()
    comment_at: Callable[[int], tuple[int, int] | None] = lambda offset: None
    is_test: bool = False
