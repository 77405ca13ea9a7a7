"""
What the code's authors say about sizes and heat, attached to what they say it about.

A comment behind code talks about the thing on its line; a comment on a line of its own about the next
declaration, statement, field or parameter below, past attributes, decorators, other comments and blank lines.
Where that line stands inside a longer statement, such as a field of a struct literal, the comment is about
the expressions on it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal as OneOf

from alloclint.cardinality import Cardinality, native
from alloclint.cardinality.comment import Directive, Expectation, Heat, HeatKind, Problem, parse
from alloclint.facts.walk.nodes import Index, Line, declarations, descendants, is_implicit
from alloclint.scan import holds
from alloclint.syntax import model as m

_MARK = b"alloclint:"
_BOM = b"\xef\xbb\xbf"
# What opens a comment: nothing else may stand before the mark, or prose about this linter would be read.
_OPENING = re.compile(rb"(?:/\*+|//[/!]?|#|\*+)!?[ \t]*|.*[ \t](?://|#)[ \t]*", re.DOTALL)
_DOC_OPENING = re.compile(rb"///|//!|/\*\*|/\*!")
_MISPLACED = re.compile(rb"[ \t]*(?:expect|headroom|growth|entry)=\S")
_NEXT_COMMENT = {
    "python": re.compile(r"\s#(?:\s|$)"),
    "rust": re.compile(r"\s//(?:\s|$)"),
    "java": re.compile(r"\s//(?:\s|$)"),
}
_EXPECTED_SIZE = re.compile(rb"@(?:\w+\.)*ExpectedSize\b[ \t]*(?:\(|$)?")
_NUMBERS = frozenset({
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
    "bool", "char", "byte", "short", "int", "long", "float", "double", "boolean",
})  # fmt: skip

HeatMark = tuple[HeatKind, str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class AnnotationProblem:
    """bad: the annotation cannot be read · unused: it is about nothing; with the bytes at fault."""

    kind: OneOf["bad", "unused"]
    start: int
    end: int
    message: str


@dataclass(slots=True)
class Annotations:
    """What is annotated in one file. Questions are answered by the identity of a node or by its span."""

    problems: list[AnnotationProblem] = field(default_factory=list)
    cardinalities: list[tuple[m.Node, Cardinality]] = field(default_factory=list)
    heats: list[tuple[m.Node, HeatMark]] = field(default_factory=list)
    lines: list[tuple[int, int, Cardinality]] = field(default_factory=list)
    _sizes: dict[int, Cardinality] = field(default_factory=dict)
    _marks: dict[tuple[int, bool], HeatMark] = field(default_factory=dict)

    def cardinality_of(self, node: m.Node) -> Cardinality | None:
        """What is expected of a field, parameter, type or statement."""
        return self._sizes.get(id(node))

    def cardinality_at(self, start: int, end: int) -> Cardinality | None:
        """What is expected of the expression `start`..`end`, if its line in a longer statement says so."""
        for line_start, line_end, cardinality in self.lines:
            if line_start <= start < line_end and start < end:
                return cardinality
        return None

    def heat_of(self, node: m.Node) -> HeatMark | None:
        """
        The kind of heat of a function, type or loop, the reason in words, and the span that says so.

        A statement with a closure or a comprehension carries what is said of the loop in it. What is hot may
        be `no-alloc` as well: that is told here only of what is neither hot nor cold, and by `no_alloc_of`
        always.
        """
        return self._marks.get((id(node), False)) or self.no_alloc_of(node)

    def no_alloc_of(self, node: m.Node) -> HeatMark | None:
        """The same for the promise to allocate nothing."""
        return self._marks.get((id(node), True))

    def _expect(self, nodes: Iterable[m.Node], cardinality: Cardinality) -> None:
        for node in nodes:
            # The list keeps the node alive, so that its identity cannot be given to another.
            self.cardinalities.append((node, cardinality))
            self._sizes.setdefault(id(node), cardinality)

    def _heat(self, node: m.Node, mark: HeatMark) -> None:
        self.heats.append((node, mark))
        self._marks.setdefault((id(node), mark[0] == "no-alloc"), mark)

    def _mark(self, node: m.Node, kind: HeatKind) -> HeatMark | None:
        return self._marks.get((id(node), kind == "no-alloc"))


def is_annotated(source: bytes, language_name: str) -> bool:
    """Whether anything may be annotated in a file."""
    return holds(source, (_MARK, *native.MARKS[language_name]))


def read(unit: m.Unit, source: bytes, path: str, language_name: str) -> Annotations:
    """Everything that is annotated in a file; a function body is only read if an annotation stands in it."""
    if not is_annotated(source, language_name):
        return Annotations()
    return _Reader(unit, source, path, language_name).read()


@dataclass(frozen=True, slots=True)
class _Comment:
    """An annotation's comment: its span, what it says, and the bytes of that."""

    start: int
    end: int
    at: int
    upto: int
    directive: Directive


