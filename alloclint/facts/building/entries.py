"""What one entry of a construction takes, and by which name the capacity models know what is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alloclint.facts.building import layout
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Construction


def entry_bytes(built: Construction) -> int | None:
    """The bytes of one entry: annotated, or computed from the declared type; None where neither tells."""
    said = built.cardinality.entry_bytes if built.cardinality is not None else None
    return said if said is not None else next(_computed(built), None)


def _computed(built: Construction) -> Iterator[int]:
    file, types = built.file, built.file.facts.types
    lookup = types.declaration_named
    for type_ in _declared_types(built):
        collection = types.collection(type_)
        if collection is not None and (type_.args or type_.last == "String"):
            full = m.Type(0, 0, "named", collection.paths[0], type_.args)
            oops = file.limits.compressed_oops
            found = layout.entry_bytes(file.language.name, full, lookup, compressed_oops=oops)
            if found is not None:
                yield found


def _declared_types(built: Construction) -> Iterator[m.Type]:
    """What the construction is declared as, the most telling first."""
    types = built.file.facts.types
    for type_ in (built.declared_type, built.type, _field_type(built)):
        plain = types.plain(type_)
        if plain is not None:
            yield plain


def modelled_as(built: Construction) -> str | None:
    """The name by which the capacity models know what is built; None where they do not."""
    name = built.collection.model
    if name != "dict" or built.file.language.name != "python":
        return name
    keys = next((type_.args[0].last for type_ in _declared_types(built) if type_.args), None)
    # The entries of a dict whose keys are all text leave the hash out.
    return "dict[str]" if keys == "str" else name


def _field_type(built: Construction) -> m.Type | None:
    """The collection type inside a field's wrappers: `Mutex<HashMap<K, V>>`."""
    types, owner = built.file.facts.types, built.field_owner
    if built.field_name is None:
        return None
    own = types.declared.get(owner or "")
    if own is None and owner is not None:
        own = types.declaration_named(owner)
    item = types.field_of(own, built.field_name) or types.statics.get(built.field_name)
    type_ = item.type if item is not None else None
    while type_ is not None and types.collection(type_) is None and len(type_.args) == 1:
        type_ = type_.args[0]
    return type_
