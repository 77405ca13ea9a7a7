"""What a parameter, a pattern or an assignment binds: which names, and from which part of which value."""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts.walk.record import Record
from alloclint.facts.walk.scopes import Binding, Link, LoopFact, Part, Scope
from alloclint.languages.vocabulary import Language
from alloclint.syntax import model as m


class Binder(Record):
    """A record, the point that a walk has come to, and how names are bound there."""

    def __init__(self, function: m.Function, language: Language, outer: Scope | None = None) -> None:
        super().__init__(function, language, outer)
        self._order = 0
        self._around: Link | None = None
        self._frame = self.root
        self._scope = self.scope
        #: Where the innermost function's own names begin: an assignment in Python goes no further out.
        self._base = self.scope
        self._declared_global: set[str] = set()

    def _bind(
        self,
        name: str,
        kind: str,
        node: m.Node,
        type_: m.Type | None = None,
        value: m.Expr | None = None,
        mutable: bool = False,
        loop: LoopFact | None = None,
    ) -> Binding:
        self._order += 1
        binding = Binding(
            name,
            kind,
            node,
            self._order,
            self._frame,
            self._scope,
            type_,
            value,
            mutable,
            loop,
            valued=self._order - 1,
        )
        self._scope.names.setdefault(name, []).append(binding)
        self.bindings.append(binding)
        return binding

    def free(self, name: str) -> Binding:
        """A name that the function does not declare: a field, a static, a class, a function, a builtin."""
        scope = self.scope
        binding = Binding(
            name, "self" if name in ("this", "self") else "free", self.function, 0, None, scope, mutable=True
        )
        scope.names.setdefault(name, []).insert(0, binding)
        return binding

    def _bind_param(self, param: m.Param) -> None:
        name = param.pattern.name
        if name in ("self", "cls") or (name is None and not param.pattern.items):
            self._bind(name or "self", "self", param, param.type)
            return
        if name is not None:
            self._bind(
                name, "param", param, param.type, mutable=param.mutable or self.language.name != "rust"
            )
        for item in param.pattern.items:
            for inner in item.names():
                self._bind(inner, "pattern", param, None)

    def _bind_parts(
        self,
        pattern: m.Pattern,
        let: m.Let,
        type_: m.Type | None,
        value: m.Expr | None,
        part: Part,
        valued: int,
    ) -> None:
        """
        The names of `let (a, b) = …`, each with its own part of a written-out tuple, or its place in one.
        """
        if pattern.name is not None:
            kind = "local" if value is not None and not part else "pattern"
            binding = self._bind(pattern.name, kind, let, type_, value, pattern.mutable)
            binding.part, binding.valued = part, valued
        for number, item in enumerate(pattern.items):
            if pattern.refutable or (pattern.name is not None):
                self._bind_parts(item, let, None, None, (), valued)
                continue
            is_tuple = type_ is not None and type_.kind == "tuple" and number < len(type_.args)
            own_type = type_.args[number] if is_tuple and type_ is not None else None
            values = (
                value.items if isinstance(value, m.Display) and value.kind == "tuple" and not part else ()
            )
            if len(values) == len(pattern.items):
                self._bind_parts(item, let, own_type, values[number], (), valued)
            else:
                self._bind_parts(item, let, own_type, value, (*part, number), valued)

    def _bind_matched(
        self, pattern: m.Pattern, node: m.Node, value: m.Expr | None, part: Part, valued: int
    ) -> None:
        """The names that a matched pattern binds, each with its way through the pattern to it."""
        if pattern.name is not None:
            known = value if not isinstance(value, m.Binary) else None
            binding = self._bind(pattern.name, "pattern", node, None, known, pattern.mutable)
            binding.part, binding.valued = part, valued
        plain = not pattern.refutable and pattern.name is None
        for number, item in enumerate(pattern.items):
            step = (pattern.constructor[-1], number) if pattern.constructor else number
            self._bind_matched(
                item, node, value if plain or pattern.constructor else None, (*part, step), valued
            )

    def _bind_pattern(
        self,
        pattern: m.Pattern,
        kind: str,
        node: m.Node,
        loop: LoopFact | None,
        type_: m.Type | None = None,
        part: Part = (),
    ) -> None:
        if pattern.name is not None:
            known = self._scope.lookup(pattern.name) if self.language.name == "python" else None
            if known is not None and self._is_local(known):
                known.assigned.append(self._order)
            self._bind(pattern.name, kind, node, type_, mutable=pattern.mutable, loop=loop).part = part
        inside = None if pattern.refutable or pattern.name is not None else loop
        for number, item in enumerate(pattern.items):
            self._bind_pattern(item, kind, node, inside, part=(*part, number))

    def _assign_names_within(self, target: m.Expr, assign: m.Assign, value: m.Expr | None) -> None:
        """
        A Python tuple target binds, or assigns, each of its names, to a value of its own where there are as
        many.
        """
        for item, own in pairs(target, value):
            if isinstance(item, m.Name):
                binding = self._scope.lookup(item.id)
                if binding is None or not self._is_local(binding):
                    self._bind(item.id, "pattern", assign, value=own, mutable=True)
                else:
                    binding.assigned.append(self._order)
            else:
                self._assign_names_within(item, assign, own)

    def _is_local(self, binding: Binding) -> bool:
        if binding.kind == "free" and binding.name not in self._declared_global:
            return False
        scope: Scope | None = self._scope
        while scope is not None and scope is not self._base.up:
            if any(own is binding for own in scope.names.get(binding.name, ())):
                return True
            scope = scope.up
        return False

    @property
    def _own_kind(self) -> str:
        """
        What a plain assignment binds: a local, at the top level of a Python module or class something that
        lasts.
        """
        return LASTING.get(self.function.name, "local") if self._base is self.scope else "local"


def pairs(target: m.Expr, value: m.Expr | None) -> Iterator[tuple[m.Expr, m.Expr | None]]:
    """
    The parts of a Python tuple target with the parts of the value, if they are as many; nothing for another
    target.
    """
    targets = target.items if isinstance(target, m.Display) else ()
    values = value.items if isinstance(value, m.Display) and value.kind != "dict" else ()
    starred = any(isinstance(item, m.Keyword) for item in (*targets, *values))
    same = len(targets) == len(values) and not starred
    for number, item in enumerate(targets):
        yield item, values[number] if same else None


#: What the assignments in a Python module's or class's own body bind.
LASTING = {"<module>": "static", "<class>": "field"}
