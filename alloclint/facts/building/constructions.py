"""
Constructions: every place where a collection is built, what it is bound to, and how a sized one would be
written there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from alloclint import size as sizes
from alloclint.cardinality import Cardinality
from alloclint.cardinality.symbol import Symbol
from alloclint.facts.building.said import said_of, symbol_of
from alloclint.facts.building.writing import Sized, written
from alloclint.facts.sizes.growth import Fill, Filling
from alloclint.facts.sizes.trips import Trips
from alloclint.facts.walk.bindings import pairs
from alloclint.facts.walk.places import Place, place_of
from alloclint.facts.walk.scopes import Binding, Event, Link
from alloclint.facts.walk.trace import Trace
from alloclint.languages.vocabulary import Collection
from alloclint.size import Atom, Bound, Size
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File

#: Calls that only wrap what is built: a lock, a cell, an Option. The collection inside is what counts.
_WRAPPERS = {
    "Mutex",
    "RwLock",
    "Arc",
    "Rc",
    "RefCell",
    "Box",
    "Some",
    "Ok",
    "Cell",
    "Lazy",
    "LazyLock",
    "OnceLock",
    "OnceCell",
    "LazyCell",
    "Pin",
    "CachePadded",
    "synchronizedMap",
    "synchronizedList",
    "synchronizedSet",
    "AtomicReference",
    "Optional",
    "newSetFromMap",
    "unmodifiableMap",
    "unmodifiableList",
    "unmodifiableSet",
}


@dataclass(slots=True, eq=False)
class Function:
    """A function as the rules see it: its declaration, its trace and its trip counts."""

    file: File
    declaration: m.Function
    trace: Trace
    trips: Trips

    @property
    def span(self) -> tuple[int, int]:
        return self.declaration.span


@dataclass(eq=False)
class Construction:
    """
    A collection being built.

    `capacity` is the capacity argument as written, `source` what it is copied from, `empty` whether it holds
    nothing and has no capacity. `binding` says what it is bound to: local, field, static, argument, return,
    element, default (of the Python `parameter`) or value; `place` is that variable or field, where there is
    one; `statement` the statement around it.
    """

    file: File
    function: Function
    event: Event
    node: m.Call | m.Display | m.Comprehension
    collection: Collection
    type: m.Type | None
    spelling: str
    how: str
    capacity: m.Expr | None = None
    source: m.Expr | None = None
    binding: str = "value"
    place: Place | None = None
    wrapped: bool = False
    statement: m.Stmt | None = None
    field_owner: str | None = None
    field_name: str | None = None
    argument_of: tuple[m.Call, int] | None = None
    declared_type: m.Type | None = field(default=None)
    parameter: m.Param | None = None

    @property
    def span(self) -> tuple[int, int]:
        return self.node.span

    @property
    def empty(self) -> bool:
        return self.capacity is None and self.source is None

    @cached_property
    def fill(self) -> Fill:
        """What fills it in this function."""
        if self.place is None or self.wrapped:
            return Fill(None, Bound.unknown, reason="it is not bound to a name here")
        skip = self.statement
        return Filling(
            self.place,
            self.collection,
            self.event.order,
            self.event.frame,
            self.event.scope,
            self.function.trips,
            skip,
        ).fill()

    @cached_property
    def cardinality(self) -> Cardinality | None:
        """How many entries its authors, or a metric, expect."""
        return said_of(self)

    def sized(self, size: str, *, entries: int | None = None) -> Sized | None:
        """
        How to write it with room for `size` entries (an expression; `entries` where it is a number); None
        where no capacity can be given: in a constant, an anonymous class, a collection without capacity.
        """
        return written(self, size, entries)

    @cached_property
    def capacity_value(self) -> int | None:
        """The capacity argument as a number, where it is one."""
        if self.capacity is None:
            return None
        size = self.capacity_size
        known = size.substitute(self._constant) if size is not None else None
        return known.constant if known is not None else None

    @cached_property
    def capacity_size(self) -> Size | None:
        """The capacity argument as a size, where it is one."""
        return self.function.trips.integers.value(self.capacity, self.event.scope, self.event.order)

    def _constant(self, atom: Atom) -> Size | None:
        """The number behind a named constant of the file; any other atom stays."""
        root = atom.root
        name = root[-1] if isinstance(root, tuple) else None
        if isinstance(root, Place) and root.binding.kind == "free" and not root.fields:
            name = root.binding.name
        owner = self.function.declaration.owner
        value = (
            self.file.facts.types.constant(owner, name) if name is not None and atom.kind == "value" else None
        )
        return sizes.const(value) if value is not None else sizes.of(atom)

    @property
    def symbol(self) -> Symbol | None:
        return symbol_of(self)

    @property
    def name(self) -> str | None:
        """The name it is bound to, as a reader would say it."""
        if self.parameter is not None:
            return self.parameter.pattern.name
        return self.place.text() if self.place is not None else self.field_name


def constructions_in(function: Function) -> Iterator[Construction]:
    """Every construction of a function, in order of evaluation."""
    trace = function.trace
    events = sorted((*trace.calls, *trace.displays), key=lambda event: event.order)
    for event in events:
        built = _construction(function, event)
        if built is not None:
            _bind(built)
            yield built


# ---------------------------------------------------------------- recognising


def _construction(function: Function, event: Event) -> Construction | None:
    language = function.file.language.name
    if isinstance(event.node, m.Call):
        return _FROM_CALL[language](function, event, event.node)
    if isinstance(event.node, m.Display):
        return _from_display(function, event, event.node)
    return None


def _made(
    function: Function,
    event: Event,
    node: m.Call | m.Display,
    collection: Collection,
    type_: m.Type | None,
    spelling: str,
    how: str,
) -> Construction:
    return Construction(function.file, function, event, node, collection, type_, spelling, how)


def _from_display(function: Function, event: Event, display: m.Display) -> Construction | None:
    file = function.file
    if file.language.name == "rust":
        if not display.macro or display.items or display.repeat is not None:
            return None
        spelling = _vec_spelling(file)
        if spelling is None:
            return None
        return _made(function, event, display, file.language.collections["Vec"], None, spelling, "vec!")
    if file.language.name != "python" or display.items or display.kind not in ("list", "dict", "set"):
        return None
    collection = file.language.collections[display.kind]
    return _made(function, event, display, collection, None, display.kind, "display")


def _vec_spelling(file: File) -> str | None:
    """
    How the type behind `vec![]` is named in a file: without std's prelude the macro may be imported alone,
    and `Vec` may be another crate's.
    """
    types = file.facts.types
    if types.collection_named(("Vec",)) is not None and (
        "Vec" in types.imports or "vec" not in types.imports
    ):
        return "Vec"
    return "vec::Vec" if types.imports.get("vec") in (("alloc", "vec"), ("std", "vec")) else None


def _rust_call(function: Function, event: Event, call: m.Call) -> Construction | None:
    if call.kind != "function" or call.type is None or call.last not in _RUST_CONSTRUCTORS:
        return None
    file, types = function.file, function.file.facts.types
    if call.type.name == ("Default",) and call.last == "default":
        return _by_declared_type(function, event, call)
    collection = types.collection(call.type)
    if collection is None or _is_own_class(function, call.type):
        return None
    written_type = file.text(call.start, call.name_start).rstrip(":").rstrip()
    made = _made(function, event, call, collection, call.type, written_type, call.last)
    if call.last in ("with_capacity", "with_capacity_and_hasher") and call.args:
        made.capacity = call.args[0]
    elif call.last in ("from", "from_iter") and call.args:
        made.source = call.args[0]
    return made


_RUST_CONSTRUCTORS = {
    "new",
    "default",
    "with_capacity",
    "with_capacity_and_hasher",
    "with_hasher",
    "from",
    "from_iter",
}


def _by_declared_type(function: Function, event: Event, call: m.Call) -> Construction | None:
    """`Default::default()` builds whatever the variable or field around it is declared as."""
    around = event.around.up if event.around is not None else None
    node = around.node if around is not None else None
    types = function.file.facts.types
    declared: m.Type | None = None
    if isinstance(node, m.Let):
        declared = node.type
    elif isinstance(node, m.StructLiteral):
        name = next((field_name for field_name, value, *_ in node.fields if value is call), None)
        owner = types.declaration(types.of(node, function.trace, event.scope, event.order))
        found = types.field_of(owner, name) if name is not None else None
        declared = found.type if found is not None and owner in types.declared.values() else None
    collection = types.collection(declared)
    if collection is None or declared is None or declared.kind != "named":
        return None
    return _made(function, event, call, collection, declared, "::".join(declared.name), "default")


def _java_call(function: Function, event: Event, call: m.Call) -> Construction | None:
    from alloclint.languages.java import FACTORIES, FACTORY_PACKAGE

    file, types = function.file, function.file.facts.types
    if call.kind == "new" and call.type is not None and call.body is None:
        collection = types.collection(call.type)
        if collection is None or _is_own_class(function, call.type):
            return None
        made = _made(
            function, event, call, collection, call.type, file.text(call.start, call.args_start), "new"
        )
        _read_java_arguments(made, call)
        return made
    if call.kind == "method" and isinstance(call.receiver, m.Name) and not call.args:
        factory = FACTORIES.get((call.receiver.id, call.last))
        if factory is not None and types.full_path((call.receiver.id,)) == (
            *FACTORY_PACKAGE,
            call.receiver.id,
        ):
            return _made(
                function, event, call, file.language.collections[factory[0]], None, factory[1], "factory"
            )
    return None


def _is_own_class(function: Function, type_: m.Type) -> bool:
    """Whether a type of that name is declared inside the function."""
    nested = (one.type.name for one in function.trace.nested if one.type is not None)
    return len(type_.name) == 1 and type_.last in nested


def _read_java_arguments(made: Construction, call: m.Call) -> None:
    """
    The first argument of a JDK constructor is a number, a collection, a comparator or (StringBuilder) a text.
    """
    if not call.args:
        return
    first = call.args[0]
    types, function = made.file.facts.types, made.function
    type_ = types.of(first, function.trace, made.event.scope, made.event.order)
    is_number = isinstance(first, m.Literal | m.Binary) and not _is_text(first)
    if (
        types.integer(type_) == "int"
        or is_number
        or (isinstance(first, m.Cast) and types.integer(first.type) is not None)
        or (isinstance(first, m.Call) and first.last in ("size", "length", "ceil", "max", "min", "capacity"))
    ):
        made.capacity = first
    elif made.collection.kind == "heap" and (
        isinstance(first, m.Closure | m.MethodRef) or types.known(type_) is None
    ):
        made.how = "new with comparator"
    else:
        made.source = first


def _is_text(expression: m.Expr) -> bool:
    if isinstance(expression, m.Literal):
        return isinstance(expression.value, str) and expression.kind == "string"
    return isinstance(expression, m.Binary) and (_is_text(expression.left) or _is_text(expression.right))


def _python_call(function: Function, event: Event, call: m.Call) -> Construction | None:
    if call.kind not in ("function", "method"):
        return None
    by_field = _made_by_field(function, event, call)
    if by_field is not None:
        return by_field
    name = (
        (call.receiver.id, call.last)
        if call.kind == "method" and isinstance(call.receiver, m.Name)
        else call.name
    )
    if call.kind == "method" and len(name) == 1:
        return None
    collection = function.file.facts.types.collection_named(name)
    if collection is None or (call.kind == "function" and _is_hidden(event, call.last)):
        return None
    made = _made(function, event, call, collection, None, ".".join(name), "call")
    positional = [argument for argument in call.args if not isinstance(argument, m.Keyword)]
    if collection.name in ("bytearray",) and positional and isinstance(positional[0], m.Literal):
        made.capacity = positional[0]
    elif collection.name == "defaultdict":
        made.source = call.args[1] if len(call.args) > 1 else None
    elif call.args:
        made.source = call.args[0]
    return made


#: Arguments of a field's declaration that build its value for each object.
_FACTORY_WORDS = {"default_factory", "factory"}


def _made_by_field(function: Function, event: Event, call: m.Call) -> Construction | None:
    """
    `field(default_factory=dict)` of dataclasses, pydantic and attrs builds a collection for each object.
    """
    if function.declaration.name != "<class>" or call.last not in ("field", "Field", "ib", "attrib"):
        return None
    given = (one.value for one in call.args if isinstance(one, m.Keyword) and one.name in _FACTORY_WORDS)
    factory = next(given, None)
    collection = (
        function.file.facts.types.collection_named((factory.id,)) if isinstance(factory, m.Name) else None
    )
    if collection is None:
        return None
    return _made(function, event, call, collection, None, collection.name, "factory")


def _is_hidden(event: Event, name: str) -> bool:
    """Whether a name means something of the function's own here; an import is what `types` looked at."""
    binding = event.scope.lookup(name, event.order)
    if binding is None or binding.kind == "free":
        return False
    return not (isinstance(binding.node, m.Let) and binding.value is None and binding.type is None)


