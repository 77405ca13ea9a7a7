"""
What is known about a file, computed on first use: the library that every rule reads.

`Facts` is the way in; the classes that rules look at are `Construction`, `Function`, `Growth` and the `File`
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from alloclint.capacity import Target
from alloclint.cardinality import Cardinality
from alloclint.cardinality.symbol import Symbol
from alloclint.facts.annotations import AnnotationProblem, Annotations
from alloclint.facts.annotations import read as read_annotations
from alloclint.facts.constructions import Construction, Function, constructions_in
from alloclint.facts.heat import Heat, heat_at
from alloclint.facts.layout import entry_bytes
from alloclint.facts.places import Place
from alloclint.facts.testcode import spans_of_tests
from alloclint.facts.trace import Trace
from alloclint.facts.trips import Trips
from alloclint.facts.types import Types
from alloclint.file import File
from alloclint.scan import Hits, hits
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOOKS_AT", "AnnotationProblem", "Construction", "Facts", "Function"]


class Facts:
    """The facts of one file. Nothing here reads a file, a clock or a setting."""

    def __init__(self, file: File) -> None:
        self.file = file

    @cached_property
    def types(self) -> Types:
        return Types(self.file.unit, self.file.language, self.file.project)

    @cached_property
    def annotations(self) -> Annotations:
        return read_annotations(self.file.unit, self.file.source, self.file.path, self.file.language.name)

    @property
    def annotation_problems(self) -> list[AnnotationProblem]:
        return self.annotations.problems

    @cached_property
    def target(self) -> Target:
        """What the capacity models assume about the machine and the releases."""
        limits = self.file.limits
        return Target(
            java_release=limits.java_release or 17,
            compressed_oops=limits.compressed_oops,
            python_version=limits.python_version,
        )

    # -- functions

    @cached_property
    def functions(self) -> list[Function]:
        """
        Every function that has a word worth looking at, and the initialisers of fields as functions of their
        own.
        """
        found = self._hits
        return [
            self._function(declaration)
            for declaration in (*self._initialisers, *self._declared_functions())
            if found.any_in(declaration.start, declaration.end)
        ]

    @cached_property
    def _hits(self) -> Hits:
        """
        The words of the language, the file's own names for collections, and its fields that are collections.
        """
        types = self.types
        aliases = [alias for alias, path in types.imports.items() if path in self.file.language.by_path]
        aliases += [
            type_.name for type_ in types.declared.values() if types.collection(type_.aliased) is not None
        ]
        aliases += self.file.project.aliases if self.file.project is not None else ()
        declared = (
            *self.file.unit.fields,
            *(item for type_ in types.declared.values() for item in type_.fields),
        )
        fields = [
            item.name
            for item in declared
            if item.type is not None and types.collection(item.type) is not None
        ]
        own = sorted({name for name in (*aliases, *fields) if name not in self.file.language.collections})
        return hits(self.file.language, self.file.source, tuple(own))

    def _declared_functions(self) -> Iterator[m.Function]:
        """
        The file's functions, and those inside other functions (Rust: on their own; elsewhere the outer trace
        sees them).
        """
        found = self._hits
        waiting = self.file.unit.functions[::-1]
        while waiting:
            declaration = waiting.pop()
            yield declaration
            if self.file.language.name == "rust" and found.any_in(declaration.start, declaration.end):
                nested = self.function_of(declaration).trace.nested
                waiting.extend(one.function for one in reversed(nested) if one.function is not None)

    def function_of(self, declaration: m.Function) -> Function:
        known = self._traced.get(id(declaration))
        return known if known is not None else self._function(declaration)

    @cached_property
    def _traced(self) -> dict[int, Function]:
        return {}

    def _function(self, declaration: m.Function) -> Function:
        known = self._traced.get(id(declaration))
        if known is None:
            trace = Trace(declaration, self.file.language)
            known = Function(self.file, declaration, trace, Trips(trace, self.types))
            self._traced[id(declaration)] = known
        return known

    @cached_property
    def _initialisers(self) -> list[m.Function]:
        """
        `static X: T = …;` and `private Map m = new HashMap();`, each as a function that declares one name.
        """
        found = []
        fields: Iterable[tuple[m.TypeDecl | None, m.FieldDecl]] = (
            *((None, item) for item in self.file.unit.fields),
            *((type_, item) for type_ in self.types.declared.values() for item in type_.fields),
        )
        for owner, item in fields:
            if item.value is None or self.file.language.name == "python":
                continue
            let = m.Let(
                item.start, item.end, m.Pattern(item.start, item.end, item.name), item.type, item.value
            )
            self._fields_by_let[id(let)] = item
            body = m.Block(item.start, item.end, [let])
            found.append(
                m.Function(
                    item.start,
                    item.end,
                    item.name,
                    item.qualname or (item.name,),
                    owner=owner,
                    _body=body,
                    _read=True,
                )
            )
        return found

    @cached_property
    def _fields_by_let(self) -> dict[int, m.FieldDecl]:
        return {}

    def field_of_initialiser(self, statement: m.Stmt | None) -> m.FieldDecl | None:
        """The field that a statement made up by `_initialisers` stands for."""
        return self._fields_by_let.get(id(statement))

    @cached_property
    def test_spans(self) -> tuple[list[int], list[int]]:
        """The starts and the ends of the outermost stretches of test code, in order."""
        return spans_of_tests(self.file.unit)

    # -- constructions

    @cached_property
    def constructions(self) -> list[Construction]:
        return [built for function in self.functions for built in constructions_in(function)]

    @cached_property
    def _by_place(self) -> dict[tuple[int, tuple[str, ...]], list[Construction]]:
        found: dict[tuple[int, tuple[str, ...]], list[Construction]] = {}
        for built in self.constructions:
            if built.place is not None:
                found.setdefault((id(built.place.binding), built.place.fields), []).append(built)
        return found

    def constructions_at(self, place: Place) -> list[Construction]:
        """The constructions that are bound to a place."""
        return self._by_place.get((id(place.binding), place.fields), [])

    @cached_property
    def sized_fields(self) -> frozenset[str]:
        """The names of the fields that are built with a capacity somewhere in the file."""
        made = (built.field_name for built in self.constructions if built.capacity is not None)
        return frozenset(name for name in made if name is not None)

    # -- expectations

    def cardinality_of(self, built: Construction) -> Cardinality | None:
        """
        What is expected of a construction: on its line, its variable, its field, its type, or in the sidecar.
        """
        for question in (
            self._said_here,
            self._said_at_binding,
            self._said_at_field,
            self._said_at_type,
            self._said_beside,
        ):
            found = question(built)
            if found is not None:
                return found
        return None

    def _said_here(self, built: Construction) -> Cardinality | None:
        found = self.annotations.cardinality_at(*built.span)
        if found is None and built.statement is not None:
            found = self.annotations.cardinality_of(built.statement)
        return found

    def _said_at_binding(self, built: Construction) -> Cardinality | None:
        if built.parameter is not None:
            return self.annotations.cardinality_of(built.parameter)
        if built.place is None or built.place.fields:
            return None
        return self.annotations.cardinality_of(built.place.binding.node)

    def _said_at_field(self, built: Construction) -> Cardinality | None:
        if built.field_name is None:
            return self._said_at_parameter(built)
        owner = built.field_owner
        own = self.types.declared.get(owner) if owner is not None else None
        item = self.types.field_of(own, built.field_name) or (
            self.types.statics.get(built.field_name) if owner is None else None
        )
        if item is not None:
            return self.annotations.cardinality_of(item)
        project = self.file.project
        if project is None or owner is None:
            return None
        return project.cardinality(self.file.language.name, owner, built.field_name)

    def _said_at_parameter(self, built: Construction) -> Cardinality | None:
        """A collection that is passed where an annotated parameter takes it."""
        if built.argument_of is None:
            return None
        call, number = built.argument_of
        owner = call.type.last if call.type is not None else None
        own = built.function.declaration.owner_type
        name = own.last if owner == "Self" and own is not None else owner
        functions = [
            f
            for f in self.types.functions.get(call.last, ())
            if name is None or (f.owner_type or m.Type(0, 0, "unknown")).last == name
        ]
        if call.kind == "new" and name is not None and name in self.types.declared:
            functions = [
                f
                for f in self.types.declared[name].functions
                if f.name == "<init>" and len(f.params) == len(call.args)
            ]
        if len(functions) == 1:
            params = [param for param in functions[0].params if param.pattern.name not in ("self", "cls")]
            given = call.args[number]
            if isinstance(given, m.Keyword):
                params, number = [param for param in params if param.pattern.name == given.name], 0
            return self.annotations.cardinality_of(params[number]) if number < len(params) else None
        project = self.file.project
        if project is None or name is None:
            return None
        return project.cardinality(
            self.file.language.name, name, f"{'<init>' if call.kind == 'new' else call.last}({number})"
        )

    def _said_at_type(self, built: Construction) -> Cardinality | None:
        """An annotated alias or wrapper type."""
        for type_ in (built.type, built.declared_type):
            declared = self.types.declared.get(type_.last) if type_ is not None else None
            if declared is not None:
                found = self.annotations.cardinality_of(declared)
                if found is not None:
                    return found
        own = self.types.declared.get(built.field_owner or "")
        return self.annotations.cardinality_of(own) if own is not None and len(own.fields) == 1 else None

    def _said_beside(self, built: Construction) -> Cardinality | None:
        project, symbol = self.file.project, self.symbol_of(built)
        if project is None or symbol is None:
            return None
        entry = project.sidecar.find(symbol)
        return entry.cardinality if entry is not None else None

    # -- symbols

    def symbol_of(self, built: Construction) -> Symbol | None:
        if built.field_name is not None:
            own = (
                (built.field_owner, built.field_name)
                if built.field_owner is not None
                else (built.field_name,)
            )
            return self._symbol(own)
        if built.place is not None and not built.place.fields:
            return self._symbol((*built.function.declaration.qualname[-2:], built.place.binding.name))
        return None

    def _symbol(self, own: tuple[str, ...]) -> Symbol:
        names = own if own[0] != "<module>" else own[1:]
        return Symbol(self.file.path, self.file.language.name, names, self.file.unit.package)

    def symbols(self) -> Iterator[Symbol]:
        """Everything in the file that a sidecar can name."""
        for type_ in self.types.declared.values():
            for item in type_.fields:
                yield self._symbol((type_.name, item.name))
        for item in self.file.unit.fields:
            yield self._symbol((item.name,))
        for built in self.constructions:
            symbol = self.symbol_of(built)
            if symbol is not None:
                yield symbol

    # -- sizes and heat

    def entry_bytes(self, built: Construction) -> int | None:
        """The bytes of one entry: annotated, or computed from the declared type; None where neither tells."""
        said = built.cardinality.entry_bytes if built.cardinality is not None else None
        if said is not None:
            return said
        for type_ in (built.declared_type, built.type, self._field_type(built)):
            plain = self.types.plain(type_)
            collection = self.types.collection(plain)
            if plain is not None and (plain.args or plain.last == "String") and collection is not None:
                full = m.Type(0, 0, "named", collection.paths[0], plain.args)
                found = entry_bytes(
                    self.file.language.name,
                    full,
                    self._lookup,
                    compressed_oops=self.file.limits.compressed_oops,
                )
                if found is not None:
                    return found
        return None

    def modelled_as(self, built: Construction) -> str | None:
        """The name by which the capacity models know what is built; None where they do not."""
        name = built.collection.model
        if name != "dict" or self.file.language.name != "python":
            return name
        declared = (
            self.types.plain(type_) for type_ in (built.declared_type, built.type, self._field_type(built))
        )
        keys = next((type_.args[0].last for type_ in declared if type_ is not None and type_.args), None)
        # The entries of a dict whose keys are all text leave the hash out.
        return "dict[str]" if keys == "str" else name

    def _field_type(self, built: Construction) -> m.Type | None:
        """The collection type inside a field's wrappers: `Mutex<HashMap<K, V>>`."""
        if built.field_name is None:
            return None
        own = self.types.declared.get(built.field_owner or "")
        project = self.file.project
        if own is None and project is not None and built.field_owner is not None:
            own = project.declaration(self.file.language.name, built.field_owner)
        item = self.types.field_of(own, built.field_name) or self.types.statics.get(built.field_name)
        type_ = item.type if item is not None else None
        while type_ is not None and self.types.collection(type_) is None and len(type_.args) == 1:
            type_ = type_.args[0]
        return type_

    def _lookup(self, name: str) -> m.TypeDecl | None:
        return self.types.declaration(m.Type(0, 0, "named", (name,)))

    def heat(self, built: Construction | Function) -> Heat:
        """Why the code at a construction is hot or cold, as far as anything says so."""
        return heat_at(self.file, built)


def _constructions(file: File) -> Sequence[Construction]:
    return file.facts.constructions


def _functions(file: File) -> Sequence[Function]:
    return file.facts.functions


#: What a rule's `check` may take, and where it is found.
LOOKS_AT: dict[type, Callable[[File], Iterable[object]]] = {
    Construction: _constructions,
    Function: _functions,
}