class _Reader:
    def __init__(self, unit: m.Unit, source: bytes, path: str, language: str) -> None:
        self.unit, self.source, self.path, self.language = unit, source, path, language
        self.found = Annotations()
        self.newlines: list[int] | None = None
        self.implicit = [function for function in unit.functions if is_implicit(function)]
        named = [function for function in unit.functions if not is_implicit(function)]
        self.functions = Index(named, self._anchor)
        self.declarations = Index(declarations(unit), self._anchor)
        self.declared = {(type(node), node.start) for node in self.declarations.nodes}
        self.bodies: dict[int, Index] = {}

    def read(self) -> Annotations:
        self._read_comments()
        self._read_native()
        # A Python field and the assignment that makes it carry the same annotation, and the same fault.
        problems = dict.fromkeys(self.found.problems)
        self.found.problems = sorted(problems, key=lambda found: (found.start, found.end, found.message))
        return self.found

    # ------------------------------------------------------------ comments

    def _read_comments(self) -> None:
        offset = self.source.find(_MARK)
        while offset >= 0:
            comment = self._comment(offset)
            if isinstance(comment, Problem):
                self._complain("bad", comment)
            elif comment is not None:
                self._attach(comment)
            offset = self.source.find(_MARK, offset + len(_MARK))

    def _comment(self, offset: int) -> _Comment | Problem | None:
        span = self.unit.comment_at(offset)
        if span is None:
            return None
        start, end = span
        text_start = offset + len(_MARK)
        before = self.source[max(start, self._line_start(offset)) : offset]
        document = _DOC_OPENING.match(self.source, start) is not None
        if not _opens(before, document):
            if not document and before[-1:].isspace() and _MISPLACED.match(self.source, text_start, end):
                return Problem(offset, text_start, "an annotation begins its comment; give it one of its own")
            return None
        text = self._text(text_start, end)
        directive = parse(text, text_start)
        if isinstance(directive, Problem):
            return directive
        upto = text_start + len(text.rstrip().encode("utf-8", "surrogateescape"))
        return _Comment(start, end, offset, upto, directive)

    def _text(self, start: int, end: int) -> str:
        """What follows the mark on its line, up to the end of the comment or to another comment in it."""
        newline = self.source.find(b"\n", start, end)
        text = self.source[start : end if newline < 0 else newline].decode("utf-8", "surrogateescape")
        text = text.removesuffix("\r")
        closing = text.find("*/")
        text = text[:closing] if closing >= 0 and self.language != "python" else text
        another = _NEXT_COMMENT[self.language].search(text)
        return text[: another.start()] if another else text

    def _line_start(self, offset: int) -> int:
        start = self.source.rfind(b"\n", 0, offset) + 1
        return len(_BOM) if start == 0 and self.source.startswith(_BOM) else start

    def _line_end(self, offset: int) -> int:
        newline = self.source.find(b"\n", offset)
        return len(self.source) if newline < 0 else newline

    def _number(self, offset: int) -> int:
        """The 1-based number of a line."""
        if self.newlines is None:
            self.newlines = [found.start() for found in re.finditer(b"\n", self.source)]
        return bisect_right(self.newlines, offset - 1) + 1

    # ------------------------------------------------------------ from a comment to its line

    def _line(self, start: int, end: int) -> Line | None:
        """The line that a comment `start`..`end` is about; None where no code follows."""
        line_start = self._line_start(start)
        code = self._skip(line_start, start)
        if code < start:
            return Line(code, start, below=False)
        code = self._skip(end, len(self.source))
        if code >= len(self.source):
            return None
        below = self._line_start(code) > start
        return Line(code, self._line_end(code), below)

    def _skip(self, offset: int, limit: int) -> int:
        """The first byte of code behind blanks, comments, attributes and decorators, at most `limit`."""
        while offset < limit:
            if self.source[offset : offset + 1].isspace():
                offset += 1
            elif (comment := self.unit.comment_at(offset)) is not None:
                offset = max(comment[1], offset + 1)
            elif (attribute := self._attribute_end(offset)) is not None:
                offset = attribute
            else:
                break
        return min(offset, limit)

    def _attribute_end(self, offset: int) -> int | None:
        pattern = rb"#!?\[" if self.language == "rust" else rb"@(?!interface\b)[\w.]+[ \t]*"
        match = re.compile(pattern).match(self.source, offset)
        if match is None:
            return None
        at = match.end() - 1 if self.language == "rust" else match.end()
        return self._closing(at) if self.source[at : at + 1] in (b"[", b"(") else match.end()

    def _closing(self, offset: int) -> int:
        """Behind the bracket that closes the one at `offset`; quotes are passed over."""
        depth = 0
        for match in re.compile(rb'"(?:[^"\\]|\\.)*"|[][(){}]').finditer(self.source, offset):
            if match[0] in (b"(", b"[", b"{"):
                depth += 1
            elif not match[0].startswith(b'"'):
                depth -= 1
            if depth == 0:
                return match.end()
        return len(self.source)

    # ------------------------------------------------------------ from a line to its nodes

    def _nodes_on(self, line: Line) -> list[m.Node]:
        """Declarations and statements that begin on the line, outermost first."""
        nodes = self.declarations.on(line)
        for body in self._bodies(line):
            nodes += [node for node in body.on(line) if _is_thing(node)]
        nodes.sort(key=lambda node: (node.start, -node.end, not isinstance(node, m.TypeDecl | m.Function)))
        return nodes

    def _bodies(self, line: Line) -> Iterator[Index]:
        """The bodies of the functions that the line runs into, each read once."""
        for function in (*self.implicit, *self.functions.before(line), *self.functions.on(line)):
            if isinstance(function, m.Function) and function.start < line.end and line.start < function.end:
                if id(function) not in self.bodies:
                    body = function.body
                    inside = descendants(body, self._is_listed) if body is not None else ()
                    self.bodies[id(function)] = Index(inside, self._anchor)
                yield self.bodies[id(function)]

    def _is_listed(self, node: m.Node) -> bool:
        """A module's own functions and types stand among its statements as well: they are read only once."""
        inner = (node.function or node.type) if isinstance(node, m.Nested) else None
        return inner is not None and (type(inner), inner.start) in self.declared

    def _anchor(self, node: m.Node) -> int:
        """Where a node begins for the reader's eye: behind its attributes, annotations and decorators."""
        if self.source[node.start : node.start + 1] not in (b"@", b"#"):
            return node.start
        return self._skip(node.start, node.end)

    # ------------------------------------------------------------ from a comment to what it is about

    def _attach(self, comment: _Comment) -> None:
        if not isinstance(comment.directive, Expectation | Heat):
            return
        line = self._line(comment.start, comment.end)
        if line is None:
            self._unused(comment, "no code follows it")
        elif isinstance(comment.directive, Expectation):
            self._attach_size(comment, line, comment.directive.cardinality)
        else:
            self._attach_heat(comment, line, comment.directive.kind)

    def _attach_heat(self, comment: _Comment, line: Line, kind: HeatKind) -> None:
        nodes = self._nodes_on(line)
        # Above a statement the comment may mean the loop that gives its value: `let found = loop {`.
        plain = bool(nodes) and isinstance(nodes[0], m.Let | m.Assign | m.Eval | m.Exit)
        shown = nodes[:1] if line.below and not plain else nodes
        carrier = next((node for node in shown if _carries_heat(node)), None)
        if carrier is None:
            what = _named(nodes[0]) if nodes else "this line"
            self._unused(comment, f"`{kind}` is said of a function, a loop or a type, not of {what}")
        elif (before := self.found._mark(carrier, kind)) is not None:
            self._twice(comment, before[2][0])
        else:
            reason = f"marked `{kind}` in line {self._number(comment.at)}"
            self.found._heat(carrier, (kind, reason, (comment.at, comment.upto)))

    def _attach_size(self, comment: _Comment, line: Line, said: Cardinality) -> None:
        cardinality = self._placed(said, comment.at, comment.upto)
        nodes = self._nodes_on(line)
        carriers = _size_carriers(nodes, line)
        # Behind the last line of a statement: `};` has no code of its own.
        on_line = not nodes and self._attach_line(line, cardinality)
        if not nodes and not line.below:
            carriers = self._ending_on(line)
            carriers = [node for node in carriers if not on_line or _value_start(node) >= line.start]
        if on_line and not carriers:
            return
        if not carriers:
            self._unused(comment, _no_carrier(nodes))
        elif (before := self.found.cardinality_of(carriers[0])) is not None:
            self._twice(comment, before.start)
        else:
            self.found._expect(carriers, cardinality)

    def _ending_on(self, line: Line) -> list[m.Node]:
        """The innermost statement or field that ends on the line, and what stands for the same."""
        nodes = [
            *self.declarations.ending(line),
            *(n for body in self._bodies(line) for n in body.ending(line)),
        ]
        ending = [node for node in nodes if _carries_size(node) and not isinstance(node, m.TypeDecl)]
        ending.sort(key=lambda node: -node.start)
        return [node for node in ending if node.start == ending[0].start]

    def _attach_line(self, line: Line, cardinality: Cardinality) -> bool:
        """Say it of the expressions that begin on the line, if one of them can make a collection."""
        inside = [*self._bodies(line), *self._initialisers(line)]
        if not any(_makes(node) for nodes in inside for node in nodes.on(line)):
            return False
        self.found.lines.append((line.start, line.end, cardinality))
        return True

    def _initialisers(self, line: Line) -> Iterator[Index]:
        for node in self.declarations.before(line, count=2):
            if isinstance(node, m.FieldDecl) and node.value is not None and line.start < node.end:
                yield Index(descendants(node.value), self._anchor)

    def _placed(self, said: Cardinality, start: int, end: int) -> Cardinality:
        source = f"annotation, {self.path}:{self._number(start)}"
        return replace(said, source=source, path=self.path, start=start, end=end, language=self.language)

    def _complain(self, kind: OneOf["bad", "unused"], problem: Problem) -> None:
        self.found.problems.append(AnnotationProblem(kind, problem.start, problem.end, problem.message))

    def _unused(self, comment: _Comment, message: str) -> None:
        message = f"this annotation has no effect: {message}"
        self._complain("unused", Problem(comment.at, comment.upto, message))

    def _twice(self, comment: _Comment, before: int) -> None:
        message = f"line {self._number(before)} says something else about the same; keep one of the two"
        self._complain("bad", Problem(comment.at, comment.upto, message))

    # ------------------------------------------------------------ native annotations

    def _read_native(self) -> None:
        if self.language == "rust":
            return
        for node in self.declarations.nodes:
            if isinstance(node, m.FieldDecl | m.Param):
                self._read_sizes(node, node.attributes)
            elif isinstance(node, m.Function | m.TypeDecl):
                self._read_heats(node)
        if self.language == "java":
            self._read_java_locals()
        else:
            self._read_python_locals()

    def _read_sizes(self, node: m.Node, attributes: tuple[m.Attribute, ...]) -> None:
        for attribute in attributes:
            said = native.size(attribute, self.unit, self.source, self.language)
            if isinstance(said, Problem):
                self._complain("bad", said)
            elif said is not None:
                self.found._expect([node], self._placed(said, *attribute.span))

    def _read_heats(self, node: m.Function | m.TypeDecl) -> None:
        for attribute in node.attributes:
            kind = native.heat(attribute, self.unit)
            if kind is not None and self.found._mark(node, kind) is None:
                reason = f"marked `@{attribute.last}` in line {self._number(attribute.start)}"
                self.found._heat(node, (kind, reason, attribute.span))

    def _read_java_locals(self) -> None:
        """A local's annotations are not part of its declaration's shape: they are read where they stand."""
        for match in _EXPECTED_SIZE.finditer(self.source):
            before = self.source[self._line_start(match.start()) : match.start()]
            if re.fullmatch(rb"[ \t]*(?:final[ \t]+|@\w+[ \t]+)*", before) is None:
                continue
            if self.unit.comment_at(match.start()) is None:
                self._read_java_local(match.start())

    def _read_java_local(self, start: int) -> None:
        end = self._attribute_end(start) or start
        code = self._skip(end, len(self.source))
        line = Line(min(start, code), self._line_end(code), below=True)
        nodes = self._nodes_on(line)
        if nodes and isinstance(nodes[0], m.Let):
            attribute = native.java_attribute(self.source[start:end].decode("utf-8", "replace"), start)
            self._read_sizes(nodes[0], (attribute,))

    def _read_python_locals(self) -> None:
        from alloclint.syntax.python_types import attributes

        names = sorted(native.python_names(self.unit))
        if not names:
            return
        any_name = rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in names)
        for match in re.finditer(any_name, self.source):
            line = Line(self._line_start(match.start()), match.start(), below=False)
            for node in self._nodes_on(line):
                if isinstance(node, m.Assign) and node.type is not None and match.start() < node.type.end:
                    self._read_sizes(node, attributes(node.type, self.source))


