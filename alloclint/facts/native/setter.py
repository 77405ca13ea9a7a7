"""The config setters of Kafka Streams, and the native objects they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.calls import Call, calls_in
from alloclint.facts.native.rocks import class_of
from alloclint.finding import Place
from alloclint.languages.rocksdb import OBJECTS
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File

_INTERFACE = ("org", "apache", "kafka", "streams", "state", "RocksDBConfigSetter")
_CACHES = frozenset({"LRUCache", "ClockCache", "HyperClockCache", "WriteBufferManager"})
_TABLE = "BlockBasedTableConfig"


@dataclass(frozen=True, slots=True)
class Made:
    """An object of RocksDB that a setter makes, or uses; `text` is how it is written."""

    noun: str
    place: Place
    start: int
    end: int
    text: str

    @property
    def is_cache(self) -> bool:
        return self.noun in _CACHES


@dataclass(frozen=True, slots=True)
class Setter:
    """A `setConfig`. `options` is its parameter's name, `closes` whether `close` does something."""

    function: Function
    owner: m.TypeDecl
    options: str
    closes: bool

    def made(self) -> Iterator[Made]:
        """What is made for each store, those things apart that go into static fields."""
        for call in calls_in(self.function):
            noun = class_of(call.node.name, call.file.facts.types) if call.node.kind == "new" else None
            if noun is not None and noun in (*OBJECTS, *_CACHES, _TABLE) and not self._is_shared(call):
                yield _made(noun, call.node, call.file)

    def made_in_fields(self) -> Iterator[Made]:
        """The caches in fields that each setter has for itself."""
        file = self.function.file
        for field in self.owner.fields:
            value = field.value
            if isinstance(value, m.Call) and value.kind == "new" and "static" not in field.modifiers:
                noun = class_of(value.name, file.facts.types)
                if noun in _CACHES:
                    yield _made(noun or "", value, file)

    def block_caches(self) -> Iterator[Made]:
        """Where a table config gets a cache without index and filter blocks; `text` is the config."""
        calls = calls_in(self.function)
        if any(one.name == "setCacheIndexAndFilterBlocks" and _may_be_true(one) for one in calls):
            return
        # A method of its own may well do it.
        if any(one.node.kind == "function" for one in calls) or self._says_elsewhere():
            return
        for call in calls:
            if call.name == "setBlockCache" and isinstance(call.node.receiver, m.Name):
                yield Made("", call.file.place(*call.span), *call.span, call.node.receiver.id)

    def _says_elsewhere(self) -> bool:
        others = (one for one in self.owner.functions if one is not self.function.declaration)
        texts = (self.function.file.text(*one.span) for one in others)
        return any("setCacheIndexAndFilterBlocks" in text for text in texts)

    def _is_shared(self, call: Call) -> bool:
        """Whether it is assigned to a static field: made once, where that is still null."""
        parent = call.parent
        if not isinstance(parent, m.Assign):
            return False
        target = parent.target
        name = target.id if isinstance(target, m.Name) else target.name if isinstance(target, m.Field) else ""
        fields = {field.name: field for field in self.owner.fields}
        return name in fields and "static" in fields[name].modifiers


def setter_of(function: Function) -> Setter | None:
    """The config setter that a function is, by the interface that its class implements."""
    declaration, types = function.declaration, function.file.facts.types
    owner = declaration.owner
    if declaration.name != "setConfig" or owner is None or len(declaration.params) < 2:
        return None
    if not any(_is_interface(base.name, types.imports, types.globs) for base in owner.bases):
        return None
    closes = any(
        one.name == "close" and one.body is not None and one.body.statements for one in owner.functions
    )
    return Setter(function, owner, declaration.params[1].pattern.name or "options", closes)


def _is_interface(
    name: tuple[str, ...], imports: dict[str, tuple[str, ...]], globs: list[tuple[str, ...]]
) -> bool:
    if name == _INTERFACE:
        return True
    is_glob = _INTERFACE[:-1] in globs and name == _INTERFACE[-1:]
    return bool(name) and (imports.get(name[-1]) == _INTERFACE or is_glob)


def _may_be_true(call: Call) -> bool:
    argument = call.argument(0)
    return not (isinstance(argument, m.Literal) and argument.value is False)


def _made(noun: str, node: m.Call, file: File) -> Made:
    return Made(noun, file.place(*node.span), *node.span, file.text(*node.span))