_FROM_CALL = {"rust": _rust_call, "java": _java_call, "python": _python_call}


# ---------------------------------------------------------------- binding


def _bind(made: Construction) -> None:
    """Finds what the construction is bound to, looking outwards through wrappers."""
    around = made.event.around.up if made.event.around is not None else None
    inner: m.Node = made.node
    while around is not None:
        node = around.node
        if _wraps(node, inner):
            made.wrapped = made.wrapped or not isinstance(node, m.Cast | m.Keyword)
        else:
            _bind_to(made, node, inner, around)
            return
        inner, around = node, around.up


def _wraps(node: m.Node, inner: m.Node) -> bool:
    if isinstance(node, m.Call):
        owner = node.name[-2] if len(node.name) > 1 else ""
        receiver = node.receiver
        if isinstance(inner, m.Keyword) and inner.name in _FACTORY_WORDS:
            return True
        is_wrapper = (
            node.last in _WRAPPERS or owner in _WRAPPERS or (node.kind == "new" and node.last in _WRAPPERS)
        )
        return is_wrapper and receiver is not inner
    if isinstance(node, m.Closure | m.Block | m.Cast | m.Keyword):
        return True
    if (isinstance(node, m.Branch) and node.kind == "ternary") or (
        isinstance(node, m.Binary) and node.op in ("or", "and")
    ):
        return True
    if isinstance(node, m.Embedded):
        return isinstance(node.statement, m.Branch) and node.statement.kind == "ternary"
    return isinstance(node, m.Eval) and node.tail