def _opens(before: bytes, document: bool) -> bool:
    """Whether only a comment's opening is before the mark; a second one in documentation is an example."""
    opening = _OPENING.fullmatch(before.lstrip())
    if opening is None and before.strip():
        return False
    return not (document and re.search(rb"\S[ \t]+(?://|#)", before))


# ---------------------------------------------------------------- what can carry what


def _is_thing(node: m.Node) -> bool:
    """A statement or declaration by itself, not what only wraps another one that begins there as well."""
    if isinstance(node, m.Block | m.Nested) or is_implicit(node):
        return False
    if isinstance(node, m.Eval) and isinstance(node.value, m.Embedded):
        return False
    return isinstance(node, m.Stmt | m.Function | m.TypeDecl | m.FieldDecl | m.Param)


def _carries_heat(node: m.Node) -> bool:
    if isinstance(node, m.Function | m.Loop | m.TypeDecl):
        return True
    # Elsewhere a loop may hide in a closure or a comprehension.
    closures = (m.Closure, m.Comprehension, m.MethodRef)
    simple = isinstance(node, m.Let | m.Assign | m.Eval | m.Exit)
    return simple and any(isinstance(part, closures) for part in descendants(node))


def _carries_size(node: m.Node) -> bool:
    if isinstance(node, m.TypeDecl):
        return True
    if isinstance(node, m.FieldDecl | m.Let | m.Assign):
        return not _is_number(node.type, node.value)
    if isinstance(node, m.Param):
        return not _is_number(node.type, node.default)
    return isinstance(node, m.Eval) or (isinstance(node, m.Exit) and node.value is not None)


