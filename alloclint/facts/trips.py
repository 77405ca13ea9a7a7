"""
Trip counts: how many turns a loop makes, as a symbolic size of what it iterates.

A count is `exact`, `at_most` (a filter, a minimum that is not known), or unknown. Lengths are those at the
start of the loop; that they are the same where the number is to be written is checked by `growth`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alloclint import size as sizes
from alloclint.facts.getters import getter
from alloclint.facts.places import Place, changes_between, place_of
from alloclint.facts.trace import Link, LoopFact, Scope, Trace
from alloclint.facts.types import Types
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Trip:
    """
    A number of turns. `unique` are the names that are different at each turn: keys of a map, an index, the
    elements of a set. `reason` says why a count is not known.
    """

    size: Size | None
    bound: Bound = Bound.exact
    reason: str = ""
    unique: frozenset[str] = frozenset()
    shape: str = "items"  # items, entries (of a map), unique, indexed

    def but(self, size: Size | None = None, bound: Bound = Bound.exact, shape: str | None = None) -> Trip:
        return Trip(size or self.size, max(self.bound, bound), self.reason, self.unique, shape or self.shape)


def unknown(reason: str) -> Trip:
    return Trip(None, Bound.unknown, reason)


class Trips:
    """The trip counts of one function."""

    def __init__(self, trace: Trace, types: Types) -> None:
        self.trace = trace
        self.types = types
        self.language = types.language
        self._known: dict[int, Trip] = {}

    def of(self, loop: LoopFact) -> Trip:
        """How many turns a loop makes when it runs to its end; its exits are judged by `growth`."""
        if id(loop) not in self._known:
            self._known[id(loop)] = self._trip(loop)
        return self._known[id(loop)]

    def _trip(self, loop: LoopFact) -> Trip:
        node = loop.node
        if isinstance(node, m.Loop) and node.is_async:
            return unknown("an asynchronous iteration")
        if loop.kind in ("each", "comprehension", "closure"):
            trip = self.elements(loop.iterable, _scope(loop, self.trace), loop.start)
            if trip.size is not None and self._may_never_run(node):
                trip = trip.but(bound=Bound.at_most)
            return Trip(
                trip.size,
                trip.bound,
                trip.reason,
                _unique(loop.pattern, trip, self.language.name),
                trip.shape,
            )
        if loop.kind == "count" and isinstance(node, m.Loop):
            return self._counted(node, loop)
        if loop.kind == "while" and isinstance(node, m.Loop):
            return self._while(node, loop)
        return unknown(f"the turns of this {loop.kind} loop are not known")

    def _may_never_run(self, node: m.Node) -> bool:
        """The steps of a lazy chain run for as many elements as its end asks for."""
        if not isinstance(node, m.Call):
            return False
        adaptor = self.language.adaptors.get(node.last)
        if adaptor is None or not adaptor.lazy:
            return node.last == "try_for_each"
        return self.language.name != "rust" or not self._is_drained(node)

    def _is_drained(self, call: m.Call) -> bool:
        """Rust: whether what follows a step of an iterator takes every element of it."""
        inner = call
        for outer in self.trace.calls_upon(call):
            if outer.last in _DRAINING:
                return True
            if outer.last not in _PASSING:
                return False
            inner = outer
        around = self.trace.around_of(inner)
        node = around.up.node if around is not None and around.up is not None else None
        if isinstance(node, m.Call):
            return node.last == "extend" and any(argument is inner for argument in node.args)
        return isinstance(node, m.Loop) and node.iterable is inner and not self._is_left(node)

    def _is_left(self, loop: m.Loop) -> bool:
        """Whether a loop holds anything that may end it."""
        return any(
            not (isinstance(exit_.node, m.Exit) and exit_.node.kind == "continue")
            for fact in self.trace.loops_of(loop)
            for exit_ in self.trace.exits_between(fact.start, fact.end)
        )

    # -- what is iterated

    def elements(self, expression: m.Expr | None, scope: Scope, at: int) -> Trip:
        """How many elements an iterable expression yields."""
        if isinstance(expression, m.Unary) and expression.op in ("&", "&mut", "*"):
            return self.elements(expression.operand, scope, at)
        if isinstance(expression, m.Range):
            return self._range(expression, scope, at)
        if isinstance(expression, m.Display):
            return self._written_out(expression, scope, at)
        if isinstance(expression, m.Literal) and isinstance(expression.value, str | bytes):
            return Trip(sizes.const(len(expression.value)))
        if isinstance(expression, m.Call):
            chained = self._chain(expression, scope, at)
            if chained is not None:
                return chained
        if isinstance(expression, m.Comprehension):
            return self._comprehension(expression, scope, at)
        if isinstance(expression, m.Index) and isinstance(expression.index, m.Range):
            return self._slice(expression, expression.index, scope, at)
        return self._container(expression, scope, at)

    def _comprehension(self, expression: m.Comprehension, scope: Scope, at: int) -> Trip:
        """
        What a Python comprehension or generator yields; only its first source is asked where a second depends
        on it.
        """
        total, bound = sizes.const(1), Bound.exact
        for clause in expression.clauses:
            trip = self.elements(clause.iterable, scope, at)
            if trip.size is None:
                return unknown(trip.reason)
            total, bound = (
                total * trip.size,
                max(bound, trip.bound, Bound.at_most if clause.conditions else Bound.exact),
            )
        if expression.kind in ("set", "dict"):
            return Trip(total, Bound.at_most, "keys may repeat", shape="unique")
        return Trip(total, bound, "the comprehension skips some" if bound is not Bound.exact else "")

    def _container(self, expression: m.Expr | None, scope: Scope, at: int) -> Trip:
        type_ = self.types.of(expression, self.trace, scope, at)
        known = self.types.known(type_)
        form = self.language.lengths.get(known or "")
        place = self.place(expression, scope, at)
        if known is None or form is None:
            return self._by_definition(place, at) or unknown("what it iterates has no known length")
        plain = self.types.plain(type_)
        if (
            known == "array"
            and plain is not None
            and isinstance(plain.length, m.Literal)
            and isinstance(plain.length.value, int)
        ):
            return Trip(sizes.const(plain.length.value))
        if place is None:
            return unknown("what it iterates is computed anew")
        shape = _SHAPES.get(known, "items")
        if known in ("str", "String") and self.language.name == "rust":
            return unknown("a string is iterated by its methods")
        return Trip(sizes.of(Atom("length", place.text(), form, place)), shape=shape)

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

    def _by_definition(self, place: Place | None, at: int) -> Trip | None:
        """A local that holds an iterator or a sized value: what it was defined as."""
        if place is None or place.fields or place.binding.value is None:
            return None
        binding = place.binding
        if binding.assigned or changes_between(
            place, binding.order, at, self.trace, self.language, length=True
        ):
            return None
        if isinstance(binding.value, m.Name) or binding.kind != "local" or binding.scope is None:
            return None
        if self.language.name == "rust" and binding.mutable and len(self.trace.uses_of(binding)) > 1:
            return unknown("the iterator may be used up by another use of it")
        trip = self.elements(binding.value, binding.scope, binding.valued)
        return trip if trip.size is not None else None

    def _range(self, range_: m.Range, scope: Scope, at: int) -> Trip:
        if range_.high is None:
            return unknown("the range has no end")
        low = self.signed(range_.low, scope, at) if range_.low is not None else sizes.ZERO
        high = self.signed(range_.high, scope, at)
        if low is None or high is None:
            return unknown("an end of the range is not a known size")
        if range_.inclusive:
            high = high + sizes.const(1)
        difference = high + low * sizes.const(-1)
        if self.language.name == "rust" and _mixes_signs(difference):
            return unknown("an end of the range may be negative")
        if _narrows(range_.low, low):
            return unknown("a cast may cut off the start of the range")
        reason = "an end of the range may be negative" if _adds_to_signed(difference) else ""
        reason = reason or ("a cast may cut it off" if _narrows(range_.high, high) else "")
        return Trip(sizes.clamp(difference), Bound.at_most if reason else Bound.exact, reason, shape="unique")

    def _written_out(self, display: m.Display, scope: Scope, at: int) -> Trip:
        if display.repeat is not None:
            size = self.value(display.repeat, scope, at)
            return Trip(size) if size is not None else unknown("the repeat count is not a known size")
        if any(isinstance(item, m.Keyword) for item in display.items):
            return unknown("unpacks something of unknown length")
        count = len(display.items) // 2 if display.kind == "dict" else len(display.items)
        return Trip(sizes.const(count))

    def _slice(self, index: m.Index, range_: m.Range, scope: Scope, at: int) -> Trip:
        whole = self.elements(index.of, scope, at)
        if whole.size is None or range_.step is not None:
            return unknown("a slice of something of unknown length")
        low = self.value(range_.low, scope, at) if range_.low is not None else sizes.ZERO
        high = self.value(range_.high, scope, at) if range_.high is not None else whole.size
        if _negative(range_.high) and self.language.name == "python":
            back = self.signed(range_.high, scope, at)
            high = whole.size + back if back is not None and back.constant is not None else None
        elif _negative(range_.high):
            high = None
        if low is None or high is None or _negative(range_.low):
            return unknown("an end of the slice is not a known size")
        if range_.inclusive:
            high = high + sizes.const(1)
        # Python slices stop silently at the end; Rust's would have panicked.
        if self.language.name == "python" and range_.high is not None and not _negative(range_.high):
            high = sizes.minimum(high, whole.size)
        cut = sizes.monus(high, low)
        return Trip(cut, whole.bound, whole.reason, whole.unique, whole.shape)

    # -- iterator chains

    def _chain(self, call: m.Call, scope: Scope, at: int) -> Trip | None:
        source, arguments = self._source(call)
        if source is None:
            return self._factory(call, scope, at)
        adaptor = self.language.adaptors.get(call.last)
        if adaptor is None or (isinstance(source, m.Name) and (source.id, call.last) in _STATIC):
            return self._other_method(call, scope, at)
        if call.last == "drain" and not (arguments and _is_full(arguments[0])) and arguments:
            return unknown("drains a part")
        inner = (
            self.elements(source, scope, at)
            if not self._is_text(source, scope, at)
            else self._text(call, source, scope, at)
        )
        if inner.size is None:
            return inner
        return _EFFECTS[adaptor.effect](self, inner, call, arguments, scope, at)

    def _source(self, call: m.Call) -> tuple[m.Expr | None, tuple[m.Expr, ...]]:
        if call.kind == "method" and not (self.language.name == "python" and call.receiver is None):
            return call.receiver, call.args
        if self.language.name == "python" and call.kind == "function" and len(call.name) == 1 and call.args:
            if call.last in _ITERABLE_FUNCTIONS and _plain_args(call):
                return call.args[0], tuple(
                    argument for argument in call.args[1:] if not isinstance(argument, m.Keyword)
                )
            if call.last in ("map", "filter") and len(call.args) == 2 and _plain_args(call):
                return call.args[1], ()
        return None, ()

    def _factory(self, call: m.Call, scope: Scope, at: int) -> Trip | None:
        """`range(n)`, `iter::repeat_n(x, n)` and the like."""
        if self.language.name == "python" and call.name == ("range",) and _plain_args(call):
            return self._python_range(call, scope, at)
        if self.language.name == "rust" and call.last in ("repeat_n", "once", "empty"):
            counted = (
                self.value(call.args[1], scope, at)
                if call.last == "repeat_n" and len(call.args) == 2
                else None
            )
            size = {"once": sizes.const(1), "empty": sizes.ZERO}.get(call.last, counted)
            return Trip(size) if size is not None else unknown("a repeat count that is not known")
        if self.language.name == "rust" and call.last == "repeat":
            return Trip(None, Bound.exact, "endless")
        return None

    def _python_range(self, call: m.Call, scope: Scope, at: int) -> Trip:
        values = [self.signed(argument, scope, at) for argument in call.args]
        if None in values or not 1 <= len(values) <= 3:
            return unknown("an end of the range is not a known size")
        known = [value for value in values if value is not None]
        low, high = (sizes.ZERO, known[0]) if len(known) == 1 else (known[0], known[1])
        step = known[2].constant if len(known) == 3 else 1
        if not step:
            return unknown("the step of the range is not a constant")
        span = sizes.monus(high, low) if step > 0 else sizes.monus(low, high)
        return Trip(sizes.divide(span, abs(step), up=True), shape="unique")

    def _other_method(self, call: m.Call, scope: Scope, at: int) -> Trip | None:
        """A static call with a known number of elements: `Arrays.asList(a, b)`, `List.of(a, b, c)`."""
        receiver = call.receiver
        if self.language.name != "java" or not isinstance(receiver, m.Name) or not call.args:
            return None
        if (receiver.id, call.last) in _STATIC and (call.last != "stream" or len(call.args) == 1):
            return self._spread(call, scope, at) if len(call.args) == 1 else Trip(sizes.const(len(call.args)))
        return None

    def _spread(self, call: m.Call, scope: Scope, at: int) -> Trip | None:
        """The one argument of `Arrays.asList(x)`: an array of objects stands for its elements."""
        type_ = self.types.plain(self.types.of(call.args[0], self.trace, scope, at))
        if type_ is None or self.types.known(type_) is None:
            return None
        inner = type_.args[0] if type_.args else None
        is_primitive = inner is None or (inner.kind == "named" and inner.last in _PRIMITIVES)
        if self.types.known(type_) != "array" or (is_primitive and call.last != "stream"):
            return Trip(sizes.const(1))
        single = self.elements(call.args[0], scope, at)
        return single if single.size is not None else None

    def _is_text(self, source: m.Expr, scope: Scope, at: int) -> bool:
        return self.language.name == "rust" and self.types.known(
            self.types.of(source, self.trace, scope, at)
        ) in ("str", "String")

    def _text(self, call: m.Call, source: m.Expr, scope: Scope, at: int) -> Trip:
        """The bytes or characters of a Rust string; a character has one byte at least."""
        place = place_of(source, scope, at)
        if place is None or call.last not in (
            "chars",
            "char_indices",
            "bytes",
            "as_bytes",
            "as_str",
            "to_string",
            "clone",
            "into_bytes",
        ):
            return unknown("a part of a string")
        return Trip(sizes.of(Atom("length", place.text(), "len", place)), shape="items")

    def _same(self, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int) -> Trip:
        shape = _VIEWS.get(call.last)
        if self.language.name == "python":
            return inner.but(
                shape=_PYTHON_SHAPES.get(call.last, inner.shape)
                if inner.shape == "unique" or shape
                else inner.shape
            )
        if call.last in ("keys", "keySet", "into_keys"):
            return inner.but(shape="unique" if inner.shape == "entries" else "items")
        if call.last in ("map", "mapToObj", "values", "values_mut", "into_values", "sorted", "boxed"):
            return inner.but(shape="items")
        if shape == "indexed":
            return inner.but(shape="indexed")
        return inner

    def _weaker(
        self, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
    ) -> Trip:
        return inner.but(bound=Bound.at_most)

    def _lost(self, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int) -> Trip:
        return unknown(f"`{call.last}` yields an unknown number")

    def _counted_step(
        self, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
    ) -> Trip:
        effect = self.language.adaptors[call.last].effect
        number = self.value(arguments[0], scope, at) if arguments else None
        if number is None or inner.size is None:
            return unknown(f"the argument of `{call.last}` is not a known size")
        if effect == "take" and self._may_overflow(inner.size):
            return unknown("the sum before `take` may overflow")
        if effect == "take":
            return inner.but(sizes.minimum(inner.size, number))
        if effect == "skip":
            return inner.but(sizes.monus(inner.size, number))
        by = number.constant
        if effect == "windows":
            return inner.but(sizes.monus(inner.size + sizes.const(1), number), shape="items")
        if by is None or by <= 0:
            return unknown(f"the argument of `{call.last}` is not a constant")
        shape = "unique" if effect == "step" and inner.shape == "unique" else "items"
        return inner.but(sizes.divide(inner.size, by, up=effect != "chunks_exact"), shape=shape)

    def _combined(
        self, inner: Trip, call: m.Call, arguments: tuple[m.Expr, ...], scope: Scope, at: int
    ) -> Trip:
        effect = self.language.adaptors[call.last].effect
        for argument in arguments:
            other = self._other_side(argument, scope, at)
            if effect == "zip" and other.size is None and other.reason in ("endless", "the range has no end"):
                continue
            if other.size is None or inner.size is None:
                return unknown(f"one side of `{call.last}` has no known length")
            if effect == "zip" and (self._may_overflow(inner.size) or self._may_overflow(other.size)):
                return unknown("a sum may overflow before the shorter side of `zip` is known")
            size = sizes.minimum(inner.size, other.size) if effect == "zip" else inner.size + other.size
            inner = inner.but(size, other.bound, "items")
        return inner

    def _may_overflow(self, size: Size) -> bool:
        """Rust: whether a sum holds a variable that may be as large as its type, as in `(0..=n).take(2)`."""
        added = sum(coefficient > 0 for _, coefficient in size.terms)
        wide = any(atom.kind == "value" and atom.form in ("usize", "u64") for atom in size.atoms())
        return self.language.name == "rust" and added > 1 and wide

    def _other_side(self, argument: m.Expr, scope: Scope, at: int) -> Trip:
        return self.elements(argument, scope, at)

    # -- integers

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
            signs = taken is None or taken != second or any(atom.form in _SIGNED for atom in taken.atoms())
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

    def _cast(self, cast: m.Cast, scope: Scope, at: int, depth: int) -> Size | None:
        inner = self.signed(cast.value, scope, at, depth + 1)
        return inner if cast.type.last in ("usize", "u64", "int", "u32") else None

    def _arithmetic(self, binary: m.Binary, scope: Scope, at: int, depth: int) -> Size | None:
        left = self.signed(binary.left, scope, at, depth + 1)
        right = self.signed(binary.right, scope, at, depth + 1)
        if left is None or right is None:
            return None
        if binary.op in ("+", "-") and (self._stops_at_zero(left) or self._stops_at_zero(right)):
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

    def _stops_at_zero(self, size: Size) -> bool:
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

    # -- counting loops

    def _counted(self, loop: m.Loop, fact: LoopFact) -> Trip:
        """
        Java's `for (int i = a, n = b; i < n; i += s)`, up or down, and a loop that is driven by an iterator.
        """
        driven = self._iterated(loop, fact)
        if driven is not None:
            return driven
        steps = dict(_named_step(statement) for statement in loop.update)
        test, stepped = _stepped_test(loop.test)
        steps |= stepped
        for setup in loop.setup:
            name = setup.pattern.name if isinstance(setup, m.Let) else None
            if isinstance(setup, m.Let) and name in steps and len(steps) == len(loop.update) + len(stepped):
                if self._moves(name, fact) != 1:
                    return unknown("the counter is changed in the loop as well")
                return self._count(name, setup.value, test, steps[name], fact)
        return unknown("the loop's header counts nothing that is known")

    def _moves(self, name: str, fact: LoopFact) -> int:
        """How often the loop's text assigns its counter."""
        binding = _scope(fact, self.trace).lookup(name, fact.start)
        return sum(fact.start < order <= fact.end for order in binding.assigned) if binding is not None else 0

    def _skips_before(self, order: int, fact: LoopFact) -> bool:
        """Whether a turn may go on to the next one before the step at `order` is taken."""
        return any(
            isinstance(exit_.node, m.Exit) and exit_.node.kind == "continue" and exit_.order < order
            for exit_ in self.trace.exits_between(fact.start, order)
        )

    def _iterated(self, loop: m.Loop, fact: LoopFact) -> Trip | None:
        """
        `while (it.hasNext())` with one `it.next()` at each turn: as many turns as there are elements behind
        the iterator.
        """
        test = loop.test
        if not isinstance(test, m.Call) or test.last not in ("hasNext", "hasMoreElements") or loop.update:
            return None
        place = place_of(test.receiver, _scope(fact, self.trace), fact.start)
        if place is None or place.fields or place.binding.kind != "local" or place.binding.assigned:
            return None
        if place.binding.value is None or place.binding.frame is not fact.frame.up:
            return None
        around = self.trace.uses_of(place.binding)
        uses = [use for use in around if use.around is not None and use.around.node is not test]
        steps = [use for use in uses if _calls(use.around, "next", "nextElement")]
        others = [use for use in uses if use not in steps and not _calls(use.around, "remove")]
        if (
            others
            or len(steps) != 1
            or steps[0].frame.loop is not fact
            or self._skips_before(steps[0].order, fact)
        ):
            return None
        found = self.elements(place.binding.value, _scope(fact, self.trace), place.binding.order)
        return found.but(shape="items") if found.size is not None else None

    def _while(self, loop: m.Loop, fact: LoopFact) -> Trip:
        """`while i < n` with one visible, unconditional step, `while (n-- > 0)`, or an iterator."""
        driven = self._iterated(loop, fact)
        if driven is not None:
            return driven
        test, stepped = _stepped_test(loop.test)
        name = next(iter(stepped), None) or _counter(test)
        scope = _scope(fact, self.trace)
        binding = scope.lookup(name, fact.start) if name is not None else None
        if binding is None or name is None or loop.pattern is not None:
            return unknown("a while loop ends when it ends")
        first = m.Name(loop.start, loop.start, name) if binding.kind == "param" else binding.value
        if binding.frame is not fact.frame.up:
            return unknown("the counter goes on from one run of the loop to the next")
        in_body = (_step(statement, name) for statement in loop.body.statements)
        steps = [*stepped.values(), *(step for step in in_body if step is not None)]
        touched = [order for order in binding.assigned if order <= fact.end]
        lent = any(
            fact.start < use.order <= fact.end and _is_lent(use.around) for use in self.trace.uses_of(binding)
        )
        if lent or len(steps) != 1 or len(touched) != 1 or self._skips_before(touched[0], fact):
            return unknown("the counter has no single visible step")
        return self._count(name, first, test, steps[0], fact)

    def _count(
        self, name: str, first: m.Expr | None, test: m.Expr | None, step: int | None, fact: LoopFact
    ) -> Trip:
        scope = _scope(fact, self.trace)
        if not isinstance(test, m.Binary) or step is None or step == 0:
            return unknown("the loop's test or step is not a simple count")
        op, limit = _against(test, name)
        start, end = self.signed(first, scope, fact.start), self.signed(limit, scope, fact.end)
        if op is None or start is None or end is None or not self._is_stable(end, fact):
            return unknown("the loop's limits are not known sizes")
        low, high = (start, end) if step > 0 else (end, start)
        moved = op in ("<=", ">=") or sizes.ZERO not in (low, high)
        if moved and (self._stops_at_zero(low) or self._stops_at_zero(high)):
            return unknown("a limit may be the quotient of a negative number")
        if op in ("<=", ">="):
            high = high + sizes.const(1)
        elif (op == "!=" and abs(step) != 1) or ((op == "<") != (step > 0) and op != "!="):
            return unknown("the loop's test and step do not meet")
        difference = high + low * sizes.const(-1)
        is_rust = self.language.name == "rust"
        if is_rust and _mixes_signs(difference):
            return unknown("a limit of the loop may be negative")
        span = sizes.divide(sizes.clamp(difference), abs(step), up=True)
        weaker = Bound.at_most if is_rust and _adds_to_signed(difference) else Bound.exact
        return Trip(span, weaker, unique=frozenset({name}), shape="unique")

    def _is_stable(self, size: Size, fact: LoopFact) -> bool:
        """The limit is asked at every turn, so it must not change inside the loop."""
        for atom in size.atoms():
            if isinstance(atom.root, Place) and changes_between(
                atom.root, fact.start, fact.end, self.trace, self.language, length=atom.kind == "length"
            ):
                return False
        return True


