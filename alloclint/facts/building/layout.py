"""
The bytes of one entry, from declared types: Rust layouts on 64-bit targets, and what Java holds per entry.

Only what is certain is said. A type that is not known, a type parameter, an enum whose variants the compiler
may arrange in several ways: None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from alloclint.syntax.model import Literal, Type, TypeDecl

Lookup = Callable[[str], TypeDecl | None]

_DEEPEST = 32
_MANY = 2**31


@dataclass(frozen=True, slots=True)
class Layout:
    """
    Size and alignment in bytes; the size is a multiple of the alignment.

    `niches` counts the bit patterns that are no value: `Option` puts its `None` there and needs no more room.
    """

    size: int
    align: int
    niches: int = 0


_POINTER = Layout(8, 8, 1)
_FAT = Layout(16, 8, 1)
# A capacity never exceeds isize::MAX, so that the other half of its patterns is free.
_CAPACITY = Layout(24, 8, _MANY)
_NANOSECONDS = Layout(16, 8, _MANY)
_EMPTY = Layout(0, 1)

_INTEGERS = {"8": 1, "16": 2, "32": 4, "64": 8, "128": 16, "size": 8}
_PLAIN: dict[str, Layout] = {
    **{sign + width: Layout(size, size) for sign in "ui" for width, size in _INTEGERS.items()},
    "f32": Layout(4, 4), "f64": Layout(8, 8), "bool": Layout(1, 1, 254), "char": Layout(4, 4, _MANY),
}  # fmt: skip
_STD: dict[str, Layout] = {
    "String": _CAPACITY, "PathBuf": _CAPACITY, "OsString": _CAPACITY, "CString": Layout(16, 8, 1),
    "Duration": _NANOSECONDS, "Instant": _NANOSECONDS, "SystemTime": _NANOSECONDS,
    "Ordering": Layout(1, 1, 253), "PhantomData": _EMPTY, "BuildHasherDefault": _EMPTY,
    "RandomState": Layout(16, 8),
    "Ipv4Addr": Layout(4, 1), "Ipv6Addr": Layout(16, 1), "IpAddr": Layout(17, 1, 254),
    **{f"NonZero{sign}{width}": Layout(size, size, 1) for sign in "UI" for width, size in _INTEGERS.items()},
    **{f"Atomic{sign}{width}": Layout(size, size) for sign in "UI" for width, size in _INTEGERS.items()
       if width != "128"},
    "AtomicBool": Layout(1, 1), "AtomicPtr": Layout(8, 8),
}  # fmt: skip
# Whatever they hold, it is elsewhere.
_CONTAINERS: dict[str, Layout] = {
    "Vec": _CAPACITY, "BinaryHeap": _CAPACITY, "VecDeque": Layout(32, 8, _MANY),
    "BTreeMap": Layout(24, 8), "BTreeSet": Layout(24, 8), "LinkedList": Layout(24, 8),
}  # fmt: skip
_POINTERS = frozenset({"Box", "Rc", "Arc", "NonNull", "Weak"})
_TRANSPARENT = frozenset({"Wrapping", "Saturating", "Reverse", "ManuallyDrop", "Pin"})
_UNSIZED_NAMES = frozenset({"str", "Path", "OsStr", "CStr"})
_HASHED = {"HashMap": 2, "HashSet": 1}
_RAW_TABLE = Layout(32, 8, 1)
_STD_ROOTS = ("std", "core", "alloc")


def rust_layout(type: Type, lookup: Lookup) -> Layout | None:  # noqa: A002
    """
    The layout of a type on a 64-bit target; None where anything about it is not certain.

    `lookup` finds the declarations of the crate's own types by their last name. A bare name that it does not
    find is the standard library's; a path into another crate is unknown.
    """
    return _Layouts(lookup, {}, 0, {}).of(type)


@dataclass(frozen=True, slots=True)
class _Layouts:
    """
    `bound` are the arguments that stand for type parameters, laid out where they were written; `known` are
    the declarations met so far with theirs, unknown while they are worked on: a type that contains itself has
    no size.
    """

    lookup: Lookup
    bound: Mapping[str, Layout | None]
    depth: int
    known: dict[tuple[object, ...], Layout | None]

    def of(self, written: Type | None) -> Layout | None:
        if written is None or self.depth > _DEEPEST:
            return None
        match written.kind:
            case "named":
                return self._named(written)
            case "ref" | "mutref" | "pointer":
                pointer = self._pointer(written.args[0] if written.args else None)
                # A raw pointer may be null.
                return replace(pointer, niches=0) if pointer and written.kind == "pointer" else pointer
            case "array":
                return self._array(written)
            case "tuple":
                return self._product([self.of(member) for member in written.args])
            case "never":
                return None
        return None

    def _deeper(self) -> _Layouts:
        return replace(self, depth=self.depth + 1)

    def _named(self, written: Type) -> Layout | None:
        name = written.last
        if len(written.name) == 1 and name in self.bound:
            return self.bound[name]
        foreign = len(written.name) > 1 and written.name[0] in _STD_ROOTS
        declared = None if foreign else self.lookup(name)
        if declared is not None:
            return self._declared(declared, written)
        if len(written.name) > 1 and not foreign:
            return None
        if not written.args:
            found = _PLAIN.get(name) or _STD.get(name)
            if found is not None:
                return found
        return self._std_generic(name, written.args)

    def _std_generic(self, name: str, args: tuple[Type, ...]) -> Layout | None:
        if name in ("PhantomData", "BuildHasherDefault", "AtomicPtr"):
            return _STD[name]
        if name in _CONTAINERS:
            # A second argument is an allocator, which may have a size of its own.
            return _CONTAINERS[name] if len(args) == (2 if name == "BTreeMap" else 1) else None
        if name in _POINTERS and len(args) == 1:
            return self._pointer(args[0])
        if name in _HASHED:
            return self._hashed(args, _HASHED[name])
        if name == "Cow" and len(args) == 1:
            return self._cow(args[0])
        return self._wrapper(name, [self._deeper().of(arg) for arg in args])

    def _wrapper(self, name: str, args: Sequence[Layout | None]) -> Layout | None:
        first = args[0] if args else None
        if first is None:
            return None
        if name == "Option" and len(args) == 1:
            return _tagged_or_niche(first, 1)
        if name == "Result" and len(args) == 2:
            return _result(first, args[1])
        if name in _TRANSPARENT:
            return first
        if name in ("Cell", "UnsafeCell", "MaybeUninit"):
            # What may change behind a shared reference, or be anything, offers no niches.
            return replace(first, niches=0)
        if name == "RefCell":
            return self._product([Layout(8, 8), replace(first, niches=0)])
        if name == "Range":
            return self._product([first, first])
        if name == "NonZero":
            return replace(first, niches=1)
        return None

    def _hashed(self, args: tuple[Type, ...], entry: int) -> Layout | None:
        if len(args) < entry:
            return None
        hasher = self._deeper().of(args[entry]) if len(args) > entry else _STD["RandomState"]
        return self._product([_RAW_TABLE, hasher])

    def _cow(self, borrowed: Type) -> Layout | None:
        sized = borrowed.kind == "slice" or borrowed.last in ("str", "Path", "OsStr")
        # The owned form's free capacities tell the forms apart.
        return replace(_CAPACITY, niches=_MANY - 1) if sized else None

    def _pointer(self, to: Type | None) -> Layout | None:
        """Thin or fat? A type that is not known might be unsized."""
        if to is None:
            return None
        if to.kind in ("slice", "dyn"):
            return _FAT
        if to.kind != "named":
            return _POINTER if to.kind in ("ref", "mutref", "pointer", "tuple", "array") else None
        if to.last in _UNSIZED_NAMES and self.lookup(to.last) is None:
            return _FAT
        if len(to.name) == 1 and to.last in self.bound:
            return _POINTER if self.bound[to.last] is not None else None
        declared = self.lookup(to.last)
        if declared is None:
            return _POINTER if self._is_std_sized(to) else None
        return self._pointer_to(declared, to)

    def _pointer_to(self, declared: TypeDecl, to: Type) -> Layout | None:
        if declared.kind == "alias":
            inside = self._inside(declared, to)
            return inside._pointer(declared.aliased) if inside else None
        if declared.kind == "trait":
            return None
        # Only the last field of a struct can be unsized, and a parameter may stand for something that is.
        last = declared.fields[-1].type if declared.fields and declared.kind == "struct" else None
        if last is None:
            return _POINTER
        if last.last in declared.type_params:
            deeper = self._deeper()
            return _POINTER if all(deeper.of(arg) is not None for arg in to.args) else None
        return None if last.kind in ("slice", "dyn") or last.last in _UNSIZED_NAMES else _POINTER

    def _is_std_sized(self, to: Type) -> bool:
        if len(to.name) > 1 and to.name[0] not in _STD_ROOTS:
            return False
        known = {*_PLAIN, *_STD, *_CONTAINERS, *_POINTERS, *_HASHED, "Option", "Result"}
        return to.last in known or self._deeper().of(to) is not None

    def _array(self, written: Type) -> Layout | None:
        length = written.length
        if not isinstance(length, Literal) or not isinstance(length.value, int) or not written.args:
            return None
        element = self._deeper().of(written.args[0])
        if element is None:
            return None
        return Layout(element.size * length.value, element.align, element.niches if length.value else 0)

    def _product(self, members: Sequence[Layout | None]) -> Layout | None:
        """The compiler orders members by alignment: no gaps but at the end."""
        known = [member for member in members if member is not None]
        if len(known) < len(members):
            return None
        align = max((member.align for member in known), default=1)
        size = sum(member.size for member in known)
        return Layout(_up(size, align), align, max((member.niches for member in known), default=0))

    # ------------------------------------------------------------ the crate's own types

    def _declared(self, declared: TypeDecl, written: Type) -> Layout | None:
        inside = self._inside(declared, written)
        if inside is None:
            return None
        key = (id(declared), *inside.bound.values())
        if key not in self.known:
            self.known[key] = None
            self.known[key] = inside._body(declared)
        return self.known[key]

    def _body(self, declared: TypeDecl) -> Layout | None:
        if declared.kind == "alias":
            return self.of(declared.aliased)
        representation = _representation(declared)
        if representation is None:
            return None
        if declared.kind == "struct":
            return self._struct(declared, representation)
        return self._enum(declared) if declared.kind == "enum" and not representation else None

    def _inside(self, declared: TypeDecl, written: Type) -> _Layouts | None:
        if self.depth >= _DEEPEST:
            return None
        deeper = self._deeper()
        params = [param for param in declared.type_params if not param.startswith("'")]
        args: list[Layout | None] = [deeper.of(arg) for arg in written.args]
        # Defaults of parameters are not known here.
        args += [None] * (len(params) - len(args))
        if len(args) != len(params):
            return None
        return replace(deeper, bound=dict(zip(params, args, strict=True)))

    def _struct(self, declared: TypeDecl, representation: frozenset[str]) -> Layout | None:
        members = [self.of(member.type) for member in declared.fields]
        if "C" not in representation:
            return self._product(members)
        known = [member for member in members if member is not None]
        return _in_order(known) if len(known) == len(members) else None

    def _enum(self, declared: TypeDecl) -> Layout | None:
        """Without data, or one variant with one value beside empty ones; nothing else has a sure order."""
        carrying = [types for _, types in declared.variants if types]
        empty = len(declared.variants) - len(carrying)
        if not declared.variants or len(declared.variants) > 256:
            return None
        if not carrying:
            return _EMPTY if empty == 1 else Layout(1, 1, 256 - empty)
        if len(carrying) > 1 or len(carrying[0]) != 1:
            return None
        value = self.of(carrying[0][0])
        if value is None or empty == 0:
            return value
        return _tagged_or_niche(value, empty)


def _up(size: int, align: int) -> int:
    return -(-size // align) * align


def _in_order(members: Sequence[Layout]) -> Layout:
    offset = 0
    for member in members:
        offset = _up(offset, member.align) + member.size
    align = max((member.align for member in members), default=1)
    return Layout(_up(offset, align), align, max((member.niches for member in members), default=0))


def _tagged_or_niche(value: Layout, others: int) -> Layout | None:
    """An enum of one variant with a value and `others` without."""
    if value.niches >= others:
        return replace(value, niches=value.niches - others)
    if value.size == 0:
        return Layout(_up(1, value.align), value.align, 255 - others)
    # Some patterns are free but not enough of them: the tag may use what is free, too.
    return Layout(_up(value.align + value.size, value.align), value.align, 255 - others)


def _result(good: Layout, bad: Layout | None) -> Layout | None:
    """Certain where one side is empty, or where neither side has a pattern to spare and a tag is needed."""
    if bad is None:
        return None
    if bad.size == 0 and bad.align == 1:
        return _tagged_or_niche(good, 1)
    if good.size == 0 and good.align == 1:
        return _tagged_or_niche(bad, 1)
    if good.niches or bad.niches:
        return None
    align = max(good.align, bad.align)
    return Layout(_up(max(good.align + good.size, bad.align + bad.size), align), align, 254)


def _representation(declared: TypeDecl) -> frozenset[str] | None:
    """The words of `repr(…)`: none, or `C`; None for those not modelled (packed, align, integers)."""
    words: set[str] = set()
    for attribute in declared.attributes:
        if attribute.last == "repr":
            inside = attribute.text.partition("(")[2].rpartition(")")[0]
            words |= {word.strip() for word in inside.split(",")}
    words -= {"transparent", "Rust", ""}
    return frozenset(words) if words <= {"C"} else None


# ---------------------------------------------------------------- entries

_RUST_ENTRIES = {
    "HashMap": 2, "BTreeMap": 2, "FxHashMap": 2, "AHashMap": 2,
    "HashSet": 1, "BTreeSet": 1, "FxHashSet": 1, "AHashSet": 1,
    "Vec": 1, "VecDeque": 1, "BinaryHeap": 1, "LinkedList": 1,
}  # fmt: skip
_AROUND = frozenset({
    "Box", "Rc", "Arc", "Option", "Mutex", "RwLock", "RefCell", "Cell", "Pin",
    "LazyLock", "OnceLock", "LazyCell", "OnceCell", "Lazy",
})  # fmt: skip

# Bytes with and without compressed object pointers.
_JAVA_NODES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("HashMap", "HashSet", "ConcurrentHashMap", "Hashtable"), (32, 40)),
    **dict.fromkeys(("LinkedHashMap", "LinkedHashSet", "TreeMap", "TreeSet"), (40, 56)),
    "LinkedList": (24, 40),
    **dict.fromkeys(("ArrayList", "ArrayDeque", "Vector", "Stack", "IdentityHashMap"), (0, 0)),
    **dict.fromkeys(("PriorityQueue", "PriorityBlockingQueue", "CopyOnWriteArrayList"), (0, 0)),
}  # fmt: skip
# Boolean and Byte are always shared.
_JAVA_BOXES = {
    "Integer": 16, "Long": 24, "Double": 24, "Float": 16, "Short": 16, "Character": 16,
    "Boolean": 0, "Byte": 0,
}  # fmt: skip


def entry_bytes(
    language: str, collection_type: Type | None, lookup: Lookup, compressed_oops: bool = True
) -> int | None:
    """
    The bytes of one entry of a collection, from its type; None where it is not known.

    Rust: of the element, or of key and value together, inside the table. Java: of the node and of boxed
    numbers, outside the table; other objects exist anyway and are not counted. Python tells nothing.
    """
    if language == "rust":
        return _rust_entry(collection_type, lookup, 0)
    if language == "java" and collection_type is not None and collection_type.kind == "named":
        return _java_entry(collection_type, compressed_oops)
    return None


def _rust_entry(written: Type | None, lookup: Lookup, depth: int) -> int | None:
    if written is None or depth > _DEEPEST:
        return None
    if written.kind in ("ref", "mutref") or written.last in _AROUND:
        return _rust_entry(written.args[0] if written.args else None, lookup, depth + 1)
    if written.kind != "named":
        return None
    declared = lookup(written.last)
    if declared is not None:
        plain = declared.kind == "alias" and not declared.type_params
        return _rust_entry(declared.aliased, lookup, depth + 1) if plain else None
    if written.last == "String":
        return 1
    count = _RUST_ENTRIES.get(written.last)
    if count is None or len(written.args) < count:
        return None
    layout = rust_layout(Type(written.start, written.end, "tuple", (), written.args[:count]), lookup)
    return layout.size if layout else None


def _java_entry(written: Type, compressed_oops: bool) -> int | None:
    node = _JAVA_NODES.get(written.last)
    if node is None:
        return None
    boxes = sum(_JAVA_BOXES.get(arg.last, 0) for arg in written.args)
    return node[0 if compressed_oops else 1] + boxes
