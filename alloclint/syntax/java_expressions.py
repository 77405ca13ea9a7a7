"""Java expressions. Statements that occur in them (lambda bodies, switches) are read by `java_code`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node as Syntax

from alloclint.syntax import java_literals
from alloclint.syntax.java_types import (
    ANNOTATIONS,
    COMMENTS,
    TYPES,
    array,
    bound_name,
    dimensions,
    last_segment,
    read_type,
    type_arguments,
)
from alloclint.syntax.model import (
    Arm,
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
    Expr,
    Field,
    Index,
    Keyword,
    Literal,
    MethodRef,
    Name,
    Opaque,
    Pattern,
    Type,
    TypeDecl,
    Unary,
)
from alloclint.syntax.reading import DEEPEST, mentions

NAMES = frozenset({"identifier", "type_identifier"})

# A type nested in more types than this is not read; its qualified names alone would take quadratic space.
MOST_NESTED = 50

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null_literal": None}


@dataclass(slots=True)
class Expressions:
    """
    Reads the expressions of one body or initialiser.

    `scope` is the qualified name of what encloses it, `nesting` counts the types around it and `depth` the
    levels of the tree entered so far. `declare` reads a type declared or extended inside the code.
    """

    source: bytes
    scope: tuple[str, ...]
    declare: Callable[[Expressions, Syntax], TypeDecl]
    is_test: bool = False
    nesting: int = 0
    depth: int = 0

    def block(self, node: Syntax | None) -> Block:
        """A block, or a lone statement as a block of one."""
        raise NotImplementedError

    def switch(self, node: Syntax, is_value: bool) -> Branch:
        """A switch statement, or a switch expression if `is_value`."""
        raise NotImplementedError

    def text(self, node: Syntax) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def expr(self, node: Syntax | None) -> Expr:
        """The expression without its parentheses; Opaque if it is none, missing or nested too deep."""
        while node is not None and node.type == "parenthesized_expression":
            node = next((child for child in node.named_children if is_code(child)), None)
        if node is None:
            return Opaque(0, 0)
        handler = _HANDLERS.get(node.type)
        if handler is None or self.depth >= DEEPEST:
            return self.opaque(node)
        self.depth += 1
        result = handler(self, node)
        self.depth -= 1
        return result

    def opaque(self, node: Syntax) -> Opaque:
        """The node as nothing but the names that occur in it."""
        return Opaque(node.start_byte, node.end_byte, (), mentions(node, self.source, NAMES))

    def items(self, node: Syntax | None) -> tuple[Expr, ...]:
        """The expressions of an argument list, an initialiser, or whatever else holds expressions alone."""
        found: list[Expr] = []
        if node is not None:
            self.depth += 1
            for child in node.named_children:
                if child.type not in COMMENTS:
                    found.append(self.expr(child))
            self.depth -= 1
        return tuple(found)

    def type(self, node: Syntax | None) -> Type:
        return read_type(node, self.source)

    def assignment(self, node: Syntax) -> Assign:
        target = self.expr(node.child_by_field_name("left"))
        operator = node.child_by_field_name("operator")
        value = self.expr(node.child_by_field_name("right"))
        return Assign(node.start_byte, node.end_byte, target, operator.type if operator else "=", value)

    def constructor_call(self, node: Syntax) -> Call:
        """`this(…)` or `super(…)` in a constructor; an outer instance, if one is given, is the receiver."""
        callee = node.child_by_field_name("constructor")
        outer = node.child_by_field_name("object")
        call = Call(*node.byte_range, "function", (self.text(callee),) if callee else ())
        call.receiver = self.expr(outer) if outer else None
        return self._called(call, node, callee)

    def anonymous(self, call: Call, body: Syntax | None) -> None:
        """Give the call its class body; one nested too deep is only mentioned."""
        if body is None:
            return
        if self.nesting >= MOST_NESTED or self.depth >= DEEPEST:
            call.mentions = mentions(body, self.source, NAMES)
            return
        call.body = self.declare(self, body)
        call.body.bases = (call.type,) if call.type else ()

    def patterns(self, node: Syntax | None) -> tuple[Pattern, ...]:
        """The parameters of a lambda, typed or not."""
        if node is None:
            return ()
        if node.type == "identifier":
            return (Pattern(*node.byte_range, bound_name(node, self.source)),)
        found: list[Pattern] = []
        for child in node.named_children:
            if child.type not in COMMENTS:
                name = child if child.type in ("identifier", "underscore_pattern") else declared_name(child)
                found.append(Pattern(*(name or child).byte_range, bound_name(name, self.source)))
        return tuple(found)

    def _called(self, call: Call, node: Syntax, name: Syntax | None) -> Call:
        """Add what all calls have: arguments, type arguments, and where the name and the arguments stand."""
        arguments = node.child_by_field_name("arguments")
        call.type_args = type_arguments(node.child_by_field_name("type_arguments"), self.source)
        call.args = self.items(arguments)
        if name is not None:
            call.name_start, call.name_end = name.start_byte, name.end_byte
        if arguments is not None:
            call.args_start, call.args_end = arguments.start_byte, arguments.end_byte
        return call

    def _identifier(self, node: Syntax) -> Expr:
        start, end = node.start_byte, node.end_byte
        return Name(start, end, self.text(node)) if end > start else Opaque(start, end)

    def _field_access(self, node: Syntax) -> Expr:
        name = node.child_by_field_name("field")
        owner = node.child_by_field_name("object")
        if name is None or name.type == "this":
            return Opaque(node.start_byte, node.end_byte, (self.expr(owner),))
        of = self.expr(owner)
        return Field(node.start_byte, node.end_byte, self._outer_super(node, owner, of), self.text(name))

    def _outer_super(self, node: Syntax, owner: Syntax | None, of: Expr) -> Expr:
        """In `Outer.super.x` the word `super` stands beside the object and changes what it means."""
        for child in node.named_children:
            if child.type == "super" and child != owner:
                return Opaque(of.start, child.end_byte, (of,))
        return of

    def _array_access(self, node: Syntax) -> Expr:
        of = self.expr(node.child_by_field_name("array"))
        return Index(node.start_byte, node.end_byte, of, self.expr(node.child_by_field_name("index")))

    def _method_invocation(self, node: Syntax) -> Expr:
        name = node.child_by_field_name("name")
        owner = node.child_by_field_name("object")
        call = Call(node.start_byte, node.end_byte, "function", (self.text(name),) if name else ())
        if owner is not None:
            call.kind = "method"
            call.receiver = self._outer_super(node, owner, self.expr(owner))
        return self._called(call, node, name)

    def _object_creation(self, node: Syntax) -> Expr:
        written = node.child_by_field_name("type")
        first = node.children[0]
        kind = self.type(written)
        call = Call(node.start_byte, node.end_byte, "new", kind.name, type=kind)
        call.receiver = self.expr(first) if first.type != "new" and is_code(first) else None
        self._called(call, node, last_segment(written) if written else None)
        self.anonymous(
            call, next((child for child in node.named_children if child.type == "class_body"), None)
        )
        return call

    def _array_creation(self, node: Syntax) -> Expr:
        """The first dimension is the count; the others are kept as an item, lest their names be lost."""
        sizes = [child for child in node.named_children if child.type == "dimensions_expr"]
        counts = [self.expr(next(filter(is_code, size.named_children), None)) for size in sizes]
        brackets = [child for child in node.named_children if child.type == "dimensions"]
        rank = len(sizes) + sum(map(dimensions, brackets))
        value = node.child_by_field_name("value")
        end = (sizes + brackets)[-1].end_byte if rank else node.end_byte
        display = Display(node.start_byte, node.end_byte, "array", self.items(value))
        display.type = array(self.type(node.child_by_field_name("type")), rank, end)
        display.repeat = counts[0] if counts else None
        if len(counts) > 1:
            display.items = (Opaque(counts[1].start, counts[-1].end, tuple(counts[1:])),)
        return display

    def _array_initializer(self, node: Syntax) -> Expr:
        return Display(node.start_byte, node.end_byte, "array", self.items(node))

    def _assignment(self, node: Syntax) -> Expr:
        return Embedded(node.start_byte, node.end_byte, self.assignment(node))

    def _binary(self, node: Syntax) -> Expr:
        operator = node.child_by_field_name("operator")
        left = self.expr(node.child_by_field_name("left"))
        right = self.expr(node.child_by_field_name("right"))
        return Binary(node.start_byte, node.end_byte, operator.type if operator else "", left, right)

    def _instanceof(self, node: Syntax) -> Expr:
        """The names that a pattern binds here are mentioned by the right operand."""
        value = node.child_by_field_name("left")
        tested = node.child_by_field_name("pattern") or node.child_by_field_name("right")
        name = node.child_by_field_name("name")
        bound: tuple[str, ...] = (self.text(name),) if name else ()
        if tested is not None and tested.type == "record_pattern":
            bound = mentions(tested, self.source, ("identifier",))
        start = tested.start_byte if tested else node.end_byte
        right = Opaque(start, node.end_byte, (), bound)
        return Binary(node.start_byte, node.end_byte, "instanceof", self.expr(value), right)

    def _lambda(self, node: Syntax) -> Expr:
        params = self.patterns(node.child_by_field_name("parameters"))
        body = node.child_by_field_name("body")
        code = self.block(body) if body is not None and body.type == "block" else self._tail(body, node)
        return Closure(node.start_byte, node.end_byte, params, code)

    def _tail(self, node: Syntax | None, around: Syntax) -> Block:
        value = self.expr(node)
        start, end = (node or around).byte_range
        return Block(start, end, [Eval(start, end, value, True)])

    def _ternary(self, node: Syntax) -> Expr:
        yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        test = self.expr(node.child_by_field_name("condition"))
        first, second = self._tail(yes, node), self._tail(no, node)
        arms = (Arm(first.start, first.end, first, (), test), Arm(second.start, second.end, second))
        branch = Branch(node.start_byte, node.end_byte, "ternary", arms, None, True)
        return Embedded(node.start_byte, node.end_byte, branch)

    def _switch(self, node: Syntax) -> Expr:
        return Embedded(node.start_byte, node.end_byte, self.switch(node, True))

    def _unary(self, node: Syntax) -> Expr:
        operator = node.child_by_field_name("operator")
        operand = self.expr(node.child_by_field_name("operand"))
        return Unary(node.start_byte, node.end_byte, operator.type if operator else "", operand)

    def _update(self, node: Syntax) -> Expr:
        operator = next((child.type for child in node.children if child.type in ("++", "--")), "++")
        operand = next((child for child in node.named_children if is_code(child)), None)
        return Unary(node.start_byte, node.end_byte, operator, self.expr(operand))

    def _cast(self, node: Syntax) -> Expr:
        written = node.children_by_field_name("type")
        target = self.type(written[0] if written else None)
        if len(written) > 1:
            bounds = tuple(self.type(bound) for bound in written)
            target = Type(written[0].start_byte, written[-1].end_byte, "unknown", args=bounds)
        return Cast(node.start_byte, node.end_byte, self.expr(node.child_by_field_name("value")), target)

    def _method_reference(self, node: Syntax) -> Expr:
        children = [child for child in node.children if child.type not in COMMENTS]
        of, last = children[0], children[-1]
        if of.type in TYPES:
            written = self.type(of)
            return MethodRef(node.start_byte, node.end_byte, _class_name(written), self.text(last), written)
        return MethodRef(node.start_byte, node.end_byte, self.expr(of), self.text(last))

    def _parts(self, node: Syntax) -> Expr:
        return Opaque(node.start_byte, node.end_byte, self.items(node))

    def _pair(self, node: Syntax) -> Expr:
        key = node.child_by_field_name("key")
        value = self.expr(node.child_by_field_name("value"))
        return Keyword(node.start_byte, node.end_byte, self.text(key) if key else "", value)

    def _annotation(self, node: Syntax) -> Expr:
        return Opaque(node.start_byte, node.end_byte, self.items(node.child_by_field_name("arguments")))

    def _integer(self, node: Syntax) -> Expr:
        try:
            return Literal(node.start_byte, node.end_byte, "int", java_literals.integer(self.text(node)))
        except ValueError:
            return self.opaque(node)

    def _float(self, node: Syntax) -> Expr:
        try:
            return Literal(node.start_byte, node.end_byte, "float", java_literals.floating(self.text(node)))
        except (ValueError, OverflowError):
            return self.opaque(node)

    def _string(self, node: Syntax) -> Expr:
        """A template is no constant: its interpolated expressions are the parts."""
        holes = [child for child in node.named_children if child.type == "string_interpolation"]
        if holes or node.has_error:
            return Opaque(*node.byte_range, tuple(part for hole in holes for part in self.items(hole)))
        return Literal(node.start_byte, node.end_byte, "string", java_literals.string(self.text(node)))

    def _character(self, node: Syntax) -> Expr:
        return Literal(node.start_byte, node.end_byte, "char", java_literals.string(self.text(node)))

    def _constant(self, node: Syntax) -> Expr:
        kind = node.type
        value = _CONSTANTS[kind]
        return Literal(node.start_byte, node.end_byte, "null" if value is None else "bool", value)


def is_code(node: Syntax) -> bool:
    """Whether the node can be an expression: no comment, no punctuation, no syntax error, no annotation."""
    kind = node.type
    return node.is_named and kind not in COMMENTS and kind not in ANNOTATIONS and kind != "ERROR"


def declared_name(node: Syntax) -> Syntax | None:
    """The name of a parameter, which `T... name` keeps in a declarator."""
    declarator = next((child for child in node.named_children if child.type == "variable_declarator"), node)
    return declarator.child_by_field_name("name")


def _class_name(written: Type) -> Expr:
    """A class before `::` as the expression it would be anywhere else."""
    start, end = written.start, written.end
    if not written.name:
        return Opaque(start, end, (), written.args[0].name if written.args else ())
    name: Expr = Name(start, end, written.name[0])
    for segment in written.name[1:]:
        name = Field(start, end, name, segment)
    return name


_HANDLERS: dict[str, Callable[[Expressions, Syntax], Expr]] = {
    "identifier": Expressions._identifier,
    "this": Expressions._identifier,
    "super": Expressions._identifier,
    "field_access": Expressions._field_access,
    "array_access": Expressions._array_access,
    "method_invocation": Expressions._method_invocation,
    "object_creation_expression": Expressions._object_creation,
    "array_creation_expression": Expressions._array_creation,
    "array_initializer": Expressions._array_initializer,
    "element_value_array_initializer": Expressions._array_initializer,
    "assignment_expression": Expressions._assignment,
    "binary_expression": Expressions._binary,
    "instanceof_expression": Expressions._instanceof,
    "lambda_expression": Expressions._lambda,
    "ternary_expression": Expressions._ternary,
    "switch_expression": Expressions._switch,
    "unary_expression": Expressions._unary,
    "update_expression": Expressions._update,
    "cast_expression": Expressions._cast,
    "method_reference": Expressions._method_reference,
    "template_expression": Expressions._parts,
    "element_value_pair": Expressions._pair,
    "annotation": Expressions._annotation,
    "decimal_integer_literal": Expressions._integer,
    "hex_integer_literal": Expressions._integer,
    "octal_integer_literal": Expressions._integer,
    "binary_integer_literal": Expressions._integer,
    "decimal_floating_point_literal": Expressions._float,
    "hex_floating_point_literal": Expressions._float,
    "string_literal": Expressions._string,
    "character_literal": Expressions._character,
    "true": Expressions._constant,
    "false": Expressions._constant,
    "null_literal": Expressions._constant,
}