def _bind_to(made: Construction, node: m.Node, inner: m.Node, around: Link) -> None:
    trace, scope = made.function.trace, made.event.scope
    made.statement = _statement(around)
    if isinstance(node, m.Let):
        _bind_let(made, node)
    elif isinstance(node, m.Assign) and node.value is inner and node.op == "=":
        made.place = place_of(node.target, scope, trace.assigned_at(node, made.event.order))
        made.declared_type = node.type
        _bind_assigned(made, node)
    elif isinstance(node, m.StructLiteral):
        _bind_struct(made, node, inner, around)
    elif isinstance(node, m.Call) and any(argument is inner for argument in node.args):
        made.binding = "argument"
        made.argument_of = node, next(i for i, argument in enumerate(node.args) if argument is inner)
    elif isinstance(node, m.Exit) or (isinstance(node, m.Eval) and node.tail):
        made.binding = "return"
    elif isinstance(node, m.Display):
        made.binding = "element"
        _bind_unpacked(made, node, inner, around)
    elif isinstance(node, m.Param):
        made.binding, made.field_name, made.parameter = "default", None, node
    if made.place is not None and made.declared_type is None:
        made.declared_type = (
            made.file.facts.types.of_binding(made.place.binding, trace) if not made.place.fields else None
        )


def _bind_unpacked(made: Construction, display: m.Display, inner: m.Node, around: Link) -> None:
    """`a, b = [], {}` binds each of the two."""
    assign = around.up.node if around.up is not None else None
    if not isinstance(assign, m.Assign) or assign.value is not display or made.file.language.name != "python":
        return
    target = next((item for item, value in pairs(assign.target, display) if value is inner), None)
    made.place = place_of(target, made.event.scope, made.function.trace.assigned_at(assign, made.event.order))
    if target is not None and made.place is not None:
        made.binding = "local" if made.place.is_local else "field"
        made.statement = assign
        _name_field(made, target)


