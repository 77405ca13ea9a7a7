"""
Type evidence: what type an expression has.

Evidence is a declaration, a literal or a constructor, with what its name means in the file. Where there is
no evidence the answer is None, and every caller stays silent.
"""

from __future__ import annotations

from collections.abc import Callable

from alloclint.facts.names.callees import callee_path
from alloclint.facts.names.names import Names, bare
from alloclint.facts.walk.scopes import Binding, Part, Scope
from alloclint.facts.walk.trace import Trace
from alloclint.syntax import model as m


class Types(Names):
    """The types of one file's expressions."""

    def of(
        self, expression: m.Expr | None, trace: Trace, scope: Scope, at: int, depth: int = 0
    ) -> m.Type | None:
        """The type of an expression as it is seen from `scope` at point `at`."""
        if expression is None or depth > 12:
            return None
        rule = _TYPE_OF.get(type(expression))
        found = rule(self, expression, trace, scope, at, depth + 1) if rule is not None else None
        return None if trace.nested and _is_nested(found, trace) else found

    def of_binding(self, binding: Binding, trace: Trace, depth: int = 0) -> m.Type | None:
        if binding.kind == "self":
            function = trace.function
            return function.owner_type or (named(function.owner.name) if function.owner is not None else None)
        if binding.type is not None and binding.type.kind != "infer":
            return binding.type
        if binding.loop is not None and binding.kind == "loop":
            return self._element(binding, trace, depth)
        if binding.value is not None and binding.scope is not None:
            if self.language.name == "python" and not self._keeps_its_type(binding, trace, depth):
                return None
            return self._part(
                self.of(binding.value, trace, binding.scope, binding.valued, depth), binding.part
            )
        if binding.kind == "free":
            return self._free(binding.name, trace, depth)
        return None

    def _keeps_its_type(self, binding: Binding, trace: Trace, depth: int) -> bool:
        """Whether everything that is assigned to a Python variable is of the type that it starts with."""
        if not binding.assigned or binding.scope is None:
            return True
        first = self.of(binding.value, trace, binding.scope, binding.valued, depth + 2)
        wanted = self.known(first) or self.integer(first)
        for order in binding.assigned:
            event = trace.assignment_after(order)
            if (
                event is None
                or not isinstance(event.node, m.Assign)
                or not isinstance(event.node.target, m.Name)
            ):
                return False
            # `xs += more` keeps the type, and a name that is assigned from itself would ask forever.
            later = (
                self.of(event.node.value, trace, event.scope, binding.order, depth + 4)
                if event.node.op == "=" and not (wanted in _JOINED and _joins(event.node.value, binding.name))
                else first
            )
            if (self.known(later) or self.integer(later)) != wanted:
                return False
        return wanted is not None

    def _free(self, name: str, trace: Trace, depth: int) -> m.Type | None:
        """A bare name the function does not declare: a static, or (Java) a field of the class around it."""
        if self.language.name == "java":
            fields = (self.inherited_field(owner, name) for owner in self.around(trace.function.owner))
            field = next((found for found in fields if found is not None), None)
            if field is not None:
                return field.type
        static = self.statics.get(name)
        if static is None:
            return None
        if static.type is not None:
            return static.type
        # A name of the module may be assigned from itself: the way back counts.
        deeper = max(depth, 6)
        return self.of(static.value, trace, trace.scope, 0, deeper) if static.value is not None else None

    def _element(self, binding: Binding, trace: Trace, depth: int) -> m.Type | None:
        loop = binding.loop
        if (
            loop is None
            or loop.pattern is None
            or loop.scope is None
            or binding.name not in loop.pattern.names()
        ):
            return None
        item = getattr(loop.node, "item_type", None)
        if item is not None and item.kind != "infer":
            return item if not binding.part else None
        return self._part(self._item(loop.iterable, trace, loop.scope, loop.start, depth + 1), binding.part)

    def _item(
        self, iterable: m.Expr | None, trace: Trace, scope: Scope, at: int, depth: int
    ) -> m.Type | None:
        """
        What an iterable yields: an element of a list, a pair of a map, whatever the steps of a chain make of
        it.
        """
        while (
            isinstance(iterable, m.Call)
            and iterable.kind == "method"
            and iterable.last in _YIELD_THE_SAME
            and depth < 12
        ):
            iterable = iterable.receiver
        if (
            isinstance(iterable, m.Call)
            and iterable.kind == "method"
            and iterable.last in _YIELD_OTHERS
            and depth < 12
        ):
            return self._other_item(iterable, trace, scope, at, depth + 1)
        if isinstance(iterable, m.Range):
            return self.of(iterable.high, trace, scope, at, depth) or self.of(
                iterable.low, trace, scope, at, depth
            )
        container = self.plain(self.of(iterable, trace, scope, at, depth))
        if container is None or not container.args:
            return None
        if container.kind in ("slice", "array"):
            return container.args[0]
        known = self.known(container)
        if self.language.name == "rust" and known in _RUST_MAPS and len(container.args) >= 2:
            return m.Type(0, 0, "tuple", (), container.args[:2])
        return container.args[0] if known in _LISTS else None

    def _other_item(self, call: m.Call, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        """What Rust's `enumerate`, `zip`, `keys`, `values`, `chunks` and `windows` yield."""
        if self.language.name != "rust":
            return None
        item = self._item(call.receiver, trace, scope, at, depth)
        if call.last in ("enumerate", "zip"):
            other = self._item(call.args[0], trace, scope, at, depth) if call.args else named("usize")
            pair = (named("usize"), item) if call.last == "enumerate" else (item, other)
            return m.Type(0, 0, "tuple", (), tuple(one or m.Type(0, 0, "unknown") for one in pair))
        if call.last in ("keys", "values", "values_mut", "into_keys", "into_values"):
            return self._part(item, (0,) if "keys" in call.last else (1,))
        return m.Type(0, 0, "slice", (), (item,)) if item is not None else None

    def _part(self, type_: m.Type | None, part: Part) -> m.Type | None:
        """
        The part of a value that a name of a pattern stands for: a tuple's member, what `Some` or an enum's
        variant holds.
        """
        for step in part:
            type_ = self._member(type_, step)
        return type_ if type_ is None or type_.kind != "unknown" else None

    def _member(self, type_: m.Type | None, step: int | tuple[str, int]) -> m.Type | None:
        type_ = self.plain(type_)
        if type_ is None:
            return None
        if isinstance(step, int):
            return type_.args[step] if type_.kind == "tuple" and step < len(type_.args) else None
        constructor, number = step
        if constructor in _WRAPPED and number == 0:
            wrapper, position = _WRAPPED[constructor]
            return type_.args[position] if type_.last in wrapper and position < len(type_.args) else None
        declared = self.declaration(type_)
        if declared is None or declared.type_params:
            return None
        if declared.kind == "struct":
            found = self.field_of(declared, str(number))
            return found.type if found is not None and declared.name == constructor else None
        members = next((types for name, types in declared.variants if name == constructor), ())
        return members[number] if number < len(members) else None

    def _name(self, name: m.Name, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        binding = scope.lookup(name.id, at)
        return (
            self.of_binding(binding, trace, depth)
            if binding is not None
            else self._free(name.id, trace, depth)
        )

    def _field(self, field: m.Field, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        owner_type = self.of(field.of, trace, scope, at, depth)
        if field.name == "length" and self.language.name == "java" and self.known(owner_type) == "array":
            return named("int")
        plain = self.plain(owner_type)
        if plain is not None and plain.kind == "tuple" and field.name.isdigit():
            return plain.args[int(field.name)] if int(field.name) < len(plain.args) else None
        found = self.inherited_field(self.declaration(owner_type), field.name)
        if (
            found is not None
            and found.type is None
            and isinstance(found.value, m.Display | m.Comprehension | m.Call)
        ):
            # An attribute of a Python class, which nobody gives a type but for the value it starts with.
            return (
                self.of(found.value, trace, trace.scope, 0, depth) if self.language.name == "python" else None
            )
        return found.type if found is not None else None

    def _literal(self, literal: m.Literal, *_: object) -> m.Type | None:
        name = {
            # A Rust number without a suffix takes its type from its uses.
            "rust": {"string": "str", "char": "char", "bytes": "[u8]"},
            "java": {"string": "String", "int": "int", "char": "char"},
            "python": {"string": "str", "int": "int", "bytes": "bytes"},
        }[self.language.name].get(literal.kind)
        return named(name) if name is not None else None

    def _call(self, call: m.Call, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        if call.kind == "new":
            return call.type
        if call.kind == "macro":
            return named("String") if call.last == "format" else None
        made = self._made(call, scope, at)
        if made is not None:
            return made
        if call.kind == "function":
            return self._function_type(call, trace)
        return self._method_type(call, trace, scope, at, depth)

    def _made(self, call: m.Call, scope: Scope, at: int) -> m.Type | None:
        """What a well-known function of a library returns; `Result<Regex>` is a Regex in a Result."""
        if call.last not in self.language.makers:
            return None
        path = callee_path(call, self, scope, at)
        return self._spelled(self.language.makes.get(path)) if path is not None else None

    def _made_by_method(self, name: str, receiver: m.Type | None) -> m.Type | None:
        """What a well-known method of a library's type returns: `group` of a Matcher."""
        if receiver is None or name not in self.language.makers:
            return None
        owner = self.library(receiver)
        return self._spelled(self.language.makes.get(f"{owner}{self.language.separator}{name}"))

    def _spelled(self, spelled: str | None) -> m.Type | None:
        """A type as the vocabulary writes it."""
        if spelled is None:
            return None
        outer, _, inner = spelled.rstrip(">").partition("<")
        args = (named(*inner.split(self.language.separator)),) if inner else ()
        return named(*outer.split(self.language.separator), args=args)

    def _function_type(self, call: m.Call, trace: Trace) -> m.Type | None:
        if call.type is not None:
            owner = self._self_type(call.type, trace)
            if self.collection(owner) is not None and call.last in _CONSTRUCTORS:
                return owner
            return self._returned(self.declaration(owner), call.last, owner)
        if self.language.name == "python" and self.collection_named(call.name) is not None:
            return named(*call.name)
        if (
            self.language.name == "python"
            and call.name[0] in self.language.returns
            and call.name[0] not in self.functions
        ):
            return named(self.language.returns[call.name[0]])
        if self.language.name == "java":
            return self._returned(trace.function.owner, call.last, None)
        candidates = [
            f for f in self.functions.get(call.last, ()) if f.owner is None and f.owner_type is None
        ]
        return candidates[0].returns if len(candidates) == 1 and len(call.name) == 1 else None

    def _self_type(self, type_: m.Type, trace: Trace) -> m.Type:
        own = trace.function.owner_type
        return own if type_.name == ("Self",) and own is not None else type_

    def _returned(self, owner: m.TypeDecl | None, name: str, self_type: m.Type | None) -> m.Type | None:
        """What the one function of that name in a declared type returns."""
        if owner is None:
            return None
        functions = [function for function in owner.functions if function.name == name]
        component = self.field_of(owner, name) if owner.kind == "record" and not functions else None
        if component is not None:
            return component.type
        if len({_spelling(function.returns) for function in functions}) != 1:
            return None
        returns = functions[0].returns
        return self_type if returns is not None and returns.name == ("Self",) else returns

    def _method_type(self, call: m.Call, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        if call.last in _TEXTUAL and not call.args:
            # Every value has them, and they return text whatever they are called on.
            return named("String")
        receiver = self.of(call.receiver, trace, scope, at, depth)
        if call.last in ("unwrap", "expect", "unwrap_or_default", "orElseThrow"):
            return _unwrapped(receiver)
        if call.last == "collect":
            return call.type_args[0] if call.type_args else None
        plain = self.plain(receiver)
        made = self._made_by_method(call.last, plain)
        if made is not None:
            return made
        returns = self.language.returns.get(call.last)
        if returns is not None and self.known(plain) is not None:
            return self._well_known(returns, plain)
        if returns in ("usize", "int") and call.last in ("len", "count"):
            return named(returns)
        if plain is not None and self.known(plain) is None:
            return self._returned(self.declaration(plain), call.last, plain)
        return None

    def _well_known(self, returns: str, receiver: m.Type | None) -> m.Type | None:
        if receiver is None:
            return None
        if returns == "?same":
            return receiver
        if returns == "?owned":
            return named("String") if receiver.last == "str" else named("Vec", args=receiver.args)
        if returns.startswith("[") or returns.endswith("[]"):
            return m.Type(
                0, 0, "slice" if returns.startswith("[") else "array", (), (named(returns.strip("[]")),)
            )
        if returns == "Vec<_>":
            return named("Vec", args=receiver.args)
        return named("Vec", args=(named("u8"),)) if returns == "Vec<u8>" else named(returns)

    def _display(self, display: m.Display, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        if self.language.name == "python":
            return named(display.kind) if display.kind in ("list", "set", "dict", "tuple") else None
        if display.kind == "tuple":
            return None
        element = self.of(display.items[0], trace, scope, at, depth) if display.items else None
        args = (element,) if element is not None else ()
        if display.macro:
            return named("Vec", args=args)
        if display.type is not None and display.type.kind == "array":
            return display.type
        return m.Type(
            0, 0, "array", (), (display.type,) if display.type is not None else args, display.repeat
        )

    def _comprehension(self, comprehension: m.Comprehension, *_: object) -> m.Type | None:
        return named(comprehension.kind) if comprehension.kind != "generator" else None

    def _operand(self, unary: m.Unary, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        if unary.op == "not":
            return None
        type_ = self.of(unary.operand, trace, scope, at, depth)
        return self._promoted(type_) if unary.op in ("-", "+", "~") else type_

    def _may_return(
        self, early: m.MayReturn, trace: Trace, scope: Scope, at: int, depth: int
    ) -> m.Type | None:
        return _unwrapped(self.of(early.value, trace, scope, at, depth))

    def _index(self, index: m.Index, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        container = self.plain(self.of(index.of, trace, scope, at, depth))
        if container is None:
            return None
        if isinstance(index.index, m.Range):
            if self.language.name == "python" or container.last in ("str", "String"):
                return named("str") if container.last == "String" else container
            return m.Type(0, 0, "slice", (), container.args)
        indexed = container.kind in ("slice", "array") or self.known(container) in ("Vec", "VecDeque", "list")
        return container.args[0] if container.args and indexed else None

    def _cast(self, cast: m.Cast, *_: object) -> m.Type | None:
        return cast.type

    def _binary(self, binary: m.Binary, trace: Trace, scope: Scope, at: int, depth: int) -> m.Type | None:
        if binary.op not in ("+", "-", "*", "/", "%", "//", "<<", ">>"):
            return None
        text = self._joined_text(binary, trace, scope, at, depth)
        if text is not None:
            return text
        for side in (binary.left, binary.right) if binary.op not in ("<<", ">>") else (binary.left,):
            if not isinstance(side, m.Literal):
                return self._promoted(self.of(side, trace, scope, at, depth))
        return self._promoted(self.of(binary.left, trace, scope, at, depth))

    def _joined_text(
        self, binary: m.Binary, trace: Trace, scope: Scope, at: int, depth: int
    ) -> m.Type | None:
        """Text that `+` joins (Java: to anything), and Python's `%` fills in."""
        name = {"java": "String", "python": "str", "rust": "String"}[self.language.name]
        if binary.op == "%" and self.language.name == "python":
            return named(name) if self.known(self.of(binary.left, trace, scope, at, depth)) == name else None
        if binary.op != "+":
            return None
        sides = (binary.left, binary.right) if self.language.name != "rust" else (binary.left,)
        known = (self.known(self.of(side, trace, scope, at, depth)) == name for side in sides)
        return named(name) if any(known) else None

    def _opaque(self, opaque: m.Opaque, *_: object) -> m.Type | None:
        return named("str") if opaque.kind == "text" else None

    def _promoted(self, type_: m.Type | None) -> m.Type | None:
        """Java computes with nothing smaller than an `int`: `'a' + 1` is a number."""
        is_small = self.language.name == "java" and type_ is not None and type_.last in _SMALL
        return named("int") if is_small else type_

    def _struct(self, literal: m.StructLiteral, trace: Trace, *_: object) -> m.Type | None:
        return self._self_type(literal.type, trace)

    def _path(self, path: m.Path, trace: Trace, *_: object) -> m.Type | None:
        """An associated constant, or a constant of this file named through its module."""
        owner = (
            trace.function.owner
            if path.name[0] == "Self"
            else self.declared.get(path.name[-2] if len(path.name) > 1 else "")
        )
        field = self.field_of(owner, path.name[-1])
        return field.type if field is not None else None


def named(*name: str, args: tuple[m.Type, ...] = ()) -> m.Type:
    """A type that stands nowhere in the source."""
    return m.Type(0, 0, "named", name, args)


def _is_nested(type_: m.Type | None, trace: Trace) -> bool:
    """Whether a type is declared inside the function, where it hides what the file knows by that name."""
    own = {nested.type.name for nested in trace.nested if nested.type is not None}
    type_ = bare(type_)
    return type_ is not None and len(type_.name) == 1 and type_.last in own


def _joins(value: m.Expr, name: str) -> bool:
    """Whether a sum begins or ends with a name: `s + x`, `x + s`."""
    while isinstance(value, m.Binary) and value.op == "+":
        if isinstance(value.right, m.Name) and value.right.id == name:
            return True
        value = value.left
        if isinstance(value, m.Name) and value.id == name:
            return True
    return False


def _unwrapped(type_: m.Type | None) -> m.Type | None:
    type_ = bare(type_)
    return type_.args[0] if type_ is not None and type_.last in _WRAPPERS and type_.args else None


def _spelling(type_: m.Type | None) -> object:
    if type_ is None:
        return None
    return type_.kind, type_.name, tuple(_spelling(arg) for arg in type_.args)


_WRAPPERS = {"Result", "Option", "io::Result", "Optional"}
_WRAPPED = {"Some": ({"Option"}, 0), "Ok": ({"Result"}, 0), "Err": ({"Result"}, 1)}
_YIELD_THE_SAME = {
    "iter", "iter_mut", "into_iter", "drain", "rev", "skip", "take", "step_by", "filter", "inspect",
    "peekable", "cloned", "copied", "chain", "by_ref", "fuse", "skip_while", "take_while", "par_iter",
    "into_par_iter", "stream", "parallelStream", "sorted", "distinct", "limit", "peek",
}  # fmt: skip
_YIELD_OTHERS = {
    "enumerate", "zip", "keys", "values", "values_mut", "into_keys", "into_values", "chunks", "chunks_exact",
    "windows", "rchunks", "chunks_mut", "chunks_exact_mut",
}  # fmt: skip
_RUST_MAPS = {"HashMap", "BTreeMap", "FxHashMap", "AHashMap", "IndexMap"}
_LISTS = {
    "Vec", "VecDeque", "List", "ArrayList", "list", "HashSet", "BTreeSet", "FxHashSet", "AHashSet",
    "IndexSet", "BinaryHeap",
}  # fmt: skip
_CONSTRUCTORS = {
    "new",
    "with_capacity",
    "with_capacity_and_hasher",
    "with_hasher",
    "from",
    "from_iter",
    "default",
    "from_utf8_lossy",
}
_TEXTUAL = {"to_string", "toString"}
#: Python: types to which `+` only adds what is of the same type.
_JOINED = {"str", "bytes", "list", "tuple"}
_SMALL = {"char", "short", "byte"}
_TypeOf = Callable[..., "m.Type | None"]
_TYPE_OF: dict[type[m.Expr], _TypeOf] = {
    m.Name: Types._name,
    m.Path: Types._path,
    m.Field: Types._field,
    m.Literal: Types._literal,
    m.Call: Types._call,
    m.Display: Types._display,
    m.Comprehension: Types._comprehension,
    m.Unary: Types._operand,
    m.MayReturn: Types._may_return,
    m.Index: Types._index,
    m.Cast: Types._cast,
    m.Binary: Types._binary,
    m.StructLiteral: Types._struct,
    m.Opaque: Types._opaque,
}
