"""Integers: what an integer expression is worth, as a symbolic size of lengths and variables."""

from __future__ import annotations

from alloclint import size as sizes
from alloclint.facts.names.getters import getter
from alloclint.facts.names.types import Types
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Scope
from alloclint.facts.walk.trace import Trace
from alloclint.size import Atom, Size
from alloclint.syntax import model as m


class Integers:
    """The integer values of one function."""

    def __init__(self, trace: Trace, types: Types) -> None:
        self.trace = trace
        self.types = types
        self.language = types.language

    def value(self, expression: m.Expr | None, scope: Scope, at: int) -> Size | None:
        """
        The value of an integer expression, zero where it is negative; None if it is no integer, or could be
        anything.
        """
        signed = self.signed(expression, scope, at)
        return sizes.clamp(signed) if signed is not None else None

    def signed(self, expression: m.Expr | None, scope: Scope, at: int, depth: int = 0) -> Size | None:
        """The value of an integer expression, which may have negative terms."""
        if depth > 8 or expression is None:
            return None
        if isinstance(expression, m.Literal):
            return sizes.const(expression.value) if type(expression.value) is int else None
        if isinstance(expression, m.Unary) and expression.op == "-":
            operand = self.signed(expression.operand, scope, at, depth + 1)
            return operand * sizes.const(-1) if operand is not None else None
        if isinstance(expression, m.Unary) and expression.op == "*":
            # A size is written with names only: that one is a reference, not a number.
            return None
        if isinstance(expression, m.Binary):
            return self._arithmetic(expression, scope, at, depth)
        if isinstance(expression, m.Cast) and self.types.integer(expression.type) is not None:
            return self._cast(expression, scope, at, depth)
        if isinstance(expression, m.Call) and expression.args:
            return self._computed(expression, scope, at, depth)
        length = self._asked_length(expression, scope, at)
        if length is not None:
            return length
        return self._variable(expression, scope, at) or self._named_number(expression, scope, at, depth)

    def known_value(self, size: Size) -> int | None:
        """A size as a number, where every name in it is a constant of this file."""
        found = size.substitute(self._constant)
        return found.constant if found is not None else None

    def _constant(self, atom: Atom) -> Size | None:
        name = (
            atom.root.binding.name
            if isinstance(atom.root, Place) and atom.root.binding.kind == "free"
            else ""
        )
        static = self.types.statics.get(name)
        value = static.value if static is not None and "mut" not in static.modifiers else None
        return (
            self.signed(value, self.trace.scope, 0, 6) if value is not None and atom.kind == "value" else None
        )

    def _computed(self, call: m.Call, scope: Scope, at: int, depth: int) -> Size | None:
        """`a.min(b)`, `min(a, b)`, `a.saturating_sub(b)`, `a.div_ceil(4)`."""
        method = self.language.name == "rust" and call.kind == "method"
        operands = (call.receiver, *call.args) if method else call.args
        if len(operands) != 2 or call.last not in ("min", "saturating_sub", "div_ceil"):
            return self._asked_length(call, scope, at)
        first, second = (self.value(operand, scope, at) for operand in operands)
        if first is None or second is None:
            return None
        if call.last == "min":
            return sizes.minimum(first, second)
        if not method:
            return None
        if call.last == "saturating_sub":
            taken = self.signed(operands[1], scope, at, depth + 1)
            signs = taken is None or taken != second or any(atom.form in SIGNED for atom in taken.atoms())
            return sizes.monus(first, second) if not signs else None
        return sizes.divide(first, second.constant, up=True) if second.constant else None

    def _named_number(self, expression: m.Expr, scope: Scope, at: int, depth: int) -> Size | None:
        """
        A Rust local without a written type that holds a number: it may be of any integer type, so only its
        value can be printed.
        """
        place = place_of(expression, scope, at) if self.language.name == "rust" else None
        if place is None or place.fields:
            return None
        binding = place.binding
        fixed = binding.kind == "local" and not binding.mutable and binding.type is None
        if not fixed or binding.value is None or binding.scope is None:
            return None
        found = self.signed(binding.value, binding.scope, binding.valued, depth + 1)
        return found if found is not None and found.constant is not None else None

    def _cast(self, cast: m.Cast, scope: Scope, at: int, depth: int) -> Size | None:
        inner = self.signed(cast.value, scope, at, depth + 1)
        return inner if cast.type.last in ("usize", "u64", "int", "u32") else None

    def _arithmetic(self, binary: m.Binary, scope: Scope, at: int, depth: int) -> Size | None:
        left = self.signed(binary.left, scope, at, depth + 1)
        right = self.signed(binary.right, scope, at, depth + 1)
        if left is None or right is None:
            return None
        if binary.op in ("+", "-") and (self.stops_at_zero(left) or self.stops_at_zero(right)):
            return None
        if binary.op == "+":
            return left + right
        if binary.op == "*":
            return left * right
        if binary.op == "-":
            return left + right * sizes.const(-1)
        if binary.op == "<<" and left.constant is not None and right.constant is not None:
            return sizes.const(left.constant << right.constant) if 0 <= right.constant < 63 else None
        if binary.op == "/" and self.language.name == "python":
            return None
        if binary.op in ("/", "//") and right.constant:
            return sizes.divide(sizes.clamp(left), right.constant, up=False) if right.constant > 0 else None
        return None

    def stops_at_zero(self, size: Size) -> bool:
        """
        Whether a size has a quotient of what may be negative: it is written as zero then, to which nothing
        can be added.
        """
        atoms = (atom for product, _ in size.terms for atom in product)
        return self.language.name != "rust" and any(
            atom.kind == "div" and any(inner.kind == "monus" for p, _ in atom.parts[0].terms for inner in p)
            for atom in atoms
        )

    def _asked_length(self, expression: m.Expr, scope: Scope, at: int) -> Size | None:
        """`xs.len()`, `list.size()`, `text.length()`, `array.length`, `len(xs)`."""
        asked: m.Expr | None = None
        if isinstance(expression, m.Call) and expression.kind == "method" and not expression.args:
            asked = expression.receiver if expression.last in ("len", "size", "length") else None
        elif isinstance(expression, m.Field) and expression.name == "length" and self.language.name == "java":
            asked = expression.of
        elif isinstance(expression, m.Call) and expression.name == ("len",) and len(expression.args) == 1:
            asked = expression.args[0]
        if asked is None:
            return None
        if isinstance(asked, m.Call) and asked.last in (
            "keySet",
            "values",
            "entrySet",
            "keys",
            "as_bytes",
            "as_slice",
            "iter",
        ):
            asked = asked.receiver
        type_ = self.types.of(asked, self.trace, scope, at)
        form = self.language.lengths.get(self.types.known(type_) or "")
        place = self.place(asked, scope, at)
        plain = self.types.plain(type_)
        if (
            plain is not None
            and plain.kind == "array"
            and isinstance(plain.length, m.Literal)
            and type(plain.length.value) is int
        ):
            return sizes.const(plain.length.value)
        is_len = self.language.name == "rust" and isinstance(expression, m.Call) and expression.last == "len"
        if form is None and is_len and self._counts_in_usize(plain):
            form = "len"
        if form is None or place is None:
            return None
        return sizes.of(Atom("length", place.text(), form, place))

    def _counts_in_usize(self, type_: m.Type | None) -> bool:
        """
        Whether `len()` of a type that is not a well-known one is the usual method: cheap, pure, and a
        `usize`.
        """
        if type_ is None:
            return True
        if type_.last in _LONG_LENGTHS:
            return False
        declared = self.types.declaration(type_.args[0] if type_.kind in ("dyn", "impl") else type_)
        # What a type parameter may be is asked of all traits of the file.
        traits = (one for one in self.types.declared.values() if one.kind == "trait")
        return all(
            function.returns is not None and function.returns.last == "usize"
            for owner in ([declared] if declared is not None else traits)
            for function in owner.functions
            if function.name == "len"
        )

    def _variable(self, expression: m.Expr, scope: Scope, at: int) -> Size | None:
        type_ = self.types.of(expression, self.trace, scope, at)
        integer = self.types.integer(type_)
        if integer is None:
            return None
        if isinstance(expression, m.Path):
            return sizes.of(Atom("value", "::".join(expression.name), integer, expression.name))
        place = place_of(expression, scope, at)
        if place is None:
            return None
        return sizes.of(Atom("value", place.text(), integer, place))

    def place(self, expression: m.Expr | None, scope: Scope, at: int) -> Place | None:
        """The place that an expression names, looking through Java's accessors that only return a field."""
        found = place_of(expression, scope, at)
        if (
            found is not None
            or not isinstance(expression, m.Call)
            or expression.args
            or self.language.name != "java"
        ):
            return found
        if expression.kind == "function":
            field = getter(self.trace.function.owner, expression.last)
            return self._own_field(field.name, scope, at) if field is not None else None
        receiver = self.place(expression.receiver, scope, at) if expression.kind == "method" else None
        owner = self.types.declaration(self.types.of(expression.receiver, self.trace, scope, at))
        if receiver is None or getter(owner, expression.last) is None:
            return None
        return Place(receiver.binding, (*receiver.fields, f"{expression.last}()"))

    def _own_field(self, name: str, scope: Scope, at: int) -> Place | None:
        """A field by its bare name, unless a local hides it."""
        binding = scope.lookup(name, at) or self.trace.free(name)
        return Place(binding) if binding.kind == "free" else None


#: Types whose `len()` is a `u64`.
_LONG_LENGTHS = {"Metadata", "RoaringBitmap", "RoaringTreemap", "File"}


SIGNED = {"i8", "i16", "i32", "i64", "isize"}


def mixes_signs(difference: Size) -> bool:
    """
    Whether signed variables are combined so that a cast of each alone would give another number.

    `n - 1` turns is written `(n.max(0) as usize).saturating_sub(1)`, but `a + b` and `b - a` have no such
    form.
    """
    signed = [
        (coefficient, len(product))
        for product, coefficient in difference.terms
        for atom in product
        if any(inner.form in SIGNED for inner in sizes.of(atom).atoms())
    ]
    return len(signed) > 1 or any(coefficient < 0 or factors > 1 for coefficient, factors in signed)


def adds_to_signed(difference: Size) -> bool:
    """Whether something is added to a signed variable, which is taken for zero where it is negative."""
    is_signed = any(atom.form in SIGNED for atom in difference.atoms())
    return is_signed and sum(coefficient > 0 for _, coefficient in difference.terms) > 1
