"""
The capacity of a Java hash table counts slots, but entries are meant.

`new HashMap<>(n)` makes a table of the next power of two above `n`, and only three quarters of it may be
used. For 1,000 entries that is 1,024 slots, which are full at 768: the table is built a second time, twice as
large, and every entry is moved. `ceil(n / 0.75)` slots hold exactly `n`; since Java 19
`HashMap.newHashMap(n)` computes that, and Guava's `Maps.newHashMapWithExpectedSize(n)` does on any release.

What it costs is one rebuild: 10 % of the bytes of a map of 1,000 entries. Numbers that happen to fit (12, 24,
96), powers of two, which are meant as slots, and capacities that were divided by hand are left alone;
constants are `info`, for nobody knows how many entries will come. `ConcurrentHashMap` and `IdentityHashMap`
count entries: nothing is to be divided there.

```java
import java.util.*;

class Index {
    Map<String, User> byName(List<User> users) {
        Map<String, User> index = new HashMap<>(users.size());
        for (User user : users) {
            index.put(user.name(), user);
        }
        return index;
    }
}
```

```java
import java.util.*;

class Index {
    Map<String, User> byName(List<User> users) {
        Map<String, User> index = new HashMap<>((int) Math.ceil(users.size() / 0.75));
        for (User user : users) {
            index.put(user.name(), user);
        }
        return index;
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alloclint.capacity.quantity import human_count
from alloclint.facts import Construction
from alloclint.facts.building.evidence import because_of, is_conditional, model_of, saving_of
from alloclint.facts.building.intent import is_computed, means_entries
from alloclint.facts.sizes.handful import handful
from alloclint.finding import Applicability, Capacity, Confidence, Finding, Severity, Suggestion
from alloclint.size import Bound
from alloclint.syntax import model as m

CODE = "ALC104"
SEVERITY = Severity.warning
LANGUAGES = ("java",)

#: Those for which Java 19 has a method that takes a number of entries.
_WITH_FACTORY = {"HashMap", "HashSet", "LinkedHashMap", "LinkedHashSet", "WeakHashMap"}


@dataclass(frozen=True, slots=True)
class Meant:
    """The entries that are meant, as the user wrote them or as a number, and how sure that is."""

    text: str
    entries: int | None
    confidence: Confidence
    evidence: str


def check(built: Construction) -> Iterator[Finding]:
    if built.collection.argument != "slots" or built.capacity is None or _has_other_load_factor(built):
        return
    meant = _symbolic(built) if built.capacity_value is None else _constant(built, built.capacity_value)
    sized = built.sized(meant.text, entries=meant.entries) if meant is not None else None
    if meant is None or sized is None or _is_filled_at_once(built):
        return
    safe = Applicability.safe if meant.confidence is Confidence.exact else Applicability.unsafe
    heat = built.file.facts.heat(built)
    yield Finding(
        built.file.place(*built.span),
        f"`{built.file.text(*built.capacity.span)}` counts slots, of which only three quarters may be used",
        meant.confidence,
        meant.evidence,
        Suggestion(sized.text, Capacity(sized.argument, meant.entries), safe, (sized.edit,)),
        because_of(built, built.fill),
        saving_of(built, meant.entries, start=built.capacity_value),
        heat=heat.hot,
        cold=heat.cold or (handful(built) if heat.hot is None else None),
        also=_peers(built),
    )


def _is_filled_at_once(built: Construction) -> bool:
    """`putAll` into a table that is still empty makes room for all of it, whatever was asked for."""
    growths = built.fill.growths
    is_bulk = len(growths) == 1 and growths[0].method.amount == "trip"
    return built.collection.kind == "map" and is_bulk and not built.fill.loops


def _peers(built: Construction) -> tuple[str, ...]:
    """Since Java 19, any of these that is given one number is reported, whatever the number means."""
    node, release = built.node, built.file.limits.java_release or 0
    is_plain = isinstance(node, m.Call) and node.kind == "new" and len(node.args) == 1
    is_theirs = release >= 19 and is_plain and built.collection.name in _WITH_FACTORY
    return ("sonar S6485",) if is_theirs else ()


def _has_other_load_factor(built: Construction) -> bool:
    factor = built.node.args[1] if isinstance(built.node, m.Call) and len(built.node.args) > 1 else None
    return factor is not None and not (isinstance(factor, m.Literal) and factor.value == 0.75)


def _constant(built: Construction, slots: int) -> Meant | None:
    """A number: it must be known to overflow, or at least look like a number of entries."""
    model, fill = model_of(built), built.fill
    if model is None or slots < 2 or _is_left_to_annotation(built):
        return None
    holds = model.holds(slots)
    entries = fill.size.constant if fill.size is not None and fill.growths else None
    evidence = f"{human_count(slots)} slots hold {human_count(holds)} entries; one more rebuilds the table"
    if entries is not None and (entries <= holds or fill.bound is Bound.exact):
        return None if entries <= holds else Meant(str(entries), entries, Confidence.exact, evidence)
    is_guess = slots < built.file.limits.min_constant or slots & (slots - 1) == 0 or is_computed(built)
    if holds >= slots or is_guess or built.capacity is None:
        return None
    number = slots if isinstance(built.capacity, m.Literal) else None
    return Meant(built.file.text(*built.capacity.span), number, Confidence.advice, evidence)


def _is_left_to_annotation(built: Construction) -> bool:
    """capacity-too-small compares a constant with an annotated number."""
    return built.cardinality is not None and built.cardinality.expect is not None


def _symbolic(built: Construction) -> Meant | None:
    """An expression: the fill is just that, or it counts something by the look of it."""
    fill, capacity = built.fill, built.capacity
    is_filled_so = fill.size is not None and fill.size == built.capacity_size and bool(fill.growths)
    if capacity is None or is_computed(built) or not (is_filled_so or means_entries(built)):
        return None
    if any(growth.counts for growth in fill.growths):
        return None
    is_filled_otherwise = fill.size is not None and bool(fill.growths) and not is_filled_so
    is_bounded = fill.bound is Bound.at_most and not fill.repeats
    weak = is_filled_otherwise or is_bounded or is_conditional(built, fill)
    text = built.file.text(*capacity.span)
    evidence = f"a table of `{text}` slots is rebuilt when three quarters of them are taken"
    return Meant(text, None, Confidence.at_most if weak else Confidence.exact, evidence)
