"""
What is known about a file, computed on first use: the library that every rule reads.

`Facts` is the way in; the classes that rules look at are `Construction`, `Call`, `Function` and the `File`
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from itertools import chain
from operator import itemgetter
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
from alloclint.facts.walk.bindings import LASTING
from alloclint.facts.walk.places import Place
from alloclint.facts.walk.trace import Trace
from alloclint.file import File
from alloclint.scan import Hits, Wanted, Word, hits, occurrences, worth_parsing
from alloclint.scan import wanted as wanting
from alloclint.syntax import model as m
from alloclint.syntax.loops import Loops

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
        #: The stretch of the file that rules are asked about; None for all of it. What they ask in turn is
        #: answered from the whole file.
        self.focus: tuple[int, int] | None = None

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

    # -- what rules are asked about

    def functions_to_check(self, wanted: Wanted, *, tests: bool) -> Sequence[Function]:
        """The functions that have one of the words; without words, those worth looking at."""
        if self.focus is None:
            return self.functions_with(wanted, tests=tests) if wanted.words else self.functions
        if not wanted.words:
            return self._functions_at(Hits(self._hits.between(*self.focus)), tests=tests)
        found = Hits(occurrences(self.file.source, wanted).between(*self.focus))
        return self._functions_at(self._in_loops(found) if wanted.looped else found, tests=tests)

    def calls_to_check(self, wanted: Wanted, *, tests: bool) -> list[Call]:
        """The calls of something with one of the names."""
        if self.focus is None:
            return self.calls(wanted, tests=tests)
        functions = self.functions_to_check(wanted, tests=tests)
        return [call for function in functions for call in self._calls_of(function, wanted.words)]

    def constructions_to_check(self) -> Sequence[Construction]:
        """The constructions that rules are asked about."""
        return self.constructions if self.focus is None else self.constructions_within(self.focus)

    def constructions_within(self, stretch: tuple[int, int]) -> Sequence[Construction]:
        """The constructions in the functions of a stretch of the file; the others are not looked at."""
        functions = self._functions_at(Hits(self._hits.between(*stretch)), tests=not self.leave_out_tests)
        return [built for function in functions for built in self._built_in(function)]

    # -- functions

    @cached_property
    def functions(self) -> list[Function]:
        """
        Every function that has a word worth looking at, and the initialisers of fields as functions of their
        own.
        """
        file = self.file
        names = file.project.aliases if file.project is not None else ()
        if not worth_parsing(file.language, file.source, names):
            return []
        return self._functions_at(self._hits, tests=not self.leave_out_tests)

    def functions_with(self, wanted: Wanted | tuple[str, ...], *, tests: bool = True) -> Sequence[Function]:
        """Every function, and every initialiser of a field, in whose text one of the words stands."""
        key = wanted if isinstance(wanted, Wanted) else wanting(wanted), tests
        if key not in self._by_words:
            found = occurrences(self.file.source, key[0])
            found = self._in_loops(found) if key[0].looped and found.offsets else found
            self._by_words[key] = self._functions_at(found, tests=tests)
        return self._by_words[key]

    @cached_property
    def _by_words(self) -> dict[tuple[Wanted, bool], list[Function]]:
        return {}

    def _in_loops(self, found: Hits) -> Hits:
        """Those that stand in a loop of a function, or of the initialiser of a field."""
        inside: list[int] = []
        for start, end in self._with(found):
            if (start, end) not in self._loops_in:
                self._loops_in[start, end] = tuple(self._loops.between(start, end))
            for loop in self._loops_in[start, end]:
                inside.extend(found.between(*loop))
        return Hits(tuple(sorted(set(inside))))

    @cached_property
    def _loops_in(self) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
        return {}

    @cached_property
    def _loops(self) -> Loops:
        language = self.file.language
        closures = (name for name, adaptor in language.adaptors.items() if adaptor.closure is not None)
        return Loops(self.file.tree.root_node, self.file.source, language.name, closures)

    def _with(self, found: Hits) -> Iterator[tuple[int, int]]:
        """The stretches of the file that have something that was found: functions, and what is in none."""
        for declaration in self.file.unit.functions:
            if found.any_in(declaration.start, declaration.end):
                yield declaration.span
        if self._is_outside(found):
            yield 0, len(self.file.source)

    def _is_outside(self, found: Hits) -> bool:
        """Whether something was found outside of all functions, where fields are."""
        covered = 0
        for declaration in self.file.unit.functions:
            if declaration.end > covered and declaration.name not in LASTING:
                if found.any_in(covered, declaration.start):
                    return True
                covered = declaration.end
        return found.any_in(covered, len(self.file.source))

    def calls(self, wanted: Wanted | tuple[str, ...], *, tests: bool = True) -> list[Call]:
        """Every call of something with one of the names, in the order of the file's functions."""
        if not isinstance(wanted, Wanted):
            wanted = wanting(wanted, called=True)
        functions = self.functions_with(wanted, tests=tests)
        return [call for function in functions for call in self._calls_of(function, wanted.words)]

    def _calls_of(self, function: Function, names: tuple[Word, ...]) -> list[Call]:
        known = self._by_name.get(id(function))
        if known is None:
            known = self._by_name[id(function)] = {}
            for number, call in enumerate(calls_in(function)):
                known.setdefault(call.name, []).append((number, call))
        found = (known.get(name, ()) for name in set(names) if isinstance(name, str))
        return [call for _, call in sorted(chain.from_iterable(found), key=itemgetter(0))]

    @cached_property
    def _by_name(self) -> dict[int, dict[str, list[tuple[int, Call]]]]:
        return {}

    def _functions_at(self, found: Hits, *, tests: bool) -> list[Function]:
        if not found.offsets:
            return []
        fields = self._initialisers(found) if self._is_outside(found) else ()
        return [
            self._function(declaration)
            for declaration in (*fields, *self._declared_functions(found, tests=tests))
            if self._has(declaration, found) and (tests or not declaration.is_test)
        ]

    def _has(self, declaration: m.Function, found: Hits) -> bool:
        """
        Whether something that was found belongs to a function: to a module or class, what stands in none of
        its functions.
        """
        if declaration.name not in LASTING:
            return found.any_in(declaration.start, declaration.end)
        at = declaration.start
        for start, end in self._bodies:
            if at <= start and end <= declaration.end and start != declaration.body_start:
                if found.any_in(at, start):
                    return True
                at = end
        return found.any_in(at, declaration.end)

    @cached_property
    def _bodies(self) -> list[tuple[int, int]]:
        """The bodies of functions and classes, in order."""
        functions = self.file.unit.functions
        return sorted((one.body_start, one.end) for one in functions if one.body_start)

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
        return [built for function in self.functions for built in self._built_in(function)]

    def _built_in(self, function: Function) -> Sequence[Construction]:
        known = self._constructions.get(id(function))
        if known is None:
            known = self._constructions[id(function)] = tuple(constructions_in(function))
        return known

    @cached_property
    def _constructions(self) -> dict[int, tuple[Construction, ...]]:
        return {}

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


def _constructions(file: File, wanted: Wanted) -> Sequence[Construction]:
    return file.facts.constructions_to_check()


def _functions(file: File, wanted: Wanted) -> Sequence[Function]:
    return file.facts.functions_to_check(wanted, tests=not file.facts.leave_out_tests)


def _calls(file: File, wanted: Wanted) -> Sequence[Call]:
    return file.facts.calls_to_check(wanted, tests=not file.facts.leave_out_tests)


def _file(file: File, wanted: Wanted) -> Sequence[File]:
    return (file,)


#: What a rule's `check` may take, and where it is found in a file, given what the rule wants.
LOOKS_AT: dict[type, Callable[[File, Wanted], Iterable[object]]] = {
    Construction: _constructions,
    Function: _functions,
    Call: _calls,
    File: _file,
}
