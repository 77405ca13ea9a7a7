"""The words and figures behind a finding: where a size comes from, and what presizing saves."""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.capacity import CapacityError, Model, model_for
from alloclint.capacity.quantity import human_bytes, human_count
from alloclint.facts.building.constructions import Construction
from alloclint.facts.building.entries import entry_bytes, modelled_as
from alloclint.facts.sizes.growth import Fill
from alloclint.facts.sizes.handful import handful
from alloclint.facts.walk.places import Place as Variable
from alloclint.finding import Applicability, Capacity, Confidence, Cost, Finding, Place, Suggestion
from alloclint.size import Bound, Size, render
from alloclint.syntax import model as m


def confidence_of(fill: Fill) -> Confidence:
    return Confidence.exact if fill.bound is Bound.exact else Confidence.at_most


def counted(built: Construction) -> str:
    """What its size counts: entries, or bytes or chars of text."""
    if built.collection.kind != "string":
        return "entries"
    return "chars" if built.file.language.name == "java" else "bytes"


def evidence_of(built: Construction, fill: Fill) -> str:
    """`at most 42 entries: xs.len(), line 12 (a turn may skip it)`."""
    size = fill.size or fill.unsettled
    if size is None:
        return fill.reason
    text = render(size, built.file.language.name)
    constant = size.constant
    amount = (
        f"{human_count(constant)} {counted(built)}" if constant is not None else f"`{text}` {counted(built)}"
    )
    bound = "" if fill.bound is Bound.exact else "at most "
    lines = ", ".join(f"line {built.file.position(loop.node.start).line}" for loop in fill.loops)
    because = f" ({fill.reason})" if fill.reason and fill.bound is not Bound.exact else ""
    return f"{bound}{amount}" + (f", filled at {lines}" if lines else "") + because


def because_of(built: Construction, fill: Fill) -> tuple[Place, ...]:
    """The places of the insertions, to be shown beside the construction."""
    places = []
    for growth in fill.growths[:3]:
        inside = any(loop.start < growth.order <= loop.end for loop in fill.loops)
        words = "filled here, once per turn of the loop" if inside else "filled here"
        places.append(built.file.place(*growth.node.span, words))
    return tuple(places)


def model_of(built: Construction) -> Model | None:
    """The growth model of what is built, with its entry size where it is known."""
    name = modelled_as(built)
    if name is None:
        return None
    return model_for(
        built.file.language.name,
        name,
        entry_bytes=entry_bytes(built),
        target=built.file.facts.target,
    )


def is_conditional(built: Construction, fill: Fill) -> bool:
    """Whether every entry is only added under a condition, whatever the number of turns."""
    frames = [{frame.kind for frame in growth.frame.within(built.event.frame)} for growth in fill.growths]
    return bool(frames) and all(kinds & {"arm", "test", "handler"} for kinds in frames)


def saving_of(built: Construction, entries: int | None, start: int | None = None) -> Cost | None:
    """
    What asking for room for `entries` saves against a capacity of `start`: growth steps and the bytes for
    them.
    """
    model = model_of(built)
    if model is None or entries is None or entries <= 0:
        return None
    try:
        saving = model.saving(entries, start)
    except CapacityError:
        return None
    if saving.reallocations <= 0:
        return None
    amount = f" and {human_bytes(saving.bytes)}" if saving.bytes else ""
    plural = "s" if saving.reallocations != 1 else ""
    return Cost(saving.reallocations, saving.bytes, f"{saving.reallocations} reallocation{plural}{amount}")


def sized_suggestion(built: Construction, size: Size, confidence: Confidence) -> Suggestion | None:
    """The construction with room for `size`, as an edit; None where none can be written."""
    text = render(size, built.file.language.name)
    constant = size.constant
    sized = built.sized(text, entries=constant)
    if sized is None:
        return None
    safe = confidence is Confidence.exact and not _may_be_negative(built, size)
    applicability = Applicability.safe if safe else Applicability.unsafe
    return Suggestion(sized.text, Capacity(sized.argument, constant), applicability, (sized.edit,))


def unsized(built: Construction, happens: str, size: Size, confidence: Confidence) -> Iterator[Finding]:
    """What to report of a construction without room for what fills it; nothing where none can be given."""
    suggestion = sized_suggestion(built, size, confidence)
    if suggestion is None:
        return
    heat = built.file.facts.heat(built)
    cold = heat.cold or handful(built)
    yield Finding(
        built.file.place(*built.span),
        f"`{built.name}` is built empty, then {happens}",
        confidence,
        evidence_of(built, built.fill),
        suggestion,
        because_of(built, built.fill),
        saving_of(built, size.constant),
        heat=heat.hot,
        cold=cold if heat.hot is None else None,
    )


def _may_be_negative(built: Construction, size: Size) -> bool:
    """A Java `int` may be negative: the loop then makes no turn, but a constructor throws."""
    return built.file.language.name == "java" and _may_fall_below(size)


def _may_fall_below(size: Size) -> bool:
    """Whether a part of a size may be below zero; a difference that stops there may not."""
    return any(
        (atom.kind == "value" and not _is_length(atom.root))
        or (atom.kind != "monus" and any(map(_may_fall_below, atom.parts)))
        for product, _ in size.terms
        for atom in product
    )


def _is_length(root: object) -> bool:
    value = root.binding.value if isinstance(root, Variable) else None
    return isinstance(value, m.Call | m.Field) and getattr(value, "last", getattr(value, "name", "")) in (
        "size",
        "length",
    )