_Effect = Callable[[Trips, Trip, m.Call, tuple[m.Expr, ...], Scope, int], Trip]
#: Rust: what takes all elements of an iterator, and the steps that take as many as they are asked for; what
#: `collect` and `sum` make may be a `Result`, which ends with the first error.
_DRAINING = {"for_each", "fold", "unzip", "partition"}
_PASSING = {"map", "inspect", "enumerate", "cloned", "copied", "filter", "filter_map", "rev", "flat_map"}
#: Java: static calls that yield their arguments, or the elements of their only one.
_STATIC = {
    ("List", "of"), ("Arrays", "asList"), ("Set", "of"), ("Arrays", "stream"), ("Stream", "of"),
}  # fmt: skip
_PRIMITIVES = {"int", "long", "short", "byte", "char", "float", "double", "boolean"}
_EFFECTS: dict[str, _Effect] = {
    "same": Trips._same,
    "at_most": Trips._weaker,
    "unknown": Trips._lost,
    "take": Trips._counted_step,
    "skip": Trips._counted_step,
    "step": Trips._counted_step,
    "chunks": Trips._counted_step,
    "chunks_exact": Trips._counted_step,
    "windows": Trips._counted_step,
    "zip": Trips._combined,
    "chain": Trips._combined,
}
_MAPS = (
    "HashMap", "BTreeMap", "FxHashMap", "AHashMap", "IndexMap", "Map", "SortedMap", "NavigableMap",
    "LinkedHashMap", "TreeMap", "ConcurrentHashMap", "ConcurrentMap", "Hashtable", "WeakHashMap",
    "EnumMap", "ImmutableMap",
)  # fmt: skip
_SETS = (
    "HashSet", "BTreeSet", "FxHashSet", "AHashSet", "IndexSet", "Set", "SortedSet", "NavigableSet",
    "LinkedHashSet", "TreeSet", "EnumSet", "ImmutableSet", "set", "frozenset", "dict", "defaultdict",
    "OrderedDict", "Counter", "mapping", "mutablemapping", "abstractset", "mutableset", "keysview",
)  # fmt: skip
_SHAPES = {**dict.fromkeys(_MAPS, "entries"), **dict.fromkeys(_SETS, "unique")}
#: Python: what a view or a function makes of something whose elements differ.
_PYTHON_SHAPES = {"enumerate": "indexed", "items": "entries", "values": "items", "map": "items"}
_ITERABLE_FUNCTIONS = ("enumerate", "reversed", "sorted", "list", "tuple", "iter", "set", "frozenset", "zip")
_VIEWS = {"enumerate": "indexed", "char_indices": "indexed"}