def _is_number(declared: m.Type | None, value: m.Expr | None) -> bool:
    if declared is not None and declared.kind == "named" and declared.last in _NUMBERS:
        return True
    return isinstance(value, m.Literal) and value.kind in ("int", "float", "bool", "char")


def _value_start(node: m.Node) -> int:
    """Where the value begins that a declaration or statement has; -1 if it has none."""
    value = getattr(node, "value", None)
    return value.start if isinstance(value, m.Expr) else -1


def _makes(node: m.Node) -> bool:
    return isinstance(node, m.Call | m.Display | m.StructLiteral | m.Path | m.MethodRef | m.Comprehension)


def _size_carriers(nodes: list[m.Node], line: Line) -> list[m.Node]:
    """The outermost thing on the line that can have a size, and its double: a field's assignment."""
    # Above something the comment is about just that; behind code, what outlasts the line must itself be able
    # to.
    within = (node for node in nodes if _carries_size(node) or node.end > line.end)
    shown = nodes[:1] if line.below else list(within)
    if not shown or not _carries_size(shown[0]):
        return []
    start = shown[0].start
    return [node for node in nodes if node.start == start and _carries_size(node)]


def _no_carrier(nodes: list[m.Node]) -> str:
    if not nodes:
        return "nothing on its line makes or declares a collection"
    return f"{_named(nodes[0])} has no size; annotate a collection's field, parameter or variable"


_KINDS: dict[type[m.Node], str] = {
    m.Loop: "a loop", m.Branch: "a branch", m.Try: "a try", m.Param: "a parameter", m.TypeDecl: "a type"
}  # fmt: skip


def _named(node: m.Node) -> str:
    if isinstance(node, m.Function):
        return f"the function `{node.name}`"
    if isinstance(node, m.FieldDecl):
        return f"the field `{node.name}`"
    return _KINDS.get(type(node), "a statement")