def _bind_assigned(made: Construction, assign: m.Assign) -> None:
    place = made.place
    static = place is not None and place.binding.kind == "static" and not place.fields
    made.binding = "static" if static else "local" if place is not None and place.is_local else "field"
    _name_field(made, assign.target)
    after = next(made.function.trace.following(assign), None)
    if isinstance(after, m.Assign) and after.value is assign.value:
        # `a = b = []`: whatever fills it may do so by the other name.
        made.wrapped = True


def _statement(around: Link | None) -> m.Stmt | None:
    while around is not None:
        if isinstance(around.node, m.Stmt):
            return around.node
        around = around.up
    return None


def _bind_let(made: Construction, let: m.Let) -> None:
    field_ = made.function.file.facts.field_of_initialiser(let)
    if field_ is not None:
        made.binding = "static" if field_.modifiers & {"static", "module", "const", "lazy"} else "field"
        made.field_name = field_.name
        made.field_owner = _own_type(made)
        made.declared_type = field_.type
        return
    made.binding = "local"
    made.declared_type = let.type
    bound = made.function.trace.bindings_of(let)
    found = [binding for binding in bound if binding.name == let.pattern.name]
    if found:
        made.place = Place(found[0])
        _follow_into_field(made, found[0])


def _follow_into_field(made: Construction, binding: Binding) -> None:
    """`let map = HashMap::new(); Index { map }` and `this.map = map` build the field, too."""
    for use in made.function.trace.uses_of(binding):
        node = use.around.node if use.around is not None else None
        if isinstance(node, m.StructLiteral):
            _name_struct_field(made, node, use.expr)
        elif isinstance(node, m.Assign) and node.value is use.expr and isinstance(node.target, m.Field):
            place = place_of(node.target, made.event.scope)
            if place is not None and place.binding.kind == "self" and len(place.fields) == 1:
                made.field_owner, made.field_name = _own_type(made), place.fields[0]


