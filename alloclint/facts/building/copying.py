"""How a collection that copies another one is written in each language, and what that saves."""

from __future__ import annotations

from dataclasses import dataclass

from alloclint.facts.building.bulk import Copy, is_added_to
from alloclint.facts.building.sequences import without
from alloclint.facts.names.wording import on_one_line
from alloclint.finding import Applicability, Confidence, Edit, Suggestion
from alloclint.syntax import model as m


@dataclass(frozen=True, slots=True)
class Copied:
    """What to write instead of an empty collection and a bulk add; `evidence` is what it saves."""

    suggestion: Suggestion
    confidence: Confidence
    evidence: str


def _replaced(copy: Copy, text: str, *, safe: bool) -> Suggestion:
    """The construction written as `text`, and the call removed; only shown where a comment would be lost."""
    removed = without(copy.built, [copy.step])
    line = copy.built.file.position(copy.step.statement.start).line
    words = f"`{text}`, without the `{copy.step.call.last}` in line {line}"
    if not removed:
        return Suggestion(words)
    edits = (Edit(*copy.built.span, text), *removed)
    return Suggestion(words, applicability=Applicability.safe if safe else Applicability.unsafe, edits=edits)


# ---------------------------------------------------------------- Java

#: What saves an array of its own size, or the steps of growth.
_JAVA_GAINS = {
    "ArrayList": "`addAll` copies into an array first: twice the bytes of the copy constructor",
    "Vector": "`addAll` copies into an array first: twice the bytes of the copy constructor",
    "HashSet": "`addAll` grows the table step by step; the copy constructor makes room first",
    "LinkedHashSet": "`addAll` grows the table step by step; the copy constructor makes room first",
    "PriorityQueue": "`addAll` grows step by step and sifts every element; the copy constructor does not",
    "ArrayDeque": "the copy constructor saves the first 17 slots",
}
_LISTS = {"List", "ArrayList", "LinkedList", "Vector", "ArrayDeque", "ImmutableList"}
#: Sources whose array the copy constructor of a list copies a second time.
_VIEWS = {"keySet", "values", "entrySet"}


def copied_in_java(copy: Copy) -> Copied | None:
    """`new ArrayList<>(c)`; None for classes that gain nothing, and heaps that might take over an order."""
    call, name = copy.built.node, copy.built.collection.name
    gain = _JAVA_GAINS.get(name)
    if gain is None or not isinstance(call, m.Call) or copy.built.collection.argument == "none":
        return None
    if name == "PriorityQueue" and copy.source_type not in _LISTS:
        return None
    collected = _collected(copy)
    if collected is not None:
        return collected
    text = f"{copy.built.file.text(call.start, call.args_start)}({copy.text})"
    is_plain = name not in ("ArrayDeque", "PriorityQueue")
    is_sure = is_plain and (name.endswith("Set") or not _is_copied_twice(copy))
    if is_plain and not is_sure:
        gain = "one step less, and half the bytes if it is an `ArrayList` that is copied"
    if is_added_to(copy.built):
        gain, is_sure = (
            "a copy has no room for what is added behind: ask for the sum where it is known",
            False,
        )
    sure = Confidence.exact if is_sure or name == "PriorityQueue" else Confidence.advice
    return Copied(_replaced(copy, text, safe=is_sure and not _infers_less(copy)), sure, gain)


def _collected(copy: Copy) -> Copied | None:
    """A stream that is collected into a list, only to be copied, can be collected into the class itself."""
    source, name = copy.source, copy.built.collection.name
    if not isinstance(source, m.Call) or source.last not in ("toList", "collect") or source.receiver is None:
        return None
    if name == "PriorityQueue" or (source.last == "toList" and source.args):
        return None
    stream = copy.built.file.text(*source.receiver.span)
    text = f"{stream}.collect(Collectors.toCollection({name}::new))"
    line = copy.built.file.position(copy.step.statement.start).line
    words = f"`{on_one_line(text, 'java')}`, without the `{copy.step.call.last}` in line {line}"
    gain = "the list in between is made for the copy only"
    return Copied(Suggestion(words), Confidence.advice, gain)


def _is_copied_twice(copy: Copy) -> bool:
    """Only the array of a real `ArrayList` is taken over as it is."""
    is_view = isinstance(copy.source, m.Call) and copy.source.last in _VIEWS
    return is_view or copy.source_type not in ("List", "ArrayList", "Collection")


def _infers_less(copy: Copy) -> bool:
    """`var xs = new ArrayList<>()` is a list of objects, its copy is not."""
    declared = copy.built.declared_type
    return declared is None or declared.kind == "infer" or declared.last == "var"


# ---------------------------------------------------------------- Rust


def copied_in_rust(copy: Copy) -> Copied | None:
    """`x.collect()` or `x.to_vec()`, for what nothing else is added to."""
    built, method = copy.built, copy.step.call.last
    others = len(built.fill.growths) != 1 or method not in ("extend", "extend_from_slice")
    if others or built.how == "with_hasher" or built.collection.kind == "string" or "repeat" in copy.text:
        return None
    evidence = f"one allocation either way; `{method}` only says it in more words"
    return Copied(Suggestion(f"`{_rust_text(copy)}`"), Confidence.advice, evidence)


def _rust_text(copy: Copy) -> str:
    source, built = copy.source, copy.built
    is_borrowed = isinstance(source, m.Unary) and source.op == "&"
    inner = copy.text.removeprefix("&") if is_borrowed else copy.text
    if built.collection.name == "Vec" and (is_borrowed or copy.step.call.last == "extend_from_slice"):
        return f"{inner}.to_vec()"
    args = "<_, _>" if built.collection.kind == "map" else "<_>"
    target = built.spelling.replace("::<", "<") if "<" in built.spelling else built.spelling + args
    return f"{_iterator(copy)}.collect::<{target}>()"


def _iterator(copy: Copy) -> str:
    adaptors = copy.built.file.language.adaptors
    if isinstance(copy.source, m.Range):
        return f"({copy.text})"
    if isinstance(copy.source, m.Call) and copy.source.last in adaptors:
        return copy.text
    return f"{copy.text}.into_iter()"


# ---------------------------------------------------------------- Python


def copied_in_python(copy: Copy) -> Copied | None:
    """`list(x)`, `dict(x)`, `set(x)` for a local that nothing else is added to in bulk."""
    built, name = copy.built, copy.built.collection.name
    if name not in ("list", "dict", "set") or built.place is None or not built.place.is_local:
        return None
    hidden = built.event.scope.lookup(name, built.event.order)
    others = sum(growth.method.amount == "trip" for growth in built.fill.growths) > 1
    if others or (hidden is not None and hidden.kind != "free"):
        return None
    evidence = "a line less; the memory is the same, and the time nearly so"
    return Copied(_replaced(copy, _python_text(copy, name), safe=True), Confidence.advice, evidence)


_BRACKETS = {"list": ("[", "]"), "set": ("{", "}"), "dict": ("dict(", ")")}


def _python_text(copy: Copy, name: str) -> str:
    source = copy.source
    if isinstance(source, m.Display | m.Comprehension) and source.kind == name:
        return copy.text
    if isinstance(source, m.Comprehension) and source.kind == "generator":
        # The parentheses of the only argument belong to the generator.
        inner = copy.text.removeprefix("(").removesuffix(")")
        opening, closing = _BRACKETS[name]
        return f"{opening}{inner}{closing}"
    if copy.text.startswith("yield"):
        return f"{name}(({copy.text}))"
    return f"{name}({copy.text})"