#: Types whose `len()` is a `u64`.
_LONG_LENGTHS = {"Metadata", "RoaringBitmap", "RoaringTreemap", "File"}


_SIGNED = {"i8", "i16", "i32", "i64", "isize"}


def _mixes_signs(difference: Size) -> bool:
    """
    Whether signed variables are combined so that a cast of each alone would give another number.

    `n - 1` turns is written `(n.max(0) as usize).saturating_sub(1)`, but `a + b` and `b - a` have no such
    form.
    """
    signed = [
        (coefficient, len(product))
        for product, coefficient in difference.terms
        for atom in product
        if any(inner.form in _SIGNED for inner in sizes.of(atom).atoms())
    ]
    return len(signed) > 1 or any(coefficient < 0 or factors > 1 for coefficient, factors in signed)


def _adds_to_signed(difference: Size) -> bool:
    """Whether something is added to a signed variable, which is taken for zero where it is negative."""
    is_signed = any(atom.form in _SIGNED for atom in difference.atoms())
    return is_signed and sum(coefficient > 0 for _, coefficient in difference.terms) > 1


def _narrows(end: m.Expr | None, size: Size) -> bool:
    """Rust: whether a cast may make another number of a variable that is wider than its type."""
    while isinstance(end, m.Binary):
        end = end.left
    if not isinstance(end, m.Cast) or end.type.last != "u32":
        return False
    return any(
        atom.kind == "value"
        and atom.form in ("u64", "usize")
        and isinstance(atom.root, Place)
        and atom.root.binding.kind not in ("constant", "free")
        for atom in size.atoms()
    )


