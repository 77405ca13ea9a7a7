"""
A constructor reference takes the key of a map for a capacity.

`computeIfAbsent` passes the key to its function. `ArrayList::new` takes an `int` if it is given one, so with
a `Map<Integer, …>` every key becomes the capacity of its own list: key 5,000,000 allocates 20 MB for a list
of one entry, and a negative key throws `IllegalArgumentException`. The same happens wherever a collection's
constructor stands for a `Function<Integer, …>`.

Write a lambda that ignores the key. Keys of other types do not compile with a constructor reference, but for
a collection as the key, which is then copied; where the type of the key is seen and is no small integer, this
rule is silent. So it is unless the receiver is seen to be a map of the JDK or of Guava: other classes have a
`computeIfAbsent` that takes a `Supplier`, and passes no key.

```java
import java.util.*;

class Groups {
    private final Map<Integer, List<String>> groups = new HashMap<>();

    void add(int group, String name) {
        groups.computeIfAbsent(group, ArrayList::new).add(name);
    }
}
```

```java
import java.util.*;

class Groups {
    private final Map<Integer, List<String>> groups = new HashMap<>();

    void add(int group, String name) {
        groups.computeIfAbsent(group, key -> new ArrayList<>()).add(name);
    }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.building.references import Reference, constructor_references
from alloclint.finding import Applicability, Confidence, Edit, Finding, Severity, Suggestion

CODE = "ALC114"
SEVERITY = Severity.error
LANGUAGES = ("java",)

#: Maps by which a constructor is taken for a `java.util.function.Function`.
_MAPS = {
    "java.util.Map", "java.util.HashMap", "java.util.LinkedHashMap", "java.util.TreeMap",
    "java.util.concurrent.ConcurrentHashMap", "java.util.concurrent.ConcurrentMap",
}  # fmt: skip
#: Collections that SonarQube looks at.
_SIZED = {
    "ArrayList", "HashMap", "HashSet", "Hashtable", "IdentityHashMap", "LinkedHashMap", "LinkedHashSet",
    "PriorityQueue", "Vector", "WeakHashMap",
}  # fmt: skip
#: What unboxes to an `int`, or is widened to one.
_INTEGERS = {"Integer", "Short", "Byte", "Character", "int", "short", "byte", "char"}


def check(function: Function) -> Iterator[Finding]:
    for reference in constructor_references(function):
        if _takes_a_capacity(reference) and (reference.given is None or reference.given in _INTEGERS):
            yield _finding(function, reference)


def _takes_a_capacity(reference: Reference) -> bool:
    """An ArrayBlockingQueue has no other constructor: its bound must be meant."""
    collection = reference.collection
    has_other = collection.name != "ArrayBlockingQueue"
    return collection.argument != "none" and collection.kind != "string" and has_other


def _finding(function: Function, reference: Reference) -> Finding:
    file, start, end = function.file, reference.node.start, reference.node.end
    word = "bound" if reference.collection.argument == "bound" else "capacity"
    given = f"the {reference.role}" + (f", of type `{reference.given}`," if reference.given else "")
    written = f"{_free_name(reference)} -> new {_created(function, reference)}()"
    # A bound, or a collection that is copied, may be meant after all.
    is_sure = reference.given is not None and word == "capacity"
    return Finding(
        file.place(start, end),
        f"`{file.text(start, end)}` makes {given} the {word} of the new {reference.collection.name}",
        Confidence.exact if is_sure else Confidence.advice,
        f"`{reference.collection.name}` has a constructor with an `int`, and none of its others fits",
        Suggestion(
            written,
            applicability=Applicability.safe if is_sure else Applicability.unsafe,
            edits=(Edit(start, end, written),),
        ),
        also=_peers(function, reference) if is_sure else (),
    )


def _peers(function: Function, reference: Reference) -> tuple[str, ...]:
    """Who else says so: of a `Map` and of a `Function` of the JDK."""
    types = function.file.facts.types
    wanted = types.library(reference.wanted) or ""
    if wanted not in ("java.util.function.Function", *_MAPS):
        return ()
    ambiguous = ("errorprone ComputeIfAbsentAmbiguousReference",) if wanted in _MAPS else ()
    return (*ambiguous, "sonar S5329") if reference.collection.name in _SIZED else ambiguous


def _free_name(reference: Reference) -> str:
    """A name for the lambda's parameter that no local has: Java forbids the clash."""
    names = (reference.role, "ignored", *(f"{reference.role}{number}" for number in range(2, 100)))
    return next(name for name in names if not reference.is_local(name))


def _created(function: Function, reference: Reference) -> str:
    """The class with its type arguments as written, or a diamond."""
    text = function.file.text(*reference.node.of.span)
    return text if "<" in text else f"{text}<>"