def _own_type(made: Construction) -> str | None:
    declaration = made.function.declaration
    if declaration.owner_type is not None:
        return declaration.owner_type.last
    return declaration.owner.name if declaration.owner is not None else None


def _name_struct_field(made: Construction, literal: m.StructLiteral, value: m.Node | None) -> None:
    memo, key = made.function.trace.memo, ("initialisers", id(literal))
    if key not in memo:
        memo[key] = {id(given): name for name, given, *_ in literal.fields}
    made.field_name = memo[key].get(id(value))
    made.field_owner = _own_type(made) if literal.type.name == ("Self",) else literal.type.last


def _bind_struct(made: Construction, literal: m.StructLiteral, inner: m.Node, around: Link) -> None:
    made.binding = "field"
    _name_struct_field(made, literal, inner)
    outer = around.up.node if around.up is not None else None
    if isinstance(outer, m.Let) and outer.pattern.name is not None and made.field_name is not None:
        found = made.function.trace.bindings_of(outer)
        made.place = Place(found[0], (made.field_name,)) if found else None
        made.statement = outer


def _name_field(made: Construction, target: m.Expr) -> None:
    """`self.map = …`, `this.map = …` and (Java) a bare `map = …` name a field of the class around."""
    name, place = _own_type(made), made.place
    if place is None:
        return
    if place.binding.kind in ("self",) and len(place.fields) == 1:
        made.field_owner, made.field_name = name, place.fields[0]
    elif place.binding.kind == "free" and not place.fields:
        # A Python name that is declared `global` is the module's.
        made.field_owner, made.field_name = (
            None if made.file.language.name == "python" else name,
            place.binding.name,
        )
    elif place.binding.kind in ("static", "field") and not place.fields:
        made.field_owner, made.field_name = name, place.binding.name
    elif place.fields:
        types = made.file.facts.types
        container = target.of if isinstance(target, m.Field) else None
        decl = types.declaration(types.of(container, made.function.trace, made.event.scope, made.event.order))
        if decl is not None:
            made.field_owner, made.field_name = decl.name, place.fields[-1]