def _scope(loop: LoopFact, trace: Trace) -> Scope:
    return loop.scope if loop.scope is not None else trace.scope


def _unique(pattern: m.Pattern | None, trip: Trip, language: str) -> frozenset[str]:
    """The names of a loop's pattern that differ at every turn."""
    if pattern is None:
        return frozenset()
    if trip.shape == "unique" and pattern.name is not None:
        return frozenset({pattern.name})
    if trip.shape in ("entries", "indexed"):
        if pattern.items and pattern.items[0].name is not None:
            return frozenset({pattern.items[0].name})
        if pattern.name is not None and language == "java":
            return frozenset({f"{pattern.name}.getKey"})
    return frozenset()


def _negative(expression: m.Expr | None) -> bool:
    return isinstance(expression, m.Unary) and expression.op == "-"


def _is_full(expression: m.Expr) -> bool:
    return isinstance(expression, m.Range) and expression.low is None and expression.high is None


def _plain_args(call: m.Call) -> bool:
    return not any(isinstance(argument, m.Keyword) and argument.name in ("*", "**") for argument in call.args)


def _step(statement: m.Stmt, name: str) -> int | None:
    """By how much a statement moves a counter: `i++`, `i += 2`, `i -= 1`, `i = i + 1`."""
    if (
        isinstance(statement, m.Eval)
        and isinstance(statement.value, m.Unary)
        and statement.value.op in ("++", "--")
    ):
        operand = statement.value.operand
        return (
            (1 if statement.value.op == "++" else -1)
            if isinstance(operand, m.Name) and operand.id == name
            else None
        )
    if (
        not isinstance(statement, m.Assign)
        or not isinstance(statement.target, m.Name)
        or statement.target.id != name
    ):
        return None
    value, op = statement.value, statement.op
    if op == "=" and isinstance(value, m.Binary) and isinstance(value.left, m.Name) and value.left.id == name:
        op, value = value.op + "=", value.right
    if op not in ("+=", "-=") or not isinstance(value, m.Literal) or type(value.value) is not int:
        return None
    return value.value if op == "+=" else -value.value


