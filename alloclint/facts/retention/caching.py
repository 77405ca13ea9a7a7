"""
Caches that are declared: decorators and attributes that keep what a function returns, and builders of caches.

`bound` says what takes entries out again; where nothing does, the cache has an entry for each value it was
ever asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.calls import Call
from alloclint.facts.names.finite import has_few_values, is_enum, means_few
from alloclint.facts.retention.lasting import field_holding, unguarded
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.types import Types
    from alloclint.file import File


# ---------------------------------------------------------------- functions whose results are kept


@dataclass(frozen=True, slots=True)
class Cached:
    """
    A function whose results are kept by an `attribute`, whose full name is `path`. `bounded`: it keeps so
    many, or only so long; None where nothing tells. `receiver` is the `self` that belongs to the key.
    """

    function: m.Function
    attribute: m.Attribute
    path: str
    bounded: bool | None
    receiver: m.Param | None

    @property
    def keys(self) -> list[m.Param]:
        """The parameters that the results are kept by, beside the object itself."""
        return [one for one in self.function.params if one is not self.receiver and not _is_class(one)]


_DECORATORS = {"functools.lru_cache", "functools.cache", "async_lru.alru_cache"}
#: Rust: the attribute of the crate `cached`, and what bounds it.
_MACROS = {"cached::proc_macro::cached", "cached::cached"}
_BOUNDING = ("size", "max_size", "time", "ttl", "time_refresh", "ty", "create")


def cached_in(file: File) -> Iterator[Cached]:
    """The functions of a file whose results are kept, those that end with an outer function left out."""
    decide = _in_python if file.language.name == "python" else _in_rust
    for function in file.unit.functions:
        for attribute in function.attributes:
            found = decide(function, attribute, file.facts.types)
            if found is not None:
                yield found


def _in_python(function: m.Function, attribute: m.Attribute, types: Types) -> Cached | None:
    first = attribute.name[:1]
    if not first or first[0] not in types.imports:
        return None
    path = ".".join((*types.imports[first[0]], *attribute.name[1:]))
    if path not in _DECORATORS:
        return None
    return Cached(function, attribute, path, _is_bounded(attribute, path), _receiver(function))


def _is_bounded(attribute: m.Attribute, path: str) -> bool | None:
    """`lru_cache` keeps 128 results unless told otherwise, `cache` all."""
    if path.endswith(".cache"):
        return False
    given = [one.value for one in attribute.args if isinstance(one, m.Keyword) and one.name == "maxsize"]
    given += [one for one in attribute.args[:1] if not isinstance(one, m.Keyword)]
    if not given:
        return True
    if isinstance(given[0], m.Literal):
        return given[0].kind != "null"
    return None


def _receiver(function: m.Function) -> m.Param | None:
    """The object of a method; a static method, a class method and `__new__` have none."""
    static = {"staticmethod", "classmethod"} & {one.last for one in function.attributes}
    if function.owner is None or static or function.name in ("__new__", "__init_subclass__"):
        return None
    first = function.params[0] if function.params else None
    return first if first is not None and not _is_class(first) else None


def _is_class(param: m.Param) -> bool:
    return param.pattern.name == "cls"


def _in_rust(function: m.Function, attribute: m.Attribute, types: Types) -> Cached | None:
    path = types.full_path(attribute.name)
    if path is None or "::".join(path) not in _MACROS:
        return None
    text = attribute.text
    bounded = any(f"{word} =" in text or f"{word}=" in text for word in _BOUNDING)
    own = function.params[0] if function.params and function.params[0].pattern.name == "self" else None
    return Cached(function, attribute, "::".join(path), bounded, own)


def varying(cached: Cached, types: Types) -> list[m.Param]:
    """The parameters by which there may be many results: not those of types that have few values."""
    return [one for one in cached.keys if not has_few_values(one.type, types) and not _is_flag(one)]


def _is_flag(param: m.Param) -> bool:
    return isinstance(param.default, m.Literal) and param.default.kind == "bool"


def are_few_by_name(params: list[m.Param]) -> bool:
    """Whether all parameters are called as what there are few of: `encoding`, `dialect`, `module`."""
    names = [param.pattern.name for param in params]
    return all(name is not None and means_few(name) for name in names)


def is_property(function: m.Function) -> bool:
    """Whether a method is read without parentheses already."""
    return any(one.last == "property" for one in function.attributes)


_DECIDED = (b"method-cache-max-size-none", b"B019")


def is_decided(cached: Cached, file: File) -> bool:
    """Whether a comment tells another linter that the cache is meant to have no bound."""
    end = file.source.find(b"\n", cached.function.name_end)
    text = file.source[cached.attribute.start : end if end >= 0 else None]
    return any(word in text for word in _DECIDED)


def is_cleared(cached: Cached, file: File) -> bool:
    """Whether the project empties the cache of a function of that name."""
    if file.project is not None and cached.function.name in file.project.cleared:
        return True
    names = (call.node.receiver for call in file.facts.calls(("cache_clear",)))
    return any(_names(receiver, cached.function.name) for receiver in names)


def is_shared(cached: Cached, types: Types) -> bool:
    """Whether there are few objects of the class around, each living as long as the program: an enum's."""
    owner = cached.function.owner
    if owner is None:
        return False
    metaclasses = {base.last for base in owner.bases}
    if is_enum(owner, types) or any("Singleton" in name for name in metaclasses):
        return True
    if any("singleton" in one.last.lower() for one in owner.attributes):
        return True
    return any(
        item.name in ("_instance", "__instance", "instance") and "class" in item.modifiers
        for item in owner.fields
    )


