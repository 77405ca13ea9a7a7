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
from alloclint.facts.building.annotations import AnnotationProblem, Annotations
from alloclint.facts.building.annotations import read as read_annotations
from alloclint.facts.building.constructions import Construction, Function, constructions_in
from alloclint.facts.names.calls import Call, Site, calls_in
from alloclint.facts.names.names import own_words
from alloclint.facts.names.types import Types
from alloclint.facts.often.heat import Heat, heat_at
from alloclint.facts.sizes.trips import Trips
from alloclint.facts.testcode import spans_of_tests
from alloclint.facts.walk.places import Place
from alloclint.facts.walk.trace import Trace
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
        #: Whether functions that are tests are passed over where rules look at functions with some words.
        self.leave_out_tests = False

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
        return self._functions_at(self._hits, tests=not self.leave_out_tests)

    def functions_with(self, words: tuple[str, ...], *, tests: bool = True) -> list[Function]:
        """Every function, and every initialiser of a field, in whose text one of the words stands."""
        key = words, tests
        if key not in self._by_words:
            self._by_words[key] = self._functions_at(occurrences(self.file.source, words), tests=tests)
        return self._by_words[key]

    @cached_property
    def _by_words(self) -> dict[tuple[tuple[str, ...], bool], list[Function]]:
        return {}

    def calls(self, names: tuple[str, ...], *, tests: bool = True) -> list[Call]:
        """Every call of something with one of the names, in the order of the file's functions."""
        wanted = frozenset(names)
        functions = self.functions_with(names, tests=tests)
        return [call for function in functions for call in calls_in(function) if call.name in wanted]

    def _functions_at(self, found: Hits, *, tests: bool) -> list[Function]:
        if not found.offsets:
            return []
        return [
            self._function(declaration)
            for declaration in (*self._initialisers(found), *self._declared_functions(found, tests=tests))
            if found.any_in(declaration.start, declaration.end) and (tests or not declaration.is_test)
        ]

    @cached_property
    def _hits(self) -> Hits:
        """
        The words of the language, the file's own names for collections, and its fields that are collections.
        """
        return hits(self.file.language, self.file.source, own_words(self.types, self.file.source))

    def _declared_functions(self, found: Hits, *, tests: bool) -> Iterator[m.Function]:
        """
        The file's functions, and those inside other functions that have a hit (Rust: on their own; elsewhere
        the outer trace sees them).
        """
        waiting = self.file.unit.functions[::-1]
        while waiting:
            declaration = waiting.pop()
            yield declaration
            if self.file.language.name != "rust" or not found.any_in(declaration.start, declaration.end):
                continue
            if tests or not declaration.is_test:
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

    def _initialisers(self, found: Hits) -> Iterator[m.Function]:
        """
        `static X: T = …;` and `private Map m = new HashMap();` that have a hit, each as a function that
        declares one name.
        """
        if self.file.language.name == "python":
            return
        for owner, item in self.types.fields:
            if found.any_in(item.start, item.end) and item.value is not None:
                yield self._initialiser(owner, item)

    def _initialiser(self, owner: m.TypeDecl | None, item: m.FieldDecl) -> m.Function:
        known = self._by_field.get(id(item))
        if known is None:
            pattern = m.Pattern(item.start, item.end, item.name)
            let = m.Let(item.start, item.end, pattern, item.type, item.value)
            self._fields_by_let[id(let)] = item
            body = m.Block(item.start, item.end, [let])
            known = m.Function(
                item.start,
                item.end,
                item.name,
                item.qualname or (item.name,),
                owner=owner,
                _body=body,
                _read=True,
            )
            self._by_field[id(item)] = known
        return known

    @cached_property
    def _by_field(self) -> dict[int, m.Function]:
        return {}

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
    tests = not file.facts.leave_out_tests
    return file.facts.functions_with(words, tests=tests) if words else file.facts.functions


def _calls(file: File, words: tuple[str, ...]) -> Sequence[Call]:
    return file.facts.calls(words, tests=not file.facts.leave_out_tests)


def _file(file: File, words: tuple[str, ...]) -> Sequence[File]:
    return (file,)


#: What a rule's `check` may take, and where it is found in a file, given the words of the rule.
LOOKS_AT: dict[type, Callable[[File, tuple[str, ...]], Iterable[object]]] = {
    Construction: _constructions,
    Function: _functions,
    Call: _calls,
    File: _file,
}
