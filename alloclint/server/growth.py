"""How the collection under the cursor grows: its next resizes, what they hold and take meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from alloclint.capacity import CapacityError, Model, State, model_for
from alloclint.capacity.quantity import human_bytes, human_count
from alloclint.facts.building.constructions import Construction
from alloclint.facts.building.entries import entry_bytes, modelled_as
from alloclint.facts.building.expectations import days_in_words, expected_of
from alloclint.file import File
from alloclint.project.manifest import ManifestFile

#: Further resizes than these are too far away for anybody to care.
_ROWS = 6
_HEAD = ("at entry", "new capacity", "bytes then", "peak meanwhile")
Row = tuple[str, str, str, str]
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")


def collection_at(file: File, offset: int) -> Construction | None:
    """The collection that is built at an offset, or that has the name which stands there."""
    near = constructions_near(file, offset)
    around = [built for built in near if built.node.start <= offset < built.node.end]
    if around:
        return min(around, key=lambda built: built.node.end - built.node.start)
    word = _word_at(file.source, offset)
    if word is None or isinstance(file, ManifestFile):
        return None
    return _local(near, word, offset) or _field(file, word)


def constructions_near(file: File, offset: int) -> Sequence[Construction]:
    """The constructions in the function around an offset; outside of functions those of the whole file."""
    if isinstance(file, ManifestFile):
        return ()
    around = [one for one in file.unit.functions if one.start <= offset <= one.end and one.name[0] != "<"]
    if not around:
        return file.facts.constructions
    return file.facts.constructions_within(max(around, key=lambda one: one.end - one.start).span)


def _word_at(source: bytes, offset: int) -> str | None:
    start = source.rfind(b"\n", 0, offset) + 1
    for word in _WORD.finditer(source, start):
        if word.end() >= offset:
            return word[0].decode("utf-8", "replace") if word.start() <= offset else None
    return None


def _local(near: Sequence[Construction], word: str, offset: int) -> Construction | None:
    """The last one before the cursor that has a name, or the first one behind it."""
    named = [built for built in near if _last_name(built) == word]
    before = [built for built in named if built.node.start <= offset]
    return before[-1] if before else next(iter(named), None)


def _field(file: File, word: str) -> Construction | None:
    """What the field of a name is built as, in whichever function that happens."""
    return next((built for built in file.facts.constructions if built.field_name == word), None)


def _last_name(built: Construction) -> str | None:
    name = built.name or built.field_name
    return name.rpartition(".")[2] if name else None


def growth_table(built: Construction) -> str | None:
    """The page of a collection in Markdown; None where its growth is not modelled."""
    name = modelled_as(built)
    model = _model(built, name) if name is not None else None
    if model is None:
        return None
    try:
        rows = list(_rows(model, _now(built), built.capacity_value))
    except CapacityError:
        return None
    return "\n\n".join([*_introduction(built, model), _table(rows) if rows else "It never grows again."])


def _table(rows: Sequence[Row]) -> str:
    """A table in Markdown that lines up where Markdown is shown as it is written, too."""
    widths = [max(len(cell) for cell in column) for column in zip(_HEAD, *rows, strict=True)]
    ruler = tuple("-" * (width - 1) + ":" for width in widths)
    lines = (
        " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in (_HEAD, ruler, *rows)
    )
    return "\n".join(f"| {line} |" for line in lines)


def _model(built: Construction, name: str) -> Model | None:
    try:
        return model_for(built.file.language.name, name, entry_bytes(built), built.file.facts.target)
    except CapacityError:
        return None


def _now(built: Construction) -> int:
    """The entries from which to look ahead: what is expected, else what it is built with room for."""
    said = built.cardinality
    if said is not None and said.expect is not None:
        return said.expect
    return built.capacity_value or 0


def _introduction(built: Construction, model: Model) -> Iterator[str]:
    size = entry_bytes(built)
    entry = f"{size} bytes an entry" if size is not None else "the size of an entry is not known"
    name = built.name or built.field_name
    yield f"**`{name}`**: {model.type_name}, {entry}" if name else f"{model.type_name}, {entry}"
    expected = expected_of(built)
    if expected is None:
        if built.capacity is None:
            yield "Built without a capacity; nothing says how many entries are expected."
        return
    ahead = expected.forecast(capacity=built.capacity_value)
    yield f"Expected: {expected.evidence()}"
    if ahead is not None and ahead.bytes is not None:
        grows = "" if ahead.days_left is None else f"; grows next in {days_in_words(ahead.days_left)}"
        yield f"Held then: {human_bytes(ahead.bytes)}{grows}"


def _rows(model: Model, entries: int, capacity: int | None) -> Iterator[Row]:
    state: State | None = model.walk(entries, capacity).state
    for _ in range(_ROWS):
        larger = model.next_state(state) if state is not None else None
        if state is None or larger is None:
            return
        at = state.capacity + 1
        yield (
            human_count(at),
            human_count(larger.capacity),
            _size(model.bytes_of(larger, at)),
            _size(model.peak_of_growth(state)),
        )
        state = larger


def _size(value: int | None) -> str:
    return "?" if value is None else human_bytes(value)
