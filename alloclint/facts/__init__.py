"""
What is known about a file, computed on first use: the library that every rule reads.

`Facts` is the way in; the classes that rules look at are `Construction`, `Call`, `Function` and the `File`
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from alloclint.capacity import Target
from alloclint.facts.annotations import AnnotationProblem, Annotations
from alloclint.facts.annotations import read as read_annotations
from alloclint.facts.calls import Call, Site, calls_in
from alloclint.facts.constructions import Construction, Function, constructions_in
from alloclint.facts.heat import Heat, heat_at
from alloclint.facts.places import Place
from alloclint.facts.testcode import spans_of_tests
from alloclint.facts.trace import Trace
from alloclint.facts.trips import Trips
from alloclint.facts.types import Types
from alloclint.file import File
from alloclint.scan import Hits, hits, occurrences
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOOKS_AT", "AnnotationProblem", "Call", "Construction", "Facts", "Function", "Site"]


class Facts:
    """The facts of one file. Nothing here reads a file, a clock or a setting."""

    def __init__(self, file: File) -> None:
        self.file = file
        #: What others derived from these facts for the whole file, so that it is derived once.
        self.memo: dict[Hashable, Any] = {}

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
        return self._functions_at(self._hits)

    def functions_with(self, words: tuple[str, ...]) -> list[Function]:
        """Every function, and every initialiser of a field, in whose text one of the words stands."""
        if words not in self._by_words:
            self._by_words[words] = self._functions_at(occurrences(self.file.source, words))
        return self._by_words[words]

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], list[Function]]:
        return {}

    def calls(self, names: tuple[str, ...]) -> list[Call]:
        """Every call of something with one of the names, in the order of the file's functions."""
        wanted = frozenset(names)
        functions = self.functions_with(names)
        return [call for function in functions for call in calls_in(function) if call.name in wanted]

    def _functions_at(self, found: Hits) -> list[Function]:
        return [
            self._function(declaration)
            for declaration in (*self._initialisers, *self._declared_functions(found))
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

    def _declared_functions(self, found: Hits) -> Iterator[m.Function]:
        """
        The file's functions, and those inside other functions that have a hit (Rust: on their own; elsewhere
        the outer trace sees them).
        """
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

    def modifiers_of_initialiser(self, declaration: m.Function) -> frozenset[str] | None:
        """The modifiers of the field that a function initialises; None for a function of the source."""
        body = declaration.body if declaration._read else None
        field = (
            self.field_of_initialiser(body.statements[0]) if body is not None and body.statements else None
        )
        return field.modifiers if field is not None else None

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

    def heat(self, built: Construction | Site | Function) -> Heat:
        """Why the code at a construction is hot or cold, as far as anything says so."""
        return heat_at(self.file, built)


def _constructions(file: File, words: tuple[str, ...]) -> Sequence[Construction]:
    return file.facts.constructions


def _functions(file: File, words: tuple[str, ...]) -> Sequence[Function]:
    return file.facts.functions_with(words) if words else file.facts.functions


def _calls(file: File, words: tuple[str, ...]) -> Sequence[Call]:
    return file.facts.calls(words)


def _file(file: File, words: tuple[str, ...]) -> Sequence[File]:
    return (file,)


#: What a rule's `check` may take, and where it is found in a file, given the words of the rule.
LOOKS_AT: dict[type, Callable[[File, tuple[str, ...]], Iterable[object]]] = {
    Construction: _constructions,
    Function: _functions,
    Call: _calls,
    File: _file,
}
