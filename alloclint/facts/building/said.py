"""
Where the expected size of a construction is written: on its line, at its variable, field, parameter or type,
or in the sidecar, whose keys are symbols.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.cardinality import Cardinality
from alloclint.cardinality.symbol import Symbol
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction
    from alloclint.file import File


def said_of(built: Construction) -> Cardinality | None:
    """How many entries are expected of a construction; the place nearest to it wins."""
    for question in (_here, _at_binding, _at_field, _at_parameter, _at_type, _beside):
        found = question(built)
        if found is not None:
            return found
    return None


def _here(built: Construction) -> Cardinality | None:
    annotations = built.file.facts.annotations
    found = annotations.cardinality_at(*built.span)
    if found is None and built.statement is not None:
        found = annotations.cardinality_of(built.statement)
    return found


def _at_binding(built: Construction) -> Cardinality | None:
    annotations = built.file.facts.annotations
    if built.parameter is not None:
        return annotations.cardinality_of(built.parameter)
    if built.place is None or built.place.fields:
        return None
    return annotations.cardinality_of(built.place.binding.node)


def _at_field(built: Construction) -> Cardinality | None:
    """At a field of this file, or of a type that another file declares."""
    owner, name, file = built.field_owner, built.field_name, built.file
    if name is None:
        return None
    types = file.facts.types
    own = types.declared.get(owner) if owner is not None else None
    item = types.field_of(own, name) or (types.statics.get(name) if owner is None else None)
    if item is not None:
        return file.facts.annotations.cardinality_of(item)
    if file.project is None or owner is None:
        return None
    return file.project.cardinality(file.language.name, owner, name)


def _at_parameter(built: Construction) -> Cardinality | None:
    """At the parameter that takes a collection which is passed as an argument."""
    if built.argument_of is None:
        return None
    call, number = built.argument_of
    owner = _owner_of(built, call)
    functions = _called(built, call, owner)
    if len(functions) == 1:
        param = _parameter(functions[0], call, number)
        return built.file.facts.annotations.cardinality_of(param) if param is not None else None
    project, language = built.file.project, built.file.language.name
    if project is None or owner is None:
        return None
    return project.cardinality(language, owner, f"{'<init>' if call.kind == 'new' else call.last}({number})")


def _owner_of(built: Construction, call: m.Call) -> str | None:
    """The type whose function is called, if the call names one."""
    owner = call.type.last if call.type is not None else None
    own = built.function.declaration.owner_type
    return own.last if owner == "Self" and own is not None else owner


def _called(built: Construction, call: m.Call, owner: str | None) -> list[m.Function]:
    """The functions of this file that a call may mean."""
    types = built.file.facts.types
    if call.kind == "new" and owner is not None and owner in types.declared:
        made = types.declared[owner].functions
        return [one for one in made if one.name == "<init>" and len(one.params) == len(call.args)]
    named = types.functions.get(call.last, ())
    return [
        one for one in named if owner is None or (one.owner_type is not None and one.owner_type.last == owner)
    ]


def _parameter(function: m.Function, call: m.Call, number: int) -> m.Param | None:
    """The parameter that takes an argument, by its name or its number."""
    params = [param for param in function.params if param.pattern.name not in ("self", "cls")]
    given = call.args[number]
    if isinstance(given, m.Keyword):
        return next((param for param in params if param.pattern.name == given.name), None)
    return params[number] if number < len(params) else None


def _at_type(built: Construction) -> Cardinality | None:
    """At an alias or wrapper type."""
    types, annotations = built.file.facts.types, built.file.facts.annotations
    for type_ in (built.type, built.declared_type):
        declared = types.declared.get(type_.last) if type_ is not None else None
        found = annotations.cardinality_of(declared) if declared is not None else None
        if found is not None:
            return found
    own = types.declared.get(built.field_owner or "")
    return annotations.cardinality_of(own) if own is not None and len(own.fields) == 1 else None


def _beside(built: Construction) -> Cardinality | None:
    project, symbol = built.file.project, symbol_of(built)
    entry = project.sidecar.find(symbol) if project is not None and symbol is not None else None
    return entry.cardinality if entry is not None else None


def symbol_of(built: Construction) -> Symbol | None:
    """What a sidecar calls the field, the static or the local that is built."""
    if built.field_name is not None:
        owner = (built.field_owner,) if built.field_owner is not None else ()
        return _symbol(built.file, (*owner, built.field_name))
    if built.place is not None and not built.place.fields:
        return _symbol(built.file, (*built.function.declaration.qualname[-2:], built.place.binding.name))
    return None


def symbols(file: File) -> Iterator[Symbol]:
    """Everything in a file that a sidecar can name."""
    for type_ in file.facts.types.declared.values():
        for item in type_.fields:
            yield _symbol(file, (type_.name, item.name))
    for item in file.unit.fields:
        yield _symbol(file, (item.name,))
    for built in file.facts.constructions:
        symbol = symbol_of(built)
        if symbol is not None:
            yield symbol


def _symbol(file: File, own: tuple[str, ...]) -> Symbol:
    names = own if own[0] != "<module>" else own[1:]
    return Symbol(file.path, file.language.name, names, file.unit.package)
