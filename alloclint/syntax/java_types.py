"""Java types and patterns as they are written."""

from __future__ import annotations

from tree_sitter import Node as Syntax

from alloclint.syntax.model import Pattern, Type

COMMENTS = frozenset({"line_comment", "block_comment"})
ANNOTATIONS = frozenset({"annotation", "marker_annotation"})
PRIMITIVES = frozenset({"integral_type", "floating_point_type", "boolean_type", "void_type"})
TYPES = PRIMITIVES | {
    "type_identifier",
    "scoped_type_identifier",
    "generic_type",
    "array_type",
    "annotated_type",
}

# Type arguments and record patterns nested deeper than this are not read: nobody wrote them by hand.
_DEPTH = 50
# The class file format allows no array of more dimensions.
_DIMENSIONS = 255


def read_type(node: Syntax | None, source: bytes, depth: int = 0) -> Type:
    """The type that `node` spells; kind unknown for what is no type or is nested too deep."""
    if node is None or node.start_byte == node.end_byte or depth > _DEPTH:
        return Type(*(node.byte_range if node else (0, 0)), "unknown")
    kind = node.type
    if kind in PRIMITIVES or kind == "type_identifier":
        return _simple(node, source)
    if kind in ("generic_type", "scoped_type_identifier"):
        arguments = _arguments_of(node)
        args = type_arguments(arguments, source, depth)
        return Type(node.start_byte, node.end_byte, "named", _segments(node, source), args)
    if kind == "array_type":
        element = read_type(node.child_by_field_name("element"), source, depth + 1)
        return array(element, dimensions(node.child_by_field_name("dimensions")), node.end_byte)
    return _composed(node, source, depth)


def _simple(node: Syntax, source: bytes) -> Type:
    text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if text == "var":
        return Type(node.start_byte, node.end_byte, "infer")
    return Type(node.start_byte, node.end_byte, "named", (text,))


def _composed(node: Syntax, source: bytes, depth: int) -> Type:
    """Annotated types lose their annotations; `A | B` is a union; `? extends T` keeps its bound."""
    parts = [child for child in node.named_children if child.type in TYPES]
    if node.type == "annotated_type":
        return read_type(parts[0] if parts else None, source, depth + 1)
    args = tuple(read_type(part, source, depth + 1) for part in parts)
    if node.type == "catch_type":
        return args[0] if len(args) == 1 else Type(node.start_byte, node.end_byte, "union", args=args)
    return Type(node.start_byte, node.end_byte, "unknown", args=args)


def type_arguments(node: Syntax | None, source: bytes, depth: int = 0) -> tuple[Type, ...]:
    """The types between `<` and `>`; none for a diamond."""
    if node is None:
        return ()
    skipped = COMMENTS | ANNOTATIONS
    return tuple(
        read_type(child, source, depth + 1) for child in node.named_children if child.type not in skipped
    )


def _arguments_of(node: Syntax) -> Syntax | None:
    last = node.named_children[-1] if node.named_child_count else None
    return last if last is not None and last.type == "type_arguments" else None


def array(element: Type, count: int, end: int) -> Type:
    """`element` with `count` pairs of brackets behind it, the last of which ends at `end`."""
    for _ in range(min(count, _DIMENSIONS)):
        element = Type(element.start, end, "array", args=(element,))
    return element


def dimensions(node: Syntax | None) -> int:
    """How many pairs of brackets `[]` there are."""
    return sum(child.type == "[" for child in node.children) if node is not None else 0


def last_segment(node: Syntax) -> Syntax | None:
    """The node of the rightmost name of a named type: `B` in `A.B<C>`."""
    while node.type != "type_identifier":
        named = [child for child in node.named_children if child.type in TYPES]
        if not named:
            return None
        node = named[0] if node.type == "generic_type" else named[-1]
    return node


def _segments(node: Syntax, source: bytes) -> tuple[str, ...]:
    """The names from left to right, found from the right because the grammar nests them to the left."""
    names: list[str] = []
    current: Syntax | None = node
    while current is not None:
        named = [child for child in current.named_children if child.type in TYPES]
        if current.type == "type_identifier":
            names.append(source[current.start_byte : current.end_byte].decode("utf-8", "replace"))
        elif current.type == "scoped_type_identifier" and len(named) > 1:
            names.append(source[named[-1].start_byte : named[-1].end_byte].decode("utf-8", "replace"))
        current = named[0] if named else None
    return tuple(reversed(names))


def read_pattern(node: Syntax, source: bytes, depth: int = 0) -> Pattern:
    """A type pattern `String s` or a record pattern `Point(int x, var y)`; both may fail to match."""
    start, end = node.byte_range
    children = [child for child in node.named_children if child.type not in COMMENTS]
    if node.type == "pattern" and children:
        return read_pattern(children[0], source, depth)
    if node.type == "record_pattern":
        return Pattern(start, end, None, _components(children, source, depth), True)
    last = children[-1] if children else None
    name = bound_name(last, source) if last is not None and last.type == "identifier" else None
    return Pattern(start, end, name, (), True)


def _components(children: list[Syntax], source: bytes, depth: int) -> tuple[Pattern, ...]:
    body = children[-1] if children else None
    if body is None or body.type != "record_pattern_body" or depth > _DEPTH:
        return ()
    kinds = ("record_pattern", "record_pattern_component")
    return tuple(
        read_pattern(child, source, depth + 1) for child in body.named_children if child.type in kinds
    )


def bound_name(node: Syntax | None, source: bytes) -> str | None:
    """The name that a declaration binds, None for the unnamed variable `_` and where the name is missing."""
    if node is None or node.start_byte == node.end_byte:
        return None
    text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    return None if text == "_" else text