def _named_step(statement: m.Stmt) -> tuple[str, int | None]:
    """The counter that a loop's update moves, and by how much."""
    if (
        isinstance(statement, m.Eval)
        and isinstance(statement.value, m.Unary)
        and isinstance(statement.value.operand, m.Name)
    ):
        name = statement.value.operand.id
    else:
        name = (
            statement.target.id
            if isinstance(statement, m.Assign) and isinstance(statement.target, m.Name)
            else ""
        )
    return name, _step(statement, name)


def _stepped_test(test: m.Expr | None) -> tuple[m.Expr | None, dict[str, int | None]]:
    """
    A test that moves its counter, as a plain test and a step: `--i >= 0` and `i-- > 0` make the turns of `i >
    0; i--`.
    """
    counter = test.left if isinstance(test, m.Binary) else None
    if not isinstance(test, m.Binary) or not isinstance(counter, m.Unary) or counter.op != "--":
        return test, {}
    if not isinstance(counter.operand, m.Name) or not isinstance(test.right, m.Literal):
        return test, {}
    first = counter.operand.start > counter.start
    if (test.op, test.right.value) != ((">=", 0) if first else (">", 0)):
        return test, {}
    zero = m.Literal(test.right.start, test.right.end, "int", 0)
    return m.Binary(test.start, test.end, ">", counter.operand, zero), {counter.operand.id: -1}


def _calls(around: Link | None, *names: str) -> bool:
    return (
        around is not None
        and isinstance(around.node, m.Call)
        and around.node.kind == "method"
        and around.node.last in names
    )


def _is_lent(around: Link | None) -> bool:
    """Rust: `&mut i`."""
    return around is not None and isinstance(around.node, m.Unary) and around.node.op == "&mut"


def _counter(test: m.Expr | None) -> str | None:
    return test.left.id if isinstance(test, m.Binary) and isinstance(test.left, m.Name) else None


def _against(test: m.Binary, name: str) -> tuple[str | None, m.Expr | None]:
    """The comparison read with the counter on its left."""
    if isinstance(test.left, m.Name) and test.left.id == name:
        return test.op, test.right
    if isinstance(test.right, m.Name) and test.right.id == name:
        flipped = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}
        return flipped.get(test.op), test.left
    return None, None