# ---------------------------------------------------------------- builders


@dataclass(frozen=True, slots=True)
class Built:
    """
    A cache that a chain of calls builds, from `start` up to `last`, and the field or static that holds it.
    """

    start: Call
    last: Call
    field: m.FieldDecl | None
    bounded: bool

    @property
    def key(self) -> m.Type | None:
        """The declared type of its keys."""
        type_ = unguarded(self.field.type) if self.field is not None else None
        return type_.args[0] if type_ is not None and len(type_.args) > 1 else None


_BUILDERS = {
    "com.google.common.cache.CacheBuilder.newBuilder",
    "com.github.benmanes.caffeine.cache.Caffeine.newBuilder",
    *(
        f"{library}::{kind}::{name}::builder"
        for library in ("moka", "mini_moka")
        for kind in ("sync", "future", "unsync")
        for name in ("Cache", "SegmentedCache")
    ),
}
#: Steps of a builder, and constructors, behind which entries go away by themselves.
_LIMITS = {
    "maximumSize", "maximumWeight", "expireAfterWrite", "expireAfterAccess", "expireAfter", "weakKeys",
    "weakValues", "softValues", "max_capacity", "time_to_live", "time_to_idle", "expire_after", "weigher",
}  # fmt: skip
_BUILDS = {"build", "buildAsync", "build_with_hasher"}
_NAMES = {"java": ("newBuilder",), "rust": ("builder",)}


def built_in(file: File) -> Iterator[Built]:
    """Every cache that a file builds in one chain; a builder that is kept in a variable is passed over."""
    for call in file.facts.calls(_NAMES[file.language.name]):
        steps = list(call.function.trace.calls_upon(call.node)) if call.path in _BUILDERS else []
        if steps and steps[-1].last in _BUILDS:
            last = _call_of(steps[-1], call)
            yield Built(call, last, field_holding(last), any(step.last in _LIMITS for step in steps))


def _call_of(node: m.Call, near: Call) -> Call:
    event = next(event for event in near.function.trace.calls if event.node is node)
    return Call(near.function, event)


def is_emptied(name: str, file: File) -> bool:
    """Whether a file takes entries out of the cache of that name, or opens it for others to do so."""
    return any(_names(call.node.receiver, name) for call in file.facts.calls(_EMPTYING))


_EMPTYING = (
    "invalidate", "invalidateAll", "invalidate_all", "remove", "cleanUp", "invalidate_entries_if", "asMap",
    "discardAll", "policy", "synchronous",
)  # fmt: skip


def _names(receiver: m.Expr | None, name: str) -> bool:
    while isinstance(receiver, m.Call):
        receiver = receiver.receiver
    if isinstance(receiver, m.Field):
        return receiver.name == name
    return isinstance(receiver, m.Name) and receiver.id == name
